//! An error that a command reports itself, and the description of any error: its kind and its hint.

use std::fmt;
use std::time::Duration;

use super::kind::ExitKind;
use crate::catalogue::Entry;
use crate::shell;
use crate::tcp::http::told_time;

/// The description of any error: its kind, its entry of the catalogue, and the remedy.
pub type Policy = (ExitKind, Hint);

/// The kind, and an entry of the catalogue.
pub fn with(kind: ExitKind, entry: &'static Entry) -> Policy {
    filled(kind, entry, entry.remedy)
}

/// The kind, and an entry of the catalogue with values filled into its remedy.
pub fn filled(kind: ExitKind, entry: &'static Entry, remedy: impl Into<String>) -> Policy {
    (kind, Hint { entry, text: remedy.into(), retry_after: None })
}

/// Returns the remedy of an answer that names a time to wait, for `who` gave it.
pub fn come_back(wait: Duration, who: &str) -> String {
    match wait.as_secs() {
        0..86_400 => format!("try again in {}", told_time(wait)),
        _ => format!("try again another day, or ask whoever runs {who} why it sends everybody away"),
    }
}

/// Adds the time to wait before another attempt, if it is known.
pub fn after((kind, hint): Policy, retry_after: Option<Duration>) -> Policy {
    (kind, Hint { retry_after, ..hint })
}

/// What to do, and the entry of the catalogue that it belongs to.
#[derive(Debug, Clone)]
pub struct Hint {
    pub entry: &'static Entry,
    text: String,
    /// How long to wait before another attempt, if the answer said so.
    pub retry_after: Option<Duration>,
}

impl Hint {
    /// Returns the sentence for a program that is called `program`.
    pub fn text(&self, program: &str) -> String {
        self.text.replace("{i3}", program)
    }
}

/// An error that a command reports itself. In a hint `{i3}` stands for the program's name.
#[derive(Debug)]
pub struct CliError {
    kind: ExitKind,
    pub message: String,
    pub causes: Vec<String>,
    entry: &'static Entry,
    /// `None` for the entry's.
    remedy: Option<String>,
}

/// The hint of a [`CliError`]: an entry of the catalogue, or its own sentence.
pub enum Advice {
    Entry(&'static Entry),
    Sentence(String),
}

impl From<&'static Entry> for Advice {
    fn from(entry: &'static Entry) -> Advice {
        Advice::Entry(entry)
    }
}

impl From<String> for Advice {
    fn from(sentence: String) -> Advice {
        Advice::Sentence(sentence)
    }
}

impl From<&str> for Advice {
    fn from(sentence: &str) -> Advice {
        Advice::Sentence(sentence.into())
    }
}

impl CliError {
    /// Creates an error of this kind. It needs an entry of the catalogue, unless its kind has one ([`ExitKind::entry`]).
    pub fn new(kind: ExitKind, message: impl Into<String>) -> CliError {
        CliError { kind, message: message.into(), causes: Vec::new(), entry: kind.entry(), remedy: None }
    }

    /// Adds a cause: why.
    pub fn because(mut self, cause: impl Into<String>) -> CliError {
        self.causes.push(cause.into());
        self
    }

    /// Adds a hint: an entry of the catalogue, or one imperative sentence that names a command or a setting.
    pub fn hint(mut self, hint: impl Into<Advice>) -> CliError {
        match hint.into() {
            Advice::Entry(entry) => self.entry = entry,
            Advice::Sentence(sentence) => self.remedy = Some(sentence),
        }
        self
    }

    /// Adds a hint with values filled in, and the entry of the catalogue that it belongs to.
    pub fn hint_of(self, entry: &'static Entry, text: impl Into<String>) -> CliError {
        self.hint(entry).hint(text.into())
    }

    /// Returns the kind, the entry and the hint.
    pub fn policy(&self) -> Policy {
        filled(self.kind, self.entry, self.remedy.as_deref().unwrap_or(self.entry.remedy))
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

/// Returns a path as it can be pasted into a shell.
pub fn quoted(path: &std::path::Path) -> String {
    shell::quoted(&path.display().to_string())
}
