//! Device log-ins of a long-running program: from the current configuration, without asking the person.

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

/// Shows whether a file has changed: its device and number, time and length; `None` if it does not exist.
type Stamps = [Option<(u64, u64, i64, i64, u64)>; 2];

fn stamps(config: &Config) -> Stamps {
    config.files().map(|file| {
        let read = fs::metadata(&file.path).ok()?;
        Some((read.dev(), read.ino(), read.mtime(), read.mtime_nsec(), read.len()))
    })
}

/// Certificates that were read, by their use. Those of a broker take a megabyte, and a thousand devices may share them.
#[derive(Default)]
pub struct Endpoints(RefCell<HashMap<String, (Instant, Endpoint)>>);

impl Endpoints {
    /// Returns the endpoint of this name; `read` reads it again if that was long ago.
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

/// How this process logs in as a device: without options about brokers or credentials.
pub struct LogIns {
    /// Neither warns nor asks.
    pub ui: Ui,
    pub broker: BrokerArgs,
    pub credential: CredentialArgs,
    /// The configuration, with the state of its files when it was read: reading a thousand devices takes a while.
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

    /// Returns the current configuration.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn config(&self) -> Result<Rc<Config>, ConfigError> {
        let mut known = self.config.borrow_mut();
        if let Some((config, _)) = known.as_ref().filter(|(config, then)| stamps(config) == *then) {
            return Ok(Rc::clone(config));
        }
        let config = Rc::new(Config::load(&self.ui.selection)?);
        // A file that changes at this moment is read again.
        *known = Some((Rc::clone(&config), stamps(&config)));
        Ok(config)
    }

    /// Logs in with a new token.
    ///
    /// # Errors
    /// Anything that keeps the device from logging in.
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
