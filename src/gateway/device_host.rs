//! The host of a device's stream: its log-ins wait their turn, and events are counted and reported.

use std::io;

use super::host::{Event, GatewayHost, Rejected};
use super::metrics::DeviceMetrics;
use super::shared::Shared;
use crate::mqtt::connection::Connection;
use crate::mqtt::reconnect::{CleanStart, RetryClass};
use crate::name::{DeviceName, Topic};
use crate::publisher::format::Format;
use crate::publisher::stream::{self, KeptIn, LinePiece, StreamHost};

/// The host of a device's stream.
pub struct DeviceHost<'a, H> {
    pub shared: &'a Shared<H>,
    pub name: &'a DeviceName,
    pub metrics: &'a DeviceMetrics,
}

impl<H: GatewayHost> StreamHost for DeviceHost<'_, H> {
    type Error = H::Error;

    async fn log_in(&self, _: CleanStart) -> Result<Connection, H::Error> {
        let metrics = self.metrics;
        metrics.connected.set(false);
        self.shared.pacer.turn().await;
        let result = self.shared.host.log_in(self.name).await;
        match &result {
            Ok(_) => {
                metrics.log_ins.inc();
                metrics.connected.set(true);
                self.shared.host.tell(&Event::LoggedIn { device: self.name });
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
        let name = self.name;
        let topic = name.topic(text).map_err(|e| e.to_string())?;
        match name.may_use(&topic) {
            true => Ok(topic),
            false => Err(format!("{topic} is not a topic of {name}'s hub")),
        }
    }

    fn put_aside(&self, _: &[u8], _: LinePiece) -> io::Result<()> {
        Ok(())
    }

    fn put_message_aside(&self, line: &[u8]) -> io::Result<KeptIn> {
        let message = Format::Json.decode(line).map_err(io::Error::other)?;
        let topic = message.topic.as_deref().unwrap_or_default();
        let (device, payload, retain) = (self.name, &*message.payload, message.retain.unwrap_or_default());
        let why = "it was in the spool, and the broker does not take it";
        let rejected = Rejected { source: "", from: "", device, topic, payload, is_original: false, retain, why };
        self.shared.reject(&rejected, None)?;
        Ok(KeptIn::Rejects)
    }

    fn tell(&self, event: &stream::Event<'_, H::Error>) {
        if let stream::Event::Lost { .. } = event {
            self.metrics.connected.set(false);
        }
        self.shared.host.tell(&Event::Device { device: self.name, event });
    }
}
