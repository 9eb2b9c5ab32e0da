//! The messages that the broker could not take, kept apart from the others.
//!
//! They would be the oldest of the window, and may stay so for long; here they count as memory only.

use super::entry::{SendState, WindowEntry};
use crate::publisher::arena::PayloadArena;

/// Messages that wait until the broker is asked again.
#[derive(Debug, Default)]
pub struct Postponed {
    messages: Vec<(WindowEntry, Box<[u8]>)>,
    /// Their memory, in bytes.
    pub bytes: usize,
}

impl Postponed {
    /// Adds a message, whose payload is copied.
    pub fn push(&mut self, entry: WindowEntry, payload: &[u8]) {
        self.bytes += size_of::<(WindowEntry, Box<[u8]>)>() + payload.len();
        self.messages.push((entry, payload.into()));
    }

    /// Takes all of them out, to be sent again; their payloads go into `payloads`.
    pub fn readmit(&mut self, payloads: &mut PayloadArena) -> impl Iterator<Item = WindowEntry> {
        let messages = std::mem::take(self).messages.into_iter();
        messages.map(|(entry, payload)| WindowEntry { place: payloads.push(&payload), state: SendState::Open, ..entry })
    }

    pub fn entries(&self) -> impl Iterator<Item = &WindowEntry> {
        self.messages.iter().map(|(entry, _)| entry)
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }
}
