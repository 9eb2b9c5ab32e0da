//! Changes a config file: all or nothing, leaving everything around the change as it was.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::error::ConfigError;
use super::file::{Device, File, text_of, unreadable};
use crate::fsio::{self, Existing, FileAccess};

/// Changes the file in `path`, and returns the new contents. A file that would not load is not written.
///
/// # Errors
/// [`ConfigError::Read`], [`ConfigError::Parse`], [`ConfigError::Hidden`], [`ConfigError::Refused`], [`ConfigError::Write`]; the old file is unchanged
/// then.
pub fn edit(path: &Path, change: impl FnOnce(&File, &mut Table)) -> Result<File, ConfigError> {
    check_writable(path)?;
    let failed = |source| ConfigError::Write { path: path.into(), source };
    let folder = path.parent().unwrap_or(Path::new("."));
    fsio::create_private_dir(folder).map_err(failed)?;
    // Two runs at once must not lose each other's change: the file is read again under a lock.
    let lock =
        fs::File::options().write(true).create(true).truncate(false).open(folder.join(".lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let (text, _) = text_of(path)?;
    let before = File::parse(path, &text)?;
    let mut document: DocumentMut =
        text.parse().map_err(|e| unreadable(path, &text, &toml_edit::de::Error::from(e)))?;
    change(&before, document.as_table_mut());
    let text = document.to_string();
    let after = File::parse(path, &text)?;
    // A symbolic link stays one, and permissions are kept.
    let target = target_of(path);
    let access = match fs::metadata(&target) {
        Ok(metadata) => FileAccess::Mode(metadata.permissions().mode() & 0o777),
        Err(_) => FileAccess::Everyone,
    };
    fsio::write_whole(&target, text.as_bytes(), access, Existing::Replace).map_err(failed)?;
    Ok(after)
}

/// Refuses a path whose configuration can be read and never written, such as /dev/null.
///
/// # Errors
/// [`ConfigError::Write`].
pub fn check_writable(path: &Path) -> Result<(), ConfigError> {
    fsio::check_replaceable(&target_of(path)).map_err(|source| ConfigError::Write { path: path.into(), source })
}

fn target_of(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.into())
}

/// Sets a value; the text around the old one, such as a comment, stays.
pub fn put(table: &mut dyn TableLike, key: &str, value: impl Into<Value>) {
    let mut value = value.into();
    match table.get_mut(key) {
        Some(item) => {
            if let Some(old) = item.as_value() {
                *value.decor_mut() = old.decor().clone();
            }
            *item = Item::Value(value);
        }
        None => _ = table.insert(key, Item::Value(value)),
    }
}

/// Returns the table of the devices, created if necessary.
pub fn devices(root: &mut Table) -> Option<&mut dyn TableLike> {
    let devices = root.entry("devices").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    devices.as_table_like_mut()
}

/// Returns the table of a device, created if necessary.
pub fn device<'t>(root: &'t mut Table, name: &str) -> Option<&'t mut dyn TableLike> {
    let devices = devices(root)?;
    if devices.get(name).is_none() {
        devices.insert(name, Item::Table(Table::new()));
    }
    devices.get_mut(name)?.as_table_like_mut()
}

/// Writes a device's table: unchanged values keep their spelling and place.
pub fn put_device(root: &mut Table, before: &File, name: &str, device_now: &Device) {
    let old = before.values.devices.get(name).cloned().unwrap_or_default();
    let Some(table) = device(root, name) else { return };
    let path = |path: &Option<std::path::PathBuf>| path.as_deref().map(|path| path.to_string_lossy().into_owned());
    for (key, old, new) in [
        ("market", old.market, device_now.market.clone()),
        ("broker", old.broker, device_now.broker.clone()),
        ("key", path(&old.key), path(&device_now.key)),
        ("password_file", path(&old.password_file), path(&device_now.password_file)),
    ] {
        match new {
            _ if old == new => {}
            Some(value) => put(table, key, value),
            None => _ = table.remove(key),
        }
    }
}
