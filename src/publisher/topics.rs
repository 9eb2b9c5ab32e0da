//! The topics of a stream, each with a number, and whether delivery to each is proved.

use std::cell::Cell;
use std::collections::HashMap;

use tokio::time::Instant;

use crate::name::Topic;

/// Topics that are remembered at once.
pub const MAX_TOPICS: usize = 4096;

/// Whether delivery to a topic is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing that could come back has been published yet.
    Open,
    /// The first message is in flight, and everything else to this topic waits for it to come back.
    Pending,
    /// It came back.
    Given,
    /// It was refused: until then no message of this length or more is sent to this topic.
    Refused { from: usize, until: Instant },
}

/// One topic.
#[derive(Debug)]
pub struct TopicEntry {
    pub topic: Topic,
    pub proof: Proof,
    /// Whether this connection subscribes to it.
    pub subscribed: bool,
    /// Messages to this topic at which the broker closed the connection since it last took one.
    pub closings: u32,
    /// The length of the shortest of them.
    pub shortest: usize,
    /// The broker has taken a message to this topic.
    pub taken: bool,
}

/// All topics of a stream.
#[derive(Debug, Default)]
pub struct Topics {
    entries: Vec<TopicEntry>,
    numbers: HashMap<String, u32>,
    /// The last topic found, which is usually the next one as well.
    last: Cell<u32>,
}

impl Topics {
    /// Returns the number of a known topic.
    pub fn find(&self, text: &str) -> Option<u32> {
        if self.get(self.last.get()).is_some_and(|last| last.topic.as_str() == text) {
            return Some(self.last.get());
        }
        let number = self.numbers.get(text).copied();
        self.last.set(number.unwrap_or_default());
        number
    }

    /// Adds a topic and returns its number; `None` if there are [`MAX_TOPICS`] already.
    pub fn add(&mut self, topic: Topic) -> Option<u32> {
        if self.entries.len() >= MAX_TOPICS {
            return None;
        }
        let number = self.entries.len() as u32;
        self.numbers.insert(topic.as_str().into(), number);
        self.entries.push(TopicEntry {
            topic,
            proof: Proof::Open,
            subscribed: false,
            closings: 0,
            shortest: 0,
            taken: false,
        });
        Some(number)
    }

    /// Forgets all topics, which is allowed once no message bears their numbers.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.numbers.clear();
    }

    /// Returns the topic with this number.
    pub fn get(&self, number: u32) -> Option<&TopicEntry> {
        self.entries.get(number as usize)
    }

    /// Returns the same, mutably.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut TopicEntry> {
        self.entries.get_mut(number as usize)
    }

    /// Notes that the broker has taken a message to this topic.
    #[inline]
    pub fn note_taken(&mut self, number: u32) {
        if let Some(entry) = self.get_mut(number) {
            (entry.closings, entry.taken) = (0, true);
        }
    }

    /// Starts a new connection, which subscribes to nothing; `awaits_echo` tells for which topics a message has yet to come
    /// back.
    pub fn restart(&mut self, mut awaits_echo: impl FnMut(u32) -> bool) {
        for (number, entry) in self.entries.iter_mut().enumerate() {
            entry.subscribed = false;
            if entry.proof == Proof::Pending && !awaits_echo(number as u32) {
                entry.proof = Proof::Open;
            }
        }
    }
}
