//! One connection of a stream, from log-in to its end: messages go into the window and onto the wire, answers come back.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::burst::Burst;
use super::caution::Caution;
use super::error::StreamError;
use super::host::{Event, StreamHost};
use super::not_taken::NotTaken;
use super::options::{Confirm, Options};
use super::pace::Pace;
use super::qos0::Qos0Account;
use super::refusal::{Refusal, Refused};
use super::send_window::SendWindow;
use super::source::{Delivered, Source};
use super::watch::{Awaited, Watch};
use crate::broker_url::BrokerUrl;
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::outgoing::OutgoingPublish;
use crate::mqtt::packet::{AckKind, Filter, Packet, Publish, QoS, Reason, Version};
use crate::mqtt::reason::PublishClass;
use crate::mqtt::reconnect::CleanStart;
use crate::name::Topic;
use crate::publisher::shutdown::{Cause, Shutdown, Signal};
use crate::publisher::stats::Stats;
use crate::publisher::topics::Topics;
use crate::publisher::window::{Acknowledged, Send, Window};

/// Bytes to queue before encoding pauses: one batch is sent in one write.
const ENOUGH_QUEUED: usize = 128 * 1024;
/// Bytes of answers that may be queued for a broker that reads nothing.
const TOO_MUCH_QUEUED: usize = 4 * 1024 * 1024;
/// Mosquitto writes each acknowledgement separately. If they trickle in while the broker is busy, a pause lets
/// them gather: a wake-up for each would cost more than everything else, and on few cores it costs the broker.
const FEW_PACKETS: usize = 64;
const GATHERING_PAUSE: Duration = Duration::from_millis(1);
/// The same for the few messages at QoS 2 that Mosquitto accepts at once. The kernel turns it into some 100 µs, about what
/// Mosquitto needs for as many packets.
const TURN: Duration = Duration::from_micros(50);
/// With fewer messages in flight a pause costs more than it saves.
const FEW_TURNS: usize = 10;
/// Most turns in a row, some 5 ms, during which nothing else is checked.
const TURNS: usize = 50;

/// Why a connection is no longer usable.
pub enum Broken {
    Connection(ConnectionError),
    /// Nothing was acknowledged within the timeout.
    Silent,
    Fatal(StreamError),
}

impl From<ConnectionError> for Broken {
    fn from(e: ConnectionError) -> Self {
        Broken::Connection(e)
    }
}

impl From<StreamError> for Broken {
    fn from(e: StreamError) -> Self {
        Broken::Fatal(e)
    }
}

/// What one connection works on, and the next one continues with.
pub struct Exchange<'a, S: Source> {
    options: &'a Options,
    host: &'a S::Host,
    /// The broker of the last connection.
    broker: Option<Arc<BrokerUrl>>,
    pub shutdown: Shutdown,
    pub source: S,
    pub outgoing: SendWindow<'a, S::Host>,
    pub qos_0: Qos0Account,
    pub stats: Stats,
    /// Something was acknowledged on this connection.
    pub progressed: bool,
    pub caution: Caution,
    pace: Option<Pace>,
    /// When the message that only the pace holds back may be sent.
    held_back: Option<Instant>,
    burst: Burst,
    /// Something was delivered in this run.
    delivered: bool,
    /// Subscriptions in flight: packet id and topic.
    subscribing: Vec<(u16, u32)>,
    /// Topics whose subscription is not granted yet: messages that need an echo wait until it is.
    not_granted: Vec<u32>,
    watch: Option<Watch>,
    not_taken: NotTaken,
}

impl<'a, S: Source> Exchange<'a, S> {
    pub fn new(options: &'a Options, host: &'a S::Host, shutdown: Shutdown, source: S) -> Self {
        let window = Window::new(options.window_limit(), S::WINDOW_BYTES, S::QOS_0);
        Exchange {
            options,
            host,
            broker: None,
            shutdown,
            source,
            outgoing: SendWindow::new(options, host, window),
            qos_0: Qos0Account::new(S::QOS_0),
            stats: Stats::default(),
            progressed: false,
            caution: Caution::default(),
            pace: options.interval.map(|interval| Pace::new(interval, Instant::now())),
            held_back: None,
            burst: Burst::default(),
            delivered: false,
            subscribing: Vec::new(),
            not_granted: Vec::new(),
            watch: None,
            not_taken: NotTaken::default(),
        }
    }

    /// Prepares for a new connection: everything that is not done is sent again on it.
    pub fn restart(&mut self, connection: &Connection, session: CleanStart, in_flight: usize, qos_2: usize) {
        let SendWindow { topics, window, version, connack, .. } = &mut self.outgoing;
        window.restart(session, in_flight, qos_2);
        topics.restart(|topic| window.awaits_echo(topic) || window.promote(topic));
        *version = connection.version();
        connack.clone_from(connection.connack());
        self.broker = Some(Arc::clone(connection.broker()));
        self.subscribing.clear();
        self.not_granted.clear();
        (self.watch, self.not_taken.resume) = (None, None);
        self.progressed = false;
        self.caution.begin();
    }

    /// Returns whether everything is done.
    pub fn is_finished(&mut self) -> bool {
        self.source.is_finished() && self.outgoing.window.is_empty()
    }

    /// Returns how far the source's messages are acknowledged.
    fn acknowledged(&mut self) -> Delivered {
        self.outgoing.window.oldest_line().map_or(Delivered::All, Delivered::Below)
    }

    /// Runs until everything is done or the connection is no longer usable.
    pub async fn run(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        let result = self.exchange(connection).await;
        // Packets that arrived before the end count.
        let _ = self.update_qos_0(connection);
        let so_far = self.acknowledged();
        self.source.disconnected(so_far);
        result
    }

    async fn exchange(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        // Another connection may lead to another broker.
        for (sequence, limit) in self.outgoing.over_limit() {
            self.refuse(sequence, Refusal::Limit(limit))?;
        }
        loop {
            self.pump(connection)?;
            if self.is_finished() {
                return Ok(());
            }
            self.watch(connection);
            let look = self.watch.as_ref().map(Watch::next_look);
            let wake_up = self.not_taken.resume.into_iter().chain(self.held_back).min();
            let window_has_room = self.outgoing.window.has_room();
            tokio::select! {
                biased;
                signal = self.shutdown.alarm() => match signal {
                    Signal::Drain => {
                        let _ = self.source.stop();
                        self.host.tell(&Event::Draining { waiting: self.outgoing.window.waiting() });
                    }
                    Signal::Over(cause) => return self.cut(cause),
                },
                packet = connection.progress() => {
                    let awaited = self.outgoing.window.qos_2_in_flight();
                    let taken = self.take_packets(connection, packet?)?;
                    if (FEW_TURNS..FEW_PACKETS).contains(&awaited) && (1..awaited / 2).contains(&taken) {
                        self.take_turns(connection).await?;
                    } else if (1..FEW_PACKETS).contains(&taken) && connection.queued() == 0 && self.outgoing.window.is_busy() {
                        sleep(GATHERING_PAUSE).await;
                    }
                }
                more = self.source.more(window_has_room) => more?,
                () = sleep_until(look.unwrap_or_else(Instant::now)), if look.is_some() => self.look(connection)?,
                () = sleep_until(wake_up.unwrap_or_else(Instant::now)), if wake_up.is_some() => {
                    if self.not_taken.is_due() {
                        self.outgoing.window.resume();
                    }
                }
            }
        }
    }

    /// Sends and receives in turns, each after a pause, for as long as there are messages and answers: where few messages
    /// may be in flight, the runtime's overhead costs more than everything else.
    async fn take_turns(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        for _ in 0..TURNS {
            let heard = connection.gather(TURN).await?;
            let next = connection.buffered()?;
            self.take_packets(connection, next)?;
            self.pump(connection)?;
            // If it fails, packets that have arrived are read first.
            let said = connection.flush_some().await.unwrap_or(false);
            if !heard || !said || self.outgoing.window.qos_2_in_flight() == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Ends the run now.
    fn cut(&mut self, cause: Cause) -> Result<(), Broken> {
        if self.source.may_end_early() && self.outgoing.window.is_empty() {
            return Ok(());
        }
        Err(self.source.unfinished(cause, &self.stats).into())
    }

    /// Notes what is awaited next.
    fn watch(&mut self, connection: &Connection) {
        let oldest = self.outgoing.window.oldest().map(|oldest| Awaited::Message(oldest.sequence));
        let ping = self.caution.ping().or(self.qos_0.ping()).map(Awaited::Ping);
        let is_asking = self.subscribing.iter().any(|(_, topic)| self.not_granted.contains(topic));
        let awaited = oldest.or(ping).or((connection.queued() > 0 || is_asking).then_some(Awaited::Queue));
        if awaited != self.watch.as_ref().map(|watch| watch.awaited) {
            let before = self.outgoing.window.cursor();
            self.watch = awaited.map(|awaited| Watch::start(awaited, self.options.timeout, connection, before));
        }
    }

    /// Checks whether there was progress within the timeout. If not, echoes are missing, or the connection is no longer usable.
    fn look(&mut self, connection: &Connection) -> Result<(), Broken> {
        let Some(watch) = &mut self.watch else { return Ok(()) };
        if !watch.is_over(connection) {
            return Ok(());
        }
        let before = watch.before;
        if !self.outgoing.window.oldest().is_some_and(|oldest| oldest.acknowledged) {
            return Err(Broken::Silent);
        }
        for sequence in self.outgoing.window.without_echo(before) {
            self.refuse(sequence, Refusal::NoEcho(self.options.timeout))?;
        }
        Ok(())
    }

    /// Gives up a refused message, and with it those that would be refused as well.
    fn refuse(&mut self, sequence: u64, refusal: Refusal) -> Result<(), StreamError> {
        let Some(broker) = &self.broker else { return Ok(()) };
        let Some(message) = self.outgoing.window.get(sequence) else { return Ok(()) };
        let (number, length) = (message.topic, message.payload.len());
        let from = self.outgoing.note_refusal(number, refusal, length);
        let others = if from.is_some() { self.outgoing.window.to_topic(number) } else { Vec::new() };
        let is_other = |other: &u64| *other != sequence;
        let refusals = others.into_iter().filter(is_other).map(|other| (other, Refusal::Topic));
        for (sequence, refusal) in std::iter::once((sequence, refusal)).chain(refusals) {
            let Some(message) = self.outgoing.window.get(sequence) else { continue };
            if refusal == Refusal::Topic && from.is_some_and(|from| message.payload.len() < from) {
                continue;
            }
            // An acknowledgement that turned out to mean nothing.
            self.stats.acknowledged -= u64::from(message.counted);
            self.not_taken.forget(message.line);
            let topic = topic_of(&self.outgoing.topics, number)?;
            self.source.refused(&Refused { broker, topic, message }, refusal)?;
            self.outgoing.abandon(sequence);
        }
        if let Some(from) = from
            && self.outgoing.is_given_up(number)
            && !self.source.is_finished()
        {
            let topic = topic_of(&self.outgoing.topics, number)?;
            self.host.tell(&Event::TopicRefused { topic, from, pause: self.options.retry_refused });
        }
        Ok(())
    }

    /// Notes that a message was delivered.
    fn note_delivered(&mut self) {
        if !std::mem::replace(&mut self.delivered, true) {
            self.source.delivered();
        }
    }

    /// Notes which message the broker closes the connection at, once that is known.
    fn update_caution(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        if !self.caution.is_active() {
            return Ok(());
        }
        if let Some((refused, refusal)) = self.caution.update(connection)? {
            self.refuse(refused, refusal)?;
            // The connections before were not fruitless after all.
            self.progressed = true;
        } else if self.outgoing.window.unfinished().count == 0 {
            self.caution.all_done();
        }
        Ok(())
    }

    /// Fills the window and queues what may be sent, until the window or the output is full or the source is empty.
    fn pump(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        self.update_qos_0(connection)?;
        self.update_caution(connection)?;
        loop {
            let any = self.source.fill(&mut self.outgoing)?;
            self.send(connection)?;
            if !any || !self.source.has_messages() || connection.queued() >= ENOUGH_QUEUED {
                break;
            }
        }
        self.update_qos_0(connection)?;
        if let Some(messages) = self.burst.update(self.stats.sent) {
            self.host.tell(&Event::Burst { messages });
        }
        let so_far = self.acknowledged();
        self.source.acknowledged(so_far, &self.stats);
        Ok(())
    }

    /// Returns whether caution allows another message.
    fn may_send(&mut self) -> bool {
        let window = &mut self.outgoing.window;
        self.caution.allows(|| (window.next_sequence(), window.unfinished().count))
    }

    /// Queues the packets that the window gives.
    fn send(&mut self, connection: &mut Connection) -> Result<(), Broken> {
        self.held_back = None;
        while connection.queued() < ENOUGH_QUEUED && self.may_send() {
            if let Some(next) = self.pace.map(|pace| pace.next()).filter(|next| *next > Instant::now()) {
                self.held_back = self.outgoing.window.next_sequence().map(|_| next);
                break;
            }
            if self.options.confirm != Confirm::None
                && let Some(topic) = self.outgoing.window.next_needs_echo()
                && !self.subscribe(connection, topic)?
            {
                break;
            }
            match self.outgoing.window.next_to_send() {
                None => break,
                Some(Send::Release { id }) => {
                    connection.queue(release(id))?;
                    self.caution.sent();
                }
                Some(Send::Publish { message, again }) => {
                    let Some(entry) = self.outgoing.topics.get(message.topic) else { continue };
                    connection.queue_publish(&OutgoingPublish {
                        topic: entry.topic.as_str(),
                        payload: message.payload,
                        qos: message.qos,
                        retain: message.retain,
                        dup: again && message.qos != QoS::AtMostOnce,
                        id: message.id,
                        time: message.time,
                    })?;
                    self.caution.sent();
                    if let Some(pace) = &mut self.pace {
                        pace.sent(Instant::now());
                    }
                    match again {
                        false => self.stats.sent += 1,
                        true => self.stats.resent += 1,
                    }
                    if message.qos == QoS::AtMostOnce && !message.echo {
                        self.qos_0.sent(message.payload.len());
                        if self.caution.is_active() {
                            // It must be known for each message whether the broker has taken it.
                            self.qos_0.ping_now(connection)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Subscribes to a topic whose message must come back. Returns whether that is done.
    fn subscribe(&mut self, connection: &mut Connection, number: u32) -> Result<bool, Broken> {
        let Some(entry) = self.outgoing.topics.get_mut(number).filter(|e| !e.subscribed) else { return Ok(true) };
        // Without an echo it would only be delivered again.
        let waits = self.not_granted.contains(&number);
        if waits && (self.not_taken.resume.is_some() || self.subscribing.iter().any(|(_, topic)| *topic == number)) {
            return Ok(false);
        }
        let Some(id) = self.outgoing.window.reserve_id() else { return Ok(false) };
        entry.subscribed = !waits;
        // QoS 0 is enough for a message on its way back over the same connection, and needs no acknowledgement.
        let filter = Filter { filter: entry.topic.as_str().into(), qos: QoS::AtMostOnce, no_local: false };
        connection.queue(Packet::Subscribe { id, filters: vec![filter] })?;
        self.subscribing.push((id, number));
        Ok(!waits)
    }

    /// Learns from pings how many of the messages sent at QoS 0 the broker has taken.
    fn update_qos_0(&mut self, connection: &mut Connection) -> Result<(), ConnectionError> {
        let taken = self.qos_0.update(connection)?;
        if taken > 0 {
            self.stats.acknowledged += taken;
            let SendWindow { window, topics, .. } = &mut self.outgoing;
            window.taken_at_qos_0(taken, |topic| topics.note_taken(topic));
            self.progressed = true;
            if self.options.confirm == Confirm::None {
                self.note_delivered();
            }
        }
        Ok(())
    }

    /// Processes this packet and all that have been read after it. Returns how many.
    fn take_packets(&mut self, connection: &mut Connection, mut next: Option<Packet>) -> Result<usize, Broken> {
        let mut taken = 0;
        while let Some(packet) = next {
            self.take_packet(connection, packet)?;
            taken += 1;
            while let Some((kind, id)) = connection.buffered_ack() {
                self.take_ack(connection, kind, id)?;
                taken += 1;
            }
            if connection.queued() > TOO_MUCH_QUEUED {
                let told = "it requests answers, but does not read them".into();
                return Err(ConnectionError::Violation(told).into());
            }
            next = connection.buffered()?;
        }
        Ok(taken)
    }

    fn take_packet(&mut self, connection: &mut Connection, packet: Packet) -> Result<(), Broken> {
        match packet {
            // PUBCOMP "not found": the broker has already finished with it.
            Packet::Ack { kind, id, reason } if reason.is_failure() && kind != AckKind::PubComp => {
                let refused = self.outgoing.window.by_id(id).map(|message| message.sequence);
                if let Some(sequence) = refused {
                    self.take_refusal(sequence, reason)?;
                }
            }
            Packet::Ack { kind, id, .. } => self.take_ack(connection, kind, id)?,
            Packet::SubAck { id, codes } => {
                self.outgoing.window.free_reserved(id);
                let at = self.subscribing.iter().position(|(i, _)| *i == id);
                if let Some(topic) = at.map(|at| self.subscribing.swap_remove(at).1) {
                    let refused = codes.into_iter().find(|code| code.is_failure());
                    self.take_subscription(connection.version(), topic, refused)?;
                }
            }
            Packet::UnsubAck { id, .. } => self.outgoing.window.free_reserved(id),
            Packet::Publish(message) => self.take_echo(connection, &message)?,
            _ => {}
        }
        Ok(())
    }

    /// Processes the answer to the subscription to a topic: if it may be granted later, it is requested again after a while.
    fn take_subscription(&mut self, version: Version, topic: u32, refused: Option<Reason>) -> Result<(), StreamError> {
        self.not_granted.retain(|not_granted| *not_granted != topic);
        let Some(reason) = refused else {
            self.outgoing.topics.get_mut(topic).into_iter().for_each(|entry| entry.subscribed = true);
            return Ok(());
        };
        let refusal = Refusal::NoSubscription(reason);
        if version == Version::V5 && reason.may_pass_in_suback() {
            self.outgoing.topics.get_mut(topic).into_iter().for_each(|entry| entry.subscribed = false);
            self.not_granted.push(topic);
            for sequence in self.outgoing.window.sent_for_echo(topic) {
                self.postpone(sequence, reason, refusal)?;
            }
        } else {
            for sequence in self.outgoing.window.to_topic(topic) {
                self.refuse(sequence, refusal)?;
            }
        }
        Ok(())
    }

    /// Processes a refusal of MQTT 5: if it is temporary, the message is sent again after a while.
    fn take_refusal(&mut self, sequence: u64, reason: Reason) -> Result<(), StreamError> {
        match reason.publish_class() {
            PublishClass::Passing => {
                self.postpone(sequence, reason, Refusal::NotNow(reason, self.options.retry_refused))
            }
            _ => self.refuse(sequence, Refusal::Denied(reason)),
        }
    }

    /// Has a message sent again after a while; once that has gone on for too long, it is refused.
    fn postpone(&mut self, sequence: u64, reason: Reason, refusal: Refusal) -> Result<(), StreamError> {
        let patience = self.options.retry_refused;
        let Some(number) = self.outgoing.window.get(sequence).map(|message| message.line) else { return Ok(()) };
        if self.not_taken.note(number) >= patience {
            return self.refuse(sequence, refusal);
        }
        self.outgoing.window.postpone(sequence);
        if let Some(pause) = self.not_taken.pause() {
            self.host.tell(&Event::NotTaken { reason, pause, patience });
        }
        Ok(())
    }

    /// Processes an acknowledgement that is not a refusal.
    fn take_ack(&mut self, connection: &mut Connection, kind: AckKind, id: u16) -> Result<(), ConnectionError> {
        match self.outgoing.window.acknowledge(kind, id) {
            Acknowledged::Line { topic, line } => {
                self.stats.acknowledged += 1;
                self.not_taken.taken(line);
                let tells = connection.version() == Version::V5;
                self.stats.confirmed += u64::from(tells && self.options.confirm != Confirm::None);
                if tells || self.options.confirm == Confirm::None {
                    self.note_delivered();
                }
                self.outgoing.topics.note_taken(topic);
                self.progressed = true;
                Ok(())
            }
            Acknowledged::Release => connection.queue(release(id)),
            Acknowledged::Nothing => Ok(()),
        }
    }

    fn take_echo(&mut self, connection: &mut Connection, message: &Publish) -> Result<(), Broken> {
        // An older retained message, and what other devices of the hub publish there, are not ours.
        let Some(number) = self.outgoing.topics.find(&message.topic).filter(|_| !message.retain) else { return Ok(()) };
        let Some((qos, line)) = self.outgoing.window.echo(number, &message.payload) else { return Ok(()) };
        self.not_taken.taken(line);
        self.stats.confirmed += 1;
        if qos == QoS::AtMostOnce {
            self.stats.acknowledged += 1;
            self.outgoing.topics.note_taken(number);
        }
        self.progressed = true;
        self.note_delivered();
        if self.options.confirm == Confirm::First {
            self.outgoing.prove(number);
            if let Some(entry) = self.outgoing.topics.get_mut(number)
                && std::mem::take(&mut entry.subscribed)
                && let Some(id) = self.outgoing.window.reserve_id()
            {
                connection.queue(Packet::Unsubscribe { id, filters: vec![entry.topic.as_str().into()] })?;
            }
        }
        Ok(())
    }
}

/// Returns the topic of a number that the window gave.
pub fn topic_of(topics: &Topics, number: u32) -> Result<&Topic, StreamError> {
    // Numbers are forgotten when the window is empty, so each that it holds is known.
    let entry = topics.get(number).map(|entry| &entry.topic);
    entry.ok_or_else(|| StreamError::Input(std::io::Error::other("a message without a topic")))
}

fn release(id: u16) -> Packet {
    Packet::Ack { kind: AckKind::PubRel, id, reason: Reason::SUCCESS }
}
