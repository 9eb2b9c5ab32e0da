//! Messages at QoS 0, which the broker does not acknowledge: the answer to a ping sent after them shows that it has taken them.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::mqtt::connection::{Connection, ConnectionError};
use crate::publisher::window::Qos0;

/// Time between two pings that only bound how much a lost connection may have lost.
const PING_PAUSE: Duration = Duration::from_secs(1);

/// Bytes between two pings: on a slow link each answer shows that the connection works.
const PING_BYTES: usize = 32 * 1024;

/// A ping in flight.
#[derive(Debug, Clone, Copy)]
struct Ping {
    number: u64,
    /// How many messages had been sent before it.
    sent: u64,
}

/// The accounting of QoS 0 across connections.
#[derive(Debug)]
pub struct Qos0Account {
    policy: Qos0,
    /// Sent on this connection.
    sent: u64,
    /// Of these, sent before a ping that the broker has answered.
    taken: u64,
    pings: VecDeque<Ping>,
    /// Bytes that were sent since the last ping.
    bytes: usize,
    pinged: Option<Instant>,
    /// Sent on connections that have ended: may or may not have arrived.
    lost: u64,
}

impl Qos0Account {
    pub fn new(policy: Qos0) -> Self {
        Qos0Account { policy, sent: 0, taken: 0, pings: VecDeque::new(), bytes: 0, pinged: None, lost: 0 }
    }

    /// Notes a message that was queued, with a payload of this many bytes.
    pub fn sent(&mut self, payload: usize) {
        self.sent += 1;
        self.bytes += payload;
    }

    /// Returns how many messages the broker may not have taken yet.
    pub fn in_flight(&self) -> u64 {
        self.sent - self.taken
    }

    /// Returns how many messages may be lost.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Returns the number of the oldest ping in flight.
    pub fn ping(&self) -> Option<u64> {
        self.pings.front().map(|ping| ping.number)
    }

    /// Checks for the answer to a ping, or sends one if it is time. Returns how many messages the broker has taken since.
    ///
    /// # Errors
    /// As [`Connection::queue`].
    #[inline]
    pub fn update(&mut self, connection: &mut Connection) -> Result<u64, ConnectionError> {
        if self.sent == self.taken { Ok(0) } else { self.update_in_flight(connection) }
    }

    fn update_in_flight(&mut self, connection: &mut Connection) -> Result<u64, ConnectionError> {
        let before = self.taken;
        while let Some(ping) = self.pings.front().filter(|ping| connection.pongs() >= ping.number) {
            self.taken = ping.sent;
            self.pings.pop_front();
        }
        let is_due = match self.pings.back() {
            // It covers everything that was sent.
            Some(last) if last.sent == self.sent => false,
            Some(_) => self.bytes >= PING_BYTES,
            None => {
                let since = self.pinged.get_or_insert_with(Instant::now);
                self.policy == Qos0::Keep || self.bytes >= PING_BYTES || since.elapsed() >= PING_PAUSE
            }
        };
        if is_due && self.sent > self.taken {
            self.ping_now(connection)?;
        }
        Ok(self.taken - before)
    }

    /// Sends a ping regardless of what is in flight.
    ///
    /// # Errors
    /// As [`Connection::queue`].
    pub fn ping_now(&mut self, connection: &mut Connection) -> Result<(), ConnectionError> {
        self.pings.push_back(Ping { number: connection.ping()?, sent: self.sent });
        (self.bytes, self.pinged) = (0, Some(Instant::now()));
        Ok(())
    }

    /// Notes that the broker has closed the connection normally, and so has taken everything. Returns how many messages
    /// that adds.
    pub fn closed(&mut self) -> u64 {
        let taken = self.in_flight();
        self.next_connection();
        taken
    }

    /// Notes that the connection was abandoned at the end of the run.
    pub fn abandoned(&mut self) {
        self.lost += self.in_flight();
        self.next_connection();
    }

    /// Notes that the connection is lost; messages that the window keeps are sent again.
    pub fn disconnected(&mut self) {
        if self.policy == Qos0::Forget {
            self.lost += self.in_flight();
        }
        self.next_connection();
    }

    fn next_connection(&mut self) {
        *self = Qos0Account { lost: self.lost, ..Qos0Account::new(self.policy) };
    }
}
