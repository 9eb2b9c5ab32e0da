//! What a stream needs from its caller: log-ins, checks, and a receiver of events.

use std::io;
use std::time::Duration;

use super::refusal::{MessageNumber, Unsendable};
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::{CleanStart, RetryClass, SharedIdSign};
use crate::name::Topic;
use crate::publisher::format::BadLine;

/// Where a message that cannot be sent ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptIn {
    /// On disk with the bad lines, and no longer in the spool.
    Rejects,
    /// Where it came from: in the spool, if there is one.
    Source,
}

/// Which piece of a line is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinePiece {
    /// More of the line follows.
    More,
    /// The whole line, or its last piece.
    Last,
}

/// An event to report to the user.
#[derive(Debug)]
pub enum Event<'a, E> {
    /// This line is not published.
    BadLine { line: u64, why: &'a BadLine },
    /// This message is set aside, or stays where it came from.
    Unsendable { origin: MessageNumber, topic: &'a str, why: &'a Unsendable, place: KeptIn },
    /// Messages of at least this length are not sent to this topic for this time, because such were refused.
    TopicRefused { topic: &'a Topic, from: usize, pause: Duration },
    /// MQTT 5: the broker cannot accept messages for now; they are sent again after `pause`, each for at most `patience`.
    NotTaken { reason: Reason, pause: Duration, patience: Duration },
    /// These records of the spool were refused or could not be sent, and wait for `i3 spool drain`.
    Held { first: u64, records: usize },
    /// The connection has ended; `waiting` messages are to be sent again.
    Lost { why: &'a ConnectionError, waiting: usize, pause: Duration },
    /// A log-in has failed and is tried again after `pause`.
    NoLogIn { why: &'a E, pause: Duration },
    /// Logged in again.
    Back,
    /// A signal came; `waiting` messages are drained.
    Draining { waiting: usize },
    /// Another run drains the spool, and this one waits for it.
    AnotherDrains,
    /// The spool is full for the first time; reading pauses whenever that happens.
    SpoolFull,
    /// Another client seems to use the same client id ([`SharedId`](crate::mqtt::reconnect::SharedId)).
    IdIsShared(SharedIdSign),
    /// The clock was set by this many seconds; this does not change the age of the records in the spool.
    ClockJumped { seconds: i64 },
    /// More messages were sent within a second than a broker may keep for a slow subscriber.
    Burst { messages: u64 },
    /// This many records were dropped from the spool since the last such event.
    Dropped { records: u64 },
}

/// The caller of a stream.
pub trait StreamHost {
    /// Why a log-in failed.
    type Error;

    /// Logs in, with a new token each time, within its own time limit.
    fn log_in(&self, session: CleanStart) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// Classifies a failed log-in.
    fn judge(&self, error: &Self::Error) -> RetryClass;

    /// Checks a topic that a line names.
    ///
    /// # Errors
    /// What is wrong with it, for the user.
    fn topic(&self, text: &str) -> Result<Topic, String>;

    /// Returns whether a line that names this device may be published here.
    fn is_device(&self, _name: &str) -> bool {
        true
    }

    /// Sets a bad line, or a piece of one, aside.
    ///
    /// # Errors
    /// It cannot be written.
    fn put_aside(&self, bytes: &[u8], piece: LinePiece) -> io::Result<()>;

    /// Sets a message aside, as this line; on disk when this returns. Returns [`KeptIn::Source`] if bad lines are not kept.
    ///
    /// # Errors
    /// It cannot be written.
    fn put_message_aside(&self, line: &[u8]) -> io::Result<KeptIn>;

    /// Reports an event.
    fn tell(&self, event: &Event<'_, Self::Error>);
}
