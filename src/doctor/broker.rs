//! The broker: whether it answers, which version of MQTT it speaks, which credential it accepts, and why it may accept none.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::finding::{Check, Finding, Status};
use super::network;
use super::run::DoctorRun;
use crate::broker_url::BrokerUrl;
use crate::catalogue::{Entry, entry};
use crate::clock;
use crate::config::{Config, Device};
use crate::guard::PasswordKind;
use crate::guard::source::{self, Content};
use crate::login::origin::signer_unasked;
use crate::login::secret::check_password;
use crate::login::{self, Candidate, Event, LoggedIn, LoginError, LoginSecret, SecretOrigin, Terms, configured_broker};
use crate::mqtt::connection::{ConnectError, ConnectOptions, Connection, Endpoint, random_client_id};
use crate::mqtt::packet::{MAX_CONTROL, MAX_PACKET, Version};
use crate::mqtt::refusal::LogInRefusal;
use crate::name::DeviceName;
use crate::secret::Secret;
use crate::shell::{self, quoted};
use crate::tls::{self, Roots, Verification};

/// Timeout for finding out what the TLS port speaks.
const OTHER_PORT: Duration = Duration::from_secs(3);
/// How many other devices are tried, to see whether the broker accepts anyone.
const OTHERS: usize = 2;

/// Runs the checks up to a log-in of the device; returns its session, if it logged in.
pub(super) async fn examine(run: &mut DoctorRun<'_>) -> Option<Session> {
    let session = connect(run).await;
    if session.is_none() {
        for check in [Check::Broker, Check::Mqtt, Check::LogIn, Check::Publish, Check::Read] {
            if run.status(check).is_none() {
                run.add(Finding::skipped(check, "an earlier check failed"));
            }
        }
    }
    session
}

/// A logged-in device, and the means to log it in again.
pub(super) struct Session {
    pub endpoint: Endpoint,
    pub device: DeviceName,
    pub connection: Connection,
    pub password: Secret,
}

async fn connect(run: &mut DoctorRun<'_>) -> Option<Session> {
    let url = run.broker.clone()?;
    let endpoint = match login::endpoint(url, &run.request.means) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            run.add(Finding::said(Check::Broker, error));
            return None;
        }
    };
    let url = &endpoint.url;
    let way = match endpoint.way.proxy_to(url) {
        Some(proxy) => vec![format!("through the proxy {proxy}")],
        None => network::reach(&url.host, url.port, run.request.timeout),
    };
    let open = (!url.tls && !url.is_loopback()).then(|| "the connection is not encrypted".to_string());
    // Without credentials, so that no token needs to be verified.
    let plain = try_login(run, &endpoint, Version::V311, "", &Secret::default()).await;
    let answers = match plain {
        Err(error) if error.refusal().is_none() => {
            let finding = match without_tls(run, &endpoint, &error).await {
                Some(finding) => finding,
                None => Finding::said(Check::Broker, error),
            };
            run.add(finding.seen(way).seen(open));
            return None;
        }
        answers => answers,
    };
    run.add(Finding::ok(Check::Broker, format!("{} answers", endpoint.url)).seen(way).seen(open));
    let finding = versions(run, &endpoint, answers).await;
    let speaks_it = finding.status == Status::Ok;
    run.add(finding);
    if !speaks_it {
        return None;
    }
    let device = run.device.clone()?;
    if run.candidates.is_empty() {
        run.add(Finding::skipped(Check::LogIn, "there is no credential to log in with"));
        return None;
    }
    let (finding, session) = log_in(run, endpoint, device).await;
    run.add(finding);
    session
}

/// Returns the finding if a port that ends TLS handshakes answers plain MQTT, as I3's 8883 does (I3 facts §4). Nobody logs in
/// there.
async fn without_tls(run: &DoctorRun<'_>, endpoint: &Endpoint, error: &ConnectError) -> Option<Finding> {
    let ConnectError::HandshakeCut { has_spoken_tls: false, .. } = error else { return None };
    let url = BrokerUrl { tls: false, ..endpoint.url.clone() };
    let plain = Endpoint { url, tls: None, way: endpoint.way.clone() };
    match try_login(run, &plain, Version::V311, "", &Secret::default()).await {
        Err(error) if error.refusal().is_none() => return None,
        _ => {}
    }
    let summary = format!("port {} speaks plain MQTT, and no TLS", plain.url.port);
    let remedy = match plain.url.is_loopback() {
        true => format!("use {}", quoted(&plain.url.to_string())),
        false => format!(
            "ask the broker's operator for TLS; with {} the credential and all messages travel in clear text",
            quoted(&plain.url.to_string())
        ),
    };
    Some(Finding::wrong(Check::Broker, entry!("port-without-tls"), summary).seen([error.to_string()]).remedy(remedy))
}

async fn versions(run: &DoctorRun<'_>, endpoint: &Endpoint, anonymous: Result<Connection, ConnectError>) -> Finding {
    let transport = match (&endpoint.url.path, &endpoint.tls) {
        (None, None) => "plain MQTT",
        (None, Some(_)) => "MQTT over TLS",
        (Some(_), None) => "MQTT over WebSocket",
        (Some(_), Some(_)) => "MQTT over WebSocket and TLS",
    };
    let mut evidence = vec![format!("port {} speaks {transport}", endpoint.url.port)];
    evidence.push(match anonymous {
        Err(error) if error.refusal() == Some(LogInRefusal::Broker) => {
            let summary = "the broker does not accept MQTT 3.1.1, as every I3 broker does";
            let finding =
                Finding::wrong(Check::Mqtt, entry!("not-a-broker"), summary).seen(evidence).seen([error.to_string()]);
            return finding.remedy("check the host and port of --broker");
        }
        Ok(connection) => {
            let _ = connection.close().await;
            "a client without credentials is accepted (CONNACK 0), but receives nothing".into()
        }
        Err(error) => format!("a client without credentials is refused ({error})"),
    });
    let five = match try_login(run, endpoint, Version::V5, "", &Secret::default()).await {
        Ok(connection) => {
            let _ = connection.close().await;
            Ok(())
        }
        Err(error) if error.refusal().is_some_and(|refusal| refusal != LogInRefusal::Broker) => Ok(()),
        Err(error) => Err(format!("MQTT 5: {error}")),
    };
    if endpoint.tls.is_none() && endpoint.url.path.is_none() && endpoint.url.port != BrokerUrl::TLS_PORT {
        evidence.extend(other_port(endpoint, BrokerUrl::TLS_PORT, run.request.timeout).await);
    }
    let summary = if five.is_ok() { "MQTT 3.1.1 and 5" } else { "MQTT 3.1.1 only" };
    Finding::ok(Check::Mqtt, format!("{transport}, {summary}")).seen(evidence).seen(five.err())
}

/// Returns what the TLS port speaks, if anything answers there; only a handshake is sent.
async fn other_port(endpoint: &Endpoint, port: u16, timeout: Duration) -> Option<String> {
    // No secret goes over this connection, so the certificate does not matter.
    let tls = tls::client_config(&Roots::System, Verification::DangerSkipped).ok()?;
    let url = BrokerUrl { tls: true, port, ..endpoint.url.clone() };
    let endpoint = Endpoint { url, tls: Some(tls), way: endpoint.way.clone() };
    let nobody = Secret::default();
    let (client_id, keep_alive) = (random_client_id(), Duration::from_secs(60));
    let login = ConnectOptions {
        version: Version::V311,
        client_id: &client_id,
        clean: true,
        keep_alive,
        user_name: "",
        password: &nobody,
        max_packet: MAX_CONTROL,
    };
    match Connection::open(&endpoint, &login, Instant::now() + timeout.min(OTHER_PORT)).await {
        // Accepted or not, the handshake is complete.
        Ok(_) | Err(ConnectError::Refused { .. }) => {
            Some(format!("port {port} speaks TLS: with {} nobody on the network path can read passwords", endpoint.url))
        }
        Err(ConnectError::NotTls { .. }) => Some(format!("port {port} answers, but does not speak TLS")),
        Err(ConnectError::HandshakeCut { .. }) => {
            Some(format!("port {port} accepts connections, and ends them at a TLS handshake"))
        }
        Err(_) => None,
    }
}

/// Logs in once, with a new client id.
pub(super) async fn try_login(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    version: Version,
    user_name: &str,
    password: &Secret,
) -> Result<Connection, ConnectError> {
    try_login_as(run, endpoint, version, &random_client_id(), user_name, password).await
}

/// Logs in once with this client id.
pub(super) async fn try_login_as(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    version: Version,
    client_id: &str,
    user_name: &str,
    password: &Secret,
) -> Result<Connection, ConnectError> {
    let (keep_alive, max_packet) = (Duration::from_secs(60), MAX_PACKET);
    let login = ConnectOptions { version, client_id, clean: true, keep_alive, user_name, password, max_packet };
    Connection::open(endpoint, &login, Instant::now() + run.request.timeout).await
}

async fn log_in(run: &DoctorRun<'_>, endpoint: Endpoint, device: DeviceName) -> (Finding, Option<Session>) {
    const CHECK: Check = Check::LogIn;
    let (client_id, mut evidence) = (random_client_id(), Vec::new());
    let terms = Terms::proof(&client_id, run.request.timeout);
    let result = login::log_in(&endpoint, device.as_str(), &run.candidates, &terms, |event| {
        if let Event::Refused { candidate, error, .. } = event {
            evidence.push(format!("{}: {error}", candidate.origin));
        }
    });
    match result.await {
        Ok(LoggedIn { connection, candidate, password }) => {
            evidence.push(format!("{}: accepted (CONNACK 0)", candidate.origin));
            let finding = Finding::ok(CHECK, format!("the broker accepts {}", candidate.origin)).seen(evidence);
            (finding, Some(Session { endpoint, device, connection, password }))
        }
        Err(LoginError::Connect { source, .. }) if source.refuses_credential() => {
            (why_refused(run, &endpoint, &device, evidence).await, None)
        }
        Err(LoginError::Connect { source, .. }) => (Finding::said(CHECK, source).seen(evidence), None),
        Err(LoginError::Token(error)) => (Finding::said(CHECK, error).seen(evidence), None),
        Err(LoginError::Expired(refusal)) => (Finding::said(CHECK, refusal).seen(evidence), None),
        Err(error @ LoginError::NoCredential(_)) => (Finding::said(CHECK, error), None),
    }
}

/// Finds the cause of a refusal by further log-ins: the broker has one code for all of them (I3 facts §4). Causes that
/// cannot be excluded remain.
async fn why_refused(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    mut evidence: Vec<String>,
) -> Finding {
    if let Some(finding) = known_already(run, device, &mut evidence) {
        return finding.seen(evidence);
    }
    let serves_others = serves_others(run, endpoint, &mut evidence).await;
    let mut remains: Vec<&'static Entry> = Vec::new();
    for candidate in &run.candidates {
        match other_form(run, endpoint, device, candidate, &mut evidence).await {
            Form::Proved(entry, summary) => {
                let finding = Finding::wrong(Check::LogIn, entry, summary);
                return finding.remedy(register_again(device, candidate)).seen(evidence);
            }
            Form::Possible(entries) => remains.extend(entries),
            Form::Neither => {}
        }
    }
    remains.extend(not_excluded(run, serves_others, &mut evidence));
    verdict(run, device, serves_others, remains).seen(evidence)
}

/// Returns the cause if an earlier check has found it: the broker's database is down, or this machine's clock is wrong.
fn known_already(run: &DoctorRun<'_>, device: &DeviceName, evidence: &mut Vec<String>) -> Option<Finding> {
    if let Some(down) = run.findings.iter().find(|finding| finding.is_database_down()) {
        let summary =
            format!("the broker refuses the log-in of {device}, as it refuses everyone while its database is down");
        evidence.push(format!("{}: {}", down.check.name(), down.summary));
        return Some(Finding::wrong(Check::LogIn, entry!("database-down"), summary));
    }
    let doubt = clock::doubt(SystemTime::now()).filter(|_| by_token(run))?;
    let summary = format!("the broker refuses the log-in of {device} with a token: {doubt}");
    Some(Finding::wrong(Check::LogIn, entry!("clock"), summary))
}

fn by_token(run: &DoctorRun<'_>) -> bool {
    run.candidates.iter().any(|candidate| candidate.secret.is_token())
}

/// Returns the causes other than the credential and its form that no check has excluded.
fn not_excluded(run: &DoctorRun<'_>, serves_others: bool, evidence: &mut Vec<String>) -> Vec<&'static Entry> {
    let mut remains = Vec::new();
    if !serves_others {
        remains.push(entry!("database-down"));
    }
    if run.status(Check::Device).is_none_or(|status| matches!(status, Status::Unknown | Status::Skipped)) {
        evidence.push("the marketplace's data about the device is unknown".into());
        remains.extend([entry!("device-missing"), entry!("device-doubled"), entry!("device-case-twins")]);
    }
    if run.device.as_ref().is_some_and(|device| !device.as_str().is_ascii()) {
        remains.push(entry!("device-not-ascii"));
    }
    if by_token(run) && run.status(Check::Clock) != Some(Status::Ok) {
        remains.push(entry!("clock"));
    }
    // A device that the hub shows may have lost its log-in (I3 facts §6.1).
    if run.status(Check::Device) != Some(Status::Wrong) {
        remains.push(entry!("device-dead"));
    }
    remains
}

/// Returns the finding once all log-ins are tried: only the credential can be wrong, or it is one of several causes.
fn verdict(run: &DoctorRun<'_>, device: &DeviceName, serves_others: bool, mut remains: Vec<&'static Entry>) -> Finding {
    let first = run.candidates.first();
    let credential = first.map_or("the credential".into(), |candidate| candidate.origin.to_string());
    let device_is_fine = run.status(Check::Device) == Some(Status::Ok);
    if device_is_fine && serves_others && !device.as_str().is_ascii() {
        remains.retain(|entry| *entry != entry!("device-not-ascii"));
        remains.insert(0, entry!("credential-wrong"));
        let summary = format!("the broker refuses {device}, whose name is not ASCII, and accepts others");
        return Finding::wrong(Check::LogIn, entry!("device-not-ascii"), summary).or(&remains);
    }
    if !(device_is_fine && serves_others) {
        remains.insert(0, entry!("credential-wrong"));
        let summary = format!("the broker refuses the log-in of {device} with {credential}");
        let remedy = narrowed(run, device, &remains);
        return Finding::wrong(Check::LogIn, entry!("log-in-refused"), summary).or(&remains).remedy(remedy);
    }
    let summary = format!(
        "the broker refuses {credential} and accepts others: {device} has another credential there, or none any more"
    );
    let finding = Finding::wrong(Check::LogIn, entry!("credential-wrong"), summary).or(&remains);
    match first {
        Some(candidate) => finding.remedy(format!(
            "{}; if the broker does not accept it then, run `{{i3}} device repair '{device}'`",
            register_again(device, candidate)
        )),
        None => finding,
    }
}

/// Returns the command that registers the current credential.
fn register_again(device: &DeviceName, candidate: &Candidate) -> String {
    let option = match &candidate.origin {
        SecretOrigin::KeyFile(path) => format!(" --key {}", quoted(&path.display().to_string())),
        SecretOrigin::PasswordFile(path) => format!(" --password-file {}", quoted(&path.display().to_string())),
        _ => String::new(),
    };
    format!("register it again with `{{i3}} device passwd '{device}'{option}`")
}

/// Returns what to do next if several causes remain.
fn narrowed(run: &DoctorRun<'_>, device: &DeviceName, remains: &[&'static Entry]) -> String {
    match run.status(Check::Device) {
        Some(Status::Wrong) => "correct what the earlier checks found, and run `{i3} doctor` again".into(),
        Some(Status::Ok) if remains.contains(&entry!("database-down")) => format!(
            "run `{{i3}} doctor '{device}' --buyer NAME --buyer-pw-file FILE` with the broker password of an account that \
             has bought something, or on a machine where another device is configured: if the broker accepts that one, its \
             database is up, and only this device is refused"
        ),
        _ => format!("run `{{i3}} doctor '{device}'` with the marketplace's log-in, which tells these causes apart"),
    }
}

/// Whether the broker accepts anyone: the buyer's account, other configured devices. The log-in at the marketplace is not
/// tried: its password never logs in at the broker (I3 facts §6.4), and is never sent there.
async fn serves_others(run: &DoctorRun<'_>, endpoint: &Endpoint, evidence: &mut Vec<String>) -> bool {
    let mut tried = false;
    let mut others: Vec<(String, Secret)> = run.request.buyer.iter().cloned().collect();
    if let (Some(config), Some(own)) = (&run.config, &run.device) {
        let known = config.devices().into_iter().filter(|(name, _)| name != own && on(config, name, endpoint));
        others.extend(
            known.filter_map(|(name, device)| Some((name.to_string(), secret_of(config, &name, device)?))).take(OTHERS),
        );
    }
    for (user, password) in others {
        match try_login(run, endpoint, Version::V311, &user, &password).await {
            Ok(connection) => {
                let _ = connection.close().await;
                evidence.push(format!("the broker accepts {user}: it refuses only the device"));
                return true;
            }
            Err(error) => {
                evidence.push(format!("{user}: {error}"));
                tried = true;
            }
        }
    }
    evidence.push(match tried {
        true => "the others that were tried are refused too".into(),
        false => "there is no other user of the broker to try".into(),
    });
    false
}

/// Whether a configured device belongs to this broker: an option or a variable that names another broker must not send the credentials
/// of other devices there.
fn on(config: &Config, name: &DeviceName, endpoint: &Endpoint) -> bool {
    configured_broker(config, name).is_some_and(|url| url == endpoint.url)
}

/// Returns the credential of another device, if it is available without asking the person.
fn secret_of(config: &Config, name: &DeviceName, device: &Device) -> Option<Secret> {
    let secret = match &device.password_file {
        Some(file) => {
            LoginSecret::Password(check_password(source::file(file, Content::Password).ok()?.secret, None).ok()?)
        }
        None => signer_unasked::<anyhow::Error>(&config.key_file(name)?).ok()?.into(),
    };
    secret.connect_password(name.as_str()).ok()
}

/// Whether the marketplace stores this credential in another form.
enum Form {
    Proved(&'static Entry, String),
    Possible(Vec<&'static Entry>),
    Neither,
}

async fn other_form(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    candidate: &Candidate,
    evidence: &mut Vec<String>,
) -> Form {
    match &candidate.secret {
        LoginSecret::Key(key) => {
            // Not a secret: it is the public half.
            let body = Secret::new(key.public().body());
            let accepted = accepts(run, endpoint, device, &body, evidence).await;
            if accepted == Some(true) {
                evidence.push("the text of the public key logs the device in as a password".into());
                let summary = "the key was registered as a password (type 1), so its text has become the password";
                return Form::Proved(entry!("credential-type"), summary.into());
            }
            if accepted.is_none() {
                return Form::Possible(vec![entry!("credential-type"), entry!("key-unusable")]);
            }
            evidence
                .push("the text of the public key is not its password: the key is not registered under type 1".into());
            Form::Possible(vec![entry!("key-unusable")])
        }
        LoginSecret::Password(password) if password.kind() == PasswordKind::Password => {
            let shelled = shell::simulate_shell(password.expose()).password;
            if shelled == password.expose() {
                return Form::Possible(vec![entry!("credential-type")]);
            }
            if !shelled.is_empty()
                && accepts(run, endpoint, device, &Secret::new(shelled), evidence).await == Some(true)
            {
                evidence.push("the password as a shell changes it logs the device in".into());
                let summary = "the password was registered through the marketplace's shell, which changed it";
                return Form::Proved(entry!("password-mangled"), summary.into());
            }
            evidence.push("the password has characters that the marketplace's shell changes".into());
            Form::Possible(vec![entry!("password-mangled"), entry!("credential-type")])
        }
        LoginSecret::Password(_) => Form::Neither,
    }
}

/// Whether the broker accepts the credential in this other form; `None`, with the reason, if it did not answer.
async fn accepts(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    device: &DeviceName,
    password: &Secret,
    evidence: &mut Vec<String>,
) -> Option<bool> {
    match try_login(run, endpoint, Version::V311, device.as_str(), password).await {
        Ok(connection) => {
            let _ = connection.close().await;
            Some(true)
        }
        Err(error) if error.refuses_credential() => Some(false),
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

    /// Opens a port whose first connection is passed to `handle`.
    fn port(handle: impl FnOnce(std::net::TcpStream) + Send + 'static) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || handle(listener.accept().unwrap().0));
        port
    }

    async fn told(port: u16) -> Option<String> {
        other_port(&Endpoint::direct(BrokerUrl::plain("127.0.0.1", port), None), port, Duration::from_secs(60)).await
    }

    #[tokio::test]
    async fn a_port_is_known_by_its_answer_to_a_handshake() {
        let plain = port(|mut stream| drop(stream.read(&mut [0; 1024])));
        let ends = format!("port {plain} accepts connections, and ends them at a TLS handshake");
        assert_eq!(told(plain).await.unwrap(), ends);
        let other = port(|mut stream| stream.write_all(b"SSH-2.0-x\r\n").unwrap());
        assert_eq!(told(other).await.unwrap(), format!("port {other} answers, but does not speak TLS"));
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
        assert!(told(tls).await.unwrap().starts_with(&format!("port {tls} speaks TLS: with mqtts://127.0.0.1:{tls}")));
        // Nobody listens on port 1.
        assert_eq!(told(1).await, None);
    }
}
