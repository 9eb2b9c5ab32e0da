//! Why the broker does not deliver.

use std::sync::Arc;

use super::options::End;
use crate::broker_url::BrokerUrl;
use crate::mqtt::connection::ConnectionError;
use crate::mqtt::packet::Reason;

/// Why the broker does not deliver.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// SUBACK with a refusal. I3's broker grants everything (I3 facts §4).
    #[error("the broker {broker} refused the subscription to {filter} ({reason})")]
    Refused { filter: String, reason: Reason, broker: Arc<BrokerUrl> },
    /// MQTT 5: SUBACK with a reason that may be temporary: a quota, or an error inside the broker.
    #[error("the broker {broker} cannot grant the subscription to {filter} now ({reason})")]
    NotNow { filter: String, reason: Reason, broker: Arc<BrokerUrl> },
    /// MQTT 5: UNSUBACK with a refusal.
    #[error("the broker {broker} refused to end the subscription to {filter} ({reason})")]
    NotEnded { filter: String, reason: Reason, broker: Arc<BrokerUrl> },
    /// There is nothing to unsubscribe from: the broker knows no session of this client id.
    #[error("the broker keeps no session of this client id, so there is no subscription to end")]
    NoSession,
    /// No SUBACK or UNSUBACK in time.
    #[error("the broker did not answer the subscription in time")]
    NoAnswer,
    /// The connection ended before there was a first SUBACK.
    #[error("the connection ended before the subscription was answered")]
    Link(#[source] ConnectionError),
    /// MQTT 5: another client took over the client id, and would do so again.
    #[error("another client with the same client id has taken over")]
    TakenOver,
}

/// What a run was waiting for when it had to end before it was subscribed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// An attempt to log in was in progress.
    LogIn,
    /// The last attempt to log in had failed, and the next one had not begun.
    NextLogIn,
    /// SUBACK or UNSUBACK.
    Answer,
}

/// Why a run failed.
#[derive(Debug)]
pub enum SubscriberFailure<E> {
    /// The log-in failed, or the output did.
    Host(E),
    /// The broker does not deliver.
    Subscription(SubscribeError),
    /// The run had to end, by `end`, before everything that it requested was granted once.
    Early {
        end: End,
        awaited: Awaited,
        /// Why the last attempt to log in failed.
        last: Option<E>,
    },
}

impl<E> From<SubscribeError> for SubscriberFailure<E> {
    fn from(e: SubscribeError) -> Self {
        SubscriberFailure::Subscription(e)
    }
}

impl Awaited {
    /// Returns what was missing, as a sentence without a full stop.
    pub fn missing(self) -> &'static str {
        match self {
            Awaited::LogIn => "the broker had not answered the log-in",
            Awaited::NextLogIn => "no attempt to log in had worked",
            Awaited::Answer => "the broker had not answered the subscription",
        }
    }
}
