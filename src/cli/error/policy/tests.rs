//! The policy against the catalogue: each error is found by its words, and ends with a code that is told.

mod account;

use std::path::PathBuf;

use super::*;
use crate::catalogue::{self, Code};
use crate::cli::error::KINDS;
use crate::guard::source::Origin;
use crate::login::SecretKind as Held;
use crate::market::auth::TransportChoice;
use crate::market::model::{FieldError, Listing, PictureError};
use crate::market::product::title::TitleFault;
use crate::market::product::{DeleteError, NotOwn, SaveError, SearchError};
use crate::market::reason::ServerReason;
use crate::market::web::Operation;
use crate::mqtt::packet::{PacketError, Reason};

fn entry_of(policy: &Policy) -> Option<&'static str> {
    Some(policy.1.as_ref()?.entry?.id)
}

#[test]
fn what_is_said_of_a_spool_is_explained_as_it_is_hinted() {
    let place = || PathBuf::from("/var/lib/lots");
    let known = [
        SpoolError::Missing(place()),
        SpoolError::Access { path: place(), source: std::io::ErrorKind::PermissionDenied.into() },
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
    ];
    let mut named = 0;
    for error in known {
        let explained = catalogue::of_message(&error.to_string()).first().map(|entry| entry.id);
        let policy = spool(&error);
        assert_eq!(explained, entry_of(&policy), "{error}");
        if let Some(id) = explained {
            assert!(catalogue::find(id).unwrap().codes.contains(&Code::Exit(policy.0.code())), "{error}");
            named += 1;
        }
    }
    assert_eq!(named, 12);
    for (text, id) in [
        ("error: 3 of the lines were dropped from the spool", Some("spool-dropped")),
        ("2 lines are safe in the spool, and not delivered", Some("spool-waiting")),
        ("the spool is not drained: the time is over", Some("spool-waiting")),
        ("the file /run/pw cannot be read", Some("file-unusable")),
        ("the broker refused the subscription to alice/parking/occupancy (reason 0x80)", Some("subscription-refused")),
        ("the broker refused the subscription to a/b/c that the echo needs (reason 0x80)", Some("write-only")),
    ] {
        assert_eq!(catalogue::of_message(text).first().map(|entry| entry.id), id, "{text}");
    }
}

/// Each must be found in the catalogue by its words, and be explained by the entry that gives its hint.
fn are_explained<E: std::error::Error + 'static>(errors: impl IntoIterator<Item = E>) {
    for error in errors {
        let text = error.to_string();
        let by_words = catalogue::of_message(&text);
        assert!(!by_words.is_empty(), "nothing explains '{text}'");
        let by_codes = catalogue::codes_in(&text).into_iter().flat_map(|meaning| catalogue::of_code(meaning.code));
        let ids: Vec<_> = by_words.into_iter().chain(by_codes).map(|entry| entry.id).collect();
        let hinted = known(&error).as_ref().and_then(entry_of);
        assert!(hinted.is_none_or(|id| ids.contains(&id)), "'{text}': {hinted:?} is not in {ids:?}");
    }
}

fn io() -> std::io::Error {
    std::io::ErrorKind::PermissionDenied.into()
}

#[test]
fn what_is_said_of_files_and_names_is_explained() {
    let path = || PathBuf::from("/x/bed1.pem");
    are_explained([
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
    ]);
    are_explained([
        SourceError::Read { origin: Origin::Stdin, source: io() },
        SourceError::SecretAsName,
        SourceError::OpenToOthers { path: path(), mode: 0o644 },
        SourceError::TooLong(Origin::Stdin),
        SourceError::NotUtf8(Origin::Environment("I3_PASSWORD".into())),
    ]);
    are_explained([Refusal::Hash, Refusal::ForeignToken, Refusal::TokenWithExtraText, Refusal::BrokenToken]);
    are_explained([Refusal::Empty, Refusal::Nul, Refusal::TooLong(70_000)]);
    are_explained([
        ConfigError::NoHome,
        ConfigError::Read { path: path(), source: io() },
        ConfigError::Write { path: path(), source: io() },
        ConfigError::Ambiguous { short: "lot1".into(), full: vec!["a".into(), "b".into()] },
        ConfigError::UnknownDevice("lot1".into()),
        ConfigError::NoDevice(Vec::new()),
        ConfigError::NoDevice(vec!["a$b$lot1".into(), "a$b$lot2".into()]),
    ]);
    are_explained([
        AccountError::Read { path: path(), source: io() },
        AccountError::OpenToOthers { path: path(), mode: 0o644 },
        AccountError::Damaged { path: path(), line: 1, column: 1 },
        AccountError::Write { path: path(), source: io() },
    ]);
    are_explained([
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
    are_explained([
        TokenError::Lifetime("x".into()),
        TokenError::LifetimeRange("0s".into()),
        TokenError::Clock,
        TokenError::Sign(KeyError::NeedsPassphrase),
    ]);
    are_explained([
        BrokerUrlError::Scheme("http".into()),
        BrokerUrlError::Host,
        BrokerUrlError::Port,
        BrokerUrlError::Extra,
    ]);
    are_explained([
        MarketUrlError::Scheme,
        MarketUrlError::Host,
        MarketUrlError::Port,
        MarketUrlError::UserInfo,
        MarketUrlError::Extra,
    ]);
    are_explained([
        TlsError::Read { path: path(), source: io() },
        TlsError::NoneInFile(path()),
        TlsError::NoneInSystem,
        TlsError::Config(rustls::Error::HandshakeNotComplete),
    ]);
    are_explained([
        SandboxError::Listen { port: 1, source: io() },
        SandboxError::State { path: path(), source: io() },
        SandboxError::Unseeded { path: path(), name: "alice" },
        SandboxError::Start(io()),
    ]);
}

#[test]
fn what_is_said_of_the_marketplace_is_explained() {
    let market = || "http://i3.example:8000".to_string();
    let limit = std::time::Duration::from_secs(10);
    let http = || HttpError::Timeout { market: market(), limit };
    are_explained([
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
    are_explained([
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
    are_explained([
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
    are_explained(
        [TransportChoice::Auto, TransportChoice::Rest, TransportChoice::Web]
            .map(|via| ClientError::NoCredentials { via }),
    );
    are_explained([alone(), ClientError::NoKey]);
    for resource in [Resource::Hub, Resource::Product, Resource::Device] {
        let name = || "alice/garden/moxu".to_string();
        let existing = || Listing { id: Some(1), name: name() };
        are_explained([
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
            are_explained([
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
    are_explained([
        ChangeError::HubUnknown { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubOtherCase { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubAmbiguous { wanted: wanted(), hubs: Vec::new() },
    ]);
    are_explained([true, false].map(|certain| ChangeError::HalfDeleted {
        name: "alice$parking$lot1".into(),
        answer: "answer 500".into(),
        certain,
    }));
    are_explained([SearchError::NoSuchSeller("eve".into())]);
    are_explained([
        FieldError::Price("0".into()),
        FieldError::SalePrice("0".into()),
        FieldError::Degrees("x".into(), "latitude", "-90 to 90"),
        FieldError::NoDescription,
        FieldError::LongDescription,
        FieldError::Nul(1),
        FieldError::Unstorable { field: "description", character: 'ж', position: 1 },
    ]);
    const TOPIC: &str = "alice/parking/occupancy";
    are_explained([PictureError::Format, PictureError::TooLarge(1)]);
    are_explained([NotOwn { title: TOPIC.into(), seller: "bob".into() }]);
    are_explained([
        TitleFault::PrefixLost { title: "free".into(), seller: "alice".into() },
        TitleFault::OtherHub { title: TOPIC.into(), hub: "alice/garden".parse().unwrap() },
    ]);
    are_explained([
        SaveError::NoHub { title: TOPIC.into(), seller: "alice".into() },
        SaveError::NoPermissions { title: TOPIC.into(), answer: "answer 500".into() },
        SaveError::Differs { title: TOPIC.into(), fields: vec!["price", "latitude"] },
    ]);
    are_explained([DeleteError::Halfway { title: TOPIC.into(), answer: "answer 500".into() }]);
    are_explained([
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
fn what_is_said_of_the_broker_is_explained() {
    let url = || "mqtt://i3.example:1883".parse().unwrap();
    let malformed = || PacketError::Malformed("bad".into());
    are_explained([
        ConnectError::Resolve { host: "i3.example".into(), source: io() },
        ConnectError::Unreachable { url: url(), source: io() },
        ConnectError::Timeout { url: url(), during: "TCP connection" },
        ConnectError::Tls { url: url(), source: io() },
        ConnectError::NotTls { url: url() },
        ConnectError::ClosedAtLogin { url: url() },
        ConnectError::Protocol { url: url(), source: malformed() },
        ConnectError::Unsendable(malformed()),
    ]);
    for code in [1, 2, 3, 4, 5, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x9F] {
        are_explained(["alice$garden$bed1", "bob"].map(|name| ConnectError::Refused { code, user_name: name.into() }));
    }
    are_explained([
        ConnectionError::Closed,
        ConnectionError::Ended(Reason(0x80)),
        ConnectionError::Io(io()),
        ConnectionError::Silent(std::time::Duration::from_secs(90)),
        ConnectionError::Protocol(malformed()),
    ]);
    let topic = || "alice/garden/moxu".parse().unwrap();
    are_explained([
        SubscribeError::Refused { topic: topic(), reason: Reason(0x80) },
        SubscribeError::NoAnswer,
        SubscribeError::Link(ConnectionError::Closed),
        SubscribeError::TakenOver,
    ]);
    let place = || PathBuf::from("/var/lib/lots");
    are_explained([
        RotationError::Busy,
        RotationError::OldRefused(Held::Key),
        RotationError::Undone { kind: Held::Key, why: "it was refused".into() },
        RotationError::Unfinished { kind: Held::Password, why: "500".into() },
        RotationError::File { path: place(), source: io() },
        RotationError::Journal { path: place(), source: serde_json::from_str::<()>("{").unwrap_err() },
        RotationError::Credential(CredentialError::NoHash),
        RotationError::Key(KeyError::NotPublic("a text")),
    ]);
    are_explained([
        StreamError::Denied { line: 1, topic: topic(), reason: Reason(0x87) },
        StreamError::NotAcknowledged { line: 1, topic: topic(), connections: 3, source: ConnectionError::Closed },
    ]);
    are_explained([SpoolWorkerError::Behind, SpoolWorkerError::Gone, SpoolWorkerError::Thread(io())]);
}

#[test]
fn what_other_programs_and_gateways_say_is_explained() {
    for (text, id) in [
        ("Error: Connection refused", "broker-unreachable"),
        ("Error: The connection was lost.", "connection-ended"),
        ("Unable to connect (Lookup error.).", "host-unknown"),
        ("HTTP/1.1 502 Bad Gateway", "gateway"),
        ("503 Service Unavailable", "gateway"),
        ("504 Gateway Time-out", "gateway"),
        ("error: /x/bed1.pem is there already", "key-file-exists"),
        ("error: the hub 'garden' already exists", "hub-exists"),
        ("error: the key file /x/bed1.pem is there already", "key-file-exists"),
    ] {
        assert_eq!(catalogue::of_message(text).first().map(|entry| entry.id), Some(id), "{text}");
    }
    assert!(catalogue::of_message("Connection error: Connection Refused: not authorised.").is_empty());
    assert!(!catalogue::codes_in("Connection error: Connection Refused: not authorised.").is_empty());
}

#[test]
fn a_stream_whose_client_id_is_shared_is_told_so() {
    let ended = |code| StreamError::NotAcknowledged {
        line: 1,
        topic: "alice/parking/occupancy".parse().unwrap(),
        connections: 3,
        source: ConnectionError::Ended(Reason(code)),
    };
    assert_eq!(entry_of(&stream(&ended(0x8E))), Some("client-id-shared"));
    assert!(stream(&ended(0x8B)).1.unwrap().text("i3").contains("--timeout"));
}

#[test]
fn what_the_guard_refuses_ends_with_a_code_that_the_catalogue_tells() {
    for refusal in [Refusal::Empty, Refusal::Hash, Refusal::ForeignToken, Refusal::TokenWithExtraText, Refusal::Nul] {
        assert!(refusal.entry().codes.contains(&Code::Exit(super::refusal(&refusal).0.code())), "{refusal}");
    }
}

#[test]
fn the_exit_codes_are_those_that_the_catalogue_tells() {
    let policy = include_str!("../policy.rs");
    let mut used = 0;
    let mut before = "";
    for piece in policy.split("entry!(\"") {
        // What stands before the name is the call with its kind: `with(ExitKind::Config, `, perhaps on another line.
        let kind = before.trim_end().strip_suffix(',').and_then(|call| call.rsplit_once("ExitKind::"));
        let kind = kind.and_then(|(_, kind)| KINDS.into_iter().find(|k| format!("{k:?}") == kind));
        if let Some(kind) = kind {
            let (id, _) = piece.split_once('"').unwrap();
            let entry = catalogue::find(id).unwrap();
            // 1 stands for anything else, in the catalogue as well as here.
            let told = entry.codes.contains(&Code::Exit(kind.code())) || kind == ExitKind::Other;
            assert!(told, "{id} ends with {}", kind.code());
            used += 1;
        }
        before = piece;
    }
    assert!(used > 40, "{used} were found");
}
