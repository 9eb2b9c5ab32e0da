//! `i3 pub -l`: each line of stdin a message, and one accounting at the end.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{ConfirmArg, Publish, topic};
use crate::cli::broker::{self, Identity, Session, block_on};
use crate::cli::duration;
use crate::cli::failure::{Failure, Kind};
use crate::cli::signals;
use crate::cli::ui::{Ui, capitalised};
use crate::config::{self, Config};
use crate::mqtt::connection::{Connection, Endpoint};
use crate::name::{DeviceName, Topic};
use crate::publisher::format::Format;
use crate::publisher::lines::Splitting;
use crate::publisher::stream::{self, Confirm, Event, Failed, Options, Surroundings, Trouble};

/// Options of line mode.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Lines")]
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
    #[arg(long, value_name = "SIZE", default_value = "256K", value_parser = size)]
    max_line: usize,
    /// Append lines that cannot be published to FILE; they do not count as failed then
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// End at the first line that cannot be published
    #[arg(long)]
    strict: bool,
    /// Send so many messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    window: Option<u16>,
    /// After SIGINT or SIGTERM, take so long to have everything acknowledged
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    grace: Duration,
    /// End after this time, whatever is left: 1h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    deadline: Option<Duration>,
    /// Once logged in, try refused credentials so long again: the broker refuses all while its database is down
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    retry_refused: Duration,
}

/// Bytes, with K or M for 1024 and 1024².
fn size(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1 << 10),
        None => text.strip_suffix(['M', 'm']).map_or((text, 1), |digits| (digits, 1 << 20)),
    };
    let number: usize = digits.parse().map_err(|_| "write a number of bytes, such as 1000, 64K or 1M".to_string())?;
    number.checked_mul(unit).filter(|n| *n <= super::MAX_PAYLOAD).ok_or_else(|| "MQTT carries 256 MB at most".into())
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

/// Publishes the lines of stdin.
///
/// # Errors
/// Whatever keeps a line from being acknowledged. The accounting is given in any case.
pub fn run(args: &Publish, ui: &Ui, config: &Config, client_id: &str) -> anyhow::Result<()> {
    let lines = &args.lines;
    let device = args.device(config);
    if args.topic.is_none() && lines.format() == Format::Payload {
        return Err(Failure::new(Kind::Usage, "no topic is named")
            .hint("give the full topic with -t USER/HUB/PRODUCT, or one in each line with --topic-per-line")
            .into());
    }
    let topic = args.topic.as_deref().map(|text| topic::parse(text, device.as_ref())).transpose()?;
    let identity = args.credential.resolve(ui, config)?;
    let endpoint = args.broker.endpoint(ui, config, identity.device.as_ref())?.value;
    let separator = if lines.null { 0 } else { b'\n' };
    let options = Options {
        format: lines.format(),
        splitting: Splitting { separator, max_line: lines.max_line },
        topic,
        qos: args.qos,
        retain: args.retain,
        confirm: match args.confirm {
            ConfirmArg::First => Confirm::First,
            ConfirmArg::All => Confirm::All,
            ConfirmArg::None => Confirm::None,
        },
        window: lines.window.map(usize::from),
        strict: lines.strict,
        timeout: args.broker.timeout,
        grace: lines.grace,
        deadline: lines.deadline,
        retry_refused: lines.retry_refused,
        retry_first: args.retry,
    };
    let rejects = lines.rejects.as_ref().map(append_to).transpose()?;
    let mut surroundings = AtTerminal {
        args,
        ui,
        later: ui.muted(),
        endpoint,
        client_id,
        identity,
        device,
        separator,
        rejects,
        logged_in: false,
    };
    let (tally, result) = block_on(async {
        let (_, signals) = signals::ending()?;
        anyhow::Ok(stream::run(&options, io::stdin(), signals, &mut surroundings).await)
    })?;
    if ui.json {
        ui.line(&tally.to_json().to_string())?;
    } else {
        ui.note(&format!("Lines: {tally}."));
    }
    match result {
        Ok(()) if tally.rejected > 0 && lines.rejects.is_none() => {
            Err(Failure::new(Kind::Data, format!("{} of {} lines cannot be published", tally.rejected, tally.read))
                .hint("mend them, or give --rejects FILE to have them put aside")
                .into())
        }
        Ok(()) => Ok(()),
        Err(Failed::LogIn(e)) => Err(e),
        Err(Failed::Stream(e)) => Err(e.into()),
    }
}

fn append_to(path: &PathBuf) -> anyhow::Result<File> {
    OpenOptions::new().append(true).create(true).open(path).map_err(|e| {
        let message = format!("{} cannot be written", path.display());
        anyhow::Error::new(e).context(Failure::new(Kind::CannotCreate, message))
    })
}

/// A stream's surroundings on the command line.
struct AtTerminal<'a> {
    args: &'a Publish,
    ui: &'a Ui,
    /// For log-ins after the first, whose warnings were given and which ask nobody.
    later: Ui,
    endpoint: Endpoint,
    client_id: &'a str,
    identity: Identity,
    device: Option<DeviceName>,
    separator: u8,
    rejects: Option<File>,
    logged_in: bool,
}

impl Surroundings for AtTerminal<'_> {
    type Error = anyhow::Error;

    async fn log_in(&mut self, session: Session) -> anyhow::Result<Connection> {
        if self.logged_in {
            self.args.credential.renew(&self.later, &mut self.identity, config::env::PASSWORD);
        }
        let ui = if self.logged_in { &self.later } else { self.ui };
        let result = self.args.broker.log_in(ui, &self.endpoint, self.client_id, &self.identity, session).await;
        self.logged_in |= result.is_ok();
        result
    }

    fn judge(&self, error: &anyhow::Error) -> Trouble {
        broker::trouble(error)
    }

    fn topic(&self, text: &str) -> Result<Topic, String> {
        topic::parse(text, self.device.as_ref()).map_err(|e| format!("{e:#}"))
    }

    fn put_aside(&mut self, bytes: &[u8], ends: bool) -> io::Result<()> {
        let Some(file) = &mut self.rejects else { return Ok(()) };
        file.write_all(bytes)?;
        if ends { file.write_all(&[self.separator]) } else { Ok(()) }
    }

    fn tell(&mut self, event: &Event<'_, anyhow::Error>) {
        let again = |pause: &Duration| format!("trying again in {:.1} s", pause.as_secs_f64());
        match event {
            Event::BadLine { line, why } => self.ui.warn(&format!("line {line} is not published: {why}.")),
            Event::Lost { why, waiting, pause } => {
                let cause = std::error::Error::source(why).map(|e| format!(" ({e})")).unwrap_or_default();
                let note = format!("{why}{cause}, {waiting} lines wait; {}.", again(pause));
                self.ui.note(&capitalised(&note));
            }
            Event::NoLogIn { why, pause } => self.ui.note(&capitalised(&format!("{why:#}; {}.", again(pause)))),
            Event::Back => self.ui.note("Logged in again."),
            Event::Draining { waiting } => {
                self.ui.note(&format!("Reading no more; {waiting} lines are drained. A second signal ends at once."));
            }
        }
    }
}
