//! The agent's log-ins: from the current configuration, and without asking the person.

use crate::agent::event::{CloseReason, Event};
use crate::agent::route::Route;
use crate::agent::server::AgentHost;
use crate::cli::agent::route;
use crate::cli::log::Log;
use crate::cli::log_ins::LogIns;
use crate::mqtt::connection::Connection;
use crate::name::DeviceName;

/// This process as the owner of an agent.
pub struct Host {
    log: Log,
    log_ins: LogIns,
}

impl Host {
    pub fn new(log: Log) -> Host {
        Host { log_ins: LogIns::new(log.ui()), log }
    }
}

impl AgentHost for Host {
    fn route(&self, device: &DeviceName) -> Result<Route, String> {
        let LogIns { credential, broker, .. } = &self.log_ins;
        let config = self.log_ins.config().map_err(|e| e.to_string())?;
        route(&self.log_ins.ui, &config, device, credential, broker)
    }

    async fn log_in(&self, device: &DeviceName) -> Result<Connection, String> {
        match self.log_ins.log_in(device).await {
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
            Event::Closed(CloseReason::Idle) => {
                info("closed-idle").say(format!("the connection of {device} was idle and is closed"));
            }
            Event::Closed(why) => {
                let (reason, words) = match why {
                    CloseReason::Idle | CloseReason::Unneeded => ("unneeded", "is no longer needed"),
                    CloseReason::Failure => ("failure", "is not reused after a failed message"),
                    CloseReason::Topics => ("topics", "has reached its limit of topics"),
                };
                info("closed").with("reason", reason).say(format!("the connection of {device} {words}; it is closed"));
            }
        }
    }

    fn stopping(&self) {
        self.log.info("stopping").say("stopping once the messages in flight are done");
    }
}
