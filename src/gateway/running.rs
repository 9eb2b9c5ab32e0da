//! A running gateway: a task for each device and one for each session with a source, and how a new plan changes them.

#[cfg(feature = "nats")]
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::task::{JoinHandle, LocalSet, spawn_local};

use super::device::Device;
use super::host::{Event, GatewayHost};
use super::metrics::Metrics;
use super::mqtt::{self, BrokerSession, session_id, subscription};
#[cfg(feature = "nats")]
use super::nats;
use super::plan::{Plan, Route, Source, SourceKind};
use super::sessions::SessionId;
use super::shared::{Options, Shared};

/// The owner's request to a running gateway.
pub enum GatewayRequest {
    /// Continue with this plan. Unchanged parts stay connected.
    Change(Plan),
    /// End once the messages in flight are done.
    Stop,
}

/// Takes messages and publishes them until it is asked to stop, or nobody can ask any more.
pub async fn run<H: GatewayHost>(
    host: H,
    options: Options,
    metrics: Rc<Metrics>,
    plan: Plan,
    mut requests: UnboundedReceiver<GatewayRequest>,
) {
    let shared = Rc::new(Shared::new(host, options, metrics));
    LocalSet::new()
        .run_until(async move {
            let mut running = Running { shared, devices: BTreeMap::new(), sessions: BTreeMap::new() };
            running.change(&plan).await;
            while let Some(GatewayRequest::Change(plan)) = requests.recv().await {
                running.change(&plan).await;
            }
            running.stop().await;
        })
        .await;
}

struct Running<H> {
    shared: Rc<Shared<H>>,
    /// The devices, by full name.
    devices: BTreeMap<String, (Rc<Device>, JoinHandle<()>)>,
    sessions: BTreeMap<Key, SessionTask>,
}

/// The source and, where each device has its own session, the device.
type Key = (String, Option<String>);

struct SessionTask {
    definition: Definition,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What a session is for. A session with an unchanged definition is left alone.
#[derive(Clone, PartialEq, Eq)]
struct Definition {
    source: Rc<Source>,
    routes: Vec<Rc<Route>>,
}

impl Definition {
    /// Returns which session at an MQTT broker it is.
    fn session(&self) -> Option<SessionId> {
        match (&self.source.kind, self.routes.first()) {
            (SourceKind::Mqtt(mqtt), Some(route)) => Some(session_id(mqtt, &route.device)),
            _ => None,
        }
    }

    /// Returns what the session is subscribed to.
    fn subscriptions(&self) -> Vec<String> {
        let SourceKind::Mqtt(mqtt) = &self.source.kind else { return Vec::new() };
        self.routes.iter().map(|route| subscription(mqtt, route)).collect()
    }
}

impl<H: GatewayHost> Running<H> {
    async fn change(&mut self, plan: &Plan) {
        let mut wanted = definitions(plan);
        let claimed: BTreeSet<SessionId> = wanted.values().filter_map(Definition::session).collect();
        let brokers: BTreeSet<String> = mqtt_sources(plan).map(|(_, broker)| broker).collect();
        let (kept, ending): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.sessions)
            .into_iter()
            .partition(|(key, session)| wanted.get(key) == Some(&session.definition));
        wanted.retain(|key, _| !kept.contains_key(key));
        self.sessions = kept;
        // All of them at once: each may take as long as the grace time.
        ending.values().for_each(|session| _ = session.stop.send_replace(true));
        for (key, session) in ending {
            let _ = session.task.await;
            let ended = session.definition.session().filter(|ended| !claimed.contains(ended));
            if let (false, Some(ended)) = (wanted.contains_key(&key), ended) {
                mqtt::forget(&self.shared, &session.definition.source, &ended).await;
            }
        }
        for (key, definition) in wanted {
            let session = definition.session();
            let former = session.map(|id| self.shared.sessions.claim(&id, &definition.subscriptions(), &brokers));
            let former = former.unwrap_or_default();
            let (stop, stopped) = watch::channel(false);
            let routes = definition.routes.iter().map(|route| (Rc::clone(route), self.device(route))).collect();
            let (shared, source) = (Rc::clone(&self.shared), Rc::clone(&definition.source));
            let task = spawn_local(async move {
                match &source.kind {
                    SourceKind::Mqtt(mqtt) => {
                        BrokerSession { shared, mqtt, source: &source, routes, former }.run(stopped).await
                    }
                    #[cfg(feature = "nats")]
                    SourceKind::Nats(nats) => {
                        nats::NatsSession { shared, nats, source: &source, routes, owns_rejects: Cell::default() }
                            .run(stopped)
                            .await
                    }
                    // No plan has one.
                    #[cfg(not(feature = "nats"))]
                    SourceKind::Nats(_) => {}
                }
            });
            self.sessions.insert(key, SessionTask { definition, stop, task });
        }
        self.end_unused(plan, &claimed);
        let routes = || self.sessions.values().flat_map(|session| &session.definition.routes);
        let is_used = |name: &String| routes().any(|route| route.device.as_str() == name);
        let unused: Vec<String> = self.devices.keys().filter(|name| !is_used(name)).cloned().collect();
        for name in unused {
            if let Some((device, task)) = self.devices.remove(&name) {
                device.stop();
                let _ = task.await;
            }
        }
        self.devices.values().for_each(|(device, _)| device.wake());
    }

    /// Returns the device of a route, and starts it if necessary.
    fn device(&mut self, route: &Route) -> Rc<Device> {
        let (device, _) = self.devices.entry(route.device.to_string()).or_insert_with(|| {
            let metrics = self.shared.metrics.device(route.device.as_str());
            let device = Rc::new(Device::new(route.device.clone(), metrics));
            let task = spawn_local(Rc::clone(&device).run(Rc::clone(&self.shared)));
            (device, task)
        });
        Rc::clone(device)
    }

    /// Has the brokers forget the sessions of an earlier configuration that are for nothing any more.
    fn end_unused(&self, plan: &Plan, claimed: &BTreeSet<SessionId>) {
        for unused in self.shared.sessions.unused(claimed) {
            let at_broker = mqtt_sources(plan).filter(|(_, broker)| *broker == unused.0);
            // Of several log-ins there, rather the one whose clients have such names.
            match at_broker.max_by_key(|(source, _)| has_such_clients(source, &unused.1)) {
                Some((source, _)) => {
                    let (shared, source) = (Rc::clone(&self.shared), Rc::clone(source));
                    spawn_local(async move { mqtt::forget(&shared, &source, &unused).await });
                }
                None => {
                    let (broker, client_id) = &unused;
                    self.shared.host.tell(&Event::SessionLeft { broker, client_id });
                    self.shared.sessions.remove(&unused);
                }
            }
        }
    }

    /// First, no more messages are taken; then those in flight are delivered and acknowledged at their source, within the grace
    /// time.
    async fn stop(self) {
        self.sessions.values().for_each(|session| _ = session.stop.send_replace(true));
        for session in self.sessions.into_values() {
            let _ = session.task.await;
        }
        self.devices.values().for_each(|(device, _)| device.stop());
        for (_, task) in self.devices.into_values() {
            let _ = task.await;
        }
    }
}

/// Returns the sessions that a plan needs.
fn definitions(plan: &Plan) -> BTreeMap<Key, Definition> {
    let mut definitions = BTreeMap::new();
    for route in &plan.routes {
        let Some(source) = plan.sources.iter().find(|source| source.name == route.source) else { continue };
        let device = match source.kind {
            SourceKind::Mqtt(_) => Some(route.device.to_string()),
            SourceKind::Nats(_) => None,
        };
        let key = (source.name.to_string(), device);
        let definition = || Definition { source: Rc::clone(source), routes: Vec::new() };
        definitions.entry(key).or_insert_with(definition).routes.push(Rc::clone(route));
    }
    definitions
}

fn has_such_clients(source: &Source, client_id: &str) -> bool {
    matches!(&source.kind, SourceKind::Mqtt(mqtt) if client_id.starts_with(&mqtt.client_id))
}

/// Returns the sources that are MQTT brokers, with their addresses.
fn mqtt_sources(plan: &Plan) -> impl Iterator<Item = (&Rc<Source>, String)> {
    plan.sources.iter().filter_map(|source| match &source.kind {
        SourceKind::Mqtt(mqtt) => Some((source, mqtt.url.to_string())),
        SourceKind::Nats(_) => None,
    })
}
