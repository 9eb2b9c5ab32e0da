//! Which certificates are trusted, for the marketplace's HTTPS and the broker's MQTT alike, with ring as the provider.

pub mod certificate;
mod verifier;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::{ClientConfig, RootCertStore};

pub use verifier::{NamesNoHost, names_no_host, told};

use verifier::{AcceptAnyCertificate, Named};

/// Where the trusted root certificates come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// The system's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` are respected).
    #[default]
    System,
    /// A PEM file of one certificate or more; nothing else is trusted.
    File(PathBuf),
}

/// Whether the peer must prove its identity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verification {
    /// With a certificate for its name under one of the roots.
    #[default]
    Required,
    /// It need not, whatever its certificate: some I3 instances have one of X.509 version 1, or with a common name
    /// only (I3 facts §6.4). Anybody between the two can read and change everything. The caller warns each time.
    DangerSkipped,
}

/// Why no TLS connection can be prepared.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of root certificates cannot be read.
    #[error("cannot read the root certificates in {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The file is not PEM: it must hold `-----BEGIN CERTIFICATE-----`, not DER.
    #[error("{} is not a PEM file of certificates", path.display())]
    Pem { path: PathBuf, source: pem::Error },
    /// The file holds no certificate that can be used as a root.
    #[error("{} holds no usable certificate", .0.display())]
    NoneInFile(PathBuf),
    /// The system's store is empty or missing: install it (`ca-certificates`) or name a file.
    #[error("the system has no root certificates")]
    NoneInSystem,
    /// The library refused its own settings.
    #[error("TLS cannot be set up")]
    Config(#[source] rustls::Error),
}

/// Returns the certificates of `roots` as DER, at least one.
///
/// # Errors
/// [`TlsError`]; a system store in which only some files are unreadable still counts.
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
    let found: Vec<_> = CertificateDer::pem_slice_iter(&content)
        .collect::<Result<_, _>>()
        .map_err(|source| TlsError::Pem { path: path.into(), source })?;
    if found.is_empty() { Err(TlsError::NoneInFile(path.into())) } else { Ok(found) }
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
            // Old stores hold certificates that no verifier takes any more; one usable root is enough to go on.
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
    fn a_missing_empty_or_foreign_file_is_told() {
        let missing = Roots::File("/nonexistent/roots.pem".into());
        assert!(matches!(client_config(&missing, Verification::Required), Err(TlsError::Read { .. })));
        let empty = Roots::File("/dev/null".into());
        assert!(matches!(client_config(&empty, Verification::Required), Err(TlsError::NoneInFile(_))));
    }

    #[test]
    fn nothing_is_read_where_nothing_is_verified() {
        let missing = Roots::File("/nonexistent/roots.pem".into());
        assert!(client_config(&missing, Verification::DangerSkipped).is_ok());
    }
}
