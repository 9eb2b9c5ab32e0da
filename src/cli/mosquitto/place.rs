//! The place of an option that comes from a file of options, for errors about it.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::arguments::{self, Arguments};

/// A line of a file of options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineInFile {
    pub path: PathBuf,
    /// Counted from 1.
    pub line: usize,
}

impl LineInFile {
    /// The beginning of an error about something in this place.
    pub fn prefix(place: Option<&LineInFile>) -> String {
        place.map(|place| format!("{place}: ")).unwrap_or_default()
    }
}

impl fmt::Display for LineInFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of {}", self.line, self.path.display())
    }
}

/// Words of a command line that come from a line of a file.
#[derive(Debug)]
pub struct Given {
    pub place: LineInFile,
    /// The option's names, such as `-t` and `--topic`.
    pub names: Vec<String>,
    pub words: Vec<OsString>,
}

/// The parts of a command line that come from files.
#[derive(Debug, Default)]
pub struct Files {
    /// The program and its command.
    pub before: Vec<OsString>,
    pub given: Vec<Given>,
    /// The words of the command line itself.
    pub own: Vec<OsString>,
    /// The options that the parts of a URL of -L expand to.
    pub by_url: Vec<&'static str>,
}

impl Files {
    /// The whole command line.
    pub fn args(&self) -> Vec<OsString> {
        self.with(self.given.len())
    }

    /// Returns the first line of a file that makes the parser fail in the same way as the whole command line; `None`
    /// if the command line itself is enough.
    pub fn at_fault(&self, parser: &mut Command) -> Option<&LineInFile> {
        if self.given.is_empty() {
            return None;
        }
        let failure = failure(parser, self.args())?;
        let count =
            (0..=self.given.len()).find(|count| self::failure(parser, self.with(*count)).as_ref() == Some(&failure))?;
        self.given.get(count.checked_sub(1)?).map(|given| &given.place)
    }

    /// Returns the option of a file that a text names, with its place. The command line's own options come first.
    pub fn named_in(&self, text: &str) -> Option<String> {
        let named = |word: &str| text.split([' ', ',', ':', ';', '`', '=']).any(|part| part == word);
        let is_own = |name: &String| self.own.iter().any(|word| word.to_str() == Some(name));
        let given = self
            .given
            .iter()
            .rev()
            .find(|given| !given.names.iter().any(is_own) && given.names.iter().any(|n| named(n)))?;
        let name = given.names.iter().find(|name| named(name))?;
        Some(format!("{name} stands in {}", given.place))
    }

    /// Returns an error of the parser that names -L instead of an option that nobody has given.
    pub fn naming_url(&self, mut error: clap::Error) -> clap::Error {
        let named = |option: &String| match self.by_url.iter().any(|by_url| option.split(' ').next() == Some(by_url)) {
            true => "-L <URL>".to_owned(),
            false => option.clone(),
        };
        for kind in [ContextKind::InvalidArg, ContextKind::PriorArg] {
            let renamed = match error.get(kind) {
                Some(ContextValue::String(option)) => ContextValue::String(named(option)),
                Some(ContextValue::Strings(options)) => ContextValue::Strings(options.iter().map(named).collect()),
                _ => continue,
            };
            if error.get(kind) != Some(&renamed) {
                error.insert(kind, renamed);
                // The other error has the names.
                error.remove(ContextKind::Usage);
            }
        }
        error
    }

    /// The command line with as many lines of the files.
    fn with(&self, count: usize) -> Vec<OsString> {
        let of_files = self.given.iter().take(count).flat_map(|given| &given.words);
        self.before.iter().chain(of_files).chain(&self.own).cloned().collect()
    }
}

/// What distinguishes one failure of the parser from another. A missing value has no place.
fn failure(parser: &mut Command, args: Vec<OsString>) -> Option<String> {
    match arguments::parse(parser, args) {
        Err(e) => Some(e.to_string()),
        Ok(Arguments { parsed: Err(e), .. }) if e.kind() != ErrorKind::MissingRequiredArgument => {
            let context =
                [ContextKind::InvalidArg, ContextKind::PriorArg, ContextKind::InvalidValue].map(|kind| e.get(kind));
            Some(format!("{:?} {context:?}", e.kind()))
        }
        Ok(_) => None,
    }
}
