//! Lines on their way into the spool: checked, made blocks, and counted once they are on disk.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

use super::super::format::BadLine;
use crate::spool::worker::{Answer, SpoolHandle, SpoolWorkerError};
use super::intake::{LineInput, Taken};
use super::{Options, StreamError, StreamHost};
use crate::mqtt::packet::MAX_PACKET;
use crate::spool::{Block, Record};

/// Blocks on their way to the disk: enough for groups, and little memory.
const WAITING: usize = 8;
/// The same in bytes, for long lines, each of which is a block.
const WAITING_BYTES: usize = WAITING * Block::FULL;

/// A block on its way.
struct Waiting {
    lines: u64,
    /// The number of the first line.
    line: u64,
    bytes: usize,
    first: Answer<u64>,
}

/// The writing end of a spool.
pub struct SpoolWriter<'a, S> {
    options: &'a Options,
    surroundings: &'a S,
    queue: SpoolHandle,
    /// Bytes at which a block is full.
    full: usize,
    pub intake: LineInput<'a, S>,
    waiting: VecDeque<Waiting>,
    /// Of all that is waiting.
    waiting_bytes: usize,
    /// Lines that are on disk.
    pub spooled: u64,
    /// From the first record of these to the last; other runs' may lie between.
    pub own: Option<Range<u64>>,
}

impl<'a, S: StreamHost> SpoolWriter<'a, S> {
    /// Takes what `intake` gives.
    pub fn new(options: &'a Options, surroundings: &'a S, queue: &SpoolHandle, intake: LineInput<'a, S>) -> Self {
        // In a small spool there shall be something to drop, or to drain, that is less than all.
        let share = queue.max_bytes().map_or(usize::MAX, |max| usize::try_from(max / 4).unwrap_or(usize::MAX));
        // A block that nothing fits into would never be taken, nor refused.
        let (queue, waiting, full) = (queue.clone(), VecDeque::new(), Block::FULL.min(share).max(1));
        SpoolWriter { options, surroundings, queue, full, intake, waiting, waiting_bytes: 0, spooled: 0, own: None }
    }

    /// Takes lines until the end of the input, or until it is stopped.
    ///
    /// # Errors
    /// [`StreamError::NotTaken`]; a bad line cannot be put aside.
    pub async fn run(&mut self) -> Result<(), StreamError> {
        let mut result = self.take_all().await;
        // Whatever has ended it, what is on its way is counted.
        while let Some(waiting) = self.waiting.front_mut() {
            let first = waiting.first.get().await;
            result = result.and(self.taken(first));
        }
        result
    }

    async fn take_all(&mut self) -> Result<(), StreamError> {
        while !self.intake.has_ended() || self.intake.has_lines() {
            let has_room = self.waiting.len() < WAITING && self.waiting_bytes < WAITING_BYTES;
            if self.intake.has_lines() && has_room {
                self.take()?;
                continue;
            }
            let answer = async {
                match self.waiting.front_mut() {
                    Some(waiting) => waiting.first.get().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                first = answer => self.taken(first)?,
                more = self.intake.more(), if has_room => more?,
            }
        }
        Ok(())
    }

    fn taken(&mut self, first: Result<u64, SpoolWorkerError>) -> Result<(), StreamError> {
        let Some(Waiting { lines, line, bytes, .. }) = self.waiting.pop_front() else { return Ok(()) };
        self.waiting_bytes -= bytes;
        let first = first.map_err(|source| StreamError::NotTaken { line, source })?;
        self.spooled += lines;
        let from = self.own.as_ref().map_or(first, |own| own.start);
        self.own = Some(from..first + lines);
        Ok(())
    }

    /// Makes a block of the lines at hand, or of as many as make a full one.
    fn take(&mut self) -> Result<(), StreamError> {
        let taken = self.intake.taken;
        let (mut block, full) = (Block::default(), self.full);
        let (options, surroundings) = (self.options, self.surroundings);
        let mut known: Option<String> = None;
        let line = self.intake.read + 1;
        self.intake.offer(|_, _, message| {
            if block.bytes() >= full {
                return Ok(Taken::NotYet);
            }
            let topic = match (&message.topic, &options.topic) {
                (Some(text), _) => {
                    if known.as_deref() != Some(text) {
                        surroundings.topic(text).map_err(BadLine::Topic)?;
                        known = Some(text.clone().into_owned());
                    }
                    Cow::Borrowed(&**text)
                }
                (None, Some(topic)) => Cow::Borrowed(topic.as_str()),
                (None, None) => return Err(BadLine::NoTopic),
            };
            let record = Record {
                topic: &topic,
                payload: &message.payload,
                qos: message.qos.unwrap_or(options.qos),
                retain: message.retain.unwrap_or(options.retain),
            };
            block.push(&record).map_err(|_| BadLine::TooLarge { max: MAX_PACKET })?;
            Ok(Taken::Yes)
        })?;
        if !block.is_empty() {
            let (lines, bytes) = (block.len(), block.bytes());
            self.waiting_bytes += bytes;
            self.waiting.push_back(Waiting { lines, line, bytes, first: self.queue.take(taken, block) });
        }
        Ok(())
    }
}
