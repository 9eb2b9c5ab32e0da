//! Settings from option, environment, config file and default, each with its origin; and the devices that are configured.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml_edit::DocumentMut;

use crate::fsio::{self, Existing, FileAccess};
use crate::guard::{Refusal, door};
use crate::name::DeviceName;
use crate::text::hidden::{self, Hidden};

/// The folder name below XDG's base folders. Not `i3`, which is the window manager's.
const FOLDER: &str = "i3-marketplace";

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No HOME, and no `I3_HOME` either.
    #[error("there is no home folder to keep the configuration in")]
    NoHome,
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read", path = .path.display())]
    Read { path: PathBuf, source: io::Error },
    /// A character that nobody sees, at an end of a path or inside an address or a name: none that is meant has any.
    #[error("the value of {0} has {1}")]
    Hidden(Origin, Hidden),
    /// A line of the file that is no TOML has a character in it that nobody sees. Lines are counted from 1.
    #[error("line {line} of the configuration {path} has {hidden}, and cannot be read", path = .path.display())]
    Stray { path: PathBuf, line: usize, hidden: Hidden },
    /// The file is UTF-16, as PowerShell writes it.
    #[error("the configuration {path} is UTF-16 text, not UTF-8", path = .0.display())]
    Utf16(PathBuf),
    /// A private key is in the file.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The file is not valid TOML, or a key in it is unknown or of the wrong type.
    #[error("the configuration {path} is not valid", path = .path.display())]
    Parse { path: PathBuf, source: Box<toml_edit::de::Error> },
    /// The file cannot be written; the old one is untouched.
    #[error("the configuration {path} cannot be written", path = .path.display())]
    Write { path: PathBuf, source: io::Error },
    /// A short device name that matches more than one device.
    #[error("'{short}' matches more than one device: {}", .full.join(", "))]
    Ambiguous { short: String, full: Vec<String> },
    /// A short device name that matches none.
    #[error("no device '{0}' is configured")]
    UnknownDevice(String),
    /// No device is given, and not exactly one is configured.
    #[error("no device given; configured: {}", listed(.0))]
    NoDevice(Vec<String>),
}

fn listed(devices: &[String]) -> String {
    if devices.is_empty() { "none".into() } else { devices.join(", ") }
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Option(&'static str),
    Environment(&'static str),
    /// A key of the config file.
    File(PathBuf, String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Option(name) => write!(f, "option {name}"),
            Origin::Environment(name) => write!(f, "environment variable {name}"),
            Origin::File(path, key) => write!(f, "{key} in {}", path.display()),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// Parses the value and keeps its origin.
    ///
    /// # Errors
    /// As `parse`.
    pub fn try_map<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Setting<U>, E> {
        Ok(Setting { value: parse(self.value)?, origin: self.origin })
    }
}

/// The environment variables that settings are read from.
pub mod env {
    pub const HOME: &str = "I3_HOME";
    pub const MARKET: &str = "I3_MARKET";
    pub const BROKER: &str = "I3_BROKER";
    pub const API_KEY: &str = "I3_API_KEY";
    pub const USER: &str = "I3_USER";
    pub const LOGIN_PASSWORD: &str = "I3_LOGIN_PASSWORD";
    pub const DEVICE: &str = "I3_DEVICE";
    pub const PASSWORD: &str = "I3_PASSWORD";
    pub const BUYER: &str = "I3_BUYER";
    pub const BUYER_PASSWORD: &str = "I3_BUYER_PASSWORD";
}

/// The config file (`config.toml`). Of a secret it holds only the path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    market: Option<String>,
    broker: Option<String>,
    user: Option<String>,
    device: Option<String>,
    cafile: Option<PathBuf>,
    api_key_file: Option<PathBuf>,
    #[serde(default)]
    devices: BTreeMap<String, Device>,
}

/// A device that was registered from here. Its full name is its key in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// The marketplace's URL.
    pub market: Option<String>,
    /// The broker's URL.
    pub broker: Option<String>,
    /// The private key file, if the device was registered by key.
    pub key: Option<PathBuf>,
    /// A 0600 file with the device's password, if it was registered by password.
    pub password_file: Option<PathBuf>,
}

/// What was taken off the ends of a key's value.
type Removed = (String, Vec<Hidden>);

impl File {
    /// Takes what nobody sees off the ends of addresses and names; returns what that was, by its key.
    ///
    /// # Errors
    /// The key of an address or a name that has such a character inside it, or of a path that has one at an end.
    fn trim(&mut self) -> Result<Vec<Removed>, (String, Hidden)> {
        let mut words: Vec<(String, &mut Option<String>)> = vec![
            ("market".into(), &mut self.market),
            ("broker".into(), &mut self.broker),
            ("user".into(), &mut self.user),
            ("device".into(), &mut self.device),
        ];
        let mut paths = vec![("cafile".to_owned(), &self.cafile), ("api_key_file".into(), &self.api_key_file)];
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
                removed.push((key, word.removed));
                *text = word.text.to_owned();
            }
        }
        Ok(removed)
    }
}

/// Returns the character that nobody sees at an end of a path.
fn hidden_at_end(path: &Path) -> Option<Hidden> {
    hidden::at_end(path.to_str()?)
}

/// The folders that this tool uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    pub config: PathBuf,
    pub data: PathBuf,
    pub state: PathBuf,
}

impl Places {
    /// Returns the folders below `I3_HOME`, or XDG's.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`], [`ConfigError::Hidden`].
    pub fn find() -> Result<Places, ConfigError> {
        if let Some(home) = std::env::var_os(env::HOME).filter(|h| !h.is_empty()).map(PathBuf::from) {
            if let Some(hidden) = hidden_at_end(&home) {
                return Err(ConfigError::Hidden(Origin::Environment(env::HOME), hidden));
            }
            return Ok(Places { config: home.clone(), data: home.join("data"), state: home.join("state") });
        }
        let dirs = directories::ProjectDirs::from("", "", FOLDER).ok_or(ConfigError::NoHome)?;
        Ok(Places {
            config: dirs.config_dir().into(),
            data: dirs.data_dir().into(),
            state: dirs.state_dir().unwrap_or(dirs.data_local_dir()).into(),
        })
    }

    /// Returns the path of `config.toml`.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// Returns the folder in which `keygen` stores private keys.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Returns where `keygen` stores the private key of the device with the short name `short`.
    pub fn key_file(&self, short: &str) -> PathBuf {
        self.keys().join(format!("{short}.pem"))
    }

    /// Returns the folder of the kept log-ins at marketplaces, a 0600 file each.
    pub fn accounts(&self) -> PathBuf {
        self.data.join("accounts")
    }

    /// Returns the folder of the generated device passwords, a 0600 file each.
    pub fn passwords(&self) -> PathBuf {
        self.data.join("passwords")
    }

    /// Returns the folder of a device's spool.
    pub fn spool(&self, device: &DeviceName) -> PathBuf {
        self.state.join("spool").join(device.as_str())
    }
}

/// The contents of the config file, and the folders.
#[derive(Debug, Clone)]
pub struct Config {
    pub places: Places,
    /// What a person should be told of characters that cannot be seen: sentences without a full stop.
    pub notes: Vec<String>,
    file: File,
}

impl Config {
    /// Reads the config file; a missing file counts as an empty one.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`], [`ConfigError::Read`], [`ConfigError::Parse`], [`ConfigError::Hidden`],
    /// [`ConfigError::Utf16`], [`ConfigError::Refused`].
    pub fn load() -> Result<Config, ConfigError> {
        let places = Places::find()?;
        let path = places.config_file();
        let (text, mark) = text_of(&path)?;
        let mut file: File = toml_edit::de::from_str(&text).map_err(|e| unreadable(&path, &text, e))?;
        let origin = |key| Origin::File(path.clone(), key);
        let removed = file.trim().map_err(|(key, hidden)| ConfigError::Hidden(origin(key), hidden))?;
        let mark = mark.map(|mark| format!("the configuration {} has {mark}: left out", path.display()));
        let note = |(key, hidden): Removed| format!("{} has {}: left out", origin(key), hidden::named(&hidden));
        let notes = mark.into_iter().chain(removed.into_iter().map(note)).collect();
        Ok(Config { places, file, notes })
    }

    fn file_value<T: Clone>(&self, key: &str, value: &Option<T>) -> Option<Setting<T>> {
        let origin = Origin::File(self.places.config_file(), key.into());
        value.clone().map(|value| Setting { value, origin })
    }

    /// Resolves the marketplace's URL: option, environment, config.
    pub fn market(&self, option: Option<String>) -> Option<Setting<String>> {
        given("--market", option)
            .or_else(|| from_env(env::MARKET))
            .or_else(|| self.file_value("market", &self.file.market))
    }

    /// Resolves the broker's URL: option, environment, the device's own, config. Without any, the caller uses the
    /// marketplace's host.
    pub fn broker(&self, option: Option<String>, device: Option<&DeviceName>) -> Option<Setting<String>> {
        given("--broker", option)
            .or_else(|| from_env(env::BROKER))
            .or_else(|| {
                let name = device?;
                self.file_value(&format!("devices.\"{name}\".broker"), &self.device(name)?.broker)
            })
            .or_else(|| self.file_value("broker", &self.file.broker))
    }

    /// Resolves the seller's user name: option, environment, config.
    pub fn user(&self, option: Option<String>) -> Option<Setting<String>> {
        given("--user", option).or_else(|| from_env(env::USER)).or_else(|| self.file_value("user", &self.file.user))
    }

    /// Resolves the file of trusted certificates: option, config.
    pub fn cafile(&self, option: Option<PathBuf>) -> Option<Setting<PathBuf>> {
        given("--cafile", option).or_else(|| self.file_value("cafile", &self.file.cafile))
    }

    /// Returns the 0600 file that holds the API key.
    pub fn api_key_file(&self) -> Option<Setting<PathBuf>> {
        self.file_value("api_key_file", &self.file.api_key_file)
    }

    /// Returns the configuration of a device.
    pub fn device(&self, name: &DeviceName) -> Option<&Device> {
        self.file.devices.get(name.as_str())
    }

    /// Returns the configuration of a device of this marketplace: another marketplace may have a device of the same name. A
    /// device that is configured without a marketplace may be of any.
    pub fn device_at(&self, name: &DeviceName, market: &str) -> Option<&Device> {
        self.device(name).filter(|known| known.market.as_deref().is_none_or(|own| own == market))
    }

    /// Whether another device than `name` has its key or password in this file.
    pub fn is_shared(&self, name: &DeviceName, file: &Path) -> bool {
        let same = |path: &PathBuf| std::fs::canonicalize(path).is_ok_and(|path| path == file);
        let others = self.file.devices.iter().filter(|(other, _)| *other != name.as_str());
        others.flat_map(|(_, device)| [&device.key, &device.password_file]).flatten().any(same)
    }

    /// Returns the configured devices, each with its full name.
    pub fn devices(&self) -> impl Iterator<Item = (DeviceName, &Device)> {
        self.file.devices.iter().filter_map(|(name, device)| Some((name.parse().ok()?, device)))
    }

    /// Returns the key file that is configured for `device`, or stored where `keygen` puts it.
    pub fn key_file(&self, device: &DeviceName) -> Option<PathBuf> {
        match self.device(device) {
            Some(known) => known.key.clone(),
            None => Some(self.places.key_file(device.short())).filter(|path| path.exists()),
        }
    }

    /// Resolves a device by its full or short name, or without a name: environment, config, the only one that is configured.
    ///
    /// # Errors
    /// [`ConfigError::UnknownDevice`], [`ConfigError::Ambiguous`], [`ConfigError::NoDevice`].
    pub fn find_device(&self, option: Option<String>) -> Result<Setting<DeviceName>, ConfigError> {
        let named = given("--device", option)
            .or_else(|| from_env(env::DEVICE))
            .or_else(|| self.file_value("device", &self.file.device));
        match named {
            Some(named) => named.try_map(|text| self.by_name(&text)),
            None => match self.known().collect::<Vec<_>>().as_slice() {
                [only] => Ok(Setting {
                    value: only.clone(),
                    origin: Origin::File(self.places.config_file(), format!("devices.\"{only}\"")),
                }),
                all => Err(ConfigError::NoDevice(all.iter().map(ToString::to_string).collect())),
            },
        }
    }

    fn by_name(&self, text: &str) -> Result<DeviceName, ConfigError> {
        if let Ok(full) = text.parse() {
            return Ok(full);
        }
        let fits: Vec<DeviceName> = self.known().filter(|d| d.short() == text).collect();
        match fits.as_slice() {
            [one] => Ok(one.clone()),
            [] => Err(ConfigError::UnknownDevice(text.into())),
            many => {
                Err(ConfigError::Ambiguous { short: text.into(), full: many.iter().map(ToString::to_string).collect() })
            }
        }
    }

    fn known(&self) -> impl Iterator<Item = DeviceName> {
        self.devices().map(|(name, _)| name)
    }

    /// Writes a device's configuration into the config file, whose comments and other keys stay unchanged.
    ///
    /// # Errors
    /// [`ConfigError::Read`], [`ConfigError::Write`]; the old file is unchanged then.
    pub fn save_device(&mut self, name: &DeviceName, device: Device) -> Result<(), ConfigError> {
        self.edit_devices(|devices| devices[name.as_str()] = toml_edit::Item::Table(device_table(&device)))?;
        self.file.devices.insert(name.as_str().into(), device);
        Ok(())
    }

    /// Removes a device from the config file; the files that it names stay.
    ///
    /// # Errors
    /// As [`Config::save_device`].
    pub fn remove_device(&mut self, name: &DeviceName) -> Result<(), ConfigError> {
        self.edit_devices(|devices| {
            if let Some(table) = devices.as_table_like_mut() {
                table.remove(name.as_str());
            }
        })?;
        self.file.devices.remove(name.as_str());
        Ok(())
    }

    fn edit_devices(&self, edit: impl FnOnce(&mut toml_edit::Item)) -> Result<(), ConfigError> {
        let path = self.places.config_file();
        let failed = |source| ConfigError::Write { path: path.clone(), source };
        fsio::create_private_dir(&self.places.config).map_err(failed)?;
        // Two runs at once must not lose each other's device: the file is read again under a lock.
        let lock = std::fs::File::create(self.places.config.join(".lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let (text, _) = text_of(&path)?;
        // A symbolic link stays one.
        let target = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        let mut document: DocumentMut =
            text.parse().map_err(|e| unreadable(&path, &text, toml_edit::de::Error::from(e)))?;
        let devices = document.entry("devices").or_insert_with(|| {
            let mut table = toml_edit::Table::new();
            table.set_implicit(true);
            toml_edit::Item::Table(table)
        });
        edit(devices);
        // A file that only its owner can read stays so.
        let private = std::fs::metadata(&target).is_ok_and(|metadata| !fsio::is_group_or_world_accessible(&metadata));
        let access = if private { FileAccess::Owner } else { FileAccess::Everyone };
        fsio::write_whole(&target, document.to_string().as_bytes(), access, Existing::Replace).map_err(failed)
    }
}

/// Returns the text of the config file, and a byte order mark that was taken off it; a missing file counts as an empty one.
fn text_of(path: &Path) -> Result<(String, Option<Hidden>), ConfigError> {
    let failed = |source| ConfigError::Read { path: path.into(), source };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((String::new(), None)),
        Err(e) => return Err(failed(e)),
    };
    // All of the file: a key that was commented out is one, and others may read this file.
    door::pass(&bytes, format_args!("the configuration {}", path.display()))?;
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

/// Returns why the text of a config file is no TOML: if its line has a character that nobody sees, that is it.
fn unreadable(path: &Path, text: &str, error: toml_edit::de::Error) -> ConfigError {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let line = text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count();
    let odd = text.lines().nth(line).and_then(|line| {
        // White space at an end of a line means nothing to TOML, and a tab nowhere.
        hidden::find(line).into_iter().find(|hidden| !matches!(hidden.character, ' ' | '\t'))
    });
    match odd {
        Some(hidden) => ConfigError::Stray { path: path.into(), line: line + 1, hidden },
        None => ConfigError::Parse { path: path.into(), source: Box::new(error) },
    }
}

fn device_table(device: &Device) -> toml_edit::Table {
    let path = |path: &Option<PathBuf>| path.as_deref().map(|p| p.to_string_lossy().into_owned());
    let mut table = toml_edit::Table::new();
    for (key, value) in [
        ("market", device.market.clone()),
        ("broker", device.broker.clone()),
        ("key", path(&device.key)),
        ("password_file", path(&device.password_file)),
    ] {
        if let Some(value) = value {
            table[key] = toml_edit::value(value);
        }
    }
    table
}

fn given<T>(name: &'static str, option: Option<T>) -> Option<Setting<T>> {
    option.map(|value| Setting { value, origin: Origin::Option(name) })
}

/// Returns the value of an environment variable that is set and not empty, without white space and other characters that
/// nobody sees at its ends: for what never has any there.
pub fn from_env(name: &'static str) -> Option<Setting<String>> {
    let value = std::env::var(name).ok()?;
    let value = hidden::trimmed(&value);
    (!value.is_empty()).then(|| Setting { value: value.into(), origin: Origin::Environment(name) })
}

/// Makes `path` absolute, so that a saved path is valid in every folder.
///
/// # Errors
/// As `getcwd(2)`.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    std::path::absolute(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> (Config, PathBuf) {
        let dir = std::env::temp_dir().join(format!("i3-config-{:x}", rand::random::<u64>()));
        let places = Places { config: dir.clone(), data: dir.join("data"), state: dir.join("state") };
        (Config { places, notes: Vec::new(), file: File::default() }, dir)
    }

    #[test]
    fn a_saved_device_is_found_by_its_short_name_and_comments_stay() {
        let (mut config, dir) = config();
        fsio::create_private_dir(&dir).unwrap();
        std::fs::write(config.places.config_file(), "# mine\nbroker = \"mqtt://h\" # keep\n").unwrap();
        let name: DeviceName = "alice$parking$lot1".parse().unwrap();
        let device = Device { key: Some("/k/lot1.pem".into()), ..Device::default() };
        config.save_device(&name, device.clone()).unwrap();
        let text = std::fs::read_to_string(config.places.config_file()).unwrap();
        assert!(text.starts_with("# mine\nbroker = \"mqtt://h\" # keep\n"), "{text}");
        let read: File = toml_edit::de::from_str(&text).unwrap();
        assert_eq!(read.devices["alice$parking$lot1"], device);
        assert_eq!(config.find_device(Some("lot1".into())).unwrap().value, name);
        assert_eq!(config.find_device(None).unwrap().value, name);
        config.save_device(&"alice$traffic$lot1".parse().unwrap(), Device::default()).unwrap();
        assert!(matches!(config.find_device(Some("lot1".into())), Err(ConfigError::Ambiguous { .. })));
        assert!(matches!(config.find_device(None), Err(ConfigError::NoDevice(names)) if names.len() == 2));
        assert!(matches!(config.find_device(Some("lot9".into())), Err(ConfigError::UnknownDevice(_))));
        config.remove_device(&name).unwrap();
        assert_eq!(config.find_device(Some("lot1".into())).unwrap().value.as_str(), "alice$traffic$lot1");
        let text = std::fs::read_to_string(config.places.config_file()).unwrap();
        assert!(text.starts_with("# mine\nbroker") && !text.contains("alice$parking$lot1"), "{text}");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn blanks_at_the_ends_of_addresses_and_names_are_removed_and_those_of_paths_told() {
        let read = |text: &str| {
            let mut file: File = toml_edit::de::from_str(text).unwrap();
            file.trim().map(|removed| (file, removed.len()))
        };
        let (file, removed) =
            read("market = ' http://h '\nuser = \"alice\\r\"\n[devices.'a$b$c']\nbroker = 'mqtt://h '\nkey = '/a b/c'")
                .unwrap();
        assert_eq!((file.market.as_deref(), file.user.as_deref()), (Some("http://h"), Some("alice")));
        assert_eq!(file.devices["a$b$c"].broker.as_deref(), Some("mqtt://h"));
        assert_eq!(removed, 3);
        assert_eq!(read("cafile = '/c.pem '").unwrap_err().0, "cafile");
        assert_eq!(read("[devices.'a$b$c']\nkey = ' /c.pem'").unwrap_err().0, "devices.\"a$b$c\".key");
        let (key, hidden) = read("broker = \"mqtt://h\\u200b:1\"").unwrap_err();
        assert_eq!(
            (key.as_str(), hidden.to_string().as_str()),
            ("broker", "a zero-width space (U+200B) as character 9")
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let error = toml_edit::de::from_str::<File>("brocker = \"x\"").unwrap_err();
        assert!(error.to_string().contains("brocker"));
    }
}
