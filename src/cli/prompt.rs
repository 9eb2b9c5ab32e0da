//! Questions to the person at the terminal; without a terminal, none are asked.
//!
//! They are asked on the terminal that the process belongs to (/dev/tty), so that stdin can be data and stderr a file.
//! However a question ends, the terminal is restored: its mode is reset before a signal takes effect.
//!
//! dialoguer only formats the questions. It does not ask them, not even inside a guard that restores the mode: its
//! `Password` reads a whole line in the terminal's line mode, where Escape does not count as a key, the end of input is an empty answer that
//! is requested again without end, and a signal with a handler starts the reading again; the answer stays in buffers that
//! nobody wipes. Its `Input` knows neither Escape nor Ctrl-D, and switches the keys of signals off, so that Ctrl-Z does nothing.
//! All of them read from stdin where that is a terminal, also in the background.

mod line;
mod signals;
mod terminal;

use std::fmt;
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::Context;
use dialoguer::theme::{SimpleTheme, Theme};
use unicode_width::UnicodeWidthStr;

use super::error::{CliError, ExitKind};
use super::intake;
use super::ui::Ui;
use crate::catalogue::entry;
use crate::guard::Password;
use crate::guard::source::Content;
use crate::login::secret::check_password;
use crate::secret::Secret;
use crate::text;
use line::TypedSecret;
use terminal::{KeyPress, Terminal};

/// Asks for a secret without showing it; returns `None` if nobody can be asked.
///
/// # Errors
/// The terminal cannot be read, or the person ended the question with Escape or Ctrl-D.
pub fn secret(ui: &Ui, question: &str) -> anyhow::Result<Option<Secret>> {
    let answer = ask(ui, |terminal| Ok(line(terminal, question, Echo::Off)?.map(|answer| Secret::new(answer.text()))))?;
    taken(ui, answer)
}

/// Asks for the secret that an option expects in `path`, which is a terminal.
///
/// # Errors
/// As [`secret`].
pub fn secret_in(ui: &Ui, path: &Path) -> anyhow::Result<Option<Secret>> {
    secret(ui, &format!("Secret from {}", path.display()))
}

/// Reads a password from a file, or from the terminal that it is, and has the guard check it.
///
/// # Errors
/// The file cannot be read, or holds no password.
pub fn password_in(ui: &Ui, path: &Path) -> anyhow::Result<Password> {
    Ok(check_password(intake::file(ui, path, Content::Password, || secret_in(ui, path))?, None)?)
}

/// Asks for a private key in PEM without showing it, up to its last line or an empty one that follows no header; returns `None` if
/// nobody can be asked.
///
/// # Errors
/// As [`secret`].
pub fn private_key(ui: &Ui) -> anyhow::Result<Option<Secret>> {
    ask(ui, |terminal| {
        let mut key = TypedSecret::new();
        let mut question = "Private key (PEM)";
        loop {
            let Some(next) = line(terminal, question, Echo::Off)? else { return Ok(None) };
            let follows_header = key.text().lines().next_back().is_some_and(|last| last.contains(':'));
            next.text().chars().chain(['\n']).try_for_each(|typed| key.push(typed))?;
            if next.text().is_empty() && !follows_header || next.text().starts_with("-----END") {
                return Ok(Some(Secret::new(key.text())));
            }
            question = "next line";
        }
    })
}

/// Asks for a new secret, twice, until both answers are the same and not empty.
///
/// # Errors
/// As [`secret`].
pub fn new_secret(ui: &Ui, question: &str) -> anyhow::Result<Option<Secret>> {
    let answer = ask(ui, |terminal| {
        loop {
            let Some(answer) = line(terminal, question, Echo::Off)? else { return Ok(None) };
            if answer.text().is_empty() {
                continue;
            }
            let Some(repeated) = line(terminal, "Repeat", Echo::Off)? else { return Ok(None) };
            if answer.text() == repeated.text() {
                return Ok(Some(Secret::new(answer.text())));
            }
            terminal.write("The two do not match; try again\n")?;
        }
    })?;
    taken(ui, answer)
}

fn taken(ui: &Ui, answer: Option<Secret>) -> anyhow::Result<Option<Secret>> {
    Ok(answer.map(|secret| intake::typed(ui, &secret, Content::Password)).transpose()?)
}

/// Reads a secret from stdin, as an option of the user requests. At a terminal `asked` asks for it, without showing it.
///
/// # Errors
/// As [`intake::stdin`], or that of `asked`.
pub fn secret_on_stdin(
    ui: &Ui,
    content: Content,
    asked: impl FnOnce() -> anyhow::Result<Option<Secret>>,
) -> anyhow::Result<Secret> {
    let asked = if io::stdin().is_terminal() { asked()? } else { None };
    asked.map_or_else(|| Ok(intake::stdin(ui, content)?), Ok)
}

/// Asks for a line of text that is not empty; returns `None` if nobody can be asked.
///
/// # Errors
/// As [`secret`].
pub fn text(ui: &Ui, question: &str) -> anyhow::Result<Option<String>> {
    let answer = ask(ui, |terminal| {
        loop {
            match line(terminal, question, Echo::On)? {
                Some(answer) if answer.text().is_empty() => {}
                answer => return Ok(answer.map(|answer| answer.text().to_owned())),
            }
        }
    })?;
    answer.map(|name| intake::typed_name(ui, &name)).transpose()
}

/// Asks for confirmation, where Enter, Escape and Ctrl-D mean no; returns `None` if nobody can be asked.
///
/// # Errors
/// The terminal cannot be read.
pub fn confirm(ui: &Ui, question: &str) -> anyhow::Result<Option<bool>> {
    let question = drawn(|f| SimpleTheme.format_confirm_prompt(f, &text::one_line(question), Some(false)));
    ask(ui, |terminal| {
        terminal.write(&question)?;
        let answer = loop {
            match terminal.key(|| question.clone())? {
                KeyPress::Char('y' | 'Y') => break true,
                KeyPress::Char('n' | 'N') | KeyPress::Enter | KeyPress::Escape | KeyPress::EndOfInput => break false,
                _ => {}
            }
        };
        terminal.write(if answer { "yes\n" } else { "no\n" })?;
        Ok(Some(answer))
    })
}

/// Lends the terminal to `question`, which returns `None` if the person ends it without an answer; returns `None` if nobody
/// can be asked.
fn ask<T>(ui: &Ui, question: impl FnOnce(&mut Terminal) -> io::Result<Option<T>>) -> anyhow::Result<Option<T>> {
    if ui.muted {
        return Ok(None);
    }
    let answer = Terminal::take().and_then(|taken| taken.map(|mut terminal| question(&mut terminal)).transpose());
    match answer.context("the terminal cannot be read")? {
        None => Ok(None),
        Some(Some(answer)) => Ok(Some(answer)),
        Some(None) => Err(CliError::new(ExitKind::Other, "cancelled: the question was not answered")
            .hint_of(entry!("cancelled"), "run it again and answer, or give the answer by an option, as --help shows")
            .into()),
    }
}

fn drawn(draw: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = draw(&mut text);
    text
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    On,
    Off,
}

/// Asks for a line; `None` if the person ends the question with Escape, or with Ctrl-D where nothing is typed.
fn line(terminal: &mut Terminal, question: &str, echo: Echo) -> io::Result<Option<TypedSecret>> {
    let question = drawn(|f| SimpleTheme.format_input_prompt(f, &text::one_line(question), None));
    terminal.write(&question)?;
    let mut line = TypedSecret::new();
    loop {
        let key = terminal.key(|| match echo {
            Echo::On => format!("{question}{}", text::one_line(line.text())),
            Echo::Off => question.clone(),
        })?;
        let kept = match key {
            KeyPress::Enter => break,
            KeyPress::Escape => return terminal.write("\n").map(|()| None),
            KeyPress::EndOfInput if line.text().is_empty() => return terminal.write("\n").map(|()| None),
            KeyPress::EndOfInput => continue,
            KeyPress::Char(typed) => {
                line.push(typed)?;
                if echo == Echo::On {
                    terminal.write(&text::one_line(typed.encode_utf8(&mut [0; 4])))?;
                }
                continue;
            }
            KeyPress::Erase => line.before_last(),
            KeyPress::EraseWord => line.before_word(),
            KeyPress::EraseLine => 0,
        };
        if echo == Echo::On {
            terminal.write(&"\x08 \x08".repeat(text::one_line(&line.text()[kept..]).width()))?;
        }
        line.truncate(kept);
    }
    terminal.write("\n")?;
    Ok(Some(line))
}
