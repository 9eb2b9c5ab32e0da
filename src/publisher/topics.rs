//! The topics of a stream, each with a number, and how far delivery to each is proved.

use std::cell::Cell;
use std::collections::HashMap;

use crate::name::Topic;

/// Topics that are remembered at once.
pub const MAX_TOPICS: usize = 4096;

/// How far delivery to a topic is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing was published yet that could come back.
    Open,
    /// The first message is out, and everything to this topic waits for it to come back.
    Pending,
    /// It came back.
    Given,
}

/// One topic.
#[derive(Debug)]
pub struct Entry {
    pub topic: Topic,
    pub proof: Proof,
    /// On this connection.
    pub subscribed: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Topics {
    entries: Vec<Entry>,
    numbers: HashMap<String, u32>,
    /// The last that was found: mostly it is the next one, too.
    last: Cell<u32>,
}

impl Topics {
    /// The number of a topic that is known.
    pub fn find(&self, text: &str) -> Option<u32> {
        if self.get(self.last.get()).is_some_and(|last| last.topic.as_str() == text) {
            return Some(self.last.get());
        }
        let number = self.numbers.get(text).copied();
        self.last.set(number.unwrap_or_default());
        number
    }

    /// Remembers a topic and gives its number; `None` if there are [`MAX_TOPICS`] already.
    pub fn add(&mut self, topic: Topic) -> Option<u32> {
        if self.entries.len() >= MAX_TOPICS {
            return None;
        }
        let number = self.entries.len() as u32;
        self.numbers.insert(topic.as_str().into(), number);
        self.entries.push(Entry { topic, proof: Proof::Open, subscribed: false });
        Some(number)
    }

    /// Forgets all, which is allowed once nothing bears their numbers any more.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.numbers.clear();
    }

    /// The topic of this number.
    pub fn get(&self, number: u32) -> Option<&Entry> {
        self.entries.get(number as usize)
    }

    /// As [`get`](Self::get), to be changed.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Entry> {
        self.entries.get_mut(number as usize)
    }

    /// A new connection, on which nothing is subscribed; `awaits_echo` tells where a message is still to come back.
    pub fn restart(&mut self, awaits_echo: impl Fn(u32) -> bool) {
        for (number, entry) in self.entries.iter_mut().enumerate() {
            entry.subscribed = false;
            if entry.proof == Proof::Pending && !awaits_echo(number as u32) {
                entry.proof = Proof::Open;
            }
        }
    }
}
