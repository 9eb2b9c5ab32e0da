//! A timeout that counts from the last progress, not from the start: on a slow link a large message may take a while.

use std::time::Duration;

use tokio::time::Instant;

/// Checks per timeout. The timeout is late by at most one such interval.
const LOOKS: u32 = 8;

/// Counts a timeout from the last reported progress.
///
/// Progress is a number that changes only while something moves, such as
/// [`left`](super::connection::Connection::left) up to the end of the awaited data: anything sent after that, even a ping,
/// does not count.
#[derive(Debug)]
pub struct StallTimer {
    timeout: Duration,
    progress: u64,
    since: Instant,
    look: Instant,
}

impl StallTimer {
    /// Starts counting now, with the progress at `progress`.
    pub fn start(timeout: Duration, progress: u64, now: Instant) -> StallTimer {
        StallTimer { timeout, progress, since: now, look: now + timeout / LOOKS }
    }

    /// Counts from now: something else shows progress, such as an answer.
    pub fn restart(&mut self, now: Instant) {
        self.since = now;
        self.look = now + self.timeout / LOOKS;
    }

    /// Returns when to check next.
    pub fn next_look(&self) -> Instant {
        self.look
    }

    /// Checks the progress. Returns whether there has been none for the timeout.
    #[must_use]
    pub fn is_over(&mut self, progress: u64, now: Instant) -> bool {
        if self.progress != progress {
            self.progress = progress;
            self.restart(now);
            return false;
        }
        let end = self.since + self.timeout;
        self.look = end.min(now + self.timeout / LOOKS);
        now >= end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_over_when_nothing_has_moved_for_the_timeout() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut timer = StallTimer::start(Duration::from_millis(800), 7, start);
        // Checks as often as it says, with progress until 4 s.
        let mut now = start;
        while now < at(4000) {
            now = timer.next_look();
            assert!(!timer.is_over(now.duration_since(start).as_millis() as u64, now));
        }
        assert_eq!(now, at(4000));
        let mut looks = 0;
        while !timer.is_over(4000, now) {
            now = timer.next_look();
            looks += 1;
        }
        assert_eq!((now, looks), (at(4800), LOOKS), "it is over on time");
    }

    #[test]
    fn a_late_look_counts_what_it_sees() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut timer = StallTimer::start(Duration::from_millis(800), 0, start);
        // The process was stopped, and something has moved meanwhile.
        assert!(!timer.is_over(1, at(60_000)));
        assert!(!timer.is_over(1, at(60_799)));
        assert_eq!(timer.next_look(), at(60_800), "never after its end");
        assert!(timer.is_over(1, at(60_800)));
        timer.restart(at(70_000));
        assert!(!timer.is_over(1, at(70_799)));
        assert!(timer.is_over(1, at(70_800)));
    }
}
