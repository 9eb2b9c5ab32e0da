//! What happens to the connection of a device.

use crate::mqtt::connection::ConnectionError;
use crate::publisher::PublishError;

/// What the agent's owner may want to tell.
#[derive(Debug)]
pub enum Event<'a> {
    /// A message was not delivered, or is not known to be. The connection ends after what is on its way.
    Failed(&'a PublishError),
    /// The connection has ended by itself.
    Lost(&'a ConnectionError),
    /// The connection was closed.
    Closed(CloseReason),
}

/// Why a connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// Nothing was published over it for a while.
    Idle,
    /// Nobody can publish over it any more: the agent ends, or the device's credential or broker is another now.
    Unneeded,
    /// A message failed on it.
    Failure,
    /// It has reached its limit of topics.
    Topics,
}
