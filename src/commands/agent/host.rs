//! The agent's log-ins: from the configuration as it is at that moment, and without asking anybody.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::agent::event::{Event, Why};
use crate::agent::route::Route;
use crate::agent::server::AgentHost;
use crate::cli::agent::{broker_defaults, route};
use crate::cli::broker::{BrokerArgs, CleanStart, CredentialArgs, random_client_id};
use crate::cli::log::Log;
use crate::cli::ui::Ui;
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

/// This process as the owner of an agent.
pub struct Host {
    ui: Ui,
    log: Log,
    broker: BrokerArgs,
    credential: CredentialArgs,
    /// As it was when its files were like this: a thousand devices take a while to read.
    config: RefCell<Option<(Rc<Config>, Stamps)>>,
    /// The certificates of a broker take a megabyte, and a thousand devices may have the same.
    endpoints: RefCell<HashMap<String, (Instant, Endpoint)>>,
}

impl Host {
    pub fn new(log: Log) -> Host {
        Host {
            // Warnings are for the one who calls, and nobody can be asked here.
            ui: log.ui().muted(),
            log,
            broker: broker_defaults(),
            credential: CredentialArgs::default(),
            config: RefCell::default(),
            endpoints: RefCell::default(),
        }
    }

    /// Returns the configuration as it is now.
    fn config(&self) -> Result<Rc<Config>, ConfigError> {
        let mut known = self.config.borrow_mut();
        if let Some((config, _)) = known.as_ref().filter(|(config, then)| stamps(config) == *then) {
            return Ok(Rc::clone(config));
        }
        let config = Rc::new(Config::load(&self.ui.selection)?);
        // A file that changes in this moment is read again.
        *known = Some((Rc::clone(&config), stamps(&config)));
        Ok(config)
    }

    fn endpoint(&self, config: &Config, device: &DeviceName) -> anyhow::Result<Endpoint> {
        let name = self.broker.shared_url(config, device).map_err(anyhow::Error::msg)?.to_string();
        let mut known = self.endpoints.borrow_mut();
        if let Some((_, endpoint)) = known.get(&name).filter(|(read, _)| read.elapsed() < FRESH) {
            return Ok(endpoint.clone());
        }
        let endpoint = self.broker.endpoint(&self.ui, config, Some(device))?.value;
        known.insert(name, (Instant::now(), endpoint.clone()));
        Ok(endpoint)
    }
}

impl AgentHost for Host {
    fn route(&self, device: &DeviceName) -> Result<Route, String> {
        let config = self.config().map_err(|e| e.to_string())?;
        route(&config, device, &self.credential, &self.broker)
    }

    async fn log_in(&self, device: &DeviceName) -> Result<Connection, String> {
        let log_in = async {
            let config = self.config()?;
            let (name, known) = (device.to_string(), Some(device.clone()));
            let identity = self.credential.with_credentials(&self.ui, &config, name, known, env::PASSWORD)?;
            let endpoint = self.endpoint(&config, device)?;
            self.broker.log_in(&self.ui, &endpoint, &random_client_id(), &identity, CleanStart::Yes).await
        };
        let result: anyhow::Result<Connection> = log_in.await;
        match result {
            Ok(connection) => {
                self.log.info("log-in").device(device).say(format!("logged in as {device}"));
                Ok(connection)
            }
            Err(e) => {
                let line = self.log.warn("log-in-failed").device(device).error(&e);
                line.say(format!("the log-in of {device} failed"));
                Err(format!("{e:#}"))
            }
        }
    }

    fn tell(&self, device: &DeviceName, event: &Event<'_>) {
        let (info, warn) = (|name| self.log.info(name).device(device), |name| self.log.warn(name).device(device));
        match event {
            Event::Failed(error) => warn("message-failed").cause(*error).say(format!("a message of {device} failed")),
            Event::Lost(error) => {
                warn("connection-lost").cause(*error).say(format!("the connection of {device} was lost"));
            }
            Event::Closed(Why::Idle) => {
                info("closed-idle").say(format!("the connection of {device} was idle and is closed"));
            }
            Event::Closed(why) => {
                let (reason, words) = match why {
                    Why::Idle | Why::Unneeded => ("unneeded", "is no longer needed"),
                    Why::Failure => ("failure", "is not used again after a message that failed"),
                    Why::Topics => ("topics", "has as many topics as it may"),
                };
                info("closed").with("reason", reason).say(format!("the connection of {device} {words}; it is closed"));
            }
        }
    }

    fn stopping(&self) {
        self.log.info("stopping").say("stopping after what is on its way");
    }
}
