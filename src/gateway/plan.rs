//! The gateway's file: where messages come from, and how they are published.

mod doubts;
mod model;
mod table;

use std::fmt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::filter::{Dialect, Filter, Template};
use crate::config::{ConfigError, text_of, unreadable, with_home};
use crate::json_field::Field;
use crate::misread::Misread;
use crate::mqtt::packet::{QoS, Version};
use crate::name::{DeviceName, Topic};
use crate::publisher::rate;
use crate::publisher::stamp::Stamp;
use crate::tcp::Proxy;
use doubts::doubts;
use model::nats_server;
pub use model::{MqttSource, NatsSource, Plan, Route, Source, SourceKind, SourceLogin, SourceRoute};
pub use table::PlanFile;
use table::{RouteTable, SourceTable, VersionText};

/// The client id of an MQTT source's sessions begins like this, if the file does not say otherwise.
const CLIENT_ID: &str = "i3-gateway";

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
        let route = SourceRoute { proxy, ws_header_file: table.ws_header_file.map(|path| self.path(path)) };
        Ok(MqttSource { url, login, route, version, client_id, share: table.share, qos, retained })
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

#[cfg(test)]
mod tests;
