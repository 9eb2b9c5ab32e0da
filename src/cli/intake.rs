//! Where values come in: each is checked once, and invisible characters in it are reported.
//!
//! Arguments are checked as they are parsed (`arguments`), settings of the environment before a command runs, secrets as they
//! are read. The configuration always checks itself.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::error::{CliError, ExitKind};
use super::ui::{Ui, capitalised, was_closed};
use crate::access;
use crate::catalogue::entry;
use crate::config::env;
use crate::fsio;
use crate::guard::inbound;
use crate::guard::source::{self, Content, Given, Origin, SourceError};
use crate::pkcs11;
use crate::secret::Secret;
use crate::text::hidden::{self, Hidden};

/// The kind of value of an environment variable, and so what can be wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// An address or a name, without hidden characters.
    Word,
    Path,
    /// A secret, which is checked when it is read.
    Secret,
    /// A variable that other programs use as well.
    Anything,
}

/// Every environment variable that this program reads, so that none is used unchecked.
pub const VARIABLES: &[(&str, Holds)] = &[
    (env::HOME, Holds::Path),
    (env::CONFIG, Holds::Path),
    (env::PROFILE, Holds::Word),
    (env::SYSTEM_CONFIG, Holds::Path),
    (env::MARKET, Holds::Word),
    (env::BROKER, Holds::Word),
    (env::API_KEY, Holds::Secret),
    (env::USER, Holds::Word),
    (env::LOGIN_PASSWORD, Holds::Secret),
    (env::DEVICE, Holds::Word),
    (env::PASSWORD, Holds::Secret),
    (env::BUYER, Holds::Word),
    (env::BUYER_PASSWORD, Holds::Secret),
    (env::AGENT, Holds::Path),
    (pkcs11::MODULE, Holds::Path),
    (env::ALLOW_LOOSE_PERMISSIONS, Holds::Word),
    (env::PROXY, Holds::Secret),
    (access::CREDENTIALS_DIRECTORY, Holds::Anything),
    ("HOME", Holds::Anything),
    ("XDG_CONFIG_HOME", Holds::Anything),
    ("XDG_DATA_HOME", Holds::Anything),
    ("XDG_STATE_HOME", Holds::Anything),
    ("HTTPS_PROXY", Holds::Anything),
    ("https_proxy", Holds::Anything),
    ("HTTP_PROXY", Holds::Anything),
    ("http_proxy", Holds::Anything),
    ("ALL_PROXY", Holds::Anything),
    ("all_proxy", Holds::Anything),
    ("NO_PROXY", Holds::Anything),
    ("no_proxy", Holds::Anything),
    ("LC_ALL", Holds::Anything),
    ("LC_CTYPE", Holds::Anything),
    ("LANG", Holds::Anything),
];

/// Checks the settings of the environment. Secrets are checked when they are read.
///
/// # Errors
/// A private key, or a value that cannot work: not UTF-8, or with a hidden character inside it.
pub fn environment(ui: &Ui) -> anyhow::Result<()> {
    for &(name, holds) in VARIABLES {
        let Some(value) = std::env::var_os(name).filter(|value| !value.is_empty()) else { continue };
        let origin = || Origin::Environment(name.into());
        let unusable = |hidden| SourceError::Unusable { origin: origin(), hidden };
        if holds != Holds::Secret {
            inbound::refuse_private_key(value.as_bytes(), origin())?;
        }
        match holds {
            Holds::Word => {
                let text = value.to_str().ok_or_else(|| SourceError::NotUtf8(origin()))?;
                let word = hidden::word(text).map_err(unusable)?;
                tell_left_out(ui, &origin(), &word.removed);
            }
            Holds::Path => {
                value.to_str().and_then(hidden::at_end).map_or(Ok(()), |hidden| Err(unusable(hidden)))?;
            }
            Holds::Secret | Holds::Anything => {}
        }
    }
    Ok(())
}

fn tell_left_out(ui: &Ui, origin: &Origin, removed: &[Hidden]) {
    if let Some(note) = source::left_out(origin, removed) {
        ui.warn(&format!("{note}."));
    }
}

/// Checks that there is a stdin, for a command that takes messages from there.
///
/// # Errors
/// It was closed when the program began.
pub fn check_stdin() -> anyhow::Result<()> {
    if !was_closed(std::io::stdin()) {
        return Ok(());
    }
    let failure = CliError::new(ExitKind::NoInput, "stdin cannot be read").because("it is closed");
    Err(failure.hint_of(entry!("file-unusable"), "give it what is to be read: by a pipe, or with `< FILE`").into())
}

/// Returns the secret, and reports invisible characters in it.
pub fn admit(ui: &Ui, given: Given) -> Secret {
    for note in &given.notes {
        ui.warn(&format!("{}.", capitalised(note)));
    }
    given.secret
}

/// Reads a secret from a file. If that is a terminal, such as /dev/stdin, `ask` asks for it, without showing it.
///
/// # Errors
/// As [`source::file`], or that of `ask`.
pub fn file(
    ui: &Ui,
    path: &Path,
    content: Content,
    ask: impl FnOnce() -> anyhow::Result<Option<Secret>>,
) -> anyhow::Result<Secret> {
    let typed = if fsio::is_terminal(path) { ask()? } else { None };
    typed.map_or_else(|| Ok(admit(ui, source::file(path, content)?)), Ok)
}

/// Reads a secret from stdin.
///
/// # Errors
/// As [`source::stdin`].
pub fn stdin(ui: &Ui, content: Content) -> Result<Secret, SourceError> {
    source::stdin(std::io::stdin().lock(), content).map(|given| admit(ui, given))
}

/// Reads a secret from an environment variable.
///
/// # Errors
/// As [`source::environment`].
pub fn variable(ui: &Ui, name: &str, content: Content) -> Result<Option<Secret>, SourceError> {
    Ok(source::environment(name, content)?.map(|given| admit(ui, given)))
}

/// Takes a secret that was typed.
///
/// # Errors
/// As [`source::typed`].
pub fn typed(ui: &Ui, secret: &Secret, content: Content) -> Result<Secret, SourceError> {
    source::typed(secret, content).map(|given| admit(ui, given))
}

/// Takes a name that was typed.
///
/// # Errors
/// A private key, or a hidden character inside it.
pub fn typed_name(ui: &Ui, text: &str) -> anyhow::Result<String> {
    inbound::refuse_private_key(text.as_bytes(), Origin::Terminal)?;
    let word = hidden::word(text).map_err(|hidden| SourceError::Hidden { origin: Origin::Terminal, hidden })?;
    tell_left_out(ui, &Origin::Terminal, &word.removed);
    Ok(word.text.into())
}
