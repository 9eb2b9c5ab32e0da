//! A key pair on disk: both halves or neither.

use std::path::Path;

use anyhow::Context;

use super::error::{CliError, ExitKind};
use super::ui::Ui;
use crate::access;
use crate::catalogue::entry;
use crate::fsio::{self, Existing, FileAccess, Staged};
use crate::key::{self, FORM_MAX_BITS, FORM_MAX_CHARS, PrivateKey};
use crate::secret::Secret;

/// Makes a pair and writes it to `path` and `path.pub`, both or neither; the private half is encrypted if there is a passphrase.
/// `hint` is for the error if one exists already.
///
/// # Errors
/// Bits out of range, a file that exists, a folder that cannot be written to.
pub fn make(
    ui: &Ui,
    path: &Path,
    bits: usize,
    passphrase: Option<Secret>,
    existing: Existing,
    hint: &str,
) -> anyhow::Result<PrivateKey> {
    let public = key::public_path(path);
    let cannot = |path: &Path| {
        let message = format!("{} cannot be written", path.display());
        move |e: std::io::Error| anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
    };
    for half in [path, &public] {
        fsio::check_replaceable(half).map_err(cannot(half))?;
    }
    let taken = |path: &Path| {
        CliError::new(ExitKind::CannotCreate, format!("the key file {} already exists", path.display()))
            .hint_of(entry!("key-file-exists"), if access::may_be_changed(path) { hint } else { "choose another name" })
    };
    if existing == Existing::Keep
        && let Some(there) = [path, &public].into_iter().find(|p| p.symlink_metadata().is_ok())
    {
        return Err(taken(there).into());
    }
    if bits > FORM_MAX_BITS && bits <= crate::key::MAX_BITS {
        ui.warn(&format!(
            "the public half of {bits} bits is longer than the {FORM_MAX_CHARS} characters that I3's form accepts: \
             up to {FORM_MAX_BITS} bits fit."
        ));
    }
    let key = ui.progress("making the key", || PrivateKey::generate(bits))?.with_passphrase(passphrase);
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fsio::create_private_dir(folder).map_err(cannot(folder))?;
    }
    // Both halves are on disk before either is moved into place.
    let mut private = Staged::new(path, key.to_pem()?.as_bytes(), FileAccess::Owner).map_err(cannot(path))?;
    let mut half =
        Staged::new(&public, key.public().to_pem().as_bytes(), FileAccess::Everyone).map_err(cannot(&public))?;
    private.commit(existing).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => taken(path).into(),
        _ => cannot(path)(e),
    })?;
    half.commit(existing).map_err(cannot(&public)).context("the private key is written, but its public half is not")?;
    Ok(key)
}

/// Removes a pair that was made for a change that failed.
pub fn remove(path: &Path) {
    for file in [path, &key::public_path(path)] {
        // A file that cannot be removed only stops the next `keygen`, which reports it.
        let _ = std::fs::remove_file(file);
    }
}
