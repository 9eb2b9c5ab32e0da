//! The connection of one device, with the messages of all callers on it.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::event::{CloseReason, Event};
use super::protocol::{DeviceStatus, MAX_PAYLOAD};
use crate::mqtt::connection::{Connection, ConnectionError};
use crate::mqtt::packet::Packet;
use crate::name::Topic;
use crate::publisher::in_flight::{InFlight, Subscription};
use crate::publisher::{Confirm, Evidence, Message, Patience, PublishError};

/// Most messages in flight: each may be waiting for its echo.
const MAX_IN_FLIGHT: usize = 100;
/// Most topics that a connection is subscribed to, for their echoes. The next topic opens a new connection.
const MAX_TOPICS: usize = 1000;
/// A connection that was idle for longer may have been lost unnoticed, and is checked before it gets a message.
const QUIET: Duration = Duration::from_secs(15);
/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(3);

/// A message that a caller waits for.
pub struct Job {
    pub message: Message,
    pub confirm: Confirm,
    pub patience: Patience,
    pub answer: oneshot::Sender<Answer>,
}

/// The outcome of a message.
pub enum Answer {
    Delivered(Evidence),
    Failed(PublishError),
    /// Nothing of it was sent.
    Declined(String),
}

impl Job {
    fn decline(self, why: impl Into<String>) {
        let _ = self.answer.send(Answer::Declined(why.into()));
    }
}

/// A message in flight.
struct Sent {
    message: InFlight,
    evidence: Evidence,
    answer: oneshot::Sender<Answer>,
}

/// Whether a connection accepts more messages.
#[derive(PartialEq, Eq)]
enum Phase {
    Open,
    /// It was idle: it has until then to answer this ping before it gets the job.
    Asked {
        ping: u64,
        until: Instant,
    },
    /// It ends once the messages in flight are done.
    Ending(CloseReason),
    /// It ends as well, because it no longer answers.
    Silent,
}

impl Phase {
    fn is_ending(&self) -> bool {
        matches!(self, Phase::Ending(_) | Phase::Silent)
    }
}

/// Publishes messages until none has arrived for `idle`, nobody can send any more, or the connection ends. After a failure
/// it ends as well: a late echo must not count for another message, and the broker may remember a refusal for this client id
/// (I3 facts §4).
pub async fn run(
    connection: Connection,
    mut jobs: mpsc::Receiver<Job>,
    idle: Duration,
    status: Rc<RefCell<DeviceStatus>>,
    tell: impl Fn(&Event<'_>),
) {
    let mut shared = Shared {
        connection,
        topics: HashMap::new(),
        sent: VecDeque::new(),
        waiting: None,
        phase: Phase::Open,
        last_id: 0,
        heard: Instant::now(),
        pongs: 0,
        status,
        tell,
    };
    shared.connection.skip_messages_over(MAX_PAYLOAD);
    let mut idle_since = Instant::now();
    loop {
        let may_take = shared.phase == Phase::Open && shared.sent.len() < MAX_IN_FLIGHT;
        let look = shared.next_look();
        tokio::select! {
            job = jobs.recv(), if may_take => match job {
                Some(job) => shared.take(job),
                None => shared.phase = Phase::Ending(CloseReason::Unneeded),
            },
            packet = shared.connection.progress() => match packet {
                Ok(packet) => shared.handle(packet),
                Err(source) => return shared.fail(&mut jobs, &source),
            },
            () = sleep_until(look.unwrap_or_else(Instant::now)), if look.is_some() => shared.look(),
            () = sleep_until(idle_since + idle), if look.is_none() && shared.phase == Phase::Open => {
                shared.phase = Phase::Ending(CloseReason::Idle);
            }
        }
        if look.is_some() {
            idle_since = Instant::now();
        }
        if shared.phase.is_ending() {
            jobs.close();
            while let Ok(job) = jobs.try_recv() {
                job.decline("the connection is ending");
            }
            if shared.sent.is_empty() {
                shared.status.borrow_mut().connected = false;
                match shared.phase {
                    Phase::Ending(why) => (shared.tell)(&Event::Closed(why)),
                    _ => (shared.tell)(&Event::Lost(&ConnectionError::Silent(ANSWER))),
                }
                let _ = shared.connection.close().await;
                return;
            }
        }
    }
}

struct Shared<T> {
    connection: Connection,
    /// The topics whose echoes arrive, by name.
    topics: HashMap<Topic, Subscription>,
    /// In the order in which they were sent, which is also that of their echoes.
    sent: VecDeque<Sent>,
    /// Jobs that wait for the answer of an idle connection.
    waiting: Option<Job>,
    phase: Phase,
    last_id: u16,
    /// When the broker last sent something.
    heard: Instant,
    /// The answers to pings until then.
    pongs: u64,
    status: Rc<RefCell<DeviceStatus>>,
    tell: T,
}

impl<T: Fn(&Event<'_>)> Shared<T> {
    fn take(&mut self, job: Job) {
        if self.sent.is_empty() && self.heard.elapsed() > QUIET {
            match self.connection.ping() {
                Ok(ping) => {
                    self.phase = Phase::Asked { ping, until: Instant::now() + ANSWER };
                    self.waiting = Some(job);
                }
                Err(e) => self.end_with(job, Phase::Silent, e.to_string()),
            }
            return;
        }
        if self.topics.len() >= MAX_TOPICS && !self.topics.contains_key(&job.message.topic) {
            let why = "the connection has reached its limit of topics";
            return self.end_with(job, Phase::Ending(CloseReason::Topics), why);
        }
        self.send(job);
    }

    fn end_with(&mut self, job: Job, phase: Phase, why: impl Into<String>) {
        self.phase = phase;
        job.decline(why);
    }

    fn send(&mut self, Job { message, confirm, patience, answer }: Job) {
        let evidence = Evidence::of(confirm, self.connection.version(), message.qos);
        let topic = message.topic.clone();
        let subscription = match self.topics.get(&topic) {
            Some(subscription) => *subscription,
            None => Subscription::New(self.next_id()),
        };
        let id = self.next_id();
        let queued = InFlight::queue(&mut self.connection, message, id, evidence, subscription, patience);
        let queued = queued.and_then(|mut message| {
            if evidence == Evidence::Sent {
                message.ping_behind(&mut self.connection)?;
            }
            Ok(message)
        });
        match queued {
            Ok(message) => {
                if let (Evidence::Echo, Subscription::New(id)) = (evidence, subscription) {
                    self.topics.insert(topic, Subscription::Requested(id));
                }
                self.sent.push_back(Sent { message, evidence, answer });
                self.count();
            }
            Err(error) => self.failed(answer, error),
        }
    }

    /// Returns an unused packet id.
    fn next_id(&mut self) -> u16 {
        loop {
            self.last_id = self.last_id.checked_add(1).unwrap_or(1);
            if !self.sent.iter().any(|sent| sent.message.has_id(self.last_id)) {
                return self.last_id;
            }
        }
    }

    fn next_look(&self) -> Option<Instant> {
        let asked = match self.phase {
            Phase::Asked { until, .. } => Some(until),
            _ => None,
        };
        self.sent.iter().map(|sent| sent.message.next_look()).chain(asked).min()
    }

    fn look(&mut self) {
        if let Phase::Asked { until, .. } = self.phase
            && Instant::now() >= until
            && let Some(job) = self.waiting.take()
        {
            self.end_with(job, Phase::Silent, "the connection no longer answers");
        }
        let now = Instant::now();
        self.each(|message, connection| if message.next_look() <= now { message.look(connection) } else { Ok(()) });
    }

    fn handle(&mut self, packet: Option<Packet>) {
        if packet.is_some() || self.connection.pongs() > self.pongs {
            (self.heard, self.pongs) = (Instant::now(), self.connection.pongs());
        }
        if let Phase::Asked { ping, .. } = self.phase
            && self.connection.pongs() >= ping
            && let Some(job) = self.waiting.take()
        {
            self.phase = Phase::Open;
            self.send(job);
        }
        if let Some(Packet::SubAck { id, .. }) = &packet {
            let requested = Subscription::Requested(*id);
            self.topics
                .values_mut()
                .filter(|known| **known == requested)
                .for_each(|known| *known = Subscription::Granted);
        }
        let mut is_taken = false;
        self.each(|message, connection| {
            if let Some(packet) = &packet
                && !is_taken
            {
                is_taken = message.handle(connection, packet)?;
            }
            message.note_pong(connection);
            Ok(())
        });
    }

    /// Applies a function to each message in flight, and answers for those that are then done.
    fn each(&mut self, mut act: impl FnMut(&mut InFlight, &mut Connection) -> Result<(), PublishError>) {
        for mut sent in std::mem::take(&mut self.sent) {
            match act(&mut sent.message, &mut self.connection) {
                Ok(()) if sent.message.is_delivered() => {
                    self.status.borrow_mut().delivered += 1;
                    let _ = sent.answer.send(Answer::Delivered(sent.evidence));
                }
                Ok(()) => self.sent.push_back(sent),
                Err(error) => self.failed(sent.answer, error),
            }
        }
        self.count();
    }

    fn failed(&mut self, answer: oneshot::Sender<Answer>, error: PublishError) {
        self.phase = Phase::Ending(CloseReason::Failure);
        (self.tell)(&Event::Failed(&error));
        {
            let mut status = self.status.borrow_mut();
            status.failed += 1;
            status.last_error = Some(error.to_string());
        }
        let _ = answer.send(Answer::Failed(error));
    }

    fn count(&self) {
        self.status.borrow_mut().in_flight = self.sent.len() as u64;
    }

    /// Answers for everything on a connection that has ended.
    fn fail(mut self, jobs: &mut mpsc::Receiver<Job>, source: &ConnectionError) {
        jobs.close();
        let why = source.to_string();
        for job in self.waiting.take().into_iter().chain(std::iter::from_fn(|| jobs.try_recv().ok())) {
            job.decline(&why);
        }
        self.each(|message, connection| Err(message.broken(connection, source.copy())));
        {
            let mut status = self.status.borrow_mut();
            status.connected = false;
            status.last_error = Some(why);
        }
        (self.tell)(&Event::Lost(source));
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
    use tokio::time::sleep;

    use super::*;
    use crate::mqtt::connection::ConnectOptions;
    use crate::mqtt::packet::{MAX_PACKET, QoS, Version};
    use crate::secret::Secret;

    const PINGREQ: [u8; 2] = [0xC0, 0];
    const PINGRESP: [u8; 2] = [0xD0, 0];

    /// A connection without keep-alive, and the broker's end of it.
    async fn connected() -> (Connection, DuplexStream) {
        let (ours, mut peer) = tokio::io::duplex(4096);
        let password = Secret::new("secret".to_string());
        let login = ConnectOptions {
            version: Version::V311,
            client_id: "c",
            clean: true,
            keep_alive: Duration::ZERO,
            user_name: "alice$parking$lot1",
            password: &password,
            max_packet: MAX_PACKET,
        };
        let url = "mqtt://in.memory".parse().unwrap();
        let broker = async {
            peer.read_exact(&mut [0; 43]).await.unwrap();
            peer.write_all(&[0x20, 2, 0, 0]).await.unwrap();
        };
        let opening = Connection::over(ours, &url, &login, Instant::now() + Duration::from_secs(20));
        let (connection, ()) = tokio::join!(opening, broker);
        (connection.unwrap(), peer)
    }

    fn job() -> (Job, oneshot::Receiver<Answer>) {
        let (answer, answered) = oneshot::channel();
        let (topic, payload) = ("alice/parking/occupancy".parse().unwrap(), "1".into());
        let message = Message { topic, payload, qos: QoS::AtLeastOnce, retain: false, time: 0 };
        let patience = Patience { timeout: Duration::from_secs(60), end: None };
        (Job { message, confirm: Confirm::None, patience, answer }, answered)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_was_quiet_is_asked_before_it_gets_a_message() {
        let (connection, mut peer) = connected().await;
        let (jobs, receiver) = mpsc::channel(1);
        let told = RefCell::new(Vec::new());
        let tell = |event: &Event<'_>| told.borrow_mut().push(format!("{event:?}"));
        let running = run(connection, receiver, Duration::from_secs(600), Rc::default(), tell);
        let calling = async {
            sleep(QUIET + Duration::from_secs(1)).await;
            let (first, answered) = job();
            jobs.send(first).await.ok().unwrap();
            let mut ping = [0; 2];
            peer.read_exact(&mut ping).await.unwrap();
            assert_eq!(ping, PINGREQ);
            peer.write_all(&PINGRESP).await.unwrap();
            peer.read_exact(&mut [0; 30]).await.unwrap();
            peer.write_all(&[0x40, 2, 0, 2]).await.unwrap();
            assert!(matches!(answered.await, Ok(Answer::Delivered(Evidence::Acknowledged))));
            // It was active just now.
            let (second, answered) = job();
            jobs.send(second).await.ok().unwrap();
            peer.read_exact(&mut [0; 30]).await.unwrap();
            peer.write_all(&[0x40, 2, 0, 4]).await.unwrap();
            assert!(matches!(answered.await, Ok(Answer::Delivered(_))));
            sleep(QUIET + Duration::from_secs(1)).await;
            let (third, answered) = job();
            jobs.send(third).await.ok().unwrap();
            peer.read_exact(&mut ping).await.unwrap();
            assert_eq!(ping, PINGREQ);
            // It does not answer.
            assert!(matches!(answered.await, Ok(Answer::Declined(_))), "nothing of it has left");
            let mut rest = Vec::new();
            peer.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest, [0xE0, 0]);
            assert!(jobs.is_closed());
        };
        tokio::join!(running, calling);
        assert_eq!(told.take(), ["Lost(Silent(3s))"]);
    }
}
