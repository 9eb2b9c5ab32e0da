//! A PIN, and a token's information about the remaining tries.

use std::fmt;

use crate::secret::Secret;

/// A PIN as given.
pub struct Pin {
    pub secret: Secret,
    /// Whether the person has typed it for this purpose: only then is it used for the last try.
    pub typed: bool,
}

/// What is known about the remaining tries until the token locks the PIN: its flags give no number (PKCS #11 v2.40,
/// `CK_TOKEN_INFO`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tries {
    /// The token does not say.
    Unknown,
    /// `CKF_USER_PIN_COUNT_LOW`.
    Few,
    /// `CKF_USER_PIN_FINAL_TRY`.
    Last,
    /// `CKF_USER_PIN_LOCKED`.
    None,
}

impl fmt::Display for Tries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tries::Unknown => "the token does not say how many tries are left",
            Tries::Few => "a wrong PIN was given before, and few tries are left until the token locks it",
            Tries::Last => "one try is left: another wrong PIN locks the token",
            Tries::None => "no try is left: the token has locked the PIN",
        })
    }
}
