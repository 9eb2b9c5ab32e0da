//! A subscription across connections.

use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, timeout};

use super::error::{Awaited, SubscribeError, SubscriberFailure};
use super::exchange::{Broken, Exchange};
use super::host::{Event, Output, SubscriberHost};
use super::options::{End, Options};
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::{Backoff, RetryClass, SharedId};

/// After a connection that lasted this long the next pause is short again.
const STABLE: Duration = Duration::from_secs(60);
/// Time for the broker to read the last acknowledgements and close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// All connections of a run.
pub struct SubscriberSession<'a, H, O> {
    exchange: Exchange<'a, H, O>,
    backoff: Backoff,
    shared_id: SharedId,
    /// There was a log-in.
    logged_in: bool,
    /// How often something was tried again before the first subscription.
    retries: u32,
}

/// A run that an alarm has ended, and what it was waiting for.
struct Stopped<E> {
    end: End,
    awaited: Awaited,
    last: Option<E>,
}

impl<'a, H: SubscriberHost, O: Output<Error = H::Error>> SubscriberSession<'a, H, O> {
    pub fn new(options: &'a Options, signals: UnboundedReceiver<()>, host: &'a mut H, output: &'a mut O) -> Self {
        SubscriberSession {
            exchange: Exchange::new(options, signals, host, output),
            backoff: Backoff::default(),
            shared_id: SharedId::new(options.client_id),
            logged_in: false,
            retries: 0,
        }
    }

    /// Returns how many messages have counted so far.
    pub fn count(&self) -> u64 {
        self.exchange.count
    }

    /// Returns how many messages were taken that are not settled yet.
    pub fn unsettled(&self) -> u64 {
        self.exchange.receipts.taken() - self.exchange.output.settled()
    }

    /// Runs until everything is done.
    ///
    /// # Errors
    /// [`SubscriberFailure`].
    pub async fn run(&mut self) -> Result<End, SubscriberFailure<H::Error>> {
        loop {
            let mut connection = match self.connect().await? {
                Ok(connection) => connection,
                Err(stopped) => return self.stop(stopped).await,
            };
            let began = Instant::now();
            let why = match self.exchange.run(&mut connection).await {
                Ok(end) => {
                    self.close(connection).await;
                    return self.ended(Stopped { end, awaited: Awaited::Answer, last: None });
                }
                Err(Broken::Failed(SubscriberFailure::Subscription(why @ SubscribeError::NotNow { .. }))) => why,
                Err(Broken::Failed(e)) => {
                    if matches!(e, SubscriberFailure::Host(_)) {
                        self.close(connection).await;
                    }
                    return Err(e);
                }
                Err(Broken::NoAnswer) => SubscribeError::NoAnswer,
                Err(Broken::Connection(ConnectionError::Ended { reason: Reason::SESSION_TAKEN_OVER, .. })) => {
                    return Err(SubscribeError::TakenOver.into());
                }
                Err(Broken::Connection(why)) => SubscribeError::Link(why),
            };
            drop(connection);
            let lasted = began.elapsed();
            if lasted > STABLE {
                self.backoff.reset();
            }
            if let SubscribeError::Link(why) = &why
                && let Some(sign) = self.shared_id.ended(why, lasted)
            {
                self.exchange.host.tell(&Event::IdIsShared(sign));
            }
            if !self.may_retry() {
                return Err(why.into());
            }
            let pause = self.backoff.pause();
            let told: &dyn Error = match &why {
                SubscribeError::Link(link) if self.exchange.stands() => link,
                why => why,
            };
            self.exchange.host.tell(&Event::Lost { why: told, pause });
            if let Some(end) = self.rest(pause).await? {
                return self.stop(Stopped { end, awaited: Awaited::Answer, last: None }).await;
            }
        }
    }

    /// Counts an attempt before the first subscription, and returns whether there may be another. Later ones are not limited.
    fn may_retry(&mut self) -> bool {
        self.exchange.stands() || {
            self.retries += 1;
            self.retries <= self.exchange.options.retry
        }
    }

    /// Logs in, and tries again as often as the options say.
    async fn connect(&mut self) -> Result<Result<Connection, Stopped<H::Error>>, SubscriberFailure<H::Error>> {
        let mut refused_until = None;
        loop {
            let why = match self.log_in().await? {
                Ok(Ok(connection)) => {
                    self.logged_in = true;
                    return Ok(Ok(connection));
                }
                Ok(Err(why)) => why,
                Err(end) => return Ok(Err(Stopped { end, awaited: Awaited::LogIn, last: None })),
            };
            let again = match self.exchange.host.judge(&why) {
                RetryClass::Passing => self.may_retry(),
                RetryClass::Refused if self.logged_in => {
                    let now = Instant::now();
                    let until = *refused_until.get_or_insert(now + self.exchange.options.retry_refused);
                    now < until && self.may_retry()
                }
                RetryClass::Refused | RetryClass::Final => false,
            };
            if !again {
                return Err(SubscriberFailure::Host(why));
            }
            let pause = self.backoff.pause();
            self.exchange.host.tell(&Event::NoLogIn { why: &why, pause });
            if let Some(end) = self.rest(pause).await? {
                return Ok(Err(Stopped { end, awaited: Awaited::NextLogIn, last: Some(why) }));
            }
        }
    }

    /// Tries to log in once, or returns the event that ended the run meanwhile.
    async fn log_in(&mut self) -> Result<Result<Result<Connection, H::Error>, End>, SubscriberFailure<H::Error>> {
        let Exchange { host, output, alarms, options, .. } = &mut self.exchange;
        let mut log_in = pin!(host.log_in(options.session));
        loop {
            tokio::select! {
                biased;
                end = alarms.next() => return Ok(Err(end)),
                result = output.progress() => result.and_then(|()| output.settle()).map_err(SubscriberFailure::Host)?,
                result = &mut log_in => return Ok(Ok(result)),
            }
        }
    }

    /// Waits. Returns the event that ended the run meanwhile, if any.
    async fn rest(&mut self, pause: Duration) -> Result<Option<End>, SubscriberFailure<H::Error>> {
        let Exchange { output, alarms, .. } = &mut self.exchange;
        let mut pause = pin!(sleep(pause));
        loop {
            tokio::select! {
                biased;
                end = alarms.next() => return Ok(Some(end)),
                result = output.progress() => result.and_then(|()| output.settle()).map_err(SubscriberFailure::Host)?,
                () = &mut pause => return Ok(None),
            }
        }
    }

    /// Ends a run that has no connection.
    async fn stop(&mut self, stopped: Stopped<H::Error>) -> Result<End, SubscriberFailure<H::Error>> {
        self.exchange
            .drain(Some(Instant::now() + self.exchange.options.grace))
            .await
            .map_err(SubscriberFailure::Host)?;
        self.ended(stopped)
    }

    /// Returns the result of an ended run.
    fn ended(&self, stopped: Stopped<H::Error>) -> Result<End, SubscriberFailure<H::Error>> {
        let Stopped { end, awaited, last } = stopped;
        match (self.exchange.stands(), self.exchange.refusal()) {
            (false, _) => Err(SubscriberFailure::Early { end, awaited, last }),
            (true, Some(refusal)) => Err(refusal.into()),
            (true, None) => Ok(end),
        }
    }

    /// Closes an open connection.
    async fn close(&mut self, connection: Connection) {
        // Closing with messages unread would reset the connection, and the acknowledgements on it would be lost. Everything
        // that was requested is settled, so a failure to close does not matter.
        let closing = timeout(CLOSE_TIMEOUT, connection.finish());
        tokio::select! {
            _ = closing => {}
            _ = self.exchange.alarms.next() => {}
        }
    }
}
