//! One message of the window, and how far it is.

use crate::mqtt::packet::QoS;
use crate::publisher::arena::Slot;

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendState {
    /// Not acknowledged; it was sent on this connection if it is before the cursor and not `ready`.
    Open,
    /// Not to be sent yet: its topic must be proved first, or, if it was tried before, the broker needs time.
    Waiting,
    /// QoS 2: PUBREC has come, PUBCOMP not.
    Received,
    /// Acknowledged, or sent at QoS 0.
    Acknowledged,
}

/// A message in the window, whose payload is elsewhere.
#[derive(Debug)]
pub struct WindowEntry {
    pub line: u64,
    pub time: u64,
    pub place: Slot,
    pub topic: u32,
    pub id: u16,
    pub qos: QoS,
    pub state: SendState,
    pub retain: bool,
    /// It has yet to come back.
    pub echo: bool,
    /// It has been sent before.
    pub tried: bool,
    /// It has been counted as acknowledged before.
    pub counted: bool,
}

impl WindowEntry {
    pub fn is_done(&self) -> bool {
        self.state == SendState::Acknowledged && !self.echo
    }

    /// Returns whether the broker could not take it, and is given time.
    pub fn is_postponed(&self) -> bool {
        self.state == SendState::Waiting && self.tried
    }

    /// Returns whether its topic has to be proved before it is sent.
    pub fn is_parked(&self) -> bool {
        self.state == SendState::Waiting && !self.tried
    }

    /// Returns whether it has yet to come back from this topic.
    pub fn awaits_echo(&self, topic: u32) -> bool {
        self.echo && self.topic == topic
    }
}
