//! The options of a stream of lines.

use std::time::Duration;

use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::ClientId;
use crate::name::Topic;
pub use crate::publisher::confirm::Confirm;
use crate::publisher::format::Format;
use crate::publisher::lines::Splitting;
use crate::publisher::stamp::Stamp;

/// Messages in flight by default. More gains nothing on loopback, nor at a round trip of 50 ms with any broker that was
/// measured.
const WINDOW: usize = 10_000;
/// Messages in flight by default if every message must come back: a broker queues only so many for a slow subscriber.
const ECHOED_WINDOW: usize = 100;

/// The options of a run.
#[derive(Debug, Clone)]
pub struct Options {
    pub format: Format,
    pub splitting: Splitting,
    /// For lines that name none.
    pub topic: Option<Topic>,
    /// For lines that name none. At QoS 2 the broker is asked to keep the session between connections, so that messages it has
    /// received are not delivered twice.
    pub qos: QoS,
    pub retain: bool,
    /// Where to put the time at which a line was taken.
    pub stamp: Option<Stamp>,
    pub confirm: Confirm,
    /// Most messages in flight, 1 to 65,535; `None` for a value that suits the other options.
    pub window: Option<usize>,
    /// Least time between two messages.
    pub interval: Option<Duration>,
    /// Lines with a private key are sent as well, instead of being bad.
    pub allow_secret: bool,
    /// A bad line ends the run.
    pub strict: bool,
    /// For the acknowledgement of one message, or its echo.
    pub timeout: Duration,
    /// For draining after a signal.
    pub grace: Duration,
    /// The time for the whole run.
    pub deadline: Option<Duration>,
    /// How long refused credentials are tried again once they have worked: the broker also refuses them while its database
    /// is down (I3 facts §4).
    pub retry_refused: Duration,
    /// Whether another client may have the same id.
    pub client_id: ClientId,
    /// How often the first log-in is tried again, and with a spool a later one once the input has ended. Others are tried
    /// until the deadline.
    pub retry_first: u32,
}

impl Options {
    /// Returns how many messages may be in flight.
    pub fn window_limit(&self) -> usize {
        self.window.unwrap_or(if self.confirm == Confirm::All { ECHOED_WINDOW } else { WINDOW })
    }
}
