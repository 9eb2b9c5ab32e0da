//! The messages of an MQTT broker for one device, in the device's own session, so that a device that cannot publish does
//! not hold up the others.
//!
//! Messages are acknowledged in the order of arrival (MQTT 3.1.1 §4.6), and a broker delivers only a limited number of
//! unacknowledged ones: with one session for all devices, the messages of a refused one would soon be all that is in
//! flight.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::sleep;

use super::device::Device;
use super::host::{Event, GatewayHost};
use super::plan::{MqttSource, Route, Source};
use super::receipt::InOrder;
use super::router::Router;
use super::sessions::SessionId;
use super::shared::Shared;
use crate::mqtt::connection::Connection;
use crate::mqtt::incoming::{IncomingPublish, Oversized};
use crate::mqtt::reconnect::{CleanStart, ClientId, RetryClass};
use crate::name::DeviceName;
use crate::subscriber::{self, End, Options, Output, RetainedFilter, SubscriberFailure, SubscriberHost};

/// Longest payload, in bytes: longer ones are left out.
const MAX_MESSAGE: usize = 1024 * 1024;
/// The first pause after a failed session, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A session with a broker, for its routes to one device.
pub struct BrokerSession<'a, H> {
    pub shared: Rc<Shared<H>>,
    pub source: &'a Source,
    pub mqtt: &'a MqttSource,
    /// At least one, and all of the same device.
    pub routes: Vec<(Rc<Route>, Rc<Device>)>,
    /// Filters of an earlier configuration, whose subscriptions are ended.
    pub former: Vec<String>,
}

impl<H: GatewayHost> BrokerSession<'_, H> {
    /// Takes messages until `stop`, and then acknowledges those that are done within the grace time.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let Some((_, device)) = self.routes.first() else { return };
        let mut pause = SHORTEST_PAUSE;
        loop {
            let (signal, signals) = unbounded_channel();
            let metrics = self.shared.metrics.source(&self.source.name);
            let received = metrics.received.get();
            let result = {
                let mut running = pin!(self.subscribe(device, signals));
                tokio::select! {
                    biased;
                    result = &mut running => result,
                    _ = stop.wait_for(|stop| *stop) => {
                        // The receiver lives as long as the session.
                        let _ = signal.send(());
                        running.await
                    }
                }
            };
            if *stop.borrow() {
                return;
            }
            let Err(why) = result else { continue };
            if metrics.received.get() > received {
                pause = SHORTEST_PAUSE;
            }
            let (source, device) = (self.source, &device.name);
            self.shared.host.tell(&Event::SourceFailed { source, device, why: &why, pause });
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = sleep(pause) => {}
            }
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    async fn subscribe(
        &self,
        device: &Device,
        signals: UnboundedReceiver<()>,
    ) -> Result<End, SubscriberFailure<H::Error>> {
        let mqtt = self.mqtt;
        let options = Options {
            filters: self.routes.iter().map(|(route, _)| subscription(mqtt, route)).collect(),
            unsubscribe: self.former.clone(),
            qos: mqtt.qos,
            session: CleanStart::No,
            client_id: ClientId::Chosen,
            only: if mqtt.retained { RetainedFilter::All } else { RetainedFilter::Live },
            count: None,
            wait: None,
            subscribe_only: false,
            max_message: MAX_MESSAGE,
            grace: self.shared.options.grace,
            timeout: self.shared.options.timeout,
            retry: u32::MAX,
            retry_refused: self.shared.options.retry_refused,
        };
        let mut output = Routed {
            router: Router::new(Rc::clone(&self.shared), self.source, self.routes.iter().cloned()),
            order: Rc::default(),
            acknowledged: 0,
        };
        let mut host = SessionHost {
            session: self,
            device,
            client_id: client_id(mqtt, &device.name),
            is_connected: false,
            had_connection: false,
        };
        let outcome = subscriber::run(&options, signals, &mut host, &mut output).await;
        host.connected(false);
        outcome.result
    }
}

/// Ends a session at the broker of a source, with what that keeps for it: nothing is routed from there any more.
pub async fn forget<H: GatewayHost>(shared: &Shared<H>, source: &Source, session: &SessionId) {
    // A broker that cannot be reached keeps it until the next start.
    if let Ok(connection) = shared.host.log_in_source(source, &session.1, CleanStart::Yes).await {
        let _ = connection.close().await;
        shared.sessions.remove(session);
    }
}

/// Returns which session with its broker a device has.
pub fn session_id(mqtt: &MqttSource, device: &DeviceName) -> SessionId {
    (mqtt.url.to_string(), client_id(mqtt, device))
}

/// Returns the subscription for a route.
pub fn subscription(mqtt: &MqttSource, route: &Route) -> String {
    match &mqtt.share {
        Some(group) => format!("$share/{group}/{}", route.filter),
        None => route.filter.to_string(),
    }
}

fn client_id(mqtt: &MqttSource, device: &DeviceName) -> String {
    format!("{}-{device}", mqtt.client_id)
}

struct SessionHost<'a, H> {
    session: &'a BrokerSession<'a, H>,
    device: &'a Device,
    client_id: String,
    is_connected: bool,
    had_connection: bool,
}

impl<H: GatewayHost> SessionHost<'_, H> {
    fn connected(&mut self, is_connected: bool) {
        let connections = &self.session.shared.metrics.source(&self.session.source.name).connections;
        match (std::mem::replace(&mut self.is_connected, is_connected), is_connected) {
            (false, true) => connections.inc(),
            (true, false) => connections.dec(),
            _ => {}
        }
    }
}

impl<H: GatewayHost> SubscriberHost for SessionHost<'_, H> {
    type Error = H::Error;

    async fn log_in(&mut self, session: CleanStart) -> Result<Connection, H::Error> {
        let BrokerSession { shared, source, .. } = self.session;
        let result = shared.host.log_in_source(source, &self.client_id, session).await;
        if result.is_ok() && std::mem::replace(&mut self.had_connection, true) {
            shared.metrics.source(&source.name).reconnects.inc();
        }
        self.connected(result.is_ok());
        result
    }

    fn judge(&self, error: &H::Error) -> RetryClass {
        self.session.shared.host.judge(error)
    }

    fn tell(&mut self, event: &subscriber::Event<'_, H::Error>) {
        let BrokerSession { shared, source, mqtt, routes, .. } = self.session;
        let ended = match event {
            subscriber::Event::Lost { .. } => {
                self.connected(false);
                None
            }
            subscriber::Event::Unsubscribed { filter, .. } => Some(Some(*filter)),
            subscriber::Event::NoSession => Some(None),
            _ => None,
        };
        if let Some(filter) = ended {
            let wanted: Vec<String> = routes.iter().map(|(route, _)| subscription(mqtt, route)).collect();
            shared.sessions.unsubscribed(&session_id(mqtt, &self.device.name), filter, &wanted);
        }
        shared.host.tell(&Event::Source { source, device: &self.device.name, event });
    }
}

/// Passes the messages to the device's queue. They are settled when they are delivered.
struct Routed<H> {
    router: Router<H>,
    order: Rc<InOrder>,
    /// As last written to the metrics.
    acknowledged: u64,
}

impl<H: GatewayHost> Output for Routed<H> {
    type Error = H::Error;

    fn take(&mut self, message: &IncomingPublish) -> Result<(), H::Error> {
        let receipt = self.order.take(message.payload.len());
        Ok(self.router.route(message.topic(), &message.payload, receipt)?)
    }

    fn leave_out(&mut self, message: &Oversized) {
        self.router.leave_out(&message.topic, message.length);
    }

    fn is_full(&self) -> bool {
        self.order.is_full()
    }

    fn settle(&mut self) -> Result<(), H::Error> {
        let settled = self.order.settled();
        self.router.acknowledged(settled - self.acknowledged);
        self.acknowledged = settled;
        Ok(())
    }

    fn settled(&self) -> u64 {
        self.order.settled()
    }

    async fn progress(&mut self) -> Result<(), H::Error> {
        self.order.news().await;
        Ok(())
    }
}
