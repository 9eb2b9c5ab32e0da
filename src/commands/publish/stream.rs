//! `i3 pub -l`: each line of stdin a message, and one accounting at the end.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;

use super::rejects::Rejects;
use super::{Publish, no_echo, spool, topic};
use crate::catalogue::entry;
use crate::cli::broker::{self, BrokerArgs, CleanStart, CredentialArgs, Identity, block_on};
use crate::cli::duration;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::signals;
use crate::cli::size;
use crate::cli::ui::{Ui, capitalised};
use crate::cli::usage::Reason;
use crate::config::{self, Config};
use crate::mqtt::connection::{Connection, Endpoint};
use crate::mqtt::packet;
use crate::mqtt::reconnect::RetryClass;
use crate::name::{DeviceName, Topic};
use crate::publisher::format::Format;
use crate::publisher::lines::Splitting;
use crate::publisher::stamp::Stamp;
use crate::publisher::stats::Stats;
use crate::publisher::stream::{self, Event, Options, Piece, Place, StreamError, StreamFailure, StreamHost};

/// Options of line mode.
#[derive(Args, Clone, Debug)]
#[command(
    next_help_heading = "Lines",
    mut_arg("window", |arg| arg.requires("many")),
    mut_arg("grace", |arg| arg.requires("many")),
    mut_arg("deadline", |arg| arg.requires("many")),
    mut_arg("retry_refused", |arg| arg.requires("many"))
)]
pub struct LineArgs {
    /// Send each line of stdin as a message
    #[arg(short, long = "lines", group = "line_mode", conflicts_with = "pw_stdin")]
    lines: bool,
    /// Send what stands before each NUL of stdin as a message, newlines and all
    #[arg(short = '0', long = "null", group = "line_mode", conflicts_with = "pw_stdin")]
    null: bool,
    /// Take lines as TOPIC, a tab, PAYLOAD
    #[arg(long, group = "line_mode", conflicts_with_all = ["pw_stdin", "topic", "jsonl"])]
    topic_per_line: bool,
    /// Take lines as JSON objects: "topic", "payload" or "payload_base64", "qos", "retain"
    ///
    /// What a line leaves out is as in the options. Give -q 2 if lines may have QoS 2: then a message is delivered once
    /// even if a connection ends.
    #[arg(long, group = "line_mode", conflicts_with = "pw_stdin")]
    jsonl: bool,
    /// Refuse lines that are longer than so many bytes: 1000, 64K, 1M
    #[arg(long, value_name = "SIZE", default_value = "256K", value_parser = size::parse_message,
          requires = "line_mode")]
    max_line: usize,
    /// Append lines that cannot be published to FILE; they do not count as failed then
    #[arg(long, value_name = "FILE", requires = "line_mode")]
    rejects: Option<PathBuf>,
    /// Say with each message when it was read: in this field of its JSON object, or in MQTT 5's user property "time"
    ///
    /// The time is in RFC 3339. A field that is there already stays as it is.
    #[arg(long, value_name = "json:FIELD|v5", value_parser = stamp)]
    pub(super) stamp: Option<Stamp>,
    /// End at the first line that cannot be published
    #[arg(long, requires = "line_mode")]
    strict: bool,
    #[command(flatten)]
    delivery: DeliveryArgs,
}

/// Options of everything that sends more than one message.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Lines")]
pub struct DeliveryArgs {
    /// Send so many messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]
    #[arg(long, value_name = "N", value_parser = window)]
    window: Option<u16>,
    /// After SIGINT, SIGTERM or SIGHUP, take so long to have everything acknowledged
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    pub grace: Duration,
    /// End after this time, whatever is left: 1h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub deadline: Option<Duration>,
    /// Once logged in, try refused credentials so long again: the broker refuses all while its database is down
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub retry_refused: Duration,
}

impl DeliveryArgs {
    /// The most messages in flight, if that is said.
    pub fn window(&self) -> Option<usize> {
        self.window.map(usize::from)
    }
}

impl LineArgs {
    /// Whether the options ask for line mode.
    pub fn are_wanted(&self) -> bool {
        self.lines || self.null || self.topic_per_line || self.jsonl
    }

    fn format(&self) -> Format {
        match (self.topic_per_line, self.jsonl) {
            (true, _) => Format::TopicPerLine,
            (_, true) => Format::Json,
            _ => Format::Payload,
        }
    }
}

fn stamp(text: &str) -> Result<Stamp, Reason> {
    text.parse().map_err(Reason)
}

fn window(text: &str) -> Result<u16, Reason> {
    let number = text.parse().ok().filter(|n| *n > 0);
    number.ok_or(Reason("write a number from 1 to 65535"))
}

/// Refuses `option` where the broker is not spoken to in the version that has properties; `hint` is the way out.
///
/// # Errors
/// MQTT 5 is not asked for.
pub fn needs_v5(broker: &BrokerArgs, option: &str, hint: &str) -> Result<(), CliError> {
    match broker.speaks_v5() {
        true => Ok(()),
        false => Err(CliError::new(ExitKind::Usage, format!("{option} needs MQTT 5, which has properties")).hint(hint)),
    }
}

/// Publishes the lines of stdin, or a single message by way of a spool.
///
/// # Errors
/// Whatever keeps a line from being acknowledged. The accounting is given in any case.
pub fn run(args: &Publish, ui: &Ui, config: &Config, client_id: &str) -> anyhow::Result<()> {
    let lines = &args.lines;
    let device = args.device(config);
    if args.topic.is_none() && (lines.format() == Format::Payload || !lines.are_wanted()) {
        return Err(CliError::new(ExitKind::Usage, "no topic is named")
            .hint("give the full topic with -t USER/HUB/PRODUCT, or one in each line with --topic-per-line")
            .into());
    }
    let topic = args.topic.as_deref().map(|text| topic::parse(text, device.as_ref())).transpose()?;
    // A message that is no line becomes one that can hold anything.
    let message = if lines.are_wanted() { None } else { Some(as_json(&args.payload(SystemTime::now())?)) };
    let identity = args.credential.resolve(ui, config)?;
    let endpoint = args.broker.endpoint(ui, config, identity.device.as_ref())?.value;
    let separator = if lines.null { 0 } else { b'\n' };
    let options = Options {
        format: if message.is_some() { Format::Json } else { lines.format() },
        splitting: Splitting { separator, max_line: message.as_ref().map_or(lines.max_line, Vec::len) },
        topic,
        qos: args.qos,
        retain: args.retain,
        stamp: lines.stamp.clone(),
        confirm: args.confirm.into(),
        window: lines.delivery.window(),
        strict: lines.strict,
        timeout: args.broker.timeout,
        grace: lines.delivery.grace,
        deadline: lines.delivery.deadline,
        retry_refused: lines.delivery.retry_refused,
        retry_first: args.retry,
    };
    let rejects = lines.rejects.as_ref().map(|path| Rejects::open(path, separator)).transpose()?;
    let queue = match args.spool.is_wanted() {
        true => Some(args.spool.open(ui, config, identity.device.as_ref())?),
        false => None,
    };
    let named = args.spool.named(identity.device.as_ref());
    let terminal =
        CliHost::new(ui, &args.broker, &args.credential, endpoint, client_id, identity, device).with_rejects(rejects);
    let Some((queue, keeping)) = queue else {
        let (stats, result) = block_on(async {
            let (_, signals) = signals::ending()?;
            anyhow::Ok(stream::run(&options, io::stdin(), signals, &terminal).await)
        })?;
        account(ui, &stats)?;
        result.map_err(|failed| terminal.explained(failed))?;
        return rejected(&stats, lines);
    };
    let spooled = block_on(async {
        let (_, signals) = signals::ending()?;
        let input: Box<dyn Read + Send> = match message {
            Some(message) => Box::new(io::Cursor::new(message)),
            None => Box::new(io::stdin()),
        };
        Ok(stream::run_spooled(&options, Some(input), signals, &terminal, &queue).await?)
    });
    keeping.finish(queue);
    let spooled = spooled?;
    let stats = spooled.stats;
    account(ui, &stats)?;
    spool::judge(ui, &terminal, spooled, args.spool.safe(), &named)?;
    rejected(&stats, lines)
}

/// A line of `--jsonl` with this payload.
fn as_json(payload: &[u8]) -> Vec<u8> {
    serde_json::json!({ "payload_base64": STANDARD.encode(payload) }).to_string().into_bytes()
}

/// The one accounting.
pub fn account(ui: &Ui, stats: &Stats) -> anyhow::Result<()> {
    if ui.json {
        ui.line(&stats.to_json().to_string())
    } else {
        ui.note(&format!("Lines: {stats}."));
        Ok(())
    }
}

fn rejected(stats: &Stats, lines: &LineArgs) -> anyhow::Result<()> {
    if stats.rejected == 0 || lines.rejects.is_some() {
        return Ok(());
    }
    Err(CliError::new(ExitKind::Data, format!("{} of {} lines cannot be published", stats.rejected, stats.read))
        .hint_of(entry!("bad-line"), "mend them, or give --rejects FILE to have them put aside")
        .into())
}

/// A stream's surroundings on the command line.
pub struct CliHost<'a> {
    ui: &'a Ui,
    /// For log-ins after the first, whose warnings were given and which ask nobody.
    later: Ui,
    broker: &'a BrokerArgs,
    credential: &'a CredentialArgs,
    endpoint: Endpoint,
    client_id: &'a str,
    /// Renewed for each log-in after the first.
    identity: RefCell<Rc<Identity>>,
    device: Option<DeviceName>,
    /// Bad lines go there.
    rejects: Option<Rejects>,
    logged_in: Cell<bool>,
}

impl<'a> CliHost<'a> {
    /// Who logs in where; `device` is the one that topics are checked against.
    pub fn new(
        ui: &'a Ui,
        broker: &'a BrokerArgs,
        credential: &'a CredentialArgs,
        endpoint: Endpoint,
        client_id: &'a str,
        identity: Identity,
        device: Option<DeviceName>,
    ) -> CliHost<'a> {
        CliHost {
            ui,
            later: ui.muted(),
            broker,
            credential,
            endpoint,
            client_id,
            identity: RefCell::new(Rc::new(identity)),
            device,
            rejects: None,
            logged_in: Cell::new(false),
        }
    }

    fn identity(&self) -> Rc<Identity> {
        Rc::clone(&self.identity.borrow())
    }

    pub fn with_rejects(self, rejects: Option<Rejects>) -> CliHost<'a> {
        CliHost { rejects, ..self }
    }

    /// Why a stream failed, with what is known here of who published.
    pub fn explained(&self, failure: StreamFailure<anyhow::Error>) -> anyhow::Error {
        match failure {
            StreamFailure::LogIn(e) => e,
            StreamFailure::Stream(e) => match &e {
                StreamError::NoEcho { topic, .. }
                | StreamError::Denied { topic, reason: packet::Reason::NOT_AUTHORIZED, .. } => {
                    no_echo::explain(e.to_string(), &self.identity(), topic, self.broker.id.is_some()).into()
                }
                _ => e.into(),
            },
        }
    }
}

impl StreamHost for CliHost<'_> {
    type Error = anyhow::Error;

    async fn log_in(&self, session: CleanStart) -> anyhow::Result<Connection> {
        let again = self.logged_in.get();
        if again && let Some(found) = self.credential.renewed(&self.later, &self.identity(), config::env::PASSWORD) {
            self.identity.replace(Rc::new(found));
        }
        let ui = if again { &self.later } else { self.ui };
        let result = self.broker.log_in(ui, &self.endpoint, self.client_id, &self.identity(), session).await;
        self.logged_in.set(again || result.is_ok());
        result
    }

    fn judge(&self, error: &anyhow::Error) -> RetryClass {
        broker::retry_class_of(&self.identity(), error)
    }

    fn topic(&self, text: &str) -> Result<Topic, String> {
        topic::parse(text, self.device.as_ref()).map_err(|e| format!("{e:#}"))
    }

    fn put_aside(&self, bytes: &[u8], piece: Piece) -> io::Result<()> {
        self.rejects.as_ref().map_or(Ok(()), |rejects| rejects.append(bytes, piece))
    }

    fn put_record_aside(&self, line: &[u8]) -> io::Result<Place> {
        let Some(rejects) = &self.rejects else { return Ok(Place::Spool) };
        rejects.append(line, Piece::Last)?;
        rejects.sync()?;
        Ok(Place::Rejects)
    }

    fn tell(&self, event: &Event<'_, anyhow::Error>) {
        let again = |pause: &Duration| format!("trying again in {:.1} s", pause.as_secs_f64());
        match event {
            Event::BadLine { line, why } => self.ui.warn(&format!("line {line} is not published: {why}.")),
            Event::BadRecord { record, why, place } => {
                let place = match place {
                    Place::Rejects => "is put aside",
                    Place::Spool => "stays in the spool",
                };
                self.ui.warn(&format!("record {record} of the spool {place}: {why}."));
            }
            Event::Lost { why, waiting, pause } => {
                let cause = std::error::Error::source(why).map(|e| format!(" ({e})")).unwrap_or_default();
                let wait = if *waiting == 1 { "line waits" } else { "lines wait" };
                let note = format!("{why}{cause}, {waiting} {wait}; {}.", again(pause));
                self.ui.note(&capitalised(&note));
            }
            Event::NoLogIn { why, pause } => self.ui.note(&capitalised(&format!("{why:#}; {}.", again(pause)))),
            Event::Back => self.ui.note("Logged in again."),
            Event::AnotherDrains => self.ui.note("Another run sends what is in the spool; this one adds to it."),
            Event::SpoolFull => {
                self.ui.warn("there is no room in the spool; the producer is held back whenever that is so.");
            }
            Event::Dropped { records: 1 } => self.ui.warn("1 line was dropped from the spool."),
            Event::Dropped { records } => self.ui.warn(&format!("{records} lines were dropped from the spool.")),
            Event::Draining { waiting } => {
                let are = if *waiting == 1 { "line is" } else { "lines are" };
                self.ui.note(&format!("Reading no more; {waiting} {are} drained. A second signal ends at once."));
            }
        }
    }
}
