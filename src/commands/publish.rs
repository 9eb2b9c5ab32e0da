//! `i3 pub`: publishes a message, or each line of stdin, and says whether it arrived.

mod no_echo;
pub mod rejects;
pub mod spool;
pub mod stream;
mod topic;

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use clap::{ArgGroup, Args, ValueEnum};
use serde_json::json;

use crate::catalogue::entry;
use crate::cli::broker::{self, BrokerArgs, CleanStart, CredentialArgs, Identity, block_on};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::mqtt::connection::Endpoint;
use crate::mqtt::outgoing;
use crate::mqtt::packet::{QoS, Reason};
use crate::mqtt::reconnect::RetryClass;
use crate::name::DeviceName;
use crate::publisher::stamp::{self, Stamp};
use crate::publisher::{self, Confirm, Message, Proof, PublishError};

/// Publish a message, or each line of stdin, and say whether it arrived
///
/// Exit code 0 means that the message came back from the broker, which I3 grants to allowed messages alone: its
/// acknowledgement is the same for a delivered message and for a dropped one. With MQTT 5 and QoS 1 or 2 the broker's
/// reason code tells.
///
/// The user name is the full device name, the topic the full topic. A token is made from the device's key for each
/// log-in; a private key is never sent.
///
/// With -l each line of stdin is a message, and leaves as soon as it is there. What is not acknowledged when a connection
/// ends is sent again on the next one. At the end, and after SIGINT, SIGTERM or SIGHUP, everything is drained, and one
/// accounting says what became of the lines; exit code 0 means that each was acknowledged or put aside with --rejects. At
/// QoS 0 a line counts as acknowledged once the broker has answered a ping sent behind it, or closed the connection
/// cleanly.
#[derive(Args)]
#[command(
    disable_help_flag = true,
    group = ArgGroup::new("many").args(["lines", "null", "topic_per_line", "jsonl", "spool"]).multiple(true),
    after_long_help = "\
Examples:
  i3 pub --device lot1 -t alice/parking/occupancy -m '{\"free\":678}'
  curl -s https://example.org/lots.json | i3 pub --device lot1 -t alice/parking/occupancy -s
  i3 pub -u bob --pw-file bob.pw -t alice/parking/barrier -m open
  read-sensor | i3 pub --device lot1 -t alice/parking/occupancy -l -q 1
  read-sensors | i3 pub --device lot1 --topic-per-line -q 1 --rejects bad-lines.txt"
)]
pub struct Publish {
    /// Publish to this topic, in full: USER/HUB/PRODUCT
    #[arg(short, long, value_name = "TOPIC", help_heading = "Message", allow_hyphen_values = true)]
    topic: Option<String>,
    /// Send this message
    #[arg(short, long, value_name = "TEXT", help_heading = "Message", allow_hyphen_values = true,
          conflicts_with_all = ["file", "stdin_file", "null_message", "line_mode"])]
    message: Option<String>,
    /// Send what FILE holds
    #[arg(short, long, value_name = "FILE", help_heading = "Message",
          conflicts_with_all = ["stdin_file", "null_message", "line_mode"])]
    file: Option<PathBuf>,
    /// Send all of stdin as one message
    #[arg(short, long, help_heading = "Message", conflicts_with_all = ["null_message", "pw_stdin", "line_mode"])]
    stdin_file: bool,
    /// Send an empty message
    #[arg(short, long, help_heading = "Message", conflicts_with = "line_mode")]
    null_message: bool,
    /// Quality of service
    #[arg(short, long, value_name = "0|1|2", help_heading = "Message", default_value = "0",
          value_parser = broker::qos())]
    qos: QoS,
    /// Have the broker keep the message for later subscribers
    #[arg(short, long, help_heading = "Message")]
    retain: bool,
    /// Prove delivery of the first message to each topic, of all, or of none
    #[arg(long, value_enum, default_value_t, help_heading = "Message")]
    confirm: ConfirmArg,
    /// Try so many times more if the broker cannot be reached or the connection ends; can deliver twice
    ///
    /// Of a stream of lines it is the first log-in that is tried so often; later ones are until the deadline.
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Message")]
    retry: u32,
    #[command(flatten)]
    lines: stream::LineArgs,
    #[command(flatten)]
    spool: spool::SpoolArgs,
    #[command(flatten)]
    credential: CredentialArgs,
    #[command(flatten)]
    broker: BrokerArgs,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpLong)]
    help: Option<bool>,
}

/// Which messages are to be proved to be delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ConfirmArg {
    #[default]
    First,
    All,
    None,
}

impl From<ConfirmArg> for publisher::stream::Confirm {
    fn from(confirm: ConfirmArg) -> Self {
        match confirm {
            ConfirmArg::First => Self::First,
            ConfirmArg::All => Self::All,
            ConfirmArg::None => Self::None,
        }
    }
}

impl Publish {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps the message from arriving.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if self.broker.asks_for_help(self.is_empty())? {
            return ui.line(&super::help_of("pub", ui));
        }
        let config = Config::load()?;
        let client_id = self.broker.client_id()?;
        if self.lines.stamp == Some(Stamp::V5) {
            stream::needs_v5(&self.broker, "--stamp v5", "give -V 5, or --stamp json:FIELD")?;
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
        // Names before secrets, secrets before sockets: nothing is asked for or opened for a message that cannot go.
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
            Proof::Acknowledged => ui.detail("Acknowledged, which a dropped message is as well."),
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

    /// Whether neither a topic nor anything to send is given.
    fn is_empty(&self) -> bool {
        let one = self.message.is_some() || self.file.is_some() || self.stdin_file || self.null_message;
        self.topic.is_none() && !one && !self.lines.are_wanted()
    }

    /// The device that will log in, as far as that can be told without its credential.
    fn device(&self, config: &Config) -> Option<DeviceName> {
        let named = self.credential.username.clone().map(|u| u.parse().ok());
        named.unwrap_or_else(|| config.find_device(self.credential.device.clone()).ok().map(|d| d.value))
    }

    /// What is sent, with the time at which it was taken if it is to bear that.
    fn payload(&self, taken: SystemTime) -> anyhow::Result<Bytes> {
        let payload = if let Some(text) = &self.message {
            text.clone().into_bytes()
        } else if let Some(path) = &self.file {
            let file = std::fs::File::open(path);
            file.and_then(bounded).map_err(|e| {
                anyhow::Error::new(e)
                    .context(CliError::new(ExitKind::NoInput, format!("{} cannot be read", path.display())))
            })?
        } else if self.stdin_file {
            bounded(std::io::stdin().lock())
                .map_err(|e| anyhow::Error::new(e).context(CliError::new(ExitKind::NoInput, "stdin cannot be read")))?
        } else if self.null_message {
            Vec::new()
        } else {
            return Err(CliError::new(ExitKind::Usage, "there is no message")
                .hint("give one with -m TEXT, -f FILE, -s for stdin, -l for its lines, or -n for an empty one")
                .into());
        };
        let payload = match &self.lines.stamp {
            Some(Stamp::Json(field)) => stamp::in_json(payload.into(), field, taken)
                .map_err(|why| {
                    CliError::new(ExitKind::Data, "the message is not published")
                        .because(why.to_string())
                        .hint(entry!("bad-line"))
                })?
                .into_owned(),
            _ => payload,
        };
        if payload.len() > outgoing::MAX_PAYLOAD {
            return Err(CliError::new(ExitKind::Data, "the message is longer than MQTT can carry (256 MB)")
                .hint(entry!("message-unsendable"))
                .into());
        }
        Ok(payload.into())
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
        let mut pause = Duration::from_millis(500);
        for attempt in 0.. {
            let result = self.attempt(ui, endpoint, client_id, identity, message, confirm).await;
            match result {
                Err(e) if attempt < self.retry && may_be_retried(&e) => {
                    ui.note(&format!("{e:#}; trying again in {}.", humantime::format_duration(pause)));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(60));
                }
                result => return result,
            }
        }
        unreachable!("the loop has no end of its own")
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

/// All of a source, or one byte more than can be sent.
fn bounded(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(outgoing::MAX_PAYLOAD as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A message that is refused stays refused; one that met no broker, or lost it, may be tried again.
fn may_be_retried(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<PublishError>() {
        Some(e) => matches!(e, PublishError::Link { .. } | PublishError::NotAcknowledged { .. }),
        None => broker::retry_class(error) == RetryClass::Passing,
    }
}
