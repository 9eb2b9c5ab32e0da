//! The route of a message: what a caller and the agent must agree on, so that one can publish for the other.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Who logs in where, and with what. It holds no secrets, only their places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The config files in use, in order.
    pub config: Vec<PathBuf>,
    /// The full name of the device.
    pub device: String,
    /// The broker's URL.
    pub broker: String,
    /// The trusted certificates, if not those of the system.
    pub cafile: Option<PathBuf>,
    /// The proxy, without its user and password.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// The files that are searched for a credential, in order.
    pub credentials: Vec<PathBuf>,
}

impl Route {
    /// Returns what differs, for the user; `None` if nothing does.
    pub fn difference(&self, other: &Route) -> Option<&'static str> {
        let differs = [
            (self.config != other.config, "configuration"),
            (self.device != other.device, "device"),
            (self.broker != other.broker, "broker"),
            (self.cafile != other.cafile || self.insecure != other.insecure, "trusted certificates"),
            (self.proxy != other.proxy, "proxy"),
            (self.credentials != other.credentials, "credential"),
        ];
        differs.into_iter().find_map(|(differs, what)| differs.then_some(what))
    }
}
