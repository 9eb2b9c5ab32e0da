//! Why a rotation failed.

use std::io;
use std::path::PathBuf;

use crate::key::KeyError;
use crate::login::SecretKind;
use crate::market::credential::CredentialError;
use crate::misread::Misread;

/// Why a rotation failed.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// Another process rotates the same device.
    #[error("another rotation of this device is in progress")]
    Busy,
    /// The present credential does not log in, so it could not be restored.
    #[error("the broker does not accept the present {0}, so the rotation could not be undone")]
    OldRefused(SecretKind),
    /// The broker did not accept the new credential; the old one is registered again, which is proved.
    #[error(
        "the new {kind} was not proved at the broker: {why}; the old one is registered again, and nothing has changed"
    )]
    Undone { kind: SecretKind, why: String },
    /// Neither could be proved. Both are kept, and the next run continues.
    #[error("the rotation is not finished: {why}; the old {kind} and the new one are both kept")]
    Unfinished { kind: SecretKind, why: String },
    /// A file that cannot be written, read or removed.
    #[error("{path} cannot be used", path = .path.display())]
    File { path: PathBuf, source: io::Error },
    /// The journal is damaged.
    #[error("the journal {path} is damaged", path = .path.display())]
    Journal { path: PathBuf, source: Misread },
    /// The journal was written by a later version of this program.
    #[error("the journal {path} has format {found}, of a later version of this program", path = .path.display())]
    Version { path: PathBuf, found: u64 },
    /// The new credential cannot be registered anywhere.
    #[error("the credential cannot be registered")]
    Credential(#[from] CredentialError),
    /// The new key cannot be encoded.
    #[error("the key cannot be written")]
    Key(#[from] KeyError),
}

/// Why a run failed.
#[derive(Debug)]
pub enum Failed<E> {
    /// The host failed; nothing has changed unless there is a journal.
    Host(E),
    /// The new credential is proved and in place, but the configuration does not name it. The journal does.
    Configure { place: PathBuf, why: E },
    /// Anything else.
    Rotation(RotationError),
}

impl<E> From<RotationError> for Failed<E> {
    fn from(e: RotationError) -> Self {
        Failed::Rotation(e)
    }
}
