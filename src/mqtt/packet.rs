//! MQTT packets in one neutral form for 3.1.1 and 5, read and written with rumqttc's codec.
//!
//! Both sides use it: the client connection and the sandbox's broker. It has the common parts of both versions, and
//! only those of MQTT 5's properties that this toolkit acts on. CONNACK and DISCONNECT are read in place: the codec knows
//! only some of their codes.

mod ack;
pub mod answer;
mod error;
pub mod fields;
mod form;
mod frame;
mod v311;
mod v50;

use bytes::{Buf, BytesMut};
use rumqttc::mqttbytes::{self, v4};
use rumqttc::v5::mqttbytes::{self as mqttbytes5, v5};

pub use super::reason::Reason;
pub use error::PacketError;
pub use form::{AckKind, ConnAck, Connect, Filter, MAX_CONTROL, MAX_PACKET, Packet, Publish, SESSION_KEPT, Version};
pub(super) use frame::frame;
pub use rumqttc::mqttbytes::QoS;

/// Returns the version that the first packet of a connection requests; `None` while there are too few bytes.
///
/// # Errors
/// [`PacketError::Malformed`] if the packet is not a CONNECT, [`PacketError::ProtocolLevel`] for any level but 4 and 5.
pub fn connect_version(stream: &[u8]) -> Result<Option<Version>, PacketError> {
    match stream.first() {
        None => return Ok(None),
        Some(0x10) => {}
        Some(_) => return Err(PacketError::Malformed("the first packet is not a CONNECT".into())),
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
    /// Takes the next whole packet from `stream`; returns `None` while it is incomplete. `max` limits the length field,
    /// in bytes.
    ///
    /// # Errors
    /// [`PacketError`] if the bytes are not a packet of `version`, or too long; the stream is unreadable after that.
    pub fn read(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<Packet>, PacketError> {
        let there = stream.len();
        let packet = Packet::read_next(stream, version, max)?;
        // A whole packet that ends within one of its fields is reported like an incomplete one, but it is gone.
        if packet.is_none() && stream.len() != there {
            return Err(PacketError::Malformed("it ends within a field".into()));
        }
        Ok(packet)
    }

    fn read_next(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<Packet>, PacketError> {
        if let Some((kind, id)) = take_bare_ack(stream) {
            return Ok(Some(Packet::Ack { kind, id, reason: Reason::SUCCESS }));
        }
        match (stream.first(), version) {
            (Some(0x20), _) => answer::connack(stream, version, max).map(|ack| ack.map(Packet::ConnAck)),
            (Some(0xE0), _) => {
                let packet = answer::disconnect(stream, max)?;
                Ok(packet.map(|(reason, _)| Packet::Disconnect { reason }))
            }
            (_, Version::V311) => match v4::Packet::read(stream, max) {
                Ok(packet) => Ok(Some(v311::from_v4(packet))),
                Err(mqttbytes::Error::InsufficientBytes(_)) => Ok(None),
                Err(e) => Err(e.into()),
            },
            (_, Version::V5) => {
                if let Some(ack) = ack::take(stream, max)? {
                    return Ok(Some(ack));
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
    /// [`PacketError::TooLarge`] over [`MAX_PACKET`]; [`PacketError::Malformed`] for what `version` cannot express.
    pub fn write(self, out: &mut BytesMut, version: Version) -> Result<(), PacketError> {
        match (version, self) {
            (_, Packet::Ack { kind, id, reason: Reason::SUCCESS }) => {
                let [high, low] = id.to_be_bytes();
                out.extend_from_slice(&[kind.head(), 2, high, low]);
            }
            (Version::V311, packet) => {
                v311::into_v4(packet)?.write(out, MAX_PACKET)?;
            }
            (Version::V5, Packet::Ack { kind, id, reason }) => ack::write(kind, id, reason, out),
            // The codec writes an empty packet, or a wrong length, if there is only a reason.
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

/// Takes an acknowledgement without a reason from the front of `stream`: four bytes, the same in both versions (MQTT 5
/// §3.4.2.1). A stream of messages is answered with millions of them, and the codec needs several times as long.
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
    use bytes::Bytes;

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
            max_packet: None,
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
            Packet::UnsubAck { id: 7, codes: vec![Reason::SUCCESS] },
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
                // A length that fits, so that the damage within is checked.
                bytes[1] = u8::try_from(bytes.len() - 2).unwrap() & 0x7F;
            }
            let _ = connect_version(&bytes);
            let _ = Packet::read(&mut bytes, version, MAX_PACKET);
        }
    }

    #[test]
    fn an_acknowledgement_of_mqtt_5_has_any_reason() {
        for kind in [AckKind::PubAck, AckKind::PubRec, AckKind::PubRel, AckKind::PubComp] {
            // 0x88 and 0x95 are not among those that the standard lists for these packets.
            for reason in [0x10, 0x80, 0x87, 0x88, 0x95, 0x97, 0x99].map(Reason) {
                let packet = Packet::Ack { kind, id: 0x1234, reason };
                let mut written = BytesMut::new();
                packet.clone().write(&mut written, Version::V5).unwrap();
                assert_eq!(Packet::read(&mut written, Version::V5, MAX_PACKET).unwrap(), Some(packet.clone()));
                assert!(written.is_empty());
                // Without a property length, and with a Reason String (§3.4.2.2).
                for tail in [&[][..], &[6, 0x1F, 0, 3, b'f', b'u', b'l'][..]] {
                    let mut bytes = vec![kind.head(), 3 + tail.len() as u8, 0x12, 0x34, reason.0];
                    bytes.extend(tail);
                    assert!(read(&bytes[..bytes.len() - 1], Version::V5).unwrap().is_none());
                    assert_eq!(read(&bytes, Version::V5).unwrap(), Some(packet.clone()));
                }
            }
        }
        assert!(read(&[0x40, 1, 0], Version::V5).is_err());
    }

    #[test]
    fn an_assigned_client_id_goes_both_ways() {
        let answer = ConnAck { assigned_client_id: Some("auto-1".into()), ..ConnAck::new(0) };
        let mut bytes = BytesMut::new();
        Packet::ConnAck(answer.clone()).write(&mut bytes, Version::V5).unwrap();
        assert_eq!(Packet::read(&mut bytes, Version::V5, MAX_PACKET).unwrap(), Some(Packet::ConnAck(answer)));
    }
}
