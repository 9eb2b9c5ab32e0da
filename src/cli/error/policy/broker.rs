//! The policy for the broker, streams, rotations and the spool.

use super::local::key;
use super::market::{certificate, device_credential};
use crate::catalogue::entry;
use crate::cli::error::cli_error::{Policy, filled, quoted, with};
use crate::cli::error::kind::ExitKind;
use crate::mqtt::connection::{ConnectError, ConnectionError};
use crate::publisher::PublishError;
use crate::publisher::stream::{Refusal, StreamError};
use crate::rotation::RotationError;
use crate::shell;
use crate::spool::SpoolError;
use crate::spool::worker::SpoolWorkerError;
use crate::subscriber::SubscribeError;

pub fn connect(error: &ConnectError) -> Policy {
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

pub fn publish(error: &PublishError) -> Policy {
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
pub fn other_reason() -> Policy {
    filled(ExitKind::Refused, entry!("publish-dropped"), "ask the broker's operator what the reason code means there")
}

fn refused(refusal: Refusal) -> Policy {
    match refusal {
        Refusal::Denied(reason) if reason.0 != 0x87 => other_reason(),
        Refusal::Denied(_) | Refusal::NoEcho(_) => with(ExitKind::Refused, entry!("publish-dropped")),
        Refusal::NoSubscription(_) => with(ExitKind::Refused, entry!("write-only")),
        Refusal::Closed(_) => with(ExitKind::Refused, entry!("closed-at-message")),
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

pub fn rotation(error: &RotationError) -> Policy {
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
            "fix what the system's error says, and run `{i3} device rotate` again: it goes on where this one stopped",
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

pub fn subscription(error: &SubscribeError) -> Policy {
    match error {
        SubscribeError::Refused { .. } => with(ExitKind::Refused, entry!("subscription-refused")),
        SubscribeError::NotNow { .. } => {
            filled(ExitKind::TryAgain, entry!("broker-busy"), "try again; --retry N does it by itself")
        }
        SubscribeError::NotEnded { .. } => with(ExitKind::Refused, entry!("subscription-refused")),
        SubscribeError::NoSession => with(ExitKind::Data, entry!("earlier-subscription")),
        SubscribeError::NoAnswer => filled(
            ExitKind::TryAgain,
            entry!("no-answer"),
            "try again; --retry N does it by itself, --timeout gives more time",
        ),
        SubscribeError::TakenOver => {
            filled(ExitKind::TryAgain, entry!("client-id-shared"), "leave --id out, or end the other client first")
        }
        SubscribeError::Link(source) => retried(source, "try again; --retry N does it by itself"),
    }
}

pub fn link(error: &ConnectionError) -> Policy {
    retried(error, "try again")
}

/// A connection that ended; `retry` is the way out where another one may last.
pub fn retried(error: &ConnectionError, retry: &str) -> Policy {
    match error {
        ConnectionError::Ended(reason) if reason.0 == 0x8E => with(ExitKind::TryAgain, entry!("client-id-shared")),
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
