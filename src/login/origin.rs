//! Where a credential comes from: the places to search, in order, and what was found there.

use std::fmt;
use std::path::{Path, PathBuf};

use super::secret::{LoginSecret, SecretKind, signer};
use crate::config::Config;
use crate::guard::source::{self, Content, Given, SourceError};
use crate::key::{KeyError, STDIN};
use crate::name::DeviceName;
use crate::pkcs11::{KeyUri, Pin, Pkcs11Error};
use crate::signer::Signer;

/// A file that holds a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialFile {
    pub kind: SecretKind,
    pub path: PathBuf,
}

impl CredentialFile {
    pub fn new(kind: SecretKind, path: impl Into<PathBuf>) -> CredentialFile {
        CredentialFile { kind, path: path.into() }
    }
}

impl fmt::Display for CredentialFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} in {}", self.kind, self.path.display())
    }
}

/// Where a credential is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOrigin {
    Option(&'static str),
    Environment(&'static str),
    Stdin,
    Terminal,
    /// A file that holds a password or a token.
    PasswordFile(PathBuf),
    KeyFile(PathBuf),
}

impl fmt::Display for SecretOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretOrigin::Option(name) => write!(f, "option {name}"),
            SecretOrigin::Environment(name) => write!(f, "environment variable {name}"),
            SecretOrigin::Stdin => f.write_str("stdin"),
            SecretOrigin::Terminal => f.write_str("the terminal"),
            SecretOrigin::PasswordFile(path) => write!(f, "file {}", path.display()),
            SecretOrigin::KeyFile(path) if path == Path::new(STDIN) => f.write_str("the key from stdin"),
            SecretOrigin::KeyFile(path) => write!(f, "key {}", path.display()),
        }
    }
}

impl From<CredentialFile> for SecretOrigin {
    fn from(file: CredentialFile) -> SecretOrigin {
        match file.kind {
            SecretKind::Key => SecretOrigin::KeyFile(file.path),
            SecretKind::Password => SecretOrigin::PasswordFile(file.path),
        }
    }
}

impl SecretOrigin {
    /// Lists where the credential of a user is looked for if no option names one: the environment variable `variable`
    /// first, then what is known about `device`. `key` is the device's key file, `pending` the credential that an unfinished
    /// rotation has made. The variable is left out if it belongs to another marketplace, or if a configuration that an option
    /// names has a credential of the device.
    pub fn list(
        variable: &'static str,
        config: &Config,
        device: Option<&DeviceName>,
        key: Option<PathBuf>,
        pending: Option<CredentialFile>,
    ) -> Vec<SecretOrigin> {
        let password_file = device.and_then(|device| config.device(device)?.password_file.clone());
        let market = config.market_of(device).map(|market| market.value);
        let has_own = device.is_some() && (key.is_some() || password_file.is_some());
        let counts = config.heeds_environment(market.as_deref()) && !(config.is_chosen() && has_own);
        let mut origins = Vec::from_iter(counts.then_some(SecretOrigin::Environment(variable)));
        if device.is_none() {
            return origins;
        }
        origins.extend(key.map(SecretOrigin::KeyFile));
        origins.extend(password_file.map(SecretOrigin::PasswordFile));
        let pending = pending.map(SecretOrigin::from).filter(|pending| !origins.contains(pending));
        origins.extend(pending);
        origins
    }

    /// Reads the password or token from a file or from the environment; `None` if the variable is not set, and for an origin
    /// of another kind.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn read(&self) -> Result<Option<Given>, SourceError> {
        const CONTENT: Content = Content::Password;
        match self {
            SecretOrigin::PasswordFile(path) => source::file(path, CONTENT).map(Some),
            SecretOrigin::Environment(variable) => source::environment(variable, CONTENT),
            _ => Ok(None),
        }
    }

    /// Returns the file, if it is one: it may hold another credential the next time.
    pub fn file(&self) -> Option<&Path> {
        match self {
            SecretOrigin::PasswordFile(path) | SecretOrigin::KeyFile(path) => Some(path),
            _ => None,
        }
    }
}

/// Opens a private key without asking the person: it has no passphrase, or its PIN is in the file that its URI names.
///
/// # Errors
/// [`KeyError`], [`Pkcs11Error`], or [`SourceError`] of the PIN's file.
pub fn signer_unasked<E: From<KeyError> + From<Pkcs11Error> + From<SourceError>>(path: &Path) -> Result<Signer, E> {
    let pin = |uri: &KeyUri| {
        let file = uri.pin_file.clone().map(SecretOrigin::PasswordFile);
        let given = file.map(|file| file.read()).transpose()?.flatten();
        Ok(given.map(|given| Pin { secret: given.secret, typed: false }))
    };
    signer(path, || Ok(None), pin)
}

/// A credential that may log a user in.
pub struct Candidate {
    pub secret: LoginSecret,
    pub origin: SecretOrigin,
}

/// Who logs in, and the credentials to try, the most explicit first.
pub struct Identity {
    pub user_name: String,
    pub device: Option<DeviceName>,
    pub candidates: Vec<Candidate>,
}
