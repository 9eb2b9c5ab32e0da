//! Messages out one by one, proof of delivery back.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::confirm::Confirm;
use super::delivery::{Evidence, Message, Patience, PublishError, Reached};
use super::in_flight::{InFlight, Subscription};
use crate::mqtt::connection::Connection;
use crate::mqtt::packet::{Filter, Packet, QoS, Reason, Version};

/// The two packet ids that one message at a time needs on a separate connection.
const SUBSCRIBE_ID: u16 = 1;
const PUBLISH_ID: u16 = 2;

/// Publishes one message and waits until it is acknowledged and, if requested, proved. At QoS 0 the answer to a ping after the
/// message is its acknowledgement.
///
/// The connection must not have been used for publishing before, because the first two packet ids are used. With
/// [`Evidence::Sent`] it has ended.
///
/// # Errors
/// [`PublishError`].
pub async fn publish(
    connection: &mut Connection,
    message: &Message,
    confirm: Confirm,
    patience: Patience,
) -> Result<Evidence, PublishError> {
    let evidence = Evidence::of(confirm, connection.version(), message.qos);
    let subscription = Subscription::New(SUBSCRIBE_ID);
    let message = InFlight::queue(connection, message.clone(), PUBLISH_ID, evidence, subscription, patience)?;
    match evidence {
        Evidence::Sent => hand_over(connection, message).await?,
        _ => wait(connection, message).await?,
    }
    Ok(evidence)
}

/// A connection on which one message after another is published.
pub struct Publisher {
    connection: Connection,
    /// Another connection of the same user, over which echoes come.
    listener: Option<Connection>,
    /// The topic whose echoes come.
    subscribed: Option<String>,
    /// The packet id of each PUBLISH.
    id: u16,
}

impl Publisher {
    /// Returns a publisher whose echoes come over the connection itself.
    pub fn new(connection: Connection) -> Publisher {
        Publisher { connection, listener: None, subscribed: None, id: PUBLISH_ID }
    }

    /// Returns a publisher that leaves the session of `connection` unchanged: its subscriptions, because echoes come over
    /// `listener`, and its packet ids, because an earlier run may have left one in use at QoS 2.
    pub fn beside(connection: Connection, listener: Option<Connection>) -> Publisher {
        let id = rand::random_range(PUBLISH_ID..=u16::MAX);
        Publisher { connection, listener, subscribed: None, id }
    }

    /// Publishes one message, as [`publish`], and keeps the connection open: if the message need only be
    /// [sent](Evidence::Sent), the answer to a ping shows that the broker has it.
    ///
    /// # Errors
    /// [`PublishError`].
    pub async fn publish(
        &mut self,
        message: &Message,
        confirm: Confirm,
        patience: Patience,
    ) -> Result<Evidence, PublishError> {
        let evidence = Evidence::of(confirm, self.connection.version(), message.qos);
        let topic = message.topic.as_str();
        let is_subscribed = self.subscribed.as_deref() == Some(topic);
        let own = match (evidence, &mut self.listener) {
            (Evidence::Echo, Some(listener)) => {
                if !is_subscribed {
                    subscribe(listener, message, patience).await?;
                }
                acknowledged(message.qos)
            }
            _ => evidence,
        };
        let subscription = if is_subscribed { Subscription::Granted } else { Subscription::New(SUBSCRIBE_ID) };
        let mut in_flight =
            InFlight::queue(&mut self.connection, message.clone(), self.id, own, subscription, patience)?;
        if own == Evidence::Sent {
            in_flight.ping_behind(&mut self.connection)?;
        }
        wait(&mut self.connection, in_flight).await?;
        if evidence == Evidence::Echo {
            self.subscribed = Some(topic.into());
            if let Some(listener) = &mut self.listener {
                echo(listener, message, patience).await?;
            }
        }
        Ok(evidence)
    }

    /// Keeps the connections alive for `pause`. Returns whether they are still open then.
    pub async fn rest(&mut self, pause: Duration) -> bool {
        let until = Instant::now() + pause;
        let Publisher { connection, listener, .. } = self;
        let listening = async {
            match listener {
                Some(listener) => until_it_ends(listener, until).await,
                None => true,
            }
        };
        let (stands, listens) = tokio::join!(until_it_ends(connection, until), listening);
        stands && listens
    }

    /// Sends DISCONNECT and closes, as far as that can be done.
    pub async fn close(self) {
        for connection in [Some(self.connection), self.listener].into_iter().flatten() {
            let _ = connection.close().await;
        }
    }
}

/// The evidence that the broker has a message, and no more.
fn acknowledged(qos: QoS) -> Evidence {
    if qos == QoS::AtMostOnce { Evidence::Sent } else { Evidence::Acknowledged }
}

async fn until_it_ends(connection: &mut Connection, until: Instant) -> bool {
    loop {
        match timeout_at(until, connection.recv()).await {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => return false,
            Err(_) => return true,
        }
    }
}

/// Subscribes to the topic of a message, and waits until that is granted.
async fn subscribe(listener: &mut Connection, message: &Message, patience: Patience) -> Result<(), PublishError> {
    let topic = || message.topic.clone();
    let broken = |source| PublishError::Link { topic: topic(), reached: Reached::Nothing, source };
    let filters = vec![Filter { filter: message.topic.as_str().into(), qos: QoS::AtMostOnce, no_local: false }];
    listener.queue(Packet::Subscribe { id: SUBSCRIBE_ID, filters }).map_err(broken)?;
    loop {
        match timeout_at(limit(patience), listener.recv()).await {
            Ok(Ok(Packet::SubAck { codes, .. })) => {
                let refused = codes.into_iter().find(|code: &Reason| code.is_failure());
                return refused.map_or(Ok(()), |reason| {
                    let passes = listener.version() == Version::V5 && reason.may_pass_in_suback();
                    Err(PublishError::EchoRefused { topic: topic(), reason, passes, broker: listener.broker().clone() })
                });
            }
            Ok(Ok(_)) => {}
            Ok(Err(source)) => return Err(broken(source)),
            Err(_) => {
                let reached = Reached::Nothing;
                return Err(PublishError::Stuck { topic: topic(), after: patience.timeout, reached });
            }
        }
    }
}

/// Waits until a message has come back.
async fn echo(listener: &mut Connection, message: &Message, patience: Patience) -> Result<(), PublishError> {
    let topic = || message.topic.clone();
    loop {
        match timeout_at(limit(patience), listener.recv()).await {
            Ok(Ok(Packet::Publish(back)))
                if !back.retain && back.topic == message.topic.as_str() && back.payload == message.payload =>
            {
                return Ok(());
            }
            Ok(Ok(_)) => {}
            Ok(Err(source)) => {
                return Err(PublishError::Link { topic: topic(), reached: Reached::Acknowledged, source });
            }
            Err(_) if patience.end.is_some_and(|end| Instant::now() >= end) => {
                return Err(PublishError::Deadline { topic: topic(), reached: Reached::Acknowledged });
            }
            Err(_) => {
                let (after, broker) = (patience.timeout, listener.broker().clone());
                return Err(PublishError::NoEcho { topic: topic(), after, broker });
            }
        }
    }
}

fn limit(patience: Patience) -> Instant {
    let limit = Instant::now() + patience.timeout;
    patience.end.map_or(limit, |end| limit.min(end))
}

/// Returns whether the broker answers a ping on this connection within the timeout.
pub async fn answers(connection: &mut Connection, timeout: Duration) -> bool {
    let deadline = Instant::now() + timeout;
    let Ok(ping) = connection.ping() else { return false };
    while connection.pongs() < ping {
        if !matches!(timeout_at(deadline, connection.progress()).await, Ok(Ok(_))) {
            return false;
        }
    }
    true
}

/// Waits until nothing is missing.
async fn wait(connection: &mut Connection, mut message: InFlight) -> Result<(), PublishError> {
    while !message.is_delivered() {
        match timeout_at(message.next_look(), connection.progress()).await {
            Ok(Ok(Some(packet))) => drop(message.handle(connection, &packet)?),
            Ok(Ok(None)) => {}
            Ok(Err(source)) => return Err(message.broken(connection, source)),
            Err(_) => message.look(connection)?,
        }
        message.note_pong(connection);
    }
    Ok(())
}

/// Sends everything and ends the connection, and waits until the broker has closed it as well. Even if the broker does not
/// close it, it has the message once that was sent.
async fn hand_over(connection: &mut Connection, mut message: InFlight) -> Result<(), PublishError> {
    loop {
        let result = match timeout_at(message.next_look(), connection.end()).await {
            Ok(closed) => return closed.map_err(|source| message.broken(connection, source)),
            Err(_) => message.look(connection),
        };
        match result {
            Err(PublishError::NotAcknowledged { .. } | PublishError::Deadline { .. })
                if message.has_left(connection) =>
            {
                return Ok(());
            }
            other => other?,
        }
    }
}
