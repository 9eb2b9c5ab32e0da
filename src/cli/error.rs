//! An error as the program reports it: a message, its causes, an exit code and a hint.

mod cli_error;
mod exhaustion;
mod kind;
mod policy;

use std::error::Error;
use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::Chain;
use serde_json::{Value, json};

use super::ui::{BrokenPipe, Level, Record, Ui, numbered};
use crate::access;
use crate::catalogue::{CODES, Code, entry};
use crate::clock::{self, Doubt};
use crate::mqtt::connection::ConnectError;
pub use cli_error::{CliError, Hint, quoted};
use cli_error::{Policy, with};
pub use kind::ExitKind;

/// The context of a refused log-in by token: this machine's clock can be its cause as well (I3 facts §5, 30).
#[derive(Debug, Clone, Copy)]
pub struct ByToken {
    /// What the clock said.
    pub at: SystemTime,
}

impl ByToken {
    /// Why the clock cannot have been right: then it is the cause, and the log-in works once the clock is set.
    pub fn doubt(self) -> Option<Doubt> {
        clock::doubt(self.at)
    }

    fn cause(self) -> String {
        if let Some(doubt) = self.doubt() {
            return format!("{doubt}; the times in a token are taken from it");
        }
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
    report_with(ui, error, |_| None)
}

/// The same for an invalid command line, where `place` says where the option that the message names is.
pub fn report_with(ui: &Ui, error: &anyhow::Error, place: impl FnOnce(&str) -> Option<String>) -> ExitCode {
    // `i3 … | head`: a normal end.
    if error.is::<BrokenPipe>() {
        return ExitCode::SUCCESS;
    }
    let mut told = RenderedError::new(error, &ui.program);
    if told.kind == ExitKind::Usage {
        told.because.extend(place(&told.message));
    }
    if ui.logs {
        let error = Some(told.to_json());
        ui.json_line(&Record { error, ..Record::new(Level::Error, "failed", &told.message) });
    } else if ui.json {
        ui.json_line(&numbered(json!({ "error": told.to_json() })));
    } else {
        ui.error(told.id, &told.message, &told.because, &told.hint);
    }
    told.kind.into()
}

/// An error in words.
#[derive(Debug)]
pub struct RenderedError {
    kind: ExitKind,
    /// The id of its entry in the catalogue.
    pub id: &'static str,
    message: String,
    because: Vec<String>,
    hint: String,
    retry_after: Option<Duration>,
    /// The message and its causes.
    pub line: String,
}

impl RenderedError {
    /// Says what went wrong, for a program that is called `program`.
    pub fn new(error: &anyhow::Error, program: &str) -> RenderedError {
        RenderedError::of(error.chain(), error.downcast_ref(), error.downcast_ref(), program)
    }

    /// The same for an error without the context of a command.
    pub fn of_cause(error: &(dyn Error + 'static), program: &str) -> RenderedError {
        RenderedError::of(Chain::new(error), None, None, program)
    }

    fn of(chain: Chain<'_>, by_token: Option<&ByToken>, context: Option<&CliError>, program: &str) -> RenderedError {
        let (kind, hint) = policy_of(chain.clone(), by_token, context);
        let (message, because) = texts(chain.clone(), by_token, context);
        let line = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
        let (retry_after, id) = (hint.retry_after, hint.entry.id);
        RenderedError { kind, id, message, because, hint: hint.text(program), retry_after, line }
    }

    /// Returns it as one JSON object, with `retry_after_seconds`, once called `retry_after`, if it is known how long to wait.
    pub fn to_json(&self) -> Value {
        let RenderedError { kind, id, message, because, hint, retry_after, .. } = self;
        let (kind, exit) = (kind.name(), kind.code());
        let mut told =
            json!({ "kind": kind, "exit": exit, "id": id, "message": message, "because": because, "hint": hint });
        if let Some(wait) = retry_after {
            for name in ["retry_after_seconds", "retry_after"] {
                told[name] = wait.as_secs().into();
            }
        }
        told
    }
}

/// Returns the message and its causes, the outermost first.
fn texts(chain: Chain<'_>, by_token: Option<&ByToken>, context: Option<&CliError>) -> (String, Vec<String>) {
    let mut texts: Vec<String> = Vec::new();
    for (depth, cause) in chain.enumerate() {
        let text = cause.to_string();
        // The refusal that it belongs to is printed instead.
        if by_token.is_some_and(|by_token| by_token.to_string() == text) {
            continue;
        }
        let own = context.filter(|own| depth == 0 && own.message == text).or_else(|| cause.downcast_ref());
        // Some libraries repeat their cause in their own text.
        if !texts.iter().any(|shown| shown.contains(&text)) {
            texts.push(text);
        }
        texts.extend(own.into_iter().flat_map(|own| own.causes.iter().cloned()));
        texts.extend(cause.downcast_ref().and_then(meaning).map(String::from));
    }
    texts.extend(by_token.map(|by_token| by_token.cause()));
    (texts.remove(0), texts)
}

/// Makes libraries that panic for lack of a thread or an open file end the process with an error and its exit code instead.
pub fn report_exhaustion(ui: &Ui) {
    let (ui, told) = (ui.clone(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| match exhaustion::of_panic(panic.payload()) {
        None => told(panic),
        Some(error) => {
            let message = "the system gives this program no more threads, files or memory";
            _ = report(&ui, &anyhow::Error::new(error).context(message));
            // Nothing can be returned from here.
            std::process::exit(ExitKind::TryAgain.code().into());
        }
    }));
}

/// Returns what a broker's refusal can mean: I3's gives the same answer to every fault (I3 facts §4).
fn meaning(error: &ConnectError) -> Option<&'static str> {
    let ConnectError::Refused { code, user_name, .. } = error else { return None };
    match code {
        5 | 0x87 if user_name.contains('$') => Some(entry!("log-in-refused").cause),
        4 | 5 | 0x86 | 0x87 => None,
        code => {
            let code = if *code < 0x80 { Code::ConnAck(*code) } else { Code::Reason(*code) };
            CODES.iter().find(|meaning| meaning.code == code).map(|meaning| meaning.meaning.trim_end_matches('.'))
        }
    }
}

/// Returns the kind of an error.
pub fn kind(error: &anyhow::Error) -> ExitKind {
    classify(error).0
}

/// Returns the hint for an error, with its entry of the catalogue.
pub fn advice(error: &anyhow::Error) -> Hint {
    classify(error).1
}

fn classify(error: &anyhow::Error) -> Policy {
    // A `CliError` that is the context of another error is found only by anyhow.
    policy_of(error.chain(), error.downcast_ref(), error.downcast_ref())
}

/// Returns kind, entry and hint of the outermost error in the chain that has any.
fn policy_of(mut chain: Chain<'_>, by_token: Option<&ByToken>, context: Option<&CliError>) -> Policy {
    // Regardless of what failed because of it.
    if chain.clone().any(|cause| cause.downcast_ref().is_some_and(exhaustion::is_exhaustion)) {
        return with(ExitKind::TryAgain, entry!("process-limits"));
    }
    // Regardless of what should have been written there.
    let foreign = chain.clone().find_map(|cause| access::foreign_folder(cause.downcast_ref()?));
    if let Some(policy) = foreign.and_then(|foreign| policy::known(foreign)) {
        return policy;
    }
    if by_token.is_some_and(|by_token| by_token.doubt().is_some()) {
        return with(ExitKind::TryAgain, entry!("clock"));
    }
    context
        .map(CliError::policy)
        .or_else(|| chain.find_map(policy::known))
        .unwrap_or_else(|| with(ExitKind::Other, ExitKind::Other.entry()))
}
