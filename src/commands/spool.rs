//! `i3 spool`: what waits on disk to be published, and what may be done with it.

mod drain;
mod export;
mod purge;
mod status;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::spool;

/// Look at lines that wait on disk, send them, save them, or throw them away
///
/// `i3 pub --spool` keeps each line on disk until it is acknowledged. Each device has a spool of its own, in the state
/// folder unless --spool names another.
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
    /// As the command that is meant.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            Command::Status(c) => c.run(ui),
            Command::Drain(c) => c.run(ui),
            Command::Export(c) => c.run(ui),
            Command::Purge(c) => c.run(ui),
        }
    }
}

/// Which spool a command means.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// The device whose lines wait, by its full or short name
    device: Option<String>,
    /// Use the spool in DIR instead of the device's own
    #[arg(long = "spool", value_name = "DIR", conflicts_with = "device")]
    folder: Option<PathBuf>,
}

impl Which {
    /// Where it lies.
    ///
    /// # Errors
    /// [`ConfigError`](crate::config::ConfigError) if no folder is named, and no device.
    pub fn folder(&self) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let config = Config::load()?;
        let device = config.find_device(self.device.clone())?.value;
        Ok(config.places.spool(&device))
    }

    /// The spool, if there is one.
    ///
    /// # Errors
    /// As [`Which::folder`], and [`SpoolError`](spool::SpoolError).
    fn open(&self) -> anyhow::Result<spool::Spool> {
        self.opened(spool::Spool::open_existing)
    }

    /// The same, where nothing is changed.
    fn look(&self) -> anyhow::Result<spool::Spool> {
        self.opened(spool::Spool::open_to_look)
    }

    fn opened(
        &self,
        open: impl FnOnce(&Path) -> Result<spool::Spool, spool::SpoolError>,
    ) -> anyhow::Result<spool::Spool> {
        let folder = self.folder()?;
        open(&folder).map_err(|e| match e {
            // These name it.
            spool::SpoolError::Missing(_)
            | spool::SpoolError::OpenToOthers { .. }
            | spool::SpoolError::Access { .. } => anyhow::Error::new(e),
            e => anyhow::Error::new(e).context(format!("the spool in {} cannot be opened", folder.display())),
        })
    }
}

/// "1 line", "2 lines".
fn lines(number: u64) -> String {
    if number == 1 { "1 line".into() } else { format!("{number} lines") }
}

/// A number of bytes for the eye: `999 bytes`, `13.1 MB`.
fn bytes(number: u64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    match units.into_iter().find(|(_, size)| number as f64 >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", number as f64 / size),
        None => format!("{number} bytes"),
    }
}

/// A record that was named by its number, and is not there.
fn no_such_record(spool: &spool::Spool, record: u64) -> anyhow::Error {
    let message = format!("there is no record {record} in {}", spool.folder().display());
    CliError::new(ExitKind::NoInput, message).because("it was sent or thrown away, or never was").into()
}

/// What goes wrong while one is used, with its place.
fn at<T>(spool: &spool::Spool, result: Result<T, spool::SpoolError>) -> anyhow::Result<T> {
    result.with_context(|| format!("the spool in {} is of no use", spool.folder().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_the_eye() {
        for (number, text) in [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (13_100_000, "13.1 MB")] {
            assert_eq!(bytes(number), text);
        }
        assert_eq!([lines(1), lines(2)], ["1 line", "2 lines"]);
    }
}
