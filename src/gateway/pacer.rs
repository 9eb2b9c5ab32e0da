//! Log-ins one after another: each by token blocks the broker's only thread for 45 to 80 ms (I3 facts §3).

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// The turns of all devices.
#[derive(Debug)]
pub struct Pacer {
    interval: Duration,
    /// When the next turn is.
    next: Cell<Instant>,
}

impl Pacer {
    /// Grants one turn per `interval`.
    pub fn new(interval: Duration) -> Pacer {
        Pacer { interval, next: Cell::new(Instant::now()) }
    }

    /// Waits for the next turn, in the order of the callers. A caller that gives up leaves its turn unused.
    pub async fn turn(&self) {
        let at = self.next.get().max(Instant::now());
        self.next.set(at + self.interval);
        sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_are_spread_and_a_pause_is_not_made_up_for() {
        let pacer = Pacer::new(Duration::from_secs(1));
        let begun = Instant::now();
        tokio::join!(pacer.turn(), pacer.turn(), pacer.turn());
        assert_eq!(begun.elapsed().as_secs(), 2);
        tokio::time::advance(Duration::from_secs(60)).await;
        let begun = Instant::now();
        tokio::join!(pacer.turn(), pacer.turn());
        assert_eq!(begun.elapsed().as_secs(), 1);
    }
}
