//! The subscriber over an in-memory transport: a broker that sends anything at any time, and an output that stalls.
//!
//! Invariants for any input: nothing is acknowledged that is not settled, acknowledgements keep the order of arrival, no more
//! is taken than the output has room for, a message at QoS 2 is taken once, and once the output takes everything again nothing
//! is left unacknowledged.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use i3::mqtt::connection::{ConnectError, ConnectOptions, Connection};
use i3::mqtt::incoming::{IncomingPublish, Oversized};
use i3::mqtt::packet::{AckKind, ConnAck, Packet, Publish, QoS, Reason, Version, connect_version};
use i3::mqtt::reconnect::{CleanStart, ClientId, RetryClass};
use i3::secret::Secret;
use i3::subscriber::{self, Event, Options, Output, RetainedFilter, SubscriberHost};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep, timeout};

/// Messages that the output holds before it is full.
const ROOM: u64 = 3;
/// Longest payload that is taken, in bytes.
const MAX_MESSAGE: usize = 64;
const TOPIC: &str = "alice/parking/occupancy";
/// Longest packet that the broker reads.
const MAX_PACKET: usize = 64 * 1024;

/// The first byte chooses the options, the second version and the size of the transport's buffers; the others are what the broker does.
pub fn subscriber(data: &[u8]) {
    let [choice, size, script @ ..] = data else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime of timers alone").block_on(run(*choice, *size, script));
}

async fn run(choice: u8, size: u8, script: &[u8]) {
    let only = [RetainedFilter::All, RetainedFilter::All, RetainedFilter::Live, RetainedFilter::Retained]
        [usize::from(choice >> 4 & 3)];
    let unsubscribes = choice & 2 != 0;
    let options = Options {
        filters: if unsubscribes && choice & 4 != 0 { Vec::new() } else { vec![TOPIC.into()] },
        unsubscribe: if unsubscribes { vec!["alice/#".into()] } else { Vec::new() },
        qos: QoS::ExactlyOnce,
        session: if choice & 1 == 0 { CleanStart::Yes } else { CleanStart::No },
        client_id: ClientId::Chosen,
        only,
        count: (choice & 8 != 0).then_some(5),
        wait: (choice & 128 != 0).then_some(Duration::from_secs(1000)),
        subscribe_only: choice & 64 != 0,
        max_message: MAX_MESSAGE,
        grace: Duration::from_secs(2),
        timeout: Duration::from_secs(10),
        retry: 3,
        retry_refused: Duration::from_secs(300),
    };
    let version = if size & 128 == 0 { Version::V311 } else { Version::V5 };
    let size = 16 << (size % 10);
    let (signals, signalled) = unbounded_channel();
    let (connections, connecting) = unbounded_channel();
    let seen = Rc::new(RefCell::new(Seen::default()));
    let room = Rc::new(Notify::new());
    let mut host = Host { connections, size, version };
    let mut output = Pipe { seen: Rc::clone(&seen), room: Rc::clone(&room) };
    let broker = Broker {
        script,
        only,
        connecting,
        signals,
        seen,
        room,
        version,
        qos_2: HashMap::new(),
        next_number: 0,
        next_id: 1,
    };
    let subscriber = subscriber::run(&options, signalled, &mut host, &mut output);
    tokio::select! {
        outcome = subscriber => {
            assert!(outcome.result.is_err() || outcome.count <= options.count.unwrap_or(u64::MAX));
        }
        () = broker.serve() => {}
    }
}

/// What the output has taken and settled, by the numbers that are the messages' payloads.
#[derive(Default)]
struct Seen {
    taken: VecDeque<Option<u32>>,
    settled: u64,
    numbers: HashSet<u32>,
    /// Those at QoS 2 that were taken.
    once: HashSet<u32>,
    /// Something that no broker sends was sent.
    is_wild: bool,
    /// Settles everything that arrives.
    is_open: bool,
    is_broken: bool,
}

impl Seen {
    fn settle(&mut self, count: usize) {
        for number in self.taken.drain(..count.min(self.taken.len())) {
            self.settled += 1;
            self.numbers.extend(number);
        }
    }
}

struct Pipe {
    seen: Rc<RefCell<Seen>>,
    room: Rc<Notify>,
}

/// Why the output or a log-in failed.
#[derive(Debug)]
struct Failure;

impl Output for Pipe {
    type Error = Failure;

    fn take(&mut self, message: &IncomingPublish) -> Result<(), Failure> {
        assert!(!self.is_full(), "more is taken than there is room for");
        assert!(message.payload.len() <= MAX_MESSAGE);
        let mut seen = self.seen.borrow_mut();
        let number = number(&message.payload);
        if let Some(number) = number.filter(|_| message.qos == QoS::ExactlyOnce) {
            assert!(seen.once.insert(number) || seen.is_wild, "message {number} is taken twice");
        }
        seen.taken.push_back(number);
        Ok(())
    }

    fn leave_out(&mut self, message: &Oversized) {
        assert!(message.length > MAX_MESSAGE);
    }

    fn is_full(&self) -> bool {
        self.seen.borrow().taken.len() as u64 >= ROOM
    }

    fn settle(&mut self) -> Result<(), Failure> {
        let mut seen = self.seen.borrow_mut();
        if seen.is_open {
            seen.settle(usize::MAX);
        }
        if seen.is_broken { Err(Failure) } else { Ok(()) }
    }

    fn settled(&self) -> u64 {
        self.seen.borrow().settled
    }

    async fn progress(&mut self) -> Result<(), Failure> {
        self.room.notified().await;
        if self.seen.borrow().is_broken { Err(Failure) } else { Ok(()) }
    }
}

fn number(payload: &[u8]) -> Option<u32> {
    payload.get(..4)?.try_into().ok().map(u32::from_be_bytes)
}

struct Host {
    connections: UnboundedSender<DuplexStream>,
    size: usize,
    version: Version,
}

impl SubscriberHost for Host {
    type Error = Failure;

    async fn log_in(&mut self, session: CleanStart) -> Result<Connection, Failure> {
        let (own, brokers) = duplex(self.size);
        self.connections.send(brokers).map_err(|_| Failure)?;
        let (password, url) = (Secret::new("x"), "mqtt://127.0.0.1".parse().expect("it is an address"));
        let login = ConnectOptions {
            version: self.version,
            client_id: "buyer",
            clean: session == CleanStart::Yes,
            keep_alive: Duration::from_secs(60),
            user_name: "bob",
            password: &password,
            max_packet: MAX_PACKET,
        };
        let deadline = Instant::now() + Duration::from_secs(10);
        let connection: Result<_, ConnectError> = Connection::over(own, &url, &login, deadline).await;
        connection.map_err(|_| Failure)
    }

    fn judge(&self, _: &Failure) -> RetryClass {
        RetryClass::Passing
    }

    fn tell(&mut self, event: &Event<'_, Failure>) {
        let _ = format!("{event:?}");
    }
}

struct Broker<'a> {
    script: &'a [u8],
    /// What the client wants.
    only: RetainedFilter,
    connecting: UnboundedReceiver<DuplexStream>,
    signals: UnboundedSender<()>,
    seen: Rc<RefCell<Seen>>,
    room: Rc<Notify>,
    version: Version,
    /// Messages at QoS 2 of the session that were not released, by packet id.
    qos_2: HashMap<u16, u32>,
    next_number: u32,
    next_id: u16,
}

/// One connection, from the broker's side.
struct Peer {
    stream: DuplexStream,
    input: BytesMut,
    /// Messages that were sent and are not acknowledged, in their order.
    sent: VecDeque<Sent>,
    /// Answers that the client waits for.
    subscription: Option<u16>,
    unsubscription: Option<u16>,
    /// Something that no broker sends was sent: nothing can be said of this connection any more.
    is_wild: bool,
}

/// A message, and its acknowledgement.
#[derive(Debug)]
struct Sent {
    kind: AckKind,
    id: u16,
    /// Its number, if the client must take it.
    number: Option<u32>,
}

/// The connection or the script has ended.
struct Ended;

impl Broker<'_> {
    /// Does what the script says, connection after connection.
    async fn serve(mut self) {
        let mut idle = 0;
        loop {
            // No pause between two connections is as long.
            let stream = match timeout(Duration::from_secs(100), self.connecting.recv()).await {
                Ok(Some(stream)) => stream,
                Ok(None) => return,
                Err(_) => {
                    // It may be waiting for the output alone.
                    assert!(idle < 3, "it neither connects nor ends");
                    idle += 1;
                    self.open_output();
                    continue;
                }
            };
            let mut peer = Peer {
                stream,
                input: BytesMut::new(),
                sent: VecDeque::new(),
                subscription: None,
                unsubscription: None,
                is_wild: false,
            };
            if self.welcome(&mut peer).await.is_err() {
                continue;
            }
            let stands = loop {
                match self.step() {
                    None => break true,
                    Some(step) if self.act(step, &mut peer).await.is_err() => break false,
                    Some(_) => {}
                }
            };
            if stands {
                return self.finish(peer).await;
            }
        }
    }

    fn open_output(&self) {
        self.seen.borrow_mut().is_open = true;
        self.room.notify_one();
    }

    fn step(&mut self) -> Option<u8> {
        let (first, rest) = self.script.split_first()?;
        self.script = rest;
        Some(*first)
    }

    async fn welcome(&mut self, peer: &mut Peer) -> Result<(), Ended> {
        while connect_version(&peer.input).map_err(|_| Ended)?.is_none() {
            peer.read_more().await?;
        }
        let Some(Packet::Connect(connect)) = peer.next(self.version)? else { return Err(Ended) };
        let session_present = !connect.clean && self.step().unwrap_or(0) & 1 == 1;
        if !session_present {
            self.qos_2.clear();
        }
        peer.send(Packet::ConnAck(ConnAck { session_present, ..ConnAck::new(0) }), self.version).await
    }

    async fn act(&mut self, step: u8, peer: &mut Peer) -> Result<(), Ended> {
        let argument = step >> 4;
        match step & 15 {
            qos @ 0..=2 => {
                let qos = [QoS::AtMostOnce, QoS::AtLeastOnce, QoS::ExactlyOnce][usize::from(qos)];
                self.publish(peer, qos, argument).await?;
            }
            3 => self.repeat(peer).await?,
            4 => {
                let known = self.qos_2.keys().copied().min();
                let id = known.filter(|_| argument & 1 == 0).unwrap_or(60_000 + u16::from(argument));
                let is_acknowledged = !peer.sent.iter().any(|sent| sent.id == id);
                if self.qos_2.remove(&id).is_some() && !is_acknowledged {
                    self.goes_wild(peer);
                }
                peer.send(ack(AckKind::PubRel, id), self.version).await?;
            }
            5 => self.answer(peer, argument == 0).await?,
            6 => {
                self.goes_wild(peer);
                let length = usize::from(argument).min(self.script.len());
                let (bytes, rest) = self.script.split_at(length);
                self.script = rest;
                peer.send_bytes(bytes).await?;
            }
            7 => return Err(Ended),
            8 | 9 => self.read(peer, Duration::from_millis(10)).await?,
            10 | 11 => {
                self.seen.borrow_mut().settle(usize::from(argument));
                self.room.notify_one();
            }
            12 => sleep(Duration::from_secs(u64::from(argument) * 10)).await,
            13 if argument == 0 => drop(self.signals.send(())),
            13 => peer.send(Packet::PingResp, self.version).await?,
            14 => {
                // Answers to nothing.
                self.goes_wild(peer);
                let packets = [AckKind::PubAck, AckKind::PubRec, AckKind::PubComp].map(|kind| ack(kind, 1));
                for packet in packets {
                    peer.send(packet, self.version).await?;
                }
            }
            _ if argument == 0 => {
                self.seen.borrow_mut().is_broken = true;
                self.room.notify_one();
            }
            _ => {
                // One that is too long.
                let id = self.id();
                let payload = vec![b'x'; MAX_MESSAGE * usize::from(argument) + 1];
                peer.sent.push_back(Sent { kind: AckKind::PubAck, id, number: None });
                peer.send(message(payload, QoS::AtLeastOnce, id, false, false), self.version).await?;
            }
        }
        Ok(())
    }

    fn id(&mut self) -> u16 {
        self.next_id = self.next_id.checked_add(1).unwrap_or(1);
        self.next_id
    }

    fn goes_wild(&self, peer: &mut Peer) {
        peer.is_wild = true;
        self.seen.borrow_mut().is_wild = true;
    }

    async fn publish(&mut self, peer: &mut Peer, qos: QoS, argument: u8) -> Result<(), Ended> {
        self.next_number += 1;
        let number = self.next_number;
        let retain = argument & 1 == 1;
        let id = if qos == QoS::AtMostOnce { 0 } else { self.id() };
        let kind = match qos {
            QoS::AtMostOnce => None,
            QoS::AtLeastOnce => Some(AckKind::PubAck),
            QoS::ExactlyOnce => {
                self.qos_2.insert(id, number);
                Some(AckKind::PubRec)
            }
        };
        let is_wanted = match self.only {
            RetainedFilter::All => true,
            RetainedFilter::Live => !retain,
            RetainedFilter::Retained => retain,
        };
        peer.sent.extend(kind.map(|kind| Sent { kind, id, number: is_wanted.then_some(number) }));
        peer.send(message(number.to_be_bytes().to_vec(), qos, id, retain, false), self.version).await
    }

    /// Sends a message at QoS 2 again, as after a reconnect.
    async fn repeat(&mut self, peer: &mut Peer) -> Result<(), Ended> {
        let Some((id, number)) = self.qos_2.iter().min().map(|(id, number)| (*id, *number)) else { return Ok(()) };
        peer.sent.push_back(Sent { kind: AckKind::PubRec, id, number: None });
        let again = message(number.to_be_bytes().to_vec(), QoS::ExactlyOnce, id, false, true);
        peer.send(again, self.version).await
    }

    async fn answer(&mut self, peer: &mut Peer, granted: bool) -> Result<(), Ended> {
        self.read(peer, Duration::from_millis(10)).await?;
        if let Some(id) = peer.unsubscription.take() {
            let codes = vec![Reason(if granted { 0x11 } else { 0x87 })];
            peer.send(Packet::UnsubAck { id, codes }, self.version).await?;
        }
        if let Some(id) = peer.subscription.take() {
            let codes = vec![if granted { Reason(2) } else { Reason::SUBACK_FAILURE }];
            peer.send(Packet::SubAck { id, codes }, self.version).await?;
        }
        Ok(())
    }

    /// Reads what the client has sent, and checks it.
    async fn read(&mut self, peer: &mut Peer, pause: Duration) -> Result<(), Ended> {
        loop {
            while let Some(packet) = peer.next(self.version)? {
                match packet {
                    Packet::Ack { kind, id, .. } if kind != AckKind::PubComp && !peer.is_wild => {
                        let sent = peer.sent.pop_front().expect("nothing else is acknowledged");
                        assert_eq!((sent.kind, sent.id), (kind, id), "acknowledgements keep the order");
                        let is_settled = sent.number.is_none_or(|n| self.seen.borrow().numbers.contains(&n));
                        assert!(is_settled, "{sent:?} is acknowledged and not settled");
                    }
                    Packet::Subscribe { id, .. } => peer.subscription = Some(id),
                    Packet::Unsubscribe { id, .. } => peer.unsubscription = Some(id),
                    Packet::PingReq => peer.send(Packet::PingResp, self.version).await?,
                    Packet::Disconnect { .. } => return Err(Ended),
                    _ => {}
                }
            }
            match timeout(pause, peer.read_more()).await {
                Ok(result) => result?,
                Err(_) => return Ok(()),
            }
        }
    }

    /// The output takes everything again, and the broker answers: nothing may be left.
    async fn finish(mut self, mut peer: Peer) {
        self.open_output();
        if peer.is_wild || self.answer(&mut peer, true).await.is_err() {
            return;
        }
        if self.read(&mut peer, Duration::from_secs(5)).await.is_ok() {
            assert!(peer.sent.is_empty(), "left unacknowledged: {:?}", peer.sent);
        }
    }
}

impl Peer {
    async fn read_more(&mut self) -> Result<(), Ended> {
        match self.stream.read_buf(&mut self.input).await {
            Ok(1..) => Ok(()),
            _ => Err(Ended),
        }
    }

    fn next(&mut self, version: Version) -> Result<Option<Packet>, Ended> {
        let packet = Packet::read(&mut self.input, version, MAX_PACKET);
        Ok(packet.expect("the client sends packets"))
    }

    async fn send(&mut self, packet: Packet, version: Version) -> Result<(), Ended> {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, version).expect("the broker's packets can be written");
        self.send_bytes(&bytes).await
    }

    /// A client that is held back reads nothing for a while; then the broker gives up.
    async fn send_bytes(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        match timeout(Duration::from_millis(10), self.stream.write_all(bytes)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Ended),
        }
    }
}

fn message(payload: Vec<u8>, qos: QoS, id: u16, retain: bool, dup: bool) -> Packet {
    Packet::Publish(Publish { topic: TOPIC.into(), payload: Bytes::from(payload), qos, retain, dup, id })
}

fn ack(kind: AckKind, id: u16) -> Packet {
    Packet::Ack { kind, id, reason: Reason::SUCCESS }
}
