//! Replaces every row of a device by one that logs in: the way out for doubled devices, twins and dead rows (I3 facts §6.1).
//!
//! The credential is in its file before the first row is deleted, and the [`Plan`] names that file: whatever ends the process,
//! and whenever, the next run deletes what is left, registers the device and proves that it logs in. What it needs from
//! outside it asks of its [`Site`].

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::journal;
use super::{ATTEMPTS, RotationError, SecretKind};
use crate::config::Places;
use crate::market::model::DeviceRow;
use crate::name::DeviceName;

/// No device has a dot in its name, so this is no rotation's journal.
const ENDING: &str = ".repair.json";

/// What is known on disk of a repair that is under way; no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub device: String,
    /// The marketplace's URL.
    pub market: String,
    pub kind: SecretKind,
    /// The file of the credential that is registered in the end.
    pub file: PathBuf,
}

impl Plan {
    /// The plan of a device's repair, if one is under way.
    ///
    /// # Errors
    /// [`RotationError::File`], [`RotationError::Journal`].
    pub fn load(places: &Places, device: &DeviceName) -> Result<Option<Plan>, RotationError> {
        journal::load(path(places, device))
    }

    /// The devices whose repair is under way at a marketplace.
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

    /// Writes it, whole.
    ///
    /// # Errors
    /// [`RotationError::File`].
    pub fn save(&self, places: &Places, device: &DeviceName) -> Result<(), RotationError> {
        journal::save(self, path(places, device))
    }

    /// Removes it: the repair is over.
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

/// What is about to be done. Each may be the last thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairStep {
    /// The plan is written: from here on a next run goes on.
    Note,
    /// A row is deleted.
    Delete,
    /// The marketplace is asked whether rows are left.
    Look,
    /// The device is registered.
    Register,
    /// The configuration names its credential.
    Name,
    /// The broker is asked whether it takes the credential.
    Prove,
    /// The plan is removed.
    Close,
    /// Nothing more.
    Done,
}

impl fmt::Display for RepairStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RepairStep::Note => "Noting what is under way",
            RepairStep::Delete => "Deleting a row",
            RepairStep::Look => "Looking whether rows are left",
            RepairStep::Register => "Registering the device",
            RepairStep::Name => "Naming its credential in the configuration",
            RepairStep::Prove => "Asking the broker whether it takes the credential",
            RepairStep::Close => "Noting that nothing is under way",
            RepairStep::Done => "Done",
        })
    }
}

/// What a repair needs from whoever runs it.
pub trait Site {
    /// Why something outside failed.
    type Error;

    /// Deletes a row: asked for once, and looked at afterwards.
    ///
    /// # Errors
    /// The row is left, or whether it is left is not known.
    fn delete(&mut self, row: &DeviceRow) -> Result<(), Self::Error>;

    /// The rows that the broker takes for the device.
    ///
    /// # Errors
    /// The marketplace cannot be asked.
    fn rows(&mut self) -> Result<Vec<DeviceRow>, Self::Error>;

    /// Registers the device with its credential: sent once, and looked at afterwards.
    ///
    /// # Errors
    /// The device is not there, or whether it is there is not known.
    fn register(&mut self) -> Result<(), Self::Error>;

    /// Has the configuration name the credential.
    ///
    /// # Errors
    /// It cannot be written.
    fn name(&mut self) -> Result<(), Self::Error>;

    /// Whether the broker takes the credential.
    ///
    /// # Errors
    /// It cannot be asked.
    fn logs_in(&mut self) -> Result<bool, Self::Error>;

    /// A pause between two questions to the broker.
    fn pause(&self) -> Duration;

    /// A step is about to be taken.
    fn tell(&mut self, step: RepairStep);
}

/// Why a repair did not come about. The plan is kept, and the next run goes on.
#[derive(Debug)]
pub enum Stopped<E> {
    /// The plan cannot be written; nothing was done.
    Plan(RotationError),
    /// A row was not deleted, or is not known to be; `deleted` were before it.
    Deleting { deleted: usize, why: E },
    /// All rows are deleted, and the device is not registered, or not known to be.
    Registering(E),
    /// All rows that were to be deleted are, and others have come meanwhile.
    Left(Vec<DeviceRow>),
    /// The device is registered, and the configuration does not name its credential.
    Naming(E),
    /// The device is registered, and the broker could not be asked.
    Unproved(E),
    /// The device is registered, and the broker does not take its credential.
    Refused,
    /// The device logs in, and the plan cannot be removed.
    Closing(RotationError),
}

/// Deletes `rows`, registers the device and proves that it logs in. The caller has the [`super::RotationLock`], and has seen that the
/// credential of the plan can be registered.
///
/// # Errors
/// [`Stopped`].
pub fn repair<S: Site>(
    places: &Places,
    device: &DeviceName,
    plan: &Plan,
    rows: &[DeviceRow],
    site: &mut S,
) -> Result<(), Stopped<S::Error>> {
    site.tell(RepairStep::Note);
    plan.save(places, device).map_err(Stopped::Plan)?;
    for (deleted, row) in rows.iter().enumerate() {
        site.tell(RepairStep::Delete);
        site.delete(row).map_err(|why| Stopped::Deleting { deleted, why })?;
    }
    site.tell(RepairStep::Look);
    let left = site.rows().map_err(Stopped::Registering)?;
    if !left.is_empty() {
        return Err(Stopped::Left(left));
    }
    site.tell(RepairStep::Register);
    site.register().map_err(Stopped::Registering)?;
    site.tell(RepairStep::Name);
    site.name().map_err(Stopped::Naming)?;
    site.tell(RepairStep::Prove);
    prove(site)?;
    site.tell(RepairStep::Close);
    Plan::remove(places, device).map_err(Stopped::Closing)?;
    site.tell(RepairStep::Done);
    Ok(())
}

fn prove<S: Site>(site: &mut S) -> Result<(), Stopped<S::Error>> {
    let mut stopped = Stopped::Refused;
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(site.pause());
        }
        stopped = match site.logs_in() {
            Ok(true) => return Ok(()),
            Ok(false) => Stopped::Refused,
            Err(why) => Stopped::Unproved(why),
        };
    }
    Err(stopped)
}
