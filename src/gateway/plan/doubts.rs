//! What works of a plan, and may not be what is meant.

use std::collections::HashSet;
use std::net::IpAddr;
use std::rc::Rc;

use super::model::{NatsSource, Plan, Route, Source, SourceKind, nats_server};
use crate::broker_url::BrokerUrl;
use crate::gateway::filter::{Dialect, Filter};
use crate::mqtt::packet::QoS;
use crate::name::DeviceName;

/// Returns settings that work, but may not be intended; `numbers` are those of the routes' tables in the file.
pub fn doubts(plan: &Plan, numbers: &[usize]) -> Vec<String> {
    let mut doubts = Vec::new();
    for source in plan.sources.iter().filter(|source| !plan.routes.iter().any(|route| route.source == source.name)) {
        doubts.push(format!("no route takes anything from the source '{}'", source.name));
    }
    for at in 0..plan.routes.len() {
        doubts.extend(doubts_of_route(plan, at, numbers));
    }
    doubts.extend(plan.sources.iter().filter_map(|source| unencrypted(source)));
    let keeps_nothing =
        |source: &&Rc<Source>| matches!(&source.kind, SourceKind::Mqtt(mqtt) if mqtt.qos == QoS::AtMostOnce);
    for source in plan.sources.iter().filter(keeps_nothing) {
        doubts.push(format!("at QoS 0 the source '{}' keeps nothing while the gateway is not running", source.name));
    }
    // A table may stand for many routes.
    let mut told = HashSet::new();
    doubts.retain(|doubt| told.insert(doubt.clone()));
    doubts
}

/// Returns what may not be meant of the route at this place in the plan.
fn doubts_of_route(plan: &Plan, at: usize, numbers: &[usize]) -> Vec<String> {
    let (mut doubts, route, number) = (Vec::new(), &plan.routes[at], numbers[at]);
    let Some(source) = plan.source(route) else { return doubts };
    // At an MQTT broker each device has its own session, and gets everything that its routes match.
    let is_shared = source.dialect() == Dialect::Nats;
    let before = plan.routes[..at].iter().position(|other| {
        (is_shared || other.device == route.device)
            && other.source == route.source
            && other.filter.overlaps(&route.filter)
    });
    if let Some(before) = before.map(|before| numbers[before]) {
        let of = if is_shared { format!("'{}'", source.name) } else { route.device.to_string() };
        let what = "messages that both match are published by the first one only";
        doubts.push(format!("routes {before} and {number} of {of} overlap: {what}"));
    }
    let takes = |other: &&Rc<Source>| {
        let rejects = other.rejects().filter(|_| source.shares_servers(other));
        rejects.is_some_and(|rejects| route.filter.captures(rejects).is_some())
    };
    if let Some(other) = plan.sources.iter().find(takes) {
        doubts.push(format!("route {number} takes the rejected messages of the source '{}'", other.name));
    }
    if let (Some(field), Some(_)) = (&route.field, &route.stamp) {
        doubts.push(format!(
            "route {number} puts the time into the field {field}, which works only where that is a JSON object"
        ));
    }
    doubts
}

/// Returns the doubt about a source of which a secret travels in clear text.
fn unencrypted(source: &Source) -> Option<String> {
    let SourceKind::Nats(NatsSource { servers, tls: false, login, token_file, .. }) = &source.kind else {
        return None;
    };
    let what = match (&login.user, token_file) {
        (Some(_), _) => "password",
        (None, Some(_)) => "token",
        (None, None) => return None,
    };
    let is_remote = |server: &&String| nats_server(server).is_ok_and(|(host, _)| !is_loopback(&host));
    let server = servers.iter().find(is_remote)?;
    Some(format!(
        "the connection to {server} is not encrypted: anyone on the network path can read the {what}; tls:// encrypts it"
    ))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

impl Plan {
    /// Returns errors, and possible ones, about messages that come back to the route that publishes them: its source is
    /// the broker that its device publishes to.
    pub fn loops(&self, broker: impl Fn(&DeviceName) -> Option<BrokerUrl>) -> (Vec<String>, Vec<String>) {
        let end = |route: &Rc<Route>| Some((route.topic.reach()?, broker(&route.device)?));
        let ends: Vec<Option<(Filter, BrokerUrl)>> = self.routes.iter().map(end).collect();
        let leads = |from: usize, to: usize| {
            let (Some((reach, broker)), route) = (&ends[from], &self.routes[to]) else { return false };
            reach.overlaps(&route.filter)
                && matches!(self.source(route).map(|source| &source.kind),
                    Some(SourceKind::Mqtt(mqtt)) if mqtt.url.is_same_place(broker))
        };
        let comes_back = |at: usize| {
            let (mut open, mut seen) = (vec![at], HashSet::new());
            while let Some(from) = open.pop() {
                for to in (0..ends.len()).filter(|to| leads(from, *to)) {
                    if to == at {
                        return true;
                    }
                    open.extend(seen.insert(to).then_some(to));
                }
            }
            false
        };
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for (at, route) in self.routes.iter().enumerate().filter(|(at, _)| comes_back(*at)) {
            let Route { source, filter, topic, .. } = &**route;
            match leads(at, at) && filter.captures(topic.as_str()).is_some() {
                true => certain.push(format!(
                    "the route for {filter} publishes to {topic}, and takes it from the same broker through '{source}': each \
                     message would come back forever"
                )),
                false => possible.push(format!(
                    "what the route for {filter} publishes may come back to it: '{source}' is the broker of its device"
                )),
            }
        }
        (certain, possible)
    }
}
