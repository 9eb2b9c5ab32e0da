//! `i3 sub`: prints what arrives at a topic, as its buyer sees it.

use std::collections::VecDeque;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::broker::{self, BrokerArgs, CredentialArgs, Identity, Session, block_on};
use super::failure::{Failure, Kind};
use super::ui::Ui;
use crate::config::{self, Config};
use crate::mqtt::connection::Connection;
use crate::mqtt::packet::{AckKind, Filter, Packet, Publish, QoS, Reason};
use crate::name::Topic;

/// After so long without a message it is said what silence can mean.
const SILENCE: Duration = Duration::from_secs(15);
/// What silence can mean (I3 facts §5, 21).
const SILENCE_MEANS: &str = "I3 grants every subscription; silence can mean that the topic was not bought, that its name \
                             or case is another, or that nobody publishes";

/// Print what arrives at a topic, as its buyer sees it
///
/// Each payload is printed with a newline after it; with -v the topic stands before it. I3 grants every subscription,
/// also one to a topic that was never bought: then nothing ever comes.
#[derive(Args)]
#[command(
    disable_help_flag = true,
    after_long_help = "\
Examples:
  i3 sub -u bob --pw-file bob.pw -t alice/parking/occupancy
  i3 sub --device lot1 -t alice/parking/occupancy -C 1 -W 30s"
)]
pub struct Subscribe {
    /// Subscribe to this topic, in full: USER/HUB/PRODUCT; may be given again
    #[arg(short, long, value_name = "TOPIC", allow_hyphen_values = true)]
    topic: Vec<String>,
    /// End after so many messages
    #[arg(short = 'C', value_name = "COUNT")]
    count: Option<u64>,
    /// End after this time: 30s, 5m
    #[arg(short = 'W', value_name = "TIME", value_parser = super::duration::parse_seconds)]
    wait: Option<Duration>,
    /// Quality of service to subscribe with
    #[arg(short, long, value_name = "0|1|2", default_value = "0",
          value_parser = broker::qos())]
    qos: QoS,
    /// Leave out messages that the broker kept from earlier
    #[arg(short = 'R')]
    no_retained: bool,
    #[command(flatten)]
    credential: CredentialArgs,
    #[command(flatten)]
    broker: BrokerArgs,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpLong)]
    help: Option<bool>,
}

impl Subscribe {
    /// Runs the command.
    ///
    /// # Errors
    /// A refused log-in or subscription, a connection that ends, `-W` before `-C` messages came.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if self.broker.asks_for_help(self.topic.is_empty())? {
            return ui.line(&super::help_of("sub", ui));
        }
        let config = Config::load()?;
        let client_id = self.broker.client_id()?;
        let topics: Vec<Topic> = self.topic.iter().map(|t| t.parse()).collect::<Result<_, _>>()?;
        if topics.is_empty() {
            return Err(Failure::new(Kind::Usage, "no topic is named")
                .hint("give the full topic with -t USER/HUB/PRODUCT")
                .into());
        }
        let identity = self.identity(ui, &config)?;
        let endpoint = self.broker.endpoint(ui, &config, identity.device.as_ref())?.value;
        block_on(async {
            let mut connection = self.broker.log_in(ui, &endpoint, &client_id, &identity, Session::Fresh).await?;
            let early = self.subscribe(&mut connection, &topics).await?;
            ui.detail(&format!("Subscribed to {} as {}.", self.topic.join(", "), identity.user_name));
            self.print(ui, &mut connection, early).await?;
            // All that was asked for has been printed; how the farewell goes is of no matter.
            let _ = connection.close().await;
            Ok(())
        })
    }

    /// Who listens: `-u`, `--device`, the buyer that the environment names, else the device that is known.
    fn identity(&self, ui: &Ui, config: &Config) -> anyhow::Result<Identity> {
        match config::from_env(config::env::BUYER) {
            Some(buyer) if !self.credential.names_someone() => {
                self.credential.with_credentials(ui, config, buyer.value, None, config::env::BUYER_PASSWORD)
            }
            _ => self.credential.resolve(ui, config),
        }
    }

    /// Subscribes, and gives what came before the answer did, as MQTT 3.1.1 §3.8.4 allows.
    async fn subscribe(&self, connection: &mut Connection, topics: &[Topic]) -> anyhow::Result<VecDeque<Packet>> {
        let mut early = VecDeque::new();
        let filters =
            topics.iter().map(|t| Filter { filter: t.as_str().into(), qos: self.qos, no_local: false }).collect();
        connection.queue(Packet::Subscribe { id: 1, filters })?;
        let deadline = Instant::now() + self.broker.timeout;
        loop {
            let packet = tokio::time::timeout_at(deadline, connection.recv())
                .await
                .map_err(|_| Failure::new(Kind::TryAgain, "the broker did not answer the subscription in time"))??;
            let Packet::SubAck { codes, .. } = packet else {
                early.push_back(packet);
                continue;
            };
            {
                return match codes.into_iter().zip(topics).find(|(code, _)| code.is_failure()) {
                    None => Ok(early),
                    Some((reason, topic)) => {
                        let message = format!("the broker refused the subscription to {topic} ({reason})");
                        Err(Failure::new(Kind::Refused, message).into())
                    }
                };
            }
        }
    }

    async fn print(&self, ui: &Ui, connection: &mut Connection, mut early: VecDeque<Packet>) -> anyhow::Result<()> {
        let began = Instant::now();
        let end = self.wait.map(|wait| began + wait);
        let mut silence = Some(began + SILENCE);
        let mut left = self.count;
        while left != Some(0) {
            let next = async {
                match early.pop_front() {
                    Some(packet) => Ok(packet),
                    None => connection.recv().await,
                }
            };
            let packet = tokio::select! {
                packet = next => packet?,
                () = sleep_until(end.unwrap_or(began)), if end.is_some() => break,
                () = sleep_until(silence.unwrap_or(began)), if silence.is_some() => {
                    silence = None;
                    ui.note(&format!("Nothing has come yet. {SILENCE_MEANS}."));
                    continue;
                }
            };
            let ack = |kind, id| Packet::Ack { kind, id, reason: Reason::SUCCESS };
            match packet {
                Packet::Publish(message) => {
                    match message.qos {
                        QoS::AtMostOnce => {}
                        QoS::AtLeastOnce => connection.queue(ack(AckKind::PubAck, message.id))?,
                        QoS::ExactlyOnce => connection.queue(ack(AckKind::PubRec, message.id))?,
                    }
                    if message.retain && self.no_retained {
                        continue;
                    }
                    silence = None;
                    self.show(ui, &message)?;
                    left = left.map(|n| n - 1);
                }
                Packet::Ack { kind: AckKind::PubRel, id, .. } => connection.queue(ack(AckKind::PubComp, id))?,
                _ => {}
            }
        }
        match left {
            Some(missing) if missing > 0 => {
                let got = self.count.unwrap_or_default() - missing;
                Err(Failure::new(
                    Kind::TryAgain,
                    format!("only {got} of {} messages came in time", self.count.unwrap_or_default()),
                )
                .because(SILENCE_MEANS)
                .hint("publish to the topic with `{i3} pub` and look at its exit code")
                .into())
            }
            _ => Ok(()),
        }
    }

    fn show(&self, ui: &Ui, message: &Publish) -> anyhow::Result<()> {
        if ui.json {
            let text = std::str::from_utf8(&message.payload).ok();
            let mut object = json!({"topic": message.topic, "qos": message.qos as u8, "retain": message.retain});
            match text {
                Some(text) => object["payload"] = text.into(),
                None => object["payload_base64"] = STANDARD.encode(&message.payload).into(),
            }
            return ui.line(&object.to_string());
        }
        let mut line = Vec::with_capacity(message.topic.len() + message.payload.len() + 2);
        if ui.verbose > 0 {
            line.extend_from_slice(message.topic.as_bytes());
            line.push(b' ');
        }
        line.extend_from_slice(&message.payload);
        line.push(b'\n');
        ui.raw(&line)
    }
}
