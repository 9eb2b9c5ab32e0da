//! What may be in flight at once: the window, the topics of the messages in it, and what keeps a message from entering yet.

use std::time::SystemTime;

use super::admission::Admission;
use super::host::StreamHost;
use super::options::{Confirm, Options};
use crate::mqtt::outgoing::longest_body;
use crate::mqtt::packet::{MAX_PACKET, QoS, Version};
use crate::name::Topic;
use crate::publisher::format::BadLine;
use crate::publisher::topics::{Proof, Topics};
use crate::publisher::window::{Message, Window};
use crate::spool::Record;

/// Window and topics of one stream.
pub struct SendWindow<'a, H> {
    options: &'a Options,
    host: &'a H,
    pub window: Window,
    pub topics: Topics,
    /// The number of the options' topic.
    default_topic: Option<u32>,
    /// Of the connection that stands.
    pub version: Version,
    /// Largest packet that the broker accepts.
    pub max_packet: usize,
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
            max_packet: usize::MAX,
        }
    }

    /// Admits a message, which was taken at this time. `number` stands for it from now on.
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
        let max = self.max_packet.min(MAX_PACKET);
        if 5 + longest_body(entry.topic.as_str().len(), payload.len()) > max {
            return Err(BadLine::TooLarge { max });
        }
        let echo = match (self.options.confirm, entry.proof) {
            _ if by_reason => false,
            (Confirm::None, _) | (Confirm::First, Proof::Given) => false,
            (Confirm::All, _) => true,
            (Confirm::First, Proof::Pending) => return Ok(Admission::NotYet),
            (Confirm::First, Proof::Open) => {
                entry.proof = Proof::Pending;
                true
            }
        };
        let time = self.options.stamp.as_ref().map_or(0, |stamp| stamp.milliseconds(taken));
        self.window.push(&Message { line: number, topic, payload, qos, retain, echo, time });
        Ok(Admission::Accepted)
    }

    /// Gives up a message that was refused, by its sequence number: the stream goes on without it.
    pub fn abandon(&mut self, sequence: u64) {
        let Some(topic) = self.window.abandon(sequence) else { return };
        // The next message to the topic has to prove it instead.
        if let Some(entry) = self.topics.get_mut(topic)
            && entry.proof == Proof::Pending
        {
            entry.proof = Proof::Open;
        }
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
