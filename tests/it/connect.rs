//! Connections that fail or do not last: how the program reports each, and which ones it retries.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::BytesMut;
use i3::broker_url::BrokerUrl;
use i3::clock::Doubt;
use i3::mqtt::connection::{ConnectError, ConnectOptions, Connection, ConnectionError, Endpoint};
use i3::mqtt::packet::{MAX_PACKET, Packet, Version};
use i3::secret::Secret;
use i3::tls::{Roots, Verification, client_config};
use rustls::pki_types::UnixTime;
use rustls::server::WebPkiClientVerifier;
use rustls::time_provider::TimeProvider;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use crate::program::TestEnv;
use crate::support::line_mode::{DEVICE, TOPIC};
use crate::support::scripted_broker::{Broker, Clients, Peer};
use crate::support::tls_server::TlsServer;

const ACCEPTED: &[u8] = &[0x20, 2, 0, 0];

/// Accepts one client over TLS and its log-in; returns how many messages it sent, all at QoS 0.
fn serve(config: &Arc<ServerConfig>, tcp: TcpStream) -> usize {
    let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(config)).unwrap(), tcp);
    let (mut input, mut messages) = (BytesMut::new(), 0);
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut bytes) {
        input.extend_from_slice(&bytes[..read]);
        while let Some(packet) = Packet::read(&mut input, Version::V311, MAX_PACKET).unwrap() {
            match packet {
                Packet::Connect(_) => stream.write_all(ACCEPTED).unwrap(),
                Packet::Publish(_) => messages += 1,
                _ => return messages,
            }
        }
    }
    messages
}

fn password() -> Secret {
    Secret::new("secret")
}

fn login<'a>(version: Version, password: &'a Secret) -> ConnectOptions<'a> {
    ConnectOptions {
        version,
        client_id: "c",
        clean: true,
        keep_alive: Duration::from_secs(60),
        user_name: DEVICE,
        password,
        max_packet: MAX_PACKET,
    }
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

/// The program publishes one message at QoS 0 as the device, over what `--broker` says.
fn publish(env: &TestEnv, broker: &str, more: &str) -> crate::program::Run {
    let line = format!("pub -t {TOPIC} -m 678 --confirm none --broker {broker} {more} -u");
    env.i3(&line).arg(DEVICE).env("I3_PASSWORD", "secret")
}

#[test]
fn a_tls_handshake_that_is_cut_passes() {
    let (env, server) = (TestEnv::new(), TlsServer::new());
    std::fs::write(env.path("ca.pem"), &server.pem).unwrap();
    let config = Arc::clone(&server.config);
    let broker = Broker::start(move |clients| {
        // Closed at once; reset in the middle; closed after half an answer of TLS; then it works.
        drop(clients.next());
        let half = clients.next();
        socket2::SockRef::from(&half.stream).set_linger(Some(Duration::ZERO)).unwrap();
        assert!((&half.stream).read(&mut [0; 64]).unwrap() > 0);
        drop(half);
        let mut begun = clients.next();
        assert!(begun.stream.read(&mut [0; 4096]).unwrap() > 0);
        begun.send_bytes(&[0x16, 3, 3, 0, 90, 2]);
        drop(begun);
        serve(&config, clients.next().stream)
    });
    let url = format!("mqtts://localhost:{}", broker.port);
    let cut = publish(&env, &url, "--cafile ca.pem --timeout 20s").fails(75, &["ended during the TLS handshake"]);
    assert_eq!(cut.error().id, Some("tls-cut"));
    cut.says(&["try again", &format!("use mqtt://localhost:{}", broker.port)]);
    publish(&env, &url, "--cafile ca.pem --timeout 20s --retry 5").succeeds("");
    assert_eq!(broker.end(), 1);
}

#[test]
fn only_a_peer_that_answers_with_something_else_does_not_speak_tls() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        for answer in [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"SSH-2.0-x\r\n", &[0x20, 2, 0, 1]] {
            let mut peer = clients.next();
            assert!(peer.stream.read(&mut [0; 4096]).unwrap() > 0);
            peer.send_bytes(answer);
        }
    });
    let url = format!("mqtts://127.0.0.1:{}", broker.port);
    for _ in 0..3 {
        let failed = publish(&env, &url, "--insecure --timeout 20s").fails(78, &["does not speak TLS"]);
        assert_eq!(failed.error().id, Some("port-without-tls"));
        failed.says(&["check the port", &format!("use mqtt://127.0.0.1:{}", broker.port)]);
    }
    broker.end();
}

#[tokio::test]
async fn a_host_that_has_spoken_tls_before_is_not_taken_for_a_plain_one() {
    let server = TlsServer::new();
    let broker = Broker::start(move |clients: Clients| {
        serve(&server.config, clients.next().stream);
        let mut other = clients.next();
        assert!(other.stream.read(&mut [0; 4096]).unwrap() > 0);
        other.send_bytes(b"HTTP/1.1 302 Found\r\n\r\n");
        drop(clients.next());
    });
    let url: BrokerUrl = format!("mqtts://localhost:{}", broker.port).parse().unwrap();
    let tls = client_config(&Roots::System, Verification::DangerSkipped).unwrap();
    let endpoint = Endpoint::direct(url, Some(tls));
    let password = password();
    let login = login(Version::V311, &password);
    Connection::open(&endpoint, &login, soon()).await.unwrap().close().await.unwrap();
    let error = Connection::open(&endpoint, &login, soon()).await.err().unwrap();
    assert!(matches!(error, ConnectError::NotTls { has_spoken_tls: true, .. }), "{error:?}");
    let error = Connection::open(&endpoint, &login, soon()).await.err().unwrap();
    assert!(matches!(error, ConnectError::HandshakeCut { has_spoken_tls: true, .. }), "{error:?}");
    broker.end();
}

/// A clock that does not advance.
#[derive(Debug)]
struct Stopped(u64);

impl TimeProvider for Stopped {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(self.0)))
    }
}

/// A certificate is judged by the clock only where that can be right.
#[tokio::test]
async fn a_certificate_outside_its_time_is_the_clocks_fault_only_if_that_is_wrong() {
    let server = TlsServer::new();
    let config = Arc::clone(&server.config);
    let broker = Broker::start(move |clients: Clients| {
        for _ in 0..3 {
            let _ = serve(&config, clients.next().stream);
        }
    });
    let url: BrokerUrl = format!("mqtts://localhost:{}", broker.port).parse().unwrap();
    let roots = std::env::temp_dir().join(format!("i3-roots-{:016x}.der", rand::random::<u64>()));
    // The root is read in DER.
    std::fs::write(&roots, &server.der).unwrap();
    let tls = client_config(&Roots::File(roots.clone()), Verification::Required).unwrap();
    std::fs::remove_file(roots).unwrap();
    let open = async |seconds| {
        let mut tls = tls.clone();
        Arc::make_mut(&mut tls.config).time_provider = Arc::new(Stopped(seconds));
        let endpoint = Endpoint::direct(url.clone(), Some(tls));
        Connection::open(&endpoint, &login(Version::V311, &password()), soon()).await
    };
    // As a device without a battery for its clock begins.
    let error = open(9).await.err().unwrap();
    let at = UNIX_EPOCH + Duration::from_secs(9);
    assert!(matches!(error, ConnectError::Clock { doubt: Doubt::BeforeMade { at: a }, .. } if a == at), "{error:?}");
    assert!(error.to_string().contains("clock is wrong: it says 1970-01-01T00:00:09Z"), "{error}");
    // 2050: expired, and nothing is wrong with the clock.
    let error = open(2_524_608_000).await.err().unwrap();
    assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
    // 2030.
    open(1_893_456_000).await.unwrap().close().await.unwrap();
    broker.end();
}

/// A token that was made tomorrow shows that this clock is wrong; a refusal then passes.
#[test]
fn a_refused_token_on_a_machine_whose_clock_is_wrong_waits_for_the_clock() {
    let env = TestEnv::new();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let token = |iat: u64| {
        let part = |json: String| URL_SAFE_NO_PAD.encode(json);
        let claims = format!(r#"{{"iss":"x","iat":{iat},"exp":{}}}"#, iat + 3600);
        format!("{}.{}.{}", part(r#"{"alg":"RS256","typ":"JWT"}"#.into()), part(claims), "c2ln")
    };
    env.secret("tomorrow", token(now + 86_400));
    env.secret("today", token(now - 60));
    let broker = Broker::start(|clients: Clients| {
        for _ in 0..3 {
            clients.next().answer_connect(5, false);
        }
        let mut peer = clients.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let publish = |more: &str| {
        let line = format!("pub -t {TOPIC} -m 678 --confirm none --broker mqtt://127.0.0.1:{} {more} -u", broker.port);
        env.i3(&line).arg(DEVICE)
    };
    let refused = publish("--pw-file today").fails(77, &["refused the log-in"]);
    assert_eq!(refused.error().id, Some("log-in-refused"));
    let early = publish("--pw-file tomorrow").fails(75, &["this machine's clock is wrong", "timedatectl"]);
    assert_eq!(early.error().id, Some("clock"));
    publish("--pw-file tomorrow --retry 3").succeeds("");
    assert_eq!(broker.end(), ["678"]);
}

/// Its `nbf` is to come by this clock, which is behind the time at which it was made: only the broker can judge that.
#[test]
fn a_token_that_only_a_wrong_clock_calls_early_or_expired_is_for_the_broker_to_judge() {
    let env = TestEnv::new();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let token = |claims: String| {
        let part = |json: String| URL_SAFE_NO_PAD.encode(json);
        format!("{}.{}.{}", part(r#"{"alg":"RS256","typ":"JWT"}"#.into()), part(claims), "c2ln")
    };
    let tomorrow = now + 86_400;
    env.secret("early", token(format!(r#"{{"iss":"x","iat":{tomorrow},"nbf":{tomorrow},"exp":{}}}"#, tomorrow + 3600)));
    env.secret("later", token(format!(r#"{{"iss":"x","nbf":{tomorrow},"exp":{}}}"#, tomorrow + 3600)));
    env.secret("expired", token(format!(r#"{{"iss":"x","iat":{},"exp":{}}}"#, now - 7200, now - 3600)));
    let broker = Broker::start(|clients: Clients| {
        for _ in 0..2 {
            clients.next().answer_connect(5, false);
        }
        let mut peer = clients.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    let publish = |more: &str| {
        let line = format!("pub -t {TOPIC} -m 678 --confirm none --broker {url} {more} -u");
        env.i3(&line).arg(DEVICE)
    };
    let early = publish("--pw-file early").fails(75, &["this machine's clock is wrong", "timedatectl"]);
    assert_eq!(early.error().id, Some("clock"));
    publish("--pw-file early --retry 3").succeeds("");
    assert_eq!(broker.end(), ["678"]);
    // Nothing is wrong with the clock as far as one can see, but it is named.
    publish("--pw-file later")
        .fails(77, &["is valid only in", "by this machine's clock", "check this machine's clock"]);
    let expired = ["the token expired 1h", "by this machine's clock", "check this machine's clock"];
    publish("--pw-file expired").fails(77, &expired);
    let lines = format!("pub -l -t {TOPIC} --broker {url} --pw-file expired -u");
    env.i3(&lines).arg(DEVICE).input("1\n").fails(77, &expired);
    let read = format!("sub -t {TOPIC} --broker {url} --pw-file expired -u");
    env.i3(&read).arg(DEVICE).fails(77, &expired);
    let doctor = env.i3(&format!("doctor --broker {url} --pw-file expired")).arg(DEVICE).run();
    assert_eq!(doctor.code, 1, "{doctor}");
    doctor.says(&expired);
}

/// The alerts with which a TLS server refuses a client (RFC 8446 §6): alert, exit code, entry, the hint's text.
const ALERTS: [(u8, i32, &str, &str); 12] = [
    (70, 78, "tls-version", "enable TLS 1.2 or 1.3"),
    (86, 78, "tls-version", "enable TLS 1.2 or 1.3"),
    (40, 78, "tls-parameters", "which cipher suites the server accepts"),
    (71, 78, "tls-parameters", "which cipher suites the server demands"),
    (120, 78, "tls-parameters", "another protocol"),
    (109, 78, "tls-parameters", "check the port"),
    (112, 78, "tls-name", "the name that its operator uses"),
    (116, 77, "tls-client-certificate", "--cert FILE"),
    (42, 77, "tls-client-certificate", "--cert FILE"),
    (49, 77, "tls-client-certificate-refused", "why the server does not let this client in"),
    (80, 75, "tls-cut", "try again"),
    (20, 75, "tls-cut", "try again"),
];

#[test]
fn every_alert_of_tls_has_its_exit_code_and_hint() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        for (alert, ..) in ALERTS {
            // For the broker's client and for the marketplace's.
            for _ in 0..2 {
                let mut peer = clients.next();
                assert!(peer.stream.read(&mut [0; 4096]).unwrap() > 0);
                peer.send_bytes(&[0x15, 3, 3, 0, 2, 2, alert]);
                // Until the client has read it, and closes.
                while peer.stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
            }
        }
    });
    for (alert, exit, id, hint) in ALERTS {
        let refused = publish(&env, &format!("mqtts://127.0.0.1:{}", broker.port), "--insecure").run();
        let market = format!("login --insecure --market https://127.0.0.1:{}", broker.port);
        for refused in [refused, env.i3(&market).run()] {
            assert_eq!((refused.code, refused.error().id), (exit, Some(id)), "{alert}: {refused}");
            assert!(refused.hint().contains(hint), "{alert}: {refused}");
        }
    }
    broker.end();
}

/// TLS 1.3 tells of it only after the handshake; the server's own refusal, not that of a script.
#[test]
fn a_server_that_asks_for_a_clients_certificate_is_named_as_such() {
    let (env, server) = (TestEnv::new(), TlsServer::new());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(server.der.clone().into()).unwrap();
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12]] {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(roots.clone());
        let clients = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_cert_resolver(Arc::clone(&server.config.cert_resolver));
        let config = Arc::new(config);
        let broker = Broker::start(move |clients: Clients| serve(&config, clients.next().stream));
        let refused = publish(&env, &format!("mqtts://127.0.0.1:{}", broker.port), "--insecure").run();
        assert_eq!((refused.code, refused.error().id), (77, Some("tls-client-certificate")), "{refused}");
        broker.end();
    }
}

/// CONNACK of MQTT 5 with this code, a Reason String and a Server Reference.
pub fn refusal(code: u8) -> Vec<u8> {
    let said = b"\x1F\0\x0Dno\x1b[2J secret\x1C\0\x0Cb.test:1883\n";
    [&[0x20, 3 + said.len() as u8, 0, code, said.len() as u8][..], said].concat()
}

#[test]
fn every_code_of_a_refused_log_in_has_its_exit_code_and_shows_what_the_broker_says() {
    let env = TestEnv::new();
    let exits: [(i32, &[u8]); 4] = [
        (75, &[0x80, 0x83, 0x88, 0x89, 0x97, 0x9F]),
        (77, &[0x86, 0x87, 0x8A, 0x8C]),
        (65, &[0x85, 0x90, 0x95, 0x99, 0x9A, 0x9B]),
        (78, &[0x84, 0x9C, 0x9D]),
    ];
    let codes: Vec<(i32, u8)> =
        exits.into_iter().flat_map(|(exit, codes)| codes.iter().map(move |code| (exit, *code))).collect();
    let answers: Vec<u8> = codes.iter().map(|(_, code)| *code).collect();
    let broker = Broker::start(move |clients: Clients| {
        for code in answers {
            let mut peer = clients.next();
            assert!(peer.stream.read(&mut [0; 4096]).unwrap() > 0);
            peer.send_bytes(&refusal(code));
        }
    });
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    for (exit, code) in codes {
        let refused = publish(&env, &url, "-V 5").fails(exit, &["refused the log-in", &format!("0x{code:02x}")]);
        assert!(!refused.hint().is_empty() && refused.error().id.is_some(), "{refused}");
        refused.says(&[r"the broker says 'no\u{1b}[2J …'", r"refers to the server 'b.test:1883\n'"]);
        refused.keeps_secret("secret");
    }
    broker.end();
}

#[test]
fn the_codes_of_3_1_1_have_the_exit_codes_of_their_equals_in_mqtt_5() {
    let env = TestEnv::new();
    let codes = [(1, 78, "not-a-broker"), (2, 65, "client-id-refused"), (3, 75, "broker-busy")];
    let broker = Broker::start(move |clients: Clients| {
        for (code, ..) in codes {
            clients.next().answer_connect(code, false);
        }
    });
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    for (code, exit, id) in codes {
        publish(&env, &url, "-V 311").fails(exit, &[&format!("error[{id}]"), &format!("CONNACK {code}")]);
    }
    broker.end();
}

#[test]
fn the_text_of_a_disconnect_is_shown() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        let mut peer = clients.next();
        peer.answer_connect(0, false);
        assert!(peer.message().is_some());
        peer.send_bytes(b"\xE0\x0B\x98\x09\x1F\0\x06closed");
        assert!(peer.next().is_none());
    });
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    let ended = publish(&env, &url, "-V 5 -q 1").fails(75, &["reason 0x98, administrative action"]);
    ended.says(&["the broker says 'closed'"]);
    broker.end();
}

/// Returns a connection's result if it receives these bytes in place of a CONNACK, or after it.
async fn makes_of(version: Version, max_packet: usize, connack: &[u8], then: &[u8]) -> Result<Packet, String> {
    let (ours, mut peer) = tokio::io::duplex(1 << 20);
    peer.write_all(connack).await.unwrap();
    peer.write_all(then).await.unwrap();
    let (url, password) = ("mqtt://in.memory".parse().unwrap(), password());
    let login = ConnectOptions { max_packet, ..login(version, &password) };
    let mut connection = Connection::over(ours, &url, &login, soon()).await.map_err(|error| format!("{error:?}"))?;
    let received = connection.recv().await;
    // Kept until here: the end of the stream is not an answer.
    drop(peer);
    received.map_err(|error| format!("{error:?}"))
}

#[tokio::test]
async fn a_broker_cannot_make_a_client_wait_for_a_packet_that_is_too_large() {
    use Version::{V5, V311};
    const ACCEPTED_5: &[u8] = &[0x20, 3, 0, 0, 0];
    for version in [V311, V5] {
        // 65,537 bytes follow, says the length; none of them comes.
        for head in [0x20, 0x30, 0x90, 0xE0] {
            let error = makes_of(version, MAX_PACKET, &[head, 0x81, 0x80, 0x04], &[]).await.unwrap_err();
            assert!(error.contains("TooLarge(65537)"), "{error}");
        }
    }
    for (version, accepted) in [(V311, ACCEPTED), (V5, ACCEPTED_5)] {
        // After the log-in a message may be as long as the client says, anything else as before.
        let error = makes_of(version, 1000, accepted, &[0x30, 0xE9, 0x07]).await.unwrap_err();
        assert!(error.contains("TooLarge(1001)"), "{error}");
        let error = makes_of(version, MAX_PACKET, accepted, &[0x90, 0x81, 0x80, 0x04]).await.unwrap_err();
        assert!(error.contains("TooLarge(65537)"), "{error}");
        let mut message = vec![0x30, 0x80, 0x89, 0x06, 0, 1, b't'];
        message.resize(4 + 99_456, 0);
        let received = makes_of(version, 100_000, accepted, &message).await;
        assert!(matches!(received, Ok(Packet::Publish(_))), "{received:?}");
    }
    // User properties of nothing: each byte of them would take many in memory.
    let mut flood = vec![0x20, 0x83, 0x9C, 0x01, 0, 0, 0x80, 0x9C, 0x01];
    flood.truncate(7);
    flood.extend([0xB0, 0x9C, 0x01]);
    flood.extend(b"\x26\0\0\0\0".repeat(4000));
    let error = makes_of(V5, MAX_PACKET, &flood, &[]).await.unwrap_err();
    assert!(error.contains("properties") || error.contains("Malformed"), "{error}");
}

#[tokio::test]
async fn a_broker_is_told_the_largest_packet_and_its_limits_are_known() {
    let (url, password) = ("mqtt://in.memory".parse().unwrap(), password());
    for (max_packet, told) in [(1000, true), (MAX_PACKET, false)] {
        let (ours, mut peer) = tokio::io::duplex(4096);
        peer.write_all(b"\x20\x07\0\0\x04\x24\0\x25\0").await.unwrap();
        let login = ConnectOptions { max_packet, ..login(Version::V5, &password) };
        let connection = Connection::over(ours, &url, &login, soon()).await.unwrap();
        assert_eq!((connection.connack().max_qos, connection.connack().retain_available), (Some(0), Some(false)));
        let mut connect = BytesMut::new();
        tokio::io::AsyncReadExt::read_buf(&mut peer, &mut connect).await.unwrap();
        assert_eq!(connect.windows(5).any(|bytes| bytes == b"\x27\0\0\x03\xE8"), told);
    }
}

/// Whoever queues for a broker that reads nothing sees it.
#[tokio::test]
async fn what_a_broker_does_not_read_stays_queued() {
    let (ours, mut peer) = tokio::io::duplex(64);
    peer.write_all(ACCEPTED).await.unwrap();
    let (url, password) = ("mqtt://in.memory".parse().unwrap(), password());
    let mut connection = Connection::over(ours, &url, &login(Version::V311, &password), soon()).await.unwrap();
    assert_eq!(connection.queued(), 0);
    for _ in 0..1000 {
        connection.ping().unwrap();
        assert!(connection.flush_some().await.unwrap() || connection.queued() > 0);
    }
    assert!(connection.queued() > 1900, "{}", connection.queued());
    peer.write_all(&[0xD0, 0]).await.unwrap();
    drop(peer);
    assert!(matches!(connection.recv().await, Err(ConnectionError::Closed | ConnectionError::Io(_))));
}

#[test]
fn an_address_to_connect_from_that_is_none_is_not_the_brokers_fault() {
    let env = TestEnv::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for (from, broker, says) in [
        ("192.0.2.9", "127.0.0.1", "nothing can be sent from 192.0.2.9"),
        ("192.0.2.9", "localhost", "nothing can be sent from 192.0.2.9"),
        ("::1", "127.0.0.1", "of the other family"),
        ("nowhere.invalid", "127.0.0.1", ""),
    ] {
        for line in ["pub -m 678", "pub -l", "sub -C 1"] {
            let line = format!("{line} -t {TOPIC} --bind-address {from} -h {broker} -p {port} --timeout 5s -u");
            let refused = env.i3(&line).arg(DEVICE).env("I3_PASSWORD", "secret").input("1\n").run();
            assert_eq!((refused.code, refused.error().id), (78, Some("local-address")), "{refused}");
            refused.says(&[says, &format!("cannot be reached from {from}"), "check --bind-address (-A)"]);
        }
    }
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
}

#[test]
fn addresses_are_understood_as_they_are_written() {
    let env = TestEnv::new();
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        eprintln!("no IPv6 on this machine");
        return;
    };
    let port = listener.local_addr().unwrap().port();
    let served = std::thread::spawn(move || {
        (0..3).map(|_| Peer::new(listener.accept().unwrap().0)).fold(0, |messages, mut peer| {
            assert!(peer.takes_connect());
            messages + peer.serve().len()
        })
    });
    let line = |broker: &str| {
        let line = format!("pub -t {TOPIC} -m 678 --confirm none {broker} -u");
        env.i3(&line).arg(DEVICE).env("I3_PASSWORD", "secret").succeeds("");
    };
    line(&format!("-h [::1] -p {port}"));
    line(&format!("-h ::1 -p {port}"));
    line(&format!("--broker MQTT://[::1]:{port}"));
    assert_eq!(served.join().unwrap(), 3);
}
