//! Refuses a private key wherever a value comes in.

use std::fmt::Display;

use crate::guard::refusal::Refusal;
use crate::guard::search::{self, Scope};

/// Accepts bytes that hold no private key in any disguise. `what` names the value in the message.
///
/// # Errors
/// [`Refusal::PrivateKeyIn`].
pub fn refuse_private_key(bytes: &[u8], what: impl Display) -> Result<(), Refusal> {
    match search::find(bytes, Scope::Private) {
        Some(form) => Err(Refusal::PrivateKeyIn(what.to_string(), form)),
        None => Ok(()),
    }
}
