//! Reads a secret from a file, standard input, the environment or an option.
//!
//! Exactly one line end, as editors and `echo` write it, is removed from files and standard input, and a byte order mark before
//! the text; nothing else is changed.

use std::ffi::OsStr;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::fsio;
use crate::guard::check::{self, PASSWORD_MAX};
use crate::guard::refusal::Refusal;
use crate::secret::Secret;

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
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(f, "the file {}", path.display()),
            Origin::Stdin => f.write_str("standard input"),
            Origin::Environment(name) => write!(f, "the environment variable {name}"),
            Origin::Option => f.write_str("the option's value"),
        }
    }
}

/// Why a secret could not be read. No variant repeats any of it.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened or read.
    #[error("{origin} cannot be read")]
    Read { origin: Origin, source: io::Error },
    /// The file does not exist, and its name is a secret itself.
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
    /// White space at an end of a variable: a slip more often than not, and not to be seen. A file or standard input can hold
    /// such a password.
    #[error("{0} begins or ends with white space")]
    Blanks(Origin),
    /// Not UTF-8 but a key, such as a DER file.
    #[error(transparent)]
    Refused(Refusal),
}

/// Reads a file of mode 0600 or stricter; the mode of a pipe (`<(pass show lot1)`) does not matter.
///
/// # Errors
/// [`SourceError`]; a file that is larger than any password is not read to its end.
pub fn file(path: &Path) -> Result<Secret, SourceError> {
    let origin = || Origin::File(path.into());
    let failed = |source| SourceError::Read { origin: origin(), source };
    let file = File::open(path).map_err(|e| match check::is_credential(path.as_os_str().as_bytes()) {
        true => SourceError::SecretAsName,
        false => failed(e),
    })?;
    let metadata = file.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    if metadata.is_file() && fsio::is_group_or_world_accessible(&metadata) {
        let mode = metadata.permissions().mode() & 0o7777;
        return Err(SourceError::OpenToOthers { path: path.into(), mode });
    }
    read(file, origin())
}

/// Reads all of `stdin`.
///
/// # Errors
/// [`SourceError`].
pub fn stdin(stdin: impl Read) -> Result<Secret, SourceError> {
    read(stdin, Origin::Stdin)
}

/// Returns the environment variable `name`; `None` if it is not set, or empty.
///
/// # Errors
/// [`SourceError::NotUtf8`], [`SourceError::Refused`], [`SourceError::Blanks`].
pub fn environment(name: &str) -> Result<Option<Secret>, SourceError> {
    let Some(secret) = variable(name)? else { return Ok(None) };
    if has_blanks(&secret) {
        // A key ends with a line end; that it is one matters more.
        let refusal = check::check_bytes(secret.expose().as_bytes());
        return Err(refusal.map_or(SourceError::Blanks(Origin::Environment(name.into())), SourceError::Refused));
    }
    Ok(Some(secret))
}

/// As [`environment`], for a secret that never has white space at an end: it is removed.
///
/// # Errors
/// [`SourceError::NotUtf8`], [`SourceError::Refused`].
pub fn environment_trimmed(name: &str) -> Result<Option<Secret>, SourceError> {
    Ok(variable(name)?.map(|secret| trimmed(&secret)).filter(|secret| !secret.expose().is_empty()))
}

/// Returns a secret that never has white space at an end without it.
pub fn trimmed(secret: &Secret) -> Secret {
    Secret::new(secret.expose().trim())
}

fn has_blanks(secret: &Secret) -> bool {
    secret.expose().trim() != secret.expose()
}

fn variable(name: &str) -> Result<Option<Secret>, SourceError> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty());
    value.map(|value| decode(value.as_bytes(), Origin::Environment(name.into()))).transpose()
}

/// Returns an option's value.
///
/// # Errors
/// [`SourceError::NotUtf8`], [`SourceError::Refused`].
pub fn option(value: &OsStr) -> Result<Secret, SourceError> {
    decode(value.as_bytes(), Origin::Option)
}

fn read(input: impl Read, origin: Origin) -> Result<Secret, SourceError> {
    // The longest password, what is removed before and behind it, and one byte more that tells a longer one. The buffer
    // never grows, for what it left behind would not be wiped.
    const MOST: usize = PASSWORD_MAX + fsio::BYTE_ORDER_MARK.len() + 3;
    let mut bytes = Zeroizing::new(Vec::with_capacity(MOST + 1));
    if let Err(source) = input.take(MOST as u64).read_to_end(&mut bytes) {
        // How a stdin that was closed is read (see main.rs).
        let is_closed = origin == Origin::Stdin && source.kind() == io::ErrorKind::InvalidInput;
        let source = if is_closed { io::Error::other("it is closed") } else { source };
        return Err(SourceError::Read { origin, source });
    }
    let line = bytes.strip_suffix(b"\n").map_or(bytes.as_slice(), |line| line.strip_suffix(b"\r").unwrap_or(line));
    let line = line.strip_prefix(fsio::BYTE_ORDER_MARK).unwrap_or(line);
    if line.len() > PASSWORD_MAX {
        return Err(check::check_bytes(line).map_or(SourceError::TooLong(origin), SourceError::Refused));
    }
    decode(line, origin)
}

fn decode(bytes: &[u8], origin: Origin) -> Result<Secret, SourceError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Secret::new(text)),
        Err(_) => Err(check::check_bytes(bytes).map_or(SourceError::NotUtf8(origin), SourceError::Refused)),
    }
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
            assert_eq!(stdin(given.as_bytes()).unwrap().expose(), expected, "{given:?}");
        }
        assert_eq!(option(OsStr::new("secret\n")).unwrap().expose(), "secret\n");
    }

    #[test]
    fn reading_is_bounded() {
        let longest = "x".repeat(PASSWORD_MAX);
        assert_eq!(stdin(format!("{longest}\r\n").as_bytes()).unwrap().expose(), longest);
        for more in [format!("{longest}x"), format!("{longest}x\n"), "x".repeat(1 << 20)] {
            assert!(matches!(stdin(more.as_bytes()), Err(SourceError::TooLong(Origin::Stdin))));
        }
        assert!(matches!(stdin(io::repeat(b'x')), Err(SourceError::TooLong(_))));
    }

    #[test]
    fn a_file_that_others_read_is_refused() {
        let dir = folder();
        let path = dir.join("pw");
        write_whole(&path, b"secret\n", FileAccess::Owner, Existing::Replace).unwrap();
        assert_eq!(file(&path).unwrap().expose(), "secret");
        write_whole(&path, b"secret\n", FileAccess::Everyone, Existing::Replace).unwrap();
        let refused = file(&path).unwrap_err();
        assert!(matches!(refused, SourceError::OpenToOthers { mode: 0o644, .. }), "{refused}");
        assert!(matches!(file(&dir), Err(SourceError::Read { .. })));
        assert!(matches!(file(&dir.join("none")), Err(SourceError::Read { .. })));
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn what_is_not_utf8_is_named_if_it_is_a_key() {
        let der = pem::parse(crate::key::PrivateKey::generate(2048).unwrap().to_pem().unwrap().as_bytes()).unwrap();
        let refused = stdin(der.contents()).unwrap_err();
        assert!(matches!(refused, SourceError::Refused(Refusal::PrivateKey(_))), "{refused}");
        assert!(matches!(stdin(&b"gr\xfc\xdfe"[..]), Err(SourceError::NotUtf8(Origin::Stdin))));
        assert!(matches!(option(OsStr::from_bytes(b"\xff")), Err(SourceError::NotUtf8(Origin::Option))));
    }

    #[test]
    fn a_secret_given_as_the_name_of_a_file_is_not_repeated() {
        let token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4In0.AAAA";
        assert!(matches!(file(Path::new(token)), Err(SourceError::SecretAsName)));
        assert!(matches!(
            file(Path::new("PBKDF2$sha256$901$c2FsdA==$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5")),
            Err(SourceError::SecretAsName)
        ));
    }

    #[test]
    fn white_space_at_an_end_is_seen() {
        for value in ["secret ", " secret", "secret\r", "secret\n", "\tsecret", " ", "secret\u{a0}"] {
            assert!(has_blanks(&Secret::new(value)), "{value:?}");
        }
        assert!(!has_blanks(&Secret::new("two words")));
        assert_eq!(trimmed(&Secret::new(" key\r\n")).expose(), "key");
    }

    #[test]
    fn a_variable_that_is_not_set_is_none() {
        assert!(environment("I3_NEVER_SET_ANYWHERE").unwrap().is_none());
    }
}
