//! The state machine of a stream: a broker that does anything at any time, over a transport in memory, while the clock jumps
//! from one timer to the next. Whatever it does, the run ends, and no line is lost without a word.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use i3::broker_url::BrokerUrl;
use i3::mqtt::connection::{ConnectError, ConnectOptions, Connection};
use i3::mqtt::packet::{AckKind, ConnAck, MAX_PACKET, Packet, Publish, QoS, Reason, Version, connect_version};
use i3::mqtt::reconnect::{CleanStart, ClientId, RetryClass};
use i3::name::Topic;
use i3::publisher::format::Format;
use i3::publisher::lines::Splitting;
use i3::publisher::stream::{self, Confirm, Event, KeptIn, LinePiece, Options, StreamError, StreamFailure, StreamHost};
use i3::secret::Secret;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, timeout};

/// Bytes in either direction that nobody has read.
const TRANSPORT: usize = 2048;
/// No run lasts so long, with every pause that there is.
const FOREVER: Duration = Duration::from_secs(100 * 86_400);

/// What a broker does, byte by byte; after the last one it does what it should.
struct Script {
    bytes: Vec<u8>,
    at: usize,
}

impl Script {
    fn next(&mut self) -> Option<u8> {
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        byte
    }
}

/// What has happened, of all connections.
struct World {
    script: Script,
    version: Version,
    /// Messages that were taken, by payload.
    taken: HashSet<Vec<u8>>,
    /// Bytes were sent that are no answer, or one that may mean any message.
    is_garbled: bool,
    /// A connection was closed before the client had ended it.
    has_closed: bool,
    window: usize,
    confirm: Confirm,
    /// Topics of which a message came back.
    echoed: HashSet<String>,
    aside: HashSet<Vec<u8>>,
}

#[derive(Clone)]
struct Host {
    world: Arc<Mutex<World>>,
    keeps_rejects: bool,
}

impl Host {
    fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StreamHost for Host {
    type Error = ConnectError;

    async fn log_in(&self, session: CleanStart) -> Result<Connection, ConnectError> {
        let (ours, theirs) = duplex(TRANSPORT);
        let version = self.world().version;
        tokio::spawn(serve(theirs, self.clone(), version));
        let url = BrokerUrl::plain("memory", 1883);
        let login = ConnectOptions {
            version,
            client_id: "fuzz",
            clean: session == CleanStart::Yes,
            keep_alive: Duration::from_secs(30),
            user_name: "alice$lot$one",
            password: &Secret::new("secret"),
            max_packet: MAX_PACKET,
        };
        Connection::over(ours, &url, &login, Instant::now() + Duration::from_secs(10)).await
    }

    fn judge(&self, _: &ConnectError) -> RetryClass {
        RetryClass::Passing
    }

    fn topic(&self, text: &str) -> Result<Topic, String> {
        text.parse().map_err(|e| format!("{e}"))
    }

    fn put_aside(&self, bytes: &[u8], _: LinePiece) -> io::Result<()> {
        let payload = bytes.split(|byte| *byte == b'\t').nth(1).unwrap_or_default();
        self.world().aside.insert(payload.to_vec());
        Ok(())
    }

    fn put_message_aside(&self, line: &[u8]) -> io::Result<KeptIn> {
        if self.keeps_rejects {
            self.put_aside(line, LinePiece::Last)?;
        }
        Ok(if self.keeps_rejects { KeptIn::Rejects } else { KeptIn::Source })
    }

    fn tell(&self, _: &Event<'_, ConnectError>) {}
}

/// One connection, from the broker's side.
async fn serve(mut transport: DuplexStream, host: Host, version: Version) {
    let mut input = BytesMut::new();
    let (mut subscribed, mut out) = (HashSet::new(), HashMap::new());
    loop {
        let packet = match connect_version(&input) {
            Ok(None) if input.is_empty() || input[0] >> 4 == 1 => None,
            _ => Packet::read(&mut input, version, MAX_PACKET).expect("the client writes packets"),
        };
        let Some(packet) = packet else {
            if !matches!(transport.read_buf(&mut input).await, Ok(1..)) {
                return;
            }
            continue;
        };
        let mut answers = Vec::new();
        let op = host.world().script.next();
        match (op.map_or(0, |op| op % 32), packet) {
            (_, Packet::Disconnect { .. }) => return,
            (31, _) => {
                // A close with bytes unread is a reset over TCP. In memory it is none, so that what was sent at QoS 0 seems taken.
                host.world().has_closed = true;
                return;
            }
            (30, _) => {
                // Whatever the script says next.
                let garbage: Vec<u8> = (0..4).map_while(|_| host.world().script.next()).collect();
                host.world().is_garbled = true;
                let _ = transport.write_all(&garbage).await;
            }
            (29, Packet::Connect(_)) => answers.push(Packet::ConnAck(ConnAck::new(5))),
            (28, Packet::Connect(_)) => {
                let receive_maximum = (version == Version::V5).then_some(2);
                answers.push(Packet::ConnAck(ConnAck { receive_maximum, ..ConnAck::new(0) }));
            }
            (27, Packet::Connect(_)) => {
                answers.push(Packet::ConnAck(ConnAck { session_present: true, ..ConnAck::new(0) }));
            }
            (_, Packet::Connect(_)) => answers.push(Packet::ConnAck(ConnAck::new(0))),
            // What is dropped at QoS 0 is nothing that the client could know.
            (26, Packet::Publish(publish)) if publish.qos == QoS::AtMostOnce => {
                host.world().taken.insert(publish.payload.to_vec());
            }
            // No answer, for as long as the client likes.
            (26, _) => {}
            (op, Packet::Publish(publish)) => {
                if publish.qos != QoS::AtMostOnce {
                    out.insert(publish.id, ());
                    assert!(out.len() <= host.world().window, "{} messages are in flight", out.len());
                }
                take(op, publish, &host, version, &subscribed, &mut out, &mut answers);
            }
            (_, Packet::Ack { kind: AckKind::PubRel, id, .. }) => {
                out.remove(&id);
                answers.push(Packet::Ack { kind: AckKind::PubComp, id, reason: Reason::SUCCESS });
            }
            (25, Packet::Subscribe { id, .. }) => answers.push(Packet::SubAck { id, codes: vec![Reason(0x80)] }),
            (_, Packet::Subscribe { id, filters }) => {
                subscribed.extend(filters.into_iter().map(|filter| filter.filter));
                answers.push(Packet::SubAck { id, codes: vec![Reason(0)] });
            }
            (_, Packet::Unsubscribe { id, .. }) => answers.push(Packet::UnsubAck { id, codes: vec![Reason(0)] }),
            (_, Packet::PingReq) => answers.push(Packet::PingResp),
            _ => {}
        }
        for answer in answers {
            let mut bytes = BytesMut::new();
            if answer.write(&mut bytes, version).is_ok() && transport.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }
}

/// What becomes of a message.
fn take(
    op: u8,
    publish: Publish,
    host: &Host,
    version: Version,
    subscribed: &HashSet<String>,
    out: &mut HashMap<u16, ()>,
    answers: &mut Vec<Packet>,
) {
    let kind = if publish.qos == QoS::ExactlyOnce { AckKind::PubRec } else { AckKind::PubAck };
    let mut reason = Reason::SUCCESS;
    match op {
        // Dropped, and acknowledged as well on 3.1.1: without an echo to wait for, the client cannot know.
        24 if version == Version::V311 => {
            let mut world = host.world();
            let is_proved = world.confirm == Confirm::First && world.echoed.contains(&publish.topic);
            if is_proved || world.confirm == Confirm::None {
                world.taken.insert(publish.payload.to_vec());
            }
        }
        23 | 22 if version == Version::V5 => {
            reason = Reason([0x87, 0x97, 0x80, 0x99][usize::from(op % 2) * 2 + usize::from(publish.id % 2)]);
        }
        21 => {
            // For a message that may or may not be out.
            host.world().is_garbled = true;
            answers.push(Packet::Ack { kind, id: publish.id.wrapping_add(1).max(1), reason });
        }
        _ => {
            host.world().taken.insert(publish.payload.to_vec());
            if subscribed.contains(&publish.topic) && op != 20 {
                host.world().echoed.insert(publish.topic.clone());
                answers.push(Packet::Publish(Publish { qos: QoS::AtMostOnce, id: 0, ..publish.clone() }));
            }
        }
    }
    if publish.qos == QoS::AtMostOnce {
        host.world().taken.insert(publish.payload.to_vec());
        return;
    }
    let times = if op == 19 { 2 } else { 1 };
    answers.extend((0..times).map(|_| Packet::Ack { kind, id: publish.id, reason }));
    if kind == AckKind::PubAck || reason.is_failure() {
        out.remove(&publish.id);
    }
}

/// The options and the number of lines come first, then the script.
pub fn stream(data: &[u8]) {
    let [setup, count, script @ ..] = data else { return };
    let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][usize::from(setup & 3)];
    let confirm = [Confirm::First, Confirm::All, Confirm::None, Confirm::First][usize::from(setup >> 2 & 3)];
    let version = if setup & 16 == 0 { Version::V311 } else { Version::V5 };
    let window = 1 + usize::from(setup >> 6) * 5;
    let world = World {
        script: Script { bytes: script.to_vec(), at: 0 },
        version,
        taken: HashSet::new(),
        is_garbled: false,
        has_closed: false,
        window,
        confirm,
        echoed: HashSet::new(),
        aside: HashSet::new(),
    };
    let host = Host { world: Arc::new(Mutex::new(world)), keeps_rejects: setup & 32 != 0 };
    let lines: Vec<String> = (0..count % 24).map(|n| format!("{n}")).collect();
    let line = |(n, line): (usize, &String)| format!("alice/lot/topic{}\t{line}\n", n % 3);
    let input: String = lines.iter().enumerate().map(line).collect();
    let options = Options {
        format: Format::TopicPerLine,
        allow_secret: false,
        splitting: Splitting { separator: b'\n', max_line: 100 },
        topic: None,
        qos,
        retain: false,
        stamp: None,
        confirm,
        window: Some(window),
        interval: None,
        strict: false,
        timeout: Duration::from_secs(10),
        grace: Duration::from_secs(10),
        deadline: None,
        retry_refused: Duration::from_secs(300),
        client_id: ClientId::Random,
        retry_first: 1000,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let (stats, result) = runtime.expect("a runtime").block_on(async {
        let (_signals, receiver) = tokio::sync::mpsc::unbounded_channel();
        let run = stream::run(&options, io::Cursor::new(input.into_bytes()), receiver, &host);
        timeout(FOREVER, run).await.expect("the run ends")
    });
    let world = host.world();
    assert!(stats.acknowledged + stats.rejected + stats.refused <= stats.read, "{stats:?}");
    if world.is_garbled || qos == QoS::AtMostOnce && world.has_closed {
        return;
    }
    match &result {
        Ok(()) => {
            for line in &lines {
                let line = line.as_bytes();
                assert!(world.taken.contains(line) || world.aside.contains(line), "{line:?} is lost: {stats:?}");
            }
            assert_eq!(stats.missing(), 0, "{stats:?}");
        }
        Err(StreamFailure::Stream(StreamError::Unfinished { .. })) => panic!("nothing has ended it: {result:?}"),
        Err(_) => {}
    }
}
