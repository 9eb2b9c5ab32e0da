//! The meaning of failed TLS handshakes.

use std::io;
use std::time::SystemTime;

use rustls::AlertDescription;

use super::fault::{ClientSide, TlsFault, fault};

/// Returns whether the connection ended within the handshake, with nothing wrong until then: the network failed or
/// damaged it, or the server gave up for its own reasons.
pub fn is_cut(error: &io::Error) -> bool {
    match said(error) {
        None => error.kind() != io::ErrorKind::InvalidInput,
        Some(rustls::Error::AlertReceived(alert)) => is_passing(*alert),
        Some(_) => false,
    }
}

/// Returns whether another handshake may succeed after one that ended with this alert (RFC 8446 §6.2, RFC 5246 §7.2.2):
/// the server has a problem of its own, or the bytes were damaged on the way.
pub fn is_passing(alert: AlertDescription) -> bool {
    use AlertDescription as Alert;
    matches!(
        alert,
        Alert::CloseNotify
            | Alert::UserCanceled
            | Alert::InternalError
            | Alert::UnexpectedMessage
            | Alert::BadRecordMac
            | Alert::DecryptionFailed
            | Alert::RecordOverflow
            | Alert::DecompressionFailure
            | Alert::DecodeError
            | Alert::DecryptError
    )
}

/// Returns the time by this machine's clock at which the server's certificate was not valid, if that is why the handshake
/// failed: it has expired, or is not valid yet.
pub fn invalid_at(error: &(dyn std::error::Error + 'static)) -> Option<SystemTime> {
    match fault(error)? {
        TlsFault::Expired { now, .. } | TlsFault::NotYetValid { now, .. } => Some(now),
        _ => None,
    }
}

/// Returns the same failure in plain words, if it is one of TLS.
pub fn told(error: io::Error, client: ClientSide) -> io::Error {
    match said(&error).map(|said| TlsFault::of(said, client)) {
        Some(fault) => io::Error::new(error.kind(), fault),
        None => error,
    }
}

/// Returns the error of rustls, if it is one.
fn said(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::CertificateError;
    use rustls::pki_types::UnixTime;

    use super::*;

    fn io(error: rustls::Error) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }

    #[test]
    fn a_handshake_that_is_cut_is_known_from_one_that_fails() {
        for kind in [io::ErrorKind::ConnectionReset, io::ErrorKind::UnexpectedEof, io::ErrorKind::TimedOut] {
            assert!(is_cut(&kind.into()), "{kind}");
        }
        for alert in [AlertDescription::InternalError, AlertDescription::BadRecordMac, AlertDescription::DecodeError] {
            assert!(is_cut(&io(rustls::Error::AlertReceived(alert))), "{alert:?}");
        }
        for error in [
            rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
            CertificateError::UnknownIssuer.into(),
            rustls::Error::DecryptError,
        ] {
            assert!(!is_cut(&io(error.clone())), "{error}");
        }
    }

    #[test]
    fn a_certificate_outside_its_time_tells_by_which_time() {
        let time = UnixTime::since_unix_epoch(Duration::from_secs(9));
        let early = CertificateError::NotValidYetContext { time, not_before: time };
        let late = CertificateError::ExpiredContext { time, not_after: time };
        for error in [early, late] {
            let at = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(9));
            assert_eq!(invalid_at(&io(error.clone().into())), at);
            assert_eq!(invalid_at(&rustls::Error::from(error)), at);
        }
        assert_eq!(invalid_at(&io(CertificateError::UnknownIssuer.into())), None);
        assert_eq!(invalid_at(&io::Error::from(io::ErrorKind::ConnectionReset)), None);
    }
}
