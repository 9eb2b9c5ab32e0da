//! The manual: one page a command, rendered from the same command line that parses, with what every page needs besides.

use std::io;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use i3::cli::exit_status::TABLE;
use i3::cli::help::needs;

use super::DATE;
use super::config::section;
use super::mosquitto;
use super::refused::REFUSED;

/// The environment variables, in the order of the manual.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("I3_MARKET", "The marketplace, as --market takes it."),
    ("I3_BROKER", "The broker, as --broker takes it."),
    ("I3_DEVICE", "The device, by its full or short name, if a command names none."),
    ("I3_PASSWORD", "The device's password or token, for pub and sub."),
    ("I3_API_KEY", "The seller's API key, for the marketplace's REST API."),
    ("I3_USER, I3_LOGIN_PASSWORD", "The seller's account, for the marketplace's forms."),
    (
        "I3_BUYER, I3_BUYER_PASSWORD",
        "The buyer's account and its broker password, which sub logs in with if no option names another.",
    ),
    ("I3_PKCS11_MODULE", "The PKCS#11 module for keys on tokens, if the URI of a key names none."),
    ("I3_ALLOW_LOOSE_PERMISSIONS", "Set to 1, the same as --allow-loose-permissions."),
    ("I3_AGENT", "The socket of the agent, instead of the default place."),
    ("I3_HOME", "One folder for configuration, data and state, instead of XDG's."),
    ("I3_CONFIG, I3_PROFILE", "The config file and the profile, as --config and --profile take them."),
    ("I3_SYSTEM_CONFIG", "The machine's config file, instead of /etc/i3-marketplace/config.toml."),
    (
        "NO_COLOR, CLICOLOR, CLICOLOR_FORCE",
        "Print no colours if NO_COLOR is set or CLICOLOR is 0, and colours into pipes, too, if CLICOLOR_FORCE is set; --color takes precedence.",
    ),
    (
        "LC_ALL, LC_CTYPE, LANG",
        "The encoding of the terminal for sub --plot, which is drawn with ASCII if it is not UTF-8; the first one that is set counts.",
    ),
    (
        "http_proxy, https_proxy, all_proxy, no_proxy",
        "The proxy for the marketplace, read as curl does; the latter three also in upper case. Never used for loopback.",
    ),
];

/// The files, in the order of the manual.
const FILES: &[(&str, &str)] = &[
    (
        "~/.config/i3-marketplace/config.toml",
        "Settings and the devices that were registered; paths of secrets, never a secret. i3-config(5) describes its keys, and which \
         of several settings applies.",
    ),
    (
        "~/.config/i3-marketplace/gateway.toml",
        "Sources and routes of gateway, if no other file is named; i3-gateway(5) describes its keys.",
    ),
    (
        "/etc/i3-marketplace/config.toml",
        "The same for all users of the machine; a user's own settings take precedence.",
    ),
    (
        "~/.config/i3-marketplace/profiles/NAME/config.toml",
        "The configuration of a profile. Its data and state are in folders profiles/NAME below those that follow.",
    ),
    (
        "~/.local/share/i3-marketplace/keys/NAME.pem",
        "Private keys made by keygen, readable only by their owner; NAME.pem.pub is the public half.",
    ),
    (
        "~/.local/share/i3-marketplace/accounts/MARKET.json",
        "The API key and the session that login keeps, readable only by their owner.",
    ),
    (
        "~/.local/share/i3-marketplace/passwords/DEVICE",
        "Device passwords that had no file of their own, readable only by their owner.",
    ),
    (
        "~/.local/state/i3-marketplace/gateway-rejects.jsonl",
        "Messages that gateway could not publish, with the reasons, unless its file names another place; readable only by \
         their owner.",
    ),
    (
        "~/.local/state/i3-marketplace/gateway-sessions/",
        "What brokers keep for gateway: it ends what its file, changed meanwhile, no longer wants.",
    ),
    (
        "~/.local/state/i3-marketplace/known.json",
        "Names of devices, hubs and products that the marketplace has shown, for completions and for hints.",
    ),
    (
        "~/.local/state/i3-marketplace/spool/DEVICE/",
        "Lines that pub --spool has stored and that are not acknowledged yet, and 8 MB reserved for a full disk; \
         readable only by their owner.",
    ),
];

/// What `--json` promises.
const JSON: &[&str] = &[
    "With --json a result is one JSON value in one line on stdout, and an error one object in the last line of stderr. The object with \
     a result or an error has the member schema, the version of the shapes: while it is 1, the names, types and meanings of all members stay, and \
     only members are added. Lists are arrays, without it; i3 --version --json shows it for them.",
    "A quantity has its unit in its name, such as elapsed_seconds or bytes; a moment is RFC 3339 in UTC; money is text with two decimals.",
    "docs/json.md describes what each command prints, and docs/schemas contains the JSON Schemas.",
];

/// Every page: file name (`i3-pub.1`) and roff text.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn pages(mut root: clap::Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    root.build();
    let mut pages = vec![("i3.1".to_string(), page(root.clone(), "i3", Transcripts::Listing)?)];
    below(&root, "i3", &mut pages)?;
    Ok(pages)
}

/// The pages of the commands below `command`, and of those below these: `i3-hub.1`, `i3-hub-create.1`.
fn below(command: &clap::Command, typed: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for command in command.get_subcommands().filter(|c| c.get_name() != "help") {
        let typed = format!("{typed} {}", command.get_name());
        let name = typed.replace(' ', "-");
        pages.push((format!("{name}.1"), page(command.clone().bin_name(&typed), &name, Transcripts::Elsewhere)?));
        below(command, &typed, pages)?;
    }
    Ok(())
}

#[derive(PartialEq)]
enum Transcripts {
    Listing,
    Elsewhere,
}

fn page(command: clap::Command, name: &str, transcripts: Transcripts) -> io::Result<Vec<u8>> {
    let examples = examples(&command);
    let subcommands = command.has_subcommands();
    let command_name = command.get_name().to_owned();
    // clap_mangen puts the name into NAME and the bin name into SYNOPSIS.
    let described = command.clone().long_about(description(&command));
    let man = Man::new(described.display_name(name).name(name.to_string()).disable_help_subcommand(true))
        .title(name)
        .section("1")
        .source(concat!("i3 ", env!("CARGO_PKG_VERSION")))
        .manual("I3 seller's toolkit")
        .date(DATE);
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    synopsis(&command, &mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if subcommands {
        man.render_subcommands_section(&mut out)?;
    }
    let mut rest = Roff::new();
    if let Some(examples) = examples {
        rest.control("SH", ["EXAMPLES"]);
        verbatim(&mut rest, &examples);
    }
    if let Some(of) = ["pub", "sub"].into_iter().find(|of| *of == command_name) {
        let told = mosquitto::differences(of);
        let told: Vec<_> = told.iter().map(|(names, text)| (names.as_str(), text.as_str())).collect();
        tagged(&mut rest, &format!("DIFFERENCES FROM MOSQUITTO_{}", of.to_uppercase()), &told);
    }
    tagged(&mut rest, "ENVIRONMENT", ENVIRONMENT);
    tagged(&mut rest, "FILES", FILES);
    if transcripts == Transcripts::Listing {
        section(&mut rest, "JSON", JSON);
    }
    exit_status(&mut rest, &transcripts);
    if transcripts == Transcripts::Listing {
        let plain = REFUSED.iter().map(|(what, why)| (what.replace('`', ""), why.replace('`', ""))).collect::<Vec<_>>();
        let plain: Vec<_> = plain.iter().map(|(what, why)| (what.as_str(), why.as_str())).collect();
        tagged(&mut rest, "WHAT IS REFUSED BEFORE ANYTHING IS SENT", &plain);
    }
    rest.control("SH", ["SEE ALSO"]);
    if transcripts == Transcripts::Listing {
        rest.text([
            roman("The pages of the commands, such as "),
            bold("i3-pub"),
            roman("(1); "),
            bold("i3-config"),
            roman("(5) for the configuration; "),
            bold("i3-troubleshooting"),
            roman("(7) for everything that goes wrong on I3. This is not the window manager i3."),
        ]);
    } else {
        rest.text([
            bold("i3"),
            roman("(1), "),
            bold("i3-config"),
            roman("(5), "),
            bold("i3-troubleshooting"),
            roman("(7)"),
        ]);
    }
    rest.to_writer(&mut out)?;
    Ok(tidy(&out))
}

/// Leaves out the line breaks beside an empty line, of which mandoc warns, blanks at the ends of lines, and the entry of `help`,
/// which has no page.
fn tidy(page: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(page);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let is_space = |at: Option<usize>| {
        at.and_then(|at| lines.get(at)).is_some_and(|line| line.is_empty() || line.starts_with(".sp"))
    };
    let beside = |at: usize| is_space(at.checked_sub(1)) || is_space(Some(at + 1));
    let is_help = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_some_and(|line| line.ends_with("\\-help(1)"));
    let of_help = |at: usize| [Some(at + 1), Some(at), at.checked_sub(1)].into_iter().any(is_help);
    let kept = lines.iter().enumerate().filter(|(at, line)| !of_help(*at) && (**line != ".br" || !beside(*at)));
    kept.map(|(_, line)| format!("{line}\n")).collect::<String>().into_bytes()
}

/// What NAME says, as a sentence, and all else.
fn description(command: &clap::Command) -> String {
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
    format!("{about}.{}", long.strip_prefix(&about).unwrap_or_default())
}

/// The synopsis: required options first, then the other options with their values, then the arguments.
fn synopsis(command: &clap::Command, out: &mut Vec<u8>) -> io::Result<()> {
    let mut line = vec![bold(command.get_bin_name().unwrap_or("i3"))];
    let (options, positionals): (Vec<_>, Vec<_>) =
        command.get_arguments().filter(|argument| !argument.is_hide_set()).partition(|a| !a.is_positional());
    let option = |argument: &clap::Arg| {
        let short = argument.get_short().map(|short| bold(format!("-{short}")));
        let long = argument.get_long().map(|long| bold(format!("--{long}")));
        let bar = (short.is_some() && long.is_some()).then(|| roman("|"));
        let names = argument.get_value_names().filter(|_| argument.get_action().takes_values()).unwrap_or_default();
        let may_be_left_out = argument.get_num_args().is_some_and(|count| count.min_values() == 0);
        let (open, close) = if may_be_left_out { (" [", "]") } else { (" ", "") };
        let values = names.iter().flat_map(|name| [roman(open), italic(name.as_str()), roman(close)]);
        short.into_iter().chain(bar).chain(long).chain(values).collect::<Vec<_>>()
    };
    for argument in options.iter().filter(|argument| argument.is_required_set()) {
        line.push(roman(" "));
        line.extend(option(argument));
    }
    let needs = needs(command.get_name()).unwrap_or_default();
    if !needs.is_empty() {
        line.push(roman(format!(" {needs}")));
    }
    let is_needed = |argument: &clap::Arg| {
        let names = [
            argument.get_short().map(|short| format!("-{short}")),
            argument.get_long().map(|long| format!("--{long}")),
        ];
        needs.split([' ', '<', '>', '|']).any(|word| names.iter().flatten().any(|name| name == word))
    };
    for argument in options.iter().filter(|argument| !argument.is_required_set() && !is_needed(argument)) {
        line.push(roman(" ["));
        line.extend(option(argument));
        line.push(roman("]"));
    }
    for argument in positionals {
        let name = argument.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
        let (open, close) = if argument.is_required_set() { ("", "") } else { ("[", "]") };
        let more = if matches!(argument.get_action(), clap::ArgAction::Append) { " ..." } else { "" };
        line.extend([roman(format!(" {open}")), italic(name), roman(format!("{close}{more}"))]);
    }
    if command.has_subcommands() {
        let (open, close) = if command.is_subcommand_required_set() { ("", "") } else { ("[", "]") };
        line.extend([roman(format!(" {open}")), italic("COMMAND"), roman(close)]);
    }
    let mut roff = Roff::new();
    roff.control("SH", ["SYNOPSIS"]);
    roff.text(line);
    roff.to_writer(out)
}

/// The commands below `Examples:` in the long help, which is where they are written down.
fn examples(command: &clap::Command) -> Option<String> {
    let text = command.get_after_long_help()?.to_string();
    let examples = text.strip_prefix("Examples:\n")?;
    Some(examples.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n"))
}

fn tagged(roff: &mut Roff, heading: &str, entries: &[(&str, &str)]) {
    roff.control("SH", [heading]);
    for (tag, text) in entries {
        roff.control("TP", []);
        roff.text([italic(*tag)]);
        roff.text([roman(*text)]);
    }
}

fn exit_status(roff: &mut Roff, transcripts: &Transcripts) {
    roff.control("SH", ["EXIT STATUS"]);
    for status in TABLE {
        roff.control("TP", []);
        roff.text([bold(status.code.to_string())]);
        roff.text([roman(status.meaning)]);
        if *transcripts == Transcripts::Listing {
            roff.control("IP", []);
            verbatim(roff, &format!("$ {}\n{}", status.command, status.output));
        }
    }
}

pub fn verbatim(roff: &mut Roff, text: &str) {
    roff.control("nf", []);
    for line in text.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
}
