//! Why a packet cannot be read or written.

use rumqttc::mqttbytes;
use rumqttc::v5::mqttbytes as mqttbytes5;

/// Why bytes could not be read as a packet, or a packet could not be written.
#[derive(Debug, thiserror::Error)]
pub enum PacketError {
    /// The packet's length field is over the limit that the reader set.
    #[error("a packet of {0} bytes is over the limit")]
    TooLarge(usize),
    /// CONNECT names a protocol other than MQTT 3.1.1 or 5.
    #[error("protocol level {0} is neither MQTT 3.1.1 nor MQTT 5")]
    ProtocolLevel(u8),
    /// The bytes are not MQTT.
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
