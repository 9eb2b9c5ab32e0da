//! Which spool a command means, and what the commands say about it.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use crate::cli::device_argument::OptionalDevice;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::spool;

/// Selects the spool of a command.
#[derive(Args, Clone, Debug)]
pub struct SpoolSelection {
    #[command(flatten)]
    device: OptionalDevice,
    /// Use the spool in DIR instead of the device's own
    #[arg(long = "spool", value_name = "DIR", conflicts_with_all = ["device", "device_option"])]
    folder: Option<PathBuf>,
}

impl SpoolSelection {
    /// Returns its folder.
    ///
    /// # Errors
    /// [`ConfigError`](crate::config::ConfigError) if no folder is named, and no device.
    pub fn folder(&self, ui: &Ui) -> anyhow::Result<PathBuf> {
        if let Some(folder) = &self.folder {
            return Ok(folder.clone());
        }
        let config = settings::load(ui)?;
        let device = config.find_device(self.device.name())?.value;
        Ok(config.places.spool(&device))
    }

    /// Opens the spool, if there is one.
    ///
    /// # Errors
    /// As [`SpoolSelection::folder`], and [`SpoolError`](spool::SpoolError).
    pub fn open(&self, ui: &Ui) -> anyhow::Result<spool::Spool> {
        self.opened(ui, spool::Spool::open_existing)
    }

    /// Opens it without changing anything.
    pub fn look(&self, ui: &Ui) -> anyhow::Result<spool::Spool> {
        self.opened(ui, spool::Spool::open_to_look)
    }

    fn opened(
        &self,
        ui: &Ui,
        open: impl FnOnce(&Path) -> Result<spool::Spool, spool::SpoolError>,
    ) -> anyhow::Result<spool::Spool> {
        let folder = self.folder(ui)?;
        open(&folder).map_err(|e| match e {
            // These errors name the folder.
            spool::SpoolError::Missing(_)
            | spool::SpoolError::OpenToOthers { .. }
            | spool::SpoolError::Access { .. } => anyhow::Error::new(e),
            e => anyhow::Error::new(e).context(format!("the spool in {} cannot be opened", folder.display())),
        })
    }
}

/// Returns "1 line", "2 lines".
pub fn lines(number: u64) -> String {
    if number == 1 { "1 line".into() } else { format!("{number} lines") }
}

/// Formats a number of bytes for a person: `999 bytes`, `13.1 MB`.
pub fn bytes(number: u64) -> String {
    let units = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    match units.into_iter().find(|(_, size)| number as f64 >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", number as f64 / size),
        None => format!("{number} bytes"),
    }
}

/// Returns the error for a record number that does not exist.
pub fn no_such_record(spool: &spool::Spool, record: u64) -> anyhow::Error {
    let message = format!("there is no record {record} in {}", spool.folder().display());
    CliError::new(ExitKind::NoInput, message).because("it was sent or deleted, or never existed").into()
}

/// Adds the folder to an error.
pub fn at<T>(spool: &spool::Spool, result: Result<T, spool::SpoolError>) -> anyhow::Result<T> {
    result.with_context(|| format!("the spool in {} cannot be used", spool.folder().display()))
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
