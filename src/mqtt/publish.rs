//! PUBLISH, written into the output buffer from where its parts lie: the one packet that a stream sends by the million.

use bytes::{BufMut, BytesMut};

use super::packet::{MAX_PACKET, PacketError, QoS, Version};

/// PUBLISH (MQTT 3.1.1 §3.3) with borrowed parts. `id` is left out at QoS 0 and must not be 0 above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishRef<'a> {
    pub topic: &'a str,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
    pub dup: bool,
    pub id: u16,
}

/// Length in bytes of a PUBLISH after its fixed header, at the most: QoS above 0, and MQTT 5's empty properties.
pub fn longest_body(topic: usize, payload: usize) -> usize {
    2 + topic + 2 + 1 + payload
}

impl PublishRef<'_> {
    /// Appends the packet to `out` as `version` has it on the wire, in MQTT 5 without properties.
    ///
    /// # Errors
    /// [`PacketError::TooLarge`] over [`MAX_PACKET`]; nothing is appended then.
    pub fn write(&self, out: &mut BytesMut, version: Version) -> Result<(), PacketError> {
        let topic_length = u16::try_from(self.topic.len()).map_err(|_| PacketError::TooLarge(self.topic.len()))?;
        let with_id = self.qos != QoS::AtMostOnce;
        let properties = usize::from(version == Version::V5);
        let length = 2 + self.topic.len() + 2 * usize::from(with_id) + properties + self.payload.len();
        if length > MAX_PACKET {
            return Err(PacketError::TooLarge(length));
        }
        out.reserve(5 + length);
        out.put_u8(0x30 | u8::from(self.dup) << 3 | (self.qos as u8) << 1 | u8::from(self.retain));
        let mut rest = length;
        while rest > 0x7F {
            out.put_u8(0x80 | (rest & 0x7F) as u8);
            rest >>= 7;
        }
        out.put_u8(rest as u8);
        out.put_u16(topic_length);
        out.put_slice(self.topic.as_bytes());
        if with_id {
            out.put_u16(self.id);
        }
        if version == Version::V5 {
            out.put_u8(0);
        }
        out.put_slice(self.payload);
        Ok(())
    }
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
                    let publish = PublishRef { topic, payload: &payload, qos, retain: dup, dup, id };
                    publish.write(&mut own, version).unwrap();
                    let mut codec = BytesMut::new();
                    let packet = Publish { topic: topic.into(), payload: payload.into(), qos, retain: dup, dup, id };
                    Packet::Publish(packet).write(&mut codec, version).unwrap();
                    assert!(own == codec, "{version:?} {length} {qos:?}");
                }
            }
        }
    }
}
