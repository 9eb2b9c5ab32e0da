//! Finding the message at which a broker closes the connection.
//!
//! A broker may close the connection at a message that it refuses (MQTT 3.1.1 §3.3.5) or that is too large for it, and
//! need not say so. After a connection that ended with messages in flight, the next one must answer a ping first. Then it
//! gets only the oldest message, then two, four, and so on: messages after the one in question are not sent, and so
//! not delivered again. If connections end with one and the same message alone in flight, or it is never acknowledged on them, and
//! the next one answers a ping, that message is refused.
//!
//! A broker takes packets in order (MQTT 3.1.1 §4.6), so the messages before the oldest unanswered one are not in
//! question: at QoS 2 a PUBREC is an answer, though the message is not done. They are sent first, all at once.

use super::refusal::Refusal;
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::packet::Reason;
use crate::publisher::window::Unfinished;

/// Connections that ended with the same message alone in flight.
const ENDED_ALONE: u32 = 2;
/// With this many messages in flight there is nothing left to be careful about.
const ENOUGH: usize = 256;

/// How many messages may be in flight after a connection that ended, and which of them may be why.
#[derive(Debug, Default)]
pub struct Caution {
    /// Messages in flight at most; `None` for as many as the window has.
    limit: Option<usize>,
    check: PingCheck,
    /// Messages before this sequence number were answered on the connection that ended, and are not in question.
    cleared: u64,
    /// The message that may be sent next is one of those.
    next_is_cleared: bool,
    /// Something in question was sent since everything before it was done.
    has_sent: bool,
    suspect: Option<Suspect>,
}

/// The ping that a connection must answer before anything is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum PingCheck {
    Due,
    /// In flight, with this number.
    Sent(u64),
    /// Answered, or not needed.
    #[default]
    Done,
}

/// A message that was alone in flight when connections ended.
#[derive(Debug, Clone, Copy)]
struct Suspect {
    /// Its sequence number.
    message: u64,
    connections: u32,
    /// What kind of refusal it is if it was that message.
    refusal: Refusal,
}

impl Caution {
    /// Notes that a connection has ended, and which refusal that is if a message was the reason.
    pub fn ended(&mut self, refusal: Option<Refusal>, Unfinished { count, oldest, unanswered }: Unfinished) {
        if count > 0 {
            let has_answered = self.has_answered();
            self.limit = Some(1);
            // If one of those was the reason, then its PUBREL: they are tried one by one.
            self.cleared = unanswered.filter(|_| self.has_sent).unwrap_or(0);
            if let (1, Some(message), true, Some(refusal)) = (count, oldest, has_answered, refusal) {
                let before = self.suspect.filter(|suspect| suspect.message == message);
                let connections = before.map_or(0, |suspect| suspect.connections) + 1;
                self.suspect = Some(Suspect { message, connections, refusal });
            }
        }
    }

    /// Returns whether this connection is used with caution, and has answered its ping.
    pub fn has_answered(&self) -> bool {
        self.limit.is_some() && self.check == PingCheck::Done
    }

    /// Begins a connection.
    pub fn begin(&mut self) {
        if let Some(limit) = &mut self.limit {
            *limit = 1;
            (self.check, self.has_sent, self.next_is_cleared) = (PingCheck::Due, false, false);
        }
    }

    /// Returns the number of the ping in flight.
    pub fn ping(&self) -> Option<u64> {
        if let PingCheck::Sent(ping) = self.check { Some(ping) } else { None }
    }

    /// Sends the ping, or checks for its answer. Returns the message that the broker refuses, and how, once that is known.
    ///
    /// # Errors
    /// As [`Connection::queue`].
    pub fn update(&mut self, connection: &mut Connection) -> Result<Option<(u64, Refusal)>, ConnectionError> {
        match self.check {
            PingCheck::Due => self.check = PingCheck::Sent(connection.ping()?),
            PingCheck::Sent(ping) if connection.pongs() >= ping => {
                self.check = PingCheck::Done;
                let refused = self.suspect.take_if(|suspect| suspect.connections >= ENDED_ALONE);
                return Ok(refused.map(|suspect| (suspect.message, suspect.refusal)));
            }
            PingCheck::Sent(_) | PingCheck::Done => {}
        }
        Ok(None)
    }

    /// Returns whether another message may be sent; `next` tells which, and how many are in flight.
    pub fn allows(&mut self, next: impl FnOnce() -> (Option<u64>, usize)) -> bool {
        let Some(limit) = self.limit else { return true };
        if self.check != PingCheck::Done {
            return false;
        }
        let (next, in_flight) = next();
        self.next_is_cleared = next.is_some_and(|next| next < self.cleared);
        self.next_is_cleared || in_flight < limit
    }

    /// Notes that a packet of a message was sent.
    pub fn sent(&mut self) {
        self.has_sent |= !self.next_is_cleared;
    }

    /// Notes that nothing is in flight: if something was, twice as much may be next.
    pub fn all_done(&mut self) {
        if let Some(limit) = self.limit
            && std::mem::take(&mut self.has_sent)
        {
            self.limit = (limit < ENOUGH).then_some(2 * limit);
            self.next_is_cleared = false;
        }
    }

    /// Returns whether fewer messages than usual may be in flight.
    pub fn is_active(&self) -> bool {
        self.limit.is_some()
    }
}

/// Returns which refusal the end of a connection is if a message may be the reason.
pub fn refusal(why: &ConnectionError) -> Option<Refusal> {
    let reason = if let ConnectionError::Ended { reason, .. } = why { Some(*reason) } else { None };
    (why.is_by_peer() || reason.is_some_and(Reason::is_about_message)).then_some(Refusal::Closed(reason))
}
