//! Replaces all rows of a device with one that logs in: the remedy for doubled devices, twins and dead rows (I3 facts §6.1).
//!
//! The credential is in its file before the first row is deleted, and the [`Plan`] names that file: however and whenever the
//! process ends, the next run deletes the remaining rows, registers the device and proves that it logs in. Its
//! [`RepairHost`] provides everything from outside.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::RotationError;
use super::journal;
use super::proof::{self, Proof};
use crate::config::Places;
use crate::login::{CredentialFile, SecretKind};
use crate::market::model::DeviceRow;
use crate::name::DeviceName;

/// No device has a dot in its name, so no rotation has a journal of this name.
const ENDING: &str = ".repair.json";

/// The record on disk of a repair in progress, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub device: String,
    /// The marketplace's URL.
    pub market: String,
    pub kind: SecretKind,
    /// The file of the credential to register.
    pub file: PathBuf,
    /// Whether this program made it for the repair: then it is not made again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub made: bool,
}

impl Plan {
    /// Loads the plan of a device's repair, if one is in progress.
    ///
    /// # Errors
    /// [`RotationError::File`], [`RotationError::Journal`], [`RotationError::Version`].
    pub fn load(places: &Places, device: &DeviceName) -> Result<Option<Plan>, RotationError> {
        journal::load(path(places, device))
    }

    /// Returns the devices whose repair at a marketplace is in progress.
    ///
    /// # Errors
    /// As [`Plan::load`], and if the folder cannot be read.
    pub fn pending(places: &Places, market: &str) -> Result<Vec<DeviceName>, RotationError> {
        let folder = journal::folder(places);
        let failed = |source| RotationError::File { path: folder.clone(), source };
        let entries = match std::fs::read_dir(&folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let mut devices = Vec::new();
        for entry in entries {
            let name = entry.map_err(failed)?.file_name();
            let device = name.to_str().and_then(|name| name.strip_suffix(ENDING)?.parse::<DeviceName>().ok());
            if let Some(device) = device
                && Plan::load(places, &device)?.is_some_and(|plan| plan.market == market)
            {
                devices.push(device);
            }
        }
        Ok(devices)
    }

    /// Returns the credential to register.
    pub fn credential(&self) -> CredentialFile {
        CredentialFile::new(self.kind, &self.file)
    }

    /// Writes the whole plan.
    ///
    /// # Errors
    /// [`RotationError::File`].
    pub fn save(&self, places: &Places, device: &DeviceName) -> Result<(), RotationError> {
        journal::save(self, path(places, device))
    }

    /// Removes the plan: the repair is over.
    ///
    /// # Errors
    /// [`RotationError::File`].
    pub fn remove(places: &Places, device: &DeviceName) -> Result<(), RotationError> {
        let path = path(places, device);
        journal::remove(&path).map_err(|source| RotationError::File { path, source })
    }
}

fn path(places: &Places, device: &DeviceName) -> PathBuf {
    journal::folder(places).join(format!("{device}{ENDING}"))
}

/// The next step. Each may be the last thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairStep {
    /// The plan is written: from here on the next run continues.
    WritePlan,
    /// A row is deleted.
    Delete,
    /// The rows are listed again: none may be left.
    List,
    /// The device is registered.
    Register,
    /// The configuration names its credential.
    Configure,
    /// The device logs in at the broker.
    Prove,
    /// The plan is removed.
    Close,
    /// Nothing more.
    Done,
}

impl fmt::Display for RepairStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RepairStep::WritePlan => "Writing the plan",
            RepairStep::Delete => "Deleting a row",
            RepairStep::List => "Checking that no row is left",
            RepairStep::Register => "Registering the device",
            RepairStep::Configure => "Naming its credential in the configuration",
            RepairStep::Prove => "Logging in at the broker",
            RepairStep::Close => "Removing the plan",
            RepairStep::Done => "Done",
        })
    }
}

/// What a repair needs from its caller.
pub trait RepairHost {
    /// Why something outside failed.
    type Error;

    /// Deletes a row: requested once, and checked afterwards.
    ///
    /// # Errors
    /// The row remains, or may remain.
    fn delete(&mut self, row: &DeviceRow) -> Result<(), Self::Error>;

    /// Lists the rows that the broker treats as the device.
    ///
    /// # Errors
    /// The marketplace cannot be asked.
    fn rows(&mut self) -> Result<Vec<DeviceRow>, Self::Error>;

    /// Registers the device with its credential: sent once, and checked afterwards.
    ///
    /// # Errors
    /// The device is not registered, or may not be.
    fn register(&mut self) -> Result<(), Self::Error>;

    /// Saves the credential in the configuration.
    ///
    /// # Errors
    /// It cannot be written.
    fn configure(&mut self) -> Result<(), Self::Error>;

    /// Logs in at the broker once.
    fn prove(&mut self) -> Proof<Self::Error>;

    /// Returns the pause between two attempts to log in.
    fn pause(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Reports the step that is about to be taken.
    fn report(&mut self, step: RepairStep);
}

/// Why a repair stopped. The plan is kept, and the next run continues.
#[derive(Debug)]
pub enum Stopped<E> {
    /// The plan cannot be written; nothing was done.
    Plan(RotationError),
    /// A row was not deleted, or may not have been; `deleted` rows were deleted before it.
    Deleting { deleted: usize, why: E },
    /// All rows are deleted, but the device is not registered, or may not be.
    Registering(E),
    /// All rows of the plan are deleted, and others have been registered meanwhile.
    Left(Vec<DeviceRow>),
    /// The device is registered, and the configuration does not name its credential.
    Configuring(E),
    /// The device is registered, and the broker could not be asked.
    Unproved(E),
    /// The device is registered, and the broker does not accept its credential.
    Refused,
    /// The device logs in, and the plan cannot be removed.
    Closing(RotationError),
}

/// Deletes `rows`, registers the device and proves that it logs in. The caller holds the [`super::RotationLock`], and has
/// checked that the credential of the plan can be registered.
///
/// # Errors
/// [`Stopped`].
pub fn repair<H: RepairHost>(
    places: &Places,
    device: &DeviceName,
    plan: &Plan,
    rows: &[DeviceRow],
    host: &mut H,
) -> Result<(), Stopped<H::Error>> {
    host.report(RepairStep::WritePlan);
    plan.save(places, device).map_err(Stopped::Plan)?;
    for (deleted, row) in rows.iter().enumerate() {
        host.report(RepairStep::Delete);
        host.delete(row).map_err(|why| Stopped::Deleting { deleted, why })?;
    }
    host.report(RepairStep::List);
    let left = host.rows().map_err(Stopped::Registering)?;
    if !left.is_empty() {
        return Err(Stopped::Left(left));
    }
    host.report(RepairStep::Register);
    host.register().map_err(Stopped::Registering)?;
    host.report(RepairStep::Configure);
    host.configure().map_err(Stopped::Configuring)?;
    host.report(RepairStep::Prove);
    match proof::prove(host.pause(), || host.prove()) {
        Proof::Accepted => {}
        Proof::Refused(_) => return Err(Stopped::Refused),
        Proof::Unanswered(why) => return Err(Stopped::Unproved(why)),
    }
    host.report(RepairStep::Close);
    Plan::remove(places, device).map_err(Stopped::Closing)?;
    host.report(RepairStep::Done);
    Ok(())
}
