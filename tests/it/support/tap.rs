//! A proxy before a broker that writes down what a client sends, packet by packet, in words that can be compared.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use bytes::{Bytes, BytesMut};
use i3::mqtt::packet::fields::{self, Value};

/// Where each connection came from, and what its client sent.
type Heard = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

pub struct Tap {
    pub port: u16,
    /// The addresses that connections came from, and what each client sent, in the order of the connections.
    heard: Heard,
    listening: Option<JoinHandle<()>>,
}

impl Tap {
    /// One before the broker at `port`.
    pub fn before(port: u16) -> Tap {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let heard = Heard::default();
        let all = Arc::clone(&heard);
        let listening = std::thread::spawn(move || {
            let mut pumps = Vec::new();
            for client in listener.incoming() {
                let client = client.unwrap();
                let from = client.peer_addr().unwrap();
                // The other side may end it.
                let mut first = [0];
                if client.peek(&mut first).unwrap_or(0) == 0 || first == [b'.'] {
                    break;
                }
                let at = {
                    let mut all = all.lock().unwrap();
                    all.push((from.ip().to_string(), Vec::new()));
                    all.len() - 1
                };
                let server = TcpStream::connect(("127.0.0.1", port)).unwrap();
                let (back, forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                pumps.push(std::thread::spawn(move || pump(back, forth, |_| {})));
                let all = Arc::clone(&all);
                pumps.push(std::thread::spawn(move || {
                    pump(client, server, |bytes| all.lock().unwrap()[at].1.extend(bytes));
                }));
            }
            for pump in pumps {
                pump.join().unwrap();
            }
        });
        Tap { port: own, heard, listening: Some(listening) }
    }

    /// Ends it, once all connections have ended. Returns where each came from, and its packets.
    pub fn end(mut self) -> Vec<(String, Vec<String>)> {
        let _ = TcpStream::connect(("127.0.0.1", self.port)).and_then(|mut end| end.write_all(b"."));
        self.listening.take().unwrap().join().unwrap();
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        heard.into_iter().map(|(from, bytes)| (from, packets(&bytes))).collect()
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, mut hear: impl FnMut(&[u8])) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        hear(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Puts the packets of a client into words, without packet ids.
fn packets(bytes: &[u8]) -> Vec<String> {
    let mut stream = BytesMut::from(bytes);
    let (mut told, mut is_v5) = (Vec::new(), false);
    while let Some(head) = stream.first().copied() {
        let mut rest = fields::body(&mut stream, usize::MAX).unwrap().expect("a packet is cut off");
        let rest = &mut rest;
        if head == 0x10 {
            is_v5 = rest[6] == 5;
        }
        told.push(match head >> 4 {
            1 => connect(rest, is_v5),
            3 => {
                let topic = text(rest);
                let (qos, retain, dup) = (head >> 1 & 3, head & 1, head >> 3 & 1);
                if qos > 0 {
                    fields::number(rest, 2).unwrap();
                }
                let properties = properties(rest, is_v5);
                format!("PUBLISH d{dup} q{qos} r{retain} {topic} {:?}{properties}", String::from_utf8_lossy(rest))
            }
            8 | 10 => {
                fields::number(rest, 2).unwrap();
                let properties = properties(rest, is_v5);
                let mut filters = String::new();
                while !rest.is_empty() {
                    filters += &format!(" {}", text(rest));
                    if head >> 4 == 8 {
                        filters += &format!(" {:#x}", fields::number(rest, 1).unwrap());
                    }
                }
                format!("{}{filters}{properties}", if head >> 4 == 8 { "SUBSCRIBE" } else { "UNSUBSCRIBE" })
            }
            14 => {
                let reason = if rest.is_empty() { 0 } else { fields::number(rest, 1).unwrap() };
                let properties = if rest.is_empty() { String::new() } else { properties(rest, is_v5) };
                format!("DISCONNECT {reason}{properties}")
            }
            4 => "PUBACK".into(),
            5 => "PUBREC".into(),
            6 => "PUBREL".into(),
            7 => "PUBCOMP".into(),
            12 => "PINGREQ".into(),
            other => format!("packet {other}"),
        });
    }
    told
}

fn connect(rest: &mut Bytes, is_v5: bool) -> String {
    let start = fields::some(rest, 10).unwrap();
    let (flags, keep_alive) = (start[7], u16::from_be_bytes([start[8], start[9]]));
    let own = properties(rest, is_v5);
    let id = text(rest);
    let mut told = format!("CONNECT v{} clean {} keep {keep_alive} id {id:?}{own}", start[6], flags >> 1 & 1);
    if flags & 4 != 0 {
        let of_will = properties(rest, is_v5);
        let (topic, payload) = (text(rest), text(rest));
        told += &format!(" will q{} r{} {topic} {payload:?}{of_will}", flags >> 3 & 3, flags >> 5 & 1);
    }
    if flags & 0x80 != 0 {
        told += &format!(" user {}", text(rest));
    }
    if flags & 0x40 != 0 {
        told += &format!(" password {}", text(rest));
    }
    told
}

fn properties(rest: &mut Bytes, is_v5: bool) -> String {
    if !is_v5 {
        return String::new();
    }
    let mut all: Vec<String> = fields::properties(rest)
        .unwrap()
        .map(|property| match property.unwrap() {
            (id, Value::Number(number)) => format!("{id:#x}={number}"),
            (id, Value::Field(text)) => format!("{id:#x}={text:?}"),
            (id, Value::Pair(name, value)) => format!("{id:#x}={name:?}:{value:?}"),
        })
        .collect();
    // Their order means nothing.
    all.sort();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join(" ")) }
}

fn text(rest: &mut Bytes) -> String {
    String::from_utf8(fields::field(rest).unwrap().into()).unwrap()
}
