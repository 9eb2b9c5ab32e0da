//! Messages in: subscribes, hands each message over, acknowledges it, and comes back when a connection ends.
//!
//! The caller is the [`SubscriberHost`], which logs in, judges failures, takes messages and tells the person. A message is
//! acknowledged once the host has settled it, never before.

use std::collections::HashSet;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::mqtt::connection::{Connection, ConnectionError, Incoming};
use crate::mqtt::incoming::IncomingPublish;
use crate::mqtt::packet::{AckKind, Filter, Packet, QoS, Reason};
use crate::mqtt::reconnect::{Backoff, CleanStart, RetryClass};
use crate::name::Topic;

/// After this long without a message the host is told of the silence, once.
pub const SILENCE: Duration = Duration::from_secs(15);
/// After a connection that lasted this long the next pause is a short one again.
const STABLE: Duration = Duration::from_secs(60);
/// For the broker to read the last acknowledgements and close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The packet id of the one SUBSCRIBE of a connection; those of messages are the broker's own.
const SUBSCRIBE_ID: u16 = 1;

/// Which messages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    All,
    /// Those that are published now, without those that the broker kept.
    Live,
    /// Those that the broker kept; the run ends when it has sent them.
    Retained,
}

/// What to subscribe to, and until when.
#[derive(Debug, Clone)]
pub struct Options {
    pub topics: Vec<Topic>,
    pub qos: QoS,
    /// [`CleanStart::No`] has the broker keep what comes while there is no connection, even after the end of the run.
    pub session: CleanStart,
    pub only: Only,
    /// Ends the run after this many messages.
    pub count: Option<u64>,
    /// For the whole run.
    pub wait: Option<Duration>,
    /// Ends the run once the subscription stands.
    pub subscribe_only: bool,
    /// For the broker's answer to a subscription.
    pub timeout: Duration,
    /// How long refused credentials are tried again once they have worked: the broker also refuses them while its database
    /// is down (I3 facts §4).
    pub retry_refused: Duration,
}

/// What ended a run that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As many messages came as were requested.
    Count,
    /// The time was over.
    Wait,
    /// A signal, or the host ended it.
    Signal,
    /// What the broker kept has come, or the requested subscription stands.
    Done,
}

/// An event that a person may want to know of.
#[derive(Debug)]
pub enum Event<'a, E> {
    /// The broker has granted the subscription, for the first time.
    Subscribed,
    /// Nothing has come for [`SILENCE`].
    Silence,
    /// The connection has ended.
    Lost { why: &'a ConnectionError, pause: Duration },
    /// A log-in after the first has failed.
    NoLogIn { why: &'a E, pause: Duration },
    /// Logged in and subscribed again.
    Back,
}

/// The caller of a subscriber.
pub trait SubscriberHost {
    /// Why a log-in failed, or a message could not be taken.
    type Error;

    /// Logs in, with a new token each time. Limits its own time.
    fn log_in(&mut self, session: CleanStart) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// Classifies a failed log-in.
    fn judge(&self, error: &Self::Error) -> RetryClass;

    /// Takes a message.
    ///
    /// # Errors
    /// It cannot be taken, which ends the run.
    fn take(&mut self, message: &IncomingPublish) -> Result<(), Self::Error>;

    /// Finishes what was taken, because no more messages are at hand; they are acknowledged after this.
    ///
    /// # Errors
    /// As [`SubscriberHost::take`].
    fn settle(&mut self) -> Result<(), Self::Error>;

    /// Returns when [`SubscriberHost::tick`] is to be called, if ever.
    fn due(&self) -> Option<Instant>;

    /// Does what is due.
    ///
    /// # Errors
    /// As [`SubscriberHost::take`].
    fn tick(&mut self) -> Result<(), Self::Error>;

    /// Reports an event.
    fn tell(&mut self, event: &Event<'_, Self::Error>);
}

/// Why the broker does not deliver.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// SUBACK with a refusal. I3's broker grants everything (I3 facts §4).
    #[error("the broker refused the subscription to {topic} ({reason})")]
    Refused { topic: Topic, reason: Reason },
    /// No SUBACK in time.
    #[error("the broker did not answer the subscription in time")]
    NoAnswer,
    /// The connection ended before there was a first SUBACK.
    #[error("the connection ended before the subscription was answered")]
    Link(#[source] ConnectionError),
    /// MQTT 5: another client took over the client id, and would do so again.
    #[error("another client with the same client id has taken the connection's place")]
    TakenOver,
}

/// Why a run failed.
#[derive(Debug)]
pub enum SubscriberFailure<E> {
    /// The log-in failed, or the host did.
    Host(E),
    /// Anything else.
    Subscription(SubscribeError),
}

impl<E> From<SubscribeError> for SubscriberFailure<E> {
    fn from(e: SubscribeError) -> Self {
        SubscriberFailure::Subscription(e)
    }
}

/// Subscribes and listens until the options, a signal or a failure end the run. `signals` has one item for each signal.
/// Returns the number of messages that counted, and how the run ended.
///
/// # Errors
/// [`SubscriberFailure`], beside the number.
pub async fn run<H: SubscriberHost>(
    options: &Options,
    signals: UnboundedReceiver<()>,
    host: &mut H,
) -> (u64, Result<End, SubscriberFailure<H::Error>>) {
    let mut subscriber = Subscriber {
        options,
        host,
        signals,
        end: options.wait.map(|wait| Instant::now() + wait),
        silence: Some(Instant::now() + SILENCE),
        count: 0,
        subscribed: false,
        unreleased: HashSet::new(),
        backoff: Backoff::default(),
    };
    let result = subscriber.run().await;
    (subscriber.count, result)
}

struct Subscriber<'a, H> {
    options: &'a Options,
    host: &'a mut H,
    signals: UnboundedReceiver<()>,
    end: Option<Instant>,
    /// When the silence is reported.
    silence: Option<Instant>,
    count: u64,
    /// The broker has answered a subscription of this run.
    subscribed: bool,
    /// Packet ids at QoS 2 that were handed over and not released yet (MQTT 3.1.1 §4.3.3): a message that comes again with
    /// one of them is not new. They last as long as the session.
    unreleased: HashSet<u16>,
    backoff: Backoff,
}

/// Why a connection is of no more use.
enum Broken<E> {
    Connection(ConnectionError),
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

/// What a connection still waits for.
struct Awaited {
    /// SUBACK, until this time.
    subscription: Option<Instant>,
    /// The ping after whose answer nothing that the broker kept can come any more, and whether a message came since.
    retained: Option<(u64, bool)>,
}

impl<H: SubscriberHost> Subscriber<'_, H> {
    async fn run(&mut self) -> Result<End, SubscriberFailure<H::Error>> {
        loop {
            let mut connection = match self.connect().await? {
                Ok(connection) => connection,
                Err(end) => return Ok(end),
            };
            let began = Instant::now();
            let why = match self.exchange(&mut connection).await {
                Ok(end) => {
                    // Closing with messages unread would reset the connection, and the acknowledgements on it would be lost.
                    // Everything that was requested is settled, so a failure to close does not matter.
                    let _ = timeout(CLOSE_TIMEOUT, connection.finish()).await;
                    return Ok(end);
                }
                Err(Broken::Failed(e)) => return Err(e),
                Err(Broken::Connection(ConnectionError::Ended { reason: Reason::SESSION_TAKEN_OVER, .. })) => {
                    return Err(SubscribeError::TakenOver.into());
                }
                Err(Broken::Connection(why)) if !self.subscribed => return Err(SubscribeError::Link(why).into()),
                Err(Broken::Connection(why)) => why,
            };
            drop(connection);
            if began.elapsed() > STABLE {
                self.backoff.reset();
            }
            let pause = self.backoff.pause();
            self.host.tell(&Event::Lost { why: &why, pause });
            if let Some(end) = self.rest(pause).await? {
                return Ok(end);
            }
        }
    }

    /// Logs in; after the first time tries again until that works or the run ends.
    async fn connect(&mut self) -> Result<Result<Connection, End>, SubscriberFailure<H::Error>> {
        let mut refused_until = None;
        loop {
            let why = {
                let log_in = pin!(self.host.log_in(self.options.session));
                tokio::select! {
                    biased;
                    end = interruption(&mut self.signals, self.end) => return Ok(Err(end)),
                    result = log_in => match result {
                        Ok(connection) => return Ok(Ok(connection)),
                        Err(why) => why,
                    },
                }
            };
            let again = match self.host.judge(&why) {
                _ if !self.subscribed => false,
                RetryClass::Passing => true,
                RetryClass::Refused => {
                    let now = Instant::now();
                    now < *refused_until.get_or_insert(now + self.options.retry_refused)
                }
                RetryClass::Final => false,
            };
            if !again {
                return Err(SubscriberFailure::Host(why));
            }
            let pause = self.backoff.pause();
            self.host.tell(&Event::NoLogIn { why: &why, pause });
            if let Some(end) = self.rest(pause).await? {
                return Ok(Err(end));
            }
        }
    }

    /// Waits. Returns what ended the run meanwhile, if anything did.
    async fn rest(&mut self, pause: Duration) -> Result<Option<End>, SubscriberFailure<H::Error>> {
        let mut pause = pin!(sleep(pause));
        loop {
            let due = self.host.due();
            tokio::select! {
                biased;
                end = interruption(&mut self.signals, self.end) => return Ok(Some(end)),
                () = at(due) => self.host.tick().map_err(SubscriberFailure::Host)?,
                () = &mut pause => return Ok(None),
            }
        }
    }

    async fn exchange(&mut self, connection: &mut Connection) -> Result<End, Broken<H::Error>> {
        let mut awaited = Awaited { subscription: None, retained: None };
        if !connection.connack().session_present {
            self.unreleased.clear();
        }
        // A session that the broker has kept since an earlier connection has its subscriptions. Subscribing again would bring
        // the retained messages again (MQTT 3.1.1 §3.8.4), which is wanted only if nothing else is.
        if !(self.subscribed && connection.connack().session_present) || self.options.only == Only::Retained {
            let filter =
                |topic: &Topic| Filter { filter: topic.as_str().into(), qos: self.options.qos, no_local: false };
            let filters = self.options.topics.iter().map(filter).collect();
            connection.queue(Packet::Subscribe { id: SUBSCRIBE_ID, filters })?;
            awaited.subscription = Some(Instant::now() + self.options.timeout);
        } else {
            self.host.tell(&Event::Back);
        }
        loop {
            while let Some(incoming) = connection.buffered_incoming()? {
                if let Some(end) = self.handle(connection, &mut awaited, incoming)? {
                    self.settle()?;
                    return Ok(end);
                }
            }
            self.settle()?;
            let due = self.host.due();
            // Nothing is acknowledged before it is settled: `incoming` writes the acknowledgements.
            let incoming = tokio::select! {
                biased;
                end = interruption(&mut self.signals, self.end) => return Ok(end),
                // Before what comes in, which may never pause.
                () = at(due) => {
                    self.host.tick().map_err(failed)?;
                    continue;
                }
                incoming = connection.incoming() => incoming?,
                () = at(self.silence) => {
                    self.silence = None;
                    self.host.tell(&Event::Silence);
                    continue;
                }
                () = at(awaited.subscription) => return Err(match self.subscribed {
                    // As if the connection had ended.
                    true => Broken::Connection(ConnectionError::Silent(self.options.timeout)),
                    false => SubscribeError::NoAnswer.into(),
                }),
            };
            if let Some(end) = self.handle(connection, &mut awaited, incoming)? {
                self.settle()?;
                return Ok(end);
            }
        }
    }

    fn settle(&mut self) -> Result<(), Broken<H::Error>> {
        self.host.settle().map_err(failed)
    }

    fn handle(
        &mut self,
        connection: &mut Connection,
        awaited: &mut Awaited,
        incoming: Incoming,
    ) -> Result<Option<End>, Broken<H::Error>> {
        match incoming {
            Incoming::Message(message) => self.handle_message(connection, awaited, &message),
            Incoming::Other(Packet::Ack { kind: AckKind::PubRel, id, .. }) => {
                self.unreleased.remove(&id);
                connection.queue(ack(AckKind::PubComp, id))?;
                Ok(None)
            }
            Incoming::Other(Packet::SubAck { id: SUBSCRIBE_ID, codes }) => {
                self.handle_suback(connection, awaited, &codes)
            }
            Incoming::Other(Packet::PingResp) => Ok(handle_pong(connection, awaited)?),
            Incoming::Other(_) => Ok(None),
        }
    }

    fn handle_message(
        &mut self,
        connection: &mut Connection,
        awaited: &mut Awaited,
        message: &IncomingPublish,
    ) -> Result<Option<End>, Broken<H::Error>> {
        if let Some((_, came)) = &mut awaited.retained {
            *came = true;
        }
        let is_new = message.qos != QoS::ExactlyOnce || self.unreleased.insert(message.id);
        let end = if is_new { self.deliver(message)? } else { None };
        match message.qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => connection.queue(ack(AckKind::PubAck, message.id))?,
            QoS::ExactlyOnce => connection.queue(ack(AckKind::PubRec, message.id))?,
        }
        Ok(end)
    }

    fn handle_suback(
        &mut self,
        connection: &mut Connection,
        awaited: &mut Awaited,
        codes: &[Reason],
    ) -> Result<Option<End>, Broken<H::Error>> {
        let mut answers = codes.iter().zip(&self.options.topics);
        if let Some((reason, topic)) = answers.find(|(code, _)| code.is_failure()) {
            return Err(SubscribeError::Refused { topic: topic.clone(), reason: *reason }.into());
        }
        awaited.subscription = None;
        let event = if self.subscribed { Event::Back } else { Event::Subscribed };
        self.subscribed = true;
        self.host.tell(&event);
        if self.options.subscribe_only {
            return Ok(Some(End::Done));
        }
        if self.options.only == Only::Retained {
            awaited.retained = Some((connection.ping()?, false));
        }
        Ok(None)
    }

    fn deliver(&mut self, message: &IncomingPublish) -> Result<Option<End>, Broken<H::Error>> {
        match self.options.only {
            Only::Live if message.retain => return Ok(None),
            Only::Retained if !message.retain => return Ok(None),
            _ => {}
        }
        self.host.take(message).map_err(failed)?;
        self.silence = None;
        self.count += 1;
        Ok((self.options.count == Some(self.count)).then_some(End::Count))
    }
}

/// The broker sends what it kept right after its answer to the subscription; at QoS 1 and 2 it may wait for
/// acknowledgements in between, so only a ping without a message before its answer shows the end.
fn handle_pong(connection: &mut Connection, awaited: &mut Awaited) -> Result<Option<End>, ConnectionError> {
    match awaited.retained {
        Some((ping, came)) if connection.pongs() >= ping => {
            if !came {
                return Ok(Some(End::Done));
            }
            awaited.retained = Some((connection.ping()?, false));
        }
        _ => {}
    }
    Ok(None)
}

fn ack(kind: AckKind, id: u16) -> Packet {
    Packet::Ack { kind, id, reason: Reason::SUCCESS }
}

fn failed<E>(e: E) -> Broken<E> {
    Broken::Failed(SubscriberFailure::Host(e))
}

/// Waits for the time, if there is one.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Waits for a signal, or the end of the run's time.
async fn interruption(signals: &mut UnboundedReceiver<()>, end: Option<Instant>) -> End {
    tokio::select! {
        biased;
        Some(()) = signals.recv() => End::Signal,
        () = at(end) => End::Wait,
    }
}
