//! Settings from option, environment, config files and default, each with its origin; and the devices that are configured.

mod edit;
pub mod env;
mod error;
mod file;
pub mod keys;
mod origin;
mod places;

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::market_url::MarketUrl;
use crate::name::DeviceName;
use crate::pkcs11;
use crate::text::similar::nearest;
pub use env::from_env;
pub use error::ConfigError;
use file::Values;
pub use file::{Device, File, UnusedSetting, text_of, unreadable};
use keys::{Key, SettingKey};
use origin::given;
pub use origin::{Origin, Setting};
pub use places::{Places, Selection, with_home};

/// The contents of the config files, and the folders.
#[derive(Debug, Clone)]
pub struct Config {
    pub places: Places,
    /// The user's, or the one named instead.
    user: File,
    /// The machine's, which has lower precedence.
    system: File,
}

impl Config {
    /// Reads the config files; a missing file counts as an empty one, unless an option or the environment names it.
    ///
    /// # Errors
    /// [`ConfigError::Read`], [`ConfigError::Parse`], [`ConfigError::Hidden`], [`ConfigError::Refused`], and what is wrong with `selection`.
    pub fn load(selection: &Selection) -> Result<Config, ConfigError> {
        let places = Places::find(selection)?;
        places.must_exist()?;
        Config::read(places)
    }

    /// As [`Config::load`], for a command that may be the first to write the file.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_or_new(selection: &Selection) -> Result<Config, ConfigError> {
        Config::read(Places::find(selection)?)
    }

    /// Reads the config files of these folders; a missing file counts as an empty one.
    ///
    /// # Errors
    /// [`ConfigError::Read`], [`ConfigError::Parse`], [`ConfigError::Hidden`], [`ConfigError::Refused`].
    pub fn read(places: Places) -> Result<Config, ConfigError> {
        let user = File::read(places.config_file())?;
        let system = File::read(&places.system_file())?;
        Ok(Config { places, user, system })
    }

    /// Returns the config files, in order of precedence.
    pub fn files(&self) -> [&File; 2] {
        [&self.user, &self.system]
    }

    /// Returns a value from the config files, without options and variables.
    pub fn configured(&self, key: &Key) -> Option<Setting<String>> {
        let of_file = |file: &File| {
            let value = file.values.text(key)?;
            Some(Setting { value, origin: Origin::File(file.path.clone(), key.to_string()) })
        };
        match key {
            Key::General(_) => self.files().into_iter().find_map(of_file),
            // A device's entry in one file counts as a whole.
            Key::Device(name, _) => of_file(self.file_of(name)?),
        }
    }

    /// Returns the value of a key: environment, config files; a file that an option names comes before the environment.
    pub fn value(&self, key: &Key) -> Option<Setting<String>> {
        let name = key.setting().variable;
        let is_heeded = |_: &_| [Some(env::MARKET), Some(env::PROXY)].contains(&name) || self.heeds_environment(None);
        self.ranked(name.and_then(from_env).filter(is_heeded), self.configured(key))
    }

    fn general(&self, key: &'static SettingKey) -> Option<Setting<String>> {
        self.value(&Key::General(key))
    }

    /// Whether an option names the configuration: it comes before the environment then.
    pub fn is_chosen(&self) -> bool {
        self.places.is_chosen()
    }

    /// Whether this stands in the configuration that an option names.
    pub fn is_of_choice<T>(&self, setting: &Setting<T>) -> bool {
        self.is_chosen() && matches!(&setting.origin, Origin::File(path, _) if *path == self.user.path)
    }

    fn ranked<T>(&self, variable: Option<Setting<T>>, configured: Option<Setting<T>>) -> Option<Setting<T>> {
        match configured {
            Some(setting) if self.is_of_choice(&setting) => Some(setting),
            configured => variable.or(configured),
        }
    }

    /// Whether names and secrets in the environment count for this marketplace, by default the one in use. Beside a configuration
    /// that an option names, they count only for the marketplace that they belong to.
    pub fn heeds_environment(&self, market: Option<&str>) -> bool {
        if !self.is_chosen() {
            return true;
        }
        let in_use = || self.market(None).map(|market| market.value);
        let Some(market) = market.map(String::from).or_else(in_use) else { return true };
        self.market_of_environment(&market).is_none_or(|of_environment| is_same_market(&of_environment.value, &market))
    }

    /// Returns the marketplace that the environment belongs to, as far as that is known: that of `I3_MARKET`, else that of the
    /// configuration which is used where no option names one.
    pub fn market_of_environment(&self, in_use: &str) -> Option<Setting<String>> {
        let of_choice = || {
            let own = self.configured(&Key::General(&keys::MARKET))?;
            // Another one was named by an option, together with what is meant for it.
            if !self.is_of_choice(&own) || !is_same_market(&own.value, in_use) {
                return None;
            }
            let unchosen = Places::find(&Selection::default()).and_then(Config::read).ok()?;
            unchosen.configured(&Key::General(&keys::MARKET))
        };
        from_env(env::MARKET).or_else(of_choice)
    }

    /// Returns the marketplace that `I3_MARKET` names, if it is another than this.
    pub fn exported_elsewhere(&self, market: &str) -> Option<Setting<String>> {
        from_env(env::MARKET).filter(|named| !is_same_market(&named.value, market))
    }

    /// Returns the variables that are set and do not count for the marketplace in use, or after the configuration that an
    /// option names. `logged_in`: a log-in at the marketplace is kept there.
    pub fn unheeded_variables(&self, logged_in: bool) -> Vec<&'static str> {
        let is_foreign = !self.heeds_environment(None);
        let is_outranked = |name: &&'static str| match *name {
            env::API_KEY => logged_in || self.api_key_file(None).is_some_and(|file| self.is_of_choice(&file)),
            env::LOGIN_PASSWORD => logged_in,
            env::BUYER | env::BUYER_PASSWORD => self.buyer().is_none(),
            // Whichever device logs in, if all of them have one of their own.
            env::PASSWORD => {
                let devices = self.devices();
                !devices.is_empty()
                    && devices.iter().all(|(_, known)| known.key.is_some() || known.password_file.is_some())
            }
            name => keys::SETTINGS.into_iter().filter(|key| key.variable == Some(name)).any(|key| {
                let own = self.configured(&Key::General(key)).filter(|own| self.is_of_choice(own));
                let differs = |own: &Setting<String>, given: &Setting<String>| match name {
                    env::MARKET => !is_same_market(&own.value, &given.value),
                    _ => own.value != given.value,
                };
                own.zip(from_env(name)).is_some_and(|(own, given)| differs(&own, &given))
            }),
        };
        let is_unheeded =
            |name: &&'static str| is_foreign && *name != env::PROXY || self.is_chosen() && is_outranked(name);
        env::OF_A_MARKETPLACE.into_iter().filter(|name| from_env(name).is_some()).filter(is_unheeded).collect()
    }

    /// Returns a path that a config file names.
    fn path(&self, key: &SettingKey, of: impl Fn(&Values) -> &Option<PathBuf>) -> Option<Setting<PathBuf>> {
        self.files().into_iter().find_map(|file| {
            let origin = Origin::File(file.path.clone(), key.name.into());
            of(&file.values).clone().map(|value| Setting { value, origin })
        })
    }

    /// Resolves the marketplace's URL: option, environment, config.
    pub fn market(&self, option: Option<String>) -> Option<Setting<String>> {
        given("--market", option).or_else(|| self.general(&keys::MARKET))
    }

    /// Resolves the broker's URL: option, environment, the device's own, the general one. Without any, the caller uses the
    /// host of the device's marketplace.
    pub fn broker(&self, option: Option<String>, device: Option<&DeviceName>) -> Option<Setting<String>> {
        let market = device.and_then(|name| self.device(name)?.market.as_deref());
        self.broker_at(option, device, market)
    }

    /// As [`Config::broker`], for a device of this marketplace.
    pub fn broker_at(
        &self,
        option: Option<String>,
        device: Option<&DeviceName>,
        market: Option<&str>,
    ) -> Option<Setting<String>> {
        let own = || {
            let key = keys::of_device(keys::BROKER.name)?;
            self.configured(&Key::Device(device?.clone(), key))
        };
        let configured = || own().or_else(|| self.general_broker(market));
        let variable = || from_env(env::BROKER).filter(|_| self.heeds_environment(market));
        given("--broker", option).or_else(|| self.ranked(variable(), configured()))
    }

    /// Returns the general broker, if it belongs to `market`: a device of another marketplace does not use it.
    pub fn general_broker(&self, market: Option<&str>) -> Option<Setting<String>> {
        let here = self.configured(&Key::General(&keys::MARKET)).map(|market| market.value);
        let is_of_another = here.zip(market).is_some_and(|(here, market)| here != market);
        if is_of_another { None } else { self.configured(&Key::General(&keys::BROKER)) }
    }

    /// Returns the marketplace of a device, if it is configured, otherwise the one in use.
    pub fn market_of(&self, device: Option<&DeviceName>) -> Option<Setting<String>> {
        let own = || {
            let key = keys::of_device(keys::MARKET.name)?;
            self.configured(&Key::Device(device?.clone(), key))
        };
        own().or_else(|| self.market(None))
    }

    /// Resolves the seller's user name at a marketplace, by default the one in use: option, environment, config.
    pub fn user(&self, option: Option<String>, market: Option<&str>) -> Option<Setting<String>> {
        let variable = || from_env(env::USER).filter(|_| self.heeds_environment(market));
        given("--user", option).or_else(|| self.ranked(variable(), self.configured(&Key::General(&keys::USER))))
    }

    /// Returns the buyer that the environment names, unless it is another marketplace's, or a configuration that an option names
    /// has a device and nothing says that they belong together.
    pub fn buyer(&self) -> Option<Setting<String>> {
        let has_own = || self.is_chosen() && from_env(env::MARKET).is_none() && self.find_device(None).is_ok();
        from_env(env::BUYER).filter(|_| self.heeds_environment(None) && !has_own())
    }

    /// Resolves the file of trusted certificates: option, config.
    pub fn cafile(&self, option: Option<PathBuf>) -> Option<Setting<PathBuf>> {
        given("--cafile", option).or_else(|| self.path(&keys::CAFILE, |values| &values.cafile))
    }

    /// Resolves the folder of trusted certificates: option, config.
    pub fn capath(&self, option: Option<PathBuf>) -> Option<Setting<PathBuf>> {
        given("--capath", option).or_else(|| self.path(&keys::CAPATH, |values| &values.capath))
    }

    /// Resolves the file of the client certificate: option, config.
    pub fn cert(&self, option: Option<PathBuf>) -> Option<Setting<PathBuf>> {
        given("--cert", option).or_else(|| self.path(&keys::CERT, |values| &values.cert))
    }

    /// Returns the file of its key.
    pub fn cert_key(&self) -> Option<Setting<PathBuf>> {
        self.path(&keys::CERT_KEY, |values| &values.cert_key)
    }

    /// Returns the only version of TLS to use, in Mosquitto's spelling.
    pub fn tls_version(&self) -> Option<Setting<String>> {
        self.configured(&Key::General(&keys::TLS_VERSION))
    }

    /// Returns the proxy for brokers. The variable that takes precedence over it may hold a password, and is read as a secret.
    pub fn proxy(&self) -> Option<Setting<String>> {
        self.configured(&Key::General(&keys::PROXY))
    }

    /// Returns the 0600 file with header fields for a broker's WebSocket.
    pub fn ws_header_file(&self) -> Option<Setting<PathBuf>> {
        self.path(&keys::WS_HEADER_FILE, |values| &values.ws_header_file)
    }

    /// Returns the 0600 file that holds the API key of a marketplace: a file that names another one in its key `market` does not
    /// count.
    pub fn api_key_file(&self, market: Option<&str>) -> Option<Setting<PathBuf>> {
        self.files().into_iter().find_map(|file| {
            let is_of_another =
                file.values.market.as_deref().zip(market).is_some_and(|(own, market)| !is_same_market(own, market));
            let value = file.values.api_key_file.clone().filter(|_| !is_of_another)?;
            Some(Setting { value, origin: Origin::File(file.path.clone(), keys::API_KEY_FILE.name.into()) })
        })
    }

    /// Whether the configuration that an option names has the API key of this marketplace.
    pub fn chooses_api_key(&self, market: &str) -> bool {
        self.api_key_file(Some(market)).is_some_and(|file| self.is_of_choice(&file))
    }

    /// Whether connections that are not encrypted are accepted without a warning.
    pub fn accepts_plain(&self) -> bool {
        self.files().into_iter().find_map(|file| file.values.accept_plain).unwrap_or(false)
    }

    /// Returns the file that configures a device.
    fn file_of(&self, name: &DeviceName) -> Option<&File> {
        self.files().into_iter().find(|file| file.values.devices.contains_key(name.as_str()))
    }

    /// Returns the configuration of a device.
    pub fn device(&self, name: &DeviceName) -> Option<&Device> {
        self.file_of(name)?.values.devices.get(name.as_str())
    }

    /// Returns the configuration of a device of this marketplace: another marketplace may have a device of the same name. A
    /// device without a configured marketplace may belong to any.
    pub fn device_at(&self, name: &DeviceName, market: &str) -> Option<&Device> {
        self.device(name).filter(|known| known.market.as_deref().is_none_or(|own| own == market))
    }

    /// Whether a device other than `name` has its key or password in this file.
    pub fn is_shared(&self, name: &DeviceName, file: &Path) -> bool {
        let same = |path: &PathBuf| std::fs::canonicalize(path).is_ok_and(|path| path == file);
        let others = self.devices().into_iter().filter(|(other, _)| other != name);
        others.flat_map(|(_, device)| [&device.key, &device.password_file]).flatten().any(same)
    }

    /// Returns the devices that log in with this private key, in the user's own configuration and in every profile, each with
    /// the file that names it. An unreadable configuration of another profile is left out.
    pub fn devices_with_key(&self, key: &Path) -> Vec<(DeviceName, PathBuf)> {
        let others = self.places.all_files().into_iter().filter(|path| path != self.places.config_file());
        let others: Vec<File> = others.filter_map(|path| File::read(&path).ok()).collect();
        let mut found: Vec<(DeviceName, PathBuf)> = Vec::new();
        for file in self.files().into_iter().chain(&others) {
            let uses = |device: &Device| device.key.as_deref().is_some_and(|own| is_same_file(own, key));
            let names =
                file.values.devices.iter().filter(|(_, device)| uses(device)).filter_map(|(name, _)| name.parse().ok());
            for name in names {
                if !found.iter().any(|(known, _)| *known == name) {
                    found.push((name, file.path.clone()));
                }
            }
        }
        found
    }

    /// Returns the configured devices, each with its full name, in order.
    pub fn devices(&self) -> Vec<(DeviceName, &Device)> {
        let names = self.files().into_iter().flat_map(|file| file.values.devices.keys());
        let mut names: Vec<DeviceName> = names.filter_map(|name| name.parse().ok()).collect();
        names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        names.dedup();
        names.into_iter().filter_map(|name| Some((name.clone(), self.device(&name)?))).collect()
    }

    /// Returns the key file that is configured for `device`, or stored where `keygen` puts it.
    pub fn key_file(&self, device: &DeviceName) -> Option<PathBuf> {
        match self.device(device) {
            Some(known) => known.key.clone(),
            None => Some(self.places.key_file(device.short())).filter(|path| path.exists()),
        }
    }

    /// Resolves a device by its full or short name, or without a name: environment, config, the only configured one.
    ///
    /// # Errors
    /// [`ConfigError::UnknownDevice`], [`ConfigError::Ambiguous`], [`ConfigError::NoDevice`].
    pub fn find_device(&self, option: Option<String>) -> Result<Setting<DeviceName>, ConfigError> {
        let named = given("--device", option).or_else(|| self.general(&keys::DEVICE));
        match named {
            Some(named) => named.try_map(|text| self.by_name(&text)),
            None => match self.devices().as_slice() {
                [(only, _)] => {
                    let path = self.file_of(only).map_or_else(PathBuf::new, |file| file.path.clone());
                    Ok(Setting { value: only.clone(), origin: Origin::File(path, format!("devices.\"{only}\"")) })
                }
                all => Err(ConfigError::NoDevice(all.iter().map(|(name, _)| name.to_string()).collect())),
            },
        }
    }

    /// Resolves a device by its full or short name.
    ///
    /// # Errors
    /// [`ConfigError::UnknownDevice`], [`ConfigError::Ambiguous`].
    pub fn by_name(&self, text: &str) -> Result<DeviceName, ConfigError> {
        if let Ok(full) = text.parse() {
            return Ok(full);
        }
        let configured: Vec<DeviceName> = self.devices().into_iter().map(|(name, _)| name).collect();
        let fits: Vec<&DeviceName> = configured.iter().filter(|d| d.short() == text).collect();
        match fits.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(ConfigError::UnknownDevice { name: text.into(), configured }),
            many => {
                Err(ConfigError::Ambiguous { short: text.into(), full: many.iter().map(ToString::to_string).collect() })
            }
        }
    }

    /// Resolves a key as typed: `broker`, or `devices.NAME.broker` with a device's full or short name.
    ///
    /// # Errors
    /// [`ConfigError::UnknownKey`], [`ConfigError::SecretKey`], and those of [`Config::by_name`].
    pub fn key(&self, text: &str) -> Result<Key, ConfigError> {
        let parts = text.strip_prefix("devices.").and_then(|rest| rest.rsplit_once('.'));
        let name = parts.map_or(text, |(_, name)| name);
        if let Some((secret, _)) = keys::SECRETS.into_iter().find(|(secret, _)| *secret == name) {
            return Err(ConfigError::SecretKey(secret));
        }
        match parts {
            Some((device, name)) => {
                let names = || keys::DEVICE_SETTINGS.iter().map(|key| key.name);
                let key = keys::of_device(name).ok_or_else(|| ConfigError::UnknownKey(nearest(name, names())))?;
                Ok(Key::Device(self.by_name(device.trim_matches(['"', '\'']))?, key))
            }
            None => {
                let names = || keys::SETTINGS.iter().map(|key| key.name);
                let key = keys::general(name).ok_or_else(|| ConfigError::UnknownKey(nearest(name, names())))?;
                Ok(Key::General(key))
            }
        }
    }

    /// Returns every key that a device may have, of every configured device.
    pub fn device_keys(&self) -> impl Iterator<Item = Key> {
        let names = self.devices().into_iter().map(|(name, _)| name);
        names.flat_map(|name| keys::DEVICE_SETTINGS.iter().map(move |key| Key::Device(name.clone(), key)))
    }

    /// Refuses a configuration that cannot be written, before anything is sent whose result it is to keep.
    ///
    /// # Errors
    /// [`ConfigError::Write`].
    pub fn check_writable(&self) -> Result<(), ConfigError> {
        edit::check_writable(self.places.config_file())
    }

    /// Writes a device's configuration into the user's file, whose comments and other keys stay unchanged.
    ///
    /// # Errors
    /// [`ConfigError::Read`], [`ConfigError::Write`]; the old file is unchanged then.
    pub fn save_device(&mut self, name: &DeviceName, device: Device) -> Result<(), ConfigError> {
        self.save_devices(&[(name.clone(), device)])
    }

    /// As [`Config::save_device`], for several devices: all or none.
    ///
    /// # Errors
    /// As [`Config::save_device`].
    pub fn save_devices(&mut self, devices: &[(DeviceName, Device)]) -> Result<(), ConfigError> {
        self.user = edit::edit(self.places.config_file(), |before, root| {
            for (name, device) in devices {
                edit::put_device(root, before, name.as_str(), device);
            }
        })?;
        Ok(())
    }

    /// Removes a device from the user's file; the files that it names stay. Returns the file that still has it: the machine's.
    ///
    /// # Errors
    /// As [`Config::save_device`].
    pub fn remove_device(&mut self, name: &DeviceName) -> Result<Option<&Path>, ConfigError> {
        if self.user.values.devices.contains_key(name.as_str()) {
            self.user = edit::edit(self.places.config_file(), |_, root| {
                if let Some(devices) = edit::devices(root) {
                    devices.remove(name.as_str());
                }
            })?;
        }
        Ok(self.file_of(name).map(|file| file.path.as_path()))
    }

    /// Sets a key in the user's file, to text, or to `true` or `false`.
    ///
    /// # Errors
    /// As [`Config::save_device`].
    pub fn set(&mut self, key: &Key, value: impl Into<toml_edit::Value>) -> Result<(), ConfigError> {
        let known = match key {
            Key::General(_) => None,
            Key::Device(name, _) => self.device(name).cloned(),
        };
        self.user = edit::edit(self.places.config_file(), |before, root| match key {
            Key::General(key) => edit::put(root, key.name, value),
            Key::Device(name, key) => {
                // The machine's file would not count beside a partial entry.
                if let Some(known) = known.filter(|_| !before.values.devices.contains_key(name.as_str())) {
                    edit::put_device(root, before, name.as_str(), &known);
                }
                if let Some(table) = edit::device(root, name.as_str()) {
                    edit::put(table, key.name, value);
                }
            }
        })?;
        Ok(())
    }

    /// Removes a key from the user's file; returns whether it was there.
    ///
    /// # Errors
    /// As [`Config::save_device`].
    pub fn unset(&mut self, key: &Key) -> Result<bool, ConfigError> {
        if self.user.values.text(key).is_none() {
            return Ok(false);
        }
        self.user = edit::edit(self.places.config_file(), |_, root| match key {
            Key::General(key) => _ = root.remove(key.name),
            Key::Device(name, key) => {
                if let Some(table) = edit::device(root, name.as_str()) {
                    table.remove(key.name);
                }
            }
        })?;
        Ok(true)
    }

    /// Sets several general keys in the user's file at once.
    ///
    /// # Errors
    /// As [`Config::save_device`].
    pub fn remember(&mut self, values: &[(&'static SettingKey, &str)]) -> Result<(), ConfigError> {
        self.user = edit::edit(self.places.config_file(), |_, root| {
            for (key, value) in values {
                edit::put(root, key.name, *value);
            }
        })?;
        Ok(())
    }
}

/// Whether two addresses of marketplaces are the same, however they are spelt.
fn is_same_market(one: &str, other: &str) -> bool {
    let url = |text: &str| text.parse::<MarketUrl>().map(|url| url.to_string());
    one == other || url(one).is_ok_and(|one| url(other).is_ok_and(|other| one == other))
}

/// Returns whether two paths lead to the same file, through any links.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let id = |path: &Path| std::fs::metadata(path).map(|metadata| (metadata.dev(), metadata.ino()));
    one == other || id(one).is_ok_and(|one| id(other).is_ok_and(|other| one == other))
}

/// Makes `path` absolute, so that a saved path is valid in every folder. A PKCS#11 URI is unchanged.
///
/// # Errors
/// As `getcwd(2)`.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    if pkcs11::is_uri(path) { Ok(path.into()) } else { std::path::absolute(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> (Config, PathBuf) {
        let dir = std::env::temp_dir().join(format!("i3-config-{:x}", rand::random::<u64>()));
        crate::fsio::create_private_dir(&dir).unwrap();
        let places = Places::in_folder(&dir);
        std::fs::write(places.config_file(), text).unwrap();
        let user = File::read(places.config_file()).unwrap();
        (Config { places, user, system: File::default() }, dir)
    }

    fn text_of(config: &Config) -> String {
        std::fs::read_to_string(config.places.config_file()).unwrap()
    }

    fn name(text: &str) -> DeviceName {
        text.parse().unwrap()
    }

    #[test]
    fn a_saved_device_is_found_by_its_short_name_and_comments_stay() {
        let (mut config, dir) = config("# mine\nbroker = \"mqtt://h\" # keep\n");
        let lot1 = name("alice$parking$lot1");
        let device = Device { key: Some("/k/lot1.pem".into()), ..Device::default() };
        config.save_device(&lot1, device.clone()).unwrap();
        let text = text_of(&config);
        assert!(text.starts_with("# mine\nbroker = \"mqtt://h\" # keep\n"), "{text}");
        assert_eq!(File::read(config.places.config_file()).unwrap().values.devices["alice$parking$lot1"], device);
        assert_eq!(config.find_device(Some("lot1".into())).unwrap().value, lot1);
        assert_eq!(config.find_device(None).unwrap().value, lot1);
        config.save_device(&name("alice$traffic$lot1"), Device::default()).unwrap();
        assert!(matches!(config.find_device(Some("lot1".into())), Err(ConfigError::Ambiguous { .. })));
        assert!(matches!(config.find_device(None), Err(ConfigError::NoDevice(names)) if names.len() == 2));
        assert!(matches!(config.find_device(Some("lot9".into())), Err(ConfigError::UnknownDevice { .. })));
        config.remove_device(&lot1).unwrap();
        assert_eq!(config.find_device(Some("lot1".into())).unwrap().value.as_str(), "alice$traffic$lot1");
        let text = text_of(&config);
        assert!(text.starts_with("# mine\nbroker") && !text.contains("alice$parking$lot1"), "{text}");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_change_of_one_key_of_a_device_leaves_the_others_as_they_are_spelt() {
        let before = "[devices.'ann$bay$one'] # the gate\nkey = '~/k.pem' # spare key\nmarket = 'http://H:80/'\nbroker = 'mqtt://old' # x\n";
        let (mut config, dir) = config(before);
        let device = config.device(&name("ann$bay$one")).unwrap().clone();
        let moved = Device { broker: Some("mqtt://new:1883".into()), ..device };
        config.save_device(&name("ann$bay$one"), moved.clone()).unwrap();
        assert_eq!(text_of(&config), before.replace("'mqtt://old'", "\"mqtt://new:1883\""));
        config.save_device(&name("ann$bay$one"), Device { broker: None, ..moved }).unwrap();
        assert!(!text_of(&config).contains("broker") && text_of(&config).contains("# spare key"));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn tables_in_one_line_and_dotted_keys_are_changed_as_well() {
        for before in [
            "devices = { 'ann$bay$one' = { key = '/k.pem' } }\n",
            "devices.'ann$bay$one'.key = '/k.pem'\n",
            "[devices]\n'ann$bay$one' = { key = '/k.pem' }\n",
        ] {
            let (mut config, dir) = config(before);
            config.set(&config.key("devices.one.broker").unwrap(), "mqtt://h").unwrap();
            config.save_device(&name("ann$bay$two"), Device::default()).unwrap();
            let read = File::read(config.places.config_file()).unwrap().values.devices;
            let one = Device { key: Some("/k.pem".into()), broker: Some("mqtt://h:1883".into()), ..Device::default() };
            assert_eq!(
                (&read["ann$bay$one"], &read["ann$bay$two"]),
                (&one, &Device::default()),
                "{}",
                text_of(&config)
            );
            std::fs::remove_dir_all(dir).unwrap();
        }
    }

    #[test]
    fn a_device_without_a_broker_follows_the_one_of_its_marketplace() {
        let text = "market = 'http://H.example'\nbroker = 'mqtt://general'\n[devices.'ann$bay$own']\nbroker = 'mqtts://own'\n\
                    [devices.'ann$bay$here']\nmarket = 'HTTP://h.example:80/'\n[devices.'ann$bay$there']\nmarket = 'http://there'\n\
                    [devices.'ann$bay$any']\n";
        let (config, dir) = config(text);
        let broker =
            |short: &str| config.broker(None, Some(&name(&format!("ann$bay${short}")))).map(|broker| broker.value);
        assert_eq!(broker("own").as_deref(), Some("mqtts://own:8883"));
        for follows in ["here", "any", "unknown"] {
            assert_eq!(broker(follows).as_deref(), Some("mqtt://general:1883"), "{follows}");
        }
        assert_eq!(broker("there"), None);
        assert_eq!(config.market_of(Some(&name("ann$bay$there"))).unwrap().value, "http://there");
        assert_eq!(config.market_of(Some(&name("ann$bay$any"))).unwrap().value, "http://h.example");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn keys_are_found_by_short_names_and_a_secret_is_no_key() {
        let (config, dir) = config("[devices.'ann$bay$lot1']\n");
        for text in [
            "devices.lot1.broker",
            "devices.'ann$bay$lot1'.broker",
            "devices.\"ann$bay$lot1\".broker",
            "devices.ann$bay$lot1.broker",
        ] {
            assert_eq!(config.key(text).unwrap().to_string(), "devices.\"ann$bay$lot1\".broker", "{text}");
        }
        assert_eq!(config.key("broker").unwrap().to_string(), "broker");
        assert!(matches!(config.key("brocker"), Err(ConfigError::UnknownKey(Some("broker")))));
        assert!(matches!(config.key("devices.lot1.user"), Err(ConfigError::UnknownKey(None))));
        assert!(matches!(config.key("devices.lot9.broker"), Err(ConfigError::UnknownDevice { .. })));
        for text in ["password", "devices.lot1.password", "api_key"] {
            assert!(matches!(config.key(text), Err(ConfigError::SecretKey(_))), "{text}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}
