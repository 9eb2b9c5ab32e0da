//! Writes PUBLISH into the output buffer from its stored parts: the packet that a stream sends by the million.

use std::time::{Duration, SystemTime};

use bytes::{BufMut, BytesMut};

use super::packet::{MAX_PACKET, PacketError, QoS, Version};

/// Longest payload: MQTT's longest packet minus topic and header.
pub const MAX_PAYLOAD: usize = MAX_PACKET - 70_000;

/// PUBLISH (MQTT 3.1.1 §3.3) with borrowed parts. `id` is left out at QoS 0 and must not be 0 above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutgoingPublish<'a> {
    pub topic: &'a str,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    pub dup: bool,
    pub id: u16,
    /// A time in ms since the epoch, sent along in MQTT 5 as a user property (§3.3.2.3.7) unless it is 0.
    pub time: u64,
}

/// The name of the user property that holds a time, in RFC 3339.
pub const TIME: &str = "time";
/// Length of the value: 2026-01-01T00:00:00.000Z.
const TIME_VALUE: usize = 24;
/// Length of the whole property: identifier, name and value.
const TIME_PROPERTY: usize = 1 + 2 + TIME.len() + 2 + TIME_VALUE;
/// The last time that has a value of that length, the end of the year 9999, in ms.
const LAST_TIME: u64 = 253_402_300_799_999;

/// Returns the length in bytes that a PUBLISH has at most after its fixed header: QoS above 0, and MQTT 5's properties with
/// a time.
pub fn longest_body(topic: usize, payload: usize) -> usize {
    2 + topic + 2 + 1 + TIME_PROPERTY + payload
}

impl OutgoingPublish<'_> {
    /// Returns the length of the packet in bytes, fixed header included.
    pub fn size(&self, version: Version) -> usize {
        let body = self.body(version, 0);
        1 + variable_length(body) + body
    }

    fn properties(&self) -> usize {
        if self.time == 0 { 0 } else { TIME_PROPERTY }
    }

    /// Returns the length after the fixed header, with `more` bytes of properties.
    fn body(&self, version: Version, more: usize) -> usize {
        let with_id = self.qos != QoS::AtMostOnce;
        let properties = self.properties() + more;
        let with_properties = if version == Version::V5 { variable_length(properties) + properties } else { 0 };
        2 + self.topic.len() + 2 * usize::from(with_id) + with_properties + self.payload.len()
    }

    /// Appends the packet to `out` as `version` has it on the wire; the time is its only property.
    ///
    /// # Errors
    /// [`PacketError::TooLarge`] over [`MAX_PACKET`]; then nothing is appended.
    pub fn write(&self, out: &mut BytesMut, version: Version) -> Result<(), PacketError> {
        self.write_with(out, version, &[])
    }

    /// As [`write`](Self::write), also with these properties of MQTT 5, as bytes.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_with(&self, out: &mut BytesMut, version: Version, more: &[u8]) -> Result<(), PacketError> {
        let topic_length = u16::try_from(self.topic.len()).map_err(|_| PacketError::TooLarge(self.topic.len()))?;
        let (length, properties) = (self.body(version, more.len()), self.properties());
        if length > MAX_PACKET {
            return Err(PacketError::TooLarge(length));
        }
        out.reserve(5 + length);
        out.put_u8(0x30 | u8::from(self.dup) << 3 | (self.qos as u8) << 1 | u8::from(self.retain));
        put_variable(length, out);
        out.put_u16(topic_length);
        out.put_slice(self.topic.as_bytes());
        if self.qos != QoS::AtMostOnce {
            out.put_u16(self.id);
        }
        if version == Version::V5 {
            put_variable(properties + more.len(), out);
            if properties > 0 {
                let time = SystemTime::UNIX_EPOCH + Duration::from_millis(self.time.min(LAST_TIME));
                out.put_u8(0x26);
                out.put_u16(TIME.len() as u16);
                out.put_slice(TIME.as_bytes());
                out.put_u16(TIME_VALUE as u16);
                out.put_slice(humantime::format_rfc3339_millis(time).to_string().as_bytes());
            }
            out.put_slice(more);
        }
        out.put_slice(self.payload);
        Ok(())
    }
}

/// Returns how many bytes a number takes, each of which holds seven bits (MQTT 3.1.1 §2.2.3).
fn variable_length(number: usize) -> usize {
    match number {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    }
}

fn put_variable(mut number: usize, out: &mut BytesMut) {
    while number > 0x7F {
        out.put_u8(0x80 | (number & 0x7F) as u8);
        number >>= 7;
    }
    out.put_u8(number as u8);
}

#[cfg(test)]
mod tests {
    use super::super::packet::{Packet, Publish};
    use super::*;

    #[test]
    fn is_byte_for_byte_what_the_codec_writes() {
        for version in [Version::V311, Version::V5] {
            for length in [0, 1, 100, 127, 128, 16_383, 16_384, 2_097_152] {
                for (qos, id, dup) in
                    [(QoS::AtMostOnce, 0, false), (QoS::AtLeastOnce, 1, true), (QoS::ExactlyOnce, 65_535, false)]
                {
                    let (topic, payload) = ("alice/parking/occupancy", vec![b'x'; length]);
                    let mut own = BytesMut::new();
                    let publish = OutgoingPublish { topic, payload: &payload, qos, retain: dup, dup, id, time: 0 };
                    publish.write(&mut own, version).unwrap();
                    assert_eq!(publish.size(version), own.len());
                    let mut codec = BytesMut::new();
                    let packet = Publish { topic: topic.into(), payload: payload.into(), qos, retain: dup, dup, id };
                    Packet::Publish(packet).write(&mut codec, version).unwrap();
                    assert!(own == codec, "{version:?} {length} {qos:?}");
                }
            }
        }
    }

    #[test]
    fn a_time_is_a_user_property_in_mqtt_5() {
        let mut out = BytesMut::new();
        let (topic, qos) = ("a/b/c", QoS::AtLeastOnce);
        let mut publish = OutgoingPublish { topic, payload: b"x", qos, retain: false, dup: false, id: 7, time: 1 };
        publish.write(&mut out, Version::V5).unwrap();
        let (value, body) = ("1970-01-01T00:00:00.001Z", 2 + 5 + 2 + 1 + 33 + 1);
        let mut expected = vec![0x32, body, 0, 5];
        expected.extend_from_slice(b"a/b/c\0\x07\x21\x26\0\x04time\0\x18");
        expected.extend_from_slice(value.as_bytes());
        expected.push(b'x');
        assert_eq!(out, expected);
        out.clear();
        publish.time = u64::MAX;
        publish.write(&mut out, Version::V5).unwrap();
        assert_eq!(out.len(), expected.len());
        out.clear();
        publish.write(&mut out, Version::V311).unwrap();
        assert_eq!(out.len(), expected.len() - 34, "3.1.1 has no properties");
        // Others come after it, and together they may need two bytes of length.
        out.clear();
        publish.time = 1;
        let more = [&[3, 0, 97][..], &[b'x'; 97]].concat();
        publish.write_with(&mut out, Version::V5, &more).unwrap();
        let properties = 33 + more.len();
        assert_eq!(&out[..3], [0x32, 0x80 | ((2 + 5 + 2 + 2 + properties + 1) & 0x7F) as u8, 1]);
        assert_eq!(&out[12..14], [0x80 | (properties & 0x7F) as u8, 1]);
        assert!(out.ends_with(&[&more[..], b"x"].concat()));
        out.clear();
        publish.write_with(&mut out, Version::V311, &more).unwrap();
        assert_eq!(out.len(), expected.len() - 34);
    }
}
