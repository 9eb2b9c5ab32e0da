//! A stream of lines on its way: connections that come and go, and everything unacknowledged sent again on the next one.
//!
//! What a stream needs from outside - logging in, judging failures, checking topics, telling the person - it asks of its
//! [`StreamHost`]. What is in flight lives in the [`Window`].

mod exchange;
mod feed;
mod intake;
mod outbox;
mod source;
mod spooled;
mod taker;

use std::io::{self, Read};
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep, timeout};

use super::backoff::Backoff;
use super::format::{BadLine, Format};
use super::lines::Splitting;
use crate::spool::worker::SpoolWorkerError;
use super::shown;
use super::shutdown::{Cause, Shutdown, Signal};
use super::stamp::Stamp;
use super::stats::Stats;
use super::window::{CleanStart, MAX_IN_FLIGHT, Which, Window};
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::packet::{QoS, Reason, Version};
use crate::name::Topic;
use intake::LineInput;
use outbox::SendWindow;
use source::Source;
pub use spooled::{Spooled, run_spooled};

/// Memory of the window at the most, so that the whole process stays below 16 MB: 65,535 short lines fit, or some 35,000 of
/// 100 bytes.
const WINDOW_BYTES: usize = 5 * 1024 * 1024;
/// The same with a spool, which takes memory of its own: some 10,000 lines of 100 bytes, or so many short ones that the
/// queue of them, which grows by doubling, stays below 2 MB.
const SPOOLED_WINDOW_BYTES: usize = 3 * 512 * 1024;
/// Messages in flight, if nothing else is said. More gains nothing on loopback, nor at a round trip of 50 ms against any
/// broker that was measured.
const WINDOW: usize = 10_000;
/// The same if every message has to come back: a broker that cannot hand a message over at once queues only so many.
const ECHOED_WINDOW: usize = 100;
/// Messages at QoS 2 in flight, if nothing else is said and the broker does not either, which it can in MQTT 5 alone.
/// Mosquitto has to keep each, and takes 20 (`max_inflight_messages`): 2.0.11 ends the connection of whoever sends more.
const EXACT_WINDOW: usize = 20;
/// For DISCONNECT when there is no time left.
const DISCONNECT_TIMEOUT: Duration = Duration::from_millis(100);
/// Connections in a row that acknowledge nothing: so many until it is given up if they stay silent, or end.
const SILENT_CONNECTIONS: u32 = 5;
const ENDED_CONNECTIONS: u32 = 10;

/// Which messages have to be proved to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// The first to each topic; the rest waits for it.
    First,
    /// Every one.
    All,
    /// None: an acknowledgement is taken for what it is.
    None,
}

/// What to do with the lines.
#[derive(Debug, Clone)]
pub struct Options {
    pub format: Format,
    pub splitting: Splitting,
    /// Of lines that name none.
    pub topic: Option<Topic>,
    /// Of lines that name none. At QoS 2 the broker is asked to keep the session between connections, so that what it has
    /// received is not delivered twice.
    pub qos: QoS,
    pub retain: bool,
    /// Where the time of taking is said.
    pub stamp: Option<Stamp>,
    pub confirm: Confirm,
    /// Messages in flight at the most, 1 to 65,535; `None` for a value that suits the rest.
    pub window: Option<usize>,
    /// A bad line ends the run.
    pub strict: bool,
    /// For the acknowledgement of one message, or its echo.
    pub timeout: Duration,
    /// To drain after a signal.
    pub grace: Duration,
    /// For the whole run.
    pub deadline: Option<Duration>,
    /// How long refused credentials are tried again, once they have worked: the broker says so, too, while its database
    /// is down (I3 facts §4).
    pub retry_refused: Duration,
    /// How often the first log-in is tried again. Later ones are until the deadline.
    pub retry_first: u32,
}

impl Options {
    fn window_limit(&self) -> usize {
        self.window.unwrap_or(if self.confirm == Confirm::All { ECHOED_WINDOW } else { WINDOW })
    }
}

pub use crate::mqtt::reconnect::RetryClass;

/// What a person may want to know while it happens.
#[derive(Debug)]
pub enum Event<'a, E> {
    /// This line is not published.
    BadLine { line: u64, why: &'a BadLine },
    /// This record of the spool cannot be sent: it was put aside, or stays.
    BadRecord { record: u64, why: &'a BadLine, aside: bool },
    /// The connection has ended; `waiting` messages are to be sent again.
    Lost { why: &'a ConnectionError, waiting: usize, pause: Duration },
    /// A log-in has failed and is tried again after `pause`.
    NoLogIn { why: &'a E, pause: Duration },
    /// Logged in again.
    Back,
    /// A signal came; `waiting` messages are drained.
    Draining { waiting: usize },
    /// Another run drains the spool; it is waited for.
    AnotherDrains,
    /// There is no room in the spool, for the first time; what is read waits whenever that is so.
    SpoolFull,
    /// So many records were dropped from the spool, since the last time that it was told.
    Dropped { records: u64 },
}

/// What a stream needs from whoever runs it.
pub trait StreamHost {
    /// Why a log-in failed.
    type Error;

    /// Logs in; a token is made for each log-in. Bounded in time by itself.
    fn log_in(&self, session: CleanStart) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// What a failed log-in means.
    fn judge(&self, error: &Self::Error) -> RetryClass;

    /// Checks a topic that stands in a line; the error says what is wrong with it.
    ///
    /// # Errors
    /// The reason, for a person.
    fn topic(&self, text: &str) -> Result<Topic, String>;

    /// Puts a bad line, or a piece of one, aside; `ends` with its end.
    ///
    /// # Errors
    /// It cannot be written.
    fn put_aside(&self, bytes: &[u8], ends: bool) -> io::Result<()>;

    /// Puts aside, as this line, a record that leaves the spool for it: on disk when this returns. `false` if there is no
    /// place for it.
    ///
    /// # Errors
    /// It cannot be written.
    fn put_record_aside(&self, line: &[u8]) -> io::Result<bool>;

    /// Something happened.
    fn tell(&self, event: &Event<'_, Self::Error>);
}

/// Why a stream did not get all its lines through. Lines are counted from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// MQTT 5: the broker refused a message.
    #[error("the broker refused line {line} to {topic} ({reason})")]
    Denied { line: u64, topic: Topic, reason: Reason },
    /// A message that had to come back did not.
    #[error("line {line} to {topic} did not come back within {}: the broker took it and dropped it", shown(.after))]
    NoEcho { line: u64, topic: Topic, after: Duration },
    /// The subscription to the own topic was refused, so no echo can come.
    #[error("the broker refused the subscription to {topic} that the echo needs ({reason})")]
    EchoRefused { topic: Topic, reason: Reason },
    /// The broker takes log-ins and acknowledges nothing.
    #[error("the broker did not acknowledge line {line} to {topic} on {connections} connections in a row")]
    NotAcknowledged { line: u64, topic: Topic, connections: u32, source: ConnectionError },
    /// A bad line, with `strict`.
    #[error("line {line} cannot be published")]
    BadLine { line: u64, source: BadLine },
    /// It had to end before all was acknowledged.
    #[error("{missing} of {read} lines are not acknowledged: {cause}")]
    Unfinished { missing: u64, read: u64, cause: Cause },
    /// It had to end while there was no broker to send more to. What was read is acknowledged.
    #[error("nothing was read{}: {cause}", behind(*.read))]
    Cut { read: u64, cause: Cause },
    /// QoS 0: a connection ended with lines on their way, and nothing tells whether they arrived.
    #[error("{} at QoS 0 when a connection ended, and may be lost", on_their_way(*.lines))]
    MayBeLost { lines: u64 },
    /// The input cannot be read.
    #[error("the input cannot be read")]
    Input(#[source] io::Error),
    /// Bad lines cannot be put aside.
    #[error("bad lines cannot be put aside")]
    Aside(#[source] io::Error),
    /// The spool cannot be read or written.
    #[error("the spool fails")]
    Spool(#[source] SpoolWorkerError),
    /// This line and what comes behind it is not in the spool, and not published either.
    #[error("line {line} and what follows it was not taken into the spool")]
    NotTaken { line: u64, source: SpoolWorkerError },
    /// A record of the spool that this broker, or this device, can never send, and how many others after it.
    #[error("record {record} of the spool, to {topic}, cannot be published{}", and_more(.more))]
    Unsendable { record: u64, topic: String, more: u64, source: BadLine },
    /// Another run has found that these, of what this one took, cannot be sent.
    #[error("record {first} of the spool cannot be published, as the run found that sends what is in it{}", and_more(.more))]
    Held { first: u64, more: u64 },
    /// It had to end before the spool was drained.
    #[error("the spool is not drained: {cause}")]
    NotDrained { cause: Cause },
}

fn behind(line: u64) -> String {
    if line == 0 { String::new() } else { format!(" behind line {line}") }
}

fn on_their_way(lines: u64) -> String {
    if lines == 1 { "1 line was on its way".into() } else { format!("{lines} lines were on their way") }
}

fn and_more(number: &u64) -> String {
    if *number == 0 { String::new() } else { format!(", nor can {number} more") }
}

/// Why a run failed.
#[derive(Debug)]
pub enum Failed<E> {
    /// No log-in.
    LogIn(E),
    /// Anything after it.
    Stream(StreamError),
}

impl<E> From<StreamError> for Failed<E> {
    fn from(e: StreamError) -> Self {
        Failed::Stream(e)
    }
}

/// Publishes the lines of `input`, which is not read before the first log-in, until its end, and gives the accounting.
/// `signals` has one item for each signal to end.
///
/// # Errors
/// [`Failed`], beside the accounting.
pub async fn run<S: StreamHost>(
    options: &Options,
    input: impl Read + std::marker::Send + 'static,
    signals: UnboundedReceiver<()>,
    surroundings: &S,
) -> (Stats, Result<(), Failed<S::Error>>) {
    let began = Instant::now();
    let mut stream = Stream::new(options, surroundings, signals, Source::NotYet);
    let result = stream.run(Some(input)).await;
    let mut stats = stream.stats();
    stats.took = began.elapsed();
    (stats, result)
}

/// Lines at QoS 0 on this connection, which are not acknowledged one by one.
#[derive(Debug, Default)]
struct QosZero {
    handed: u64,
    /// Of these the broker has answered a ping that came behind.
    taken: u64,
    /// The ping that is out: its number, and what had been handed over before it.
    ping: Option<(u64, u64)>,
    pinged: Option<Instant>,
    /// On all connections that have ended: may have arrived or not.
    lost: u64,
}

struct Stream<'a, S> {
    options: &'a Options,
    surroundings: &'a S,
    stop: Shutdown,
    source: Source<'a, S>,
    outbox: SendWindow<'a, S>,
    /// Subscriptions on their way: packet id and topic.
    subscribing: Vec<(u16, u32)>,
    stats: Stats,
    backoff: Backoff,
    /// Connections in a row without an acknowledgement of what was out on them.
    fruitless: u32,
    /// No more than [`EXACT_WINDOW`] messages at QoS 2 from now on.
    careful: bool,
    /// The session is to be kept between connections.
    exact: bool,
    /// There was a log-in.
    logged_in: bool,
    /// Log-ins that have failed in a row since the end of an input that is spooled.
    late: u32,
    unproved: QosZero,
    /// What has to move within the timeout, and since when it stands.
    watched: Option<(exchange::Watched, Instant)>,
}

/// Why a connection is of no more use.
enum Broken {
    Link(ConnectionError),
    /// Nothing was acknowledged within the timeout.
    Stuck,
    Fatal(StreamError),
}

impl From<ConnectionError> for Broken {
    fn from(e: ConnectionError) -> Self {
        Broken::Link(e)
    }
}

impl From<StreamError> for Broken {
    fn from(e: StreamError) -> Self {
        Broken::Fatal(e)
    }
}

impl<'a, S: StreamHost> Stream<'a, S> {
    fn new(options: &'a Options, surroundings: &'a S, signals: UnboundedReceiver<()>, source: Source<'a, S>) -> Self {
        let spooled = matches!(source, Source::Spool(..));
        let max_bytes = if spooled { SPOOLED_WINDOW_BYTES } else { WINDOW_BYTES };
        let mut window = Window::new(options.window_limit(), max_bytes);
        if spooled {
            window.hold_qos_zero();
        }
        Stream {
            options,
            surroundings,
            stop: Shutdown::new(signals, options.grace, options.deadline),
            source,
            outbox: SendWindow::new(options, surroundings, window),
            subscribing: Vec::new(),
            stats: Stats::default(),
            backoff: Backoff::default(),
            fruitless: 0,
            careful: false,
            exact: options.qos == QoS::ExactlyOnce,
            logged_in: false,
            late: 0,
            unproved: QosZero::default(),
            watched: None,
        }
    }

    /// Until everything is done. `input` is what is still to be opened.
    async fn run(&mut self, input: Option<impl Read + std::marker::Send + 'static>) -> Result<(), Failed<S::Error>> {
        let mut connection = self.first_connection().await?;
        if let Some(input) = input {
            self.source = Source::Lines(LineInput::start(self.options, self.surroundings, input)?);
        }
        loop {
            let ended = self.exchange(&mut connection).await;
            if let Source::Spool(feed, _) = &mut self.source {
                feed.note_all(&mut self.outbox);
            }
            match ended {
                Ok(()) => {
                    self.say_goodbye(connection).await;
                    break;
                }
                Err(Broken::Fatal(e @ (StreamError::Unfinished { .. } | StreamError::Cut { .. }))) => {
                    // A broker that takes nothing must not hold up the end.
                    let _ = timeout(DISCONNECT_TIMEOUT, connection.close()).await;
                    return Err(e.into());
                }
                Err(Broken::Fatal(e)) => {
                    self.say_goodbye(connection).await;
                    return Err(e.into());
                }
                Err(Broken::Stuck) => {
                    self.lost(ConnectionError::Silent(self.options.timeout), SILENT_CONNECTIONS).await?
                }
                Err(Broken::Link(why)) => self.lost(why, ENDED_CONNECTIONS).await?,
            }
            drop(connection);
            if self.is_finished() {
                break;
            }
            connection = self.connect(u32::MAX).await?;
            self.surroundings.tell(&Event::Back);
            self.restart(&connection);
        }
        if let Source::Lines(intake) = &mut self.source
            && let Some(trouble) = intake.trouble.take()
        {
            return Err(trouble.into());
        }
        match self.unproved.lost {
            0 => Ok(()),
            lines => Err(StreamError::MayBeLost { lines }.into()),
        }
    }

    fn session(&self) -> CleanStart {
        if self.exact { CleanStart::No } else { CleanStart::Yes }
    }

    async fn first_connection(&mut self) -> Result<Connection, Failed<S::Error>> {
        let mut connection = self.connect(self.options.retry_first).await?;
        if self.session() == CleanStart::No && connection.connack().session_present {
            // Of an earlier run with this client id: its packet ids would be taken for ours.
            let _ = connection.close().await;
            let fresh = self.surroundings.log_in(CleanStart::Yes).await.map_err(Failed::LogIn)?;
            let _ = fresh.close().await;
            connection = self.connect(self.options.retry_first).await?;
        }
        self.restart(&connection);
        Ok(connection)
    }

    /// Logs in; tries again `retries` times, and refused credentials for as long as the options say, but never the first
    /// time.
    async fn connect(&mut self, retries: u32) -> Result<Connection, Failed<S::Error>> {
        let session = self.session();
        // Since the first refusal, whatever came between: a broker that comes back may refuse for a while.
        let mut refused_until = None;
        for attempt in 0_u32.. {
            let why = {
                let mut log_in = pin!(self.surroundings.log_in(session));
                let result = loop {
                    tokio::select! {
                        biased;
                        alarm = self.stop.alarm() => self.source.alarmed(alarm, &self.stats)?,
                        result = &mut log_in => break result,
                    }
                };
                match result {
                    Ok(connection) => {
                        self.logged_in = true;
                        self.late = 0;
                        return Ok(connection);
                    }
                    Err(why) => why,
                }
            };
            let again = match self.surroundings.judge(&why) {
                RetryClass::Passing => self.may_go_on(attempt, retries),
                RetryClass::Refused if self.logged_in => {
                    let now = Instant::now();
                    now < *refused_until.get_or_insert(now + self.options.retry_refused)
                }
                _ => false,
            };
            if !again {
                return Err(Failed::LogIn(why));
            }
            let pause = self.backoff.pause();
            self.surroundings.tell(&Event::NoLogIn { why: &why, pause });
            self.rest(pause).await?;
        }
        unreachable!("the loop has no end of its own")
    }

    /// A connection has ended: what is to be said and counted, and a pause.
    async fn lost(&mut self, why: ConnectionError, give_up: u32) -> Result<(), Failed<S::Error>> {
        if !matches!(self.source, Source::Spool(..)) {
            self.unproved.lost += self.unproved.handed - self.unproved.taken;
        }
        self.unproved = QosZero { lost: self.unproved.lost, ..QosZero::default() };
        // It may have been too many for the broker, which has no other way to say so.
        self.careful |= self.outbox.window.exact_in_flight() > EXACT_WINDOW;
        if let Some((_, which)) = self.outbox.window.oldest() {
            self.fruitless += 1;
            if self.fruitless >= give_up {
                let Which { line, topic, .. } = which;
                let topic = self.outbox.topic(topic)?;
                return Err(
                    StreamError::NotAcknowledged { line, topic, connections: self.fruitless, source: why }.into()
                );
            }
        }
        if self.is_finished() {
            return Ok(());
        }
        let pause = self.backoff.pause();
        self.surroundings.tell(&Event::Lost { why: &why, waiting: self.outbox.window.waiting(), pause });
        self.rest(pause).await
    }

    /// Whether it is tried again after so many attempts. With a spool the lines are safe: once the input has ended, nobody
    /// has to wait for a broker that is not there.
    fn may_go_on(&mut self, attempt: u32, retries: u32) -> bool {
        match &self.source {
            Source::Spool(feed, _) if !feed.input_has_ended() => true,
            Source::Spool(..) => {
                self.late += 1;
                self.late <= self.options.retry_first
            }
            _ => attempt < retries,
        }
    }

    async fn rest(&mut self, pause: Duration) -> Result<(), Failed<S::Error>> {
        let mut pause = pin!(sleep(pause));
        loop {
            tokio::select! {
                biased;
                () = self.source.input_ends() => return Ok(()),
                alarm = self.stop.alarm() => self.source.alarmed(alarm, &self.stats)?,
                () = &mut pause => return Ok(()),
            }
        }
    }

    /// A new connection: everything that is not done is to be sent again on it.
    fn restart(&mut self, connection: &Connection) {
        let answer = connection.connack();
        let kept = self.session() == CleanStart::No && answer.session_present;
        let in_flight = answer.receive_maximum.map_or(MAX_IN_FLIGHT, usize::from);
        let exact = match (connection.version(), self.options.window) {
            _ if self.careful => EXACT_WINDOW,
            (Version::V5, _) => in_flight,
            (Version::V311, window) => window.unwrap_or(EXACT_WINDOW),
        };
        self.outbox.window.restart(if kept { CleanStart::No } else { CleanStart::Yes }, in_flight, exact);
        let SendWindow { topics, window, .. } = &mut self.outbox;
        topics.restart(|topic| window.awaits_echo(topic));
        self.subscribing.clear();
        self.outbox.version = connection.version();
        self.outbox.max_packet = answer.max_packet.map_or(usize::MAX, |max| max as usize);
        self.watched = None;
    }

    /// Ends a connection that still stands. What was sent at QoS 0 has arrived if the broker ends it, too; a session that
    /// was kept is removed, unless the time is over.
    async fn say_goodbye(&mut self, connection: Connection) {
        let waiting = self.unproved.handed - self.unproved.taken;
        if waiting == 0 {
            let _ = timeout(self.options.timeout, connection.close()).await;
        } else {
            match self.in_time(connection.finish()).await {
                Some(Ok(())) => self.stats.acknowledged += waiting,
                _ => self.unproved.lost += waiting,
            }
        }
        if self.session() == CleanStart::No {
            // A log-in with the clean flag is what removes a session (MQTT 3.1.1 §3.1.2.4).
            let surroundings = self.surroundings;
            let removing = async {
                if let Ok(fresh) = surroundings.log_in(CleanStart::Yes).await {
                    let _ = fresh.close().await;
                }
            };
            self.in_time(removing).await;
        }
    }

    /// What `work` comes to within the timeout; with no time left it has that of the last words.
    async fn in_time<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(timeout(self.options.timeout, work));
        loop {
            tokio::select! {
                biased;
                result = &mut work => return result.ok(),
                alarm = self.stop.alarm() => if matches!(alarm, Signal::Over(_)) { break },
            }
        }
        timeout(DISCONNECT_TIMEOUT, work).await.ok()?.ok()
    }

    fn is_finished(&mut self) -> bool {
        self.source.is_finished() && self.outbox.window.is_empty()
    }

    /// The accounting as it stands.
    fn stats(&self) -> Stats {
        self.source.complete(&self.stats)
    }
}
