//! The work on a connection to NATS: requesting messages, and reporting their outcome.

use std::rc::Rc;
use std::time::Duration;

use async_nats::jetstream::{self, AckKind};
use async_nats::{Event as ClientEvent, Message, Subject};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout, timeout_at};

use super::catch_up::{AT_FIRST, CatchUp, Missing};
use super::consumer::{NatsLink, denied, is_log_in_refused, is_passing, log_in_refused, unknown};
use super::dispatcher::Dispatcher;
use super::ledger::{Arrival, Id};
use super::outcomes::Outcome;
use super::pull::{Pull, Word};
use super::returned::Returned;
use crate::gateway::host::{Event, GatewayHost};
use crate::gateway::metrics::SourceMetrics;
use crate::gateway::nats_error::NatsError;
use crate::gateway::plan::{NatsSource, Source};
use crate::gateway::shared::Shared;

/// How often, at least, the devices and the request are checked.
const TICK: Duration = Duration::from_secs(1);
/// Messages that are taken before anything else is checked.
const BATCH: usize = 256;
/// The number of a message that belongs to nobody.
const NOBODYS: u64 = u64::MAX;

/// The work on a connection, which the library restores automatically.
pub struct Exchange<'a, H> {
    shared: &'a Shared<H>,
    source: &'a Source,
    nats: &'a NatsSource,
    dispatcher: &'a mut Dispatcher<H>,
    metrics: &'a SourceMetrics,
    link: NatsLink,
    pull: Pull,
    is_connected: bool,
    is_stopping: bool,
    catch_up: Option<CatchUp>,
    progress_due: Instant,
}

impl<'a, H: GatewayHost> Exchange<'a, H> {
    pub async fn new(
        shared: &'a Shared<H>,
        source: &'a Source,
        nats: &'a NatsSource,
        dispatcher: &'a mut Dispatcher<H>,
        metrics: &'a SourceMetrics,
        link: NatsLink,
    ) -> Result<Self, H::Error> {
        let now = Instant::now();
        let config = &link.consumer.cached_info().config;
        dispatcher.ledger.ack_wait = config.backoff.iter().copied().fold(config.ack_wait, Duration::min);
        let mut exchange = Exchange {
            shared,
            source,
            nats,
            dispatcher,
            metrics,
            pull: Pull::new(&link.client, now).await?,
            link,
            is_connected: true,
            is_stopping: false,
            catch_up: None,
            progress_due: now,
        };
        exchange.begin_to_catch_up().await?;
        Ok(exchange)
    }

    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), H::Error> {
        let outcomes = Rc::clone(&self.dispatcher.outcomes);
        let mut tick = interval(TICK.min(self.dispatcher.ledger.ack_wait / 4).max(Duration::from_millis(10)));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_first = true;
        let mut ends_at = Instant::now();
        loop {
            tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop), if !self.is_stopping => {
                    self.is_stopping = true;
                    ends_at = Instant::now() + self.shared.options.grace;
                    // Otherwise the server would send returned messages to the request that still waits.
                    self.hear_the_rest().await?;
                }
                () = sleep_until(ends_at), if self.is_stopping => return self.finish().await,
                event = self.link.events.recv() => match event {
                    Some(ClientEvent::Connected) if std::mem::take(&mut is_first) => {}
                    Some(event) => self.happened(event).await?,
                    None => self.happened(ClientEvent::Closed).await?,
                },
                // Before the messages, which may keep arriving.
                _ = tick.tick() => self.look().await?,
                message = self.pull.inbox.next(), if !self.is_stopping => {
                    let Some(message) = message else { self.happened(ClientEvent::Closed).await?; continue };
                    self.hear(message).await?;
                    self.hear_all(BATCH).await?;
                }
                // They would wait for the connection, and hold up everything else.
                () = outcomes.news(), if self.is_connected => {}
            }
            if self.is_connected {
                self.answer().await?;
                self.ask(self.dispatcher.ledger.is_roomy()).await?;
            }
            if self.is_stopping && self.dispatcher.ledger.is_empty() {
                return self.finish().await;
            }
        }
    }

    /// Takes messages that have already arrived.
    async fn hear_all(&mut self, most: usize) -> Result<(), H::Error> {
        for _ in 0..most {
            let Some(Some(message)) = self.pull.inbox.next().now_or_never() else { break };
            self.hear(message).await?;
        }
        Ok(())
    }

    /// Ends the subscription and takes the messages in transit, which nobody else would get before they are due again.
    async fn hear_the_rest(&mut self) -> Result<(), H::Error> {
        self.pull.end().await?;
        let until = Instant::now() + TICK;
        while let Ok(Some(message)) = timeout_at(until, self.pull.inbox.next()).await {
            self.hear(message).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, message: Message) -> Result<(), H::Error> {
        let now = Instant::now();
        match self.pull.hear(&message, now) {
            None => self.take(message, now).await?,
            Some(Word::Waits | Word::Over) => {}
            Some(Word::Refused) => _ = self.missing().await?,
        }
        Ok(())
    }

    async fn take(&mut self, message: Message, now: Instant) -> Result<(), H::Error> {
        let message = jetstream::Message { message, context: self.link.context.clone() };
        // A message without such a reply does not come from JetStream.
        let (Ok(info), Some(reply)) = (message.info(), message.reply.clone()) else { return Ok(()) };
        let id = Id { sequence: info.stream_sequence, published: info.published.unix_timestamp_nanos() };
        let is_new = info.delivered == 1;
        if self.is_stopping {
            return Ok(self.reply(reply, AckKind::Nak(None)).await?);
        }
        let Some(device) = self.dispatcher.device(&message) else {
            match Returned::of(&message) {
                // The stream may keep no other copy of it.
                Some(returned) => returned.keep(self.shared, &self.source.name, &message)?,
                None => self.dispatcher.route(&message, NOBODYS)?,
            }
            self.dispatcher.router.acknowledged(1);
            return Ok(self.reply(reply, AckKind::Ack).await?);
        };
        let ledger = &mut self.dispatcher.ledger;
        let may_wait = (is_new || ledger.is_given_back(&id, device)) && !ledger.is_open(&id);
        if let Some(catch_up) = self.catch_up.as_mut().filter(|_| may_wait) {
            let until = catch_up.new_one();
            ledger.put_off(id, device, until);
            return Ok(self.reply(reply, AckKind::Nak(Some(until - now))).await?);
        }
        match ledger.come(id, reply.clone(), device, message.payload.len(), now) {
            Arrival::Taken(number) if self.catch_up.is_some() => {
                self.dispatcher.caught_up.insert(id, (number, message.message));
            }
            Arrival::Taken(number) => self.dispatcher.route(&message, number)?,
            Arrival::Known => {}
            Arrival::Later(delay) => self.reply(reply, AckKind::Nak(Some(delay))).await?,
        }
        Ok(())
    }

    /// Continues with what must still be waited for; once that is nothing, the messages that came again are published in order.
    fn catch_up(&mut self, still: Option<CatchUp>) -> Result<(), H::Error> {
        self.catch_up = still;
        if still.is_none() {
            for (number, message) in std::mem::take(&mut self.dispatcher.caught_up).into_values() {
                self.dispatcher.route(&message, number)?;
            }
        }
        Ok(())
    }

    /// Reports the outcome of the messages to the server. If it misses a report, it redelivers the message, so nothing
    /// is lost if an answer is: confirming each answer would cost a message for every message.
    async fn answer(&mut self) -> Result<(), NatsError> {
        let (mut answers, mut given_up) = (Vec::new(), Vec::new());
        for outcome in self.dispatcher.outcomes.take() {
            match outcome {
                Outcome::Done(number) => {
                    answers.extend(self.dispatcher.ledger.done(number).map(|to| (to, AckKind::Ack)))
                }
                Outcome::GivenUp(number) => given_up.push(number),
            }
        }
        self.dispatcher.router.acknowledged(answers.len() as u64);
        // They come again in this order.
        given_up.sort_unstable();
        let now = Instant::now();
        let later = given_up.into_iter().filter_map(|number| self.dispatcher.ledger.give_back(number, now));
        answers.extend(later.map(|(to, delay)| (to, AckKind::Nak(Some(delay)))));
        for (to, what) in answers {
            self.reply(to, what).await?;
        }
        Ok(())
    }

    async fn reply(&self, to: Subject, what: AckKind) -> Result<(), NatsError> {
        let sent = self.link.client.publish(to, what.into()).await;
        sent.map_err(|e| NatsError::Request { what: "accept an acknowledgement", why: e.to_string() })
    }

    /// Requests as many messages as there is room for.
    async fn ask(&mut self, is_worth_it: bool) -> Result<(), NatsError> {
        let now = Instant::now();
        let room = self.dispatcher.ledger.room().min(self.catch_up.map_or(usize::MAX, |catch_up| catch_up.room()));
        let may_ask = self.is_connected && !self.is_stopping && self.pull.may_ask(now);
        if may_ask && is_worth_it && room > 0 {
            self.pull.ask(&self.link.consumer, room, self.link.client.max_payload(), now).await?;
        }
        Ok(())
    }

    /// Handles everything that depends on the time.
    async fn look(&mut self) -> Result<(), H::Error> {
        let now = Instant::now();
        self.dispatcher.review(now);
        if !self.is_connected {
            return Ok(());
        }
        if now >= self.progress_due {
            self.progress().await?;
        }
        if let Some(catch_up) = self.catch_up {
            let missing = self.missing().await?;
            self.catch_up(catch_up.look(&missing, Instant::now()))?;
        }
        if self.pull.is_forgotten(now) {
            self.begin_again().await?;
        }
        Ok(self.ask(true).await?)
    }

    /// Keeps the server from redelivering messages that wait here. All at once, so that all come again in order if this ends.
    async fn progress(&mut self) -> Result<(), NatsError> {
        for reply in self.dispatcher.ledger.open() {
            self.reply(reply.clone(), AckKind::Progress).await?;
        }
        self.progress_due = Instant::now() + self.dispatcher.ledger.ack_wait / 3;
        Ok(())
    }

    async fn happened(&mut self, event: ClientEvent) -> Result<(), H::Error> {
        let (source, host) = (self.source, &self.shared.host);
        match event {
            ClientEvent::Disconnected => {
                self.is_connected = false;
                self.metrics.connections.set(0);
                host.tell(&Event::NatsLost { source });
            }
            ClientEvent::Connected => {
                self.is_connected = true;
                self.metrics.connections.set(1);
                self.metrics.reconnects.inc();
                host.tell(&Event::NatsConnected { source });
                self.begin_again().await?;
            }
            ClientEvent::Closed => {
                let servers = self.nats.servers.join(", ");
                return Err(NatsError::Unreachable { servers, why: "the connection has ended".into() }.into());
            }
            event if is_log_in_refused(&event) => return Err(log_in_refused(self.nats).into()),
            event => match denied(&event) {
                // That is reported when a message should go there, and holds up no other.
                Some(NatsError::Denied(what)) if self.nats.rejects.as_ref().is_some_and(|to| what.contains(to)) => {}
                Some(e) => return Err(e.into()),
                None => {}
            },
        }
        Ok(())
    }

    /// Starts again on a connection after the first, or with a server that has forgotten the request.
    async fn begin_again(&mut self) -> Result<(), H::Error> {
        self.hear_all(usize::MAX).await?;
        if self.is_stopping {
            return Ok(());
        }
        self.pull = Pull::new(&self.link.client, Instant::now()).await?;
        self.progress().await?;
        self.begin_to_catch_up().await
    }

    /// Messages in transit to this gateway when the connection was lost are missing, as are those that another one has.
    async fn begin_to_catch_up(&mut self) -> Result<(), H::Error> {
        let now = Instant::now();
        let missing = self.missing().await?;
        self.catch_up(CatchUp::begin(&missing, self.dispatcher.ledger.ack_wait, now))
    }

    /// Returns how many messages await an acknowledgement from somebody else; at least one if the server does not say.
    async fn missing(&self) -> Result<Missing, NatsError> {
        let unsaid = Missing { count: AT_FIRST, is_shared: false };
        let Ok(info) = timeout(self.dispatcher.ledger.ack_wait / 3, self.link.consumer.get_info()).await else {
            return Ok(unsaid);
        };
        match info {
            Ok(info) => Ok(Missing {
                count: info.num_ack_pending.saturating_sub(self.dispatcher.ledger.outstanding()),
                is_shared: info.num_waiting > usize::from(self.pull.is_open()),
            }),
            Err(e) if is_passing(&e) => Ok(unsaid),
            Err(e) => Err(unknown(self.nats, &e)),
        }
    }

    /// Acknowledges the messages that are done, and gives everything else back at once.
    async fn finish(mut self) -> Result<(), H::Error> {
        self.answer().await?;
        self.dispatcher.give_all_back();
        for reply in self.dispatcher.ledger.drain() {
            self.reply(reply, AckKind::Nak(None)).await?;
        }
        // The answer shows that everything sent before was read.
        self.missing().await?;
        Ok(())
    }
}
