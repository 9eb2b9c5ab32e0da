//! The request to a subscriber, and how it ends.

use std::time::Duration;

use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::{CleanStart, ClientId};

/// Which messages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetainedFilter {
    All,
    /// Newly published ones, without retained ones.
    Live,
    /// Retained ones; the run ends when the broker has sent them.
    Retained,
}

/// What to subscribe to, and until when.
#[derive(Debug, Clone)]
pub struct Options {
    /// Topics, or filters with wildcards (MQTT 3.1.1 §4.7). With none, the run ends once it has unsubscribed, and takes no
    /// message.
    pub filters: Vec<String>,
    /// Filters of earlier subscriptions of the session that are ended first.
    pub unsubscribe: Vec<String>,
    pub qos: QoS,
    /// [`CleanStart::No`] makes the broker keep messages while there is no connection, even after the end of the run.
    pub session: CleanStart,
    pub client_id: ClientId,
    pub only: RetainedFilter,
    /// Ends the run after this many messages.
    pub count: Option<u64>,
    /// The time for the whole run.
    pub wait: Option<Duration>,
    /// Ends the run once the subscription is granted.
    pub subscribe_only: bool,
    /// Longest payload, in bytes. A longer one is skipped while it arrives, acknowledged, and passed to
    /// [`Output::leave_out`](super::Output::leave_out).
    pub max_message: usize,
    /// Time for the output to settle its messages once the run must end.
    pub grace: Duration,
    /// Time for the broker's answer to a subscription.
    pub timeout: Duration,
    /// How often the first log-in and the first subscription are tried again, together. Later ones are tried without limit.
    pub retry: u32,
    /// How long refused credentials are tried again once they have worked: the broker also refuses them while its database
    /// is down (I3 facts §4).
    pub retry_refused: Duration,
}

/// What ended a successful run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As many messages arrived as were requested.
    Count,
    /// The time was over.
    Wait,
    /// A signal, or the host ended it.
    Signal,
    /// The retained messages have arrived, or the requested subscription is granted.
    Done,
}
