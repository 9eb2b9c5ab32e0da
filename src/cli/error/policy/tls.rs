//! The policy for TLS connections that do not come about.

use rustls::AlertDescription as Alert;

use crate::catalogue::{Entry, entry};
use crate::cli::error::cli_error::{Policy, filled, with};
use crate::cli::error::kind::ExitKind;
use crate::clock;
use crate::tls;

/// What follows from the alerts by which a server refuses a client (RFC 8446 §6.2, RFC 5246 §7.2.2), but for those after which
/// another attempt may fare better.
const ALERTS: &[(&[Alert], ExitKind, &Entry, &str)] = &[
    (&[Alert::ProtocolVersion, Alert::InappropriateFallback], ExitKind::Config, entry!("tls-parameters"), VERSIONS),
    (
        &[Alert::HandshakeFailure],
        ExitKind::Config,
        entry!("tls-parameters"),
        "ask the operator which cipher suites the server accepts, and whether it asks for a client's certificate: this \
         program has none, and offers ECDHE with AES-GCM or ChaCha20-Poly1305",
    ),
    (
        &[Alert::InsufficientSecurity, Alert::ExportRestriction],
        ExitKind::Config,
        entry!("tls-parameters"),
        "ask the operator which cipher suites the server demands: this program offers ECDHE with AES-GCM or ChaCha20-Poly1305",
    ),
    (&[Alert::UnrecognisedName], ExitKind::Config, entry!("tls-name"), entry!("tls-name").remedy),
    (
        &[
            Alert::CertificateRequired,
            Alert::NoCertificate,
            Alert::BadCertificate,
            Alert::UnsupportedCertificate,
            Alert::CertificateRevoked,
            Alert::CertificateExpired,
            Alert::CertificateUnknown,
            Alert::CertificateUnobtainable,
            Alert::UnknownCA,
        ],
        ExitKind::Refused,
        entry!("tls-client-certificate"),
        entry!("tls-client-certificate").remedy,
    ),
    (
        &[Alert::AccessDenied],
        ExitKind::Refused,
        entry!("tls-client-certificate"),
        "ask the operator why the server does not let this client in",
    ),
    (
        &[Alert::NoApplicationProtocol],
        ExitKind::Config,
        entry!("tls-parameters"),
        "check the port: the server expects a client of another protocol (ALPN)",
    ),
];

const VERSIONS: &str = "ask the operator to enable TLS 1.2 or 1.3, the versions that this program speaks";

/// A handshake that failed, or an alert right after it.
pub fn handshake(source: &(dyn std::error::Error + 'static)) -> Policy {
    match tls::alert(source) {
        Some(alert) if tls::is_passing(alert) => with(ExitKind::TryAgain, entry!("tls-cut")),
        Some(alert) => match ALERTS.iter().find(|(alerts, ..)| alerts.contains(&alert)) {
            Some((_, kind, entry, remedy)) => filled(*kind, entry, *remedy),
            None => with(ExitKind::Config, entry!("tls-parameters")),
        },
        None if tls::is_incompatible(source) => filled(ExitKind::Config, entry!("tls-parameters"), VERSIONS),
        None => certificate(source),
    }
}

/// What the TLS library says to a certificate; it has no kind of its own for an authority's.
fn certificate(source: &(dyn std::error::Error + 'static)) -> Policy {
    if tls::invalid_at(source).and_then(clock::doubt).is_some() {
        return with(ExitKind::TryAgain, entry!("clock"));
    }
    match (tls::names_no_host(source), source.to_string().contains("CaUsedAsEndEntity")) {
        (Some(_), _) => with(ExitKind::Refused, entry!("certificate-names-no-host")),
        (_, true) => with(ExitKind::Refused, entry!("certificate-is-authority")),
        _ => with(ExitKind::Refused, entry!("certificate")),
    }
}
