//! Lines as they are read: counted, decoded, and reported and set aside if they are not valid messages.

use std::borrow::Cow;
use std::io::Read;
use std::time::SystemTime;

use super::admission::Admission;
use super::error::StreamError;
use super::host::{Event, LinePiece, StreamHost};
use super::options::Options;
use crate::guard::payload::{self, MessageGate};
use crate::name::Topic;
use crate::publisher::format::{BadLine, Decoded};
use crate::publisher::lines::{Batch, Input, Lines, Stopper};
use crate::publisher::stamp::{self, Stamp};
use crate::spool::Record;

/// The input of a stream.
pub struct LineInput<'a, H> {
    options: &'a Options,
    host: &'a H,
    lines: Lines,
    gate: MessageGate,
    /// Lines that have been read and not yet been accepted.
    batch: Option<Batch>,
    /// Lines that came from the input, good or bad.
    pub read: u64,
    /// Of these, those that are not valid messages.
    pub rejected: u64,
    /// Of these, those whose topic was refused before, so that they were not sent.
    pub refused: u64,
    ended: bool,
    piece_of_long_line: bool,
    /// When the lines at hand were read.
    pub taken: SystemTime,
    /// What ended the reading; reported once everything is drained.
    pub failure: Option<StreamError>,
}

impl<'a, H: StreamHost> LineInput<'a, H> {
    /// Starts reading.
    ///
    /// # Errors
    /// The system refuses to start a thread.
    pub fn start(options: &'a Options, host: &'a H, input: impl Read + Send + 'static) -> Result<Self, StreamError> {
        Ok(LineInput {
            options,
            host,
            lines: Lines::start(input, options.splitting).map_err(StreamError::Input)?,
            gate: MessageGate::default(),
            batch: None,
            read: 0,
            rejected: 0,
            refused: 0,
            ended: false,
            piece_of_long_line: false,
            taken: SystemTime::UNIX_EPOCH,
            failure: None,
        })
    }

    /// Returns a handle that stops the reading.
    pub fn stopper(&self) -> Stopper {
        self.lines.stopper()
    }

    /// Returns whether there are lines to [`offer`](Self::offer).
    pub fn has_lines(&self) -> bool {
        self.batch.is_some()
    }

    /// Returns whether nothing more will be read.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Waits for lines or the end, if none are available. May be cancelled.
    ///
    /// # Errors
    /// A bad line cannot be set aside.
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
                self.host
                    .put_aside(&bytes, if last { LinePiece::Last } else { LinePiece::More })
                    .map_err(StreamError::Aside)?;
            }
            Some(Input::Failed(e)) => {
                self.ended = true;
                self.failure = Some(StreamError::Input(e));
            }
        }
        Ok(())
    }

    /// Offers one line after the other, each with its number and the time when it was read, until one is not accepted or
    /// none is left. Returns whether any was accepted or rejected.
    ///
    /// # Errors
    /// A bad line cannot be set aside.
    pub fn offer(
        &mut self,
        mut accept: impl FnMut(u64, SystemTime, &Record<'_>) -> Result<Admission, BadLine>,
    ) -> Result<bool, StreamError> {
        let Some(mut batch) = self.batch.take() else { return Ok(false) };
        let before = self.read;
        let max = self.options.splitting.max_line;
        while !self.ended {
            let Some((line, length)) = batch.peek() else { break };
            let decoded = match line.len() > max {
                true => Err(BadLine::TooLong { max }),
                false => self.decode(line, batch.may_hold_key()),
            };
            let accepted = decoded.and_then(|decoded| {
                let record = self.complete(&decoded)?;
                accept(self.read + 1, self.taken, &record)
            });
            match accepted {
                Ok(Admission::Accepted) => self.read += 1,
                Ok(Admission::NotYet) => break,
                Ok(Admission::Refused) => {
                    (self.read, self.refused) = (self.read + 1, self.refused + 1);
                    self.host.put_aside(line, LinePiece::Last).map_err(StreamError::Aside)?;
                }
                Err(why) => {
                    self.read += 1;
                    // Set aside first, so that the line is in the file by the time it is reported.
                    self.host.put_aside(line, LinePiece::Last).map_err(StreamError::Aside)?;
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

    #[inline]
    fn decode<'l>(&mut self, line: &'l [u8], may_hold_key: bool) -> Result<Decoded<'l>, BadLine> {
        let message = if self.options.allow_secret {
            self.options.format.decode(line)?
        } else {
            self.decode_without_key(line, may_hold_key)?
        };
        if let Some(device) = message.device.as_ref().filter(|device| !self.host.is_device(device)) {
            return Err(BadLine::OtherDevice(device.clone()));
        }
        match &self.options.stamp {
            Some(Stamp::Json(field)) => {
                Ok(Decoded { payload: stamp::in_json(message.payload, field, self.taken)?, ..message })
            }
            _ => Ok(message),
        }
    }

    /// Refuses a line that holds a private key, either in the line itself, because a message about the line may quote it, or
    /// in its decoded payload.
    #[inline]
    fn decode_without_key<'l>(&mut self, line: &'l [u8], may_hold_key: bool) -> Result<Decoded<'l>, BadLine> {
        let decoded = self.options.format.decode(line);
        let (message, may_hold_key) = match &decoded {
            Ok(Decoded { payload: Cow::Borrowed(payload), .. }) => (*payload, may_hold_key),
            Ok(Decoded { payload: Cow::Owned(payload), .. }) => {
                (&payload[..], may_hold_key || payload::may_hold(payload))
            }
            Err(_) => (line, may_hold_key),
        };
        let topic = match &decoded {
            Ok(Decoded { topic: Some(topic), .. }) => topic.as_ref(),
            _ => self.options.topic.as_ref().map_or("", Topic::as_str),
        };
        let found = self.gate.check(topic, message, may_hold_key).or_else(|| {
            // It may be in the topic.
            let topic = match &decoded {
                Ok(Decoded { topic: Some(Cow::Owned(topic)), .. }) => payload::find(topic.as_bytes()),
                _ => None,
            };
            topic.or_else(|| (may_hold_key && message.len() < line.len()).then(|| payload::find(line)).flatten())
        });
        found.map_or(decoded, |form| Err(BadLine::PrivateKey(form)))
    }

    /// Fills in what the line leaves to the options.
    #[inline]
    fn complete<'l>(&'l self, line: &'l Decoded<'_>) -> Result<Record<'l>, BadLine> {
        // A producer that failed must not remove it.
        if line.payload.is_empty() && line.retain.is_none() && self.options.retain {
            return Err(BadLine::EmptyRetained);
        }
        let default = || self.options.topic.as_ref().map(Topic::as_str);
        Ok(Record {
            topic: line.topic.as_deref().or_else(default).ok_or(BadLine::NoTopic)?,
            payload: &line.payload,
            qos: line.qos.unwrap_or(self.options.qos),
            retain: line.retain.unwrap_or(self.options.retain),
        })
    }

    /// Reports the last line as bad, and stops reading if the options say so.
    fn reject(&mut self, why: BadLine) {
        self.rejected += 1;
        self.host.tell(&Event::BadLine { line: self.read, why: &why });
        if self.options.strict {
            self.ended = true;
            self.batch = None;
            self.lines.stopper().stop();
            self.failure = Some(StreamError::BadLine { line: self.read, source: why });
        }
    }
}
