//! The lock that keeps two rotations of one device apart.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::error::RotationError;
use super::journal;
use crate::collation;
use crate::config::Places;
use crate::fsio;
use crate::name::{DeviceName, ShortName};

/// Excludes every other rotation of the device until it is dropped, or the process ends in any way.
pub struct RotationLock {
    _file: File,
}

impl RotationLock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`RotationError::Busy`] if another process has it, [`RotationError::File`].
    pub fn take(places: &Places, device: &DeviceName) -> Result<RotationLock, RotationError> {
        Self::locked(places, device.as_str(), |_| Err(RotationError::Busy))
    }

    /// Waits for every other registration of a device of this name in a hub of this name, whoever's it is, and keeps others waiting.
    /// `waiting` tells the person.
    ///
    /// # Errors
    /// [`RotationError::File`].
    pub fn of_registration(
        places: &Places,
        hub: &str,
        device: &ShortName,
        waiting: impl FnOnce(),
    ) -> Result<RotationLock, RotationError> {
        Self::locked(places, &format!("{hub}${}", device.as_str()), |(file, path)| {
            waiting();
            file.lock().map_err(|source| RotationError::File { path: path.into(), source })
        })
    }

    /// Locks the file of a name: of all spellings that the broker treats as one, the same.
    fn locked(
        places: &Places,
        name: &str,
        busy: impl FnOnce((&File, &Path)) -> Result<(), RotationError>,
    ) -> Result<RotationLock, RotationError> {
        let folder = journal::folder(places);
        let path = folder.join(format!("{}.lock", collation::key(name)));
        let failed = |source| RotationError::File { path: path.clone(), source };
        fsio::create_private_dir(&folder).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => busy((&file, &path))?,
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        Ok(RotationLock { _file: file })
    }
}
