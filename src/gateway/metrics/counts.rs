//! The numbers themselves. The gateway runs on one thread, so each is a plain cell.

use std::cell::Cell;
use std::time::SystemTime;

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(Cell<u64>);

impl Counter {
    /// Adds one.
    pub fn inc(&self) {
        self.add(1);
    }

    pub fn add(&self, more: u64) {
        self.0.set(self.0.get().saturating_add(more));
    }

    pub fn get(&self) -> u64 {
        self.0.get()
    }
}

/// A number that grows and shrinks.
#[derive(Debug, Default)]
pub struct Gauge(Cell<u64>);

impl Gauge {
    /// Adds one.
    pub fn inc(&self) {
        self.set(self.get().saturating_add(1));
    }

    /// Subtracts one.
    pub fn dec(&self) {
        self.set(self.get().saturating_sub(1));
    }

    pub fn set(&self, value: u64) {
        self.0.set(value);
    }

    pub fn get(&self) -> u64 {
        self.0.get()
    }
}

/// The counters of a device.
#[derive(Debug, Default)]
pub struct DeviceMetrics {
    /// Messages that arrived for it from sources.
    pub received: Counter,
    /// Messages that I3's broker has acknowledged.
    pub delivered: Counter,
    /// Messages that came back, or that MQTT 5's reason code says were delivered.
    pub proved: Counter,
    /// Messages that I3 can never accept, or has refused.
    pub rejected: Counter,
    /// Messages sent again; each counts once for each time.
    pub resent: Counter,
    /// Messages sent and not acknowledged yet.
    pub in_flight: Gauge,
    /// Messages received and not sent yet.
    pub waiting: Gauge,
    /// Log-ins that I3's broker has accepted.
    pub log_ins: Counter,
    /// Log-ins that were refused or failed.
    pub log_ins_failed: Counter,
    /// Whether its connection is open.
    pub connected: Cell<bool>,
    last_error: Cell<Option<LastError>>,
}

impl DeviceMetrics {
    /// Notes that this error, by the id of its entry in the catalogue, has happened just now.
    pub fn failed(&self, id: &'static str) {
        self.last_error.set(Some(LastError { id, at: SystemTime::now() }));
    }

    /// Returns the last error, even if messages were delivered since.
    pub fn last_error(&self) -> Option<LastError> {
        self.last_error.get()
    }
}

/// An error, and when it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastError {
    /// The id of its entry in the catalogue.
    pub id: &'static str,
    pub at: SystemTime,
}

/// The counters of a source.
#[derive(Debug, Default)]
pub struct SourceMetrics {
    /// Messages that arrived from it, with or without a route.
    pub received: Counter,
    /// Messages that no route takes.
    pub unrouted: Counter,
    /// Messages that were reported to it as done.
    pub acknowledged: Counter,
    /// Connections after the first.
    pub reconnects: Counter,
    /// Connections to it: of an MQTT source one for each device.
    pub connections: Gauge,
}

/// The counters of a route.
#[derive(Debug, Default)]
pub struct RouteMetrics {
    /// Messages that it has taken.
    pub received: Counter,
    /// Messages that I3's broker has acknowledged.
    pub delivered: Counter,
    /// Messages that I3 can never accept, or has refused.
    pub rejected: Counter,
    /// Messages that wait for `max_rate`.
    pub held: Gauge,
}
