//! `i3 import`: imports the `config.ini` and the scripts of the I3-SDK into the configuration.

mod found;
mod python;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::device::table::{Imported, may_write, save};
use crate::access;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::device_credential::{own_broker, shown_path};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::setting_value::usable_file;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::keys::{self, Key, SettingType};
use crate::config::{Config, Device};
use crate::guard::inbound;
use crate::login::secret::check_password;
use crate::market_url::MarketUrl;
use crate::name::{DeviceName, Topic};
use crate::secret::{self, Secret};
use crate::shell;
use found::{ScriptLogin, Unused};

/// Longest file that is read, in bytes.
const LONGEST: usize = 1 << 20;

/// The file that the SDK's scripts take the host from, in the folder that they run in.
const INI: &str = "config.ini";

/// Import the device, its password and the broker from the files of the I3-SDK
///
/// FILE is a config.ini or a Python script, whose constants and calls of Paho's client are read; it is not run. If
/// a script reads config.ini, that file is read as well. The device is added to the configuration, its password is stored in a
/// file of its own that only you can read, and the broker is saved with the device if it differs from the one that the
/// device would use anyway. The host in a FILE that is a config.ini becomes the broker of the configuration.
///
/// Either everything is saved or nothing, and what cannot be used is named. With --json {"devices": [{"device", "market",
/// "broker", "password_file", "topics"}], "broker", "cafile", "unused": [{"file", "what", "why"}]}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 import test_pub.py
  i3 import --dry-run config.ini *_pub.py")]
pub struct Import {
    /// Read FILE
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Replace an existing configuration
    #[arg(long)]
    force: bool,
    /// Say what would be saved, and save nothing
    #[arg(long)]
    dry_run: bool,
}

/// The changes to save.
#[derive(Default)]
struct Plan {
    devices: Vec<(Imported, Vec<Topic>)>,
    broker: Option<String>,
    cafile: Option<PathBuf>,
    /// The devices, by file.
    unused: Vec<(PathBuf, Unused)>,
    /// Notes that are printed when it is saved.
    notes: Vec<String>,
}

impl Import {
    /// Runs the command.
    ///
    /// # Errors
    /// A file that cannot be read or has no settings, a value that cannot be used, something already configured with
    /// other values. Nothing is changed then.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load_or_new(ui)?;
        let read = self.files.iter().map(|path| Ok((path, read(path)?))).collect::<anyhow::Result<Vec<_>>>()?;
        let mut plan = Plan::default();
        for (path, found) in read {
            plan.add(ui, &config, path, found)?;
        }
        self.check(&config, &plan)?;
        let Plan { devices, broker, cafile, unused, notes } = plan;
        if devices.is_empty() && broker.is_none() && cafile.is_none() {
            return Err(nothing(&unused));
        }
        let (imported, topics): (Vec<_>, Vec<_>) = devices.into_iter().unzip();
        let devices = match self.dry_run {
            true => imported.into_iter().map(|imported| (imported.name, imported.device)).collect(),
            false => {
                let path = cafile.as_ref().map(|path| path.to_string_lossy());
                let settings = [(&keys::BROKER, broker.as_deref()), (&keys::CAFILE, path.as_deref())];
                let settings: Vec<_> = settings.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
                if !settings.is_empty() {
                    config.remember(&settings)?;
                }
                save(&mut config, imported)?
            }
        };
        for (path, Unused { what, why }) in &unused {
            ui.warn(&format!("{}: {what} is left out: {why}.", path.display()));
        }
        for note in notes.iter().filter(|_| !self.dry_run) {
            ui.note(note);
        }
        let lines = devices.iter().map(|(name, _)| format!("device: {name}"));
        let lines = lines.chain(broker.iter().map(|broker| format!("broker: {broker}")));
        let lines: Vec<String> = lines.chain(cafile.iter().map(|path| format!("cafile: {}", path.display()))).collect();
        ui.result(&lines.join("\n"), || {
            let device = |((name, device), topics): (&(DeviceName, Device), &Vec<Topic>)| {
                let topics: Vec<&str> = topics.iter().map(Topic::as_str).collect();
                json!({
                    "device": name.as_str(), "market": device.market, "broker": device.broker,
                    "password_file": shown_path(&device.password_file), "topics": topics,
                })
            };
            let unused = unused.iter().map(
                |(path, Unused { what, why })| json!({ "file": path.display().to_string(), "what": what, "why": why }),
            );
            json!({
                "devices": devices.iter().zip(&topics).map(device).collect::<Vec<_>>(), "broker": broker,
                "cafile": shown_path(&cafile), "unused": unused.collect::<Vec<_>>(),
            })
        })
    }

    /// Refuses to replace existing settings with other values.
    fn check(&self, config: &Config, plan: &Plan) -> anyhow::Result<()> {
        for (Imported { name, device, .. }, _) in &plan.devices {
            may_write(config, name, device, self.force.into())?;
        }
        let general = |key| config.configured(&Key::General(key)).map(|known| known.value);
        let wanted = [
            (&keys::BROKER, plan.broker.clone()),
            (&keys::CAFILE, plan.cafile.as_ref().map(|path| path.to_string_lossy().into_owned())),
        ];
        for (key, value) in wanted {
            let Some(value) = value.filter(|_| !self.force) else { continue };
            if general(key).is_some_and(|known| known != value) {
                let message = format!("{} is already configured, with other values", key.name);
                return Err(CliError::new(ExitKind::CannotCreate, message).hint(entry!("device-configured")).into());
            }
        }
        Ok(())
    }
}

impl Plan {
    /// Adds the settings of a file.
    fn add(&mut self, ui: &Ui, config: &Config, path: &Path, mut found: ScriptLogin) -> anyhow::Result<()> {
        let texts = [&found.account, &found.host, &found.cafile].into_iter().flatten().chain(&found.topics);
        for text in texts {
            inbound::refuse_private_key(text.as_bytes(), format_args!("{}", path.display()))?;
        }
        self.unused.extend(std::mem::take(&mut found.unused).into_iter().map(|unused| (path.to_path_buf(), unused)));
        if found.reads_ini {
            let ini = path.with_file_name(INI);
            if ini.exists() {
                found.host = read(&ini)?.host.or(found.host);
            }
        }
        let broker = broker(&found)?;
        self.use_cafile(ui, path, &found);
        match self.device_name(ui, path, &found)? {
            Some(name) => self.add_device(ui, config, path, found, name, broker),
            None => {
                let is_configured = config.configured(&Key::General(&keys::BROKER)).is_some();
                if let Some(broker) = broker.filter(|_| found.account.is_none() || !is_configured) {
                    self.broker = Some(broker.to_string());
                }
                Ok(())
            }
        }
    }

    /// Takes the certificates that the file names, if they can be used.
    fn use_cafile(&mut self, ui: &Ui, path: &Path, found: &ScriptLogin) {
        let Some(cafile) = &found.cafile else { return };
        let at = path.parent().unwrap_or(Path::new("")).join(cafile);
        match usable_file(ui, SettingType::Certificates, &at) {
            Ok(at) => self.cafile = Some(at),
            Err(e) => {
                self.unused.push((path.to_path_buf(), Unused::new("the file of certificates", format!("{e:#}"))));
            }
        }
    }

    /// Returns the user name in the file, if it is a device's.
    fn device_name(&mut self, ui: &Ui, path: &Path, found: &ScriptLogin) -> anyhow::Result<Option<DeviceName>> {
        let Some(account) = &found.account else { return Ok(None) };
        if account.contains('$') {
            return Ok(Some(account.parse()?));
        }
        let instead = match found.publishes {
            true => format!("only a device publishes, and `{} register` registers one", ui.program),
            false => format!("`{} sub -u {} --pw-file FILE` logs in as a buyer", ui.program, shell::quoted(account)),
        };
        let why = format!("{account} is the name of an account and not of a device; {instead}");
        self.unused.push((path.to_path_buf(), Unused::new("the log-in", why)));
        Ok(None)
    }

    /// Adds a device, with a note on how to publish as it.
    fn add_device(
        &mut self,
        ui: &Ui,
        config: &Config,
        path: &Path,
        mut found: ScriptLogin,
        name: DeviceName,
        broker: Option<BrokerUrl>,
    ) -> anyhow::Result<()> {
        let password = found.password.take().map(|secret| check_password(secret, None)).transpose()?;
        let password = password.map(|password| password.secret().clone());
        match &password {
            Some(_) => {
                let close = match access::may_be_changed(path) {
                    true => format!(", or run `chmod go-rwx {}`", shell::quoted(&path.to_string_lossy())),
                    false => String::new(),
                };
                self.notes.push(format!("{} still has the password of {name}: take it out{close}.", path.display()));
            }
            None => {
                let why = "the file does not have it; each command needs one from an option or I3_PASSWORD";
                self.unused.push((path.to_path_buf(), Unused::new("the password", why)));
            }
        }
        let market = config.market(None).map(|market| market.value.parse::<MarketUrl>()).transpose()?;
        let broker = broker.and_then(|broker| match &market {
            Some(market) => own_broker(config, market, &broker),
            None => Some(broker.to_string()),
        });
        let topics = self.topics(path, &name, &found);
        for topic in topics.iter().filter(|_| found.publishes) {
            let qos = if found.qos > 0 { format!(" -q {}", found.qos) } else { String::new() };
            let retain = if found.retain { " -r" } else { "" };
            let (program, device) = (&ui.program, shell::quoted(name.as_str()));
            self.notes
                .push(format!("Publish with `{program} pub --device {device} -t {topic}{qos}{retain} -m MESSAGE`."));
        }
        // A device that is imported again is unchanged.
        let kept = config.device(&name).and_then(|own| own.password_file.clone());
        let kept = kept.filter(|kept| password.as_ref().is_some_and(|password| holds(kept, password)));
        let password = password.filter(|_| kept.is_none());
        let market = market.map(|market| market.to_string());
        let device = Device { market, broker, password_file: kept, ..Device::default() };
        self.devices.retain(|(known, _)| known.name != name);
        self.devices.push((Imported { name, device, private_key: None, password }, topics));
        Ok(())
    }

    /// Returns the topics that the device can use.
    fn topics(&mut self, path: &Path, name: &DeviceName, found: &ScriptLogin) -> Vec<Topic> {
        let mut topics = Vec::new();
        for text in &found.topics {
            let why = match name.topic(text) {
                Ok(topic) if name.may_use(&topic) => {
                    topics.push(topic);
                    continue;
                }
                Ok(_) => "it is not in the hub of the device".to_string(),
                Err(e) => e.to_string(),
            };
            self.unused.push((path.to_path_buf(), Unused::new(format!("the topic {text}"), why)));
        }
        topics
    }
}

/// Whether a file contains exactly this password.
fn holds(path: &Path, password: &Secret) -> bool {
    let bytes = fs::File::open(path).and_then(|file| secret::read_all(file, password.expose().len(), LONGEST));
    bytes.is_ok_and(|bytes| bytes.strip_suffix(b"\n").unwrap_or(&bytes) == password.expose().as_bytes())
}

/// Reads a file.
fn read(path: &Path) -> anyhow::Result<ScriptLogin> {
    let cannot = || CliError::new(ExitKind::NoInput, format!("{} cannot be read", path.display()));
    let failed = |e| anyhow::Error::new(e).context(cannot().hint(entry!("file-unusable")));
    let bytes = secret::read_all(fs::File::open(path).map_err(failed)?, LONGEST, LONGEST).map_err(failed)?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let is_import = |line: &str| line.starts_with("import ") || line.starts_with("from ");
    let is_script = path.extension().is_some_and(|extension| extension == "py") || text.lines().any(is_import);
    Ok(if is_script { found::in_script(text) } else { found::in_ini(text) })
}

/// Returns the broker that a file names.
fn broker(found: &ScriptLogin) -> anyhow::Result<Option<BrokerUrl>> {
    let Some(host) = &found.host else { return Ok(None) };
    let scheme = match (found.websocket, found.tls) {
        (false, false) => "mqtt",
        (false, true) => "mqtts",
        (true, false) => "ws",
        (true, true) => "wss",
    };
    let host = if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.clone() };
    // Paho's default, with TLS as well.
    let port = found.port.unwrap_or(BrokerUrl::PLAIN_PORT.into());
    Ok(Some(format!("{scheme}://{host}:{port}").parse()?))
}

fn nothing(unused: &[(PathBuf, Unused)]) -> anyhow::Error {
    let mut error = CliError::new(ExitKind::Data, "there is nothing to import").hint(entry!("nothing-to-import"));
    for (path, Unused { what, why }) in unused {
        error = error.because(format!("{}: {what}: {why}", path.display()));
    }
    error.into()
}
