//! What a subscriber needs from its caller: a host that logs in and reports to the person, and an output for the messages.

use std::time::Duration;

use crate::mqtt::connection::Connection;
use crate::mqtt::incoming::{IncomingPublish, Oversized};
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::{CleanStart, RetryClass, SharedIdSign};

/// An event that a person may want to know of.
#[derive(Debug)]
pub enum Event<'a, E> {
    /// The broker has granted the subscription, for the first time.
    Subscribed,
    /// The broker refuses this filter, for this reason, and has granted others.
    NotGranted { filter: &'a str, reason: Reason },
    /// The broker has ended the subscription to this filter, for this reason (MQTT 5; success in 3.1.1, which has none).
    Unsubscribed { filter: &'a str, reason: Reason },
    /// The broker knows no session of this client id, so there was nothing to unsubscribe from.
    NoSession,
    /// Nothing has arrived for 15 s.
    Silence,
    /// A message of a topic that this run did not request: an earlier subscription of the kept session. Reported once per
    /// topic.
    Unrequested { topic: &'a str },
    /// The connection has ended, or the subscription was not granted.
    Lost { why: &'a dyn std::error::Error, pause: Duration },
    /// Another client seems to use the same client id ([`SharedId`](crate::mqtt::reconnect::SharedId)).
    IdIsShared(SharedIdSign),
    /// A log-in has failed, and is tried again.
    NoLogIn { why: &'a E, pause: Duration },
    /// Logged in and subscribed again.
    Back,
}

/// The caller of a subscriber.
pub trait SubscriberHost {
    /// Why a log-in failed.
    type Error;

    /// Logs in, with a new token each time. Limits its own time.
    fn log_in(&mut self, session: CleanStart) -> impl Future<Output = Result<Connection, Self::Error>>;

    /// Classifies a failed log-in.
    fn judge(&self, error: &Self::Error) -> RetryClass;

    /// Reports an event.
    fn tell(&mut self, event: &Event<'_, Self::Error>);
}

/// The destination of messages: it takes them in order, and settles them in the same order when possible. No function blocks.
pub trait Output {
    /// Why it accepts nothing more.
    type Error;

    /// Returns whether messages to this topic count.
    fn wants(&self, topic: &str) -> bool {
        let _ = topic;
        true
    }

    /// Takes a message.
    ///
    /// # Errors
    /// It cannot be taken, which ends the run.
    fn take(&mut self, message: &IncomingPublish) -> Result<(), Self::Error>;

    /// Notes a message that was left out because it is too long.
    fn leave_out(&mut self, message: &Oversized);

    /// Returns whether it is busy: then nothing is read until it no longer is.
    fn is_full(&self) -> bool;

    /// Continues with the messages taken, because no more are available, or because there was [`progress`](Self::progress).
    ///
    /// # Errors
    /// As [`Output::take`].
    fn settle(&mut self) -> Result<(), Self::Error>;

    /// Returns how many of the messages taken are settled, such as written.
    fn settled(&self) -> u64;

    /// Waits until more is settled, or there is room again. May be cancelled.
    ///
    /// # Errors
    /// It will settle nothing more, which ends the run, even while there is nothing to settle.
    fn progress(&mut self) -> impl Future<Output = Result<(), Self::Error>>;
}
