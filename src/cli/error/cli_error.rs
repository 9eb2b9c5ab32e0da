//! An error that a command reports itself, and what is known of any error: its kind and its hint.

use std::fmt;

use super::kind::ExitKind;
use crate::catalogue::Entry;
use crate::shell;

/// An exit code's kind, and a hint.
pub type Policy = (ExitKind, Option<Hint>);

/// The kind, and the way out: an entry of the catalogue, or a sentence of its own.
pub fn with(kind: ExitKind, hint: impl Into<Hint>) -> Policy {
    (kind, Some(hint.into()))
}

/// The kind, and an entry of the catalogue with values filled into its remedy.
pub fn filled(kind: ExitKind, entry: &'static Entry, remedy: impl Into<String>) -> Policy {
    (kind, Some(Hint::from(entry).saying(remedy)))
}

/// An error that a command reports itself. In a hint `{i3}` stands for the program's name.
#[derive(Debug)]
pub struct CliError {
    kind: ExitKind,
    pub message: String,
    pub causes: Vec<String>,
    hint: Option<Hint>,
}

/// What to do, and the entry of the catalogue that it belongs to.
#[derive(Debug, Clone)]
pub struct Hint {
    pub text: String,
    pub entry: Option<&'static Entry>,
}

impl Hint {
    /// Returns the sentence for a program that is called `program`.
    pub fn text(&self, program: &str) -> String {
        self.text.replace("{i3}", program)
    }

    /// Returns the hint with another text: the entry's remedy with values filled in.
    pub fn saying(self, text: impl Into<String>) -> Hint {
        Hint { text: text.into(), ..self }
    }
}

impl From<&'static Entry> for Hint {
    fn from(entry: &'static Entry) -> Hint {
        Hint { text: entry.remedy.into(), entry: Some(entry) }
    }
}

impl From<String> for Hint {
    fn from(text: String) -> Hint {
        Hint { text, entry: None }
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Hint {
        Hint { text: text.into(), entry: None }
    }
}

impl CliError {
    /// Creates an error of this kind.
    pub fn new(kind: ExitKind, message: impl Into<String>) -> CliError {
        CliError { kind, message: message.into(), causes: Vec::new(), hint: None }
    }

    /// Adds a cause: why.
    pub fn because(mut self, cause: impl Into<String>) -> CliError {
        self.causes.push(cause.into());
        self
    }

    /// Adds a hint: an entry of the catalogue, or one imperative sentence that names a command or a setting.
    pub fn hint(mut self, hint: impl Into<Hint>) -> CliError {
        self.hint = Some(hint.into());
        self
    }

    /// Returns the kind and the hint.
    pub fn policy(&self) -> Policy {
        (self.kind, self.hint.clone())
    }

    /// Adds a hint with values filled in, and the entry of the catalogue that it belongs to.
    pub fn hint_of(self, entry: &'static Entry, text: impl Into<String>) -> CliError {
        self.hint(Hint::from(entry).saying(text))
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
