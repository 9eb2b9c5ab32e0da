//! `i3 keygen`: makes an RSA key pair.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{ArgGroup, Args};
use serde_json::json;

use super::failure::{Failure, Kind};
use super::ui::Ui;
use crate::catalogue::entry;
use crate::config::Places;
use crate::fsio::{self, Access, Existing, Staged};
use crate::key::{self, FORM_MAX_BITS, FORM_MAX_CHARS, PrivateKey};
use crate::name::ShortName;

/// Make an RSA key pair, and print the public key body as I3's form wants it
///
/// The private key is written as PKCS#8 PEM that its owner alone can read, the public half beside it as FILE.pub.
/// A pair that is there already is never overwritten without --force.
#[derive(Args)]
#[command(group = ArgGroup::new("place").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  i3 keygen lot1                     # in the data folder, found again by 'i3 register lot1'
  i3 keygen --out lot1.pem           # in this folder")]
pub struct Keygen {
    /// Name the pair after this device: the file is NAME.pem in the data folder
    #[arg(group = "place")]
    name: Option<String>,
    /// Write the private key to FILE instead
    #[arg(long, value_name = "FILE", group = "place")]
    out: Option<PathBuf>,
    /// Make a modulus of N bits; over 2696 the public half does not fit I3's form
    #[arg(long, value_name = "N", default_value_t = 2048)]
    bits: usize,
    /// Replace a pair that is there already
    #[arg(long)]
    force: bool,
}

impl Keygen {
    /// Runs the command.
    ///
    /// # Errors
    /// Bits out of range, a pair that is there, a folder that cannot be written.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let path = match (self.out, self.name) {
            (Some(out), _) => out,
            (None, name) => Places::find()?.key_file(ShortName::device(&name.unwrap_or_default())?.as_str()),
        };
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        let made = make(ui, &path, self.bits, existing, "give --force to replace the pair, or another name")?;
        let (body, public) = (made.public().body(), key::public_path(&path));
        ui.note(&format!("The private key is in {}, its public half in {}.", path.display(), public.display()));
        ui.result(&body, || {
            json!({
                "key": path.display().to_string(), "public": public.display().to_string(), "bits": made.public().bits(),
                "body": body, "fingerprint": made.public().fingerprint(),
            })
        })
    }
}

/// Makes a pair and writes it to `path` and `path.pub`, whole or not at all. `hint` is the way out where one is there.
///
/// # Errors
/// As [`Keygen::run`].
pub fn make(ui: &Ui, path: &Path, bits: usize, existing: Existing, hint: &str) -> anyhow::Result<PrivateKey> {
    let public = key::public_path(path);
    let taken = |path: &Path| {
        Failure::new(Kind::CannotCreate, format!("the key file {} is there already", path.display()))
            .hint_of(entry!("key-file-exists"), hint)
    };
    if existing == Existing::Keep
        && let Some(there) = [path, &public].into_iter().find(|p| p.symlink_metadata().is_ok())
    {
        return Err(taken(there).into());
    }
    if bits > FORM_MAX_BITS && bits <= crate::key::MAX_BITS {
        ui.warn(&format!(
            "the public half of {bits} bits is longer than the {FORM_MAX_CHARS} characters that I3's form takes: \
             up to {FORM_MAX_BITS} bits fit."
        ));
    }
    let key = ui.progress("making the key", || PrivateKey::generate(bits))?;
    let cannot = |path: &Path| {
        let message = format!("{} cannot be written", path.display());
        move |e: std::io::Error| anyhow::Error::new(e).context(Failure::new(Kind::CannotCreate, message))
    };
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fsio::create_private_dir(folder).map_err(cannot(folder))?;
    }
    // Both halves are whole on disk before either takes its place.
    let mut private = Staged::new(path, key.to_pem()?.as_bytes(), Access::Owner).map_err(cannot(path))?;
    let mut half = Staged::new(&public, key.public().to_pem().as_bytes(), Access::Everyone).map_err(cannot(&public))?;
    private.commit(existing).map_err(|e| match e.kind() {
        std::io::ErrorKind::AlreadyExists => taken(path).into(),
        _ => cannot(path)(e),
    })?;
    half.commit(existing).map_err(cannot(&public)).context("the private key is in place, its public half is not")?;
    Ok(key)
}

/// Removes a pair that was made for something that did not come about.
pub fn remove(path: &Path) {
    for file in [path, &key::public_path(path)] {
        // What cannot be removed is in nobody's way but the next `keygen`'s, which says so.
        let _ = std::fs::remove_file(file);
    }
}
