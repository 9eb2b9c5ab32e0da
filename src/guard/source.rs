//! Reads a secret from a file, standard input, the environment, an option or the terminal.
//!
//! All sources are checked in one place: a private key never passes, nor does UTF-16, and invisible characters
//! are reported. From a password only one line end is removed, as editors and `echo` write it into files and standard
//! input, and a byte order mark before it: any other character may be intended.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::access;
use crate::fsio;
use crate::guard::check::{self, PASSWORD_MAX};
use crate::guard::inbound;
use crate::guard::refusal::Refusal;
use crate::secret::Secret;
use crate::text::hidden::{self, Hidden, Place};

/// Where a secret was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file, named by an option or the configuration.
    File(PathBuf),
    Stdin,
    /// An environment variable, by its name.
    Environment(String),
    /// An option's value.
    Option,
    /// The value of an argument that takes no secret, by the argument's name.
    Argument(String),
    /// Typed by a person.
    Terminal,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(f, "the file {}", path.display()),
            Origin::Stdin => f.write_str("standard input"),
            Origin::Environment(name) => write!(f, "the environment variable {name}"),
            Origin::Option => f.write_str("the option's value"),
            Origin::Argument(name) => write!(f, "the value of {name}"),
            Origin::Terminal => f.write_str("what was typed"),
        }
    }
}

/// Why a secret could not be read. No variant repeats any of it.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened or read.
    #[error("{origin} cannot be read")]
    Read { origin: Origin, source: io::Error },
    /// The file does not exist, and its name is itself a secret.
    #[error("the given file name is itself a key, a token or a hash")]
    SecretAsName,
    /// Group or others may read the file, as with key files; the remedy is `chmod 600`.
    #[error("the file {path} can be read by others (mode {mode:04o})", path = .path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    /// Over 65,535 bytes, the most that MQTT carries.
    #[error("{0} is longer than 65,535 bytes, the longest possible password")]
    TooLong(Origin),
    /// Neither UTF-8 nor a key.
    #[error("{0} is not UTF-8 text")]
    NotUtf8(Origin),
    /// UTF-16, as PowerShell writes a file: no secret works in that encoding.
    #[error("{0} is UTF-16 text, not UTF-8")]
    Utf16(Origin),
    /// An invisible character that such a secret cannot have. At an end of a variable it is usually a mistake; a
    /// file or standard input can hold such a password.
    #[error("{origin} has {hidden}")]
    Hidden { origin: Origin, hidden: Hidden },
    /// A setting or an argument has an invisible character at an end of a path, or inside an address or a name.
    #[error("{origin} has {hidden}")]
    Unusable { origin: Origin, hidden: Hidden },
    /// A private key, or not UTF-8 but a public one, such as a DER file.
    #[error(transparent)]
    Refused(Refusal),
}

/// The kind of a secret, and so which characters it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// A device's password, or a passphrase: any character can be intended.
    Password,
    /// The password of an account at the marketplace: any but a line end and a NUL, which no browser sends from its form.
    AccountPassword,
    /// An API key: white space and invisible characters are removed at its ends, and are never inside it.
    Key,
    /// Text that the caller searches: it is unchanged, except for one line feed at its end.
    Text,
}

/// A secret as received.
#[derive(Debug)]
#[must_use]
pub struct Given {
    pub secret: Secret,
    /// Notes for the user about invisible characters: sentences without a full stop.
    pub notes: Vec<String>,
}

/// Reads a file of mode 0600 or stricter; the mode of a pipe (`<(pass show lot1)`) does not matter.
///
/// # Errors
/// [`SourceError`]; a file that is larger than any password is not read to its end.
pub fn file(path: &Path, content: Content) -> Result<Given, SourceError> {
    let (file, exposed) = open(path)?;
    if let Some(mode) = exposed {
        return Err(SourceError::OpenToOthers { path: path.into(), mode });
    }
    read(file, Origin::File(path.into()), content)
}

/// Opens a file that may hold a secret. Returns its mode as well, if others can read it.
///
/// # Errors
/// [`SourceError::Read`], [`SourceError::SecretAsName`].
pub fn open(path: &Path) -> Result<(File, Option<u32>), SourceError> {
    let failed = |source| SourceError::Read { origin: Origin::File(path.into()), source };
    let file = File::open(path).map_err(|e| match check::is_credential(path.as_os_str().as_bytes()) {
        true => SourceError::SecretAsName,
        false => failed(e),
    })?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    Ok((file, access::exposed_secret(path, &metadata)))
}

/// Reads all of `stdin`.
///
/// # Errors
/// [`SourceError`].
pub fn stdin(stdin: impl Read, content: Content) -> Result<Given, SourceError> {
    read(stdin, Origin::Stdin, content)
}

/// Returns the environment variable `name`; `None` if it is not set, or empty.
///
/// # Errors
/// [`SourceError::NotUtf8`], [`SourceError::Refused`], [`SourceError::Hidden`].
pub fn environment(name: &str, content: Content) -> Result<Option<Given>, SourceError> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    let given = value.map(|value| settle(value.as_bytes(), Origin::Environment(name.into()), content)).transpose()?;
    // The ends of a key may be missing.
    Ok(given.filter(|given| !given.secret.expose().is_empty()))
}

/// Returns an option's value.
///
/// # Errors
/// [`SourceError::NotUtf8`], [`SourceError::Refused`].
pub fn option(value: &OsStr, content: Content) -> Result<Given, SourceError> {
    settle(value.as_bytes(), Origin::Option, content)
}

/// Returns the warning about a password in a file that holds more than that; `what` names it.
pub fn note_on(what: String, password: &Secret) -> Option<String> {
    note(&Origin::Argument(what), &hidden::find(password.expose()), "kept as part of it")
}

/// Returns the typed text.
///
/// # Errors
/// [`SourceError::Refused`], [`SourceError::Hidden`].
pub fn typed(secret: &Secret, content: Content) -> Result<Given, SourceError> {
    settle(secret.expose().as_bytes(), Origin::Terminal, content)
}

fn read(input: impl Read, origin: Origin, content: Content) -> Result<Given, SourceError> {
    // The longest password, what is removed around it, and one more byte to detect a longer one. The buffer
    // never grows, because the old one would not be wiped.
    const MOST: usize = PASSWORD_MAX + fsio::BYTE_ORDER_MARK.len() + 3;
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
    if let Err(source) = input.take(MOST as u64).read_to_end(&mut bytes) {
        // How a closed stdin is read (see main.rs).
        let is_closed = origin == Origin::Stdin && source.kind() == io::ErrorKind::InvalidInput;
        let source = if is_closed { io::Error::other("it is closed") } else { source };
        return Err(SourceError::Read { origin, source });
    }
    settle(&bytes, origin, content)
}

/// The check of every secret.
fn settle(bytes: &[u8], origin: Origin, content: Content) -> Result<Given, SourceError> {
    // A private key matters more than anything else.
    inbound::refuse_private_key(bytes, &origin).map_err(SourceError::Refused)?;
    if hidden::is_utf16(bytes) {
        return Err(SourceError::Utf16(origin));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(check::check_bytes(bytes).map_or(SourceError::NotUtf8(origin), SourceError::Refused));
    };
    let (text, removed) = without_marks(text, &origin, content);
    if text.len() > PASSWORD_MAX {
        return Err(check::check_bytes(text.as_bytes()).map_or(SourceError::TooLong(origin), SourceError::Refused));
    }
    if content == Content::Text {
        return Ok(Given { secret: Secret::new(text), notes: Vec::new() });
    }
    if content == Content::Key {
        let word = match hidden::word(text) {
            Ok(word) => word,
            Err(hidden) => return Err(SourceError::Hidden { origin, hidden }),
        };
        let notes = left_out(&origin, &[removed, word.removed].concat());
        return Ok(Given { secret: Secret::new(word.text), notes: notes.into_iter().collect() });
    }
    let kept = hidden::find(text);
    if let Some(hidden) = kept.iter().find(|hidden| is_impossible(**hidden, &origin, content)) {
        // A public key ends with a line end, too, but being a public key matters more.
        let refusal = check::check_bytes(text.as_bytes()).map(SourceError::Refused);
        return Err(refusal.unwrap_or(SourceError::Hidden { origin, hidden: *hidden }));
    }
    let notes = [left_out(&origin, &removed), note(&origin, &kept, "kept as part of it")];
    Ok(Given { secret: Secret::new(text), notes: notes.into_iter().flatten().collect() })
}

/// Removes a byte order mark and, where editors and `echo` write one, one line end. A line feed alone is not reported.
fn without_marks<'a>(text: &'a str, origin: &Origin, content: Content) -> (&'a str, Vec<Hidden>) {
    let mut removed = Vec::new();
    let mut rest = text;
    if let Some(after) = text.strip_prefix('\u{feff}').filter(|_| content != Content::Text) {
        removed.push(Hidden { character: '\u{feff}', place: Place::Start });
        rest = after;
    }
    if matches!(origin, Origin::File(_) | Origin::Stdin)
        && let Some(line) = rest.strip_suffix('\n')
    {
        rest = line;
        if let Some(line) = line.strip_suffix('\r').filter(|_| content != Content::Text) {
            removed.push(Hidden { character: '\r', place: Place::End });
            rest = line;
        }
    }
    (rest, removed)
}

/// Whether a secret from this source cannot have this character.
fn is_impossible(hidden: Hidden, origin: &Origin, content: Content) -> bool {
    let is_at_end = matches!(hidden.place, Place::Start | Place::End);
    let is_slip = matches!(origin, Origin::Environment(_)) && is_at_end;
    // The broker reads a password up to its first NUL; the guard has its own message for it.
    let is_unsendable = content == Content::AccountPassword && matches!(hidden.character, '\n' | '\r' | '\0');
    is_slip || is_unsendable
}

/// Returns a sentence, without a full stop, about what was removed from a value, if anything.
pub fn left_out(origin: &Origin, removed: &[Hidden]) -> Option<String> {
    note(origin, removed, "left out")
}

fn note(origin: &Origin, hidden: &[Hidden], treatment: &str) -> Option<String> {
    (!hidden.is_empty()).then(|| format!("{origin} has {}: {treatment}", hidden::named(hidden)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsio::{Existing, FileAccess, write_whole};

    fn folder() -> PathBuf {
        let dir = std::env::temp_dir().join(format!("i3-source-{:x}", rand::random::<u64>()));
        fsio::create_private_dir(&dir).unwrap();
        dir
    }

    #[test]
    fn one_line_end_is_taken_off_and_nothing_else() {
        for (given, expected) in [
            ("secret", "secret"),
            ("secret\n", "secret"),
            ("secret\r\n", "secret"),
            ("secret\n\n", "secret\n"),
            (" secret \t\n", " secret \t"),
            ("secret\r", "secret\r"),
            ("\u{feff}secret\r\n", "secret"),
            ("\u{feff}\u{feff}secret", "\u{feff}secret"),
            ("sec\u{feff}ret", "sec\u{feff}ret"),
            ("", ""),
        ] {
            let read = stdin(given.as_bytes(), Content::Password).unwrap();
            assert_eq!(read.secret.expose(), expected, "{given:?}");
        }
        assert_eq!(option(OsStr::new("secret\n"), Content::Password).unwrap().secret.expose(), "secret\n");
    }

    #[test]
    fn reading_is_bounded() {
        let longest = "x".repeat(PASSWORD_MAX);
        let read = |text: &str| stdin(text.as_bytes(), Content::Password);
        assert_eq!(read(&format!("{longest}\r\n")).unwrap().secret.expose(), longest);
        for more in [format!("{longest}x"), format!("{longest}x\n"), "x".repeat(1 << 20)] {
            assert!(matches!(read(&more), Err(SourceError::TooLong(Origin::Stdin))));
        }
        assert!(matches!(stdin(io::repeat(b'x'), Content::Password), Err(SourceError::TooLong(_))));
    }

    #[test]
    fn a_file_that_others_read_is_refused() {
        let dir = folder();
        let path = dir.join("pw");
        write_whole(&path, b"secret\n", FileAccess::Owner, Existing::Replace).unwrap();
        assert_eq!(file(&path, Content::Password).unwrap().secret.expose(), "secret");
        write_whole(&path, b"secret\n", FileAccess::Everyone, Existing::Replace).unwrap();
        let refused = file(&path, Content::Password).unwrap_err();
        assert!(matches!(refused, SourceError::OpenToOthers { mode: 0o644, .. }), "{refused}");
        assert!(matches!(file(&dir, Content::Password), Err(SourceError::Read { .. })));
        assert!(matches!(file(&dir.join("none"), Content::Password), Err(SourceError::Read { .. })));
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn what_is_not_utf8_is_named_if_it_is_a_key() {
        let der = pem::parse(crate::key::PrivateKey::generate(2048).unwrap().to_pem().unwrap().as_bytes()).unwrap();
        let refused = stdin(der.contents(), Content::Password).unwrap_err();
        assert!(matches!(refused, SourceError::Refused(Refusal::PrivateKeyIn(..))), "{refused}");
        assert!(matches!(stdin(&b"gr\xfc\xdfe"[..], Content::Password), Err(SourceError::NotUtf8(Origin::Stdin))));
        assert!(matches!(
            option(OsStr::from_bytes(b"\xff"), Content::Password),
            Err(SourceError::NotUtf8(Origin::Option))
        ));
    }

    #[test]
    fn a_secret_given_as_the_name_of_a_file_is_not_repeated() {
        let token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4In0.AAAA";
        assert!(matches!(file(Path::new(token), Content::Password), Err(SourceError::SecretAsName)));
        assert!(matches!(
            file(Path::new("PBKDF2$sha256$901$c2FsdA==$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5"), Content::Password),
            Err(SourceError::SecretAsName)
        ));
    }

    /// Returns the secret and its notes, or why the text is refused.
    fn settled(text: &str, origin: Origin, content: Content) -> String {
        match settle(text.as_bytes(), origin, content) {
            Ok(Given { secret, notes }) => format!("{:?} {}", secret.expose(), notes.join("; ")).trim_end().into(),
            Err(e) => format!("refused: {e}"),
        }
    }

    #[test]
    fn what_cannot_be_seen_is_told_with_its_place_and_refused_where_it_can_never_work() {
        use Content::{AccountPassword, Key, Password, Text};
        let variable = || Origin::Environment("I3_PASSWORD".into());
        for (text, origin, content, result) in [
            ("pw\n", Origin::Stdin, Password, "\"pw\""),
            ("two words", variable(), Password, "\"two words\""),
            (
                "\u{feff}pw\r\n",
                Origin::Stdin,
                Password,
                "\"pw\" standard input has a byte order mark (U+FEFF) at its beginning, a carriage return (U+000D) at its end: \
                 left out",
            ),
            (
                "pw \n\n",
                Origin::Stdin,
                Password,
                "\"pw \\n\" standard input has a blank (U+0020) at its end, a line feed (U+000A) at its end: kept as \
                 part of it",
            ),
            (
                "p\u{a0}w",
                Origin::Terminal,
                Password,
                "\"p\\u{a0}w\" what was typed has a no-break space (U+00A0) as character 2: kept as part of it",
            ),
            (
                "pw\r",
                variable(),
                Password,
                "refused: the environment variable I3_PASSWORD has a carriage return (U+000D) at its end",
            ),
            (
                "p\u{a0}w",
                variable(),
                Password,
                "\"p\\u{a0}w\" the environment variable I3_PASSWORD has a no-break space (U+00A0) as character 2: kept \
                 as part of it",
            ),
            ("pw\n\n", Origin::Stdin, AccountPassword, "refused: standard input has a line feed (U+000A) at its end"),
            (
                " 0123\u{200b}\r\n\n",
                Origin::Stdin,
                Key,
                "\"0123\" standard input has a blank (U+0020) at its beginning, a zero-width space (U+200B) at its end, a \
                 carriage return (U+000D) at its end, and 1 more: left out",
            ),
            ("01\u{a0}23", Origin::Stdin, Key, "refused: standard input has a no-break space (U+00A0) as character 3"),
            ("\u{feff} a\r\n", Origin::Stdin, Text, "\"\\u{feff} a\\r\""),
            (
                "\u{feff}pw",
                Origin::Option,
                Password,
                "\"pw\" the option's value has a byte order mark (U+FEFF) at its beginning: left out",
            ),
        ] {
            assert_eq!(settled(text, origin, content), result, "{text:?}");
        }
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = "hunter2\r\n".encode_utf16().flat_map(order).collect();
            for content in [Password, AccountPassword, Key, Text] {
                assert!(matches!(stdin(bytes.as_slice(), content), Err(SourceError::Utf16(Origin::Stdin))));
            }
        }
    }

    #[test]
    fn no_kind_of_secret_is_a_private_key() {
        let pem = crate::key::PrivateKey::generate(2048).unwrap().to_pem().unwrap();
        for content in [Content::Password, Content::AccountPassword, Content::Key, Content::Text] {
            for origin in [Origin::Stdin, Origin::Option, Origin::Terminal, Origin::Environment("I3_PASSWORD".into())] {
                let says = settled(&pem, origin.clone(), content);
                assert!(says.starts_with(&format!("refused: {origin}: this is a private key")), "{says}");
            }
        }
    }

    #[test]
    fn a_variable_that_is_not_set_is_none() {
        assert!(environment("I3_NEVER_SET_ANYWHERE", Content::Password).unwrap().is_none());
    }
}
