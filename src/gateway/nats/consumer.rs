//! A connection to NATS, and the consumer that the messages come from.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{self, AckPolicy, Consumer, Info};
use async_nats::jetstream::context::{ConsumerInfoError, ConsumerInfoErrorKind};
use async_nats::jetstream::stream::{ConsumerError, ConsumerErrorKind};
use async_nats::jetstream::{self, Context, ErrorCode};
use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event, ServerError};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::gateway::filter::{Dialect, Filter};
use crate::gateway::nats_error::NatsError;
use crate::gateway::plan::NatsSource;
use crate::secret::Secret;
use crate::tls::{ClientTls, Roots, Verification, client_config_with};

/// How long the server should wait for an acknowledgement or a progress report before it redelivers a message. The messages
/// of a killed gateway wait that long, and the next gateway waits for them, to keep the order.
const ACK_WAIT: Duration = Duration::from_secs(10);

/// A connection, with its events.
pub struct NatsLink {
    pub client: Client,
    pub events: UnboundedReceiver<Event>,
    /// JetStream behind it.
    pub context: Context,
    pub consumer: Consumer<Config>,
}

/// Connects to any of the servers, and finds the consumer for routes with these filters. The library reconnects
/// automatically, as often as necessary.
///
/// # Errors
/// [`NatsError`].
pub async fn open(
    nats: &NatsSource,
    secret: Option<&Secret>,
    client: &ClientTls,
    timeout: Duration,
    filters: &[&Filter],
) -> Result<NatsLink, NatsError> {
    let (to, mut events) = unbounded_channel();
    let mut options = ConnectOptions::new()
        .name("i3-gateway")
        .connection_timeout(timeout)
        .request_timeout(Some(timeout))
        .event_callback(move |event| {
            // A receiver that no longer listens has ended.
            let _ = to.send(event);
            std::future::ready(())
        });
    let secret = secret.map(|secret| secret.expose().to_owned());
    options = match (&nats.login.user, secret) {
        (Some(user), password) => options.user_and_password(user.clone(), password.unwrap_or_default()),
        (None, Some(token)) => options.token(token),
        (None, None) => options,
    };
    if nats.tls {
        let roots = nats.login.cafile.clone().map_or(Roots::System, Roots::File);
        let verification = if nats.login.insecure { Verification::DangerSkipped } else { Verification::Required };
        let config = client_config_with(&roots, verification, client)?;
        options = options.require_tls(true).tls_client_config(Arc::unwrap_or_clone(config.config));
    }
    let client = options.connect(&nats.servers[..]).await.map_err(|e| unconnected(nats, &e))?;
    let context = jetstream::new(client.clone());
    match consumer(&context, nats, filters).await {
        Ok(consumer) => Ok(NatsLink { client, events, context, consumer }),
        // A request without permission is not answered; the server reports it separately.
        Err(e) => Err(std::iter::from_fn(|| events.try_recv().ok()).find_map(|event| denied(&event)).unwrap_or(e)),
    }
}

fn unconnected(nats: &NatsSource, error: &ConnectError) -> NatsError {
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => log_in_refused(nats),
        _ => NatsError::Unreachable { servers: nats.servers.join(", "), why: error.to_string() },
    }
}

/// Returns the error for a refused user with a password, or a refused token.
pub fn log_in_refused(nats: &NatsSource) -> NatsError {
    NatsError::LogIn(match (&nats.login.user, &nats.token_file) {
        (Some(user), _) => format!("the user {user}"),
        (None, Some(_)) => "a client with this token".into(),
        (None, None) => "a client without a user".into(),
    })
}

/// Returns whether an event says that the log-in is refused at a connection after the first.
pub fn is_log_in_refused(event: &Event) -> bool {
    let refused = |kind: ConnectErrorKind| kind.to_string();
    matches!(event, Event::ClientError(async_nats::ClientError::Other(what))
        if *what == refused(ConnectErrorKind::AuthorizationViolation) || *what == refused(ConnectErrorKind::Authentication))
}

/// Returns the error for a subject to which the user has no right, if that is what an event says.
pub fn denied(event: &Event) -> Option<NatsError> {
    match event {
        Event::ServerError(ServerError::Other(what)) if what.to_lowercase().contains("permissions violation") => {
            Some(NatsError::Denied(what.clone()))
        }
        _ => None,
    }
}

/// Finds the consumer, or creates it: with explicit acknowledgement, for any number of unacknowledged messages, because
/// requests are limited. With a single route it is filtered for that; a server before 2.10 supports only one filter.
async fn consumer(context: &Context, nats: &NatsSource, filters: &[&Filter]) -> Result<Consumer<Config>, NatsError> {
    let NatsSource { stream, durable, .. } = nats;
    let handle = context.get_stream_no_info(stream).await.map_err(|e| unanswered("find the stream", &e))?;
    match handle.consumer_info(durable).await {
        Ok(found) => {
            unfit(&found, filters).map_err(|why| NatsError::Consumer {
                stream: stream.clone(),
                durable: durable.clone(),
                why,
            })?;
            handle.get_consumer(durable).await.map_err(|e| unanswered("find the consumer", &e))
        }
        Err(e) if e.kind() == ConsumerInfoErrorKind::NotFound => {
            let filter_subject = if let [only] = filters { only.to_string() } else { String::new() };
            let config = Config {
                durable_name: Some(durable.clone()),
                description: Some("i3 gateway".into()),
                ack_policy: AckPolicy::Explicit,
                ack_wait: ACK_WAIT,
                max_ack_pending: -1,
                filter_subject,
                ..Config::default()
            };
            handle.create_consumer(config).await.map_err(|e| uncreated(&e))
        }
        Err(e) => Err(unknown(nats, &e)),
    }
}

/// Returns why messages would be lost or left out with a consumer.
fn unfit(consumer: &Info, filters: &[&Filter]) -> Result<(), String> {
    let consumer::Config { deliver_subject, ack_policy, max_deliver, headers_only, filter_subject, .. } =
        &consumer.config;
    if deliver_subject.is_some() {
        return Err("it pushes its messages to a subject; a pull consumer is needed".into());
    }
    if *ack_policy != AckPolicy::Explicit {
        return Err("its messages are not acknowledged one by one (ack policy: explicit)".into());
    }
    if *max_deliver > 0 {
        return Err(format!("it delivers a message at most {max_deliver} times (max deliver)"));
    }
    if *headers_only {
        return Err("it leaves the payload out (headers only)".into());
    }
    let Ok(taken) = Filter::parse(filter_subject, Dialect::Nats) else { return Ok(()) };
    match filters.iter().find(|filter| !filter.overlaps(&taken)) {
        Some(filter) => Err(format!("it delivers only {taken}, and never what the route for {filter} takes")),
        None => Ok(()),
    }
}

/// Explains why nothing is known about a consumer.
pub fn unknown(nats: &NatsSource, error: &ConsumerInfoError) -> NatsError {
    match error.kind() {
        ConsumerInfoErrorKind::StreamNotFound => NatsError::NoStream(nats.stream.clone()),
        ConsumerInfoErrorKind::NoResponders => NatsError::NoJetStream("nothing answers its requests".into()),
        ConsumerInfoErrorKind::JetStream(e)
            if [ErrorCode::JETSTREAM_NOT_ENABLED, ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT]
                .contains(&e.error_code()) =>
        {
            NatsError::NoJetStream(e.to_string())
        }
        _ => unanswered("look up the consumer", error),
    }
}

/// Returns whether the server may soon know more about a consumer, as after the election of a leader.
pub fn is_passing(error: &ConsumerInfoError) -> bool {
    use ConsumerInfoErrorKind::{NoResponders, Offline, Request, TimedOut};
    matches!(error.kind(), NoResponders | Offline | Request | TimedOut)
}

fn uncreated(error: &ConsumerError) -> NatsError {
    match error.kind() {
        ConsumerErrorKind::JetStream(e) => NatsError::Request { what: "create the consumer", why: e.to_string() },
        _ => unanswered("create the consumer", error),
    }
}

fn unanswered(what: &'static str, error: &dyn std::fmt::Display) -> NatsError {
    NatsError::Request { what, why: error.to_string() }
}
