//! The options of `i3 pub`.

use std::io::Read;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use clap::{ArgGroup, Args, ValueEnum};

use crate::catalogue::entry;
use crate::cli::arguments::Message;
use crate::cli::broker::{self, BrokerArgs};
use crate::cli::credential::CredentialArgs;
use crate::cli::duration;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::intake;
use crate::cli::session::SessionArgs;
use crate::cli::size;
use crate::cli::stream::delivery::{ConfirmArg, DeliveryArgs};
use crate::cli::stream::spool::{Safe, SpoolName, folder};
use crate::cli::stream::topic::Outside;
use crate::cli::ui::Ui;
use crate::cli::usage::Reason;
use crate::config::Config;
use crate::guard::{Refusal, payload};
use crate::mqtt::outgoing;
use crate::mqtt::packet::QoS;
use crate::name::DeviceName;
use crate::publisher::format::Format;
use crate::publisher::stamp::{self, Stamp};
use crate::spool::worker::{SpoolHandle, WorkerThread};
use crate::spool::{Full, Limits, Spool};

/// Publish a message, or each line of stdin, and say whether it arrived
///
/// Exit code 0 means that the message came back from the broker, which happens only if it was allowed: I3's
/// acknowledgement is the same for a delivered message and for a dropped one. With MQTT 5 and QoS 1 or 2 the broker's
/// reason code tells.
///
/// The user name is the full device name, the topic the full topic. A token is made from the device's key for each
/// log-in; a private key is never sent.
///
/// With -l each line of stdin is a message, and is sent as soon as it is read. What is not acknowledged when a connection
/// ends is sent again on the next one. At the end, and after SIGINT, SIGTERM or SIGHUP, everything is drained, and a
/// final accounting says what became of the lines; exit code 0 means that each was acknowledged or set aside with --rejects. At
/// QoS 0 a line counts as acknowledged once the broker has answered a ping sent after it, or closed the connection
/// cleanly.
#[derive(Args)]
#[command(
    disable_help_flag = true,
    args_override_self = true,
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
    pub(super) topic: Option<String>,
    /// Send this message
    #[arg(short, long, value_name = "TEXT", help_heading = "Message", allow_hyphen_values = true,
          conflicts_with_all = ["file", "stdin_file", "null_message", "line_mode"])]
    pub(super) message: Option<Message>,
    /// Send the contents of FILE, byte for byte
    #[arg(short, long, value_name = "FILE", help_heading = "Message",
          conflicts_with_all = ["stdin_file", "null_message", "line_mode"])]
    pub(super) file: Option<PathBuf>,
    /// Send all of stdin as one message, byte for byte
    #[arg(short, long, help_heading = "Message", conflicts_with_all = ["null_message", "pw_stdin", "line_mode"])]
    pub(super) stdin_file: bool,
    /// Send an empty message; with -r it removes the retained one
    ///
    /// An empty text, file or stdin is an error, because a producer that failed must not remove a retained message. Empty
    /// lines of
    /// -l are sent, but not with -r; a line of --jsonl that says "retain": true itself may be empty.
    #[arg(short, long, help_heading = "Message", conflicts_with = "line_mode")]
    pub(super) null_message: bool,
    /// Quality of service
    #[arg(short, long, value_name = "0|1|2", help_heading = "Message", default_value = "0",
          hide_possible_values = true, value_parser = broker::qos())]
    pub(super) qos: QoS,
    /// Have the broker keep the message for later subscribers
    #[arg(short, long, help_heading = "Message")]
    pub(super) retain: bool,
    /// Prove delivery of the first message to each topic, of all messages, or of none
    #[arg(long, value_name = "first|all|none", value_enum, default_value_t, help_heading = "Message")]
    pub(super) confirm: ConfirmArg,
    /// Send the message although it holds a private key
    ///
    /// Without this, a message that contains the armour lines of a private key (PEM, OpenSSH, OpenPGP) or a private
    /// JSON Web Key is not sent. Keys in other encodings are not detected in messages.
    #[arg(long, help_heading = "Message")]
    pub(super) allow_secret: bool,
    /// Retry up to N times if the broker cannot be reached, is busy or does not answer, or the connection ends; can deliver twice
    ///
    /// A broker may refuse a message by closing the connection. If it does so twice at the same message, and keeps a
    /// connection without it, that counts as a refusal.
    ///
    /// In a stream of lines this applies to the first log-in. Later ones are retried without limit, or until --deadline; with
    /// --spool, N times once the input has ended.
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Message")]
    pub(super) retry: u32,
    /// Publish the message N times, each proved as --confirm says, on one connection
    #[arg(long, value_name = "N", help_heading = "Message", conflicts_with_all = ["line_mode", "spool"],
          value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) repeat: Option<u32>,
    /// Wait this long after each of them: 0.5, 10, 2m
    #[arg(long, value_name = "TIME", help_heading = "Message", requires = "repeat",
          value_parser = duration::parse_fraction)]
    pub(super) repeat_delay: Option<Duration>,
    /// Have the broker keep the session of this client id; needs --id
    ///
    /// The session is left unchanged: a message is proved over another connection, so that its subscriptions stay as they are.
    #[arg(short = 'c', long, help_heading = "Connection", requires = "id", conflicts_with_all = ["line_mode", "spool"])]
    pub(super) disable_clean_session: bool,
    /// Publish without the agent, even if one is running
    #[arg(long, help_heading = "Message")]
    pub(super) no_agent: bool,
    #[command(flatten)]
    pub(super) lines: LineArgs,
    #[command(flatten)]
    pub(super) spool: SpoolArgs,
    #[command(flatten)]
    pub(super) session: SessionArgs,
    #[command(flatten)]
    pub credential: CredentialArgs,
    #[command(flatten)]
    pub(super) broker: BrokerArgs,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpLong, help_heading = None)]
    help: Option<bool>,
}

impl Publish {
    /// Returns whether neither a topic nor anything to send is given.
    pub(super) fn is_empty(&self) -> bool {
        let one = self.message.is_some() || self.file.is_some() || self.stdin_file || self.null_message;
        self.topic.is_none() && !one && !self.lines.are_wanted()
    }

    /// Returns what becomes of a topic outside the device's hub.
    ///
    /// # Errors
    /// It is to be tried, and nothing would prove it.
    pub(super) fn outside(&self) -> Result<Outside, CliError> {
        self.lines.delivery.outside(self.confirm)
    }

    /// Returns the device that will log in, if that is known without its credential.
    pub(super) fn device(&self, config: &Config) -> Option<DeviceName> {
        let named = self.credential.username.clone().map(|u| u.parse().ok());
        named.unwrap_or_else(|| config.find_device(self.credential.device.clone()).ok().map(|d| d.value))
    }

    /// Returns the payload, with the time at which it was read if --stamp requests that.
    ///
    /// # Errors
    /// It cannot be read, or not be sent.
    pub(super) fn payload(&self, taken: SystemTime) -> anyhow::Result<Bytes> {
        let unreadable = |name: &str, e| {
            anyhow::Error::new(e).context(CliError::new(ExitKind::NoInput, format!("{name} cannot be read")))
        };
        let (name, payload) = if let Some(text) = &self.message {
            ("the text of -m".into(), text.0.clone().into_bytes())
        } else if let Some(path) = &self.file {
            let name = path.display().to_string();
            let path = path.clone();
            let payload = self.in_time(&name, move || std::fs::File::open(path).and_then(bounded))?;
            let payload = payload.map_err(|e| unreadable(&name, e))?;
            (name, payload)
        } else if self.stdin_file {
            intake::check_stdin()?;
            let payload = self.in_time("stdin", || bounded(std::io::stdin().lock()))?;
            ("stdin".into(), payload.map_err(|e| unreadable("stdin", e))?)
        } else if self.null_message {
            (String::new(), Vec::new())
        } else {
            return Err(CliError::new(ExitKind::Usage, "no message is given")
                .hint("give one with -m TEXT, -f FILE, -s for stdin, -l for its lines, or -n for an empty one")
                .into());
        };
        if payload.is_empty() && !self.null_message {
            return Err(CliError::new(ExitKind::Data, format!("{name} is empty: nothing is sent"))
                .hint(entry!("empty-message"))
                .into());
        }
        if !self.allow_secret
            && let Some(form) = payload::find(&payload)
        {
            return Err(Refusal::PrivateKeyInMessage(form).into());
        }
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

    /// Reads `name` before the deadline. The program that writes it may take longer, or never end.
    fn in_time(
        &self,
        name: &str,
        read: impl FnOnce() -> std::io::Result<Vec<u8>> + Send + 'static,
    ) -> anyhow::Result<std::io::Result<Vec<u8>>> {
        let Some(time) = self.lines.delivery.deadline else { return Ok(read()) };
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        // After the deadline, nobody waits for it.
        std::thread::Builder::new().name("i3-message".into()).spawn(move || sender.send(read()))?;
        receiver.recv_timeout(time).map_err(|_| {
            let told = format!("the deadline has passed, and {name} has not ended: nothing is sent");
            let remedy = "give --deadline more, or see what the program that makes the message waits for";
            CliError::new(ExitKind::TryAgain, told).hint_of(entry!("no-answer"), remedy).into()
        })
    }
}

/// Reads all of a source, or one more byte than can be sent.
fn bounded(source: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(outgoing::MAX_PAYLOAD as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Options of line mode.
#[derive(Args, Clone, Debug)]
#[command(
    next_help_heading = "Lines",
    mut_arg("window", |arg| arg.short('M')),
    mut_arg("grace", |arg| arg.requires("many")),
    mut_arg("deadline", |arg| arg.help_heading("Message")),
    mut_arg("any_hub", |arg| arg.help_heading("Message")),
    mut_arg("retry_refused", |arg| arg.requires("many"))
)]
pub struct LineArgs {
    /// Send each line of stdin as a message
    ///
    /// A byte order mark at the beginning of stdin is removed. It stays with -0, whose pieces need not be text.
    #[arg(short, long = "lines", alias = "stdin-line", group = "line_mode", conflicts_with = "pw_stdin")]
    pub(super) lines: bool,
    /// Send each NUL-terminated piece of stdin as a message, newlines included
    #[arg(short = '0', long = "null", group = "line_mode", conflicts_with = "pw_stdin")]
    null: bool,
    /// Read lines as TOPIC, a tab, PAYLOAD
    #[arg(long, group = "line_mode", conflicts_with_all = ["pw_stdin", "topic", "jsonl"])]
    topic_per_line: bool,
    /// Read lines as JSON objects: "topic", "payload" or "payload_base64", "qos", "retain"
    ///
    /// Options supply what a line leaves out. Give -q 2 if lines may have QoS 2: a message is then delivered only once
    /// even if a connection ends.
    #[arg(long, group = "line_mode", conflicts_with = "pw_stdin")]
    jsonl: bool,
    /// Refuse lines that are longer than SIZE bytes: 1000, 64K, 1M
    #[arg(long, value_name = "SIZE", default_value = "256K", value_parser = size::parse_message,
          requires = "line_mode")]
    pub(super) max_line: usize,
    /// Append lines that cannot be published to FILE instead of counting them as failed
    #[arg(long, value_name = "FILE", requires = "line_mode")]
    pub(super) rejects: Option<PathBuf>,
    /// Add the time at which a message was read: in this field of its JSON object, or in MQTT 5's user property "time"
    ///
    /// The time is in RFC 3339. An existing field is left unchanged.
    #[arg(long, value_name = "json:FIELD|v5", value_parser = stamp)]
    pub(super) stamp: Option<Stamp>,
    /// End at the first line that cannot be published
    #[arg(long, requires = "line_mode")]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) delivery: DeliveryArgs,
}

impl LineArgs {
    /// Returns whether the options select line mode.
    pub fn are_wanted(&self) -> bool {
        self.lines || self.null || self.topic_per_line || self.jsonl
    }

    /// Returns the byte that ends a line.
    pub(super) fn separator(&self) -> u8 {
        if self.null { 0 } else { b'\n' }
    }

    pub(super) fn format(&self) -> Format {
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

/// Options of the spool.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Spool")]
pub struct SpoolArgs {
    /// Store each line on disk before it is sent, in DIR or the device's own folder; without a network the lines wait there
    ///
    /// A line is safe once it is on disk. It leaves the spool when the broker has acknowledged it, or with --confirm all when
    /// it has come back. Lines left by an earlier run are sent first. If several runs share a spool, the first one sends and
    /// the others add to it.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    spool: Option<Option<PathBuf>>,
    /// Let the spool hold at most SIZE: 100M, 2G
    #[arg(long, value_name = "SIZE", value_parser = size::parse, requires = "spool")]
    spool_max: Option<u64>,
    /// Drop lines that have waited longer than TIME: 2d
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "spool")]
    spool_age: Option<Duration>,
    /// When the spool or the disk is full, hold the producer back, drop the oldest lines, or fail
    #[arg(long, value_name = "block|drop-oldest|fail", value_enum, default_value_t, requires = "spool")]
    spool_full: FullArg,
    /// End with exit code 0 if the lines are safe in the spool and could not be delivered
    #[arg(long, requires = "spool")]
    spool_ok: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FullArg {
    #[default]
    Block,
    DropOldest,
    Fail,
}

impl SpoolArgs {
    /// Returns whether a spool is requested.
    pub fn is_wanted(&self) -> bool {
        self.spool.is_some()
    }

    /// Opens the spool that the options name.
    ///
    /// # Errors
    /// It cannot be opened, or no option says where it is.
    pub fn open(
        &self,
        ui: &Ui,
        config: &Config,
        device: Option<&DeviceName>,
    ) -> anyhow::Result<(SpoolHandle, WorkerThread)> {
        let folder = folder(self.spool.as_ref().and_then(Option::as_deref), config, device)?;
        let full = match self.spool_full {
            FullArg::Block => Full::Block,
            FullArg::DropOldest => Full::DropOldest,
            FullArg::Fail => Full::Fail,
        };
        let limits = Limits { max_bytes: self.spool_max, max_age: self.spool_age, full };
        ui.detail(&format!("Spool {}.", folder.display()));
        Ok(SpoolHandle::start(Spool::open(&folder)?, limits)?)
    }

    /// Returns how other commands name the same spool.
    pub fn name(&self, device: Option<&DeviceName>) -> SpoolName {
        SpoolName::new(self.spool.as_ref().and_then(Option::as_deref), device)
    }

    /// Returns whether lines that are safe in the spool are enough.
    pub fn safe(&self) -> Safe {
        if self.spool_ok { Safe::Enough } else { Safe::NotEnough }
    }
}
