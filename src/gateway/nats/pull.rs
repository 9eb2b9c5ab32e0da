//! Requests for messages: one after another, for no more than there is room for.

use std::time::Duration;

use async_nats::jetstream::consumer::pull::{BatchConfig, Config};
use async_nats::jetstream::consumer::{self, Consumer};
use async_nats::{Client, Message, StatusCode, Subject, Subscriber};
use tokio::time::Instant;

use super::ledger::BYTES;
use crate::gateway::nats_error::NatsError;

/// How long a request waits for messages at the server, and how often the server confirms that it is still waiting.
const EXPIRES: Duration = Duration::from_secs(20);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// The pause after an answer that another request would get as well.
const PAUSE: Duration = Duration::from_secs(1);

/// What the server says about a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// The request waits.
    Waits,
    /// It has ended.
    Over,
    /// It was not accepted, or forgotten: the consumer may be gone.
    Refused,
}

/// The subscription for requested messages, and the current request.
pub struct Pull {
    pub inbox: Subscriber,
    /// The prefix of the subjects for answers, which end with the number of the last request.
    prefix: String,
    number: u64,
    /// Messages still expected for it.
    expected: usize,
    /// When the server last sent something, or was asked.
    heard: Instant,
    /// Nothing is requested before this time.
    not_before: Instant,
}

impl Pull {
    /// Subscribes to new subjects, which receive no answers to requests of another subscription.
    ///
    /// # Errors
    /// The connection has ended for good.
    pub async fn new(client: &Client, now: Instant) -> Result<Pull, NatsError> {
        let prefix = client.new_inbox();
        let failed =
            |e: async_nats::SubscribeError| NatsError::Request { what: "begin a subscription", why: e.to_string() };
        let inbox = client.subscribe(format!("{prefix}.*")).await.map_err(failed)?;
        Ok(Pull { inbox, prefix, number: 0, expected: 0, heard: now, not_before: now })
    }

    /// Ends the subscription. Messages in transit still arrive, and then `inbox` ends.
    ///
    /// # Errors
    /// The connection has ended for good.
    pub async fn end(&mut self) -> Result<(), NatsError> {
        let failed =
            |e: async_nats::UnsubscribeError| NatsError::Request { what: "end a subscription", why: e.to_string() };
        self.inbox.drain().await.map_err(failed)
    }

    /// Returns whether messages are still expected for the last request.
    pub fn is_open(&self) -> bool {
        self.expected > 0
    }

    /// Returns whether the next request may be sent.
    pub fn may_ask(&self, now: Instant) -> bool {
        !self.is_open() && now >= self.not_before
    }

    /// Requests messages, up to this weight, the largest of this many bytes.
    pub async fn ask(
        &mut self,
        consumer: &Consumer<Config>,
        room: usize,
        largest: usize,
        now: Instant,
    ) -> Result<(), NatsError> {
        let consumer::Config { max_batch, max_bytes, max_expires, .. } = &consumer.cached_info().config;
        let limited = |value: usize, limit: i64| match usize::try_from(limit) {
            Ok(limit) if limit > 0 => value.min(limit),
            _ => value,
        };
        let expires = if max_expires.is_zero() { EXPIRES } else { EXPIRES.min(*max_expires) };
        let batch = limited(room, *max_batch);
        let request = BatchConfig {
            batch,
            expires: Some(expires),
            // A message larger than the remaining room must still fit, or it would never arrive.
            max_bytes: limited(room * BYTES + largest, *max_bytes),
            idle_heartbeat: HEARTBEAT.min(expires / 2),
            ..BatchConfig::default()
        };
        let failed = |e: &dyn std::fmt::Display| NatsError::Request {
            what: "accept a request for messages",
            why: e.to_string(),
        };
        self.number += 1;
        consumer.request_batch(request, self.subject()).await.map_err(|e| failed(&e))?;
        self.expected = batch;
        self.heard = now;
        Ok(())
    }

    fn subject(&self) -> Subject {
        format!("{}.{}", self.prefix, self.number).into()
    }

    /// Notes a message, or the server's status instead of one.
    pub fn hear(&mut self, message: &Message, now: Instant) -> Option<Word> {
        self.heard = now;
        let status = match message.status {
            None | Some(StatusCode::OK) => {
                self.expected = self.expected.saturating_sub(1);
                return None;
            }
            Some(status) => status,
        };
        // A status of an earlier request no longer matters.
        if status == StatusCode::IDLE_HEARTBEAT || message.subject != self.subject() {
            return Some(Word::Waits);
        }
        self.expected = 0;
        // "Message Size Exceeds MaxBytes", and since 2.10 "Batch Completed".
        let said = message.description.as_deref().unwrap_or_default();
        let is_done = said == "Batch Completed" || said == "Message Size Exceeds MaxBytes";
        Some(match status {
            StatusCode::TIMEOUT => Word::Over,
            StatusCode::REQUEST_TERMINATED if is_done => Word::Over,
            _ => {
                self.not_before = now + PAUSE;
                Word::Refused
            }
        })
    }

    /// Returns whether the server has forgotten the request, as a new leader does.
    pub fn is_forgotten(&self, now: Instant) -> bool {
        self.is_open() && now > self.heard + 3 * HEARTBEAT
    }
}
