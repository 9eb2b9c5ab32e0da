//! The way of a message: what a caller and the agent must agree on, so that one can publish in the other's place.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Who logs in where, and with what. No secret is in it, only where the secrets are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The config files that count, in their order.
    pub config: Vec<PathBuf>,
    /// The full name of the device.
    pub device: String,
    /// The broker's URL.
    pub broker: String,
    /// The trusted certificates, if not those of the system.
    pub cafile: Option<PathBuf>,
    /// The proxy on the way, without its user and password.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// The files in which a credential is looked for, in their order.
    pub credentials: Vec<PathBuf>,
}

impl Route {
    /// Returns what differs, for a person; `None` if nothing does.
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
