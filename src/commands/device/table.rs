//! What `add` and the two `import`s write to the configuration: devices that are new, or already there with the same values.

use std::fs;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::config::{Config, Device, Places};
use crate::fsio::{self, Existing, FileAccess, Staged};
use crate::key::{self, PrivateKey};
use crate::name::DeviceName;
use crate::secret::Secret;

/// A device to be added, and the secrets to store in separate files.
pub struct Imported {
    pub name: DeviceName,
    pub device: Device,
    pub private_key: Option<Secret>,
    pub password: Option<Secret>,
}

/// Whether a device's existing configuration may be replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Replacing {
    Keep,
    Replace,
}

impl From<bool> for Replacing {
    fn from(force: bool) -> Replacing {
        if force { Replacing::Replace } else { Replacing::Keep }
    }
}

/// Refuses a device that is configured with other values, unless those may be replaced.
///
/// # Errors
/// It is configured with other values.
pub fn may_write(config: &Config, name: &DeviceName, device: &Device, known: Replacing) -> anyhow::Result<()> {
    if known == Replacing::Replace || config.device(name).is_none_or(|own| own == device) {
        return Ok(());
    }
    Err(CliError::new(ExitKind::CannotCreate, format!("{name} is already configured, with other values"))
        .hint(entry!("device-configured"))
        .into())
}

/// Stores the secrets in files, and then saves their paths in the configuration: all of it or none.
///
/// # Errors
/// A file or the configuration cannot be written.
pub fn save(config: &mut Config, imported: Vec<Imported>) -> anyhow::Result<Vec<(DeviceName, Device)>> {
    let mut made = Vec::new();
    let saved = store(&config.places.clone(), imported, &mut made).and_then(|devices| {
        config.save_devices(&devices)?;
        Ok(devices)
    });
    if saved.is_err() {
        for path in made {
            // Nothing refers to it.
            let _ = fs::remove_file(path);
        }
    }
    saved
}

/// Writes each secret to a separate file, and adds its path to `made`.
fn store(
    places: &Places,
    imported: Vec<Imported>,
    made: &mut Vec<PathBuf>,
) -> anyhow::Result<Vec<(DeviceName, Device)>> {
    let mut devices = Vec::new();
    for Imported { name, mut device, private_key, password } in imported {
        if let Some(secret) = private_key {
            let path = fsio::free_path(&places.keys(), name.as_str(), ".pem");
            write(&path, secret.expose(), FileAccess::Owner, made)?;
            if let Ok(private) = PrivateKey::parse(secret.expose().as_bytes(), || Ok(None)) {
                write(&key::public_path(&path), &private.public().to_pem(), FileAccess::Everyone, made)?;
            }
            device.key = Some(path);
        }
        if let Some(secret) = password {
            let path = fsio::free_path(&places.passwords(), name.as_str(), "");
            let text = Zeroizing::new(format!("{}\n", secret.expose()));
            write(&path, &text, FileAccess::Owner, made)?;
            device.password_file = Some(path);
        }
        devices.push((name, device));
    }
    Ok(devices)
}

fn write(path: &Path, text: &str, access: FileAccess, made: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let written = fsio::create_private_dir(path.parent().unwrap_or(Path::new("."))).and_then(|()| {
        let mut staged = Staged::new(path, text.as_bytes(), access)?;
        staged.commit(Existing::Keep)
    });
    let cannot = || CliError::new(ExitKind::CannotCreate, format!("{} cannot be written", path.display()));
    made.push(written.map_err(|e| anyhow::Error::new(e).context(cannot()))?);
    Ok(())
}
