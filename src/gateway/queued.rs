//! A device's queue as the source of a stream: admitted messages stay in the queue until they are done, across connections.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::device_host::DeviceHost;
use super::host::{GatewayHost, Rejected};
use super::queue::{Admitted, Queue, QueuedMessage};
use crate::mqtt::packet::QoS;
use crate::publisher::format::BadLine;
use crate::publisher::shutdown::Cause;
use crate::publisher::stats::Stats;
use crate::publisher::stream::{
    Admission, Delivered, LogIn, MessageNumber, Refusal, Refused, Retries, SendWindow, Source, Stop, StreamError,
};
use crate::publisher::window::Qos0;
use crate::spool::Record;

/// A queue that one stream empties.
pub struct Queued<'a, H> {
    host: &'a DeviceHost<'a, H>,
    queue: &'a Queue,
    /// The run ends when no message has arrived for this time.
    idle: Duration,
    idle_since: Instant,
    /// Of the admitted messages, how many this run has taken: the first ones belong to an earlier run.
    taken: usize,
    next_number: &'a Cell<u64>,
    is_ending: bool,
    /// A message could not be admitted before something is acknowledged.
    waits_for_window: bool,
    /// As last written to the metrics.
    counted: Stats,
}

impl<'a, H: GatewayHost> Queued<'a, H> {
    pub fn new(host: &'a DeviceHost<'a, H>, queue: &'a Queue, next_number: &'a Cell<u64>, idle: Duration) -> Self {
        Queued {
            host,
            queue,
            idle,
            idle_since: Instant::now(),
            taken: 0,
            next_number,
            is_ending: false,
            waits_for_window: false,
            counted: Stats::default(),
        }
    }

    fn admit(
        window: &mut SendWindow<'_, DeviceHost<'_, H>>,
        number: u64,
        QueuedMessage { topic, payload, retain, taken, .. }: &QueuedMessage,
    ) -> Result<Admission, BadLine> {
        let record = Record { topic, payload, qos: QoS::AtLeastOnce, retain: *retain };
        window.admit(number, *taken, &record)
    }

    /// Sets aside a message that can never be delivered.
    fn reject(&self, message: &QueuedMessage, why: &str) -> Result<(), StreamError> {
        let QueuedMessage { source, from, route, topic, payload, retain, receipt, .. } = message;
        let device = self.host.name;
        let (is_original, retain) = (false, *retain);
        let rejected = Rejected { source, from, device, topic, payload, is_original, retain, why };
        self.host.shared.reject(&rejected, Some(receipt)).map_err(StreamError::Aside)?;
        route.rejected.inc();
        Ok(())
    }

    /// Settles the messages that are done.
    fn settle(&mut self, so_far: Delivered) {
        let mut done = 0;
        {
            let mut admitted = self.queue.admitted.borrow_mut();
            while self.taken > 0
                && let Some(first) = admitted.front()
                && match so_far {
                    Delivered::All => true,
                    Delivered::Below(number) => first.number < number,
                }
                && let Some(Admitted { message, is_rejected, .. }) = admitted.pop_front()
            {
                self.taken -= 1;
                done += 1;
                if !is_rejected {
                    self.host.metrics.delivered.inc();
                    message.route.delivered.inc();
                }
                message.receipt.settle();
            }
        }
        if done > 0 {
            self.idle_since = Instant::now();
        }
    }

    fn count_on(&mut self, sent: &Stats) {
        let metrics = self.host.metrics;
        metrics.proved.add(sent.confirmed - self.counted.confirmed);
        metrics.resent.add(sent.resent - self.counted.resent);
        let (waiting, in_flight) = self.queue.counts();
        metrics.waiting.set(waiting as u64);
        metrics.in_flight.set(in_flight as u64);
        self.counted = *sent;
    }
}

impl<'a, H: GatewayHost> Source for Queued<'a, H> {
    type Host = DeviceHost<'a, H>;

    const WINDOW_BYTES: usize = 4 * 1024 * 1024;
    const QOS_0: Qos0 = Qos0::Keep;

    fn start(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn fill(&mut self, window: &mut SendWindow<'_, Self::Host>) -> Result<bool, StreamError> {
        let mut any = false;
        self.waits_for_window = false;
        // Those of an earlier run that are not done.
        loop {
            let mut admitted = self.queue.admitted.borrow_mut();
            let Some(next) = admitted.get_mut(self.taken) else { break };
            if !next.is_rejected {
                match Self::admit(window, next.number, &next.message) {
                    Ok(Admission::Accepted) => {}
                    Ok(Admission::NotYet) => {
                        self.waits_for_window = true;
                        return Ok(any);
                    }
                    refused => {
                        self.reject(&next.message, &told(refused))?;
                        next.is_rejected = true;
                    }
                }
            }
            self.taken += 1;
            any = true;
        }
        while !self.is_ending && window.window.has_room() {
            let now = Instant::now();
            let Some((lane, message)) = self.queue.pop(now) else { break };
            let number = self.next_number.get();
            let is_rejected = match Self::admit(window, number, &message) {
                Ok(Admission::Accepted) => {
                    Queue::leaves(&lane, now);
                    false
                }
                Ok(Admission::NotYet) => {
                    Queue::put_back(&lane, message);
                    self.waits_for_window = true;
                    break;
                }
                refused => {
                    if let Err(e) = self.reject(&message, &told(refused)) {
                        Queue::put_back(&lane, message);
                        return Err(e);
                    }
                    true
                }
            };
            self.next_number.set(number + 1);
            self.queue.admitted.borrow_mut().push_back(Admitted { number, message, is_rejected });
            self.taken += 1;
            any = true;
        }
        Ok(any)
    }

    fn has_messages(&self) -> bool {
        let has_next = || !self.is_ending && self.queue.has_next(Instant::now());
        !self.waits_for_window && (self.taken < self.queue.admitted.borrow().len() || has_next())
    }

    async fn more(&mut self, window_has_room: bool) -> Result<(), StreamError> {
        let now = Instant::now();
        // Before the clock, so that a message that has arrived counts, even if this is late.
        let takes_more = window_has_room && !self.waits_for_window && !self.is_ending;
        let due = self.queue.due(now).filter(|_| takes_more);
        let idle_until = self.idle_since + self.idle;
        let is_idle = self.queue.is_empty();
        tokio::select! {
            biased;
            () = sleep_until(due.unwrap_or(now)), if due.is_some() => {}
            () = self.queue.news(), if takes_more => self.idle_since = Instant::now(),
            () = sleep_until(idle_until), if is_idle && !self.is_ending => self.is_ending = true,
            else => std::future::pending().await,
        }
        Ok(())
    }

    fn acknowledged(&mut self, so_far: Delivered, sent: &Stats) {
        self.settle(so_far);
        self.count_on(sent);
    }

    fn disconnected(&mut self, so_far: Delivered) {
        self.settle(so_far);
    }

    fn origin(number: u64) -> MessageNumber {
        MessageNumber::Message(number)
    }

    fn delivered(&mut self) {}

    fn refused(&mut self, Refused { broker, message, .. }: &Refused<'_>, refusal: Refusal) -> Result<(), StreamError> {
        let mut admitted = self.queue.admitted.borrow_mut();
        let at = admitted.front().and_then(|first| usize::try_from(message.line.checked_sub(first.number)?).ok());
        if let Some(refused) = at.and_then(|at| admitted.get_mut(at)) {
            self.reject(&refused.message, &refusal.by(broker))?;
            refused.is_rejected = true;
        }
        Ok(())
    }

    fn is_finished(&self) -> bool {
        self.is_ending && self.taken == self.queue.admitted.borrow().len()
    }

    fn may_end_early(&self) -> bool {
        true
    }

    fn stop(&mut self) -> Stop {
        self.is_ending = true;
        self.queue.give_up_waiting();
        if self.queue.is_empty() { Stop::Over } else { Stop::Drain }
    }

    async fn input_ended(&mut self) {
        std::future::pending().await
    }

    fn retries(&self, _: LogIn) -> Retries {
        Retries::Unlimited
    }

    fn unfinished(&self, cause: Cause, sent: &Stats) -> StreamError {
        StreamError::Unfinished { missing: self.taken as u64, read: sent.sent, cause }
    }

    fn count(&self, sent: &Stats) -> Stats {
        *sent
    }

    fn finish(&mut self) -> Result<(), StreamError> {
        Ok(())
    }
}

/// Returns why a message was not admitted.
fn told(answer: Result<Admission, BadLine>) -> String {
    answer.err().map_or_else(|| "its topic was refused a while ago".into(), |why| why.to_string())
}
