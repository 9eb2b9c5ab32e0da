//! Lines straight from the input: what is lost with this process was never said to be safe.

use std::io::Read;

use super::error::StreamError;
use super::host::StreamHost;
use super::line_input::LineInput;
use super::options::Options;
use super::send_window::SendWindow;
use super::source::{Delivered, LogIn, Refusal, Refused, Retries, Source, Stop};
use crate::publisher::shutdown::Cause;
use crate::publisher::stats::Stats;
use crate::publisher::window::Qos0;

/// The input of a run, which is not read before the first log-in.
pub struct Direct<'a, H, R> {
    options: &'a Options,
    host: &'a H,
    state: State<'a, H, R>,
}

enum State<'a, H, R> {
    Unread(R),
    Reading(LineInput<'a, H>),
    /// The system refused to start a thread.
    Failed,
}

impl<'a, H: StreamHost, R: Read + Send + 'static> Direct<'a, H, R> {
    pub fn new(options: &'a Options, host: &'a H, input: R) -> Self {
        Direct { options, host, state: State::Unread(input) }
    }

    fn reading(&self) -> Option<&LineInput<'a, H>> {
        if let State::Reading(input) = &self.state { Some(input) } else { None }
    }
}

impl<H: StreamHost, R: Read + Send + 'static> Source for Direct<'_, H, R> {
    type Host = H;

    /// With it the whole process stays below 16 MB: 65,535 short lines fit, or some 35,000 of 100 bytes.
    const WINDOW_BYTES: usize = 5 * 1024 * 1024;
    const QOS_0: Qos0 = Qos0::Forget;

    fn start(&mut self) -> Result<(), StreamError> {
        if let State::Unread(input) = std::mem::replace(&mut self.state, State::Failed) {
            self.state = State::Reading(LineInput::start(self.options, self.host, input)?);
        }
        Ok(())
    }

    fn fill(&mut self, window: &mut SendWindow<'_, H>) -> Result<bool, StreamError> {
        match &mut self.state {
            State::Reading(input) if input.has_lines() && window.window.has_room() => {
                input.offer(|line, taken, record| window.admit(line, taken, record))
            }
            _ => Ok(false),
        }
    }

    fn has_messages(&self) -> bool {
        self.reading().is_some_and(LineInput::has_lines)
    }

    async fn more(&mut self, window_has_room: bool) -> Result<(), StreamError> {
        match &mut self.state {
            State::Reading(input) if window_has_room && !input.has_ended() && !input.has_lines() => input.more().await,
            _ => std::future::pending().await,
        }
    }

    fn acknowledged(&mut self, _: Delivered) {}

    fn disconnected(&mut self, _: Delivered) {}

    fn refused(&mut self, message: &Refused<'_>, refusal: Refusal) -> Result<(), StreamError> {
        Err(message.error(refusal))
    }

    fn is_finished(&self) -> bool {
        self.reading().is_some_and(|input| input.has_ended() && !input.has_lines())
    }

    fn may_end_early(&self) -> bool {
        // Nothing is wrong if all that came is delivered: more was not asked for.
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
        let (read, rejected) = self.reading().map_or((0, 0), |input| (input.read, input.rejected));
        Stats { read, rejected, ..*sent }
    }

    fn finish(&mut self) -> Result<(), StreamError> {
        match &mut self.state {
            State::Reading(input) => input.failure.take().map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }
}
