//! A thread that owns the spool, so that a slow disk does not block anything else, and the handle that talks to it.
//!
//! All waiting requests go to disk in one transaction: the slower the disk, the larger the groups.
//! Progress is written together with new blocks, or on its own after a short while.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{oneshot, watch};

use super::block::Block;
use super::error::SpoolError;
use super::limits::{Full, Limits};
use super::store::{Commit, Committed, DrainLock, Spool, Status, Stored};

/// Why the spool did not do what was requested.
#[derive(Debug, thiserror::Error)]
pub enum SpoolWorkerError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// An earlier block was not stored.
    #[error("the lines before it could not be stored")]
    Behind,
    /// The thread has ended, which is a bug.
    #[error("the spool's thread has ended")]
    Gone,
    /// The system refused to start a thread.
    #[error("the system refused to start the spool's thread")]
    Thread(#[source] std::io::Error),
}

/// How long progress may stay unwritten: if lines arrive slowly, that saves most of the commits.
const LAZY: Duration = Duration::from_millis(200);
/// Pause before the next attempt to write if there was no room.
const ROOM_PAUSE: Duration = Duration::from_millis(250);
/// Pause between two checks of what other runs have done to the spool.
pub const OTHERS_PAUSE: Duration = Duration::from_millis(250);

/// The progress of the spool on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records below this number are done.
    pub head: u64,
    /// The number of the next record.
    pub next: u64,
    /// Records that this run has dropped, to make room or because of their age.
    pub dropped: u64,
    /// By how much the clock was set while this run checked ages, in ms.
    pub clock_jump: i64,
    /// There is no room, and a block is waiting for it.
    pub full: bool,
    /// Progress cannot be written, and waiting does not help: [`SpoolHandle::fault`] returns the error.
    pub broken: bool,
}

/// The answer to [`SpoolHandle::read`].
#[derive(Debug)]
pub enum Found {
    Blocks(Vec<Stored>),
    /// Nothing: all records below this number have been read, or dropped.
    UpTo(u64),
}

type Reply<T> = oneshot::Sender<Result<T, SpoolWorkerError>>;

enum SpoolRequest {
    Take(Waiting),
    Read {
        from: u64,
        records: u64,
        bytes: usize,
        reply: Reply<Found>,
    },
    Done(u64, Urgency),
    Lock(Reply<Option<DrainLock>>),
    Dropped(Range<u64>, Reply<u64>),
    Held(Range<u64>, Reply<Vec<u64>>),
    /// Hold a record.
    Hold(u64),
    /// A held record is done.
    Release(u64),
    Status(Reply<Status>),
    Fault(Reply<()>),
    /// Nothing will make room any more: blocks waiting for it have failed.
    NoMoreRoom,
}

/// Whether progress must be on disk now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Now,
    Soon,
}

/// The running thread.
#[derive(Debug)]
#[must_use]
pub struct WorkerThread(JoinHandle<()>);

impl WorkerThread {
    /// Waits until all requests are done and the spool is closed; `last` is the last handle.
    pub fn finish(self, last: SpoolHandle) {
        drop(last);
        // A thread that has panicked has closed the spool as well.
        let _ = self.0.join();
    }
}

/// A handle of the thread, which runs until the last handle is dropped.
#[derive(Debug, Clone)]
pub struct SpoolHandle {
    requests: Sender<SpoolRequest>,
    max_bytes: Option<u64>,
    progress: watch::Receiver<Progress>,
}

/// A pending answer.
#[derive(Debug)]
pub struct PendingAnswer<T>(oneshot::Receiver<Result<T, SpoolWorkerError>>);

impl<T> PendingAnswer<T> {
    /// Waits for the answer. May be cancelled, but not called again once it has returned.
    ///
    /// # Errors
    /// [`SpoolWorkerError`].
    pub async fn get(&mut self) -> Result<T, SpoolWorkerError> {
        (&mut self.0).await.unwrap_or(Err(SpoolWorkerError::Gone))
    }

    /// Returns the same as [`get`](Self::get), if the answer has arrived.
    pub fn try_get(&mut self) -> Option<Result<T, SpoolWorkerError>> {
        match self.0.try_recv() {
            Ok(result) => Some(result),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Closed) => Some(Err(SpoolWorkerError::Gone)),
        }
    }
}

impl SpoolHandle {
    /// Starts the thread.
    ///
    /// # Errors
    /// The spool cannot be read, or the system refuses to start a thread.
    pub fn start(spool: Spool, limits: Limits) -> Result<(SpoolHandle, WorkerThread), SpoolWorkerError> {
        let at = Progress { head: spool.head()?, next: spool.next()?, ..Progress::default() };
        let (requests, receiver) = channel();
        let (sender, progress) = watch::channel(at);
        let mut worker = SpoolWorker {
            spool,
            limits,
            receiver,
            progress: sender,
            takes: VecDeque::new(),
            done: None,
            since: None,
            keep: 0,
            is_drained: true,
            may_finish: true,
            broken: None,
        };
        let thread = std::thread::Builder::new().name("i3-spool".into()).spawn(move || worker.run());
        Ok((
            SpoolHandle { requests, max_bytes: limits.max_bytes, progress },
            WorkerThread(thread.map_err(SpoolWorkerError::Thread)?),
        ))
    }

    /// Returns the progress of the spool, as a channel that reports changes.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Returns how many bytes the spool may hold.
    pub fn max_bytes(&self) -> Option<u64> {
        self.max_bytes
    }

    /// Stores a block and answers with the number of its first record once it is on disk. Blocks are stored in the order of
    /// the calls.
    pub fn take(&self, taken: SystemTime, block: Block) -> PendingAnswer<u64> {
        self.ask(|reply| SpoolRequest::Take(Waiting { taken, block, reply }))
    }

    /// Reads blocks from record `from` on until they have `records` records or `bytes` bytes. Records that were read are no
    /// longer dropped.
    pub fn read(&self, from: u64, records: u64, bytes: usize) -> PendingAnswer<Found> {
        self.ask(|reply| SpoolRequest::Read { from, records, bytes, reply })
    }

    /// Notes that records below this number are done.
    pub fn done(&self, below: u64, urgency: Urgency) {
        let _ = self.requests.send(SpoolRequest::Done(below, urgency));
    }

    /// Requests the right to drain.
    pub fn lock(&self) -> PendingAnswer<Option<DrainLock>> {
        self.ask(SpoolRequest::Lock)
    }

    /// Counts how many of these records were dropped, by any run.
    pub fn dropped(&self, numbers: Range<u64>) -> PendingAnswer<u64> {
        self.ask(|reply| SpoolRequest::Dropped(numbers, reply))
    }

    /// Returns which of these records are held, by any run.
    pub fn held(&self, numbers: Range<u64>) -> PendingAnswer<Vec<u64>> {
        self.ask(|reply| SpoolRequest::Held(numbers, reply))
    }

    /// Holds this record: it stays when later ones are done.
    pub fn hold(&self, record: u64) {
        let _ = self.requests.send(SpoolRequest::Hold(record));
    }

    /// Notes that a held record is done.
    pub fn release(&self, record: u64) {
        let _ = self.requests.send(SpoolRequest::Release(record));
    }

    /// Returns the contents of the spool.
    pub fn status(&self) -> PendingAnswer<Status> {
        self.ask(SpoolRequest::Status)
    }

    /// Returns the error that has [broken](Progress::broken) the spool.
    pub fn fault(&self) -> PendingAnswer<()> {
        self.ask(SpoolRequest::Fault)
    }

    /// Notes that nothing drains any more: blocks that wait for room are refused from now on.
    pub fn no_more_room(&self) {
        let _ = self.requests.send(SpoolRequest::NoMoreRoom);
    }

    fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> SpoolRequest) -> PendingAnswer<T> {
        let (reply, answer) = oneshot::channel();
        // If the thread has ended, the reply's sender is gone, and the answer says so.
        let _ = self.requests.send(request(reply));
        PendingAnswer(answer)
    }
}

/// A block that waits to be stored.
struct Waiting {
    taken: SystemTime,
    block: Block,
    reply: Reply<u64>,
}

/// Requests that were collected, except those that are noted at once.
#[derive(Default)]
struct Round {
    reads: Vec<SpoolRequest>,
    questions: Vec<SpoolRequest>,
    /// Progress must be on disk now.
    is_urgent: bool,
    timed_out: bool,
}

/// The contents of one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Batch {
    /// All waiting blocks, and progress.
    All,
    /// The first block, and progress: together they may have been too many.
    First,
    /// Only progress: it makes no room before it is on disk.
    Progress,
}

/// The result of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Settled,
    /// Something waits for room, or for another process.
    Waits,
}

/// The thread's state.
struct SpoolWorker {
    spool: Spool,
    limits: Limits,
    receiver: Receiver<SpoolRequest>,
    progress: watch::Sender<Progress>,
    /// Blocks to store, in order.
    takes: VecDeque<Waiting>,
    /// Records below this number are done, which is not on disk yet.
    done: Option<u64>,
    since: Option<Instant>,
    /// Records below this number have been read.
    keep: u64,
    /// Draining may still make room.
    is_drained: bool,
    /// Progress may be written without losing a record that should have been held.
    may_finish: bool,
    broken: Option<SpoolError>,
}

impl SpoolWorker {
    fn run(&mut self) {
        let mut outcome = Outcome::Settled;
        while let Some(round) = self.receive(outcome) {
            // Reads first: the reader has something to send while the disk is being written to.
            for request in round.reads {
                self.answer(request);
            }
            let is_due = round.is_urgent || self.since.is_some_and(|since| since.elapsed() >= LAZY);
            if !self.takes.is_empty() || is_due {
                outcome = self.commit();
            } else if round.timed_out {
                self.look();
            }
            // Notes that arrived before a query count in its answer.
            for request in round.questions {
                self.answer(request);
            }
        }
        if self.done.is_some() {
            self.commit();
        }
    }

    /// Waits for requests and collects all that have arrived; returns `None` once no handle is left.
    fn receive(&mut self, outcome: Outcome) -> Option<Round> {
        let pause = match (outcome, self.since) {
            (Outcome::Waits, _) => ROOM_PAUSE,
            (Outcome::Settled, Some(since)) => LAZY.saturating_sub(since.elapsed()),
            (Outcome::Settled, None) => OTHERS_PAUSE,
        };
        let mut round = Round::default();
        let mut next = match self.receiver.recv_timeout(pause) {
            Ok(request) => Some(request),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return None,
        };
        round.timed_out = next.is_none();
        while let Some(request) = next {
            match request {
                SpoolRequest::Take(waiting) => self.takes.push_back(waiting),
                SpoolRequest::Hold(record) => {
                    let result = self.spool.hold(record);
                    self.note_failure(result);
                }
                SpoolRequest::Release(record) => {
                    let result = self.spool.release(record);
                    self.note_failure(result);
                }
                SpoolRequest::Done(..) if !self.may_finish => {}
                SpoolRequest::Done(below, urgency) => {
                    self.done = Some(below);
                    self.since.get_or_insert_with(Instant::now);
                    round.is_urgent |= urgency == Urgency::Now;
                }
                SpoolRequest::NoMoreRoom => self.is_drained = false,
                read @ SpoolRequest::Read { .. } => round.reads.push(read),
                question => round.questions.push(question),
            }
            next = self.receiver.try_recv().ok();
        }
        Some(round)
    }

    /// Writes everything that waits to disk.
    fn commit(&mut self) -> Outcome {
        let mut batch = match self.takes.len() {
            0 => Batch::Progress,
            1 => Batch::First,
            _ => Batch::All,
        };
        loop {
            let Err(why) = self.try_commit(batch) else {
                if self.takes.is_empty() {
                    return Outcome::Settled;
                }
                batch = Batch::First;
                continue;
            };
            batch = match batch {
                Batch::All => Batch::First,
                Batch::First if self.done.is_some() && self.may_wait(&why) => Batch::Progress,
                _ if self.may_wait(&why) || batch == Batch::Progress && heals(&why) => {
                    self.publish(&Committed::default(), !matches!(why, SpoolError::Busy));
                    self.since.get_or_insert_with(Instant::now);
                    return Outcome::Waits;
                }
                _ => match self.takes.pop_front() {
                    Some(first) => {
                        let _ = first.reply.send(Err(why.into()));
                        // To keep the order, later blocks are refused as well.
                        for later in self.takes.drain(..) {
                            let _ = later.reply.send(Err(SpoolWorkerError::Behind));
                        }
                        Batch::Progress
                    }
                    None => {
                        (self.done, self.since, self.broken) = (None, None, Some(why));
                        self.progress.send_modify(|progress| progress.broken = true);
                        return Outcome::Settled;
                    }
                },
            };
        }
    }

    /// Writes a batch to disk; on failure its blocks wait as before.
    fn try_commit(&mut self, batch: Batch) -> Result<(), SpoolError> {
        let count = match batch {
            Batch::All => self.takes.len(),
            Batch::First => 1,
            Batch::Progress => 0,
        };
        let (replies, blocks): (Vec<_>, Vec<_>) =
            self.takes.drain(..count).map(|Waiting { taken, block, reply }| (reply, (taken, block))).unzip();
        let commit = Commit { blocks: &blocks, done: self.done, limits: self.limits, keep: self.keep };
        match self.spool.commit(&commit) {
            Ok(committed) => {
                (self.done, self.since) = (None, None);
                self.publish(&committed, false);
                for (reply, first) in replies.into_iter().zip(committed.firsts) {
                    let _ = reply.send(Ok(first));
                }
                Ok(())
            }
            Err(why) => {
                for (reply, (taken, block)) in replies.into_iter().zip(blocks).rev() {
                    self.takes.push_front(Waiting { taken, block, reply });
                }
                Err(why)
            }
        }
    }

    /// Notes that a record could not be held or released: progress that passes it would lose it.
    fn note_failure(&mut self, result: Result<(), SpoolError>) {
        if let Err(why) = result {
            (self.may_finish, self.broken) = (false, Some(why));
            self.progress.send_modify(|progress| progress.broken = true);
        }
    }

    /// Returns whether the first block can be stored later.
    fn may_wait(&self, why: &SpoolError) -> bool {
        let fits = |waiting: &Waiting| self.limits.max_bytes.is_none_or(|max| waiting.block.bytes() as u64 <= max);
        match why {
            SpoolError::Busy => true,
            // Draining makes no room in an empty spool: the disk itself is full.
            SpoolError::NoSpace if self.spool.is_empty().unwrap_or(true) => false,
            _ => {
                heals(why) && self.is_drained && self.limits.full != Full::Fail && self.takes.front().is_some_and(fits)
            }
        }
    }

    /// Reports what other runs have done meanwhile.
    fn look(&mut self) {
        // Space that is not returned now is returned later.
        let _ = self.spool.tidy();
        // If the spool cannot be written, the next commit reports it.
        let expired = self.spool.expire(&self.limits, self.keep).unwrap_or_default();
        let full = self.progress.borrow().full;
        self.publish(&expired, full);
    }

    fn publish(&mut self, committed: &Committed, full: bool) {
        let (Ok(head), Ok(next)) = (self.spool.head(), self.spool.next()) else { return };
        self.progress.send_if_modified(|progress| {
            let now = Progress {
                head,
                next,
                dropped: progress.dropped + committed.dropped.records,
                clock_jump: progress.clock_jump + committed.clock_jump,
                full,
                ..*progress
            };
            std::mem::replace(progress, now) != now
        });
    }

    fn read(&mut self, from: u64, records: u64, bytes: usize) -> Result<Found, SpoolError> {
        let mut found = self.spool.read_on(from, records, bytes)?;
        if found.is_empty() {
            // Read again after that number is known, so that records added by another run meanwhile are not skipped.
            let next = self.spool.next()?;
            found = self.spool.read_on(from, records, bytes)?;
            if found.is_empty() {
                return Ok(Found::UpTo(next));
            }
        }
        self.keep = found.last().map_or(self.keep, Stored::end);
        Ok(Found::Blocks(found))
    }

    fn answer(&mut self, request: SpoolRequest) {
        match request {
            SpoolRequest::Read { from, records, bytes, reply } => {
                let _ = reply.send(self.read(from, records, bytes).map_err(SpoolWorkerError::from));
            }
            SpoolRequest::Lock(reply) => {
                let lock = self.spool.try_drain();
                if let (Ok(Some(_)), Ok(first)) = (&lock, self.spool.first()) {
                    // Records that another run had read are no longer in flight.
                    self.keep = first;
                }
                // The run that drained before may have progressed since the last check.
                self.look();
                _ = reply.send(lock.map_err(SpoolWorkerError::from));
            }
            SpoolRequest::Dropped(numbers, reply) => {
                _ = reply.send(self.spool.dropped_in(numbers).map_err(SpoolWorkerError::from))
            }
            SpoolRequest::Held(numbers, reply) => {
                _ = reply.send(self.spool.held(numbers).map_err(SpoolWorkerError::from))
            }
            SpoolRequest::Status(reply) => _ = reply.send(self.spool.status().map_err(SpoolWorkerError::from)),
            SpoolRequest::Fault(reply) => _ = reply.send(self.broken.take().map_or(Ok(()), |why| Err(why.into()))),
            SpoolRequest::Take(_)
            | SpoolRequest::Done(..)
            | SpoolRequest::Hold(_)
            | SpoolRequest::Release(_)
            | SpoolRequest::NoMoreRoom => {}
        }
    }
}

/// Returns whether the failure goes away once there is room, or another process has finished.
fn heals(why: &SpoolError) -> bool {
    matches!(why, SpoolError::Busy | SpoolError::Full { .. } | SpoolError::NoSpace)
}
