//! The command line: each value is checked once, by the type that its option takes.
//!
//! The type of an option says what it takes: a [`Message`], [`FreeText`], a path, an `OsString` for a secret, or otherwise a
//! word: a name, an address, a number. So a new option is checked without being named here.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::error::{CliError, ExitKind};
use crate::guard::source::{self, Origin, SourceError};
use crate::guard::{Refusal, check, payload};
use crate::key::STDIN;
use crate::text::hidden;

/// The option that allows a private key in a message.
const ALLOW_SECRET: &str = "allow-secret";

/// The option that reads a key, from standard input if its value is [`STDIN`], and those of the same commands that read standard
/// input as well, with their names for the user.
const KEY: &str = "key";
const STDIN_READERS: [(&str, &str); 7] = [
    ("stdin_file", "-s"),
    ("lines", "-l"),
    ("null", "-0"),
    ("topic_per_line", "--topic-per-line"),
    ("jsonl", "--jsonl"),
    ("inspect", "--inspect"),
    ("login_password_stdin", "--login-password-stdin"),
];

/// A message to publish. Any text may be one, and only a private key in plain sight is refused ([`payload`]).
#[derive(Clone, Debug)]
pub struct Message(pub String);

/// Text that people write or read, such as a description or a format: it may have any character in it.
#[derive(Clone, Debug)]
pub struct FreeText(pub String);

impl From<String> for Message {
    fn from(text: String) -> Message {
        Message(text)
    }
}

impl From<String> for FreeText {
    fn from(text: String) -> FreeText {
        FreeText(text)
    }
}

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Message,
    FreeText,
    Path,
    /// A secret, which is checked when it is read.
    Secret,
    Word,
}

/// Returns what an argument takes.
pub fn takes(argument: &Arg) -> Takes {
    let of = argument.get_value_parser().type_id();
    let known = [
        (TypeId::of::<Message>(), Takes::Message),
        (TypeId::of::<FreeText>(), Takes::FreeText),
        (TypeId::of::<PathBuf>(), Takes::Path),
        (TypeId::of::<OsString>(), Takes::Secret),
    ];
    known.into_iter().find(|(known, _)| of == *known).map_or(Takes::Word, |(_, takes)| takes)
}

/// The arguments, checked and parsed.
pub struct Arguments {
    /// The parser's result.
    pub parsed: Result<ArgMatches, clap::Error>,
    /// What was left out of them, in sentences without a full stop.
    pub notes: Vec<String>,
}

/// Parses the arguments of a process, its own name first. Invisible characters at the ends of words are removed.
///
/// # Errors
/// A private key, or a value that cannot work: a word with a hidden character inside it, or a path with one at an end. A
/// failure to parse is not an error here: its message may repeat values, and is scrubbed before it is shown.
pub fn parse(parser: &mut Command, mut args: Vec<OsString>) -> anyhow::Result<Arguments> {
    let mut notes = Vec::new();
    let mut parsed = parser.try_get_matches_from_mut(&args);
    let refusal = match &parsed {
        Ok(matches) => key_in_values(&values(parser, matches), is_allowed(parser, matches)),
        Err(_) => key_in_unparsed(parser, args.get(1..).unwrap_or_default()),
    };
    if let Some(refusal) = refusal {
        return Err(refusal.into());
    }
    if let Ok(matches) = &parsed {
        one_reader_of_stdin(matches)?;
    }
    // Each time an argument gets shorter.
    while has_hidden(&args) && amend(parser, &parsed, &mut args, &mut notes)? {
        parsed = parser.try_get_matches_from_mut(&args);
    }
    if let Some(error) = parsed.as_ref().ok().and_then(|matches| option_without_effect(parser, matches)) {
        parsed = Err(error);
    }
    Ok(Arguments { parsed, notes })
}

/// Finds an option of a command before its subcommand, which does not have it. (`args_conflicts_with_subcommands` would refuse
/// those that every command has, too.)
fn option_without_effect(parser: &mut Command, matches: &ArgMatches) -> Option<clap::Error> {
    let (subcommand, of_subcommand) = matches.subcommand()?;
    let is_given = |argument: &Arg| matches.value_source(argument.get_id().as_str()) == Some(ValueSource::CommandLine);
    let own = parser.get_arguments().find(|argument| !argument.is_global_set() && is_given(argument));
    if let Some(own) = own.map(ToString::to_string) {
        let message = format!("the subcommand '{subcommand}' cannot be used with '{own}'");
        return Some(parser.error(ErrorKind::ArgumentConflict, message));
    }
    option_without_effect(parser.find_subcommand_mut(subcommand)?, of_subcommand)
}

/// Checks a word, and returns it with what was left out of it.
///
/// # Errors
/// A hidden character inside it.
pub fn word(name: &str, text: &str) -> Result<(String, Option<String>), SourceError> {
    let origin = Origin::Argument(name.into());
    match hidden::word(text) {
        Ok(word) => Ok((word.text.into(), source::left_out(&origin, &word.removed))),
        Err(hidden) => Err(SourceError::Unusable { origin, hidden }),
    }
}

/// A value on the command line.
struct ArgumentValue<'a> {
    /// The name of its argument: `--topic`, `<DEVICE>`.
    name: String,
    takes: Takes,
    text: &'a OsStr,
}

/// Returns the values that were given, in their order.
fn values<'a>(parser: &Command, matches: &'a ArgMatches) -> Vec<ArgumentValue<'a>> {
    let (mut values, mut seen) = (Vec::new(), Vec::new());
    let mut level = Some((parser, matches));
    while let Some((command, matches)) = level {
        let mut of_command = Vec::new();
        // A global argument is among those of every command.
        for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
            let id = argument.get_id().as_str();
            let is_given = matches.value_source(id) == Some(ValueSource::CommandLine);
            if !is_given || seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let texts = matches.get_raw(id).into_iter().flatten();
            let value = |text| ArgumentValue { name: name(argument), takes: takes(argument), text };
            of_command.extend(matches.indices_of(id).into_iter().flatten().zip(texts.map(value)));
        }
        of_command.sort_by_key(|(index, _)| *index);
        values.extend(of_command.into_iter().map(|(_, value)| value));
        level = matches.subcommand().and_then(|(name, matches)| Some((command.find_subcommand(name)?, matches)));
    }
    values
}

/// Checks that nothing besides the key is read from standard input.
fn one_reader_of_stdin(matches: &ArgMatches) -> anyhow::Result<()> {
    let mut level = Some(matches);
    while let Some(matches) = level {
        let is_given = |id: &str| matches.try_contains_id(id).unwrap_or(false);
        let is_key_read =
            is_given(KEY) && matches.get_raw(KEY).is_some_and(|mut values| values.any(|value| value == STDIN));
        let is_set = |id: &str| is_given(id) && matches.value_source(id) == Some(ValueSource::CommandLine);
        if let Some((_, other)) = STDIN_READERS.iter().find(|(id, _)| is_key_read && is_set(id)) {
            return Err(CliError::new(ExitKind::Usage, format!("--key - and {other} both read standard input"))
                .hint("give the key in a file with --key FILE, or through a pipe of its own with --key <(COMMAND)")
                .into());
        }
        level = matches.subcommand().map(|(_, matches)| matches);
    }
    Ok(())
}

fn name(argument: &Arg) -> String {
    match (argument.get_long(), argument.get_value_names()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some([name, ..])) => format!("<{name}>"),
        _ => argument.get_id().to_string(),
    }
}

/// Whether a message may be a private key.
fn is_allowed(parser: &Command, matches: &ArgMatches) -> bool {
    let Some((name, matches)) = matches.subcommand() else { return false };
    let Some(command) = parser.find_subcommand(name) else { return false };
    let flag = command.get_arguments().find(|argument| argument.get_long() == Some(ALLOW_SECRET));
    flag.is_some_and(|flag| matches.get_flag(flag.get_id().as_str())) || is_allowed(command, matches)
}

/// Looks for a private key in the values: in a message for one in plain sight, unless it is allowed, in all others for one in
/// whatever disguise.
fn key_in_values(values: &[ArgumentValue<'_>], is_allowed: bool) -> Option<Refusal> {
    let (messages, others): (Vec<_>, Vec<_>) = values.iter().partition(|value| value.takes == Takes::Message);
    check::scan_argv(others.iter().map(|value| value.text)).or_else(|| {
        let mut messages = messages.iter().filter(|_| !is_allowed);
        messages.find_map(|message| payload::find(message.text.as_bytes())).map(Refusal::PrivateKeyOnCommandLine)
    })
}

/// Searches arguments that cannot be parsed for a private key, also for one in plain sight across all of them, because
/// the shell may have split it.
fn key_in_unparsed(parser: &Command, args: &[OsString]) -> Option<Refusal> {
    let flags = message_flags(parser);
    let is_flag = |arg: &OsString| flags.iter().any(|flag| arg.as_bytes().starts_with(flag.as_bytes()));
    let follows_flag = |at: usize| at > 0 && flags.iter().any(|flag| args[at - 1] == flag.as_str());
    let others = args.iter().enumerate().filter(|(at, arg)| !is_flag(arg) && !follows_flag(*at));
    check::scan_argv(others.map(|(_, arg)| arg.as_os_str())).or_else(|| {
        let is_allowed = args.iter().any(|arg| arg.as_bytes().strip_prefix(b"--") == Some(ALLOW_SECRET.as_bytes()));
        let all = zeroize::Zeroizing::new(args.join(OsStr::new(" ")).into_vec());
        payload::find(&all).filter(|_| !is_allowed).map(Refusal::PrivateKeyOnCommandLine)
    })
}

/// Returns the options of any command that take a message: `-m`, `--message`.
fn message_flags(command: &Command) -> Vec<String> {
    let of_command =
        command.get_arguments().filter(|argument| takes(argument) == Takes::Message).flat_map(|argument| {
            let short = argument.get_short().map(|short| format!("-{short}"));
            short.into_iter().chain(argument.get_long().map(|long| format!("--{long}")))
        });
    of_command.chain(command.get_subcommands().flat_map(message_flags)).collect()
}

fn has_hidden(args: &[OsString]) -> bool {
    args.iter().skip(1).any(|arg| arg.to_str().is_some_and(|text| !hidden::find(text).is_empty()))
}

/// Removes invisible characters at the ends of words; returns whether there were any.
fn amend(
    parser: &Command,
    parsed: &Result<ArgMatches, clap::Error>,
    args: &mut [OsString],
    notes: &mut Vec<String>,
) -> anyhow::Result<bool> {
    let mut found = match parsed {
        Ok(matches) => values(parser, matches),
        Err(error) => rejected(error).into_iter().collect(),
    };
    found.retain(|value| value.text.to_str().is_some_and(|text| !hidden::find(text).is_empty()));
    let before = notes.len();
    for arg in args.iter_mut().skip(1) {
        // Values are in order at the ends of arguments: `VALUE`, `-oVALUE`, `--option=VALUE`.
        let is_here = |value: &ArgumentValue<'_>| arg.as_bytes().ends_with(value.text.as_bytes());
        let Some(value) = found.iter().position(is_here).map(|at| found.remove(at)) else { continue };
        let text = value.text.to_str().unwrap_or_default();
        match value.takes {
            Takes::Word => {
                let (word, note) = word(&value.name, text)?;
                if let Some(note) = note {
                    let mut shorter = arg.as_bytes()[..arg.len() - text.len()].to_vec();
                    shorter.extend_from_slice(word.as_bytes());
                    *arg = OsString::from_vec(shorter);
                    notes.push(note);
                }
            }
            Takes::Path => {
                if let Some(hidden) = hidden::at_end(text) {
                    return Err(SourceError::Unusable { origin: Origin::Argument(value.name), hidden }.into());
                }
            }
            Takes::Message | Takes::FreeText | Takes::Secret => {}
        }
    }
    Ok(notes.len() > before)
}

/// Returns the value that an argument does not take, such as a number with a line end.
fn rejected(error: &clap::Error) -> Option<ArgumentValue<'_>> {
    if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        return None;
    }
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg)?;
    let name = argument.split([' ', '=']).next().unwrap_or_default().into();
    Some(ArgumentValue { name, takes: Takes::Word, text: OsStr::new(text(ContextKind::InvalidValue)?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parser() -> Command {
        Command::new("i3").arg(Arg::new("profile").long("profile").global(true)).subcommand(
            Command::new("pub")
                .arg(Arg::new("message").short('m').long("message").value_parser(clap::value_parser!(Message)))
                .arg(Arg::new("format").short('F').value_parser(clap::value_parser!(FreeText)))
                .arg(Arg::new("file").long("file").value_parser(clap::value_parser!(PathBuf)))
                .arg(Arg::new("pw").short('P').value_parser(clap::value_parser!(OsString)))
                .arg(Arg::new("port").short('p').long("port").value_parser(clap::value_parser!(u16)))
                .arg(Arg::new("retain").short('r').action(clap::ArgAction::SetTrue))
                .arg(Arg::new("allow_secret").long("allow-secret").action(clap::ArgAction::SetTrue))
                .arg(Arg::new("topic").value_name("TOPIC")),
        )
    }

    fn parse(args: &[&str]) -> anyhow::Result<Arguments> {
        let args = ["i3"].iter().chain(args).map(OsString::from).collect();
        super::parse(&mut parser(), args)
    }

    #[test]
    fn what_nobody_sees_at_the_ends_of_words_is_left_out_and_of_nothing_else() {
        let args = [
            "pub",
            "-rmx\r",
            "-F",
            "x\r",
            "--port=1883\r\n",
            "--file",
            "a\u{a0}b",
            "-Px\r",
            "x\r",
            "--profile",
            "\u{feff}x",
        ];
        let arguments = parse(&args).unwrap();
        let matches = arguments.parsed.unwrap();
        let (_, matches) = matches.subcommand().unwrap();
        let raw = |id: &str| matches.get_raw(id).unwrap().next().unwrap().to_str().unwrap().to_owned();
        let values = ["message", "format", "port", "file", "pw", "topic", "profile"].map(raw);
        assert_eq!(values, ["x\r", "x\r", "1883", "a\u{a0}b", "x\r", "x", "x"]);
        let left_out = |name, what| format!("the value of {name} has {what}: left out");
        let expected = [
            left_out("--port", "a carriage return (U+000D) at its end, a line feed (U+000A) at its end"),
            left_out("<TOPIC>", "a carriage return (U+000D) at its end"),
            left_out("--profile", "a byte order mark (U+FEFF) at its beginning"),
        ];
        assert_eq!(arguments.notes, expected);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for (args, says) in [
            (["pub", "a\u{200b}b"], "the value of <TOPIC> has a zero-width space (U+200B) as character 2"),
            (["pub", "--port=18\u{a0}83"], "the value of --port has a no-break space (U+00A0) as character 3"),
            (["pub", "--file=a\r"], "the value of --file has a carriage return (U+000D) at its end"),
        ] {
            assert_eq!(parse(&args).err().unwrap().to_string(), says);
        }
    }

    #[test]
    fn a_message_is_searched_for_a_key_in_plain_sight_and_all_else_for_any() {
        let number = "uK3v".repeat(20);
        let [hidden, plain] = [format!("{{\"d\":\"{number}\"}}"), format!("{{\"kty\":\"EC\",\"d\":\"{number}\"}}")];
        let [hidden, plain] = [hidden.as_str(), plain.as_str()];
        let glued = format!("-m{hidden}");
        for args in [
            vec!["pub", "-m", hidden],
            vec!["pub", "-rm", hidden],
            vec!["pub", &glued],
            vec!["pub", "-m", hidden, "--bogus"],
            vec!["pub", &glued, "--bogus"],
            vec!["pub", "-m", plain, "--allow-secret"],
            vec!["pub", "--allow-secret", "-m", plain, "--bogus"],
        ] {
            assert!(parse(&args).is_ok(), "{args:?}");
        }
        for args in [
            vec!["pub", hidden],
            vec!["pub", "-m", "x", hidden],
            vec!["pub", "-P", hidden, "--allow-secret"],
            vec!["pub", "-m", plain],
            vec!["pub", "-m", plain, "--bogus"],
            vec!["pub", "--bogus", hidden, "--allow-secret"],
            // An unquoted $(cat FILE) after -m.
            vec!["pub", "-m", "-----BEGIN", "PRIVATE", "KEY-----", "AAAA"],
        ] {
            let refusal = parse(&args).err().unwrap();
            assert!(matches!(refusal.downcast_ref(), Some(Refusal::PrivateKeyOnCommandLine(_))), "{args:?}");
        }
    }
}
