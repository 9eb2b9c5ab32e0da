//! A plan: sources, and the routes from them to devices.

use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::authority::{self, AuthorityError};
use crate::broker_url::BrokerUrl;
use crate::gateway::filter::{Dialect, Filter, Template};
use crate::json_field::Field;
use crate::mqtt::packet::{QoS, Version};
use crate::name::DeviceName;
use crate::tcp::Proxy;

/// What a gateway does.
#[derive(Debug, Default)]
pub struct Plan {
    pub sources: Vec<Rc<Source>>,
    pub routes: Vec<Rc<Route>>,
    /// Where messages are kept that can never be delivered.
    pub rejects: Option<PathBuf>,
    /// Settings that work, but may not be intended.
    pub doubts: Vec<String>,
}

/// Where messages come from.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    pub name: Rc<str>,
    pub kind: SourceKind,
}

#[derive(Debug, PartialEq, Eq)]
pub enum SourceKind {
    Mqtt(MqttSource),
    Nats(NatsSource),
}

/// A broker, with one session for each device that has a route from there.
#[derive(Debug, PartialEq, Eq)]
pub struct MqttSource {
    pub url: BrokerUrl,
    pub login: SourceLogin,
    pub route: SourceRoute,
    pub version: Version,
    /// The prefix of client ids.
    pub client_id: String,
    /// The group of a shared subscription (MQTT 5 §4.8.2).
    pub share: Option<String>,
    pub qos: QoS,
    /// Whether messages that the broker retained from before the subscription count.
    pub retained: bool,
}

/// A stream of NATS JetStream, by a durable pull consumer.
#[derive(Debug, PartialEq, Eq)]
pub struct NatsSource {
    /// Addresses of the cluster's servers.
    pub servers: Vec<String>,
    /// Whether every connection must be encrypted.
    pub tls: bool,
    pub login: SourceLogin,
    /// The file with the token for servers that require one instead of a user.
    pub token_file: Option<PathBuf>,
    pub stream: String,
    pub durable: String,
    /// Messages that can never be delivered are published there instead of being kept in the file.
    pub rejects: Option<String>,
}

/// How a broker is reached, beside its address.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SourceRoute {
    pub proxy: Option<Proxy>,
    pub ws_header_file: Option<PathBuf>,
}

/// What a source requires from its clients.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SourceLogin {
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
    pub cafile: Option<PathBuf>,
    /// The client's certificate.
    pub cert: Option<PathBuf>,
    /// Its key, where it is not in the same file.
    pub cert_key: Option<PathBuf>,
    /// The server's certificate is not checked.
    pub insecure: bool,
}

/// Which messages of a source a device publishes, and how.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    pub source: Rc<str>,
    pub filter: Filter,
    pub device: DeviceName,
    pub topic: Template,
    /// Least time between two messages.
    pub interval: Option<Duration>,
    /// The part of the payload that is published.
    pub field: Option<Field>,
    /// The field of the JSON payload that gets the time.
    pub stamp: Option<String>,
    pub retain: bool,
}

impl Plan {
    /// Returns the source of a route.
    pub fn source(&self, route: &Route) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == route.source).map(Rc::as_ref)
    }
}

impl Source {
    /// Returns the language of its routes' filters.
    pub fn dialect(&self) -> Dialect {
        match self.kind {
            SourceKind::Mqtt(_) => Dialect::Mqtt,
            SourceKind::Nats(_) => Dialect::Nats,
        }
    }

    /// Returns the subject for its rejected messages, if it has one.
    pub fn rejects(&self) -> Option<&str> {
        match &self.kind {
            SourceKind::Mqtt(_) => None,
            SourceKind::Nats(nats) => nats.rejects.as_deref(),
        }
    }

    /// Returns whether both are NATS streams on a common server.
    pub fn shares_servers(&self, other: &Source) -> bool {
        match (&self.kind, &other.kind) {
            (SourceKind::Nats(one), SourceKind::Nats(other)) => {
                one.servers.iter().any(|server| other.servers.contains(server))
            }
            _ => false,
        }
    }
}

/// Reads the address of a server, `[nats://|tls://]HOST[:PORT]`. Returns its host and the whole address, both in ASCII.
pub fn nats_server(text: &str) -> Result<(String, String), String> {
    let place = ["nats://", "tls://"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    if place.contains(['/', '?', '#']) {
        return Err(format!("{text} is not the address of a NATS server, nats://HOST[:PORT] or tls://HOST[:PORT]"));
    }
    match authority::split(place).and_then(|(host, _)| Ok((host, authority::canonical(host)?))) {
        Ok((host, _)) if host.is_ascii() => Ok((host.into(), text.into())),
        Ok((host, ascii)) => Ok((ascii.clone(), text.replacen(host, &ascii, 1))),
        Err(AuthorityError::Host) => Err(format!("{text} has no host")),
        Err(AuthorityError::Port) => Err(format!("{text} has an invalid port")),
    }
}
