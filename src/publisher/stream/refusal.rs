//! Messages that the broker will not take, and what they mean for the run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::broker_url::BrokerUrl;
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::packet::Reason;
use crate::name::Topic;
use crate::publisher::format::BadLine;
use crate::publisher::window::Tracked;

/// Where a message comes from, with its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageNumber {
    /// This line of the input, from 1.
    Line(u64),
    /// This record of the spool, from any run.
    Record(u64),
    /// This message of a run without lines, from 1.
    Message(u64),
}

impl fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MessageNumber::Line(number) => write!(f, "line {number}"),
            MessageNumber::Record(number) => write!(f, "record {number} of the spool"),
            MessageNumber::Message(number) => write!(f, "message {number}"),
        }
    }
}

/// An admitted message, as it is reported back.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The broker that refused it.
    pub broker: &'a Arc<BrokerUrl>,
    pub topic: &'a Topic,
    /// Its line is the number that the source gave.
    pub message: Tracked<'a>,
}

/// Why a message will not be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// MQTT 5: the broker's reason.
    Denied(Reason),
    /// MQTT 5: the broker has announced that it does not accept such a message, unlike the broker of an earlier connection.
    Limit(BrokerLimit),
    /// It did not come back within this time.
    NoEcho(Duration),
    /// The broker refused the subscription for its echo.
    NoSubscription(Reason),
    /// The broker closed the connection whenever it received it, with this reason in MQTT 5, and kept it open without it.
    Closed(Option<Reason>),
    /// The broker acknowledged other messages, but this one on no connection.
    NoAnswer,
    /// MQTT 5: the broker could not accept it for this time, with this reason.
    NotNow(Reason, Duration),
    /// Others to its topic were refused, so it is not sent.
    Topic,
}

impl Refusal {
    /// Returns what `broker` did with the message, as a sentence without a full stop.
    pub fn by(&self, broker: &BrokerUrl) -> String {
        match self {
            Refusal::Denied(reason) => format!("the broker {broker} refused it ({reason})"),
            Refusal::Limit(limit) => format!("the broker {broker} does not accept it: {limit}"),
            Refusal::NoEcho(after) => {
                let after = humantime::format_duration(*after);
                format!("it did not come back within {after}: the broker {broker} accepted it and dropped it")
            }
            Refusal::NoSubscription(reason) => {
                format!("the broker {broker} refused the subscription that its echo needs ({reason})")
            }
            Refusal::Closed(reason) => {
                let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
                format!("the broker {broker} closed the connection whenever it received it{reason}")
            }
            Refusal::NoAnswer => {
                format!("the broker {broker} acknowledged other messages, but this one on no connection")
            }
            Refusal::NotNow(reason, time) => {
                let time = humantime::format_duration(*time);
                format!("the broker {broker} has not accepted it for {time} ({reason})")
            }
            Refusal::Topic => format!("it is not sent, because the broker {broker} refused others to its topic"),
        }
    }
}

/// Why a message is set aside.
#[derive(Debug, thiserror::Error)]
pub enum Unsendable {
    /// It is not a valid message, or not valid for this broker.
    #[error(transparent)]
    Bad(#[from] BadLine),
    /// The broker does not accept it.
    #[error("{}", .refusal.by(.broker))]
    Refused { refusal: Refusal, broker: Arc<BrokerUrl> },
}
