//! What the commands share: arguments, errors with their exit codes, the terminal, prompts.

pub mod agent;
pub mod arguments;
pub mod background;
pub mod broker;
pub mod device_argument;
pub mod device_credential;
pub mod duration;
pub mod error;
pub mod exit_status;
pub mod intake;
pub mod key_pair;
pub mod keys;
pub mod log;
pub mod log_ins;
pub mod market;
pub mod metrics;
pub mod mosquitto;
pub mod prompt;
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
pub mod way;

use clap::{Args, Command};

use settings::ConfigArgs;
use ui::Ui;

/// Most columns of a help text.
pub const MAX_WIDTH: usize = 100;

/// Options of every command that say how it speaks.
#[derive(Args, Clone, Debug)]
pub struct Output {
    /// Print results, and errors, as JSON
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Say nothing but warnings and errors
    #[arg(long, global = true, help_heading = "Output")]
    pub quiet: bool,
    /// Say what is being done
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

/// Returns the program with one command only: to build all of them takes most of the time of a short run.
pub fn program_with<C: Args>(name: &'static str) -> Command {
    // Of the program's own arguments it has those that show with a command.
    let program = Command::new("i3").max_term_width(MAX_WIDTH);
    ConfigArgs::augment_args(Output::augment_args(program)).subcommand(C::augment_args(Command::new(name)))
}

/// Returns the long help of a command by its path (`["spool", "drain"]`), for `-h` without a host.
pub fn long_help<C: Args>(path: &[&'static str], ui: &Ui) -> String {
    let Some((name, above)) = path.split_last() else { return String::new() };
    let mut program = program_with::<C>(name).bin_name([&[ui.program.as_str()], above].concat().join(" "));
    program.build();
    program.find_subcommand_mut(name).map(|command| command.render_long_help().to_string()).unwrap_or_default()
}
