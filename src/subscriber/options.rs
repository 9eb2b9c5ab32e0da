//! What a subscriber is asked for, and how it ends.

use std::time::Duration;

use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::{CleanStart, ClientId};

/// Which messages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetainedFilter {
    All,
    /// Those that are published now, without those that the broker kept.
    Live,
    /// Those that the broker kept; the run ends when it has sent them.
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
    /// [`CleanStart::No`] has the broker keep what comes while there is no connection, even after the end of the run.
    pub session: CleanStart,
    pub client_id: ClientId,
    pub only: RetainedFilter,
    /// Ends the run after this many messages.
    pub count: Option<u64>,
    /// For the whole run.
    pub wait: Option<Duration>,
    /// Ends the run once the subscription stands.
    pub subscribe_only: bool,
    /// Longest payload, in bytes. A longer one is skipped as it comes, acknowledged, and given to
    /// [`Output::leave_out`](super::Output::leave_out).
    pub max_message: usize,
    /// For the output to settle what it has once the run must end.
    pub grace: Duration,
    /// For the broker's answer to a subscription.
    pub timeout: Duration,
    /// How often the first log-in and the first subscription are tried again, together. Later ones are tried without limit.
    pub retry: u32,
    /// How long refused credentials are tried again once they have worked: the broker also refuses them while its database
    /// is down (I3 facts §4).
    pub retry_refused: Duration,
}

/// What ended a run that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As many messages came as were requested.
    Count,
    /// The time was over.
    Wait,
    /// A signal, or the host ended it.
    Signal,
    /// What the broker kept has come, or the requested subscription stands.
    Done,
}
