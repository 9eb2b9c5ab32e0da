//! `i3 spool`: shows, sends, saves and deletes the lines that wait on disk.

mod drain;
mod export;
mod purge;
mod selection;
mod status;

use clap::{Args, Subcommand};

use crate::cli::ui::Ui;

/// Show the lines that wait on disk, send them, save them, or delete them
///
/// `i3 pub --spool` keeps each line on disk until it is acknowledged. Each device has its own spool, in the state folder
/// unless --spool names another folder.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 spool status lot1
  i3 spool drain --device lot1
  i3 spool export lot1 --out waiting.jsonl
  i3 spool purge lot1 --older-than 2d")]
pub struct Spool {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Status(status::Status),
    Drain(Box<drain::Drain>),
    Export(export::Export),
    Purge(purge::Purge),
}

impl Spool {
    /// Runs the command.
    ///
    /// # Errors
    /// As the command.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            Command::Status(c) => c.run(ui),
            Command::Drain(c) => c.run(ui),
            Command::Export(c) => c.run(ui),
            Command::Purge(c) => c.run(ui),
        }
    }
}
