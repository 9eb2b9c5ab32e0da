//! What stands where a password belongs: a password or a token, and only if the guard let it through.

pub mod check;
pub mod form;
pub mod source;

mod der;
mod path;
mod refusal;
mod search;
mod text;

use std::fmt;
use std::time::SystemTime;

pub use refusal::Refusal;

use crate::key::PublicKey;
use crate::secret::Secret;
use crate::token::Fault;

/// A text that can log a device in, as far as can be told without asking the broker.
pub struct Password {
    text: Secret,
    kind: PasswordKind,
    notes: Vec<Fault>,
}

/// What a [`Password`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordKind {
    /// Any text that is nothing else.
    Password,
    /// A JWT.
    Token,
}

/// What is known when a text is looked at.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// The key that the device was registered with; a token must be signed by it. `None`: signatures are not looked at.
    pub device_key: Option<&'a PublicKey>,
    /// The time that a token's times are held against.
    pub now: SystemTime,
}

impl Password {
    /// Lets `text` through as it is, to the last blank, unless it is something that cannot log in or must not be sent.
    ///
    /// # Errors
    /// [`Refusal`]: a key in any dress or the path of one, a hash, a token that I3 refuses (I3 facts §3), an empty
    /// text, one with a NUL, or one over 65,535 bytes.
    pub fn check(text: Secret, known: &CheckContext<'_>) -> Result<Password, Refusal> {
        let (kind, notes) = match check::check_text(text.expose(), known)? {
            check::Passed::Password => (PasswordKind::Password, Vec::new()),
            check::Passed::Token(notes) => (PasswordKind::Token, notes),
        };
        Ok(Password { text, kind, notes })
    }

    /// The text itself, for the CONNECT packet or the registration.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The text as a secret that can be kept.
    pub fn secret(&self) -> &Secret {
        &self.text
    }

    /// Whether it is a password or a token.
    pub fn kind(&self) -> PasswordKind {
        self.kind
    }

    /// What speaks against a token that the broker takes all the same; empty for a password.
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
