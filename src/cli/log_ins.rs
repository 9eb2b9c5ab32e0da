//! Log-ins of devices by a program that runs for long: from the configuration as it is at that moment, and without asking anybody.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::agent::broker_defaults;
use super::broker::{BrokerArgs, CleanStart, random_client_id};
use super::credential::CredentialArgs;
use super::ui::Ui;
use crate::config::{Config, ConfigError, env};
use crate::mqtt::connection::{Connection, Endpoint};
use crate::name::DeviceName;

/// Certificates are read again after this time.
const FRESH: Duration = Duration::from_secs(300);

/// What tells whether a file has changed: its device and number, time and length; `None` if it is not there.
type Stamps = [Option<(u64, u64, i64, i64, u64)>; 2];

fn stamps(config: &Config) -> Stamps {
    config.files().map(|file| {
        let read = fs::metadata(&file.path).ok()?;
        Some((read.dev(), read.ino(), read.mtime(), read.mtime_nsec(), read.len()))
    })
}

/// Certificates that were read, by what they are for. Those of a broker take a megabyte, and a thousand devices may have the same.
#[derive(Default)]
pub struct Endpoints(RefCell<HashMap<String, (Instant, Endpoint)>>);

impl Endpoints {
    /// Returns the endpoint of this name, which `read` reads if that was long ago.
    ///
    /// # Errors
    /// That of `read`.
    pub fn get(&self, name: &str, read: impl FnOnce() -> anyhow::Result<Endpoint>) -> anyhow::Result<Endpoint> {
        let mut known = self.0.borrow_mut();
        if let Some((_, endpoint)) = known.get(name).filter(|(read, _)| read.elapsed() < FRESH) {
            return Ok(endpoint.clone());
        }
        let endpoint = read()?;
        known.insert(name.into(), (Instant::now(), endpoint.clone()));
        Ok(endpoint)
    }
}

/// How this process logs in as a device: with no option about brokers or credentials.
pub struct LogIns {
    /// Neither warns nor asks.
    pub ui: Ui,
    pub broker: BrokerArgs,
    pub credential: CredentialArgs,
    /// As it was when its files were like this: a thousand devices take a while to read.
    config: RefCell<Option<(Rc<Config>, Stamps)>>,
    endpoints: Endpoints,
}

impl LogIns {
    pub fn new(ui: &Ui) -> LogIns {
        LogIns {
            ui: ui.muted(),
            broker: broker_defaults(),
            credential: CredentialArgs::default(),
            config: RefCell::default(),
            endpoints: Endpoints::default(),
        }
    }

    /// Returns the configuration as it is now.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn config(&self) -> Result<Rc<Config>, ConfigError> {
        let mut known = self.config.borrow_mut();
        if let Some((config, _)) = known.as_ref().filter(|(config, then)| stamps(config) == *then) {
            return Ok(Rc::clone(config));
        }
        let config = Rc::new(Config::load(&self.ui.selection)?);
        // A file that changes in this moment is read again.
        *known = Some((Rc::clone(&config), stamps(&config)));
        Ok(config)
    }

    /// Logs in with a new token.
    ///
    /// # Errors
    /// Whatever keeps the device from logging in.
    pub async fn log_in(&self, device: &DeviceName) -> anyhow::Result<Connection> {
        let config = self.config()?;
        let (name, known) = (device.to_string(), Some(device.clone()));
        let identity = self.credential.with_credentials(&self.ui, &config, name, known, env::PASSWORD)?;
        let url = self.broker.shared_url(&config, device).map_err(anyhow::Error::msg)?.to_string();
        let read = || Ok(self.broker.endpoint(&self.ui, &config, Some(device))?.value);
        let endpoint = self.endpoints.get(&url, read)?;
        self.broker.log_in(&self.ui, &endpoint, &random_client_id(), &identity, CleanStart::Yes).await
    }
}
