//! Reconnecting of a long-running client: growing pauses, the meaning of a failed log-in, and the detection of another
//! client with the same id.

use std::time::Duration;

use rand::RngExt;

use super::connection::ConnectionError;
use super::packet::Reason;

/// The shortest pause.
const SHORTEST: Duration = Duration::from_millis(500);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);
/// A connection that the broker closed within this time may have been ended by another client's log-in: two clients that
/// disconnect each other come back after such pauses.
const SOON: Duration = Duration::from_secs(30);
/// This many of them in a row are not a coincidence.
const SUSPICIOUS: u32 = 3;

/// Pauses between attempts to connect, never the same for two clients.
///
/// Each is random between the shortest pause and three times the last one, so that a broker that comes back does not meet
/// all its clients at once: each log-in by token blocks its only thread for 45 to 80 ms (I3 facts §3).
#[derive(Debug)]
pub struct Backoff {
    last: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { last: SHORTEST }
    }
}

impl Backoff {
    /// Returns the next pause, 0.5 s to 60 s.
    pub fn pause(&mut self) -> Duration {
        self.last = rand::rng().random_range(SHORTEST..=(self.last * 3).min(LONGEST));
        self.last
    }

    /// Returns a pause for a client whose log-ins work, and who must find out which of its messages the broker refuses:
    /// 0.1 s to 0.3 s.
    pub fn short_pause(&self) -> Duration {
        rand::rng().random_range(SHORTEST / 5..=SHORTEST * 3 / 5)
    }

    /// Makes the next pause short again, after a success.
    pub fn reset(&mut self) {
        self.last = SHORTEST;
    }
}

/// Whether the broker is asked to forget the previous session (MQTT 3.1.1 §3.1.2.4, 5.0 §3.1.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CleanStart {
    /// It starts with nothing.
    Yes,
    /// It keeps its state from the end of the last connection.
    No,
}

/// The meaning of a failed log-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryClass {
    /// Unreachable, closed, busy: worth another attempt.
    Passing,
    /// The credentials were refused.
    Refused,
    /// Anything else.
    Final,
}

/// The source of a connection's client id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientId {
    /// The user has chosen it, and may have used it twice.
    Chosen,
    /// It is random, so no other client has it.
    Random,
}

/// What shows that another client has the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SharedIdSign {
    /// The broker says that it has taken over the session (MQTT 5, reason 0x8E).
    TakenOver,
    /// Connections end again and again, soon after the log-in.
    EndsAgain,
}

/// Notices another client with the same id. Each log-in of one ends the other's connection (MQTT 3.1.1 §3.1.4), so both are
/// closed again and again, soon after they have logged in.
#[derive(Debug)]
pub struct SharedId {
    client_id: ClientId,
    /// Connections in a row that the broker closed soon.
    closed: u32,
}

impl SharedId {
    pub fn new(client_id: ClientId) -> SharedId {
        SharedId { client_id, closed: 0 }
    }

    /// Notes that a connection has ended, `lasted` after its log-in. Returns what is to be told the person: once for each row of
    /// connections, or each time that the broker says so.
    pub fn ended(&mut self, why: &ConnectionError, lasted: Duration) -> Option<SharedIdSign> {
        let is_suspicious = match why {
            ConnectionError::Ended { reason: Reason::SESSION_TAKEN_OVER, .. } => return Some(SharedIdSign::TakenOver),
            ConnectionError::Closed | ConnectionError::Io(_) => lasted < SOON && self.client_id == ClientId::Chosen,
            _ => false,
        };
        self.closed = if is_suspicious { self.closed + 1 } else { 0 };
        (self.closed == SUSPICIOUS).then_some(SharedIdSign::EndsAgain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_id_is_told_after_the_third_time_and_then_not_again() {
        let (soon, late) = (Duration::from_secs(2), Duration::from_secs(300));
        let closed = || ConnectionError::Closed;
        let mut shared = SharedId::new(ClientId::Chosen);
        assert_eq!(
            [soon; 5].map(|lasted| shared.ended(&closed(), lasted).is_some()),
            [false, false, true, false, false]
        );
        assert_eq!(shared.ended(&closed(), late), None);
        let sign = Some(SharedIdSign::EndsAgain);
        assert_eq!([soon; 3].map(|lasted| shared.ended(&closed(), lasted)), [None, None, sign]);
        let mut others = SharedId::new(ClientId::Chosen);
        for _ in 0..5 {
            assert_eq!(others.ended(&ConnectionError::Silent(soon), soon), None);
        }
        let mut random = SharedId::new(ClientId::Random);
        assert_eq!([soon; 5].map(|lasted| random.ended(&closed(), lasted)), [None; 5]);
        // The broker says so.
        let taken_over = ConnectionError::Ended { reason: Reason::SESSION_TAKEN_OVER, said: Box::default() };
        assert_eq!(random.ended(&taken_over, late), Some(SharedIdSign::TakenOver));
    }

    #[test]
    fn pauses_grow_within_their_bounds() {
        let mut longest = Duration::ZERO;
        let mut backoff = Backoff::default();
        for _ in 0..500 {
            let pause = backoff.pause();
            assert!((SHORTEST..=LONGEST).contains(&pause));
            longest = longest.max(pause);
        }
        assert!(longest > Duration::from_secs(5));
        backoff.reset();
        assert!(backoff.pause() <= SHORTEST * 3);
    }
}
