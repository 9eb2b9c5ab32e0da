//! The limits that an MQTT 5 broker announces in its CONNACK (§3.2.2.3): a message over them need not be sent.

use super::packet::{ConnAck, QoS};

/// The limit that a message exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokerLimit {
    /// Maximum QoS (§3.2.2.3.4): more is a protocol error.
    #[error("it has QoS {qos}, and the broker accepts at most QoS {max}")]
    QoS { qos: u8, max: u8 },
    /// Retain Available (§3.2.2.3.5).
    #[error("it has the retain flag, and the broker retains no messages")]
    Retain,
    /// Maximum Packet Size (§3.2.2.3.6), which counts the whole packet.
    #[error("it takes {size} bytes with its topic, and the broker accepts at most {max}")]
    PacketSize { size: usize, max: usize },
}

impl ConnAck {
    /// Returns the limit that a message exceeds, if any: one of `size` bytes, as
    /// [`OutgoingPublish::size`](super::outgoing::OutgoingPublish::size) gives it.
    pub fn refusal_of(&self, qos: QoS, retain: bool, size: usize) -> Option<BrokerLimit> {
        let max = self.max_packet.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        match self.max_qos {
            Some(max) if qos as u8 > max => Some(BrokerLimit::QoS { qos: qos as u8, max }),
            _ if retain && self.retain_available == Some(false) => Some(BrokerLimit::Retain),
            _ => (size > max).then_some(BrokerLimit::PacketSize { size, max }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_over_a_limit_is_told_which() {
        let none = ConnAck::new(0);
        assert_eq!(none.refusal_of(QoS::ExactlyOnce, true, usize::MAX), None);
        let answer =
            ConnAck { max_packet: Some(100), max_qos: Some(1), retain_available: Some(false), ..ConnAck::new(0) };
        assert_eq!(answer.refusal_of(QoS::AtLeastOnce, false, 100), None);
        let told = |qos, retain, size| answer.refusal_of(qos, retain, size).unwrap().to_string();
        assert_eq!(told(QoS::ExactlyOnce, true, 101), "it has QoS 2, and the broker accepts at most QoS 1");
        assert!(told(QoS::AtMostOnce, true, 101).contains("retains no messages"));
        assert!(told(QoS::AtMostOnce, false, 101).contains("takes 101 bytes"));
    }
}
