//! `i3 pub -m`, `-f`, `-s` and `-n`: one message, attempted until it is delivered, refused, or out of time or attempts.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use tokio::time::{sleep, timeout_at};

use super::args::Publish;
use super::by_agent::RunningAgent;
use crate::cli::broker::{CleanStart, Identity, random_client_id};
use crate::cli::broker_log_in;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::recent_names::RecentNames;
use crate::cli::runtime::block_on;
use crate::cli::stream::no_echo::{self, PublishedBy};
use crate::cli::stream::topic;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::mqtt::connection::{Connection, Endpoint};
use crate::mqtt::packet::Reason;
use crate::mqtt::reconnect::{Backoff, RetryClass};
use crate::name::DeviceName;
use crate::publisher::{self, Confirm, Evidence, Message, Patience, PublishError, Publisher, Reached};

/// Connections in a row that the broker closes at the message before it is checked whether it closes one without it as well.
const TELLING: u32 = 2;

/// Publishes the message.
///
/// # Errors
/// Anything that keeps it from arriving.
pub fn run(args: &Publish, ui: &Ui, config: &Config, client_id: &str) -> anyhow::Result<()> {
    let began = Instant::now();
    let topic_text = args.topic.as_deref().ok_or_else(|| {
        CliError::new(ExitKind::Usage, "no topic is given").hint("give the full topic with -t USER/HUB/PRODUCT")
    })?;
    let device = args.device(config);
    // Names before secrets, secrets before sockets: no prompt and no connection for a message that cannot be sent.
    let topic = topic::parse(topic_text, device.as_ref(), args.outside()?)?;
    let agent = RunningAgent::find(args, ui, config, device.as_ref());
    let direct = OnceCell::new();
    if agent.is_none() {
        let _ = direct.set(Direct::prepare(args, ui, config)?);
    }
    let taken = SystemTime::now();
    let payload = args.payload(taken)?;
    let time = args.lines.stamp.as_ref().map_or(0, |stamp| stamp.milliseconds(taken));
    let message = Message { topic, payload, qos: args.qos, retain: args.retain, time };

    let end = args.lines.delivery.deadline.and_then(|time| began.checked_add(time));
    let held = RefCell::default();
    let delivery = Delivery { args, ui, config, client_id, direct, message: &message, device, end, held };
    let started = Instant::now();
    let by_agent = agent.and_then(|agent| agent.publish(args, ui, config, &message, end));
    match by_agent {
        Some(Ok(evidence)) => delivery.report(&Delivered { evidence, times_sent: 1 }, started),
        other => block_on(delivery.run_all(other.and_then(Result::err))),
    }
}

/// A message, and everything needed to deliver it.
struct Delivery<'a> {
    args: &'a Publish,
    ui: &'a Ui,
    config: &'a Config,
    client_id: &'a str,
    /// Found when needed: the agent needs no credential of this process.
    direct: OnceCell<Direct>,
    message: &'a Message,
    /// The device that the options name, if it is one.
    device: Option<DeviceName>,
    /// The end of the time of `--deadline`.
    end: Option<Instant>,
    /// The connection that stays open from one message to the next.
    held: RefCell<Option<Publisher>>,
}

/// Who logs in where, if this process does it.
struct Direct {
    identity: Identity,
    endpoint: Endpoint,
}

impl Direct {
    fn prepare(args: &Publish, ui: &Ui, config: &Config) -> anyhow::Result<Direct> {
        let identity = args.credential.resolve(ui, config)?;
        let endpoint = args.broker.endpoint(ui, config, identity.device.as_ref())?.value;
        Ok(Direct { identity, endpoint })
    }
}

struct Delivered {
    evidence: Evidence,
    /// How often the whole message was sent.
    times_sent: u32,
}

/// The results of the attempts so far.
#[derive(Default)]
struct Tried {
    /// How far the message has got.
    reached: Reached,
    /// Attempts in which the whole message was sent.
    times_sent: u32,
    /// Connections in a row that the broker closed at the message.
    closed: u32,
}

impl Delivery<'_> {
    /// Delivers the message as often as the options say; possibly after an attempt by the agent that failed with this error.
    async fn run_all(&self, mut by_agent: Option<PublishError>) -> anyhow::Result<()> {
        let times = self.args.repeat.unwrap_or(1);
        let pause = self.args.repeat_delay.unwrap_or_default();
        for time in 1..=times {
            let started = Instant::now();
            let delivered = self.run(by_agent.take()).await;
            let delivered = match (delivered, times) {
                (Err(e), 2..) => {
                    self.ui.note(&format!("{} of {times} messages arrived before this one.", time - 1));
                    return Err(e);
                }
                (result, _) => result?,
            };
            self.report(&delivered, started)?;
            if time < times {
                self.in_time(&Tried::default(), self.rest(pause)).await?;
            }
        }
        if let Some(publisher) = self.held.take() {
            publisher.close().await;
        }
        Ok(())
    }

    /// Waits, and keeps the connection if it is then still open.
    async fn rest(&self, pause: Duration) {
        let Some(mut publisher) = self.held.take() else { return sleep(pause).await };
        let until = Instant::now() + pause;
        match publisher.rest(pause).await {
            true => drop(self.held.replace(Some(publisher))),
            false => sleep(until.saturating_duration_since(Instant::now())).await,
        }
    }

    /// Reports the outcome of a message.
    fn report(&self, Delivered { evidence, times_sent }: &Delivered, started: Instant) -> anyhow::Result<()> {
        let (ui, message, took) = (self.ui, self.message, started.elapsed());
        match evidence {
            Evidence::Echo => ui.done(&format!("Delivered, echo after {} ms.", took.as_millis())),
            Evidence::Reason => ui.done("Delivered: the broker's reason code says so."),
            Evidence::Acknowledged => ui.done("Acknowledged; a dropped message would be, too."),
            Evidence::Sent => ui.done("Sent, not verified: the broker may have dropped it."),
        }
        if *times_sent > 1 {
            ui.warn(&format!("the message was sent {times_sent} times, and may have arrived as often."));
        }
        if ui.json {
            let milliseconds = took.as_millis() as u64;
            ui.object(json!({
                "topic": message.topic.as_str(), "device": self.user_name(), "bytes": message.payload.len(),
                "qos": message.qos as u8, "retain": message.retain, "proof": evidence, "sent": times_sent,
                "elapsed_seconds": milliseconds as f64 / 1e3, "milliseconds": milliseconds,
            }))?;
        }
        Ok(())
    }

    /// Attempts until it is over; possibly after an attempt by the agent that failed with this error.
    async fn run(&self, by_agent: Option<PublishError>) -> anyhow::Result<Delivered> {
        let mut backoff = Backoff::default();
        let mut retries = self.args.retry;
        let mut tried = Tried::default();
        let mut met = by_agent.map(|error| self.explained(error, &tried));
        loop {
            let error = match met.take() {
                Some(error) => error,
                None => match self.attempt(&tried).await {
                    Ok(evidence) => return Ok(Delivered { evidence, times_sent: tried.times_sent + 1 }),
                    Err(error) => error,
                },
            };
            tried.note(&error);
            if tried.closed >= TELLING && self.in_time(&tried, self.is_kept_without_it()).await? {
                let (topic, times) = (self.message.topic.clone(), tried.closed);
                let broker = Arc::new(self.direct()?.endpoint.url.clone());
                return Err(PublishError::ClosedAgain { topic, times, broker }.into());
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
            self.ui.remark(&format!("{error:#}; trying again in {:.1} s.{twice}", pause.as_secs_f64()));
            self.in_time(&tried, sleep(pause)).await?;
        }
    }

    async fn attempt(&self, tried: &Tried) -> anyhow::Result<Evidence> {
        let patience = Patience { timeout: self.args.broker.timeout, end: self.end.map(Into::into) };
        let confirm = self.args.confirm.into();
        if self.args.repeat.is_some() || self.args.disable_clean_session {
            return self.attempt_on_held(tried, confirm, patience).await;
        }
        let mut connection = self.in_time(tried, self.log_in()).await??;
        let result = publisher::publish(&mut connection, self.message, confirm, patience).await;
        match result {
            Ok(evidence) => {
                // This one ends the connection.
                if evidence != Evidence::Sent {
                    let _ = connection.close().await;
                }
                Ok(evidence)
            }
            Err(error) => {
                if matches!(
                    error,
                    PublishError::NoEcho { .. } | PublishError::Refused { reason: Reason::NOT_AUTHORIZED, .. }
                ) {
                    let _ = connection.close().await;
                }
                Err(self.explained(error, tried))
            }
        }
    }

    /// The same on an open connection, or on a new one that stays open.
    async fn attempt_on_held(&self, tried: &Tried, confirm: Confirm, patience: Patience) -> anyhow::Result<Evidence> {
        let held = self.held.take();
        let mut publisher = match held {
            Some(publisher) => publisher,
            None => self.in_time(tried, self.publisher(confirm)).await??,
        };
        match publisher.publish(self.message, confirm, patience).await {
            Ok(evidence) => {
                self.held.replace(Some(publisher));
                Ok(evidence)
            }
            Err(error) => {
                if matches!(error, PublishError::NoEcho { .. } | PublishError::Refused { .. }) {
                    publisher.close().await;
                }
                Err(self.explained(error, tried))
            }
        }
    }

    /// Logs in for several messages; for a session that must stay unchanged, a second time for the echoes.
    async fn publisher(&self, confirm: Confirm) -> anyhow::Result<Publisher> {
        let connection = self.log_in().await?;
        let evidence = Evidence::of(confirm, connection.version(), self.message.qos);
        if !self.args.disable_clean_session {
            return Ok(Publisher::new(connection));
        }
        let listener = match evidence {
            Evidence::Echo => {
                let Direct { identity, endpoint } = self.direct()?;
                // The will belongs to the first connection.
                let (broker, id) = (self.args.broker.beside(), random_client_id());
                Some(broker.log_in(&self.ui.muted(), endpoint, &id, identity, CleanStart::Yes).await?)
            }
            _ => None,
        };
        Ok(Publisher::beside(connection, listener))
    }

    /// Adds what this process knows about an error.
    fn explained(&self, error: PublishError, tried: &Tried) -> anyhow::Error {
        match error {
            PublishError::NoEcho { .. } | PublishError::Refused { reason: Reason::NOT_AUTHORIZED, .. } => {
                let by = PublishedBy {
                    user_name: self.user_name(),
                    device: self.device.as_ref(),
                    own_id: self.args.broker.chooses_id(),
                };
                no_echo::explain(error.to_string(), &by, &self.message.topic, &RecentNames::load(&self.config.places))
                    .into()
            }
            PublishError::Deadline { topic, reached } => {
                PublishError::Deadline { topic, reached: reached.max(tried.reached) }.into()
            }
            error => error.into(),
        }
    }

    fn direct(&self) -> anyhow::Result<&Direct> {
        if self.direct.get().is_none() {
            let _ = self.direct.set(Direct::prepare(self.args, self.ui, self.config)?);
        }
        Ok(self.direct.get().expect("it was set just now"))
    }

    /// Returns the name that logs in.
    fn user_name(&self) -> &str {
        match (self.direct.get(), &self.device) {
            (Some(direct), _) => &direct.identity.user_name,
            (None, Some(device)) => device.as_str(),
            (None, None) => "",
        }
    }

    async fn log_in(&self) -> anyhow::Result<Connection> {
        let Direct { identity, endpoint } = self.direct()?;
        let session = if self.args.disable_clean_session { CleanStart::No } else { CleanStart::Yes };
        self.args.broker.log_in(self.ui, endpoint, self.client_id, identity, session).await
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

    /// Returns the result of `work` before the deadline.
    async fn in_time<T>(&self, tried: &Tried, work: impl Future<Output = T>) -> Result<T, PublishError> {
        let Some(end) = self.end else { return Ok(work.await) };
        let late = |_| PublishError::Deadline { topic: self.message.topic.clone(), reached: tried.reached };
        timeout_at(end.into(), work).await.map_err(late)
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
        None => broker_log_in::retry_class(error) == RetryClass::Passing,
    }
}
