//! A message on a connection, from when it is queued until it counts as delivered: acknowledged, and proved by its echo where
//! an acknowledgement proves nothing.

use bytes::Bytes;
use tokio::time::Instant;

use super::confirm::Confirm;
use super::delivery::{Evidence, Message, Patience, PublishError, Reached};
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::outgoing::OutgoingPublish;
use crate::mqtt::packet::{AckKind, Filter, Packet, QoS, Reason, Version};
use crate::mqtt::stall::StallTimer;

impl Evidence {
    /// Returns the evidence that will show that a message was delivered.
    pub fn of(confirm: Confirm, version: Version, qos: QoS) -> Evidence {
        match (confirm, version, qos) {
            (Confirm::None, _, QoS::AtMostOnce) => Evidence::Sent,
            (Confirm::None, _, _) => Evidence::Acknowledged,
            (_, Version::V5, QoS::AtLeastOnce | QoS::ExactlyOnce) => Evidence::Reason,
            _ => Evidence::Echo,
        }
    }
}

/// The subscription over which an echo comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subscription {
    /// To be requested with this packet id.
    New(u16),
    /// Requested with this packet id, but not granted yet.
    Requested(u16),
    Granted,
}

/// One message on its connection, and what is still missing until it counts as delivered.
pub struct InFlight {
    message: Message,
    /// The packet id of the PUBLISH; 0 at QoS 0.
    id: u16,
    patience: Patience,
    timer: StallTimer,
    /// Where the message begins and where it ends, on the scale of [`Connection::left`].
    begin: u64,
    end: u64,
    /// The bytes of an incomplete packet at the last check, if no packet was completed since.
    arriving: Option<usize>,
    /// The packet id of the SUBSCRIBE that is not answered yet.
    subscribing: Option<u16>,
    /// A PUBREC or the echo has arrived: the broker can no longer refuse the message.
    taken: bool,
    acknowledged: bool,
    /// The ping whose answer is the acknowledgement.
    ping: Option<u64>,
    echoed: bool,
}

impl InFlight {
    /// Queues the message with the packet id `id`, and what is needed to see it arrive. At QoS 0 the answer to a ping
    /// after the message is its acknowledgement, unless it need only be [sent](Evidence::Sent).
    ///
    /// # Errors
    /// [`PublishError::OverLimit`], or [`PublishError::Link`] for what cannot be encoded.
    pub fn queue(
        connection: &mut Connection,
        message: Message,
        id: u16,
        evidence: Evidence,
        subscription: Subscription,
        patience: Patience,
    ) -> Result<InFlight, PublishError> {
        let id = if message.qos == QoS::AtMostOnce { 0 } else { id };
        let publish = packet(&message, id);
        let size = publish.size(connection.version());
        if let Some(limit) = connection.connack().refusal_of(message.qos, message.retain, size) {
            return Err(PublishError::OverLimit {
                topic: message.topic.clone(),
                limit,
                broker: connection.broker().clone(),
            });
        }
        let broken = |source| PublishError::Link { topic: message.topic.clone(), reached: Reached::Nothing, source };
        let awaits_echo = evidence == Evidence::Echo;
        if awaits_echo && let Subscription::New(id) = subscription {
            // QoS 0 is enough for a message on its way back over the same connection, and needs no acknowledgement.
            let filter = message.topic.as_str().into();
            let filters = vec![Filter { filter, qos: QoS::AtMostOnce, no_local: false }];
            connection.queue(Packet::Subscribe { id, filters }).map_err(broken)?;
        }
        // In one write with the SUBSCRIBE: a broker handles the packets of a connection in order (MQTT 3.1.1 §4.6).
        let begin = connection.position();
        connection.queue_publish(&publish).map_err(broken)?;
        let end = connection.position();
        let ping = match (message.qos, evidence) {
            (QoS::AtMostOnce, Evidence::Echo) => Some(connection.ping().map_err(broken)?),
            _ => None,
        };
        let subscribing = match subscription {
            Subscription::New(id) | Subscription::Requested(id) if awaits_echo => Some(id),
            _ => None,
        };
        let timer = StallTimer::start(patience.timeout, connection.left().min(end), Instant::now());
        Ok(InFlight {
            message,
            id,
            patience,
            timer,
            begin,
            end,
            arriving: None,
            subscribing,
            taken: false,
            acknowledged: false,
            ping,
            echoed: !awaits_echo,
        })
    }

    /// Sends a ping after a message at QoS 0 that need only be sent: the answer shows that the broker has it.
    ///
    /// # Errors
    /// [`PublishError::Link`].
    pub fn ping_behind(&mut self, connection: &mut Connection) -> Result<(), PublishError> {
        self.ping = Some(connection.ping().map_err(|source| self.broken(connection, source))?);
        Ok(())
    }

    /// Returns whether nothing is missing.
    pub fn is_delivered(&self) -> bool {
        self.subscribing.is_none() && self.acknowledged && self.echoed
    }

    /// Returns whether an answer with this packet id would be about the message.
    pub fn has_id(&self, id: u16) -> bool {
        self.id == id || self.subscribing == Some(id)
    }

    /// Returns whether the whole message has left this machine.
    pub fn has_left(&self, connection: &Connection) -> bool {
        connection.left() >= self.end
    }

    /// Returns when to [`look`](Self::look) next.
    pub fn next_look(&self) -> Instant {
        let look = self.timer.next_look();
        self.patience.end.map_or(look, |end| look.min(end))
    }

    /// Checks whether there is progress.
    ///
    /// # Errors
    /// There has been none for too long.
    pub fn look(&mut self, connection: &Connection) -> Result<(), PublishError> {
        let now = Instant::now();
        if self.patience.end.is_some_and(|end| now >= end) {
            return Err(PublishError::Deadline {
                topic: self.message.topic.clone(),
                reached: self.reached(connection),
            });
        }
        // An echo may be as slow on its way back as the message was on its way out.
        let arriving = connection.arriving();
        if self.arriving.replace(arriving).is_some_and(|before| arriving > before) {
            self.timer.restart(now);
        }
        let left = connection.left().min(self.end);
        if !self.timer.is_over(left, now) {
            return Ok(());
        }
        let (topic, after) = (self.message.topic.clone(), self.patience.timeout);
        Err(match self.reached(connection) {
            Reached::Acknowledged if self.subscribing.is_none() => {
                PublishError::NoEcho { topic, after, broker: connection.broker().clone() }
            }
            _ if left == self.end => PublishError::NotAcknowledged { topic, after },
            reached => PublishError::Stuck { topic, after, reached },
        })
    }

    /// Notes the answer to the ping, if it has arrived.
    pub fn note_pong(&mut self, connection: &Connection) {
        if !self.acknowledged && self.is_acknowledged(connection) {
            self.acknowledged = true;
            self.timer.restart(Instant::now());
        }
    }

    /// Processes a packet. Returns whether it was about this message only.
    ///
    /// # Errors
    /// The broker refuses the message, or the subscription that its echo needs.
    pub fn handle(&mut self, connection: &mut Connection, packet: &Packet) -> Result<bool, PublishError> {
        self.arriving = None;
        let (topic, broker) = (|| self.message.topic.clone(), connection.broker().clone());
        let mut is_own = true;
        match packet {
            Packet::SubAck { id, codes } if self.subscribing == Some(*id) => {
                match codes.iter().find(|code| code.is_failure()) {
                    Some(reason) => {
                        let passes = connection.version() == Version::V5 && reason.may_pass_in_suback();
                        return Err(PublishError::EchoRefused { topic: topic(), reason: *reason, passes, broker });
                    }
                    None => self.subscribing = None,
                }
                is_own = false;
            }
            // At QoS 0 no message has a packet id.
            Packet::Ack { id, .. } if *id != self.id || self.id == 0 => return Ok(false),
            // PUBCOMP "not found": the broker has already finished with it.
            Packet::Ack { kind, reason, .. } if reason.is_failure() && *kind != AckKind::PubComp => {
                return Err(PublishError::Refused { topic: topic(), reason: *reason, broker });
            }
            Packet::Ack { kind: AckKind::PubAck | AckKind::PubComp, .. } => self.acknowledged = true,
            Packet::Ack { kind: AckKind::PubRec, id, .. } => {
                self.taken = true;
                let release = Packet::Ack { kind: AckKind::PubRel, id: *id, reason: Reason::SUCCESS };
                connection.queue(release).map_err(|source| self.broken(connection, source))?;
            }
            // An older retained message, and what other devices of the hub publish there, are not ours.
            Packet::Publish(back) if !self.echoed && !back.retain && self.is_echo(&back.topic, &back.payload) => {
                (self.echoed, self.taken) = (true, true);
            }
            _ => return Ok(false),
        }
        self.timer.restart(Instant::now());
        Ok(is_own)
    }

    fn is_echo(&self, topic: &str, payload: &Bytes) -> bool {
        topic == self.message.topic.as_str() && *payload == self.message.payload
    }

    fn is_acknowledged(&self, connection: &Connection) -> bool {
        // The echo proves as much as the answer to the ping.
        self.acknowledged || self.ping.is_some_and(|ping| self.echoed || connection.pongs() >= ping)
    }

    /// Returns how far the message has got.
    pub fn reached(&self, connection: &Connection) -> Reached {
        let sent = connection.left().clamp(self.begin, self.end) - self.begin;
        if self.is_acknowledged(connection) {
            Reached::Acknowledged
        } else if connection.position() - connection.queued() as u64 >= self.end {
            Reached::Sent
        } else if sent == 0 {
            Reached::Nothing
        } else {
            Reached::Part { sent, of: self.end - self.begin }
        }
    }

    /// Returns what the end of the connection means for the message.
    pub fn broken(&self, connection: &Connection, source: ConnectionError) -> PublishError {
        let (topic, reached) = (self.message.topic.clone(), self.reached(connection));
        let broker = connection.broker().clone();
        let is_taken = self.taken || self.is_acknowledged(connection);
        match source {
            ConnectionError::Ended { reason, .. } if !is_taken && reason.is_about_message() => {
                PublishError::Refused { topic, reason, broker }
            }
            source if !is_taken && source.is_by_peer() => PublishError::Closed { topic, reached, broker, source },
            source => PublishError::Link { topic, reached, source },
        }
    }
}

fn packet(message: &Message, id: u16) -> OutgoingPublish<'_> {
    OutgoingPublish {
        topic: message.topic.as_str(),
        payload: &message.payload,
        qos: message.qos,
        retain: message.retain,
        dup: false,
        id,
        time: message.time,
    }
}
