//! Why a session with NATS cannot start, or has ended.

use crate::tls::TlsError;

/// Each is tried again, after a pause.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// None of the servers answers.
    #[error("NATS cannot be reached at {servers}: {why}")]
    Unreachable { servers: String, why: String },
    /// The user and the password, or the token, are refused, or none are given.
    #[error("NATS refuses the log-in of {0}")]
    LogIn(String),
    /// The user has no right to a subject.
    #[error("NATS denies the user permission: {0}")]
    Denied(String),
    /// JetStream is off, in the server or for the account.
    #[error("JetStream is not available: {0}")]
    NoJetStream(String),
    /// There is no stream of this name.
    #[error("there is no stream {0}")]
    NoStream(String),
    /// The consumer of this name would lose or leave out messages.
    #[error("the consumer {durable} of the stream {stream} cannot be used: {why}")]
    Consumer { stream: String, durable: String, why: String },
    /// JetStream has not answered, or could not do what was requested.
    #[error("JetStream could not {what}: {why}")]
    Request { what: &'static str, why: String },
    /// No stream takes the rejected messages.
    #[error("rejected messages cannot be published to {subject}: {why}")]
    Rejects { subject: String, why: String },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
}
