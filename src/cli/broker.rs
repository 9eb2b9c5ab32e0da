//! Options of every command that speaks MQTT: where the broker is, who logs in, and with what.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use tokio::time::Instant;

use super::error::{ByToken, CliError, ExitKind};
use super::keys::KeyArgs;
use super::prompt;
use super::ui::Ui;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::collation::same;
use crate::config::{self, Config, Origin, Setting};
use crate::guard::{self, CheckContext, Password, Refusal, source};
use crate::key::{self, PrivateKey, PublicKey};
use crate::market::url::MarketUrl;
pub use crate::mqtt::connection::random_client_id;
use crate::mqtt::connection::{ConnectError, ConnectOptions, Connection, Endpoint};
use crate::mqtt::packet::{QoS, Version};
pub use crate::mqtt::reconnect::CleanStart;
use crate::mqtt::reconnect::RetryClass;
use crate::name::DeviceName;
use crate::rotation;
use crate::secret::Secret;
use crate::tls::{self, Roots, Verification};
use crate::token::{self, Lifetime, Token};

/// Where the broker is and how to speak with it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Broker")]
pub struct BrokerArgs {
    /// Connect to mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]
    #[arg(long, value_name = "URL", conflicts_with_all = ["host", "port"])]
    broker: Option<String>,
    /// Connect to HOST; without a value, print this help
    #[arg(short = 'h', long, value_name = "HOST", num_args = 0..=1)]
    host: Option<Option<String>>,
    /// Connect to this port
    #[arg(short, long, value_name = "PORT")]
    port: Option<u16>,
    /// Trust the certificates in FILE (PEM) instead of the system's; with -h, also turns TLS on
    #[arg(long, value_name = "FILE")]
    pub cafile: Option<PathBuf>,
    /// Take any certificate: anyone on the way can read and change everything; with -h, also turns TLS on
    #[arg(long)]
    pub insecure: bool,
    /// Speak this version of MQTT; I3's released broker speaks 3.1.1 only
    #[arg(short = 'V', long, value_enum, default_value_t)]
    protocol_version: ProtocolVersion,
    /// Use this client id instead of a random one
    #[arg(short, long, value_name = "ID")]
    pub id: Option<String>,
    /// Ping after so many seconds of silence
    #[arg(short, long, value_name = "SECONDS", default_value_t = 60)]
    keepalive: u16,
    /// Give up after this time: 10s, 1m
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = super::duration::parse)]
    pub timeout: Duration,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ProtocolVersion {
    /// MQTT 3.1.1
    #[default]
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
    /// Log in as this device, by its full or short name [env: I3_DEVICE]
    #[arg(long, value_name = "NAME", conflicts_with = "username")]
    pub device: Option<String>,
    /// Log in with this user name: a full device name, or an account's name
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]
    #[arg(short = 'P', long = "pw", value_name = "PASSWORD", allow_hyphen_values = true,
          conflicts_with_all = ["pw_file", "pw_stdin", "key"])]
    pw: Option<OsString>,
    /// Read the password or token from FILE
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pw_stdin", "key"])]
    pw_file: Option<PathBuf>,
    /// Read the password or token from stdin
    #[arg(long, conflicts_with = "key")]
    pub pw_stdin: bool,
    #[command(flatten)]
    pub key: KeyArgs,
}

/// One way to log in.
pub enum Credential {
    Key { path: PathBuf, key: Box<PrivateKey> },
    Password(Password),
}

/// A credential and where it came from.
pub struct Candidate {
    pub credential: Credential,
    pub origin: String,
    /// It was read from a file, which may hold another the next time.
    pub in_file: bool,
}

/// Who logs in, and the credentials to try, the most explicit first.
pub struct Identity {
    pub user_name: String,
    pub device: Option<DeviceName>,
    pub candidates: Vec<Candidate>,
}

impl Identity {
    /// As [`trouble`], and a token that has expired meanwhile may be renewed in its file.
    pub fn trouble(&self, error: &anyhow::Error) -> RetryClass {
        match error.is::<Refusal>() && self.candidates.iter().any(|candidate| candidate.in_file) {
            true => RetryClass::Refused,
            false => trouble(error),
        }
    }
}

impl CredentialArgs {
    /// Resolves who logs in: `-u`, `--device`, else the device that the configuration knows.
    ///
    /// # Errors
    /// An unknown device, a credential that the guard refuses, or none at all.
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
        let check = |secret: Secret| checked(secret, device.as_ref().and_then(|d| self.known_public_half(config, d)));
        let password = |secret: Secret, origin: &str| -> anyhow::Result<Candidate> {
            let password = check(secret)?;
            for note in password.notes() {
                ui.warn(&format!("{note}."));
            }
            let in_file = origin.starts_with("file ");
            Ok(Candidate { credential: Credential::Password(password), origin: origin.into(), in_file })
        };
        let mut candidates = Vec::new();
        if let Some(text) = &self.pw {
            ui.warn("other users of this machine can read a password on the command line; --pw-file and I3_PASSWORD hide it.");
            candidates.push(password(source::option(text)?, "option --pw")?);
        } else if let Some(file) = &self.pw_file {
            candidates.push(password(source::file(file)?, &format!("file {}", file.display()))?);
        } else if self.pw_stdin {
            candidates.push(password(source::stdin(std::io::stdin().lock())?, "stdin")?);
        } else if let Some(path) = &self.key.key {
            candidates.push(self.key_candidate(ui, path)?);
        } else {
            if let Some(secret) = source::environment(variable)? {
                candidates.push(password(secret, &format!("environment variable {variable}"))?);
            }
            if let Some(device) = &device {
                let by_key = self.key.find(config, Some(device)).map(|path| self.key_candidate(ui, &path));
                let by_file = config.device(device).and_then(|d| d.password_file.as_deref()).map(|file| {
                    let secret = source::file(file)?;
                    password(secret, &format!("file {}", file.display()))
                });
                let by_rotation = self.rotated(ui, config, device).map(|(kind, path)| match kind {
                    rotation::SecretKind::Key => self.key_candidate(ui, &path),
                    rotation::SecretKind::Password => {
                        password(source::file(&path)?, &format!("file {}", path.display()))
                    }
                });
                for found in [by_key, by_file, by_rotation].into_iter().flatten() {
                    match found {
                        Ok(candidate) => candidates.push(candidate),
                        // What the environment says comes first; what is kept is only there in case it is refused.
                        Err(e) if !candidates.is_empty() => ui.detail(&format!("Left out: {e:#}.")),
                        Err(e) => return Err(e),
                    }
                }
            }
        }
        if candidates.is_empty()
            && let Some(secret) = prompt::secret(ui, &format!("Password of {user_name}"))?
        {
            candidates.push(password(secret, "the terminal")?);
        }
        if candidates.is_empty() {
            return Err(no_credential(&user_name).into());
        }
        Ok(Identity { user_name, device, candidates })
    }

    /// Looks again at what is on disk, for a connection after the first: a key or password that was rotated meanwhile is
    /// taken up, also if the configuration names another file for it by now. What cannot be had without asking anybody,
    /// and what was read from stdin, stays as it is: `None`. `variable` is that of [`CredentialArgs::with_credentials`].
    pub fn renewed(&self, ui: &Ui, identity: &Identity, variable: &'static str) -> Option<Identity> {
        if self.pw.is_some() || self.pw_stdin {
            return None;
        }
        let found = Config::load().map_err(anyhow::Error::from).and_then(|config| {
            let (name, device) = (identity.user_name.clone(), identity.device.clone());
            self.with_credentials(ui, &config, name, device, variable)
        });
        found.inspect_err(|e| ui.detail(&format!("The credential is used as it was: {e:#}."))).ok()
    }

    /// The credential that an unfinished rotation has made, if it is not the one that is known anyway: nobody can tell
    /// which of the two the broker takes.
    fn rotated(&self, ui: &Ui, config: &Config, device: &DeviceName) -> Option<(rotation::SecretKind, PathBuf)> {
        let (kind, path) = warn_of_rotation(ui, config, device)?;
        let key = self.key.find(config, Some(device));
        let password = config.device(device).and_then(|d| d.password_file.clone());
        (Some(&path) != key.as_ref() && Some(&path) != password.as_ref()).then_some((kind, path))
    }

    fn key_candidate(&self, ui: &Ui, path: &Path) -> anyhow::Result<Candidate> {
        let key = Box::new(self.key.read(ui, path)?);
        let origin = format!("key {}", path.display());
        Ok(Candidate { credential: Credential::Key { path: path.into(), key }, origin, in_file: true })
    }

    /// The device's public half, as far as it can be had without asking anybody.
    fn known_public_half(&self, config: &Config, device: &DeviceName) -> Option<PublicKey> {
        let path = self.key.find(config, Some(device))?;
        let beside = std::fs::read_to_string(key::public_path(&path)).ok();
        let from_beside = beside.and_then(|text| PublicKey::from_pem(&text).ok());
        from_beside.or_else(|| Some(PrivateKey::read(&path, || Ok(None)).ok()?.public().clone()))
    }
}

/// Lets the guard look at what stands where a password belongs.
///
/// # Errors
/// The guard's refusal.
pub fn checked(secret: Secret, device_key: Option<PublicKey>) -> anyhow::Result<Password> {
    // The key matters for tokens alone, and finding it may read files.
    let device_key = device_key.filter(|_| Token::parse(secret.expose()).is_some());
    Ok(Password::check(secret, &CheckContext { device_key: device_key.as_ref(), now: SystemTime::now() })?)
}

impl Credential {
    /// What goes into CONNECT's password field; a token is made anew for each log-in.
    ///
    /// # Errors
    /// [`token::TokenError`].
    pub fn password(&self, user_name: &str) -> Result<Secret, token::TokenError> {
        match self {
            Credential::Key { key, .. } => token::mint(key, user_name, Lifetime::DEFAULT, SystemTime::now()),
            Credential::Password(password) => Ok(password.secret().clone()),
        }
    }

    /// Looks again at a token that the guard let through: it may have expired since.
    ///
    /// # Errors
    /// The guard's refusal.
    fn recheck(&self) -> Result<(), Refusal> {
        match self {
            Credential::Password(password) if password.kind() == guard::PasswordKind::Token => {
                let known = CheckContext { device_key: None, now: SystemTime::now() };
                Password::check(password.secret().clone(), &known).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Whether it is a token that is sent, of this tool's making or the seller's.
    pub fn is_token(&self) -> bool {
        match self {
            Credential::Key { .. } => true,
            Credential::Password(password) => Token::parse(password.expose()).is_some(),
        }
    }
}

impl BrokerArgs {
    /// Whether `-h` was given without a host, which asks for the help text where nothing else is asked for.
    ///
    /// # Errors
    /// If something else is: an unset variable (`-h $BROKER -t …`) must not end in exit code 0.
    pub fn asks_for_help(&self, nothing_else: bool) -> anyhow::Result<bool> {
        match (&self.host, nothing_else) {
            (Some(None), true) => Ok(true),
            (Some(None), false) => Err(CliError::new(ExitKind::Usage, "-h names no host")
                .hint("give -h HOST, or --help for the help text")
                .into()),
            _ => Ok(false),
        }
    }

    /// Whether MQTT 5 is asked for.
    pub fn speaks_v5(&self) -> bool {
        self.protocol_version == ProtocolVersion::V5
    }

    /// Resolves the broker: option, environment, the device's own, config, else the marketplace's host.
    ///
    /// # Errors
    /// No broker known, a bad URL, certificates that cannot be read.
    pub fn endpoint(&self, ui: &Ui, config: &Config, device: Option<&DeviceName>) -> anyhow::Result<Setting<Endpoint>> {
        let url = self.url(config, device)?;
        let roots = match config.cafile(self.cafile.clone()) {
            Some(file) => Roots::File(file.value),
            None => Roots::System,
        };
        let endpoint = endpoint(ui, url.value, &roots, self.insecure)?;
        ui.detail(&format!("Broker {} ({}).", endpoint.url, url.origin));
        Ok(Setting { value: endpoint, origin: url.origin })
    }

    fn url(&self, config: &Config, device: Option<&DeviceName>) -> anyhow::Result<Setting<BrokerUrl>> {
        if self.host.is_some() || self.port.is_some() {
            let tls = self.cafile.is_some() || self.insecure;
            let port = self.port.unwrap_or(if tls { BrokerUrl::TLS_PORT } else { BrokerUrl::PLAIN_PORT });
            let host = self.host.clone().flatten().unwrap_or_else(|| "localhost".into());
            // Read as a URL, so that a host is what a host is there.
            let bracketed = if host.contains(':') { format!("[{host}]") } else { host };
            let url = format!("{}://{bracketed}:{port}", if tls { "mqtts" } else { "mqtt" }).parse()?;
            return Ok(Setting { value: url, origin: Origin::Option("--host") });
        }
        if let Some(url) = config.broker(self.broker.clone(), device) {
            return Ok(url.try_map(|text| text.parse())?);
        }
        let market = config
            .market(None)
            .ok_or_else(|| CliError::new(ExitKind::Config, "no broker is known").hint(entry!("no-broker")))?;
        let host = market.value.parse::<MarketUrl>()?.host().to_string();
        Ok(Setting { value: BrokerUrl { tls: false, host, port: BrokerUrl::PLAIN_PORT }, origin: market.origin })
    }

    /// The client id: the given one, or a random one, which also escapes the broker's permission cache (I3 facts §4).
    ///
    /// # Errors
    /// An id with `+`, `#` or `/`: such a client connects, and the broker drops every message of it.
    pub fn client_id(&self) -> anyhow::Result<String> {
        match &self.id {
            Some(id) if id.is_empty() || id.contains(['+', '#', '/', '\0']) => {
                Err(CliError::new(ExitKind::Data, format!("'{id}' cannot be a client id"))
                    .because("with + # or / in it the broker takes every message and drops it; an empty one is refused")
                    .hint(entry!("client-id"))
                    .into())
            }
            Some(id) => Ok(id.clone()),
            None => Ok(random_client_id()),
        }
    }

    /// Logs in with the first credential that the broker takes.
    ///
    /// # Errors
    /// [`ConnectError`] of the last attempt, or a token that cannot be made.
    pub async fn log_in(
        &self,
        ui: &Ui,
        endpoint: &Endpoint,
        client_id: &str,
        identity: &Identity,
        session: CleanStart,
    ) -> anyhow::Result<Connection> {
        let version = match self.protocol_version {
            ProtocolVersion::V311 => Version::V311,
            ProtocolVersion::V5 => Version::V5,
        };
        let keep_alive = Duration::from_secs(self.keepalive.into());
        let terms = Terms { client_id, version, keep_alive, timeout: self.timeout, session };
        if identity.device.is_none() && same(client_id, &identity.user_name) {
            let entry = entry!("metered-client-id");
            let remedy = entry.remedy(&ui.program);
            ui.warn(&format!("the client id is the account's own name: {}; {remedy}.", entry.cause));
        }
        log_in(ui, endpoint, identity, &terms).await
    }
}

/// Warns if a rotation of the device is not finished, and gives the credential that it has made.
pub fn warn_of_rotation(ui: &Ui, config: &Config, device: &DeviceName) -> Option<(rotation::SecretKind, PathBuf)> {
    match rotation::pending(&config.places, device) {
        Ok(found) => {
            let found = found?;
            ui.warn(&format!(
                "a rotation of {device} is not finished; `{} device rotate '{device}'` goes on with it.",
                ui.program
            ));
            Some(found)
        }
        Err(e) => {
            ui.warn(&format!("{e}; a rotation of {device} may be unfinished."));
            None
        }
    }
}

/// What a failed log-in means for whoever would try again.
pub fn trouble(error: &anyhow::Error) -> RetryClass {
    match error.downcast_ref::<ConnectError>() {
        Some(ConnectError::Refused { code: 5 | 0x87, .. }) => RetryClass::Refused,
        None
        | Some(
            ConnectError::Refused { code: 1 | 2 | 4 | 0x80..=0x86 | 0x8A | 0x8C, .. }
            | ConnectError::Tls { .. }
            | ConnectError::NotTls { .. }
            | ConnectError::Unsendable(_),
        ) => RetryClass::Final,
        Some(_) => RetryClass::Passing,
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

/// Prepares the way to `url`, with TLS where it asks for it.
///
/// # Errors
/// Certificates that cannot be read.
pub fn endpoint(ui: &Ui, url: BrokerUrl, roots: &Roots, insecure: bool) -> anyhow::Result<Endpoint> {
    if !url.tls && !url.is_loopback() {
        ui.warn(&format!("the way to {url} is not encrypted: the password or token can be read on it."));
    }
    let tls = match (url.tls, insecure) {
        (false, _) => None,
        (true, false) => Some(tls::client_config(roots, Verification::Required)?),
        (true, true) => {
            ui.warn("--insecure: the broker's certificate is not checked; anyone on the way can read and change everything.");
            Some(tls::client_config(roots, Verification::DangerSkipped)?)
        }
    };
    Ok(Endpoint { url, tls })
}

/// How to log in, whoever it is.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    pub client_id: &'a str,
    pub version: Version,
    pub keep_alive: Duration,
    /// For each credential that is tried.
    pub timeout: Duration,
    pub session: CleanStart,
}

/// Logs in with the first of the identity's credentials that the broker takes.
///
/// # Errors
/// [`ConnectError`] of the last attempt, or a token that cannot be made.
pub async fn log_in(
    ui: &Ui,
    endpoint: &Endpoint,
    identity: &Identity,
    terms: &Terms<'_>,
) -> anyhow::Result<Connection> {
    let Terms { client_id, version, keep_alive, timeout, session } = *terms;
    let clean = session == CleanStart::Yes;
    for (tried, candidate) in identity.candidates.iter().enumerate() {
        let is_last = tried + 1 == identity.candidates.len();
        match candidate.credential.recheck() {
            Ok(()) => {}
            Err(e) if is_last => return Err(e.into()),
            Err(e) => {
                ui.detail(&format!("Left out: {e}."));
                continue;
            }
        }
        let password = candidate.credential.password(&identity.user_name)?;
        ui.detail(&format!("Logging in as {} with {}.", identity.user_name, candidate.origin));
        let login = ConnectOptions {
            version,
            client_id,
            clean,
            keep_alive,
            user_name: &identity.user_name,
            password: &password,
        };
        match Connection::open(endpoint, &login, Instant::now() + timeout).await {
            Ok(connection) => return Ok(connection),
            Err(e) if !is_last && e.refuses_credential() => {
                ui.detail(&format!("The broker does not take {}; trying the next.", candidate.origin));
            }
            Err(e @ ConnectError::Refused { code: 1 | 0x84, .. }) if version == Version::V311 => {
                let failure =
                    CliError::new(ExitKind::Refused, "the broker does not speak MQTT 3.1.1, as every I3 broker does")
                        .hint_of(
                            entry!("not-a-broker"),
                            "check the broker's address; one of another kind may take -V 5",
                        );
                return Err(anyhow::Error::new(e).context(failure));
            }
            Err(e) if e.refuses_credential() && candidate.credential.is_token() => {
                return Err(anyhow::Error::new(e).context(ByToken { at: SystemTime::now() }));
            }
            Err(e) => return Err(e.into()),
        }
    }
    Err(no_credential(&identity.user_name).into())
}

fn no_credential(user_name: &str) -> CliError {
    CliError::new(ExitKind::Config, format!("no credential is known for {user_name}")).hint(entry!("no-credentials"))
}

/// Runs the asynchronous part of a command: one thread, sockets and timers.
///
/// # Errors
/// If the system gives no event queue, or that of `work`.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let result = runtime.block_on(work);
    // A name that is still being looked up on a thread of its own is not waited for.
    runtime.shutdown_background();
    result
}
