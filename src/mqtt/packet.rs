//! MQTT packets in one neutral form for 3.1.1 and 5, read and written with rumqttc's codec.
//!
//! Both sides use it: the client connection and the sandbox's broker. What the two versions share is kept; of
//! MQTT 5's properties only those that this toolkit acts on (reason strings, assigned client id, broker limits).

mod v311;
mod v50;

use bytes::{Buf, Bytes, BytesMut};
use rumqttc::mqttbytes::{self, v4};
use rumqttc::v5::mqttbytes::{self as mqttbytes5, v5};

pub use rumqttc::mqttbytes::QoS;

/// Largest packet that MQTT can frame: four length bytes of seven bits (MQTT 3.1.1 §2.2.3).
pub const MAX_PACKET: usize = 268_435_455;

/// For how long an MQTT 5 broker is asked to keep a session whose connection has ended, in seconds: a day. In 3.1.1 there
/// is no such bound.
pub const SESSION_KEPT: u32 = 86_400;

/// Protocol version of one connection, fixed by its CONNECT packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// MQTT 3.1.1, protocol level 4: what every I3 broker speaks.
    V311,
    /// MQTT 5, protocol level 5: answered with CONNACK 1 by the released I3 broker (I3 facts §4).
    V5,
}

/// Reason or return code as it stands on the wire: 0..=2 granted or done, from 0x80 on (or 1..=5 in a 3.1.1 CONNACK) refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason(pub u8);

impl Reason {
    /// Done as asked.
    pub const SUCCESS: Reason = Reason(0);
    /// MQTT 5: the permission to do this is missing.
    pub const NOT_AUTHORIZED: Reason = Reason(0x87);
    /// MQTT 5: the topic holds a wildcard or is empty.
    pub const TOPIC_NAME_INVALID: Reason = Reason(0x90);
    /// MQTT 5: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Reason = Reason(0x82);
    /// MQTT 5: another client took this client id over.
    pub const SESSION_TAKEN_OVER: Reason = Reason(0x8E);
    /// 3.1.1 SUBACK: the filter was not granted.
    pub const SUBACK_FAILURE: Reason = Reason(0x80);

    /// Whether the code tells of a refusal, in an acknowledgement of MQTT 5 or a SUBACK of either version.
    pub fn is_failure(self) -> bool {
        self.0 >= 0x80
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self.0 {
            0x00 => "success",
            0x10 => "no matching subscribers",
            0x80 => "unspecified error",
            0x81 => "malformed packet",
            0x82 => "protocol error",
            0x83 => "implementation specific error",
            0x84 => "unsupported protocol version",
            0x85 => "client identifier not valid",
            0x86 => "bad user name or password",
            0x87 => "not authorized",
            0x88 => "server unavailable",
            0x89 => "server busy",
            0x8A => "banned",
            0x8B => "server shutting down",
            0x8C => "bad authentication method",
            0x8D => "keep-alive timeout",
            0x8E => "session taken over",
            0x8F => "topic filter invalid",
            0x90 => "topic name invalid",
            0x91 => "packet identifier in use",
            0x92 => "packet identifier not found",
            0x93 => "receive maximum exceeded",
            0x94 => "topic alias invalid",
            0x95 => "packet too large",
            0x96 => "message rate too high",
            0x97 => "quota exceeded",
            0x98 => "administrative action",
            0x99 => "payload format invalid",
            0x9A => "retain not supported",
            0x9B => "QoS not supported",
            0x9C => "use another server",
            0x9D => "server moved",
            0x9F => "connection rate exceeded",
            _ => return write!(f, "reason 0x{:02x}", self.0),
        };
        write!(f, "reason 0x{:02x}, {name}", self.0)
    }
}

/// CONNECT (MQTT 3.1.1 §3.1). A user name or password that is empty is left out on the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Connect {
    pub client_id: String,
    /// Starts afresh and ends with the connection; else the broker goes on with the session of this client id and keeps
    /// it, in MQTT 5 for [`SESSION_KEPT`].
    pub clean: bool,
    /// Seconds; 0 turns the keep-alive off.
    pub keep_alive: u16,
    pub user_name: String,
    pub password: String,
    pub will: Option<Publish>,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect")
            .field("client_id", &self.client_id)
            .field("clean", &self.clean)
            .field("keep_alive", &self.keep_alive)
            .field("user_name", &self.user_name)
            .finish_non_exhaustive()
    }
}

/// CONNACK. `code` is 0..=5 in 3.1.1 (§3.2.2.3) and a reason code in MQTT 5. The broker's limits are read, never written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnAck {
    pub session_present: bool,
    pub code: u8,
    /// MQTT 5: unacknowledged QoS 1 and 2 messages that the broker takes at once.
    pub receive_maximum: Option<u16>,
    /// MQTT 5: largest packet that the broker takes, in bytes.
    pub max_packet: Option<u32>,
    /// MQTT 5: seconds; the broker's word overrides the client's.
    pub server_keep_alive: Option<u16>,
    /// MQTT 5: the client id that the broker made up for an empty one (§3.2.2.3.7).
    pub assigned_client_id: Option<String>,
}

impl ConnAck {
    /// An answer with `code` and nothing else.
    pub fn new(code: u8) -> ConnAck {
        ConnAck {
            session_present: false,
            code,
            receive_maximum: None,
            max_packet: None,
            server_keep_alive: None,
            assigned_client_id: None,
        }
    }
}

/// PUBLISH (MQTT 3.1.1 §3.3). `id` is 0 at QoS 0 and never 0 above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    pub topic: String,
    pub payload: Bytes,
    pub qos: QoS,
    pub retain: bool,
    pub dup: bool,
    pub id: u16,
}

/// The four acknowledgements of a PUBLISH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckKind {
    PubAck,
    PubRec,
    PubRel,
    PubComp,
}

impl AckKind {
    /// The first byte of the packet, with PUBREL's fixed flags (MQTT 3.1.1 §3.6.1).
    const fn head(self) -> u8 {
        match self {
            AckKind::PubAck => 0x40,
            AckKind::PubRec => 0x50,
            AckKind::PubRel => 0x62,
            AckKind::PubComp => 0x70,
        }
    }
}

/// One filter of a SUBSCRIBE. `no_local` exists in MQTT 5 alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub filter: String,
    pub qos: QoS,
    pub no_local: bool,
}

/// One packet of either version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    Connect(Connect),
    ConnAck(ConnAck),
    Publish(Publish),
    Ack {
        kind: AckKind,
        id: u16,
        reason: Reason,
    },
    Subscribe {
        id: u16,
        filters: Vec<Filter>,
    },
    SubAck {
        id: u16,
        codes: Vec<Reason>,
    },
    Unsubscribe {
        id: u16,
        filters: Vec<String>,
    },
    UnsubAck {
        id: u16,
        count: usize,
    },
    PingReq,
    PingResp,
    Disconnect {
        reason: Reason,
    },
    /// MQTT 5 AUTH: not used by I3, a protocol error wherever it comes.
    Auth,
}

/// Why bytes could not be read as a packet, or a packet not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PacketError {
    /// The packet's length field is over the limit that the reader set.
    #[error("a packet of {0} bytes is over the limit")]
    TooLarge(usize),
    /// CONNECT names a protocol other than MQTT 3.1.1 or 5.
    #[error("protocol level {0} is neither MQTT 3.1.1 nor MQTT 5")]
    ProtocolLevel(u8),
    /// The bytes are no MQTT.
    #[error("not an MQTT packet: {0}")]
    Malformed(String),
}

impl From<mqttbytes::Error> for PacketError {
    fn from(e: mqttbytes::Error) -> Self {
        match e {
            mqttbytes::Error::PayloadSizeLimitExceeded(n) => PacketError::TooLarge(n),
            mqttbytes::Error::OutgoingPacketTooLarge { pkt_size, .. } => PacketError::TooLarge(pkt_size),
            e => PacketError::Malformed(e.to_string()),
        }
    }
}

impl From<mqttbytes5::Error> for PacketError {
    fn from(e: mqttbytes5::Error) -> Self {
        match e {
            mqttbytes5::Error::PayloadSizeLimitExceeded { pkt_size, .. } => PacketError::TooLarge(pkt_size),
            mqttbytes5::Error::OutgoingPacketTooLarge { pkt_size, .. } => PacketError::TooLarge(pkt_size as usize),
            e => PacketError::Malformed(e.to_string()),
        }
    }
}

/// The version that the first packet of a connection asks for; `None` while too few bytes are there to tell.
///
/// # Errors
/// [`PacketError::Malformed`] if the packet is no CONNECT, [`PacketError::ProtocolLevel`] for any level but 4 and 5.
pub fn connect_version(stream: &[u8]) -> Result<Option<Version>, PacketError> {
    match stream.first() {
        None => return Ok(None),
        Some(0x10) => {}
        Some(_) => return Err(PacketError::Malformed("the first packet is no CONNECT".into())),
    }
    let Some(length_bytes) = stream.iter().skip(1).take(4).position(|b| b & 0x80 == 0) else {
        return if stream.len() < 5 { Ok(None) } else { Err(PacketError::Malformed("length field".into())) };
    };
    let header = &stream[2 + length_bytes..];
    let [_, name_length, ..] = header else { return Ok(None) };
    match header.get(2 + *name_length as usize) {
        None => Ok(None),
        Some(4) => Ok(Some(Version::V311)),
        Some(5) => Ok(Some(Version::V5)),
        Some(level) => Err(PacketError::ProtocolLevel(*level)),
    }
}

impl Packet {
    /// Takes the next whole packet off `stream`, or `None` while it is incomplete. `max` bounds the length field, in bytes.
    ///
    /// # Errors
    /// [`PacketError`] if the bytes are no packet of `version`, or too long; the stream cannot be read on after that.
    pub fn read(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<Packet>, PacketError> {
        let there = stream.len();
        let packet = Packet::read_next(stream, version, max)?;
        // A whole packet that ends within one of its fields is reported like one that is still to come, but it is gone.
        if packet.is_none() && stream.len() != there {
            return Err(PacketError::Malformed("it ends within a field".into()));
        }
        Ok(packet)
    }

    fn read_next(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<Packet>, PacketError> {
        if let Some((kind, id)) = take_bare_ack(stream) {
            return Ok(Some(Packet::Ack { kind, id, reason: Reason::SUCCESS }));
        }
        match version {
            Version::V311 => match v4::Packet::read(stream, max) {
                Ok(packet) => Ok(Some(v311::from_v4(packet))),
                Err(mqttbytes::Error::InsufficientBytes(_)) => Ok(None),
                Err(e) => Err(e.into()),
            },
            Version::V5 => {
                // The codec takes an empty DISCONNECT, MQTT 5's usual farewell (§3.14.2.1), for an error, and one of a
                // reason alone (§3.14.2.2), which is what Mosquitto sends, for an incomplete one.
                match stream[..] {
                    [0xE0, 0x00, ..] => {
                        let _ = stream.split_to(2);
                        return Ok(Some(Packet::Disconnect { reason: Reason::SUCCESS }));
                    }
                    [0xE0, 0x01, reason, ..] => {
                        let _ = stream.split_to(3);
                        return Ok(Some(Packet::Disconnect { reason: Reason(reason) }));
                    }
                    // A 3.1.1 broker refuses MQTT 5 with a CONNACK of its own version, which ends before the properties.
                    [0x20, 0x02, 0x00, code, ..] if code != 0 => {
                        let _ = stream.split_to(4);
                        return Ok(Some(Packet::ConnAck(ConnAck::new(code))));
                    }
                    _ => {}
                }
                match v5::Packet::read(stream, Some(u32::try_from(max).unwrap_or(u32::MAX))) {
                    Ok(packet) => v50::from_v5(packet).map(Some),
                    Err(mqttbytes5::Error::InsufficientBytes(_)) => Ok(None),
                    Err(e) => Err(e.into()),
                }
            }
        }
    }

    /// Appends the packet to `out` as `version` has it on the wire.
    ///
    /// # Errors
    /// [`PacketError::TooLarge`] over [`MAX_PACKET`]; [`PacketError::Malformed`] for what `version` cannot say.
    pub fn write(self, out: &mut BytesMut, version: Version) -> Result<(), PacketError> {
        match (version, self) {
            (_, Packet::Ack { kind, id, reason: Reason::SUCCESS }) => {
                let [high, low] = id.to_be_bytes();
                out.extend_from_slice(&[kind.head(), 2, high, low]);
            }
            (Version::V311, packet) => {
                v311::into_v4(packet)?.write(out, MAX_PACKET)?;
            }
            // The codec writes an empty packet, or a length that is wrong, where there is a reason and nothing more.
            (Version::V5, Packet::Disconnect { reason }) if reason != Reason::SUCCESS => {
                out.extend_from_slice(&[0xE0, 0x01, reason.0]);
            }
            (Version::V5, packet) => {
                v50::into_v5(packet)?.write(out, Some(MAX_PACKET as u32))?;
            }
        }
        Ok(())
    }
}

/// Takes an acknowledgement without a reason off the head of `stream`: four bytes, the same in both versions (MQTT 5
/// §3.4.2.1). A stream of messages is answered with millions of them, and the codec takes several times as long.
#[inline]
pub fn take_bare_ack(stream: &mut BytesMut) -> Option<(AckKind, u16)> {
    let (kind, high, low) = match stream[..] {
        [0x40, 2, high, low, ..] => (AckKind::PubAck, high, low),
        [0x50, 2, high, low, ..] => (AckKind::PubRec, high, low),
        [0x62, 2, high, low, ..] => (AckKind::PubRel, high, low),
        [0x70, 2, high, low, ..] => (AckKind::PubComp, high, low),
        _ => return None,
    };
    stream.advance(4);
    Some((kind, u16::from_be_bytes([high, low])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], version: Version) -> Result<Option<Packet>, PacketError> {
        Packet::read(&mut BytesMut::from(bytes), version, MAX_PACKET)
    }

    #[test]
    fn a_disconnect_of_a_reason_alone_is_read_once_it_is_whole() {
        let mut stream = BytesMut::from(&[0xE0, 0x01][..]);
        assert!(Packet::read(&mut stream, Version::V5, MAX_PACKET).unwrap().is_none());
        stream.extend_from_slice(&[0x82, 0xD0]);
        let packet = Packet::read(&mut stream, Version::V5, MAX_PACKET).unwrap();
        assert_eq!(packet, Some(Packet::Disconnect { reason: Reason(0x82) }));
        assert_eq!(&stream[..], [0xD0]);
    }

    #[test]
    fn a_disconnect_keeps_its_reason_on_the_wire() {
        for reason in [0x00, 0x04, 0x82, 0x87, 0x8E] {
            let packet = Packet::Disconnect { reason: Reason(reason) };
            let mut bytes = BytesMut::new();
            packet.clone().write(&mut bytes, Version::V5).unwrap();
            assert_eq!(Packet::read(&mut bytes, Version::V5, MAX_PACKET).unwrap(), Some(packet));
            assert!(bytes.is_empty());
        }
    }

    #[test]
    fn a_whole_packet_that_ends_within_a_field_is_no_packet_to_wait_for() {
        // SUBSCRIBE and PUBLISH of MQTT 5 without their property length.
        for bytes in [&[0x82, 0x02, 0x00, 0x01][..], &[0x30, 0x03, 0x00, 0x01, b'a'][..]] {
            assert!(matches!(read(bytes, Version::V5), Err(PacketError::Malformed(_))), "{bytes:x?}");
        }
    }

    /// A panic ends the process in a release build, so no bytes from outside may cause one.
    #[test]
    fn damaged_packets_are_errors_and_never_panics() {
        let publish = Publish {
            topic: "alice/parking/occupancy".into(),
            payload: Bytes::from_static(b"678"),
            qos: QoS::AtLeastOnce,
            retain: false,
            dup: false,
            id: 7,
        };
        let connect = Connect {
            client_id: "c".into(),
            clean: true,
            keep_alive: 60,
            user_name: "alice$parking$lot1".into(),
            password: "secret".into(),
            will: Some(Publish { id: 0, ..publish.clone() }),
        };
        let filter = Filter { filter: "a/#".into(), qos: QoS::ExactlyOnce, no_local: false };
        let packets = [
            Packet::Connect(connect),
            Packet::ConnAck(ConnAck::new(0)),
            Packet::Publish(publish),
            Packet::Ack { kind: AckKind::PubRec, id: 7, reason: Reason::SUCCESS },
            Packet::Subscribe { id: 7, filters: vec![filter] },
            Packet::SubAck { id: 7, codes: vec![Reason(1)] },
            Packet::Unsubscribe { id: 7, filters: vec!["a/#".into()] },
            Packet::UnsubAck { id: 7, count: 1 },
            Packet::Disconnect { reason: Reason(4) },
        ];
        // A linear congruential generator (Knuth's MMIX): the same damage in every run.
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for round in 0..20_000 {
            let version = if round % 2 == 0 { Version::V311 } else { Version::V5 };
            let mut bytes = BytesMut::new();
            packets[random(packets.len())].clone().write(&mut bytes, version).unwrap();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            bytes.truncate(1 + random(bytes.len()));
            if bytes.len() > 2 && random(2) == 0 {
                // A length that fits, so that the damage within is looked at.
                bytes[1] = u8::try_from(bytes.len() - 2).unwrap() & 0x7F;
            }
            let _ = connect_version(&bytes);
            let _ = Packet::read(&mut bytes, version, MAX_PACKET);
        }
    }

    #[test]
    fn an_assigned_client_id_goes_both_ways() {
        let answer = ConnAck { assigned_client_id: Some("auto-1".into()), ..ConnAck::new(0) };
        let mut bytes = BytesMut::new();
        Packet::ConnAck(answer.clone()).write(&mut bytes, Version::V5).unwrap();
        assert_eq!(Packet::read(&mut bytes, Version::V5, MAX_PACKET).unwrap(), Some(Packet::ConnAck(answer)));
    }
}
