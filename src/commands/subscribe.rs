//! `i3 sub`: prints what arrives at a topic, as its buyer sees it, or draws it.

mod chart;
mod field;
pub mod format;
mod json;
mod picture;
mod plot;
mod series;
mod time;
mod topics;

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::json;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use crate::catalogue::entry;
use crate::cli;
use crate::cli::broker::{self, BrokerArgs, CleanStart, CredentialArgs, Identity, block_on};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::signals;
use crate::cli::ui::{Ui, capitalised};
use crate::cli::usage::Reason;
use crate::config::{self, Config, Setting};
use crate::mqtt::connection::{Connection, Endpoint};
use crate::mqtt::incoming::IncomingPublish;
use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::RetryClass;
use crate::name::{DeviceName, Topic};
use crate::subscriber::{self, End, Event, Only, Options, SubscriberFailure, SubscriberHost};
use crate::text;
use field::Field;
use format::{Format, Shown};
use plot::Plot;
use topics::{TopicArgs, Wanted};

/// Explains what silence can mean (I3 facts §5, 21).
fn silence_means(topics: &[Topic]) -> String {
    let sub_topic = topics.iter().find(|topic| topic.parent().is_some());
    let not_sold = sub_topic.map(|topic| format!("that {topic} is a sub-topic, which are not sold yet, "));
    format!(
        "I3 grants every subscription; silence can mean that the topic was not bought, {}that its name or case is another, \
         or that nobody publishes",
        not_sold.unwrap_or_default()
    )
}

/// How long refused credentials are tried again once they have worked.
const RETRY_REFUSED: Duration = Duration::from_secs(300);
/// Output that is written at once while more messages are at hand, in bytes.
const OUTPUT_CHUNK: usize = 64 * 1024;

/// Print what arrives at a topic, as its buyer sees it, or draw it
///
/// Each payload is printed with a newline after it; with -v the topic comes before it. As with mosquitto_sub, an empty
/// message prints nothing, and (null) with -v. On a terminal, control characters in a message are shown as escapes such as
/// \u{1b}; a pipe or a file gets every byte as it came. I3 grants every subscription, even one to a topic that was never bought:
/// then nothing ever comes. Wildcards are refused here: I3 asks its users not to subscribe with them. --hub and
/// --purchased find the topics at the marketplace instead.
///
/// When a connection ends, a new one is made with a new token, and the topics are subscribed to again. A message at QoS 1
/// or 2 is acknowledged after it was printed.
///
/// FORMAT is that of mosquitto_sub: %t topic, %p payload, %x and %X payload in hex, %l its length, %q QoS, %r retained,
/// %m message id, %j the message as JSON, %J the same with a payload that is JSON, %I time, %U Unix time, %% a percent
/// sign; of MQTT 5 %A topic alias, %C content type, %D correlation data, %E expiry, %F payload format, %P user
/// properties, %R response topic, %S subscription. The flags - and 0, a width and a precision may precede the letter:
/// %-20t, %06l, %.10t. @ and a letter is a conversion of strftime: @Y-@m-@d @H:@M:@S.@N, @@. Escapes are \\ \0 \a \e \n \r
/// \t \v.
#[derive(Args)]
#[command(
    disable_help_flag = true,
    after_long_help = "\
Examples:
  i3 sub -u bob --pw-file bob.pw -t alice/parking/occupancy
  i3 sub --device lot1 -t alice/parking/occupancy -C 1 -W 30s
  i3 sub --device lot1 -t alice/parking/occupancy --retained-only
  i3 sub --device lot1 -t alice/parking/occupancy -F '@H:@M:@S %t %p'
  i3 sub --device lot1 -t alice/parking/occupancy --plot .free
  i3 sub --device lot1 -t alice/parking/occupancy -q 1 -i buyer1 -c
  i3 sub -v --device lot1 --hub parking
  i3 sub -v -u bob --pw-file bob.pw --purchased"
)]
pub struct Subscribe {
    #[command(flatten)]
    topics: TopicArgs,
    /// End after COUNT messages
    #[arg(short = 'C', value_name = "COUNT", value_parser = parse_count)]
    count: Option<u64>,
    /// End after this time: 30s, 5m
    #[arg(short = 'W', value_name = "TIME", value_parser = crate::cli::duration::parse_seconds)]
    wait: Option<Duration>,
    /// Quality of service to subscribe with
    #[arg(short, long, value_name = "0|1|2", default_value = "0",
          value_parser = broker::qos())]
    qos: QoS,
    /// Leave out retained messages, which the broker kept from earlier
    #[arg(short = 'R')]
    no_retained: bool,
    /// Print retained messages, and end when the broker has sent them
    #[arg(long, conflicts_with = "no_retained")]
    retained_only: bool,
    /// Have the broker keep what comes while this id is away, even after the end; needs --id and -q 1 or 2
    #[arg(short = 'c', long, requires = "id")]
    keep_session: bool,
    /// End as soon as the broker has granted the subscription: with -c it keeps messages from then on
    #[arg(short = 'E')]
    subscribe_only: bool,
    /// Print each message in this format
    #[arg(short = 'F', value_name = "FORMAT", help_heading = "Output", allow_hyphen_values = true,
          conflicts_with_all = ["plot", "plot_png", "json"])]
    format: Option<String>,
    /// Print messages to a terminal as they are, control characters included
    #[arg(long, help_heading = "Output", conflicts_with_all = ["plot", "plot_png", "json"])]
    raw: bool,
    /// Print no newline after a message
    #[arg(short = 'N', help_heading = "Output", conflicts_with_all = ["plot", "plot_png", "json"])]
    no_newline: bool,
    /// Draw the payloads, or this field of their JSON, as a live chart: .free, .lots[0].free
    #[arg(long, value_name = "FIELD", num_args = 0..=1, default_missing_value = ".", help_heading = "Output")]
    plot: Option<String>,
    /// Draw the chart as a picture to FILE, again every few seconds; --plot names the field
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    plot_png: Option<PathBuf>,
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
    /// A refused log-in or subscription, `-W` or a signal before `-C` messages came.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if self.broker.asks_for_help(self.topics.is_empty())? {
            return ui.line(&cli::long_help::<Subscribe>("sub", ui));
        }
        let config = Config::load()?;
        let client_id = self.broker.client_id()?;
        let format = self.format.as_deref().map(parse_format).transpose()?;
        let wanted = self.topics.wanted(self.device(&config).as_ref())?;
        if self.keep_session && self.qos == QoS::AtMostOnce {
            return Err(CliError::new(ExitKind::Usage, "at QoS 0 a broker keeps nothing for a client that is away")
                .hint("give -q 1 or -q 2 with --keep-session")
                .into());
        }
        // What can be checked before a secret is requested is checked before.
        let plot = match &wanted {
            Wanted::Named(topics) => Some(self.plot(topics)?),
            Wanted::Hub(_) | Wanted::Purchased => None,
        };
        let (identity, variable) = self.identity(ui, &config)?;
        let topics = self.topics.find(ui, &config, &self.broker, &identity, wanted)?;
        let plot = plot.map_or_else(|| self.plot(&topics), Ok)?;
        let endpoint = self.broker.endpoint(ui, &config, identity.device.as_ref())?.value;
        let options = self.options(topics);
        block_on(async {
            let (ending, signals) = signals::ending()?;
            let mut host = CliHost {
                args: &self,
                topics: &options.topics,
                ui,
                endpoint,
                client_id: &client_id,
                identity,
                variable,
                logged_in: false,
                output: match plot {
                    Some(plot) => Output::Plot(Box::new(plot)),
                    None => Output::Lines(Lines::new(ui, format, !self.no_newline, self.shown())),
                },
                ending,
            };
            let (count, result) = subscriber::run(&options, signals, &mut host).await;
            if let Output::Plot(plot) = &mut host.output {
                plot.finish(ui)?;
            }
            match result {
                Ok(end) => self.judge(ui, &options, count, end),
                Err(SubscriberFailure::Host(e)) => Err(e),
                Err(SubscriberFailure::Subscription(e)) => Err(e.into()),
            }
        })
    }

    /// Returns the device that will listen, if it is one and that is known without its credential.
    fn device(&self, config: &Config) -> Option<DeviceName> {
        match (&self.credential.username, self.buyer()) {
            (Some(name), _) => name.parse().ok(),
            (None, Some(_)) => None,
            (None, None) => config.find_device(self.credential.device.clone()).ok().map(|d| d.value),
        }
    }

    /// Returns the buyer that the environment names, unless the options name another identity.
    fn buyer(&self) -> Option<Setting<String>> {
        let asks_for_buyer = !self.credential.names_someone() && !self.topics.wants_device();
        config::from_env(config::env::BUYER).filter(|_| asks_for_buyer)
    }

    fn plot(&self, topics: &[Topic]) -> anyhow::Result<Option<Plot>> {
        if self.plot.is_none() && self.plot_png.is_none() {
            return Ok(None);
        }
        let field: Field = self.plot.as_deref().unwrap_or(".").parse().map_err(|e: field::FieldError| {
            CliError::new(ExitKind::Usage, e.to_string())
                .hint("write --plot .free, --plot .lots[0].free, or --plot alone")
        })?;
        Plot::new(topics, field, self.plot.is_some(), self.plot_png.clone()).map(Some)
    }

    fn shown(&self) -> Shown {
        if self.raw || !io::stdout().is_terminal() { Shown::Raw } else { Shown::Visible }
    }

    fn options(&self, topics: Vec<Topic>) -> Options {
        Options {
            topics,
            qos: self.qos,
            session: if self.keep_session { CleanStart::No } else { CleanStart::Yes },
            only: match (self.no_retained, self.retained_only) {
                (true, _) => Only::Live,
                (_, true) => Only::Retained,
                _ => Only::All,
            },
            count: self.count,
            wait: self.wait,
            subscribe_only: self.subscribe_only,
            timeout: self.broker.timeout,
            retry_refused: RETRY_REFUSED,
        }
    }

    /// Returns the identity that listens (`-u`, `--device`, the buyer that the environment names, else the configured
    /// device), and the variable that may hold its password.
    fn identity(&self, ui: &Ui, config: &Config) -> anyhow::Result<(Identity, &'static str)> {
        match self.buyer() {
            Some(buyer) => {
                let variable = config::env::BUYER_PASSWORD;
                Ok((self.credential.with_credentials(ui, config, buyer.value, None, variable)?, variable))
            }
            None => Ok((self.credential.resolve(ui, config)?, config::env::PASSWORD)),
        }
    }

    /// Checks that what was requested has come.
    fn judge(&self, ui: &Ui, options: &Options, count: u64, end: End) -> anyhow::Result<()> {
        if let Some(wanted) = options.count.filter(|wanted| count < *wanted) {
            let failure = match end {
                _ if options.subscribe_only => return Ok(()),
                End::Done => {
                    CliError::new(ExitKind::TryAgain, format!("the broker keeps only {count} of {wanted} messages"))
                        .hint_of(
                            entry!("not-bought"),
                            "publish with --retain, and the broker keeps the last message of a topic",
                        )
                }
                End::Signal => CliError::new(
                    ExitKind::TryAgain,
                    format!("only {count} of {wanted} messages came until the signal"),
                ),
                // One message shows that the topic exists and may be read.
                _ if count > 0 => {
                    CliError::new(ExitKind::TryAgain, format!("only {count} of {wanted} messages came in time"))
                        .hint_of(entry!("not-bought"), "give -W more time, or -C fewer messages")
                }
                _ => CliError::new(ExitKind::TryAgain, format!("only {count} of {wanted} messages came in time"))
                    .because(silence_means(&options.topics))
                    .hint_of(entry!("not-bought"), "publish to the topic with `{i3} pub` and look at its exit code"),
            };
            return Err(failure.into());
        }
        if options.only == Only::Retained && count == 0 {
            ui.note("The broker keeps no message of this topic, or this user may not read it.");
        }
        Ok(())
    }
}

fn parse_count(text: &str) -> Result<u64, Reason> {
    text.parse().ok().filter(|count| *count > 0).ok_or(Reason("write a whole number, at least 1"))
}

fn parse_format(text: &str) -> anyhow::Result<Format> {
    text.parse().map_err(|e: format::FormatError| {
        CliError::new(ExitKind::Usage, "the format cannot be used")
            .because(e.to_string())
            .hint("write %% for a percent sign, @@ for an at sign, \\\\ for a backslash; `{i3} sub --help` tells the rest")
            .into()
    })
}

/// The host of a subscriber on the command line.
struct CliHost<'a> {
    args: &'a Subscribe,
    topics: &'a [Topic],
    ui: &'a Ui,
    endpoint: Endpoint,
    client_id: &'a str,
    identity: Identity,
    variable: &'static str,
    logged_in: bool,
    output: Output,
    ending: UnboundedSender<()>,
}

enum Output {
    Lines(Lines),
    Plot(Box<Plot>),
}

impl SubscriberHost for CliHost<'_> {
    type Error = anyhow::Error;

    async fn log_in(&mut self, session: CleanStart) -> anyhow::Result<Connection> {
        let ui = if self.logged_in { self.ui.muted() } else { self.ui.clone() };
        if self.logged_in
            && let Some(found) = self.args.credential.renewed(&ui, &self.identity, self.variable)
        {
            self.identity = found;
        }
        let result = self.args.broker.log_in(&ui, &self.endpoint, self.client_id, &self.identity, session).await;
        self.logged_in |= result.is_ok();
        result
    }

    fn judge(&self, error: &anyhow::Error) -> RetryClass {
        broker::retry_class_of(&self.identity, error)
    }

    fn take(&mut self, message: &IncomingPublish) -> anyhow::Result<()> {
        match &mut self.output {
            Output::Lines(lines) => lines.take(self.ui, message),
            Output::Plot(plot) => {
                plot.take(message);
                Ok(())
            }
        }
    }

    fn settle(&mut self) -> anyhow::Result<()> {
        match &mut self.output {
            Output::Lines(lines) => lines.write(self.ui),
            Output::Plot(_) => Ok(()),
        }
    }

    fn due(&self) -> Option<Instant> {
        match &self.output {
            Output::Lines(_) => None,
            Output::Plot(plot) => plot.due().map(Instant::from_std),
        }
    }

    fn tick(&mut self) -> anyhow::Result<()> {
        match &mut self.output {
            Output::Lines(_) => Ok(()),
            Output::Plot(plot) => plot.tick(),
        }
    }

    fn tell(&mut self, event: &Event<'_, anyhow::Error>) {
        let again = |pause: &Duration| format!("trying again in {:.1} s", pause.as_secs_f64());
        let text = match event {
            Event::Subscribed => {
                let topics: Vec<&str> = self.topics.iter().map(Topic::as_str).collect();
                self.ui.detail(&format!("Subscribed to {} as {}.", topics.join(", "), self.identity.user_name));
                if let Output::Plot(plot) = &mut self.output
                    && let Err(e) = plot.begin(self.ending.clone())
                {
                    self.ui.warn(&format!("the chart cannot be shown: {e:#}."));
                }
                return;
            }
            Event::Silence => format!("Nothing has come yet. {}.", silence_means(self.topics)),
            Event::Lost { why, pause } => {
                let cause = std::error::Error::source(why).map(|e| format!(" ({e})")).unwrap_or_default();
                capitalised(&format!("{why}{cause}; {}.", again(pause)))
            }
            Event::NoLogIn { why, pause } => capitalised(&format!("{why:#}; {}.", again(pause))),
            Event::Back => "Logged in and subscribed again.".into(),
        };
        match &mut self.output {
            Output::Plot(plot) if plot.holds_terminal() => plot.status(match event {
                Event::Back => None,
                Event::Silence => {
                    Some("nothing has come yet: not bought, another name or case, or nobody publishes".into())
                }
                _ => Some(text),
            }),
            _ => self.ui.note(&text),
        }
    }
}

/// Messages to be written to stdout.
struct Lines {
    form: Form,
    shown: Shown,
    end: &'static [u8],
    zone: Option<TimeZone>,
    bytes: Vec<u8>,
}

enum Form {
    Payload,
    TopicAndPayload,
    Format(Format),
    Json,
}

impl Lines {
    fn new(ui: &Ui, format: Option<Format>, newline: bool, shown: Shown) -> Lines {
        // Reading the time zone takes a file.
        let zone = format.as_ref().is_some_and(Format::needs_time).then(TimeZone::system);
        let form = match format {
            Some(format) => Form::Format(format.shown(shown)),
            None if ui.json => Form::Json,
            None if ui.verbose > 0 => Form::TopicAndPayload,
            None => Form::Payload,
        };
        Lines { form, shown, end: if newline { b"\n" } else { b"" }, zone, bytes: Vec::new() }
    }

    fn take(&mut self, ui: &Ui, message: &IncomingPublish) -> anyhow::Result<()> {
        let out = &mut self.bytes;
        match &self.form {
            Form::Payload if message.payload.is_empty() => return Ok(()),
            Form::Payload => out.extend_from_slice(&self.shown.bytes(&message.payload)),
            Form::TopicAndPayload if message.payload.is_empty() && self.end.is_empty() => return Ok(()),
            Form::TopicAndPayload => {
                out.extend_from_slice(&self.shown.bytes(message.topic().as_bytes()));
                out.push(b' ');
                out.extend_from_slice(&self.shown.bytes(if message.payload.is_empty() {
                    b"(null)"
                } else {
                    &message.payload
                }));
            }
            Form::Format(format) => {
                let time = match &self.zone {
                    Some(zone) => Timestamp::now().to_zoned(zone.clone()),
                    None => Zoned::default(),
                };
                if let Err(problem) = format.write(out, message, &time) {
                    ui.warn(&format!("{problem}."));
                }
            }
            Form::Json => out.extend_from_slice(text::json(&object(message).to_string()).as_bytes()),
        }
        out.extend_from_slice(self.end);
        if out.len() >= OUTPUT_CHUNK { self.write(ui) } else { Ok(()) }
    }

    fn write(&mut self, ui: &Ui) -> anyhow::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        ui.raw(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}

fn object(message: &IncomingPublish) -> serde_json::Value {
    let mut object = json!({"topic": message.topic(), "qos": message.qos as u8, "retain": message.retain});
    match std::str::from_utf8(&message.payload) {
        Ok(text) => object["payload"] = text.into(),
        Err(_) => object["payload_base64"] = STANDARD.encode(&message.payload).into(),
    }
    object
}
