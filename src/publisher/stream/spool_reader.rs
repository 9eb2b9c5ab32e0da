//! Reads records from the spool, and reports progress back to it.

use std::collections::VecDeque;
use std::time::SystemTime;

use tokio::sync::watch;

use super::error::StreamError;
use super::host::KeptIn;
use super::source::Delivered;
use crate::spool::worker::{Found, PendingAnswer, Progress, SpoolHandle, SpoolWorkerError, Urgency};
use crate::spool::{Block, Cursor, Record, Stored};

/// Bytes to read at once. While they are being sent, as many are read ahead, so that nothing waits for the
/// disk even during writes.
const READ_BYTES: usize = 3 * Block::FULL;
/// Records to read ahead even if the window is small.
const MIN_READ_AHEAD: u64 = 4;
/// Progress is reported to the spool once it is this fraction of the records that may be in flight.
const PARTS: u64 = 4;

/// The outcome of a record that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offered {
    Accepted,
    NotYet,
    /// It cannot be sent.
    Rejected(KeptIn),
    /// Its topic was refused.
    Refused(KeptIn),
}

/// The reading end of a spool.
pub struct SpoolReader {
    spool: SpoolHandle,
    progress: watch::Receiver<Progress>,
    /// Where draining ends.
    end: watch::Receiver<DrainEnd>,
    /// The next record that goes into the window.
    next: u64,
    /// The next record that is read.
    read: u64,
    reading: Option<PendingAnswer<Found>>,
    blocks: VecDeque<(Stored, Cursor)>,
    /// The bytes of these blocks.
    ahead: usize,
    /// Records below this number have been reported acknowledged.
    noted: u64,
    /// Records below this number were reported as urgent.
    urged: u64,
    /// Most records whose delivery the spool may not know of yet: those may be sent twice if this process is killed.
    limit: u64,
    /// The first record that is not an earlier run's.
    pub own_from: u64,
    /// Records below this number that earlier runs could not send are tried again.
    again: u64,
    /// Of those, the ones in flight.
    retries: VecDeque<u64>,
    /// Some record cannot be sent and stays in the spool.
    holds_unsendable: bool,
    /// Records that were refused. They are not held before something is delivered: if everything is refused, the
    /// spool stays unchanged.
    refused: Vec<u64>,
    /// Something was delivered.
    delivered: bool,
}

/// Where draining a spool ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrainEnd {
    /// The input continues.
    Open,
    /// The input has ended; records from this number on are not drained.
    Before(u64),
}

impl SpoolReader {
    /// Returns a reader that has at most `limit` records in flight.
    pub fn new(spool: &SpoolHandle, end: watch::Receiver<DrainEnd>, limit: usize) -> SpoolReader {
        let progress = spool.progress();
        let Progress { head: next, next: own_from, .. } = *progress.borrow();
        SpoolReader {
            own_from,
            spool: spool.clone(),
            progress,
            end,
            next,
            read: next,
            reading: None,
            blocks: VecDeque::new(),
            ahead: 0,
            noted: next,
            urged: 0,
            limit: limit as u64,
            again: 0,
            retries: VecDeque::new(),
            holds_unsendable: false,
            refused: Vec::new(),
            delivered: false,
        }
    }

    /// Begins at the head of the spool, or at the first held record; nothing else drains from now on.
    pub fn begin(&mut self, held: &[u64]) {
        self.noted = self.progress.borrow_and_update().head;
        self.again = self.noted;
        self.next = held.first().map_or(self.noted, |first| self.noted.min(*first));
        self.read = self.next;
    }

    /// Returns whether the spool will get no more lines.
    pub fn input_has_ended(&self) -> bool {
        *self.end.borrow() != DrainEnd::Open
    }

    /// Waits until the spool will get no more lines; forever if that is already the case. May be cancelled.
    pub async fn input_ended(&mut self) {
        if self.input_has_ended() || self.end.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// Returns whether everything that should be drained has left the spool.
    pub fn is_finished(&self) -> bool {
        let now = *self.progress.borrow();
        // If only unsendable records are left, nothing will make room.
        let end = match *self.end.borrow() {
            _ if self.holds_unsendable && now.full && now.head >= now.next => now.next,
            DrainEnd::Before(end) => end,
            DrainEnd::Open => return false,
        };
        now.head >= end && self.next >= self.again && self.retries.is_empty()
    }

    /// Returns whether everything that is or could be available was refused; with `for_now`, more may come.
    pub fn has_only_refused(&self, for_now: bool) -> bool {
        let now = *self.progress.borrow();
        let end = match *self.end.borrow() {
            DrainEnd::Before(end) => end,
            DrainEnd::Open if for_now => now.next,
            DrainEnd::Open => u64::MAX,
        };
        let is_all = self.next >= end || self.next >= now.head + self.limit;
        is_all && !self.refused.is_empty() && self.retries.is_empty()
    }

    /// Returns whether something was delivered.
    pub fn has_delivered(&self) -> bool {
        self.delivered
    }

    /// Notes that something was delivered, so refused records are held from now on.
    pub fn delivered(&mut self) {
        self.delivered = true;
        let refused = std::mem::take(&mut self.refused);
        self.holds_unsendable |= !refused.is_empty();
        refused.into_iter().for_each(|record| self.spool.hold(record));
    }

    /// Notes that a record was refused, and where it is.
    pub fn refused(&mut self, record: u64, place: KeptIn) {
        let at = self.retries.iter().position(|retried| *retried == record);
        match (place, at) {
            (KeptIn::Rejects, _) => {}
            (KeptIn::Source, Some(at)) => {
                self.retries.remove(at);
                self.holds_unsendable = true;
            }
            (KeptIn::Source, None) if self.delivered => {
                self.holds_unsendable = true;
                self.spool.hold(record);
            }
            (KeptIn::Source, None) => self.refused.push(record),
        }
    }

    /// Returns whether there are records to [`offer`](Self::offer).
    pub fn has_records(&self) -> bool {
        // So many may be in flight that progress must reach the spool first.
        !self.blocks.is_empty() && self.next < self.progress.borrow().head + self.limit
    }

    /// Collects what has been read, and requests more before that is used up. Returns whether something arrived.
    ///
    /// # Errors
    /// [`StreamError::Spool`].
    pub fn read_ahead(&mut self) -> Result<bool, StreamError> {
        let found = self.reading.as_mut().and_then(PendingAnswer::try_get);
        let is_new = found.is_some();
        if let Some(found) = found {
            self.take(found)?;
        }
        // Records that were read are no longer dropped, so no more are read than may be in flight.
        let most = self.limit.max(MIN_READ_AHEAD);
        let is_short = self.ahead < READ_BYTES && self.read < self.next + most;
        if is_short && self.reading.is_none() && self.read < self.progress.borrow().next {
            self.reading = Some(self.spool.read(self.read, most, READ_BYTES));
        }
        Ok(is_new)
    }

    fn take(&mut self, found: Result<Found, SpoolWorkerError>) -> Result<(), StreamError> {
        self.reading = None;
        match found.map_err(StreamError::Spool)? {
            Found::Blocks(found) => {
                for stored in found {
                    self.read = stored.end();
                    self.ahead += stored.block.bytes();
                    self.blocks.push_back((stored, Cursor::default()));
                }
            }
            Found::UpTo(number) => self.read = self.read.max(number),
        }
        Ok(())
    }

    /// Waits for records, for progress of the spool, or for the end of the input. May be cancelled.
    ///
    /// # Errors
    /// [`StreamError::Spool`].
    pub async fn more(&mut self) -> Result<(), StreamError> {
        if self.read_ahead()? {
            return Ok(());
        }
        let SpoolReader { spool, progress, end, reading, .. } = self;
        let found = async {
            match reading {
                Some(answer) => answer.get().await,
                None => std::future::pending().await,
            }
        };
        let ended = async {
            if *end.borrow() != DrainEnd::Open || end.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            found = found => self.take(found)?,
            changed = progress.changed() => {
                // The thread ends only after its last user.
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
                if progress.borrow().broken {
                    spool.fault().get().await.map_err(StreamError::Spool)?;
                }
            }
            () = ended => {}
        }
        Ok(())
    }

    /// Offers one record after the other of the first block, until one is not accepted or none is left. Returns whether any
    /// was accepted or rejected.
    ///
    /// # Errors
    /// A damaged record, or what `accept` returns.
    pub fn offer(
        &mut self,
        mut accept: impl FnMut(u64, SystemTime, &Record<'_>) -> Result<Offered, StreamError>,
    ) -> Result<bool, StreamError> {
        let last = self.progress.borrow().head + self.limit;
        let before = self.next;
        let Some((stored, cursor)) = self.blocks.front_mut() else { return Ok(false) };
        let mut records = stored.block.records_at(*cursor);
        while let Some(record) = records.next() {
            let record = record.map_err(|e| StreamError::Spool(e.into()))?;
            let number = stored.first + records.cursor().index() - 1;
            if number < self.next || number < stored.waiting_from(self.again) {
                *cursor = records.cursor();
                continue;
            }
            if number >= last {
                return Ok(self.next > before);
            }
            match accept(number, stored.taken, &record)? {
                Offered::NotYet => return Ok(self.next > before),
                Offered::Accepted if stored.held => self.retries.push_back(number),
                Offered::Accepted => {}
                Offered::Rejected(KeptIn::Rejects) | Offered::Refused(KeptIn::Rejects) if stored.held => {
                    self.spool.release(number);
                }
                Offered::Rejected(KeptIn::Rejects) | Offered::Refused(KeptIn::Rejects) => {}
                Offered::Refused(KeptIn::Source) if !stored.held && !self.delivered => self.refused.push(number),
                Offered::Rejected(KeptIn::Source) | Offered::Refused(KeptIn::Source) => {
                    self.holds_unsendable = true;
                    if !stored.held {
                        self.spool.hold(number);
                    }
                }
            }
            self.next = number + 1;
            *cursor = records.cursor();
        }
        self.ahead -= stored.block.bytes();
        self.blocks.pop_front();
        Ok(self.next > before)
    }

    /// Returns the number below which everything is done.
    fn below(&mut self, so_far: Delivered) -> u64 {
        if self.blocks.is_empty() && self.reading.is_none() {
            // Records dropped after the last block are not waited for.
            self.next = self.next.max(self.read);
        }
        let below = match so_far {
            Delivered::All => self.next,
            Delivered::Below(number) => number,
        };
        let below = self.refused.iter().fold(below, |below, refused| below.min(*refused));
        while let Some(first) = self.retries.front()
            && (so_far == Delivered::All || matches!(so_far, Delivered::Below(number) if *first < number))
        {
            self.spool.release(*first);
            self.retries.pop_front();
        }
        below
    }

    /// Reports progress to the spool if it is enough, or time.
    pub fn note(&mut self, so_far: Delivered) {
        let below = self.below(so_far);
        let nothing_in_flight = below == self.next;
        let now = *self.progress.borrow();
        let is_last = nothing_in_flight && matches!(*self.end.borrow(), DrainEnd::Before(end) if self.next >= end);
        // One report for many records, because each costs a commit and a wake-up of every reader of the progress.
        let enough = (self.limit / PARTS).max(1);
        let known = now.head.max(self.urged);
        // The window or the producer waits for it.
        let is_pressing = self.next >= now.head + self.limit / 2 && below >= known + enough;
        if below > known && (now.full || is_last || is_pressing) {
            self.report(below, Urgency::Now);
        } else if below > self.noted && (nothing_in_flight || now.head >= self.noted || below >= self.noted + enough) {
            self.report(below, Urgency::Soon);
        }
    }

    /// Reports all progress to the spool: there may be no more for a long time, or ever.
    pub fn note_all(&mut self, so_far: Delivered) {
        let below = self.below(so_far);
        if below > self.progress.borrow().head.max(self.urged) {
            self.report(below, Urgency::Now);
        }
    }

    fn report(&mut self, below: u64, urgency: Urgency) {
        self.noted = below;
        if urgency == Urgency::Now {
            self.urged = below;
        }
        self.spool.done(below, urgency);
    }
}
