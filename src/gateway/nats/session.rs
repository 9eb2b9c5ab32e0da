//! A session with NATS, for all routes from a stream.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use tokio::sync::watch;
use tokio::time::sleep;

use super::consumer::{self, NatsLink};
use super::dispatcher::Dispatcher;
use super::exchange::Exchange;
use super::outcomes::{Outcomes, Reject};
use super::returned::headers_of;
use crate::gateway::device::Device;
use crate::gateway::host::{Event, GatewayHost, Rejected};
use crate::gateway::metrics::SourceMetrics;
use crate::gateway::nats_error::NatsError;
use crate::gateway::plan::{NatsSource, Route, Source};
use crate::gateway::shared::Shared;

/// The first pause after a failed session, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Time for giving messages back, after the grace time.
const FAREWELL: Duration = Duration::from_secs(1);

/// A session with a stream, for all routes from there.
pub struct NatsSession<'a, H> {
    pub shared: Rc<Shared<H>>,
    pub source: &'a Source,
    pub nats: &'a NatsSource,
    /// At least one.
    pub routes: Vec<(Rc<Route>, Rc<Device>)>,
    /// The stream has taken a rejected message itself, which is reported once.
    pub owns_rejects: Cell<bool>,
}

impl<H: GatewayHost> NatsSession<'_, H> {
    /// Takes messages until `stop`, and then acknowledges those that are done within the grace time.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let metrics = self.shared.metrics.source(&self.source.name);
        let mut dispatcher = Dispatcher::new(&self.shared, self.source, self.nats, &self.routes);
        let mut pause = SHORTEST_PAUSE;
        loop {
            let received = metrics.received.get();
            let result = tokio::select! {
                biased;
                result = self.serve(&mut dispatcher, &metrics, stop.clone()) => result,
                // Most likely not connected: the server redelivers messages that it does not know to be done.
                () = overdue(stop.clone(), self.shared.options.grace + FAREWELL) => Ok(()),
            };
            metrics.connections.set(0);
            if *stop.borrow() {
                break;
            }
            let Err(why) = result else { continue };
            if metrics.received.get() > received {
                pause = SHORTEST_PAUSE;
            }
            self.shared.host.tell(&Event::NatsFailed { source: self.source, why: &why, pause });
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = sleep(pause) => {}
            }
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
        dispatcher.give_all_back();
    }

    /// Connects, and takes messages until `stop` says so.
    async fn serve(
        &self,
        dispatcher: &mut Dispatcher<H>,
        metrics: &SourceMetrics,
        mut stop: watch::Receiver<bool>,
    ) -> Result<(), H::Error> {
        let link = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            link = self.open() => link?,
        };
        metrics.connections.set(1);
        self.shared.host.tell(&Event::NatsConnected { source: self.source });
        let (outcomes, context) = (Rc::clone(&dispatcher.outcomes), link.context.clone());
        let (shared, source, nats) = (&*self.shared, self.source, self.nats);
        let exchange = Exchange::new(shared, source, nats, dispatcher, metrics, link).await?;
        tokio::select! {
            biased;
            result = exchange.run(stop) => result,
            never = self.publish_rejects(&context, &outcomes) => match never {},
        }
    }

    async fn open(&self) -> Result<NatsLink, H::Error> {
        let (secret, client) = self.shared.host.source_secrets(self.source)?;
        let filters: Vec<_> = self.routes.iter().map(|(route, _)| &route.filter).collect();
        Ok(consumer::open(self.nats, secret.as_ref(), &client, self.shared.options.timeout, &filters).await?)
    }

    /// Publishes rejected messages, if there is a subject for them. Until a stream takes them they wait, and so do their
    /// acknowledgements.
    async fn publish_rejects(&self, context: &Context, outcomes: &Outcomes) -> Infallible {
        let Some(subject) = &self.nats.rejects else { return std::future::pending().await };
        let mut pause = SHORTEST_PAUSE;
        loop {
            let reject = outcomes.next_reject().await;
            let Err(why) = self.publish_reject(context, subject, reject).await else {
                outcomes.published();
                pause = SHORTEST_PAUSE;
                continue;
            };
            self.shared.host.tell(&Event::NatsFailed { source: self.source, why: &why, pause });
            sleep(pause).await;
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    async fn publish_reject(&self, context: &Context, subject: &str, reject: Reject) -> Result<(), H::Error> {
        let failed =
            |e: PublishError| H::Error::from(NatsError::Rejects { subject: subject.into(), why: e.to_string() });
        let Reject { from, device, topic, payload, is_original, retain, why, .. } = reject;
        let headers = headers_of(&from, &device, &topic, &why);
        let message = PublishMessage::build().headers(headers).payload(payload.clone());
        match context.send_publish(subject.to_owned(), message).await {
            Ok(answer) => {
                if answer.await.map_err(failed)?.stream == self.nats.stream && !self.owns_rejects.replace(true) {
                    self.shared.host.tell(&Event::OwnRejects { source: self.source });
                }
                Ok(())
            }
            // With the headers it is too long for the server.
            Err(e) if e.kind() == PublishErrorKind::MaxPayloadExceeded => {
                let (source, device) = (&self.source.name, &device);
                let (from, topic, payload, why) = (&from, &topic, &payload, &why);
                let rejected = Rejected { source, from, device, topic, payload, is_original, retain, why };
                Ok(self.shared.host.reject(&rejected)?)
            }
            Err(e) => Err(failed(e)),
        }
    }
}

/// Ends some time after `stop`.
async fn overdue(mut stop: watch::Receiver<bool>, grace: Duration) {
    let _ = stop.wait_for(|stop| *stop).await;
    sleep(grace).await;
}
