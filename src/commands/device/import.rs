//! `i3 device import`: devices from TOML tables into the configuration, all or none.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;
use serde_json::json;

mod secrets;

use super::export::{PASSWORD, PRIVATE_KEY};
use super::table::{Imported, may_write, save};
use crate::access;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::device_credential::{own_broker, shown_path};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::setting_value::usable;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::keys::{DEVICE_SETTINGS, Key, SettingType};
use crate::config::{Config, ConfigError, Device, File, UnusedSetting, absolute};
use crate::guard::inbound;
use crate::guard::source::SourceError;
use crate::key::{KeyError, PrivateKey};
use crate::login::secret::check_password;
use crate::market_url::MarketUrl;
use crate::misread::Misread;
use crate::name::DeviceName;
use crate::secret::{self, Secret};

/// Longest table of devices, in bytes.
const LONGEST: usize = 16 << 20;

/// Add the devices of TOML tables to the configuration
///
/// 'device export' prints such tables. Either all or none are added. A key or password in the file is stored in a file of its
/// own that only you can read; a path must be that of a usable file here, and a relative one is relative to the folder of FILE.
/// A whole config file can be read as well: its settings outside the tables apply to devices that have none of their own. The
/// broker is saved with a device only if it differs from the one that the device would use anyway. Prints the names. With
/// --json an array of {"device", "market", "broker", "key", "password_file"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device import devices.toml
  ssh gateway i3 device export | i3 device import /dev/stdin")]
pub struct Import {
    /// Read the [devices] tables in FILE
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
                    ui.warn(&format!("{}, {unused_setting}.", self.file.display()))
                }
                // An unnoticed key would be missed.
                UnusedSetting::DeviceName { name, .. } => drop(name.parse::<DeviceName>()?),
            }
        }
        if file.values.devices.is_empty() {
            let message = format!("{} has no [devices] table", self.file.display());
            return Err(CliError::new(ExitKind::Data, message)
                .hint_of(entry!("config-invalid"), "give a file that `{i3} device export` has written")
                .into());
        }
        let mut imported = Vec::new();
        for (name, secrets) in secrets {
            imported.push(read_device(ui, &config, &file, name, secrets)?);
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

    /// Reads the tables, and the secrets of each device.
    fn read(&self) -> anyhow::Result<(File, Vec<(DeviceName, DeviceSecrets)>)> {
        let path = &self.file;
        let failed = |source| ConfigError::Read { path: path.clone(), source };
        let input = fs::File::open(path).map_err(failed)?;
        let metadata = input.metadata().map_err(failed)?;
        let size = usize::try_from(metadata.len()).unwrap_or(LONGEST);
        let bytes = secret::read_all(input, size, LONGEST).map_err(failed)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| failed(io::ErrorKind::InvalidData.into()))?;
        let (text, mut secrets) =
            secrets::taken(text.strip_prefix('\u{feff}').unwrap_or(text), &[PRIVATE_KEY, PASSWORD]);
        let file = File::parse(&absolute(path)?, &text)?;
        for (name, device) in &file.values.devices {
            for value in [Some(name), device.market.as_ref(), device.broker.as_ref()].into_iter().flatten() {
                inbound::refuse_private_key(value.as_bytes(), format_args!("{}", path.display()))?;
            }
        }
        let numbers: Numbers = toml_edit::de::from_str(&text)
            .map_err(|e| ConfigError::Parse { path: path.clone(), source: Misread::toml(&text, &e) })?;
        if let Some(mode) = access::exposed_secret(path, &metadata).filter(|_| !secrets.is_empty()) {
            return Err(SourceError::OpenToOthers { path: path.clone(), mode }.into());
        }
        let mut taken =
            |number: Option<String>| secrets.get_mut(number?.trim().parse::<usize>().ok()?).map(std::mem::take);
        let of_names = numbers.devices.into_iter().filter_map(|(name, DeviceNumbers { private_key, password })| {
            Some((name.parse().ok()?, DeviceSecrets { private_key: taken(private_key), password: taken(password) }))
        });
        let of_names = of_names.collect();
        Ok((file, of_names))
    }
}

/// Whether the key occurs only in an export.
fn is_of_export(unused_setting: &UnusedSetting) -> bool {
    let UnusedSetting::UnknownKey { key, .. } = unused_setting else { return false };
    key.rsplit_once('.')
        .is_some_and(|(table, name)| table.starts_with("devices.") && [PRIVATE_KEY, PASSWORD].contains(&name))
}

/// Checks all values of a device.
fn read_device(
    ui: &Ui,
    config: &Config,
    file: &File,
    name: DeviceName,
    secrets: DeviceSecrets,
) -> anyhow::Result<Imported> {
    let mut device = file.values.devices.get(name.as_str()).cloned().unwrap_or_default();
    let DeviceSecrets { private_key, password } = secrets;
    if let Some(secret) = &private_key {
        device.key = None;
        match PrivateKey::parse(secret.expose().as_bytes(), || Ok(None)) {
            Ok(_) | Err(KeyError::NeedsPassphrase) => {}
            Err(e) => return Err(e.into()),
        }
    }
    let password = match password {
        Some(secret) => {
            device.password_file = None;
            Some(check_password(secret, None)?.secret().clone())
        }
        None => None,
    };
    for setting in &DEVICE_SETTINGS {
        let is_replaced = match setting.kind {
            SettingType::KeyFile => private_key.is_some(),
            SettingType::PasswordFile => password.is_some(),
            _ => false,
        };
        let key = Key::Device(name.clone(), setting);
        if let Some(value) = file.values.text(&key).filter(|_| !is_replaced) {
            usable(ui, config, &key, &value)?;
        }
    }
    // A complete config file has them outside the tables.
    if device.broker.is_none() && (device.market.is_none() || device.market == file.values.market) {
        device.broker = file.values.broker.clone();
    }
    device.market = device.market.or_else(|| file.values.market.clone());
    let market = device.market.as_ref().and_then(|market| market.parse::<MarketUrl>().ok());
    if let (Some(market), Some(broker)) = (market, device.broker.as_ref().and_then(|url| url.parse::<BrokerUrl>().ok()))
    {
        device.broker = own_broker(config, &market, &broker);
    }
    Ok(Imported { name, device, private_key, password })
}
