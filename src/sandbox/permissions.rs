//! The broker's permission cache: positive and negative answers, for five minutes unless set otherwise (I3 facts §4).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::db::TopicAccess;

/// Identities in the cache before those without a fresh answer are removed.
const MANY: usize = 10_000;

/// A client id and a user name. To the cache, the same user under another client id is another identity.
#[derive(Clone)]
pub(super) struct Principal {
    pub client_id: String,
    /// Empty for a client without credentials.
    pub user_name: String,
    /// The client id is an account's name, by which I3 counts what was bought (I3 facts §6.4).
    pub is_metered: bool,
    key: Arc<str>,
}

impl Principal {
    pub fn new(client_id: String, user_name: String, is_metered: bool) -> Principal {
        let key = format!("{client_id}\0{user_name}").into();
        Principal { client_id, user_name, is_metered, key }
    }

    /// Returns whether the id could be read as part of a pattern: the plug-in refuses every publish of such a client.
    pub fn is_ambiguous(&self) -> bool {
        self.client_id.contains(['+', '#', '/'])
    }
}

struct CachedAnswer {
    allowed: bool,
    since: Instant,
}

/// Answers for reading and writing one topic.
#[derive(Default)]
struct Answers([Option<CachedAnswer>; 2]);

/// The cache of all connections.
pub(super) struct Permissions {
    life: Duration,
    known: HashMap<Arc<str>, HashMap<String, Answers>>,
}

impl Permissions {
    pub fn new(life: Duration) -> Permissions {
        Permissions { life, known: HashMap::new() }
    }

    pub fn forget(&mut self) {
        self.known.clear();
    }

    pub fn age(&mut self, by: Duration) {
        let answers = self.known.values_mut().flat_map(HashMap::values_mut).flat_map(|answers| &mut answers.0);
        for slot in answers {
            // An answer older than the clock's range is too old to matter.
            *slot = slot.take().and_then(|known| Some(CachedAnswer { since: known.since.checked_sub(by)?, ..known }));
        }
    }

    pub fn recall(&self, who: &Principal, topic: &str, access: TopicAccess) -> Option<bool> {
        let known = self.known.get(&who.key)?.get(topic)?.0[access as usize].as_ref()?;
        (known.since.elapsed() < self.life).then_some(known.allowed)
    }

    pub fn remember(&mut self, who: &Principal, topic: &str, access: TopicAccess, allowed: bool) {
        if self.known.len() >= MANY {
            let fresh = |answers: &Answers| answers.0.iter().flatten().any(|known| known.since.elapsed() < self.life);
            self.known.retain(|_, topics| topics.values().any(fresh));
        }
        let topics = self.known.entry(Arc::clone(&who.key)).or_default();
        topics.entry(topic.into()).or_default().0[access as usize] =
            Some(CachedAnswer { allowed, since: Instant::now() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_kept_by_client_topic_and_access_until_they_are_old() {
        let mut cache = Permissions::new(Duration::from_secs(300));
        let who = Principal::new("c1".into(), "alice$parking$lot1".into(), false);
        let other = Principal::new("c2".into(), "alice$parking$lot1".into(), false);
        cache.remember(&who, "t", TopicAccess::Write, false);
        assert_eq!(cache.recall(&who, "t", TopicAccess::Write), Some(false));
        assert_eq!(cache.recall(&who, "t", TopicAccess::Read), None);
        assert_eq!(cache.recall(&who, "u", TopicAccess::Write), None);
        assert_eq!(cache.recall(&other, "t", TopicAccess::Write), None);
        cache.age(Duration::from_secs(299));
        assert_eq!(cache.recall(&who, "t", TopicAccess::Write), Some(false));
        cache.age(Duration::from_secs(2));
        assert_eq!(cache.recall(&who, "t", TopicAccess::Write), None);
    }
}
