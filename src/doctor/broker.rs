//! What the broker says: that it answers, which MQTT it speaks, which credential it takes, and why it takes none.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::local::at_market;
use super::market::way_to;
use super::{Candidate, Check, DoctorRun, Finding, Held, Status};
use crate::broker_url::BrokerUrl;
use crate::catalogue::{Entry, entry};
use crate::config::{Config, Device};
use crate::guard::{CheckContext, Password, source};
use crate::key::PrivateKey;
use crate::mqtt::connection::{ConnectError, ConnectOptions, Connection, Endpoint, random_client_id};
use crate::mqtt::packet::Version;
use crate::name::DeviceName;
use crate::secret::Secret;
use crate::shell;
use crate::tls::{self, Roots, Verification};

/// What a broker answers to a credential that it does not take.
macro_rules! refused {
    () => {
        ConnectError::Refused { code: 4 | 5 | 0x86 | 0x87, .. }
    };
}

/// How long it is looked what the port beside the broker's speaks.
const OTHER_PORT: Duration = Duration::from_secs(3);
/// How many other devices are tried, to see whether the broker takes anybody.
const OTHERS: usize = 2;

/// The steps up to a log-in of the device: its connection, or None if there is none.
pub(super) async fn examine(e: &mut DoctorRun<'_>) -> Option<Session> {
    let session = connect(e).await;
    if session.is_none() {
        for check in [Check::Broker, Check::Mqtt, Check::LogIn, Check::Publish, Check::Read] {
            if e.status(check).is_none() {
                e.add(Finding::skipped(check, "an earlier step is in the way"));
            }
        }
    }
    session
}

/// A logged-in device, and what logs it in again.
pub(super) struct Session {
    pub endpoint: Endpoint,
    pub device: DeviceName,
    pub connection: Connection,
    pub password: Secret,
}

async fn connect(e: &mut DoctorRun<'_>) -> Option<Session> {
    let url = e.broker.clone()?;
    let tls = match url.tls.then(|| tls::client_config(&e.asked.roots, e.asked.verification)).transpose() {
        Ok(tls) => tls,
        Err(error) => {
            e.add(Finding::said(Check::Broker, error));
            return None;
        }
    };
    let way = way_to(&url.host, url.port, e.asked.timeout);
    let open = if url.tls || url.is_loopback() { None } else { Some("the way there is not encrypted".to_string()) };
    let endpoint = Endpoint { url, tls };
    // Without credentials: no log-in of anybody's is spent on it.
    let plain = try_login(e, &endpoint, Version::V311, "", &Secret::default()).await;
    let answers = match plain {
        Err(error) if !matches!(error, ConnectError::Refused { .. }) => {
            e.add(Finding::said(Check::Broker, error).seen(way).seen(open));
            return None;
        }
        answers => answers,
    };
    e.add(Finding::well(Check::Broker, format!("{} answers", endpoint.url)).seen(way).seen(open));
    let step = versions(e, &endpoint, answers).await;
    let speaks_it = step.status == Status::Well;
    e.add(step);
    if !speaks_it {
        return None;
    }
    let device = e.device.clone()?;
    if e.candidates.is_empty() {
        e.add(Finding::skipped(Check::LogIn, "there is no credential to log in with"));
        return None;
    }
    let (step, session) = log_in(e, endpoint, device).await;
    e.add(step);
    session
}

async fn versions(e: &DoctorRun<'_>, endpoint: &Endpoint, anonymous: Result<Connection, ConnectError>) -> Finding {
    let transport = if endpoint.tls.is_some() { "MQTT over TLS" } else { "plain MQTT" };
    let mut evidence = vec![format!("port {} speaks {transport}", endpoint.url.port)];
    evidence.push(match anonymous {
        Err(error @ ConnectError::Refused { code: 1 | 0x84, .. }) => {
            let summary = "the broker does not take MQTT 3.1.1, which every broker of I3's does";
            let step =
                Finding::wrong(Check::Mqtt, entry!("not-a-broker"), summary).seen(evidence).seen([error.to_string()]);
            return step.remedy("check host and port of --broker");
        }
        Ok(connection) => {
            let _ = connection.close().await;
            "a client without credentials is let in (CONNACK 0), and nothing is delivered to it".into()
        }
        Err(error) => format!("a client without credentials is refused ({error})"),
    });
    let five = match try_login(e, endpoint, Version::V5, "", &Secret::default()).await {
        Ok(connection) => {
            let _ = connection.close().await;
            Ok(())
        }
        Err(ConnectError::Refused { code, .. }) if code != 1 && code != 0x84 => Ok(()),
        Err(error) => Err(format!("MQTT 5: {error}")),
    };
    if endpoint.tls.is_none() && endpoint.url.port != BrokerUrl::TLS_PORT {
        evidence.extend(other_port(&endpoint.url.host, BrokerUrl::TLS_PORT, e.asked.timeout).await);
    }
    let summary = if five.is_ok() { "MQTT 3.1.1 and 5" } else { "MQTT 3.1.1 alone" };
    Finding::well(Check::Mqtt, format!("{transport}, {summary}")).seen(evidence).seen(five.err())
}

/// What the port that is meant for TLS speaks, where anything answers there; nothing is sent but a handshake.
async fn other_port(host: &str, port: u16, timeout: Duration) -> Option<String> {
    // No secret goes over this connection, so whose certificate it is does not matter.
    let tls = tls::client_config(&Roots::System, Verification::DangerSkipped).ok()?;
    let endpoint = Endpoint { url: BrokerUrl { tls: true, host: host.into(), port }, tls: Some(tls) };
    let nobody = Secret::default();
    let (client_id, keep_alive) = (random_client_id(), Duration::from_secs(60));
    let login = ConnectOptions {
        version: Version::V311,
        client_id: &client_id,
        clean: true,
        keep_alive,
        user_name: "",
        password: &nobody,
    };
    match Connection::open(&endpoint, &login, Instant::now() + timeout.min(OTHER_PORT)).await {
        // Let in or not, the handshake was done.
        Ok(_) | Err(ConnectError::Refused { .. }) => {
            Some(format!("port {port} speaks TLS: {} keeps passwords from being read on the way", endpoint.url))
        }
        Err(ConnectError::NotTls { .. }) => Some(format!("port {port} answers, and speaks no TLS")),
        Err(_) => None,
    }
}

/// Logs in once, with a client id that nobody has used.
pub(super) async fn try_login(
    e: &DoctorRun<'_>,
    endpoint: &Endpoint,
    version: Version,
    user_name: &str,
    password: &Secret,
) -> Result<Connection, ConnectError> {
    knock_as(e, endpoint, version, &random_client_id(), user_name, password).await
}

/// Logs in once with this client id.
pub(super) async fn knock_as(
    e: &DoctorRun<'_>,
    endpoint: &Endpoint,
    version: Version,
    client_id: &str,
    user_name: &str,
    password: &Secret,
) -> Result<Connection, ConnectError> {
    let login =
        ConnectOptions { version, client_id, clean: true, keep_alive: Duration::from_secs(60), user_name, password };
    Connection::open(endpoint, &login, Instant::now() + e.asked.timeout).await
}

async fn log_in(e: &DoctorRun<'_>, endpoint: Endpoint, device: DeviceName) -> (Finding, Option<Session>) {
    const CHECK: Check = Check::LogIn;
    let mut evidence = Vec::new();
    for candidate in &e.candidates {
        let password = match candidate.secret(device.as_str()) {
            Ok(password) => password,
            Err(error) => return (Finding::said(CHECK, error).seen(evidence), None),
        };
        match try_login(e, &endpoint, Version::V311, device.as_str(), &password).await {
            Ok(connection) => {
                evidence.push(format!("{}: taken (CONNACK 0)", candidate.origin));
                let step = Finding::well(CHECK, format!("the broker takes {}", candidate.origin)).seen(evidence);
                return (step, Some(Session { endpoint, device, connection, password }));
            }
            Err(error @ refused!()) => evidence.push(format!("{}: {error}", candidate.origin)),
            Err(error) => return (Finding::said(CHECK, error).seen(evidence), None),
        }
    }
    (why_refused(e, &endpoint, &device, evidence).await, None)
}

/// Tells apart what the broker answers with one code (I3 facts §4), by trying; what cannot be told remains.
async fn why_refused(
    e: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    mut evidence: Vec<String>,
) -> Finding {
    const CHECK: Check = Check::LogIn;
    if let Some(down) = e.steps.iter().find(|step| step.is_database_down()) {
        let summary = format!("the broker refuses the log-in of {device}, as it does everybody's without its database");
        evidence.push(format!("{}: {}", down.check.name(), down.summary));
        return Finding::wrong(CHECK, entry!("database-down"), summary).seen(evidence);
    }
    let serves_others = serves_others(e, endpoint, &mut evidence).await;
    let mut remains: Vec<&'static Entry> = Vec::new();
    for candidate in &e.candidates {
        match other_form(e, endpoint, device, candidate, &mut evidence).await {
            Form::Proved(entry, summary) => {
                return Finding::wrong(CHECK, entry, summary).remedy(anew(device, candidate)).seen(evidence);
            }
            Form::Possible(entries) => remains.extend(entries),
            Form::Neither => {}
        }
    }
    let device_is_fine = e.status(Check::Device) == Some(Status::Well);
    if !serves_others {
        remains.push(entry!("database-down"));
    }
    if e.status(Check::Device).is_none_or(|status| matches!(status, Status::Unknown | Status::Skipped)) {
        evidence.push("what the marketplace shows of the device is not known".into());
        remains.extend([entry!("device-missing"), entry!("device-doubled"), entry!("device-case-twins")]);
    }
    let by_token = e.candidates.iter().any(Candidate::is_token);
    if by_token && e.status(Check::Clock) != Some(Status::Well) {
        remains.push(entry!("clock"));
    }
    let first = e.candidates.first().map_or("the credential".into(), |candidate| candidate.origin.clone());
    // A row that the hub shows may have no log-in any more (I3 facts §6.1).
    if e.status(Check::Device) != Some(Status::Wrong) {
        remains.push(entry!("device-dead"));
    }
    if device_is_fine && serves_others {
        let summary =
            format!("the broker refuses {first} and takes others: {device} was registered with another credential");
        let step = Finding::wrong(CHECK, entry!("credential-wrong"), summary).seen(evidence).or(&remains);
        return match e.candidates.first() {
            Some(candidate) => step.remedy(format!(
                "{}; if the broker does not take it then, run `{{i3}} device repair '{device}'`",
                anew(device, candidate)
            )),
            None => step,
        };
    }
    remains.insert(0, entry!("credential-wrong"));
    let summary = format!("the broker refuses the log-in of {device} with {first}");
    Finding::wrong(CHECK, entry!("log-in-refused"), summary)
        .seen(evidence)
        .or(&remains)
        .remedy(narrowed(e, device, &remains))
}

/// The command that registers what is at hand.
fn anew(device: &DeviceName, candidate: &Candidate) -> String {
    let what = match (&candidate.held, candidate.origin.split_once(' ')) {
        (Held::Key(_), Some(("key", path))) => format!(" --key {}", shell::quoted(path)),
        (Held::Password(_), Some(("file", path))) => format!(" --password-file {}", shell::quoted(path)),
        _ => String::new(),
    };
    format!("register it anew with `{{i3}} device passwd '{device}'{what}`")
}

/// The next thing to do where several causes remain.
fn narrowed(e: &DoctorRun<'_>, device: &DeviceName, remains: &[&'static Entry]) -> String {
    match e.status(Check::Device) {
        Some(Status::Wrong) => "correct what is wrong before this step, and run `{i3} doctor` again".into(),
        Some(Status::Well) if remains.contains(&entry!("database-down")) => format!(
            "run `{{i3}} doctor '{device}' --buyer NAME --buyer-pw-file FILE` with the broker password of an account that \
             has bought something, or where another device is configured: whether the broker takes that one tells these \
             apart"
        ),
        _ => format!("run `{{i3}} doctor '{device}'` with the marketplace's log-in: that tells these apart"),
    }
}

/// Whether the broker lets anybody in: the buyer's account, other devices that are known here. The marketplace's own log-in
/// is no use: its password never logs in at the broker (I3 facts §6.4), and is never sent there.
async fn serves_others(e: &DoctorRun<'_>, endpoint: &Endpoint, evidence: &mut Vec<String>) -> bool {
    let mut tried = false;
    let mut others: Vec<(String, Secret)> = e.asked.buyer.iter().cloned().collect();
    if let (Some(config), Some(own)) = (&e.config, &e.device) {
        let known = config.devices().filter(|(name, device)| name != own && on(config, device, endpoint));
        others.extend(
            known.filter_map(|(name, device)| Some((name.to_string(), secret_of(config, &name, device)?))).take(OTHERS),
        );
    }
    for (user, password) in others {
        match try_login(e, endpoint, Version::V311, &user, &password).await {
            Ok(connection) => {
                let _ = connection.close().await;
                evidence.push(format!("the broker takes {user}: it is the device that it refuses"));
                return true;
            }
            Err(error) => {
                evidence.push(format!("{user}: {error}"));
                tried = true;
            }
        }
    }
    evidence.push(match tried {
        true => "nobody else who was tried is let in either".into(),
        false => "no other user of the broker is known that could be tried".into(),
    });
    false
}

/// Whether a device that is known belongs to this broker by what the configuration says: an option that names another one
/// must not take the credentials of other devices there.
fn on(config: &Config, device: &Device, endpoint: &Endpoint) -> bool {
    let broker = device.broker.clone().or_else(|| Some(config.broker(None, None)?.value));
    let url = match (broker, config.market(None)) {
        (Some(broker), _) => broker.parse().ok(),
        (None, Some(market)) => market.value.parse().ok().map(|url| at_market(&url)),
        (None, None) => None,
    };
    url.is_some_and(|url| url == endpoint.url)
}

/// What logs another device in, if it is at hand without asking anybody.
fn secret_of(config: &Config, name: &DeviceName, device: &Device) -> Option<Secret> {
    if let Some(file) = &device.password_file {
        let known = CheckContext { device_key: None, now: SystemTime::now() };
        return Some(Password::check(source::file(file).ok()?, &known).ok()?.secret().clone());
    }
    let key = PrivateKey::read(&config.key_file(name)?, || Ok(None)).ok()?;
    Candidate { origin: String::new(), held: Held::Key(Box::new(key)) }.secret(name.as_str()).ok()
}

/// Whether what is stored for the device is this credential in another form.
enum Form {
    Proved(&'static Entry, String),
    Possible(Vec<&'static Entry>),
    Neither,
}

async fn other_form(
    e: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    candidate: &Candidate,
    evidence: &mut Vec<String>,
) -> Form {
    match &candidate.held {
        Held::Key(key) => {
            // No secret: whoever registers the key shows it.
            let body = Secret::new(key.public().body());
            let taken = takes(e, endpoint, device, &body, evidence).await;
            if taken == Some(true) {
                evidence.push("the text of the public key logs the device in as a password".into());
                let summary = "the key was registered as a password (type 1), so its text has become the password";
                return Form::Proved(entry!("credential-type"), summary.into());
            }
            if taken.is_none() {
                return Form::Possible(vec![entry!("credential-type"), entry!("key-unusable")]);
            }
            evidence
                .push("the text of the public key is not its password: the key is not registered under type 1".into());
            Form::Possible(vec![entry!("key-unusable")])
        }
        Held::Password(password) if password.kind() == crate::guard::PasswordKind::Password => {
            let shelled = shell::simulate_shell(password.expose()).password;
            if shelled == password.expose() {
                return Form::Possible(vec![entry!("credential-type")]);
            }
            if !shelled.is_empty() && takes(e, endpoint, device, &Secret::new(shelled), evidence).await == Some(true) {
                evidence.push("what a shell makes of the password logs the device in".into());
                let summary = "the password was registered through the marketplace's shell, which stored another one";
                return Form::Proved(entry!("password-mangled"), summary.into());
            }
            evidence.push("the password holds characters that the marketplace's shell does not leave alone".into());
            Form::Possible(vec![entry!("password-mangled"), entry!("credential-type")])
        }
        Held::Password(_) => Form::Neither,
    }
}

/// Whether the broker takes the credential in this other form; None, and why, if it did not say.
async fn takes(
    e: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    password: &Secret,
    evidence: &mut Vec<String>,
) -> Option<bool> {
    match try_login(e, endpoint, Version::V311, device.as_str(), password).await {
        Ok(connection) => {
            let _ = connection.close().await;
            Some(true)
        }
        Err(refused!()) => Some(false),
        Err(error) => {
            evidence.push(format!("another form of the credential could not be tried: {error}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;

    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use rustls::{ServerConfig, ServerConnection, StreamOwned};

    use super::*;

    /// A port where the first connection is handled so.
    fn port(handle: impl FnOnce(std::net::TcpStream) + Send + 'static) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || handle(listener.accept().unwrap().0));
        port
    }

    async fn told(port: u16) -> Option<String> {
        other_port("127.0.0.1", port, Duration::from_secs(60)).await
    }

    #[tokio::test]
    async fn a_port_is_known_by_its_answer_to_a_handshake() {
        let plain = port(|mut stream| drop(stream.read(&mut [0; 1024])));
        assert_eq!(told(plain).await.unwrap(), format!("port {plain} answers, and speaks no TLS"));
        let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(["x".into()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let tls = port(|stream| {
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
            assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
            // CONNACK 5.
            stream.write_all(&[0x20, 2, 0, 5]).unwrap();
        });
        assert!(told(tls).await.unwrap().starts_with(&format!("port {tls} speaks TLS: mqtts://127.0.0.1:{tls}")));
        // Nobody listens on the first port of all.
        assert_eq!(told(1).await, None);
    }
}
