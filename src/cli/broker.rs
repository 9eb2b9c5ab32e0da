//! Options of every command that speaks MQTT: where the broker is, and how to connect to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::broker_log_in;
use super::broker_route::BrokerRouteArgs;
use super::error::{CliError, ExitKind};
use super::tls::TlsArgs;
use super::ui::Ui;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::collation::same;
use crate::config::{Config, Origin, Setting};
pub use crate::login::Identity;
use crate::login::{self, ConnectionSettings, Terms, default_broker};
use crate::market_url::MarketUrl;
pub use crate::mqtt::connection::random_client_id;
use crate::mqtt::connection::{BrokerRoute, Connection, Endpoint};
use crate::mqtt::extras::{Extras, Trace};
use crate::mqtt::packet::{MAX_PACKET, QoS, Version};
pub use crate::mqtt::reconnect::CleanStart;
use crate::mqtt::reconnect::SharedIdSign;
use crate::name::DeviceName;
use crate::shell;
use crate::tls::{ClientTls, Verification};

/// The default keep-alive, in seconds.
const KEEP_ALIVE: u16 = 60;

/// Where the broker is and how to talk to it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Broker")]
pub struct BrokerArgs {
    /// Connect to this broker: mqtt://HOST[:PORT], mqtts://, ws:// or wss:// [env: I3_BROKER]
    ///
    /// mqtts:// is for TLS, ws:// and wss://HOST[:PORT][/PATH] are for WebSocket.
    #[arg(long, value_name = "URL", conflicts_with_all = ["host", "port"])]
    broker: Option<String>,
    /// Connect to HOST; without a value, print this help
    #[arg(short = 'h', long, value_name = "HOST", num_args = 0..=1)]
    host: Option<Option<String>>,
    /// Connect to this port
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// Trust the certificates in FILE (PEM or DER) instead of the system's; with -h, also turns TLS on
    #[arg(long, value_name = "FILE")]
    pub cafile: Option<PathBuf>,
    /// Accept any certificate: anyone on the network path can read and change everything; with -h, also turns TLS on
    #[arg(long)]
    pub insecure: bool,
    #[command(flatten)]
    pub tls: TlsArgs,
    #[command(flatten)]
    pub route: BrokerRouteArgs,
    /// Speak this version of MQTT; I3's released broker speaks 3.1.1 only [default: 311]
    #[arg(short = 'V', long, value_name = "311|5", value_enum)]
    protocol_version: Option<ProtocolVersion>,
    /// Use this client id instead of a random one
    #[arg(short, long, value_name = "ID")]
    pub id: Option<String>,
    /// Use PREFIX and the process id as the client id
    #[arg(short = 'I', long, value_name = "PREFIX", conflicts_with = "id")]
    id_prefix: Option<String>,
    /// Send a ping after SECONDS without traffic
    #[arg(short, long, value_name = "SECONDS", default_value_t = KEEP_ALIVE)]
    keepalive: u16,
    /// Give up after this time: 10s, 1m
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = super::duration::parse_some)]
    pub timeout: Duration,
    /// Largest packet accepted from the broker, in bytes; not an option, but a command may lower it.
    #[arg(skip = MAX_PACKET)]
    pub max_packet: usize,
    /// Additions of a command's own options to each connection.
    #[arg(skip)]
    pub extras: Option<Arc<Extras>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ProtocolVersion {
    /// MQTT 3.1.1
    #[value(name = "311", alias = "mqttv311", alias = "3.1.1")]
    V311,
    /// MQTT 5
    #[value(name = "5", alias = "mqttv5")]
    V5,
}

impl BrokerArgs {
    /// Whether `-h` was given without a host, which requests the help text if no other option is given.
    ///
    /// # Errors
    /// Another option is given: an unset variable (`-h $BROKER -t …`) must not end in exit code 0.
    pub fn asks_for_help(&self, nothing_else: bool) -> anyhow::Result<bool> {
        match (&self.host, nothing_else) {
            (Some(None), true) => Ok(true),
            (Some(None), false) => Err(CliError::new(ExitKind::Usage, "-h is given without a host")
                .hint("give -h HOST, or --help for the help text")
                .into()),
            _ => Ok(false),
        }
    }

    /// Whether MQTT 5 is requested.
    pub fn speaks_v5(&self) -> bool {
        self.protocol_version == Some(ProtocolVersion::V5)
    }

    /// Selects MQTT 5, unless an option names a version. Returns whether MQTT 5 is spoken.
    pub fn select_v5(&mut self) -> bool {
        *self.protocol_version.get_or_insert(ProtocolVersion::V5) == ProtocolVersion::V5
    }

    /// Returns the options for an additional connection of the command, which has no will and no properties.
    pub fn beside(&self) -> BrokerArgs {
        BrokerArgs { extras: self.extras.as_ref().map(|_| Arc::default()), ..self.clone() }
    }

    /// Whether the options choose the client id, so that another client may use the same one.
    pub fn chooses_id(&self) -> bool {
        self.id.is_some() || self.id_prefix.is_some()
    }

    /// Resolves the broker: option, environment, the device's own, config, otherwise the marketplace's host.
    ///
    /// # Errors
    /// No broker known, a bad URL, certificates that cannot be read.
    pub fn endpoint(&self, ui: &Ui, config: &Config, device: Option<&DeviceName>) -> anyhow::Result<Setting<Endpoint>> {
        let url = self.url(config, device)?;
        let tls = self.tls.given().or_else(|| self.route.given_for_tls()).filter(|_| !url.value.tls);
        let websocket = self.route.given_for_websocket().filter(|_| url.value.path.is_none());
        if let Some(option) = tls.or(websocket) {
            let scheme = if tls.is_some() { "mqtts:// or wss://" } else { "ws:// or wss://" };
            let failure =
                CliError::new(ExitKind::Usage, format!("{option} is given, and {} is not {scheme}", url.value));
            return Err(failure.hint(format!("leave {option} out, or give a broker that begins with {scheme}")).into());
        }
        let route = self.route.route(ui, config)?;
        let mut settings =
            connection_settings(ui, config, &url.value, self.insecure, &self.tls, self.cafile.clone(), route)?;
        settings.tls.alpn.clone_from(&self.route.tls_alpn);
        let endpoint = endpoint(ui, config, url.value, &settings)?;
        ui.detail(&format!("Broker {} ({}).", endpoint.url, url.origin));
        Ok(Setting { value: endpoint, origin: url.origin })
    }

    fn url(&self, config: &Config, device: Option<&DeviceName>) -> anyhow::Result<Setting<BrokerUrl>> {
        if self.host.is_some() || self.port.is_some() {
            let tls = self.cafile.is_some() || self.tls.given().is_some() || self.insecure;
            let port = self.port.unwrap_or(if tls { BrokerUrl::TLS_PORT } else { BrokerUrl::PLAIN_PORT });
            let host = self.host.clone().flatten().unwrap_or_else(|| "localhost".into());
            if let Some(hint) = self.host_alone(&host, tls) {
                return Err(CliError::new(ExitKind::Usage, "-h takes only a host").hint(hint).into());
            }
            // Parsed as a URL, so that the same hosts are valid.
            let bracketed = match host.contains(':') && !host.starts_with('[') {
                true => format!("[{host}]"),
                false => host,
            };
            let url = format!("{}://{bracketed}:{port}", if tls { "mqtts" } else { "mqtt" }).parse()?;
            return Ok(Setting { value: url, origin: Origin::Option("--host") });
        }
        if let Some(url) = config.broker(self.broker.clone(), device) {
            return Ok(url.try_map(|text| text.parse())?);
        }
        let market = config
            .market_of(device)
            .ok_or_else(|| CliError::new(ExitKind::Config, "no broker is known").hint(entry!("no-broker")))?;
        Ok(market.try_map(|url| url.parse::<MarketUrl>().map(|url| default_broker(&url)))?)
    }

    /// Returns what to give instead of a host that is a URL, or has a port.
    fn host_alone(&self, host: &str, tls: bool) -> Option<String> {
        // An IPv6 address has several colons, and needs no brackets.
        let has_port = host.rsplit_once(':').is_some_and(|(before, _)| !before.contains(':') || before.ends_with(']'));
        if !has_port && !host.contains('/') {
            return None;
        }
        let Ok(url) = host.parse::<BrokerUrl>() else {
            // It may hold a password.
            return Some("give -h HOST -p PORT, or --broker mqtt://HOST:PORT".into());
        };
        let by_options = url.path.is_none() && (tls || !url.tls);
        let url = BrokerUrl { port: self.port.unwrap_or(url.port), tls: tls || url.tls, ..url };
        let [host, whole] = [url.host.clone(), url.to_string()].map(|text| shell::quoted(&text));
        Some(match by_options {
            true => format!("give -h {host} -p {}, or --broker {whole}", url.port),
            false => format!("give --broker {whole}"),
        })
    }

    /// Returns the broker's URL if a shared connection, with its own client id and the default keep-alive,
    /// satisfies these options.
    ///
    /// # Errors
    /// The option that requires a different connection.
    pub fn shared_url(&self, config: &Config, device: &DeviceName) -> Result<BrokerUrl, String> {
        let asks_for =
            [(self.chooses_id(), "--id"), (self.keepalive != KEEP_ALIVE, "--keepalive"), (self.speaks_v5(), "-V 5")];
        let asks_for = asks_for.into_iter().find_map(|(is_given, option)| is_given.then_some(option));
        if self.extras.is_some() {
            return Err("-d, -D, -x or a will is given".into());
        }
        if let Some(option) = asks_for.or_else(|| self.tls.given()).or_else(|| self.route.given()) {
            return Err(format!("{option} is given"));
        }
        self.url(config, Some(device)).map(|url| url.value).map_err(|e| format!("{e:#}"))
    }

    /// Returns the client id: the given one, or a random one, which also escapes the broker's permission cache (I3 facts §4).
    ///
    /// # Errors
    /// An id with `+`, `#` or `/`: such a client connects, and the broker drops every message of it.
    pub fn client_id(&self) -> anyhow::Result<String> {
        let prefixed = self.id_prefix.as_ref().map(|prefix| format!("{prefix}{}", std::process::id()));
        match self.id.as_ref().or(prefixed.as_ref()) {
            Some(id) if id.is_empty() || id.contains(['+', '#', '/', '\0']) => {
                Err(CliError::new(ExitKind::Data, format!("invalid client id '{id}'"))
                    .because("the broker accepts and drops every message if the client id contains + # or /, and refuses an empty one")
                    .hint(entry!("client-id"))
                    .into())
            }
            Some(id) => Ok(id.clone()),
            None => Ok(random_client_id()),
        }
    }

    /// Logs in with the first credential that the broker accepts.
    ///
    /// # Errors
    /// [`ConnectError`](crate::mqtt::connection::ConnectError) of the last attempt, or a token that cannot be minted.
    pub async fn log_in(
        &self,
        ui: &Ui,
        endpoint: &Endpoint,
        client_id: &str,
        identity: &Identity,
        session: CleanStart,
    ) -> anyhow::Result<Connection> {
        let version = match self.protocol_version {
            None | Some(ProtocolVersion::V311) => Version::V311,
            Some(ProtocolVersion::V5) => Version::V5,
        };
        let keep_alive = Duration::from_secs(self.keepalive.into());
        let (timeout, max_packet) = (self.timeout, self.max_packet);
        let extras = self.extras.as_ref();
        let extras = extras.map(|extras| Arc::new(Extras { trace: trace(ui, client_id), ..Extras::clone(extras) }));
        let extras = extras.as_ref();
        let terms = Terms { client_id, version, keep_alive, timeout, session, max_packet, extras };
        if identity.device.is_none() && same(client_id, &identity.user_name) {
            let entry = entry!("metered-client-id");
            let remedy = entry.remedy(&ui.program);
            ui.warn(&format!("the client id is the account's own name: {}; {remedy}.", entry.cause));
        }
        broker_log_in::log_in(ui, endpoint, identity, &terms).await
    }
}

/// Returns the observer of a client's packets, if any.
fn trace(ui: &Ui, client_id: &str) -> Option<Trace> {
    let (ui, client_id) = (ui.clone(), client_id.to_owned());
    ui.debug.then(|| Trace(Arc::new(move |what: &str| ui.detail(&format!("Client {client_id} {what}.")))))
}

/// Reads a quality of service: 0, 1 or 2.
pub fn qos() -> impl TypedValueParser<Value = QoS> {
    PossibleValuesParser::new(["0", "1", "2"]).map(|text| match text.as_str() {
        "1" => QoS::AtLeastOnce,
        "2" => QoS::ExactlyOnce,
        _ => QoS::AtMostOnce,
    })
}

/// Prepares a connection to `url`, with TLS if it requires it, and warns about anything that leaves the credentials
/// unprotected.
///
/// # Errors
/// Certificates that cannot be read.
pub fn endpoint(ui: &Ui, config: &Config, url: BrokerUrl, settings: &ConnectionSettings) -> anyhow::Result<Endpoint> {
    warn_of_connection(ui, config, &url, settings.verification);
    if let Some(proxy) = settings.route.proxy_to(&url) {
        ui.detail(&format!("Connecting through the proxy {proxy}."));
    }
    Ok(login::endpoint(url, settings)?)
}

/// Returns how a connection to `url` is made. The client certificate is read only if there is TLS.
///
/// # Errors
/// Files that cannot be read or used.
pub fn connection_settings(
    ui: &Ui,
    config: &Config,
    url: &BrokerUrl,
    insecure: bool,
    tls: &TlsArgs,
    cafile: Option<PathBuf>,
    route: BrokerRoute,
) -> anyhow::Result<ConnectionSettings> {
    let client = if url.tls { tls.client(ui, config)? } else { ClientTls::default() };
    Ok(ConnectionSettings {
        roots: tls.roots(config, cafile),
        verification: verification(insecure),
        tls: client,
        route,
    })
}

/// Warns about anything that leaves the credentials or the messages on the way to `url` unprotected.
pub fn warn_of_connection(ui: &Ui, config: &Config, url: &BrokerUrl, verification: Verification) {
    if !url.tls && !url.is_loopback() && !config.accepts_plain() {
        ui.caution(&format!(
            "the connection to {url} is not encrypted: anyone on the network path can read the password or token."
        ));
    }
    if url.tls && verification == Verification::DangerSkipped {
        ui.warn(
            "--insecure: the broker's certificate is not checked; anyone on the network path can read and change everything.",
        );
    }
}

/// Returns how certificates are checked, by `--insecure`.
pub fn verification(insecure: bool) -> Verification {
    if insecure { Verification::DangerSkipped } else { Verification::Required }
}

/// Tells that another client uses the client id `id`, or seems to.
pub fn id_is_shared(id: &str, sign: SharedIdSign) -> String {
    if sign == SharedIdSign::TakenOver {
        return format!(
            "another client has logged in with the client id {id}, and the broker has ended this connection; leave --id out, \
             or end the other client."
        );
    }
    format!(
        "connections end again and again, soon after the log-in: another client seems to use the client id {id}, and each \
         log-in ends the other's connection; leave --id out, or end the other client."
    )
}
