//! A broker that does as a test says: each connection is handled by the test's closure, byte for byte if need be.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::BytesMut;
use i3::mqtt::packet::{AckKind, ConnAck, Connect, MAX_PACKET, Packet, Publish, QoS, Reason, Version, connect_version};

/// One client's connection, seen from the broker.
pub struct Peer {
    pub stream: TcpStream,
    buffer: BytesMut,
    version: Version,
}

impl Peer {
    pub fn new(stream: TcpStream) -> Peer {
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Peer { stream, buffer: BytesMut::new(), version: Version::V311 }
    }

    fn read_more(&mut self) -> bool {
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(n) => {
                self.buffer.extend_from_slice(&bytes[..n]);
                true
            }
        }
    }

    /// The next packet; `None` once the client has closed the connection.
    pub fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = Packet::read(&mut self.buffer, self.version, MAX_PACKET).unwrap() {
                return Some(packet);
            }
            if !self.read_more() {
                return None;
            }
        }
    }

    pub fn send(&mut self, packet: Packet) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, self.version).unwrap();
        self.send_bytes(&bytes);
    }

    /// A client that has gone is found out when reading.
    pub fn send_bytes(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    pub fn ack(&mut self, kind: AckKind, id: u16) {
        self.send(Packet::Ack { kind, id, reason: Reason::SUCCESS });
    }

    /// Takes CONNECT, if one comes, and answers it on a fresh session.
    pub fn takes_connect(&mut self) -> bool {
        while connect_version(&self.buffer).unwrap().is_none() {
            if !self.read_more() {
                return false;
            }
        }
        self.answer_connect(0, false);
        true
    }

    /// Takes CONNECT and answers it with this code and session flag.
    pub fn answer_connect(&mut self, code: u8, session_present: bool) -> Connect {
        self.answer_connect_with(ConnAck { session_present, ..ConnAck::new(code) })
    }

    /// Takes CONNECT and answers it with this.
    pub fn answer_connect_with(&mut self, answer: ConnAck) -> Connect {
        let connect = self.connect();
        self.send(Packet::ConnAck(answer));
        connect
    }

    /// Takes CONNECT and accepts it, with these properties of MQTT 5.
    pub fn accept_with(&mut self, properties: &[u8]) {
        self.connect();
        let length = properties.len() as u8;
        self.send_bytes(&[&[0x20, 3 + length, 0, 0, length], properties].concat());
    }

    fn connect(&mut self) -> Connect {
        while connect_version(&self.buffer).unwrap().is_none() {
            assert!(self.read_more(), "no CONNECT came");
        }
        self.version = connect_version(&self.buffer).unwrap().unwrap();
        let Some(Packet::Connect(connect)) = self.next() else { panic!("no CONNECT") };
        connect
    }

    /// The next message; anything else but a ping, which is answered, is a failure. `None` at the end: DISCONNECT or cut.
    pub fn message(&mut self) -> Option<Publish> {
        loop {
            match self.next()? {
                Packet::Publish(publish) => return Some(publish),
                Packet::PingReq => self.send(Packet::PingResp),
                Packet::Disconnect { .. } => return None,
                other => panic!("no message but {other:?}"),
            }
        }
    }

    /// The next message; pings and subscriptions are answered. `None` at the end: DISCONNECT or cut.
    pub fn published(&mut self) -> Option<Publish> {
        loop {
            match self.next()? {
                Packet::Publish(publish) => return Some(publish),
                Packet::Subscribe { id, .. } => self.send(Packet::SubAck { id, codes: vec![Reason(0)] }),
                Packet::PingReq => self.send(Packet::PingResp),
                Packet::Disconnect { .. } => return None,
                other => panic!("{other:?}"),
            }
        }
    }

    /// Takes messages at QoS 0 and 1 until the client says goodbye, acknowledges each, and gives their payloads.
    pub fn serve(&mut self) -> Vec<String> {
        let mut payloads = Vec::new();
        while let Some(publish) = self.message() {
            if publish.qos == QoS::AtLeastOnce {
                self.ack(AckKind::PubAck, publish.id);
            }
            payloads.push(text(&publish));
        }
        payloads
    }
}

pub fn text(publish: &Publish) -> String {
    String::from_utf8_lossy(&publish.payload).into_owned()
}

/// The broker; what its script returned is had with [`Broker::end`].
pub struct Broker<T> {
    pub port: u16,
    thread: JoinHandle<T>,
}

/// The clients of a broker, as they come.
pub struct Clients {
    listener: TcpListener,
}

impl Clients {
    pub fn next(&self) -> Peer {
        Peer::new(self.listener.accept().unwrap().0)
    }

    /// Answers the connections that a diagnosis makes before its log-in: the first says nothing, two come without credentials.
    pub fn refuse_anonymous(&self) {
        drop(self.next());
        self.next().answer_connect(5, false);
        self.next().answer_connect(0x87, false);
    }
}

impl<T: Send + 'static> Broker<T> {
    pub fn start(script: impl FnOnce(Clients) -> T + Send + 'static) -> Broker<T> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        Broker { port, thread: std::thread::spawn(move || script(Clients { listener })) }
    }

    pub fn end(self) -> T {
        self.thread.join().unwrap()
    }
}

/// A proxy to `port` that delays every byte by `delay` in both directions, and bounds nothing else.
pub fn delaying_proxy(port: u16, delay: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
            client.set_nodelay(true).unwrap();
            server.set_nodelay(true).unwrap();
            delay_one_way(client.try_clone().unwrap(), server.try_clone().unwrap(), delay);
            delay_one_way(server, client, delay);
        }
    });
    own
}

fn delay_one_way(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, receiver): (_, Receiver<(std::time::Instant, Vec<u8>)>) = channel();
    std::thread::spawn(move || {
        let mut bytes = vec![0; 256 * 1024];
        while let Ok(n @ 1..) = from.read(&mut bytes) {
            let _ = sender.send((std::time::Instant::now() + delay, bytes[..n].to_vec()));
        }
    });
    std::thread::spawn(move || {
        for (due, bytes) in receiver {
            std::thread::sleep(due.saturating_duration_since(std::time::Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
}
