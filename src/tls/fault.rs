//! The reason why a TLS handshake failed, for people: with names and dates where the library has object identifiers and
//! seconds.

use std::error::Error;
use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, InvalidMessage, OtherError, PeerIncompatible};

/// Most names of a certificate that are shown.
const NAMES_SHOWN: usize = 6;

/// Why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// It has expired.
    #[error("the certificate expired on {}, and this machine's clock says {}", Day(*.until), Day(*.now))]
    Expired { until: SystemTime, now: SystemTime },
    /// It is not valid yet.
    #[error("the certificate is valid from {} on, and this machine's clock says {}", Day(*.from), Day(*.now))]
    NotYetValid { from: SystemTime, now: SystemTime },
    /// Its validity ends before it begins.
    #[error("the certificate is never valid: its validity ends before it begins")]
    NeverValid,
    /// It is for other hosts.
    #[error("the certificate is for {}, not for {host}", Names(.names))]
    OtherName { host: String, names: Vec<String> },
    /// Its subjectAltName has names, such as an e-mail address, but none of a host.
    #[error("the certificate's subjectAltName names no host, so not {host} either")]
    NoHost { host: String },
    /// It has no subjectAltName, which clients that check the host name by RFC 6125 §6.4.4 and RFC 9525 §2 require.
    #[error("the certificate has no subjectAltName{}", More(.common_name, .besides))]
    NoName { common_name: Option<String>, besides: Option<Box<TlsFault>> },
    /// X.509 version 1 has no extensions, so it has no subjectAltName either.
    #[error("the certificate is X.509 version 1, which has no subjectAltName{}", More(.common_name, .besides))]
    Version1 { common_name: Option<String>, besides: Option<Box<TlsFault>> },
    /// It is signed with its own key, but not trusted itself.
    #[error("the certificate is self-signed, and is not among the trusted ones")]
    SelfSigned,
    /// No trusted authority signed it, or the chain is incomplete.
    #[error("the certificate is signed by {}, which is not among the trusted authorities", .issuer.as_ref().map_or("an authority without a name".into(), |name| format!("'{name}'")))]
    UnknownAuthority { issuer: Option<String> },
    /// An authority with the name of a trusted one signed it with another key: it was renewed, or created twice.
    #[error("the certificate is signed by {}, but not with the key of the trusted authority of that name", .issuer.as_ref().map_or("an authority without a name".into(), |name| format!("'{name}'")))]
    OtherAuthority { issuer: Option<String> },
    /// A hash that can be forged, SHA-1 or MD5, in the chain below the root.
    #[error("{} is signed with {hash}, which can be forged", whose(*.of_authority))]
    WeakSignature { hash: &'static str, of_authority: bool },
    /// An algorithm that this program does not know.
    #[error("the certificate is signed by an algorithm that this program does not know")]
    UnknownSignature,
    /// RSA below 2048 bits.
    #[error("{} has an RSA key of {bits} bits, which is too short to be safe", whose(*.of_authority))]
    WeakKey { bits: usize, of_authority: bool },
    /// The signature of the certificate or of the handshake was not made with the expected key.
    #[error("a signature does not match its key: the certificate was altered, or the server does not hold its key")]
    BadSignature,
    /// basicConstraints says CA:TRUE.
    #[error("the certificate is an authority's (CA:TRUE), which a server cannot use")]
    Authority,
    /// It is signed by a certificate that is not an authority's.
    #[error("the certificate is signed by one that is not an authority's (CA:FALSE)")]
    NoAuthority,
    /// Its extendedKeyUsage excludes servers.
    #[error("the certificate is not for servers, by its extendedKeyUsage")]
    Purpose,
    #[error("the certificate was revoked")]
    Revoked,
    #[error("the certificate cannot be read")]
    Damaged,
    /// Another rule, such as a name constraint of its authority.
    #[error("the certificate breaks a rule of its authority or of X.509")]
    Rule,
    /// The server ended the handshake, or the connection right after it.
    #[error("{}", alert_told(*.alert, *.client))]
    Alert { alert: AlertDescription, client: ClientSide },
    /// There is no common version of TLS.
    #[error("the server speaks no version of TLS that is accepted here")]
    Version,
    /// There is no common cipher suite, curve or other parameter.
    #[error("the server accepts no cipher suite or key exchange that is offered to it")]
    Parameters,
    /// The received data is not TLS.
    #[error("the server does not speak TLS at this port")]
    NotTls,
    /// The received data is TLS, but violates its rules.
    #[error("the server breaks the rules of TLS")]
    Rules,
}

/// The role of the client's certificate in a handshake.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientSide {
    /// Whether this end has one.
    pub presented: bool,
    /// Whether the server asked for it.
    pub asked: bool,
}

/// A day of UTC: 2026-01-31.
struct Day(SystemTime);

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = humantime::format_rfc3339_seconds(self.0).to_string();
        write!(f, "{} (UTC)", time.split('T').next().unwrap_or_default())
    }
}

/// Names separated by commas.
struct Names<'a>(&'a [String]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().take(NAMES_SHOWN).map(String::as_str).collect::<Vec<_>>();
        match self.0.len() {
            many if many > NAMES_SHOWN => write!(f, "{} and {} more", shown.join(", "), many - NAMES_SHOWN),
            _ => f.write_str(&shown.join(", ")),
        }
    }
}

/// Further information about a certificate without a name.
struct More<'a>(&'a Option<String>, &'a Option<Box<TlsFault>>);

impl fmt::Display for More<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let More(common_name, besides) = self;
        if let Some(name) = common_name {
            write!(f, ", only the common name '{name}'")?;
        }
        besides.as_ref().map_or(Ok(()), |besides| write!(f, "; besides, {besides}"))
    }
}

fn whose(of_authority: bool) -> &'static str {
    if of_authority { "the certificate of an authority" } else { "the certificate" }
}

fn alert_told(alert: AlertDescription, client: ClientSide) -> String {
    let name = alert_name(alert);
    match (is_of_client_certificate(alert, client.asked), client.presented) {
        (true, false) => format!("the server requires a client certificate (TLS alert {name})"),
        (true, true) => format!("the server does not accept the client certificate (TLS alert {name})"),
        (false, _) => format!("the server ended the connection with the TLS alert {name}"),
    }
}

/// Returns whether an alert is about the certificate of the client: a server receives only that one, so its alert is about
/// it. TLS 1.2 has none for a missing certificate (RFC 5246 §7.4.6): a server reports disagreements before it requests one.
pub fn is_of_client_certificate(alert: AlertDescription, asked: bool) -> bool {
    use AlertDescription as Alert;
    asked && alert == Alert::HandshakeFailure
        || matches!(
            alert,
            Alert::CertificateRequired
                | Alert::NoCertificate
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::CertificateUnobtainable
                | Alert::UnknownCA
        )
}

/// The name of an alert in RFC 8446 §6 and RFC 5246 §7.2, or its number.
fn alert_name(alert: AlertDescription) -> String {
    let known = match u8::from(alert) {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        number => return format!("number {number}"),
    };
    known.into()
}

impl TlsFault {
    /// Returns the meaning of an error of the library.
    pub fn of(error: &rustls::Error, client: ClientSide) -> TlsFault {
        match error {
            rustls::Error::AlertReceived(alert) => TlsFault::Alert { alert: *alert, client },
            rustls::Error::InvalidCertificate(error) => TlsFault::of_certificate(error),
            rustls::Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
            ) => TlsFault::Version,
            rustls::Error::PeerIncompatible(_) => TlsFault::Parameters,
            rustls::Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge
                | InvalidMessage::InvalidEmptyPayload,
            ) => TlsFault::NotTls,
            _ => TlsFault::Rules,
        }
    }

    fn of_certificate(error: &CertificateError) -> TlsFault {
        use CertificateError as Error;
        match error {
            Error::ExpiredContext { time, not_after } => TlsFault::Expired { until: at(*not_after), now: at(*time) },
            Error::NotValidYetContext { time, not_before } => {
                TlsFault::NotYetValid { from: at(*not_before), now: at(*time) }
            }
            Error::Expired | Error::NotValidYet => TlsFault::NeverValid,
            Error::UnknownIssuer => TlsFault::UnknownAuthority { issuer: None },
            Error::BadSignature => TlsFault::BadSignature,
            Error::UnsupportedSignatureAlgorithmContext { .. }
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => TlsFault::UnknownSignature,
            Error::NotValidForNameContext { expected, .. } => {
                TlsFault::OtherName { host: expected.to_str().into_owned(), names: Vec::new() }
            }
            Error::Revoked => TlsFault::Revoked,
            Error::InvalidPurpose | Error::InvalidPurposeContext { .. } => TlsFault::Purpose,
            Error::BadEncoding => TlsFault::Damaged,
            Error::Other(OtherError(other)) => match other.downcast_ref::<TlsFault>() {
                Some(fault) => fault.clone(),
                // webpki's own error, which has no type here.
                None => match other.to_string().as_str() {
                    "CaUsedAsEndEntity" => TlsFault::Authority,
                    "EndEntityUsedAsCa" => TlsFault::NoAuthority,
                    _ => TlsFault::Rule,
                },
            },
            _ => TlsFault::Rule,
        }
    }

    /// As the library's error, which passes it on.
    pub fn into_error(self) -> rustls::Error {
        CertificateError::Other(OtherError(std::sync::Arc::new(self))).into()
    }
}

fn at(time: UnixTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(time.as_secs())
}

/// Returns why a handshake failed, if that is why a connection failed.
pub fn fault(error: &(dyn Error + 'static)) -> Option<TlsFault> {
    let mut next = Some(error);
    while let Some(error) = next {
        // The source of an I/O error is the source of the error that it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let error: &(dyn Error + 'static) = wrapped.map_or(error, |wrapped| wrapped);
        let known = error.downcast_ref().cloned();
        let found = known.or_else(|| error.downcast_ref().map(|error| TlsFault::of(error, ClientSide::default())));
        if found.is_some() {
            return found;
        }
        next = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_of_utc_and_a_list_of_names_is_bounded() {
        let until = SystemTime::UNIX_EPOCH + Duration::from_secs(1_769_903_999);
        let fault = TlsFault::Expired { until, now: until + Duration::from_secs(1) };
        assert!(fault.to_string().starts_with("the certificate expired on 2026-01-31 (UTC), "), "{fault}");
        assert!(fault.to_string().ends_with(" says 2026-02-01 (UTC)"), "{fault}");
        let names = (0..9).map(|number| format!("h{number}.example")).collect();
        let shown = TlsFault::OtherName { host: "a".into(), names }.to_string();
        assert!(shown.contains("h5.example and 3 more, not for a") && !shown.contains("h6"), "{shown}");
    }

    #[test]
    fn no_fault_shows_what_the_library_shows_a_programmer() {
        let certificates = [
            CertificateError::BadEncoding,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownRevocationStatus,
            CertificateError::InvalidPurpose,
        ];
        let errors = certificates.map(rustls::Error::from).into_iter().chain([
            rustls::Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
            rustls::PeerMisbehaved::TooMuchEarlyDataReceived.into(),
            rustls::Error::AlertReceived(AlertDescription::from(49)),
            rustls::Error::AlertReceived(AlertDescription::from(233)),
        ]);
        for error in errors {
            let told = TlsFault::of(&error, ClientSide::default()).to_string();
            let is_plain =
                |word: &str| !word.chars().skip(1).any(char::is_uppercase) || word == "TLS" || word == "X.509";
            let words = told.split([' ', ',', ':', '(', ')']);
            assert!(words.filter(|word| *word != "extendedKeyUsage").all(is_plain), "{told}");
        }
    }
}
