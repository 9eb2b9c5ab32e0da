//! The replacement for keys on tokens in a program built without the feature `pkcs11`: there are none.

use std::sync::Arc;

use super::error::Pkcs11Error;
use super::pin::Pin;
use super::uri::KeyUri;
use crate::key::PublicKey;

/// A key on a token: none can be opened.
#[derive(Debug)]
pub enum HardwareKey {}

impl HardwareKey {
    /// Explains how to get a program that can.
    ///
    /// # Errors
    /// [`Pkcs11Error::NotBuilt`], always.
    pub fn open<E: From<Pkcs11Error>>(
        _: &KeyUri,
        _: impl FnOnce() -> Result<Option<Pin>, E>,
    ) -> Result<Arc<HardwareKey>, E> {
        Err(Pkcs11Error::NotBuilt.into())
    }

    /// As the feature's.
    ///
    /// # Errors
    /// None: there is no such key.
    pub fn sign(&self, _: &[u8]) -> Result<Vec<u8>, Pkcs11Error> {
        match *self {}
    }

    pub fn public(&self) -> &PublicKey {
        match *self {}
    }

    pub fn name(&self) -> &str {
        match *self {}
    }

    pub fn facts(&self) -> &[String] {
        match *self {}
    }
}
