//! When a stream must end although its input continues: signals and time limits.

use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

/// What ended a stream early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A second signal, or one before anything was read.
    Signal,
    /// The time for draining after the first signal is over.
    Grace(Duration),
    /// The time of the whole run is over.
    Deadline(Duration),
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cause::Signal => f.write_str("it was told to stop at once"),
            Cause::Grace(time) => write!(f, "the grace time of {} is over", humantime::format_duration(*time)),
            Cause::Deadline(time) => write!(f, "the deadline of {} has passed", humantime::format_duration(*time)),
        }
    }
}

/// What has just happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The first signal: stop reading, and drain.
    Drain,
    /// End now.
    Over(Cause),
}

/// Signals and limits of one run.
#[derive(Debug)]
pub struct Shutdown {
    /// One item per signal. `None` once none can come any more.
    signals: Option<UnboundedReceiver<()>>,
    grace: Duration,
    draining_until: Option<Instant>,
    deadline: Option<(Instant, Duration)>,
}

impl Shutdown {
    /// Starts the clock of the run.
    pub fn new(signals: UnboundedReceiver<()>, grace: Duration, deadline: Option<Duration>) -> Shutdown {
        let deadline = deadline.and_then(|time| Some((Instant::now().checked_add(time)?, time)));
        Shutdown { signals: Some(signals), grace, draining_until: None, deadline }
    }

    /// Returns whether the first signal has come.
    pub fn is_draining(&self) -> bool {
        self.draining_until.is_some()
    }

    /// Waits for the next signal or limit, possibly forever. May be cancelled.
    pub async fn alarm(&mut self) -> Signal {
        loop {
            let grace = self.draining_until.map(|end| (end, Cause::Grace(self.grace)));
            let deadline = self.deadline.map(|(end, time)| (end, Cause::Deadline(time)));
            let limit = grace.into_iter().chain(deadline).min_by_key(|(end, _)| *end);
            let over = async {
                match limit {
                    Some((end, cause)) => {
                        sleep_until(end).await;
                        cause
                    }
                    None => std::future::pending().await,
                }
            };
            let signal = async {
                match &mut self.signals {
                    Some(signals) => signals.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                cause = over => return Signal::Over(cause),
                signal = signal => match signal {
                    None => self.signals = None,
                    Some(()) if self.draining_until.is_some() => return Signal::Over(Cause::Signal),
                    Some(()) => {
                        self.draining_until = Some(Instant::now() + self.grace);
                        return Signal::Drain;
                    }
                },
            }
        }
    }
}
