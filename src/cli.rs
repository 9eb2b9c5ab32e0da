//! What the commands share: arguments, errors with their exit codes, the terminal, prompts.

pub mod broker;
pub mod device_credential;
pub mod duration;
pub mod error;
pub mod exit_status;
pub mod key_pair;
pub mod keys;
pub mod market;
pub mod prompt;
pub mod signals;
pub mod size;
pub mod stream;
pub mod ui;
pub mod usage;

use clap::Args;

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
