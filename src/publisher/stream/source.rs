//! Where a stream's messages come from: the input itself, or the spool that the input went into.

use super::super::lines::Stopper;
use super::super::shutdown::{Cause, Signal};
use super::super::stats::Stats;
use super::feed::SpoolReader;
use super::intake::LineInput;
use super::outbox::SendWindow;
use super::{StreamError, StreamHost};

/// One of the two.
pub enum Source<'a, S> {
    /// The input, which is not read before the first log-in.
    NotYet,
    Lines(LineInput<'a, S>),
    /// The spool; the input is stopped by the stopper.
    Spool(SpoolReader, Option<Stopper>),
}

impl<S: StreamHost> Source<'_, S> {
    /// Has the input read no more: whether there is anything to drain.
    pub fn stop(&self) -> bool {
        match self {
            Source::NotYet => return false,
            Source::Lines(intake) => intake.stopper().stop(),
            Source::Spool(_, stopper) => stopper.iter().for_each(Stopper::stop),
        }
        true
    }

    /// What an alarm means while there is no connection.
    ///
    /// # Errors
    /// It is the end.
    pub fn alarmed(&self, alarm: Signal, sent: &Stats) -> Result<(), StreamError> {
        match alarm {
            Signal::Drain if self.stop() => Ok(()),
            Signal::Drain => Err(self.unfinished(Cause::Signal, sent)),
            Signal::Over(cause) => Err(self.unfinished(cause, sent)),
        }
    }

    /// It has to end now.
    pub fn unfinished(&self, cause: Cause, sent: &Stats) -> StreamError {
        match self {
            Source::Spool(..) => StreamError::NotDrained { cause },
            _ => {
                let stats = self.complete(sent);
                match (stats.missing(), stats.read) {
                    (0, read) => StreamError::Cut { read, cause },
                    (missing, read) => StreamError::Unfinished { missing, read, cause },
                }
            }
        }
    }

    /// The accounting of what was sent, completed by what was read.
    pub fn complete(&self, sent: &Stats) -> Stats {
        match self {
            Source::Lines(intake) => Stats { read: intake.read, rejected: intake.rejected, ..*sent },
            _ => *sent,
        }
    }

    /// Waits until the input of a spool ends; for ever without one, or if it has. May be cancelled.
    pub async fn input_ends(&mut self) {
        match self {
            Source::Spool(feed, _) => feed.input_ends().await,
            _ => std::future::pending().await,
        }
    }

    /// Whether nothing more comes, and, of a spool, everything that came is gone from it.
    pub fn is_finished(&self) -> bool {
        match self {
            Source::NotYet => false,
            Source::Lines(intake) => intake.has_ended() && !intake.has_lines(),
            Source::Spool(feed, _) => feed.is_finished(),
        }
    }

    /// Whether there is something to [`fill`](Self::fill) with.
    pub fn has_messages(&self) -> bool {
        match self {
            Source::NotYet => false,
            Source::Lines(intake) => intake.has_lines(),
            Source::Spool(feed, _) => feed.has_records(),
        }
    }

    /// Whether there is something to wait for, in a window that has room or not.
    pub fn has_more(&self, room: bool) -> bool {
        match self {
            Source::NotYet => false,
            Source::Lines(intake) => room && !intake.has_ended() && !intake.has_lines(),
            Source::Spool(..) => true,
        }
    }

    /// Waits for messages or news. May be cancelled.
    ///
    /// # Errors
    /// Of the input's or the spool's.
    pub async fn more(&mut self) -> Result<(), StreamError> {
        match self {
            Source::NotYet => std::future::pending().await,
            Source::Lines(intake) => intake.more().await,
            Source::Spool(feed, _) => feed.more().await,
        }
    }

    /// Takes messages into the window: whether there were any.
    ///
    /// # Errors
    /// Of the input's or the spool's.
    pub fn fill(&mut self, outbox: &mut SendWindow<'_, S>) -> Result<bool, StreamError> {
        if let Source::Spool(feed, _) = self {
            feed.read_ahead()?;
        }
        if !self.has_messages() || !outbox.window.has_room() {
            return Ok(false);
        }
        match self {
            Source::NotYet => Ok(false),
            Source::Lines(intake) => intake.offer(|line, taken, message| outbox.admit(line, taken, &message)),
            Source::Spool(feed, _) => feed.fill(outbox),
        }
    }
}
