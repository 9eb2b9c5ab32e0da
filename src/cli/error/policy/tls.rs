//! The policy for TLS connections that cannot be established.

use rustls::AlertDescription as Alert;

use crate::catalogue::{Entry, entry};
use crate::cli::error::cli_error::{Policy, filled, with};
use crate::cli::error::kind::ExitKind;
use crate::clock;
use crate::tls::{self, ClientSide, TlsFault};

/// The policy for the alerts that end a handshake (RFC 8446 §6.2, RFC 5246 §7.2.2), except those after which another
/// attempt may succeed, and those about the client's certificate.
const ALERTS: &[(&[Alert], ExitKind, &Entry, &str)] = &[
    (
        &[Alert::ProtocolVersion, Alert::InappropriateFallback],
        ExitKind::Config,
        entry!("tls-version"),
        entry!("tls-version").remedy,
    ),
    (
        &[Alert::HandshakeFailure],
        ExitKind::Config,
        entry!("tls-parameters"),
        "ask the operator which cipher suites the server accepts, and of what kind the key of its certificate is: this program takes \
         ECDHE with AES-GCM or ChaCha20-Poly1305, and keys of RSA, P-256, P-384 and Ed25519",
    ),
    (
        &[Alert::InsufficientSecurity, Alert::ExportRestriction],
        ExitKind::Config,
        entry!("tls-parameters"),
        "ask the operator which cipher suites the server demands: this program offers ECDHE with AES-GCM or ChaCha20-Poly1305",
    ),
    (&[Alert::UnrecognisedName], ExitKind::Config, entry!("tls-name"), entry!("tls-name").remedy),
    (
        &[Alert::AccessDenied],
        ExitKind::Refused,
        entry!("tls-client-certificate-refused"),
        "ask the operator why the server does not let this client in",
    ),
    (
        &[Alert::NoApplicationProtocol],
        ExitKind::Config,
        entry!("tls-parameters"),
        "check the port: the server expects a client of another protocol, which --tls-alpn names for a broker",
    ),
];

/// A handshake that failed, or an alert right after it.
pub fn handshake(source: &(dyn std::error::Error + 'static)) -> Policy {
    let Some(fault) = tls::fault(source) else { return with(ExitKind::Refused, entry!("certificate")) };
    let refused = |entry| with(ExitKind::Refused, entry);
    match fault {
        TlsFault::Alert { alert, client } => ended_by(alert, client),
        TlsFault::Version => with(ExitKind::Config, entry!("tls-version")),
        TlsFault::Parameters | TlsFault::Rules => with(ExitKind::Config, entry!("tls-parameters")),
        TlsFault::NotTls => with(ExitKind::Config, entry!("https-without-tls")),
        TlsFault::Expired { now, .. } | TlsFault::NotYetValid { now, .. } if clock::doubt(now).is_some() => {
            with(ExitKind::TryAgain, entry!("clock"))
        }
        TlsFault::Expired { .. } => refused(entry!("certificate-expired")),
        TlsFault::NotYetValid { .. } => refused(entry!("certificate-not-yet-valid")),
        TlsFault::OtherName { .. } => refused(entry!("certificate-other-name")),
        TlsFault::NoName { .. } | TlsFault::NoHost { .. } => refused(entry!("certificate-names-no-host")),
        TlsFault::Version1 { .. } => refused(entry!("certificate-version-1")),
        TlsFault::SelfSigned => refused(entry!("certificate-self-signed")),
        TlsFault::UnknownAuthority { .. } | TlsFault::OtherAuthority { .. } => {
            refused(entry!("certificate-authority-unknown"))
        }
        TlsFault::WeakSignature { .. } => refused(entry!("certificate-signature-weak")),
        TlsFault::WeakKey { .. } => refused(entry!("certificate-key-short")),
        TlsFault::Authority => refused(entry!("certificate-is-authority")),
        _ => refused(entry!("certificate")),
    }
}

fn ended_by(alert: Alert, client: ClientSide) -> Policy {
    if tls::is_passing(alert) {
        return with(ExitKind::TryAgain, entry!("tls-cut"));
    }
    if tls::is_of_client_certificate(alert, client.asked) {
        let entry = match client.presented {
            true => entry!("tls-client-certificate-refused"),
            false => entry!("tls-client-certificate"),
        };
        return with(ExitKind::Refused, entry);
    }
    match ALERTS.iter().find(|(alerts, ..)| alerts.contains(&alert)) {
        Some((_, kind, entry, remedy)) => filled(*kind, entry, *remedy),
        None => with(ExitKind::Config, entry!("tls-parameters")),
    }
}
