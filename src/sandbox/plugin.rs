//! The rules of I3's broker: its authentication plug-in, its configuration and its metering (I3 facts §3, §4, §6.4).

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use super::broker::rules::{DatabaseDown, Limits, Rules};
use super::db::TopicAccess;
use super::mail::now;
use super::permissions::Principal;
use super::shared::Shared;
use crate::mqtt::packet::Connect;

impl Rules for Shared {
    /// I3's `max_inflight_messages` and `max_queued_messages` (I3 facts §6.4).
    fn limits(&self) -> Limits {
        Limits { in_flight: 40, queued: 200 }
    }

    fn speaks_v5(&self) -> bool {
        self.mqtt5
    }

    fn token_cost(&self) -> Duration {
        self.token_cost
    }

    fn connecting(&self) {
        self.counters.broker_log_ins.fetch_add(1, Relaxed);
    }

    fn lets_in(&self, connect: &Connect) -> bool {
        if connect.user_name.is_empty() && connect.password.is_empty() {
            // Mosquitto 2.x refuses them; the released broker lets them in without any permission.
            return !self.mqtt5;
        }
        !self.database_down.load(Relaxed)
            && !connect.user_name.is_empty()
            && (connect.user_name.is_ascii() || !self.latin1)
            && self.db().may_log_in(&connect.user_name, &connect.password, now())
    }

    fn identity(&self, client_id: String, user_name: String) -> Principal {
        let is_metered = self.db().user(&client_id).is_some();
        Principal::new(client_id, user_name, is_metered)
    }

    /// As far as the broker remembers, otherwise as the database says.
    fn permitted(&self, who: &Principal, topic: &str, access: TopicAccess) -> Result<bool, DatabaseDown> {
        if who.user_name.is_empty() || (access == TopicAccess::Write && who.is_ambiguous()) {
            return Ok(false);
        }
        if let Some(allowed) = self.permissions().recall(who, topic, access) {
            return Ok(allowed);
        }
        if self.database_down.load(Relaxed) {
            return Err(DatabaseDown);
        }
        let allowed = self.db().may_use(&who.user_name, &who.client_id, topic, access);
        self.permissions().remember(who, topic, access, allowed);
        Ok(allowed)
    }

    /// Counts a message to a client: one whose id is its buyer's name is the last that was paid for, regardless of the quantity.
    /// What the broker remembers stays allowed for as long.
    fn delivering(&self, who: &Principal, topic: &str) {
        if who.is_metered {
            // The broker has nobody to tell that the state file cannot be written.
            let _ = self.change(|db| db.end_purchase(&who.client_id, topic));
        }
    }
}
