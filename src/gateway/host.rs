//! What a gateway needs from its owner: log-ins, a place for rejected messages, and a receiver of events.

use std::io;
use std::time::Duration;

use super::nats_error::NatsError;
use super::plan::Source;
use crate::mqtt::connection::Connection;
use crate::mqtt::reconnect::{CleanStart, RetryClass};
use crate::name::DeviceName;
use crate::publisher::stream;
use crate::secret::Secret;
use crate::spool::worker::{SpoolHandle, WorkerThread};
use crate::subscriber::{self, SubscriberFailure};
use crate::tls::ClientTls;

/// A message that can never be delivered.
#[derive(Debug)]
pub struct Rejected<'a> {
    /// The source's name, and the topic or subject there.
    pub source: &'a str,
    pub from: &'a str,
    pub device: &'a DeviceName,
    /// The I3 topic, as the route says.
    pub topic: &'a str,
    pub payload: &'a [u8],
    /// The payload is unchanged, because the route could not convert it.
    pub is_original: bool,
    pub retain: bool,
    /// The reason, for the user.
    pub why: &'a str,
}

/// An event to report to the user.
pub enum Event<'a, E> {
    /// On a device's stream.
    Device { device: &'a DeviceName, event: &'a stream::Event<'a, E> },
    /// The device has logged in at I3's broker.
    LoggedIn { device: &'a DeviceName },
    /// No message arrived for the device for a while, and its connection was closed.
    Idle { device: &'a DeviceName },
    /// The device's stream has failed; its messages stay at their source, and it is tried again after `pause`.
    DeviceFailed { device: &'a DeviceName, why: &'a stream::StreamFailure<E>, pause: Duration },
    /// On a session with a source.
    Source { source: &'a Source, device: &'a DeviceName, event: &'a subscriber::Event<'a, E> },
    /// A session with a source has failed, and is tried again after `pause`.
    SourceFailed { source: &'a Source, device: &'a DeviceName, why: &'a SubscriberFailure<E>, pause: Duration },
    /// A source of NATS is connected, for the first time or again.
    NatsConnected { source: &'a Source },
    /// The connection to NATS was lost, and another is being made.
    NatsLost { source: &'a Source },
    /// A rejected message of a source was published, and the source's own stream took it.
    OwnRejects { source: &'a Source },
    /// A session with NATS, or its handling of rejected messages, has failed and is tried again after `pause`.
    NatsFailed { source: &'a Source, why: &'a E, pause: Duration },
    /// A message was rejected: it is kept with the rejected ones, and done.
    Rejected(&'a Rejected<'a>),
    /// A message was left out, because it is longer than I3 accepts.
    TooLong { source: &'a str, from: &'a str, bytes: usize },
    /// A broker that is no longer a source may keep a session of an earlier configuration.
    SessionLeft { broker: &'a str, client_id: &'a str },
    /// No route takes a message from a kept session or a consumer of an earlier configuration.
    Unrouted { source: &'a str, from: &'a str },
}

/// The owner of a gateway.
pub trait GatewayHost: 'static {
    /// Why something failed.
    type Error: From<io::Error> + From<NatsError>;

    /// Logs in at I3's broker as a device, with a new token each time. Limits its own time.
    fn log_in(&self, device: &DeviceName) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// Logs in at the broker of a source, as this client. Limits its own time.
    fn log_in_source(
        &self,
        source: &Source,
        client_id: &str,
        session: CleanStart,
    ) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// Returns the credentials of a source whose library logs in itself, read again each time: its password or token, if
    /// it has one, and its client certificate.
    ///
    /// # Errors
    /// It cannot be read or used.
    fn source_secrets(&self, source: &Source) -> Result<(Option<Secret>, ClientTls), Self::Error>;

    /// Classifies a failed log-in.
    fn judge(&self, error: &Self::Error) -> RetryClass;

    /// Returns the id of the error's entry in the catalogue.
    fn id(&self, error: &Self::Error) -> &'static str;

    /// Keeps a message that can never be delivered: on disk when this returns.
    ///
    /// # Errors
    /// It cannot be kept.
    fn reject(&self, rejected: &Rejected<'_>) -> io::Result<()>;

    /// Opens the spool of a device; `None` if messages stay at their sources until they are delivered.
    fn spool(&self, device: &DeviceName) -> Option<Result<(SpoolHandle, WorkerThread), Self::Error>>;

    /// Reports an event.
    fn tell(&self, event: &Event<'_, Self::Error>);
}
