//! What happens to the connection of a device.

use crate::mqtt::connection::ConnectionError;
use crate::publisher::PublishError;

/// An event that the agent's owner may report.
#[derive(Debug)]
pub enum Event<'a> {
    /// A message was not delivered, or may not have been. The connection ends once its messages in flight are done.
    Failed(&'a PublishError),
    /// The connection has ended unexpectedly.
    Lost(&'a ConnectionError),
    /// The connection was closed.
    Closed(CloseReason),
}

/// Why a connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// Nothing was published over it for a while.
    Idle,
    /// Nobody can publish over it any more: the agent ends, or the device's credential or broker has changed.
    Unneeded,
    /// A message failed on it.
    Failure,
    /// It has reached its limit of topics.
    Topics,
}
