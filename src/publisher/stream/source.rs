//! The source of the messages of a stream, which also learns their outcome.

use super::error::StreamError;
use super::host::StreamHost;
use super::refusal::{MessageNumber, Refusal, Refused};
use super::send_window::SendWindow;
use crate::publisher::shutdown::Cause;
use crate::publisher::stats::Stats;
use crate::publisher::window::Qos0;

/// How often a failed log-in may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retries {
    Unlimited,
    AtMost(u32),
}

/// Whether it is the first log-in of a run or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogIn {
    First,
    Later,
}

/// The effect of a request to stop reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Lines that have been read are still sent.
    Drain,
    /// Nothing has been read: the run is over.
    Over,
}

/// How far the messages of a source are acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Every message that was admitted.
    All,
    /// Every message before this number.
    Below(u64),
}

/// A source of messages. A message that can never be sent is the source's own affair:
/// [`SendWindow::admit`] says so.
pub trait Source {
    type Host: StreamHost;

    /// Most memory of the window, in bytes.
    const WINDOW_BYTES: usize;
    /// What becomes of messages at QoS 0 when a connection ends.
    const QOS_0: Qos0;

    /// Begins to read; called after the first log-in.
    ///
    /// # Errors
    /// The system refuses to start a thread.
    fn start(&mut self) -> Result<(), StreamError>;

    /// Admits as many messages as the window accepts. Returns whether there were any.
    ///
    /// # Errors
    /// The source fails, or a message that cannot be sent cannot be set aside either.
    fn fill(&mut self, window: &mut SendWindow<'_, Self::Host>) -> Result<bool, StreamError>;

    /// Returns whether there are messages available to [`fill`](Self::fill) the window with.
    fn has_messages(&self) -> bool;

    /// Waits for messages, if the window has room, or for news; forever if none can come. May be
    /// cancelled.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    fn more(&mut self, window_has_room: bool) -> impl Future<Output = Result<(), StreamError>>;

    /// Notes progress, which may be often; `sent` is the accounting so far.
    fn acknowledged(&mut self, so_far: Delivered, sent: &Stats);

    /// Notes progress when a connection has ended: there may be no more for a long time, or ever.
    fn disconnected(&mut self, so_far: Delivered);

    /// Returns the origin of the message with this number.
    fn origin(number: u64) -> MessageNumber;

    /// Notes that the first message of this run was delivered: not everything is refused.
    fn delivered(&mut self);

    /// Takes a message that was refused; the stream continues without it.
    ///
    /// # Errors
    /// It cannot be set aside.
    fn refused(&mut self, message: &Refused<'_>, refusal: Refusal) -> Result<(), StreamError>;

    /// Returns whether nothing more will come, and nothing is left that only the source knows about.
    fn is_finished(&self) -> bool;

    /// Returns whether everything requested from the source is done once the window is empty.
    fn may_end_early(&self) -> bool;

    /// Stops reading.
    fn stop(&mut self) -> Stop;

    /// Waits until the input of a source that outlives it has ended; forever for others. May be cancelled.
    fn input_ended(&mut self) -> impl Future<Output = ()>;

    /// Returns how often a failed log-in may be tried again now.
    fn retries(&self, log_in: LogIn) -> Retries;

    /// Returns the error of a run that `cause` ends before everything is done.
    fn unfinished(&self, cause: Cause, sent: &Stats) -> StreamError;

    /// Adds what the source has read and rejected to what was sent.
    fn count(&self, sent: &Stats) -> Stats;

    /// Ends a run whose messages are all done.
    ///
    /// # Errors
    /// The failure that kept the source from giving more messages.
    fn finish(&mut self) -> Result<(), StreamError>;
}
