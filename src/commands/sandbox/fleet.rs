//! The devices of `--devices`: registered at the sandbox, and configured in its folder.

use std::collections::HashSet;
use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::cli::key_pair;
use crate::cli::ui::Ui;
use crate::config::{Config, Device, Places};
use crate::fsio::Existing;
use crate::key::{MIN_BITS, PrivateKey};
use crate::name::{DeviceName, HubName, NameError, ShortName};
use crate::sandbox::Controls;

/// The prefix of the devices' names, before a number: a car park has bays.
const NAME: &str = "bay";

/// Registers `bay1` to `bay<count>` of the seeded hub, and configures them in the folder `home`: all with one key pair, because
/// making one takes a tenth of a second. Existing ones from an earlier start are unchanged.
///
/// # Errors
/// A configuration or key that cannot be read, a folder or state file that cannot be written.
pub fn prepare(ui: &Ui, sandbox: &Controls, home: &Path, count: u16) -> anyhow::Result<()> {
    let mut config = Config::read(Places::in_folder(home))?;
    let hub: HubName = sandbox.seed().hub.parse()?;
    let device = |n| -> Result<DeviceName, NameError> { Ok(hub.device(&ShortName::device(&format!("{NAME}{n}"))?)) };
    let names = (1..=count).map(device).collect::<Result<Vec<_>, _>>()?;
    let log_ins: HashSet<String> = sandbox.log_ins().into_iter().collect();
    let configured = &config.files()[0].values.devices;
    let is_ready = |name: &DeviceName| log_ins.contains(name.as_str()) && configured.contains_key(name.as_str());
    let missing: Vec<DeviceName> = names.into_iter().filter(|name| !is_ready(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let path = config.places.key_file("fleet");
    let key = if path.exists() {
        PrivateKey::read(&path, || Ok(None))?
    } else {
        key_pair::make(ui, &path, MIN_BITS, None, Existing::Keep, "move it away")?
    };
    sandbox.register_devices(&missing, key.public())?;
    let device = Device { key: Some(path), ..Device::default() };
    config.save_devices(&missing.into_iter().map(|name| (name, device.clone())).collect::<Vec<_>>())?;
    Ok(())
}

/// Lets this process have as many connections as the system permits: one for each device, often more than the 1,024 descriptors
/// that a process starts with.
pub fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    // The original limit is enough for a smaller fleet.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}
