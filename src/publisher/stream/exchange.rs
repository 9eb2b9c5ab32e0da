//! One connection of a stream, from log-in to its end: lines into the window, the window onto the wire, answers back.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::super::shutdown::{Cause, Signal};
use super::super::topics::Proof;
use super::super::window::{Acknowledged, Send};
use super::source::Source;
use super::{Broken, Confirm, Event, Stream, StreamError, StreamHost};
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::outgoing::OutgoingPublish;
use crate::mqtt::packet::{AckKind, Filter, Packet, Publish, QoS, Reason, Version};

/// Bytes that may be queued before no more is encoded: one batch leaves in one write.
const ENOUGH_QUEUED: usize = 128 * 1024;
/// Time between two pings that tell how far the broker has come at QoS 0.
const PING_PAUSE: Duration = Duration::from_secs(1);
/// Mosquitto writes each acknowledgement by itself. Where they come in dribs while the broker has enough to do, a pause
/// lets them gather: a wake-up for each would cost more than all the rest, and where cores are few it costs the broker.
const FEW_PACKETS: usize = 64;
const GATHERING_PAUSE: Duration = Duration::from_millis(1);
/// The same for the few messages at QoS 2 that Mosquitto takes at once. The kernel makes some 100 µs of it, about what
/// Mosquitto takes for as many packets.
const TURN: Duration = Duration::from_micros(50);
/// With fewer messages in flight a pause costs more than it saves.
const FEW_TURNS: usize = 10;
/// Turns in a row at the most, some 5 ms, in which nothing else is looked at.
const TURNS: usize = 50;

/// What has to move within the timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watched {
    /// The oldest message that is out.
    Message(u64),
    /// The ping that is out at QoS 0, and the bytes that it may wait behind: how many are queued, where they pile up.
    Ping(u64, usize),
    /// The socket: bytes that are queued.
    Output(usize),
}

impl<S: StreamHost> Stream<'_, S> {
    /// Goes on until everything is done or the connection is of no more use.
    pub(super) async fn exchange(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        loop {
            self.pump(connection)?;
            if self.is_finished() {
                return Ok(());
            }
            self.watch(connection.queued());
            let stuck = self.watched.map(|(_, since)| since + self.options.timeout);
            let room = self.outbox.window.has_room();
            tokio::select! {
                biased;
                alarm = self.stop.alarm() => match alarm {
                    Signal::Drain => {
                        self.source.stop();
                        self.surroundings.tell(&Event::Draining { waiting: self.outbox.window.waiting() });
                    }
                    Signal::Over(cause) => return self.over(cause),
                },
                packet = connection.progress() => {
                    let awaited = self.outbox.window.exact_in_flight();
                    let taken = self.take_packets(connection, packet?)?;
                    if (FEW_TURNS..FEW_PACKETS).contains(&awaited) && (1..awaited / 2).contains(&taken) {
                        self.take_turns(connection).await?;
                    } else if (1..FEW_PACKETS).contains(&taken) && connection.queued() == 0 && self.outbox.window.is_busy() {
                        sleep(GATHERING_PAUSE).await;
                    }
                }
                more = self.source.more(), if self.source.has_more(room) => more?,
                () = sleep_until(stuck.unwrap_or_else(Instant::now)), if stuck.is_some() => return Err(self.stuck()),
            }
        }
    }

    /// Speaks and listens in turns, each after a pause, for as long as there are lines and answers to them: where few
    /// messages may be out, the way through the runtime costs more than all the rest.
    async fn take_turns(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        for _ in 0..TURNS {
            let heard = connection.gather(TURN).await?;
            let next = connection.buffered()?;
            self.take_packets(connection, next)?;
            self.pump(connection)?;
            let said = connection.flush_some().await?;
            if !heard || !said || self.outbox.window.exact_in_flight() == 0 {
                break;
            }
        }
        Ok(())
    }

    /// It has to end now. What more might have come was not asked for: nothing is wrong if all that did is out.
    fn over(&mut self, cause: Cause) -> Result<(), Broken> {
        match &self.source {
            Source::Lines(intake) if !intake.has_lines() && self.outbox.window.is_empty() => Ok(()),
            source => Err(source.unfinished(cause, &self.stats).into()),
        }
    }

    /// Notes what has to move next, and since when it stands.
    fn watch(&mut self, queued: usize) {
        let now = match (self.outbox.window.oldest(), self.unproved.ping) {
            (Some((sequence, _)), _) => Some(Watched::Message(sequence)),
            (None, Some((number, _))) => Some(Watched::Ping(number, if queued < ENOUGH_QUEUED { 0 } else { queued })),
            (None, None) if queued > 0 => Some(Watched::Output(queued)),
            (None, None) => None,
        };
        if now != self.watched.map(|(what, _)| what) {
            self.watched = now.map(|what| (what, Instant::now()));
        }
    }

    fn stuck(&mut self) -> Broken {
        match self.outbox.window.oldest() {
            Some((_, which)) if which.acknowledged => match self.outbox.topic(which.topic) {
                Ok(topic) => StreamError::NoEcho { line: which.line, topic, after: self.options.timeout }.into(),
                Err(e) => e.into(),
            },
            _ => Broken::Stuck,
        }
    }

    /// Takes lines and queues what may be sent, until the window, the output or the batch gives out.
    fn pump(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        self.mark_qos_zero(connection)?;
        loop {
            let taken = self.source.fill(&mut self.outbox)?;
            self.send(connection)?;
            if !taken || !self.source.has_messages() || connection.queued() >= ENOUGH_QUEUED {
                break;
            }
        }
        self.mark_qos_zero(connection)?;
        if let Source::Spool(feed, _) = &mut self.source {
            feed.note(&mut self.outbox);
        }
        Ok(())
    }

    /// Queues what the window has to send.
    fn send(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        while connection.queued() < ENOUGH_QUEUED {
            if let Some(topic) = self.outbox.window.next_needs_echo()
                && !self.subscribe(connection, topic)?
            {
                break;
            }
            match self.outbox.window.next_to_send() {
                None => break,
                Some(Send::Release { id }) => connection.queue(release(id))?,
                Some(Send::Publish { message, again }) => {
                    let Some(entry) = self.outbox.topics.get(message.topic) else { continue };
                    connection.queue_publish(&OutgoingPublish {
                        topic: entry.topic.as_str(),
                        payload: message.payload,
                        qos: message.qos,
                        retain: message.retain,
                        dup: again && message.qos != QoS::AtMostOnce,
                        id: message.id,
                        time: message.time,
                    })?;
                    match again {
                        false => self.stats.sent += 1,
                        true => self.stats.resent += 1,
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
        let Some(entry) = self.outbox.topics.get_mut(number).filter(|e| !e.subscribed) else { return Ok(true) };
        let Some(id) = self.outbox.window.reserve_id() else { return Ok(false) };
        entry.subscribed = true;
        // QoS 0 is enough for a message on its way back over the same connection, and needs no acknowledgement.
        let filter = Filter { filter: entry.topic.as_str().into(), qos: QoS::AtMostOnce, no_local: false };
        connection.queue(Packet::Subscribe { id, filters: vec![filter] })?;
        self.subscribing.push((id, number));
        Ok(true)
    }

    /// Learns by pings how much of what went at QoS 0 the broker has taken: what a lost connection may have lost.
    fn mark_qos_zero(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        let spools = matches!(self.source, Source::Spool(..));
        let zero = &mut self.unproved;
        if zero.handed == zero.taken {
            return Ok(());
        }
        match zero.ping {
            Some((number, handed)) if connection.pongs() >= number => {
                self.stats.acknowledged += handed - zero.taken;
                self.outbox.window.taken_at_qos_zero(handed - zero.taken);
                zero.taken = handed;
                zero.ping = None;
                self.fruitless = 0;
                self.backoff.reset();
            }
            Some(_) => {}
            // A spool waits for it; else it only tells how much a lost connection may have lost.
            None if !spools && zero.pinged.get_or_insert_with(Instant::now).elapsed() < PING_PAUSE => {}
            None => {
                zero.ping = Some((connection.ping()?, zero.handed));
                zero.pinged = Some(Instant::now());
            }
        }
        Ok(())
    }

    /// Takes this packet and all that have been read behind it: how many.
    fn take_packets(&mut self, connection: &mut Connection, mut next: Option<Packet>) -> Result<usize, Broken> {
        let mut taken = 0;
        while let Some(packet) = next {
            self.take_packet(connection, packet)?;
            taken += 1;
            while let Some((kind, id)) = connection.buffered_ack() {
                self.take_ack(connection, kind, id)?;
                taken += 1;
            }
            next = connection.buffered()?;
        }
        Ok(taken)
    }

    fn take_packet(&mut self, connection: &mut Connection, packet: Packet) -> Result<(), Broken> {
        match packet {
            // PUBCOMP "not found": the broker is done with it already.
            Packet::Ack { kind, id, reason } if reason.is_failure() && kind != AckKind::PubComp => {
                if let Some(which) = self.outbox.window.which(id) {
                    let topic = self.outbox.topic(which.topic)?;
                    return Err(StreamError::Denied { line: which.line, topic, reason }.into());
                }
            }
            Packet::Ack { kind, id, .. } => self.take_ack(connection, kind, id)?,
            Packet::SubAck { id, codes } => {
                self.outbox.window.free_reserved(id);
                let at = self.subscribing.iter().position(|(i, _)| *i == id);
                let number = at.map(|at| self.subscribing.swap_remove(at).1);
                if let (Some(number), Some(reason)) = (number, codes.into_iter().find(|c| c.is_failure())) {
                    return Err(StreamError::EchoRefused { topic: self.outbox.topic(number)?, reason }.into());
                }
            }
            Packet::UnsubAck { id, .. } => self.outbox.window.free_reserved(id),
            Packet::Publish(message) => self.take_echo(connection, &message)?,
            _ => {}
        }
        Ok(())
    }

    /// Takes an acknowledgement that is no refusal.
    fn take_ack(&mut self, connection: &mut Connection, kind: AckKind, id: u16) -> Result<(), ConnectionError> {
        match self.outbox.window.acknowledge(kind, id) {
            Acknowledged::Line(_) => {
                self.stats.acknowledged += 1;
                if connection.version() == Version::V5 && self.options.confirm != Confirm::None {
                    self.stats.confirmed += 1;
                }
                self.progressed();
                Ok(())
            }
            Acknowledged::Release => connection.queue(release(id)),
            Acknowledged::Nothing => Ok(()),
        }
    }

    fn take_echo(&mut self, connection: &mut Connection, message: &Publish) -> Result<(), Broken> {
        // An older retained message, and what other devices of the hub publish there, are not ours.
        let Some(number) = self.outbox.topics.find(&message.topic).filter(|_| !message.retain) else { return Ok(()) };
        let Some(qos) = self.outbox.window.echo(number, &message.payload) else { return Ok(()) };
        self.stats.confirmed += 1;
        if qos == QoS::AtMostOnce {
            self.stats.acknowledged += 1;
        }
        self.progressed();
        if self.options.confirm == Confirm::First
            && let Some(entry) = self.outbox.topics.get_mut(number)
        {
            entry.proof = Proof::Given;
            if std::mem::take(&mut entry.subscribed)
                && let Some(id) = self.outbox.window.reserve_id()
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

fn release(id: u16) -> Packet {
    Packet::Ack { kind: AckKind::PubRel, id, reason: Reason::SUCCESS }
}
