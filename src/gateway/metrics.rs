//! The gateway's counters, for Prometheus, for people, and for programs that read its log.
//!
//! Code that counts gets the metrics of its device, source or route once, and keeps them.

mod counts;
mod exposition;
pub mod server;
mod tally;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

pub use counts::{Counter, DeviceMetrics, Gauge, LastError, RouteMetrics, SourceMetrics};
use exposition::{MetricType, Page, labels};
pub use tally::GatewayStats;

/// Everything that is counted.
#[derive(Debug)]
pub struct Metrics {
    started: SystemTime,
    /// The devices, by full name.
    devices: RefCell<BTreeMap<String, Rc<DeviceMetrics>>>,
    /// The sources, by name.
    sources: RefCell<BTreeMap<String, Rc<SourceMetrics>>>,
    /// The routes, by the source's name and the filter.
    routes: RefCell<BTreeMap<(String, String), Rc<RouteMetrics>>>,
}

/// A metric of several objects: its name without `i3_gateway_`, and the source of its value.
struct Family<M> {
    name: &'static str,
    kind: MetricType,
    help: &'static str,
    value: fn(&M) -> u64,
}

const fn counter<M>(name: &'static str, help: &'static str, value: fn(&M) -> u64) -> Family<M> {
    Family { name, kind: MetricType::Counter, help, value }
}

const fn gauge<M>(name: &'static str, help: &'static str, value: fn(&M) -> u64) -> Family<M> {
    Family { name, kind: MetricType::Gauge, help, value }
}

const DEVICE: &[Family<DeviceMetrics>] = &[
    counter("messages_received_total", "Messages for the device that came from a source.", |of| of.received.get()),
    counter("messages_delivered_total", "Messages that I3's broker has acknowledged.", |of| of.delivered.get()),
    counter("messages_proved_total", "Messages that were proved to be delivered.", |of| of.proved.get()),
    counter("messages_rejected_total", "Messages that I3 cannot take, or has refused.", |of| of.rejected.get()),
    counter("messages_resent_total", "Messages that were sent again, once for each time.", |of| of.resent.get()),
    gauge("messages_in_flight", "Messages sent and not acknowledged yet.", |of| of.in_flight.get()),
    gauge("messages_waiting", "Messages received and not sent yet.", |of| of.waiting.get()),
    counter("log_ins_total", "Log-ins that I3's broker has accepted.", |of| of.log_ins.get()),
    counter("log_ins_failed_total", "Log-ins that were refused or failed.", |of| of.log_ins_failed.get()),
    gauge("connected", "Whether the device is connected to I3's broker.", |of| of.connected.get().into()),
];

const SOURCE: &[Family<SourceMetrics>] = &[
    counter("source_messages_received_total", "Messages that the source has given.", |of| of.received.get()),
    counter("source_messages_unrouted_total", "Messages that no route takes.", |of| of.unrouted.get()),
    counter("source_messages_acknowledged_total", "Messages acknowledged to the source.", |of| of.acknowledged.get()),
    counter("source_reconnects_total", "Connections to the source after the first.", |of| of.reconnects.get()),
    gauge("source_connections", "Connections to the source.", |of| of.connections.get()),
];

const ROUTE: &[Family<RouteMetrics>] = &[
    counter("route_messages_received_total", "Messages that the route has taken.", |of| of.received.get()),
    counter("route_messages_delivered_total", "Messages of the route that I3's broker has acknowledged.", |of| {
        of.delivered.get()
    }),
    counter("route_messages_rejected_total", "Messages of the route that I3 cannot take, or has refused.", |of| {
        of.rejected.get()
    }),
    gauge("route_messages_held", "Messages that wait for the route's max_rate.", |of| of.held.get()),
];

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            started: SystemTime::now(),
            devices: RefCell::default(),
            sources: RefCell::default(),
            routes: RefCell::default(),
        }
    }
}

impl Metrics {
    /// Returns the metrics of a device, by its full name.
    pub fn device(&self, name: &str) -> Rc<DeviceMetrics> {
        of(&self.devices, name.into())
    }

    /// Returns the metrics of a source.
    pub fn source(&self, name: &str) -> Rc<SourceMetrics> {
        of(&self.sources, name.into())
    }

    /// Returns the metrics of the route from this source with this filter or subject.
    pub fn route(&self, source: &str, matches: &str) -> Rc<RouteMetrics> {
        of(&self.routes, (source.into(), matches.into()))
    }

    /// Returns all of them in Prometheus' format.
    pub fn exposition(&self) -> String {
        let mut page = Page::default();
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let help = "Start time of the process since the Unix epoch in seconds.";
        page.family("process_start_time_seconds", MetricType::Gauge, help, [("", seconds(self.started))]);
        let version = labels(&[("version", env!("CARGO_PKG_VERSION"))]);
        page.family("i3_build_info", MetricType::Gauge, "The version of this program; always 1.", [(version, 1)]);
        let sources = self.sources.borrow();
        add(&mut page, SOURCE, sources.iter().map(|(name, of)| (labels(&[("source", name)]), &**of)));
        let routes = self.routes.borrow();
        let routes =
            routes.iter().map(|((source, matches), of)| (labels(&[("source", source), ("match", matches)]), of));
        add(&mut page, ROUTE, routes.map(|(labels, of)| (labels, &**of)));
        let devices = self.devices.borrow();
        add(&mut page, DEVICE, devices.iter().map(|(name, of)| (labels(&[("device", name)]), &**of)));
        let errors = devices.iter().filter_map(|(name, of)| {
            of.last_error().map(|error| (labels(&[("device", name), ("error", error.id)]), seconds(error.at)))
        });
        let help = "When the device's last error happened, since the Unix epoch; `i3 explain` knows its id.";
        page.family("i3_gateway_last_error_timestamp_seconds", MetricType::Gauge, help, errors);
        page.into_text()
    }

    /// Returns the totals.
    pub fn tally(&self) -> GatewayStats {
        let mut tally = GatewayStats::default();
        for source in self.sources.borrow().values() {
            tally.sources += 1;
            tally.sources_connected += u64::from(source.connections.get() > 0);
            tally.received += source.received.get();
            tally.unrouted += source.unrouted.get();
        }
        for device in self.devices.borrow().values() {
            tally.devices += 1;
            tally.devices_connected += u64::from(device.connected.get());
            tally.delivered += device.delivered.get();
            tally.proved += device.proved.get();
            tally.rejected += device.rejected.get();
            tally.resent += device.resent.get();
            tally.in_flight += device.in_flight.get();
            tally.waiting += device.waiting.get();
            tally.log_ins += device.log_ins.get();
            tally.log_ins_failed += device.log_ins_failed.get();
        }
        tally
    }
}

fn of<K: Ord, M: Default>(known: &RefCell<BTreeMap<K, Rc<M>>>, key: K) -> Rc<M> {
    Rc::clone(known.borrow_mut().entry(key).or_default())
}

fn add<'m, M: 'm>(page: &mut Page, families: &[Family<M>], measured: impl Iterator<Item = (String, &'m M)>) {
    let measured: Vec<(String, &M)> = measured.collect();
    for Family { name, kind, help, value } in families {
        let samples = measured.iter().map(|(labels, of)| (labels, value(of)));
        page.family(&format!("i3_gateway_{name}"), *kind, help, samples);
    }
}
