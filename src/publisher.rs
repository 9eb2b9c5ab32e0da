//! Messages out, proof of delivery back: what the broker's answer is worth, and the echo where it is worth nothing.
//!
//! I3's broker acknowledges a denied publish exactly like a delivered one (I3 facts §4), so an acknowledgement alone
//! proves nothing on MQTT 3.1.1. The proof there is the echo: the device subscribes to its own topic on the same
//! connection and waits for its message to come back.

pub mod arena;
pub mod format;
pub mod lines;
pub mod shutdown;
pub mod stamp;
pub mod stats;
pub mod stream;
pub mod topics;
pub mod window;

pub use crate::mqtt::reconnect as backoff;

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::outgoing::OutgoingPublish;
use crate::mqtt::packet::{AckKind, Filter, Packet, QoS, Reason, Version};
use crate::name::Topic;

/// One message, ready to send.
#[derive(Debug, Clone)]
pub struct Message {
    pub topic: Topic,
    pub payload: Bytes,
    pub qos: QoS,
    pub retain: bool,
    /// Sent along in MQTT 5 as [`OutgoingPublish::time`].
    pub time: u64,
}

/// Whether delivery has to be proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// By the reason code where one is given (MQTT 5, QoS 1 and 2), else by the echo.
    Proof,
    /// Not at all: the acknowledgement is taken for what it is.
    None,
}

/// What shows that the message is out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// The message came back from the broker.
    Echo,
    /// MQTT 5: the broker's reason code, which tells a denial from a delivery.
    Reason,
    /// Acknowledged on 3.1.1, which a denied publish is as well: no proof asked for.
    Acknowledged,
    /// QoS 0: handed to the network, no proof asked for.
    Sent,
}

/// Why a message is not known to be delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// MQTT 5: the broker refused the message.
    #[error("the broker refused the message to {topic} ({reason})")]
    Refused { topic: Topic, reason: Reason },
    /// The message was taken, acknowledged if asked for, and did not come back: the broker dropped it, or it came back
    /// to nobody because this user may write the topic and not read it.
    #[error("the message to {topic} did not come back within {}: the broker took it and dropped it", shown(.after))]
    NoEcho { topic: Topic, after: Duration },
    /// The subscription to the own topic was refused, so no echo can come.
    #[error("the broker refused the subscription to {topic} that the echo needs ({reason})")]
    EchoRefused { topic: Topic, reason: Reason },
    /// No acknowledgement in time, or none of the subscription that the echo needs: the broker does not answer.
    #[error("the broker did not answer the message to {topic} within {}", shown(.after))]
    NotAcknowledged { topic: Topic, after: Duration },
    /// The connection ended first. `sent` tells whether the message had left.
    #[error("the connection ended before the message to {topic} was {}", if *.sent { "acknowledged" } else { "sent" })]
    Link { topic: Topic, sent: bool, source: ConnectionError },
}

fn shown(length: &Duration) -> humantime::FormattedDuration {
    humantime::format_duration(*length)
}

/// What is still missing until one message counts as delivered.
struct Pending {
    subscribed: bool,
    acknowledged: bool,
    echoed: bool,
}

impl Pending {
    fn is_done(&self) -> bool {
        self.subscribed && self.acknowledged && self.echoed
    }
}

/// The two packet ids that one message needs on a connection of its own.
const SUBSCRIBE_ID: u16 = 1;
const PUBLISH_ID: u16 = 2;

/// Publishes one message and waits until it is acknowledged and, if asked for, proved, for `timeout` at most.
///
/// The connection must not have been used for publishing before: packet ids are the two that it starts with.
///
/// # Errors
/// [`PublishError`].
pub async fn publish(
    connection: &mut Connection,
    message: &Message,
    confirm: Confirm,
    timeout: Duration,
) -> Result<Proof, PublishError> {
    let topic = || message.topic.clone();
    let broken = |sent| move |source| PublishError::Link { topic: message.topic.clone(), sent, source };
    let proof = match (confirm, connection.version(), message.qos) {
        (Confirm::None, _, QoS::AtMostOnce) => Proof::Sent,
        (Confirm::None, _, _) => Proof::Acknowledged,
        (Confirm::Proof, Version::V5, QoS::AtLeastOnce | QoS::ExactlyOnce) => Proof::Reason,
        (Confirm::Proof, _, _) => Proof::Echo,
    };
    let mut pending = Pending {
        subscribed: proof != Proof::Echo,
        acknowledged: message.qos == QoS::AtMostOnce,
        echoed: proof != Proof::Echo,
    };
    if proof == Proof::Echo {
        // QoS 0 is enough for a message on its way back over the same connection, and needs no acknowledgement.
        let filter = Filter { filter: message.topic.as_str().into(), qos: QoS::AtMostOnce, no_local: false };
        connection.queue(Packet::Subscribe { id: SUBSCRIBE_ID, filters: vec![filter] }).map_err(broken(false))?;
    }
    // In one write with the SUBSCRIBE: a broker handles the packets of a connection in order (MQTT 3.1.1 §4.6).
    connection.queue_publish(&packet(message)).map_err(broken(false))?;
    let deadline = Instant::now() + timeout;
    match timeout_at(deadline, connection.flush()).await {
        Ok(written) => written.map_err(broken(false))?,
        Err(_) => return Err(PublishError::NotAcknowledged { topic: topic(), after: timeout }),
    }
    while !pending.is_done() {
        let packet = match timeout_at(deadline, connection.recv()).await {
            Ok(packet) => packet.map_err(broken(true))?,
            Err(_) if pending.acknowledged && pending.subscribed => {
                return Err(PublishError::NoEcho { topic: topic(), after: timeout });
            }
            Err(_) => return Err(PublishError::NotAcknowledged { topic: topic(), after: timeout }),
        };
        match packet {
            Packet::SubAck { id: SUBSCRIBE_ID, codes } => {
                if let Some(reason) = codes.into_iter().find(|c| c.is_failure()) {
                    return Err(PublishError::EchoRefused { topic: topic(), reason });
                }
                pending.subscribed = true;
            }
            Packet::Ack { kind, id: PUBLISH_ID, reason } => {
                if reason.is_failure() {
                    return Err(PublishError::Refused { topic: topic(), reason });
                }
                match kind {
                    AckKind::PubAck | AckKind::PubComp => pending.acknowledged = true,
                    AckKind::PubRec => {
                        let release = Packet::Ack { kind: AckKind::PubRel, id: PUBLISH_ID, reason: Reason::SUCCESS };
                        connection.queue(release).map_err(broken(true))?;
                    }
                    AckKind::PubRel => {}
                }
            }
            // An older retained message, and what other devices of the hub publish there, are not ours.
            Packet::Publish(back)
                if !back.retain && back.topic == message.topic.as_str() && back.payload == message.payload =>
            {
                pending.echoed = true;
            }
            _ => {}
        }
    }
    Ok(proof)
}

fn packet(message: &Message) -> OutgoingPublish<'_> {
    OutgoingPublish {
        topic: message.topic.as_str(),
        payload: &message.payload,
        qos: message.qos,
        retain: message.retain,
        dup: false,
        id: if message.qos == QoS::AtMostOnce { 0 } else { PUBLISH_ID },
        time: message.time,
    }
}
