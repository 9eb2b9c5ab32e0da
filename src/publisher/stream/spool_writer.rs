//! Writes lines to the spool: checked, gathered into blocks, and counted once they are on disk.

use std::collections::VecDeque;
use std::ops::Range;

use super::admission::Admission;
use super::error::StreamError;
use super::host::StreamHost;
use super::line_input::LineInput;
use super::options::Options;
use crate::mqtt::packet::MAX_PACKET;
use crate::name::Topic;
use crate::publisher::format::BadLine;
use crate::spool::Block;
use crate::spool::worker::{PendingAnswer, SpoolHandle, SpoolWorkerError};

/// Blocks that wait for the disk: enough for group commits, and little memory.
const WAITING: usize = 8;
/// The same in bytes, for long lines, each of which is a block.
const WAITING_BYTES: usize = WAITING * Block::FULL;

/// A block that waits for the disk.
struct Waiting {
    lines: u64,
    /// The number of the first line.
    line: u64,
    bytes: usize,
    first: PendingAnswer<u64>,
}

/// The writing end of a spool.
pub struct SpoolWriter<'a, H> {
    options: &'a Options,
    host: &'a H,
    spool: SpoolHandle,
    /// Bytes at which a block is full.
    full: usize,
    pub input: LineInput<'a, H>,
    waiting: VecDeque<Waiting>,
    /// The bytes of all waiting blocks.
    waiting_bytes: usize,
    /// Lines that are on disk.
    pub spooled: u64,
    /// The range of their records; other runs' may lie between.
    pub own: Option<Range<u64>>,
}

impl<'a, H: StreamHost> SpoolWriter<'a, H> {
    /// Prepares to store the lines of `input`.
    pub fn new(options: &'a Options, host: &'a H, spool: &SpoolHandle, input: LineInput<'a, H>) -> Self {
        // Several blocks have to fit into a small spool, so that one can be dropped or drained without the others.
        let share = spool.max_bytes().map_or(usize::MAX, |max| usize::try_from(max / 4).unwrap_or(usize::MAX));
        SpoolWriter {
            options,
            host,
            spool: spool.clone(),
            // A block of no size would be neither stored nor refused.
            full: Block::FULL.min(share).max(1),
            input,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            spooled: 0,
            own: None,
        }
    }

    /// Stores lines until the end of the input, or until it is stopped.
    ///
    /// # Errors
    /// [`StreamError::NotTaken`]; a bad line cannot be set aside.
    pub async fn run(&mut self) -> Result<(), StreamError> {
        let mut result = self.take_all().await;
        // In any case, blocks that still wait are counted.
        while let Some(waiting) = self.waiting.front_mut() {
            let first = waiting.first.get().await;
            result = result.and(self.stored(first));
        }
        result
    }

    async fn take_all(&mut self) -> Result<(), StreamError> {
        while !self.input.has_ended() || self.input.has_lines() {
            let has_room = self.waiting.len() < WAITING && self.waiting_bytes < WAITING_BYTES;
            if self.input.has_lines() && has_room {
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
                first = answer => self.stored(first)?,
                more = self.input.more(), if has_room => more?,
            }
        }
        Ok(())
    }

    fn stored(&mut self, first: Result<u64, SpoolWorkerError>) -> Result<(), StreamError> {
        let Some(Waiting { lines, line, bytes, .. }) = self.waiting.pop_front() else { return Ok(()) };
        self.waiting_bytes -= bytes;
        let first = first.map_err(|source| StreamError::NotTaken { line, source })?;
        self.spooled += lines;
        let from = self.own.as_ref().map_or(first, |own| own.start);
        self.own = Some(from..first + lines);
        Ok(())
    }

    /// Makes a block of the available lines, or of as many as fill one.
    fn take(&mut self) -> Result<(), StreamError> {
        let taken = self.input.taken;
        let (mut block, full) = (Block::default(), self.full);
        let host = self.host;
        // The topic that was checked last.
        let mut known = self.options.topic.as_ref().map_or("", Topic::as_str).to_owned();
        let line = self.input.read + 1;
        self.input.offer(|_, _, record| {
            if block.bytes() >= full {
                return Ok(Admission::NotYet);
            }
            if record.topic != known {
                host.topic(record.topic).map_err(BadLine::Topic)?;
                record.topic.clone_into(&mut known);
            }
            block.push(record).map_err(|_| BadLine::TooLarge { max: MAX_PACKET })?;
            Ok(Admission::Accepted)
        })?;
        if !block.is_empty() {
            let (lines, bytes) = (block.len(), block.bytes());
            self.waiting_bytes += bytes;
            self.waiting.push_back(Waiting { lines, line, bytes, first: self.spool.take(taken, block) });
        }
        Ok(())
    }
}
