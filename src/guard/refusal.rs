//! Why a text is refused as a password: its kind, without any of its characters.

use crate::catalogue::{Entry, entry};
use crate::guard::form::KeyForm;
use crate::token::Fault;

/// The kind of text given as a password. Neither `Display` nor `Debug` reveals any of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A private key, or enough of one to recognize it.
    #[error("this is a private key ({0}), not a password")]
    PrivateKey(KeyForm),
    /// The path of a file that holds a private key.
    #[error("this is the path of a private key ({0}), not a password")]
    PrivateKeyPath(KeyForm),
    /// A private key is among the arguments of the command.
    #[error("a private key ({0}) is on the command line, where other users of this machine can read it")]
    PrivateKeyOnCommandLine(KeyForm),
    /// A private key is in a value that is sent or shown: where, in words.
    #[error("{0}: this is a private key ({1}), which is never sent or shown")]
    PrivateKeyIn(String, KeyForm),
    /// A private key is in a message, which everyone who bought the topic would receive.
    #[error("the message holds a private key ({0})")]
    PrivateKeyInMessage(KeyForm),
    /// A public key or a certificate.
    #[error("this is a public key ({0}), not a password")]
    PublicKey(KeyForm),
    /// The path of a file that holds a public key or a certificate.
    #[error("this is the path of a public key ({0}), not a password")]
    PublicKeyPath(KeyForm),
    /// A hash as I3 stores it; the broker expects what it was made from (I3 facts §3).
    #[error("this is the PBKDF2 hash of a password, and the broker accepts only the password itself")]
    Hash,
    /// A token that I3's broker refuses: [`Fault::is_refused`].
    #[error("I3 refuses this token: {0}")]
    Token(Fault),
    /// A token that the device's key did not sign.
    #[error("this token was not signed by the device's key, or it was altered or truncated")]
    ForeignToken,
    /// A token with quotes, a name, blanks or line breaks around or inside it.
    #[error("this is a token with other characters around or inside it, so the broker cannot read it")]
    TokenWithExtraText,
    /// A text that begins like a token but is not one.
    #[error("this begins like a token but is incomplete")]
    BrokenToken,
    /// Clients then send no password, and I3's broker accepts such a connection but delivers nothing (I3 facts §4).
    #[error("the password is empty: the broker would accept the connection and deliver nothing")]
    Empty,
    /// The broker reads a password up to its first NUL.
    #[error("the password contains a NUL character, and the broker reads only what precedes it")]
    Nul,
    /// Over 65,535 bytes, the most that MQTT carries (MQTT 3.1.1 §1.5.3): its length.
    #[error("the password has {0} bytes, and MQTT carries at most 65,535")]
    TooLong(usize),
}

impl Refusal {
    /// Returns its entry of the catalogue.
    pub fn entry(&self) -> &'static Entry {
        match self {
            Refusal::PrivateKey(_) | Refusal::PrivateKeyPath(_) | Refusal::PrivateKeyIn(..) => {
                entry!("private-key-as-password")
            }
            Refusal::PrivateKeyInMessage(_) => entry!("private-key-in-message"),
            Refusal::PrivateKeyOnCommandLine(_) => entry!("private-key-on-command-line"),
            Refusal::PublicKey(_) | Refusal::PublicKeyPath(_) => entry!("public-key-as-password"),
            Refusal::Hash => entry!("hash-as-password"),
            Refusal::Token(Fault::StrayBlanks) | Refusal::TokenWithExtraText | Refusal::BrokenToken => {
                entry!("token-blanks")
            }
            Refusal::Token(Fault::Expired(_)) => entry!("token-expired"),
            Refusal::Token(_) => entry!("token-claims"),
            Refusal::ForeignToken => entry!("token-foreign"),
            Refusal::Empty => entry!("no-credentials"),
            Refusal::Nul | Refusal::TooLong(_) => entry!("password-unsendable"),
        }
    }
}
