//! Messages in: subscribes, hands each message over, acknowledges it, and comes back when a connection ends.
//!
//! What it needs from outside - logging in, judging failures, taking messages, telling the person - it asks of its
//! [`SubscriberHost`]. A message is acknowledged once the listener has settled it, never before.

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

/// After so long without a message the listener is told of the silence, once.
pub const SILENCE: Duration = Duration::from_secs(15);
/// A connection that stood for so long was a good one: the pause after it is a short one again.
const STOOD: Duration = Duration::from_secs(60);
/// For the broker to take the last acknowledgements and close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The packet id of the one SUBSCRIBE of a connection; those of messages are the broker's own.
const SUBSCRIBE_ID: u16 = 1;

/// Which messages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    All,
    /// Those that are published now, not those that the broker kept from earlier.
    Live,
    /// Those that the broker kept; it is over when it has sent them.
    Retained,
}

/// What to subscribe to, and until when.
#[derive(Debug, Clone)]
pub struct Options {
    pub topics: Vec<Topic>,
    pub qos: QoS,
    /// [`CleanStart::No`] has the broker keep what comes while there is no connection, also after the last one.
    pub session: CleanStart,
    pub only: Only,
    /// So many messages are enough.
    pub count: Option<u64>,
    /// For the whole run.
    pub wait: Option<Duration>,
    /// The subscription is all that is wanted.
    pub subscribe_only: bool,
    /// For the broker's answer to a subscription.
    pub timeout: Duration,
    /// How long refused credentials are tried again, once they have worked: the broker says so, too, while its database
    /// is down (I3 facts §4).
    pub retry_refused: Duration,
}

/// What ended a run that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As many messages came as were asked for.
    Count,
    /// The time was over.
    Wait,
    /// A signal, or the listener's wish.
    DoctorRequest,
    /// What the broker kept has come, or the subscription that was wanted stands.
    Done,
}

/// What a person may want to know while it happens.
#[derive(Debug)]
pub enum Event<'a, E> {
    /// The broker has taken the subscription, for the first time.
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

/// What a subscriber needs from whoever runs it.
pub trait SubscriberHost {
    /// Why a log-in failed, or a message could not be taken.
    type Error;

    /// Logs in; a token is made for each log-in. Bounded in time by itself.
    fn log_in(&mut self, session: CleanStart) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// What a failed log-in means.
    fn judge(&self, error: &Self::Error) -> RetryClass;

    /// Takes a message.
    ///
    /// # Errors
    /// It cannot be taken: that ends the run.
    fn take(&mut self, message: &IncomingPublish) -> Result<(), Self::Error>;

    /// No more messages are at hand: what was taken has to be where it belongs after this, and is acknowledged then.
    ///
    /// # Errors
    /// As [`SubscriberHost::take`].
    fn settle(&mut self) -> Result<(), Self::Error>;

    /// When [`SubscriberHost::tick`] wants to be called, if ever.
    fn due(&self) -> Option<Instant>;

    /// The time has come.
    ///
    /// # Errors
    /// As [`SubscriberHost::take`].
    fn tick(&mut self) -> Result<(), Self::Error>;

    /// Something happened.
    fn tell(&mut self, event: &Event<'_, Self::Error>);
}

/// Why the broker does not deliver.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
    /// MQTT 5: another client took the client id over, and would again.
    #[error("another client with the same client id has taken the connection's place")]
    TakenOver,
}

/// Why a run failed.
#[derive(Debug)]
pub enum Failed<E> {
    /// No log-in, or the listener's own failure.
    SubscriberHost(E),
    /// Anything else.
    Subscription(SubscribeError),
}

impl<E> From<SubscribeError> for Failed<E> {
    fn from(e: SubscribeError) -> Self {
        Failed::Subscription(e)
    }
}

/// Subscribes and listens until the options, a signal or a failure end it. `signals` has one item for each signal.
/// Gives the number of messages that counted, and how it ended.
///
/// # Errors
/// [`Failed`], beside the number.
pub async fn run<L: SubscriberHost>(
    options: &Options,
    signals: UnboundedReceiver<()>,
    listener: &mut L,
) -> (u64, Result<End, Failed<L::Error>>) {
    let mut subscriber = Subscriber {
        options,
        listener,
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

struct Subscriber<'a, L> {
    options: &'a Options,
    listener: &'a mut L,
    signals: UnboundedReceiver<()>,
    end: Option<Instant>,
    /// When the silence will be told.
    silence: Option<Instant>,
    count: u64,
    /// The broker has answered a subscription of this run.
    subscribed: bool,
    /// Packet ids at QoS 2 that were handed over and not released yet (MQTT 3.1.1 §4.3.3): a message that comes again
    /// with one of them is the same. They last as long as the session.
    unreleased: HashSet<u16>,
    backoff: Backoff,
}

/// Why a connection is of no more use.
enum Broken<E> {
    Link(ConnectionError),
    Failed(Failed<E>),
}

impl<E> From<ConnectionError> for Broken<E> {
    fn from(e: ConnectionError) -> Self {
        Broken::Link(e)
    }
}

impl<E> From<SubscribeError> for Broken<E> {
    fn from(e: SubscribeError) -> Self {
        Broken::Failed(e.into())
    }
}

/// What a connection still waits for.
struct Talk {
    /// SUBACK, until then.
    subscription: Option<Instant>,
    /// The ping behind which nothing that the broker kept can come any more, and whether a message came since.
    retained: Option<(u64, bool)>,
}

impl<L: SubscriberHost> Subscriber<'_, L> {
    async fn run(&mut self) -> Result<End, Failed<L::Error>> {
        loop {
            let mut connection = match self.connect().await? {
                Ok(connection) => connection,
                Err(end) => return Ok(end),
            };
            let began = Instant::now();
            let why = match self.converse(&mut connection).await {
                Ok(end) => {
                    // To close with messages unread would reset the connection, and the acknowledgements on it would be
                    // lost. All that was asked for is settled: a farewell that fails is no failure.
                    let _ = timeout(CLOSE_TIMEOUT, connection.finish()).await;
                    return Ok(end);
                }
                Err(Broken::Failed(e)) => return Err(e),
                Err(Broken::Link(ConnectionError::Ended(Reason::SESSION_TAKEN_OVER))) => {
                    return Err(SubscribeError::TakenOver.into());
                }
                Err(Broken::Link(why)) if !self.subscribed => return Err(SubscribeError::Link(why).into()),
                Err(Broken::Link(why)) => why,
            };
            drop(connection);
            if began.elapsed() > STOOD {
                self.backoff.reset();
            }
            let pause = self.backoff.pause();
            self.listener.tell(&Event::Lost { why: &why, pause });
            if let Some(end) = self.rest(pause).await? {
                return Ok(end);
            }
        }
    }

    /// Logs in; after the first time tries again until it works or is over.
    async fn connect(&mut self) -> Result<Result<Connection, End>, Failed<L::Error>> {
        let mut refused_until = None;
        loop {
            let why = {
                let log_in = pin!(self.listener.log_in(self.options.session));
                tokio::select! {
                    biased;
                    end = interruption(&mut self.signals, self.end) => return Ok(Err(end)),
                    result = log_in => match result {
                        Ok(connection) => return Ok(Ok(connection)),
                        Err(why) => why,
                    },
                }
            };
            let again = match self.listener.judge(&why) {
                _ if !self.subscribed => false,
                RetryClass::Passing => true,
                RetryClass::Refused => {
                    let now = Instant::now();
                    now < *refused_until.get_or_insert(now + self.options.retry_refused)
                }
                RetryClass::Final => false,
            };
            if !again {
                return Err(Failed::SubscriberHost(why));
            }
            let pause = self.backoff.pause();
            self.listener.tell(&Event::NoLogIn { why: &why, pause });
            if let Some(end) = self.rest(pause).await? {
                return Ok(Err(end));
            }
        }
    }

    /// Waits; what ended the run meanwhile, if anything did.
    async fn rest(&mut self, pause: Duration) -> Result<Option<End>, Failed<L::Error>> {
        let mut pause = pin!(sleep(pause));
        loop {
            let due = self.listener.due();
            tokio::select! {
                biased;
                end = interruption(&mut self.signals, self.end) => return Ok(Some(end)),
                () = at(due) => self.listener.tick().map_err(Failed::SubscriberHost)?,
                () = &mut pause => return Ok(None),
            }
        }
    }

    async fn converse(&mut self, connection: &mut Connection) -> Result<End, Broken<L::Error>> {
        let mut talk = Talk { subscription: None, retained: None };
        if !connection.connack().session_present {
            self.unreleased.clear();
        }
        // A session that the broker kept since an earlier connection has its subscriptions. Asking again would bring the
        // retained messages again (MQTT 3.1.1 §3.8.4).
        // Where they are all that is wanted, they are.
        if !(self.subscribed && connection.connack().session_present) || self.options.only == Only::Retained {
            let filter =
                |topic: &Topic| Filter { filter: topic.as_str().into(), qos: self.options.qos, no_local: false };
            let filters = self.options.topics.iter().map(filter).collect();
            connection.queue(Packet::Subscribe { id: SUBSCRIBE_ID, filters })?;
            talk.subscription = Some(Instant::now() + self.options.timeout);
        } else {
            self.listener.tell(&Event::Back);
        }
        loop {
            while let Some(incoming) = connection.buffered_incoming()? {
                if let Some(end) = self.handle(connection, &mut talk, incoming)? {
                    self.settle()?;
                    return Ok(end);
                }
            }
            self.settle()?;
            let due = self.listener.due();
            // Nothing is sent before it is settled: `incoming` is what writes the acknowledgements.
            let incoming = tokio::select! {
                biased;
                end = interruption(&mut self.signals, self.end) => return Ok(end),
                // Before what comes in, which may never pause.
                () = at(due) => {
                    self.listener.tick().map_err(failed)?;
                    continue;
                }
                incoming = connection.incoming() => incoming?,
                () = at(self.silence) => {
                    self.silence = None;
                    self.listener.tell(&Event::Silence);
                    continue;
                }
                () = at(talk.subscription) => return Err(match self.subscribed {
                    // RetryClass like any other.
                    true => Broken::Link(ConnectionError::Silent(self.options.timeout)),
                    false => SubscribeError::NoAnswer.into(),
                }),
            };
            if let Some(end) = self.handle(connection, &mut talk, incoming)? {
                self.settle()?;
                return Ok(end);
            }
        }
    }

    fn settle(&mut self) -> Result<(), Broken<L::Error>> {
        self.listener.settle().map_err(failed)
    }

    fn handle(
        &mut self,
        connection: &mut Connection,
        talk: &mut Talk,
        incoming: Incoming,
    ) -> Result<Option<End>, Broken<L::Error>> {
        let ack = |kind, id| Packet::Ack { kind, id, reason: Reason::SUCCESS };
        match incoming {
            Incoming::Message(message) => {
                if let Some((_, came)) = &mut talk.retained {
                    *came = true;
                }
                let is_new = message.qos != QoS::ExactlyOnce || self.unreleased.insert(message.id);
                let end = if is_new { self.deliver(&message)? } else { None };
                match message.qos {
                    QoS::AtMostOnce => {}
                    QoS::AtLeastOnce => connection.queue(ack(AckKind::PubAck, message.id))?,
                    QoS::ExactlyOnce => connection.queue(ack(AckKind::PubRec, message.id))?,
                }
                return Ok(end);
            }
            Incoming::Other(Packet::Ack { kind: AckKind::PubRel, id, .. }) => {
                self.unreleased.remove(&id);
                connection.queue(ack(AckKind::PubComp, id))?;
            }
            Incoming::Other(Packet::SubAck { id: SUBSCRIBE_ID, codes }) => {
                if let Some((reason, topic)) =
                    codes.iter().zip(&self.options.topics).find(|(code, _)| code.is_failure())
                {
                    return Err(SubscribeError::Refused { topic: topic.clone(), reason: *reason }.into());
                }
                talk.subscription = None;
                let event = if self.subscribed { Event::Back } else { Event::Subscribed };
                self.subscribed = true;
                self.listener.tell(&event);
                if self.options.subscribe_only {
                    return Ok(Some(End::Done));
                }
                if self.options.only == Only::Retained {
                    talk.retained = Some((connection.ping()?, false));
                }
            }
            Incoming::Other(Packet::PingResp) => match talk.retained {
                // The broker sends what it kept right behind its answer to the subscription; at QoS 1 and 2 it may wait
                // for acknowledgements in between.
                Some((ping, came)) if connection.pongs() >= ping => {
                    if !came {
                        return Ok(Some(End::Done));
                    }
                    talk.retained = Some((connection.ping()?, false));
                }
                _ => {}
            },
            Incoming::Other(_) => {}
        }
        Ok(None)
    }

    fn deliver(&mut self, message: &IncomingPublish) -> Result<Option<End>, Broken<L::Error>> {
        match self.options.only {
            Only::Live if message.retain => return Ok(None),
            Only::Retained if !message.retain => return Ok(None),
            _ => {}
        }
        self.listener.take(message).map_err(failed)?;
        self.silence = None;
        self.count += 1;
        Ok((self.options.count == Some(self.count)).then_some(End::Count))
    }
}

fn failed<E>(e: E) -> Broken<E> {
    Broken::Failed(Failed::SubscriberHost(e))
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
        Some(()) = signals.recv() => End::DoctorRequest,
        () = at(end) => End::Wait,
    }
}
