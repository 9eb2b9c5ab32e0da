//! How many messages are sent on a connection and unacknowledged, and how many may be.

use crate::mqtt::packet::QoS;

/// Most messages that can be unacknowledged at once: MQTT's packet ids are 16 bits, without 0.
pub const MAX_IN_FLIGHT: usize = 65_535;

/// Messages in flight that keep a broker busy for some milliseconds.
const BUSY: usize = 1000;

/// The messages at QoS 1 and 2 in flight on a connection.
#[derive(Debug)]
pub struct InFlightCount {
    /// The window's limit, or less if the broker says so.
    limit: usize,
    count: usize,
    /// The same for messages at QoS 2, for which the broker must keep state.
    qos_2_limit: usize,
    pub qos_2: usize,
}

impl InFlightCount {
    pub fn new(limit: usize, qos_2_limit: usize) -> InFlightCount {
        InFlightCount { limit, count: 0, qos_2_limit, qos_2: 0 }
    }

    /// Returns whether another message at this QoS may be sent.
    #[inline]
    pub fn has_room(&self, qos: QoS) -> bool {
        self.count < self.limit && (qos != QoS::ExactlyOnce || self.qos_2 < self.qos_2_limit)
    }

    #[inline]
    pub fn add(&mut self, qos: QoS) {
        self.count += 1;
        self.qos_2 += usize::from(qos == QoS::ExactlyOnce);
    }

    #[inline]
    pub fn remove(&mut self, qos: QoS) {
        self.count -= 1;
        self.qos_2 -= usize::from(qos == QoS::ExactlyOnce);
    }

    /// Returns whether so much is in flight that the broker is busy for a while.
    pub fn is_busy(&self) -> bool {
        self.count >= BUSY.max(self.limit / 2)
    }
}
