//! How long a log-in by token blocks the broker's only thread (I3 facts §3).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Until when the broker is blocked.
///
/// The sandbox's broker and marketplace share a thread, which the marketplace needs meanwhile, so the broker's tasks wait
/// without blocking it.
pub(super) struct Hold {
    /// Time that one log-in by token takes.
    cost: Duration,
    until: Mutex<Option<Instant>>,
}

impl Hold {
    pub fn new(cost: Duration) -> Hold {
        Hold { cost, until: Mutex::new(None) }
    }

    /// Adds the cost of a log-in by token to the broker's work, and waits until it is done.
    pub async fn verify_token(&self) {
        if self.cost.is_zero() {
            return;
        }
        let end = {
            let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let end = until.map_or(now, |until| until.max(now)) + self.cost;
            *until = Some(end);
            end
        };
        sleep_until(end).await;
    }

    /// Waits for the broker's turn: everything that it reads or writes comes after the log-ins by token before it.
    pub async fn turn(&self) {
        // A log-in that arrives meanwhile delays this as well.
        while let Some(until) = self.busy_until() {
            sleep_until(until).await;
        }
    }

    fn busy_until(&self) -> Option<Instant> {
        if self.cost.is_zero() {
            return None;
        }
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        *until = until.filter(|until| *until > Instant::now());
        *until
    }
}
