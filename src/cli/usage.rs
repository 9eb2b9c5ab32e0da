//! Errors of the command line: clap's text, without values that might be secrets.

use std::io::Write as _;
use std::num::ParseIntError;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::error::{self, CliError, ExitKind};
use super::mosquitto::{self, place::LineInFile};
use super::ui::Ui;
use crate::catalogue::entry;
use crate::publisher::rate::RateError;

/// Why a value is wrong: a fixed sentence that does not quote the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reason(pub &'static str);

/// Prints help, version or a usage error of the command `name`, and returns the exit code.
///
/// Values are never repeated: `-p` is a port here and was perhaps meant for a password. `place` is where the wrong argument is,
/// if that is in a file of options.
pub fn report(
    ui: &Ui,
    mut error: clap::Error,
    command: fn() -> clap::Command,
    name: &str,
    place: Option<&LineInFile>,
) -> ExitCode {
    let place = LineInFile::prefix(place);
    if let Some(told) = of_mosquitto(&error, name, &place) {
        return error::report(ui, &told.into());
    }
    if let Some(told) = of_lines(&error, &place) {
        return error::report(ui, &told.into());
    }
    let number = number(&error);
    if !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        if error.kind() == ErrorKind::ValueValidation && !quotes_nothing(&error) {
            error = without_cause(&error, command);
        }
        scrub(&mut error);
    }
    if ui.json && error.use_stderr() {
        // The first paragraph says what is wrong; usage and tips are for people only.
        let text = explained(error.render().to_string(), number);
        let message = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        return error::report(ui, &CliError::new(ExitKind::Usage, format!("{place}{}", message.trim())).into());
    }
    if !error.use_stderr() {
        return ui.styled(error.render().ansi()).map_or_else(|e| error::report(ui, &e), |()| ExitCode::SUCCESS);
    }
    let label = format!("error[{}]: {place}", entry!("command-line").id);
    let text = explained(error.render().ansi().to_string(), number).replacen("error:", label.trim_end(), 1);
    let _ = write!(anstream::stderr(), "{text}");
    ExitKind::Usage.into()
}

/// Names the alternative to an option of mosquitto_pub or mosquitto_sub.
fn of_mosquitto(error: &clap::Error, name: &str, place: &str) -> Option<CliError> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let option = option.split('=').next()?;
    let instead = mosquitto::missing(name, option)?;
    let told = format!("{place}{option} is an option of mosquitto_{name} that i3 does not have: {instead}");
    Some(
        CliError::new(ExitKind::Usage, told)
            .hint(format!("leave {option} out; `{{i3}} {name} --help` has the options")),
    )
}

/// Tells that `-l` is left out where an option says how each line is read.
fn of_lines(error: &clap::Error, place: &str) -> Option<CliError> {
    let option = |kind| match error.get(kind)? {
        ContextValue::String(option) => Some(option.as_str()),
        ContextValue::Strings(options) => options.first().map(String::as_str),
        _ => None,
    };
    if error.kind() != ErrorKind::ArgumentConflict {
        return None;
    }
    let (one, other) = (option(ContextKind::InvalidArg)?, option(ContextKind::PriorArg)?);
    let way = match (one, other) {
        ("--lines", way) | (way, "--lines") if matches!(way, "--jsonl" | "--topic-per-line") => way,
        _ => return None,
    };
    let told = format!("{place}-l takes each line as a message, and {way} reads it in another way");
    Some(CliError::new(ExitKind::Usage, told).hint(format!("leave -l out: {way} takes lines by itself")))
}

/// Returns the valid range for an invalid number, without quoting the value.
fn number(error: &clap::Error) -> Option<String> {
    let cause = std::error::Error::source(error)?;
    if cause.is::<ParseIntError>() {
        return Some("write a whole number".into());
    }
    // Of clap: `99999 is not in 0..=65535`.
    let cause = cause.to_string();
    let (value, range) = cause.rsplit_once(" is not in ")?;
    let (least, most) = range.split_once("..")?;
    let least: u64 = least.parse().ok()?;
    // A bound that is only that of the type is worth telling to who exceeds it.
    let exceeds = |most| most < u64::from(u32::MAX) || value.parse().is_ok_and(|value: u64| value > most);
    Some(match most.trim_start_matches('=').parse::<u64>() {
        Ok(most) if exceeds(most) => format!("write a whole number from {least} to {most}"),
        _ => format!("write a whole number, at least {least}"),
    })
}

/// Adds the valid range of a number to the first paragraph of an error.
fn explained(text: String, number: Option<String>) -> String {
    match number {
        Some(number) => text.replacen("\n\n", &format!(": {number}\n\n"), 1),
        None => text,
    }
}

fn quotes_nothing(error: &clap::Error) -> bool {
    std::error::Error::source(error).is_some_and(|cause| cause.is::<Reason>() || cause.is::<RateError>())
}

/// Returns the error without the value parser's text, which may quote the value (`99999 is not in 0..=65535`).
fn without_cause(error: &clap::Error, command: fn() -> clap::Command) -> clap::Error {
    let mut new = clap::Error::new(error.kind()).with_cmd(&command());
    for (kind, value) in error.context() {
        new.insert(kind, value.clone());
    }
    new
}

fn scrub(error: &mut clap::Error) {
    for kind in
        [ContextKind::InvalidValue, ContextKind::InvalidArg, ContextKind::InvalidSubcommand, ContextKind::TrailingArg]
    {
        let Some(ContextValue::String(text)) = error.get(kind) else { continue };
        // An option's own name may be shown, with the value name that clap adds (`--port <PORT>`).
        let harmless = match kind {
            ContextKind::InvalidArg => is_option(text),
            ContextKind::InvalidSubcommand => text.len() <= 20 && text.chars().all(|c| c.is_ascii_lowercase()),
            _ => text.is_empty(),
        };
        if !harmless {
            error.insert(kind, ContextValue::String("…".into()));
        }
    }
    // Suggestions quote what was given (`to pass '…' as a value, use '-- …'`).
    error.remove(ContextKind::Suggested);
}

fn is_option(text: &str) -> bool {
    let name = text.split([' ', '=']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c == '-';
    (name.starts_with("--") && name.len() <= 24 && name.chars().all(plain))
        || (name.starts_with('-') && name.len() == 2)
        || (text.starts_with('<') && text.ends_with('>'))
        || (text.starts_with('[') && text.ends_with(']'))
}
