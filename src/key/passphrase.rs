//! The passphrase of an encrypted key, requested once it is known to be needed, and at an acceptable cost.

use crate::key::error::KeyError;
use crate::secret::Secret;

/// Returns the passphrase of an encrypted key; `None` if there is none.
pub type Passphrase<'a> = &'a mut dyn FnMut() -> Result<Option<Secret>, KeyError>;

/// Requests it.
///
/// # Errors
/// [`KeyError::NeedsPassphrase`], or that of the request.
pub fn ask(passphrase: Passphrase<'_>) -> Result<Secret, KeyError> {
    passphrase()?.ok_or(KeyError::NeedsPassphrase)
}
