//! The policy against the catalogue: each error has an entry, and ends with an exit code that the entry names.

mod account;

use std::path::PathBuf;

use super::broker::*;
use super::*;
use crate::account::AccountError;
use crate::broker_url::BrokerUrlError;
use crate::catalogue::Code;
use crate::cli::error::classify;
use crate::cli::error::kind::ExitKind;
use crate::clock::Doubt;
use crate::config::ConfigError;
use crate::guard::Refusal;
use crate::guard::source::Origin;
use crate::guard::source::SourceError;
use crate::key::KeyError;
use crate::login::SecretKind as Held;
use crate::login::attempt::retry_class;
use crate::market::auth::ClientError;
use crate::market::auth::TransportChoice;
use crate::market::change::ChangeError;
use crate::market::credential::CredentialError;
use crate::market::http::HttpError;
use crate::market::model::{Action, Resource};
use crate::market::model::{FieldError, Listing, PictureError};
use crate::market::product::title::TitleFault;
use crate::market::product::{DeleteError, NotOwn, SaveError, SearchError};
use crate::market::reason::ServerReason;
use crate::market::rest::RestError;
use crate::market::web::Operation;
use crate::market::web::WebError;
use crate::market_url::MarketUrlError;
use crate::misread::Misread;
use crate::mqtt::connection::{ConnectError, ConnectionError};
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::packet::{PacketError, Reason};
use crate::mqtt::reason::Said;
use crate::mqtt::reconnect::RetryClass;
use crate::name::NameError;
use crate::publisher::stream::{self, MessageNumber, StreamError};
use crate::publisher::{PublishError, Reached};
use crate::rotation::RotationError;
use crate::sandbox::SandboxError;
use crate::spool::SpoolError;
use crate::spool::worker::SpoolWorkerError;
use crate::subscriber::SubscribeError;
use crate::text::hidden::{Hidden, Place};
use crate::tls::TlsError;
use crate::token::TokenError;

fn entry_of(policy: &Policy) -> Option<&'static str> {
    Some(policy.1.as_ref()?.entry?.id)
}

/// Each has an entry of the catalogue, which names the exit code that the error ends with.
fn have_entries<E: std::error::Error + Send + Sync + 'static>(errors: impl IntoIterator<Item = E>) {
    for error in errors {
        let (kind, hint) = classify(&anyhow::Error::new(error));
        let entry = hint.as_ref().and_then(|hint| hint.entry);
        let entry = entry.unwrap_or_else(|| panic!("{kind:?} {hint:?} has no entry"));
        // 1 stands for anything else, in the catalogue as well as here.
        assert!(entry.codes.contains(&Code::Exit(kind.code())) || kind == ExitKind::Other, "{}: {kind:?}", entry.id);
    }
}

fn misread() -> Misread {
    Misread::json(&serde_json::from_str::<()>("{").unwrap_err())
}

fn io() -> std::io::Error {
    std::io::ErrorKind::PermissionDenied.into()
}

#[test]
fn what_is_said_of_files_and_names_has_an_entry() {
    let path = || PathBuf::from("/x/bed1.pem");
    have_entries([
        KeyError::Read { path: path(), source: std::io::ErrorKind::NotFound.into() },
        KeyError::Read { path: path(), source: io() },
        KeyError::OpenToOthers { path: path(), mode: 0o644 },
        KeyError::NeedsPassphrase,
        KeyError::WrongPassphrase,
        KeyError::NotPrivate("a certificate"),
        KeyError::Form { form: "a private key in PuTTY's form", convert: "puttygen" },
        KeyError::NotPublic("a text"),
        KeyError::Bits(512),
        KeyError::Short(1024),
        KeyError::Damaged("it does not sign".into()),
        KeyError::Costly { cost: "1 iteration".into(), limit: "0".into() },
    ]);
    let hidden = Hidden { character: '\r', place: Place::End };
    have_entries([
        SourceError::Read { origin: Origin::Stdin, source: io() },
        SourceError::SecretAsName,
        SourceError::OpenToOthers { path: path(), mode: 0o644 },
        SourceError::TooLong(Origin::Stdin),
        SourceError::NotUtf8(Origin::Environment("I3_PASSWORD".into())),
        SourceError::Utf16(Origin::Stdin),
        SourceError::Hidden { origin: Origin::Environment("I3_PASSWORD".into()), hidden },
        SourceError::Hidden { origin: Origin::Stdin, hidden },
        SourceError::Unusable { origin: Origin::Environment("I3_MARKET".into()), hidden },
        SourceError::Unusable { origin: Origin::Argument("--topic".into()), hidden },
    ]);
    have_entries([Refusal::Hash, Refusal::ForeignToken, Refusal::TokenWithExtraText, Refusal::BrokenToken]);
    have_entries([Refusal::Empty, Refusal::Nul, Refusal::TooLong(70_000)]);
    have_entries([
        ConfigError::NoHome,
        ConfigError::Hidden(crate::config::Origin::Environment("I3_HOME"), hidden),
        ConfigError::Stray { path: path(), line: 1, hidden },
        ConfigError::Utf16(path()),
        ConfigError::Refused(Refusal::Empty),
        ConfigError::Read { path: path(), source: io() },
        ConfigError::Write { path: path(), source: io() },
        ConfigError::Ambiguous { short: "lot1".into(), full: vec!["a".into(), "b".into()] },
        ConfigError::UnknownDevice("lot1".into()),
        ConfigError::NoDevice(Vec::new()),
        ConfigError::NoDevice(vec!["a$b$lot1".into(), "a$b$lot2".into()]),
    ]);
    have_entries([
        AccountError::Read { path: path(), source: io() },
        AccountError::OpenToOthers { path: path(), mode: 0o644 },
        AccountError::Damaged { path: path(), source: misread() },
        AccountError::Write { path: path(), source: io() },
    ]);
    have_entries([
        NameError::User("a b".into()),
        NameError::Short("x".into(), "hub"),
        NameError::Hub("garden".into()),
        NameError::Device("bed1".into()),
        NameError::ShortTopic { topic: "moxu".into(), suggestion: None },
        NameError::Wildcard("a/#".into()),
        NameError::Unsendable,
        NameError::Product { name: "a".into(), why: "it is too short" },
        NameError::LongTopic { topic: "a".repeat(31) },
        NameError::NoRoom { user: "a".repeat(22) },
        NameError::NotAscii { name: "größe".into(), what: "product", character: 'ö', position: 3 },
    ]);
    have_entries([
        TokenError::Lifetime("x".into()),
        TokenError::LifetimeRange("0s".into()),
        TokenError::Clock,
        TokenError::Sign(KeyError::NeedsPassphrase),
    ]);
    have_entries([
        BrokerUrlError::Scheme("http".into()),
        BrokerUrlError::Host,
        BrokerUrlError::Port,
        BrokerUrlError::Extra,
    ]);
    have_entries([
        MarketUrlError::Scheme,
        MarketUrlError::Host,
        MarketUrlError::Port,
        MarketUrlError::UserInfo,
        MarketUrlError::Extra,
    ]);
    have_entries([
        TlsError::Read { path: path(), source: io() },
        TlsError::NoneInFile(path()),
        TlsError::NoneInSystem,
        TlsError::Config(rustls::Error::HandshakeNotComplete),
    ]);
    have_entries([
        SandboxError::Listen { port: 1, source: io() },
        SandboxError::State { path: path(), source: io() },
        SandboxError::Unseeded { path: path(), name: "alice" },
        SandboxError::Start(io()),
    ]);
}

#[test]
fn what_is_said_of_the_marketplace_has_an_entry() {
    let market = || "http://i3.example:8000".to_string();
    let limit = std::time::Duration::from_secs(10);
    let http = || HttpError::Timeout { market: market(), limit };
    have_entries([
        HttpError::Resolve { host: "i3.example".into(), source: io() },
        HttpError::Unreachable { market: market(), source: io() },
        HttpError::ConnectTimeout { market: market(), limit },
        http(),
        HttpError::Cut { market: market(), source: io() },
        HttpError::Tls(TlsError::NoneInSystem),
        HttpError::Handshake { market: market(), source: "bad certificate".into() },
        HttpError::Proxy,
        HttpError::TooLarge { market: market(), limit: 9 },
        HttpError::TooLong { market: market(), limit, read: 9 },
        HttpError::NotHttp { market: market(), source: "bad".into() },
    ]);
    let location = || Some("http://hotel.example/".to_string());
    let (operation, reason) = (Operation::HubList, || ServerReason::read("OperationalError at /", ""));
    have_entries([
        WebError::CredentialsRefused { user: "alice".into(), said: "no".into() },
        WebError::CsrfRefused(operation),
        WebError::SessionExpired(operation),
        WebError::HostRefused { host: "i3.example".into() },
        WebError::NotFound(operation),
        WebError::ServerError { operation, status: 500, reason: reason() },
        WebError::ServerError {
            operation,
            status: 500,
            reason: ServerReason::read("OperationalError at /", "(2003, '')"),
        },
        WebError::ServerError { operation, status: 502, reason: None },
        WebError::Unexpected { operation, status: 302, location: location() },
    ]);
    let endpoint = "/api/hub/";
    let reasons = || vec![("name".to_string(), vec!["taken".to_string()])];
    have_entries([
        RestError::FormsOnly { endpoint, status: 404 },
        RestError::Gone { endpoint },
        RestError::KeyRefused { said: "no".into() },
        RestError::KeyUnusable,
        RestError::Rejected { reasons: reasons() },
        RestError::HostRefused { host: "i3.example".into() },
        RestError::ServerError { endpoint, status: 500, reason: None },
        RestError::ServerError { endpoint, status: 503, reason: None },
        RestError::Shape { endpoint, expected: "a list".into() },
        RestError::Unexpected { endpoint, status: 302 },
    ]);
    let alone = || ClientError::NeedsLogIn(RestError::FormsOnly { endpoint, status: 404 });
    have_entries(
        [TransportChoice::Auto, TransportChoice::Rest, TransportChoice::Web]
            .map(|via| ClientError::NoCredentials { via }),
    );
    have_entries([alone(), ClientError::NoKey]);
    for resource in [Resource::Hub, Resource::Product, Resource::Device] {
        let name = || "alice/garden/moxu".to_string();
        let existing = || Listing { id: Some(1), name: name() };
        have_entries([
            ChangeError::Missing { resource, name: name(), similar: Vec::new() },
            ChangeError::Missing { resource, name: name(), similar: vec![existing()] },
            ChangeError::Exists { resource, existing: existing() },
            ChangeError::RedirectedBack { resource },
            ChangeError::NotYours { resource },
            ChangeError::Rejected { resource, reasons: reasons() },
            ChangeError::Doubled { resource, name: name(), rows: vec![existing(), existing()] },
            ChangeError::TakenMeanwhile { resource, existing: existing() },
        ]);
        for action in [Action::Created, Action::Changed, Action::Deleted] {
            have_entries([
                ChangeError::FormRefused { resource, action, complaint: None },
                ChangeError::AcceptedButMissing { resource, action, place: name() },
                ChangeError::BrokeDown { action, status: 500, reason: reason() },
                ChangeError::BrokeDown { action, status: 500, reason: ServerReason::read("", "(2003, '')") },
                ChangeError::LostNothingDone { action, source: http() },
                ChangeError::UnexpectedAnswer { action, status: 302, location: location() },
                ChangeError::Unproved { resource, action, name: name(), source: http() },
                ChangeError::Unknown {
                    resource,
                    action,
                    name: name(),
                    answer: "500".into(),
                    source: Box::new(alone()),
                },
            ]);
        }
    }
    let wanted = || "garden".to_string();
    have_entries([
        ChangeError::HubUnknown { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubOtherCase { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubAmbiguous { wanted: wanted(), hubs: Vec::new() },
    ]);
    have_entries([true, false].map(|certain| ChangeError::HalfDeleted {
        name: "alice$parking$lot1".into(),
        answer: "answer 500".into(),
        certain,
    }));
    have_entries([SearchError::NoSuchSeller("eve".into())]);
    have_entries([
        FieldError::Price("0".into()),
        FieldError::SalePrice("0".into()),
        FieldError::Degrees("x".into(), "latitude", "-90 to 90"),
        FieldError::NoDescription,
        FieldError::LongDescription,
        FieldError::Nul(1),
        FieldError::Unstorable { field: "description", character: 'ж', position: 1 },
    ]);
    const TOPIC: &str = "alice/parking/occupancy";
    have_entries([PictureError::Format, PictureError::TooLarge(1)]);
    have_entries([NotOwn { title: TOPIC.into(), seller: "bob".into() }]);
    have_entries([
        TitleFault::PrefixLost { title: "free".into(), seller: "alice".into() },
        TitleFault::OtherHub { title: TOPIC.into(), hub: "alice/garden".parse().unwrap() },
    ]);
    have_entries([
        SaveError::NoHub { title: TOPIC.into(), seller: "alice".into() },
        SaveError::NoPermissions { title: TOPIC.into(), answer: "answer 500".into() },
        SaveError::Differs { title: TOPIC.into(), fields: vec!["price", "latitude"] },
    ]);
    have_entries([DeleteError::Halfway { title: TOPIC.into(), answer: "answer 500".into() }]);
    have_entries([
        CredentialError::TooShort(1),
        CredentialError::TooLong(501),
        CredentialError::KeyTooLong { bits: 4096, characters: 736 },
        CredentialError::PrivateKey,
        CredentialError::PemArmour,
        CredentialError::OpenSsh,
        CredentialError::Pkcs1,
        CredentialError::NoPublicKey,
        CredentialError::NoHash,
        CredentialError::Unstorable { position: 2 },
    ]);
}

#[test]
fn what_is_said_of_the_broker_has_an_entry() {
    let url = || "mqtt://i3.example:1883".parse().unwrap();
    let malformed = || PacketError::Malformed("bad".into());
    have_entries([
        ConnectError::Resolve { host: "i3.example".into(), source: io() },
        ConnectError::Unreachable { url: url(), source: io() },
        ConnectError::Timeout { url: url(), during: "TCP connection" },
        ConnectError::Tls { url: url(), source: io() },
        ConnectError::Clock { url: url(), doubt: Doubt::BeforeMade { at: std::time::UNIX_EPOCH }, source: io() },
        ConnectError::HandshakeCut { url: url(), source: io(), has_spoken_tls: true },
        ConnectError::HandshakeCut { url: url(), source: io(), has_spoken_tls: false },
        ConnectError::NotTls { url: url(), has_spoken_tls: true },
        ConnectError::NotTls { url: url(), has_spoken_tls: false },
        ConnectError::ClosedAtLogin { url: url() },
        ConnectError::Protocol { url: url(), source: malformed() },
        ConnectError::Unsendable(malformed()),
    ]);
    for code in 1..=255 {
        have_entries(["alice$garden$bed1", "bob"].map(|name| refused(code, name)));
    }
    have_entries([
        ConnectionError::Closed,
        ConnectionError::Ended { reason: Reason(0x80), said: Box::default() },
        ConnectionError::Io(io()),
        ConnectionError::Silent(std::time::Duration::from_secs(90)),
        ConnectionError::Protocol(malformed()),
    ]);
    let topic = || "alice/garden/moxu".parse().unwrap();
    have_entries([
        SubscribeError::Refused { topic: topic(), reason: Reason(0x80) },
        SubscribeError::NotNow { topic: topic(), reason: Reason(0x97) },
        SubscribeError::NotEnded { filter: "#".into(), reason: Reason(0x87) },
        SubscribeError::NoSession,
        SubscribeError::NoAnswer,
        SubscribeError::Link(ConnectionError::Closed),
        SubscribeError::TakenOver,
    ]);
    let place = || PathBuf::from("/var/lib/lots");
    have_entries([
        RotationError::Busy,
        RotationError::OldRefused(Held::Key),
        RotationError::Undone { kind: Held::Key, why: "it was refused".into() },
        RotationError::Unfinished { kind: Held::Password, why: "500".into() },
        RotationError::File { path: place(), source: io() },
        RotationError::Journal { path: place(), source: misread() },
        RotationError::Credential(CredentialError::NoHash),
        RotationError::Key(KeyError::NotPublic("a text")),
    ]);
    let closed = || ConnectionError::Closed;
    let part = Reached::Part { sent: 1, of: 2 };
    have_entries([
        PublishError::OverLimit { topic: topic(), limit: BrokerLimit::Retain },
        PublishError::NoEcho { topic: topic(), after: std::time::Duration::from_secs(1) },
        PublishError::EchoRefused { topic: topic(), reason: Reason(0x80) },
        PublishError::Stuck { topic: topic(), after: std::time::Duration::from_secs(1), reached: part },
        PublishError::NotAcknowledged { topic: topic(), after: std::time::Duration::from_secs(1) },
        PublishError::Closed { topic: topic(), reached: Reached::Sent, source: closed() },
        PublishError::ClosedAgain { topic: topic(), times: 2 },
        PublishError::Link { topic: topic(), reached: part, source: closed() },
        PublishError::Deadline { topic: topic(), reached: Reached::Nothing },
        PublishError::Deadline { topic: topic(), reached: Reached::Acknowledged },
    ]);
    have_entries((0x80..=0xA2).map(|code| PublishError::Refused { topic: topic(), reason: Reason(code) }));
    have_entries(
        [
            stream::Refusal::Denied(Reason(0x87)),
            stream::Refusal::Denied(Reason(0x99)),
            stream::Refusal::NoEcho(std::time::Duration::from_secs(10)),
            stream::Refusal::NoSubscription(Reason(0x80)),
            stream::Refusal::Closed(None),
        ]
        .map(|refusal| StreamError::Refused { origin: MessageNumber::Line(1), topic: topic(), refusal }),
    );
    have_entries([StreamError::NotAcknowledged {
        origin: MessageNumber::Record(1),
        topic: topic(),
        connections: 3,
        source: ConnectionError::Closed,
    }]);
    have_entries([
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
    have_entries([SpoolWorkerError::Behind, SpoolWorkerError::Gone, SpoolWorkerError::Thread(io())]);
}

#[test]
fn a_stream_whose_client_id_is_shared_is_told_so() {
    let ended = |code| StreamError::NotAcknowledged {
        origin: MessageNumber::Line(1),
        topic: "alice/parking/occupancy".parse().unwrap(),
        connections: 3,
        source: ConnectionError::Ended { reason: Reason(code), said: Box::default() },
    };
    assert_eq!(entry_of(&stream(&ended(0x8E))), Some("client-id-shared"));
    assert!(stream(&ended(0x8B)).1.unwrap().text("i3").contains("--timeout"));
}

fn refused(code: u8, user_name: &str) -> ConnectError {
    ConnectError::Refused { code, user_name: user_name.into(), said: Said::default() }
}

#[test]
fn every_code_of_a_refused_log_in_has_its_exit_code_and_passing_ones_are_tried_again() {
    let exits: [(u8, &[u8]); 4] = [
        (75, &[3, 0x80, 0x83, 0x88, 0x89, 0x97, 0x9F]),
        (77, &[1, 2, 4, 5, 0x86, 0x87, 0x8A, 0x8C]),
        (65, &[0x81, 0x82, 0x85, 0x90, 0x95, 0x99, 0x9A, 0x9B]),
        (78, &[0x84, 0x9C, 0x9D]),
    ];
    for (exit, codes) in exits {
        for code in codes {
            let error = refused(*code, "alice$garden$bed1");
            assert_eq!(broker::connect(&error).0.code(), exit, "{code:#04x}");
            assert_eq!(retry_class(&error) == RetryClass::Passing, exit == 75, "{code:#04x}");
        }
    }
    // Each with its own words, but where the same is to be done.
    let hint = |code| broker::connect(&refused(code, "bob")).1.unwrap().text("i3");
    let hints: std::collections::BTreeSet<String> = (1..=255).map(hint).collect();
    assert!(hints.len() >= 14, "{hints:#?}");
}

#[test]
fn plain_mqtt_is_advised_only_where_it_may_be_right_and_with_what_it_means() {
    let url = |host: &str| format!("mqtts://{host}:8883").parse().unwrap();
    let hint = |error: &ConnectError| broker::connect(error).1.unwrap().text("i3");
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
