//! PUBLISH as it arrives, parsed in place: the packet that a subscriber receives by the million.

use bytes::{Bytes, BytesMut};

use super::packet::fields::{Properties, Value, body, field, number, properties, text};
use super::packet::{PacketError, Publish, QoS, Version};

/// A message from the broker (MQTT 3.1.1 §3.3). All parts share the bytes that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingPublish {
    pub payload: Bytes,
    pub qos: QoS,
    pub retain: bool,
    pub dup: bool,
    /// 0 at QoS 0.
    pub id: u16,
    topic: Bytes,
    properties: Bytes,
}

/// A property of a message (MQTT 5 §3.3.2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// 1 promises that the payload is UTF-8.
    PayloadFormat(u8),
    /// Remaining seconds.
    Expiry(u32),
    ContentType(String),
    ResponseTopic(String),
    CorrelationData(Bytes),
    Subscription(u32),
    TopicAlias(u16),
    /// A name, which may occur more than once, and a value.
    User(String, String),
}

impl IncomingPublish {
    /// Takes a PUBLISH off the front of `stream`; returns `None` if another packet is there, or not all of it. `max` bounds
    /// the packet's length, in bytes.
    ///
    /// # Errors
    /// [`PacketError`] if it is not a PUBLISH of `version`, or too long.
    pub fn take(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<IncomingPublish>, PacketError> {
        let Some(&head) = stream.first() else { return Ok(None) };
        if head >> 4 != 3 {
            return Ok(None);
        }
        let Some(mut rest) = body(stream, max)? else { return Ok(None) };
        let qos = match head >> 1 & 3 {
            0 => QoS::AtMostOnce,
            1 => QoS::AtLeastOnce,
            2 => QoS::ExactlyOnce,
            _ => return Err(PacketError::Malformed("a quality of service of 3".into())),
        };
        let topic = field(&mut rest)?;
        if std::str::from_utf8(&topic).is_err() {
            return Err(PacketError::Malformed("a topic that is not UTF-8".into()));
        }
        let id = match qos {
            QoS::AtMostOnce => 0,
            _ => match number(&mut rest, 2)? {
                0 => return Err(PacketError::Malformed("a packet id of 0".into())),
                id => id as u16,
            },
        };
        let properties = match version {
            Version::V311 => Bytes::new(),
            Version::V5 => properties(&mut rest)?.bytes(),
        };
        let (dup, retain) = (head & 8 != 0, head & 1 != 0);
        Ok(Some(IncomingPublish { payload: rest, qos, retain, dup, id, topic, properties }))
    }

    /// Returns the topic.
    pub fn topic(&self) -> &str {
        // Checked when it was taken.
        std::str::from_utf8(&self.topic).unwrap_or_default()
    }

    /// Returns the properties of MQTT 5 in their order; none in 3.1.1.
    ///
    /// # Errors
    /// [`PacketError::Malformed`], also if there are more than anybody needs.
    pub fn properties(&self) -> Result<Vec<Property>, PacketError> {
        let property = |property| {
            Ok(match property? {
                (0x01, Value::Number(format)) => Property::PayloadFormat(format as u8),
                (0x02, Value::Number(seconds)) => Property::Expiry(seconds),
                (0x03, Value::Field(kind)) => Property::ContentType(text(kind)?),
                (0x08, Value::Field(topic)) => Property::ResponseTopic(text(topic)?),
                (0x09, Value::Field(data)) => Property::CorrelationData(data),
                (0x0B, Value::Number(id)) => Property::Subscription(id),
                (0x23, Value::Number(alias)) => Property::TopicAlias(alias as u16),
                (0x26, Value::Pair(name, value)) => Property::User(text(name)?, text(value)?),
                (other, _) => return Err(PacketError::Malformed(format!("a PUBLISH with the property {other:#04x}"))),
            })
        };
        Properties::of(self.properties.clone()).map(property).collect()
    }
}

impl From<IncomingPublish> for Publish {
    fn from(message: IncomingPublish) -> Publish {
        let topic = message.topic().into();
        let IncomingPublish { payload, qos, retain, dup, id, .. } = message;
        Publish { topic, payload, qos, retain, dup, id }
    }
}

#[cfg(test)]
mod tests {
    use super::super::outgoing::OutgoingPublish;
    use super::super::packet::{MAX_PACKET, Packet, Publish};
    use super::*;

    #[test]
    fn is_what_the_codec_reads() {
        for version in [Version::V311, Version::V5] {
            for (length, qos, id) in
                [(0, QoS::AtMostOnce, 0), (100, QoS::AtLeastOnce, 7), (200_000, QoS::ExactlyOnce, 65_535)]
            {
                let payload = vec![b'x'; length];
                let publish = OutgoingPublish {
                    topic: "alice/parking/größe",
                    payload: &payload,
                    qos,
                    retain: true,
                    dup: false,
                    id,
                    time: 0,
                };
                let mut bytes = BytesMut::new();
                publish.write(&mut bytes, version).unwrap();
                bytes.extend_from_slice(b"\xD0\x00");
                let mut copy = bytes.clone();
                let Some(Packet::Publish(codec)) = Packet::read(&mut copy, version, MAX_PACKET).unwrap() else {
                    panic!("no PUBLISH")
                };
                let own = IncomingPublish::take(&mut bytes, version, MAX_PACKET).unwrap().unwrap();
                let (topic, payload) = (own.topic().to_owned(), own.payload.clone());
                assert_eq!(
                    Publish { topic, payload, qos: own.qos, retain: own.retain, dup: own.dup, id: own.id },
                    codec
                );
                assert_eq!(bytes, copy, "what follows is left");
                assert!(IncomingPublish::take(&mut bytes, version, MAX_PACKET).unwrap().is_none());
            }
        }
    }

    #[test]
    fn properties_are_read_where_they_are_asked_for() {
        let properties: &[u8] =
            b"\x01\x01\x02\0\0\0\x4D\x03\0\x04text\x08\0\x03r/t\x09\0\x02\0\xFF\x26\0\x01a\0\x01b\x26\0\x01a\0\x01c";
        let mut bytes = BytesMut::from(&b"\x30"[..]);
        bytes.extend_from_slice(&[3 + 1 + properties.len() as u8 + 1, 0, 1, b't', properties.len() as u8]);
        bytes.extend_from_slice(properties);
        bytes.extend_from_slice(b"5");
        let message = IncomingPublish::take(&mut bytes, Version::V5, MAX_PACKET).unwrap().unwrap();
        assert_eq!((message.topic(), &message.payload[..]), ("t", &b"5"[..]));
        let expected = [
            Property::PayloadFormat(1),
            Property::Expiry(77),
            Property::ContentType("text".into()),
            Property::ResponseTopic("r/t".into()),
            Property::CorrelationData(Bytes::from_static(b"\0\xFF")),
            Property::User("a".into(), "b".into()),
            Property::User("a".into(), "c".into()),
        ];
        assert_eq!(message.properties().unwrap(), expected);
    }

    /// A panic ends the process in a release build, so no bytes from outside may cause one.
    #[test]
    fn every_piece_and_every_damaged_byte_is_an_answer() {
        let whole: &[u8] = b"\x34\x12\0\x01t\0\x07\x0A\x03\0\x01c\x26\0\x01a\0\0ab";
        for end in 0..whole.len() {
            let taken = IncomingPublish::take(&mut BytesMut::from(&whole[..end]), Version::V5, MAX_PACKET);
            assert_eq!(taken.unwrap(), None, "{end}");
        }
        for at in 0..whole.len() {
            for byte in 0..=255 {
                let mut damaged = BytesMut::from(whole);
                damaged[at] = byte;
                if let Ok(Some(message)) = IncomingPublish::take(&mut damaged, Version::V5, MAX_PACKET) {
                    let _ = message.properties();
                }
            }
        }
    }
}
