//! The commands, one file each, with their options; and the path from arguments to an exit code.

pub mod agent;
pub mod buy;
pub mod completions;
pub mod config;
pub mod demo;
pub mod device;
pub mod doctor;
pub mod explain;
pub mod gateway;
pub mod hub;
pub mod import;
pub mod keygen;
pub mod login;
pub mod logout;
pub mod notifications;
pub mod product;
pub mod pubkey;
pub mod publish;
pub mod register;
pub mod request;
pub mod sales;
pub mod sandbox;
pub mod signup;
pub mod spool;
pub mod subscribe;
pub mod token;
pub mod whoami;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum as _};

use crate::cli::arguments::Arguments;
use crate::cli::error::ExitKind;
use crate::cli::mosquitto::expand::{self, Expanded};
use crate::cli::mosquitto::place::{Files, LineInFile};
use crate::cli::settings::{self, ConfigArgs};
use crate::cli::ui::{MAX_WIDTH, Ui};
use crate::cli::{self, Color, Output, arguments, error, exit_status, help, intake, usage, version};
use crate::{access, shell, text};

/// Sell live IoT data on an I3 marketplace: make keys, register devices, mint tokens, publish - and know that it arrived
///
/// With this tool, exit code 0 means that it happened. Every failure is reported with its cause and a remedy.
#[derive(Parser)]
#[command(name = "i3", version, max_term_width = MAX_WIDTH, after_long_help = exit_status::summary())]
pub struct Cli {
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub config: ConfigArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Subcommand)]
pub enum Command {
    Keygen(keygen::Keygen),
    Pubkey(pubkey::Pubkey),
    Signup(signup::Signup),
    Login(login::Login),
    Logout(logout::Logout),
    Whoami(whoami::Whoami),
    Hub(hub::Hub),
    Product(product::Product),
    Device(device::Device),
    Import(import::Import),
    Register(Box<register::Register>),
    Request(request::Request),
    Sales(sales::Sales),
    Purchases(sales::Purchases),
    Notifications(Box<notifications::Notifications>),
    Buy(Box<buy::Buy>),
    Token(token::Token),
    #[command(name = "pub")]
    Publish(Box<publish::Publish>),
    #[command(name = "sub")]
    Subscribe(Box<subscribe::Subscribe>),
    Spool(spool::Spool),
    Agent(agent::Agent),
    Gateway(Box<gateway::Gateway>),
    Config(config::Configuration),
    Doctor(Box<doctor::Doctor>),
    Explain(explain::Explain),
    Sandbox(sandbox::Sandbox),
    Demo(demo::Demo),
    Completions(completions::Completions),
}

/// The whole command line as clap knows it: the source of help, man pages and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// The parser of the arguments. For a command that scripts call by the thousand it is built for that command only, because
/// building all others would take most of such a call.
fn parser(args: &[OsString]) -> clap::Command {
    match args.get(1).and_then(|name| name.to_str()) {
        Some("pub") => cli::program_with::<publish::Publish>("pub"),
        Some("sub") => cli::program_with::<subscribe::Subscribe>("sub"),
        Some("token") => cli::program_with::<token::Token>("token"),
        _ => command(),
    }
}

/// Runs the program: parses, dispatches, and turns failures into messages and an exit code.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    // Found by hand, so that errors of the other arguments are reported in the right format.
    let json = args.iter().any(|arg| arg == "--json");
    if let Some(color) = color_of(&args) {
        color.apply();
    }
    let program = shell::quoted(&text::one_line(&name_of(args.first())));
    let mut ui = Ui { program, json, ..Ui::default() };
    if version::is_asked_for(&args) {
        return version::print(&ui, &args).map_or_else(|e| error::report(&ui, &e), |()| ExitCode::SUCCESS);
    }
    let Parsed { mut cli, files, notes, pw_is_in_file } = match parse(&ui, args) {
        Ok(parsed) => parsed,
        Err(code) => return code,
    };
    (ui.json, ui.quiet, ui.verbose) = (cli.output.json, cli.output.quiet, cli.output.verbose);
    match &mut cli.command {
        Command::Agent(agent) => ui.logs = agent.logs(),
        Command::Gateway(gateway) => ui.logs = gateway.logs(),
        Command::Token(token) => ui.logs = token.logs(),
        Command::Publish(publish) => publish.credential.pw_is_in_file = pw_is_in_file,
        Command::Subscribe(subscribe) => subscribe.credential.pw_is_in_file = pw_is_in_file,
        _ => {}
    }
    ui.selection = cli.config.selection();
    // A completion script is for the program itself.
    if !matches!(cli.command, Command::Completions(_)) {
        ui.program = settings::called(&ui.program, &ui.selection);
    }
    for note in &notes {
        ui.warn(&format!("{note}."));
    }
    error::report_exhaustion(&ui);
    let outcome = intake::environment(&ui).and_then(|()| cli.config.apply()).and_then(|()| run(&ui, cli.command));
    warn_of_access(&ui);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => error::report_with(&ui, &e, |message| files.named_in(message)),
    }
}

/// The arguments, as they were understood.
struct Parsed {
    cli: Cli,
    files: Files,
    notes: Vec<String>,
    pw_is_in_file: bool,
}

/// Parses the arguments; what is wrong with them has been told.
fn parse(ui: &Ui, args: Vec<OsString>) -> Result<Parsed, ExitCode> {
    let mut parser = parser(&args).bin_name(ui.program.clone());
    let name = args.get(1).and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let Expanded { files, pw_is_in_file } = expand::expand(&parser, args).map_err(|e| error::report(ui, &e))?;
    let Arguments { parsed, notes } = arguments::parse(&mut parser, files.args()).map_err(|e| {
        let e = match files.at_fault(&mut parser) {
            Some(place) => e.context(format!("{place} cannot be used")),
            None => e,
        };
        error::report(ui, &e)
    })?;
    let mut matches = parsed.map_err(|e| told(ui, files.naming_url(e), &name, files.at_fault(&mut parser)))?;
    let cli = Cli::from_arg_matches_mut(&mut matches).map_err(|e| usage::report(ui, e, command, &name, None))?;
    Ok(Parsed { cli, files, notes, pw_is_in_file })
}

/// Warns of secrets that others can read or replace.
fn warn_of_access(ui: &Ui) {
    for (path, mode) in access::take_unprotected() {
        ui.warn(&format!(
            "others can read {} (mode {mode:04o}): its file system keeps no permissions. Move it to one that does, or use it with \
             --allow-loose-permissions.",
            path.display()
        ));
    }
    for (folder, mode) in access::take_shared() {
        ui.warn(&format!(
            "everybody may write to the folder {} (mode {mode:04o}), and so replace the secret that was written to it. Keep secrets in a \
             folder that only you can write to, or use this one with --allow-loose-permissions.",
            folder.display()
        ));
    }
}

/// Returns the value of `--color`, wherever it is, because errors of the other arguments use it, too.
fn color_of(args: &[OsString]) -> Option<Color> {
    let mut words = args.iter().skip(1).filter_map(|arg| arg.to_str());
    let mut found = None;
    while let Some(word) = words.next() {
        let value = if word == "--color" { words.next() } else { word.strip_prefix("--color=") };
        found = value.and_then(|value| Color::from_str(value, false).ok()).or(found);
    }
    found
}

/// Prints help or the error of the arguments, and returns the exit code.
fn told(ui: &Ui, error: clap::Error, name: &str, place: Option<&LineInFile>) -> ExitCode {
    let is_missing = match error.kind() {
        ErrorKind::DisplayHelp => false,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => true,
        _ => return usage::report(ui, error, command, name, place),
    };
    let words: Vec<String> = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let is_long = words.iter().any(|word| word == "--help") || words.first().is_some_and(|word| word == "help");
    let root = command().bin_name(ui.program.clone());
    let path = completions::path(&root, &words);
    let path: Vec<&str> = path.iter().map(String::as_str).filter(|name| *name != "help").collect();
    let text = help::text(root, &path, is_long);
    if is_missing {
        let _ = write!(anstream::stderr(), "{text}");
        return ExitKind::Usage.into();
    }
    ui.styled(text).map_or_else(|e| error::report(ui, &e), |()| ExitCode::SUCCESS)
}

fn run(ui: &Ui, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Keygen(c) => c.run(ui),
        Command::Pubkey(c) => c.run(ui),
        Command::Signup(c) => c.run(ui),
        Command::Login(c) => c.run(ui),
        Command::Logout(c) => c.run(ui),
        Command::Whoami(c) => c.run(ui),
        Command::Hub(c) => c.run(ui),
        Command::Product(c) => c.run(ui),
        Command::Device(c) => c.run(ui),
        Command::Import(c) => c.run(ui),
        Command::Register(c) => c.run(ui),
        Command::Request(c) => c.run(ui),
        Command::Sales(c) => c.run(ui),
        Command::Purchases(c) => c.run(ui),
        Command::Notifications(c) => c.run(ui),
        Command::Buy(c) => c.run(ui),
        Command::Token(c) => c.run(ui),
        Command::Publish(c) => c.run(ui),
        Command::Subscribe(c) => c.run(ui),
        Command::Spool(c) => c.run(ui),
        Command::Agent(c) => c.run(ui),
        Command::Gateway(c) => c.run(ui),
        Command::Config(c) => c.run(ui),
        Command::Doctor(c) => c.run(ui),
        Command::Explain(c) => c.run(ui),
        Command::Sandbox(c) => c.run(ui),
        Command::Demo(c) => c.run(ui),
        Command::Completions(c) => c.run(ui, Cli::command(), &name_of(std::env::args_os().next().as_ref())),
    }
}

/// The name that this program was called by, for usage lines and hints: on some machines `i3` is the window manager.
fn name_of(arg0: Option<&OsString>) -> String {
    let name = arg0.and_then(|arg0| std::path::Path::new(arg0).file_name());
    name.map_or_else(|| "i3".into(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_by_itself_is_the_command_among_all() {
        for name in ["pub", "sub", "token"] {
            let [alone, among_all] = [parser(&["i3".into(), name.into()]), command()].map(|mut command| {
                command.build();
                let found = command.find_subcommand_mut(name).unwrap();
                (found.render_long_help().to_string(), found.render_help().to_string())
            });
            assert_eq!(alone, among_all);
        }
    }

    #[test]
    fn a_device_is_named_by_the_argument_and_by_the_option() {
        fn look(command: &clap::Command, path: &str, found: &mut Vec<String>) {
            let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
            let names = |value: &str| {
                let is_named =
                    |argument: &&clap::Arg| argument.get_value_names().is_some_and(|names| names[0] == value);
                command.get_positionals().any(|argument| is_named(&argument))
            };
            let has_option = command.get_arguments().any(|argument| argument.get_long() == Some("device"));
            // The arguments of these are something else.
            let is_free = ["i3 pub", "i3 sub"].contains(&path.as_str());
            if names("DEVICE") || has_option && !is_free {
                assert!(has_option && (names("DEVICE") || names("NAME")), "{path}");
                found.push(path.clone());
            }
            command.get_subcommands().for_each(|command| look(command, &path, found));
        }
        let mut found = Vec::new();
        let mut command = command();
        command.build();
        look(&command, "", &mut found);
        assert!(found.len() >= 14, "{found:?}");
    }
}
