//! The exit code and the way out for the errors of each module: the one place with that policy.

use super::{Failure, Hint, Kind, Policy, quoted};
use crate::account::AccountError;
use crate::broker_url::BrokerUrlError;
use crate::catalogue::{Entry, entry};
use crate::config::ConfigError;
use crate::credential::Refusal;
use crate::credential::source::SourceError;
use crate::key::{KeyError, public_path};
use crate::market::access::AccessError;
use crate::market::change::{ChangeError, Deed, Thing};
use crate::market::credential::CredentialError;
use crate::market::http::HttpError;
use crate::market::product::{CreateError, FieldError, SearchError};
use crate::market::rest::RestError;
use crate::market::url::MarketUrlError;
use crate::market::web::WebError;
use crate::mqtt::connection::{ConnectError, LinkError};
use crate::name::NameError;
use crate::publisher::PublishError;
use crate::publisher::queue::QueueError;
use crate::publisher::stream::StreamError;
use crate::rotation::RotationError;
use crate::sandbox::SandboxError;
use crate::spool::SpoolError;
use crate::subscriber::SubscribeError;
use crate::tls::TlsError;
use crate::token::TokenError;

/// What is known of one error; `None` if it is of no module that this program knows.
pub(super) fn known(cause: &(dyn std::error::Error + 'static)) -> Option<Policy> {
    None.or_else(|| cause.downcast_ref().map(|e: &Failure| (e.kind, e.hint.clone())))
        .or_else(|| cause.downcast_ref().map(name))
        .or_else(|| cause.downcast_ref().map(key))
        .or_else(|| cause.downcast_ref().map(token))
        .or_else(|| cause.downcast_ref().map(refusal))
        .or_else(|| cause.downcast_ref().map(source))
        .or_else(|| cause.downcast_ref().map(config))
        .or_else(|| cause.downcast_ref().map(account))
        .or_else(|| cause.downcast_ref().map(broker_url))
        .or_else(|| cause.downcast_ref().map(tls))
        .or_else(|| cause.downcast_ref().map(market_url))
        .or_else(|| cause.downcast_ref().map(device_credential))
        .or_else(|| cause.downcast_ref().map(change))
        .or_else(|| cause.downcast_ref().map(create))
        .or_else(|| cause.downcast_ref().map(access))
        .or_else(|| cause.downcast_ref().map(search))
        .or_else(|| cause.downcast_ref().map(field))
        .or_else(|| cause.downcast_ref().map(web))
        .or_else(|| cause.downcast_ref().map(rest))
        .or_else(|| cause.downcast_ref().map(http))
        .or_else(|| cause.downcast_ref().map(sandbox))
        .or_else(|| cause.downcast_ref().map(connect))
        .or_else(|| cause.downcast_ref().map(publish))
        .or_else(|| cause.downcast_ref().map(stream))
        .or_else(|| cause.downcast_ref().map(subscription))
        .or_else(|| cause.downcast_ref().map(rotation))
        .or_else(|| cause.downcast_ref().map(link))
        .or_else(|| cause.downcast_ref().map(spool))
        .or_else(|| cause.downcast_ref().map(queue))
}

/// The kind, and the way out: an entry of the catalogue, or a sentence of its own.
fn with(kind: Kind, hint: impl Into<Hint>) -> Policy {
    (kind, Some(hint.into()))
}

/// The kind, and an entry of the catalogue with values filled into its remedy.
fn filled(kind: Kind, entry: &'static Entry, remedy: impl Into<String>) -> Policy {
    (kind, Some(Hint::from(entry).saying(remedy)))
}

fn name(error: &NameError) -> Policy {
    match error {
        NameError::ShortTopic { suggestion: Some(full), .. } => {
            filled(Kind::Data, entry!("short-topic"), format!("use -t {full}"))
        }
        NameError::ShortTopic { .. } => with(Kind::Data, entry!("short-topic")),
        NameError::Wildcard(_) => with(Kind::Data, entry!("topic-wildcard")),
        NameError::Device(_) => with(Kind::Data, entry!("short-device-name")),
        NameError::Product { .. } => {
            filled(Kind::Data, entry!("names"), "choose a plain name of 4 letters or more, such as occupancy")
        }
        NameError::LongTopic { topic } => {
            let room = topic.rsplit('/').next().map_or(0, |name| name.chars().count());
            let over = topic.chars().count().saturating_sub(crate::name::TOPIC_MAX_CHARS);
            let remedy = match room.saturating_sub(over) {
                0..4 => "use a hub with a shorter name: this one leaves no room for a product".into(),
                left => format!("choose a name of at most {left} characters"),
            };
            filled(Kind::Data, entry!("topic-too-long"), remedy)
        }
        NameError::Hub(_) => with(Kind::Data, "give the hub as the marketplace shows it, such as alice/parking"),
        _ => (Kind::Data, None),
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
            filled(Kind::NoInput, entry!("key-file-missing"), remedy)
        }
        KeyError::Read { .. } => with(Kind::NoInput, entry!("file-unusable")),
        KeyError::OpenToOthers { path, .. } => open_to_others(path),
        KeyError::NeedsPassphrase => with(Kind::Config, entry!("key-passphrase")),
        KeyError::WrongPassphrase => {
            filled(Kind::Config, entry!("key-passphrase"), "check what --passphrase-file holds")
        }
        KeyError::Form { convert, .. } => {
            filled(Kind::Config, entry!("key-file-unusable"), format!("convert it with `{convert}`"))
        }
        KeyError::Short(_) => {
            filled(Kind::Config, entry!("key-file-unusable"), "make another with `{i3} keygen`, and register that")
        }
        KeyError::Bits(_) => with(Kind::Data, entry!("key-bits")),
        KeyError::Damaged(_) => {
            let remedy = "copy the file anew, or make another pair with `{i3} keygen` and register that";
            filled(Kind::Config, entry!("key-file-unusable"), remedy)
        }
        KeyError::NotPrivate(_) => with(Kind::Config, entry!("key-file-unusable")),
        _ => (Kind::Config, None),
    }
}

fn token(error: &TokenError) -> Policy {
    match error {
        TokenError::Lifetime(_) | TokenError::LifetimeRange(_) => with(Kind::Data, entry!("token-lifetime")),
        TokenError::Clock => with(Kind::Other, entry!("clock")),
        _ => (Kind::Config, None),
    }
}

fn refusal(error: &Refusal) -> Policy {
    with(Kind::Refused, error.entry())
}

fn open_to_others(path: &std::path::Path) -> Policy {
    filled(Kind::Config, entry!("file-open-to-others"), format!("run `chmod 600 {}`", quoted(path)))
}

fn source(error: &SourceError) -> Policy {
    match error {
        SourceError::Read { .. } => with(Kind::NoInput, entry!("file-unusable")),
        SourceError::OpenToOthers { path, .. } => open_to_others(path),
        SourceError::Refused(what) => refusal(what),
        SourceError::SecretAsName => with(Kind::Refused, "give the name of a file that holds it, or use --key FILE"),
        _ => (Kind::Data, None),
    }
}

fn config(error: &ConfigError) -> Policy {
    match error {
        ConfigError::NoHome => with(Kind::Config, entry!("home-missing")),
        ConfigError::UnknownDevice(_) => with(Kind::Config, entry!("short-device-name")),
        ConfigError::Ambiguous { .. } => with(Kind::Config, "give the full name in single quotes"),
        ConfigError::NoDevice(_) => with(Kind::Config, entry!("device-unnamed")),
        ConfigError::Write { .. } => (Kind::CannotCreate, None),
        ConfigError::Parse { .. } => with(Kind::Config, entry!("config-invalid")),
        ConfigError::Read { path, .. } => {
            let remedy = format!("make {} a text file in UTF-8 that you can read, or move it away", quoted(path));
            filled(Kind::Config, entry!("config-invalid"), remedy)
        }
    }
}

fn account(error: &AccountError) -> Policy {
    match error {
        AccountError::OpenToOthers { path, .. } => open_to_others(path),
        AccountError::Damaged { .. } => with(Kind::Config, entry!("kept-log-in")),
        AccountError::Write { .. } => (Kind::CannotCreate, None),
        AccountError::Read { .. } => (Kind::NoInput, None),
    }
}

fn broker_url(_: &BrokerUrlError) -> Policy {
    filled(Kind::Data, entry!("bad-address"), "write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS, and nothing else")
}

fn tls(error: &TlsError) -> Policy {
    match error {
        TlsError::NoneInSystem => {
            filled(Kind::Config, entry!("roots-unusable"), "install ca-certificates, or name a file with --cafile FILE")
        }
        _ => filled(Kind::Config, entry!("roots-unusable"), "check the file that --cafile names"),
    }
}

fn market_url(_: &MarketUrlError) -> Policy {
    let remedy = "write http://HOST:PORT or https://HOST; the log-in goes into --user and --login-password-file";
    filled(Kind::Data, entry!("bad-address"), remedy)
}

fn device_credential(error: &CredentialError) -> Policy {
    use CredentialError as E;
    match error {
        E::Mangled { .. } => {
            let remedy = "leave --plain-password out: a hash made here is registered, and any text works";
            filled(Kind::Refused, entry!("password-mangled"), remedy)
        }
        E::KeyTooLong { .. } => with(Kind::Data, entry!("key-too-long")),
        E::TooShort(_) | E::TooLong(_) => with(Kind::Data, entry!("password-length")),
        _ => with(Kind::Data, entry!("credential-refused")),
    }
}

fn change(error: &ChangeError) -> Policy {
    use ChangeError as E;
    match error {
        E::Access(e) => access(e),
        E::HubUnknown { .. } => with(Kind::Data, entry!("hub-unknown")),
        E::HubOtherCase { .. } | E::HubAmbiguous { .. } => with(Kind::Data, entry!("hub-other-case")),
        E::Missing { thing: Thing::Product, similar, .. } if similar.is_empty() => {
            filled(Kind::Data, entry!("thing-missing"), "see `{i3} product list` for what there is")
        }
        E::Missing { similar, .. } if !similar.is_empty() => with(Kind::Data, "give the name as it is shown"),
        E::Missing { thing, .. } => with(Kind::Data, format!("see `{{i3}} {thing} list` for what there is")),
        E::Exists { thing: Thing::Device, .. } | E::TakenMeanwhile { thing: Thing::Device, .. } => {
            with(Kind::Refused, entry!("device-exists"))
        }
        E::Exists { thing: Thing::Hub, .. } | E::TakenMeanwhile { thing: Thing::Hub, .. } => {
            with(Kind::Refused, entry!("hub-exists"))
        }
        E::Exists { thing: Thing::Product, .. } | E::TakenMeanwhile { thing: Thing::Product, .. } => {
            with(Kind::Refused, entry!("product-exists"))
        }
        E::Unknown { thing: Thing::Device, deed: Deed::Created, .. } => {
            with(Kind::TryAgain, entry!("registration-unknown"))
        }
        E::Unknown { thing, .. } => {
            let remedy = format!("see `{{i3}} {thing} list` before anything else, then try again");
            filled(Kind::TryAgain, entry!("change-unknown"), remedy)
        }
        E::Unproved { .. } => {
            filled(Kind::TryAgain, entry!("change-unknown"), "try again: the same is saved once more")
        }
        E::Doubled { thing: Thing::Device, .. } => with(Kind::Refused, entry!("device-doubled")),
        E::Doubled { .. } => with(Kind::Refused, entry!("twice-there")),
        E::LostNothingDone { .. } | E::BrokeDown { .. } => with(Kind::TryAgain, entry!("nothing-done")),
        E::TurnedAway { .. } => {
            filled(Kind::Refused, entry!("form-redirect"), "see `{i3} hub list` and `{i3} product list`")
        }
        E::FormRefused { thing: Thing::Hub, .. } => {
            with(Kind::Refused, "see `{i3} hub list` for the names that are taken")
        }
        E::FormRefused { .. } | E::Rejected { .. } => with(Kind::Refused, entry!("form-blank")),
        E::OddAnswer { .. } => with(Kind::Other, entry!("not-a-marketplace")),
        E::TakenInVain { .. } => with(Kind::Other, entry!("taken-in-vain")),
    }
}

fn create(error: &CreateError) -> Policy {
    match error {
        CreateError::Name(e) => name(e),
        CreateError::Change(e) => change(e),
    }
}

fn access(error: &AccessError) -> Policy {
    match error {
        AccessError::KeyAlone(_) => filled(
            Kind::Config,
            entry!("market-access-missing"),
            "log in with `{i3} login`, or give --user and --login-password-file",
        ),
        AccessError::Nothing { .. } | AccessError::NoKey => with(Kind::Config, entry!("market-access-missing")),
        AccessError::SessionEnded { .. } => {
            filled(Kind::Refused, entry!("session-expired"), "log in again with `{i3} login`")
        }
        AccessError::Web(e) => web(e),
        AccessError::Rest(e) => rest(e),
    }
}

fn search(error: &SearchError) -> Policy {
    match error {
        SearchError::NoSuchSeller(_) => with(Kind::Data, entry!("seller-unknown")),
        SearchError::Access(e) => access(e),
    }
}

fn field(error: &FieldError) -> Policy {
    match error {
        FieldError::Price(_) => filled(Kind::Data, entry!("values"), "give a price such as 1.50"),
        FieldError::Degrees(..) => {
            filled(Kind::Data, entry!("values"), "give --latitude and --longitude such as 34.0224 and -118.2851")
        }
        FieldError::NoDescription => filled(Kind::Data, entry!("values"), "say with --description what is sold"),
    }
}

fn web(error: &WebError) -> Policy {
    match error {
        WebError::Http(e) => http(e),
        WebError::CredentialsRefused { .. } => with(Kind::Refused, entry!("market-log-in-refused")),
        WebError::CsrfRefused(_) => with(Kind::TryAgain, entry!("csrf-refused")),
        WebError::SessionExpired(_) => with(Kind::TryAgain, entry!("session-expired")),
        WebError::HostRefused { .. } => with(Kind::Config, entry!("host-refused")),
        WebError::NotFound(_) => with(Kind::Config, entry!("not-a-marketplace")),
        WebError::Page(_) => with(Kind::Other, entry!("not-a-marketplace")),
        WebError::ServerError { status, .. } => broke_down(*status),
        WebError::Unexpected { .. } => with(Kind::Other, entry!("not-a-marketplace")),
    }
}

fn rest(error: &RestError) -> Policy {
    match error {
        RestError::Http(e) => http(e),
        RestError::FormsOnly { .. } => with(Kind::Config, entry!("rest-missing")),
        RestError::Gone { .. } => {
            filled(Kind::Data, entry!("nothing-of-that-number"), "see what there is with `{i3} device list`")
        }
        RestError::KeyRefused { .. } => with(Kind::Refused, entry!("api-key-refused")),
        RestError::KeyUnusable => {
            filled(Kind::Data, entry!("api-key-refused"), "check what I3_API_KEY or --api-key-file holds")
        }
        RestError::HostRefused { .. } => with(Kind::Config, entry!("host-refused")),
        RestError::Rejected { .. } => (Kind::Refused, None),
        RestError::ServerError { status, .. } => broke_down(*status),
        RestError::Unexpected { .. } | RestError::Shape { .. } => with(Kind::Other, entry!("not-a-marketplace")),
    }
}

fn broke_down(status: u16) -> Policy {
    match status {
        502..=504 => with(Kind::TryAgain, entry!("gateway")),
        _ => with(Kind::TryAgain, entry!("market-broke-down")),
    }
}

fn http(error: &HttpError) -> Policy {
    match error {
        HttpError::Tls(e) => tls(e),
        HttpError::Handshake { source, .. } => certificate(source),
        HttpError::Proxy => with(Kind::Config, entry!("market-proxy")),
        HttpError::Resolve { .. } => with(Kind::TryAgain, entry!("host-unknown")),
        HttpError::TooLarge { .. } | HttpError::NotHttp { .. } => with(Kind::Config, entry!("not-a-marketplace")),
        _ => with(Kind::TryAgain, entry!("market-unreachable")),
    }
}

/// What the TLS library says to a certificate; it has no kind of its own for an authority's.
fn certificate(source: &impl std::fmt::Display) -> Policy {
    match source.to_string().contains("CaUsedAsEndEntity") {
        true => with(Kind::Refused, entry!("certificate-is-authority")),
        false => with(Kind::Refused, entry!("certificate")),
    }
}

fn sandbox(error: &SandboxError) -> Policy {
    match error {
        SandboxError::Listen { .. } => {
            filled(Kind::CannotCreate, entry!("sandbox"), "choose another port, or 0 for any free one")
        }
        SandboxError::State { .. } | SandboxError::Unseeded { .. } => {
            with(Kind::Config, "name another file with --state, or move this one away")
        }
        _ => (Kind::Other, None),
    }
}

fn connect(error: &ConnectError) -> Policy {
    match error {
        ConnectError::Refused { code: 1 | 0x84, .. } => with(Kind::Refused, entry!("mqtt-5")),
        ConnectError::Refused { code: 3 | 0x88 | 0x89 | 0x9F, .. } => with(Kind::TryAgain, entry!("broker-busy")),
        ConnectError::Refused { code: 2 | 0x85, .. } => with(Kind::Refused, entry!("client-id-empty")),
        // I3 says 5 to everything; this is of another broker, or a plug-in that tells more.
        ConnectError::Refused { code: 4 | 0x86, user_name } if user_name.contains('$') => {
            filled(Kind::Refused, entry!("log-in-refused"), "check the device's full name, and its key or password")
        }
        ConnectError::Refused { user_name, .. } if user_name.contains('$') => {
            with(Kind::Refused, entry!("log-in-refused"))
        }
        ConnectError::Refused { .. } => with(Kind::Refused, entry!("account-refused")),
        ConnectError::NotTls { url } => {
            let remedy = format!("use mqtt://{}:{}: this port speaks plain MQTT", url.host, url.port);
            filled(Kind::Config, entry!("port-without-tls"), remedy)
        }
        ConnectError::ClosedAtLogin { url } if !url.tls => {
            let remedy = format!("use mqtts://{}:{} if this port speaks TLS; else try again", url.host, url.port);
            filled(Kind::TryAgain, entry!("port-needs-tls"), remedy)
        }
        ConnectError::Tls { source, .. } => certificate(source),
        ConnectError::Protocol { .. } => with(Kind::Config, entry!("not-a-broker")),
        ConnectError::Unsendable(_) => (Kind::Data, None),
        ConnectError::Resolve { .. } => with(Kind::TryAgain, entry!("host-unknown")),
        _ => with(Kind::TryAgain, entry!("broker-unreachable")),
    }
}

fn publish(error: &PublishError) -> Policy {
    match error {
        PublishError::Refused { reason, .. } if reason.0 == 0x87 => with(Kind::Refused, entry!("publish-dropped")),
        PublishError::Refused { .. } => (Kind::Refused, None),
        PublishError::NoEcho { .. } => with(Kind::Refused, entry!("publish-dropped")),
        PublishError::EchoRefused { .. } => with(Kind::Refused, entry!("write-only")),
        PublishError::NotAcknowledged { .. } => with(Kind::TryAgain, entry!("no-answer")),
        PublishError::Link { source, .. } => match link(source) {
            (Kind::TryAgain, None) => with(Kind::TryAgain, "try again; --retry N does it by itself"),
            policy => policy,
        },
    }
}

fn stream(error: &StreamError) -> Policy {
    match error {
        StreamError::Denied { reason, .. } if reason.0 != 0x87 => (Kind::Refused, None),
        StreamError::Denied { .. } | StreamError::NoEcho { .. } => with(Kind::Refused, entry!("publish-dropped")),
        StreamError::EchoRefused { .. } => with(Kind::Refused, entry!("write-only")),
        StreamError::NotAcknowledged { source, .. } => match link(source) {
            (Kind::TryAgain, None) => with(Kind::TryAgain, "try again, or give --timeout more"),
            policy => policy,
        },
        StreamError::BadLine { .. } => with(Kind::Data, entry!("bad-line")),
        StreamError::Unfinished { .. } | StreamError::Cut { .. } => {
            with(Kind::TryAgain, "send the rest again; --grace and --deadline give more time")
        }
        StreamError::MayBeLost { .. } => with(Kind::TryAgain, entry!("lost-perhaps")),
        StreamError::Input(_) => (Kind::NoInput, None),
        StreamError::Spool(e) | StreamError::NotTaken { source: e, .. } => queue(e),
        StreamError::Unsendable { .. } | StreamError::Held { .. } => with(Kind::Data, entry!("spool-unsendable")),
        StreamError::NotDrained { .. } => {
            let remedy = "run `{i3} spool drain`, or give --grace or --deadline more time";
            filled(Kind::TryAgain, entry!("spool-waiting"), remedy)
        }
        StreamError::Aside(_) => with(Kind::CannotCreate, "check the file that --rejects names"),
    }
}

fn rotation(error: &RotationError) -> Policy {
    match error {
        RotationError::Busy => filled(Kind::TryAgain, entry!("rotation-open"), "wait until it has ended"),
        RotationError::OldRefused(_) => filled(
            Kind::Refused,
            entry!("rotation-refused"),
            "check on the hub's page that the device is there once; name its present credential with --key or \
             --password-file",
        ),
        RotationError::Undone { .. } => with(Kind::TryAgain, "try again later; publishing goes on as before"),
        RotationError::Unfinished { .. } => with(
            Kind::TryAgain,
            "run `{i3} device rotate` for this device again: it goes on where this one stopped; `{i3} pub` tries both \
             meanwhile",
        ),
        RotationError::File { .. } => with(
            Kind::CannotCreate,
            "mend what stands in the way, and run `{i3} device rotate` again: it goes on where this one stopped",
        ),
        RotationError::Credential(e) => device_credential(e),
        RotationError::Key(e) => key(e),
        RotationError::Journal { .. } => with(
            Kind::Config,
            "move it away if the device logs in with the file that the configuration names, else restore it",
        ),
    }
}

fn subscription(error: &SubscribeError) -> Policy {
    match error {
        SubscribeError::Refused { .. } => with(Kind::Refused, entry!("subscription-refused")),
        SubscribeError::NoAnswer => with(Kind::TryAgain, "try again, or give --timeout more"),
        SubscribeError::TakenOver => with(Kind::TryAgain, "leave --id out, or end the other client first"),
        SubscribeError::Link(source) => link(source),
    }
}

fn link(error: &LinkError) -> Policy {
    match error {
        LinkError::Ended(reason) if reason.0 == 0x8E => with(Kind::TryAgain, entry!("client-id-shared")),
        LinkError::Protocol(_) => with(Kind::Data, entry!("connection-ended")),
        _ => (Kind::TryAgain, None),
    }
}

fn queue(error: &QueueError) -> Policy {
    match error {
        QueueError::Spool(e) => spool(e),
        QueueError::Behind => (Kind::CannotCreate, None),
        QueueError::Gone => (Kind::Other, None),
        QueueError::Thread(_) => (Kind::TryAgain, None),
    }
}

fn spool(error: &SpoolError) -> Policy {
    match error {
        SpoolError::Missing(_) => with(Kind::NoInput, entry!("spool-missing")),
        SpoolError::Access { .. } => {
            filled(Kind::CannotCreate, entry!("spool-place"), "name another folder with --spool DIR")
        }
        SpoolError::OpenToOthers { path, .. } => {
            filled(Kind::Config, entry!("spool-place"), format!("run `chmod 700 {}`", quoted(path)))
        }
        SpoolError::NotASpool(_) => filled(Kind::Config, entry!("spool-place"), "name another folder with --spool DIR"),
        SpoolError::Version { .. } => filled(
            Kind::Config,
            entry!("spool-place"),
            "empty it with the version of this program that wrote it, or name another folder",
        ),
        SpoolError::FileSystem(_) => {
            filled(Kind::Config, entry!("spool-place"), "name a folder on a local disk with --spool DIR")
        }
        SpoolError::Full { needed, max, .. } if needed > max => {
            let remedy = format!("allow more with --spool-max: what came at once takes {needed} bytes");
            filled(Kind::CannotCreate, entry!("spool-full"), remedy)
        }
        SpoolError::Full { .. } => with(Kind::CannotCreate, entry!("spool-full")),
        SpoolError::Gone(_) => with(Kind::CannotCreate, "leave the folder where it is while a run uses it"),
        SpoolError::NoSpace => {
            filled(Kind::CannotCreate, entry!("spool-full"), "make room on the disk; what was taken before is safe")
        }
        SpoolError::Busy => {
            filled(Kind::TryAgain, entry!("spool-place"), "look for a process that uses the spool and was stopped")
        }
        SpoolError::Corrupt(_) => with(Kind::Data, entry!("spool-damaged")),
        SpoolError::TooLarge(_) => with(Kind::Data, entry!("message-unsendable")),
        SpoolError::Sqlite(_) => filled(Kind::Other, entry!("spool-place"), "check the disk that the spool is on"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::catalogue::{self, Code};
    use crate::cli::failure::KINDS;
    use crate::credential::source::Origin;
    use crate::market::access::Via;
    use crate::market::change::Shown;
    use crate::market::web::Step;
    use crate::mqtt::packet::{PacketError, Reason};
    use crate::rotation::Kind as Held;

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
            (
                "the broker refused the subscription to alice/parking/occupancy (reason 0x80)",
                Some("subscription-refused"),
            ),
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
        are_explained([Refusal::Hash, Refusal::ForeignToken, Refusal::DressedToken, Refusal::BrokenToken]);
        are_explained([Refusal::Empty, Refusal::Nul, Refusal::TooLong(70_000)]);
        are_explained([
            ConfigError::NoHome,
            ConfigError::Read { path: path(), source: io() },
            ConfigError::Write { path: path(), source: io() },
            ConfigError::Ambiguous { short: "lot1".into(), full: vec!["a".into(), "b".into()] },
            ConfigError::UnknownDevice("lot1".into()),
            ConfigError::NoDevice(0),
            ConfigError::NoDevice(2),
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
            HttpError::NotHttp { market: market(), source: "bad".into() },
        ]);
        let location = || Some("http://hotel.example/".to_string());
        let (step, reason) = (Step::HubList, || Some("OperationalError".to_string()));
        are_explained([
            WebError::CredentialsRefused { user: "alice".into(), said: "no".into() },
            WebError::CsrfRefused(step),
            WebError::SessionExpired(step),
            WebError::HostRefused { host: "i3.example".into() },
            WebError::NotFound(step),
            WebError::ServerError { step, status: 500, reason: reason() },
            WebError::ServerError { step, status: 502, reason: None },
            WebError::Unexpected { step, status: 302, location: location() },
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
        let alone = || AccessError::KeyAlone(RestError::FormsOnly { endpoint, status: 404 });
        are_explained([Via::Auto, Via::Rest, Via::Web].map(|via| AccessError::Nothing { via }));
        are_explained([alone(), AccessError::NoKey]);
        for thing in [Thing::Hub, Thing::Product, Thing::Device] {
            let name = || "alice/garden/moxu".to_string();
            let existing = || Shown { id: Some(1), name: name() };
            are_explained([
                ChangeError::Missing { thing, name: name(), similar: Vec::new() },
                ChangeError::Missing { thing, name: name(), similar: vec![existing()] },
                ChangeError::Exists { thing, existing: existing() },
                ChangeError::TurnedAway { thing },
                ChangeError::Rejected { thing, reasons: reasons() },
                ChangeError::Doubled { thing, name: name(), rows: vec![existing(), existing()] },
                ChangeError::TakenMeanwhile { thing, existing: existing() },
            ]);
            for deed in [Deed::Created, Deed::Changed, Deed::Deleted] {
                are_explained([
                    ChangeError::FormRefused { thing, deed, complaint: None },
                    ChangeError::TakenInVain { thing, deed, place: name() },
                    ChangeError::BrokeDown { deed, status: 500, reason: reason() },
                    ChangeError::LostNothingDone { deed, source: http() },
                    ChangeError::OddAnswer { deed, status: 302, location: location() },
                    ChangeError::Unproved { thing, deed, name: name(), source: http() },
                    ChangeError::Unknown { thing, deed, name: name(), answer: "500".into(), source: Box::new(alone()) },
                ]);
            }
        }
        let asked = || "garden".to_string();
        are_explained([
            ChangeError::HubUnknown { asked: asked(), hubs: Vec::new() },
            ChangeError::HubOtherCase { asked: asked(), hubs: Vec::new() },
            ChangeError::HubAmbiguous { asked: asked(), hubs: Vec::new() },
        ]);
        are_explained([SearchError::NoSuchSeller("eve".into())]);
        are_explained([
            FieldError::Price("0".into()),
            FieldError::Degrees("x".into(), "latitude"),
            FieldError::NoDescription,
        ]);
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
            are_explained(
                ["alice$garden$bed1", "bob"].map(|name| ConnectError::Refused { code, user_name: name.into() }),
            );
        }
        are_explained([
            LinkError::Closed,
            LinkError::Ended(Reason(0x80)),
            LinkError::Io(io()),
            LinkError::Silent(std::time::Duration::from_secs(90)),
            LinkError::Protocol(malformed()),
        ]);
        let topic = || "alice/garden/moxu".parse().unwrap();
        are_explained([
            SubscribeError::Refused { topic: topic(), reason: Reason(0x80) },
            SubscribeError::NoAnswer,
            SubscribeError::Link(LinkError::Closed),
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
            StreamError::NotAcknowledged { line: 1, topic: topic(), connections: 3, source: LinkError::Closed },
        ]);
        are_explained([QueueError::Behind, QueueError::Gone, QueueError::Thread(io())]);
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
            ("error: the hub 'garden' is there already", "hub-exists"),
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
            source: LinkError::Ended(Reason(code)),
        };
        assert_eq!(entry_of(&stream(&ended(0x8E))), Some("client-id-shared"));
        assert!(stream(&ended(0x8B)).1.unwrap().text("i3").contains("--timeout"));
    }

    #[test]
    fn what_the_guard_refuses_ends_with_a_code_that_the_catalogue_tells() {
        for refusal in [Refusal::Empty, Refusal::Hash, Refusal::ForeignToken, Refusal::DressedToken, Refusal::Nul] {
            assert!(refusal.entry().codes.contains(&Code::Exit(super::refusal(&refusal).0.code())), "{refusal}");
        }
    }

    #[test]
    fn the_exit_codes_are_those_that_the_catalogue_tells() {
        let source = include_str!("policy.rs");
        let (policy, _) = source.split_once("#[cfg(test)]").unwrap();
        let mut used = 0;
        let mut before = "";
        for piece in policy.split("entry!(\"") {
            // What stands before the name is the call with its kind: `with(Kind::Config, `, perhaps on another line.
            let kind = before.trim_end().strip_suffix(',').and_then(|call| call.rsplit_once("(Kind::"));
            if let Some((_, kind)) = kind.filter(|_| !before.is_empty()) {
                let (id, _) = piece.split_once('"').unwrap();
                let kind = KINDS.into_iter().find(|k| format!("{k:?}") == kind.trim()).unwrap();
                let entry = catalogue::find(id).unwrap();
                // 1 stands for anything else, in the catalogue as well as here.
                let told = entry.codes.contains(&Code::Exit(kind.code())) || kind == Kind::Other;
                assert!(told, "{id} ends with {}", kind.code());
                used += 1;
            }
            before = piece;
        }
        assert!(used > 40, "{used} were found");
    }
}
