//! The gateway's file: where messages come from, and how they are published.

mod table;

use std::collections::HashSet;
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
use crate::misread::Misread;
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
    pub way: SourceConnection,
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
pub struct SourceConnection {
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

/// Why a file is not a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] ConfigError),
    /// It is not valid TOML of the expected form.
    #[error("{} is not a gateway configuration", .path.display())]
    Syntax { path: PathBuf, source: Misread },
    /// There is no such file.
    #[error("{0} does not exist")]
    Missing(PathBuf),
    /// Its problems: at least one.
    #[error("{} is not a gateway configuration: {}", .path.display(), Problems(.problems))]
    Wrong { path: PathBuf, problems: Vec<String> },
}

struct Problems<'a>(&'a [String]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl Plan {
    /// Reads a file. `names` are the devices that are configured; `device` finds the one of a full or short name, or says why there
    /// is none.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn read(
        path: &Path,
        names: &[DeviceName],
        device: impl Fn(&str) -> Result<DeviceName, String>,
    ) -> Result<Plan, PlanError> {
        if !path.exists() {
            return Err(PlanError::Missing(path.into()));
        }
        let (text, _) = text_of(path)?;
        let file: PlanFile = toml_edit::de::from_str(&text).map_err(|e| match unreadable(path, &text, &e) {
            ConfigError::Parse { path, source } => PlanError::Syntax { path, source },
            e => PlanError::File(e),
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut reader = Reader { folder, speaks_nats: cfg!(feature = "nats"), problems: Vec::new() };
        let plan = reader.plan(file, names, device);
        match reader.problems {
            problems if problems.is_empty() => Ok(plan),
            problems => Err(PlanError::Wrong { path: path.into(), problems }),
        }
    }

    /// Returns errors, and possible ones, about messages that come back to the route that publishes them: its source is
    /// the broker that its device publishes to.
    pub fn loops(&self, broker: impl Fn(&DeviceName) -> Option<BrokerUrl>) -> (Vec<String>, Vec<String>) {
        let end = |route: &Rc<Route>| Some((route.topic.reach()?, broker(&route.device)?));
        let ends: Vec<Option<(Filter, BrokerUrl)>> = self.routes.iter().map(end).collect();
        let leads = |from: usize, to: usize| {
            let (Some((reach, broker)), route) = (&ends[from], &self.routes[to]) else { return false };
            reach.overlaps(&route.filter)
                && matches!(self.source(route).map(|source| &source.kind),
                    Some(SourceKind::Mqtt(mqtt)) if mqtt.url.is_same_place(broker))
        };
        let comes_back = |at: usize| {
            let (mut open, mut seen) = (vec![at], HashSet::new());
            while let Some(from) = open.pop() {
                for to in (0..ends.len()).filter(|to| leads(from, *to)) {
                    if to == at {
                        return true;
                    }
                    open.extend(seen.insert(to).then_some(to));
                }
            }
            false
        };
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for (at, route) in self.routes.iter().enumerate().filter(|(at, _)| comes_back(*at)) {
            let Route { source, filter, topic, .. } = &**route;
            match leads(at, at) && filter.captures(topic.as_str()).is_some() {
                true => certain.push(format!(
                    "the route for {filter} publishes to {topic}, and takes it from the same broker through '{source}': each \
                     message would come back forever"
                )),
                false => possible.push(format!(
                    "what the route for {filter} publishes may come back to it: '{source}' is the broker of its device"
                )),
            }
        }
        (certain, possible)
    }

    /// Returns the source of a route.
    pub fn source(&self, route: &Route) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == route.source).map(Rc::as_ref)
    }
}

/// Turns tables into a plan, and collects their problems.
struct Reader<'a> {
    /// The folder that relative paths are relative to.
    folder: &'a Path,
    speaks_nats: bool,
    problems: Vec<String>,
}

impl Reader<'_> {
    fn plan(
        &mut self,
        file: PlanFile,
        names: &[DeviceName],
        device: impl Fn(&str) -> Result<DeviceName, String>,
    ) -> Plan {
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
                self.problems.push(format!("{place} is given twice"));
            }
            match self.source(table) {
                Ok(source) => plan.sources.push(Rc::new(source)),
                Err(what) => self.problems.push(format!("{place}: {what}")),
            }
        }
        // For each route, the number of its table in the file.
        let mut numbers = Vec::new();
        for (number, table) in (1..).zip(file.route) {
            let place = format!("route {number} ({} from {})", table.matches, table.from);
            match routes(&plan.sources, table, names, &device) {
                Ok(routes) => {
                    numbers.extend(routes.iter().map(|_| number));
                    plan.routes.extend(routes.into_iter().map(Rc::new));
                }
                // Problems of its source are reported there.
                Err(RouteError::Source) if !self.problems.is_empty() => {}
                Err(e) => self.problems.push(format!("{place}: {e}")),
            }
        }
        plan.doubts = doubts(&plan, &numbers);
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
            ("token_file", table.token_file.is_some()),
            ("rejects", table.rejects.is_some()),
        ];
        let of_mqtt = [
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
        let authorities = table.url.split(',').map(|url| url.split_once("://").map_or(url, |(_, place)| place));
        if authorities.into_iter().any(|place| place.split('/').next().is_some_and(|place| place.contains('@'))) {
            return Err("its url holds a user or a password; give user and password_file instead".into());
        }
        let login = self.login(&mut table)?;
        let kind = match is_nats {
            true => SourceKind::Nats(self.nats(table, login)?),
            false => SourceKind::Mqtt(self.mqtt(table, login)?),
        };
        Ok(Source { name, kind })
    }

    fn login(&self, table: &mut SourceTable) -> Result<SourceLogin, String> {
        if table.password_file.is_some() && table.user.is_none() {
            return Err("it has a password_file and no user".into());
        }
        if table.cert_key.is_some() && table.cert.is_none() {
            return Err("it has a cert_key and no cert".into());
        }
        Ok(SourceLogin {
            user: table.user.take(),
            password_file: table.password_file.take().map(|path| self.path(path)),
            cafile: table.cafile.take().map(|path| self.path(path)),
            cert: table.cert.take().map(|path| self.path(path)),
            cert_key: table.cert_key.take().map(|path| self.path(path)),
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
        let proxy = table.proxy.map(|text| text.parse::<Proxy>().map_err(|e| e.to_string())).transpose()?;
        if proxy.as_ref().is_some_and(Proxy::has_user) {
            return Err("its proxy holds a user or a password, which this file must not hold".into());
        }
        let way = SourceConnection { proxy, ws_header_file: table.ws_header_file.map(|path| self.path(path)) };
        Ok(MqttSource { url, login, way, version, client_id, share: table.share, qos, retained })
    }

    fn nats(&self, table: SourceTable, login: SourceLogin) -> Result<NatsSource, String> {
        let servers: Vec<String> = table.url.split(',').map(|server| server.trim().to_owned()).collect();
        let servers = servers.iter().map(|server| Ok(nats_server(server)?.1)).collect::<Result<Vec<_>, String>>()?;
        let is_encrypted = |server: &String| server.starts_with("tls://");
        let SourceLogin { user, cafile, cert, insecure, .. } = &login;
        let tls = servers.iter().any(is_encrypted) || cafile.is_some() || cert.is_some() || *insecure;
        if user.is_some() && table.token_file.is_some() {
            return Err("it has both a user and a token_file; give only one of them".into());
        }
        let stream = table.stream.ok_or("it needs a stream")?;
        let durable = table.durable.ok_or("it needs a durable, the name of its consumer")?;
        let rejects = table.rejects;
        if rejects.as_ref().is_some_and(|subject| !Filter::is_topic(subject, Dialect::Nats)) {
            return Err("rejects is not a subject to publish to".into());
        }
        for (key, name) in [("stream", &stream), ("durable", &durable)] {
            let is_valid = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || ".*>/\\".contains(c));
            is_valid.then_some(()).ok_or_else(|| format!("{key} is not a name that NATS accepts"))?;
        }
        let token_file = table.token_file.map(|path| self.path(path));
        Ok(NatsSource { servers, tls, login, token_file, stream, durable, rejects })
    }
}

/// Reads the address of a server, `[nats://|tls://]HOST[:PORT]`. Returns its host and the whole address, both in ASCII.
fn nats_server(text: &str) -> Result<(String, String), String> {
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
}

/// Returns the routes of a table: one, or with {N} in its device one for each configured device that matches.
fn routes(
    sources: &[Rc<Source>],
    table: RouteTable,
    names: &[DeviceName],
    device: impl Fn(&str) -> Result<DeviceName, String>,
) -> Result<Vec<Route>, RouteError> {
    let source = sources.iter().find(|source| *source.name == *table.from).ok_or(RouteError::Source)?;
    let filter =
        Filter::parse(&table.matches, source.dialect()).map_err(|e| format!("match is not a valid filter: {e}"))?;
    if !table.device.contains(['{', '}']) {
        let device = device(&table.device)?;
        return Ok(vec![route(source, filter, device, table)?]);
    }
    let braces = || "device: only one number may stand in braces, as in bay{1}".to_owned();
    let (head, rest) = table.device.split_once('{').ok_or_else(braces)?;
    let (number, tail) = rest.split_once('}').filter(|(_, tail)| !tail.contains(['{', '}'])).ok_or_else(braces)?;
    let number = number.parse().map_err(|_| braces())?;
    let mut found: Vec<Route> = Vec::new();
    for full in names {
        let name = if table.device.contains('$') { full.as_str() } else { full.short() };
        let part = name.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)).filter(|part| !part.is_empty());
        let Some(part) = part else { continue };
        let no_wildcard = || format!("device: the filter has no wildcard {{{number}}} for a single level");
        let matches = filter.fixed(number, part).ok_or_else(no_wildcard)?;
        if found.iter().any(|route| route.filter.as_str() == matches) {
            // It says which devices have this name.
            device(name)?;
        }
        let topic = Template::fixed(&table.topic, number, part, filter.wildcards());
        let own = Filter::parse(&matches, source.dialect()).map_err(|e| format!("match is not a valid filter: {e}"))?;
        found.push(route(source, own, full.clone(), RouteTable { topic, ..table.clone() })?);
    }
    if found.is_empty() { Err(format!("no device '{}' is configured", table.device).into()) } else { Ok(found) }
}

fn route(source: &Source, filter: Filter, device: DeviceName, table: RouteTable) -> Result<Route, RouteError> {
    if let Some(rejects) = source.rejects().filter(|rejects| filter.captures(rejects).is_some()) {
        let what = format!(
            "it takes {rejects}, where its source's rejected messages are published: they would come back forever"
        );
        return Err(what.into());
    }
    let wildcards = filter.wildcards();
    let topic = Template::parse(&table.topic, wildcards).map_err(|e| format!("topic: {e}"))?;
    // With arbitrary names instead of the actual ones.
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

/// Returns settings that work, but may not be intended; `numbers` are those of the routes' tables in the file.
fn doubts(plan: &Plan, numbers: &[usize]) -> Vec<String> {
    let mut doubts = Vec::new();
    for source in plan.sources.iter().filter(|source| !plan.routes.iter().any(|route| route.source == source.name)) {
        doubts.push(format!("no route takes anything from the source '{}'", source.name));
    }
    for (at, (route, number)) in plan.routes.iter().zip(numbers).enumerate() {
        let Some(source) = plan.source(route) else { continue };
        // At an MQTT broker each device has its own session, and gets everything that its routes match.
        let is_shared = source.dialect() == Dialect::Nats;
        let before = plan.routes[..at].iter().position(|other| {
            (is_shared || other.device == route.device)
                && other.source == route.source
                && other.filter.overlaps(&route.filter)
        });
        if let Some(before) = before.map(|before| numbers[before]) {
            let of = if is_shared { format!("'{}'", source.name) } else { route.device.to_string() };
            let what = "messages that both match are published by the first one only";
            doubts.push(format!("routes {before} and {number} of {of} overlap: {what}"));
        }
        let takes = |other: &&Rc<Source>| {
            let rejects = other.rejects().filter(|_| source.shares_servers(other));
            rejects.is_some_and(|rejects| route.filter.captures(rejects).is_some())
        };
        if let Some(other) = plan.sources.iter().find(takes) {
            doubts.push(format!("route {number} takes the rejected messages of the source '{}'", other.name));
        }
        if let (Some(field), Some(_)) = (&route.field, &route.stamp) {
            doubts.push(format!(
                "route {number} puts the time into the field {field}, which works only where that is a JSON object"
            ));
        }
    }
    for source in &plan.sources {
        let SourceKind::Nats(NatsSource { servers, tls: false, login, token_file, .. }) = &source.kind else {
            continue;
        };
        let what = match (&login.user, token_file) {
            (Some(_), _) => "password",
            (None, Some(_)) => "token",
            (None, None) => continue,
        };
        let is_remote = |server: &&String| nats_server(server).is_ok_and(|(host, _)| !is_loopback(&host));
        if let Some(server) = servers.iter().find(is_remote) {
            doubts.push(format!(
                "the connection to {server} is not encrypted: anyone on the network path can read the {what}; tls:// encrypts it"
            ));
        }
    }
    let keeps_nothing =
        |source: &&Rc<Source>| matches!(&source.kind, SourceKind::Mqtt(mqtt) if mqtt.qos == QoS::AtMostOnce);
    for source in plan.sources.iter().filter(keeps_nothing) {
        doubts.push(format!("at QoS 0 the source '{}' keeps nothing while the gateway is not running", source.name));
    }
    // A table may stand for many routes.
    let mut told = HashSet::new();
    doubts.retain(|doubt| told.insert(doubt.clone()));
    doubts
}

impl Source {
    /// Returns whether both are NATS streams on a common server.
    fn shares_servers(&self, other: &Source) -> bool {
        match (&self.kind, &other.kind) {
            (SourceKind::Nats(one), SourceKind::Nats(other)) => {
                one.servers.iter().any(|server| other.servers.contains(server))
            }
            _ => false,
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests;
