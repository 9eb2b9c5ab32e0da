//! The policy against the catalogue: each error has an entry, and ends with an exit code that the entry names.

mod account;
mod table;

use std::path::PathBuf;
use std::time::Duration;

use super::broker::*;
use super::*;
use crate::account::AccountError;
use crate::agent::client::NoAgent;
use crate::agent::socket::SocketError;
use crate::broker_url::{BrokerUrl, BrokerUrlError};
use crate::cli::ui::Unwritten;
use crate::clock::Doubt;
use crate::config::ConfigError;
use crate::gateway::NatsError;
use crate::gateway::metrics::server::ListenError;
use crate::gateway::plan::PlanError;
use crate::guard::Refusal;
use crate::guard::form::{KeyEncoding, KeyForm, KeyKind};
use crate::guard::source::Origin;
use crate::guard::source::SourceError;
use crate::key::KeyError;
use crate::login::SecretKind as Held;
use crate::login::attempt::retry_class;
use crate::login::client_certificate::ClientCertificateError;
use crate::market::auth::ClientError;
use crate::market::auth::TransportChoice;
use crate::market::change::ChangeError;
use crate::market::credential::{CredentialError, ShellHazard};
use crate::market::http::{Before, HttpError, ProxyError as HttpProxyError, ProxyFault, ProxyName, ProxyRefusal};
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
use crate::mqtt::connection::{ConnectError, ConnectionError, WebSocketError};
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::packet::{PacketError, Reason};
use crate::mqtt::reason::Said;
use crate::mqtt::reconnect::RetryClass;
use crate::name::{NameError, Topic};
use crate::pkcs11::Pkcs11Error;
use crate::pkcs11::pin::Tries;
use crate::publisher::format::BadLine;
use crate::publisher::shutdown::Cause;
use crate::publisher::stream::{self, MessageNumber, StreamError};
use crate::publisher::{PublishError, Reached};
use crate::rotation::RotationError;
use crate::sandbox::SandboxError;
use crate::signer::SignerError;
use crate::spool::SpoolError;
use crate::spool::worker::SpoolWorkerError;
use crate::subscriber::SubscribeError;
use crate::tcp::{ProxyError, ProxyUrlError};
use crate::text::hidden::{Hidden, Place};
use crate::tls::{ClientSide, TlsError, TlsFault};
use crate::token::{Fault, TokenError};
use table::Table;

fn misread() -> Misread {
    Misread::json(&serde_json::from_str::<()>("{").unwrap_err())
}

fn io() -> std::io::Error {
    std::io::ErrorKind::PermissionDenied.into()
}

#[test]
fn every_error_has_the_entry_of_the_rendered_table() {
    let mut table = Table::default();
    files_and_names(&mut table);
    marketplace(&mut table);
    broker_and_streams(&mut table);
    proxies_and_websockets(&mut table);
    account::all(&mut table);
    table.check(&types());
}

fn files_and_names(table: &mut Table) {
    let path = || PathBuf::from("/x/bed1.pem");
    table.add([
        KeyError::Read { path: path(), source: std::io::ErrorKind::NotFound.into() },
        KeyError::Read { path: path(), source: io() },
        KeyError::OpenToOthers { path: path(), mode: 0o644 },
        KeyError::NeedsPassphrase,
        KeyError::WrongPassphrase,
        KeyError::NotPrivate("a certificate"),
        KeyError::Form { form: "a private key in PuTTY's form".into(), convert: "puttygen" },
        KeyError::Several(2),
        KeyError::Unsupported("it has more than two primes".into()),
        KeyError::NotPublic("a text"),
        KeyError::Bits(512),
        KeyError::Short(1024),
        KeyError::Damaged("it does not sign".into()),
        KeyError::Costly { cost: "1 iteration".into(), limit: "0".into(), convert: "ssh-keygen" },
    ]);
    table.add([crate::access::ForeignFolder { folder: path(), owner: 1000 }]);
    let hidden = Hidden { character: '\r', place: Place::End };
    table.add([
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
    table.add([Refusal::Hash, Refusal::ForeignToken, Refusal::TokenWithExtraText, Refusal::BrokenToken]);
    table.add([Refusal::Empty, Refusal::Nul, Refusal::TooLong(70_000)]);
    let form = KeyForm { kind: KeyKind::Pkcs1, encoding: KeyEncoding::Pem, encoded: None };
    table.add([
        Refusal::PrivateKey(form),
        Refusal::PrivateKeyPath(form),
        Refusal::PrivateKeyOnCommandLine(form),
        Refusal::PrivateKeyIn("-t".into(), form),
        Refusal::PrivateKeyInMessage(form),
        Refusal::PublicKey(form),
        Refusal::PublicKeyPath(form),
    ]);
    table.add([Fault::StrayBlanks, Fault::Expired(Duration::ZERO), Fault::Audience].map(Refusal::Token));
    let origin = || crate::config::Origin::Environment("I3_HOME");
    table.add([
        ConfigError::NoHome,
        ConfigError::Missing { path: path(), origin: origin() },
        ConfigError::Two(origin(), origin()),
        ConfigError::ProfileName(origin()),
        ConfigError::UnknownProfile { name: "work".into(), profiles: Vec::new() },
        ConfigError::Parse { path: path(), source: misread() },
        ConfigError::UnknownKey(None),
        ConfigError::SecretKey("api_key"),
        ConfigError::Hidden(origin(), hidden),
        ConfigError::Stray { path: path(), line: 1, hidden },
        ConfigError::Utf16(path()),
        ConfigError::Refused(Refusal::Empty),
        ConfigError::Pin { key: origin(), source: Pkcs11Error::PinInUri.into() },
        ConfigError::Read { path: path(), source: io() },
        ConfigError::Write { path: path(), source: io() },
        ConfigError::Ambiguous { short: "lot1".into(), full: vec!["a".into(), "b".into()] },
        ConfigError::UnknownDevice { name: "lot1".into(), configured: Vec::new() },
        ConfigError::NoDevice(Vec::new()),
        ConfigError::NoDevice(vec!["a$b$lot1".into(), "a$b$lot2".into()]),
    ]);
    table.add([
        SocketError::Taken(path()),
        SocketError::Open(path()),
        SocketError::Occupied(path()),
        SocketError::Io { path: path(), source: io() },
    ]);
    table.add([
        NoAgent::None,
        NoAgent::Unreachable(io()),
        NoAgent::OtherVersion,
        NoAgent::Declined(String::new()),
        NoAgent::Silent,
    ]);
    table.add([
        PlanError::File(ConfigError::NoHome),
        PlanError::Missing("house.toml".into()),
        PlanError::Syntax { path: "house.toml".into(), source: misread() },
        PlanError::Wrong { path: "house.toml".into(), problems: vec!["it has no [[source]]".into()] },
    ]);
    table.add([
        NatsError::Unreachable { servers: "nats://n1".into(), why: "timed out".into() },
        NatsError::LogIn("the user i3".into()),
        NatsError::Denied("permissions violation".into()),
        NatsError::NoJetStream("not enabled".into()),
        NatsError::NoStream("SENSORS".into()),
        NatsError::Consumer { stream: "SENSORS".into(), durable: "i3".into(), why: "it pushes".into() },
        NatsError::Request { what: "create the consumer", why: "timed out".into() },
        NatsError::Rejects { subject: "rejects".into(), why: "no responders".into() },
        NatsError::Tls(TlsError::NoneInSystem),
    ]);
    let (key, token) = (|| "the key 'lot1' on the token 'i3'".to_owned(), || "i3".to_owned());
    table.add([
        Pkcs11Error::Uri { attribute: "'tokn'".into(), why: "it is unknown".into() },
        Pkcs11Error::PinInUri,
        Pkcs11Error::NotBuilt,
        Pkcs11Error::NoModule,
        Pkcs11Error::Module { path: path(), why: "it is not there".into() },
        Pkcs11Error::NoToken { module: path() },
        Pkcs11Error::OtherTokens { found: vec!["'other'".into()] },
        Pkcs11Error::SeveralTokens { found: vec!["'i3'".into(), "'i3'".into()] },
        Pkcs11Error::NoKey { token: token(), found: Vec::new() },
        Pkcs11Error::SeveralKeys { token: token(), found: vec!["pkcs11:id=%01".into()] },
        Pkcs11Error::NotRsa { key: key(), kind: "an elliptic-curve key".into() },
        Pkcs11Error::CannotSign { key: key() },
        Pkcs11Error::NoMechanism { token: token() },
        Pkcs11Error::NoPublicHalf { key: key() },
        Pkcs11Error::PublicHalf { key: key(), source: KeyError::Short(1024) },
        Pkcs11Error::Mismatch { key: key() },
        Pkcs11Error::PinNotSet { token: token() },
        Pkcs11Error::NeedsPin { token: token() },
        Pkcs11Error::WrongPin { token: token(), tries: Tries::Last },
        Pkcs11Error::RefusedBefore { token: token() },
        Pkcs11Error::LastTry { token: token() },
        Pkcs11Error::PinLocked { token: token() },
        Pkcs11Error::Call { doing: "sign", said: "C_Sign answers CKR_DEVICE_ERROR".into() },
        Pkcs11Error::Lost { key: key(), source: Box::new(Pkcs11Error::NoToken { module: path() }) },
        Pkcs11Error::Slow { key: key(), seconds: 10 },
    ]);
    table.add([SignerError::Key(KeyError::NeedsPassphrase), SignerError::Pkcs11(Pkcs11Error::NotBuilt)]);
    table.add([ListenError { address: ([127, 0, 0, 1], 9464).into(), source: io() }]);
    table.add([
        AccountError::Read { path: path(), source: io() },
        AccountError::OpenToOthers { path: path(), mode: 0o644 },
        AccountError::Damaged { path: path(), source: misread() },
        AccountError::Version { path: path(), found: 2 },
        AccountError::Write { path: path(), source: io() },
    ]);
    table.add([
        NameError::User("a b".into()),
        NameError::Short("x".into(), "hub"),
        NameError::Hub("garden".into()),
        NameError::Device("bed1".into()),
        NameError::ShortTopic { topic: "moxu".into(), suggestion: None },
        NameError::TopicLevel { topic: "a/b/c".into(), source: Box::new(NameError::User("a".into())) },
        NameError::OfBroker("$SYS".into()),
        NameError::Shared { shared: "$share/g".into(), topic: None },
        NameError::Wildcard("a/#".into()),
        NameError::Unsendable,
        NameError::Product { name: "a".into(), why: "it is too short" },
        NameError::LongTopic { topic: "a".repeat(31) },
        NameError::NoRoom { user: "a".repeat(22) },
        NameError::NewShort("gar den".into(), "hub"),
        NameError::NotAscii { name: "größe".into(), what: "product", character: 'ö', position: 3 },
    ]);
    table.add([
        TokenError::Lifetime("x".into()),
        TokenError::LifetimeRange("0s".into()),
        TokenError::Clock,
        TokenError::Sign(KeyError::NeedsPassphrase.into()),
    ]);
    table.add([
        BrokerUrlError::Scheme("http".into()),
        BrokerUrlError::Host,
        BrokerUrlError::Port,
        BrokerUrlError::Extra,
        BrokerUrlError::Path,
    ]);
    client_certificates(table);
    table.add([
        MarketUrlError::Scheme,
        MarketUrlError::Host,
        MarketUrlError::Port,
        MarketUrlError::UserInfo,
        MarketUrlError::Extra,
        MarketUrlError::Page,
    ]);
    table.add([
        TlsError::Read { path: path(), source: io() },
        TlsError::NoneInFile(path()),
        TlsError::Pem { path: path(), why: "it has no end" },
        TlsError::NoneInSystem,
        TlsError::NoneInFolder(path()),
        TlsError::Config(rustls::Error::HandshakeNotComplete),
    ]);
    table.add([
        SandboxError::Listen { port: 1, source: io() },
        SandboxError::State { path: path(), source: io() },
        SandboxError::Unseeded { path: path(), name: "alice" },
        SandboxError::Start(io()),
    ]);
    table.add([Unwritten(io())]);
}

fn client_certificates(table: &mut Table) {
    use ClientCertificateError as Error;
    let path = || PathBuf::from("/x/client.pem");
    table.add([
        Error::Certificate(TlsError::NoneInFile(path())),
        Error::Read { path: path(), source: io() },
        Error::OpenToOthers { path: path(), mode: 0o644 },
        Error::NoKey(path()),
        Error::Encrypted { path: path(), source: KeyError::WrongPassphrase },
        Error::Encrypted { path: path(), source: KeyError::NotPrivate("a private key of another kind") },
        Error::Mismatch { certificate: path(), key: path() },
        Error::Kind(path()),
        Error::OfDevice { path: path(), device: "alice$parking$lot1".parse().unwrap() },
    ]);
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

fn proxies_and_websockets(table: &mut Table) {
    table.add([
        ProxyUrlError::Scheme,
        ProxyUrlError::Quoted('"'),
        ProxyUrlError::Local("socks5"),
        ProxyUrlError::Tls,
        ProxyUrlError::Host,
        ProxyUrlError::Port,
        ProxyUrlError::User,
        ProxyUrlError::Extra,
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

fn marketplace(table: &mut Table) {
    let market = || "http://i3.example:8000".to_string();
    let limit = Duration::from_secs(10);
    let http = || HttpError::Timeout { market: market(), limit };
    table.add([
        HttpError::Resolve { host: "i3.example".into(), source: io() },
        HttpError::Unreachable { market: market(), source: io() },
        HttpError::ConnectTimeout { market: market(), limit },
        http(),
        HttpError::Cut { market: market(), source: io() },
        HttpError::Tls(TlsError::NoneInSystem),
        HttpError::Handshake { market: market(), source: "bad certificate".into() },
        HttpError::Proxy(HttpProxyError { variable: "http_proxy", fault: ProxyFault::Port }),
        HttpError::TooLarge { market: market(), limit: 9 },
        HttpError::TooLong { market: market(), limit, read: 9 },
        HttpError::TimeUsedUp { market: market(), limit, sent: true },
        HttpError::BytesUsedUp { market: market(), limit: 9, sent: true },
        HttpError::NotHttp { market: market(), source: "bad".into() },
    ]);
    let proxy = || Box::new(ProxyName::new("proxy.example:3128", "https_proxy"));
    table.add([HttpError::ProxyUnreachable { market: market(), proxy: proxy(), source: io() }]);
    let refusals = [
        ProxyRefusal::Status(407),
        ProxyRefusal::Status(403),
        ProxyRefusal::Status(502),
        ProxyRefusal::Socks("no".into()),
        ProxyRefusal::ClientCertificate,
        ProxyRefusal::Closed,
        ProxyRefusal::Strange,
    ];
    table.add(refusals.map(|why| HttpError::ProxyRefused { market: market(), proxy: proxy(), why, maybe_sent: false }));
    let address = || "https://i3.example".to_string();
    let answers = [
        Before::Moved { status: 301, to: address() },
        Before::Elsewhere { status: 302, to: Some(address()) },
        Before::Forbidden { status: 403 },
        Before::Below { status: 302, to: "https://i3.example/i3".into() },
        Before::Busy { status: 429, wait: Some(limit) },
        Before::Busy { status: 429, wait: None },
        Before::NeedsTls { instead: address() },
        Before::SpeaksPlain { instead: market() },
        Before::TooLong,
        Before::CookieLost,
        Before::Foreign { status: 200 },
    ];
    // Told apart by what they are: the table has one line for each variant of the error itself.
    for before in answers {
        let which = format!("{before:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
        table.add_as(&which, HttpError::Before { market: market(), before });
    }
    let location = || Some("http://hotel.example/".to_string());
    let (operation, reason) = (Operation::HubList, || ServerReason::read("OperationalError at /", ""));
    table.add([
        WebError::CredentialsRefused { user: "alice".into(), said: "no".into() },
        WebError::CsrfRefused(operation),
        WebError::SessionExpired(operation),
        WebError::HostRefused { host: "i3.example".into() },
        WebError::NotYours("alice/garden".parse().unwrap()),
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
    table.add([
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
    table.add(
        [TransportChoice::Auto, TransportChoice::Rest, TransportChoice::Web]
            .map(|via| ClientError::NoCredentials { via }),
    );
    table.add([alone(), ClientError::NoKey, ClientError::SessionEnded { user: "alice".into(), market: market() }]);
    for resource in [Resource::Hub, Resource::Product, Resource::Device] {
        let name = || "alice/garden/moxu".to_string();
        let existing = || Listing { id: Some(1), name: name() };
        table.add([
            ChangeError::Missing { resource, name: name(), similar: Vec::new(), others: Vec::new() },
            ChangeError::Missing { resource, name: name(), similar: vec![existing()], others: Vec::new() },
            ChangeError::Exists { resource, existing: existing() },
            ChangeError::RedirectedBack { resource },
            ChangeError::NotYours { resource },
            ChangeError::Rejected { resource, reasons: reasons() },
            ChangeError::Doubled { resource, name: name(), rows: vec![existing(), existing()] },
            ChangeError::TakenMeanwhile { resource, existing: existing() },
        ]);
        for action in [Action::Created, Action::Changed, Action::Deleted] {
            table.add([
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
    table.add([
        ChangeError::HubUnknown { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubOfAnother { wanted: "bob/meteo".parse().unwrap(), user: "alice".into() },
        ChangeError::HubOtherCase { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubAmbiguous { wanted: wanted(), hubs: Vec::new() },
    ]);
    table.add([true, false].map(|certain| ChangeError::HalfDeleted {
        name: "alice$parking$lot1".into(),
        answer: "answer 500".into(),
        certain,
    }));
    table.add([SearchError::NoSuchSeller("eve".into())]);
    table.add([
        FieldError::Price("0".into()),
        FieldError::SalePrice("0".into()),
        FieldError::Degrees("x".into(), "latitude", "-90 to 90"),
        FieldError::NoDescription,
        FieldError::LongDescription,
        FieldError::Nul(1),
        FieldError::Unstorable { field: "description", character: 'ж', position: 1 },
    ]);
    const TOPIC: &str = "alice/parking/occupancy";
    table.add([PictureError::Format, PictureError::TooLarge(1)]);
    table.add([NotOwn { title: TOPIC.into(), seller: "bob".into() }]);
    table.add([
        TitleFault::PrefixLost { title: "free".into(), seller: "alice".into() },
        TitleFault::Unpublishable { title: "alice/garden/a b".into(), source: NameError::Unsendable },
        TitleFault::OtherHub { title: TOPIC.into(), hub: "alice/garden".parse().unwrap() },
    ]);
    table.add([
        SaveError::NoHub { title: TOPIC.into(), seller: "alice".into() },
        SaveError::NoPermissions { title: TOPIC.into(), answer: "answer 500".into() },
        SaveError::Differs { title: TOPIC.into(), fields: vec!["price", "latitude"] },
    ]);
    table.add([DeleteError::Halfway { title: TOPIC.into(), answer: "answer 500".into() }]);
    table.add([
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
        CredentialError::Mangled { kind: ShellHazard::Dollar, position: 2 },
    ]);
}

fn broker_and_streams(table: &mut Table) {
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
        RotationError::OldRefused(Held::Key),
        RotationError::Undone { kind: Held::Key, why: "it was refused".into() },
        RotationError::Unfinished { kind: Held::Password, why: "500".into() },
        RotationError::File { path: place(), source: io() },
        RotationError::Journal { path: place(), source: misread() },
        RotationError::Version { path: place(), found: 2 },
        RotationError::Credential(CredentialError::NoHash),
        RotationError::Key(KeyError::NotPublic("a text")),
    ]);
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
        StreamError::NotAcknowledged { origin, topic: topic(), connections: 3, source: closed() },
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
    assert_eq!(stream(&ended(0x8E)).1.entry.id, "client-id-shared");
    assert!(stream(&ended(0x8B)).1.text("i3").contains("--timeout"));
    assert_eq!([0x8A, 0x9C, 0x9D].map(|code| stream(&ended(code)).0.code()), [77, 78, 78]);
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
    // Each with its own words, but where the same is to be done.
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
