//! The command line as the owner of a gateway: it logs in, keeps rejected messages, and logs events.

use std::cell::RefCell;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use ring::digest::{SHA256, digest};
use serde_json::json;
use tokio::time::Instant;

use crate::cli::broker::{self, CleanStart};
use crate::cli::broker_log_in;
use crate::cli::broker_route::headers_in;
use crate::cli::error::advice;
use crate::cli::intake;
use crate::cli::log::Log;
use crate::cli::log_ins::{Endpoints, LogIns};
use crate::cli::stream::host::at_least;
use crate::cli::stream::rejects::Rejects;
use crate::cli::ui::Ui;
use crate::config::Places;
use crate::fsio;
use crate::gateway::plan::{MqttSource, NatsSource, Plan, Source, SourceKind, SourceLogin};
use crate::gateway::{Event, GatewayHost, Rejected, SessionsPlace};
use crate::guard::Refusal;
use crate::guard::source::Content;
use crate::login::client_certificate;
use crate::login::secret::check_password;
use crate::login::{self, ConnectionSettings};
use crate::mqtt::connection::{BrokerRoute, ConnectOptions, Connection, Endpoint};
use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::RetryClass;
use crate::name::DeviceName;
use crate::publisher::format::json_object;
use crate::publisher::stream::{self, LinePiece, StreamFailure};
use crate::secret::Secret;
use crate::spool::worker::{SpoolHandle, WorkerThread};
use crate::spool::{Full, Limits, Record, Spool};
use crate::subscriber::{self, SubscriberFailure};
use crate::tls::{ClientTls, Roots, Verification, client_config_with};

/// The file for rejected messages in the state folder.
const REJECTS: &str = "gateway-rejects.jsonl";
/// The folder there for the sessions of each gateway.
const SESSIONS: &str = "gateway-sessions";
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// Timeout of a log-in at a source.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest packet of a source, in bytes.
const MAX_PACKET: usize = 2 * 1024 * 1024;

/// This process as the owner of a gateway.
pub struct Host {
    log: Log,
    log_ins: LogIns,
    endpoints: Endpoints,
    rejects: Kept,
    spool: Option<SpoolPlace>,
    places: Places,
}

/// Where messages wait on disk, if their sources keep nothing.
#[derive(Clone, Debug)]
pub struct SpoolPlace {
    /// A folder with one for each device, instead of the devices' own.
    pub folder: Option<PathBuf>,
    /// Of each device at most, in bytes.
    pub max_bytes: Option<u64>,
}

impl Host {
    /// Prepares log-ins.
    pub fn new(log: Log, rejects: Kept, places: &Places, spool: Option<SpoolPlace>) -> Host {
        let (log_ins, places) = (LogIns::new(log.ui()), places.clone());
        Host { log_ins, endpoints: Endpoints::default(), rejects, spool, places, log }
    }

    async fn open(&self, source: &Source, client_id: &str, session: CleanStart) -> anyhow::Result<Connection> {
        let SourceKind::Mqtt(mqtt) = &source.kind else {
            anyhow::bail!("the source '{}' is not an MQTT broker", source.name);
        };
        let ui = &self.log_ins.ui;
        let endpoint = self.endpoints.get(&source.name, || endpoint(ui, mqtt))?;
        let password = secret(ui, mqtt.login.password_file.as_deref())?.unwrap_or_default();
        let options = ConnectOptions {
            version: mqtt.version,
            client_id,
            clean: session == CleanStart::Yes,
            keep_alive: KEEP_ALIVE,
            user_name: mqtt.login.user.as_deref().unwrap_or_default(),
            password: &password,
            max_packet: MAX_PACKET,
        };
        Ok(Connection::open(&endpoint, &options, Instant::now() + TIMEOUT).await?)
    }
}

/// Reads all files that a source names, as a log-in there would.
///
/// # Errors
/// The reason that keeps the gateway from logging in.
pub fn read_files(ui: &Ui, source: &Source) -> anyhow::Result<()> {
    match &source.kind {
        SourceKind::Mqtt(mqtt) => {
            secret(ui, mqtt.login.password_file.as_deref())?;
            endpoint(ui, mqtt).map(drop)
        }
        SourceKind::Nats(nats) => {
            let (_, client) = nats_secrets(ui, nats)?;
            let (roots, verification) = trust(&nats.login);
            if nats.tls {
                client_config_with(&roots, verification, &client)?;
            }
            Ok(())
        }
    }
}

/// Prepares connections to an MQTT broker.
fn endpoint(ui: &Ui, MqttSource { url, login, route, .. }: &MqttSource) -> anyhow::Result<Endpoint> {
    let fields = |path: &PathBuf| headers_in(&intake::file(ui, path, Content::Text, || Ok(None))?);
    let headers = route.ws_header_file.as_ref().map(fields).transpose()?.unwrap_or_default();
    // It was given for this source.
    let route =
        BrokerRoute { proxy: route.proxy.clone(), proxies_loopback: true, server_name: None, headers, bind: None };
    let (roots, verification) = trust(login);
    Ok(login::endpoint(url.clone(), &ConnectionSettings { roots, verification, tls: client_tls(login)?, route })?)
}

fn nats_secrets(ui: &Ui, nats: &NatsSource) -> anyhow::Result<(Option<Secret>, ClientTls)> {
    let file = nats.login.password_file.as_deref().or(nats.token_file.as_deref());
    Ok((secret(ui, file)?, client_tls(&nats.login)?))
}

fn trust(login: &SourceLogin) -> (Roots, Verification) {
    (login.cafile.clone().map_or(Roots::System, Roots::File), broker::verification(login.insecure))
}

/// Reads the client certificate of a source; nobody can be asked for a passphrase.
fn client_tls(login: &SourceLogin) -> anyhow::Result<ClientTls> {
    let read = |cert: &PathBuf| {
        let key = login.cert_key.as_ref().unwrap_or(cert);
        client_certificate::identity(cert, key, || Ok(None))
    };
    Ok(ClientTls { identity: login.cert.as_ref().map(read).transpose()?, ..ClientTls::default() })
}

/// Reads the password or the token of a source.
fn secret(ui: &Ui, file: Option<&Path>) -> anyhow::Result<Option<Secret>> {
    let Some(path) = file else { return Ok(None) };
    let secret = intake::file(ui, path, Content::Password, || Ok(None))?;
    Ok(Some(check_password(secret, None)?.secret().clone()))
}

/// The file for rejected messages, which a changed plan may move.
#[derive(Clone)]
pub struct Kept(Rc<RefCell<(PathBuf, Rejects)>>);

impl Kept {
    /// Opens the file of a plan.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn open(plan: &Plan, places: &Places) -> anyhow::Result<Kept> {
        Ok(Kept(Rc::new(RefCell::new(opened(rejects_file(plan, places), plan, places)?))))
    }

    /// Continues with the file of this plan.
    ///
    /// # Errors
    /// It cannot be written; the one before is kept.
    pub fn follow(&self, plan: &Plan, places: &Places) -> anyhow::Result<()> {
        let path = rejects_file(plan, places);
        if self.0.borrow().0 != path {
            let opened = opened(path, plan, places)?;
            self.0.replace(opened);
        }
        Ok(())
    }

    fn append(&self, line: &[u8]) -> io::Result<()> {
        let (_, rejects) = &*self.0.borrow();
        rejects.append(line, LinePiece::Last)?;
        rejects.sync()
    }
}

fn opened(path: PathBuf, plan: &Plan, places: &Places) -> anyhow::Result<(PathBuf, Rejects)> {
    if plan.rejects.is_none() {
        fsio::create_private_dir(&places.state)?;
    }
    let rejects = Rejects::open(&path, b'\n')?;
    Ok((path, rejects))
}

/// Returns the file for rejected messages.
pub fn rejects_file(plan: &Plan, places: &Places) -> PathBuf {
    plan.rejects.clone().unwrap_or_else(|| places.state.join(REJECTS))
}

/// Returns where the gateway with this file notes its sessions.
pub fn sessions_place(file: &Path, places: &Places) -> SessionsPlace {
    let gateway = std::fs::canonicalize(file).unwrap_or_else(|_| file.into());
    let name = digest(&SHA256, gateway.as_os_str().as_bytes());
    let name: String = name.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    SessionsPlace { gateway, file: places.state.join(SESSIONS).join(format!("{name}.json")) }
}

impl GatewayHost for Host {
    type Error = anyhow::Error;

    async fn log_in(&self, device: &DeviceName) -> anyhow::Result<Connection> {
        self.log_ins.log_in(device).await
    }

    async fn log_in_source(&self, source: &Source, client_id: &str, session: CleanStart) -> anyhow::Result<Connection> {
        self.open(source, client_id, session).await
    }

    fn source_secrets(&self, source: &Source) -> anyhow::Result<(Option<Secret>, ClientTls)> {
        match &source.kind {
            SourceKind::Nats(nats) => nats_secrets(&self.log_ins.ui, nats),
            SourceKind::Mqtt(_) => anyhow::bail!("the source '{}' is not a NATS server", source.name),
        }
    }

    fn judge(&self, error: &anyhow::Error) -> RetryClass {
        // The contents of a file may be replaced meanwhile.
        if error.is::<Refusal>() { RetryClass::Refused } else { broker_log_in::retry_class(error) }
    }

    fn id(&self, error: &anyhow::Error) -> &'static str {
        advice(error).entry.id
    }

    fn reject(&self, rejected: &Rejected<'_>) -> io::Result<()> {
        let Rejected { source, from, device, topic, payload, is_original, retain, why } = *rejected;
        let mut line = json_object(&Record { topic, payload, qos: QoS::AtLeastOnce, retain });
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let device = device.as_str();
        let mut rejected = json!({ "time": time, "device": device, "source": source, "from": from, "why": why });
        // Nobody should publish it unchanged.
        for name in ["payload", "payload_base64"].into_iter().filter(|_| is_original) {
            if let Some(payload) = line.remove(name) {
                rejected[name] = payload;
            }
        }
        line.insert("rejected".into(), rejected);
        self.rejects.append(serde_json::Value::Object(line).to_string().as_bytes())
    }

    fn spool(&self, device: &DeviceName) -> Option<anyhow::Result<(SpoolHandle, WorkerThread)>> {
        let SpoolPlace { folder, max_bytes } = self.spool.as_ref()?;
        let folder = folder.as_ref().map_or_else(|| self.places.spool(device), |folder| folder.join(device.as_str()));
        let limits = Limits { max_bytes: *max_bytes, max_age: None, full: Full::Block };
        let open = || Ok(SpoolHandle::start(Spool::open(&folder)?, limits)?);
        Some(open())
    }

    fn tell(&self, event: &Event<'_, anyhow::Error>) {
        match event {
            Event::Device { device, event } => self.tell_of_device(device, event),
            Event::LoggedIn { device } => {
                self.log.info("log-in").device(device).say(format!("logged in as {device}"));
            }
            Event::Idle { device } => {
                let line = self.log.info("closed-idle").device(device);
                line.say(format!("the connection of {device} was idle and is closed"));
            }
            Event::DeviceFailed { device, why, pause } => {
                let line = self.log.warn("device-failed").device(device);
                let line = match why {
                    StreamFailure::LogIn(e) => line.error(e),
                    StreamFailure::Stream(e) => line.cause(e),
                };
                line.say(format!("the device {device} publishes nothing, and is tried again in {}", seconds(pause)));
            }
            Event::Source { source, device, event } => self.tell_of_source(source, device, event),
            Event::SourceFailed { source, device, why, pause } => {
                let line = self.log.warn("source-failed").source(&source.name).device(device);
                let line = match why {
                    SubscriberFailure::Host(e) => line.error(e),
                    SubscriberFailure::Subscription(e) => line.cause(e),
                    SubscriberFailure::Early { .. } => line,
                };
                let pause = seconds(pause);
                line.say(format!("nothing comes from '{}' for {device}; trying again in {pause}", source.name));
            }
            Event::NatsConnected { source } => {
                let name = &source.name;
                self.log.info("source-connected").source(name).say(format!("takes messages from '{name}'"));
            }
            Event::NatsLost { source } => {
                let name = &source.name;
                self.log
                    .warn("source-lost")
                    .source(name)
                    .say(format!("the connection to '{name}' was lost; trying again"));
            }
            Event::NatsFailed { source, why, pause } => {
                let line = self.log.warn("source-failed").source(&source.name).error(why);
                line.say(format!("the source '{}' is tried again in {}", source.name, seconds(pause)));
            }
            Event::Rejected(Rejected { source, from, device, topic, why, .. }) => {
                let line = self.log.warn("rejected").source(source).device(device);
                let line = line.with("from", *from).with("topic", *topic).with("why", *why);
                let what = match from.is_empty() {
                    true => "a message of the spool".into(),
                    false => format!("a message to {from} at '{source}'"),
                };
                line.say(format!("{what} cannot be published to {topic} and is set aside: {why}"));
            }
            Event::TooLong { source, from, bytes } => {
                let line = self.log.warn("too-long").source(source).with("from", *from).with("bytes", *bytes);
                line.say(format!("a message of {bytes} bytes to {from} at '{source}' was left out: it is too long"));
            }
            Event::SessionLeft { broker, client_id } => {
                let line = self.log.warn("session-left").with("broker", *broker).with("client_id", *client_id);
                line.say(format!(
                    "{broker} is no longer a source, and may keep messages for the session {client_id} until a client with this id \
                     has logged in there with a clean session"
                ));
            }
            Event::Unrouted { source, from } => {
                let line = self.log.warn("unrouted").source(source).with("from", *from);
                line.say(format!("no route takes {from} from '{source}'"));
            }
            Event::OwnRejects { source } => {
                let SourceKind::Nats(NatsSource { stream, rejects: Some(rejects), .. }) = &source.kind else { return };
                let line = self.log.warn("own-rejects").source(&source.name).with("subject", rejects.as_str());
                line.say(format!(
                    "the stream {stream} itself takes {rejects}, where its messages that I3 refuses are published; give '{}' a \
                     subject for its rejects that another stream takes",
                    source.name
                ));
            }
        }
    }
}

impl Host {
    fn tell_of_device(&self, device: &DeviceName, event: &stream::Event<'_, anyhow::Error>) {
        let warn = |event| self.log.warn(event).device(device);
        match event {
            stream::Event::TopicRefused { topic, from, pause } => {
                let line = warn("topic-refused").with("topic", topic.as_str());
                let other = at_least(*from);
                let pause = seconds(pause);
                line.say(format!("the topic {topic} was refused; no other message to it{other} is sent for {pause}"));
            }
            stream::Event::Unsendable { topic, why, .. } => {
                let line = warn("rejected").with("topic", *topic).with("why", why.to_string());
                line.say(format!("a message of the spool cannot be published to {topic} and is set aside: {why}"));
            }
            stream::Event::SpoolFull => {
                warn("spool-full").say(format!("the spool of {device} is full; its sources are held back"));
            }
            stream::Event::NotTaken { reason, pause, .. } => {
                let line = warn("broker-busy").with("reason", reason.to_string());
                line.say(format!("the broker cannot accept messages of {device} now ({reason}); {}", again(pause)));
            }
            stream::Event::Lost { why, waiting, pause } => {
                let line = warn("connection-lost").cause(*why).with("waiting", *waiting);
                line.say(format!("the connection of {device} was lost; {}", again(pause)));
            }
            stream::Event::NoLogIn { why, pause } => {
                warn("log-in-failed").error(why).say(format!("the log-in of {device} failed; {}", again(pause)));
            }
            stream::Event::Burst { messages } => {
                let line = self.log.info("burst").device(device).with("messages", *messages);
                line.say(format!(
                    "the device {device} has sent {messages} messages within a second. I3's broker keeps 200 for a subscriber that is \
                     slower, and drops the rest; max_rate spreads them"
                ));
            }
            // Events of lines and spools, which do not occur, and those reported elsewhere.
            _ => {}
        }
    }

    fn tell_of_source(&self, source: &Source, device: &DeviceName, event: &subscriber::Event<'_, anyhow::Error>) {
        let name = &source.name;
        let info = |event| self.log.info(event).source(name).device(device);
        let warn = |event| self.log.warn(event).source(name).device(device);
        match event {
            subscriber::Event::Subscribed | subscriber::Event::Back => {
                info("source-connected").say(format!("takes messages from '{name}' for {device}"));
            }
            subscriber::Event::NotGranted { filter, reason } => {
                let line = warn("source-topic-refused").with("topic", *filter).with("reason", reason.to_string());
                line.say(format!("'{name}' refused the subscription to {filter} for {device} ({reason})"));
            }
            subscriber::Event::Lost { why, pause } => {
                let cause = why.source().map(|e| format!(" ({e})")).unwrap_or_default();
                warn("source-lost")
                    .with("why", format!("{why}{cause}"))
                    .say(format!("the connection to '{name}' for {device} was lost: {why}{cause}; {}", again(pause)));
            }
            subscriber::Event::NoLogIn { why, pause } => {
                let line = warn("source-log-in-failed").error(why);
                line.say(format!("the log-in at '{name}' for {device} failed; {}", again(pause)));
            }
            subscriber::Event::IdIsShared(_) => {
                warn("client-id-shared").say(format!(
                    "another client of '{name}' seems to have the client id of {device}'s session, and each ends the other's \
                     connection; give this gateway a client_id of its own"
                ));
            }
            subscriber::Event::Unsubscribed { filter, .. } => {
                info("unsubscribed").with("filter", *filter).say(format!("no longer takes {filter} from '{name}'"));
            }
            // Events that are reported elsewhere, or mean nothing here.
            _ => {}
        }
    }
}

fn again(pause: &Duration) -> String {
    format!("trying again in {}", seconds(pause))
}

fn seconds(time: &Duration) -> String {
    humantime::format_duration(Duration::from_secs(time.as_secs_f64().ceil() as u64)).to_string()
}
