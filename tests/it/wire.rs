//! An MQTT client that sends and receives packets one by one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use bytes::BytesMut;
use i3::broker_url::BrokerUrl;
use i3::mqtt::packet::{AckKind, ConnAck, Connect, Filter, MAX_PACKET, Packet, Publish, QoS, Reason, Version};
use i3::sandbox::Controls;

pub struct Client {
    stream: TcpStream,
    buffer: BytesMut,
    version: Version,
}

pub fn connect_packet(client_id: &str, user_name: &str, password: &str) -> Connect {
    Connect {
        client_id: client_id.into(),
        clean: true,
        keep_alive: 60,
        user_name: user_name.into(),
        password: password.into(),
        max_packet: None,
        will: None,
    }
}

pub fn publish(topic: &str, payload: &str, qos: QoS, id: u16) -> Publish {
    Publish { topic: topic.into(), payload: payload.to_owned().into(), qos, retain: false, dup: false, id }
}

pub fn ack(kind: AckKind, id: u16) -> Packet {
    Packet::Ack { kind, id, reason: Reason::SUCCESS }
}

impl Client {
    /// Connects and gives the CONNACK, too.
    pub fn open(sandbox: &Controls, version: Version, connect: Connect) -> (Client, ConnAck) {
        Client::open_at(&sandbox.broker_url(), version, connect)
    }

    pub fn open_at(broker: &BrokerUrl, version: Version, connect: Connect) -> (Client, ConnAck) {
        let mut client = Client::raw_at(broker, version);
        client.send(Packet::Connect(connect));
        match client.next() {
            Some(Packet::ConnAck(ack)) => (client, ack),
            other => panic!("no CONNACK but {other:?}"),
        }
    }

    pub fn raw(sandbox: &Controls, version: Version) -> Client {
        Client::raw_at(&sandbox.broker_url(), version)
    }

    fn raw_at(broker: &BrokerUrl, version: Version) -> Client {
        let stream = TcpStream::connect(broker.place()).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Client { stream, buffer: BytesMut::new(), version }
    }

    /// Connects with 3.1.1 and must be let in.
    pub fn new(sandbox: &Controls, client_id: &str, user_name: &str, password: &str) -> Client {
        let (client, ack) = Client::open(sandbox, Version::V311, connect_packet(client_id, user_name, password));
        assert_eq!(ack, ConnAck::new(0));
        client
    }

    pub fn send(&mut self, packet: Packet) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, self.version).unwrap();
        self.stream.write_all(&bytes).unwrap();
    }

    pub fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// The next packet, or `None` once the broker has closed the connection.
    pub fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = Packet::read(&mut self.buffer, self.version, MAX_PACKET).unwrap() {
                return Some(packet);
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) => return None,
                Ok(n) => self.buffer.extend_from_slice(&bytes[..n]),
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(e) => panic!("nothing came: {e}"),
            }
        }
    }

    pub fn subscribe(&mut self, filter: &str, qos: QoS) {
        self.send(Packet::Subscribe { id: 9, filters: vec![Filter { filter: filter.into(), qos, no_local: false }] });
        assert_eq!(self.next(), Some(Packet::SubAck { id: 9, codes: vec![Reason(qos as u8)] }));
    }

    /// Publishes at QoS 1 and gives the reason in the PUBACK.
    pub fn publish(&mut self, topic: &str, payload: &str) -> Reason {
        self.send(Packet::Publish(publish(topic, payload, QoS::AtLeastOnce, 77)));
        match self.next() {
            Some(Packet::Ack { kind: AckKind::PubAck, id: 77, reason }) => reason,
            other => panic!("no PUBACK but {other:?}"),
        }
    }

    /// The next packet must be a message: its payload. An acknowledgement is given if it asks for one.
    pub fn message(&mut self) -> String {
        match self.next() {
            Some(Packet::Publish(publish)) => {
                if publish.qos == QoS::AtLeastOnce {
                    self.send(ack(AckKind::PubAck, publish.id));
                }
                String::from_utf8(publish.payload.to_vec()).unwrap()
            }
            other => panic!("no message but {other:?}"),
        }
    }

    /// Whatever the broker had to say before the answer to a ping: there must have been nothing.
    pub fn nothing(&mut self) {
        self.send(Packet::PingReq);
        assert_eq!(self.next(), Some(Packet::PingResp));
    }

    pub fn is_closed(&mut self) -> bool {
        self.next().is_none()
    }
}
