//! What the commands share: arguments, errors with their exit codes, the terminal, prompts.

pub mod agent;
pub mod arguments;
pub mod background;
pub mod broker;
pub mod broker_log_in;
pub mod broker_route;
pub mod credential;
pub mod device_argument;
pub mod device_credential;
pub mod duration;
pub mod error;
pub mod exit_status;
pub mod help;
pub mod intake;
pub mod key_pair;
pub mod keys;
pub mod log;
pub mod log_ins;
pub mod market;
pub mod metrics;
pub mod mosquitto;
pub mod prompt;
pub mod recent_names;
pub mod runtime;
pub mod service;
pub mod session;
pub mod setting_value;
pub mod settings;
pub mod signals;
pub mod size;
pub mod stream;
pub mod tls;
pub mod ui;
pub mod usage;
pub mod version;

use clap::{Args, Command, ValueEnum};

use settings::ConfigArgs;
use ui::MAX_WIDTH;

/// Options of every command about its output.
#[derive(Args, Clone, Debug)]
pub struct Output {
    /// Print results, and errors, as JSON
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Print only warnings and errors
    #[arg(long, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Say what is being done
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// Colour the output: auto (on terminals, unless NO_COLOR or CLICOLOR=0), always or never
    #[arg(long, global = true, value_name = "WHEN", value_enum, hide_possible_values = true, help_heading = "Output")]
    pub color: Option<Color>,
}

/// Whether colours are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Sets whether the process prints colours from now on.
    pub fn apply(self) {
        let choice = match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Returns the program with only one command: building all of them takes most of the time of a short run.
pub fn program_with<C: Args>(name: &'static str) -> Command {
    // It has those of the program's own arguments that every command shows.
    let program = Command::new("i3").max_term_width(MAX_WIDTH);
    ConfigArgs::augment_args(Output::augment_args(program)).subcommand(C::augment_args(Command::new(name)))
}
