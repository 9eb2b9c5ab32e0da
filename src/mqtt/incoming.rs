//! Parses PUBLISH in place: the packet that a subscriber receives by the million.

use bytes::{Bytes, BytesMut};

use super::packet::fields::{Properties, Value, body, field, number, properties, text};
use super::packet::{PacketError, Publish, QoS, Version, frame};

/// Buffers of longer packets are freed, in bytes.
const KEPT_BUFFER: usize = 256 * 1024;

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

/// The head of a message whose payload is longer than the reader allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oversized {
    pub topic: String,
    pub qos: QoS,
    pub retain: bool,
    pub dup: bool,
    /// 0 at QoS 0.
    pub id: u16,
    /// Bytes of the payload; in MQTT 5 with the properties.
    pub length: usize,
}

impl Oversized {
    /// Reads the head of the PUBLISH at the front of `stream`, with the length of the whole packet in bytes; returns `None`
    /// while the head is incomplete.
    ///
    /// # Errors
    /// [`PacketError::Malformed`].
    pub fn read(stream: &[u8]) -> Result<Option<(Oversized, usize)>, PacketError> {
        let (Some(&head), Some((header, length))) = (stream.first(), frame(stream)?) else { return Ok(None) };
        let Some(topic_length) = stream.get(header..header + 2) else { return Ok(None) };
        let topic_length = usize::from(u16::from_be_bytes([topic_length[0], topic_length[1]]));
        let qos = qos_of(head)?;
        let rest = 2 + topic_length + if qos == QoS::AtMostOnce { 0 } else { 2 };
        if rest > length {
            return Err(PacketError::Malformed("it ends within a field".into()));
        }
        let Some(bytes) = stream.get(header..header + rest) else { return Ok(None) };
        let mut bytes = Bytes::copy_from_slice(bytes);
        let (topic, id) = address(&mut bytes, qos)?;
        let topic = String::from_utf8_lossy(&topic).into_owned();
        let (dup, retain) = (head & 8 != 0, head & 1 != 0);
        Ok(Some((Oversized { topic, qos, retain, dup, id, length: length - rest }, header + length)))
    }
}

impl From<&IncomingPublish> for Oversized {
    fn from(message: &IncomingPublish) -> Oversized {
        let IncomingPublish { qos, retain, dup, id, .. } = *message;
        let length = message.payload.len() + message.properties.len();
        Oversized { topic: message.topic().into(), qos, retain, dup, id, length }
    }
}

impl IncomingPublish {
    /// Takes a PUBLISH from the front of `stream`; returns `None` if it is another packet, or incomplete. `max` limits
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
        if rest.len() > KEPT_BUFFER {
            *stream = BytesMut::from(&stream[..]);
        }
        let qos = qos_of(head)?;
        let (topic, id) = address(&mut rest, qos)?;
        let properties = match version {
            Version::V311 => Bytes::new(),
            Version::V5 => properties(&mut rest)?.bytes(),
        };
        let (dup, retain) = (head & 8 != 0, head & 1 != 0);
        Ok(Some(IncomingPublish { payload: rest, qos, retain, dup, id, topic, properties }))
    }

    /// Returns the topic.
    pub fn topic(&self) -> &str {
        // Checked when it was received.
        std::str::from_utf8(&self.topic).unwrap_or_default()
    }

    /// Returns the properties of MQTT 5 in their order; none in 3.1.1.
    ///
    /// # Errors
    /// [`PacketError::Malformed`], also if there are too many.
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

/// Returns the quality of service that a PUBLISH names in its first byte (MQTT 3.1.1 §3.3.1.2).
fn qos_of(head: u8) -> Result<QoS, PacketError> {
    match head >> 1 & 3 {
        0 => Ok(QoS::AtMostOnce),
        1 => Ok(QoS::AtLeastOnce),
        2 => Ok(QoS::ExactlyOnce),
        _ => Err(PacketError::Malformed("a quality of service of 3".into())),
    }
}

/// Takes topic and packet id, which is 0 at QoS 0 (MQTT 3.1.1 §3.3.2).
fn address(rest: &mut Bytes, qos: QoS) -> Result<(Bytes, u16), PacketError> {
    let topic = field(rest)?;
    if std::str::from_utf8(&topic).is_err() {
        return Err(PacketError::Malformed("a topic that is not UTF-8".into()));
    }
    let id = match qos {
        QoS::AtMostOnce => 0,
        _ => match number(rest, 2)? {
            0 => return Err(PacketError::Malformed("a packet id of 0".into())),
            id => id as u16,
        },
    };
    Ok((topic, id))
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
    use super::super::packet::fields::READ_AHEAD;
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
    fn the_head_of_a_long_message_is_read_before_the_rest_has_come() {
        let payload = vec![b'x'; 300_000];
        let publish = OutgoingPublish {
            topic: "alice/parking/größe",
            payload: &payload,
            qos: QoS::AtLeastOnce,
            retain: true,
            dup: false,
            id: 7,
            time: 0,
        };
        let mut bytes = BytesMut::new();
        publish.write(&mut bytes, Version::V311).unwrap();
        let (head, length) = Oversized::read(&bytes).unwrap().unwrap();
        assert_eq!(length, bytes.len());
        let end_of_head = bytes.len() - payload.len();
        for end in 0..end_of_head {
            assert_eq!(Oversized::read(&bytes[..end]).unwrap(), None, "{end}");
        }
        assert_eq!(Oversized::read(&bytes[..end_of_head]).unwrap(), Some((head.clone(), length)));
        let whole = IncomingPublish::take(&mut bytes, Version::V311, MAX_PACKET).unwrap().unwrap();
        assert_eq!(Oversized::from(&whole), head);
        assert_eq!((head.length, head.id, head.retain), (300_000, 7, true));
        // A topic that is longer than its packet.
        assert!(Oversized::read(b"\x30\x03\0\x09t").is_err());
    }

    #[test]
    fn a_long_message_is_stored_once_and_its_memory_given_back() {
        let payload = vec![b'x'; 1_000_000];
        let topic = "t";
        let publish = OutgoingPublish {
            topic,
            payload: &payload,
            qos: QoS::AtMostOnce,
            retain: false,
            dup: false,
            id: 0,
            time: 0,
        };
        let mut bytes = BytesMut::new();
        publish.write(&mut bytes, Version::V311).unwrap();
        let mut stream = BytesMut::new();
        for piece in bytes.chunks(READ_AHEAD) {
            stream.reserve(READ_AHEAD);
            stream.extend_from_slice(piece);
            if let Some(message) = IncomingPublish::take(&mut stream, Version::V311, MAX_PACKET).unwrap() {
                assert_eq!(message.payload.len(), payload.len());
                break;
            }
            assert!(stream.capacity() <= bytes.len() + 2 * READ_AHEAD, "{}", stream.capacity());
        }
        assert!(stream.is_empty() && stream.capacity() <= READ_AHEAD, "{}", stream.capacity());
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
