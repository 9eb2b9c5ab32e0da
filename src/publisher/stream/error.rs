//! Why a stream failed.

use std::io;
use std::sync::Arc;

use super::refusal::{MessageNumber, Refusal, Unsendable};
use crate::broker_url::BrokerUrl;
use crate::mqtt::connection::ConnectionError;
use crate::name::Topic;
use crate::publisher::format::BadLine;
use crate::publisher::shutdown::Cause;
use crate::spool::worker::SpoolWorkerError;

/// Why a stream did not deliver all its lines. Lines are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The broker does not accept this message, and either nothing was delivered or nothing keeps refused messages.
    #[error("{}", refused(*.origin, .topic, *.refusal, .broker))]
    Refused { origin: MessageNumber, topic: Topic, refusal: Refusal, broker: Arc<BrokerUrl> },
    /// The broker accepts log-ins but acknowledges nothing.
    #[error("the broker did not acknowledge {origin} to {topic} on {connections} connections in a row")]
    NotAcknowledged { origin: MessageNumber, topic: Topic, connections: u32, source: ConnectionError },
    /// A bad line, with `strict`.
    #[error("line {line} cannot be published")]
    BadLine { line: u64, source: BadLine },
    /// It had to end before everything was acknowledged.
    #[error("{missing} of {read} lines are not acknowledged: {cause}")]
    Unfinished { missing: u64, read: u64, cause: Cause },
    /// It had to end while no broker could be reached. What was read is acknowledged.
    #[error("nothing was read{}: {cause}", after_line(*.read))]
    Cut { read: u64, cause: Cause },
    /// QoS 0: a connection ended with lines in flight, which may or may not have arrived.
    #[error("{} at QoS 0 when a connection ended, and may be lost", on_their_way(*.lines))]
    MayBeLost { lines: u64 },
    /// The input cannot be read.
    #[error("the input cannot be read")]
    Input(#[source] io::Error),
    /// Bad lines cannot be set aside.
    #[error("bad lines cannot be set aside")]
    Aside(#[source] io::Error),
    /// The spool cannot be read or written.
    #[error("the spool fails")]
    Spool(#[source] SpoolWorkerError),
    /// This line and those after it are neither in the spool nor published.
    #[error("line {line} and the lines after it were not stored in the spool")]
    NotTaken { line: u64, source: SpoolWorkerError },
    /// This record of the spool cannot be sent to this broker or by this device, or is refused, and so are `more` records
    /// after it.
    #[error("record {record} of the spool, to {topic}, cannot be published{}", and_more(.more))]
    Unsendable { record: u64, topic: String, more: u64, source: Unsendable },
    /// Another run has found that these records, which this run took, cannot be sent.
    #[error("record {first} of the spool cannot be published, as the run that drains it found{}", and_more(.more))]
    Held { first: u64, more: u64 },
    /// It had to end before the spool was drained.
    #[error("the spool is not drained: {cause}")]
    NotDrained { cause: Cause },
}

fn refused(origin: MessageNumber, topic: &Topic, refusal: Refusal, broker: &BrokerUrl) -> String {
    match refusal {
        Refusal::Denied(reason) => format!("the broker {broker} refused {origin} to {topic} ({reason})"),
        Refusal::Limit(limit) => format!("the broker {broker} does not accept {origin} to {topic}: {limit}"),
        Refusal::NoEcho(after) => {
            let after = humantime::format_duration(after);
            format!(
                "{origin} to {topic} did not come back within {after}: the broker {broker} accepted it and dropped it"
            )
        }
        Refusal::NoSubscription(reason) => {
            format!(
                "the broker {broker} refused the subscription to {topic} that the echo of {origin} needs ({reason})"
            )
        }
        Refusal::Closed(reason) => {
            let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!(
                "the broker {broker} closed the connection whenever it received {origin} to {topic}, and kept it open without it{reason}"
            )
        }
        Refusal::NoAnswer => {
            format!("the broker {broker} acknowledged other messages, but {origin} to {topic} on no connection")
        }
        Refusal::NotNow(reason, time) => {
            let time = humantime::format_duration(time);
            format!("the broker {broker} has not accepted {origin} to {topic} for {time} ({reason})")
        }
        Refusal::Topic => {
            format!("{origin} to {topic} was not sent, because the broker {broker} refused others to its topic")
        }
    }
}

fn after_line(line: u64) -> String {
    if line == 0 { String::new() } else { format!(" after line {line}") }
}

fn on_their_way(lines: u64) -> String {
    if lines == 1 { "1 line was on its way".into() } else { format!("{lines} lines were on their way") }
}

fn and_more(number: &u64) -> String {
    if *number == 0 { String::new() } else { format!(", nor can {number} more") }
}

/// Why a run failed.
#[derive(Debug)]
pub enum StreamFailure<E> {
    /// The log-in failed.
    LogIn(E),
    /// Anything else.
    Stream(StreamError),
}

impl<E> From<StreamError> for StreamFailure<E> {
    fn from(e: StreamError) -> Self {
        StreamFailure::Stream(e)
    }
}
