//! Completions for the end of a line: the commands, options and values that the program accepts there.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command};

use crate::config::Selection;

/// A possible word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub word: String,
    /// Its description, in one line; may be empty.
    pub about: String,
}

impl Candidate {
    pub fn new(word: impl Into<String>, about: impl Into<String>) -> Candidate {
        Candidate { word: word.into(), about: about.into() }
    }
}

/// What may replace the last word.
#[derive(Debug)]
pub enum Expected<'c> {
    /// One of these: commands and options.
    Words(Vec<Candidate>),
    /// A value of this argument.
    Value {
        argument: &'c Arg,
        /// The text before it in the same word (`--device=`).
        prefix: String,
        /// The part of it that was typed.
        typed: String,
    },
}

/// A line, as far as it was typed.
#[derive(Debug)]
pub struct Typed<'c> {
    /// The commands: `["spool", "status"]`.
    pub path: Vec<&'c str>,
    /// The values of the options before the last word, by the ids of their arguments.
    values: Vec<(&'c str, String)>,
    pub expected: Vec<Expected<'c>>,
}

impl Typed<'_> {
    /// Returns the value of an option before the last word.
    pub fn value(&self, id: &str) -> Option<&str> {
        self.values.iter().rev().find(|(known, _)| *known == id).map(|(_, value)| value.as_str())
    }

    /// Returns which configuration the options name.
    pub fn selection(&self) -> Selection {
        Selection { file: self.value("config").map(Into::into), profile: self.value("profile").map(Into::into) }
    }
}

/// Reads the words after the program's name, the last of which is being typed. `root` is built.
pub fn read<'c>(root: &'c Command, words: &[String]) -> Typed<'c> {
    let Some((last, before)) = words.split_last() else { return read(root, &[String::new()]) };
    let mut typed = Typed { path: Vec::new(), values: Vec::new(), expected: Vec::new() };
    let (mut command, mut awaited, mut position, mut is_raw) = (root, None::<&Arg>, 1, false);
    for word in before {
        if let Some(argument) = awaited.take() {
            typed.values.push((argument.get_id().as_str(), word.clone()));
        } else if is_raw || !word.starts_with('-') || word == "-" {
            match command.find_subcommand(word).filter(|_| !is_raw) {
                Some(found) => {
                    command = found;
                    typed.path.push(found.get_name());
                    position = 1;
                }
                None => position += 1,
            }
        } else if word == "--" {
            is_raw = true;
        } else {
            match option_of(command, word) {
                Some((argument, Some(value))) => typed.values.push((argument.get_id().as_str(), value.into())),
                Some((argument, None)) => awaited = Some(argument),
                None => {}
            }
        }
    }
    let value =
        |argument, prefix: &str, typed: &str| Expected::Value { argument, prefix: prefix.into(), typed: typed.into() };
    if let Some(argument) = awaited {
        typed.expected.push(value(argument, "", last));
    } else if last.starts_with('-') && last != "-" && !is_raw {
        match option_of(command, last) {
            Some((argument, Some(given))) => {
                typed.expected.push(value(argument, &last[..last.len() - given.len()], given));
            }
            _ => typed.expected.push(Expected::Words(options(command))),
        }
    } else {
        if !is_raw && position == 1 && command.has_subcommands() {
            typed.expected.push(Expected::Words(subcommands(command)));
        }
        if let Some(argument) = positional(command, position) {
            typed.expected.push(value(argument, "", last));
        }
    }
    typed
}

/// Returns the option of a word that takes a value, and the value, if it is in the same word.
fn option_of<'c, 'w>(command: &'c Command, word: &'w str) -> Option<(&'c Arg, Option<&'w str>)> {
    let takes = |argument: &&Arg| matches!(argument.get_action(), ArgAction::Set | ArgAction::Append);
    let valued = || command.get_arguments().filter(takes);
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let is_it = |argument: &&Arg| argument.get_long_and_visible_aliases().is_some_and(|all| all.contains(&name));
        return valued().find(is_it).map(|argument| (argument, value));
    }
    // A flag may precede it: `-lt TOPIC`.
    for (at, c) in word.char_indices().skip(1) {
        if let Some(argument) = valued().find(|argument| argument.get_short() == Some(c)) {
            let rest = &word[at + c.len_utf8()..];
            return Some((argument, Some(rest).filter(|rest| !rest.is_empty())));
        }
        command.get_arguments().find(|argument| argument.get_short() == Some(c))?;
    }
    None
}

/// Returns the positional argument at this place, counted from 1; the last one may be repeated.
fn positional(command: &Command, position: usize) -> Option<&Arg> {
    let found = command.get_positionals().filter(|argument| !argument.is_hide_set());
    let mut last = None;
    for (argument, at) in found.zip(1..) {
        if at == position {
            return Some(argument);
        }
        last = Some(argument);
    }
    last.filter(|argument| matches!(argument.get_action(), ArgAction::Append))
}

fn subcommands(command: &Command) -> Vec<Candidate> {
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    shown.map(|command| Candidate::new(command.get_name(), line(command.get_about()))).collect()
}

fn options(command: &Command) -> Vec<Candidate> {
    let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
    let word = |option: &Arg| match (option.get_long(), option.get_short()) {
        (Some(long), _) => Some(format!("--{long}")),
        (None, short) => Some(format!("-{}", short?)),
    };
    let mut all: Vec<Candidate> =
        shown.filter_map(|option| Some(Candidate::new(word(option)?, line(option.get_help())))).collect();
    all.sort_by(|one, other| one.word.cmp(&other.word));
    all
}

/// Returns the values that an argument takes, if they are few and fixed.
pub fn possible(argument: &Arg) -> Vec<Candidate> {
    let about = |value: &PossibleValue| line(value.get_help());
    let values = argument.get_possible_values();
    values.iter().filter(|value| !value.is_hide_set()).map(|v| Candidate::new(v.get_name(), about(v))).collect()
}

fn line(text: Option<&clap::builder::StyledStr>) -> String {
    let text = text.map(ToString::to_string).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
