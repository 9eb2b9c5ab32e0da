//! An error as the program reports it: a message, its causes, an exit code and a hint.

mod policy;

use std::fmt;
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::json;

use super::ui::{BrokenPipe, Ui};
use crate::catalogue::{Entry, entry};
use crate::mqtt::connection::ConnectError;
use crate::shell;

/// The kinds of errors, each with its exit code (those of sysexits.h where one fits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// None of the others.
    Other,
    /// The command line.
    Usage,
    /// A name, a topic, a token or an input that I3 does not accept.
    Data,
    /// A file that is missing or cannot be read.
    NoInput,
    /// A file that cannot be created, or a port that is in use.
    CannotCreate,
    /// Unreachable or timed out: try again.
    TryAgain,
    /// Credential, permission, or the guard.
    Refused,
    /// Configuration or key file.
    Config,
}

/// All kinds, in the order of their codes.
const KINDS: [ExitKind; 8] = [
    ExitKind::Other,
    ExitKind::Usage,
    ExitKind::Data,
    ExitKind::NoInput,
    ExitKind::CannotCreate,
    ExitKind::TryAgain,
    ExitKind::Refused,
    ExitKind::Config,
];

impl ExitKind {
    /// Returns the exit code.
    pub fn code(self) -> u8 {
        match self {
            ExitKind::Other => 1,
            ExitKind::Usage => 2,
            ExitKind::Data => 65,
            ExitKind::NoInput => 66,
            ExitKind::CannotCreate => 73,
            ExitKind::TryAgain => 75,
            ExitKind::Refused => 77,
            ExitKind::Config => 78,
        }
    }

    /// Returns the kind of an exit code; [`ExitKind::Other`] for a code that this program never ends with.
    pub fn of_code(code: Option<i32>) -> ExitKind {
        KINDS.into_iter().find(|kind| Some(i32::from(kind.code())) == code).unwrap_or(ExitKind::Other)
    }

    /// The entry of the catalogue for an error of this kind that names none.
    fn entry(self) -> Option<&'static Entry> {
        match self {
            ExitKind::Usage => Some(entry!("command-line")),
            ExitKind::NoInput | ExitKind::CannotCreate => Some(entry!("file-unusable")),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            ExitKind::Other => "other",
            ExitKind::Usage => "usage",
            ExitKind::Data => "data",
            ExitKind::NoInput => "no_input",
            ExitKind::CannotCreate => "cannot_create",
            ExitKind::TryAgain => "try_again",
            ExitKind::Refused => "refused",
            ExitKind::Config => "config",
        }
    }
}

impl From<ExitKind> for ExitCode {
    fn from(kind: ExitKind) -> ExitCode {
        ExitCode::from(kind.code())
    }
}

/// An error that a command reports itself. In a hint `{i3}` stands for the program's name.
#[derive(Debug)]
pub struct CliError {
    kind: ExitKind,
    message: String,
    causes: Vec<String>,
    hint: Option<Hint>,
}

/// What to do, and the entry of the catalogue that it belongs to.
#[derive(Debug, Clone)]
pub struct Hint {
    text: String,
    pub entry: Option<&'static Entry>,
}

impl Hint {
    /// Returns the sentence for a program that is called `program`.
    pub fn text(&self, program: &str) -> String {
        self.text.replace("{i3}", program)
    }

    /// Returns the hint with another text: the entry's remedy with values filled in.
    fn saying(self, text: impl Into<String>) -> Hint {
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

    fn policy(&self) -> Policy {
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

/// The context of a refused log-in by token: this machine's clock can be its cause as well (I3 facts §5, 30).
#[derive(Debug, Clone, Copy)]
pub struct ByToken {
    /// What the clock said.
    pub at: SystemTime,
}

impl ByToken {
    fn cause(self) -> String {
        let at = humantime::format_rfc3339_seconds(self.at);
        format!(
            "a token is valid by this machine's clock, which says {at}: if that is wrong, the token is invalid as well"
        )
    }
}

impl fmt::Display for ByToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token does not log in")
    }
}

/// Prints an error to stderr, and returns the exit code.
pub fn report(ui: &Ui, error: &anyhow::Error) -> ExitCode {
    // `i3 … | head`: a normal end.
    if error.is::<BrokenPipe>() {
        return ExitCode::SUCCESS;
    }
    let (kind, hint) = classify(error);
    let id = hint.as_ref().and_then(|hint| Some(hint.entry?.id));
    let hint = hint.map(|hint| hint.text(&ui.program));
    let mut texts: Vec<String> = Vec::new();
    let by_token = error.downcast_ref::<ByToken>();
    for (depth, cause) in error.chain().enumerate() {
        let text = cause.to_string();
        // The refusal that it is the context of is printed instead.
        if by_token.is_some_and(|by_token| by_token.to_string() == text) {
            continue;
        }
        // A `CliError` that is a context is found only by anyhow.
        let outermost = error.downcast_ref::<CliError>().filter(|failure| depth == 0 && failure.message == text);
        // Some libraries repeat their cause in their own text.
        if !texts.iter().any(|t| t.contains(&text)) {
            texts.push(text);
        }
        if let Some(failure) = outermost.or_else(|| cause.downcast_ref()) {
            texts.extend(failure.causes.iter().cloned());
        }
        texts.extend(cause.downcast_ref().and_then(meaning).map(String::from));
    }
    texts.extend(by_token.map(|by_token| by_token.cause()));
    let message = texts.remove(0);
    if ui.json {
        ui.error_json(&json!({
            "error": {
                "kind": kind.name(), "exit": kind.code(), "id": id, "message": message, "because": texts, "hint": hint,
            },
        }));
    } else {
        ui.error(id, &message, &texts, hint.as_deref());
    }
    kind.into()
}

/// Returns what a broker's refusal can mean: I3's answers the same whatever is wrong (I3 facts §4).
fn meaning(error: &ConnectError) -> Option<&'static str> {
    match error {
        ConnectError::Refused { code: 5 | 0x87, user_name } if user_name.contains('$') => {
            Some(entry!("log-in-refused").cause)
        }
        _ => None,
    }
}

/// Returns the kind of an error.
pub fn kind(error: &anyhow::Error) -> ExitKind {
    classify(error).0
}

/// Returns the hint for an error.
pub fn advice(error: &anyhow::Error) -> Option<Hint> {
    classify(error).1
}

/// Returns kind and hint of the outermost error in the chain that has any.
fn classify(error: &anyhow::Error) -> Policy {
    // `context(CliError)` wraps the error it explains, so anyhow is asked first, then each cause.
    let outermost = error.downcast_ref().map(CliError::policy);
    let (kind, hint) = outermost.or_else(|| error.chain().find_map(policy::known)).unwrap_or((ExitKind::Other, None));
    let hint = match (hint, kind.entry()) {
        (None, entry) => entry.map(Hint::from),
        (Some(hint), entry) => Some(Hint { entry: hint.entry.or(entry), ..hint }),
    };
    (kind, hint)
}

type Policy = (ExitKind, Option<Hint>);

/// Returns a path as it can be pasted into a shell.
pub fn quoted(path: &std::path::Path) -> String {
    shell::quoted(&path.display().to_string())
}
