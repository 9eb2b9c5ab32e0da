//! What may be in flight at once: the window, the topics of its messages, and the rules that keep a message out for now.

use std::time::SystemTime;

use tokio::time::Instant;

use super::admission::Admission;
use super::host::StreamHost;
use super::options::{Confirm, Options};
use super::refusal::Refusal;
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::outgoing::{OutgoingPublish, longest_body};
use crate::mqtt::packet::{ConnAck, MAX_PACKET, QoS, Reason, Version};
use crate::name::Topic;
use crate::publisher::format::BadLine;
use crate::publisher::topics::{Proof, Topics};
use crate::publisher::window::{NewMessage, Tracked, Window};
use crate::spool::Record;

/// After this many messages in a row at which the broker closed the connection, none of that length or more is tried for
/// this topic: the broker may refuse the topic, or the length. The second limit is for a topic to which it has taken
/// messages, where it may also be the content.
const CLOSINGS: u32 = 3;
const CLOSINGS_OF_TAKEN: u32 = 10;

/// Window and topics of one stream.
pub struct SendWindow<'a, H> {
    options: &'a Options,
    host: &'a H,
    pub window: Window,
    pub topics: Topics,
    /// The number of the options' topic.
    default_topic: Option<u32>,
    /// The version of the current connection.
    pub version: Version,
    /// The broker's limits on that connection.
    pub connack: ConnAck,
}

impl<'a, H: StreamHost> SendWindow<'a, H> {
    pub fn new(options: &'a Options, host: &'a H, window: Window) -> Self {
        SendWindow {
            options,
            host,
            window,
            topics: Topics::default(),
            default_topic: None,
            version: Version::V311,
            connack: ConnAck::new(0),
        }
    }

    /// Admits a message that was read at this time. `number` identifies it from now on.
    ///
    /// # Errors
    /// Why it can never be sent.
    #[inline]
    pub fn admit(&mut self, number: u64, taken: SystemTime, record: &Record<'_>) -> Result<Admission, BadLine> {
        if !self.window.has_room() {
            return Ok(Admission::NotYet);
        }
        let Record { topic, payload, qos, retain } = *record;
        let Some(topic) = self.number(topic)? else { return Ok(Admission::NotYet) };
        let by_reason = self.version == Version::V5 && qos != QoS::AtMostOnce;
        let Some(entry) = self.topics.get_mut(topic) else { return Ok(Admission::NotYet) };
        if 5 + longest_body(entry.topic.as_str().len(), payload.len()) > MAX_PACKET {
            return Err(BadLine::TooLarge { max: MAX_PACKET });
        }
        let time = self.options.stamp.as_ref().map_or(0, |stamp| stamp.milliseconds(taken));
        if self.version == Version::V5 {
            let topic = entry.topic.as_str();
            let packet = OutgoingPublish { topic, payload, qos, retain, dup: false, id: 0, time };
            if let Some(limit) = self.connack.refusal_of(qos, retain, packet.size(self.version)) {
                return Err(BadLine::Limit(limit));
            }
        }
        if let Proof::Refused { from, until } = entry.proof {
            let is_over = Instant::now() >= until;
            if !is_over && payload.len() >= from {
                return Ok(Admission::Refused);
            }
            entry.proof = Proof::Open;
            if is_over {
                // The broker forgets a refusal after a while (I3 facts §4).
                entry.closings = 0;
            }
        }
        let (echo, parked) = match (self.options.confirm, entry.proof) {
            _ if by_reason => (false, false),
            (Confirm::None, _) | (Confirm::First, Proof::Given) => (false, false),
            (Confirm::All, _) => (true, false),
            (Confirm::First, Proof::Pending) => (false, true),
            (Confirm::First, Proof::Open | Proof::Refused { .. }) => {
                entry.proof = Proof::Pending;
                (true, false)
            }
        };
        self.window.push(&NewMessage { line: number, topic, payload, qos, retain, echo, parked, time });
        Ok(Admission::Accepted)
    }

    /// Returns the messages that this connection's broker does not accept, although an earlier one might have: they must not be
    /// sent to it.
    pub fn over_limit(&self) -> Vec<(u64, BrokerLimit)> {
        let limit = |message: Tracked<'_>| {
            let Tracked { sequence, topic, payload, qos, retain, time, .. } = message;
            let topic = self.topics.get(topic)?.topic.as_str();
            let packet = OutgoingPublish { topic, payload, qos, retain, dup: false, id: 0, time };
            Some((sequence, self.connack.refusal_of(qos, retain, packet.size(self.version))?))
        };
        self.window.to_publish().filter_map(limit).collect()
    }

    /// Gives up a message that was refused, by its sequence number: the stream continues without it.
    pub fn abandon(&mut self, sequence: u64) {
        let Some(topic) = self.window.abandon(sequence) else { return };
        // The next message to the topic must prove it instead.
        if let Some(entry) = self.topics.get_mut(topic)
            && entry.proof == Proof::Pending
            && !self.window.awaits_echo(topic)
            && !self.window.promote(topic)
        {
            entry.proof = Proof::Open;
        }
    }

    /// Notes that the first message to a topic came back.
    pub fn prove(&mut self, topic: u32) {
        if let Some(entry) = self.topics.get_mut(topic)
            && entry.proof == Proof::Pending
        {
            entry.proof = Proof::Given;
            self.window.release(topic);
        }
    }

    /// Notes that a message of this length to this topic was refused. Returns the length from which on messages to it are given
    /// up as well, if any.
    pub fn note_refusal(&mut self, topic: u32, refusal: Refusal, length: usize) -> Option<usize> {
        let entry = self.topics.get_mut(topic)?;
        let from = match refusal {
            Refusal::NoEcho(_) | Refusal::NoSubscription(_) => (self.options.confirm == Confirm::First).then_some(0),
            Refusal::Closed(reason) if reason.is_none_or(Reason::may_be_about_topic) => {
                entry.shortest = if entry.closings == 0 { length } else { entry.shortest.min(length) };
                entry.closings += 1;
                let most = if entry.taken { CLOSINGS_OF_TAKEN } else { CLOSINGS };
                (entry.closings >= most).then_some(entry.shortest)
            }
            _ => None,
        };
        if let Some(from) = from {
            entry.proof = Proof::Refused { from, until: Instant::now() + self.options.retry_refused };
        }
        from
    }

    /// Opens a topic again if messages shorter than those given up are waiting. Returns whether there are none.
    pub fn is_given_up(&mut self, topic: u32) -> bool {
        let is_empty = self.window.to_topic(topic).is_empty();
        if !is_empty && let Some(entry) = self.topics.get_mut(topic) {
            let is_pending = self.window.awaits_echo(topic) || self.window.promote(topic);
            entry.proof = if is_pending { Proof::Pending } else { Proof::Open };
        }
        is_empty
    }

    /// Returns the number of a topic; `None` while there are too many to add another.
    #[inline]
    fn number(&mut self, text: &str) -> Result<Option<u32>, BadLine> {
        // Most lines name no topic, and the default one need not be compared letter by letter for each of them.
        let is_default = self.options.topic.as_ref().is_some_and(|default| std::ptr::eq(default.as_str(), text));
        if is_default && self.default_topic.is_some() {
            return Ok(self.default_topic);
        }
        let number = self.find_or_add(text)?;
        if is_default {
            self.default_topic = number;
        }
        Ok(number)
    }

    fn find_or_add(&mut self, text: &str) -> Result<Option<u32>, BadLine> {
        let known = self.topics.find(text);
        if known.is_some() {
            return Ok(known);
        }
        let topic: Topic = self.host.topic(text).map_err(BadLine::Topic)?;
        if let Some(known) = self.topics.find(topic.as_str()) {
            return Ok(Some(known));
        }
        Ok(match self.topics.add(topic.clone()) {
            // Numbers are reused once no message bears one.
            None if self.window.is_empty() => {
                self.topics.clear();
                self.default_topic = None;
                self.topics.add(topic)
            }
            number => number,
        })
    }
}
