//! One message out, proof of delivery back: what the broker's answer is worth, and the echo where it is worth nothing.

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
    /// By the reason code where there is one (MQTT 5, QoS 1 and 2), else by the echo.
    Proof,
    /// Not at all: the acknowledgement is taken at face value.
    None,
}

/// What shows that the message was delivered or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// The message came back from the broker.
    Echo,
    /// MQTT 5: the broker's reason code, which distinguishes a denial from a delivery.
    Reason,
    /// Acknowledged on 3.1.1, as a denied publish is as well: no proof was requested.
    Acknowledged,
    /// QoS 0: handed to the network, no proof was requested.
    Sent,
}

/// Why a message is not known to be delivered.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// MQTT 5: the broker refused the message.
    #[error("the broker refused the message to {topic} ({reason})")]
    Refused { topic: Topic, reason: Reason },
    /// The message was accepted, acknowledged if requested, and did not come back: the broker dropped it, or this user may
    /// write the topic and not read it.
    #[error("the message to {topic} did not come back within {}: the broker took it and dropped it", humantime::format_duration(*.after))]
    NoEcho { topic: Topic, after: Duration },
    /// The subscription to the own topic was refused, so no echo can come.
    #[error("the broker refused the subscription to {topic} that the echo needs ({reason})")]
    EchoRefused { topic: Topic, reason: Reason },
    /// No acknowledgement in time, or none of the subscription that the echo needs: the broker does not answer.
    #[error("the broker did not answer the message to {topic} within {}", humantime::format_duration(*.after))]
    NotAcknowledged { topic: Topic, after: Duration },
    /// The connection ended first. `sent` tells whether the message had left.
    #[error("the connection ended before the message to {topic} was {}", if *.sent { "acknowledged" } else { "sent" })]
    Link { topic: Topic, sent: bool, source: ConnectionError },
}

/// The two packet ids that one message needs on a connection of its own.
const SUBSCRIBE_ID: u16 = 1;
const PUBLISH_ID: u16 = 2;

/// Publishes one message and waits, for at most `timeout`, until it is acknowledged and, if requested, proved.
///
/// The connection must not have been used for publishing before, because the first two packet ids are used.
///
/// # Errors
/// [`PublishError`].
pub async fn publish(
    connection: &mut Connection,
    message: &Message,
    confirm: Confirm,
    timeout: Duration,
) -> Result<Proof, PublishError> {
    let proof = match (confirm, connection.version(), message.qos) {
        (Confirm::None, _, QoS::AtMostOnce) => Proof::Sent,
        (Confirm::None, _, _) => Proof::Acknowledged,
        (Confirm::Proof, Version::V5, QoS::AtLeastOnce | QoS::ExactlyOnce) => Proof::Reason,
        (Confirm::Proof, _, _) => Proof::Echo,
    };
    let mut attempt = Attempt {
        connection,
        message,
        timeout,
        deadline: Instant::now() + timeout,
        subscribed: proof != Proof::Echo,
        acknowledged: message.qos == QoS::AtMostOnce,
        echoed: proof != Proof::Echo,
    };
    attempt.send(proof).await?;
    attempt.wait().await?;
    Ok(proof)
}

/// One message on its connection, and what is still missing until it counts as delivered.
struct Attempt<'a> {
    connection: &'a mut Connection,
    message: &'a Message,
    timeout: Duration,
    deadline: Instant,
    subscribed: bool,
    acknowledged: bool,
    echoed: bool,
}

impl Attempt<'_> {
    async fn send(&mut self, proof: Proof) -> Result<(), PublishError> {
        let broken = |source| PublishError::Link { topic: self.message.topic.clone(), sent: false, source };
        if proof == Proof::Echo {
            // QoS 0 is enough for a message on its way back over the same connection, and needs no acknowledgement.
            let filter = self.message.topic.as_str().into();
            let filters = vec![Filter { filter, qos: QoS::AtMostOnce, no_local: false }];
            self.connection.queue(Packet::Subscribe { id: SUBSCRIBE_ID, filters }).map_err(broken)?;
        }
        // In one write with the SUBSCRIBE: a broker handles the packets of a connection in order (MQTT 3.1.1 §4.6).
        self.connection.queue_publish(&packet(self.message)).map_err(broken)?;
        match timeout_at(self.deadline, self.connection.flush()).await {
            Ok(written) => written.map_err(broken),
            Err(_) => Err(self.not_acknowledged()),
        }
    }

    /// Waits until nothing is missing.
    async fn wait(&mut self) -> Result<(), PublishError> {
        while !(self.subscribed && self.acknowledged && self.echoed) {
            match timeout_at(self.deadline, self.connection.recv()).await {
                Ok(packet) => self.handle(packet.map_err(|source| self.broken(source))?)?,
                Err(_) if self.acknowledged && self.subscribed => {
                    return Err(PublishError::NoEcho { topic: self.message.topic.clone(), after: self.timeout });
                }
                Err(_) => return Err(self.not_acknowledged()),
            }
        }
        Ok(())
    }

    fn handle(&mut self, packet: Packet) -> Result<(), PublishError> {
        let topic = || self.message.topic.clone();
        match packet {
            Packet::SubAck { id: SUBSCRIBE_ID, codes } => match codes.into_iter().find(|code| code.is_failure()) {
                Some(reason) => return Err(PublishError::EchoRefused { topic: topic(), reason }),
                None => self.subscribed = true,
            },
            Packet::Ack { id: PUBLISH_ID, reason, .. } if reason.is_failure() => {
                return Err(PublishError::Refused { topic: topic(), reason });
            }
            Packet::Ack { kind: AckKind::PubAck | AckKind::PubComp, id: PUBLISH_ID, .. } => self.acknowledged = true,
            Packet::Ack { kind: AckKind::PubRec, id: PUBLISH_ID, .. } => {
                let release = Packet::Ack { kind: AckKind::PubRel, id: PUBLISH_ID, reason: Reason::SUCCESS };
                self.connection.queue(release).map_err(|source| self.broken(source))?;
            }
            // An older retained message, and what other devices of the hub publish there, are not ours.
            Packet::Publish(back) if !back.retain && self.is_echo(&back.topic, &back.payload) => self.echoed = true,
            _ => {}
        }
        Ok(())
    }

    fn is_echo(&self, topic: &str, payload: &Bytes) -> bool {
        topic == self.message.topic.as_str() && *payload == self.message.payload
    }

    fn not_acknowledged(&self) -> PublishError {
        PublishError::NotAcknowledged { topic: self.message.topic.clone(), after: self.timeout }
    }

    fn broken(&self, source: ConnectionError) -> PublishError {
        PublishError::Link { topic: self.message.topic.clone(), sent: true, source }
    }
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
