//! The messages that are in flight and not done: in order, bounded in number and bytes, each with our own sequence number.
//!
//! A packet id names a message on one connection for as long as it is unacknowledged; it comes round after 65,535 messages
//! and means nothing in a new session. So it only leads to the sequence number. Nothing here reads, writes
//! or waits.

use std::collections::VecDeque;

use super::arena::{PayloadArena, Slot};
use crate::mqtt::packet::{AckKind, QoS};
use crate::mqtt::reconnect::CleanStart;

/// Most messages that can be unacknowledged at once: MQTT's packet ids are 16 bits, without 0.
pub const MAX_IN_FLIGHT: usize = 65_535;

/// Messages in flight that keep a broker busy for some milliseconds.
const BUSY: usize = 1000;

/// Marks a packet id that is not a message's.
const RESERVED: u64 = u64::MAX;

/// What becomes of messages at QoS 0 when a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qos0 {
    /// They may be lost: they are done once sent.
    Forget,
    /// They are sent again unless [`Window::taken_at_qos_0`] has noted that the broker took them.
    Keep,
}

/// A message that enters the window. `topic` is the caller's number for the topic.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Number of the input line, from 1.
    pub line: u64,
    pub topic: u32,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    /// It is done only once it has come back as well.
    pub echo: bool,
    /// It is not sent before [`Window::release`] or [`Window::promote`] names its topic.
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
    /// As in [`Message::time`].
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not acknowledged; it was sent on this connection if it is before the cursor and not `ready`.
    Open,
    /// Not to be sent yet: its topic must be proved first, or, if it was tried before, the broker needs time.
    Waiting,
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
    /// It has yet to come back.
    echo: bool,
    /// It has been sent before.
    tried: bool,
    /// It has been counted as acknowledged before.
    counted: bool,
}

impl Entry {
    fn is_done(&self) -> bool {
        self.state == State::Acknowledged && !self.echo
    }

    /// Returns whether the broker could not take it, and is given time.
    fn is_postponed(&self) -> bool {
        self.state == State::Waiting && self.tried
    }
}

/// A message that the broker could not take, kept apart from the others.
#[derive(Debug)]
struct Postponed {
    entry: Entry,
    payload: Box<[u8]>,
}

/// The window.
#[derive(Debug)]
pub struct Window {
    /// Most messages from the oldest one that is not done to the newest.
    limit: usize,
    /// Most messages that are sent on this connection and unacknowledged: `limit`, or less if the broker says so.
    in_flight_limit: usize,
    in_flight: usize,
    /// The same for messages at QoS 2, for which the broker must keep state.
    qos_2_limit: usize,
    qos_2_in_flight: usize,
    /// Most memory, in bytes.
    max_bytes: usize,
    entries: VecDeque<Entry>,
    /// Sequence number of the first entry.
    first: u64,
    /// Sequence number of the first entry that is not yet sent on this connection.
    cursor: u64,
    /// Entries before the cursor that waited and can be sent now, in order.
    ready: VecDeque<u64>,
    /// No entry before this one waits for its echo.
    echo_cursor: u64,
    payloads: PayloadArena,
    /// Messages that would be the oldest for a long time; they count only as memory.
    postponed: Vec<Postponed>,
    /// Memory of these, in bytes.
    postponed_bytes: usize,
    /// For each packet id the sequence number it stands for, plus one; 0 if it is free. Ids that were never used are left
    /// out: most streams of a fleet use few.
    ids: Vec<u64>,
    last_id: u16,
    ids_in_use: usize,
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
            in_flight_limit: limit,
            in_flight: 0,
            qos_2_limit: limit,
            qos_2_in_flight: 0,
            max_bytes,
            entries: VecDeque::new(),
            first: 0,
            cursor: 0,
            ready: VecDeque::new(),
            echo_cursor: 0,
            payloads: PayloadArena::default(),
            postponed: Vec::new(),
            postponed_bytes: 0,
            ids: Vec::new(),
            last_id: 0,
            ids_in_use: 0,
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
                entry.state = State::Acknowledged;
                taken(entry.topic);
            }
        }
    }

    /// Returns whether another message may come in.
    pub fn has_room(&mut self) -> bool {
        self.settle();
        let memory = self.payloads.capacity() + self.entries.len() * size_of::<Entry>() + self.postponed_bytes;
        self.entries.len() < self.limit
            && (self.entries.is_empty() && self.postponed.is_empty() || memory < self.max_bytes)
    }

    /// Adds a message; [`has_room`](Self::has_room) must have returned true.
    pub fn push(&mut self, message: &Message<'_>) {
        let place = self.payloads.push(message.payload);
        self.entries.push_back(Entry {
            line: message.line,
            time: message.time,
            place,
            topic: message.topic,
            id: 0,
            qos: message.qos,
            state: if message.parked { State::Waiting } else { State::Open },
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
        let Entry { qos, .. } = self.entries[at];
        if qos != QoS::AtMostOnce {
            let at_qos_2 = qos == QoS::ExactlyOnce;
            if self.in_flight >= self.in_flight_limit || at_qos_2 && self.qos_2_in_flight >= self.qos_2_limit {
                return None;
            }
            if self.entries[at].id == 0 {
                self.entries[at].id = self.take_id(sequence + 1)?;
            }
            self.in_flight += 1;
            self.qos_2_in_flight += usize::from(at_qos_2);
        }
        if sequence == self.cursor {
            self.cursor += 1;
        } else {
            self.ready.pop_front();
        }
        let entry = &mut self.entries[at];
        let id = entry.id;
        if entry.state == State::Received {
            return Some(Send::Release { id });
        }
        let again = std::mem::replace(&mut entry.tried, true);
        let is_kept = self.qos_0 == Qos0::Keep && !entry.echo;
        entry.state = if qos == QoS::AtMostOnce && !is_kept { State::Acknowledged } else { State::Open };
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
                State::Waiting => {}
                State::Acknowledged if entry.is_done() => {}
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
            match self.index(sequence).filter(|at| self.entries[*at].state == State::Open) {
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
                    self.qos_2_in_flight -= usize::from(entry.qos == QoS::ExactlyOnce);
                }
                let Entry { line, topic, .. } = *entry;
                let counted = std::mem::replace(&mut entry.counted, true);
                self.free_id(id);
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
        let sequence = |(at, _): (usize, &Entry)| self.first + at as u64;
        let is_unanswered = |(_, entry): &(usize, &Entry)| entry.state == State::Open;
        Unfinished {
            count: self.on_their_way().count(),
            oldest: self.on_their_way().next().map(sequence),
            unanswered: self.on_their_way().find(is_unanswered).map(sequence),
        }
    }

    /// Returns the messages whose PUBLISH must be sent on this connection, in order.
    pub fn to_publish(&self) -> impl Iterator<Item = Tracked<'_>> {
        let sent = usize::try_from(self.cursor - self.first).unwrap_or(usize::MAX);
        let rest = self.entries.iter().enumerate().skip(sent);
        rest.filter(|(_, entry)| entry.state != State::Received && !entry.is_done()).map(|(at, _)| self.message(at))
    }

    /// Returns the messages that are sent on this connection and not done, each with its place, in order.
    fn on_their_way(&self) -> impl Iterator<Item = (usize, &Entry)> {
        let sent = usize::try_from(self.cursor - self.first).unwrap_or(usize::MAX);
        let is_out = |(at, entry): &(usize, &Entry)| {
            let waits = entry.state == State::Waiting || self.ready.contains(&(self.first + *at as u64));
            !waits && !entry.is_done()
        };
        self.entries.iter().enumerate().take(sent).filter(is_out)
    }

    /// Returns the messages, sent before this sequence number, of which only the echo is missing.
    pub fn without_echo(&self, before: u64) -> Vec<u64> {
        let missing = self.on_their_way().filter(|(_, entry)| entry.state == State::Acknowledged);
        missing.map(|(at, _)| self.first + at as u64).take_while(|sequence| *sequence < before).collect()
    }

    /// Returns the messages to this topic that were sent and have yet to come back.
    pub fn sent_for_echo(&self, topic: u32) -> Vec<u64> {
        let is_sent = |e: &Entry| e.topic == topic && e.echo && e.tried && e.state != State::Waiting;
        let those = self.entries.iter().enumerate().filter(|(_, entry)| is_sent(entry));
        those.map(|(at, _)| self.first + at as u64).collect()
    }

    /// Returns the messages to this topic that are not done and not postponed.
    pub fn to_topic(&self, topic: u32) -> Vec<u64> {
        let is_left = |e: &Entry| e.topic == topic && !e.is_done() && !e.is_postponed();
        let those = self.entries.iter().enumerate().filter(|(_, entry)| is_left(entry));
        those.map(|(at, _)| self.first + at as u64).collect()
    }

    /// Returns the sequence number after the last message that has been sent on this connection.
    pub fn cursor(&self) -> u64 {
        self.cursor
    }

    fn message(&self, at: usize) -> Tracked<'_> {
        let entry = &self.entries[at];
        Tracked {
            sequence: self.first + at as u64,
            line: entry.line,
            topic: entry.topic,
            payload: self.payloads.bytes_at(entry.place),
            qos: entry.qos,
            retain: entry.retain,
            time: entry.time,
            acknowledged: entry.state == State::Acknowledged,
            counted: entry.counted,
        }
    }

    /// Gives up a refused message: it is done, and its packet id is free (MQTT 5 §4.3.3). Returns its topic.
    pub fn abandon(&mut self, sequence: u64) -> Option<u32> {
        let at = self.index(sequence)?;
        self.take_back(at);
        let entry = &mut self.entries[at];
        entry.state = State::Acknowledged;
        entry.echo = false;
        Some(entry.topic)
    }

    /// Keeps a message that the broker cannot take yet: it is sent again after [`resume`](Self::resume).
    pub fn postpone(&mut self, sequence: u64) {
        if let Some(at) = self.index(sequence) {
            self.take_back(at);
            self.entries[at].state = State::Waiting;
        }
    }

    /// Frees the packet id of a message that is no longer in flight.
    fn take_back(&mut self, at: usize) {
        let is_sent = self.first + (at as u64) < self.cursor;
        let entry = &mut self.entries[at];
        let (id, at_qos_2) = (std::mem::take(&mut entry.id), entry.qos == QoS::ExactlyOnce);
        if id != 0 {
            self.free_id(id);
            if is_sent {
                self.in_flight -= 1;
                self.qos_2_in_flight -= usize::from(at_qos_2);
            }
        }
    }

    /// Lets the [postponed](Self::postpone) messages be sent.
    pub fn resume(&mut self) {
        self.send_waiting(|entry| entry.tried);
        self.readmit();
    }

    /// Puts the postponed messages behind the others.
    fn readmit(&mut self) {
        for Postponed { entry, payload } in std::mem::take(&mut self.postponed) {
            let place = self.payloads.push(&payload);
            self.entries.push_back(Entry { place, state: State::Open, ..entry });
        }
        self.postponed_bytes = 0;
    }

    /// Lets the messages that wait for this topic to be proved be sent.
    pub fn release(&mut self, topic: u32) {
        self.send_waiting(|entry| !entry.tried && entry.topic == topic);
    }

    fn send_waiting(&mut self, which: impl Fn(&Entry) -> bool) {
        for (at, entry) in self.entries.iter_mut().enumerate() {
            let sequence = self.first + at as u64;
            if entry.state == State::Waiting && which(entry) {
                entry.state = State::Open;
                // The cursor reaches the others.
                if sequence < self.cursor {
                    self.ready.push_back(sequence);
                }
            }
        }
    }

    /// Lets the first message that waits for this topic to be proved be sent; it must come back. Returns whether there
    /// is one.
    pub fn promote(&mut self, topic: u32) -> bool {
        let waits = |e: &Entry| e.state == State::Waiting && !e.tried && e.topic == topic;
        let Some(at) = self.entries.iter().position(waits) else { return false };
        let sequence = self.first + at as u64;
        let entry = &mut self.entries[at];
        (entry.state, entry.echo) = (State::Open, true);
        self.echo_cursor = self.echo_cursor.min(sequence);
        if sequence < self.cursor {
            self.ready.push_back(sequence);
        }
        true
    }

    /// Processes a message that came back. If one of ours waits for an echo with this topic and payload, returns the QoS and
    /// the line of the oldest one.
    pub fn echo(&mut self, topic: u32, payload: &[u8]) -> Option<(QoS, u64)> {
        let from = self.index(self.echo_cursor.max(self.first)).unwrap_or(self.entries.len());
        let sent = usize::try_from(self.cursor - self.first).unwrap_or(usize::MAX);
        let mut waiting_before = false;
        for at in from..sent.min(self.entries.len()) {
            let entry = &mut self.entries[at];
            if entry.echo && entry.topic == topic && self.payloads.bytes_at(entry.place) == payload {
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
        let mut all = self.entries.iter().chain(self.postponed.iter().map(|postponed| &postponed.entry));
        all.any(|e| e.echo && e.topic == topic)
    }

    /// Starts a new connection: everything that is not done will be sent again, in order. In a kept session the packet ids
    /// stay valid, and so does what the broker has received at QoS 2; in a clean one everything starts over.
    ///
    /// `in_flight` bounds how many may be unacknowledged, `qos_2` how many of those at QoS 2.
    pub fn restart(&mut self, session: CleanStart, in_flight: usize, qos_2: usize) {
        self.settle();
        self.readmit();
        self.in_flight_limit = self.limit.min(in_flight.max(1));
        self.qos_2_limit = qos_2.max(1);
        (self.in_flight, self.qos_2_in_flight) = (0, 0);
        self.cursor = self.first;
        self.echo_cursor = self.first;
        self.ready.clear();
        self.sent_at_qos_0.clear();
        for id in 0..self.ids.len() {
            if self.ids[id] == RESERVED || (session == CleanStart::Yes && self.ids[id] != 0) {
                self.ids[id] = 0;
                self.ids_in_use -= 1;
            }
        }
        for entry in &mut self.entries {
            // Its echo went to a connection that has ended, or never came: only another echo can show it.
            if entry.state == State::Acknowledged && entry.qos == QoS::ExactlyOnce && entry.echo {
                entry.state = State::Open;
            }
            if entry.state == State::Waiting && entry.tried {
                entry.state = State::Open;
            }
            if session == CleanStart::Yes {
                entry.id = 0;
                if entry.state == State::Received {
                    entry.state = State::Open;
                }
            }
        }
    }

    /// Returns the line of the oldest message that is not done, sent or not.
    pub fn oldest_line(&mut self) -> Option<u64> {
        self.settle();
        let postponed = self.postponed.iter().map(|postponed| &postponed.entry);
        self.entries.front().into_iter().chain(postponed).map(|entry| entry.line).min()
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
        self.in_flight >= BUSY.max(self.in_flight_limit / 2)
    }

    /// Counts the messages at QoS 2 that are sent on this connection and not acknowledged.
    pub fn qos_2_in_flight(&self) -> usize {
        self.qos_2_in_flight
    }

    /// Reserves a packet id for something other than a message; `None` if all are in use.
    pub fn reserve_id(&mut self) -> Option<u16> {
        self.take_id(RESERVED)
    }

    /// Frees an id that was reserved.
    pub fn free_reserved(&mut self, id: u16) {
        if self.holder(id) == RESERVED {
            self.free_id(id);
        }
    }

    fn take_id(&mut self, holder: u64) -> Option<u16> {
        if self.ids_in_use == MAX_IN_FLIGHT {
            return None;
        }
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if usize::from(self.last_id) >= self.ids.len() {
                self.ids.resize(usize::from(self.last_id) + 1, 0);
            }
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

    fn holder(&self, id: u16) -> u64 {
        self.ids.get(usize::from(id)).copied().unwrap_or_default()
    }

    fn find(&self, id: u16) -> Option<usize> {
        match self.holder(id) {
            0 | RESERVED => None,
            holder => self.index(holder - 1),
        }
    }

    fn index(&self, sequence: u64) -> Option<usize> {
        let at = usize::try_from(sequence.checked_sub(self.first)?).ok()?;
        (at < self.entries.len()).then_some(at)
    }

    /// Removes messages at the front that are done, or must wait for long.
    fn settle(&mut self) {
        let is_over = |entry: &Entry| entry.is_done() || entry.is_postponed();
        while self.first < self.cursor && self.entries.front().is_some_and(is_over) {
            if let Some(entry) = self.entries.pop_front() {
                let place = entry.place;
                if entry.is_postponed() {
                    let payload: Box<[u8]> = self.payloads.bytes_at(place).into();
                    self.postponed_bytes += size_of::<Postponed>() + payload.len();
                    self.postponed.push(Postponed { entry, payload });
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
