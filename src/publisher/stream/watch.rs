//! The wait for an answer of the broker.

use std::time::Duration;

use tokio::time::Instant;

use crate::mqtt::connection::Connection;
use crate::mqtt::stall::StallTimer;

/// What is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The answer to the oldest message in flight.
    Message(u64),
    /// The answer to the oldest ping in flight.
    Ping(u64),
    /// Queued bytes to be sent, or the answer to a subscription that messages wait for.
    Queue,
}

/// The wait for an answer, which lasts for the timeout after the last progress.
pub struct Watch {
    pub awaited: Awaited,
    timer: StallTimer,
    /// The end of the bytes queued by then, on the scale of [`Connection::left`].
    end: u64,
    /// The sequence number after the last message that was sent by then.
    pub before: u64,
}

impl Watch {
    /// Begins to wait; `before` is the sequence number after the last message that was sent.
    pub fn start(awaited: Awaited, timeout: Duration, connection: &Connection, before: u64) -> Watch {
        // Checked only after a while: most waits are short.
        let timer = StallTimer::start(timeout, u64::MAX, Instant::now());
        Watch { awaited, timer, end: connection.position(), before }
    }

    /// Returns when to look next whether anything has moved.
    pub fn next_look(&self) -> Instant {
        self.timer.next_look()
    }

    /// Returns whether nothing has moved within the timeout.
    pub fn is_over(&mut self, connection: &Connection) -> bool {
        self.timer.is_over(connection.left().min(self.end), Instant::now())
    }
}
