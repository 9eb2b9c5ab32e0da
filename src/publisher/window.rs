//! The messages that are in flight and not done: in order, bounded in number and bytes, each with our own sequence number.
//!
//! A packet id names a message on one connection for as long as it is unacknowledged; it comes round after 65,535 messages
//! and means nothing in a new session. So it only leads to the sequence number. Nothing here reads, writes
//! or waits.

mod entry;
mod in_flight_count;
mod message;
mod packet_ids;
mod postponed;

use std::collections::VecDeque;

use super::arena::PayloadArena;
use crate::mqtt::packet::{AckKind, QoS};
use crate::mqtt::reconnect::CleanStart;
use entry::{SendState, WindowEntry};
use in_flight_count::InFlightCount;
pub use in_flight_count::MAX_IN_FLIGHT;
pub use message::{Acknowledged, NewMessage, Outgoing, Qos0, Send, Tracked, Unfinished};
use packet_ids::PacketIds;
use postponed::Postponed;

/// The window.
#[derive(Debug)]
pub struct Window {
    /// Most messages from the oldest one that is not done to the newest.
    limit: usize,
    in_flight: InFlightCount,
    /// Most memory, in bytes.
    max_bytes: usize,
    entries: VecDeque<WindowEntry>,
    /// Sequence number of the first entry.
    first: u64,
    /// Sequence number of the first entry that is not yet sent on this connection.
    cursor: u64,
    /// Entries before the cursor that waited and can be sent now, in order.
    ready: VecDeque<u64>,
    /// No entry before this one waits for its echo.
    echo_cursor: u64,
    payloads: PayloadArena,
    postponed: Postponed,
    ids: PacketIds,
    qos_0: Qos0,
    /// With [`Qos0::Keep`], the entries at QoS 0 that are sent on this connection, in the order in which they were, as far as the
    /// broker is not known to have taken them.
    sent_at_qos_0: VecDeque<u64>,
}

impl Window {
    /// Returns an empty window of `limit` messages (1 to [`MAX_IN_FLIGHT`]) and `max_bytes` of memory; one message always
    /// fits.
    pub fn new(limit: usize, max_bytes: usize, qos_0: Qos0) -> Window {
        let limit = limit.clamp(1, MAX_IN_FLIGHT);
        Window {
            limit,
            in_flight: InFlightCount::new(limit, limit),
            max_bytes,
            entries: VecDeque::new(),
            first: 0,
            cursor: 0,
            ready: VecDeque::new(),
            echo_cursor: 0,
            payloads: PayloadArena::default(),
            postponed: Postponed::default(),
            ids: PacketIds::default(),
            qos_0,
            sent_at_qos_0: VecDeque::new(),
        }
    }

    /// Notes that the broker has taken the next `count` messages of those sent at QoS 0 on this connection, and hands on the topic
    /// of each. Messages that have to come back are not among them: they are counted when they do.
    pub fn taken_at_qos_0(&mut self, count: u64, mut taken: impl FnMut(u32)) {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.sent_at_qos_0.len());
        for sequence in self.sent_at_qos_0.drain(..count) {
            // Those before the first are done.
            if let Some(at) = sequence.checked_sub(self.first)
                && let Some(entry) = self.entries.get_mut(at as usize)
            {
                entry.state = SendState::Acknowledged;
                taken(entry.topic);
            }
        }
    }

    /// Returns whether another message may come in.
    pub fn has_room(&mut self) -> bool {
        self.settle();
        let memory = self.payloads.capacity() + self.entries.len() * size_of::<WindowEntry>() + self.postponed.bytes;
        self.entries.len() < self.limit
            && (self.entries.is_empty() && self.postponed.is_empty() || memory < self.max_bytes)
    }

    /// Adds a message; [`has_room`](Self::has_room) must have returned true.
    pub fn push(&mut self, message: &NewMessage<'_>) {
        let place = self.payloads.push(message.payload);
        self.entries.push_back(WindowEntry {
            line: message.line,
            time: message.time,
            place,
            topic: message.topic,
            id: 0,
            qos: message.qos,
            state: if message.parked { SendState::Waiting } else { SendState::Open },
            retain: message.retain,
            echo: message.echo,
            tried: false,
            counted: false,
        });
    }

    /// Returns the next packet to send on this connection, in order; `None` if all are sent, or as many as may be in flight.
    #[inline]
    pub fn next_to_send(&mut self) -> Option<Send<'_>> {
        let (sequence, at) = self.next_unsent()?;
        let WindowEntry { qos, .. } = self.entries[at];
        if qos != QoS::AtMostOnce {
            if !self.in_flight.has_room(qos) {
                return None;
            }
            if self.entries[at].id == 0 {
                self.entries[at].id = self.ids.take(sequence)?;
            }
            self.in_flight.add(qos);
        }
        if sequence == self.cursor {
            self.cursor += 1;
        } else {
            self.ready.pop_front();
        }
        let entry = &mut self.entries[at];
        let id = entry.id;
        if entry.state == SendState::Received {
            return Some(Send::Release { id });
        }
        let again = std::mem::replace(&mut entry.tried, true);
        let is_kept = self.qos_0 == Qos0::Keep && !entry.echo;
        entry.state = if qos == QoS::AtMostOnce && !is_kept { SendState::Acknowledged } else { SendState::Open };
        if qos == QoS::AtMostOnce && is_kept {
            self.sent_at_qos_0.push_back(sequence);
        }
        let message = Outgoing {
            topic: entry.topic,
            payload: self.payloads.bytes_at(entry.place),
            qos,
            retain: entry.retain,
            echo: entry.echo,
            id,
            time: entry.time,
        };
        Some(Send::Publish { message, again })
    }

    /// Returns the next message that must be sent on this connection, with its place, and passes those that have not.
    #[inline]
    fn next_unsent(&mut self) -> Option<(u64, usize)> {
        if !self.ready.is_empty()
            && let Some(next) = self.next_ready()
        {
            return Some(next);
        }
        loop {
            let at = self.index(self.cursor)?;
            let entry = &self.entries[at];
            match entry.state {
                SendState::Waiting => {}
                SendState::Acknowledged if entry.is_done() => {}
                _ => return Some((self.cursor, at)),
            }
            self.cursor += 1;
        }
    }

    /// Returns the next message that waited and can be sent now.
    #[cold]
    fn next_ready(&mut self) -> Option<(u64, usize)> {
        loop {
            let sequence = *self.ready.front()?;
            match self.index(sequence).filter(|at| self.entries[*at].state == SendState::Open) {
                Some(at) => return Some((sequence, at)),
                // It was given up meanwhile.
                None => self.ready.pop_front(),
            };
        }
    }

    /// Returns the sequence number of the next message to send on this connection.
    pub fn next_sequence(&mut self) -> Option<u64> {
        self.next_unsent().map(|(sequence, _)| sequence)
    }

    /// Returns the topic of the next message to send if that message must come back.
    pub fn next_needs_echo(&mut self) -> Option<u32> {
        let (_, at) = self.next_unsent()?;
        let entry = &self.entries[at];
        entry.echo.then_some(entry.topic)
    }

    /// Processes an acknowledgement that is not a refusal.
    #[inline]
    pub fn acknowledge(&mut self, kind: AckKind, id: u16) -> Acknowledged {
        let Some(at) = self.find(id) else {
            // The broker may still hold an id that was used before the connection ended; PUBREL frees it.
            return if kind == AckKind::PubRec { Acknowledged::Release } else { Acknowledged::Nothing };
        };
        let sent = at < self.sent();
        let entry = &mut self.entries[at];
        match (kind, entry.qos, entry.state) {
            (AckKind::PubRec, QoS::ExactlyOnce, _) => {
                entry.state = SendState::Received;
                Acknowledged::Release
            }
            (AckKind::PubAck, QoS::AtLeastOnce, _) | (AckKind::PubComp, QoS::ExactlyOnce, SendState::Received) => {
                entry.state = SendState::Acknowledged;
                entry.id = 0;
                if sent {
                    self.in_flight.remove(entry.qos);
                }
                let WindowEntry { line, topic, .. } = *entry;
                let counted = std::mem::replace(&mut entry.counted, true);
                self.ids.free(id);
                if counted { Acknowledged::Nothing } else { Acknowledged::Line { line, topic } }
            }
            _ => Acknowledged::Nothing,
        }
    }

    /// Returns the message that has this packet id.
    pub fn by_id(&self, id: u16) -> Option<Tracked<'_>> {
        self.find(id).map(|at| self.message(at))
    }

    /// Returns the message with this sequence number, unless it is done.
    pub fn get(&self, sequence: u64) -> Option<Tracked<'_>> {
        self.index(sequence).filter(|at| !self.entries[*at].is_done()).map(|at| self.message(at))
    }

    /// Returns the oldest message that is not done, if it has been sent on this connection.
    pub fn oldest(&mut self) -> Option<Tracked<'_>> {
        self.settle();
        let at = self.on_their_way().next()?.0;
        Some(self.message(at))
    }

    /// Returns what is sent on this connection and not done.
    pub fn unfinished(&mut self) -> Unfinished {
        self.settle();
        let sequence = |(at, _): (usize, &WindowEntry)| self.sequence(at);
        let is_unanswered = |(_, entry): &(usize, &WindowEntry)| entry.state == SendState::Open;
        Unfinished {
            count: self.on_their_way().count(),
            oldest: self.on_their_way().next().map(sequence),
            unanswered: self.on_their_way().find(is_unanswered).map(sequence),
        }
    }

    /// Returns the messages whose PUBLISH must be sent on this connection, in order.
    pub fn to_publish(&self) -> impl Iterator<Item = Tracked<'_>> {
        let rest = self.entries.iter().enumerate().skip(self.sent());
        rest.filter(|(_, entry)| entry.state != SendState::Received && !entry.is_done()).map(|(at, _)| self.message(at))
    }

    /// Returns the messages that are sent on this connection and not done, each with its place, in order.
    fn on_their_way(&self) -> impl Iterator<Item = (usize, &WindowEntry)> {
        let is_out = |(at, entry): &(usize, &WindowEntry)| {
            let waits = entry.state == SendState::Waiting || self.ready.contains(&self.sequence(*at));
            !waits && !entry.is_done()
        };
        self.entries.iter().enumerate().take(self.sent()).filter(is_out)
    }

    /// Returns the messages, sent before this sequence number, of which only the echo is missing.
    pub fn without_echo(&self, before: u64) -> Vec<u64> {
        let missing = self.on_their_way().filter(|(_, entry)| entry.state == SendState::Acknowledged);
        missing.map(|(at, _)| self.sequence(at)).take_while(|sequence| *sequence < before).collect()
    }

    /// Returns the messages to this topic that were sent and have yet to come back.
    pub fn sent_for_echo(&self, topic: u32) -> Vec<u64> {
        self.sequences(|entry| entry.awaits_echo(topic) && entry.tried && entry.state != SendState::Waiting)
    }

    /// Returns the messages to this topic that are not done and not postponed.
    pub fn to_topic(&self, topic: u32) -> Vec<u64> {
        self.sequences(|entry| entry.topic == topic && !entry.is_done() && !entry.is_postponed())
    }

    fn sequences(&self, is_meant: impl Fn(&WindowEntry) -> bool) -> Vec<u64> {
        let meant = self.entries.iter().enumerate().filter(|(_, entry)| is_meant(entry));
        meant.map(|(at, _)| self.sequence(at)).collect()
    }

    /// Returns the sequence number after the last message that has been sent on this connection.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    fn message(&self, at: usize) -> Tracked<'_> {
        let entry = &self.entries[at];
        Tracked {
            sequence: self.sequence(at),
            line: entry.line,
            topic: entry.topic,
            payload: self.payloads.bytes_at(entry.place),
            qos: entry.qos,
            retain: entry.retain,
            time: entry.time,
            acknowledged: entry.state == SendState::Acknowledged,
            counted: entry.counted,
        }
    }

    /// Gives up a refused message: it is done, and its packet id is free (MQTT 5 §4.3.3). Returns its topic.
    pub fn abandon(&mut self, sequence: u64) -> Option<u32> {
        let at = self.index(sequence)?;
        self.take_back(at);
        let entry = &mut self.entries[at];
        entry.state = SendState::Acknowledged;
        entry.echo = false;
        Some(entry.topic)
    }

    /// Keeps a message that the broker cannot take yet: it is sent again after [`resume`](Self::resume).
    pub fn postpone(&mut self, sequence: u64) {
        if let Some(at) = self.index(sequence) {
            self.take_back(at);
            self.entries[at].state = SendState::Waiting;
        }
    }

    /// Frees the packet id of a message that is no longer in flight.
    fn take_back(&mut self, at: usize) {
        let is_sent = at < self.sent();
        let entry = &mut self.entries[at];
        let id = std::mem::take(&mut entry.id);
        if id != 0 {
            self.ids.free(id);
            if is_sent {
                self.in_flight.remove(entry.qos);
            }
        }
    }

    /// Lets the [postponed](Self::postpone) messages be sent.
    pub fn resume(&mut self) {
        self.send_waiting(WindowEntry::is_postponed);
        self.readmit();
    }

    /// Puts the postponed messages behind the others.
    fn readmit(&mut self) {
        self.entries.extend(self.postponed.readmit(&mut self.payloads));
    }

    /// Lets the messages that wait for this topic to be proved be sent.
    pub fn release(&mut self, topic: u32) {
        self.send_waiting(|entry| entry.is_parked() && entry.topic == topic);
    }

    fn send_waiting(&mut self, is_meant: impl Fn(&WindowEntry) -> bool) {
        for at in 0..self.entries.len() {
            if is_meant(&self.entries[at]) {
                self.send_now(at);
            }
        }
    }

    /// Has a message sent that waits.
    fn send_now(&mut self, at: usize) {
        self.entries[at].state = SendState::Open;
        // The cursor reaches the others.
        if at < self.sent() {
            self.ready.push_back(self.sequence(at));
        }
    }

    /// Lets the first message that waits for this topic to be proved be sent; it must come back. Returns whether there
    /// is one.
    pub fn promote(&mut self, topic: u32) -> bool {
        let waits = |e: &WindowEntry| e.is_parked() && e.topic == topic;
        let Some(at) = self.entries.iter().position(waits) else { return false };
        self.entries[at].echo = true;
        self.echo_cursor = self.echo_cursor.min(self.sequence(at));
        self.send_now(at);
        true
    }

    /// Processes a message that came back. If one of ours waits for an echo with this topic and payload, returns the QoS and
    /// the line of the oldest one.
    pub fn echo(&mut self, topic: u32, payload: &[u8]) -> Option<(QoS, u64)> {
        let from = self.index(self.echo_cursor.max(self.first)).unwrap_or(self.entries.len());
        let mut waiting_before = false;
        for at in from..self.sent() {
            let entry = &mut self.entries[at];
            if entry.awaits_echo(topic) && self.payloads.bytes_at(entry.place) == payload {
                entry.echo = false;
                if !waiting_before {
                    self.echo_cursor = self.first + at as u64 + 1;
                }
                return Some((entry.qos, entry.line));
            }
            waiting_before |= entry.echo;
        }
        None
    }

    /// Returns whether a message to this topic has yet to come back.
    pub fn awaits_echo(&self, topic: u32) -> bool {
        self.entries.iter().chain(self.postponed.entries()).any(|entry| entry.awaits_echo(topic))
    }

    /// Starts a new connection: everything that is not done will be sent again, in order. In a kept session the packet ids
    /// stay valid, and so does what the broker has received at QoS 2; in a clean one everything starts over.
    ///
    /// `in_flight` bounds how many may be unacknowledged, `qos_2` how many of those at QoS 2.
    pub fn restart(&mut self, session: CleanStart, in_flight: usize, qos_2: usize) {
        self.settle();
        self.readmit();
        self.in_flight = InFlightCount::new(self.limit.min(in_flight.max(1)), qos_2.max(1));
        self.cursor = self.first;
        self.echo_cursor = self.first;
        self.ready.clear();
        self.sent_at_qos_0.clear();
        self.ids.restart(session);
        for entry in &mut self.entries {
            // Its echo went to a connection that has ended, or never came: only another echo can show it.
            if entry.state == SendState::Acknowledged && entry.qos == QoS::ExactlyOnce && entry.echo {
                entry.state = SendState::Open;
            }
            if entry.is_postponed() {
                entry.state = SendState::Open;
            }
            if session == CleanStart::Yes {
                entry.id = 0;
                if entry.state == SendState::Received {
                    entry.state = SendState::Open;
                }
            }
        }
    }

    /// Returns the line of the oldest message that is not done, sent or not.
    pub fn oldest_line(&mut self) -> Option<u64> {
        self.settle();
        self.entries.front().into_iter().chain(self.postponed.entries()).map(|entry| entry.line).min()
    }

    /// Counts the messages that are not done, sent or not.
    pub fn waiting(&self) -> usize {
        self.entries.iter().filter(|e| !e.is_done()).count() + self.postponed.len()
    }

    /// Returns whether nothing is left to wait for.
    pub fn is_empty(&mut self) -> bool {
        self.settle();
        self.entries.is_empty() && self.postponed.is_empty()
    }

    /// Returns whether so much is in flight that the broker is busy for a while.
    pub fn is_busy(&self) -> bool {
        self.in_flight.is_busy()
    }

    /// Counts the messages at QoS 2 that are sent on this connection and not acknowledged.
    pub fn qos_2_in_flight(&self) -> usize {
        self.in_flight.qos_2
    }

    /// Reserves a packet id for something other than a message; `None` if all are in use.
    pub fn reserve_id(&mut self) -> Option<u16> {
        self.ids.reserve()
    }

    /// Frees an id that was reserved.
    pub fn free_reserved(&mut self, id: u16) {
        self.ids.free_reserved(id);
    }

    fn find(&self, id: u16) -> Option<usize> {
        self.index(self.ids.sequence(id)?)
    }

    /// Counts the entries that the cursor has passed: they are sent on this connection, or wait.
    fn sent(&self) -> usize {
        // The cursor is never after the last entry.
        (self.cursor - self.first) as usize
    }

    fn sequence(&self, at: usize) -> u64 {
        self.first + at as u64
    }

    fn index(&self, sequence: u64) -> Option<usize> {
        let at = usize::try_from(sequence.checked_sub(self.first)?).ok()?;
        (at < self.entries.len()).then_some(at)
    }

    /// Removes messages at the front that are done, or must wait for long.
    fn settle(&mut self) {
        let is_over = |entry: &WindowEntry| entry.is_done() || entry.is_postponed();
        while self.first < self.cursor && self.entries.front().is_some_and(is_over) {
            if let Some(entry) = self.entries.pop_front() {
                let place = entry.place;
                if entry.is_postponed() {
                    self.postponed.push(entry, self.payloads.bytes_at(place));
                }
                self.payloads.pop(place);
            }
            self.first += 1;
        }
    }
}

#[cfg(test)]
#[path = "window/tests.rs"]
mod tests;
