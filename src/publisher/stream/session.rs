//! A stream across connections: everything unacknowledged is sent again on the next one.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::caution;
use super::error::{StreamError, StreamFailure};
use super::exchange::{Broken, Exchange, topic_of};
use super::host::{Event, StreamHost};
use super::options::Options;
use super::refusal::Refusal;
use super::source::{LogIn, Retries, Source, Stop};
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::packet::{QoS, Version};
use crate::mqtt::reconnect::{Backoff, CleanStart, RetryClass, SharedId};
use crate::mqtt::stall::StallTimer;
use crate::publisher::shutdown::{Cause, Shutdown, Signal};
use crate::publisher::stats::Stats;
use crate::publisher::window::MAX_IN_FLIGHT;

/// Messages at QoS 2 in flight by default if the broker does not say, which it can only in MQTT 5. Mosquitto must keep
/// each, and accepts 20 (`max_inflight_messages`): 2.0.11 ends the connection of a client that sends more.
const QOS_2_WINDOW: usize = 20;
/// Time for DISCONNECT when none is left.
const DISCONNECT_TIMEOUT: Duration = Duration::from_millis(100);
/// Connections in a row without an acknowledgement before the run gives up: if they stay silent, or if they end.
const SILENT_CONNECTIONS: u32 = 5;
const ENDED_CONNECTIONS: u32 = 10;

/// The error of a session with a source.
type Failure<S> = StreamFailure<<<S as Source>::Host as StreamHost>::Error>;

/// All connections of a run.
pub struct StreamSession<'a, S: Source> {
    options: &'a Options,
    host: &'a S::Host,
    pub exchange: Exchange<'a, S>,
    backoff: Backoff,
    shared_id: SharedId,
    /// Time of the last log-in.
    began: Instant,
    /// Connections in a row without an acknowledgement of what was in flight on them.
    fruitless: u32,
    /// No more than [`QOS_2_WINDOW`] messages at QoS 2 from now on.
    is_careful: bool,
    /// Whether the broker forgets the session between connections.
    pub clean_start: CleanStart,
    /// There was a log-in.
    pub logged_in: bool,
}

impl<'a, S: Source> StreamSession<'a, S> {
    pub fn new(options: &'a Options, host: &'a S::Host, shutdown: Shutdown, source: S) -> Self {
        StreamSession {
            options,
            host,
            exchange: Exchange::new(options, host, shutdown, source),
            backoff: Backoff::default(),
            shared_id: SharedId::new(options.client_id),
            began: Instant::now(),
            fruitless: 0,
            is_careful: false,
            clean_start: if options.qos == QoS::ExactlyOnce { CleanStart::No } else { CleanStart::Yes },
            logged_in: false,
        }
    }

    /// Runs until everything is done.
    ///
    /// # Errors
    /// [`StreamFailure`].
    pub async fn run(&mut self) -> Result<(), Failure<S>> {
        let mut connection = self.first_connection().await?;
        self.exchange.source.start()?;
        loop {
            match self.exchange.run(&mut connection).await {
                Ok(()) => {
                    self.close(connection).await;
                    break;
                }
                Err(Broken::Fatal(e @ (StreamError::Unfinished { .. } | StreamError::Cut { .. }))) => {
                    // A broker that reads nothing must not delay the end.
                    let _ = timeout(DISCONNECT_TIMEOUT, connection.close()).await;
                    return Err(e.into());
                }
                Err(Broken::Fatal(e)) => {
                    self.close(connection).await;
                    return Err(e.into());
                }
                Err(Broken::Silent) => {
                    // A broker that has acknowledged nothing at all may itself be failing.
                    let refusal = (self.exchange.stats.acknowledged > 0).then_some(Refusal::NoAnswer);
                    self.lost(ConnectionError::Silent(self.options.timeout), refusal, SILENT_CONNECTIONS).await?;
                }
                Err(Broken::Connection(why)) => {
                    let refusal = caution::refusal(&why);
                    self.lost(why, refusal, ENDED_CONNECTIONS).await?;
                }
            }
            drop(connection);
            if self.exchange.is_finished() {
                break;
            }
            connection = self.connect(LogIn::Later).await?;
            self.host.tell(&Event::Back);
            self.restart(&connection);
        }
        self.exchange.source.finish()?;
        match self.exchange.qos_0.lost() {
            0 => Ok(()),
            lines => Err(StreamError::MayBeLost { lines }.into()),
        }
    }

    /// Returns the accounting so far.
    pub fn stats(&self) -> Stats {
        self.exchange.source.count(&self.exchange.stats)
    }

    async fn first_connection(&mut self) -> Result<Connection, Failure<S>> {
        let mut connection = self.connect(LogIn::First).await?;
        if self.clean_start == CleanStart::No && connection.connack().session_present {
            // The session is an earlier run's with this client id: its packet ids would be mistaken for ours.
            let _ = connection.close().await;
            let clean = self.host.log_in(CleanStart::Yes).await.map_err(StreamFailure::LogIn)?;
            let _ = clean.close().await;
            connection = self.connect(LogIn::First).await?;
        }
        self.restart(&connection);
        Ok(connection)
    }

    /// Logs in. Tries again as often as the source says, and refused credentials for as long as the options say, but never
    /// before they have worked once.
    async fn connect(&mut self, log_in: LogIn) -> Result<Connection, Failure<S>> {
        // Since the first refusal, even across other failures: a broker that comes back may refuse for a while.
        let mut refused_until = None;
        let mut attempts = 0;
        loop {
            let why = match self.log_in().await? {
                Ok(connection) => {
                    (self.logged_in, self.began) = (true, Instant::now());
                    return Ok(connection);
                }
                Err(why) => why,
            };
            let again = match self.host.judge(&why) {
                RetryClass::Passing => match self.exchange.source.retries(log_in) {
                    Retries::Unlimited => true,
                    Retries::AtMost(most) => {
                        attempts += 1;
                        attempts <= most
                    }
                },
                // Lines in a spool are safe: the first log-in may take as long as a later one.
                RetryClass::Refused if self.logged_in || self.exchange.source.retries(log_in) == Retries::Unlimited => {
                    let now = Instant::now();
                    now < *refused_until.get_or_insert(now + self.options.retry_refused)
                }
                RetryClass::Refused | RetryClass::Final => false,
            };
            if !again {
                return Err(StreamFailure::LogIn(why));
            }
            let pause = self.backoff.pause();
            self.host.tell(&Event::NoLogIn { why: &why, pause });
            self.rest(pause).await?;
        }
    }

    /// Tries to log in once.
    ///
    /// # Errors
    /// The run ends meanwhile.
    async fn log_in(&mut self) -> Result<Result<Connection, <S::Host as StreamHost>::Error>, StreamError> {
        let mut log_in = pin!(self.host.log_in(self.clean_start));
        loop {
            tokio::select! {
                biased;
                signal = self.exchange.shutdown.alarm() => signalled(&mut self.exchange, signal)?,
                result = &mut log_in => return Ok(result),
            }
        }
    }

    /// A connection has ended: notes and reports what that means, and pauses. `refusal` says which refusal it is if a
    /// message is the reason.
    async fn lost(&mut self, why: ConnectionError, refusal: Option<Refusal>, give_up: u32) -> Result<(), Failure<S>> {
        self.exchange.qos_0.disconnected();
        if std::mem::take(&mut self.exchange.progressed) {
            self.fruitless = 0;
            self.backoff.reset();
        }
        let Exchange { caution, outgoing, .. } = &mut self.exchange;
        let window = &mut outgoing.window;
        // The log-in works, and the broker answers: only messages are in question.
        let is_probing = caution.has_answered();
        let in_flight = window.unfinished();
        if is_probing {
            self.backoff.reset();
        }
        if !(is_probing && in_flight.count > 0)
            && let Some(sign) = self.shared_id.ended(&why, self.began.elapsed())
        {
            self.host.tell(&Event::IdIsShared(sign));
        }
        caution.ended(refusal, in_flight);
        // They may have been too many for the broker, which has no other way to say so.
        self.is_careful |= window.qos_2_in_flight() > QOS_2_WINDOW;
        if let Some(oldest) = window.oldest() {
            self.fruitless += 1;
            if self.fruitless >= give_up {
                let (origin, topic) = (S::origin(oldest.line), oldest.topic);
                let topic = topic_of(&outgoing.topics, topic)?.clone();
                let connections = self.fruitless;
                return Err(StreamError::NotAcknowledged { origin, topic, connections, source: why }.into());
            }
        }
        if self.exchange.is_finished() {
            return Ok(());
        }
        let pause = if is_probing { self.backoff.short_pause() } else { self.backoff.pause() };
        let waiting = self.exchange.outgoing.window.waiting();
        self.host.tell(&Event::Lost { why: &why, waiting, pause });
        Ok(self.rest(pause).await?)
    }

    /// Waits, but no longer than the input of the source lasts.
    async fn rest(&mut self, pause: Duration) -> Result<(), StreamError> {
        let mut pause = pin!(sleep(pause));
        loop {
            tokio::select! {
                biased;
                () = self.exchange.source.input_ended() => return Ok(()),
                signal = self.exchange.shutdown.alarm() => signalled(&mut self.exchange, signal)?,
                () = &mut pause => return Ok(()),
            }
        }
    }

    /// Prepares for a new connection.
    fn restart(&mut self, connection: &Connection) {
        let answer = connection.connack();
        let is_kept = self.clean_start == CleanStart::No && answer.session_present;
        let in_flight = answer.receive_maximum.map_or(MAX_IN_FLIGHT, usize::from);
        let qos_2 = match (connection.version(), self.options.window) {
            _ if self.is_careful => QOS_2_WINDOW,
            (Version::V5, _) => in_flight,
            (Version::V311, window) => window.unwrap_or(QOS_2_WINDOW),
        };
        let session = if is_kept { CleanStart::No } else { CleanStart::Yes };
        self.exchange.restart(connection, session, in_flight, qos_2);
    }

    /// Ends a connection that is still open. Messages at QoS 0 have arrived if the broker then closes it as well;
    /// a kept session is removed, unless the time is over.
    async fn close(&mut self, connection: Connection) {
        if self.exchange.qos_0.in_flight() == 0 {
            let _ = timeout(self.options.timeout, connection.close()).await;
        } else {
            match self.finish(connection).await {
                Ok(()) => self.exchange.stats.acknowledged += self.exchange.qos_0.closed(),
                Err(_) => self.exchange.qos_0.abandoned(),
            }
        }
        if self.clean_start == CleanStart::No {
            // A log-in with the clean flag removes a session (MQTT 3.1.1 §3.1.2.4).
            let host = self.host;
            let removing = async {
                if let Ok(clean) = host.log_in(CleanStart::Yes).await {
                    let _ = clean.close().await;
                }
            };
            self.in_time(removing).await;
        }
    }

    /// Sends DISCONNECT after the queued packets and waits until the broker closes the connection, as long as there is
    /// progress; once the run is over, for [`DISCONNECT_TIMEOUT`].
    async fn finish(&mut self, mut connection: Connection) -> Result<(), ConnectionError> {
        let mut timer = StallTimer::start(self.options.timeout, u64::MAX, Instant::now());
        loop {
            tokio::select! {
                biased;
                result = connection.end() => return result,
                signal = self.exchange.shutdown.alarm() => if matches!(signal, Signal::Over(_)) {
                    let late = |_| ConnectionError::Silent(DISCONNECT_TIMEOUT);
                    return timeout(DISCONNECT_TIMEOUT, connection.end()).await.map_err(late)?;
                },
                () = sleep_until(timer.next_look()) => {
                    if timer.is_over(connection.left() + connection.pongs(), Instant::now()) {
                        return Err(ConnectionError::Silent(self.options.timeout));
                    }
                }
            }
        }
    }

    /// Returns the result of `work` within the timeout; once the run is over, within [`DISCONNECT_TIMEOUT`].
    async fn in_time<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(timeout(self.options.timeout, work));
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result.ok(),
                signal = self.exchange.shutdown.alarm() => if matches!(signal, Signal::Over(_)) { break },
            }
        }
        timeout(DISCONNECT_TIMEOUT, work).await.ok()?.ok()
    }
}

/// Acts on a signal that comes while there is no connection.
///
/// # Errors
/// The run is over.
fn signalled<S: Source>(exchange: &mut Exchange<'_, S>, signal: Signal) -> Result<(), StreamError> {
    let cause = match signal {
        Signal::Drain if exchange.source.stop() == Stop::Drain => return Ok(()),
        Signal::Drain => Cause::Signal,
        Signal::Over(cause) => cause,
    };
    Err(exchange.source.unfinished(cause, &exchange.stats))
}
