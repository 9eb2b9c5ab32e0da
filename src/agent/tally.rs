//! The agent's counters in one line: totals over all devices.

use std::fmt;

use serde::Serialize;

use super::protocol::DeviceStatus;

/// Totals over all devices, as a line for people and, through serde, an object for programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct AgentStats {
    /// Devices that were published as.
    pub devices: u64,
    /// How many of them are connected.
    pub devices_connected: u64,
    pub delivered: u64,
    pub failed: u64,
    pub in_flight: u64,
    pub log_ins: u64,
}

impl AgentStats {
    /// Counts one more device.
    #[must_use]
    pub fn with(self, device: &DeviceStatus) -> AgentStats {
        AgentStats {
            devices: self.devices + 1,
            devices_connected: self.devices_connected + u64::from(device.connected),
            delivered: self.delivered + device.delivered,
            failed: self.failed + device.failed,
            in_flight: self.in_flight + device.in_flight,
            log_ins: self.log_ins + device.log_ins,
        }
    }
}

impl fmt::Display for AgentStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AgentStats { devices, devices_connected, delivered, failed, in_flight, log_ins } = self;
        write!(
            f,
            "delivered {delivered}, failed {failed}, in flight {in_flight}; log-ins {log_ins}; connected: \
             {devices_connected} of {devices} devices"
        )
    }
}
