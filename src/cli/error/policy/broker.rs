//! The policy for the broker, streams, rotations and the spool.

use super::local::key;
use super::market::device_credential;
use super::tls::handshake;
use crate::access;
use crate::broker_url::BrokerUrl;
use crate::catalogue::{Entry, entry};
use crate::cli::error::cli_error::{Policy, after, come_back, filled, quoted, with};
use crate::cli::error::kind::ExitKind;
use crate::mqtt::connection::{ANSWER, ConnectError, ConnectionError, WebSocketError};
use crate::mqtt::reason::{PublishClass, Reason};
use crate::mqtt::refusal::LogInRefusal;
use crate::publisher::stream::{Refusal, StreamError};
use crate::publisher::{PublishError, Reached};
use crate::rotation::RotationError;
use crate::spool::worker::SpoolWorkerError;
use crate::spool::{Spool, SpoolError};
use crate::subscriber::SubscribeError;
use crate::tcp::{ProxyError, ProxyUrlError};
use crate::{fsio, shell};

pub fn connect(error: &ConnectError) -> Policy {
    match error {
        ConnectError::Refused { code, user_name, .. } => log_in(*code, user_name),
        ConnectError::HandshakeCut { has_spoken_tls: true, .. } => with(ExitKind::TryAgain, entry!("tls-cut")),
        ConnectError::HandshakeCut { url, .. } => {
            let remedy =
                format!("try again; if it fails each time, {}, if this port speaks {}", in_plain(url), plain(url));
            filled(ExitKind::TryAgain, entry!("tls-cut"), remedy)
        }
        ConnectError::NotTls { has_spoken_tls: true, .. } => {
            let remedy = "try again: this host spoke TLS before, so something in between answers in its place, such as the \
                          log-in page of a wireless network";
            filled(ExitKind::TryAgain, entry!("tls-cut"), remedy)
        }
        ConnectError::NotTls { url, .. } => {
            let remedy = format!("check the port; if it is meant to speak {}, {}", plain(url), in_plain(url));
            filled(ExitKind::Config, entry!("port-without-tls"), remedy)
        }
        ConnectError::ClosedAtLogin { url } if !url.tls && url.path.is_none() => {
            let with_tls = shell::quoted(&BrokerUrl { tls: true, ..url.clone() }.to_string());
            let web = by_websocket(url);
            let remedy =
                format!("use {with_tls} if this port speaks TLS, {web} if it speaks WebSocket; else try again");
            filled(ExitKind::TryAgain, entry!("port-needs-tls"), remedy)
        }
        ConnectError::ClosedAtLogin { url } | ConnectError::Timeout { url, during: ANSWER } if url.path.is_none() => {
            let remedy =
                format!("try again; if it fails each time, use {}, if this port speaks WebSocket", by_websocket(url));
            filled(ExitKind::TryAgain, entry!("broker-unreachable"), remedy)
        }
        ConnectError::NeedsTls { url } => {
            let with_tls = shell::quoted(&BrokerUrl { tls: true, ..url.clone() }.to_string());
            filled(ExitKind::Config, entry!("port-needs-tls"), format!("use {with_tls}: this port speaks TLS"))
        }
        ConnectError::Tls { source, .. } => handshake(source),
        ConnectError::Proxy { source, .. } => proxy(source),
        ConnectError::WebSocket { url, source } => websocket(url, source),
        ConnectError::Protocol { source, url } if source.to_string().contains("HTTP") && url.path.is_none() => {
            let remedy = format!(
                "check the port, which is a web server's; if the broker is behind it, use {}",
                by_websocket(url)
            );
            filled(ExitKind::Config, entry!("not-a-broker"), remedy)
        }
        ConnectError::Clock { .. } => with(ExitKind::TryAgain, entry!("clock")),
        ConnectError::Protocol { .. } => with(ExitKind::Config, entry!("not-a-broker")),
        ConnectError::Unsendable(_) => with(ExitKind::Data, entry!("password-unsendable")),
        ConnectError::LocalAddress { .. } => with(ExitKind::Config, entry!("local-address")),
        ConnectError::Resolve { .. } => with(ExitKind::TryAgain, entry!("host-unknown")),
        _ => with(ExitKind::TryAgain, entry!("broker-unreachable")),
    }
}

/// An invalid proxy address.
pub fn proxy_url(_: &ProxyUrlError) -> Policy {
    with(ExitKind::Config, entry!("broker-proxy"))
}

/// A proxy that does not connect to the broker.
fn proxy(error: &ProxyError) -> Policy {
    let kind = if error.is_passing() { ExitKind::TryAgain } else { ExitKind::Config };
    match error {
        ProxyError::Resolve(_) | ProxyError::Unreachable(_) | ProxyError::Timeout { .. } | ProxyError::Cut(_) => {
            with(kind, entry!("broker-proxy-unreachable"))
        }
        ProxyError::NotAProxy(_) => filled(
            kind,
            entry!("broker-proxy"),
            "check the proxy's port, and whether it is a SOCKS proxy (socks5h://) or one of HTTP (http://)",
        ),
        ProxyError::Status { status: 407, .. } | ProxyError::Method { .. } | ProxyError::User => {
            let remedy = "give the proxy's user and password in I3_PROXY, as in socks5h://USER:PASSWORD@HOST:PORT or \
                          http://USER:PASSWORD@HOST:PORT";
            filled(kind, entry!("broker-proxy-refused"), remedy)
        }
        ProxyError::Status { wait: Some(wait), .. } if error.is_passing() => {
            after(filled(kind, entry!("broker-proxy-refused"), come_back(*wait, "the proxy")), Some(*wait))
        }
        ProxyError::Status { status: 400..=499, .. } if error.is_passing() => {
            filled(kind, entry!("broker-proxy-refused"), "try again later; if it persists, ask the proxy's operator")
        }
        _ if error.is_passing() => {
            filled(kind, entry!("broker-proxy-refused"), "check the host and port of --broker, and try again")
        }
        ProxyError::Status { status: 511, .. } => {
            filled(kind, entry!("broker-proxy-refused"), "log in to the network, by a browser, and try again")
        }
        _ => with(kind, entry!("broker-proxy-refused")),
    }
}

/// A WebSocket that cannot be established.
fn websocket(url: &BrokerUrl, error: &WebSocketError) -> Policy {
    let kind = if error.is_passing() { ExitKind::TryAgain } else { ExitKind::Config };
    match error {
        WebSocketError::Status { status: 300..=399, location: Some(to), .. } => match moved(url, to) {
            Some(to) => {
                let remedy = format!("use --broker {}", shell::quoted(&to.to_string()));
                filled(kind, entry!("websocket-moved"), remedy)
            }
            None => {
                let remedy = "check the host, port and path of --broker: a web site answers there, not a broker; ask the operator for \
                              the address of the broker's WebSocket";
                filled(kind, entry!("not-a-websocket"), remedy)
            }
        },
        WebSocketError::Status { status: 300..=399, location: None, .. } => {
            filled(kind, entry!("websocket-moved"), "ask the operator for the new address, and give it with --broker")
        }
        WebSocketError::Status { status: 401 | 403 | 407 | 451, .. } => {
            with(ExitKind::Refused, entry!("websocket-refused"))
        }
        WebSocketError::Status { status: 404 | 405 | 410, .. } => with(kind, entry!("websocket-path")),
        WebSocketError::Status { status: 400, .. } if !url.tls => {
            let with_tls = shell::quoted(&BrokerUrl { tls: true, ..url.clone() }.to_string());
            let remedy = format!("check the port and path of --broker; if this port speaks TLS, use {with_tls}");
            filled(kind, entry!("not-a-websocket"), remedy)
        }
        WebSocketError::Status { wait: Some(wait), .. } if error.is_passing() => {
            after(filled(kind, entry!("websocket-down"), come_back(*wait, "the broker")), Some(*wait))
        }
        WebSocketError::Status { .. } if error.is_passing() => with(kind, entry!("websocket-down")),
        WebSocketError::Status { status: 511, .. } => {
            filled(kind, entry!("not-a-websocket"), "log in to the network, by a browser, and try again")
        }
        WebSocketError::Cut => {
            let plain = shell::quoted(&BrokerUrl { path: None, ..url.clone() }.to_string());
            let remedy =
                format!("try again; if it fails each time, use {plain}, if this port speaks MQTT without WebSocket");
            filled(kind, entry!("not-a-websocket"), remedy)
        }
        WebSocketError::Closed { .. } => with(kind, entry!("websocket-closed")),
        _ => with(kind, entry!("not-a-websocket")),
    }
}

/// Returns the address of the WebSocket that a redirection of `url` leads to; `None` for another page of a web site.
fn moved(url: &BrokerUrl, to: &str) -> Option<BrokerUrl> {
    let here = BrokerUrl { path: None, ..url.clone() }.to_string();
    let here = here.split_once("://").map_or(here.as_str(), |(_, place)| place);
    let scheme = if url.tls { "wss" } else { "ws" };
    let whole = match to {
        to if to.starts_with("//") => format!("{scheme}:{to}"),
        to if to.starts_with('/') => format!("{scheme}://{here}{to}"),
        to => to.strip_prefix("http").map_or_else(|| to.to_owned(), |rest| format!("ws{rest}")),
    };
    let new = whole.parse().ok().filter(|new: &BrokerUrl| new.path.is_some() && new != url)?;
    let path = |url: &BrokerUrl| url.path.as_deref().unwrap_or_default().trim_end_matches('/').to_owned();
    (to.starts_with("ws") || path(&new) == path(url)).then_some(new)
}

/// Returns the same address with WebSocket, quoted.
fn by_websocket(url: &BrokerUrl) -> String {
    shell::quoted(&BrokerUrl { path: Some(BrokerUrl::PATH.into()), ..url.clone() }.to_string())
}

/// What a port without TLS speaks to a client of this address.
fn plain(url: &BrokerUrl) -> &'static str {
    if url.path.is_some() { "WebSocket without TLS" } else { "plain MQTT" }
}

/// Suggests the same address without TLS, and says what that exposes.
fn in_plain(url: &BrokerUrl) -> String {
    let plain = shell::quoted(&BrokerUrl { tls: false, ..url.clone() }.to_string());
    match url.is_loopback() {
        true => format!("use {plain}"),
        false => format!(
            "use {plain}, where the credential and all messages travel in clear text: anyone on the network path can read and change them"
        ),
    }
}

/// The policy for each code of a refused log-in except those about the credential, which depend on who logs in.
const LOG_IN: &[(&[u8], ExitKind, &Entry, &str)] = &[
    (&[1], ExitKind::Config, entry!("mqtt-5"), "use -V 311: I3's released broker does not speak MQTT 5"),
    (&[0x84], ExitKind::Config, entry!("mqtt-5"), "use -V 311: this broker does not speak MQTT 5"),
    (
        &[2, 0x85],
        ExitKind::Data,
        entry!("client-id-refused"),
        "give --id another one, or leave it out: the random one has only letters and digits",
    ),
    (&[3, 0x88], ExitKind::TryAgain, entry!("broker-busy"), "try again later"),
    (&[0x89], ExitKind::TryAgain, entry!("broker-busy"), "try again later: the broker is overloaded"),
    (
        &[0x97],
        ExitKind::TryAgain,
        entry!("broker-busy"),
        "try again later, with fewer clients at once, or ask the broker's operator for a larger quota",
    ),
    (&[0x9F], ExitKind::TryAgain, entry!("broker-busy"), "try again later, and connect less often"),
    (&[0x8A], ExitKind::Refused, entry!("client-banned"), "ask the broker's operator why this client is banned"),
    (
        &[0x8C],
        ExitKind::Refused,
        entry!("client-banned"),
        "ask the broker's operator for a port where a user name and a password or token log in",
    ),
    (&[0x81, 0x82], ExitKind::Data, entry!("log-in-unacceptable"), "use -V 311, and leave --id out"),
    (
        &[0x90, 0x99],
        ExitKind::Data,
        entry!("log-in-unacceptable"),
        "check --will-topic and --will-payload; if neither is given, use -V 311",
    ),
    (&[0x9A], ExitKind::Data, entry!("log-in-unacceptable"), "leave --will-retain out; if it is not given, use -V 311"),
    (&[0x9B], ExitKind::Data, entry!("log-in-unacceptable"), "give a lower --will-qos; if none is given, use -V 311"),
    (
        &[0x95],
        ExitKind::Data,
        entry!("log-in-unacceptable"),
        "register a shorter password or key: the log-in is larger than this broker accepts",
    ),
    (
        &[0x9C],
        ExitKind::Config,
        entry!("broker-moved"),
        "ask the broker's operator which server to use for now, and give it with --broker",
    ),
    (
        &[0x9D],
        ExitKind::Config,
        entry!("broker-moved"),
        "ask the broker's operator for the new address, and give it with --broker",
    ),
];

fn log_in(code: u8, user_name: &str) -> Policy {
    let is_device = user_name.contains('$');
    match LogInRefusal::of(code) {
        // I3 answers 5 to everything; this is from another broker, or from a plug-in that says more.
        LogInRefusal::Credential if is_device => {
            filled(ExitKind::Refused, entry!("log-in-refused"), "check the device's full name, and its key or password")
        }
        LogInRefusal::NotAuthorized if is_device => {
            let entry = entry!("log-in-refused");
            filled(ExitKind::Refused, entry, entry.remedy.replace("DEVICE", &shell::quoted(user_name)))
        }
        LogInRefusal::Credential | LogInRefusal::NotAuthorized if user_name.to_lowercase().contains("%24") => filled(
            ExitKind::Refused,
            entry!("account-refused"),
            "write $ instead of %24, in single quotes: user names are sent as they are given, in a URL of -L, too",
        ),
        LogInRefusal::Credential | LogInRefusal::NotAuthorized => with(ExitKind::Refused, entry!("account-refused")),
        _ => match LOG_IN.iter().find(|(codes, ..)| codes.contains(&code)) {
            Some((_, kind, entry, remedy)) => filled(*kind, entry, *remedy),
            // 0x80, 0x83 and codes that are in no standard.
            None => with(ExitKind::TryAgain, entry!("broker-failed")),
        },
    }
}

pub fn publish(error: &PublishError) -> Policy {
    match error {
        PublishError::Refused { reason, .. } => denied(*reason),
        PublishError::OverLimit { .. } => with(ExitKind::Data, entry!("broker-limit")),
        PublishError::NoEcho { .. } => with(ExitKind::Refused, entry!("publish-dropped")),
        PublishError::EchoRefused { passes: true, .. } => with(ExitKind::TryAgain, entry!("message-not-now")),
        PublishError::EchoRefused { .. } => with(ExitKind::Refused, entry!("write-only")),
        PublishError::Stuck { .. } | PublishError::NotAcknowledged { .. } => {
            with(ExitKind::TryAgain, entry!("no-answer"))
        }
        PublishError::Closed { .. } => {
            let remedy = "try again; with --retry 1 or more, the program finds out which of the two it is";
            filled(ExitKind::TryAgain, entry!("closed-at-message"), remedy)
        }
        PublishError::ClosedAgain { .. } => with(ExitKind::Refused, entry!("closed-at-message")),
        PublishError::Link { source, .. } => retried(source, "try again; --retry N does so automatically"),
        PublishError::Deadline { reached, .. } => {
            let remedy = match reached {
                Reached::Nothing | Reached::Part { .. } => "try again, or give --deadline more",
                Reached::Sent | Reached::Acknowledged => {
                    "try again, or give --deadline more; the message may have arrived"
                }
            };
            filled(ExitKind::TryAgain, entry!("no-answer"), remedy)
        }
    }
}

/// A message that the broker refused, in its acknowledgement or by ending the connection.
fn denied(reason: Reason) -> Policy {
    match reason.publish_class() {
        PublishClass::Passing => with(ExitKind::TryAgain, entry!("message-not-now")),
        PublishClass::Data => {
            let remedy = match reason.0 {
                0x90 => "use another topic: the broker does not accept the name of this one",
                0x95 => "send less at once: the message is larger than this broker accepts",
                0x99 => "change the payload: the broker does not accept its form",
                0x9A => "leave -r out",
                _ => "use a lower -q",
            };
            filled(ExitKind::Data, entry!("broker-limit"), remedy)
        }
        PublishClass::Refused if reason == Reason::NOT_AUTHORIZED => with(ExitKind::Refused, entry!("publish-dropped")),
        PublishClass::Refused => other_reason(),
    }
}

/// A message that a stream has tried for long enough.
fn later() -> Policy {
    filled(ExitKind::TryAgain, entry!("message-not-now"), "try again later; --retry-refused gives it more time")
}

/// A message that the broker refused for a reason other than a permission.
pub fn other_reason() -> Policy {
    filled(ExitKind::Refused, entry!("publish-dropped"), "ask the broker's operator what the reason code means there")
}

fn refused(why: Refusal) -> Policy {
    match why {
        Refusal::Denied(reason) => denied(reason),
        Refusal::Closed(Some(reason)) if reason.publish_class() == PublishClass::Data => denied(reason),
        Refusal::Limit(_) => with(ExitKind::Data, entry!("broker-limit")),
        Refusal::NoEcho(_) => with(ExitKind::Refused, entry!("publish-dropped")),
        // In 3.1.1, 0x80 is the only one.
        Refusal::NoSubscription(reason) if reason != Reason::SUBACK_FAILURE && reason.may_pass_in_suback() => later(),
        Refusal::NoSubscription(_) => with(ExitKind::Refused, entry!("write-only")),
        Refusal::Closed(_) | Refusal::NoAnswer => with(ExitKind::Refused, entry!("closed-at-message")),
        Refusal::NotNow(..) => later(),
        Refusal::Topic => with(ExitKind::Refused, entry!("publish-dropped")),
    }
}

pub fn stream(error: &StreamError) -> Policy {
    match error {
        StreamError::Refused { refusal, .. } => refused(*refusal),
        StreamError::NotAcknowledged { source, .. } => retried(source, "try again, or give --timeout more"),
        StreamError::BadLine { .. } => with(ExitKind::Data, entry!("bad-line")),
        StreamError::Unfinished { .. } | StreamError::Cut { .. } => filled(
            ExitKind::TryAgain,
            entry!("no-answer"),
            "send the rest again; --grace and --deadline give more time",
        ),
        StreamError::MayBeLost { .. } => with(ExitKind::TryAgain, entry!("maybe-lost")),
        StreamError::Input(_) => with(ExitKind::NoInput, entry!("file-unusable")),
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

pub fn rotation(error: &RotationError) -> Policy {
    match error {
        RotationError::Busy => filled(ExitKind::TryAgain, entry!("rotation-open"), "wait until it has ended"),
        RotationError::OldRefused(_) => filled(
            ExitKind::Refused,
            entry!("rotation-refused"),
            "name its current credential with --key or --password-file; if nothing logs it in, run `{i3} device repair`",
        ),
        RotationError::Undone { .. } => {
            filled(ExitKind::TryAgain, entry!("nothing-done"), "try again later; publishing continues as before")
        }
        RotationError::Unfinished { .. } => filled(
            ExitKind::TryAgain,
            entry!("rotation-open"),
            "run `{i3} device rotate` for this device again: it continues where this one stopped; `{i3} pub` tries both \
             meanwhile",
        ),
        RotationError::File { .. } => filled(
            ExitKind::CannotCreate,
            entry!("file-unusable"),
            "fix what the system's error reports, and run `{i3} device rotate` again: it continues where this one stopped",
        ),
        RotationError::Credential(e) => device_credential(e),
        RotationError::Key(e) => key(e),
        RotationError::Version { .. } => filled(
            ExitKind::Config,
            entry!("rotation-open"),
            "finish it with the version of this program that began it; nothing has changed",
        ),
        RotationError::Journal { .. } => filled(
            ExitKind::Config,
            entry!("rotation-open"),
            "move it away if the device logs in with the file that the configuration names, else restore it",
        ),
    }
}

pub fn subscription(error: &SubscribeError) -> Policy {
    match error {
        SubscribeError::Refused { .. } => with(ExitKind::Refused, entry!("subscription-refused")),
        SubscribeError::NotNow { .. } => {
            filled(ExitKind::TryAgain, entry!("broker-busy"), "try again; --retry N does so automatically")
        }
        SubscribeError::NotEnded { .. } => with(ExitKind::Refused, entry!("subscription-refused")),
        SubscribeError::NoSession => with(ExitKind::Data, entry!("earlier-subscription")),
        SubscribeError::NoAnswer => filled(
            ExitKind::TryAgain,
            entry!("no-answer"),
            "try again; --retry N does so automatically, --timeout gives more time",
        ),
        SubscribeError::TakenOver => {
            filled(ExitKind::TryAgain, entry!("client-id-shared"), "leave --id out, or end the other client first")
        }
        SubscribeError::Link(source) => retried(source, "try again; --retry N does so automatically"),
    }
}

pub fn link(error: &ConnectionError) -> Policy {
    retried(error, "try again")
}

/// A connection that ended; `retry` is the remedy if another one may last.
pub fn retried(error: &ConnectionError, retry: &str) -> Policy {
    match error {
        ConnectionError::Ended { reason, .. } if reason.0 == 0x8E => {
            with(ExitKind::TryAgain, entry!("client-id-shared"))
        }
        // These codes mean the same at the end of a connection as in a refused log-in.
        ConnectionError::Ended { reason: Reason(code @ (0x8A | 0x9C | 0x9D)), .. } => log_in(*code, ""),
        ConnectionError::Protocol(_) => with(ExitKind::Data, entry!("connection-ended")),
        _ => filled(ExitKind::TryAgain, entry!("connection-ended"), retry),
    }
}

pub fn queue(error: &SpoolWorkerError) -> Policy {
    match error {
        SpoolWorkerError::Spool(e) => spool(e),
        SpoolWorkerError::Behind => with(ExitKind::CannotCreate, entry!("spool-place")),
        SpoolWorkerError::Gone => with(ExitKind::Other, entry!("spool-place")),
        SpoolWorkerError::Thread(_) => with(ExitKind::TryAgain, entry!("spool-place")),
    }
}

pub fn spool(error: &SpoolError) -> Policy {
    match error {
        SpoolError::Missing(_) => with(ExitKind::NoInput, entry!("spool-missing")),
        SpoolError::Access { .. } => {
            filled(ExitKind::CannotCreate, entry!("spool-place"), "name another folder with --spool DIR")
        }
        SpoolError::OpenToOthers { path, .. } if access::may_be_closed(path, Spool::is_in) => {
            filled(ExitKind::Config, entry!("spool-place"), format!("run `chmod 700 {}`", quoted(path)))
        }
        SpoolError::OpenToOthers { path, .. } => {
            let own = quoted(&fsio::free_path(path, "spool", ""));
            let remedy = format!("name a folder of its own, which is made if it is missing, such as --spool {own}");
            filled(ExitKind::Config, entry!("spool-place"), remedy)
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
            let remedy = format!("allow more with --spool-max: the lines that came at once take {needed} bytes");
            filled(ExitKind::CannotCreate, entry!("spool-full"), remedy)
        }
        SpoolError::Full { .. } => with(ExitKind::CannotCreate, entry!("spool-full")),
        SpoolError::Gone(_) => {
            filled(ExitKind::CannotCreate, entry!("spool-place"), "leave the folder where it is while a run uses it")
        }
        SpoolError::NoSpace => filled(
            ExitKind::CannotCreate,
            entry!("spool-full"),
            "free some space on the disk; the lines stored before are safe",
        ),
        SpoolError::Busy => {
            filled(ExitKind::TryAgain, entry!("spool-place"), "look for a process that uses the spool and was stopped")
        }
        SpoolError::Corrupt(_) => with(ExitKind::Data, entry!("spool-damaged")),
        SpoolError::TooLarge(_) => with(ExitKind::Data, entry!("message-unsendable")),
        SpoolError::Sqlite(e) if e.sqlite_error_code() == Some(rusqlite::ErrorCode::OutOfMemory) => {
            with(ExitKind::TryAgain, entry!("process-limits"))
        }
        SpoolError::Sqlite(_) => filled(ExitKind::Other, entry!("spool-place"), "check the disk that the spool is on"),
    }
}
