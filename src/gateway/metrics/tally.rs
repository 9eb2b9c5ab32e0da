//! The metrics in one line: totals over everything.

use std::fmt;

use serde::Serialize;

/// Totals over all devices and sources, as a line for people and, through serde, an object for programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct GatewayStats {
    /// Sources, and how many of them are connected.
    pub sources: u64,
    pub sources_connected: u64,
    /// Messages received from sources.
    pub received: u64,
    /// Messages that no route takes.
    pub unrouted: u64,
    /// Devices that had a message, and how many of them are connected.
    pub devices: u64,
    pub devices_connected: u64,
    /// Messages of all devices; see [`DeviceMetrics`](super::DeviceMetrics).
    pub delivered: u64,
    pub proved: u64,
    pub rejected: u64,
    pub resent: u64,
    pub in_flight: u64,
    pub waiting: u64,
    pub log_ins: u64,
    pub log_ins_failed: u64,
}

impl fmt::Display for GatewayStats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let GatewayStats { sources, sources_connected, received, unrouted, devices, devices_connected, .. } = self;
        let GatewayStats { delivered, proved, rejected, resent, in_flight, waiting, log_ins, log_ins_failed, .. } =
            self;
        write!(
            f,
            "received {received}, unrouted {unrouted}, delivered {delivered}, proved {proved}, rejected {rejected}, \
             resent {resent}, in flight {in_flight}, waiting {waiting}; log-ins {log_ins}, failed {log_ins_failed}; \
             connected: {devices_connected} of {devices} devices, {sources_connected} of {sources} sources"
        )
    }
}
