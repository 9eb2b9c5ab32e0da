//! TLS for the marketplace's HTTPS and the broker's MQTT: which certificates are trusted, and the meaning of failed handshakes.

pub mod certificate;
mod client;
mod failure;
mod fault;
mod verifier;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};

pub use client::TlsClient;
pub use failure::{invalid_at, is_cut, is_passing};
pub use fault::{ClientSide, TlsFault, fault, is_of_client_certificate};

use certificate::Certificate;

use verifier::{AcceptAnyCertificate, Explaining};

/// The source of the trusted root certificates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// The system's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` are respected).
    #[default]
    System,
    /// A file of one certificate in DER, or of one or more in PEM; nothing else is trusted.
    File(PathBuf),
    /// A folder of such files with any names, and one more file.
    Folder { folder: PathBuf, file: Option<PathBuf> },
}

/// A version of TLS, in Mosquitto's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    V12,
    V13,
}

impl TlsVersion {
    /// All of them, with their names.
    pub const ALL: [(&str, TlsVersion); 2] = [("tlsv1.2", TlsVersion::V12), ("tlsv1.3", TlsVersion::V13)];

    /// Returns the version of this name.
    pub fn named(name: &str) -> Option<TlsVersion> {
        TlsVersion::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, version)| version)
    }
}

/// The certificate that a client presents to a server that requests one, and its key.
#[derive(Debug, Clone)]
pub struct ClientIdentity(Arc<CertifiedKey>);

impl ClientIdentity {
    /// Combines a chain, the client's own certificate first, with its key.
    ///
    /// # Errors
    /// The key does not belong to the certificate, or one of them is of a kind that cannot be used.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<ClientIdentity, rustls::InconsistentKeys> {
        let provider = rustls::crypto::ring::default_provider();
        match CertifiedKey::from_der(chain, key, &provider) {
            Ok(certified) => Ok(ClientIdentity(Arc::new(certified))),
            Err(rustls::Error::InconsistentKeys(why)) => Err(why),
            Err(_) => Err(rustls::InconsistentKeys::Unknown),
        }
    }
}

impl ClientIdentity {
    /// Returns the public half of the key, a SubjectPublicKeyInfo in DER.
    pub fn public_key(&self) -> Option<Vec<u8>> {
        self.0.key.public_key().map(|key| key.to_vec())
    }
}

/// A client's TLS settings besides the trusted certificates.
#[derive(Debug, Clone, Default)]
pub struct ClientTls {
    pub identity: Option<ClientIdentity>,
    /// The only version to use; by default, 1.2 and 1.3.
    pub version: Option<TlsVersion>,
    /// The protocol to request (ALPN, RFC 7301).
    pub alpn: Option<String>,
}

/// Whether the peer must prove its identity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verification {
    /// With a certificate for its name from one of the roots.
    #[default]
    Required,
    /// Any certificate is accepted: some I3 instances have one of X.509 version 1, or one with only a common name
    /// (I3 facts §6.4). Anyone on the network path can read and change everything; the caller warns about that each time.
    DangerSkipped,
}

/// Why no TLS connection can be prepared.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of root certificates cannot be read.
    #[error("cannot read the certificates in {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The file looks like PEM but is damaged.
    #[error("{} is a damaged PEM file: {why}", path.display())]
    Pem { path: PathBuf, why: &'static str },
    /// The file has no certificate that can be used as a root.
    #[error("{} holds no usable certificate", .0.display())]
    NoneInFile(PathBuf),
    /// No file of the folder has such a certificate.
    #[error("no file in {} holds a certificate", .0.display())]
    NoneInFolder(PathBuf),
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
        Roots::Folder { folder, file } => {
            let mut found = file.as_deref().map_or(Ok(Vec::new()), from_file)?;
            for certificate in from_folder(folder)? {
                // `openssl rehash` gives each file a second name.
                if !found.contains(&certificate) {
                    found.push(certificate);
                }
            }
            if found.is_empty() { Err(TlsError::NoneInFolder(folder.into())) } else { Ok(found) }
        }
    }
}

/// Reads the certificates of every file in a folder; files without one, such as a revocation list or a README, are left out.
fn from_folder(folder: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let failed = |source| TlsError::Read { path: folder.into(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        paths.push(entry.map_err(failed)?.path());
    }
    paths.sort();
    let read = |path: PathBuf| match from_file(&path) {
        Err(TlsError::NoneInFile(_)) => None,
        read => Some(read),
    };
    let read: Vec<_> = paths.into_iter().filter(|path| path.is_file()).filter_map(read).collect::<Result<_, _>>()?;
    Ok(read.concat())
}

/// Returns the certificates of a file, at least one.
///
/// # Errors
/// [`TlsError::Read`], [`TlsError::Pem`], [`TlsError::NoneInFile`].
pub fn certificates_in(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    from_file(path)
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

/// Returns the reason, without the line of the file in the error, which may belong to a private key.
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
pub fn client_config(roots: &Roots, verification: Verification) -> Result<TlsClient, TlsError> {
    client_config_with(roots, verification, &ClientTls::default())
}

/// As [`client_config`], with the settings in `tls`.
///
/// # Errors
/// As [`client_config`].
pub fn client_config_with(roots: &Roots, verification: Verification, tls: &ClientTls) -> Result<TlsClient, TlsError> {
    let versions: &[&SupportedProtocolVersion] = match tls.version {
        None => rustls::DEFAULT_VERSIONS,
        Some(TlsVersion::V12) => &[&rustls::version::TLS12],
        Some(TlsVersion::V13) => &[&rustls::version::TLS13],
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(TlsError::Config)?;
    let builder = match verification {
        Verification::Required => {
            let mut store = RootCertStore::empty();
            // Old stores have certificates that no verifier accepts any more; one usable root is enough.
            let (usable, _) = store.add_parsable_certificates(certificates(roots)?);
            if usable == 0 {
                return Err(match roots {
                    Roots::System => TlsError::NoneInSystem,
                    Roots::File(path) => TlsError::NoneInFile(path.clone()),
                    Roots::Folder { folder, .. } => TlsError::NoneInFolder(folder.clone()),
                });
            }
            let verifier = Explaining::new(Arc::new(store), &provider)
                .map_err(|e| TlsError::Config(rustls::Error::General(e.to_string())))?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
        Verification::DangerSkipped => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAnyCertificate::new(&provider)))
        }
    };
    let mut config = match &tls.identity {
        Some(ClientIdentity(certified)) => {
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(certified))))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = tls.alpn.iter().map(|protocol| protocol.clone().into_bytes()).collect();
    Ok(TlsClient::new(config))
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
    fn a_folder_gives_the_certificates_of_all_its_files_once() {
        let folder = tempfile::tempdir().unwrap();
        let made = |name: &str| {
            let key = rcgen::KeyPair::generate().unwrap();
            let made = rcgen::CertificateParams::new(vec![name.into()]).unwrap().self_signed(&key).unwrap();
            (made.pem(), made.der().to_vec())
        };
        let ((one, _), (_, other), (third, _)) = (made("one"), made("other"), made("third"));
        let roots = Roots::Folder { folder: folder.path().into(), file: None };
        assert!(matches!(certificates(&roots), Err(TlsError::NoneInFolder(_))));
        std::fs::write(folder.path().join("one.pem"), &one).unwrap();
        std::fs::write(folder.path().join("other.der"), other).unwrap();
        std::fs::write(folder.path().join("README"), "no certificate").unwrap();
        std::fs::create_dir(folder.path().join("private")).unwrap();
        std::os::unix::fs::symlink("one.pem", folder.path().join("5ed36f99.0")).unwrap();
        assert_eq!(certificates(&roots).unwrap().len(), 2);
        let more = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(more.path(), third).unwrap();
        let roots = Roots::Folder { folder: folder.path().into(), file: Some(more.path().into()) };
        assert_eq!(certificates(&roots).unwrap().len(), 3);
        let missing = Roots::Folder { folder: "/nonexistent".into(), file: None };
        assert!(matches!(certificates(&missing), Err(TlsError::Read { .. })));
    }

    #[test]
    fn no_roots_are_read_if_nothing_is_verified() {
        let missing = Roots::File("/nonexistent/roots.pem".into());
        assert!(client_config(&missing, Verification::DangerSkipped).is_ok());
    }
}
