//! The lock that keeps two rotations of one device apart.

use std::fs::{File, TryLockError};

use super::error::RotationError;
use super::journal;
use crate::config::Places;
use crate::fsio;
use crate::name::DeviceName;

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
        let folder = journal::folder(places);
        let path = folder.join(format!("{device}.lock"));
        let failed = |source| RotationError::File { path: path.clone(), source };
        fsio::create_private_dir(&folder).map_err(failed)?;
        let file = File::create(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(RotationLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(RotationError::Busy),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
