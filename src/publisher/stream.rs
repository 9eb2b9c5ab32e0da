//! A stream of lines to the broker: connections that come and go, and everything unacknowledged sent again on the next one.
//!
//! Messages come from a `Source`: `direct` from the input, or through the spool (`spooled`). A `session`
//! lasts over all connections of a run; what happens on one is an `exchange`. The caller is the [`StreamHost`].

mod admission;
mod aside;
mod burst;
mod caution;
mod direct;
mod error;
mod exchange;
mod host;
mod line_input;
mod not_taken;
mod options;
mod pace;
mod qos0;
mod refusal;
mod send_window;
mod session;
mod source;
mod spool_reader;
mod spool_run;
mod spool_writer;
mod spooled;
mod watch;

use std::io::Read;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::shutdown::Shutdown;
use super::stats::Stats;
pub use admission::Admission;
use direct::Direct;
pub use error::{StreamError, StreamFailure};
pub use host::{Event, KeptIn, LinePiece, StreamHost};
pub use options::{Confirm, Options};
pub use pace::Pace;
pub use refusal::{MessageNumber, Refusal, Refused, Unsendable};
pub use send_window::SendWindow;
use session::StreamSession;
pub use source::{Delivered, LogIn, Retries, Source, Stop};
pub use spool_reader::DrainEnd;
pub use spool_run::{SpoolRun, drain_spool, run_spooled};

/// Publishes the lines of `input` until its end; it is not read before the first log-in. Returns the accounting in any
/// case. `signals` has one item for each signal to end.
///
/// # Errors
/// [`StreamFailure`], beside the accounting.
pub async fn run<H: StreamHost>(
    options: &Options,
    input: impl Read + Send + 'static,
    signals: UnboundedReceiver<()>,
    host: &H,
) -> (Stats, Result<(), StreamFailure<H::Error>>) {
    run_from(options, Direct::new(options, host, input), signals, host).await
}

/// As [`run`], with messages from any source.
///
/// # Errors
/// [`StreamFailure`], beside the accounting.
pub async fn run_from<S: Source>(
    options: &Options,
    source: S,
    signals: UnboundedReceiver<()>,
    host: &S::Host,
) -> (Stats, Result<(), StreamFailure<<S::Host as StreamHost>::Error>>) {
    let began = Instant::now();
    let shutdown = Shutdown::new(signals, options.grace, options.deadline);
    let mut session = StreamSession::new(options, host, shutdown, source);
    let result = session.run().await;
    (Stats { took: began.elapsed(), ..session.stats() }, result)
}
