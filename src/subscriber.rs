//! Messages in: subscribes, hands each message over, acknowledges it, and reconnects when a connection ends.
//!
//! The [`SubscriberHost`] logs in, classifies failures and reports to the person; the [`Output`] takes the messages. A
//! message is acknowledged once the output has settled it, never before. While the output is full, nothing more is read:
//! the broker is held back, and the connection is kept alive.

mod alarms;
mod error;
mod exchange;
mod host;
mod options;
mod receipts;
mod session;

use tokio::sync::mpsc::UnboundedReceiver;

pub use error::{Awaited, SubscribeError, SubscriberFailure};
pub use exchange::{MAX_OUTPUT, STRAYS};
pub use host::{Event, Output, SubscriberHost};
pub use options::{End, Options, RetainedFilter};
use session::SubscriberSession;

/// The result of a run.
#[derive(Debug)]
pub struct Outcome<E> {
    /// Messages that counted.
    pub count: u64,
    /// Messages that were taken but not settled by the output at the end: none of them was acknowledged.
    pub unsettled: u64,
    /// How it ended, or why it failed.
    pub result: Result<End, SubscriberFailure<E>>,
}

/// Subscribes and listens until the options, a signal or a failure end the run. `signals` has one item for each signal.
///
/// A run never succeeds before everything that it requested from the broker was granted once.
pub async fn run<H: SubscriberHost, O: Output<Error = H::Error>>(
    options: &Options,
    signals: UnboundedReceiver<()>,
    host: &mut H,
    output: &mut O,
) -> Outcome<H::Error> {
    let mut session = SubscriberSession::new(options, signals, host, output);
    let result = session.run().await;
    Outcome { count: session.count(), unsettled: session.unsettled(), result }
}
