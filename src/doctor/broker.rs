//! The broker: whether it answers, which version of MQTT it speaks, and which credential it accepts.

use std::time::Duration;

use tokio::time::Instant;

use super::finding::{Check, Finding, Status};
use super::network;
use super::refused_log_in::why_refused;
use super::run::DoctorRun;
use super::try_login::try_login;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::login::{self, Event, LoggedIn, LoginError, Terms};
use crate::mqtt::connection::{ConnectError, ConnectOptions, Connection, Endpoint, random_client_id};
use crate::mqtt::packet::{MAX_CONTROL, Version};
use crate::mqtt::refusal::LogInRefusal;
use crate::name::DeviceName;
use crate::secret::Secret;
use crate::shell::quoted;
use crate::tls::{self, Roots, Verification};

/// Timeout for finding out what the TLS port speaks.
const OTHER_PORT: Duration = Duration::from_secs(3);

/// Runs the checks up to a log-in of the device; returns its session, if it logged in.
pub(super) async fn examine(run: &mut DoctorRun<'_>) -> Option<LoggedInDevice> {
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
pub(super) struct LoggedInDevice {
    pub endpoint: Endpoint,
    pub device: DeviceName,
    pub connection: Connection,
    pub password: Secret,
}

async fn connect(run: &mut DoctorRun<'_>) -> Option<LoggedInDevice> {
    let url = run.broker.clone()?;
    let endpoint = match login::endpoint(url, &run.request.connection) {
        Ok(endpoint) => endpoint,
        Err(error) => {
            run.add(Finding::said(Check::Broker, error));
            return None;
        }
    };
    let url = &endpoint.url;
    let route = match endpoint.route.proxy_to(url) {
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
            run.add(finding.seen(route).seen(open));
            return None;
        }
        answers => answers,
    };
    run.add(Finding::ok(Check::Broker, format!("{} answers", endpoint.url)).seen(route).seen(open));
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
    let plain = Endpoint { url, tls: None, route: endpoint.route.clone() };
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
    let endpoint = Endpoint { url, tls: Some(tls), route: endpoint.route.clone() };
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

async fn log_in(run: &DoctorRun<'_>, endpoint: Endpoint, device: DeviceName) -> (Finding, Option<LoggedInDevice>) {
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
            (finding, Some(LoggedInDevice { endpoint, device, connection, password }))
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
