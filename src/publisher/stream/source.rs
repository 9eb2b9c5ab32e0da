//! Where the messages of a stream come from, and what becomes of them there.

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

/// What a request to stop reading leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// What has been read is still sent.
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

/// A source of messages. One that can never be sent is a matter of the source from the start:
/// [`SendWindow::admit`] says so.
pub trait Source {
    type Host: StreamHost;

    /// Memory of the window at most, in bytes.
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
    /// The source fails, or a message that cannot be sent cannot be put aside either.
    fn fill(&mut self, window: &mut SendWindow<'_, Self::Host>) -> Result<bool, StreamError>;

    /// Returns whether there are messages at hand to [`fill`](Self::fill) the window with.
    fn has_messages(&self) -> bool;

    /// Waits for messages that a window with or without room can use, or for news; forever if none can come. May be
    /// cancelled.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    fn more(&mut self, window_has_room: bool) -> impl Future<Output = Result<(), StreamError>>;

    /// Notes progress, which may be often; `sent` is the accounting so far.
    fn acknowledged(&mut self, so_far: Delivered, sent: &Stats);

    /// Notes progress when a connection has ended: there may be none for long, or ever.
    fn disconnected(&mut self, so_far: Delivered);

    /// Names the message with this number.
    fn origin(number: u64) -> MessageNumber;

    /// Notes that a message of this run was delivered, the first one: not everything is refused.
    fn delivered(&mut self);

    /// Takes a message that was refused; the stream goes on without it.
    ///
    /// # Errors
    /// It cannot be put aside.
    fn refused(&mut self, message: &Refused<'_>, refusal: Refusal) -> Result<(), StreamError>;

    /// Returns whether nothing more will come, and nothing is left that only the source knows of.
    fn is_finished(&self) -> bool;

    /// Returns whether everything that was asked of the source is done once the window is empty.
    fn may_end_early(&self) -> bool;

    /// Stops reading.
    fn stop(&mut self) -> Stop;

    /// Waits until the input of a source that outlives it has ended; forever for others. May be cancelled.
    fn input_ended(&mut self) -> impl Future<Output = ()>;

    /// Returns how often a failed log-in may be tried again, as of now.
    fn retries(&self, log_in: LogIn) -> Retries;

    /// Returns the error of a run that `cause` ends before all is done.
    fn unfinished(&self, cause: Cause, sent: &Stats) -> StreamError;

    /// Adds what the source has read and rejected to what was sent.
    fn count(&self, sent: &Stats) -> Stats;

    /// Ends a run whose messages are all done.
    ///
    /// # Errors
    /// What kept the source from giving more messages.
    fn finish(&mut self) -> Result<(), StreamError>;
}
