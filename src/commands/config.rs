//! `i3 config`: shows, changes and checks the configuration.

use std::io::{self, IsTerminal as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::access;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::arguments::{self, FreeText};
use crate::cli::error::{CliError, ExitKind, quoted};
use crate::cli::ui::Ui;
use crate::cli::{setting_value, settings};
use crate::config::keys::{self, Key, SettingType};
use crate::config::{Config, ConfigError, Origin, Places, Setting, from_env};
use crate::market_url::MarketUrl;
use crate::text;

/// Shown instead of a secret that is set.
const HIDDEN: &str = "(set)";
/// Shown instead of an invalid address, which may hold a password.
const NO_ADDRESS: &str = "(not an address)";

/// Show, change and check the configuration
///
/// i3-config(5) describes the keys, and which of several settings applies. A device's keys are written devices.NAME.KEY, with
/// its full or short name.
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Configuration {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Subcommand)]
enum ConfigCommand {
    Path(PathOfFile),
    Get(Get),
    Set(Set),
    Unset(Unset),
    List(List),
    Check(Check),
}

/// Print the path of the config file that 'config set' writes
///
/// With --json {"path", "exists", "profile", "system", "profiles"}: "system" is the machine's file, which applies to
/// what this one does not set.
#[derive(Args)]
struct PathOfFile {}

/// Print a setting as the commands would use it
///
/// The environment comes first, then the config files in their order; a file that --profile or --config names comes before
/// the environment. If it is not set, the exit code is 78. Of a
/// secret (api_key, login_password, password, buyer_password) only "(set)" is printed. With --json {"key", "value",
/// "origin"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 config get broker
  i3 config get devices.lot1.key")]
struct Get {
    /// The key, such as broker or devices.lot1.key
    key: String,
}

/// Set a key in the config file
///
/// The rest of the file is unchanged, including its comments. Addresses, names and files are checked: a value that the
/// commands could not use is refused, and nothing is written. The path of a file is made absolute.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 config set broker mqtts://broker.example.org    # moves all devices that have none of their own
  i3 config set device lot1
  i3 config set devices.lot1.password_file ~/lot1.pw")]
struct Set {
    /// The key, such as broker or devices.lot1.key
    key: String,
    /// Its value; for a secret, only the path of its file
    value: FreeText,
}

/// Remove a key from the config file
#[derive(Args)]
struct Unset {
    /// The key, such as broker or devices.lot1.broker
    key: String,
}

/// List what is set: key, value and where it comes from
///
/// Of a secret in the environment only "(set)" is printed. With --json an array of {"key", "value", "origin"}.
#[derive(Args)]
struct List {}

/// Check the config files: their keys, addresses, names, and the files that they name
///
/// Nothing is sent. If anything is wrong, all of it is printed, and the exit code is 78.
#[derive(Args)]
struct Check {}

impl Configuration {
    /// Runs the command.
    ///
    /// # Errors
    /// The configuration cannot be read, written or used, or the key is not set.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            ConfigCommand::Path(_) => path(ui),
            ConfigCommand::Get(command) => command.run(ui),
            ConfigCommand::Set(command) => command.run(ui),
            ConfigCommand::Unset(command) => command.run(ui),
            ConfigCommand::List(_) => list(ui),
            ConfigCommand::Check(_) => check(ui),
        }
    }
}

fn path(ui: &Ui) -> anyhow::Result<()> {
    let places = Places::find(&ui.selection)?;
    let file = places.config_file();
    ui.result(&file.display().to_string(), || {
        json!({
            "path": file.display().to_string(), "exists": file.exists(), "profile": places.profile(),
            "system": places.system_file().display().to_string(), "profiles": places.profiles(),
        })
    })
}

impl Get {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let config = settings::load(ui)?;
        let (name, found) = match config.key(&self.key) {
            Ok(key) => (key.to_string(), config.value(&key).map(|setting| shown(&key, setting))),
            Err(ConfigError::SecretKey(name)) => (name.into(), secret(&config, name)),
            Err(e) => return Err(e.into()),
        };
        let Some(Setting { value, origin }) = found else {
            return Err(CliError::new(ExitKind::Config, format!("{name} is not set"))
                .hint_of(entry!("setting-missing"), format!("set it with `{{i3}} config set {} VALUE`", self.key))
                .into());
        };
        ui.detail(&format!("{name} ({origin})."));
        ui.result(&value, || json!({ "key": name, "value": value, "origin": origin.to_string() }))
    }
}

impl Set {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load_or_new(ui)?;
        let key = config.key(&self.key)?;
        let (value, note) = match key.setting().kind.is_path() {
            true => (self.value.0, None),
            false => arguments::word("<VALUE>", &self.value.0)?,
        };
        if let Some(note) = note {
            ui.warn(&format!("{note}."));
        }
        let value = setting_value::usable(ui, &config, &key, value.trim())?;
        config.set(&key, value)?;
        ui.done(&format!("{key} is set in {}.", config.places.config_file().display()));
        let outranks = |variable: &&'static str| !config.is_chosen() && from_env(variable).is_some();
        if let Some(variable) = key.setting().variable.filter(outranks) {
            ui.warn(&format!("{variable} is set in the environment, and takes precedence over the configuration."));
        }
        if key == Key::General(&keys::BROKER) {
            tell_of_own_brokers(ui, &config);
        }
        Ok(())
    }
}

/// Reports which devices do not use the general broker.
fn tell_of_own_brokers(ui: &Ui, config: &Config) {
    let own: Vec<String> = config
        .devices()
        .into_iter()
        .filter(|(_, device)| device.broker.is_some())
        .map(|(name, _)| name.to_string())
        .collect();
    if !own.is_empty() {
        ui.note(&format!(
            "These devices have a broker of their own, and do not use it: {}; `{} config unset devices.NAME.broker` ends that.",
            own.join(", "),
            ui.program
        ));
    }
}

impl Unset {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load(ui)?;
        let key = config.key(&self.key)?;
        let was_set = config.unset(&key)?;
        let file = config.places.config_file().display();
        match was_set {
            true => ui.done(&format!("{key} is no longer set in {file}.")),
            false => ui.remark(&format!("{key} was not set in {file}.")),
        }
        if let Some(left) = config.value(&key) {
            ui.remark(&format!("It is still set by {}.", left.origin));
        }
        Ok(())
    }
}

/// Returns a setting in displayable form.
fn shown(key: &Key, setting: Setting<String>) -> Setting<String> {
    let is_shown = match key.setting().kind {
        SettingType::Market => setting.value.parse::<MarketUrl>().is_ok(),
        SettingType::Broker => setting.value.parse::<BrokerUrl>().is_ok(),
        _ => true,
    };
    if is_shown { setting } else { Setting { value: NO_ADDRESS.into(), ..setting } }
}

/// Returns where a secret is set, if it is.
fn secret(config: &Config, name: &str) -> Option<Setting<String>> {
    let variable = keys::SECRETS.into_iter().find(|(secret, _)| *secret == name)?.1;
    let market = config.market(None).map(|market| market.value);
    let file = config.api_key_file(market.as_deref()).filter(|_| name == "api_key");
    let is_outranked = file.as_ref().is_some_and(|file| config.is_of_choice(file));
    let is_heeded = |_: &Setting<String>| !is_outranked && config.heeds_environment(None);
    let origin = from_env(variable).filter(is_heeded).map(|setting| setting.origin).or(file.map(|file| file.origin))?;
    Some(Setting { value: HIDDEN.into(), origin })
}

fn list(ui: &Ui) -> anyhow::Result<()> {
    let config = settings::load(ui)?;
    let keys = keys::SETTINGS.into_iter().map(Key::General).chain(config.device_keys());
    // People get the paths of the files, and the names of devices, in the shortest form that the commands accept.
    let is_screen = io::stdout().is_terminal();
    let devices = config.devices();
    let name = |key: &Key| match key {
        Key::Device(device, setting)
            if is_screen && devices.iter().filter(|(d, _)| d.short() == device.short()).count() == 1 =>
        {
            format!("devices.{}.{}", device.short(), setting.name)
        }
        key => key.to_string(),
    };
    let from = |origin: &Origin| match origin {
        Origin::File(path, _) if is_screen => path.display().to_string(),
        origin => origin.to_string(),
    };
    let settings = keys.filter_map(|key| Some((name(&key), shown(&key, config.value(&key)?))));
    let secrets = keys::SECRETS.into_iter().filter_map(|(name, _)| Some((name.to_string(), secret(&config, name)?)));
    let all: Vec<_> = settings.chain(secrets).collect();
    let lines: Vec<String> =
        all.iter().map(|(key, Setting { value, origin })| text::row([key, value, &from(origin)])).collect();
    ui.table(&["KEY", "VALUE", "FROM"], &lines, || {
        all.iter()
            .map(|(key, Setting { value, origin })| json!({ "key": key, "value": value, "origin": origin.to_string() }))
            .collect()
    })
}

fn check(ui: &Ui) -> anyhow::Result<()> {
    // Each is reported below, once.
    let config = settings::load(&ui.muted())?;
    let files: Vec<_> = config.files().into_iter().filter(|file| file.path.exists()).collect();
    let odd =
        files.iter().flat_map(|file| file.unused_settings.iter().map(|odd| format!("{}, {odd}", file.path.display())));
    let open = files.iter().filter_map(|file| open_for_writing(&file.path));
    let mut faults: Vec<String> = odd.chain(open).collect();
    for key in keys::SETTINGS.into_iter().map(Key::General).chain(config.device_keys()) {
        let Some(Setting { value, origin }) = config.configured(&key) else { continue };
        if let Err(e) = setting_value::usable(ui, &config, &key, &value) {
            faults.push(format!("{origin}: {e:#}"));
        }
    }
    let count = match faults.as_slice() {
        [] => {
            let names: Vec<_> = files.iter().map(|file| file.path.display().to_string()).collect();
            let line = if names.is_empty() { "no config file".into() } else { names.join(", ") };
            return ui.result(&format!("{line}: nothing is wrong"), || json!({ "files": names }));
        }
        [_] => "something is".into(),
        all => format!("{} things are", all.len()),
    };
    let failure = CliError::new(ExitKind::Config, format!("{count} wrong with the configuration"));
    let failure = faults.into_iter().fold(failure, CliError::because);
    Err(failure.hint_of(entry!("config-invalid"), "correct each; i3-config(5) lists the keys").into())
}

/// Returns what is wrong if others can write to the file, and so redirect passwords.
fn open_for_writing(file: &Path) -> Option<String> {
    let metadata = std::fs::metadata(file).ok().filter(std::fs::Metadata::is_file)?;
    let mode = metadata.permissions().mode() & 0o7777;
    let told = format!("{} can be written by others (mode {mode:04o})", file.display());
    let remedy =
        if access::may_be_changed(file) { format!(": run `chmod go-w {}`", quoted(file)) } else { String::new() };
    (mode & 0o022 != 0).then_some(told + &remedy)
}
