//! The certificate that a client presents to a server that requests one, and its key, read from files.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustls::InconsistentKeys;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

use super::secret::read_key;
use crate::access;
use crate::key::KeyError;
use crate::name::DeviceName;
use crate::secret::{Secret, read_all};
use crate::tls::{ClientIdentity, TlsError, certificates_in};

/// Longest file of a key, in bytes.
const KEY_MAX: usize = 1024 * 1024;
/// Markers of the encrypted formats that [`read_key`] can decrypt with the passphrase.
const ENCRYPTED: [&str; 3] =
    ["-----BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED", "-----BEGIN OPENSSH PRIVATE KEY"];

/// Why a client certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientCertificateError {
    /// The file of the certificate.
    #[error("the client certificate cannot be used")]
    Certificate(#[source] TlsError),
    #[error("cannot read the client certificate's key in {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// Group or others may read it.
    #[error("the client certificate's key in {path} can be read by others (mode {mode:04o})", path = .path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("{} holds no private key", .0.display())]
    NoKey(PathBuf),
    /// It is encrypted, and not RSA or in an unsupported format.
    #[error("the client certificate's key in {} cannot be decrypted", path.display())]
    Encrypted { path: PathBuf, source: KeyError },
    #[error("the key in {} does not belong to the certificate in {}", key.display(), certificate.display())]
    Mismatch { certificate: PathBuf, key: PathBuf },
    /// Not RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519.
    #[error("the key in {} is not of a kind that TLS can use here, or the certificate is damaged", .0.display())]
    Kind(PathBuf),
    /// A key that signs a device's tokens must not sign anything that a server chooses.
    #[error("the key in {} is that of the device {device}, which may sign only its tokens", path.display())]
    OfDevice { path: PathBuf, device: DeviceName },
}

/// Reads a certificate, with the chain that may follow it, and its key: PEM or DER, both in one file or in two. An
/// encrypted key is read if [`read_key`] supports it, which calls `passphrase`.
///
/// # Errors
/// [`ClientCertificateError`], or that of `passphrase`.
pub fn identity(
    certificate: &Path,
    key: &Path,
    passphrase: impl FnOnce() -> anyhow::Result<Option<Secret>>,
) -> anyhow::Result<ClientIdentity> {
    let chain = certificates_in(certificate).map_err(ClientCertificateError::Certificate)?;
    let der = private_key(key, passphrase)?;
    let identity = ClientIdentity::new(chain, der).map_err(|why| match why {
        InconsistentKeys::KeyMismatch => {
            ClientCertificateError::Mismatch { certificate: certificate.into(), key: key.into() }
        }
        _ => ClientCertificateError::Kind(key.into()),
    });
    Ok(identity?)
}

/// Reads a key, as [`identity`].
///
/// # Errors
/// As [`identity`].
pub fn private_key(
    path: &Path,
    passphrase: impl FnOnce() -> anyhow::Result<Option<Secret>>,
) -> anyhow::Result<PrivateKeyDer<'static>> {
    let failed = |source| ClientCertificateError::Read { path: path.into(), source };
    let file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if let Some(mode) = access::exposed_secret(path, &metadata) {
        return Err(ClientCertificateError::OpenToOthers { path: path.into(), mode }.into());
    }
    let size = usize::try_from(metadata.len()).unwrap_or(KEY_MAX);
    let bytes = read_all(file, size, KEY_MAX).map_err(failed)?;
    let no_key = |_| ClientCertificateError::NoKey(path.into());
    let text = String::from_utf8_lossy(&bytes);
    if ENCRYPTED.iter().any(|form| text.contains(form)) {
        let encrypted = |source| ClientCertificateError::Encrypted { path: path.into(), source };
        let key = read_key(path, passphrase).map_err(|e| match e.downcast::<KeyError>() {
            Ok(source) => encrypted(source).into(),
            Err(e) => e,
        })?;
        return Ok(PrivateKeyDer::Pkcs1(key.pkcs1_der().to_vec().into()));
    }
    if text.contains("-----BEGIN ") {
        return Ok(PrivateKeyDer::from_pem_slice(&bytes).map_err(no_key)?);
    }
    let der = PrivateKeyDer::try_from(bytes.as_slice()).map_err(|_| ClientCertificateError::NoKey(path.into()))?;
    Ok(der.clone_key())
}
