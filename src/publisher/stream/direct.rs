//! Lines straight from the input: lines that are lost with this process were never reported as safe.

use std::io::Read;
use std::sync::Arc;

use super::aside::put_aside;
use super::error::StreamError;
use super::host::{Event, KeptIn, StreamHost};
use super::line_input::LineInput;
use super::options::Options;
use super::refusal::{MessageNumber, Refusal, Refused, Unsendable};
use super::send_window::SendWindow;
use super::source::{Delivered, LogIn, Retries, Source, Stop};
use crate::publisher::format::Format;
use crate::publisher::shutdown::Cause;
use crate::publisher::stats::Stats;
use crate::publisher::window::{Qos0, Tracked};
use crate::spool::Record;

/// The input of a run, which is not read before the first log-in.
pub struct Direct<'a, H, R> {
    options: &'a Options,
    host: &'a H,
    state: DirectInput<'a, H, R>,
    /// The first refused message, and how many were refused.
    refusal: Option<StreamError>,
    refused: u64,
    /// Something was delivered.
    delivered: bool,
    /// Nothing keeps refused messages, so no more lines are read.
    is_ending: bool,
}

enum DirectInput<'a, H, R> {
    Unread(R),
    Reading(Box<LineInput<'a, H>>),
    /// The system refused to start a thread.
    Failed,
}

impl<'a, H: StreamHost, R: Read + Send + 'static> Direct<'a, H, R> {
    pub fn new(options: &'a Options, host: &'a H, input: R) -> Self {
        let state = DirectInput::Unread(input);
        Direct { options, host, state, refusal: None, refused: 0, delivered: false, is_ending: false }
    }

    /// Returns whether nothing more is sent, because refused messages are not kept, or the only topic is refused.
    fn has_given_up(&self) -> bool {
        let is_only_topic = self.options.format == Format::Payload;
        self.is_ending || is_only_topic && self.refusal.is_some() && !self.delivered
    }

    fn reading(&self) -> Option<&LineInput<'a, H>> {
        if let DirectInput::Reading(input) = &self.state { Some(input) } else { None }
    }
}

impl<H: StreamHost, R: Read + Send + 'static> Source for Direct<'_, H, R> {
    type Host = H;

    /// With it the whole process stays below 16 MB: 65,535 short lines fit, or some 35,000 of 100 bytes.
    const WINDOW_BYTES: usize = 5 * 1024 * 1024;
    const QOS_0: Qos0 = Qos0::Forget;

    fn start(&mut self) -> Result<(), StreamError> {
        if let DirectInput::Unread(input) = std::mem::replace(&mut self.state, DirectInput::Failed) {
            self.state = DirectInput::Reading(Box::new(LineInput::start(self.options, self.host, input)?));
        }
        Ok(())
    }

    fn fill(&mut self, window: &mut SendWindow<'_, H>) -> Result<bool, StreamError> {
        let has_given_up = self.has_given_up();
        match &mut self.state {
            DirectInput::Reading(input) if !has_given_up && input.has_lines() && window.window.has_room() => {
                input.offer(|line, taken, record| window.admit(line, taken, record))
            }
            _ => Ok(false),
        }
    }

    fn has_messages(&self) -> bool {
        !self.has_given_up() && self.reading().is_some_and(LineInput::has_lines)
    }

    async fn more(&mut self, window_has_room: bool) -> Result<(), StreamError> {
        let wants_more = window_has_room && !self.has_given_up();
        match &mut self.state {
            DirectInput::Reading(input) if wants_more && !input.has_ended() && !input.has_lines() => input.more().await,
            _ => std::future::pending().await,
        }
    }

    fn acknowledged(&mut self, _: Delivered, _: &Stats) {}

    fn disconnected(&mut self, _: Delivered) {}

    fn origin(number: u64) -> MessageNumber {
        MessageNumber::Line(number)
    }

    fn delivered(&mut self) {
        self.delivered = true;
    }

    fn refused(
        &mut self,
        Refused { broker, topic, message }: &Refused<'_>,
        refusal: Refusal,
    ) -> Result<(), StreamError> {
        let origin = MessageNumber::Line(message.line);
        let Tracked { payload, qos, retain, .. } = *message;
        let place = put_aside(self.options, self.host, &Record { topic: topic.as_str(), payload, qos, retain })?;
        if place == KeptIn::Rejects {
            let why = &Unsendable::Refused { refusal, broker: Arc::clone(broker) };
            self.host.tell(&Event::Unsendable { origin, topic: topic.as_str(), why, place });
        } else {
            self.is_ending = true;
            self.reading().iter().for_each(|input| input.stopper().stop());
        }
        self.refused += 1;
        self.refusal.get_or_insert_with(|| {
            let (topic, broker) = ((*topic).clone(), Arc::clone(broker));
            StreamError::Refused { origin, topic, refusal, broker }
        });
        Ok(())
    }

    fn is_finished(&self) -> bool {
        self.has_given_up() || self.reading().is_some_and(|input| input.has_ended() && !input.has_lines())
    }

    fn may_end_early(&self) -> bool {
        // Nothing is wrong if everything that arrived is delivered: no more was requested.
        !self.has_messages()
    }

    fn stop(&mut self) -> Stop {
        match self.reading() {
            Some(input) => {
                input.stopper().stop();
                Stop::Drain
            }
            None => Stop::Over,
        }
    }

    async fn input_ended(&mut self) {
        std::future::pending().await
    }

    fn retries(&self, log_in: LogIn) -> Retries {
        match log_in {
            LogIn::First => Retries::AtMost(self.options.retry_first),
            LogIn::Later => Retries::Unlimited,
        }
    }

    fn unfinished(&self, cause: Cause, sent: &Stats) -> StreamError {
        let stats = self.count(sent);
        match (stats.missing(), stats.read) {
            (0, read) => StreamError::Cut { read, cause },
            (missing, read) => StreamError::Unfinished { missing, read, cause },
        }
    }

    fn count(&self, sent: &Stats) -> Stats {
        let (read, rejected, refused) =
            self.reading().map_or((0, 0, 0), |input| (input.read, input.rejected, input.refused));
        Stats { read, rejected, refused: self.refused + refused, ..*sent }
    }

    fn finish(&mut self) -> Result<(), StreamError> {
        if self.is_ending || !self.delivered {
            self.refusal.take().map_or(Ok(()), Err)?;
        }
        match &mut self.state {
            DirectInput::Reading(input) => input.failure.take().map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }
}
