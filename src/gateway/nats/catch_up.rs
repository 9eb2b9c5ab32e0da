//! Messages delivered to a gateway that is gone come again, and must be published before new ones.

use std::time::Duration;

use tokio::time::Instant;

/// Messages requested at once while others may come again.
pub const AT_FIRST: usize = 100;
/// The server redelivers a message by this time after it is due.
const MARGIN: Duration = Duration::from_millis(500);
/// A busy server redelivers it by this time.
const LATE: Duration = Duration::from_secs(10);

/// The consumer's messages that await an acknowledgement from somebody else.
#[derive(Debug)]
pub struct Missing {
    pub count: usize,
    /// Somebody else requests messages from the consumer: the missing ones may be theirs.
    pub is_shared: bool,
}

/// Messages unknown to this gateway have been delivered and not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatchUp {
    /// How many there are, at most.
    missing: usize,
    /// By when all that come again must have arrived.
    until: Instant,
    /// The same for a slow server.
    at_last: Instant,
    /// A new message arrived: for now none comes again.
    is_idle: bool,
}

impl CatchUp {
    /// Returns what a starting gateway must wait for, if anything, if the server waits this long for acknowledgements.
    pub fn begin(missing: &Missing, ack_wait: Duration, now: Instant) -> Option<CatchUp> {
        let until = now + ack_wait + MARGIN;
        let Missing { count, .. } = *missing;
        (count > 0).then_some(CatchUp { missing: count, until, at_last: until + LATE, is_idle: false })
    }

    /// Notes that a new message arrived, and returns when it should come again.
    pub fn new_one(&mut self) -> Instant {
        self.is_idle = true;
        self.until + MARGIN
    }

    /// Returns how many messages may be requested.
    pub fn room(self) -> usize {
        if self.is_idle { 0 } else { self.missing.min(AT_FIRST) }
    }

    /// Returns what must still be waited for, if anything.
    pub fn look(self, missing: &Missing, now: Instant) -> Option<CatchUp> {
        let Missing { count, is_shared } = *missing;
        let next = match now < self.until {
            true => Some(CatchUp { missing: count, ..self }),
            // Nobody else has them, so they are due but have not arrived yet.
            false if !is_shared && now < self.at_last => {
                Some(CatchUp { missing: count, until: now + MARGIN, is_idle: false, ..self })
            }
            false => None,
        };
        next.filter(|_| count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACK_WAIT: Duration = Duration::from_secs(10);

    fn missing(count: usize) -> Missing {
        Missing { count, is_shared: false }
    }

    #[test]
    fn new_messages_wait_until_nothing_is_missing() {
        let now = Instant::now();
        assert_eq!(CatchUp::begin(&missing(0), ACK_WAIT, now), None);
        let mut catch_up = CatchUp::begin(&missing(300), ACK_WAIT, now).unwrap();
        assert_eq!(catch_up.room(), AT_FIRST);
        assert!(catch_up.new_one() > now + ACK_WAIT + MARGIN);
        assert_eq!(catch_up.room(), 0, "they are not due yet");
        let due = now + ACK_WAIT + MARGIN;
        assert_eq!(catch_up.look(&missing(0), due - MARGIN), None);
        let still = catch_up.look(&missing(7), due - MARGIN).unwrap();
        assert_eq!(still.room(), 0);
    }

    #[test]
    fn a_late_server_is_waited_for_but_not_for_ever() {
        let now = Instant::now();
        let due = now + ACK_WAIT + MARGIN;
        let mut catch_up = CatchUp::begin(&missing(300), ACK_WAIT, now).unwrap();
        catch_up.new_one();
        let mut late = catch_up.look(&missing(7), due).unwrap();
        assert_eq!(late.room(), 7, "they may come now");
        assert!(late.new_one() > due + MARGIN, "and new ones wait for them");
        assert_eq!(late.look(&missing(7), due + LATE), None);
    }

    #[test]
    fn what_another_gateway_has_is_not_waited_for() {
        let now = Instant::now();
        let due = now + ACK_WAIT + MARGIN;
        let catch_up = CatchUp::begin(&missing(300), ACK_WAIT, now).unwrap();
        let shared = Missing { count: 300, is_shared: true };
        assert!(catch_up.look(&shared, due - MARGIN).is_some());
        assert_eq!(catch_up.look(&shared, due), None);
    }
}
