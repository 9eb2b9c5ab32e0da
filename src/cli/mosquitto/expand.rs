//! Options that expand to others: `-o FILE` for those of a file, `-L URL` for broker, user, password and topic.
//!
//! They are expanded before the command line is parsed, so that their values are checked like any other, and the last
//! one counts, as with mosquitto's programs: first the files, then the command line.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use clap::{Arg, Args, Command};
use zeroize::Zeroizing;

use super::place::{Files, Given, LineInFile};
use super::url;
use crate::cli::arguments::{Takes, takes};
use crate::cli::error::{CliError, ExitKind};
use crate::guard::source::{self, Origin, SourceError};
use crate::guard::{Refusal, check, inbound, payload};
use crate::mqtt::properties;

/// Largest file of options, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// By their ids: the option that expands to others, the one that names a file, and one whose value is several words.
const URL: &str = "url";
const FILE: &str = "options_file";
const PROPERTY: &str = "property";
const PASSWORD: &str = "pw";
/// Of these only one may be given, once.
const MESSAGES: [&str; 2] = ["message", "file"];
const ALLOW_SECRET: &str = "--allow-secret";

/// The options that expand to others. They are gone when the command line is parsed, and exist here for the help and the
/// manual.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Broker")]
pub struct ExpandedArgs {
    /// Take broker, user, password and topic from `mqtt(s)://[USER[:PASSWORD]@]HOST[:PORT][/TOPIC]`
    ///
    /// ws:// and wss:// are accepted as well, whose path is not a topic. Other users of this machine can read a password in it.
    #[arg(short = 'L', long, value_name = "URL")]
    pub url: Option<OsString>,
    /// Read options from FILE first, one per line, as mosquitto_pub's and mosquitto_sub's files in ~/.config have them
    ///
    /// An option is followed by a blank and the rest of the line as its value. Lines that begin with # are skipped. The
    /// command line takes precedence. No such file is read automatically.
    #[arg(short = 'o', long, value_name = "FILE")]
    pub options_file: Vec<PathBuf>,
}

/// A command line without options that expand to others.
pub struct Expanded {
    pub files: Files,
    /// The password comes from a file, so it is not visible on the command line.
    pub pw_is_in_file: bool,
}

/// Expands the options of `parser`'s command, which is the second argument.
///
/// # Errors
/// A file that cannot be read or used, or that has a secret and can be read by others; what is not a URL; a private key.
pub fn expand(parser: &Command, args: Vec<OsString>) -> anyhow::Result<Expanded> {
    let command = args.get(1).and_then(|name| name.to_str()).and_then(|name| parser.find_subcommand(name));
    let Some(command) = command.filter(|command| command.get_arguments().any(|arg| arg.get_id() == FILE)) else {
        return Ok(Expanded { files: Files { own: args, ..Files::default() }, pw_is_in_file: false });
    };
    let known = KnownArguments { arguments: command.get_arguments().chain(parser.get_arguments()).collect() };
    let mut args = args.into_iter();
    let before: Vec<OsString> = args.by_ref().take(2).collect();
    let given: Vec<OsString> = args.collect();
    let is_allowed = given.iter().any(|arg| arg == ALLOW_SECRET);
    let mut own = Vec::new();
    let mut files = Vec::new();
    for piece in known.pieces(given) {
        // They are gone when all other values are checked.
        if let ArgumentPiece::Option { id: FILE | URL, values, .. } = &piece
            && let Some(refusal) = check::scan_argv(values.iter().map(OsString::as_os_str))
        {
            return Err(refusal.into());
        }
        match piece {
            ArgumentPiece::Option { id: FILE, values, .. } if !values.is_empty() => {
                files.extend(values.into_iter().map(PathBuf::from));
            }
            piece => own.push(piece),
        }
    }
    let mut of_files = Vec::new();
    let mut by_url = Vec::new();
    for path in files {
        of_files.extend(known.in_file(&path, is_allowed, &mut by_url)?);
    }
    let own = expanded(own, None, &mut by_url)?;
    let is_password = |piece: &ArgumentPiece| matches!(piece, ArgumentPiece::Option { id: PASSWORD, .. });
    let pw_is_in_file = of_files.iter().any(|line| line.pieces.iter().any(is_password)) && !own.iter().any(is_password);
    let is_message =
        |piece: &&ArgumentPiece| matches!(piece, ArgumentPiece::Option { id, .. } if MESSAGES.contains(id));
    let messages = |pieces: &[ArgumentPiece]| pieces.iter().filter(is_message).count();
    let with_message = of_files.iter().filter(|line| messages(&line.pieces) > 0);
    if with_message.clone().map(|line| messages(&line.pieces)).sum::<usize>() + messages(&own) > 1 {
        let failure = CliError::new(ExitKind::Usage, "more than one message is given");
        let failure =
            with_message.fold(failure, |failure, line| failure.because(format!("one stands in {}", line.place)));
        return Err(failure.hint("give one -m or -f, or the messages as lines with -l").into());
    }
    let words = |pieces: Vec<ArgumentPiece>| pieces.into_iter().flat_map(ArgumentPiece::into_words).collect();
    let given = of_files
        .into_iter()
        .map(|FileLine { place, names, pieces }| Given { place, names, words: words(pieces) })
        .collect();
    Ok(Expanded { files: Files { before, given, own: words(own), by_url }, pw_is_in_file })
}

/// A line of a file.
struct FileLine {
    place: LineInFile,
    /// The value of its option.
    names: Vec<String>,
    pieces: Vec<ArgumentPiece>,
}

/// A part of a command line.
enum ArgumentPiece {
    /// An option with its values, each of which is its own word.
    Option { id: &'static str, name: OsString, values: Vec<OsString> },
    /// Anything else, unchanged.
    Word(OsString),
}

impl ArgumentPiece {
    fn into_words(self) -> Vec<OsString> {
        match self {
            ArgumentPiece::Option { name, values, .. } => std::iter::once(name).chain(values).collect(),
            ArgumentPiece::Word(word) => vec![word],
        }
    }
}

/// Replaces each URL by its parts. `place` is where they are, if that is in a file; the resulting options are added
/// to `by_url`.
fn expanded(
    pieces: Vec<ArgumentPiece>,
    place: Option<&LineInFile>,
    by_url: &mut Vec<&'static str>,
) -> anyhow::Result<Vec<ArgumentPiece>> {
    let mut all = Vec::new();
    for piece in pieces {
        let ArgumentPiece::Option { id: URL, values, .. } = &piece else {
            all.push(piece);
            continue;
        };
        let parts = values.first().and_then(|url| url.to_str()).and_then(url::split).ok_or_else(|| {
            CliError::new(ExitKind::Usage, format!("{}the value of -L is not a URL", LineInFile::prefix(place)))
                .hint("write -L mqtt://USER:PASSWORD@HOST:PORT/TOPIC; all but mqtt://HOST may be left out")
        })?;
        if parts.query {
            let what = format!("{}the value of -L has a query, from its question mark on", LineInFile::prefix(place));
            return Err(CliError::new(ExitKind::Usage, what)
                .hint(
                    "write the password before the host, as in mqtt://USER:PASSWORD@HOST, or give --pw-file; a topic with a \
                     question mark goes with -t",
                )
                .into());
        }
        // A value glued to its option is not mistaken for another option.
        let mut glue = |option: &'static str, value: &str| {
            by_url.push(option);
            all.push(ArgumentPiece::Word(format!("{option}={value}").into()));
        };
        glue("--broker", &parts.broker);
        if let Some(user) = &parts.user {
            glue("--username", user);
        }
        if let Some(topic) = &parts.topic {
            glue("--topic", topic);
        }
        if let Some(password) = &parts.password {
            by_url.push("--pw");
            let values = vec![password.as_str().into()];
            all.push(ArgumentPiece::Option { id: PASSWORD, name: "--pw".into(), values });
        }
    }
    Ok(all)
}

/// An option in a word.
struct OptionInWord<'a> {
    argument: &'a Arg,
    /// The flags before it in the same word.
    flags: Option<OsString>,
    /// Its value, if that is in the same word.
    glued: Option<OsString>,
}

/// The arguments that a command knows.
struct KnownArguments<'a> {
    arguments: Vec<&'a Arg>,
}

impl KnownArguments<'_> {
    /// Finds which words are options, and which are their values, as the parser does.
    fn pieces(&self, words: Vec<OsString>) -> Vec<ArgumentPiece> {
        let mut pieces = Vec::new();
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            if word == "--" {
                pieces.push(ArgumentPiece::Word(word));
                pieces.extend(words.map(ArgumentPiece::Word));
                break;
            }
            let Some(OptionInWord { argument, flags, glued }) = self.option(&word) else {
                pieces.push(ArgumentPiece::Word(word));
                continue;
            };
            let id = [URL, FILE, PASSWORD]
                .into_iter()
                .chain(MESSAGES)
                .find(|id| argument.get_id() == id)
                .unwrap_or_default();
            if glued.is_some() && id.is_empty() {
                pieces.push(ArgumentPiece::Word(word));
                continue;
            }
            let name: OsString = match id {
                "" => word,
                // It goes away without the flags before it.
                _ => argument.get_long().map(|long| format!("--{long}")).unwrap_or_default().into(),
            };
            if let Some(flags) = flags.filter(|_| !id.is_empty()) {
                pieces.push(ArgumentPiece::Word(flags));
            }
            if let Some(value) = glued {
                pieces.push(ArgumentPiece::Option { id, name, values: vec![value] });
                continue;
            }
            let (fewest, most) = argument.get_num_args().map_or((1, 1), |n| (n.min_values(), n.max_values()));
            let mut values = Vec::new();
            while values.len() < most
                && let Some(value) = words.next_if(|word| values.len() < fewest || !word.as_bytes().starts_with(b"-"))
            {
                values.push(value);
            }
            pieces.push(ArgumentPiece::Option { id, name, values });
        }
        pieces
    }

    /// Returns the option with a value that a word names.
    fn option(&self, word: &OsStr) -> Option<OptionInWord<'_>> {
        let takes_value = |argument: &&&Arg| argument.get_action().takes_values();
        let bytes = word.as_bytes();
        if let Some(long) = bytes.strip_prefix(b"--") {
            let (name, value) = match long.iter().position(|byte| *byte == b'=') {
                Some(at) => (&long[..at], Some(OsStr::from_bytes(&long[at + 1..]).to_owned())),
                None => (long, None),
            };
            let is_named = |argument: &&&Arg| {
                let aliases = argument.get_all_aliases().unwrap_or_default();
                argument.get_long().into_iter().chain(aliases).any(|long| long.as_bytes() == name)
            };
            let argument = *self.arguments.iter().filter(takes_value).find(is_named)?;
            return Some(OptionInWord { argument, flags: None, glued: value });
        }
        // Of several letters only the last may take a value, which may be glued to it.
        let letters = bytes.strip_prefix(b"-")?;
        for (at, letter) in letters.iter().enumerate() {
            let letter = char::from(*letter);
            let is_named = |argument: &&&Arg| {
                let aliases = argument.get_all_short_aliases().unwrap_or_default();
                argument.get_short().into_iter().chain(aliases).any(|short| short == letter)
            };
            let argument = *self.arguments.iter().find(is_named)?;
            if argument.get_action().takes_values() {
                let (before, after) = (&bytes[..=at], &letters[at + 1..]);
                let after = after.strip_prefix(b"=").unwrap_or(after);
                let some = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
                let flags = (at > 0).then(|| some(before));
                return Some(OptionInWord { argument, flags, glued: (letters.len() > at + 1).then(|| some(after)) });
            }
        }
        None
    }

    /// Reads a file of options.
    fn in_file(&self, path: &Path, is_allowed: bool, by_url: &mut Vec<&'static str>) -> anyhow::Result<Vec<FileLine>> {
        let (text, exposed) = read(path)?;
        let mut lines = Vec::new();
        let mut others = Zeroizing::new(String::new());
        for (line, number) in text.lines().zip(1..) {
            let place = LineInFile { path: path.into(), line: number };
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = line.trim_start_matches(' ');
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once(' ').map_or((line, None), |(name, value)| (name, Some(value)));
            let value = value.filter(|value| !value.is_empty());
            let argument = self.option(OsStr::new(name)).map(|found| found.argument);
            let takes = argument.map(takes);
            match (takes, value) {
                (Some(Takes::Message), Some(value)) => {
                    if let Some(form) = payload::find(value.as_bytes()).filter(|_| !is_allowed) {
                        return Err(Refusal::PrivateKeyIn(Origin::File(path.into()).to_string(), form).into());
                    }
                }
                _ => {
                    others.push_str(line);
                    others.push('\n');
                }
            }
            let is_url = argument.is_some_and(|argument| argument.get_id() == URL);
            let is_secret = takes == Some(Takes::Secret) && (!is_url || value.is_some_and(|url| url.contains('@')));
            if is_secret && let Some(mode) = exposed {
                return Err(SourceError::OpenToOthers { path: path.into(), mode }.into());
            }
            if argument.is_some_and(|argument| argument.get_id() == FILE) {
                return Err(CliError::new(ExitKind::Usage, format!("{place} names another file of options"))
                    .hint("give both files on the command line, each with -o")
                    .into());
            }
            let values = match value {
                Some(value) if argument.is_some_and(|argument| argument.get_id() == PROPERTY) => property_words(value),
                Some(value) => vec![value.to_owned()],
                None => Vec::new(),
            };
            let words = std::iter::once(name.to_owned()).chain(values).map(OsString::from).collect();
            let pieces = expanded(self.pieces(words), Some(&place), by_url)?;
            let named = argument
                .or_else(|| self.arguments.iter().copied().find(|flag| names(flag).iter().any(|own| own == name)));
            lines.push(FileLine { place, names: named.map(names).unwrap_or_default(), pieces });
        }
        inbound::refuse_private_key(others.as_bytes(), Origin::File(path.into()))?;
        Ok(lines)
    }
}

/// The name of an option.
fn names(argument: &Arg) -> Vec<String> {
    let shorts =
        argument.get_short_and_visible_aliases().unwrap_or_default().into_iter().map(|short| format!("-{short}"));
    let longs = argument.get_long_and_visible_aliases().unwrap_or_default().into_iter().map(|long| format!("--{long}"));
    shorts.chain(longs).collect()
}

/// Splits `COMMAND NAME VALUE`; of a user property the value is `NAME VALUE`. The last one is the rest.
fn property_words(value: &str) -> Vec<String> {
    let parts = if value.split(' ').nth(1).is_some_and(properties::is_pair) { 4 } else { 3 };
    value.splitn(parts, ' ').map(ToOwned::to_owned).collect()
}

/// Returns the text of a file, and its mode if others can read it.
fn read(path: &Path) -> Result<(Zeroizing<String>, Option<u32>), SourceError> {
    let origin = || Origin::File(path.into());
    let failed = |source| SourceError::Read { origin: origin(), source };
    let (file, exposed) = source::open(path)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(failed(io::ErrorKind::FileTooLarge.into()));
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| SourceError::NotUtf8(origin()))?;
    Ok((Zeroizing::new(text.to_owned()), exposed))
}
