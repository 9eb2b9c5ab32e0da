//! Lines on their way in: counted, read by their format, and those that are no message told and put aside.

use std::io::Read;
use std::time::SystemTime;

use super::super::format::{BadLine, Decoded};
use super::super::lines::{Batch, Input, Lines, Stopper};
use super::super::stamp::{self, Stamp};
use super::{Event, Options, StreamError, StreamHost};

/// Whether a line was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// Something else has to happen first.
    NotYet,
}

/// The input of a stream.
pub struct LineInput<'a, S> {
    options: &'a Options,
    surroundings: &'a S,
    lines: Lines,
    /// What has been read and not yet been taken.
    batch: Option<Batch>,
    /// Lines taken from the input, good or bad.
    pub read: u64,
    /// Of these, those that are no message.
    pub rejected: u64,
    ended: bool,
    piece_of_long_line: bool,
    /// When the lines at hand came.
    pub taken: SystemTime,
    /// What ended the reading; to be told when all is drained.
    pub trouble: Option<StreamError>,
}

impl<'a, S: StreamHost> LineInput<'a, S> {
    /// Begins to read.
    ///
    /// # Errors
    /// If there is no thread to be had for it.
    pub fn start(
        options: &'a Options,
        surroundings: &'a S,
        input: impl Read + Send + 'static,
    ) -> Result<Self, StreamError> {
        let lines = Lines::start(input, options.splitting).map_err(StreamError::Input)?;
        let (read, rejected, ended, piece_of_long_line) = (0, 0, false, false);
        Ok(LineInput {
            options,
            surroundings,
            lines,
            batch: None,
            read,
            rejected,
            ended,
            piece_of_long_line,
            taken: SystemTime::UNIX_EPOCH,
            trouble: None,
        })
    }

    /// What has the reading stop.
    pub fn stopper(&self) -> Stopper {
        self.lines.stopper()
    }

    /// Whether there are lines to [`offer`](Self::offer).
    pub fn has_lines(&self) -> bool {
        self.batch.is_some()
    }

    /// Whether nothing more will be read.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Waits for lines, or for the end, with none at hand. May be cancelled.
    ///
    /// # Errors
    /// A bad line cannot be put aside.
    pub async fn more(&mut self) -> Result<(), StreamError> {
        match self.lines.next().await {
            None => self.ended = true,
            Some(Input::Lines(batch)) => {
                self.taken = SystemTime::now();
                self.batch = Some(batch);
            }
            Some(Input::TooLong { bytes, last }) => {
                if !self.piece_of_long_line {
                    self.read += 1;
                    self.reject(BadLine::TooLong { max: self.options.splitting.max_line });
                }
                self.piece_of_long_line = !last;
                self.surroundings.put_aside(&bytes, last).map_err(StreamError::Aside)?;
            }
            Some(Input::Failed(e)) => {
                self.ended = true;
                self.trouble = Some(StreamError::Input(e));
            }
        }
        Ok(())
    }

    /// Offers line after line, each with its number and the time when it came, until one is not taken or none is left: whether any was taken.
    ///
    /// # Errors
    /// A bad line cannot be put aside.
    pub fn offer(
        &mut self,
        mut take: impl FnMut(u64, SystemTime, Decoded<'_>) -> Result<Taken, BadLine>,
    ) -> Result<bool, StreamError> {
        let Some(mut batch) = self.batch.take() else { return Ok(false) };
        let before = self.read;
        let max = self.options.splitting.max_line;
        while !self.ended {
            let Some((line, length)) = batch.peek() else { break };
            let decoded = match line.len() > max {
                true => Err(BadLine::TooLong { max }),
                false => self.decode(line),
            };
            match decoded.and_then(|decoded| take(self.read + 1, self.taken, decoded)) {
                Ok(Taken::Yes) => self.read += 1,
                Ok(Taken::NotYet) => break,
                Err(why) => {
                    self.read += 1;
                    // Put aside first: whoever is told of a line finds it there.
                    self.surroundings.put_aside(line, true).map_err(StreamError::Aside)?;
                    self.reject(why);
                }
            }
            batch.skip(length);
        }
        if !self.ended && batch.peek().is_some() {
            self.batch = Some(batch);
        }
        Ok(self.read > before)
    }

    fn decode<'l>(&self, line: &'l [u8]) -> Result<Decoded<'l>, BadLine> {
        let message = self.options.format.decode(line)?;
        match &self.options.stamp {
            Some(Stamp::Json(field)) => {
                Ok(Decoded { payload: stamp::in_json(message.payload, field, self.taken)?, ..message })
            }
            _ => Ok(message),
        }
    }

    /// Tells of the line that was taken last, and ends the reading if that is wanted.
    fn reject(&mut self, why: BadLine) {
        self.rejected += 1;
        self.surroundings.tell(&Event::BadLine { line: self.read, why: &why });
        if self.options.strict {
            self.ended = true;
            self.batch = None;
            self.lines.stopper().stop();
            self.trouble = Some(StreamError::BadLine { line: self.read, source: why });
        }
    }
}
