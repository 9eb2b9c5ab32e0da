//! Limits the rate of messages: a slower subscriber loses messages that the broker does not keep for it.

use std::time::Duration;

use tokio::time::Instant;

/// How much may be made up for after a pause: timers are sometimes this late.
const LATE: Duration = Duration::from_millis(5);

/// Spreads messages evenly.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    interval: Duration,
    /// When the next message may be sent.
    next: Instant,
}

impl Pace {
    /// Allows one message per `interval`.
    pub fn new(interval: Duration, now: Instant) -> Pace {
        Pace { interval, next: now }
    }

    /// Returns the time between two messages.
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// Returns when the next message may be sent.
    pub fn next(&self) -> Instant {
        self.next
    }

    /// Notes that a message is sent.
    pub fn sent(&mut self, now: Instant) {
        let earliest = now.checked_sub(LATE).unwrap_or(now);
        self.next = self.next.max(earliest) + self.interval;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_leave_as_may_and_a_pause_is_not_made_up_for() {
        let start = Instant::now();
        let mut now = start;
        let mut pace = Pace::new(Duration::from_micros(100), now);
        let mut sent = 0;
        while now < start + Duration::from_secs(1) {
            // A timer that is late by up to a millisecond.
            now = pace.next().max(now) + Duration::from_micros(sent % 1000);
            while pace.next() <= now {
                pace.sent(now);
                sent += 1;
            }
        }
        assert!((10_000..=10_060).contains(&sent), "{sent}");
        now += Duration::from_secs(60);
        let mut at_once = 0;
        while pace.next() <= now {
            pace.sent(now);
            at_once += 1;
        }
        assert_eq!(at_once, 51);
    }
}
