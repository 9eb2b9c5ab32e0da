//! What goes into the window and comes out of it.

use crate::mqtt::packet::QoS;

/// What becomes of messages at QoS 0 when a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qos0 {
    /// They may be lost: they are done once sent.
    Forget,
    /// They are sent again unless `Window::taken_at_qos_0` has noted that the broker took them.
    Keep,
}

/// A message that enters the window. `topic` is the caller's number for the topic.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    /// Number of the input line, from 1.
    pub line: u64,
    pub topic: u32,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    /// It is done only once it has come back as well.
    pub echo: bool,
    /// It is not sent before `Window::release` or `Window::promote` names its topic.
    pub parked: bool,
    /// When it was read, in ms since the epoch, if that is sent along; otherwise 0.
    pub time: u64,
}

/// The next packet to send.
#[derive(Debug, PartialEq, Eq)]
pub enum Send<'a> {
    /// PUBLISH; `again` if it has been sent before, on any connection.
    Publish { message: Outgoing<'a>, again: bool },
    /// PUBREL for a message that the broker has received.
    Release { id: u16 },
}

/// A PUBLISH without the text of its topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing<'a> {
    pub topic: u32,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    pub echo: bool,
    pub id: u16,
    pub time: u64,
}

/// What an acknowledgement means.
#[derive(Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// This line, of a message to this topic, is acknowledged for the first time.
    Line { line: u64, topic: u32 },
    /// QoS 2: received; PUBREL is due.
    Release,
    /// Nothing new: a duplicate, or an id that is not in flight.
    Nothing,
}

/// A message in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tracked<'a> {
    pub sequence: u64,
    pub line: u64,
    pub topic: u32,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    /// As in [`NewMessage::time`].
    pub time: u64,
    /// Whether it is acknowledged, so that only its echo is missing.
    pub acknowledged: bool,
    /// Whether [`Acknowledged::Line`] was returned for it.
    pub counted: bool,
}

/// The messages that are sent on a connection and not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished {
    pub count: usize,
    /// The sequence number of the oldest.
    pub oldest: Option<u64>,
    /// That of the oldest to which the broker has not answered at all, with a PUBREC or otherwise.
    pub unanswered: Option<u64>,
}
