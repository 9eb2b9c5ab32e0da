//! The policy for sessions with NATS.

use super::local::tls;
use crate::catalogue::entry;
use crate::cli::error::cli_error::{Policy, filled, with};
use crate::cli::error::kind::ExitKind;
use crate::gateway::NatsError;

pub fn nats(error: &NatsError) -> Policy {
    match error {
        NatsError::Unreachable { .. } => with(ExitKind::TryAgain, entry!("nats-unreachable")),
        NatsError::Request { .. } => filled(
            ExitKind::TryAgain,
            entry!("nats-unreachable"),
            "read the message: a cluster that has lost its leader answers again once it has another",
        ),
        NatsError::LogIn(_) => with(ExitKind::Refused, entry!("nats-refused")),
        NatsError::Denied(_) => filled(
            ExitKind::Refused,
            entry!("nats-refused"),
            "give the user the permissions that docs/gateway-nats.md lists",
        ),
        NatsError::NoStream(_) => with(ExitKind::Config, entry!("nats-stream")),
        NatsError::NoJetStream(_) => {
            filled(ExitKind::Config, entry!("nats-stream"), "turn JetStream on in the servers, and for the account")
        }
        NatsError::Rejects { .. } => filled(
            ExitKind::Config,
            entry!("nats-stream"),
            "let a stream take the subject, or leave rejects out of the source; rejected messages then go to a file",
        ),
        NatsError::Consumer { .. } => with(ExitKind::Config, entry!("nats-consumer")),
        NatsError::Tls(e) => tls(e),
    }
}
