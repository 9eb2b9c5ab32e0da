//! `i3 demo`: whole stories on their own sandbox, each step the command that a seller would type.

mod gateway;
mod stage;
mod story;

use clap::{Args, Subcommand};

use crate::cli::ui::Ui;

/// Run a demonstration on a sandbox: key, device, token, message, the buyer's screen, and what is refused
///
/// Every step is the command that a seller would type, run by this program on its own marketplace and broker,
/// with its real output and exit code. Nothing is left behind.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 demo
  i3 demo gateway")]
pub struct Demo {
    #[command(subcommand)]
    command: Option<DemoCommand>,
}

#[derive(Subcommand)]
enum DemoCommand {
    Gateway(Gateway),
}

/// Show a gateway at work: from the broker of a house to the buyer's screen, and what happens to a message that I3 refuses
///
/// The broker of the house, to which a sensor publishes, is in this program as well, and so is the sensor.
#[derive(Args)]
struct Gateway {}

impl Demo {
    /// Runs the command.
    ///
    /// # Errors
    /// A step that ends with an unexpected exit code.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            None => story::run(ui),
            Some(DemoCommand::Gateway(Gateway {})) => gateway::run(ui),
        }
    }
}
