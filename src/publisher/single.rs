//! One message out on a connection of its own, proof of delivery back.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::confirm::Confirm;
use super::delivery::{Evidence, Message, Patience, PublishError};
use super::in_flight::{InFlight, Subscription};
use crate::mqtt::connection::Connection;

/// The two packet ids that one message needs on a connection of its own.
const SUBSCRIBE_ID: u16 = 1;
const PUBLISH_ID: u16 = 2;

/// Publishes one message and waits until it is acknowledged and, if requested, proved. At QoS 0 the answer to a ping behind the
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

/// Sends everything and ends the connection, and waits until the broker has closed it as well. A broker that does not close
/// it has the message, too, once it has left.
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
