//! The spool on a thread of its own, where a slow disk holds up nobody else, and the way to it.
//!
//! Everything that waits when the thread comes round goes to disk in one transaction: the slower the disk, the larger the
//! groups. What is done is noted along with what comes in, or by itself before long.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{oneshot, watch};

use crate::spool::{Block, DrainLock, Full, Limits, Spool, SpoolError, Status, Stored};

/// Why the spool did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolWorkerError {
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// Something before it was not taken.
    #[error("the lines before it could not be taken")]
    Behind,
    /// The thread is gone, by a fault of this program.
    #[error("the spool's thread has ended")]
    Gone,
    /// The system gives no thread.
    #[error("there is no thread for the spool")]
    Thread(#[source] std::io::Error),
}

/// How long the spool may not know of what is done: so many lines less to write for nothing where they come slowly.
const LAZY: Duration = Duration::from_millis(200);
/// How soon it is tried again to write where there was no room.
const ROOM_PAUSE: Duration = Duration::from_millis(250);
/// How soon it is looked again what other runs have done to the spool.
pub const OTHERS_PAUSE: Duration = Duration::from_millis(250);

/// How far the spool is, on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records below this number are done.
    pub head: u64,
    /// The number of the next record.
    pub next: u64,
    /// Records that were dropped to make room, or for their age, by this run.
    pub dropped: u64,
    /// There is no room, and somebody waits for it.
    pub full: bool,
    /// What is done cannot be noted, and time does not heal it: [`SpoolHandle::fault`] tells why.
    pub broken: bool,
}

/// What is read from the spool.
#[derive(Debug)]
pub enum Found {
    Blocks(Vec<Stored>),
    /// Nothing: all records below this number have been given out, or dropped.
    UpTo(u64),
}

type Reply<T> = oneshot::Sender<Result<T, SpoolWorkerError>>;

enum Request {
    Take(SystemTime, Block, Reply<u64>),
    Read {
        from: u64,
        records: u64,
        bytes: usize,
        reply: Reply<Found>,
    },
    Done(u64, Urgency),
    Lock(Reply<Option<DrainLock>>),
    Fate(Range<u64>, Reply<u64>),
    Held(Range<u64>, Reply<Vec<u64>>),
    /// Whether a record is to wait by itself, or what waited so is done.
    Hold(u64, bool),
    Status(Reply<Status>),
    Fault(Reply<()>),
    /// Nobody makes room any more: what waits for it has failed.
    NoMoreRoom,
}

/// Whether something has to be on disk now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Now,
    Soon,
}

/// The thread itself.
#[derive(Debug)]
#[must_use]
pub struct WorkerThread(JoinHandle<()>);

impl WorkerThread {
    /// Waits until all that was asked is done and the spool is closed; `queue` is the last way to it.
    pub fn finish(self, queue: SpoolHandle) {
        drop(queue);
        // A thread that has panicked has closed it as well.
        let _ = self.0.join();
    }
}

/// The way to the thread, which goes on until the last one is gone.
#[derive(Debug, Clone)]
pub struct SpoolHandle {
    requests: Sender<Request>,
    max_bytes: Option<u64>,
    progress: watch::Receiver<Progress>,
}

/// What will come back.
#[derive(Debug)]
pub struct Answer<T>(oneshot::Receiver<Result<T, SpoolWorkerError>>);

impl<T> Answer<T> {
    /// Waits for it. May be cancelled, but not asked again once it was given.
    ///
    /// # Errors
    /// [`SpoolWorkerError`].
    pub async fn get(&mut self) -> Result<T, SpoolWorkerError> {
        (&mut self.0).await.unwrap_or(Err(SpoolWorkerError::Gone))
    }

    /// What [`get`](Self::get) would give, if it has come.
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
    /// The spool cannot be read, or there is no thread to be had.
    pub fn start(spool: Spool, limits: Limits) -> Result<(SpoolHandle, WorkerThread), SpoolWorkerError> {
        let at = Progress { head: spool.head()?, next: spool.next()?, ..Progress::default() };
        let (requests, receiver) = channel();
        let (sender, progress) = watch::channel(at);
        let mut keeper = SpoolWorker {
            spool,
            limits,
            receiver,
            progress: sender,
            takes: VecDeque::new(),
            done: None,
            since: None,
            keep: 0,
            room: true,
            notes: true,
            broken: None,
        };
        let thread = std::thread::Builder::new().name("i3-spool".into()).spawn(move || keeper.run());
        Ok((
            SpoolHandle { requests, max_bytes: limits.max_bytes, progress },
            WorkerThread(thread.map_err(SpoolWorkerError::Thread)?),
        ))
    }

    /// How far the spool is; to be waited on for changes.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// How much the spool may hold.
    pub fn max_bytes(&self) -> Option<u64> {
        self.max_bytes
    }

    /// Takes a block: the number of its first record, once it is on disk. Blocks are taken in the order of the calls.
    pub fn take(&self, taken: SystemTime, block: Block) -> Answer<u64> {
        self.ask(|reply| Request::Take(taken, block, reply))
    }

    /// Reads from the first record from this number on, as many blocks as have so many records or bytes. What is given out
    /// is not dropped any more.
    pub fn read(&self, from: u64, records: u64, bytes: usize) -> Answer<Found> {
        self.ask(|reply| Request::Read { from, records, bytes, reply })
    }

    /// Records below this number are done.
    pub fn done(&self, below: u64, urgency: Urgency) {
        let _ = self.requests.send(Request::Done(below, urgency));
    }

    /// Asks to be the one who drains.
    pub fn lock(&self) -> Answer<Option<DrainLock>> {
        self.ask(Request::Lock)
    }

    /// How many of these records were dropped, by whichever run.
    pub fn fate(&self, numbers: Range<u64>) -> Answer<u64> {
        self.ask(|reply| Request::Fate(numbers, reply))
    }

    /// Which of these records are held, by whichever run.
    pub fn held(&self, numbers: Range<u64>) -> Answer<Vec<u64>> {
        self.ask(|reply| Request::Held(numbers, reply))
    }

    /// This record waits on, whatever is done behind it.
    pub fn hold(&self, record: u64) {
        let _ = self.requests.send(Request::Hold(record, true));
    }

    /// A record that was held is done.
    pub fn release(&self, record: u64) {
        let _ = self.requests.send(Request::Hold(record, false));
    }

    /// What is in it.
    pub fn status(&self) -> Answer<Status> {
        self.ask(Request::Status)
    }

    /// What has [broken](Progress::broken) the spool, as the error.
    pub fn fault(&self) -> Answer<()> {
        self.ask(Request::Fault)
    }

    /// Nobody drains any more: what waits for room is refused from now on.
    pub fn no_more_room(&self) {
        let _ = self.requests.send(Request::NoMoreRoom);
    }

    fn ask<T>(&self, request: impl FnOnce(Reply<T>) -> Request) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        // If the thread is gone, so is the reply's sender, and the answer says so.
        let _ = self.requests.send(request(reply));
        Answer(answer)
    }
}

/// The thread.
struct SpoolWorker {
    spool: Spool,
    limits: Limits,
    receiver: Receiver<Request>,
    progress: watch::Sender<Progress>,
    /// What is to be taken, in order.
    takes: VecDeque<(SystemTime, Block, Reply<u64>)>,
    /// Records below this number are done, and the spool does not know it yet.
    done: Option<u64>,
    since: Option<Instant>,
    /// Records below this number were given out.
    keep: u64,
    /// Somebody may still make room.
    room: bool,
    /// What is done may be noted: nothing that was to be held would be lost.
    notes: bool,
    broken: Option<SpoolError>,
}

impl SpoolWorker {
    fn run(&mut self) {
        let mut held = false;
        loop {
            let pause = match (held, self.since) {
                (true, _) => ROOM_PAUSE,
                (_, Some(since)) => LAZY.saturating_sub(since.elapsed()),
                _ => OTHERS_PAUSE,
            };
            let mut urgent = false;
            let (mut reads, mut others) = (Vec::new(), Vec::new());
            let mut next = match self.receiver.recv_timeout(pause) {
                Ok(request) => Some(request),
                Err(RecvTimeoutError::Timeout) => None,
                // All that was asked is done: nobody is left to ask.
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let timed_out = next.is_none();
            while let Some(request) = next {
                match request {
                    Request::Take(at, block, reply) => self.takes.push_back((at, block, reply)),
                    Request::Hold(record, hold) => self.hold(record, hold),
                    Request::Done(..) if !self.notes => {}
                    Request::Done(below, urgency) => {
                        self.done = Some(below);
                        self.since.get_or_insert_with(Instant::now);
                        urgent |= urgency == Urgency::Now;
                    }
                    Request::NoMoreRoom => self.room = false,
                    read @ Request::Read { .. } => reads.push(read),
                    other => others.push(other),
                }
                next = self.receiver.try_recv().ok();
            }
            // Reading first: whoever waits for records has something to do while the disk is being written to.
            for request in reads {
                self.answer(request);
            }
            let due = urgent || self.since.is_some_and(|since| since.elapsed() >= LAZY);
            if !self.takes.is_empty() || due {
                held = self.commit();
            } else if timed_out {
                self.look();
            }
            // What was said before a question counts in the answer.
            for request in others {
                self.answer(request);
            }
        }
        if self.done.is_some() {
            self.commit();
        }
    }

    /// Brings everything that waits to disk: whether something has to wait for room.
    fn commit(&mut self) -> bool {
        let mut count = self.takes.len();
        loop {
            let (replies, blocks): (Vec<_>, Vec<_>) =
                self.takes.drain(..count).map(|(at, block, reply)| (reply, (at, block))).unzip();
            let why = match self.spool.commit(&blocks, self.done, &self.limits, self.keep) {
                Ok(committed) => {
                    (self.done, self.since) = (None, None);
                    self.publish(committed.dropped.records, false);
                    for (reply, first) in replies.into_iter().zip(committed.firsts) {
                        let _ = reply.send(Ok(first));
                    }
                    if self.takes.is_empty() {
                        return false;
                    }
                    count = 1;
                    continue;
                }
                Err(why) => why,
            };
            for (reply, (at, block)) in replies.into_iter().zip(blocks).rev() {
                self.takes.push_front((at, block, reply));
            }
            if count > 1 {
                // Together they were too many; by itself the first may do.
                count = 1;
            } else if count == 1 && self.done.is_some() && self.may_wait(&why) {
                // What is done makes no room before that is on disk by itself.
                count = 0;
            } else if self.may_wait(&why) || count == 0 && heals(&why) {
                self.publish(0, !matches!(why, SpoolError::Busy));
                self.since.get_or_insert_with(Instant::now);
                return true;
            } else if let Some((_, _, reply)) = self.takes.pop_front() {
                let _ = reply.send(Err(why.into()));
                // Order is kept: what comes behind is not taken, either.
                for (_, _, reply) in self.takes.drain(..) {
                    let _ = reply.send(Err(SpoolWorkerError::Behind));
                }
                count = 0;
            } else {
                (self.done, self.since, self.broken) = (None, None, Some(why));
                self.progress.send_modify(|progress| progress.broken = true);
                return false;
            }
        }
    }

    fn hold(&mut self, record: u64, hold: bool) {
        let result = if hold { self.spool.hold(record) } else { self.spool.release(record) };
        if let Err(why) = result {
            (self.notes, self.broken) = (false, Some(why));
            self.progress.send_modify(|progress| progress.broken = true);
        }
    }

    /// Whether the first of what is to be taken can be taken later.
    fn may_wait(&self, why: &SpoolError) -> bool {
        let fits = |(_, block, _): &(SystemTime, Block, Reply<u64>)| {
            self.limits.max_bytes.is_none_or(|max| block.bytes() as u64 <= max)
        };
        match why {
            SpoolError::Busy => true,
            // Draining makes no room where nothing is in the spool: it is the disk's own matter.
            SpoolError::NoSpace if self.spool.is_empty().unwrap_or(true) => false,
            _ => heals(why) && self.room && self.limits.full != Full::Fail && self.takes.front().is_some_and(fits),
        }
    }

    /// What other runs have done meanwhile.
    fn look(&mut self) {
        // Room that is not given back now is given back the next time.
        let _ = self.spool.tidy();
        // A spool that cannot be written to says so with the next commit.
        let dropped = self.spool.expire(&self.limits, self.keep).map_or(0, |dropped| dropped.records);
        let full = self.progress.borrow().full;
        self.publish(dropped, full);
    }

    fn publish(&mut self, dropped: u64, full: bool) {
        let (Ok(head), Ok(next)) = (self.spool.head(), self.spool.next()) else { return };
        self.progress.send_if_modified(|progress| {
            let now = Progress { head, next, dropped: progress.dropped + dropped, full, ..*progress };
            std::mem::replace(progress, now) != now
        });
    }

    fn read(&mut self, from: u64, records: u64, bytes: usize) -> Result<Found, SpoolError> {
        let mut found = self.spool.read_on(from, records, bytes)?;
        if found.is_empty() {
            // Looked at once more behind that number: what another run adds meanwhile is not passed over.
            let next = self.spool.next()?;
            found = self.spool.read_on(from, records, bytes)?;
            if found.is_empty() {
                return Ok(Found::UpTo(next));
            }
        }
        self.keep = found.last().map_or(self.keep, Stored::end);
        Ok(Found::Blocks(found))
    }

    fn answer(&mut self, request: Request) {
        match request {
            Request::Read { from, records, bytes, reply } => {
                let _ = reply.send(self.read(from, records, bytes).map_err(SpoolWorkerError::from));
            }
            Request::Lock(reply) => {
                let lock = self.spool.try_drain();
                if let (Ok(Some(_)), Ok(first)) = (&lock, self.spool.first()) {
                    // What another run had in its hands is in nobody's.
                    self.keep = first;
                }
                // Whoever drained before may have gone on since it was last looked.
                self.look();
                _ = reply.send(lock.map_err(SpoolWorkerError::from));
            }
            Request::Fate(numbers, reply) => {
                _ = reply.send(self.spool.dropped_in(numbers).map_err(SpoolWorkerError::from))
            }
            Request::Held(numbers, reply) => _ = reply.send(self.spool.held(numbers).map_err(SpoolWorkerError::from)),
            Request::Status(reply) => _ = reply.send(self.spool.status().map_err(SpoolWorkerError::from)),
            Request::Fault(reply) => _ = reply.send(self.broken.take().map_or(Ok(()), |why| Err(why.into()))),
            Request::Take(..) | Request::Done(..) | Request::Hold(..) | Request::NoMoreRoom => {}
        }
    }
}

/// Whether it is over as soon as there is room, or another process has done its work.
fn heals(why: &SpoolError) -> bool {
    matches!(why, SpoolError::Busy | SpoolError::Full { .. } | SpoolError::NoSpace)
}
