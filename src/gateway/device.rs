//! One device: its queue, and the stream that empties it whenever there is something in it.

use std::cell::Cell;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use super::host::{Event, GatewayHost};
use super::metrics::DeviceMetrics;
use super::queue::Queue;
use super::queued::Queued;
use super::shared::Shared;
use crate::mqtt::connection::Connection;
use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::{CleanStart, ClientId, RetryClass};
use crate::name::{DeviceName, Topic};
use crate::publisher::format::Format;
use crate::publisher::lines::Splitting;
use crate::publisher::stream::{self, Options, Piece, Place, StreamFailure, StreamHost, run_from};

/// Messages in flight at most.
const WINDOW: usize = 1000;
/// The pause after a stream that failed, and after one more.
const SHORTEST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// A device that something is published as.
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

    /// Ends its stream after what is on its way.
    pub fn stop(&self) {
        self.is_stopping.send_replace(true);
    }

    /// Has a device that has failed try again now.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    async fn stopped(&self) {
        // The sender is there as long as this is.
        let _ = self.is_stopping.subscribe().wait_for(|is_stopping| *is_stopping).await;
    }

    /// Publishes what comes until it is [`stop`](Self::stop)ped.
    pub async fn run<H: GatewayHost>(self: Rc<Self>, shared: Rc<Shared<H>>) {
        let mut pause = SHORTEST_PAUSE;
        loop {
            while self.queue.is_empty() {
                tokio::select! {
                    biased;
                    () = self.stopped() => return,
                    () = self.queue.news() => {}
                }
            }
            let delivered = self.metrics.delivered.get();
            let result = self.publish(&shared).await;
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
            if let StreamFailure::LogIn(why) = &why {
                self.metrics.failed(shared.host.id(why));
            }
            shared.host.tell(&Event::DeviceFailed { device: &self.name, why: &why, pause });
            tokio::select! {
                () = self.stopped() => return,
                () = self.wake.notified() => {}
                () = sleep(pause) => {}
            }
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    /// Publishes until nothing has come for a while, or the device is stopped.
    async fn publish<H: GatewayHost>(&self, shared: &Rc<Shared<H>>) -> Result<(), StreamFailure<H::Error>> {
        let options = Options {
            // Of lines, of which there are none.
            format: Format::Payload,
            splitting: Splitting { separator: b'\n', max_line: 0 },
            topic: None,
            strict: false,
            allow_secret: false,
            deadline: None,
            retry_first: 0,
            // Of the messages, each by its route.
            qos: QoS::AtLeastOnce,
            retain: false,
            stamp: None,
            interval: None,
            confirm: shared.options.confirm,
            window: Some(WINDOW),
            timeout: shared.options.timeout,
            grace: shared.options.grace,
            retry_refused: shared.options.retry_refused,
            client_id: ClientId::Random,
        };
        let host = DeviceHost { shared, device: self };
        let source = Queued::new(&host, &self.queue, &self.next_number, shared.options.idle);
        let (signal, signals) = unbounded_channel();
        let mut running = pin!(run_from(&options, source, signals, &host));
        let (_, result) = tokio::select! {
            biased;
            ended = &mut running => return ended.1,
            () = self.stopped() => {
                // The receiver is there as long as the stream is.
                let _ = signal.send(());
                running.await
            }
        };
        result
    }
}

/// The host of a device's stream.
pub struct DeviceHost<'a, H> {
    pub shared: &'a Rc<Shared<H>>,
    pub device: &'a Device,
}

impl<H: GatewayHost> StreamHost for DeviceHost<'_, H> {
    type Error = H::Error;

    async fn log_in(&self, _: CleanStart) -> Result<Connection, H::Error> {
        let metrics = &self.device.metrics;
        metrics.connected.set(false);
        self.shared.pacer.turn().await;
        let result = self.shared.host.log_in(&self.device.name).await;
        match &result {
            Ok(_) => {
                metrics.log_ins.inc();
                metrics.connected.set(true);
                self.shared.host.tell(&Event::LoggedIn { device: &self.device.name });
            }
            Err(e) => {
                metrics.log_ins_failed.inc();
                metrics.failed(self.shared.host.id(e));
            }
        }
        result
    }

    fn judge(&self, error: &H::Error) -> RetryClass {
        self.shared.host.judge(error)
    }

    fn topic(&self, text: &str) -> Result<Topic, String> {
        let name = &self.device.name;
        let topic = name.topic(text).map_err(|e| e.to_string())?;
        match name.may_use(&topic) {
            true => Ok(topic),
            false => Err(format!("{topic} is not a topic of {name}'s hub")),
        }
    }

    fn put_aside(&self, _: &[u8], _: Piece) -> io::Result<()> {
        Ok(())
    }

    fn put_message_aside(&self, _: &[u8]) -> io::Result<Place> {
        Ok(Place::Source)
    }

    fn tell(&self, event: &stream::Event<'_, H::Error>) {
        if let stream::Event::Lost { .. } = event {
            self.device.metrics.connected.set(false);
        }
        self.shared.host.tell(&Event::Device { device: &self.device.name, event });
    }
}
