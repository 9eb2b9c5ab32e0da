//! What a stream needs from its caller: log-ins, judgements, and somebody to tell.

use std::io;
use std::time::Duration;

use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::reconnect::{CleanStart, RetryClass};
use crate::name::Topic;
use crate::publisher::format::BadLine;

/// Where a record that cannot be sent is after that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On disk with the bad lines, and no longer in the spool.
    Rejects,
    Spool,
}

/// Which piece of a line is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// More of the line follows.
    More,
    /// The whole line, or its last piece.
    Last,
}

/// An event that a person may want to know of.
#[derive(Debug)]
pub enum Event<'a, E> {
    /// This line is not published.
    BadLine { line: u64, why: &'a BadLine },
    /// This record of the spool cannot be sent.
    BadRecord { record: u64, why: &'a BadLine, place: Place },
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
    /// The spool has no room, for the first time; reading stops whenever that happens.
    SpoolFull,
    /// This many records were dropped from the spool since the last such event.
    Dropped { records: u64 },
}

/// The caller of a stream.
pub trait StreamHost {
    /// Why a log-in failed.
    type Error;

    /// Logs in, with a new token each time. Limits its own time.
    fn log_in(&self, session: CleanStart) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// Classifies a failed log-in.
    fn judge(&self, error: &Self::Error) -> RetryClass;

    /// Checks a topic that a line names.
    ///
    /// # Errors
    /// What is wrong with it, for a person.
    fn topic(&self, text: &str) -> Result<Topic, String>;

    /// Puts a bad line, or a piece of one, aside.
    ///
    /// # Errors
    /// It cannot be written.
    fn put_aside(&self, bytes: &[u8], piece: Piece) -> io::Result<()>;

    /// Puts a record of the spool aside, as this line; on disk when this returns. Returns [`Place::Spool`] if bad lines
    /// are not kept.
    ///
    /// # Errors
    /// It cannot be written.
    fn put_record_aside(&self, line: &[u8]) -> io::Result<Place>;

    /// Reports an event.
    fn tell(&self, event: &Event<'_, Self::Error>);
}
