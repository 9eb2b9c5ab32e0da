//! A thread that works off jobs for which nobody else must have to wait, such as writes to a reader that stalls.

use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};

/// Jobs that wait beside the one that is being worked on.
const WAITING: usize = 4;

/// How far messages have come: their number, and what they weigh in the output's own measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    pub messages: u64,
    pub weight: u64,
}

/// The thread, and the way to it.
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

    /// Returns a way to the thread for jobs that may be left out. It must be dropped before [`Worker::end`].
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

    /// Waits until the thread has done all jobs, but not for longer than `limit`. Returns whether it has.
    ///
    /// # Errors
    /// Of the work.
    pub async fn end(&mut self, limit: Duration) -> anyhow::Result<bool> {
        self.jobs = None;
        let ended = async { while self.settled.changed().await.is_ok() {} };
        if timeout(limit, ended).await.is_err() {
            return Ok(false);
        }
        // It has let go of its end of the channel, which it does last.
        self.thread.take().map_or(Ok(()), join)?;
        Ok(true)
    }

    /// Why the thread has ended by itself.
    fn failure(&mut self) -> anyhow::Error {
        let ended = self.thread.take().map_or(Ok(()), join);
        ended.err().unwrap_or_else(|| anyhow::anyhow!("the output has ended"))
    }
}

fn join(thread: JoinHandle<anyhow::Result<()>>) -> anyhow::Result<()> {
    thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the output has ended in the middle of its work")))
}
