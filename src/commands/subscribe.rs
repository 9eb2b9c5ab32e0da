//! `i3 sub`: prints what arrives at a topic, as its buyer sees it, or draws it.

mod characters;
mod chart;
pub mod format;
mod host;
mod json;
mod lines;
mod notice;
mod notice_output;
mod output;
mod picture;
mod plot;
mod plot_args;
mod reader;
mod removal;
mod scale;
mod screen;
mod series;
mod time;
mod times;
mod topics;
mod verdict;
mod worker;

use std::io::{self, IsTerminal};
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::catalogue::entry;
use crate::cli::arguments::FreeText;
use crate::cli::broker::{self, BrokerArgs, CleanStart, Identity};
use crate::cli::credential::CredentialArgs;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::runtime::block_on;
use crate::cli::session::SessionArgs;
use crate::cli::settings;
use crate::cli::signals::{self, Hangup, Interrupter};
use crate::cli::ui::{Ui, check_stdout};
use crate::cli::usage::Reason;
use crate::cli::{self, help};
use crate::config::{self, Config, ConfigError, Setting};
use crate::gateway::filter::{Dialect, Filter, FilterError};
use crate::mqtt::connection::Endpoint;
use crate::mqtt::outgoing::MAX_PAYLOAD;
use crate::mqtt::packet::QoS;
use crate::mqtt::properties::Carrier;
use crate::mqtt::reconnect::ClientId;
use crate::name::{DeviceName, Topic};
use crate::subscriber::{self, Options, RetainedFilter};
use format::{Format, Shown};
use host::CliSubscriberHost;
use lines::{Form, Lines};
use output::{Messages, OutputFilter};
use plot::Plot;
use plot_args::PlotArgs;
use reader::Reader;
use removal::Remover;
use topics::{TopicArgs, Wanted};

/// How long refused credentials are tried again once they have worked.
const RETRY_REFUSED: Duration = Duration::from_secs(300);
/// Time for printing received messages when the run must end.
const GRACE: Duration = Duration::from_secs(2);
/// Time for the writing threads to finish at the end.
const FINISH_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest message that is parsed or converted, unless an option says otherwise, in bytes.
const MAX_PARSED: usize = 256 * 1024;

/// What may have properties of MQTT 5.
pub const SENDS: &[Carrier] =
    &[Carrier::Connect, Carrier::Subscribe, Carrier::Unsubscribe, Carrier::Will, Carrier::Disconnect];

/// Print what arrives at a topic, as its buyer sees it, or draw it
///
/// Each payload is printed with a newline after it; with -v the topic comes before it. As with mosquitto_sub, an empty
/// message prints nothing, and (null) with -v. On a terminal, control characters in a message are shown as escapes such as
/// \u{1b}; a pipe or a file gets every byte unchanged. I3 grants every subscription, even one to a topic that was never bought:
/// then nothing ever arrives. Wildcards are refused here: I3 asks its users not to subscribe with them. --hub and
/// --purchased find the topics at the marketplace instead.
///
/// When a connection ends, a new one is made with a new token, and the topics are subscribed to again. A message at QoS 1
/// or 2 is acknowledged after it was printed. While the output is blocked, such as a pipe whose reader stalls, no more
/// messages are read from the broker, and the connection is kept alive. The third signal ends the program at once, even
/// if something hangs.
///
/// Exit code 0 means that the broker granted the subscription, and that every message that arrived was printed. If the run ends
/// before the subscription was granted, or with messages that could not be written, it is 75; if messages were left out because
/// they are too long, 65.
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
    args_override_self = true,
    after_long_help = "\
Examples:
  i3 sub -u bob --pw-file bob.pw -t alice/parking/occupancy
  i3 sub --device lot1 -t alice/parking/occupancy -C 1 -W 30s
  i3 sub --device lot1 -t alice/parking/occupancy --retained-only
  i3 sub --device lot1 -t alice/parking/occupancy -F '@H:@M:@S %t %p'
  i3 sub --device lot1 -t alice/parking/occupancy --plot .free
  i3 sub --device lot1 -t alice/parking/occupancy --plot .temp --unit °C --plot-png temp.png
  i3 sub --device lot1 -t alice/parking/occupancy -q 1 -i buyer1 -c
  i3 sub --device lot1 -i buyer1 -c --unsubscribe alice/parking/barrier
  i3 sub -v --device lot1 --hub parking
  i3 sub -v -u bob --pw-file bob.pw --purchased"
)]
pub struct Subscribe {
    #[command(flatten)]
    topics: TopicArgs,
    /// End after COUNT messages
    #[arg(help_heading = None, short = 'C', long, value_name = "COUNT", value_parser = parse_count)]
    count: Option<u64>,
    /// End after this time: 30s, 5m
    #[arg(help_heading = None, short = 'W', long, value_name = "TIME", value_parser = parse_wait)]
    wait: Option<Duration>,
    /// Quality of service to subscribe with
    #[arg(help_heading = None, short, long, value_name = "0|1|2", hide_possible_values = true, default_value = "0",
          value_parser = broker::qos())]
    qos: QoS,
    /// Leave out retained messages, which the broker kept from earlier
    #[arg(help_heading = None, short = 'R', long)]
    no_retained: bool,
    /// Print retained messages, and end when the broker has sent them
    #[arg(help_heading = None, long, conflicts_with = "no_retained")]
    retained_only: bool,
    /// Have the broker keep messages while this id is away, even after the end; needs --id and -q 1 or 2
    #[arg(help_heading = None, short = 'c', long, alias = "disable-clean-session", requires = "id")]
    keep_session: bool,
    /// End the kept session's subscription to TOPIC, left by an earlier run; may be repeated
    ///
    /// With -t, --hub or --purchased the run then continues with those topics. On its own, the option ends the run, and
    /// no message is printed.
    #[arg(help_heading = None, short = 'U', long, value_name = "TOPIC", requires = "keep_session", value_parser = parse_filter)]
    unsubscribe: Vec<String>,
    /// Leave out messages to the topics of this filter, which may have wildcards: alice/parking/+; may be repeated
    #[arg(help_heading = None, short = 'T', long, value_name = "FILTER", value_parser = parse_left_out)]
    filter_out: Vec<Filter>,
    /// Have the broker remove each retained message once it has arrived; needs a device that may write the topic
    ///
    /// An empty retained message removes it, on a separate connection, and is proved as with pub: if one is not removed, the exit code
    /// is 77. Messages that -T leaves out stay.
    #[arg(help_heading = None, long, conflicts_with_all = ["no_retained", "subscribe_only"])]
    remove_retained: bool,
    /// With MQTT 5, take messages with the retain flag that they were published with
    #[arg(help_heading = None, long)]
    retain_as_published: bool,
    /// End as soon as the broker has granted the subscription: with -c it keeps messages from then on
    #[arg(help_heading = None, short = 'E', long)]
    subscribe_only: bool,
    /// Retry up to N times if the broker cannot be reached or the connection ends before the subscription is granted
    ///
    /// Later connections are retried without limit.
    #[arg(help_heading = None, long, value_name = "N", default_value_t = 0)]
    retry: u32,
    /// Leave out messages of more than SIZE bytes: 1000, 64K, 1M; the exit code is 65 then
    ///
    /// Without it the limit is 256K with --json, -F and --plot, and on a terminal, where payloads are converted. Payloads that
    /// are printed unchanged have no limit.
    #[arg(help_heading = None, long, value_name = "SIZE", value_parser = crate::cli::size::parse_message)]
    max_message: Option<usize>,
    /// Print each message in this format
    #[arg(short = 'F', long, value_name = "FORMAT", help_heading = "Output", allow_hyphen_values = true,
          conflicts_with_all = ["plot", "plot_png", "json"])]
    format: Option<FreeText>,
    /// Print messages to a terminal unchanged, including control characters
    #[arg(long, help_heading = "Output", conflicts_with_all = ["plot", "plot_png", "json"])]
    raw: bool,
    /// Print no newline after a message
    #[arg(short = 'N', long, help_heading = "Output", conflicts_with_all = ["plot", "plot_png", "json"])]
    no_newline: bool,
    /// Print the JSON of --json, %j and %J with line breaks and tabs
    #[arg(long, help_heading = "Output", conflicts_with_all = ["plot", "plot_png"])]
    pretty: bool,
    /// Print each message only with this probability in percent: 100 prints all, 0.1 one in a thousand; -C counts all
    #[arg(long, value_name = "PERCENT", help_heading = "Output", conflicts_with_all = ["plot", "plot_png"],
          value_parser = parse_chance)]
    random_filter: Option<f64>,
    #[command(flatten)]
    plot: PlotArgs,
    #[command(flatten)]
    session: SessionArgs,
    #[command(flatten)]
    pub credential: CredentialArgs,
    #[command(flatten)]
    broker: BrokerArgs,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpLong, help_heading = None)]
    help: Option<bool>,
}

/// Who listens, where, and to what.
struct Listener {
    topics: Vec<Topic>,
    client_id: String,
    identity: Rc<Identity>,
    /// The environment variable that may hold the password.
    variable: &'static str,
    endpoint: Endpoint,
}

impl Subscribe {
    /// Runs the command.
    ///
    /// # Errors
    /// A refused log-in or subscription, `-W` or a signal before `-C` messages arrived, missing messages.
    pub fn run(mut self, ui: &Ui) -> anyhow::Result<()> {
        let ui = &self.session.ui(ui);
        if self.broker.asks_for_help(self.topics.is_empty() && self.unsubscribe.is_empty())? {
            return ui.styled(help::of(cli::program_with::<Subscribe>("sub"), &["sub"], ui));
        }
        let config = settings::load(ui)?;
        self.broker.tls.check_key(self.credential.key.key.as_deref())?;
        let device = self.device(&config);
        self.session.apply(&mut self.broker, SENDS, self.retain_as_published, device.as_ref())?;
        let client_id = self.broker.client_id()?;
        let format = self.format.as_ref().map(|format| parse_format(&format.0)).transpose()?;
        let wanted = self.wanted(device.as_ref())?;
        self.check(&wanted)?;
        // Everything that can be checked before a secret is requested is checked first.
        let plot = match &wanted {
            Wanted::Named(topics) => Some(self.plot.plot(topics)?),
            Wanted::Hub(_) | Wanted::Purchased => None,
        };
        let (identity, variable) = self.identity(ui, &config)?;
        let topics = self.topics.find(ui, &config, &self.broker, &identity, wanted)?;
        let plot = plot.map_or_else(|| self.plot.plot(&topics), Ok)?;
        if plot.is_none() && self.prints() {
            check_stdout()?;
        }
        let endpoint = self.broker.endpoint(ui, &config, identity.device.as_ref())?.value;
        let lines = Lines::new(self.form(ui, format), !self.no_newline, self.shown(), self.pretty);
        self.listen(ui, Listener { topics, client_id, identity: Rc::new(identity), variable, endpoint }, lines, plot)
    }

    /// Subscribes, and prints or draws what comes until the run ends.
    fn listen(&self, ui: &Ui, listener: Listener, lines: Lines, plot: Option<Plot>) -> anyhow::Result<()> {
        let max_message = self.max_message.unwrap_or(match plot.is_none() && lines.are_as_received() {
            true => MAX_PAYLOAD,
            false => MAX_PARSED,
        });
        let options = self.options(&listener.topics, max_message);
        // From here on nothing may wait for a stalled reader.
        let aside = ui.aside();
        let restore = match &plot {
            Some(plot) if plot.wants_terminal() => screen::restore,
            _ => || (),
        };
        let (ender, signals) = signals::ending_for_certain(Hangup::Ends, restore)?;
        let result = block_on(async {
            let messages = match plot {
                Some(plot) => Messages::as_plot(&aside, plot, max_message)?,
                None => Messages::as_lines(&aside, lines, self.reader(), max_message)?,
            };
            self.take(&aside, &options, &listener, messages, ender, signals).await
        });
        aside.flush(FINISH_TIMEOUT);
        result
    }

    /// Takes messages and removes retained ones, and checks at the end that what was requested has come.
    async fn take(
        &self,
        ui: &Ui,
        options: &Options,
        listener: &Listener,
        mut messages: Messages,
        ender: Interrupter,
        signals: UnboundedReceiver<()>,
    ) -> anyhow::Result<()> {
        let (removals, to_remove) = unbounded_channel();
        messages.sift(OutputFilter {
            left_out: self.filter_out.clone(),
            chance: self.random_filter.map(|percent| percent / 100.0),
            removals: self.remove_retained.then_some(removals),
        });
        let remover = Remover {
            ui,
            // The will belongs to the subscriber's own connection.
            broker: self.broker.beside(),
            endpoint: listener.endpoint.clone(),
            identity: Rc::clone(&listener.identity),
        };
        let mut host = CliSubscriberHost {
            broker: &self.broker,
            credential: &self.credential,
            topics: &listener.topics,
            ui,
            endpoint: listener.endpoint.clone(),
            client_id: &listener.client_id,
            identity: Rc::clone(&listener.identity),
            variable: listener.variable,
            logged_in: false,
            subscribed: false,
            not_granted: Vec::new(),
            notices: messages.notices(),
            ender,
        };
        let listening = async {
            let outcome = subscriber::run(options, signals, &mut host, &mut messages).await;
            // Nothing more will be removed.
            messages.sift(OutputFilter::default());
            outcome
        };
        let (outcome, removed) = tokio::join!(listening, remover.run(to_remove));
        let subscribed = host.subscribed;
        drop(host);
        let missing = messages.missing();
        let finished = messages.end(FINISH_TIMEOUT).await;
        let result = verdict::check(ui, options, &listener.topics, outcome, subscribed);
        // A picture that cannot be written, unless the same error has ended the run.
        if result.is_ok() {
            finished?;
        }
        result?;
        removed?;
        missing.map_or(Ok(()), |missing| Err(missing.into()))
    }

    /// Returns what is listened to; nothing if only subscriptions are to be ended.
    fn wanted(&self, device: Option<&DeviceName>) -> anyhow::Result<Wanted> {
        match self.topics.is_empty() && !self.unsubscribe.is_empty() {
            true => Ok(Wanted::Named(Vec::new())),
            false => self.topics.wanted(device),
        }
    }

    /// Checks options that clap cannot.
    fn check(&self, wanted: &Wanted) -> anyhow::Result<()> {
        let named: &[Topic] = if let Wanted::Named(topics) = wanted { topics } else { &[] };
        if let Some(both) = named.iter().find(|topic| self.unsubscribe.iter().any(|filter| filter == topic.as_str())) {
            return Err(CliError::new(ExitKind::Usage, format!("{both} is given with -t and with --unsubscribe"))
                .hint("name it once")
                .into());
        }
        let subscribes = !matches!(wanted, Wanted::Named(topics) if topics.is_empty());
        if self.keep_session && self.qos == QoS::AtMostOnce && subscribes {
            return Err(CliError::new(ExitKind::Usage, "at QoS 0 a broker keeps nothing for a client that is away")
                .hint("give -q 1 or -q 2 with --keep-session")
                .into());
        }
        Ok(())
    }

    /// Returns the device that will listen, if it is a device and is known without its credential.
    fn device(&self, config: &Config) -> Option<DeviceName> {
        match (&self.credential.username, self.buyer(config)) {
            (Some(name), _) => name.parse().ok(),
            (None, Some(_)) => None,
            (None, None) => config.find_device(self.credential.device.clone()).ok().map(|d| d.value),
        }
    }

    /// Returns the buyer that the environment names, unless the options name another identity.
    fn buyer(&self, config: &Config) -> Option<Setting<String>> {
        let asks_for_buyer = !self.credential.names_someone() && !self.topics.wants_device();
        asks_for_buyer.then(|| config.buyer()).flatten()
    }

    fn form(&self, ui: &Ui, format: Option<Format>) -> Form {
        match format {
            Some(format) => Form::Format(format.shown(self.shown(), self.pretty)),
            None if ui.json => Form::Json,
            None if ui.verbose > 0 => Form::TopicAndPayload,
            None => Form::Payload,
        }
    }

    /// The reader that must be present; none if nothing will be printed.
    fn reader(&self) -> Reader {
        if self.prints() { Reader::of_stdout() } else { Reader::none() }
    }

    fn prints(&self) -> bool {
        !self.subscribe_only && !self.topics.is_empty()
    }

    fn shown(&self) -> Shown {
        if self.raw || !io::stdout().is_terminal() { Shown::Raw } else { Shown::Visible }
    }

    fn options(&self, topics: &[Topic], max_message: usize) -> Options {
        Options {
            filters: topics.iter().map(|topic| topic.as_str().into()).collect(),
            unsubscribe: self.unsubscribe.clone(),
            client_id: if self.broker.chooses_id() { ClientId::Chosen } else { ClientId::Random },
            max_message,
            retry: self.retry,
            qos: self.qos,
            session: if self.keep_session { CleanStart::No } else { CleanStart::Yes },
            only: match (self.no_retained, self.retained_only) {
                (true, _) => RetainedFilter::Live,
                (_, true) => RetainedFilter::Retained,
                _ => RetainedFilter::All,
            },
            count: self.count,
            wait: self.wait,
            subscribe_only: self.subscribe_only,
            grace: GRACE,
            timeout: self.broker.timeout,
            retry_refused: RETRY_REFUSED,
        }
    }

    /// Returns the identity that listens (`-u`, `--device`, the buyer that the environment names, otherwise the configured
    /// device), and the variable that may hold its password.
    fn identity(&self, ui: &Ui, config: &Config) -> anyhow::Result<(Identity, &'static str)> {
        match self.buyer(config) {
            Some(buyer) => {
                let variable = config::env::BUYER_PASSWORD;
                Ok((self.credential.with_credentials(ui, config, buyer.value, None, variable)?, variable))
            }
            None => {
                let identity = self.credential.resolve(ui, config).map_err(|e| match e.downcast_ref() {
                    Some(ConfigError::NoDevice(_)) if self.topics.wants_purchases() => {
                        e.context(CliError::new(ExitKind::Config, "it is not known whose purchases are meant").hint_of(
                            entry!("device-unnamed"),
                            "name the buyer's account with -u NAME and --pw-file FILE: the broker password, which \
                             `{i3} notifications broker-password --out FILE` saves",
                        ))
                    }
                    _ => e,
                });
                Ok((identity?, config::env::PASSWORD))
            }
        }
    }
}

fn parse_left_out(text: &str) -> Result<Filter, FilterError> {
    Filter::parse(text, Dialect::Mqtt)
}

/// Reads a probability in percent, within the bounds of mosquitto_sub.
fn parse_chance(text: &str) -> Result<f64, Reason> {
    let chance = text.parse().ok().filter(|percent| (0.1..=100.0).contains(percent));
    chance.ok_or(Reason("write a number of percent from 0.1 to 100"))
}

fn parse_wait(text: &str) -> Result<Duration, Reason> {
    let time = crate::cli::duration::parse_seconds(text)?;
    if time.is_zero() { Err(Reason("write a time of more than 0, such as 30 or 5m")) } else { Ok(time) }
}

fn parse_count(text: &str) -> Result<u64, Reason> {
    text.parse().ok().filter(|count| *count > 0).ok_or(Reason("write a whole number, at least 1"))
}

/// Reads a filter that an earlier subscription may have had, wildcards included (MQTT 3.1.1 §4.7).
fn parse_filter(text: &str) -> Result<String, Reason> {
    let is_sendable = !text.is_empty() && text.len() <= 65_535 && !text.contains('\0');
    is_sendable.then(|| text.to_owned()).ok_or(Reason("write the topic of the earlier subscription"))
}

fn parse_format(text: &str) -> anyhow::Result<Format> {
    text.parse().map_err(|e: format::FormatError| {
        CliError::new(ExitKind::Usage, "the format cannot be used")
            .because(e.to_string())
            .hint("write %% for a percent sign, @@ for an at sign, \\\\ for a backslash; `{i3} sub --help` explains the rest")
            .into()
    })
}
