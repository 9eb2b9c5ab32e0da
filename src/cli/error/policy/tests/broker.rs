//! The errors of the broker and of streams have entries, and a refused log-in the hint of its code.

use std::path::PathBuf;
use std::time::Duration;

use super::table::Table;
use super::{io, misread};
use crate::broker_url::BrokerUrl;
use crate::cli::error::policy::broker;
use crate::clock::Doubt;
use crate::key::KeyError;
use crate::login::SecretKind;
use crate::login::attempt::retry_class;
use crate::market::credential::CredentialError;
use crate::mqtt::connection::{ConnectError, ConnectionError, WebSocketError};
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::packet::{PacketError, Reason};
use crate::mqtt::reason::Said;
use crate::mqtt::reconnect::RetryClass;
use crate::name::Topic;
use crate::publisher::format::BadLine;
use crate::publisher::shutdown::Cause;
use crate::publisher::stream::{self, MessageNumber, StreamError};
use crate::publisher::{PublishError, Reached};
use crate::rotation::RotationError;
use crate::spool::SpoolError;
use crate::spool::worker::SpoolWorkerError;
use crate::subscriber::SubscribeError;
use crate::tcp::{ProxyError, ProxyUrlError};
use crate::tls::{ClientSide, TlsFault};

pub fn all(table: &mut Table) {
    log_ins(table);
    connections(table);
    proxies_and_websockets(table);
    publishing(table);
    streams(table);
    spools(table);
}

fn log_ins(table: &mut Table) {
    let url = || "mqtt://i3.example:1883".parse().unwrap();
    let malformed = || PacketError::Malformed("bad".into());
    table.add([
        ConnectError::Resolve { host: "i3.example".into(), source: io() },
        ConnectError::Unreachable { url: url(), source: io() },
        ConnectError::LocalAddress { url: url(), from: "10.9.9.9".into(), source: io() },
        ConnectError::Timeout { url: url(), during: "TCP connection" },
        ConnectError::Tls { url: url(), source: io() },
        ConnectError::Clock { url: url(), doubt: Doubt::BeforeMade { at: std::time::UNIX_EPOCH }, source: io() },
        ConnectError::HandshakeCut { url: url(), source: io(), has_spoken_tls: true },
        ConnectError::HandshakeCut { url: url(), source: io(), has_spoken_tls: false },
        ConnectError::NotTls { url: url(), has_spoken_tls: true },
        ConnectError::NotTls { url: url(), has_spoken_tls: false },
        ConnectError::ClosedAtLogin { url: url() },
        ConnectError::NeedsTls { url: url() },
        ConnectError::Protocol { url: url(), source: malformed() },
        ConnectError::Unsendable(malformed()),
    ]);
    for code in 1..=255 {
        // The codes of the standards, and one row for all others.
        let is_known = code <= 5 || (0x80..=0xA2).contains(&code);
        let which = if is_known { format!(" {code:#04x}") } else { " others".into() };
        for user_name in ["alice$garden$bed1", "bob"] {
            table.add_as(&which, refused(code, user_name));
        }
    }
}

fn connections(table: &mut Table) {
    let malformed = || PacketError::Malformed("bad".into());
    table.add([
        ConnectionError::Closed,
        ConnectionError::Ended { reason: Reason(0x80), said: Box::default() },
        ConnectionError::Io(io()),
        ConnectionError::Silent(Duration::from_secs(90)),
        ConnectionError::Unread(Duration::from_secs(90)),
        ConnectionError::Violation("two CONNACKs".into()),
        ConnectionError::Protocol(malformed()),
    ]);
    let topic = || -> Topic { "alice/garden/moxu".parse().unwrap() };
    let broker = || std::sync::Arc::new("mqtt://i3.example.org".parse().unwrap());
    table.add([
        SubscribeError::Refused { broker: broker(), filter: topic().to_string(), reason: Reason(0x80) },
        SubscribeError::NotNow { broker: broker(), filter: topic().to_string(), reason: Reason(0x97) },
        SubscribeError::NotEnded { broker: broker(), filter: "#".into(), reason: Reason(0x87) },
        SubscribeError::NoSession,
        SubscribeError::NoAnswer,
        SubscribeError::Link(ConnectionError::Closed),
        SubscribeError::TakenOver,
    ]);
    let place = || PathBuf::from("/var/lib/lots");
    table.add([
        RotationError::Busy,
        RotationError::OldRefused(SecretKind::Key),
        RotationError::Undone { kind: SecretKind::Key, why: "it was refused".into() },
        RotationError::Unfinished { kind: SecretKind::Password, why: "500".into() },
        RotationError::File { path: place(), source: io() },
        RotationError::Journal { path: place(), source: misread() },
        RotationError::Version { path: place(), found: 2 },
        RotationError::Credential(CredentialError::NoHash),
        RotationError::Key(KeyError::NotPublic("a text")),
    ]);
}

fn proxies_and_websockets(table: &mut Table) {
    table.add([
        ProxyUrlError::Scheme,
        ProxyUrlError::Local("socks5"),
        ProxyUrlError::Tls,
        ProxyUrlError::Host,
        ProxyUrlError::Port,
        ProxyUrlError::User,
        ProxyUrlError::Extra,
        ProxyUrlError::Quoted('"'),
    ]);
    let url = || "ws://i3.example/mqtt".parse().unwrap();
    let faults = [
        ("Resolve", ProxyError::Resolve(io())),
        ("Unreachable", ProxyError::Unreachable(io())),
        ("Timeout", ProxyError::Timeout { during: "TCP connection" }),
        ("Cut", ProxyError::Cut(io())),
        ("Status 403", ProxyError::Status { status: 403, wait: None }),
        ("Status 407", ProxyError::Status { status: 407, wait: None }),
        ("Status 429", ProxyError::Status { status: 429, wait: None }),
        ("Status 502", ProxyError::Status { status: 502, wait: None }),
        ("Status 503", ProxyError::Status { status: 503, wait: Some(std::time::Duration::from_secs(7)) }),
        ("Status 511", ProxyError::Status { status: 511, wait: None }),
        ("Method", ProxyError::Method { has_user: false }),
        ("User", ProxyError::User),
        ("Reply 1", ProxyError::Reply(1)),
        ("Reply 2", ProxyError::Reply(2)),
        ("NotAProxy", ProxyError::NotAProxy("an HTTP proxy")),
        ("Name", ProxyError::Name),
    ];
    for (which, source) in faults {
        let proxy = Box::new("socks5h://proxy".parse().unwrap());
        table.add_as(&format!(" {which}"), ConnectError::Proxy { url: url(), proxy, source });
    }
    let status = |status, location: Option<&str>| WebSocketError::Status {
        status,
        location: location.map(String::from),
        wait: None,
    };
    let faults = [
        ("301", status(301, Some("wss://other.example/mqtt"))),
        ("302", status(302, None)),
        ("302 page", status(302, Some("/accounts/login/?next=/"))),
        ("400", status(400, None)),
        ("403", status(403, None)),
        ("404", status(404, None)),
        ("426", status(426, None)),
        ("502", status(502, None)),
        ("511", status(511, None)),
        ("521", status(521, None)),
        ("SubProtocol", WebSocketError::SubProtocol),
        ("Handshake", WebSocketError::Handshake("it is not HTTP/1.1")),
        ("Cut", WebSocketError::Cut),
        ("Closed", WebSocketError::Closed { code: 1008, reason: String::new() }),
        ("Rules", WebSocketError::Rules("a message is text")),
    ];
    for (which, source) in faults {
        table.add_as(&format!(" {which}"), ConnectError::WebSocket { url: url(), source });
    }
    for fault in faults_of_tls() {
        let which = format!(" {fault:?}");
        let which = which.split(['{', '(']).next().unwrap().trim_end().to_owned();
        let which = match fault {
            TlsFault::Alert { alert, client } => {
                let side = [(client.presented, " presented"), (client.asked, " asked")];
                let side = side.into_iter().filter_map(|(is, name)| is.then_some(name));
                format!("{which} {}{}", u8::from(alert), side.collect::<String>())
            }
            _ => which,
        };
        let source = std::io::Error::new(std::io::ErrorKind::InvalidData, fault);
        table.add_as(&which, ConnectError::Tls { url: url(), source });
    }
}

/// Every fault of a handshake has an entry, as the cause of a broker's error and of the marketplace's.
fn faults_of_tls() -> Vec<TlsFault> {
    let (now, name) = (std::time::UNIX_EPOCH + Duration::from_secs(1_900_000_000), || Some("localhost".to_string()));
    let alert = |code: u8, presented| {
        let client = ClientSide { presented, asked: false };
        TlsFault::Alert { alert: code.into(), client }
    };
    vec![
        TlsFault::Expired { until: now, now },
        TlsFault::NotYetValid { from: now, now },
        TlsFault::NeverValid,
        TlsFault::OtherName { host: "localhost".into(), names: Vec::new() },
        TlsFault::NoName { common_name: name(), besides: None },
        TlsFault::NoHost { host: "localhost".into() },
        TlsFault::Version1 { common_name: name(), besides: None },
        TlsFault::SelfSigned,
        TlsFault::UnknownAuthority { issuer: name() },
        TlsFault::OtherAuthority { issuer: name() },
        TlsFault::WeakSignature { hash: "SHA-1", of_authority: false },
        TlsFault::UnknownSignature,
        TlsFault::WeakKey { bits: 1024, of_authority: true },
        TlsFault::BadSignature,
        TlsFault::Authority,
        TlsFault::NoAuthority,
        TlsFault::Purpose,
        TlsFault::Revoked,
        TlsFault::Damaged,
        TlsFault::Rule,
        alert(116, false),
        alert(48, true),
        alert(42, false),
        alert(40, false),
        TlsFault::Alert { alert: 40.into(), client: ClientSide { presented: false, asked: true } },
        alert(70, false),
        alert(80, false),
        alert(112, false),
        alert(120, false),
        TlsFault::Version,
        TlsFault::Parameters,
        TlsFault::NotTls,
        TlsFault::Rules,
    ]
}

fn publishing(table: &mut Table) {
    let topic = || -> Topic { "alice/garden/moxu".parse().unwrap() };
    let broker = || std::sync::Arc::new("mqtt://i3.example.org".parse().unwrap());
    let closed = || ConnectionError::Closed;
    let part = Reached::Part { sent: 1, of: 2 };
    table.add([
        PublishError::OverLimit { topic: topic(), broker: broker(), limit: BrokerLimit::Retain },
        PublishError::NoEcho { topic: topic(), broker: broker(), after: Duration::from_secs(1) },
        PublishError::EchoRefused { topic: topic(), broker: broker(), reason: Reason(0x80), passes: false },
        PublishError::EchoRefused { topic: topic(), broker: broker(), reason: Reason(0x97), passes: true },
        PublishError::Stuck { topic: topic(), after: Duration::from_secs(1), reached: part },
        PublishError::NotAcknowledged { topic: topic(), after: Duration::from_secs(1) },
        PublishError::Closed { topic: topic(), broker: broker(), reached: Reached::Sent, source: closed() },
        PublishError::ClosedAgain { topic: topic(), broker: broker(), times: 2 },
        PublishError::Link { topic: topic(), reached: part, source: closed() },
        PublishError::Deadline { topic: topic(), reached: Reached::Nothing },
        PublishError::Deadline { topic: topic(), reached: Reached::Acknowledged },
    ]);
    table.add((0x80..=0xA2).map(|code| PublishError::Refused {
        topic: topic(),
        broker: broker(),
        reason: Reason(code),
    }));
}

fn streams(table: &mut Table) {
    let topic = || -> Topic { "alice/garden/moxu".parse().unwrap() };
    let broker = || std::sync::Arc::new("mqtt://i3.example.org".parse().unwrap());
    table.add(
        [
            stream::Refusal::Denied(Reason(0x87)),
            stream::Refusal::Denied(Reason(0x99)),
            stream::Refusal::Limit(BrokerLimit::Retain),
            stream::Refusal::NoEcho(Duration::from_secs(10)),
            stream::Refusal::NoSubscription(Reason(0x80)),
            stream::Refusal::NoSubscription(Reason(0x97)),
            stream::Refusal::Closed(None),
            stream::Refusal::NoAnswer,
            stream::Refusal::NotNow(Reason(0x97), Duration::from_secs(300)),
            stream::Refusal::Topic,
        ]
        .map(|refusal| StreamError::Refused {
            origin: MessageNumber::Line(1),
            topic: topic(),
            refusal,
            broker: broker(),
        }),
    );
    let (origin, record) = (MessageNumber::Record(1), 1);
    table.add([
        StreamError::NotAcknowledged { origin, topic: topic(), connections: 3, source: ConnectionError::Closed },
        StreamError::BadLine { line: 1, source: BadLine::NoTab },
        StreamError::Unfinished { missing: 1, read: 2, cause: Cause::Signal },
        StreamError::Cut { read: 2, cause: Cause::Signal },
        StreamError::MayBeLost { lines: 1 },
        StreamError::Input(io()),
        StreamError::Aside(io()),
        StreamError::Spool(SpoolWorkerError::Behind),
        StreamError::NotTaken { line: 1, source: SpoolWorkerError::Gone },
        StreamError::Unsendable { record, topic: "a/b/c".into(), more: 0, source: BadLine::NoTopic.into() },
        StreamError::Held { first: record, more: 0 },
        StreamError::NotDrained { cause: Cause::Signal },
    ]);
}

fn spools(table: &mut Table) {
    let place = || PathBuf::from("/var/lib/lots");
    table.add([
        SpoolError::Missing(place()),
        SpoolError::Access { path: place(), source: io() },
        SpoolError::OpenToOthers { path: place(), mode: 0o755 },
        SpoolError::NotASpool(place()),
        SpoolError::Version { found: 9 },
        SpoolError::FileSystem(place()),
        SpoolError::Full { held: 5, needed: 9, max: 8 },
        SpoolError::Gone(place()),
        SpoolError::NoSpace,
        SpoolError::Busy,
        SpoolError::Corrupt("block 7 is cut off".into()),
        SpoolError::TooLarge(1 << 29),
        SpoolError::Sqlite(rusqlite::Error::InvalidQuery),
    ]);
    table.add([SpoolWorkerError::Behind, SpoolWorkerError::Gone, SpoolWorkerError::Thread(io())]);
}

#[test]
fn a_stream_whose_client_id_is_shared_is_told_so() {
    let ended = |code| StreamError::NotAcknowledged {
        origin: MessageNumber::Line(1),
        topic: "alice/parking/occupancy".parse().unwrap(),
        connections: 3,
        source: ConnectionError::Ended { reason: Reason(code), said: Box::default() },
    };
    assert_eq!(broker::stream(&ended(0x8E)).1.entry.id, "client-id-shared");
    assert!(broker::stream(&ended(0x8B)).1.text("i3").contains("--timeout"));
    assert_eq!([0x8A, 0x9C, 0x9D].map(|code| broker::stream(&ended(code)).0.code()), [77, 78, 78]);
}

fn refused(code: u8, user_name: &str) -> ConnectError {
    ConnectError::Refused {
        url: BrokerUrl::plain("broker.example.org", 1883).into(),
        code,
        user_name: user_name.into(),
        said: Said::default(),
    }
}

#[test]
fn every_code_of_a_refused_log_in_has_its_exit_code_and_passing_ones_are_tried_again() {
    let exits: [(u8, &[u8]); 4] = [
        (75, &[3, 0x80, 0x83, 0x88, 0x89, 0x97, 0x9F]),
        (77, &[4, 5, 0x86, 0x87, 0x8A, 0x8C]),
        (65, &[2, 0x81, 0x82, 0x85, 0x90, 0x95, 0x99, 0x9A, 0x9B]),
        (78, &[1, 0x84, 0x9C, 0x9D]),
    ];
    for (exit, codes) in exits {
        for code in codes {
            let error = refused(*code, "alice$garden$bed1");
            assert_eq!(broker::connect(&error).0.code(), exit, "{code:#04x}");
            assert_eq!(retry_class(&error) == RetryClass::Passing, exit == 75, "{code:#04x}");
        }
    }
    // Each with its own text, unless the remedy is the same.
    let hint = |code| broker::connect(&refused(code, "bob")).1.text("i3");
    let hints: std::collections::BTreeSet<String> = (1..=255).map(hint).collect();
    assert!(hints.len() >= 14, "{hints:#?}");
}

#[test]
fn plain_mqtt_is_advised_only_where_it_may_be_right_and_with_what_it_means() {
    let url = |host: &str| format!("mqtts://{host}:8883").parse().unwrap();
    let hint = |error: &ConnectError| broker::connect(error).1.text("i3");
    let cut = |host, has_spoken_tls| ConnectError::HandshakeCut { url: url(host), source: io(), has_spoken_tls };
    let other = |host, has_spoken_tls| ConnectError::NotTls { url: url(host), has_spoken_tls };
    for error in [cut("i3.example", false), other("i3.example", false)] {
        let hint = hint(&error);
        assert!(
            hint.contains("use mqtt://i3.example:8883, where the credential and all messages travel in clear text"),
            "{hint}"
        );
    }
    for error in [cut("[::1]", false), other("[::1]", false)] {
        let hint = hint(&error);
        assert!(hint.contains("'mqtt://[::1]:8883'") && !hint.contains("clear text"), "{hint}");
    }
    for error in [cut("localhost", true), other("localhost", true)] {
        assert!(!hint(&error).contains("mqtt://"));
        assert_eq!((broker::connect(&error).0.code(), retry_class(&error)), (75, RetryClass::Passing));
    }
    assert_eq!(broker::connect(&cut("i3.example", false)).0.code(), 75);
    assert_eq!(retry_class(&cut("i3.example", false)), RetryClass::Passing);
    assert_eq!(broker::connect(&other("i3.example", false)).0.code(), 78);
    assert_eq!(retry_class(&other("i3.example", false)), RetryClass::Final);
}
