//! The guard: recognizes the kind of a text by its structure, before any socket opens.
//!
//! Keys are searched for anywhere in the text, so that no quote, prefix or line break hides one. The order is by harm:
//! private keys first, then tokens and hashes, public keys, paths of key files. Anything else is a password. So is an API
//! key of 40 hexadecimal digits, which looks like a random password, and a piece of a key that is only noise: the body of
//! an encrypted PEM or PuTTY key without its first lines, less than two numbers of an RSA key, or 32 bytes in base64: the name
//! before them (`PrivateKey =`) tells WireGuard's private key from its public one. So are keys in disguises that no key tool
//! produces: base58, which takes the square of its length to decode, and bzip2, xz or zstd, each of which would be one more
//! decompressor.
//!
//! `search` has the tables of what is tried: steps that clean a text, encodings, and marks of keys.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::guard::bytes::Bytes;
use crate::guard::form::KeyForm;
use crate::guard::refusal::Refusal;
use crate::guard::search::{self, Scope};
use crate::guard::{path, text};
use crate::key::PublicKey;
use crate::token::{Fault, Token};

/// Longest password that MQTT carries, in bytes (MQTT 3.1.1 §3.1.3.5).
pub const PASSWORD_MAX: usize = 65_535;

/// The context for checking a text.
#[derive(Debug, Clone, Copy)]
pub struct CheckContext<'a> {
    /// The key that the device was registered with; a token must be signed by it. `None`: signatures are not checked.
    pub device_key: Option<&'a PublicKey>,
    /// The time at which a token's times are checked.
    pub now: SystemTime,
}

/// An accepted text: a password, or a token with the faults that the broker accepts.
pub(super) enum Passed {
    Password,
    Token(Vec<Fault>),
}

/// Checks `given`, and the file that it names, if any.
pub(super) fn check_text(given: &str, known: &CheckContext<'_>) -> Result<Passed, Refusal> {
    if given.is_empty() {
        return Err(Refusal::Empty);
    }
    let key = search::find(given.as_bytes(), Scope::Either);
    if let Some(form) = key.filter(|form| form.kind.is_private()) {
        return Err(Refusal::PrivateKey(form));
    }
    // A token may carry its public key in its header, so tokens are checked before public keys.
    if let Some(faults) = check_token(given, known)? {
        return Ok(Passed::Token(faults));
    }
    if text::has_hash(given.as_bytes()) {
        return Err(Refusal::Hash);
    }
    if let Some(form) = key {
        return Err(Refusal::PublicKey(form));
    }
    match path::key_file(given) {
        Some(form) if form.kind.is_private() => return Err(Refusal::PrivateKeyPath(form)),
        Some(form) => return Err(Refusal::PublicKeyPath(form)),
        None => {}
    }
    if given.contains('\0') {
        return Err(Refusal::Nul);
    }
    if given.len() > PASSWORD_MAX {
        return Err(Refusal::TooLong(given.len()));
    }
    Ok(Passed::Password)
}

/// Returns the key in arbitrary bytes, such as a DER file; `None` if there is none.
pub fn check_bytes(bytes: &[u8]) -> Option<Refusal> {
    search::find(bytes, Scope::Either).map(|form| match form.kind.is_private() {
        true => Refusal::PrivateKey(form),
        false => Refusal::PublicKey(form),
    })
}

/// Searches arguments for a private key, before a message can repeat it.
///
/// Each argument is checked, and all of them as one text: an unquoted `$(cat key.pem)` becomes many arguments. No file is
/// opened, and public keys, tokens and hashes are not searched for.
pub fn scan_argv<'a>(args: impl IntoIterator<Item = &'a OsStr>) -> Option<Refusal> {
    let args: Vec<&OsStr> = args.into_iter().collect();
    let mut all = Bytes::with_capacity(args.iter().map(|arg| arg.len() + 1).sum());
    let mut found: Option<KeyForm> = None;
    for arg in args {
        found = found.or_else(|| search::find(arg.as_bytes(), Scope::Private));
        all.extend_from_slice(arg.as_bytes());
        all.push(b'\n');
    }
    // Whole joined lines identify the kind better than the first word alone.
    search::find(&all, Scope::Private).or(found).map(Refusal::PrivateKeyOnCommandLine)
}

/// Returns whether `text` holds a token, a hash or a key, and must not be repeated in a message as a file name.
pub(super) fn is_credential(text: &[u8]) -> bool {
    let token = || std::str::from_utf8(text).is_ok_and(|text| words(text).any(begins_like_token));
    search::find(text, Scope::Either).is_some() || text::has_hash(text) || token()
}

/// Returns the accepted faults of the token `given`; `None` if it is not a token.
fn check_token(given: &str, known: &CheckContext<'_>) -> Result<Option<Vec<Fault>>, Refusal> {
    let Some(token) = Token::parse(given) else {
        let mut without_blanks = Zeroizing::new(String::with_capacity(given.len()));
        without_blanks.extend(given.split_whitespace());
        return if words(given).chain(words(&without_blanks)).any(|word| Token::parse(word).is_some()) {
            Err(Refusal::TokenWithExtraText)
        } else if words(given).any(begins_like_token) {
            Err(Refusal::BrokenToken)
        } else {
            Ok(None)
        };
    };
    let (refused, notes): (Vec<_>, Vec<_>) = token.faults(known.now).into_iter().partition(Fault::is_refused);
    if let Some(fault) = refused.into_iter().next() {
        return Err(Refusal::Token(without_token_text(fault)));
    }
    if known.device_key.is_some_and(|key| !token.signed_by(key)) {
        return Err(Refusal::ForeignToken);
    }
    if given.len() > PASSWORD_MAX {
        return Err(Refusal::TooLong(given.len()));
    }
    Ok(Some(notes))
}

/// Returns the parts of `text` that could be a token: letters, digits, `-`, `_` and dots.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))).filter(|word| word.contains('.'))
}

/// Returns whether the first part of `word` is a token's header.
fn begins_like_token(word: &str) -> bool {
    let header = word.split('.').next().unwrap_or_default();
    // If body and signature are valid, only the header decides.
    Token::parse(&format!("{header}.e30.AAAA")).is_some()
}

/// Returns the fault without the token's own words: its algorithm may be any text.
fn without_token_text(fault: Fault) -> Fault {
    const ALGORITHMS: [&str; 13] = [
        "none", "HS256", "HS384", "HS512", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512",
        "EdDSA",
    ];
    match fault {
        Fault::Algorithm(name) if !ALGORITHMS.contains(&name.as_str()) => Fault::Algorithm("unknown".into()),
        fault => fault,
    }
}
