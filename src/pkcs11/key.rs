//! A private key on a token, which signs as long as the process runs, even after its token was temporarily removed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::Pkcs11Error;
use super::library;
use super::login::{self, left};
use super::pin::{Pin, Tries};
use super::session::OpenKey;
use super::uri::KeyUri;
use crate::key::PublicKey;

/// The opened keys, so that a PIN is requested only once, and each key keeps its session.
static OPENED: Mutex<BTreeMap<(PathBuf, String), Arc<HardwareKey>>> = Mutex::new(BTreeMap::new());

/// A private key on a token.
pub struct HardwareKey {
    uri: KeyUri,
    module: PathBuf,
    name: String,
    public: PublicKey,
    facts: Vec<String>,
    /// `None` after it could not be used.
    open: Mutex<Option<OpenKey>>,
}

impl fmt::Debug for HardwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HardwareKey({})", self.uri)
    }
}

impl HardwareKey {
    /// Opens the key that the URI names, or returns it if it was opened before. `pin` is asked only if the token needs a PIN that this
    /// process does not know, and may say that there is none.
    ///
    /// # Errors
    /// [`Pkcs11Error`], or that of `pin`.
    pub fn open<E: From<Pkcs11Error>>(
        uri: &KeyUri,
        pin: impl FnOnce() -> Result<Option<Pin>, E>,
    ) -> Result<Arc<HardwareKey>, E> {
        let module = library::path(uri)?;
        if let Some(known) = opened().get(&(module.clone(), uri.to_string())) {
            return Ok(Arc::clone(known));
        }
        let open = connect(&module, uri, pin)?;
        let (name, public, facts) = (open.name.clone(), open.public.clone(), open.facts.clone());
        let key = HardwareKey { uri: uri.clone(), module, name, public, facts, open: Mutex::new(Some(open)) };
        let key = Arc::new(key);
        opened().insert(key.place(), Arc::clone(&key));
        Ok(key)
    }

    /// Makes an RS256 signature (RFC 7518 §3.3). If the session is lost, another is begun, with the PIN that the token has
    /// accepted.
    ///
    /// # Errors
    /// [`Pkcs11Error::Lost`] if the token is away, or one about the PIN.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Pkcs11Error> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = &*open
            && let Ok(made) = key.sign(message)
        {
            return Ok(made);
        }
        // The old session ends first: a token may allow only one.
        *open = None;
        let lost = |source| Pkcs11Error::Lost { key: self.name.clone(), source: Box::new(source) };
        let key = connect(&self.module, &self.uri, || Ok(None)).map_err(|error: Pkcs11Error| {
            if error.is_about_pin() {
                // The PIN is requested again at the next opening.
                opened().remove(&self.place());
                return error;
            }
            lost(error)
        })?;
        if key.public != self.public {
            return Err(Pkcs11Error::Mismatch { key: self.name.clone() });
        }
        let made = key.sign(message).map_err(lost)?;
        *open = Some(key);
        Ok(made)
    }

    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Its description: `the key 'lot1' on the token 'i3'`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Notes about it and its token, as text.
    pub fn facts(&self) -> &[String] {
        &self.facts
    }

    fn place(&self) -> (PathBuf, String) {
        (self.module.clone(), self.uri.to_string())
    }
}

fn opened() -> MutexGuard<'static, BTreeMap<(PathBuf, String), Arc<HardwareKey>>> {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect<E: From<Pkcs11Error>>(
    path: &Path,
    uri: &KeyUri,
    pin: impl FnOnce() -> Result<Option<Pin>, E>,
) -> Result<OpenKey, E> {
    let module = library::load(path)?;
    let (slot, info) = library::token(path, &module, uri)?;
    let session = module.open_ro_session(slot).map_err(library::failed("open a session"))?;
    let token = login::id(path, &info);
    login::log_in(&module, (slot, &info), &session, &token, pin)?;
    let mut key = OpenKey::find(&module, (slot, &info), session, token, uri)?;
    match left(&info) {
        Tries::Unknown => {}
        tries => key.facts.push(format!("PIN: {tries}")),
    }
    Ok(key)
}
