//! The exit code and the way out for the errors of each module: the one place with that policy.

mod account;
mod product;

use super::{CliError, ExitKind, Hint, Policy, quoted};
use crate::account::AccountError;
use crate::broker_url::BrokerUrlError;
use crate::catalogue::{Entry, entry};
use crate::config::ConfigError;
use crate::guard::Refusal;
use crate::guard::source::SourceError;
use crate::key::{KeyError, public_path};
use crate::market::auth::ClientError;
use crate::market::change::ChangeError;
use crate::market::credential::CredentialError;
use crate::market::http::HttpError;
use crate::market::model::{Action, Resource};
use crate::market::reason::ServerReason;
use crate::market::rest::RestError;
use crate::market::url::MarketUrlError;
use crate::market::web::WebError;
use crate::mqtt::connection::{ConnectError, ConnectionError};
use crate::name::{NameError, SELLER_MAX_CHARS, TOPIC_MAX_CHARS};
use crate::publisher::PublishError;
use crate::publisher::stream::StreamError;
use crate::rotation::RotationError;
use crate::sandbox::SandboxError;
use crate::shell;
use crate::spool::SpoolError;
use crate::spool::worker::SpoolWorkerError;
use crate::subscriber::SubscribeError;
use crate::tls::{TlsError, names_no_host};
use crate::token::TokenError;

macro_rules! policies {
    ($($policy:path),* $(,)?) => {
        /// Returns the policy for one error of a chain; `None` for an error of no module of this program.
        pub(super) fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Policy> {
            None$(.or_else(|| cause.downcast_ref().map($policy)))*
        }
    };
}

policies! {
    CliError::policy, name, key, token, refusal, source, config, kept_account, broker_url, tls, market_url,
    device_credential, change, access, web, rest, http, sandbox, connect, publish, stream, subscription, rotation, link,
    spool, queue,
    product::create, product::save, product::delete, product::not_own, product::title, product::search, product::field,
    product::picture,
    account::sign_up, account::request, account::notification, account::purchase, account::call,
}

/// The kind, and the way out: an entry of the catalogue, or a sentence of its own.
fn with(kind: ExitKind, hint: impl Into<Hint>) -> Policy {
    (kind, Some(hint.into()))
}

/// The kind, and an entry of the catalogue with values filled into its remedy.
fn filled(kind: ExitKind, entry: &'static Entry, remedy: impl Into<String>) -> Policy {
    (kind, Some(Hint::from(entry).saying(remedy)))
}

fn name(error: &NameError) -> Policy {
    match error {
        NameError::ShortTopic { suggestion: Some(full), .. } => {
            filled(ExitKind::Data, entry!("short-topic"), format!("use -t {}", shell::quoted(full)))
        }
        NameError::ShortTopic { .. } => with(ExitKind::Data, entry!("short-topic")),
        NameError::Wildcard(_) => with(ExitKind::Data, entry!("topic-wildcard")),
        NameError::Device(_) => with(ExitKind::Data, entry!("short-device-name")),
        NameError::Product { .. } => {
            filled(ExitKind::Data, entry!("names"), "choose a plain name of 4 letters or more, such as occupancy")
        }
        NameError::LongTopic { topic } => {
            let room = topic.rsplit('/').next().map_or(0, |name| name.chars().count());
            let over = topic.chars().count().saturating_sub(TOPIC_MAX_CHARS);
            let remedy = match room.saturating_sub(over) {
                0..4 => "use a hub with a shorter name: this one leaves no room for a product".into(),
                left => format!("choose a name of at most {left} characters"),
            };
            filled(ExitKind::Data, entry!("topic-too-long"), remedy)
        }
        NameError::NoRoom { .. } => {
            let remedy = format!("sign up with a user name of at most {SELLER_MAX_CHARS} characters");
            filled(ExitKind::Data, entry!("topic-too-long"), remedy)
        }
        NameError::NotAscii { .. } => {
            filled(ExitKind::Data, entry!("names"), "choose a name without accents and other special letters")
        }
        NameError::Hub(_) => {
            filled(ExitKind::Data, entry!("names"), "give the hub as the marketplace shows it, such as alice/parking")
        }
        NameError::Unsendable => with(ExitKind::Data, entry!("message-unsendable")),
        NameError::User(_) | NameError::Short(..) => with(ExitKind::Data, entry!("names")),
    }
}

fn key(error: &KeyError) -> Policy {
    match error {
        KeyError::Read { source, path } if source.kind() == std::io::ErrorKind::NotFound => {
            let path_shown = quoted(path);
            let remedy = match public_path(path).symlink_metadata() {
                // Half a pair: it was registered, and would keep another from being made.
                Ok(_) => format!(
                    "name the key that the device was registered with, or make another pair with `{{i3}} keygen --out \
                     {path_shown} --force` and register it with `{{i3}} device passwd DEVICE --key {path_shown}`"
                ),
                Err(_) => format!(
                    "name the key that the device was registered with, or make a pair with `{{i3}} keygen --out \
                     {path_shown}`"
                ),
            };
            filled(ExitKind::NoInput, entry!("key-file-missing"), remedy)
        }
        KeyError::Read { .. } => with(ExitKind::NoInput, entry!("file-unusable")),
        KeyError::OpenToOthers { path, .. } => is_group_or_world_accessible(path),
        KeyError::NeedsPassphrase => with(ExitKind::Config, entry!("key-passphrase")),
        KeyError::WrongPassphrase => {
            filled(ExitKind::Config, entry!("key-passphrase"), "check what --passphrase-file holds")
        }
        KeyError::Form { convert, .. } => {
            filled(ExitKind::Config, entry!("key-file-unusable"), format!("convert it with `{convert}`"))
        }
        KeyError::Short(_) => {
            filled(ExitKind::Config, entry!("key-file-unusable"), "make another with `{i3} keygen`, and register that")
        }
        KeyError::Bits(_) => with(ExitKind::Data, entry!("key-bits")),
        KeyError::Damaged(_) => {
            let remedy = "copy the file anew, or make another pair with `{i3} keygen` and register that";
            filled(ExitKind::Config, entry!("key-file-unusable"), remedy)
        }
        _ => with(ExitKind::Config, entry!("key-file-unusable")),
    }
}

fn token(error: &TokenError) -> Policy {
    match error {
        TokenError::Lifetime(_) | TokenError::LifetimeRange(_) => with(ExitKind::Data, entry!("token-lifetime")),
        TokenError::Clock => with(ExitKind::Other, entry!("clock")),
        TokenError::Sign(e) => key(e),
    }
}

fn refusal(error: &Refusal) -> Policy {
    with(ExitKind::Refused, error.entry())
}

fn is_group_or_world_accessible(path: &std::path::Path) -> Policy {
    filled(ExitKind::Config, entry!("file-open-to-others"), format!("run `chmod 600 {}`", quoted(path)))
}

fn source(error: &SourceError) -> Policy {
    match error {
        SourceError::Read { .. } => with(ExitKind::NoInput, entry!("file-unusable")),
        SourceError::OpenToOthers { path, .. } => is_group_or_world_accessible(path),
        SourceError::Refused(what) => refusal(what),
        SourceError::SecretAsName => filled(
            ExitKind::Refused,
            entry!("private-key-on-command-line"),
            "give the name of a file that holds it, or use --key FILE",
        ),
        SourceError::TooLong(_) | SourceError::NotUtf8(_) => with(ExitKind::Data, entry!("file-unusable")),
    }
}

fn config(error: &ConfigError) -> Policy {
    match error {
        ConfigError::NoHome => with(ExitKind::Config, entry!("home-missing")),
        ConfigError::UnknownDevice(_) => with(ExitKind::Config, entry!("short-device-name")),
        ConfigError::Ambiguous { .. } => {
            filled(ExitKind::Config, entry!("device-unnamed"), "give the full name in single quotes")
        }
        ConfigError::NoDevice(_) => with(ExitKind::Config, entry!("device-unnamed")),
        ConfigError::Write { .. } => (ExitKind::CannotCreate, None),
        ConfigError::Parse { .. } => with(ExitKind::Config, entry!("config-invalid")),
        ConfigError::Read { path, .. } => {
            let remedy = format!("make {} a text file in UTF-8 that you can read, or move it away", quoted(path));
            filled(ExitKind::Config, entry!("config-invalid"), remedy)
        }
    }
}

fn kept_account(error: &AccountError) -> Policy {
    match error {
        AccountError::OpenToOthers { path, .. } => is_group_or_world_accessible(path),
        AccountError::Damaged { .. } => with(ExitKind::Config, entry!("kept-log-in")),
        AccountError::Write { .. } => with(ExitKind::CannotCreate, entry!("kept-log-in")),
        AccountError::Read { .. } => with(ExitKind::NoInput, entry!("kept-log-in")),
    }
}

fn broker_url(_: &BrokerUrlError) -> Policy {
    filled(
        ExitKind::Data,
        entry!("bad-address"),
        "write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS, and nothing else",
    )
}

fn tls(error: &TlsError) -> Policy {
    match error {
        TlsError::NoneInSystem => filled(
            ExitKind::Config,
            entry!("roots-unusable"),
            "install ca-certificates, or name a file with --cafile FILE",
        ),
        _ => filled(ExitKind::Config, entry!("roots-unusable"), "check the file that --cafile names"),
    }
}

fn market_url(_: &MarketUrlError) -> Policy {
    let remedy = "write http://HOST:PORT or https://HOST; the log-in goes into --user and --login-password-file";
    filled(ExitKind::Data, entry!("bad-address"), remedy)
}

fn device_credential(error: &CredentialError) -> Policy {
    use CredentialError as E;
    match error {
        E::Mangled { .. } => {
            let remedy = "leave --plain-password out: a hash made here is registered, and any text works";
            filled(ExitKind::Refused, entry!("password-mangled"), remedy)
        }
        E::Unstorable { .. } => {
            let remedy = "leave --plain-password out: a hash made here is registered, and any text works";
            filled(ExitKind::Data, entry!("credential-refused"), remedy)
        }
        E::KeyTooLong { .. } => with(ExitKind::Data, entry!("key-too-long")),
        E::TooShort(_) | E::TooLong(_) => with(ExitKind::Data, entry!("password-length")),
        _ => with(ExitKind::Data, entry!("credential-refused")),
    }
}

fn change(error: &ChangeError) -> Policy {
    use ChangeError as E;
    match error {
        E::Client(e) => access(e),
        E::HubUnknown { .. } => with(ExitKind::Data, entry!("hub-unknown")),
        E::HubOtherCase { .. } | E::HubAmbiguous { .. } => with(ExitKind::Data, entry!("hub-other-case")),
        E::Missing { resource: Resource::Product, similar, .. } if similar.is_empty() => {
            filled(ExitKind::Data, entry!("thing-missing"), "see `{i3} product list` for what there is")
        }
        E::Missing { similar, .. } if !similar.is_empty() => {
            filled(ExitKind::Data, entry!("thing-missing"), "give the name as it is shown")
        }
        E::Missing { resource, .. } => {
            filled(ExitKind::Data, entry!("thing-missing"), format!("see `{{i3}} {resource} list` for what there is"))
        }
        E::Exists { resource: Resource::Device, .. } | E::TakenMeanwhile { resource: Resource::Device, .. } => {
            with(ExitKind::Refused, entry!("device-exists"))
        }
        E::Exists { resource: Resource::Hub, .. } | E::TakenMeanwhile { resource: Resource::Hub, .. } => {
            with(ExitKind::Refused, entry!("hub-exists"))
        }
        E::Exists { resource: Resource::Product, .. } | E::TakenMeanwhile { resource: Resource::Product, .. } => {
            with(ExitKind::Refused, entry!("product-exists"))
        }
        E::Unknown { resource: Resource::Device, action: Action::Created, .. } => {
            with(ExitKind::TryAgain, entry!("registration-unknown"))
        }
        E::Unknown { resource, .. } => {
            let remedy = format!("see `{{i3}} {resource} list` before anything else, then try again");
            filled(ExitKind::TryAgain, entry!("change-unknown"), remedy)
        }
        E::Unproved { .. } => {
            filled(ExitKind::TryAgain, entry!("change-unknown"), "try again: the same is saved once more")
        }
        E::Doubled { resource: Resource::Device, name, .. } => {
            let remedy = format!(
                "run `{{i3}} device repair {}`, which deletes all of them and registers one again",
                shell::quoted(name)
            );
            filled(ExitKind::Refused, entry!("device-doubled"), remedy)
        }
        E::HalfDeleted { name, .. } => {
            let remedy =
                format!("run `{{i3}} device delete {}` again when the marketplace's mail is back", shell::quoted(name));
            filled(ExitKind::TryAgain, entry!("device-half-deleted"), remedy)
        }
        E::NotYours { .. } => with(ExitKind::Refused, entry!("not-yours")),
        E::Doubled { resource: Resource::Product, rows, .. } => {
            let ids: Vec<String> = rows.iter().filter_map(|row| Some(row.id?.to_string())).collect();
            filled(ExitKind::Refused, entry!("twice-there"), format!("choose one with --id: {}", ids.join(" or ")))
        }
        E::Doubled { .. } => with(ExitKind::Refused, entry!("twice-there")),
        E::BrokeDown { reason: Some(reason), .. } if reason.is_database_down() => {
            with(ExitKind::TryAgain, entry!("database-down"))
        }
        E::LostNothingDone { .. } | E::BrokeDown { .. } => with(ExitKind::TryAgain, entry!("nothing-done")),
        E::RedirectedBack { .. } => {
            filled(ExitKind::Refused, entry!("form-redirect"), "see `{i3} hub list` and `{i3} product list`")
        }
        E::FormRefused { resource: Resource::Hub, .. } => {
            filled(ExitKind::Refused, entry!("form-blank"), "see `{i3} hub list` for the names that are taken")
        }
        E::FormRefused { .. } | E::Rejected { .. } => with(ExitKind::Refused, entry!("form-blank")),
        E::UnexpectedAnswer { .. } => with(ExitKind::Other, entry!("not-a-marketplace")),
        E::AcceptedButMissing { .. } => with(ExitKind::Other, entry!("taken-in-vain")),
    }
}

fn access(error: &ClientError) -> Policy {
    match error {
        ClientError::NeedsLogIn(_) => filled(
            ExitKind::Config,
            entry!("market-access-missing"),
            "log in with `{i3} login`, or give --user and --login-password-file",
        ),
        ClientError::NoCredentials { .. } | ClientError::NoKey => {
            with(ExitKind::Config, entry!("market-access-missing"))
        }
        ClientError::SessionEnded { .. } => {
            filled(ExitKind::Refused, entry!("session-expired"), "log in again with `{i3} login`")
        }
        ClientError::Web(e) => web(e),
        ClientError::Rest(e) => rest(e),
    }
}

fn web(error: &WebError) -> Policy {
    match error {
        WebError::Http(e) => http(e),
        WebError::CredentialsRefused { .. } => with(ExitKind::Refused, entry!("market-log-in-refused")),
        WebError::CsrfRefused(_) => with(ExitKind::TryAgain, entry!("csrf-refused")),
        WebError::SessionExpired(_) => with(ExitKind::TryAgain, entry!("session-expired")),
        WebError::HostRefused { .. } => with(ExitKind::Config, entry!("host-refused")),
        WebError::NotYours(_) => with(ExitKind::Refused, entry!("not-yours")),
        WebError::NotFound(_) => with(ExitKind::Config, entry!("not-a-marketplace")),
        WebError::Page(_) => with(ExitKind::Other, entry!("not-a-marketplace")),
        WebError::ServerError { status, reason, .. } => broke_down(*status, reason.as_ref()),
        WebError::Unexpected { .. } => with(ExitKind::Other, entry!("not-a-marketplace")),
    }
}

fn rest(error: &RestError) -> Policy {
    match error {
        RestError::Http(e) => http(e),
        RestError::FormsOnly { .. } => with(ExitKind::Config, entry!("rest-missing")),
        RestError::Gone { .. } => {
            filled(ExitKind::Data, entry!("nothing-of-that-number"), "see what there is with `{i3} device list`")
        }
        RestError::KeyRefused { .. } => with(ExitKind::Refused, entry!("api-key-refused")),
        RestError::KeyUnusable => {
            filled(ExitKind::Data, entry!("api-key-refused"), "check what I3_API_KEY or --api-key-file holds")
        }
        RestError::HostRefused { .. } => with(ExitKind::Config, entry!("host-refused")),
        RestError::Rejected { .. } => with(ExitKind::Refused, entry!("values")),
        RestError::ServerError { status, reason, .. } => broke_down(*status, reason.as_ref()),
        RestError::Unexpected { .. } | RestError::Shape { .. } => with(ExitKind::Other, entry!("not-a-marketplace")),
    }
}

fn broke_down(status: u16, reason: Option<&ServerReason>) -> Policy {
    match status {
        _ if reason.is_some_and(ServerReason::is_database_down) => with(ExitKind::TryAgain, entry!("database-down")),
        502..=504 => with(ExitKind::TryAgain, entry!("gateway")),
        _ => with(ExitKind::TryAgain, entry!("market-broke-down")),
    }
}

fn http(error: &HttpError) -> Policy {
    match error {
        HttpError::Tls(e) => tls(e),
        HttpError::Handshake { source, .. } => certificate(source.as_ref()),
        HttpError::Proxy => with(ExitKind::Config, entry!("market-proxy")),
        HttpError::Resolve { .. } => with(ExitKind::TryAgain, entry!("host-unknown")),
        HttpError::TooLarge { .. } => with(ExitKind::Data, entry!("page-too-large")),
        HttpError::TooLong { .. } => filled(
            ExitKind::TryAgain,
            entry!("page-too-large"),
            "give --timeout more, and run `{i3} notifications archive --all`, which makes every page short",
        ),
        HttpError::NotHttp { .. } => with(ExitKind::Config, entry!("not-a-marketplace")),
        _ => with(ExitKind::TryAgain, entry!("market-unreachable")),
    }
}

/// What the TLS library says to a certificate; it has no kind of its own for an authority's.
fn certificate(source: &(dyn std::error::Error + 'static)) -> Policy {
    match (names_no_host(source), source.to_string().contains("CaUsedAsEndEntity")) {
        (Some(_), _) => with(ExitKind::Refused, entry!("certificate-names-no-host")),
        (_, true) => with(ExitKind::Refused, entry!("certificate-is-authority")),
        _ => with(ExitKind::Refused, entry!("certificate")),
    }
}

fn sandbox(error: &SandboxError) -> Policy {
    match error {
        SandboxError::Listen { .. } => {
            filled(ExitKind::CannotCreate, entry!("sandbox"), "choose another port, or 0 for any free one")
        }
        SandboxError::State { .. } | SandboxError::Unseeded { .. } => {
            filled(ExitKind::Config, entry!("sandbox"), "name another file with --state, or move this one away")
        }
        _ => with(ExitKind::Other, entry!("sandbox")),
    }
}

fn connect(error: &ConnectError) -> Policy {
    match error {
        ConnectError::Refused { code: 1 | 0x84, .. } => with(ExitKind::Refused, entry!("mqtt-5")),
        ConnectError::Refused { code: 3 | 0x88 | 0x89 | 0x9F, .. } => with(ExitKind::TryAgain, entry!("broker-busy")),
        ConnectError::Refused { code: 2 | 0x85, .. } => with(ExitKind::Refused, entry!("client-id-empty")),
        // I3 says 5 to everything; this is of another broker, or a plug-in that tells more.
        ConnectError::Refused { code: 4 | 0x86, user_name } if user_name.contains('$') => {
            filled(ExitKind::Refused, entry!("log-in-refused"), "check the device's full name, and its key or password")
        }
        ConnectError::Refused { user_name, .. } if user_name.contains('$') => {
            with(ExitKind::Refused, entry!("log-in-refused"))
        }
        ConnectError::Refused { .. } => with(ExitKind::Refused, entry!("account-refused")),
        ConnectError::NotTls { url } => {
            let remedy = format!(
                "use {}: this port speaks plain MQTT",
                shell::quoted(&format!("mqtt://{}:{}", url.host, url.port))
            );
            filled(ExitKind::Config, entry!("port-without-tls"), remedy)
        }
        ConnectError::ClosedAtLogin { url } if !url.tls => {
            let with_tls = shell::quoted(&format!("mqtts://{}:{}", url.host, url.port));
            let remedy = format!("use {with_tls} if this port speaks TLS; else try again");
            filled(ExitKind::TryAgain, entry!("port-needs-tls"), remedy)
        }
        ConnectError::Tls { source, .. } => certificate(source),
        ConnectError::Protocol { .. } => with(ExitKind::Config, entry!("not-a-broker")),
        ConnectError::Unsendable(_) => with(ExitKind::Data, entry!("password-unsendable")),
        ConnectError::Resolve { .. } => with(ExitKind::TryAgain, entry!("host-unknown")),
        _ => with(ExitKind::TryAgain, entry!("broker-unreachable")),
    }
}

fn publish(error: &PublishError) -> Policy {
    match error {
        PublishError::Refused { reason, .. } if reason.0 == 0x87 => with(ExitKind::Refused, entry!("publish-dropped")),
        PublishError::Refused { .. } => other_reason(),
        PublishError::NoEcho { .. } => with(ExitKind::Refused, entry!("publish-dropped")),
        PublishError::EchoRefused { .. } => with(ExitKind::Refused, entry!("write-only")),
        PublishError::NotAcknowledged { .. } => with(ExitKind::TryAgain, entry!("no-answer")),
        PublishError::Link { source, .. } => retried(source, "try again; --retry N does it by itself"),
    }
}

/// A message that the broker refused for something else than a permission.
fn other_reason() -> Policy {
    filled(ExitKind::Refused, entry!("publish-dropped"), "ask the broker's operator what the reason code means there")
}

fn stream(error: &StreamError) -> Policy {
    match error {
        StreamError::Denied { reason, .. } if reason.0 != 0x87 => other_reason(),
        StreamError::Denied { .. } | StreamError::NoEcho { .. } => with(ExitKind::Refused, entry!("publish-dropped")),
        StreamError::EchoRefused { .. } => with(ExitKind::Refused, entry!("write-only")),
        StreamError::NotAcknowledged { source, .. } => retried(source, "try again, or give --timeout more"),
        StreamError::BadLine { .. } => with(ExitKind::Data, entry!("bad-line")),
        StreamError::Unfinished { .. } | StreamError::Cut { .. } => filled(
            ExitKind::TryAgain,
            entry!("no-answer"),
            "send the rest again; --grace and --deadline give more time",
        ),
        StreamError::MayBeLost { .. } => with(ExitKind::TryAgain, entry!("lost-perhaps")),
        StreamError::Input(_) => (ExitKind::NoInput, None),
        StreamError::Spool(e) | StreamError::NotTaken { source: e, .. } => queue(e),
        StreamError::Unsendable { .. } | StreamError::Held { .. } => with(ExitKind::Data, entry!("spool-unsendable")),
        StreamError::NotDrained { .. } => {
            let remedy = "run `{i3} spool drain`, or give --grace or --deadline more time";
            filled(ExitKind::TryAgain, entry!("spool-waiting"), remedy)
        }
        StreamError::Aside(_) => {
            filled(ExitKind::CannotCreate, entry!("file-unusable"), "check the file that --rejects names")
        }
    }
}

fn rotation(error: &RotationError) -> Policy {
    match error {
        RotationError::Busy => filled(ExitKind::TryAgain, entry!("rotation-open"), "wait until it has ended"),
        RotationError::OldRefused(_) => filled(
            ExitKind::Refused,
            entry!("rotation-refused"),
            "name its present credential with --key or --password-file; if nothing logs it in, run `{i3} device repair`",
        ),
        RotationError::Undone { .. } => {
            filled(ExitKind::TryAgain, entry!("nothing-done"), "try again later; publishing goes on as before")
        }
        RotationError::Unfinished { .. } => filled(
            ExitKind::TryAgain,
            entry!("rotation-open"),
            "run `{i3} device rotate` for this device again: it goes on where this one stopped; `{i3} pub` tries both \
             meanwhile",
        ),
        RotationError::File { .. } => filled(
            ExitKind::CannotCreate,
            entry!("file-unusable"),
            "mend what stands in the way, and run `{i3} device rotate` again: it goes on where this one stopped",
        ),
        RotationError::Credential(e) => device_credential(e),
        RotationError::Key(e) => key(e),
        RotationError::Journal { .. } => filled(
            ExitKind::Config,
            entry!("rotation-open"),
            "move it away if the device logs in with the file that the configuration names, else restore it",
        ),
    }
}

fn subscription(error: &SubscribeError) -> Policy {
    match error {
        SubscribeError::Refused { .. } => with(ExitKind::Refused, entry!("subscription-refused")),
        SubscribeError::NoAnswer => {
            filled(ExitKind::TryAgain, entry!("no-answer"), "try again, or give --timeout more")
        }
        SubscribeError::TakenOver => {
            filled(ExitKind::TryAgain, entry!("client-id-shared"), "leave --id out, or end the other client first")
        }
        SubscribeError::Link(source) => link(source),
    }
}

fn link(error: &ConnectionError) -> Policy {
    retried(error, "try again")
}

/// A connection that ended; `retry` is the way out where another one may last.
fn retried(error: &ConnectionError, retry: &str) -> Policy {
    match error {
        ConnectionError::Ended(reason) if reason.0 == 0x8E => with(ExitKind::TryAgain, entry!("client-id-shared")),
        ConnectionError::Protocol(_) => with(ExitKind::Data, entry!("connection-ended")),
        _ => filled(ExitKind::TryAgain, entry!("connection-ended"), retry),
    }
}

fn queue(error: &SpoolWorkerError) -> Policy {
    match error {
        SpoolWorkerError::Spool(e) => spool(e),
        SpoolWorkerError::Behind => with(ExitKind::CannotCreate, entry!("spool-place")),
        SpoolWorkerError::Gone => with(ExitKind::Other, entry!("spool-place")),
        SpoolWorkerError::Thread(_) => with(ExitKind::TryAgain, entry!("spool-place")),
    }
}

fn spool(error: &SpoolError) -> Policy {
    match error {
        SpoolError::Missing(_) => with(ExitKind::NoInput, entry!("spool-missing")),
        SpoolError::Access { .. } => {
            filled(ExitKind::CannotCreate, entry!("spool-place"), "name another folder with --spool DIR")
        }
        SpoolError::OpenToOthers { path, .. } => {
            filled(ExitKind::Config, entry!("spool-place"), format!("run `chmod 700 {}`", quoted(path)))
        }
        SpoolError::NotASpool(_) => {
            filled(ExitKind::Config, entry!("spool-place"), "name another folder with --spool DIR")
        }
        SpoolError::Version { .. } => filled(
            ExitKind::Config,
            entry!("spool-place"),
            "empty it with the version of this program that wrote it, or name another folder",
        ),
        SpoolError::FileSystem(_) => {
            filled(ExitKind::Config, entry!("spool-place"), "name a folder on a local disk with --spool DIR")
        }
        SpoolError::Full { needed, max, .. } if needed > max => {
            let remedy = format!("allow more with --spool-max: what came at once takes {needed} bytes");
            filled(ExitKind::CannotCreate, entry!("spool-full"), remedy)
        }
        SpoolError::Full { .. } => with(ExitKind::CannotCreate, entry!("spool-full")),
        SpoolError::Gone(_) => {
            filled(ExitKind::CannotCreate, entry!("spool-place"), "leave the folder where it is while a run uses it")
        }
        SpoolError::NoSpace => {
            filled(ExitKind::CannotCreate, entry!("spool-full"), "make room on the disk; what was taken before is safe")
        }
        SpoolError::Busy => {
            filled(ExitKind::TryAgain, entry!("spool-place"), "look for a process that uses the spool and was stopped")
        }
        SpoolError::Corrupt(_) => with(ExitKind::Data, entry!("spool-damaged")),
        SpoolError::TooLarge(_) => with(ExitKind::Data, entry!("message-unsendable")),
        SpoolError::Sqlite(_) => filled(ExitKind::Other, entry!("spool-place"), "check the disk that the spool is on"),
    }
}

#[cfg(test)]
mod tests;
