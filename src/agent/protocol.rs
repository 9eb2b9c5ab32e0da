//! The protocol between a caller and the agent.
//!
//! Both begin with [`HELLO`], whose last byte is the version. Frames follow: the length as four bytes, big-endian, and JSON.
//! A publication is offered first; [`GO`] and the payload follow only after [`Reply::Ready`], so that a caller
//! without an answer knows whether the agent may have the message.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::route::Route;
use crate::broker_url::BrokerUrl;
use crate::mqtt::connection::ConnectionError;
use crate::mqtt::packet::Reason;
use crate::name::Topic;
use crate::publisher::{Confirm, Evidence, PublishError, Reached};

/// The first bytes of either side.
pub const HELLO: [u8; 8] = *b"i3agent\x01";
/// Precedes the payload.
pub const GO: u8 = b'!';
/// Longest frame with a request, in bytes.
pub const MAX_REQUEST: usize = 64 * 1024;
/// Longest frame with a reply, in bytes: the status of some ten thousand devices.
pub const MAX_REPLY: usize = 4 * 1024 * 1024;
/// Longest payload sent through the agent, in bytes: a larger one gains nothing from it.
pub const MAX_PAYLOAD: usize = 256 * 1024;
/// How often the agent sends something to a waiting caller.
pub const HEARTBEAT: Duration = Duration::from_secs(1);

/// A caller's request.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentRequest {
    Publish(Box<Publication>),
    Status,
    /// Ends the agent after what is in flight.
    Stop,
    /// The device's credential has changed: the next message is sent after a new log-in.
    Forget {
        device: String,
    },
}

/// A message without its payload, and how to publish it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Publication {
    pub route: Route,
    pub topic: String,
    /// Length of the payload, in bytes.
    pub size: usize,
    /// 0, 1 or 2.
    pub qos: u8,
    pub retain: bool,
    pub confirm: Confirm,
    /// The longest time without progress.
    pub timeout: Duration,
    /// The time left of `--deadline`.
    pub deadline: Option<Duration>,
    /// The payload may be a private key.
    pub allow_secret: bool,
}

/// The agent's answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The device is logged in: the payload may be sent.
    Ready,
    /// Work is in progress.
    Working,
    Delivered(Evidence),
    /// The message was or may have been sent, but is not known to be delivered.
    Failed(Failure),
    /// The agent does not publish it, and nothing of it was sent.
    Declined(String),
    Status(AgentState),
    /// The agent stops, or has forgotten a connection.
    Done,
}

/// The agent's status.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AgentState {
    /// The agent's process id.
    pub pid: u32,
    /// The version of the program.
    pub version: String,
    /// How long it has been running, in seconds.
    pub seconds: u64,
    pub devices: Vec<DeviceStatus>,
}

/// A device that was published as.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DeviceStatus {
    pub device: String,
    pub broker: String,
    pub connected: bool,
    /// Log-ins so far.
    pub log_ins: u64,
    /// Messages that were delivered.
    pub delivered: u64,
    /// Messages that were not delivered, or may not have been.
    pub failed: u64,
    /// Messages in flight.
    pub in_flight: u64,
    /// The last error, even if messages were delivered since.
    pub last_error: Option<String>,
}

/// A [`PublishError`] in transit to the caller.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    NoEcho { after: Duration },
    EchoRefused { code: u8 },
    Stuck { after: Duration, reached: Reached },
    NotAcknowledged { after: Duration },
    Closed { reached: Reached, cause: ConnectionCause },
    Link { reached: Reached, cause: ConnectionCause },
    Deadline { reached: Reached },
}

/// A [`ConnectionError`] in transit to the caller.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionCause {
    Closed,
    Io(String),
    Silent(Duration),
    Unread(Duration),
    Violation(String),
}

impl Failure {
    /// Returns the error as it is sent to the caller, if that is possible.
    /// A message whose connection is still open may still be sent, because others keep
    /// using it, so it counts as sent.
    ///
    /// # Errors
    /// The error's text.
    pub fn of(error: &PublishError) -> Result<Failure, String> {
        Ok(match error {
            PublishError::Closed { reached, .. } | PublishError::Link { reached, .. }
                if matches!(reached, Reached::Nothing | Reached::Part { .. }) =>
            {
                return Err(error.to_string());
            }
            PublishError::NoEcho { after, .. } => Failure::NoEcho { after: *after },
            PublishError::EchoRefused { reason, .. } => Failure::EchoRefused { code: reason.0 },
            PublishError::Stuck { after, reached, .. } => {
                Failure::Stuck { after: *after, reached: (*reached).max(Reached::Sent) }
            }
            PublishError::NotAcknowledged { after, .. } => Failure::NotAcknowledged { after: *after },
            PublishError::Closed { reached, source, .. } => Failure::Closed { reached: *reached, cause: source.into() },
            PublishError::Link { reached, source, .. } => Failure::Link { reached: *reached, cause: source.into() },
            PublishError::Deadline { reached, .. } => Failure::Deadline { reached: (*reached).max(Reached::Sent) },
            PublishError::OverLimit { .. } | PublishError::Refused { .. } | PublishError::ClosedAgain { .. } => {
                return Err(error.to_string());
            }
        })
    }

    /// Returns the error for the message to `topic` at this broker.
    pub fn into_error(self, topic: Topic, broker: Arc<BrokerUrl>) -> PublishError {
        match self {
            Failure::NoEcho { after } => PublishError::NoEcho { topic, after, broker },
            Failure::EchoRefused { code } => {
                PublishError::EchoRefused { topic, reason: Reason(code), passes: false, broker }
            }
            Failure::Stuck { after, reached } => PublishError::Stuck { topic, after, reached },
            Failure::NotAcknowledged { after } => PublishError::NotAcknowledged { topic, after },
            Failure::Closed { reached, cause } => PublishError::Closed { topic, reached, broker, source: cause.into() },
            Failure::Link { reached, cause } => PublishError::Link { topic, reached, source: cause.into() },
            Failure::Deadline { reached } => PublishError::Deadline { topic, reached },
        }
    }
}

impl From<&ConnectionError> for ConnectionCause {
    fn from(error: &ConnectionError) -> ConnectionCause {
        match error {
            ConnectionError::Closed => ConnectionCause::Closed,
            ConnectionError::Io(e) => ConnectionCause::Io(e.to_string()),
            ConnectionError::Silent(time) => ConnectionCause::Silent(*time),
            ConnectionError::Unread(time) => ConnectionCause::Unread(*time),
            ConnectionError::Ended { .. } | ConnectionError::Violation(_) | ConnectionError::Protocol(_) => {
                ConnectionCause::Violation(error.to_string())
            }
        }
    }
}

impl From<ConnectionCause> for ConnectionError {
    fn from(cause: ConnectionCause) -> ConnectionError {
        match cause {
            ConnectionCause::Closed => ConnectionError::Closed,
            ConnectionCause::Io(text) => ConnectionError::Io(io::Error::other(text)),
            ConnectionCause::Silent(time) => ConnectionError::Silent(time),
            ConnectionCause::Unread(time) => ConnectionError::Unread(time),
            ConnectionCause::Violation(text) => ConnectionError::Violation(text),
        }
    }
}

/// Returns a value as a frame.
///
/// # Errors
/// It cannot be written as JSON.
pub fn frame(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, value)?;
    let length = (bytes.len() - 4) as u32;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    Ok(bytes)
}

/// Reads a frame with a reply.
///
/// # Errors
/// The peer is gone, or sent something else.
pub fn read<T: DeserializeOwned>(mut source: impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    source.read_exact(&mut length)?;
    let mut bytes = room(length, MAX_REPLY)?;
    source.read_exact(&mut bytes)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Reads a frame with a request.
///
/// # Errors
/// As [`read`].
pub async fn receive<T: DeserializeOwned>(source: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let mut length = [0; 4];
    source.read_exact(&mut length).await?;
    let mut bytes = room(length, MAX_REQUEST)?;
    source.read_exact(&mut bytes).await?;
    Ok(serde_json::from_slice(&bytes)?)
}

fn room(length: [u8; 4], max: usize) -> io::Result<Vec<u8>> {
    match u32::from_be_bytes(length) as usize {
        length if length <= max => Ok(vec![0; length]),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}
