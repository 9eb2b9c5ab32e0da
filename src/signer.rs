//! The signer of a device: a private key in memory, or one on a PKCS#11 token.

use std::fmt;
use std::sync::Arc;

use crate::key::{self, KeyError, PrivateKey, PublicKey};
use crate::pkcs11::{HardwareKey, Pkcs11Error};
use crate::secret::Secret;

/// A private key, wherever it is.
#[derive(Clone, Debug)]
pub enum Signer {
    /// Read from a file, typed, or just made.
    Key(Arc<PrivateKey>),
    /// It stays on its token.
    Hardware(Arc<HardwareKey>),
}

/// Why a signer does not sign.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Pkcs11(#[from] Pkcs11Error),
}

impl From<PrivateKey> for Signer {
    fn from(key: PrivateKey) -> Signer {
        Signer::Key(Arc::new(key))
    }
}

impl From<Arc<HardwareKey>> for Signer {
    fn from(key: Arc<HardwareKey>) -> Signer {
        Signer::Hardware(key)
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Signer::Key(_) => f.write_str("the key"),
            Signer::Hardware(key) => f.write_str(key.name()),
        }
    }
}

impl Signer {
    /// Makes an RS256 signature (RFC 7518 §3.3). A token may take a while for it.
    ///
    /// # Errors
    /// The key is damaged, or its token does not sign.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        match self {
            Signer::Key(key) => Ok(key::sign(key.pkcs1_der(), message)?),
            Signer::Hardware(key) => Ok(key.sign(message)?),
        }
    }

    /// Returns the public half.
    pub fn public(&self) -> &PublicKey {
        match self {
            Signer::Key(key) => key.public(),
            Signer::Hardware(key) => key.public(),
        }
    }

    /// Returns the passphrase of a key's file, if it is encrypted.
    pub fn passphrase(&self) -> Option<&Secret> {
        match self {
            Signer::Key(key) => key.passphrase(),
            Signer::Hardware(_) => None,
        }
    }

    /// Checks that a key on a token signs, and that the registered public half verifies the signature.
    ///
    /// # Errors
    /// [`Pkcs11Error`].
    pub fn check(&self) -> Result<(), SignerError> {
        let Signer::Hardware(key) = self else { return Ok(()) };
        const MESSAGE: &[u8] = b"i3";
        match key.public().verifies(MESSAGE, &key.sign(MESSAGE)?) {
            true => Ok(()),
            false => Err(Pkcs11Error::Mismatch { key: key.name().into() }.into()),
        }
    }
}
