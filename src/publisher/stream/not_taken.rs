//! The messages that the broker could not take for now, and when they are sent again.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::mqtt::reconnect::Backoff;

/// Messages, by their numbers at the source.
#[derive(Debug, Default)]
pub struct NotTaken {
    since: HashMap<u64, Instant>,
    /// When they are sent again.
    pub resume: Option<Instant>,
    backoff: Backoff,
}

impl NotTaken {
    /// Notes a message, and returns for how long the broker could not take it.
    pub fn note(&mut self, number: u64) -> Duration {
        self.since.entry(number).or_insert_with(Instant::now).elapsed()
    }

    /// Has them sent again after a pause, which is returned unless they wait for one already.
    pub fn pause(&mut self) -> Option<Duration> {
        if self.resume.is_some() {
            return None;
        }
        let pause = self.backoff.pause();
        self.resume = Some(Instant::now() + pause);
        Some(pause)
    }

    /// Returns, once, whether they are to be sent again now.
    pub fn is_due(&mut self) -> bool {
        self.resume.take_if(|resume| *resume <= Instant::now()).is_some()
    }

    /// Forgets a message that is given up.
    pub fn forget(&mut self, number: u64) {
        self.since.remove(&number);
    }

    /// Notes that the broker has taken a message: once it has taken all that it could not take before, the next pause is
    /// short again.
    pub fn taken(&mut self, number: u64) {
        if !self.since.is_empty() && self.since.remove(&number).is_some() && self.since.is_empty() {
            self.backoff.reset();
        }
    }
}
