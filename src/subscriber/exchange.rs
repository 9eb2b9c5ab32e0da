//! One connection: requests subscriptions, takes messages, and acknowledges them once they are settled.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::alarms::{Alarms, at};
use super::error::{SubscribeError, SubscriberFailure};
use super::host::{Event, Output, SubscriberHost};
use super::options::{End, Options, RetainedFilter};
use super::receipts::Receipts;
use crate::broker_url::BrokerUrl;
use crate::mqtt::connection::{Connection, ConnectionError, Incoming};
use crate::mqtt::incoming::{IncomingPublish, Oversized};
use crate::mqtt::packet::{AckKind, Filter, Packet, QoS, Reason, Version};
use crate::mqtt::reconnect::CleanStart;

/// After this long without a message the host is notified of the silence, once.
pub const SILENCE: Duration = Duration::from_secs(15);
/// Bytes of answers that wait for the broker to read them before nothing more is read from it: more than a conforming
/// broker causes, because all 65,535 packet ids are answered with at most twice 4 bytes.
pub const MAX_OUTPUT: usize = 1 << 20;
/// Most meaningless packets on one connection before it is ended.
pub const STRAYS: u32 = 1000;
/// Most topics that are reported although they were not requested.
const UNREQUESTED: usize = 16;

/// Packet ids of a connection's SUBSCRIBE and UNSUBSCRIBE; those of messages are the broker's own.
const SUBSCRIBE_ID: u16 = 1;
const UNSUBSCRIBE_ID: u16 = 2;

/// Everything but the connection.
pub struct Exchange<'a, H, O> {
    pub options: &'a Options,
    pub host: &'a mut H,
    pub output: &'a mut O,
    pub alarms: Alarms,
    pub receipts: Receipts,
    /// Messages that counted.
    pub count: u64,
    /// When silence is reported.
    silence: Option<Instant>,
    /// The broker has granted a subscription of this run.
    is_subscribed: bool,
    /// Whether it has granted each of the filters.
    granted: Vec<bool>,
    /// The filters that it refused at the last request, while granting others.
    refused: Vec<Refused>,
    /// Until when a refusal of a previously granted filter counts as temporary.
    refused_until: Option<Instant>,
    /// The broker has ended the subscriptions that this run should end.
    is_unsubscribed: bool,
    /// Topics that were reported although they were not requested; `None` if they are not checked.
    unrequested: Option<HashSet<String>>,
    /// The run is about to end.
    ending: Option<Ending>,
}

/// A filter that the broker refused, by its place.
struct Refused {
    index: usize,
    reason: Reason,
    broker: Arc<BrokerUrl>,
}

/// Why a connection is no longer usable.
pub enum Broken<E> {
    Connection(ConnectionError),
    /// The broker did not answer a subscription in time.
    NoAnswer,
    Failed(SubscriberFailure<E>),
}

impl<E> From<ConnectionError> for Broken<E> {
    fn from(e: ConnectionError) -> Self {
        Broken::Connection(e)
    }
}

impl<E> From<SubscribeError> for Broken<E> {
    fn from(e: SubscribeError) -> Self {
        Broken::Failed(e.into())
    }
}

/// What a connection still waits for, and what it has seen.
#[derive(Default)]
struct Progress {
    subscription: bool,
    unsubscription: bool,
    /// The deadline for the broker's answer to these.
    answer_due: Option<Instant>,
    /// The ping after whose answer no more retained messages can arrive, and whether a message arrived since.
    retained: Option<(u64, bool)>,
    strays: u32,
    /// Nothing was read for a while.
    was_held: bool,
}

/// A run that is about to end.
#[derive(Clone, Copy)]
struct Ending {
    end: End,
    /// When the output has had enough time; no limit if the run need not end.
    until: Option<Instant>,
}

impl<'a, H: SubscriberHost, O: Output<Error = H::Error>> Exchange<'a, H, O> {
    pub fn new(options: &'a Options, signals: UnboundedReceiver<()>, host: &'a mut H, output: &'a mut O) -> Self {
        let now = Instant::now();
        Exchange {
            options,
            host,
            output,
            alarms: Alarms::new(signals, options.wait.and_then(|wait| now.checked_add(wait))),
            receipts: Receipts::default(),
            count: 0,
            silence: (!options.filters.is_empty()).then_some(now + SILENCE),
            is_subscribed: options.filters.is_empty(),
            granted: vec![false; options.filters.len()],
            refused: Vec::new(),
            refused_until: None,
            is_unsubscribed: options.unsubscribe.is_empty(),
            unrequested: None,
            ending: None,
        }
    }

    /// Returns whether everything that the run requests was granted once.
    pub fn stands(&self) -> bool {
        self.is_subscribed && self.is_unsubscribed
    }

    /// Returns the first refusal of a run that continues with what was granted.
    pub fn refusal(&self) -> Option<SubscribeError> {
        self.refused.first().map(|refused| self.refused(refused))
    }

    fn refused(&self, Refused { index, reason, broker }: &Refused) -> SubscribeError {
        let filter = self.options.filters[*index].clone();
        SubscribeError::Refused { filter, reason: *reason, broker: Arc::clone(broker) }
    }

    /// Runs until the run or the connection ends.
    ///
    /// # Errors
    /// [`Broken`].
    pub async fn run(&mut self, connection: &mut Connection) -> Result<End, Broken<H::Error>> {
        let result = self.run_on(connection).await;
        match (result, self.ending) {
            (Err(Broken::Failed(e)), _) => {
                // Messages settled before are acknowledged, if possible.
                let _ = self.acknowledge(connection);
                Err(Broken::Failed(e))
            }
            // It was only needed for acknowledging the last messages.
            (Err(_), Some(Ending { end, until })) => {
                self.drain(until).await.map_err(failed)?;
                Ok(end)
            }
            (result, _) => result,
        }
    }

    async fn run_on(&mut self, connection: &mut Connection) -> Result<End, Broken<H::Error>> {
        connection.skip_messages_over(self.options.max_message);
        let mut progress = self.ask(connection)?;
        loop {
            while self.ending.is_none() && self.may_take(connection) {
                let Some(incoming) = connection.buffered_incoming()? else { break };
                self.ending = self.handle(connection, &mut progress, incoming)?.map(Ending::once_settled);
            }
            self.output.settle().map_err(failed)?;
            self.acknowledge(connection)?;
            if let Some(Ending { end, .. }) = self.ending
                && self.output.settled() == self.receipts.taken()
            {
                return Ok(end);
            }
            let reads = self.ending.is_none() && self.may_take(connection);
            let answer_due = progress.answer_due(reads, self.options.timeout);
            tokio::select! {
                biased;
                end = self.alarms.next() => match &mut self.ending {
                    Some(Ending { end, until: Some(_) }) => return Ok(*end),
                    Some(Ending { until, .. }) => *until = Some(Instant::now() + self.options.grace),
                    None => self.ending = Some(Ending { end, until: Some(Instant::now() + self.options.grace) }),
                },
                () = at(self.ending.and_then(|ending| ending.until)) => {
                    return Ok(self.ending.map_or(End::Signal, |ending| ending.end));
                }
                result = self.output.progress() => result.map_err(failed)?,
                incoming = receive(connection, reads) => {
                    self.ending = self.handle(connection, &mut progress, incoming?)?.map(Ending::once_settled);
                }
                () = at(self.silence) => {
                    self.silence = None;
                    self.host.tell(&Event::Silence);
                }
                () = at(answer_due) => return Err(Broken::NoAnswer),
            }
        }
    }

    /// Waits without a connection until the output has settled everything, or until `until` if that is set. An alarm sets it,
    /// and a second one ends the wait.
    ///
    /// # Errors
    /// Of the output.
    pub async fn drain(&mut self, mut until: Option<Instant>) -> Result<(), H::Error> {
        loop {
            self.output.settle()?;
            if self.output.settled() == self.receipts.taken() {
                return Ok(());
            }
            tokio::select! {
                biased;
                _ = self.alarms.next() => match until {
                    Some(_) => return Ok(()),
                    None => until = Some(Instant::now() + self.options.grace),
                },
                () = at(until) => return Ok(()),
                result = self.output.progress() => result?,
            }
        }
    }

    /// Requests the subscriptions that the session does not have yet.
    fn ask(&mut self, connection: &mut Connection) -> Result<Progress, Broken<H::Error>> {
        let is_kept = connection.connack().session_present;
        self.receipts.restart(is_kept);
        let keeps = self.options.session == CleanStart::No;
        if !self.stands() && keeps && is_kept {
            self.unrequested.get_or_insert_default();
        }
        let mut progress = Progress::default();
        if !self.is_unsubscribed && !is_kept {
            if self.options.filters.is_empty() {
                return Err(SubscribeError::NoSession.into());
            }
            self.host.tell(&Event::NoSession);
            self.is_unsubscribed = true;
        }
        if !self.is_unsubscribed {
            let filters = self.options.unsubscribe.clone();
            connection.queue(Packet::Unsubscribe { id: UNSUBSCRIBE_ID, filters })?;
            progress.unsubscription = true;
        }
        // A session that the broker has kept since an earlier connection has its subscriptions. Subscribing again would bring
        // the retained messages again (MQTT 3.1.1 §3.8.4), which is desired only if nothing else is.
        let has_subscription = self.is_subscribed && is_kept && self.options.only != RetainedFilter::Retained;
        if self.options.filters.is_empty() {
            // There is nothing to do besides unsubscribing.
        } else if has_subscription {
            self.host.tell(&Event::Back);
        } else {
            let filter = |text: &String| Filter { filter: text.clone(), qos: self.options.qos, no_local: false };
            let filters = self.options.filters.iter().map(filter).collect();
            connection.queue(Packet::Subscribe { id: SUBSCRIBE_ID, filters })?;
            progress.subscription = true;
        }
        progress.wait(self.options.timeout);
        Ok(progress)
    }

    /// Returns whether another message may be read.
    fn may_take(&self, connection: &Connection) -> bool {
        !self.output.is_full() && !self.receipts.is_full() && connection.queued() < MAX_OUTPUT
    }

    /// Queues the acknowledgements of settled messages, as far as the broker reads them.
    fn acknowledge(&mut self, connection: &mut Connection) -> Result<(), ConnectionError> {
        let settled = self.output.settled();
        while connection.queued() < MAX_OUTPUT
            && let Some((kind, id)) = self.receipts.due(settled)
        {
            connection.queue(Packet::Ack { kind, id, reason: Reason::SUCCESS })?;
        }
        Ok(())
    }

    fn handle(
        &mut self,
        connection: &mut Connection,
        progress: &mut Progress,
        incoming: Incoming,
    ) -> Result<Option<End>, Broken<H::Error>> {
        match incoming {
            // Not acknowledged: a later run may want it.
            Incoming::Message(_) | Incoming::Oversized(_) if self.has_enough() => Ok(None),
            Incoming::Message(message) => self.handle_message(progress, &message),
            Incoming::Oversized(message) => self.handle_oversized(progress, &message),
            Incoming::Other(Packet::Ack { kind: AckKind::PubRel, id, .. }) => {
                self.receipts.release(id);
                Ok(None)
            }
            Incoming::Other(Packet::SubAck { id: SUBSCRIBE_ID, codes }) if progress.subscription => {
                self.handle_suback(connection, progress, &codes)
            }
            Incoming::Other(Packet::UnsubAck { id: UNSUBSCRIBE_ID, codes }) if progress.unsubscription => {
                self.handle_unsuback(connection, progress, &codes)
            }
            Incoming::Other(Packet::PingResp) => Ok(handle_pong(connection, progress)?),
            Incoming::Other(_) => {
                progress.strays += 1;
                match progress.strays > STRAYS {
                    true => Err(broken_protocol(format!("more than {STRAYS} packets that answer nothing"))),
                    false => Ok(None),
                }
            }
        }
    }

    fn handle_message(
        &mut self,
        progress: &mut Progress,
        message: &IncomingPublish,
    ) -> Result<Option<End>, Broken<H::Error>> {
        let mut end = None;
        if self.is_new(progress, message.qos, message.id, message.dup)? {
            end = self.deliver(message)?;
        }
        self.receipts.owe(message.qos, message.id);
        Ok(end)
    }

    fn handle_oversized(
        &mut self,
        progress: &mut Progress,
        message: &Oversized,
    ) -> Result<Option<End>, Broken<H::Error>> {
        if self.is_new(progress, message.qos, message.id, message.dup)? && self.wants(message.retain, &message.topic) {
            self.silence = None;
            self.output.leave_out(message);
        }
        // It would come again and again, and hold up the others.
        self.receipts.owe(message.qos, message.id);
        Ok(None)
    }

    fn is_new(&self, progress: &mut Progress, qos: QoS, id: u16, dup: bool) -> Result<bool, Broken<H::Error>> {
        if let Some((_, came)) = &mut progress.retained {
            *came = true;
        }
        let used = |_| broken_protocol(format!("packet id {id} for a new message, although it was not released"));
        self.receipts.is_new(qos, id, dup).map_err(used)
    }

    fn deliver(&mut self, message: &IncomingPublish) -> Result<Option<End>, Broken<H::Error>> {
        if !self.wants(message.retain, message.topic()) {
            return Ok(None);
        }
        self.look_for_unrequested(message.topic());
        self.output.take(message).map_err(failed)?;
        self.receipts.take();
        self.silence = None;
        self.count += 1;
        // A kept session delivers before it answers the subscription.
        Ok((self.has_enough() && self.stands()).then_some(End::Count))
    }

    fn wants(&self, retained: bool, topic: &str) -> bool {
        self.options.only.wants(retained) && self.output.wants(topic)
    }

    /// Returns whether no more messages are wanted.
    fn has_enough(&self) -> bool {
        self.options.filters.is_empty() || self.options.count.is_some_and(|count| self.count >= count)
    }

    fn look_for_unrequested(&mut self, topic: &str) {
        if let Some(told) = &mut self.unrequested
            && told.len() < UNREQUESTED
            && !self.options.filters.iter().any(|wanted| wanted == topic)
            && told.insert(topic.into())
        {
            self.host.tell(&Event::Unrequested { topic });
        }
    }

    fn handle_suback(
        &mut self,
        connection: &mut Connection,
        progress: &mut Progress,
        codes: &[Reason],
    ) -> Result<Option<End>, Broken<H::Error>> {
        if codes.len() != self.options.filters.len() {
            return Err(broken_protocol("a SUBACK for another number of topics".into()));
        }
        let mut refused = Vec::new();
        for (index, reason) in codes.iter().copied().enumerate() {
            let broker = connection.broker().clone();
            if !reason.is_failure() {
                self.granted[index] = true;
            } else if self.may_pass(connection.version(), reason, index) {
                let filter = self.options.filters[index].clone();
                return Err(SubscribeError::NotNow { filter, reason, broker }.into());
            } else {
                refused.push(Refused { index, reason, broker });
            }
        }
        if refused.len() == codes.len() {
            return Err(self.refused(&refused[0]).into());
        }
        if refused.is_empty() {
            self.refused_until = None;
        }
        let before = std::mem::replace(&mut self.refused, refused);
        for Refused { index, reason, .. } in &self.refused {
            if !before.iter().any(|before| before.index == *index) {
                self.host.tell(&Event::NotGranted { filter: &self.options.filters[*index], reason: *reason });
            }
        }
        progress.subscription = false;
        let event = if self.is_subscribed { Event::Back } else { Event::Subscribed };
        self.is_subscribed = true;
        self.host.tell(&event);
        if self.options.only == RetainedFilter::Retained && !self.options.subscribe_only {
            progress.retained = Some((connection.ping()?, false));
        }
        Ok(self.answered(progress))
    }

    /// Returns whether a refusal may be temporary: by its code in MQTT 5 (§3.9.3), or for a while because the filter was
    /// granted before: in 3.1.1 a broker with an internal failure has no other answer.
    fn may_pass(&mut self, version: Version, reason: Reason, index: usize) -> bool {
        if version == Version::V5 {
            return reason.may_pass_in_suback();
        }
        let now = Instant::now();
        self.granted[index] && now < *self.refused_until.get_or_insert(now + self.options.retry_refused)
    }

    fn handle_unsuback(
        &mut self,
        connection: &Connection,
        progress: &mut Progress,
        codes: &[Reason],
    ) -> Result<Option<End>, Broken<H::Error>> {
        for (index, filter) in self.options.unsubscribe.iter().enumerate() {
            // MQTT 3.1.1 has no codes.
            let reason = codes.get(index).copied().unwrap_or(Reason::SUCCESS);
            if reason.is_failure() {
                return Err(SubscribeError::NotEnded {
                    filter: filter.clone(),
                    reason,
                    broker: connection.broker().clone(),
                }
                .into());
            }
            self.host.tell(&Event::Unsubscribed { filter, reason });
        }
        progress.unsubscription = false;
        self.is_unsubscribed = true;
        Ok(self.answered(progress))
    }

    /// The broker has answered. Returns the end of the run if nothing else is wanted.
    fn answered(&self, progress: &mut Progress) -> Option<End> {
        progress.wait(self.options.timeout);
        if !self.stands() {
            return None;
        }
        match (self.options.subscribe_only, self.has_enough()) {
            (false, true) if !self.options.filters.is_empty() => Some(End::Count),
            (false, false) => None,
            _ => Some(End::Done),
        }
    }
}

impl Ending {
    fn once_settled(end: End) -> Ending {
        Ending { end, until: None }
    }
}

impl RetainedFilter {
    fn wants(self, retained: bool) -> bool {
        match self {
            RetainedFilter::All => true,
            RetainedFilter::Live => !retained,
            RetainedFilter::Retained => retained,
        }
    }
}

impl Progress {
    /// Gives the broker this much time from now, if it has anything to answer.
    fn wait(&mut self, timeout: Duration) {
        self.answer_due = (self.subscription || self.unsubscription).then(|| Instant::now() + timeout);
    }

    /// Returns when an answer is due. While nothing is read, none is due, because it may have arrived.
    fn answer_due(&mut self, reads: bool, timeout: Duration) -> Option<Instant> {
        if std::mem::replace(&mut self.was_held, !reads) && reads {
            self.wait(timeout);
        }
        self.answer_due.filter(|_| reads)
    }
}

/// Waits for the next packet; if it may not be read, keeps the connection alive.
async fn receive(connection: &mut Connection, reads: bool) -> Result<Incoming, ConnectionError> {
    if reads { connection.incoming().await } else { Err(connection.hold().await) }
}

/// The broker sends what it kept right after its answer to the subscription; at QoS 1 and 2 it may wait for
/// acknowledgements in between, so only a ping without a message before its answer shows the end.
fn handle_pong(connection: &mut Connection, progress: &mut Progress) -> Result<Option<End>, ConnectionError> {
    match progress.retained {
        Some((ping, came)) if connection.pongs() >= ping => {
            if !came {
                return Ok(Some(End::Done));
            }
            progress.retained = Some((connection.ping()?, false));
        }
        _ => {}
    }
    Ok(None)
}

fn broken_protocol<E>(what: String) -> Broken<E> {
    Broken::Connection(ConnectionError::Violation(what))
}

fn failed<E>(e: E) -> Broken<E> {
    Broken::Failed(SubscriberFailure::Host(e))
}
