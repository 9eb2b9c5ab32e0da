//! Requests for messages: no more than there is room for, one after another.

use std::time::Duration;

use async_nats::jetstream::consumer::pull::{BatchConfig, Config};
use async_nats::jetstream::consumer::{self, Consumer};
use async_nats::{Client, Message, StatusCode, Subject, Subscriber};
use tokio::time::Instant;

use super::ledger::BYTES;
use crate::gateway::nats_error::NatsError;

/// How long a request waits for messages at the server, and how often the server says that it still does.
const EXPIRES: Duration = Duration::from_secs(20);
const HEARTBEAT: Duration = Duration::from_secs(2);
/// The pause after an answer that another request would only get again.
const PAUSE: Duration = Duration::from_secs(1);

/// What the server says of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Word {
    /// The request waits.
    Waits,
    /// It has ended.
    Over,
    /// It was not accepted, or forgotten: the consumer may be gone.
    Refused,
}

/// The subscription to what is asked for, and the request that is on its way.
pub struct Pull {
    pub inbox: Subscriber,
    /// What the subjects for answers begin with, and the number of the last request, at its end.
    prefix: String,
    number: u64,
    /// Messages that are still to come for it.
    expected: usize,
    /// When the server was heard last, or was asked.
    heard: Instant,
    /// Nothing is asked for before this.
    not_before: Instant,
}

impl Pull {
    /// Subscribes to new subjects, where no answer to a request of another subscription comes.
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

    /// Ends the subscription. What is on its way still comes, and then `inbox` ends.
    ///
    /// # Errors
    /// The connection has ended for good.
    pub async fn end(&mut self) -> Result<(), NatsError> {
        let failed =
            |e: async_nats::UnsubscribeError| NatsError::Request { what: "end a subscription", why: e.to_string() };
        self.inbox.drain().await.map_err(failed)
    }

    /// Returns whether messages are still to come for the last request.
    pub fn is_open(&self) -> bool {
        self.expected > 0
    }

    /// Returns whether the next request may be sent.
    pub fn may_ask(&self, now: Instant) -> bool {
        !self.is_open() && now >= self.not_before
    }

    /// Asks for messages, of so much weight at most and the largest of this many bytes.
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
            // A message that is larger than the rest of the room must fit in, or it would never come.
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

    /// Notes a message that comes, or what the server says instead of one.
    pub fn hear(&mut self, message: &Message, now: Instant) -> Option<Word> {
        self.heard = now;
        let status = match message.status {
            None | Some(StatusCode::OK) => {
                self.expected = self.expected.saturating_sub(1);
                return None;
            }
            Some(status) => status,
        };
        // What is said of a request before this one means nothing any more.
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
