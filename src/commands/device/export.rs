//! `i3 device export`: the configured devices as TOML tables, for another machine or another configuration.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::cli::device_credential::shown_path;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::prompt;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::{Config, ConfigError, Device};
use crate::fsio::{self, Existing, FileAccess};
use crate::key::{KeyError, PrivateKey};
use crate::login::configured_broker;
use crate::name::DeviceName;
use crate::pkcs11;

/// The keys of a device's table that occur only in an export.
pub const PRIVATE_KEY: &str = "private_key";
pub const PASSWORD: &str = "password";

/// Print devices of the configuration as TOML tables
///
/// 'device import' reads them. Each table has the marketplace and the broker that the device uses, and the path of its key or password file. With
/// --with-secrets it has the key or password itself, and is written to a file that only you can read.
///
/// With --json {"devices": {NAME: {"market", "broker", "key", "password_file"}}}; with --with-secrets {"file", "devices"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device export > devices.toml
  i3 device export lot1 --with-secrets --out lot1.toml      # to be copied by scp, and removed")]
pub struct Export {
    /// Export these, by their full or short names; by default, all
    #[arg(value_name = "DEVICE")]
    devices: Vec<String>,
    /// Export this one, too
    #[arg(long = "device", value_name = "DEVICE")]
    more: Vec<String>,
    /// Export keys and passwords too, to the file of --out
    #[arg(long, requires = "out")]
    with_secrets: bool,
    /// Write to FILE, which must not exist and which only you can read, instead of stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Export {
    /// Runs the command.
    ///
    /// # Errors
    /// A device that is not configured, a secret that cannot be read, a file that cannot be written.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let config = settings::load(ui)?;
        let devices = self.chosen(&config)?;
        if devices.is_empty() {
            ui.remark("No device is configured.");
        }
        let mut text = Zeroizing::new(String::new());
        for (name, device) in &devices {
            let secrets = if self.with_secrets { secrets(ui, device)? } else { Vec::new() };
            let table = match self.with_secrets {
                true => {
                    // A key on a token has no secret half to export.
                    let key = device.key.clone().filter(|key| pkcs11::is_uri(key));
                    table(name, &Device { key, password_file: None, ..device.clone() })
                }
                false => table(name, device),
            };
            // It never grows while it holds a secret, which would leave a copy behind.
            let room: usize = secrets.iter().map(|(key, secret)| key.len() + 6 * secret.len() + 16).sum();
            let mut longer = Zeroizing::new(String::with_capacity(text.len() + 1 + table.len() + room));
            longer.push_str(&text);
            longer.push_str(if text.is_empty() { "" } else { "\n" });
            longer.push_str(&table);
            for (key, secret) in &secrets {
                push_multiline(&mut longer, key, secret);
            }
            text = longer;
        }
        let Some(out) = &self.out else {
            return if ui.json { ui.object(json!({ "devices": object(&devices) })) } else { ui.raw(text.as_bytes()) };
        };
        fsio::write_whole(out, text.as_bytes(), FileAccess::Owner, Existing::Keep)
            .context(CliError::new(ExitKind::CannotCreate, format!("{} cannot be written", out.display())))?;
        if self.with_secrets {
            ui.remark(&format!("Anyone who has {} can log in as these devices.", out.display()));
        }
        let names: Vec<&str> = devices.iter().map(|(name, _)| name.as_str()).collect();
        ui.result(&out.display().to_string(), || json!({ "file": out.display().to_string(), "devices": names }))
    }

    /// Returns the devices with the broker that each uses.
    fn chosen(&self, config: &Config) -> anyhow::Result<Vec<(DeviceName, Device)>> {
        let mut names =
            self.devices.iter().chain(&self.more).map(|name| config.by_name(name)).collect::<Result<Vec<_>, _>>()?;
        if names.is_empty() {
            names.extend(config.devices().into_iter().map(|(name, _)| name));
        }
        let found = names.into_iter().map(|name| {
            let known = config.device(&name).cloned();
            let known = known.ok_or_else(|| ConfigError::UnknownDevice {
                name: name.to_string(),
                configured: config.devices().into_iter().map(|(name, _)| name).collect(),
            })?;
            let market = config.market_of(Some(&name)).map(|market| market.value);
            // A broker that the environment names is that of the marketplace in use.
            let is_in_use = market == config.market(None).map(|market| market.value);
            let named = || config.broker(None, Some(&name)).and_then(|broker| broker.value.parse().ok());
            let broker = if known.broker.is_none() && is_in_use { named() } else { None };
            let broker = broker.or_else(|| configured_broker(config, &name)).map(|broker| broker.to_string());
            Ok((name, Device { market, broker, ..known }))
        });
        found.collect()
    }
}

/// Returns the table of a device, as in the configuration.
fn table(name: &DeviceName, device: &Device) -> String {
    let mut table = toml_edit::Table::new();
    let values = [
        ("market", device.market.clone()),
        ("broker", device.broker.clone()),
        ("key", shown_path(&device.key)),
        ("password_file", shown_path(&device.password_file)),
    ];
    for (key, value) in values {
        if let Some(value) = value {
            table[key] = toml_edit::value(value);
        }
    }
    format!("[devices.{}]\n{table}", toml_edit::Key::new(name.as_str()).display_repr())
}

/// Reads the device's credential from its files.
fn secrets(ui: &Ui, device: &Device) -> anyhow::Result<Vec<(&'static str, Zeroizing<String>)>> {
    let mut secrets = Vec::new();
    if let Some(path) = device.key.as_ref().filter(|key| !pkcs11::is_uri(key)) {
        secrets.push((PRIVATE_KEY, key_text(path)?));
    }
    if let Some(path) = &device.password_file {
        let password = prompt::password_in(ui, path)?;
        secrets.push((PASSWORD, Zeroizing::new(password.secret().expose().into())));
    }
    Ok(secrets)
}

/// Returns a private key as PEM; an encrypted one stays so.
fn key_text(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    match PrivateKey::read(path, || Ok(None)) {
        Ok(key) => Ok(key.to_pem()?),
        Err(KeyError::NeedsPassphrase) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("{} is not a PEM file", path.display()))?;
            Ok(Zeroizing::new(text))
        }
        Err(e) => Err(e.into()),
    }
}

/// Writes a TOML string of several lines.
fn push_multiline(out: &mut String, key: &str, text: &str) {
    out.push_str(key);
    out.push_str(" = \"\"\"\n");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push(c),
            c if c.is_control() => {
                let code = u32::from(c);
                out.push_str("\\u");
                out.extend([12, 8, 4, 0].map(|shift| char::from_digit((code >> shift) & 15, 16).unwrap_or('0')));
            }
            c => out.push(c),
        }
    }
    out.push_str("\"\"\"\n");
}

fn object(devices: &[(DeviceName, Device)]) -> Map<String, Value> {
    let value = |device: &Device| {
        json!({
            "market": device.market, "broker": device.broker, "key": shown_path(&device.key),
            "password_file": shown_path(&device.password_file),
        })
    };
    devices.iter().map(|(name, device)| (name.to_string(), value(device))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_password_comes_back_as_it_was() {
        for secret in ["plain", "a\"\"\"b\\", "\u{1}\t\r\nx\u{7f}\u{85}", "größe 日本", "\nfirst line empty", "ends\\"]
        {
            let mut out = String::new();
            push_multiline(&mut out, PASSWORD, secret);
            let document: toml_edit::DocumentMut = out.parse().unwrap();
            assert_eq!(document[PASSWORD].as_str(), Some(secret), "{out}");
        }
    }
}
