//! `i3 device`: the seller's devices at the marketplace.

mod rotate;

use clap::{Args, Subcommand};

use super::ui::Ui;

/// Give devices another password or key
///
/// 'register' makes them.
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Device {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Subcommand)]
enum DeviceCommand {
    Rotate(Box<rotate::Rotate>),
}

impl Device {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps it from being done, or from being known to be done.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            DeviceCommand::Rotate(command) => command.run(ui),
        }
    }
}
