//! A message, the evidence of its delivery, and why that may be missing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use humantime::format_duration;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::broker_url::BrokerUrl;
use crate::mqtt::connection::ConnectionError;
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::packet::{QoS, Reason};
use crate::mqtt::reason::PublishClass;
use crate::name::Topic;

/// One message, ready to send.
#[derive(Debug, Clone)]
pub struct Message {
    pub topic: Topic,
    pub payload: Bytes,
    pub qos: QoS,
    pub retain: bool,
    /// Sent along in MQTT 5 as [`OutgoingPublish::time`](crate::mqtt::outgoing::OutgoingPublish::time).
    pub time: u64,
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// The longest time without progress.
    pub timeout: Duration,
    /// In any case.
    pub end: Option<Instant>,
}

/// The evidence that the message was delivered or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The message came back from the broker.
    Echo,
    /// MQTT 5: the broker's reason code, which distinguishes a denial from a delivery.
    Reason,
    /// Acknowledged in 3.1.1, which a denied publish is as well: no proof was requested.
    Acknowledged,
    /// QoS 0: it was sent, no proof was requested.
    Sent,
}

/// How far a message has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reached {
    /// No part of it was sent.
    #[default]
    Nothing,
    /// Some bytes of its packet were sent: the broker cannot have it.
    Part { sent: u64, of: u64 },
    /// The system has taken all of it: the broker may get it.
    Sent,
    /// The broker has acknowledged it. The echo is missing.
    Acknowledged,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reached::Nothing => f.write_str("had not been sent"),
            Reached::Part { sent, of } => write!(f, "had been sent in part: {sent} of {of} bytes"),
            Reached::Sent => f.write_str("had been sent and not acknowledged, so it may arrive"),
            Reached::Acknowledged => f.write_str("had been acknowledged and had not come back"),
        }
    }
}

/// Why it is not known that a message was delivered.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// MQTT 5: the broker has announced that it does not accept such a message. It was not sent.
    #[error("the broker {broker} does not accept the message to {topic}: {limit}")]
    OverLimit { topic: Topic, limit: BrokerLimit, broker: Arc<BrokerUrl> },
    /// MQTT 5: the broker refused the message, in its acknowledgement or by ending the connection.
    #[error("the broker {broker} refused the message to {topic} ({reason})")]
    Refused { topic: Topic, reason: Reason, broker: Arc<BrokerUrl> },
    /// The message was accepted, acknowledged if requested, and did not come back: the broker dropped it, or this user may
    /// write the topic but not read it.
    #[error("the message to {topic} did not come back within {}: the broker {broker} accepted it and dropped it", format_duration(*.after))]
    NoEcho { topic: Topic, after: Duration, broker: Arc<BrokerUrl> },
    /// The subscription to the own topic was refused, so no echo can come; `passes` if it may be granted later.
    #[error("the broker {broker} refused the subscription to {topic} that the echo needs ({reason})")]
    EchoRefused { topic: Topic, reason: Reason, passes: bool, broker: Arc<BrokerUrl> },
    /// The message is not sent: there has been no progress for a while.
    #[error("the message to {topic} {reached}, and nothing has moved for {}", format_duration(*.after))]
    Stuck { topic: Topic, after: Duration, reached: Reached },
    /// The broker did not acknowledge the message, or the subscription that the echo needs, in time.
    #[error("the broker did not answer the message to {topic} within {}", format_duration(*.after))]
    NotAcknowledged { topic: Topic, after: Duration },
    /// The broker closed the connection without acknowledging the message: the connection is lost, or this is how the broker
    /// refuses the message (MQTT 3.1.1 §3.3.5).
    #[error(
        "the broker {broker} closed the connection before the message to {topic} was acknowledged: the connection was lost, or the broker refuses the message"
    )]
    Closed { topic: Topic, reached: Reached, broker: Arc<BrokerUrl>, source: ConnectionError },
    /// The broker closes each connection at the message, but keeps one without it open.
    #[error(
        "the broker {broker} refuses the message to {topic}: it closed {times} connections on receiving it, and answered on another without it"
    )]
    ClosedAgain { topic: Topic, times: u32, broker: Arc<BrokerUrl> },
    /// The connection ended first, and not because of the message.
    #[error("the connection ended before the message to {topic} was {}", match .reached {
        Reached::Nothing | Reached::Part { .. } => "sent",
        Reached::Sent => "acknowledged",
        Reached::Acknowledged => "confirmed",
    })]
    Link { topic: Topic, reached: Reached, source: ConnectionError },
    /// The deadline has passed.
    #[error("the deadline has passed; the message to {topic} {reached}")]
    Deadline { topic: Topic, reached: Reached },
}

impl PublishError {
    /// Returns how far the message has got, if the error knows.
    pub fn reached(&self) -> Reached {
        match self {
            PublishError::Stuck { reached, .. }
            | PublishError::Closed { reached, .. }
            | PublishError::Link { reached, .. }
            | PublishError::Deadline { reached, .. } => *reached,
            PublishError::NotAcknowledged { .. } => Reached::Sent,
            PublishError::NoEcho { .. } => Reached::Acknowledged,
            _ => Reached::Nothing,
        }
    }

    /// Returns whether another attempt makes sense: a refused message stays refused, but a broker may come back.
    pub fn is_passing(&self) -> bool {
        match self {
            PublishError::Refused { reason, .. } => reason.publish_class() == PublishClass::Passing,
            PublishError::EchoRefused { passes, .. } => *passes,
            PublishError::Stuck { .. }
            | PublishError::NotAcknowledged { .. }
            | PublishError::Closed { .. }
            | PublishError::Link { .. } => true,
            _ => false,
        }
    }
}
