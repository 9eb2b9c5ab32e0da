//! The keep-alive: when a ping is due, and when a broker has been silent for too long.

use std::time::Duration;

use super::error::ConnectionError;

/// How long a broker without a keep-alive may read nothing while the connection is held.
const PATIENCE: Duration = Duration::from_secs(90);

/// What is due after some time without traffic.
#[derive(Debug)]
pub struct KeepAlive {
    /// `None` for no pings.
    pub interval: Option<Duration>,
    /// Where the last ping ends, and how much had left when one was due, on the scale of `Link::left`.
    last_ping: u64,
    left_then: u64,
}

impl KeepAlive {
    /// Returns a keep-alive with this interval; 0 is none.
    pub fn new(interval: Duration) -> KeepAlive {
        KeepAlive { interval: Some(interval).filter(|interval| !interval.is_zero()), last_ping: 0, left_then: 0 }
    }

    /// Returns how long the broker may be silent, or read nothing: MQTT 3.1.1 §3.1.2.10 allows half an interval more to both sides.
    pub fn patience(&self) -> Duration {
        self.interval.map_or(PATIENCE, |interval| interval * 3 / 2)
    }

    /// Returns whether a ping has to be sent when an interval is over: the broker was silent for `silence`, and `left` bytes had left.
    ///
    /// # Errors
    /// It was silent for too long.
    pub fn asks_for_ping(&mut self, silence: Duration, left: u64) -> Result<bool, ConnectionError> {
        let before = std::mem::replace(&mut self.left_then, left);
        // One ping is unanswered.
        if silence < self.patience() {
            return Ok(true);
        }
        // On a slow link the ping is still waiting behind other bytes, or was sent only since the last check.
        let is_leaving = before < self.last_ping && before != left;
        if is_leaving { Ok(false) } else { Err(ConnectionError::Silent(silence)) }
    }

    /// Notes where the ping ends.
    pub fn pinged(&mut self, position: u64) {
        self.last_ping = position;
    }
}
