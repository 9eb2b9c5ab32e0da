//! A thread for jobs that nothing else must wait for, such as writes to a stalled reader.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};

/// Jobs that may wait besides the current one.
const WAITING: usize = 4;

/// The progress of messages: their number, and their size in the output's own measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    pub messages: u64,
    pub weight: u64,
}

/// The thread, and the channel to it.
pub struct Worker<J> {
    jobs: Option<mpsc::SyncSender<J>>,
    settled: watch::Receiver<Mark>,
    thread: Option<JoinHandle<anyhow::Result<()>>>,
}

impl<J: Send + 'static> Worker<J> {
    /// Starts `work` on a thread. It takes jobs until there are no more senders, and marks what is done.
    ///
    /// # Errors
    /// The system has no thread.
    pub fn start(
        name: &str,
        work: impl FnOnce(mpsc::Receiver<J>, watch::Sender<Mark>) -> anyhow::Result<()> + Send + 'static,
    ) -> anyhow::Result<Worker<J>> {
        let (jobs, waiting) = mpsc::sync_channel(WAITING);
        let (done, settled) = watch::channel(Mark::default());
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || work(waiting, done)).map_err(|e| {
            let failure = CliError::new(ExitKind::TryAgain, "the output cannot be started");
            anyhow::Error::new(e).context(failure.hint(entry!("process-limits")))
        })?;
        Ok(Worker { jobs: Some(jobs), settled, thread: Some(thread) })
    }

    /// Returns a channel to the thread for jobs that may be left out. It must be dropped before [`Worker::end`].
    pub fn jobs(&self) -> Option<mpsc::SyncSender<J>> {
        self.jobs.clone()
    }

    /// Gives the thread a job; returns the job if too many are waiting.
    ///
    /// # Errors
    /// Why the thread has ended.
    pub fn offer(&mut self, job: J) -> anyhow::Result<Option<J>> {
        let Some(jobs) = &self.jobs else { return Ok(Some(job)) };
        match jobs.try_send(job) {
            Ok(()) => Ok(None),
            Err(mpsc::TrySendError::Full(job)) => Ok(Some(job)),
            Err(mpsc::TrySendError::Disconnected(_)) => Err(self.failure()),
        }
    }

    /// Returns what is done.
    pub fn settled(&self) -> Mark {
        *self.settled.borrow()
    }

    /// Waits until more is done. May be cancelled.
    ///
    /// # Errors
    /// Why the thread has ended.
    pub async fn progress(&mut self) -> anyhow::Result<()> {
        match self.settled.changed().await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.failure()),
        }
    }

    /// Waits until the thread has done all jobs, but no longer than `limit`. Returns whether it has.
    ///
    /// # Errors
    /// Of the work.
    pub async fn end(&mut self, limit: Duration) -> anyhow::Result<bool> {
        self.jobs = None;
        let ended = async { while self.settled.changed().await.is_ok() {} };
        if timeout(limit, ended).await.is_err() {
            return Ok(false);
        }
        // It has dropped its end of the channel, which it does last.
        self.thread.take().map_or(Ok(()), join)?;
        Ok(true)
    }

    /// Why the thread has ended unexpectedly.
    fn failure(&mut self) -> anyhow::Error {
        let ended = self.thread.take().map_or(Ok(()), join);
        ended.err().unwrap_or_else(|| anyhow::anyhow!("the output has ended"))
    }
}

fn join(thread: JoinHandle<anyhow::Result<()>>) -> anyhow::Result<()> {
    thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the output has ended in the middle of its work")))
}
