//! A secret that logs a device in: a password, or a private key that signs a token for each log-in.

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::clock::{self, Doubt};
use crate::guard::{CheckContext, Password, PasswordKind, Refusal};
use crate::key::{self, KeyError, PrivateKey, PublicKey};
use crate::market::credential::{CredentialError, RegisteredCredential};
use crate::password_hash::password_hash;
use crate::pkcs11::{HardwareKey, KeyUri, Pin, Pkcs11Error};
use crate::secret::Secret;
use crate::signer::Signer;
use crate::token::{self, Fault, Lifetime, Token, TokenError};

/// What a device logs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretKind {
    Key,
    Password,
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SecretKind::Key => "key",
            SecretKind::Password => "password",
        })
    }
}

/// The secret half of a credential, in memory.
pub enum LoginSecret {
    Key(Signer),
    /// A password, or a token that the seller made.
    Password(Password),
}

impl<K: Into<Signer>> From<K> for LoginSecret {
    fn from(key: K) -> LoginSecret {
        LoginSecret::Key(key.into())
    }
}

impl LoginSecret {
    /// Returns what goes into CONNECT's password field; a key signs a new token for each log-in.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn connect_password(&self, user_name: &str) -> Result<Secret, TokenError> {
        match self {
            LoginSecret::Key(key) => token::mint(key, user_name, Lifetime::DEFAULT, SystemTime::now()),
            LoginSecret::Password(password) => Ok(password.secret().clone()),
        }
    }

    /// Returns the credential to register for it: the public half, or a hash made here.
    ///
    /// # Errors
    /// [`CredentialError`].
    pub fn registered(&self) -> Result<RegisteredCredential, CredentialError> {
        match self {
            LoginSecret::Key(key) => RegisteredCredential::public_key(&key.public().body()),
            LoginSecret::Password(password) => RegisteredCredential::password_hash(&password_hash(password.secret())),
        }
    }

    /// Returns the text of the file that keeps it; `None` for a key that stays on its token.
    ///
    /// # Errors
    /// [`KeyError`] if the key cannot be encoded.
    pub fn file_text(&self) -> Result<Option<Zeroizing<String>>, KeyError> {
        match self {
            LoginSecret::Key(Signer::Key(key)) => key.to_pem().map(Some),
            LoginSecret::Key(Signer::Hardware(_)) => Ok(None),
            LoginSecret::Password(password) => Ok(Some(Zeroizing::new(format!("{}\n", password.expose())))),
        }
    }

    /// Whether a token is sent, minted here or by the seller.
    pub fn is_token(&self) -> bool {
        match self {
            LoginSecret::Key(_) => true,
            LoginSecret::Password(password) => password.kind() == PasswordKind::Token,
        }
    }

    /// Checks again a token that the guard accepted: it may have expired since.
    ///
    /// # Errors
    /// The guard's refusal.
    pub(super) fn recheck(&self) -> Result<(), Refusal> {
        match self {
            LoginSecret::Password(password) if self.is_token() => {
                check_password(password.secret().clone(), None).map(drop)
            }
            _ => Ok(()),
        }
    }
}

/// Has the guard check a given password. A token must be signed by the device's key in `key_file`, as far as
/// its public half can be read without a passphrase.
///
/// # Errors
/// The guard's refusal.
pub fn check_password(secret: Secret, key_file: Option<&Path>) -> Result<Password, Refusal> {
    // Only a token is compared with the key, which may have to be read from files.
    let token = Token::parse(secret.expose());
    let issued = token.as_ref().and_then(Token::issued).and_then(|seconds| u64::try_from(seconds).ok());
    if let Some(issued) = issued.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))) {
        clock::heard_past(issued);
    }
    let device_key = key_file.filter(|_| token.is_some()).and_then(public_half);
    let check = |now| Password::check(secret.clone(), &CheckContext { device_key: device_key.as_ref(), now });
    let now = SystemTime::now();
    let refusal = match check(now) {
        Err(refusal) => refusal,
        passed => return passed,
    };
    let time = match (&refusal, clock::doubt(now)) {
        (Refusal::Token(fault), Some(doubt)) => judged_at(fault, now, doubt),
        _ => None,
    };
    time.map_or(Err(refusal), check)
}

/// Returns another time at which to judge a token, if only a clock that cannot be right may make it invalid: if the
/// correct time is unknown as well, one at which the token is valid, so that the broker judges it.
fn judged_at(fault: &Fault, now: SystemTime, doubt: Doubt) -> Option<SystemTime> {
    match (fault, doubt) {
        (Fault::Expired(_), Doubt::Contradicted { other, .. }) if other < now => Some(other),
        (Fault::NotYetValid(by), Doubt::BeforeMade { .. }) => now.checked_add(*by),
        (Fault::NotYetValid(by), Doubt::Contradicted { other, .. }) if now < other => now.checked_add(*by),
        _ => None,
    }
}

fn public_half(key_file: &Path) -> Option<PublicKey> {
    let beside = std::fs::read(key::public_path(key_file)).ok();
    let from_beside = beside.and_then(|bytes| PublicKey::from_text(&bytes).ok());
    from_beside.or_else(|| Some(PrivateKey::read(key_file, || Ok(None)).ok()?.public().clone()))
}

/// Opens the private key in the file `path`, or on the token if `path` is a PKCS#11 URI. `passphrase` and `pin` are
/// called if one is needed, and return `None` if there is none.
///
/// # Errors
/// As [`read_key`], and [`Pkcs11Error`], or that of `pin`.
pub fn signer<E: From<KeyError> + From<Pkcs11Error>>(
    path: &Path,
    passphrase: impl FnOnce() -> Result<Option<Secret>, E>,
    pin: impl FnOnce(&KeyUri) -> Result<Option<Pin>, E>,
) -> Result<Signer, E> {
    match KeyUri::of(path) {
        Some(uri) => {
            let uri = uri?;
            HardwareKey::open(&uri, || pin(&uri)).map(Signer::Hardware)
        }
        None => read_key(path, passphrase).map(Signer::from),
    }
}

/// Reads the private key in `path`. `passphrase` is called if the key is encrypted, and returns `None` if there is none.
///
/// # Errors
/// [`KeyError`], or that of `passphrase`.
pub fn read_key<E: From<KeyError>>(
    path: &Path,
    passphrase: impl FnOnce() -> Result<Option<Secret>, E>,
) -> Result<PrivateKey, E> {
    with_passphrase(passphrase, |passphrase| PrivateKey::read(path, passphrase))
}

/// Parses a private key that is not in a file, as [`read_key`] does.
///
/// # Errors
/// As [`read_key`].
pub fn parse_key<E: From<KeyError>>(
    text: &Secret,
    passphrase: impl FnOnce() -> Result<Option<Secret>, E>,
) -> Result<PrivateKey, E> {
    with_passphrase(passphrase, |passphrase| PrivateKey::parse(text.expose().as_bytes(), passphrase))
}

/// Reads the public half of the private or public key in `path`, as [`read_key`].
///
/// # Errors
/// As [`read_key`].
pub fn read_public_half<E: From<KeyError>>(
    path: &Path,
    passphrase: impl FnOnce() -> Result<Option<Secret>, E>,
) -> Result<PublicKey, E> {
    with_passphrase(passphrase, |passphrase| PublicKey::read(path, passphrase))
}

/// A function that asks for a passphrase.
type Passphrase<'a> = Box<dyn FnOnce() -> Result<Option<Secret>, KeyError> + 'a>;

/// Gives `read` a passphrase that can fail with its caller's own error.
fn with_passphrase<T, E: From<KeyError>>(
    passphrase: impl FnOnce() -> Result<Option<Secret>, E>,
    read: impl FnOnce(Passphrase<'_>) -> Result<T, KeyError>,
) -> Result<T, E> {
    let mut failed = None;
    let result = read(Box::new(|| {
        passphrase().map_err(|error| {
            failed = Some(error);
            KeyError::NeedsPassphrase
        })
    }));
    failed.map_or_else(|| Ok(result?), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clock_that_may_be_why_excuses_a_token() {
        let (hour, now) = (Duration::from_secs(3600), SystemTime::now());
        let (expired, early) = (Fault::Expired(hour), Fault::NotYetValid(hour));
        let contradicted = |other| Doubt::Contradicted { at: now, other };
        let (ahead, behind, before) =
            (contradicted(now - hour), contradicted(now + hour), Doubt::BeforeMade { at: now });
        assert_eq!(judged_at(&expired, now, ahead), Some(now - hour));
        assert_eq!(judged_at(&early, now, behind), Some(now + hour));
        assert_eq!(judged_at(&early, now, before), Some(now + hour));
        // A clock that is behind makes a token younger, and one that is ahead makes it older.
        for (fault, doubt) in [(&expired, behind), (&expired, before), (&early, ahead), (&Fault::Audience, ahead)] {
            assert_eq!(judged_at(fault, now, doubt), None, "{fault:?} {doubt:?}");
        }
    }
}
