//! One connection of a stream, from log-in to its end: lines into the window, the window onto the wire, answers back.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::super::format::{BadLine, Decoded};
use super::super::lines::{Batch, Input, OnItsWay};
use super::super::stop::Alarm;
use super::super::topics::Proof;
use super::super::window::{Acknowledged, Message, Send};
use super::{Broken, Confirm, Event, Stream, StreamError, Surroundings};
use crate::mqtt::connection::Connection;
use crate::mqtt::packet::{AckKind, Filter, MAX_PACKET, Packet, Publish, QoS, Reason, Version};
use crate::mqtt::publish::{PublishRef, longest_body};

/// Bytes that may be queued before no more is encoded: one batch leaves in one write.
const ENOUGH_QUEUED: usize = 128 * 1024;
/// Time between two pings that tell how far the broker has come at QoS 0.
const PING_PAUSE: Duration = Duration::from_secs(1);
/// Mosquitto writes each acknowledgement by itself. Where they come in dribs while the broker has enough to do, a pause
/// lets them gather: a wake-up for each would cost more than all the rest, and where cores are few it costs the broker.
const FEW_PACKETS: usize = 64;
const GATHERING_PAUSE: Duration = Duration::from_millis(1);
/// How soon it is looked again what the reader had in its hands when it was stopped.
const READER_PAUSE: Duration = Duration::from_millis(5);

/// What has to move within the timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// The oldest message that is out.
    Message(u64),
    /// The socket: bytes that are queued.
    Queue(usize),
}

impl<S: Surroundings> Stream<'_, S> {
    /// Goes on until everything is done or the connection is of no more use.
    pub(super) async fn converse(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        loop {
            self.pump(connection)?;
            if self.is_finished() {
                return Ok(());
            }
            self.watch(connection.queued());
            let stuck = self.watched.map(|(_, since)| since + self.options.timeout);
            let draining = self.stop.is_draining() && !self.ended;
            let wants_input = !self.ended && self.batch.is_none() && self.window.has_room();
            if draining && wants_input {
                match self.lines.as_mut().map_or(Ok(None), |lines| lines.rest()) {
                    Ok(Some(input)) => {
                        self.take_input(input)?;
                        continue;
                    }
                    Ok(None) => {
                        self.ended = true;
                        continue;
                    }
                    Err(OnItsWay) => {}
                }
            }
            let input = async {
                match &mut self.lines {
                    Some(lines) if !draining => lines.next().await,
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                alarm = self.stop.alarm() => match alarm {
                    Alarm::Drain => {
                        if let Some(lines) = &self.lines {
                            lines.stop();
                        }
                        self.surroundings.tell(&Event::Draining { waiting: self.window.waiting() });
                    }
                    Alarm::Over(cause) => {
                        let (missing, read) = (self.tally.missing(), self.tally.read);
                        return Err(StreamError::Unfinished { missing, read, cause }.into());
                    }
                },
                packet = connection.progress() => {
                    let mut next = packet?;
                    let mut taken = 0;
                    while let Some(packet) = next {
                        self.take_packet(connection, packet)?;
                        taken += 1;
                        next = connection.buffered()?;
                    }
                    if (1..FEW_PACKETS).contains(&taken) && connection.queued() == 0 && self.window.is_busy() {
                        sleep(GATHERING_PAUSE).await;
                    }
                }
                input = input, if wants_input => match input {
                    Some(input) => self.take_input(input)?,
                    None => self.ended = true,
                },
                () = sleep(READER_PAUSE), if draining && wants_input => {}
                () = sleep_until(stuck.unwrap_or_else(Instant::now)), if stuck.is_some() => return Err(self.stuck()),
            }
        }
    }

    /// Notes what has to move next, and since when it stands.
    fn watch(&mut self, queued: usize) {
        let now = match self.window.oldest() {
            Some((sequence, _)) => Some(Watched::Message(sequence)),
            None if queued > 0 => Some(Watched::Queue(queued)),
            None => None,
        };
        if now != self.watched.map(|(what, _)| what) {
            self.watched = now.map(|what| (what, Instant::now()));
        }
    }

    fn stuck(&mut self) -> Broken {
        match self.window.oldest() {
            Some((_, which)) if which.acknowledged => match self.topic(which.topic) {
                Ok(topic) => StreamError::NoEcho { line: which.line, topic, after: self.options.timeout }.into(),
                Err(e) => e.into(),
            },
            _ => Broken::Stuck,
        }
    }

    fn take_input(&mut self, input: Input) -> Result<(), StreamError> {
        match input {
            Input::Lines(batch) => self.batch = Some(batch),
            Input::TooLong { bytes, last } => {
                if !self.piece_of_long_line {
                    self.line += 1;
                    self.tally.read += 1;
                    self.bad_line(BadLine::TooLong { max: self.options.splitting.max_line });
                }
                self.piece_of_long_line = !last;
                self.surroundings.put_aside(&bytes, last).map_err(StreamError::Aside)?;
            }
            Input::Failed(e) => {
                self.ended = true;
                self.trouble = Some(StreamError::Input(e));
            }
        }
        Ok(())
    }

    /// Tells of the line that was taken last, and ends the reading if that is wanted.
    fn bad_line(&mut self, why: BadLine) {
        self.tally.rejected += 1;
        self.surroundings.tell(&Event::BadLine { line: self.line, why: &why });
        if self.options.strict {
            self.ended = true;
            self.batch = None;
            if let Some(lines) = &self.lines {
                lines.stop();
            }
            self.trouble = Some(StreamError::BadLine { line: self.line, source: why });
        }
    }

    /// Takes lines and queues what may be sent, until the window, the output or the batch gives out.
    fn pump(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        loop {
            let taken = self.take_lines(connection.version())?;
            self.send(connection)?;
            if !taken || self.batch.is_none() || connection.queued() >= ENOUGH_QUEUED {
                break;
            }
        }
        self.mark_qos_zero(connection)
    }

    /// Takes lines of the batch into the window: whether there were any.
    fn take_lines(&mut self, version: Version) -> Result<bool, Broken> {
        let Some(mut batch) = self.batch.take() else { return Ok(false) };
        let before = self.line;
        let result = self.take_from(&mut batch, version);
        if !self.ended && batch.peek().is_some() {
            self.batch = Some(batch);
        }
        result.map(|()| self.line > before)
    }

    fn take_from(&mut self, batch: &mut Batch, version: Version) -> Result<(), Broken> {
        while self.window.has_room() && !self.ended {
            let Some((line, length)) = batch.peek() else { break };
            match self.take_line(line, version) {
                Ok(Taken::Yes) => {}
                Ok(Taken::NotYet) => break,
                Err(why) => {
                    self.line += 1;
                    self.tally.read += 1;
                    // Put aside first: whoever is told of a line finds it there.
                    self.surroundings.put_aside(line, true).map_err(StreamError::Aside)?;
                    self.bad_line(why);
                }
            }
            batch.skip(length);
        }
        Ok(())
    }

    fn take_line(&mut self, line: &[u8], version: Version) -> Result<Taken, BadLine> {
        let max = self.options.splitting.max_line;
        if line.len() > max {
            return Err(BadLine::TooLong { max });
        }
        let Decoded { topic, payload, qos, retain } = self.options.format.decode(line)?;
        let Some(number) = self.number(topic.as_deref())? else { return Ok(Taken::NotYet) };
        let qos = qos.unwrap_or(self.options.qos);
        let by_reason = version == Version::V5 && qos != QoS::AtMostOnce;
        let Some(entry) = self.topics.get_mut(number) else { return Ok(Taken::NotYet) };
        let max = self.max_packet.min(MAX_PACKET);
        if 5 + longest_body(entry.topic.as_str().len(), payload.len()) > max {
            return Err(BadLine::TooLarge { max });
        }
        let echo = match (self.options.confirm, entry.proof) {
            _ if by_reason => false,
            (Confirm::None, _) | (Confirm::First, Proof::Given) => false,
            (Confirm::All, _) => true,
            (Confirm::First, Proof::Pending) => return Ok(Taken::NotYet),
            (Confirm::First, Proof::Open) => {
                entry.proof = Proof::Pending;
                true
            }
        };
        self.line += 1;
        self.tally.read += 1;
        let retain = retain.unwrap_or(self.options.retain);
        self.window.push(&Message { line: self.line, topic: number, payload: &payload, qos, retain, echo });
        Ok(Taken::Yes)
    }

    /// The number of a topic; `None` while there are too many to take another.
    fn number(&mut self, text: Option<&str>) -> Result<Option<u32>, BadLine> {
        let known = match text {
            None => self.default_topic,
            Some(text) => self.topics.find(text),
        };
        if known.is_some() {
            return Ok(known);
        }
        let topic = match text {
            None => self.options.topic.clone().ok_or(BadLine::NoTopic)?,
            Some(text) => self.surroundings.topic(text).map_err(BadLine::Topic)?,
        };
        let number = match self.topics.find(topic.as_str()) {
            Some(number) => Some(number),
            None => match self.topics.add(topic.clone()) {
                // Numbers are reused once no message bears one.
                None if self.window.is_empty() => {
                    self.topics.clear();
                    self.default_topic = None;
                    self.topics.add(topic)
                }
                number => number,
            },
        };
        if text.is_none() {
            self.default_topic = number;
        }
        Ok(number)
    }

    /// Queues what the window has to send.
    fn send(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        while connection.queued() < ENOUGH_QUEUED {
            if let Some(topic) = self.window.next_needs_echo()
                && !self.subscribe(connection, topic)?
            {
                break;
            }
            match self.window.next_to_send() {
                None => break,
                Some(Send::Release { id }) => connection.queue(release(id))?,
                Some(Send::Publish { message, again }) => {
                    let Some(entry) = self.topics.get(message.topic) else { continue };
                    connection.queue_publish(&PublishRef {
                        topic: entry.topic.as_str(),
                        payload: message.payload,
                        qos: message.qos,
                        retain: message.retain,
                        dup: again && message.qos != QoS::AtMostOnce,
                        id: message.id,
                    })?;
                    match again {
                        false => self.tally.sent += 1,
                        true => self.tally.resent += 1,
                    }
                    if message.qos == QoS::AtMostOnce && !message.echo {
                        self.unproved.handed += 1;
                    }
                }
            }
        }
        Ok(())
    }

    /// Subscribes to a topic whose message shall come back: whether that is done.
    fn subscribe(&mut self, connection: &mut Connection, number: u32) -> Result<bool, Broken> {
        let Some(entry) = self.topics.get_mut(number).filter(|e| !e.subscribed) else { return Ok(true) };
        let Some(id) = self.window.reserve_id() else { return Ok(false) };
        entry.subscribed = true;
        // QoS 0 is enough for a message on its way back over the same connection, and needs no acknowledgement.
        let filter = Filter { filter: entry.topic.as_str().into(), qos: QoS::AtMostOnce, no_local: false };
        connection.queue(Packet::Subscribe { id, filters: vec![filter] })?;
        self.subscribing.push((id, number));
        Ok(true)
    }

    /// Learns by pings how much of what went at QoS 0 the broker has taken: what a lost connection may have lost.
    fn mark_qos_zero(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        let zero = &mut self.unproved;
        if zero.handed == zero.taken {
            return Ok(());
        }
        match zero.ping {
            Some((number, handed)) if connection.pongs() >= number => {
                self.tally.acknowledged += handed - zero.taken;
                zero.taken = handed;
                zero.ping = None;
                self.fruitless = 0;
                self.backoff.reset();
            }
            Some(_) => {}
            None if zero.pinged.get_or_insert_with(Instant::now).elapsed() < PING_PAUSE => {}
            None => {
                zero.ping = Some((connection.ping()?, zero.handed));
                zero.pinged = Some(Instant::now());
            }
        }
        Ok(())
    }

    fn take_packet(&mut self, connection: &mut Connection, packet: Packet) -> Result<(), Broken> {
        match packet {
            // PUBCOMP "not found": the broker is done with it already.
            Packet::Ack { kind, id, reason } if reason.is_failure() && kind != AckKind::PubComp => {
                if let Some(which) = self.window.which(id) {
                    let topic = self.topic(which.topic)?;
                    return Err(StreamError::Denied { line: which.line, topic, reason }.into());
                }
            }
            Packet::Ack { kind, id, .. } => match self.window.acknowledge(kind, id) {
                Acknowledged::Line(_) => {
                    self.tally.acknowledged += 1;
                    if connection.version() == Version::V5 && self.options.confirm != Confirm::None {
                        self.tally.confirmed += 1;
                    }
                    self.progressed();
                }
                Acknowledged::Release => connection.queue(release(id))?,
                Acknowledged::Nothing => {}
            },
            Packet::SubAck { id, codes } => {
                self.window.free_reserved(id);
                let at = self.subscribing.iter().position(|(i, _)| *i == id);
                let number = at.map(|at| self.subscribing.swap_remove(at).1);
                if let (Some(number), Some(reason)) = (number, codes.into_iter().find(|c| c.is_failure())) {
                    return Err(StreamError::EchoRefused { topic: self.topic(number)?, reason }.into());
                }
            }
            Packet::UnsubAck { id, .. } => self.window.free_reserved(id),
            Packet::Publish(message) => self.take_echo(connection, &message)?,
            _ => {}
        }
        Ok(())
    }

    fn take_echo(&mut self, connection: &mut Connection, message: &Publish) -> Result<(), Broken> {
        // An older retained message, and what other devices of the hub publish there, are not ours.
        let Some(number) = self.topics.find(&message.topic).filter(|_| !message.retain) else { return Ok(()) };
        let Some(qos) = self.window.echo(number, &message.payload) else { return Ok(()) };
        self.tally.confirmed += 1;
        if qos == QoS::AtMostOnce {
            self.tally.acknowledged += 1;
        }
        self.progressed();
        if self.options.confirm == Confirm::First
            && let Some(entry) = self.topics.get_mut(number)
        {
            entry.proof = Proof::Given;
            if std::mem::take(&mut entry.subscribed)
                && let Some(id) = self.window.reserve_id()
            {
                connection.queue(Packet::Unsubscribe { id, filters: vec![entry.topic.as_str().into()] })?;
            }
        }
        Ok(())
    }

    /// The connection is of use.
    fn progressed(&mut self) {
        self.fruitless = 0;
        self.backoff.reset();
    }
}

/// Whether a line went into the window.
enum Taken {
    Yes,
    /// Something else has to happen first.
    NotYet,
}

fn release(id: u16) -> Packet {
    Packet::Ack { kind: AckKind::PubRel, id, reason: Reason::SUCCESS }
}
