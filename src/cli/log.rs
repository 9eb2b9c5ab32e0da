//! What a long-running command reports: notes and warnings for a person, or a log for a program.
//!
//! docs/watching.md lists the events. A released name never changes.

use std::error::Error;
use std::fmt::Display;
use std::io;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::duration;
use super::error::RenderedError;
use super::signals::{self, Hangup, SignalRequest};
use super::ui::{Level, Record, Ui, capitalised};
use super::usage::Reason;

/// How long to wait for the reader of stderr at the end.
const FLUSH: Duration = Duration::from_secs(1);
/// The shortest time between two tallies.
const OFTEN: Duration = Duration::from_millis(100);

/// The format of a long-running command's reports.
#[derive(Args, Clone, Debug)]
pub struct LogFormatArgs {
    /// Write notes, warnings and errors as text, or as one JSON object per line
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Log")]
    log_format: LogFormat,
}

impl LogFormatArgs {
    /// Whether stderr is a log that a program reads ([`Ui::logs`]).
    pub fn is_json(&self) -> bool {
        self.log_format == LogFormat::Json
    }
}

/// Options of commands that run until they are ended.
#[derive(Args, Clone, Debug)]
pub struct LogArgs {
    #[command(flatten)]
    format: LogFormatArgs,
    /// Log the tally this often, such as 60s; SIGUSR1 logs it at once
    #[arg(long, value_name = "TIME", value_parser = often, help_heading = "Log")]
    stats: Option<Duration>,
}

/// How a command reports events.
#[derive(ValueEnum, Debug, Clone, Copy, Default, PartialEq, Eq)]
enum LogFormat {
    #[default]
    Text,
    Json,
}

fn often(text: &str) -> Result<Duration, Reason> {
    let length = duration::parse(text)?;
    if length < OFTEN { Err(Reason("give at least 100ms")) } else { Ok(length) }
}

impl LogArgs {
    /// Whether stderr is a log that a program reads ([`Ui::logs`]).
    pub fn is_json(&self) -> bool {
        self.format.is_json()
    }

    /// Returns the requests to the command while it runs, on the current runtime.
    ///
    /// # Errors
    /// The system accepts no handler.
    pub fn requests(&self, hangup: Hangup) -> io::Result<Requests> {
        let every = self.stats.map(|period| {
            let mut every = interval_at(Instant::now() + period, period);
            every.set_missed_tick_behavior(MissedTickBehavior::Delay);
            every
        });
        Ok(Requests { signals: signals::requests(hangup)?, every })
    }
}

/// Requests to a running command: by a signal, or because `--stats` is due.
#[derive(Debug)]
pub struct Requests {
    signals: UnboundedReceiver<SignalRequest>,
    every: Option<Interval>,
}

impl Requests {
    /// Waits for the next one. Nothing is lost if this is dropped before.
    pub async fn next(&mut self) -> SignalRequest {
        let Requests { signals, every } = self;
        let due = async {
            match every {
                Some(every) => every.tick().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            Some(request) = signals.recv() => request,
            _ = due => SignalRequest::Tally,
        }
    }
}

/// Where a long-running command reports events. It never waits for the reader of stderr.
#[derive(Debug, Clone)]
pub struct Log {
    ui: Ui,
}

impl Log {
    pub fn new(ui: &Ui) -> Log {
        Log { ui: ui.aside() }
    }

    /// For output by other means; it does not wait either.
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    /// Begins a line about something that works; not shown with `--quiet`.
    pub fn info(&self, event: &'static str) -> LogLine<'_> {
        self.line(Level::Info, event)
    }

    /// Begins a line about something that does not work.
    pub fn warn(&self, event: &'static str) -> LogLine<'_> {
        self.line(Level::Warning, event)
    }

    /// Reports the totals.
    pub fn tally(&self, tally: &(impl Display + Serialize)) {
        self.info("tally").with("tally", json!(tally)).say(tally);
    }

    /// Waits until everything is written, for a second at most.
    pub fn flush(&self) {
        self.ui.flush(FLUSH);
    }

    fn line(&self, level: Level, event: &'static str) -> LogLine<'_> {
        LogLine { ui: &self.ui, level, event, device: None, source: None, error: None, more: Map::new() }
    }
}

/// A line of a log that is not written yet.
#[derive(Debug)]
#[must_use = "it is written by `say`"]
pub struct LogLine<'l> {
    ui: &'l Ui,
    level: Level,
    event: &'static str,
    device: Option<String>,
    source: Option<String>,
    error: Option<RenderedError>,
    more: Map<String, Value>,
}

impl LogLine<'_> {
    /// The device that it is about, by its full name.
    pub fn device(self, name: impl Display) -> Self {
        LogLine { device: Some(name.to_string()), ..self }
    }

    /// The source that it is about.
    pub fn source(self, name: impl Display) -> Self {
        LogLine { source: Some(name.to_string()), ..self }
    }

    /// The error that it is about.
    pub fn error(self, error: &anyhow::Error) -> Self {
        let told = RenderedError::new(error, &self.ui.program);
        LogLine { error: Some(told), ..self }
    }

    /// The same for an error that has no context.
    pub fn cause(self, error: &(dyn Error + 'static)) -> Self {
        let told = RenderedError::of_cause(error, &self.ui.program);
        LogLine { error: Some(told), ..self }
    }

    /// A value that this event has, for programs.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.into(), value.into());
        self
    }

    /// Writes it, with a sentence for people: without a capital, a full stop and the error, which are added.
    pub fn say(self, sentence: impl Display) {
        let LogLine { ui, level, event, device, source, error, more } = self;
        if ui.logs {
            if level == Level::Info && ui.quiet {
                return;
            }
            let message = format!("{}.", capitalised(&sentence.to_string()));
            let (device, source) = (device.as_deref(), source.as_deref());
            let error = error.as_ref().map(RenderedError::to_json);
            return ui.json_line(&Record { device, source, error, more, ..Record::new(level, event, &message) });
        }
        let text = match error {
            Some(error) => format!("{sentence}: {}.", error.line),
            None => format!("{sentence}."),
        };
        match level {
            Level::Debug => ui.detail(&capitalised(&text)),
            Level::Info => ui.note(&capitalised(&text)),
            Level::Warning | Level::Error => ui.warn(&text),
        }
    }
}
