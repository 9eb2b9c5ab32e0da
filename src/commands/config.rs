//! `i3 config`: shows, changes and checks the configuration.

use std::io::{self, IsTerminal as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::arguments::{self, FreeText};
use crate::cli::error::{CliError, ExitKind, quoted};
use crate::cli::ui::Ui;
use crate::cli::{setting_value, settings};
use crate::config::keys::{self, Key, Kind};
use crate::config::{Config, ConfigError, Origin, Places, Setting, from_env};
use crate::market_url::MarketUrl;
use crate::text;

/// What is shown of a secret that is set.
const HIDDEN: &str = "(set)";
/// What is shown of an address that is none: it may hold a password.
const NO_ADDRESS: &str = "(not an address)";

/// Show, change and check the configuration
///
/// i3-config(5) has the keys, and which of several settings counts. A device's keys are written devices.NAME.KEY, with
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
/// The environment comes first, then the config files in their order. If nothing sets it, the exit code is 78. Of a
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
/// The rest of the file stays as it is, with its comments. A value that the commands could not use is refused, and
/// nothing is written: an address, a name or a file is checked. The path of a file is made absolute.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 config set broker mqtts://broker.example.org    # moves all devices that have none of their own
  i3 config set device lot1
  i3 config set devices.lot1.password_file ~/lot1.pw")]
struct Set {
    /// The key, such as broker or devices.lot1.key
    key: String,
    /// Its value; no secret, of which the configuration holds only the file's path
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
    /// The configuration cannot be read, written or used as it is, or nothing sets the key.
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
            return Err(CliError::new(ExitKind::Config, format!("nothing sets {name}"))
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
        if let Some(variable) = key.setting().variable.filter(|variable| from_env(variable).is_some()) {
            ui.warn(&format!("{variable} is set in the environment, and comes before the configuration."));
        }
        if key == Key::General(&keys::BROKER) {
            tell_of_own_brokers(ui, &config);
        }
        Ok(())
    }
}

/// Says which devices do not follow the general broker.
fn tell_of_own_brokers(ui: &Ui, config: &Config) {
    let own: Vec<String> = config
        .devices()
        .into_iter()
        .filter(|(_, device)| device.broker.is_some())
        .map(|(name, _)| name.to_string())
        .collect();
    if !own.is_empty() {
        ui.note(&format!(
            "These have a broker of their own, and do not follow it: {}; `{} config unset devices.NAME.broker` ends that.",
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

/// Returns a setting as it is shown.
fn shown(key: &Key, setting: Setting<String>) -> Setting<String> {
    let is_shown = match key.setting().kind {
        Kind::Market => setting.value.parse::<MarketUrl>().is_ok(),
        Kind::Broker => setting.value.parse::<BrokerUrl>().is_ok(),
        _ => true,
    };
    if is_shown { setting } else { Setting { value: NO_ADDRESS.into(), ..setting } }
}

/// Returns where a secret is set, if it is.
fn secret(config: &Config, name: &str) -> Option<Setting<String>> {
    let variable = keys::SECRETS.into_iter().find(|(secret, _)| *secret == name)?.1;
    let from_file = || config.api_key_file().filter(|_| name == "api_key").map(|file| file.origin);
    let origin = from_env(variable).map(|setting| setting.origin).or_else(from_file)?;
    Some(Setting { value: HIDDEN.into(), origin })
}

fn list(ui: &Ui) -> anyhow::Result<()> {
    let config = settings::load(ui)?;
    let keys = keys::SETTINGS.into_iter().map(Key::General).chain(config.device_keys());
    // A person has the paths of the files, and the names of devices, in the shortest form that the commands take.
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
    // Each is told below, and once.
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
    Err(failure.hint_of(entry!("config-invalid"), "correct each; i3-config(5) has the keys").into())
}

/// Returns what is wrong if others can write to the file, and so have passwords sent elsewhere.
fn open_for_writing(file: &Path) -> Option<String> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode() & 0o7777;
    let told =
        format!("{} can be written by others (mode {mode:04o}): run `chmod go-w {}`", file.display(), quoted(file));
    (mode & 0o022 != 0).then_some(told)
}
