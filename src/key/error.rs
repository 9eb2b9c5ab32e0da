//! Why a key could not be made, read or used.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::key::limits::{MAX_BITS, MIN_BITS};

/// The name under which a key is read from standard input.
pub const STDIN: &str = "-";

/// Why a key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file, or standard input, cannot be opened or read.
    #[error("{place} cannot be read", place = KeyPlace(.path))]
    Read { path: PathBuf, source: io::Error },
    /// Group or others may read the file, which ssh refuses, too.
    #[error("the key file {path} can be read by others (mode {mode:04o})", path = .path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    /// The key is encrypted, and no passphrase was given.
    #[error("the private key is encrypted, and no passphrase was given")]
    NeedsPassphrase,
    /// The passphrase does not open the key.
    #[error("wrong passphrase for the private key")]
    WrongPassphrase,
    /// Deriving the key from the passphrase would exceed the accepted cost; nothing was derived. `convert` is the command that
    /// encrypts it again.
    #[error("the private key's encryption is too costly: {cost}; at most {limit} are accepted")]
    Costly { cost: String, limit: String, convert: &'static str },
    /// The bytes are not an RSA private key; with their kind.
    #[error("{0}, not an RSA private key")]
    NotPrivate(&'static str),
    /// A private key in an unsupported format; with the format, and the command that converts it.
    #[error("unsupported key format: {form}")]
    Form { form: Cow<'static, str>, convert: &'static str },
    /// More than one RSA private key is in the file; with their number.
    #[error("it contains {0} private keys, so it is unclear which one is meant")]
    Several(usize),
    /// The text is not an RSA public key body or PEM.
    #[error("{0}, not an RSA public key")]
    NotPublic(&'static str),
    /// A requested key has fewer than [`MIN_BITS`] or more than [`MAX_BITS`].
    #[error("cannot create an RSA key of {0} bits: use {MIN_BITS} to {MAX_BITS}")]
    Bits(usize),
    /// An existing key has fewer than [`MIN_BITS`].
    #[error("an RSA key of {0} bits is too short: use at least {MIN_BITS}")]
    Short(usize),
    /// The key is intact, but of a kind that this program does not sign with; with the reason.
    #[error("unsupported kind of private key: {0}")]
    Unsupported(String),
    /// The numbers of the key are inconsistent, or it cannot sign.
    #[error("the private key is damaged: {0}")]
    Damaged(String),
}

impl KeyError {
    /// A key whose bytes were altered.
    pub(super) fn damaged(why: impl fmt::Display) -> KeyError {
        KeyError::Damaged(why.to_string())
    }
}

/// Where a key is read from, for messages.
struct KeyPlace<'p>(&'p Path);

impl fmt::Display for KeyPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 == Path::new(STDIN) {
            true => f.write_str("standard input"),
            false => write!(f, "the key file {}", self.0.display()),
        }
    }
}
