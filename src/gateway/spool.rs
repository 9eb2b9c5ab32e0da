//! A device's spool, for sources that keep nothing: a message is done at its source once it is on disk here, and is published from
//! there.

use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::device_host::DeviceHost;
use super::host::GatewayHost;
use super::queue::{Queue, QueuedMessage};
use crate::mqtt::packet::QoS;
use crate::publisher::stream::{DrainEnd, Options, StreamError, StreamFailure, drain_spool};
use crate::spool::worker::SpoolHandle;
use crate::spool::{Block, Record};

/// Pause between two attempts to store messages that the disk did not accept.
const PAUSE: Duration = Duration::from_secs(5);

/// Stores messages until `stopped`, and then the remaining ones.
pub async fn keep(queue: &Queue, spool: &SpoolHandle, stopped: impl Future<Output = ()>) {
    let mut stopped = std::pin::pin!(stopped);
    let mut is_stopping = false;
    loop {
        while store(queue, spool).await == Stored::All {
            if is_stopping {
                return;
            }
            tokio::select! {
                biased;
                () = queue.news() => {}
                () = &mut stopped => is_stopping = true,
            }
        }
        // Its sources still have the messages, if they keep any.
        if is_stopping {
            return;
        }
        tokio::select! {
            () = &mut stopped => is_stopping = true,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    All,
    NotAll,
}

/// Stores the messages that wait in the queue. Those that cannot be stored go back there.
async fn store(queue: &Queue, spool: &SpoolHandle) -> Stored {
    loop {
        let (mut block, mut taken) = (Block::default(), Vec::new());
        while block.bytes() < Block::FULL
            && let Some((lane, message)) = queue.pop_any()
        {
            let QueuedMessage { topic, payload, retain, .. } = &message;
            let record = Record { topic, payload, qos: QoS::AtLeastOnce, retain: *retain };
            let is_stored = block.push(&record).is_ok();
            taken.push((lane, message));
            if !is_stored {
                break;
            }
        }
        if taken.is_empty() {
            return Stored::All;
        }
        let all = block.len() as usize == taken.len();
        let stored = !block.is_empty() && spool.take(SystemTime::now(), block).get().await.is_ok();
        if all && stored {
            taken.into_iter().for_each(|(_, message)| message.receipt.settle());
            continue;
        }
        for (lane, message) in taken.into_iter().rev() {
            Queue::put_back(&lane, message);
        }
        return Stored::NotAll;
    }
}

/// Waits until the spool is not empty.
pub async fn filled(spool: &SpoolHandle) {
    // The sender lives as long as the handle.
    let _ = spool.progress().wait_for(|at| at.head < at.next).await;
}

/// Publishes the messages in the spool until it has been empty for a while.
///
/// # Errors
/// [`StreamFailure`].
pub async fn drain<H: GatewayHost>(
    options: &Options,
    signals: UnboundedReceiver<()>,
    host: &DeviceHost<'_, H>,
    queue: &Queue,
    spool: &SpoolHandle,
    idle: Duration,
) -> Result<(), StreamFailure<H::Error>> {
    let (end, ended) = watch::channel(DrainEnd::Open);
    let mut progress = spool.progress();
    let (from, rejected) = (progress.borrow().head, host.metrics.rejected.get());
    let mut delivered = 0;
    let mut draining = std::pin::pin!(drain_spool(options, signals, host, spool, ended));
    let mut quiet_since = Instant::now();
    let (stats, result) = loop {
        let at = *progress.borrow_and_update();
        // Messages that were dropped or set aside have left the spool as well.
        let rejected = host.metrics.rejected.get() - rejected;
        let now = (at.head - from).saturating_sub(rejected + at.dropped);
        host.metrics.delivered.add(now.saturating_sub(delivered));
        delivered = delivered.max(now);
        host.metrics.in_flight.set(at.next - at.head);
        host.metrics.waiting.set(queue.counts().0 as u64);
        let is_empty = at.head == at.next && *end.borrow() == DrainEnd::Open;
        tokio::select! {
            biased;
            drained = &mut draining => break drained,
            _ = progress.changed() => quiet_since = Instant::now(),
            () = sleep_until(quiet_since + idle), if is_empty => drop(end.send(DrainEnd::Before(at.next))),
        }
    };
    host.metrics.proved.add(stats.confirmed);
    host.metrics.resent.add(stats.resent);
    match result {
        // It is with the rejected ones.
        Err(StreamFailure::Stream(StreamError::Refused { .. })) => Ok(()),
        result => result,
    }
}
