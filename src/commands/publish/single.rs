//! `i3 pub -m`, `-f`, `-s` and `-n`: one message, attempted until it is delivered, refused, or out of time or attempts.

use std::time::SystemTime;

use serde_json::json;
use tokio::time::{Instant, sleep, timeout_at};

use super::args::Publish;
use crate::cli::broker::{self, CleanStart, Identity, block_on};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::stream::{no_echo, topic};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::mqtt::connection::{Connection, Endpoint};
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::{Backoff, RetryClass};
use crate::publisher::{self, Evidence, Message, Patience, PublishError, Reached};

/// Connections in a row that the broker closes at the message before it is asked whether it closes one without it as well.
const TELLING: u32 = 2;

/// Publishes the message.
///
/// # Errors
/// Whatever keeps it from arriving.
pub fn run(args: &Publish, ui: &Ui, config: &Config, client_id: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    let topic_text = args.topic.as_deref().ok_or_else(|| {
        CliError::new(ExitKind::Usage, "no topic is named").hint("give the full topic with -t USER/HUB/PRODUCT")
    })?;
    // Names before secrets, secrets before sockets: no prompt and no connection for a message that cannot be sent.
    let topic = topic::parse(topic_text, args.device(config).as_ref())?;
    let identity = args.credential.resolve(ui, config)?;
    let taken = SystemTime::now();
    let payload = args.payload(taken)?;
    let time = args.lines.stamp.as_ref().map_or(0, |stamp| stamp.milliseconds(taken));
    let message = Message { topic, payload, qos: args.qos, retain: args.retain, time };
    let endpoint = args.broker.endpoint(ui, config, identity.device.as_ref())?.value;

    let end = args.lines.delivery.deadline.and_then(|time| began.checked_add(time));
    let delivery = Delivery { args, ui, endpoint: &endpoint, client_id, identity: &identity, message: &message, end };
    let started = Instant::now();
    let Delivered { evidence, times_sent } = block_on(delivery.run())?;
    let took = started.elapsed();
    match evidence {
        Evidence::Echo => ui.detail(&format!("Delivered: it came back after {} ms.", took.as_millis())),
        Evidence::Reason => ui.detail("Delivered: the broker's reason code says so."),
        Evidence::Acknowledged => ui.detail("Acknowledged; a dropped message would be, too."),
        Evidence::Sent => ui.detail("Sent; nothing tells whether it was dropped."),
    }
    if times_sent > 1 {
        ui.warn(&format!("the message was sent {times_sent} times, and may have arrived as often."));
    }
    if ui.json {
        ui.line(
            &json!({
                "topic": message.topic.as_str(), "device": identity.user_name, "bytes": message.payload.len(),
                "qos": message.qos as u8, "retain": message.retain, "proof": evidence, "sent": times_sent,
                "milliseconds": took.as_millis() as u64,
            })
            .to_string(),
        )?;
    }
    Ok(())
}

/// A message, and what it takes to deliver it.
struct Delivery<'a> {
    args: &'a Publish,
    ui: &'a Ui,
    endpoint: &'a Endpoint,
    client_id: &'a str,
    identity: &'a Identity,
    message: &'a Message,
    /// When the time of `--deadline` is over.
    end: Option<Instant>,
}

struct Delivered {
    evidence: Evidence,
    /// How often the whole message was sent.
    times_sent: u32,
}

/// What has come of the attempts so far.
#[derive(Default)]
struct Tried {
    /// How far the message has come.
    reached: Reached,
    /// Attempts in which the whole message was sent.
    times_sent: u32,
    /// Connections in a row that the broker closed at the message.
    closed: u32,
}

impl Delivery<'_> {
    async fn run(&self) -> anyhow::Result<Delivered> {
        let mut backoff = Backoff::default();
        let mut retries = self.args.retry;
        let mut tried = Tried::default();
        loop {
            let error = match self.attempt(&tried).await {
                Ok(evidence) => return Ok(Delivered { evidence, times_sent: tried.times_sent + 1 }),
                Err(error) => error,
            };
            tried.note(&error);
            if tried.closed >= TELLING && self.in_time(&tried, self.is_kept_without_it()).await? {
                let (topic, times) = (self.message.topic.clone(), tried.closed);
                return Err(PublishError::ClosedAgain { topic, times }.into());
            }
            if retries == 0 || !may_be_retried(&error) {
                return Err(error);
            }
            retries -= 1;
            let pause = backoff.pause();
            let twice = match tried.times_sent {
                0 => "",
                _ => " The message may have arrived, and then arrives again.",
            };
            self.ui.note(&format!("{error:#}; trying again in {:.1} s.{twice}", pause.as_secs_f64()));
            self.in_time(&tried, sleep(pause)).await?;
        }
    }

    async fn attempt(&self, tried: &Tried) -> anyhow::Result<Evidence> {
        let mut connection = self.in_time(tried, self.log_in()).await??;
        let patience = Patience { timeout: self.args.broker.timeout, end: self.end };
        let result = publisher::publish(&mut connection, self.message, self.args.confirm.into(), patience).await;
        match result {
            Ok(evidence) => {
                // With this one the connection has ended.
                if evidence != Evidence::Sent {
                    let _ = connection.close().await;
                }
                Ok(evidence)
            }
            Err(e @ (PublishError::NoEcho { .. } | PublishError::Refused { reason: Reason::NOT_AUTHORIZED, .. })) => {
                let _ = connection.close().await;
                let own_id = self.args.broker.id.is_some();
                Err(no_echo::explain(e.to_string(), self.identity, &self.message.topic, own_id).into())
            }
            Err(PublishError::Deadline { topic, reached }) => {
                Err(PublishError::Deadline { topic, reached: reached.max(tried.reached) }.into())
            }
            Err(e) => Err(e.into()),
        }
    }

    async fn log_in(&self) -> anyhow::Result<Connection> {
        self.args.broker.log_in(self.ui, self.endpoint, self.client_id, self.identity, CleanStart::Yes).await
    }

    /// Returns whether the broker keeps a connection without the message.
    async fn is_kept_without_it(&self) -> bool {
        let Ok(mut connection) = self.log_in().await else { return false };
        let is_kept = publisher::answers(&mut connection, self.args.broker.timeout).await;
        if is_kept {
            let _ = connection.close().await;
        }
        is_kept
    }

    /// Returns what `work` comes to before the deadline.
    async fn in_time<T>(&self, tried: &Tried, work: impl Future<Output = T>) -> Result<T, PublishError> {
        let Some(end) = self.end else { return Ok(work.await) };
        let late = |_| PublishError::Deadline { topic: self.message.topic.clone(), reached: tried.reached };
        timeout_at(end, work).await.map_err(late)
    }
}

impl Tried {
    fn note(&mut self, error: &anyhow::Error) {
        let Some(error) = error.downcast_ref::<PublishError>() else { return };
        let reached = error.reached();
        self.reached = self.reached.max(reached);
        self.times_sent += u32::from(reached >= Reached::Sent);
        match error {
            PublishError::Closed { .. } => self.closed += 1,
            _ => self.closed = 0,
        }
    }
}

/// Returns whether another attempt makes sense.
fn may_be_retried(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<PublishError>() {
        Some(error) => error.is_passing(),
        None => broker::retry_class(error) == RetryClass::Passing,
    }
}
