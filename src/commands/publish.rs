//! `i3 pub`: publishes a message, or each line of stdin, and says whether it arrived.

mod args;
mod stream;

use std::time::{Instant, SystemTime};

use serde_json::json;

use crate::cli;
use crate::cli::broker::{self, CleanStart, Identity, block_on};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::stream::delivery::{ConfirmArg, needs_v5};
use crate::cli::stream::{no_echo, topic};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::mqtt::connection::Endpoint;
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::{Backoff, RetryClass};
use crate::publisher::stamp::Stamp;
use crate::publisher::{self, Confirm, Message, Proof, PublishError};
pub use args::Publish;

impl Publish {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps the message from arriving.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if self.broker.asks_for_help(self.is_empty())? {
            return ui.line(&cli::long_help::<Publish>("pub", ui));
        }
        let config = Config::load()?;
        let client_id = self.broker.client_id()?;
        if self.lines.stamp == Some(Stamp::V5) {
            needs_v5(&self.broker, "--stamp v5", "give -V 5, or --stamp json:FIELD")?;
        }
        if self.lines.are_wanted() || self.spool.is_wanted() {
            return stream::run(&self, ui, &config, &client_id);
        }
        let topic_text = self.topic.as_deref().ok_or_else(|| {
            CliError::new(ExitKind::Usage, "no topic is named").hint("give the full topic with -t USER/HUB/PRODUCT")
        })?;
        let (qos, confirm) = (
            self.qos,
            match self.confirm {
                ConfirmArg::First | ConfirmArg::All => Confirm::Proof,
                ConfirmArg::None => Confirm::None,
            },
        );
        // Names before secrets, secrets before sockets: no prompt and no connection for a message that cannot be sent.
        let topic = topic::parse(topic_text, self.device(&config).as_ref())?;
        let identity = self.credential.resolve(ui, &config)?;
        let taken = SystemTime::now();
        let payload = self.payload(taken)?;
        let time = self.lines.stamp.as_ref().map_or(0, |stamp| stamp.milliseconds(taken));
        let message = Message { topic, payload, qos, retain: self.retain, time };
        let endpoint = self.broker.endpoint(ui, &config, identity.device.as_ref())?.value;

        let began = Instant::now();
        let proof = block_on(self.attempts(ui, &endpoint, &client_id, &identity, &message, confirm))?;
        let took = began.elapsed();
        match proof {
            Proof::Echo => ui.detail(&format!("Delivered: it came back after {} ms.", took.as_millis())),
            Proof::Reason => ui.detail("Delivered: the broker's reason code says so."),
            Proof::Acknowledged => ui.detail("Acknowledged; a dropped message would be, too."),
            Proof::Sent => ui.detail("Sent; nothing tells whether it was dropped."),
        }
        if ui.json {
            ui.line(
                &json!({
                    "topic": message.topic.as_str(), "device": identity.user_name, "bytes": message.payload.len(),
                    "qos": qos as u8, "retain": message.retain, "proof": proof, "milliseconds": took.as_millis() as u64,
                })
                .to_string(),
            )?;
        }
        Ok(())
    }

    async fn attempts(
        &self,
        ui: &Ui,
        endpoint: &Endpoint,
        client_id: &str,
        identity: &Identity,
        message: &Message,
        confirm: Confirm,
    ) -> anyhow::Result<Proof> {
        let mut backoff = Backoff::default();
        let mut retries = self.retry;
        loop {
            match self.attempt(ui, endpoint, client_id, identity, message, confirm).await {
                Err(e) if retries > 0 && may_be_retried(&e) => {
                    retries -= 1;
                    let pause = backoff.pause();
                    ui.note(&format!("{e:#}; trying again in {:.1} s.", pause.as_secs_f64()));
                    tokio::time::sleep(pause).await;
                }
                result => return result,
            }
        }
    }

    async fn attempt(
        &self,
        ui: &Ui,
        endpoint: &Endpoint,
        client_id: &str,
        identity: &Identity,
        message: &Message,
        confirm: Confirm,
    ) -> anyhow::Result<Proof> {
        let mut connection = self.broker.log_in(ui, endpoint, client_id, identity, CleanStart::Yes).await?;
        let result = publisher::publish(&mut connection, message, confirm, self.broker.timeout).await;
        match result {
            Ok(proof) => {
                // Proved or not, what was queued has to leave before the connection goes.
                let closed = connection.close().await;
                if proof == Proof::Sent {
                    let topic = message.topic.clone();
                    closed.map_err(|source| PublishError::Link { topic, sent: false, source })?;
                }
                Ok(proof)
            }
            Err(e @ (PublishError::NoEcho { .. } | PublishError::Refused { reason: Reason::NOT_AUTHORIZED, .. })) => {
                let _ = connection.close().await;
                Err(no_echo::explain(e.to_string(), identity, &message.topic, self.broker.id.is_some()).into())
            }
            Err(e) => Err(e.into()),
        }
    }
}

/// Returns whether another attempt makes sense: a refused message stays refused, but a broker may come back.
fn may_be_retried(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<PublishError>() {
        Some(e) => matches!(e, PublishError::Link { .. } | PublishError::NotAcknowledged { .. }),
        None => broker::retry_class(error) == RetryClass::Passing,
    }
}
