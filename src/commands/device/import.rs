//! `i3 device import`: devices from TOML tables into the configuration, all or none.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

mod secrets;

use super::export::{PASSWORD, PRIVATE_KEY};
use super::table::{Imported, may_write, save};
use crate::access;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::device_credential::{own_broker, shown_path};
use crate::cli::error::{CliError, ExitKind, advice, kind};
use crate::cli::keys::is_stdin;
use crate::cli::setting_value::usable;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::keys::{DEVICE_SETTINGS, Key};
use crate::config::{Config, ConfigError, Device, File, UnusedSetting, absolute};
use crate::guard::inbound;
use crate::guard::source::{self, SourceError};
use crate::key::{KeyError, PrivateKey};
use crate::login::secret::check_password;
use crate::market_url::MarketUrl;
use crate::misread::Misread;
use crate::name::DeviceName;
use crate::secret::{self, Secret};
use crate::text::hidden;

/// Longest table of devices, in bytes.
const LONGEST: usize = 16 << 20;

/// What belongs into the two keys that only an export has.
const HOLDS_KEY: &str = "give the text of an RSA private key as private_key, or the path of its file as key";
const HOLDS_PASSWORD: &str = "give the device's password as password, the path of its file as password_file, or a private key as \
                              private_key";

/// Add the devices of TOML tables to the configuration
///
/// 'device export' prints such tables. Either all or none are added. A key or password in the file is stored in a file of its own
/// that only you can read; a path must be that of a usable file here, and a relative one is relative to the folder of FILE, or to
/// the working directory if FILE is -, standard input.
/// A whole config file can be read as well: its settings outside the tables apply to devices that have none of their own. The
/// broker is saved with a device only if it differs from the one that the device would use anyway. Prints the names. With
/// --json an array of {"device", "market", "broker", "key", "password_file"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device import devices.toml
  ssh gateway i3 device export | i3 device import -")]
pub struct Import {
    /// Read the [devices] tables in FILE; - is standard input
    file: PathBuf,
    /// Replace the configuration of a device
    #[arg(long)]
    force: bool,
}

/// The placeholders of the secrets in the file, by their numbers.
#[derive(Deserialize)]
struct Numbers {
    #[serde(default)]
    devices: BTreeMap<String, DeviceNumbers>,
}

#[derive(Deserialize)]
struct DeviceNumbers {
    private_key: Option<String>,
    password: Option<String>,
}

/// The secrets of a device.
struct DeviceSecrets {
    private_key: Option<Secret>,
    password: Option<Secret>,
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// A table that cannot be used, a device that is already configured, a file that cannot be written. Nothing is
    /// changed then.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load_or_new(ui)?;
        let (file, secrets) = self.read()?;
        for unused_setting in file.unused_settings.iter().filter(|unused_setting| !is_of_export(unused_setting)) {
            match unused_setting {
                UnusedSetting::UnknownKey { .. } | UnusedSetting::Hidden { .. } => {
                    ui.warn(&format!("{}, {unused_setting}.", self.shown()))
                }
                // An unnoticed key would be missed.
                UnusedSetting::DeviceName { .. } => {
                    let failure = CliError::new(ExitKind::Data, format!("{}, {unused_setting}", self.shown()));
                    return Err(failure.hint(entry!("short-device-name")).into());
                }
            }
        }
        if file.values.devices.is_empty() {
            let message = format!("{} has no [devices] table", self.shown());
            return Err(CliError::new(ExitKind::Data, message)
                .hint_of(entry!("config-invalid"), "give a file that `{i3} device export` has written")
                .into());
        }
        let mut imported = Vec::new();
        for (name, secrets) in secrets {
            imported.push(self.read_device(ui, &config, &file, name, secrets)?);
        }
        for Imported { name, device, .. } in &imported {
            may_write(&config, name, device, self.force.into())?;
        }
        let saved = save(&mut config, imported)?;
        let names: Vec<String> = saved.iter().map(|(name, _)| name.to_string()).collect();
        ui.list(&names, || {
            let row = |(name, device): &(DeviceName, Device)| {
                json!({
                    "device": name.as_str(), "market": device.market, "broker": device.broker,
                    "key": shown_path(&device.key), "password_file": shown_path(&device.password_file),
                })
            };
            saved.iter().map(row).collect()
        })
    }

    /// Names the file in messages.
    fn shown(&self) -> String {
        if is_stdin(&self.file) { "standard input".into() } else { self.file.display().to_string() }
    }

    /// Reads the text, and tells the mode of a file that others can read.
    fn text(&self) -> io::Result<(Zeroizing<Vec<u8>>, Option<u32>)> {
        if is_stdin(&self.file) {
            return Ok((secret::read_all(io::stdin().lock(), 0, LONGEST)?, None));
        }
        let input = fs::File::open(&self.file)?;
        let metadata = input.metadata()?;
        let size = usize::try_from(metadata.len()).unwrap_or(LONGEST);
        Ok((secret::read_all(input, size, LONGEST)?, access::exposed_secret(&self.file, &metadata)))
    }

    /// Reads the tables, and the secrets of each device.
    fn read(&self) -> anyhow::Result<(File, Vec<(DeviceName, DeviceSecrets)>)> {
        let (bytes, exposed) = self.text().map_err(|e| {
            let failure = CliError::new(ExitKind::NoInput, format!("{} cannot be read", self.shown()));
            let hint =
                "check the path: it is that of a file that `{i3} device export` has written, or - for standard input";
            anyhow::Error::new(e).context(failure.hint_of(entry!("file-unusable"), hint))
        })?;
        let text = std::str::from_utf8(&bytes).ok().filter(|_| !hidden::is_utf16(&bytes)).ok_or_else(|| {
            CliError::new(ExitKind::Data, format!("{} is not text in UTF-8", self.shown()))
                .hint_of(entry!("file-unusable"), "give a file that `{i3} device export` has written")
        })?;
        let (text, mut secrets) =
            secrets::taken(text.strip_prefix('\u{feff}').unwrap_or(text), &[PRIVATE_KEY, PASSWORD]);
        // All that is left, names and comments as well: nothing of it may be repeated in a message.
        inbound::refuse_private_key(text.as_bytes(), self.shown())
            .map_err(|e| told(e.into(), &self.shown(), "give the key as private_key = in the table of its device"))?;
        let file = File::parse(&absolute(&self.file)?, &text).map_err(|e| match e {
            ConfigError::Parse { source, .. } => self.misread(source),
            e => e.into(),
        })?;
        let numbers: Numbers = toml_edit::de::from_str(&text).map_err(|e| self.misread(Misread::toml(&text, &e)))?;
        if let Some(mode) = exposed.filter(|_| !secrets.is_empty()) {
            return Err(SourceError::OpenToOthers { path: self.file.clone(), mode }.into());
        }
        let mut taken =
            |number: Option<String>| secrets.get_mut(number?.trim().parse::<usize>().ok()?).map(std::mem::take);
        let of_names = numbers.devices.into_iter().filter_map(|(name, DeviceNumbers { private_key, password })| {
            Some((name.parse().ok()?, DeviceSecrets { private_key: taken(private_key), password: taken(password) }))
        });
        let of_names = of_names.collect();
        Ok((file, of_names))
    }

    fn misread(&self, source: Misread) -> anyhow::Error {
        let failure = CliError::new(ExitKind::Config, format!("{} cannot be read as TOML", self.shown()));
        let failure = failure.hint_of(entry!("config-invalid"), "correct the line that the error names");
        anyhow::Error::new(source).context(failure)
    }

    /// Checks all that is said of a device.
    fn read_device(
        &self,
        ui: &Ui,
        config: &Config,
        file: &File,
        name: DeviceName,
        secrets: DeviceSecrets,
    ) -> anyhow::Result<Imported> {
        let mut device = file.values.devices.get(name.as_str()).cloned().unwrap_or_default();
        let DeviceSecrets { private_key, password } = secrets;
        let member = |key: &str| format!("devices.\"{name}\".{key} in {}", self.shown());
        let both = |one: &str, other: &str| {
            let failure = CliError::new(ExitKind::Data, format!("{} stands beside {other}", member(one)));
            failure.hint_of(entry!("config-invalid"), "leave one of the two out: they give the same")
        };
        if let Some(secret) = &private_key {
            if device.key.is_some() {
                return Err(both(PRIVATE_KEY, "key").into());
            }
            match PrivateKey::parse(secret.expose().as_bytes(), || Ok(None)) {
                Ok(_) | Err(KeyError::NeedsPassphrase) => {}
                Err(e) => return Err(told(e.into(), &member(PRIVATE_KEY), HOLDS_KEY)),
            }
        }
        let password = match password {
            Some(_) if device.password_file.is_some() => return Err(both(PASSWORD, "password_file").into()),
            Some(secret) => {
                let what = member(PASSWORD);
                if let Some(note) = source::note_on(what.clone(), &secret) {
                    ui.warn(&format!("{note}."));
                }
                let checked = check_password(secret, None);
                Some(checked.map_err(|e| told(e.into(), &what, HOLDS_PASSWORD))?.secret().clone())
            }
            None => None,
        };
        if private_key.is_some() && password.is_some() {
            ui.note(&format!("{name} has a key and a password: the key is tried first."));
        }
        for setting in &DEVICE_SETTINGS {
            let key = Key::Device(name.clone(), setting);
            if let Some(value) = file.values.text(&key) {
                usable(ui, config, &key, &value)?;
            }
        }
        // A complete config file has them outside the tables.
        if device.broker.is_none() && (device.market.is_none() || device.market == file.values.market) {
            device.broker = file.values.broker.clone();
        }
        device.market = device.market.or_else(|| file.values.market.clone());
        let market = device.market.as_ref().and_then(|market| market.parse::<MarketUrl>().ok());
        let broker = device.broker.as_ref().and_then(|url| url.parse::<BrokerUrl>().ok());
        if let (Some(market), Some(broker)) = (market, broker) {
            device.broker = own_broker(config, &market, &broker);
        }
        Ok(Imported { name, device, private_key, password })
    }
}

/// Says of which value in the file an error is, and what belongs there.
fn told(error: anyhow::Error, what: &str, hint: &str) -> anyhow::Error {
    let failure = CliError::new(kind(&error), format!("{what} cannot be used")).hint_of(advice(&error).entry, hint);
    error.context(failure)
}

/// Whether the key occurs only in an export.
fn is_of_export(unused_setting: &UnusedSetting) -> bool {
    let UnusedSetting::UnknownKey { key, .. } = unused_setting else { return false };
    key.rsplit_once('.')
        .is_some_and(|(table, name)| table.starts_with("devices.") && [PRIVATE_KEY, PASSWORD].contains(&name))
}
