//! The errors of files, keys, names, settings and of this machine's own services have entries.

use std::path::PathBuf;
use std::time::Duration;

use super::table::Table;
use super::{io, misread};
use crate::account::AccountError;
use crate::agent::client::NoAgent;
use crate::agent::socket::SocketError;
use crate::broker_url::BrokerUrlError;
use crate::cli::ui::Unwritten;
use crate::config::ConfigError;
use crate::gateway::NatsError;
use crate::gateway::metrics::server::ListenError;
use crate::gateway::plan::PlanError;
use crate::guard::Refusal;
use crate::guard::form::{KeyEncoding, KeyForm, KeyKind};
use crate::guard::source::{Origin, SourceError};
use crate::key::KeyError;
use crate::login::client_certificate::ClientCertificateError;
use crate::market_url::MarketUrlError;
use crate::name::NameError;
use crate::pkcs11::Pkcs11Error;
use crate::pkcs11::pin::Tries;
use crate::sandbox::SandboxError;
use crate::signer::SignerError;
use crate::text::hidden::{Hidden, Place};
use crate::tls::TlsError;
use crate::token::{Fault, TokenError};

pub fn all(table: &mut Table) {
    keys(table);
    values(table);
    settings(table);
    services(table);
    keys_on_tokens(table);
    names_and_addresses(table);
    certificates(table);
}

fn keys(table: &mut Table) {
    let path = || PathBuf::from("/x/bed1.pem");
    table.add([
        KeyError::Read { path: path(), source: std::io::ErrorKind::NotFound.into() },
        KeyError::Read { path: path(), source: io() },
        KeyError::OpenToOthers { path: path(), mode: 0o644 },
        KeyError::NeedsPassphrase,
        KeyError::WrongPassphrase,
        KeyError::NotPrivate("a certificate"),
        KeyError::Form { form: "a private key in PuTTY's format".into(), convert: "puttygen" },
        KeyError::Several(2),
        KeyError::Unsupported("it has more than two primes".into()),
        KeyError::NotPublic("a text"),
        KeyError::Bits(512),
        KeyError::Short(1024),
        KeyError::Damaged("it does not sign".into()),
        KeyError::Costly { cost: "1 iteration".into(), limit: "0".into(), convert: "ssh-keygen" },
    ]);
}

fn values(table: &mut Table) {
    let path = || PathBuf::from("/x/bed1.pem");
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
}

fn settings(table: &mut Table) {
    let path = || PathBuf::from("/x/bed1.pem");
    let hidden = Hidden { character: '\r', place: Place::End };
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
        AccountError::Read { path: path(), source: io() },
        AccountError::OpenToOthers { path: path(), mode: 0o644 },
        AccountError::Damaged { path: path(), source: misread() },
        AccountError::Version { path: path(), found: 2 },
        AccountError::Write { path: path(), source: io() },
    ]);
    table.add([crate::access::ForeignFolder { folder: path(), owner: 1000 }]);
}

fn services(table: &mut Table) {
    let path = || PathBuf::from("/x/bed1.pem");
    table.add([
        SocketError::Taken { path: path(), pid: Some(4711) },
        SocketError::Lost(path()),
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
        NoAgent::Unfound { pid: Some(4711) },
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
    table.add([ListenError { address: ([127, 0, 0, 1], 9464).into(), source: io() }]);
    table.add([
        SandboxError::Listen { port: 1, source: io() },
        SandboxError::State { path: path(), source: io() },
        SandboxError::Unseeded { path: path(), name: "alice" },
        SandboxError::Start(io()),
    ]);
    table.add([Unwritten(io())]);
}

fn keys_on_tokens(table: &mut Table) {
    let path = || PathBuf::from("/x/bed1.pem");
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
}

fn names_and_addresses(table: &mut Table) {
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
    table.add([
        MarketUrlError::Scheme,
        MarketUrlError::Host,
        MarketUrlError::Port,
        MarketUrlError::UserInfo,
        MarketUrlError::Extra,
        MarketUrlError::Page,
    ]);
}

fn certificates(table: &mut Table) {
    use ClientCertificateError as Error;
    let path = || PathBuf::from("/x/client.pem");
    table.add([
        TlsError::Read { path: path(), source: io() },
        TlsError::NoneInFile(path()),
        TlsError::Pem { path: path(), why: "it has no end" },
        TlsError::NoneInSystem,
        TlsError::NoneInFolder(path()),
        TlsError::Config(rustls::Error::HandshakeNotComplete),
    ]);
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
