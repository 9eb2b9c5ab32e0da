//! `i3 spool`: what waits on disk, and what becomes of it.

mod drain;

use clap::{Args, Subcommand};

use super::ui::Ui;

/// Look at what `pub --spool` has on disk, send it, save it or drop it
#[derive(Args)]
pub struct SpoolCommand {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Drain(Box<drain::Drain>),
}

impl SpoolCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// Those of the command.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            Command::Drain(c) => c.run(ui),
        }
    }
}
