//! The events that end a run at any point: signals, and its time limit.

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::options::End;

/// Signals, and the end of the run's time.
#[derive(Debug)]
pub struct Alarms {
    signals: UnboundedReceiver<()>,
    /// `None` without a limit, and once it has been reported.
    end: Option<Instant>,
}

impl Alarms {
    pub fn new(signals: UnboundedReceiver<()>, end: Option<Instant>) -> Alarms {
        Alarms { signals, end }
    }

    /// Waits for the next alarm, possibly forever. May be cancelled.
    pub async fn next(&mut self) -> End {
        let end = tokio::select! {
            biased;
            Some(()) = self.signals.recv() => End::Signal,
            () = at(self.end) => End::Wait,
        };
        if end == End::Wait {
            self.end = None;
        }
        end
    }
}

/// Waits for the time, if there is one.
pub async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}
