//! The messages that are out and not done: in order, bounded in number and bytes, each with a sequence number of our own.
//!
//! A packet id is a name that one connection gives to a message for as long as it is unacknowledged; it comes round
//! after 65,535 messages and means nothing on a new session. So nothing is kept under it but the way back to the sequence
//! number. Nothing here reads, writes or waits.

use std::collections::VecDeque;

use super::arena::{PayloadArena, Slot};
use crate::mqtt::packet::{AckKind, QoS};

/// Most messages that can be unacknowledged at once: MQTT's packet ids are 16 bits, without 0.
pub const MAX_IN_FLIGHT: usize = 65_535;

/// So many messages in flight, at least, are work for some milliseconds.
const BUSY: usize = 1000;

/// Marks a packet id that is not a message's.
const RESERVED: u64 = u64::MAX;

/// A message as it comes in. `topic` is the caller's number for the topic.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Number of the input line, from 1.
    pub line: u64,
    pub topic: u32,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    /// Is done only when it has come back, too.
    pub echo: bool,
    /// When it came, in ms since the epoch, if that is to be sent along; else 0.
    pub time: u64,
}

/// What has to be sent next.
#[derive(Debug, PartialEq, Eq)]
pub enum Send<'a> {
    /// PUBLISH. `again` if it has been sent before, on whatever connection.
    Publish { message: Outgoing<'a>, again: bool },
    /// PUBREL for a message that the broker has received.
    Release { id: u16 },
}

/// A PUBLISH less its topic's text.
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
    /// This line is acknowledged, for the first time.
    Line(u64),
    /// QoS 2: received; PUBREL is due.
    Release,
    /// Nothing new: a duplicate, or an id that is not out.
    Nothing,
}

/// Which message the broker refused, or which one is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    pub line: u64,
    pub topic: u32,
    /// Whether it is acknowledged, so that only its echo is missing.
    pub acknowledged: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not acknowledged; on this connection it is sent if it stands before the cursor.
    Open,
    /// QoS 2: PUBREC has come, PUBCOMP not.
    Received,
    /// Acknowledged, or sent at QoS 0.
    Acknowledged,
}

#[derive(Debug)]
struct Entry {
    line: u64,
    time: u64,
    place: Slot,
    topic: u32,
    id: u16,
    qos: QoS,
    state: State,
    retain: bool,
    /// Has still to come back.
    echo: bool,
    /// Has been sent before.
    tried: bool,
    /// Has been counted as acknowledged before.
    counted: bool,
}

impl Entry {
    fn is_done(&self) -> bool {
        self.state == State::Acknowledged && !self.echo
    }
}

/// The window.
#[derive(Debug)]
pub struct Window {
    /// Most messages from the oldest one that is not done to the newest.
    limit: usize,
    /// Most messages that are sent on this connection and unacknowledged: `limit`, or less if the broker says so.
    in_flight_limit: usize,
    in_flight: usize,
    /// The same of those at QoS 2, for which the broker has to keep something.
    exact_limit: usize,
    exact_in_flight: usize,
    /// Most memory, in bytes.
    max_bytes: usize,
    entries: VecDeque<Entry>,
    /// Sequence number of the first entry.
    first: u64,
    /// Sequence number of the first entry that is not yet sent on this connection.
    cursor: u64,
    /// No entry before this one waits for its echo.
    echo_cursor: u64,
    store: PayloadArena,
    /// For each packet id the sequence number it stands for, plus one; 0 if it is free.
    ids: Vec<u64>,
    last_id: u16,
    ids_in_use: usize,
    /// What was sent at QoS 0 stays until it is known to have been taken.
    holds_qos_zero: bool,
}

impl Window {
    /// An empty window of `limit` messages (1 to [`MAX_IN_FLIGHT`]) and `max_bytes` of memory; one message always fits.
    pub fn new(limit: usize, max_bytes: usize) -> Window {
        let limit = limit.clamp(1, MAX_IN_FLIGHT);
        Window {
            limit,
            in_flight_limit: limit,
            in_flight: 0,
            exact_limit: limit,
            exact_in_flight: 0,
            max_bytes,
            entries: VecDeque::new(),
            first: 0,
            cursor: 0,
            echo_cursor: 0,
            store: PayloadArena::default(),
            ids: vec![0; MAX_IN_FLIGHT + 1],
            last_id: 0,
            ids_in_use: 0,
            holds_qos_zero: false,
        }
    }

    /// From now on a message at QoS 0 is done only when [`taken_at_qos_zero`](Self::taken_at_qos_zero) says so.
    pub fn hold_qos_zero(&mut self) {
        self.holds_qos_zero = true;
    }

    /// The broker has taken the oldest so many of those that were sent at QoS 0 on this connection.
    pub fn taken_at_qos_zero(&mut self, count: u64) {
        let sent = usize::try_from(self.cursor.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let held = self.entries.iter_mut().take(sent).filter(|e| e.qos == QoS::AtMostOnce && e.state == State::Open);
        // Those that have to come back are counted when they do.
        for entry in held.filter(|e| !e.echo).take(usize::try_from(count).unwrap_or(usize::MAX)) {
            entry.state = State::Acknowledged;
        }
    }

    /// Whether another message may come in.
    pub fn has_room(&mut self) -> bool {
        self.settle();
        let memory = self.store.capacity() + self.entries.len() * size_of::<Entry>();
        self.entries.len() < self.limit && (self.entries.is_empty() || memory < self.max_bytes)
    }

    /// Takes a message; [`has_room`](Self::has_room) must have said so.
    pub fn push(&mut self, message: &Message<'_>) {
        let place = self.store.push(message.payload);
        self.entries.push_back(Entry {
            line: message.line,
            time: message.time,
            place,
            topic: message.topic,
            id: 0,
            qos: message.qos,
            state: State::Open,
            retain: message.retain,
            echo: message.echo,
            tried: false,
            counted: false,
        });
    }

    /// The next thing to send on this connection, in order; `None` if all is sent, or as much as may be in flight.
    pub fn next_to_send(&mut self) -> Option<Send<'_>> {
        loop {
            self.settle();
            let at = self.index(self.cursor)?;
            let entry = &self.entries[at];
            if entry.state == State::Acknowledged && (entry.is_done() || entry.qos == QoS::ExactlyOnce) {
                self.cursor += 1;
                continue;
            }
            if entry.qos != QoS::AtMostOnce {
                let exact = entry.qos == QoS::ExactlyOnce;
                if self.in_flight >= self.in_flight_limit || exact && self.exact_in_flight >= self.exact_limit {
                    return None;
                }
                let id = if entry.id == 0 { self.take_id(self.cursor + 1)? } else { entry.id };
                self.entries[at].id = id;
                self.in_flight += 1;
                self.exact_in_flight += usize::from(exact);
            }
            self.cursor += 1;
            let entry = &mut self.entries[at];
            let id = entry.id;
            if entry.state == State::Received {
                return Some(Send::Release { id });
            }
            let again = std::mem::replace(&mut entry.tried, true);
            let held = self.holds_qos_zero && !entry.echo;
            entry.state = if entry.qos == QoS::AtMostOnce && !held { State::Acknowledged } else { State::Open };
            let message = Outgoing {
                topic: entry.topic,
                payload: self.store.bytes_at(entry.place),
                qos: entry.qos,
                retain: entry.retain,
                echo: entry.echo,
                id,
                time: entry.time,
            };
            return Some(Send::Publish { message, again });
        }
    }

    /// The message that [`next_to_send`](Self::next_to_send) would give waits for its echo: its topic.
    pub fn next_needs_echo(&self) -> Option<u32> {
        let entry = &self.entries[self.index(self.cursor)?];
        entry.echo.then_some(entry.topic)
    }

    /// Takes an acknowledgement that is no refusal.
    pub fn acknowledge(&mut self, kind: AckKind, id: u16) -> Acknowledged {
        let Some(at) = self.find(id) else {
            // The broker may still hold an id that was used before the connection ended; PUBREL frees it.
            return if kind == AckKind::PubRec { Acknowledged::Release } else { Acknowledged::Nothing };
        };
        let sent = self.first + (at as u64) < self.cursor;
        let entry = &mut self.entries[at];
        match (kind, entry.qos, entry.state) {
            (AckKind::PubRec, QoS::ExactlyOnce, _) => {
                entry.state = State::Received;
                Acknowledged::Release
            }
            (AckKind::PubAck, QoS::AtLeastOnce, _) | (AckKind::PubComp, QoS::ExactlyOnce, State::Received) => {
                entry.state = State::Acknowledged;
                entry.id = 0;
                if sent {
                    self.in_flight -= 1;
                    self.exact_in_flight -= usize::from(entry.qos == QoS::ExactlyOnce);
                }
                let (line, counted) = (entry.line, std::mem::replace(&mut entry.counted, true));
                self.free_id(id);
                if counted { Acknowledged::Nothing } else { Acknowledged::Line(line) }
            }
            _ => Acknowledged::Nothing,
        }
    }

    /// The message behind an id that is out.
    pub fn which(&self, id: u16) -> Option<Which> {
        self.find(id).map(|at| self.named(at))
    }

    /// The oldest message that is not done, and its sequence number, if it has been sent on this connection.
    pub fn oldest(&mut self) -> Option<(u64, Which)> {
        self.settle();
        (self.cursor > self.first && !self.entries.is_empty()).then(|| (self.first, self.named(0)))
    }

    fn named(&self, at: usize) -> Which {
        let entry = &self.entries[at];
        Which { line: entry.line, topic: entry.topic, acknowledged: entry.state == State::Acknowledged }
    }

    /// A message came back: whether it is the oldest sent one of ours that waits for an echo with this topic and
    /// payload, and if so at which QoS it had gone.
    pub fn echo(&mut self, topic: u32, payload: &[u8]) -> Option<QoS> {
        let from = self.index(self.echo_cursor.max(self.first)).unwrap_or(self.entries.len());
        let sent = usize::try_from(self.cursor - self.first).unwrap_or(usize::MAX);
        let mut waiting_before = false;
        for at in from..sent.min(self.entries.len()) {
            let entry = &mut self.entries[at];
            if entry.echo && entry.topic == topic && self.store.bytes_at(entry.place) == payload {
                entry.echo = false;
                if !waiting_before {
                    self.echo_cursor = self.first + at as u64 + 1;
                }
                return Some(entry.qos);
            }
            waiting_before |= entry.echo;
        }
        None
    }

    /// Whether a message to this topic has still to come back.
    pub fn awaits_echo(&self, topic: u32) -> bool {
        self.entries.iter().any(|e| e.echo && e.topic == topic)
    }

    /// A new connection: everything that is not done is to be sent again, in order. With a `kept` session the packet ids
    /// and what the broker has received at QoS 2 stand; with a fresh one all of it is sent anew.
    ///
    /// `in_flight` bounds what may be unacknowledged, `exact` what of that may be at QoS 2.
    pub fn restart(&mut self, session: CleanStart, in_flight: usize, exact: usize) {
        self.settle();
        self.in_flight_limit = self.limit.min(in_flight.max(1));
        self.exact_limit = exact.max(1);
        (self.in_flight, self.exact_in_flight) = (0, 0);
        self.cursor = self.first;
        self.echo_cursor = self.first;
        for id in 0..self.ids.len() {
            if self.ids[id] == RESERVED || (session == CleanStart::Yes && self.ids[id] != 0) {
                self.ids[id] = 0;
                self.ids_in_use -= 1;
            }
        }
        for entry in &mut self.entries {
            // It was delivered, and its echo went to a connection that is no more.
            if entry.state == State::Acknowledged && entry.qos == QoS::ExactlyOnce {
                entry.echo = false;
            }
            if session == CleanStart::Yes {
                entry.id = 0;
                if entry.state == State::Received {
                    entry.state = State::Open;
                }
            }
        }
    }

    /// The line of the oldest message that is not done, sent or not.
    pub fn oldest_line(&mut self) -> Option<u64> {
        self.settle();
        self.entries.front().map(|entry| entry.line)
    }

    /// Messages that are not done, sent or not.
    pub fn waiting(&self) -> usize {
        self.entries.iter().filter(|e| !e.is_done()).count()
    }

    /// Whether nothing is left to wait for.
    pub fn is_empty(&mut self) -> bool {
        self.settle();
        self.entries.is_empty()
    }

    /// Whether so much is in flight that the broker has work for a while, whatever is done here.
    pub fn is_busy(&self) -> bool {
        self.in_flight >= BUSY.max(self.in_flight_limit / 2)
    }

    /// Messages at QoS 2 that are sent on this connection and not acknowledged.
    pub fn exact_in_flight(&self) -> usize {
        self.exact_in_flight
    }

    /// A packet id for something else than a message; `None` if all are out.
    pub fn reserve_id(&mut self) -> Option<u16> {
        self.take_id(RESERVED)
    }

    /// Gives back an id that was reserved.
    pub fn free_reserved(&mut self, id: u16) {
        if self.ids[usize::from(id)] == RESERVED {
            self.free_id(id);
        }
    }

    fn take_id(&mut self, holder: u64) -> Option<u16> {
        if self.ids_in_use == MAX_IN_FLIGHT {
            return None;
        }
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if self.ids[usize::from(self.last_id)] == 0 {
                self.ids[usize::from(self.last_id)] = holder;
                self.ids_in_use += 1;
                return Some(self.last_id);
            }
        }
    }

    fn free_id(&mut self, id: u16) {
        self.ids[usize::from(id)] = 0;
        self.ids_in_use -= 1;
    }

    fn find(&self, id: u16) -> Option<usize> {
        match self.ids[usize::from(id)] {
            0 | RESERVED => None,
            holder => self.index(holder - 1),
        }
    }

    fn index(&self, sequence: u64) -> Option<usize> {
        let at = usize::try_from(sequence.checked_sub(self.first)?).ok()?;
        (at < self.entries.len()).then_some(at)
    }

    /// Lets go of what is done at the front.
    fn settle(&mut self) {
        while self.entries.front().is_some_and(|e| e.is_done() && self.first < self.cursor) {
            if let Some(entry) = self.entries.pop_front() {
                self.store.pop(entry.place);
            }
            self.first += 1;
        }
    }
}

pub use crate::mqtt::reconnect::CleanStart;

#[cfg(test)]
#[path = "window/tests.rs"]
mod tests;
