//! What went wrong, as a message, an exit code and a way out.

mod policy;

use std::fmt;
use std::process::ExitCode;
use std::time::SystemTime;

use serde_json::json;

use super::ui::{BrokenPipe, Ui};
use crate::catalogue::{Entry, entry};
use crate::mqtt::connection::ConnectError;
use crate::shell;

/// The kinds of failure, each with its exit code (those of sysexits.h where one fits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// None of the others.
    Other,
    /// The command line.
    Usage,
    /// A name, a topic, a token or an input that I3 cannot take.
    Data,
    /// A file that is missing or cannot be read.
    NoInput,
    /// A file or port that cannot be had.
    CannotCreate,
    /// Nothing is wrong but the moment.
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
    /// The exit code.
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

    /// The kind of an exit code; [`ExitKind::Other`] for a code that is none of this program's.
    pub fn of_code(code: Option<i32>) -> ExitKind {
        KINDS.into_iter().find(|kind| Some(i32::from(kind.code())) == code).unwrap_or(ExitKind::Other)
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

/// A failure that a command names itself. In a hint `{i3}` stands for the program's name.
#[derive(Debug)]
pub struct CliError {
    kind: ExitKind,
    message: String,
    causes: Vec<String>,
    hint: Option<Hint>,
}

/// The way out, and the catalogue's entry that it belongs to.
#[derive(Debug, Clone)]
pub struct Hint {
    text: String,
    pub entry: Option<&'static Entry>,
}

impl Hint {
    /// The sentence, for a program that is called `program`.
    pub fn text(&self, program: &str) -> String {
        self.text.replace("{i3}", program)
    }

    /// Says it with values filled in.
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
    /// A failure of this kind: what happened.
    pub fn new(kind: ExitKind, message: impl Into<String>) -> CliError {
        CliError { kind, message: message.into(), causes: Vec::new(), hint: None }
    }

    /// Adds a cause: why.
    pub fn because(mut self, cause: impl Into<String>) -> CliError {
        self.causes.push(cause.into());
        self
    }

    /// Adds the way out: an entry of the catalogue, or one imperative sentence that names a command or a setting.
    pub fn hint(mut self, hint: impl Into<Hint>) -> CliError {
        self.hint = Some(hint.into());
        self
    }

    /// Its kind and hint; whatever is wrong with the command line has an entry of the catalogue.
    fn policy(&self) -> Policy {
        match (self.kind, self.hint.clone()) {
            (ExitKind::Usage, None) => (self.kind, Some(entry!("command-line").into())),
            (ExitKind::Usage, Some(hint)) => {
                (self.kind, Some(Hint { entry: hint.entry.or(Some(entry!("command-line"))), ..hint }))
            }
            policy => policy,
        }
    }

    /// Adds the way out with values filled in, and the entry of the catalogue that it is of.
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

/// The context of a log-in that the broker refuses, if it was by token: then this machine's clock can be the cause as well
/// (I3 facts §5, 30).
#[derive(Debug, Clone, Copy)]
pub struct ByToken {
    /// What the clock said.
    pub at: SystemTime,
}

impl ByToken {
    fn cause(self) -> String {
        let at = humantime::format_rfc3339_seconds(self.at);
        format!(
            "a token counts by this machine's clock, which says {at}: if that is wrong, the token is not valid either"
        )
    }
}

impl fmt::Display for ByToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token does not log in")
    }
}

/// Says what went wrong, on stderr, and gives the exit code.
pub fn report(ui: &Ui, error: &anyhow::Error) -> ExitCode {
    // `i3 … | head`: the reader has what it wanted.
    if error.is::<BrokenPipe>() {
        return ExitCode::SUCCESS;
    }
    let (kind, hint) = classify(error);
    let id = hint.as_ref().and_then(|hint| Some(hint.entry?.id));
    let hint = hint.map(|hint| hint.text(&ui.program));
    let mut told: Vec<String> = Vec::new();
    let by_token = error.downcast_ref::<ByToken>();
    for (depth, cause) in error.chain().enumerate() {
        let text = cause.to_string();
        // It is told by the refusal that it is the context of.
        if by_token.is_some_and(|by_token| by_token.to_string() == text) {
            continue;
        }
        // A context hides the failure that it is; anyhow alone finds it.
        let outermost = error.downcast_ref::<CliError>().filter(|failure| depth == 0 && failure.message == text);
        // Some libraries repeat their cause in their own text.
        if !told.iter().any(|t| t.contains(&text)) {
            told.push(text);
        }
        if let Some(failure) = outermost.or_else(|| cause.downcast_ref()) {
            told.extend(failure.causes.iter().cloned());
        }
        told.extend(cause.downcast_ref().and_then(meaning).map(String::from));
    }
    told.extend(by_token.map(|by_token| by_token.cause()));
    let message = told.remove(0);
    if ui.json {
        ui.error_json(&json!({
            "error": {
                "kind": kind.name(), "exit": kind.code(), "id": id, "message": message, "because": told, "hint": hint,
            },
        }));
    } else {
        ui.error(id, &message, &told, hint.as_deref());
    }
    kind.into()
}

/// What a broker's refusal can mean: I3's says the same to everything (I3 facts §4).
fn meaning(error: &ConnectError) -> Option<&'static str> {
    match error {
        ConnectError::Refused { code: 5 | 0x87, user_name } if user_name.contains('$') => {
            Some(entry!("log-in-refused").cause)
        }
        _ => None,
    }
}

/// The exit code's kind for an error.
pub fn kind(error: &anyhow::Error) -> ExitKind {
    classify(error).0
}

/// The way out of an error, and the catalogue's entry that it belongs to.
pub fn advice(error: &anyhow::Error) -> Option<Hint> {
    classify(error).1
}

/// ExitKind and hint of the outermost error in the chain that has any.
fn classify(error: &anyhow::Error) -> Policy {
    // `context(CliError)` wraps the error it explains, so anyhow is asked first, then each cause.
    if let Some(error) = error.downcast_ref::<CliError>() {
        return error.policy();
    }
    for cause in error.chain() {
        if let Some(found) = policy::known(cause) {
            return (found.0, found.1);
        }
    }
    (ExitKind::Other, None)
}

type Policy = (ExitKind, Option<Hint>);

/// A path as it can be pasted into a shell.
pub fn quoted(path: &std::path::Path) -> String {
    shell::quoted(&path.display().to_string())
}
