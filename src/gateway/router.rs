//! Passes messages of a source to the queues of the devices that publish them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::rc::Rc;
use std::time::SystemTime;

use bytes::Bytes;

use super::device::Device;
use super::host::{Event, GatewayHost, Rejected};
use super::metrics::{RouteMetrics, SourceMetrics};
use super::plan::{Route, Source};
use super::queue::{Lane, QueuedMessage};
use super::receipt::Receipt;
use super::shared::Shared;
use crate::guard::payload::{self, MessageGate};
use crate::publisher::format::BadLine;
use crate::publisher::stamp;

/// Most topics whose route is remembered.
const KNOWN: usize = 10_000;

/// The routes of a source, or those of one device.
pub struct Router<H> {
    shared: Rc<Shared<H>>,
    source: Rc<str>,
    metrics: Rc<SourceMetrics>,
    targets: Vec<RouteTarget>,
    known: HashMap<Box<str>, Option<TopicRoute>>,
    /// A private key may arrive line by line.
    gate: MessageGate,
}

/// A route, with its destination.
struct RouteTarget {
    route: Rc<Route>,
    device: Rc<Device>,
    lane: Rc<Lane>,
    metrics: Rc<RouteMetrics>,
}

/// The routing of a topic.
#[derive(Clone)]
struct TopicRoute {
    target: usize,
    from: Rc<str>,
    topic: Rc<str>,
}

impl<H: GatewayHost> Router<H> {
    /// Returns a router for these routes of one source, each with its device.
    pub fn new(
        shared: Rc<Shared<H>>,
        source: &Source,
        routes: impl IntoIterator<Item = (Rc<Route>, Rc<Device>)>,
    ) -> Self {
        let source = Rc::clone(&source.name);
        let metrics = shared.metrics.source(&source);
        let target = |(route, device): (Rc<Route>, Rc<Device>)| {
            let lane = match route.interval {
                None => device.queue.common_lane(),
                Some(interval) => device.queue.paced_lane(interval),
            };
            let metrics = shared.metrics.route(&source, route.filter.as_str());
            RouteTarget { route, device, lane, metrics }
        };
        let targets = routes.into_iter().map(target).collect();
        Router { shared, source, metrics, targets, known: HashMap::new(), gate: MessageGate::default() }
    }

    /// Hands a message to its device. One without a route is done.
    ///
    /// # Errors
    /// It can never be delivered, and cannot be kept with the rejected ones either.
    pub fn route(&mut self, from: &str, payload: &Bytes, receipt: Receipt) -> io::Result<()> {
        self.metrics.received.inc();
        let Some(TopicRoute { target, from, topic }) = self.find(from) else {
            self.shared.unrouted(&self.source, from);
            receipt.settle();
            return Ok(());
        };
        let RouteTarget { route, device, lane, metrics } = &self.targets[target];
        metrics.received.inc();
        device.metrics.received.inc();
        let taken = SystemTime::now();
        match prepared(&mut self.gate, &from, route, payload, taken) {
            Ok(payload) => {
                let (retain, source, route) = (route.retain, Rc::clone(&self.source), Rc::clone(metrics));
                let message = QueuedMessage { source, from, route, topic, payload, retain, taken, receipt };
                device.queue.push(lane, message);
            }
            Err(why) => {
                let rejected = Rejected {
                    source: &self.source,
                    from: &from,
                    device: &device.name,
                    topic: &topic,
                    payload,
                    is_original: true,
                    retain: route.retain,
                    why: &why,
                };
                self.shared.reject(&rejected, Some(&receipt))?;
                metrics.rejected.inc();
                receipt.settle();
            }
        }
        Ok(())
    }

    /// Returns the device that publishes messages from this topic or subject.
    #[cfg(feature = "nats")]
    pub fn device(&mut self, from: &str) -> Option<&Rc<Device>> {
        let TopicRoute { target, .. } = self.find(from)?;
        Some(&self.targets[target].device)
    }

    /// Notes that the source was told that this many more messages are done.
    pub fn acknowledged(&self, messages: u64) {
        self.metrics.acknowledged.add(messages);
    }

    /// Notes a message that is too long to be taken.
    pub fn leave_out(&self, from: &str, bytes: usize) {
        self.metrics.received.inc();
        self.shared.host.tell(&Event::TooLong { source: &self.source, from, bytes });
    }

    fn find(&mut self, from: &str) -> Option<TopicRoute> {
        if let Some(known) = self.known.get(from) {
            return known.clone();
        }
        let found = self.targets.iter().enumerate().find_map(|(target, RouteTarget { route, .. })| {
            let topic = route.topic.fill(&route.filter.captures(from)?);
            Some(TopicRoute { target, from: from.into(), topic: topic.into() })
        });
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.insert(from.into(), found.clone());
        found
    }
}

/// Returns the part of a payload that is published.
///
/// # Errors
/// Why nothing can be published, for the user.
fn prepared(
    gate: &mut MessageGate,
    from: &str,
    route: &Route,
    payload: &Bytes,
    taken: SystemTime,
) -> Result<Bytes, String> {
    let part = match &route.field {
        Some(field) => field.text(payload).map_err(|e| e.to_string()),
        None => Ok(Cow::Borrowed(&payload[..])),
    };
    // What is published counts, which may have stood there in escapes; but whoever reads of the rejected ones sees all.
    let (looked_at, is_part) = match &part {
        Ok(Cow::Owned(part)) => (&part[..], true),
        _ => (&payload[..], false),
    };
    let whole = || (is_part && payload::may_hold(payload)).then(|| payload::find(payload)).flatten();
    if let Some(form) = gate.check(from, looked_at, payload::may_hold(looked_at)).or_else(whole) {
        return Err(format!("it holds a private key ({form})"));
    }
    let part = part?;
    let part = match &route.stamp {
        Some(field) => stamp::in_json(part, field, taken).map_err(|e: BadLine| e.to_string())?,
        None => part,
    };
    Ok(match part {
        Cow::Borrowed(part) => payload.slice_ref(part),
        Cow::Owned(part) => part.into(),
    })
}
