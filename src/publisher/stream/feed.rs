//! Records on their way from the spool into the window, and word of what is done on its way back.

use std::borrow::Cow;
use std::collections::VecDeque;

use tokio::sync::watch;

use super::super::format::Decoded;
use crate::spool::worker::{Answer, Found, Progress, SpoolHandle, SpoolWorkerError, Urgency};
use super::intake::Taken;
use super::outbox::SendWindow;
use super::{Event, StreamError, StreamHost};
use crate::spool::{Block, Cursor, Stored};

/// Bytes that are read at once. While they are at work so many are read ahead that nothing waits for the disk, also
/// while it is being written to.
const AT_ONCE: usize = 3 * Block::FULL;
/// Records that are read ahead however small the window is.
const FEW: u64 = 4;
/// Of the records that the spool may not know to be done, how many parts it is told of at once.
const PARTS: u64 = 4;

/// The reading end of a spool.
pub struct SpoolReader {
    queue: SpoolHandle,
    progress: watch::Receiver<Progress>,
    /// Once the input has ended: the number behind the last record that is to be drained.
    end: watch::Receiver<Option<u64>>,
    /// The next record that goes into the window.
    next: u64,
    /// The next record that is read.
    read: u64,
    reading: Option<Answer<Found>>,
    blocks: VecDeque<(Stored, Cursor)>,
    /// Bytes of these blocks.
    ahead: usize,
    /// What the spool was told to be done: all below this number.
    noted: u64,
    /// The same, where it was to be on disk at once.
    urged: u64,
    /// Records that the spool does not know to be done, at the most: those may be sent twice if this process is killed.
    limit: u64,
    /// What earlier runs could not send lies before this number, and is tried again.
    again: u64,
    /// Of that, what is on its way.
    retries: VecDeque<u64>,
    /// The first record that cannot be sent and stays in the spool.
    stuck: Option<StreamError>,
    /// Records that cannot be sent and were put aside.
    pub rejected: u64,
}

impl SpoolReader {
    /// From the oldest record on.
    pub fn new(queue: &SpoolHandle, end: watch::Receiver<Option<u64>>, limit: usize) -> SpoolReader {
        let progress = queue.progress();
        let next = progress.borrow().head;
        let (queue, blocks, limit) = (queue.clone(), VecDeque::new(), limit as u64);
        let (reading, retries, stuck) = (None, VecDeque::new(), None);
        SpoolReader {
            queue,
            progress,
            end,
            next,
            read: next,
            reading,
            blocks,
            ahead: 0,
            noted: next,
            urged: 0,
            limit,
            again: 0,
            retries,
            stuck,
            rejected: 0,
        }
    }

    /// Takes the head of the queue for the place to begin, or the first of those that are held: nobody else drains from
    /// now on.
    pub fn begin(&mut self, held: &[u64]) {
        self.noted = self.progress.borrow_and_update().head;
        self.again = self.noted;
        self.next = held.first().map_or(self.noted, |first| self.noted.min(*first));
        self.read = self.next;
    }

    /// What cannot be sent and stays in the spool, if there is such a record.
    pub fn stuck(&mut self) -> Option<StreamError> {
        self.stuck.take()
    }

    /// Whether no more lines are taken into the spool.
    pub fn input_has_ended(&self) -> bool {
        self.end.borrow().is_some()
    }

    /// Waits until no more lines are taken into the spool; for ever if that is so already. May be cancelled.
    pub async fn input_ends(&mut self) {
        if self.input_has_ended() || self.end.changed().await.is_err() {
            std::future::pending().await
        }
    }

    /// Whether all that is to be drained is gone from the spool.
    pub fn is_finished(&self) -> bool {
        let now = *self.progress.borrow();
        // Where only what cannot be sent is left to make room, nobody will.
        let has_to_end = self.stuck.is_some() && now.full && now.head >= now.next;
        let end = if has_to_end { Some(now.next) } else { *self.end.borrow() };
        end.is_some_and(|end| now.head >= end) && self.next >= self.again && self.retries.is_empty()
    }

    /// Whether there are records at hand to [`fill`](Self::fill) with.
    pub fn has_records(&self) -> bool {
        !self.blocks.is_empty() && !self.is_ahead()
    }

    /// So many are out that the spool has to learn first what is done.
    fn is_ahead(&self) -> bool {
        self.next >= self.progress.borrow().head + self.limit
    }

    /// Takes what has been read, and has more read before it is used up: whether something new is there.
    ///
    /// # Errors
    /// [`StreamError::Spool`].
    pub fn read_ahead(&mut self) -> Result<bool, StreamError> {
        let found = self.reading.as_mut().and_then(Answer::try_get);
        let is_new = found.is_some();
        if let Some(found) = found {
            self.take(found)?;
        }
        // What is read is not dropped any more, so it is no more than what may be out.
        let most = self.limit.max(FEW);
        let is_short = self.ahead < AT_ONCE && self.read < self.next + most;
        if is_short && self.reading.is_none() && self.read < self.progress.borrow().next {
            self.reading = Some(self.queue.read(self.read, most, AT_ONCE));
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

    /// Waits for records, for word from the spool, or for the end of the input. May be cancelled.
    ///
    /// # Errors
    /// [`StreamError::Spool`].
    pub async fn more(&mut self) -> Result<(), StreamError> {
        if self.read_ahead()? {
            return Ok(());
        }
        let SpoolReader { queue, progress, end, reading, .. } = self;
        let found = async {
            match reading {
                Some(answer) => answer.get().await,
                None => std::future::pending().await,
            }
        };
        let ended = async {
            if end.borrow().is_some() || end.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            found = found => self.take(found)?,
            changed = progress.changed() => {
                // The thread ends after its last user only.
                if changed.is_err() {
                    std::future::pending::<()>().await;
                }
                if progress.borrow().broken {
                    queue.fault().get().await.map_err(StreamError::Spool)?;
                }
            }
            () = ended => {}
        }
        Ok(())
    }

    /// Takes records into the window: whether there were any.
    ///
    /// # Errors
    /// A damaged record, or one that cannot be put aside.
    pub fn fill<S: StreamHost>(&mut self, outbox: &mut SendWindow<'_, S>) -> Result<bool, StreamError> {
        let last = self.progress.borrow().head + self.limit;
        let before = self.next;
        let Some((stored, cursor)) = self.blocks.front_mut() else { return Ok(false) };
        let mut records = stored.block.records_at(*cursor);
        let mut used_up = true;
        while let Some(record) = records.next() {
            let record = record.map_err(|e| StreamError::Spool(e.into()))?;
            let number = stored.first + records.cursor().index() - 1;
            if number >= self.next && number >= stored.waiting_from(self.again) {
                let message = Decoded {
                    topic: Some(Cow::Borrowed(record.topic)),
                    payload: Cow::Borrowed(record.payload),
                    qos: Some(record.qos),
                    retain: Some(record.retain),
                };
                used_up = number < last;
                if !used_up {
                    break;
                }
                match outbox.admit(number, stored.taken, &message) {
                    Ok(Taken::Yes) => {
                        self.next = number + 1;
                        if stored.held {
                            self.retries.push_back(number);
                        }
                    }
                    Ok(Taken::NotYet) => {
                        used_up = false;
                        break;
                    }
                    Err(why) => {
                        let aside = outbox.put_aside(&record)?;
                        outbox.surroundings.tell(&Event::BadRecord { record: number, why: &why, aside });
                        self.rejected += u64::from(aside);
                        match (aside, stored.held) {
                            (true, true) => self.queue.release(number),
                            (false, false) => self.queue.hold(number),
                            _ => {}
                        }
                        match &mut self.stuck {
                            _ if aside => {}
                            Some(StreamError::Unsendable { more, .. }) => *more += 1,
                            stuck => {
                                let topic = record.topic.into();
                                *stuck = Some(StreamError::Unsendable { record: number, topic, more: 0, source: why });
                            }
                        }
                        self.next = number + 1;
                    }
                }
            }
            *cursor = records.cursor();
        }
        if used_up && let Some((stored, _)) = self.blocks.pop_front() {
            self.ahead -= stored.block.bytes();
        }
        Ok(self.next > before)
    }

    /// Everything before it is done: the oldest record in the window, or the next one.
    fn below<S: StreamHost>(&mut self, outbox: &mut SendWindow<'_, S>) -> u64 {
        if self.blocks.is_empty() && self.reading.is_none() {
            // What was dropped behind the last block is not waited for.
            self.next = self.next.max(self.read);
        }
        let oldest = outbox.window.oldest_line();
        while let Some(first) = self.retries.front()
            && oldest.is_none_or(|oldest| *first < oldest)
        {
            self.queue.release(*first);
            self.retries.pop_front();
        }
        oldest.unwrap_or(self.next)
    }

    /// Tells the spool what is done, where it is much, or time.
    pub fn note<S: StreamHost>(&mut self, outbox: &mut SendWindow<'_, S>) {
        let below = self.below(outbox);
        let nothing_out = below == self.next;
        let now = *self.progress.borrow();
        let last = nothing_out && self.end.borrow().is_some_and(|end| self.next >= end);
        // One word for many: each is a commit, and for whoever hears it a way.
        let enough = (self.limit / PARTS).max(1);
        let known = now.head.max(self.urged);
        // Somebody waits for it: the window, or the producer.
        let pressing = self.next >= now.head + self.limit / 2 && below >= known + enough;
        if below > known && (now.full || last || pressing) {
            self.tell(below, Urgency::Now);
        } else if below > self.noted && (nothing_out || now.head >= self.noted || below >= self.noted + enough) {
            self.tell(below, Urgency::Soon);
        }
    }

    /// Tells the spool all that is done: nobody may come to it for long, or ever.
    pub fn note_all<S: StreamHost>(&mut self, outbox: &mut SendWindow<'_, S>) {
        let below = self.below(outbox);
        if below > self.progress.borrow().head.max(self.urged) {
            self.tell(below, Urgency::Now);
        }
    }

    fn tell(&mut self, below: u64, urgency: Urgency) {
        self.noted = below;
        if urgency == Urgency::Now {
            self.urged = below;
        }
        self.queue.done(below, urgency);
    }
}
