//! A password or a token that can be sent to the broker, once the guard has checked it.

pub mod check;
pub mod form;
pub mod inbound;
pub mod payload;
pub mod source;

mod blob;
mod bytes;
mod clean;
mod decode;
mod der;
mod inflate;
mod number;
mod path;
mod printout;
mod refusal;
mod search;
mod text;

use std::fmt;

pub use check::CheckContext;
pub use refusal::Refusal;

use crate::secret::Secret;
use crate::token::Fault;

/// A text that may log a device in, as far as can be determined without the broker.
pub struct Password {
    text: Secret,
    kind: PasswordKind,
    notes: Vec<Fault>,
}

/// The kind of a [`Password`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordKind {
    /// Any other text.
    Password,
    /// A JWT.
    Token,
}

impl Password {
    /// Accepts `text` unchanged, blanks included, unless it cannot log in or must not be sent.
    ///
    /// # Errors
    /// [`Refusal`]: a key in any encoding or the path of one, a hash, a token that I3 refuses (I3 facts §3), an empty
    /// text, one with a NUL, or one over 65,535 bytes.
    pub fn check(text: Secret, known: &CheckContext<'_>) -> Result<Password, Refusal> {
        let (kind, notes) = match check::check_text(text.expose(), known)? {
            check::Passed::Password => (PasswordKind::Password, Vec::new()),
            check::Passed::Token(notes) => (PasswordKind::Token, notes),
        };
        Ok(Password { text, kind, notes })
    }

    /// Returns the text, for the CONNECT packet or the registration.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Returns the text as a secret that can be kept.
    pub fn secret(&self) -> &Secret {
        &self.text
    }

    /// Returns whether it is a password or a token.
    pub fn kind(&self) -> PasswordKind {
        self.kind
    }

    /// Returns the faults of a token that the broker nevertheless accepts; empty for a password.
    pub fn notes(&self) -> &[Fault] {
        &self.notes
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
