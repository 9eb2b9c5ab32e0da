//! The gateway's file: where messages come from, and as what they are published.

mod table;

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use super::filter::{Dialect, Filter, Template};
use crate::authority::{self, AuthorityError};
use crate::broker_url::BrokerUrl;
use crate::config::{ConfigError, text_of, unreadable, with_home};
use crate::json_field::Field;
use crate::mqtt::packet::{QoS, Version};
use crate::name::{DeviceName, Topic};
use crate::publisher::rate;
use crate::publisher::stamp::Stamp;
use crate::tcp::Proxy;
pub use table::PlanFile;
use table::{RouteTable, SourceTable, VersionText};

/// The client id of an MQTT source's sessions begins like this, if the file does not say otherwise.
const CLIENT_ID: &str = "i3-gateway";

/// What a gateway does.
#[derive(Debug, Default)]
pub struct Plan {
    pub sources: Vec<Rc<Source>>,
    pub routes: Vec<Rc<Route>>,
    /// Where messages are kept that can never be delivered.
    pub rejects: Option<PathBuf>,
    /// What works, and may not be what is meant.
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

/// A broker, with one session a device that has a route from there.
#[derive(Debug, PartialEq, Eq)]
pub struct MqttSource {
    pub url: BrokerUrl,
    pub login: SourceLogin,
    pub way: SourceWay,
    pub version: Version,
    /// Client ids begin with it.
    pub client_id: String,
    /// The group of a shared subscription (MQTT 5 §4.8.2).
    pub share: Option<String>,
    pub qos: QoS,
    /// Whether messages that the broker kept from before the subscription count.
    pub retained: bool,
}

/// A stream of NATS JetStream, by a durable pull consumer.
#[derive(Debug, PartialEq, Eq)]
pub struct NatsSource {
    /// Addresses of the cluster's servers.
    pub servers: Vec<String>,
    /// Whether every connection has to be encrypted.
    pub tls: bool,
    pub login: SourceLogin,
    pub stream: String,
    pub durable: String,
    /// Messages that can never be delivered are published there instead of being kept in the file.
    pub rejects: Option<String>,
}

/// How a broker is reached, beside its address.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SourceWay {
    pub cert: Option<PathBuf>,
    /// Where it is not in the same file.
    pub cert_key: Option<PathBuf>,
    pub proxy: Option<Proxy>,
    pub ws_header_file: Option<PathBuf>,
}

/// What a source wants to know of its clients.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SourceLogin {
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
    pub cafile: Option<PathBuf>,
    /// The server's certificate is not checked.
    pub insecure: bool,
}

/// Which messages of a source a device publishes, and as what.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    pub source: Rc<str>,
    pub filter: Filter,
    pub device: DeviceName,
    pub topic: Template,
    /// Time between two messages at least.
    pub interval: Option<Duration>,
    /// The part of the payload that is published.
    pub field: Option<Field>,
    /// The field of the JSON payload that gets the time.
    pub stamp: Option<String>,
    pub retain: bool,
}

/// Why a file is not a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It cannot be read, or is not the TOML that is wanted.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// There is no such file.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// What is wrong in it: at least one thing.
    #[error("{} is not a gateway's configuration: {}", .path.display(), Problems(.problems))]
    Wrong { path: PathBuf, problems: Vec<String> },
}

struct Problems<'a>(&'a [String]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl Plan {
    /// Reads a file. `device` finds the device of a full or short name, or says why there is none.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn read(path: &Path, device: impl Fn(&str) -> Result<DeviceName, String>) -> Result<Plan, PlanError> {
        if !path.exists() {
            return Err(PlanError::Missing(path.into()));
        }
        let (text, _) = text_of(path)?;
        let file: PlanFile = toml_edit::de::from_str(&text).map_err(|e| unreadable(path, &text, &e))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut reader = Reader { folder, speaks_nats: cfg!(feature = "nats"), problems: Vec::new() };
        let plan = reader.plan(file, device);
        match reader.problems {
            problems if problems.is_empty() => Ok(plan),
            problems => Err(PlanError::Wrong { path: path.into(), problems }),
        }
    }
}

/// Turns tables into a plan, and collects what is wrong with them.
struct Reader<'a> {
    /// Relative paths stand against it.
    folder: &'a Path,
    speaks_nats: bool,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn plan(&mut self, file: PlanFile, device: impl Fn(&str) -> Result<DeviceName, String>) -> Plan {
        let mut plan = Plan { rejects: file.rejects.map(|path| self.path(path)), ..Plan::default() };
        if file.source.is_empty() {
            self.problems.push("it has no [[source]]".into());
        }
        if file.route.is_empty() {
            self.problems.push("it has no [[route]]".into());
        }
        for table in file.source {
            let place = format!("source '{}'", table.name);
            if plan.sources.iter().any(|known| *known.name == *table.name) {
                self.problems.push(format!("{place} stands here twice"));
            }
            match self.source(table) {
                Ok(source) => plan.sources.push(Rc::new(source)),
                Err(what) => self.problems.push(format!("{place}: {what}")),
            }
        }
        for (number, table) in file.route.into_iter().enumerate() {
            let place = format!("route {} ({} from {})", number + 1, table.matches, table.from);
            match route(&plan.sources, table, &device) {
                Ok(route) => plan.routes.push(Rc::new(route)),
                // What is wrong with its source is told there.
                Err(RouteError::Source) if !self.problems.is_empty() => {}
                Err(e) => self.problems.push(format!("{place}: {e}")),
            }
        }
        plan.doubts = doubts(&plan);
        plan
    }

    fn path(&self, path: PathBuf) -> PathBuf {
        self.folder.join(with_home(&path))
    }

    fn source(&mut self, mut table: SourceTable) -> Result<Source, String> {
        if table.name.is_empty() || table.name.chars().any(char::is_control) {
            return Err("it needs a name".into());
        }
        let name = table.name.as_str().into();
        let is_nats = ["nats://", "tls://"].iter().any(|scheme| table.url.starts_with(scheme));
        if is_nats && !self.speaks_nats {
            return Err("this i3 was built without NATS; build it with --features nats".into());
        }
        let of_nats = [
            ("stream", table.stream.is_some()),
            ("durable", table.durable.is_some()),
            ("rejects", table.rejects.is_some()),
        ];
        let of_mqtt = [
            ("cert", table.cert.is_some()),
            ("cert_key", table.cert_key.is_some()),
            ("proxy", table.proxy.is_some()),
            ("ws_header_file", table.ws_header_file.is_some()),
            ("version", table.version.is_some()),
            ("client_id", table.client_id.is_some()),
            ("share", table.share.is_some()),
            ("qos", table.qos.is_some()),
            ("retained", table.retained.is_some()),
        ];
        let (foreign, kind) = if is_nats { (&of_mqtt[..], "an MQTT broker") } else { (&of_nats[..], "a NATS server") };
        if let Some((key, _)) = foreign.iter().find(|(_, is_given)| *is_given) {
            return Err(format!("'{key}' is a key of {kind}, which its url is not"));
        }
        let login = self.login(&mut table)?;
        let kind = match is_nats {
            true => SourceKind::Nats(nats(table, login)?),
            false => SourceKind::Mqtt(self.mqtt(table, login)?),
        };
        Ok(Source { name, kind })
    }

    fn login(&self, table: &mut SourceTable) -> Result<SourceLogin, String> {
        if table.password_file.is_some() && table.user.is_none() {
            return Err("it has a password_file and no user".into());
        }
        Ok(SourceLogin {
            user: table.user.take(),
            password_file: table.password_file.take().map(|path| self.path(path)),
            cafile: table.cafile.take().map(|path| self.path(path)),
            insecure: table.insecure.unwrap_or_default(),
        })
    }

    fn mqtt(&self, table: SourceTable, login: SourceLogin) -> Result<MqttSource, String> {
        let version = match table.version {
            Some(VersionText::V311) => Version::V311,
            Some(VersionText::V5) => Version::V5,
            None if table.share.is_some() => Version::V5,
            None => Version::V311,
        };
        if let Some(share) = &table.share {
            if share.is_empty() || share.contains(['/', '+', '#']) {
                return Err("share is the name of a group, without / + and #".into());
            }
            // The sessions of two gateways must differ, or each ends the other's.
            if table.client_id.is_none() {
                return Err(
                    "with share it needs a client_id of its own, which no other gateway of the group has".into()
                );
            }
        }
        let client_id = table.client_id.unwrap_or_else(|| CLIENT_ID.into());
        if client_id.is_empty() || client_id.contains(['+', '#', '/', '\0']) {
            return Err("client_id is not an id that every broker accepts".into());
        }
        let qos = match table.qos {
            None | Some(1) => QoS::AtLeastOnce,
            Some(0) => QoS::AtMostOnce,
            Some(2) => QoS::ExactlyOnce,
            Some(_) => return Err("qos is 0, 1 or 2".into()),
        };
        let url = table.url.parse().map_err(|e| format!("{e}; NATS servers begin with nats://"))?;
        let retained = table.retained.unwrap_or_default();
        if table.cert_key.is_some() && table.cert.is_none() {
            return Err("it has a cert_key and no cert".into());
        }
        let proxy = table.proxy.map(|text| text.parse::<Proxy>().map_err(|e| e.to_string())).transpose()?;
        if proxy.as_ref().is_some_and(Proxy::has_user) {
            return Err("its proxy holds a user or a password, which this file must not hold".into());
        }
        let way = SourceWay {
            cert: table.cert.map(|path| self.path(path)),
            cert_key: table.cert_key.map(|path| self.path(path)),
            proxy,
            ws_header_file: table.ws_header_file.map(|path| self.path(path)),
        };
        Ok(MqttSource { url, login, way, version, client_id, share: table.share, qos, retained })
    }
}

fn nats(table: SourceTable, login: SourceLogin) -> Result<NatsSource, String> {
    let servers: Vec<String> = table.url.split(',').map(|server| server.trim().to_owned()).collect();
    for server in &servers {
        nats_server(server)?;
    }
    let is_encrypted = |server: &String| server.starts_with("tls://");
    let tls = servers.iter().any(is_encrypted) || login.cafile.is_some() || login.insecure;
    let stream = table.stream.ok_or("it needs a stream")?;
    let durable = table.durable.ok_or("it needs a durable, the name of its consumer")?;
    let rejects = table.rejects;
    if let Some(subject) = &rejects {
        let is_subject = Filter::parse(subject, Dialect::Nats).is_ok_and(|subject| subject.wildcards() == 0);
        is_subject.then_some(()).ok_or("rejects is not a subject to publish to")?;
    }
    for (key, name) in [("stream", &stream), ("durable", &durable)] {
        let is_valid = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || ".*>/\\".contains(c));
        is_valid.then_some(()).ok_or_else(|| format!("{key} is not a name that NATS accepts"))?;
    }
    Ok(NatsSource { servers, tls, login, stream, durable, rejects })
}

/// Checks the address of a server: `[nats://|tls://]HOST[:PORT]`.
fn nats_server(text: &str) -> Result<&str, String> {
    let place = ["nats://", "tls://"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    if place.contains('@') {
        return Err("its url holds a user or a password; give user and password_file instead".into());
    }
    if place.contains(['/', '?', '#']) {
        return Err(format!("{text} is not the address of a NATS server, nats://HOST[:PORT] or tls://HOST[:PORT]"));
    }
    match authority::split(place) {
        Ok((host, _)) => Ok(host),
        Err(AuthorityError::Host) => Err(format!("{text} has no host")),
        Err(AuthorityError::Port) => Err(format!("{text} has an invalid port")),
    }
}

#[derive(Debug, thiserror::Error)]
enum RouteError {
    #[error("there is no such source")]
    Source,
    #[error("{0}")]
    Other(String),
}

impl From<String> for RouteError {
    fn from(what: String) -> RouteError {
        RouteError::Other(what)
    }
}

fn route(
    sources: &[Rc<Source>],
    table: RouteTable,
    device: impl Fn(&str) -> Result<DeviceName, String>,
) -> Result<Route, RouteError> {
    let source = sources.iter().find(|source| *source.name == *table.from).ok_or(RouteError::Source)?;
    let dialect = match source.kind {
        SourceKind::Mqtt(_) => Dialect::Mqtt,
        SourceKind::Nats(_) => Dialect::Nats,
    };
    let filter = Filter::parse(&table.matches, dialect).map_err(|e| format!("match is not a filter: {e}"))?;
    let device = device(&table.device)?;
    let wildcards = filter.wildcards();
    let topic = Template::parse(&table.topic, wildcards).map_err(|e| format!("topic: {e}"))?;
    // With any names in the place of those that come.
    let example = topic.fill(&vec!["x"; wildcards]);
    let example: Topic = device.topic(&example).map_err(|e| format!("topic: {e}"))?;
    if !device.may_use(&example) {
        let hub = device.hub();
        return Err(format!("{device} publishes to topics of its own hub only, {hub}/PRODUCT").into());
    }
    let rate = |text: &str| rate::interval(text).map_err(|e| format!("max_rate: {e}"));
    let interval = table.max_rate.as_deref().map(rate).transpose()?;
    let field = |text: &str| text.parse::<Field>().map_err(|e| format!("payload: {e}; write \".value\""));
    let field = table.payload.as_deref().map(field).transpose()?;
    let stamp = match table.stamp.as_deref().map(str::parse) {
        None => None,
        Some(Ok(Stamp::Json(field))) => Some(field),
        Some(_) => return Err("stamp: write \"json:FIELD\"".to_owned().into()),
    };
    let (source, retain) = (Rc::clone(&source.name), table.retain.unwrap_or_default());
    Ok(Route { source, filter, device, topic, interval, field, stamp, retain })
}

/// Returns what works, and may not be what is meant.
fn doubts(plan: &Plan) -> Vec<String> {
    let mut doubts = Vec::new();
    for source in plan.sources.iter().filter(|source| !plan.routes.iter().any(|route| route.source == source.name)) {
        doubts.push(format!("no route takes anything from the source '{}'", source.name));
    }
    for (at, route) in plan.routes.iter().enumerate() {
        let before = plan.routes[..at].iter().position(|other| {
            other.source == route.source && other.device == route.device && other.filter.overlaps(&route.filter)
        });
        if let Some(before) = before {
            doubts.push(format!(
                "routes {} and {} of {} overlap: what both match is published by the first one only",
                before + 1,
                at + 1,
                route.device
            ));
        }
    }
    for source in &plan.sources {
        let SourceKind::Nats(NatsSource { servers, tls: false, login: SourceLogin { user: Some(_), .. }, .. }) =
            &source.kind
        else {
            continue;
        };
        let is_remote = |server: &&String| nats_server(server).is_ok_and(|host| !is_loopback(host));
        if let Some(server) = servers.iter().find(is_remote) {
            doubts.push(format!(
                "the connection to {server} is not encrypted: anyone on the network path can read the password; tls:// encrypts it"
            ));
        }
    }
    let keeps_nothing =
        |source: &&Rc<Source>| matches!(&source.kind, SourceKind::Mqtt(mqtt) if mqtt.qos == QoS::AtMostOnce);
    for source in plan.sources.iter().filter(keeps_nothing) {
        doubts.push(format!("at QoS 0 the source '{}' keeps nothing while the gateway is away", source.name));
    }
    doubts
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests;
