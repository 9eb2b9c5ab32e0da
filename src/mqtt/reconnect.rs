//! Between two connections of a long-running client: growing pauses, and what a failed log-in means.

use std::time::Duration;

use rand::RngExt;

/// The shortest pause.
const SHORTEST: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// Pauses between attempts to connect, never the same for two clients.
///
/// Each is random between the shortest pause and three times the last one, so that a broker that comes back does not meet
/// all its clients at once: each log-in by token holds up its only thread for 45 to 80 ms (I3 facts §3).
#[derive(Debug)]
pub struct Backoff {
    last: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { last: SHORTEST }
    }
}

impl Backoff {
    /// Returns the next pause, 0.5 s to 60 s.
    pub fn pause(&mut self) -> Duration {
        self.last = rand::rng().random_range(SHORTEST..=(self.last * 3).min(LONGEST));
        self.last
    }

    /// Makes the next pause a short one again, after something worked.
    pub fn reset(&mut self) {
        self.last = SHORTEST;
    }
}

/// Whether the broker is asked to forget the previous session (MQTT 3.1.1 §3.1.2.4, 5.0 §3.1.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanStart {
    /// It starts with nothing.
    Yes,
    /// It keeps what it knew when the last connection ended.
    No,
}

/// What a failed log-in means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Unreachable, closed, busy: worth another attempt.
    Passing,
    /// The credentials were refused.
    Refused,
    /// Anything else.
    Final,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_within_their_bounds() {
        let mut longest = Duration::ZERO;
        let mut backoff = Backoff::default();
        for _ in 0..500 {
            let pause = backoff.pause();
            assert!((SHORTEST..=LONGEST).contains(&pause));
            longest = longest.max(pause);
        }
        assert!(longest > Duration::from_secs(5));
        backoff.reset();
        assert!(backoff.pause() <= SHORTEST * 3);
    }
}
