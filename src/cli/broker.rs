//! Options of every command that speaks MQTT: where the broker is, who logs in, and with what.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::broker_route::BrokerRouteArgs;
use super::error::{ByToken, CliError, ExitKind};
use super::keys::{self, KeyArgs};
use super::tls::TlsArgs;
use super::ui::Ui;
use super::{intake, prompt};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::collation::same;
use crate::config::{self, Config, Origin, Setting};
use crate::fsio;
use crate::guard::Refusal;
use crate::guard::source::{self, Content};
pub use crate::login::Identity;
use crate::login::secret::check_password;
use crate::login::{
    self, BrokerConnection, Candidate, CredentialFile, Event, LoginError, LoginSecret, SecretOrigin, Terms,
    default_broker,
};
use crate::market_url::MarketUrl;
pub use crate::mqtt::connection::random_client_id;
use crate::mqtt::connection::{BrokerRoute, ConnectError, Connection, Endpoint};
use crate::mqtt::extras::{Extras, Trace};
use crate::mqtt::packet::{MAX_PACKET, QoS, Version};
pub use crate::mqtt::reconnect::CleanStart;
use crate::mqtt::reconnect::{RetryClass, SharedIdSign};
use crate::name::DeviceName;
use crate::pkcs11::Pkcs11Error;
use crate::rotation;
use crate::secret::Secret;
use crate::shell;
use crate::tls::{ClientTls, Verification};
use crate::token::TokenError;

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
    pub way: BrokerRouteArgs,
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
    /// Largest packet that is accepted from the broker, in bytes: no option, but a command may lower it.
    #[arg(skip = MAX_PACKET)]
    pub max_packet: usize,
    /// What a command's own options add to each connection.
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

/// Who logs in, and with what.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Credential")]
pub struct CredentialArgs {
    /// Log in as this device, full or short name [env: I3_DEVICE]
    #[arg(long, value_name = "NAME", conflicts_with = "username")]
    pub device: Option<String>,
    /// Log in with this user name, a device's or an account's
    ///
    /// A device's is its full name, USER$HUB$DEVICE.
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]
    #[arg(short = 'P', long = "pw", value_name = "PASSWORD", allow_hyphen_values = true,
          conflicts_with_all = ["pw_file", "pw_stdin", "key"])]
    pw: Option<OsString>,
    /// Nobody sees it on the command line: it comes from a file of options.
    #[arg(skip)]
    pub pw_is_in_file: bool,
    /// Read the password or token from FILE
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pw_stdin", "key"])]
    pw_file: Option<PathBuf>,
    /// Read the password or token from stdin; not echoed on a terminal
    #[arg(long, conflicts_with = "key")]
    pub pw_stdin: bool,
    #[command(flatten)]
    pub key: KeyArgs,
}

/// Classifies a failed log-in for a caller that would try again.
pub fn retry_class(error: &anyhow::Error) -> RetryClass {
    // A clock that is wrong is waited for like a network.
    let by_clock = error.downcast_ref::<ByToken>().is_some_and(|by_token| by_token.doubt().is_some());
    let is_passing = |error: &TokenError| matches!(error, TokenError::Clock) || login::attempt::is_passing(error);
    let is_away = |error: &Pkcs11Error| error.is_passing();
    if by_clock || error.downcast_ref().is_some_and(is_passing) || error.downcast_ref().is_some_and(is_away) {
        return RetryClass::Passing;
    }
    error.downcast_ref().map_or(RetryClass::Final, login::attempt::retry_class)
}

/// As [`retry_class`], for a caller that looks for the credentials again: a token that has expired meanwhile may be
/// replaced in its file.
pub fn retry_class_of(identity: &Identity, error: &anyhow::Error) -> RetryClass {
    match error.is::<Refusal>() && identity.candidates.iter().any(|candidate| candidate.origin.file().is_some()) {
        true => RetryClass::Refused,
        false => retry_class(error),
    }
}

impl CredentialArgs {
    /// Resolves who logs in: `-u`, `--device`, else the device that the configuration knows.
    ///
    /// # Errors
    /// An unknown device, a credential that the guard refuses, or no credential at all.
    pub fn resolve(&self, ui: &Ui, config: &Config) -> anyhow::Result<Identity> {
        let (user_name, device) = match &self.username {
            Some(name) => (name.clone(), name.parse().ok()),
            None => {
                let device = config.find_device(self.device.clone())?.value;
                (device.to_string(), Some(device))
            }
        };
        self.with_credentials(ui, config, user_name, device, config::env::PASSWORD)
    }

    /// Whether the options name who logs in.
    pub fn names_someone(&self) -> bool {
        self.username.is_some() || self.device.is_some()
    }

    /// Finds the credentials of `user_name`: from an option, else from the environment variable `variable` and from
    /// what the configuration knows of `device`, else from the person at the terminal.
    ///
    /// # Errors
    /// As [`CredentialArgs::resolve`].
    pub fn with_credentials(
        &self,
        ui: &Ui,
        config: &Config,
        user_name: String,
        device: Option<DeviceName>,
        variable: &'static str,
    ) -> anyhow::Result<Identity> {
        let key_file = self.key.find(config, device.as_ref());
        let pending = || device.as_ref().and_then(|device| warn_of_rotation(ui, config, device));
        let pending = if self.named().is_none() { pending() } else { None };
        let origins = self.origins(config, device.as_ref(), variable, pending);
        let key_file = key_file.filter(|_| device.is_some());
        let ask = || prompt::secret(ui, &format!("Password of {user_name}"));
        let mut candidates = Vec::new();
        for origin in origins {
            match self.read(ui, origin, ask, key_file.as_deref()) {
                Ok(found) => candidates.extend(found),
                // The environment comes first; what is stored is tried only if the broker refuses that.
                Err(e) if !candidates.is_empty() => ui.detail(&format!("Skipped: {e:#}.")),
                Err(e) => return Err(e),
            }
        }
        if candidates.is_empty()
            && let Some(secret) = ask()?
        {
            candidates.push(candidate(ui, secret, SecretOrigin::Terminal, key_file.as_deref())?);
        }
        if candidates.is_empty() {
            return Err(no_credential(&user_name).into());
        }
        Ok(Identity { user_name, device, candidates })
    }

    /// Returns where the credential is looked for: where an option says, else as [`SecretOrigin::list`].
    pub fn origins(
        &self,
        config: &Config,
        device: Option<&DeviceName>,
        variable: &'static str,
        pending: Option<CredentialFile>,
    ) -> Vec<SecretOrigin> {
        let listed = || SecretOrigin::list(variable, config, device, self.key.find(config, device), pending);
        self.named().map_or_else(listed, |named| vec![named])
    }

    /// Returns the origin that an option names; then no other is tried.
    fn named(&self) -> Option<SecretOrigin> {
        let option = self.pw.as_ref().map(|_| SecretOrigin::Option("--pw"));
        option
            .or_else(|| self.pw_file.clone().map(SecretOrigin::PasswordFile))
            .or_else(|| self.pw_stdin.then_some(SecretOrigin::Stdin))
            .or_else(|| self.key.key.clone().map(SecretOrigin::KeyFile))
    }

    fn read(
        &self,
        ui: &Ui,
        origin: SecretOrigin,
        ask: impl FnOnce() -> anyhow::Result<Option<Secret>>,
        key_file: Option<&Path>,
    ) -> anyhow::Result<Option<Candidate>> {
        let secret = match (&origin, &self.pw) {
            (SecretOrigin::KeyFile(path), _) => {
                let secret = self.key.read(ui, path)?.into();
                return Ok(Some(Candidate { secret, origin }));
            }
            (SecretOrigin::Option(_), Some(text)) => {
                if !self.pw_is_in_file {
                    ui.caution("other users of this machine can read a password on the command line; --pw-file and I3_PASSWORD hide it.");
                }
                Some(intake::admit(ui, source::option(text, Content::Password)?))
            }
            (SecretOrigin::Stdin, _) => Some(prompt::secret_on_stdin(ui, Content::Password, ask)?),
            (SecretOrigin::PasswordFile(path), _) => Some(intake::file(ui, path, Content::Password, ask)?),
            _ => origin.read()?.map(|given| intake::admit(ui, given)),
        };
        secret.map(|secret| candidate(ui, secret, origin, key_file)).transpose()
    }

    /// Looks for the credentials again, for a connection after the first: a key or password that was rotated meanwhile is
    /// used, even if the configuration now names another file for it. Returns `None` where they stay as they are: if they
    /// were read from stdin or a terminal, or if somebody would have to be asked. `variable` is that of
    /// [`CredentialArgs::with_credentials`].
    pub fn renewed(&self, ui: &Ui, identity: &Identity, variable: &'static str) -> Option<Identity> {
        let named = [&self.pw_file, &self.key.key, &self.key.passphrase_file];
        let is_read_once = |path: &PathBuf| keys::is_stdin(path) || fsio::is_terminal(path);
        if self.pw.is_some() || self.pw_stdin || named.into_iter().flatten().any(is_read_once) {
            return None;
        }
        let found = Config::load(&ui.selection).map_err(anyhow::Error::from).and_then(|config| {
            let (name, device) = (identity.user_name.clone(), identity.device.clone());
            self.with_credentials(ui, &config, name, device, variable)
        });
        found.inspect_err(|e| ui.detail(&format!("Using the credential as before: {e:#}."))).ok()
    }
}

/// Has the guard check a password or token, and warns of what it notes.
fn candidate(ui: &Ui, secret: Secret, origin: SecretOrigin, key_file: Option<&Path>) -> anyhow::Result<Candidate> {
    let password = check_password(secret, key_file)?;
    for note in password.notes() {
        ui.warn(&format!("{note}."));
    }
    Ok(Candidate { secret: LoginSecret::Password(password), origin })
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

    /// Returns the options for another connection beside that of the command: it has no will and no properties.
    pub fn beside(&self) -> BrokerArgs {
        BrokerArgs { extras: self.extras.as_ref().map(|_| Arc::default()), ..self.clone() }
    }

    /// Whether the options choose the client id, so that another client may have the same.
    pub fn chooses_id(&self) -> bool {
        self.id.is_some() || self.id_prefix.is_some()
    }

    /// Resolves the broker: option, environment, the device's own, config, else the marketplace's host.
    ///
    /// # Errors
    /// No broker known, a bad URL, certificates that cannot be read.
    pub fn endpoint(&self, ui: &Ui, config: &Config, device: Option<&DeviceName>) -> anyhow::Result<Setting<Endpoint>> {
        let url = self.url(config, device)?;
        let tls = self.tls.given().or_else(|| self.way.given_for_tls()).filter(|_| !url.value.tls);
        let websocket = self.way.given_for_websocket().filter(|_| url.value.path.is_none());
        if let Some(option) = tls.or(websocket) {
            let scheme = if tls.is_some() { "mqtts:// or wss://" } else { "ws:// or wss://" };
            let failure =
                CliError::new(ExitKind::Usage, format!("{option} is given, and {} is not {scheme}", url.value));
            return Err(failure.hint(format!("leave {option} out, or give a broker that begins with {scheme}")).into());
        }
        let way = self.way.way(ui, config)?;
        let mut means = means(ui, config, &url.value, self.insecure, &self.tls, self.cafile.clone(), way)?;
        means.tls.alpn.clone_from(&self.way.tls_alpn);
        let endpoint = endpoint(ui, config, url.value, &means)?;
        ui.detail(&format!("Broker {} ({}).", endpoint.url, url.origin));
        Ok(Setting { value: endpoint, origin: url.origin })
    }

    fn url(&self, config: &Config, device: Option<&DeviceName>) -> anyhow::Result<Setting<BrokerUrl>> {
        if self.host.is_some() || self.port.is_some() {
            let tls = self.cafile.is_some() || self.tls.given().is_some() || self.insecure;
            let port = self.port.unwrap_or(if tls { BrokerUrl::TLS_PORT } else { BrokerUrl::PLAIN_PORT });
            let host = self.host.clone().flatten().unwrap_or_else(|| "localhost".into());
            if let Some(hint) = self.host_alone(&host, tls) {
                return Err(CliError::new(ExitKind::Usage, "-h takes a host alone").hint(hint).into());
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

    /// Returns the broker's URL if a shared connection, with a client id of its own and the default keep-alive, is as good as
    /// one of these options.
    ///
    /// # Errors
    /// Which option asks for another connection.
    pub fn shared_url(&self, config: &Config, device: &DeviceName) -> Result<BrokerUrl, String> {
        let asks_for =
            [(self.chooses_id(), "--id"), (self.keepalive != KEEP_ALIVE, "--keepalive"), (self.speaks_v5(), "-V 5")];
        let asks_for = asks_for.into_iter().find_map(|(is_given, option)| is_given.then_some(option));
        if self.extras.is_some() {
            return Err("-d, -D, -x or a will is given".into());
        }
        if let Some(option) = asks_for.or_else(|| self.tls.given()).or_else(|| self.way.given()) {
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
    /// [`ConnectError`] of the last attempt, or a token that cannot be minted.
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
        log_in(ui, endpoint, identity, &terms).await
    }
}

/// Returns who tells of the packets of a client, if somebody is to be told.
fn trace(ui: &Ui, client_id: &str) -> Option<Trace> {
    let (ui, client_id) = (ui.clone(), client_id.to_owned());
    ui.debug.then(|| Trace(Arc::new(move |what: &str| ui.detail(&format!("Client {client_id} {what}.")))))
}

/// Warns of an unfinished rotation of the device, and returns the credential that it has made.
pub fn warn_of_rotation(ui: &Ui, config: &Config, device: &DeviceName) -> Option<CredentialFile> {
    match rotation::pending(&config.places, device) {
        Ok(pending) => {
            let pending = pending?;
            let program = &ui.program;
            ui.warn(&format!(
                "a rotation of {device} is not finished; `{program} device rotate '{device}'` finishes it."
            ));
            Some(pending)
        }
        Err(e) => {
            ui.warn(&format!("{e}; a rotation of {device} may be unfinished."));
            None
        }
    }
}

/// Reads a quality of service: 0, 1 or 2.
pub fn qos() -> impl TypedValueParser<Value = QoS> {
    PossibleValuesParser::new(["0", "1", "2"]).map(|text| match text.as_str() {
        "1" => QoS::AtLeastOnce,
        "2" => QoS::ExactlyOnce,
        _ => QoS::AtMostOnce,
    })
}

/// Prepares a connection to `url`, with TLS if it asks for it, and warns of what does not protect the credentials.
///
/// # Errors
/// Certificates that cannot be read.
pub fn endpoint(ui: &Ui, config: &Config, url: BrokerUrl, means: &BrokerConnection) -> anyhow::Result<Endpoint> {
    warn_of_connection(ui, config, &url, means.verification);
    if let Some(proxy) = means.way.proxy_to(&url) {
        ui.detail(&format!("By way of the proxy {proxy}."));
    }
    Ok(login::endpoint(url, means)?)
}

/// Returns how a connection to `url` is made. The client certificate is read only if there is TLS.
///
/// # Errors
/// Files that cannot be read or used.
pub fn means(
    ui: &Ui,
    config: &Config,
    url: &BrokerUrl,
    insecure: bool,
    tls: &TlsArgs,
    cafile: Option<PathBuf>,
    way: BrokerRoute,
) -> anyhow::Result<BrokerConnection> {
    let client = if url.tls { tls.client(ui, config)? } else { ClientTls::default() };
    Ok(BrokerConnection { roots: tls.roots(config, cafile), verification: verification(insecure), tls: client, way })
}

/// Warns of what does not protect the credentials, or the messages, on the way to `url`.
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

/// Returns what `--insecure` asks for.
pub fn verification(insecure: bool) -> Verification {
    if insecure { Verification::DangerSkipped } else { Verification::Required }
}

/// Logs in with the first of the identity's credentials that the broker accepts.
///
/// # Errors
/// [`ConnectError`] of the last attempt, or a token that cannot be minted.
pub async fn log_in(
    ui: &Ui,
    endpoint: &Endpoint,
    identity: &Identity,
    terms: &Terms<'_>,
) -> anyhow::Result<Connection> {
    let Identity { user_name, candidates, .. } = identity;
    let result = login::log_in(endpoint, user_name, candidates, terms, |event| match event {
        Event::Expired(refusal) => ui.detail(&format!("Skipped: {refusal}.")),
        Event::Trying(Candidate { origin, .. }) => {
            ui.detail(&format!("Logging in as {user_name} with {origin}."));
        }
        Event::Refused { is_last: true, .. } => {}
        Event::Refused { candidate, .. } => {
            ui.detail(&format!("The broker does not accept {}; trying the next.", candidate.origin));
        }
    });
    result.await.map(|logged_in| logged_in.connection).map_err(|error| log_in_failed(error, terms.version))
}

/// Explains a failed log-in.
pub fn log_in_failed(error: LoginError, version: Version) -> anyhow::Error {
    match error {
        LoginError::NoCredential(user_name) => no_credential(&user_name).into(),
        LoginError::Expired(refusal) => refusal.into(),
        LoginError::Token(e) => e.into(),
        LoginError::Connect { source: e @ ConnectError::Refused { code: 1 | 0x84, .. }, .. }
            if version == Version::V311 =>
        {
            let failure =
                CliError::new(ExitKind::Config, "the broker does not speak MQTT 3.1.1, as every I3 broker does")
                    .hint_of(
                        entry!("not-a-broker"),
                        "check the broker's address; a broker of another kind may accept -V 5",
                    );
            anyhow::Error::new(e).context(failure)
        }
        LoginError::Connect { source, by_token: true } if source.refuses_credential() => {
            anyhow::Error::new(source).context(ByToken { at: SystemTime::now() })
        }
        LoginError::Connect { source, .. } => source.into(),
    }
}

fn no_credential(user_name: &str) -> CliError {
    let failure = CliError::new(ExitKind::Config, format!("no credential is known for {user_name}"));
    match user_name.contains('$') {
        true => failure.hint(entry!("no-credentials")),
        false => failure.hint_of(
            entry!("no-credentials"),
            "give --pw-file FILE with the account's broker password, which `{i3} notifications broker-password --out FILE` \
             saves",
        ),
    }
}

/// So much time threads get that end anyway.
const THREADS_END: Duration = Duration::from_millis(200);

/// Runs the asynchronous part of a command: one thread, sockets and timers.
///
/// # Errors
/// The system has no event queue left, or the error of `work`.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let result = runtime.block_on(work);
    // A thread that has signed with a key on a token ends before the process does: the PKCS#11 module cleans up after each of
    // both, and crashes if it is at the same time. One that still resolves a host name is not waited for any longer.
    runtime.shutdown_timeout(THREADS_END);
    result
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
