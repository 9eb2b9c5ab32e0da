//! `i3 pub -l`: each line of stdin is a message, with an accounting at the end.

use std::io::{self, Read};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::args::{LineArgs, Publish};
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::intake;
use crate::cli::runtime::block_on;
use crate::cli::signals;
use crate::cli::stream::host::CliStreamHost;
use crate::cli::stream::rejects::Rejects;
use crate::cli::stream::{account, spool, topic};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::mqtt::reconnect::ClientId;
use crate::name::Topic;
use crate::publisher::format::Format;
use crate::publisher::lines::Splitting;
use crate::publisher::stats::Stats;
use crate::publisher::stream::{self, Options};

/// Publishes the lines of stdin, or a single message through a spool.
///
/// # Errors
/// Anything that keeps a line from being acknowledged. The accounting is printed in any case.
pub fn run(args: &Publish, ui: &Ui, config: &Config, client_id: &str) -> anyhow::Result<()> {
    let lines = &args.lines;
    let device = args.device(config);
    if args.topic.is_none() && (lines.format() == Format::Payload || !lines.are_wanted()) {
        return Err(CliError::new(ExitKind::Usage, "no topic is given")
            .hint("give the full topic with -t USER/HUB/PRODUCT, or one in each line with --topic-per-line")
            .into());
    }
    let outside = args.outside()?;
    let topic = args.topic.as_deref().map(|text| topic::parse(text, device.as_ref(), outside)).transpose()?;
    // A single message becomes a line of a format that can hold anything.
    let message = if lines.are_wanted() { None } else { Some(as_json(&args.payload(SystemTime::now())?)) };
    if message.is_none() {
        intake::check_stdin()?;
    }
    let identity = args.credential.resolve(ui, config)?;
    let endpoint = args.broker.endpoint(ui, config, identity.device.as_ref())?.value;
    let options = options(args, topic, message.as_deref());
    let rejects = lines.rejects.as_ref().map(|path| Rejects::open(path, lines.separator())).transpose()?;
    let spool = match args.spool.is_wanted() {
        true => Some(args.spool.open(ui, config, identity.device.as_ref())?),
        false => None,
    };
    let name = args.spool.name(identity.device.as_ref());
    let host = CliStreamHost::new(ui, &args.broker, &args.credential, endpoint, client_id, identity, device)
        .with_rejects(rejects)
        .with_outside(outside);
    let Some((spool, worker)) = spool else {
        let (stats, result) = block_on(async {
            let (_, signals) = signals::ending()?;
            anyhow::Ok(stream::run(&options, io::stdin(), signals, &host).await)
        })?;
        account(ui, &stats)?;
        result.map_err(|failure| host.explained(failure))?;
        return rejected(&stats, lines);
    };
    let run = block_on(async {
        let (_, signals) = signals::ending()?;
        let input: Box<dyn Read + Send> = match message {
            Some(message) => Box::new(io::Cursor::new(message)),
            None => Box::new(io::stdin()),
        };
        Ok(stream::run_spooled(&options, Some(input), signals, &host, &spool).await?)
    });
    worker.finish(spool);
    let run = run?;
    let stats = run.stats;
    account(ui, &stats)?;
    spool::judge(ui, &host, run, args.spool.safe(), &name)?;
    rejected(&stats, lines)
}

/// Returns the options of a stream of lines, or of the one line `message`.
fn options(args: &Publish, topic: Option<Topic>, message: Option<&[u8]>) -> Options {
    let lines = &args.lines;
    let (format, max_line) = match message {
        Some(message) => (Format::Json, message.len()),
        None => (lines.format(), lines.max_line),
    };
    Options {
        format,
        splitting: Splitting { separator: lines.separator(), max_line },
        topic,
        qos: args.qos,
        retain: args.retain,
        stamp: lines.stamp.clone(),
        confirm: args.confirm.into(),
        window: lines.delivery.window(),
        interval: lines.delivery.rate,
        strict: lines.strict,
        allow_secret: args.allow_secret || message.is_some(),
        timeout: args.broker.timeout,
        grace: lines.delivery.grace,
        deadline: lines.delivery.deadline,
        retry_refused: lines.delivery.retry_refused,
        client_id: if args.broker.chooses_id() { ClientId::Chosen } else { ClientId::Random },
        retry_first: args.retry,
    }
}

/// A line of `--jsonl` with this payload.
fn as_json(payload: &[u8]) -> Vec<u8> {
    serde_json::json!({ "payload_base64": STANDARD.encode(payload) }).to_string().into_bytes()
}

fn rejected(stats: &Stats, lines: &LineArgs) -> anyhow::Result<()> {
    if stats.rejected == 0 || lines.rejects.is_some() {
        return Ok(());
    }
    Err(CliError::new(ExitKind::Data, format!("{} of {} lines cannot be published", stats.rejected, stats.read))
        .hint_of(entry!("bad-line"), "correct them, or give --rejects FILE to have them set aside")
        .into())
}
