//! `i3 keygen`: makes an RSA key pair.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use serde_json::json;

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::{Ui, capitalised};
use crate::cli::{intake, key_pair, prompt};
use crate::config::{Config, Places};
use crate::fsio::Existing;
use crate::guard::source::Content;
use crate::key;
use crate::name::ShortName;
use crate::secret::Secret;

/// Create an RSA key pair, and print the public key body as I3's form needs it
///
/// The private key is written as PKCS#8 PEM that only its owner can read, the public half beside it as FILE.pub.
/// An existing pair is never overwritten without --force, and one that a configured device logs in with only after
/// confirmation: 'device rotate' gives the device a new key and registers it.
///
/// With a passphrase, the private key is encrypted (scrypt and AES-256, as openssl opens it, too), and every command that
/// logs in with it needs the passphrase: from --passphrase-file, or typed.
#[derive(Args)]
#[command(group = ArgGroup::new("place").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  i3 keygen lot1                     # in the data folder, found again by 'i3 register lot1'
  i3 keygen --out lot1.pem           # in this folder
  i3 keygen lot1 --ask-passphrase    # encrypted")]
pub struct Keygen {
    /// Name the pair after this device: the file is NAME.pem in the data folder
    #[arg(group = "place")]
    name: Option<String>,
    /// Same as the NAME argument
    #[arg(long, value_name = "NAME", group = "place", conflicts_with = "name")]
    device: Option<String>,
    /// Write the private key to FILE instead
    #[arg(long, value_name = "FILE", group = "place")]
    out: Option<PathBuf>,
    /// Make a modulus of N bits; over 2696 the public half does not fit I3's form
    #[arg(long, value_name = "N", default_value_t = 2048)]
    bits: usize,
    /// Replace an existing pair; asks if a device that is configured logs in with it
    #[arg(long)]
    force: bool,
    /// Do not ask
    #[arg(long, requires = "force")]
    yes: bool,
    /// Encrypt the private key with the passphrase in FILE
    #[arg(long, value_name = "FILE", conflicts_with = "ask_passphrase")]
    passphrase_file: Option<PathBuf>,
    /// Encrypt the private key with a passphrase that is typed, twice
    #[arg(long)]
    ask_passphrase: bool,
}

impl Keygen {
    /// Runs the command.
    ///
    /// # Errors
    /// Bits out of range, a pair that exists, a folder that cannot be written.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let path = match (&self.out, self.name.as_ref().or(self.device.as_ref())) {
            (Some(out), _) => out.clone(),
            (None, name) => {
                let short = ShortName::device(name.map_or("", String::as_str))?;
                Places::find(&ui.selection)?.key_file(short.as_str())
            }
        };
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        if existing == Existing::Replace && !self.yes {
            confirm(ui, &path)?;
        }
        let passphrase = self.passphrase(ui, &path)?;
        let encrypted = passphrase.is_some();
        let hint = "give --force to replace the pair, or another name";
        let made = key_pair::make(ui, &path, self.bits, passphrase, existing, hint)?;
        let (body, public) = (made.public().body(), key::public_path(&path));
        let private = if encrypted { "encrypted private key" } else { "private key" };
        ui.remark(&format!("The {private} is in {}, its public half in {}.", path.display(), public.display()));
        ui.result(&body, || {
            json!({
                "key": path.display().to_string(), "public": public.display().to_string(), "bits": made.public().bits(),
                "encrypted": encrypted, "body": body, "fingerprint": made.public().fingerprint(),
            })
        })
    }

    /// Returns the passphrase that the options ask for.
    fn passphrase(&self, ui: &Ui, path: &Path) -> anyhow::Result<Option<Secret>> {
        let ask = || prompt::new_secret(ui, &format!("New passphrase of {}", path.display()));
        let passphrase = match &self.passphrase_file {
            Some(file) => intake::file(ui, file, Content::Password, ask)?,
            None if self.ask_passphrase => ask()?.ok_or_else(|| {
                CliError::new(ExitKind::Usage, "there is no terminal to ask for the passphrase")
                    .hint_of(entry!("key-passphrase"), "give it with --passphrase-file FILE")
            })?,
            None => return Ok(None),
        };
        if passphrase.expose().is_empty() {
            return Err(CliError::new(ExitKind::Data, "the passphrase is empty, and would protect nothing")
                .hint_of(
                    entry!("key-passphrase"),
                    "give one of several words, or neither option for an unencrypted key",
                )
                .into());
        }
        Ok(Some(passphrase))
    }
}

/// Asks the person to confirm the replacement of a key that configured devices log in with.
///
/// # Errors
/// The answer was no, or nobody can be asked; a configuration that cannot be read.
fn confirm(ui: &Ui, path: &Path) -> anyhow::Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let config = Config::load_or_new(&ui.selection)?;
    let devices = config.devices_with_key(path);
    let [(first, file), ..] = devices.as_slice() else { return Ok(()) };
    let names = devices.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", ");
    let used = format!("the key in {} is what {names} logs in with", path.display());
    let question = format!("{}; without it that ends. Replace it?", capitalised(&used));
    match prompt::confirm(ui, &question)? {
        Some(true) => Ok(()),
        Some(false) => Err(CliError::new(ExitKind::Other, "cancelled; nothing was changed").hint(entry!("cancelled")).into()),
        None => Err(CliError::new(ExitKind::Usage, used)
            .because("the marketplace would not know the new one, and the old one cannot be restored")
            .hint_of(
                entry!("key-in-use"),
                match config.places.profile_of(file).filter(|profile| config.places.profile() != Some(profile)) {
                    Some(profile) => format!(
                        "give {first} a new key with 'device rotate' and --profile {profile}, which has it, or give --yes to \
                         replace this one"
                    ),
                    None if config.device(first).is_none() => format!(
                        "give {first} a new key with 'device rotate' and without --profile, or give --yes to replace this one"
                    ),
                    None => format!(
                        "give the device a new key with `{{i3}} device rotate '{first}'`, which registers it as well, or give \
                         --yes to replace this one"
                    ),
                },
            )
            .into()),
    }
}
