//! Bursts that a broker may not keep for a slow subscriber.

use std::time::Duration;

use tokio::time::Instant;

/// Messages that I3's broker keeps for a subscriber that is slower (I3 facts §6.4).
const BURST: u64 = 200;

/// Counts the messages sent within a second.
#[derive(Default)]
pub struct Burst {
    /// When the second began, and how many had been sent before.
    second: Option<(Instant, u64)>,
    sent: u64,
    is_told: bool,
}

impl Burst {
    /// Returns how many messages were sent within a second, the first time that this is more than 200; `sent` counts all of
    /// the run.
    pub fn update(&mut self, sent: u64) -> Option<u64> {
        if self.is_told || sent == self.sent {
            return None;
        }
        let before = std::mem::replace(&mut self.sent, sent);
        let lasts = self.second.filter(|(began, _)| began.elapsed() < Duration::from_secs(1));
        let (_, from) = *self.second.insert(lasts.unwrap_or_else(|| (Instant::now(), before)));
        let messages = sent - from;
        self.is_told = messages > BURST;
        self.is_told.then_some(messages)
    }
}
