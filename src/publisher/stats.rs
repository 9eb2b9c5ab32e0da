//! The accounting of a stream: what was read, and what became of it.

use std::fmt;
use std::time::Duration;

/// Counts of lines; each line counts once in every column that it reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Read from the input, good or bad.
    pub read: u64,
    /// Handed to the network.
    pub sent: u64,
    /// Acknowledged by the broker. At QoS 0: received by it, because it answered a ping that was sent later, or closed the
    /// connection after our DISCONNECT.
    pub acknowledged: u64,
    /// Proved to be delivered: came back, or MQTT 5's reason code said so.
    pub confirmed: u64,
    /// Sent again; a line counts once for each time.
    pub resent: u64,
    /// Not published because something is wrong with the line.
    pub rejected: u64,
    /// Not delivered because the broker refused them, or their topic.
    pub refused: u64,
    /// Stored in the spool, on disk.
    pub spooled: u64,
    pub took: Duration,
}

impl Stats {
    /// Counts the lines that were read and are neither acknowledged nor rejected nor refused.
    pub fn missing(&self) -> u64 {
        self.read.saturating_sub(self.acknowledged + self.rejected + self.refused)
    }

    /// Returns one JSON object. `elapsed_seconds` was once called `seconds`.
    pub fn to_json(&self) -> serde_json::Value {
        let seconds = (self.took.as_secs_f64() * 1e6).round() / 1e6;
        serde_json::json!({
            "read": self.read, "sent": self.sent, "acknowledged": self.acknowledged, "confirmed": self.confirmed,
            "resent": self.resent, "rejected": self.rejected, "refused": self.refused, "spooled": self.spooled,
            "elapsed_seconds": seconds, "seconds": seconds,
        })
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stats { read, sent, acknowledged, confirmed, resent, rejected, refused, spooled, took } = self;
        write!(
            f,
            "read {read}, sent {sent}, acknowledged {acknowledged}, confirmed {confirmed}, resent {resent}, rejected \
             {rejected}, refused {refused}, spooled {spooled} in {:.3} s",
            took.as_secs_f64()
        )
    }
}
