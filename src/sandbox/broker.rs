//! The broker's connections: log-in, keep-alive, reading and writing packets. Everything specific to I3 is in its rules.

mod hold;
pub(super) mod rules;
mod sessions;

use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::mqtt::packet::{self, ConnAck, Connect, MAX_PACKET, Packet, PacketError, Reason, Version};
use crate::token::Token;
use hold::Hold;
use rules::Rules;
use sessions::{ClientLink, Close, Out, Sessions};

/// A connection without a CONNECT by then is closed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Time for the last writes of a connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// 3.1.1's CONNACK 1, the answer to an unsupported version, in this form for every version.
const WRONG_VERSION: [u8; 4] = [0x20, 0x02, 0x00, 0x01];
/// CONNACK 2 of MQTT 3.1.1: an empty client id cannot keep a session.
const BAD_CLIENT_ID: u8 = 2;
/// CONNACK 5 of MQTT 3.1.1, for every fault of a log-in.
const NOT_AUTHORIZED: u8 = 5;

struct Broker {
    rules: Arc<dyn Rules>,
    sessions: Mutex<Sessions>,
    hold: Hold,
    connections: AtomicU64,
}

impl Broker {
    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Accepts connections until it is dropped.
pub(super) async fn serve(listener: TcpListener, rules: Arc<dyn Rules>) {
    let hold = Hold::new(rules.token_cost());
    let sessions = Mutex::new(Sessions::new(rules.limits()));
    let broker = Arc::new(Broker { rules, sessions, hold, connections: AtomicU64::new(0) });
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                // TCP_NODELAY stays off, as on the real broker: an echo waits for the ACK of the PUBACK before it.
                Ok((stream, _)) => { connections.spawn(connection(stream, Arc::clone(&broker))); }
                // Most likely out of descriptors: they become free again.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(mut stream: TcpStream, broker: Arc<Broker>) {
    let mut buffer = BytesMut::new();
    let Ok(Ok(Some((version, connect)))) = timeout(PATIENCE, opening(&mut stream, &mut buffer, &broker)).await else {
        return;
    };
    broker.hold.turn().await;
    broker.rules.connecting();
    if Token::parse(&connect.password).is_some() {
        broker.hold.verify_token().await;
    }
    let asks_for_id = connect.client_id.is_empty();
    let verdict = log_in(&*broker.rules, version, &connect);
    let Connect { client_id, clean, keep_alive, user_name, will, .. } = connect;
    let client_id = if asks_for_id { format!("auto-{:032x}", rand::random::<u128>()) } else { client_id };
    let assigned = (asks_for_id && version == Version::V5).then(|| client_id.clone());
    let who = broker.rules.identity(client_id, user_name);
    let (out, queue) = unbounded_channel();
    let (reader, writer) = stream.split();
    let mut writing = pin!(write_on(writer, queue, version, &broker.hold));
    if let Err(code) = verdict {
        let _ = out.send(Out::Packet(Packet::ConnAck(ConnAck::new(code))));
        let _ = out.send(Out::Close(None));
        let _ = timeout(CLOSE_TIMEOUT, writing).await;
        return;
    }
    let number = broker.connections.fetch_add(1, Relaxed);
    {
        let mut sessions = broker.sessions();
        let link = ClientLink { number, version, out: out.clone() };
        let session_present = sessions.connect(who.clone(), clean, link);
        let answer = ConnAck { session_present, assigned_client_id: assigned, ..ConnAck::new(0) };
        let _ = out.send(Out::Packet(Packet::ConnAck(answer)));
        sessions.resume(&who.client_id);
    }
    let end = {
        let reading = read_on(reader, buffer, version, keep_alive, &broker.hold, |packet| {
            broker.sessions().packet(&*broker.rules, &who.client_id, number, packet)
        });
        tokio::select! {
            end = reading => end,
            // The writer ends when the client is disconnected or unreachable.
            () = &mut writing => End::Broken(None),
        }
    };
    {
        let mut sessions = broker.sessions();
        sessions.disconnect(&who.client_id, number);
        if let (End::Broken(_), Some(will)) = (&end, will) {
            sessions.will(&*broker.rules, &who, will);
        }
    }
    if let End::Broken(reason) = end
        && out.send(Out::Close(reason)).is_err()
    {
        // Already written, and polled to its end.
        return;
    }
    drop(out);
    let _ = timeout(CLOSE_TIMEOUT, writing).await;
}

/// Reads the CONNECT; `None` if there is none, or it was answered with CONNACK 1.
async fn opening(
    stream: &mut TcpStream,
    buffer: &mut BytesMut,
    broker: &Broker,
) -> io::Result<Option<(Version, Connect)>> {
    let version = loop {
        match packet::connect_version(buffer) {
            Ok(Some(Version::V5)) if !broker.rules.speaks_v5() => break Err(()),
            Ok(Some(version)) => break Ok(version),
            Ok(None) => {}
            Err(PacketError::ProtocolLevel(_)) => break Err(()),
            Err(_) => return Ok(None),
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    };
    let Ok(version) = version else {
        stream.write_all(&WRONG_VERSION).await?;
        stream.shutdown().await?;
        return Ok(None);
    };
    loop {
        match Packet::read(buffer, version, MAX_PACKET) {
            Ok(Some(Packet::Connect(connect))) => return Ok(Some((version, connect))),
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => return Ok(None),
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// Accepts a log-in, or returns the code of the refusal.
fn log_in(rules: &dyn Rules, version: Version, connect: &Connect) -> Result<(), u8> {
    if connect.client_id.is_empty() && !connect.clean && version == Version::V311 {
        return Err(BAD_CLIENT_ID);
    }
    match (rules.lets_in(connect), version) {
        (true, _) => Ok(()),
        (false, Version::V311) => Err(NOT_AUTHORIZED),
        (false, Version::V5) => Err(Reason::NOT_AUTHORIZED.0),
    }
}

/// How a connection ended.
enum End {
    /// The client sent DISCONNECT: its will is void.
    Farewell,
    Broken(Option<Reason>),
}

async fn read_on(
    mut reader: impl AsyncRead + Unpin,
    mut buffer: BytesMut,
    version: Version,
    keep_alive: u16,
    hold: &Hold,
    mut handle: impl FnMut(Packet) -> Result<(), Close>,
) -> End {
    // One and a half times what the client promised (MQTT 3.1.1 §3.1.2.10).
    let patience = Duration::from_millis(u64::from(keep_alive) * 1500);
    loop {
        loop {
            hold.turn().await;
            match Packet::read(&mut buffer, version, MAX_PACKET) {
                Ok(None) => break,
                // MQTT 5 §3.14.2.1: with 4 the client wants its will published nevertheless.
                Ok(Some(Packet::Disconnect { reason: Reason(4) })) => return End::Broken(None),
                Ok(Some(Packet::Disconnect { .. })) => return End::Farewell,
                Ok(Some(packet)) => {
                    if let Err(Close(reason)) = handle(packet) {
                        return End::Broken(reason);
                    }
                    // The real broker reads one packet per connection in turn: what a subscriber loses in a burst depends
                    // only on its own speed.
                    tokio::task::yield_now().await;
                }
                Err(_) => return End::Broken(Some(Reason::PROTOCOL_ERROR)),
            }
        }
        let read = reader.read_buf(&mut buffer);
        let read = if patience.is_zero() { Ok(read.await) } else { timeout(patience, read).await };
        match read {
            Ok(Ok(1..)) => {}
            Ok(_) => return End::Broken(None),
            Err(_) => return End::Broken(Some(Reason(0x8D))),
        }
    }
}

/// Writes each packet separately, as the real broker does, which delays its clients.
async fn write_on(
    mut writer: impl AsyncWrite + Unpin,
    mut queue: UnboundedReceiver<Out>,
    version: Version,
    hold: &Hold,
) {
    let mut bytes = BytesMut::new();
    while let Some(out) = queue.recv().await {
        hold.turn().await;
        bytes.clear();
        let last = matches!(out, Out::Close(_));
        let packet = match out {
            Out::Packet(packet) => Some(packet),
            Out::Close(Some(reason)) if version == Version::V5 => Some(Packet::Disconnect { reason }),
            Out::Close(_) => None,
        };
        let written = match packet.map(|packet| packet.write(&mut bytes, version)) {
            Some(Ok(())) => writer.write_all(&bytes).await.is_ok(),
            // Nothing to write. After an unwritable packet, the client would wait for it.
            None => true,
            Some(Err(_)) => false,
        };
        if last || !written {
            break;
        }
    }
    let _ = writer.shutdown().await;
}
