//! One device: its queue, and the stream that empties it whenever there is something in it, or in its spool.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::device_host::DeviceHost;
use super::host::{Event, GatewayHost};
use super::metrics::DeviceMetrics;
use super::queue::Queue;
use super::queued::Queued;
use super::shared::Shared;
use super::spool;
use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::ClientId;
use crate::name::DeviceName;
use crate::publisher::format::Format;
use crate::publisher::lines::Splitting;
use crate::publisher::stream::{Options, StreamFailure, run_from};
use crate::spool::worker::SpoolHandle;

/// Most messages in flight.
const WINDOW: usize = 1000;
/// The first pause after a failed stream, and the longest.
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// A device that messages are published as.
pub struct Device {
    pub name: DeviceName,
    pub queue: Queue,
    pub metrics: Rc<DeviceMetrics>,
    next_number: Cell<u64>,
    is_stopping: watch::Sender<bool>,
    /// Ends the pause after a failure.
    wake: Notify,
}

impl Device {
    pub fn new(name: DeviceName, metrics: Rc<DeviceMetrics>) -> Device {
        let is_stopping = watch::channel(false).0;
        Device { name, queue: Queue::default(), metrics, next_number: Cell::new(1), is_stopping, wake: Notify::new() }
    }

    /// Ends its stream once the messages in flight are done.
    pub fn stop(&self) {
        self.is_stopping.send_replace(true);
    }

    /// Makes a failed device try again now.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    async fn stopped(&self) {
        // The sender lives as long as this.
        let _ = self.is_stopping.subscribe().wait_for(|is_stopping| *is_stopping).await;
    }

    /// Publishes messages until it is [`stop`](Self::stop)ped.
    pub async fn run<H: GatewayHost>(self: Rc<Self>, shared: Rc<Shared<H>>) {
        let mut pause = SHORTEST_PAUSE;
        let spool = loop {
            match shared.host.spool(&self.name) {
                None => break None,
                Some(Ok(spool)) => break Some(spool),
                Some(Err(why)) => {
                    if self.rest(&shared, &StreamFailure::LogIn(why), &mut pause).await == Rested::Stopped {
                        return;
                    }
                }
            }
        };
        match spool {
            None => self.run_on(&shared, None).await,
            Some((spool, worker)) => {
                tokio::join!(spool::keep(&self.queue, &spool, self.stopped()), self.run_on(&shared, Some(&spool)));
                worker.finish(spool);
            }
        }
    }

    async fn run_on<H: GatewayHost>(&self, shared: &Shared<H>, spool: Option<&SpoolHandle>) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            let something = async {
                match spool {
                    Some(spool) => spool::filled(spool).await,
                    None => {
                        while self.queue.is_empty() {
                            self.queue.news().await
                        }
                    }
                }
            };
            tokio::select! {
                biased;
                () = self.stopped() => return,
                () = something => {}
            }
            let delivered = self.metrics.delivered.get();
            let result = self.publish(shared, spool).await;
            self.metrics.connected.set(false);
            if *self.is_stopping.borrow() {
                return;
            }
            let Err(why) = result else {
                shared.host.tell(&Event::Idle { device: &self.name });
                continue;
            };
            if self.metrics.delivered.get() > delivered {
                pause = SHORTEST_PAUSE;
            }
            if self.rest(shared, &why, &mut pause).await == Rested::Stopped {
                return;
            }
        }
    }

    /// Reports a failure, and waits before the next attempt.
    async fn rest<H: GatewayHost>(
        &self,
        shared: &Shared<H>,
        why: &StreamFailure<H::Error>,
        pause: &mut Duration,
    ) -> Rested {
        if let StreamFailure::LogIn(why) = why {
            self.metrics.failed(shared.host.id(why));
        }
        shared.host.tell(&Event::DeviceFailed { device: &self.name, why, pause: *pause });
        let rested = tokio::select! {
            () = self.stopped() => Rested::Stopped,
            () = self.wake.notified() => Rested::Enough,
            () = sleep(*pause) => Rested::Enough,
        };
        *pause = (2 * *pause).min(LONGEST_PAUSE);
        rested
    }

    /// Publishes until no message has arrived for a while, or the device is stopped.
    async fn publish<H: GatewayHost>(
        &self,
        shared: &Shared<H>,
        spool: Option<&SpoolHandle>,
    ) -> Result<(), StreamFailure<H::Error>> {
        let options = Options {
            // The format of lines, of which there are none; a message that is set aside must be complete.
            format: Format::Json,
            splitting: Splitting { separator: b'\n', max_line: 0 },
            topic: None,
            strict: false,
            allow_secret: false,
            deadline: None,
            retry_first: 0,
            // The topic of a message comes from its route.
            qos: QoS::AtLeastOnce,
            retain: false,
            stamp: None,
            // In the spool the route of a message is unknown.
            interval: spool.and_then(|_| self.queue.interval()),
            confirm: shared.options.confirm,
            window: Some(WINDOW),
            timeout: shared.options.timeout,
            grace: shared.options.grace,
            retry_refused: shared.options.retry_refused,
            client_id: ClientId::Random,
        };
        let host = DeviceHost { shared, name: &self.name, metrics: &self.metrics };
        let idle = shared.options.idle;
        let (signal, signals) = unbounded_channel();
        let publishing = async {
            match spool {
                Some(spool) => spool::drain(&options, signals, &host, &self.queue, spool, idle).await,
                None => {
                    let source = Queued::new(&host, &self.queue, &self.next_number, idle);
                    run_from(&options, source, signals, &host).await.1
                }
            }
        };
        let mut publishing = pin!(publishing);
        tokio::select! {
            biased;
            result = &mut publishing => result,
            () = self.stopped() => {
                // The receiver lives as long as the stream.
                let _ = signal.send(());
                publishing.await
            }
        }
    }
}

/// How a pause ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rested {
    Enough,
    Stopped,
}
