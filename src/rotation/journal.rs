//! The record on disk of a credential change in progress: enough to finish or undo it, without secrets.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::RotationError;
use crate::config::Places;
use crate::fsio::{self, Existing, FileAccess};
use crate::login::{CredentialFile, SecretKind};
use crate::misread::{self, Misread};
use crate::name::DeviceName;

/// The direction in which a rotation goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The marketplace has the new credential, or will have it. Once the file `next` has been moved to `place` it is proved.
    Forward,
    /// The broker did not accept the new one: the old one is registered again, or will be.
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
    /// The file of the credential that is replaced; `next` itself if there is none of this kind to restore.
    pub old: PathBuf,
    /// The final place of the new one; usually the same.
    pub place: PathBuf,
    /// Where the new one is stored until it is proved; `place` itself if that is not the old one's file, or a PKCS#11 URI.
    pub next: PathBuf,
    /// Whether this program made the new one: a file given by the user is never removed.
    #[serde(default = "made")]
    pub made: bool,
    pub stage: Stage,
}

/// The default for journals written before they could name a user's file.
fn made() -> bool {
    true
}

/// Returns the folder of the journals.
pub(super) fn folder(places: &Places) -> PathBuf {
    places.state.join("rotations")
}

fn path(places: &Places, device: &DeviceName) -> PathBuf {
    folder(places).join(format!("{device}.json"))
}

impl Journal {
    /// Loads the journal of a device, if a rotation of it is in progress.
    ///
    /// # Errors
    /// [`RotationError::File`], [`RotationError::Journal`], [`RotationError::Version`].
    pub fn load(places: &Places, device: &DeviceName) -> Result<Option<Journal>, RotationError> {
        load(path(places, device))
    }

    /// Writes the whole journal.
    ///
    /// # Errors
    /// [`RotationError::File`]; the old journal is then unchanged.
    pub fn save(&self, places: &Places, device: &DeviceName) -> Result<(), RotationError> {
        save(self, path(places, device))
    }

    /// Writes the journal and removes it when the guard is dropped: only a killed process leaves it behind.
    ///
    /// # Errors
    /// As [`Journal::save`].
    pub fn guard(&self, places: &Places, device: &DeviceName) -> Result<JournalGuard, RotationError> {
        self.save(places, device)?;
        Ok(JournalGuard { places: places.clone(), device: device.clone() })
    }

    /// Returns the credential file that the rotation has made, before or after it is moved into place: the broker accepts
    /// it, or the one that the configuration names.
    pub fn pending(self) -> CredentialFile {
        CredentialFile::new(self.kind, if self.next.exists() { self.next } else { self.place })
    }

    /// Removes the journal: the rotation is over.
    ///
    /// # Errors
    /// [`RotationError::File`].
    pub fn remove(places: &Places, device: &DeviceName) -> Result<(), RotationError> {
        let path = path(places, device);
        remove(&path).map_err(|source| RotationError::File { path, source })
    }
}

/// Reads a journal, if it exists.
pub(super) fn load<T: DeserializeOwned>(path: PathBuf) -> Result<Option<T>, RotationError> {
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(RotationError::File { path, source }),
    };
    if let Some(found) = misread::later_format(&bytes) {
        return Err(RotationError::Version { path, found });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|e| RotationError::Journal { path, source: Misread::json(&e) })
}

/// Writes a whole journal; the old one is unchanged if that fails.
pub(super) fn save(journal: &impl Serialize, path: PathBuf) -> Result<(), RotationError> {
    let written = serde_json::to_vec_pretty(journal).map_err(io::Error::other).and_then(|bytes| {
        fsio::create_private_dir(path.parent().unwrap_or(Path::new(".")))?;
        fsio::write_whole(&path, &bytes, FileAccess::Owner, Existing::Replace)
    });
    written.map_err(|source| RotationError::File { path, source })
}

/// Removes the journal when it is dropped.
pub struct JournalGuard {
    places: Places,
    device: DeviceName,
}

impl JournalGuard {
    /// Leaves the journal for a rotation to finish.
    pub fn keep(self) {
        std::mem::forget(self);
    }
}

impl Drop for JournalGuard {
    fn drop(&mut self) {
        // A journal that stays is finished by the next rotation, which finds the device as it should be.
        let _ = Journal::remove(&self.places, &self.device);
    }
}

/// Removes a file durably, if it exists.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        result => result?,
    }
    fsio::sync_folder(path)
}
