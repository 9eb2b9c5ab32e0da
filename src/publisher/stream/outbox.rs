//! What may be out at once: the window, the topics of what is in it, and what keeps a message from entering yet.

use std::time::SystemTime;

use super::super::format::{BadLine, Decoded, Format, json_line};
use super::super::topics::{Proof, Topics};
use super::super::window::{Message, Window};
use super::intake::Taken;
use super::{Confirm, Options, StreamError, StreamHost};
use crate::mqtt::outgoing::longest_body;
use crate::mqtt::packet::{MAX_PACKET, QoS, Version};
use crate::name::Topic;
use crate::spool::Record;

/// Window and topics of one stream.
pub struct SendWindow<'a, S> {
    options: &'a Options,
    pub surroundings: &'a S,
    pub window: Window,
    pub topics: Topics,
    /// The number of the options' topic.
    default_topic: Option<u32>,
    /// Of the connection that stands.
    pub version: Version,
    /// Largest packet that the broker takes.
    pub max_packet: usize,
}

impl<'a, S: StreamHost> SendWindow<'a, S> {
    /// An empty one.
    pub fn new(options: &'a Options, surroundings: &'a S, window: Window) -> Self {
        let (topics, max_packet) = (Topics::default(), usize::MAX);
        SendWindow { options, surroundings, window, topics, default_topic: None, version: Version::V311, max_packet }
    }

    /// Takes a message, which came at this time, into the window. `line` is the number that stands for it from now on.
    ///
    /// # Errors
    /// Why it can never be sent.
    pub fn admit(&mut self, line: u64, taken: SystemTime, message: &Decoded<'_>) -> Result<Taken, BadLine> {
        if !self.window.has_room() {
            return Ok(Taken::NotYet);
        }
        let Decoded { topic, payload, qos, retain } = message;
        let Some(number) = self.number(topic.as_deref())? else { return Ok(Taken::NotYet) };
        let qos = qos.unwrap_or(self.options.qos);
        let by_reason = self.version == Version::V5 && qos != QoS::AtMostOnce;
        let Some(entry) = self.topics.get_mut(number) else { return Ok(Taken::NotYet) };
        let max = self.max_packet.min(MAX_PACKET);
        if 5 + longest_body(entry.topic.as_str().len(), payload.len()) > max {
            return Err(BadLine::TooLarge { max });
        }
        let echo = match (self.options.confirm, entry.proof) {
            _ if by_reason => false,
            (Confirm::None, _) | (Confirm::First, Proof::Given) => false,
            (Confirm::All, _) => true,
            (Confirm::First, Proof::Pending) => return Ok(Taken::NotYet),
            (Confirm::First, Proof::Open) => {
                entry.proof = Proof::Pending;
                true
            }
        };
        let retain = retain.unwrap_or(self.options.retain);
        let time = self.options.stamp.as_ref().map_or(0, |stamp| stamp.milliseconds(taken));
        self.window.push(&Message { line, topic: number, payload, qos, retain, echo, time });
        Ok(Taken::Yes)
    }

    /// Puts a record of the spool aside, if this run's lines can say all of it: whether that was done.
    ///
    /// # Errors
    /// [`StreamError::Aside`].
    pub fn put_aside(&self, record: &Record<'_>) -> Result<bool, StreamError> {
        let Options { format, splitting, topic, qos, retain, .. } = self.options;
        let by_default = record.qos == *qos && record.retain == *retain;
        let fits = by_default && !record.payload.contains(&splitting.separator);
        let line = match format {
            Format::Json => json_line(record).into_bytes(),
            Format::TopicPerLine if fits => [record.topic.as_bytes(), b"\t", record.payload].concat(),
            Format::Payload if fits && topic.as_ref().is_some_and(|t| t.as_str() == record.topic) => {
                record.payload.into()
            }
            _ => return Ok(false),
        };
        self.surroundings.put_record_aside(&line).map_err(StreamError::Aside)
    }

    /// The number of a topic; `None` while there are too many to take another.
    fn number(&mut self, text: Option<&str>) -> Result<Option<u32>, BadLine> {
        let known = match text {
            None => self.default_topic,
            Some(text) => self.topics.find(text),
        };
        if known.is_some() {
            return Ok(known);
        }
        let topic = match text {
            None => self.options.topic.clone().ok_or(BadLine::NoTopic)?,
            Some(text) => self.surroundings.topic(text).map_err(BadLine::Topic)?,
        };
        let number = match self.topics.find(topic.as_str()) {
            Some(number) => Some(number),
            None => match self.topics.add(topic.clone()) {
                // Numbers are reused once no message bears one.
                None if self.window.is_empty() => {
                    self.topics.clear();
                    self.default_topic = None;
                    self.topics.add(topic)
                }
                number => number,
            },
        };
        if text.is_none() {
            self.default_topic = number;
        }
        Ok(number)
    }

    /// The topic of a number that the window gave.
    pub fn topic(&self, number: u32) -> Result<Topic, StreamError> {
        // Numbers are forgotten when the window is empty, so each that it holds is known.
        let entry = self.topics.get(number).map(|e| e.topic.clone());
        entry.ok_or_else(|| StreamError::Input(std::io::Error::other("a message without a topic")))
    }
}
