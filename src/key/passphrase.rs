//! The passphrase of an encrypted key, asked for once it is known that it is needed and what it costs to try it.

use crate::key::error::KeyError;
use crate::secret::Secret;

/// Gives the passphrase of an encrypted key; `None` if nobody has it.
pub type Passphrase<'a> = &'a mut dyn FnMut() -> Result<Option<Secret>, KeyError>;

/// Asks for it.
///
/// # Errors
/// [`KeyError::NeedsPassphrase`], or that of asking.
pub fn ask(passphrase: Passphrase<'_>) -> Result<Secret, KeyError> {
    passphrase()?.ok_or(KeyError::NeedsPassphrase)
}
