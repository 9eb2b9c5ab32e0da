//! One message out, proof of delivery back: what the broker's answer is worth, and the echo where it is worth nothing.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use humantime::format_duration;
use tokio::time::{Instant, timeout_at};

use super::confirm::Confirm;
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::outgoing::OutgoingPublish;
use crate::mqtt::packet::{AckKind, Filter, Packet, QoS, Reason, Version};
use crate::mqtt::reason::PublishClass;
use crate::mqtt::stall::StallTimer;
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

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Since the last progress.
    pub timeout: Duration,
    /// Whatever happens.
    pub end: Option<Instant>,
}

/// What shows that the message was delivered or sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The message came back from the broker.
    Echo,
    /// MQTT 5: the broker's reason code, which distinguishes a denial from a delivery.
    Reason,
    /// Acknowledged on 3.1.1, as a denied publish is as well: no proof was requested.
    Acknowledged,
    /// QoS 0: it has left, no proof was requested.
    Sent,
}

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Reached {
    /// No part of it has left.
    #[default]
    Nothing,
    /// These bytes of its packet have left: the broker cannot have it.
    Part { sent: u64, of: u64 },
    /// It is with the system or beyond: the broker may get it.
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

/// Why a message is not known to be delivered.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// MQTT 5: the broker has announced that it does not take such a message. It was not sent.
    #[error("the broker does not accept the message to {topic}: {limit}")]
    OverLimit { topic: Topic, limit: BrokerLimit },
    /// MQTT 5: the broker refused the message, in its acknowledgement or by ending the connection.
    #[error("the broker refused the message to {topic} ({reason})")]
    Refused { topic: Topic, reason: Reason },
    /// The message was accepted, acknowledged if requested, and did not come back: the broker dropped it, or this user may
    /// write the topic and not read it.
    #[error("the message to {topic} did not come back within {}: the broker took it and dropped it", format_duration(*.after))]
    NoEcho { topic: Topic, after: Duration },
    /// The subscription to the own topic was refused, so no echo can come.
    #[error("the broker refused the subscription to {topic} that the echo needs ({reason})")]
    EchoRefused { topic: Topic, reason: Reason },
    /// The message does not leave: nothing has moved for a while.
    #[error("the message to {topic} {reached}, and nothing has moved for {}", format_duration(*.after))]
    Stuck { topic: Topic, after: Duration, reached: Reached },
    /// No acknowledgement in time, or none of the subscription that the echo needs: the broker does not answer.
    #[error("the broker did not answer the message to {topic} within {}", format_duration(*.after))]
    NotAcknowledged { topic: Topic, after: Duration },
    /// The broker closed the connection and had not acknowledged the message: the connection is lost, or this is how the broker
    /// refuses the message (MQTT 3.1.1 §3.3.5).
    #[error(
        "the broker closed the connection before the message to {topic} was acknowledged: the connection was lost, or the broker refuses the message"
    )]
    Closed { topic: Topic, reached: Reached, source: ConnectionError },
    /// The broker closes each connection at the message, and keeps one without it.
    #[error(
        "the broker refuses the message to {topic}: it closed {times} connections when it got it, and answered on another without it"
    )]
    ClosedAgain { topic: Topic, times: u32 },
    /// The connection ended first, and not because of the message.
    #[error("the connection ended before the message to {topic} was {}", match .reached {
        Reached::Nothing | Reached::Part { .. } => "sent",
        Reached::Sent => "acknowledged",
        Reached::Acknowledged => "confirmed",
    })]
    Link { topic: Topic, reached: Reached, source: ConnectionError },
    /// The time that was given is over.
    #[error("the deadline has passed; the message to {topic} {reached}")]
    Deadline { topic: Topic, reached: Reached },
}

impl PublishError {
    /// Returns how far the message has come: an error that knows nothing of that says nothing.
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
            PublishError::Stuck { .. }
            | PublishError::NotAcknowledged { .. }
            | PublishError::Closed { .. }
            | PublishError::Link { .. } => true,
            _ => false,
        }
    }
}

/// The two packet ids that one message needs on a connection of its own.
const SUBSCRIBE_ID: u16 = 1;
const PUBLISH_ID: u16 = 2;

/// Publishes one message and waits until it is acknowledged and, if requested, proved. At QoS 0 the answer to a ping behind the
/// message is its acknowledgement.
///
/// The connection must not have been used for publishing before, because the first two packet ids are used. With
/// [`Evidence::Sent`] it has ended.
///
/// # Errors
/// [`PublishError`].
pub async fn publish(
    connection: &mut Connection,
    message: &Message,
    confirm: Confirm,
    patience: Patience,
) -> Result<Evidence, PublishError> {
    let evidence = match (confirm, connection.version(), message.qos) {
        (Confirm::None, _, QoS::AtMostOnce) => Evidence::Sent,
        (Confirm::None, _, _) => Evidence::Acknowledged,
        (_, Version::V5, QoS::AtLeastOnce | QoS::ExactlyOnce) => Evidence::Reason,
        _ => Evidence::Echo,
    };
    let size = packet(message).size(connection.version());
    if let Some(limit) = connection.connack().refusal_of(message.qos, message.retain, size) {
        return Err(PublishError::OverLimit { topic: message.topic.clone(), limit });
    }
    let mut attempt = Attempt::queued(connection, message, evidence, patience)?;
    match evidence {
        Evidence::Sent => attempt.hand_over().await?,
        _ => attempt.wait().await?,
    }
    Ok(evidence)
}

/// Returns whether the broker answers a ping on this connection within the timeout.
pub async fn answers(connection: &mut Connection, timeout: Duration) -> bool {
    let deadline = Instant::now() + timeout;
    let Ok(ping) = connection.ping() else { return false };
    while connection.pongs() < ping {
        if !matches!(timeout_at(deadline, connection.progress()).await, Ok(Ok(_))) {
            return false;
        }
    }
    true
}

/// One message on its connection, and what is still missing until it counts as delivered.
struct Attempt<'a> {
    connection: &'a mut Connection,
    message: &'a Message,
    patience: Patience,
    timer: StallTimer,
    /// Where the message begins and where it ends, on the scale of [`Connection::left`].
    begin: u64,
    end: u64,
    /// What had come of a packet at the last look, if no packet has become whole since.
    arriving: Option<usize>,
    subscribed: bool,
    /// A PUBREC or the echo has come: the broker does not refuse the message any more.
    taken: bool,
    acknowledged: bool,
    /// The ping whose answer is the acknowledgement.
    ping: Option<u64>,
    echoed: bool,
}

impl<'a> Attempt<'a> {
    /// Queues the message, and what it takes to see it arrive.
    fn queued(
        connection: &'a mut Connection,
        message: &'a Message,
        evidence: Evidence,
        patience: Patience,
    ) -> Result<Self, PublishError> {
        let broken = |source| PublishError::Link { topic: message.topic.clone(), reached: Reached::Nothing, source };
        let awaits_echo = evidence == Evidence::Echo;
        if awaits_echo {
            // QoS 0 is enough for a message on its way back over the same connection, and needs no acknowledgement.
            let filter = message.topic.as_str().into();
            let filters = vec![Filter { filter, qos: QoS::AtMostOnce, no_local: false }];
            connection.queue(Packet::Subscribe { id: SUBSCRIBE_ID, filters }).map_err(broken)?;
        }
        // In one write with the SUBSCRIBE: a broker handles the packets of a connection in order (MQTT 3.1.1 §4.6).
        let begin = connection.position();
        connection.queue_publish(&packet(message)).map_err(broken)?;
        let end = connection.position();
        let ping = match (message.qos, awaits_echo) {
            (QoS::AtMostOnce, true) => Some(connection.ping().map_err(broken)?),
            _ => None,
        };
        let timer = StallTimer::start(patience.timeout, connection.left().min(end), Instant::now());
        Ok(Attempt {
            connection,
            message,
            patience,
            timer,
            begin,
            end,
            arriving: None,
            subscribed: !awaits_echo,
            taken: false,
            acknowledged: false,
            ping,
            echoed: !awaits_echo,
        })
    }

    /// Waits until nothing is missing.
    async fn wait(&mut self) -> Result<(), PublishError> {
        while !(self.subscribed && self.acknowledged && self.echoed) {
            match timeout_at(self.next_look(), self.connection.progress()).await {
                Ok(packet) => {
                    if let Some(packet) = packet.map_err(|source| self.broken(source))? {
                        self.handle(packet)?;
                    }
                }
                Err(_) => self.look()?,
            }
            if !self.acknowledged && self.is_acknowledged() {
                self.acknowledged = true;
                self.timer.restart(Instant::now());
            }
        }
        Ok(())
    }

    fn is_acknowledged(&self) -> bool {
        // The echo proves as much as the answer to the ping.
        self.acknowledged || self.ping.is_some_and(|ping| self.echoed || self.connection.pongs() >= ping)
    }

    /// Sends everything and ends the connection, and waits until the broker has closed it as well. A broker that does not close
    /// it has the message, too, once it has left.
    async fn hand_over(&mut self) -> Result<(), PublishError> {
        loop {
            let result = match timeout_at(self.next_look(), self.connection.end()).await {
                Ok(closed) => return closed.map_err(|source| self.broken(source)),
                Err(_) => self.look(),
            };
            match result {
                Err(PublishError::NotAcknowledged { .. } | PublishError::Deadline { .. })
                    if self.connection.left() >= self.end =>
                {
                    return Ok(());
                }
                other => other?,
            }
        }
    }

    fn next_look(&self) -> Instant {
        let look = self.timer.next_look();
        self.patience.end.map_or(look, |end| look.min(end))
    }

    /// Looks whether there is progress.
    fn look(&mut self) -> Result<(), PublishError> {
        let now = Instant::now();
        if self.patience.end.is_some_and(|end| now >= end) {
            return Err(PublishError::Deadline { topic: self.message.topic.clone(), reached: self.reached() });
        }
        // An echo may be as slow on its way back as the message was on its way out.
        let arriving = self.connection.arriving();
        if self.arriving.replace(arriving).is_some_and(|before| arriving > before) {
            self.timer.restart(now);
        }
        let left = self.connection.left().min(self.end);
        if !self.timer.is_over(left, now) {
            return Ok(());
        }
        let (topic, after) = (self.message.topic.clone(), self.patience.timeout);
        Err(match self.reached() {
            Reached::Acknowledged if self.subscribed => PublishError::NoEcho { topic, after },
            _ if left == self.end => PublishError::NotAcknowledged { topic, after },
            reached => PublishError::Stuck { topic, after, reached },
        })
    }

    fn handle(&mut self, packet: Packet) -> Result<(), PublishError> {
        self.arriving = None;
        let topic = || self.message.topic.clone();
        match packet {
            Packet::SubAck { id: SUBSCRIBE_ID, codes } => match codes.into_iter().find(|code| code.is_failure()) {
                Some(reason) => return Err(PublishError::EchoRefused { topic: topic(), reason }),
                None => self.subscribed = true,
            },
            // PUBCOMP "not found": the broker is done with it already.
            Packet::Ack { kind, id: PUBLISH_ID, reason } if reason.is_failure() && kind != AckKind::PubComp => {
                return Err(PublishError::Refused { topic: topic(), reason });
            }
            Packet::Ack { kind: AckKind::PubAck | AckKind::PubComp, id: PUBLISH_ID, .. } => self.acknowledged = true,
            Packet::Ack { kind: AckKind::PubRec, id: PUBLISH_ID, .. } => {
                self.taken = true;
                let release = Packet::Ack { kind: AckKind::PubRel, id: PUBLISH_ID, reason: Reason::SUCCESS };
                self.connection.queue(release).map_err(|source| self.broken(source))?;
            }
            // An older retained message, and what other devices of the hub publish there, are not ours.
            Packet::Publish(back) if !back.retain && self.is_echo(&back.topic, &back.payload) => {
                (self.echoed, self.taken) = (true, true);
            }
            _ => return Ok(()),
        }
        self.timer.restart(Instant::now());
        Ok(())
    }

    fn is_echo(&self, topic: &str, payload: &Bytes) -> bool {
        topic == self.message.topic.as_str() && *payload == self.message.payload
    }

    /// Returns how far the message has come.
    fn reached(&self) -> Reached {
        let sent = self.connection.left().clamp(self.begin, self.end) - self.begin;
        if self.is_acknowledged() {
            Reached::Acknowledged
        } else if self.connection.queued() == 0 {
            Reached::Sent
        } else if sent == 0 {
            Reached::Nothing
        } else {
            Reached::Part { sent, of: self.end - self.begin }
        }
    }

    fn broken(&self, source: ConnectionError) -> PublishError {
        let (topic, reached) = (self.message.topic.clone(), self.reached());
        let is_taken = self.taken || self.is_acknowledged();
        match source {
            ConnectionError::Ended { reason, .. } if !is_taken && reason.is_about_message() => {
                PublishError::Refused { topic, reason }
            }
            source if !is_taken && source.is_by_peer() => PublishError::Closed { topic, reached, source },
            source => PublishError::Link { topic, reached, source },
        }
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
