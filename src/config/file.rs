//! One config file, as read: its values and its oddities.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use toml_edit::{Document, TableLike};

use super::error::ConfigError;
use super::keys::{self, Key, SETTINGS};
use super::origin::Origin;
use super::places::{hidden_at_end, with_home};
use crate::broker_url::BrokerUrl;
use crate::fsio;
use crate::guard::inbound;
use crate::market_url::MarketUrl;
use crate::misread::Misread;
use crate::name::DeviceName;
use crate::pkcs11::{self, KeyUri, Pkcs11Error};
use crate::text::hidden::{self, Hidden};
use crate::text::similar::{did_you_mean, nearest};

/// The contents of the file. For a secret it holds only the path. A valid address is in its usual spelling, so that texts can
/// be compared as addresses; a path is absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Values {
    pub market: Option<String>,
    pub broker: Option<String>,
    pub user: Option<String>,
    pub device: Option<String>,
    pub cafile: Option<PathBuf>,
    pub capath: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub cert_key: Option<PathBuf>,
    pub tls_version: Option<String>,
    pub proxy: Option<String>,
    pub ws_header_file: Option<PathBuf>,
    pub api_key_file: Option<PathBuf>,
    pub accept_plain: Option<bool>,
    /// Each with its full name, if the name is valid.
    #[serde(default)]
    pub devices: BTreeMap<String, Device>,
}

/// A device that was registered from here. Its full name is its key in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Device {
    /// The marketplace's URL.
    pub market: Option<String>,
    /// The broker's URL, if it has one of its own.
    pub broker: Option<String>,
    /// The private key file, if the device was registered by key.
    pub key: Option<PathBuf>,
    /// A 0600 file with the device's password, if it was registered by password.
    pub password_file: Option<PathBuf>,
}

/// One config file.
#[derive(Debug, Clone, Default)]
pub struct File {
    pub path: PathBuf,
    pub values: Values,
    pub unused_settings: Vec<UnusedSetting>,
}

/// Entries of a file that have no effect. No value is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnusedSetting {
    /// An unknown key.
    UnknownKey {
        key: String,
        /// Counted from 1.
        line: usize,
        similar: Option<&'static str>,
    },
    /// A table in `devices` whose name is not a full device name.
    DeviceName { name: String, line: usize },
    /// Invisible characters that were removed from the value of a key, or from the file itself.
    Hidden { key: Option<String>, characters: Vec<Hidden> },
}

impl fmt::Display for UnusedSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UnusedSetting::UnknownKey { key, line, similar: alike } => {
                match is_name(key) {
                    true => write!(f, "line {line}: the key {key} is unknown{}", did_you_mean(*alike)),
                    // It may be a secret that came to stand there.
                    false => write!(f, "line {line}: this key is unknown"),
                }
            }
            UnusedSetting::DeviceName { name, line } => {
                let shown = if is_name(name) { format!("'{name}'") } else { "this".into() };
                write!(f, "line {line}: {shown} is not a full device name, such as 'alice$parking$lot1'")
            }
            UnusedSetting::Hidden { key: Some(key), characters } => {
                write!(f, "the value of {key} has {}: left out", hidden::named(characters))
            }
            UnusedSetting::Hidden { key: None, characters } => {
                write!(f, "the file has {}: left out", hidden::named(characters))
            }
        }
    }
}

/// Whether a key may be shown: no word in it is longer than a name, as part of a private key would be.
fn is_name(text: &str) -> bool {
    const LONGEST: usize = 30;
    text.split(['$', '.', '"']).all(|word| word.chars().count() <= LONGEST)
}

impl File {
    /// Reads a file; a missing one counts as an empty one.
    ///
    /// # Errors
    /// [`ConfigError::Read`], [`ConfigError::Parse`], [`ConfigError::Hidden`], [`ConfigError::Refused`].
    pub fn read(path: &Path) -> Result<File, ConfigError> {
        let (text, mark) = text_of(path)?;
        let mut file = File::parse(path, &text)?;
        file.unused_settings.extend(mark.map(|mark| UnusedSetting::Hidden { key: None, characters: vec![mark] }));
        Ok(file)
    }

    /// Reads the text of the file in `path`.
    ///
    /// # Errors
    /// [`ConfigError::Parse`], [`ConfigError::Hidden`], [`ConfigError::Refused`], [`ConfigError::Pin`].
    pub fn parse(path: &Path, text: &str) -> Result<File, ConfigError> {
        let mut values: Values = toml_edit::de::from_str(text).map_err(|e| unreadable(path, text, &e))?;
        let removed =
            values.trim().map_err(|(key, hidden)| ConfigError::Hidden(Origin::File(path.into(), key), hidden))?;
        for (name, device) in &values.devices {
            if let Some(Err(source @ Pkcs11Error::PinInUri)) = device.key.as_deref().and_then(KeyUri::of) {
                let key = Origin::File(path.into(), format!("devices.\"{name}\".key"));
                return Err(ConfigError::Pin { key, source: source.into() });
            }
        }
        values.complete(path.parent().unwrap_or(Path::new(".")));
        let unused_settings = removed.into_iter().chain(unused_settings(text)).collect();
        Ok(File { path: path.into(), values, unused_settings })
    }
}

impl Values {
    /// Removes invisible characters at the ends of addresses and names; returns them.
    ///
    /// # Errors
    /// The key of an address or a name with such a character inside it, or of a path with one at an end.
    fn trim(&mut self) -> Result<Vec<UnusedSetting>, (String, Hidden)> {
        let mut words: Vec<(String, &mut Option<String>)> = vec![
            ("market".into(), &mut self.market),
            ("broker".into(), &mut self.broker),
            ("user".into(), &mut self.user),
            ("device".into(), &mut self.device),
            ("tls_version".into(), &mut self.tls_version),
            ("proxy".into(), &mut self.proxy),
        ];
        let mut paths = vec![
            ("cafile".to_owned(), &self.cafile),
            ("capath".into(), &self.capath),
            ("cert".into(), &self.cert),
            ("cert_key".into(), &self.cert_key),
            ("ws_header_file".into(), &self.ws_header_file),
            ("api_key_file".into(), &self.api_key_file),
        ];
        for (name, Device { market, broker, key, password_file }) in &mut self.devices {
            let of_device = |key: &str| format!("devices.\"{name}\".{key}");
            words.extend([(of_device("market"), market), (of_device("broker"), broker)]);
            paths.extend([(of_device("key"), &*key), (of_device("password_file"), &*password_file)]);
        }
        for (key, path) in paths {
            if let Some(hidden) = path.as_deref().and_then(hidden_at_end) {
                return Err((key, hidden));
            }
        }
        let mut removed = Vec::new();
        for (key, text) in words.into_iter().filter_map(|(key, text)| Some((key, text.as_mut()?))) {
            let word = match hidden::word(text) {
                Ok(word) => word,
                Err(hidden) => return Err((key, hidden)),
            };
            if !word.removed.is_empty() {
                removed.push(UnusedSetting::Hidden { key: Some(key), characters: word.removed });
                *text = word.text.to_owned();
            }
        }
        Ok(removed)
    }

    /// Normalizes the spelling of addresses, and makes paths absolute: `~` is the home folder, and a relative path is
    /// relative to the folder of the file.
    fn complete(&mut self, folder: &Path) {
        let devices = self.devices.values_mut().map(|device| {
            let Device { market, broker, key, password_file } = device;
            ((market, broker), [key, password_file])
        });
        let (addresses, paths): (Vec<_>, Vec<_>) = devices.unzip();
        for (market, broker) in std::iter::once((&mut self.market, &mut self.broker)).chain(addresses) {
            canonical::<MarketUrl>(market);
            canonical::<BrokerUrl>(broker);
        }
        let own = [
            &mut self.cafile,
            &mut self.capath,
            &mut self.cert,
            &mut self.cert_key,
            &mut self.ws_header_file,
            &mut self.api_key_file,
        ];
        for path in own.into_iter().chain(paths.into_iter().flatten()).flatten() {
            if !pkcs11::is_uri(path) {
                *path = folder.join(with_home(path));
            }
        }
    }

    /// Returns the value of a key as text.
    pub fn text(&self, key: &Key) -> Option<String> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        match key {
            Key::General(key) => match key.name {
                "market" => self.market.clone(),
                "broker" => self.broker.clone(),
                "user" => self.user.clone(),
                "device" => self.device.clone(),
                "cafile" => path(&self.cafile),
                "capath" => path(&self.capath),
                "cert" => path(&self.cert),
                "cert_key" => path(&self.cert_key),
                "tls_version" => self.tls_version.clone(),
                "proxy" => self.proxy.clone(),
                "ws_header_file" => path(&self.ws_header_file),
                "api_key_file" => path(&self.api_key_file),
                "accept_plain" => self.accept_plain.map(|accepts| accepts.to_string()),
                _ => None,
            },
            Key::Device(name, key) => {
                let device = self.devices.get(name.as_str())?;
                match key.name {
                    "market" => device.market.clone(),
                    "broker" => device.broker.clone(),
                    "key" => path(&device.key),
                    "password_file" => path(&device.password_file),
                    _ => None,
                }
            }
        }
    }
}

/// An invalid address is unchanged: the command that needs it reports it.
fn canonical<A: FromStr + fmt::Display>(text: &mut Option<String>) {
    if let Some(address) = text.as_deref().and_then(|text| text.parse::<A>().ok()) {
        *text = Some(address.to_string());
    }
}

/// Returns the text of a config file, and a byte order mark that was removed from it; a missing file counts as an empty one.
///
/// # Errors
/// [`ConfigError::Read`], [`ConfigError::Utf16`], [`ConfigError::Refused`].
pub fn text_of(path: &Path) -> Result<(String, Option<Hidden>), ConfigError> {
    let failed = |source| ConfigError::Read { path: path.into(), source };
    let mut bytes = Vec::new();
    match fsio::open_finite(path).and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => {}
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((String::new(), None)),
        Err(e) => return Err(failed(e)),
    }
    // The whole file, because a commented-out key is still a key, and others may read this file.
    inbound::refuse_private_key(&bytes, format_args!("the configuration {}", path.display()))?;
    if hidden::is_utf16(&bytes) {
        return Err(ConfigError::Utf16(path.into()));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| failed(io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8")))?;
    let mark = Hidden { character: '\u{feff}', place: hidden::Place::Start };
    Ok(match text.strip_prefix(mark.character) {
        Some(rest) => (rest.into(), Some(mark)),
        None => (text, None),
    })
}

/// Returns why the text of a config file is not TOML: an invisible character in its line is the reason.
pub fn unreadable(path: &Path, text: &str, error: &toml_edit::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    let odd = text.lines().nth(line).and_then(|line| {
        // In TOML, white space at the end of a line and tabs anywhere do not matter.
        hidden::find(line).into_iter().find(|hidden| !matches!(hidden.character, ' ' | '\t'))
    });
    match odd {
        Some(hidden) => ConfigError::Stray { path: path.into(), line: line + 1, hidden },
        None => ConfigError::Parse { path: path.into(), source: Misread::toml(text, error) },
    }
}

/// Returns the unknown keys, in the order of the file.
fn unused_settings(text: &str) -> Vec<UnusedSetting> {
    let Ok(document) = Document::parse(text) else { return Vec::new() };
    let line = |table: &dyn TableLike, name: &str| {
        let start = table.key(name).and_then(toml_edit::Key::span).map_or(0, |span| span.start);
        1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count()
    };
    let mut found = Vec::new();
    let general = || SETTINGS.iter().map(|key| key.name).chain(["devices"]);
    let root: &dyn TableLike = document.as_table();
    for (name, _) in root.iter().filter(|(name, _)| !general().any(|known| known == *name)) {
        let similar = nearest(name, general());
        found.push(UnusedSetting::UnknownKey { key: name.into(), line: line(root, name), similar });
    }
    let Some(devices) = root.get("devices").and_then(|item| item.as_table_like()) else { return found };
    for (device, item) in devices.iter() {
        if device.parse::<DeviceName>().is_err() {
            found.push(UnusedSetting::DeviceName { name: device.into(), line: line(devices, device) });
        }
        let Some(table) = item.as_table_like() else { continue };
        let of_device = || keys::DEVICE_SETTINGS.iter().map(|key| key.name);
        for (name, _) in table.iter().filter(|(name, _)| !of_device().any(|known| known == *name)) {
            let key = format!("devices.\"{device}\".{name}");
            found.push(UnusedSetting::UnknownKey { key, line: line(table, name), similar: nearest(name, of_device()) });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<File, ConfigError> {
        File::parse(Path::new("/etc/i3/config.toml"), text)
    }

    #[test]
    fn blanks_at_the_ends_of_addresses_and_names_are_removed_and_those_of_paths_told() {
        let text =
            "market = ' http://h '\nuser = \"alice\\r\"\n[devices.'ann$bay$one']\nbroker = 'mqtt://h '\nkey = '/a b/c'";
        let values = read(text).unwrap().values;
        assert_eq!((values.market.as_deref(), values.user.as_deref()), (Some("http://h"), Some("alice")));
        assert_eq!(values.devices["ann$bay$one"].broker.as_deref(), Some("mqtt://h:1883"));
        for (text, key) in [
            ("cafile = '/c.pem '", "cafile"),
            ("[devices.'ann$bay$one']\nkey = ' /c.pem'", "devices.\"ann$bay$one\".key"),
        ] {
            assert!(matches!(read(text), Err(ConfigError::Hidden(Origin::File(_, told), _)) if told == key));
        }
    }

    #[test]
    fn paths_stand_against_the_file_and_addresses_in_their_usual_spelling() {
        let text = "cafile = 'ca.pem'\nmarket = 'HTTP://I3.example.org:80/'\n[devices.'ann$bay$one']\nkey = '~/k.pem'\n\
                    password_file = '../pw'\nbroker = 'tcp://[0::1]'\nmarket = 'no address'";
        let values = read(text).unwrap().values;
        assert_eq!(values.cafile.as_deref(), Some(Path::new("/etc/i3/ca.pem")));
        assert_eq!(values.market.as_deref(), Some("http://i3.example.org"));
        let device = &values.devices["ann$bay$one"];
        assert_eq!(device.key, Some(directories::BaseDirs::new().unwrap().home_dir().join("k.pem")));
        assert_eq!(device.password_file.as_deref(), Some(Path::new("/etc/i3/../pw")));
        assert_eq!(device.broker.as_deref(), Some("mqtt://[::1]:1883"));
        assert_eq!(device.market.as_deref(), Some("no address"));
    }

    #[test]
    fn what_nothing_reads_is_named_with_its_line_and_without_its_value() {
        let text = "brocker = 'hunter2'\n\n[devices.'ann$bay$one']\npasword_file = 'x'\n\n[devices.lot1]\nkey = 'k'\n\n[colour]\nx = 1\n";
        let told: Vec<String> = read(text).unwrap().unused_settings.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "line 1: the key brocker is unknown; did you mean 'broker'?",
                "line 9: the key colour is unknown",
                "line 4: the key devices.\"ann$bay$one\".pasword_file is unknown; did you mean 'password_file'?",
                "line 6: 'lot1' is not a full device name, such as 'alice$parking$lot1'",
            ]
        );
        assert!(
            read("market = 'http://h'\naccept_plain = true\n[devices.'ann$bay$one']\nkey = 'k'")
                .unwrap()
                .unused_settings
                .is_empty()
        );
    }

    #[test]
    fn every_key_of_the_tables_is_read() {
        let value = |key: &keys::SettingKey| if key.kind == keys::SettingType::Switch { "true" } else { "'x'" };
        let line = |key: &keys::SettingKey| format!("{} = {}\n", key.name, value(key));
        let general: String = SETTINGS.iter().map(|key| line(key)).collect();
        let of_device: String = keys::DEVICE_SETTINGS.iter().map(line).collect();
        let file = read(&format!("{general}[devices.'ann$bay$one']\n{of_device}")).unwrap();
        assert!(file.unused_settings.is_empty(), "{:?}", file.unused_settings);
        let device: DeviceName = "ann$bay$one".parse().unwrap();
        let of_device = keys::DEVICE_SETTINGS.iter().map(|key| Key::Device(device.clone(), key));
        for key in SETTINGS.into_iter().map(Key::General).chain(of_device) {
            assert!(file.values.text(&key).is_some(), "{key}");
        }
    }
}
