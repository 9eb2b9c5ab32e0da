//! What is known on disk of a change of credential that is under way: enough to finish or undo it, and no secret.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{RotationError, SecretKind};
use crate::config::Places;
use crate::fsio::{self, Existing, FileAccess};
use crate::name::DeviceName;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The marketplace has the new credential, or will have it. Once the file `next` has gone to its place it is proved.
    Forward,
    /// The broker did not take the new one: the old one is registered again, or will be.
    Back,
}

/// The journal of one device's rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    pub device: String,
    /// The marketplace's URL, and the broker's.
    pub market: String,
    pub broker: String,
    pub kind: SecretKind,
    /// The file of the credential that is replaced; `next` itself if there is none of this kind to go back to.
    pub old: PathBuf,
    /// Where the new one lies in the end; mostly the same.
    pub place: PathBuf,
    /// Where the new one lies until it is proved; its place already if it does not take the old one's.
    pub next: PathBuf,
    pub stage: Stage,
}

/// Where all of them lie.
pub(super) fn folder(places: &Places) -> PathBuf {
    places.state.join("rotations")
}

fn path(places: &Places, device: &DeviceName) -> PathBuf {
    folder(places).join(format!("{device}.json"))
}

impl Journal {
    /// The journal of a device, if a rotation of it is under way.
    ///
    /// # Errors
    /// [`RotationError::File`], [`RotationError::Journal`].
    pub fn load(places: &Places, device: &DeviceName) -> Result<Option<Journal>, RotationError> {
        load(path(places, device))
    }

    /// Writes it, whole.
    ///
    /// # Errors
    /// [`RotationError::File`]; the old one is untouched then.
    pub fn save(&self, places: &Places, device: &DeviceName) -> Result<(), RotationError> {
        save(self, path(places, device))
    }

    /// Writes it for as long as what is returned lives: only a process that is killed leaves it behind.
    ///
    /// # Errors
    /// As [`Journal::save`].
    pub fn note(&self, places: &Places, device: &DeviceName) -> Result<JournalGuard, RotationError> {
        self.save(places, device)?;
        Ok(JournalGuard { places: places.clone(), device: device.clone() })
    }

    /// Removes it: the rotation is over.
    ///
    /// # Errors
    /// [`RotationError::File`].
    pub fn remove(places: &Places, device: &DeviceName) -> Result<(), RotationError> {
        let path = path(places, device);
        remove(&path).map_err(|source| RotationError::File { path, source })
    }
}

/// Reads a journal, if it is there.
pub(super) fn load<T: DeserializeOwned>(path: PathBuf) -> Result<Option<T>, RotationError> {
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RotationError::File { path, source }),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|source| RotationError::Journal { path, source })
}

/// Writes a journal, whole; the old one is untouched if that fails.
pub(super) fn save(journal: &impl Serialize, path: PathBuf) -> Result<(), RotationError> {
    let written = serde_json::to_vec_pretty(journal).map_err(io::Error::other).and_then(|bytes| {
        fsio::create_private_dir(path.parent().unwrap_or(Path::new(".")))?;
        fsio::write_whole(&path, &bytes, FileAccess::Owner, Existing::Replace)
    });
    written.map_err(|source| RotationError::File { path, source })
}

/// A journal that goes when this is dropped.
pub struct JournalGuard {
    places: Places,
    device: DeviceName,
}

impl Drop for JournalGuard {
    fn drop(&mut self) {
        // One that stays is finished by the next rotation, which finds the device as it should be.
        let _ = Journal::remove(&self.places, &self.device);
    }
}

/// Removes a file, if it is there, for good.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        result => result?,
    }
    fsio::sync_folder(path)
}

/// Keeps every other rotation of the device away until it is dropped, or the process ends in whatever way.
pub struct RotationLock {
    _file: File,
}

impl RotationLock {
    /// Takes the turn.
    ///
    /// # Errors
    /// [`RotationError::Busy`] if another process has it, [`RotationError::File`].
    pub fn take(places: &Places, device: &DeviceName) -> Result<RotationLock, RotationError> {
        let path = folder(places).join(format!("{device}.lock"));
        let failed = |source| RotationError::File { path: path.clone(), source };
        fsio::create_private_dir(&folder(places)).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(RotationLock { _file: file }),
            Err(fs::TryLockError::WouldBlock) => Err(RotationError::Busy),
            Err(fs::TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
