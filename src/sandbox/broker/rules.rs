//! The rules of an embedded broker beyond MQTT itself: who may log in, who may use a topic, how much it queues.

use std::time::Duration;

use crate::mqtt::packet::Connect;
use crate::sandbox::db::TopicAccess;
use crate::sandbox::permissions::Principal;

/// The answer is not in the cache, and the database gives none.
#[derive(Debug)]
pub(in crate::sandbox) struct DatabaseDown;

/// How many messages of QoS 1 and 2 the broker keeps for one client.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox) struct Limits {
    /// Sent and not acknowledged.
    pub in_flight: usize,
    /// Waiting behind these; any more are dropped.
    pub queued: usize,
}

/// The rules of one broker. The defaults are those of a plain broker: everyone may log in and use every topic.
pub(in crate::sandbox) trait Rules: Send + Sync {
    fn limits(&self) -> Limits;

    /// Returns whether MQTT 5 is spoken; otherwise it is answered with CONNACK 1.
    fn speaks_v5(&self) -> bool {
        true
    }

    /// Returns whether the filter of a subscription is granted.
    fn grants(&self, _filter: &str) -> bool {
        true
    }

    /// Returns how long a log-in by token blocks the broker.
    fn token_cost(&self) -> Duration {
        Duration::ZERO
    }

    /// Is notified of each CONNECT, regardless of its result.
    fn connecting(&self) {}

    /// Returns whether the broker lets this client in.
    fn lets_in(&self, _connect: &Connect) -> bool {
        true
    }

    fn identity(&self, client_id: String, user_name: String) -> Principal {
        Principal::new(client_id, user_name, false)
    }

    /// Returns whether `who` may use `topic`.
    ///
    /// # Errors
    /// It is unknown: the connection ends.
    fn permitted(&self, _who: &Principal, _topic: &str, _access: TopicAccess) -> Result<bool, DatabaseDown> {
        Ok(true)
    }

    /// Is notified of each message to a connected client.
    fn delivering(&self, _who: &Principal, _topic: &str) {}
}
