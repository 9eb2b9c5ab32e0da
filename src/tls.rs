//! TLS for the marketplace's HTTPS and the broker's MQTT: which certificates are trusted, and what a failed handshake means.

pub mod certificate;
mod failure;
mod verifier;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};

pub use failure::{alert, invalid_at, is_cut, is_incompatible, is_passing, told};
pub use verifier::{NamesNoHost, names_no_host};

use certificate::Certificate;

use verifier::{AcceptAnyCertificate, Named};

/// Where the trusted root certificates come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// The system's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` are respected).
    #[default]
    System,
    /// A file of one certificate in DER, or of one or more in PEM; nothing else is trusted.
    File(PathBuf),
}

/// Whether the peer must prove its identity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verification {
    /// With a certificate for its name under one of the roots.
    #[default]
    Required,
    /// Any certificate is accepted: some I3 instances have one of X.509 version 1, or one with only a common name
    /// (I3 facts §6.4). Anyone on the way can read and change everything; the caller warns of that each time.
    DangerSkipped,
}

/// Why no TLS connection can be prepared.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of root certificates cannot be read.
    #[error("cannot read the root certificates in {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The file looks like PEM and is damaged.
    #[error("{} is a damaged PEM file: {why}", path.display())]
    Pem { path: PathBuf, why: &'static str },
    /// The file holds no certificate that can be used as a root.
    #[error("{} holds no usable certificate", .0.display())]
    NoneInFile(PathBuf),
    /// The system's store is empty or missing: install it (`ca-certificates`) or name a file.
    #[error("the system has no root certificates")]
    NoneInSystem,
    /// The TLS library does not accept its settings.
    #[error("TLS cannot be set up")]
    Config(#[source] rustls::Error),
}

/// Returns the certificates of `roots` in DER, at least one.
///
/// # Errors
/// [`TlsError`]; not if only some files of the system's store are unreadable.
fn certificates(roots: &Roots) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    match roots {
        Roots::System => {
            let found = rustls_native_certs::load_native_certs().certs;
            if found.is_empty() { Err(TlsError::NoneInSystem) } else { Ok(found) }
        }
        Roots::File(path) => from_file(path),
    }
}

fn from_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let content = std::fs::read(path).map_err(|source| TlsError::Read { path: path.into(), source })?;
    // Windows' editors begin a text with a byte order mark, which would hide the first line.
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&content);
    if Certificate::parse(content).is_some() {
        return Ok(vec![CertificateDer::from(content.to_vec())]);
    }
    let found: Vec<_> = CertificateDer::pem_slice_iter(content)
        .collect::<Result<_, _>>()
        .map_err(|e| TlsError::Pem { path: path.into(), why: why_no_pem(&e) })?;
    if found.is_empty() { Err(TlsError::NoneInFile(path.into())) } else { Ok(found) }
}

/// Says why, without the line of the file that the error holds: it may be of a private key.
fn why_no_pem(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "the end of a section is missing",
        pem::Error::IllegalSectionStart { .. } => "a line that begins a section is not valid",
        pem::Error::Base64Decode(_) => "a section is not base64",
        _ => "a section cannot be read",
    }
}

/// Returns a client's TLS settings: TLS 1.2 and 1.3, ring, no client certificate.
///
/// # Errors
/// [`TlsError`]; with [`Verification::DangerSkipped`] the roots are not even read.
pub fn client_config(roots: &Roots, verification: Verification) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Config)?;
    let config = match verification {
        Verification::Required => {
            let mut store = RootCertStore::empty();
            // Old stores hold certificates that no verifier accepts any more; one usable root is enough.
            let (usable, _) = store.add_parsable_certificates(certificates(roots)?);
            if usable == 0 {
                return Err(match roots {
                    Roots::System => TlsError::NoneInSystem,
                    Roots::File(path) => TlsError::NoneInFile(path.clone()),
                });
            }
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(&provider))
                .build()
                .map_err(|e| TlsError::Config(rustls::Error::General(e.to_string())))?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Named(verifier))).with_no_client_auth()
        }
        Verification::DangerSkipped => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate::new(&provider)))
            .with_no_client_auth(),
    };
    Ok(Arc::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_or_holds_no_certificate_is_an_error() {
        let missing = Roots::File("/nonexistent/roots.pem".into());
        assert!(matches!(client_config(&missing, Verification::Required), Err(TlsError::Read { .. })));
        let empty = Roots::File("/dev/null".into());
        assert!(matches!(client_config(&empty, Verification::Required), Err(TlsError::NoneInFile(_))));
    }

    #[test]
    fn certificates_are_read_from_pem_and_der_with_and_without_a_byte_order_mark() {
        let folder = tempfile::tempdir().unwrap();
        let key = rcgen::KeyPair::generate().unwrap();
        let made = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap().self_signed(&key).unwrap();
        let (pem, der) = (made.pem(), made.der().to_vec());
        let marked = |content: &[u8]| [b"\xEF\xBB\xBF", content].concat();
        for (name, content, count) in [
            ("plain.pem", pem.clone().into_bytes(), 1),
            ("two.pem", [pem.as_bytes(), pem.as_bytes()].concat(), 2),
            ("marked.pem", marked(pem.as_bytes()), 1),
            ("plain.der", der.clone(), 1),
            ("marked.der", marked(&der), 1),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            let found = certificates(&Roots::File(path.clone())).unwrap();
            assert!(found.len() == count && found.iter().all(|one| **one == der), "{name}");
            assert!(client_config(&Roots::File(path), Verification::Required).is_ok(), "{name}");
        }
        let cut = folder.path().join("cut.der");
        std::fs::write(&cut, &der[..der.len() - 1]).unwrap();
        assert!(matches!(certificates(&Roots::File(cut)), Err(TlsError::NoneInFile(_))));
    }

    #[test]
    fn no_roots_are_read_if_nothing_is_verified() {
        let missing = Roots::File("/nonexistent/roots.pem".into());
        assert!(client_config(&missing, Verification::DangerSkipped).is_ok());
    }
}
