//! `--spool`: lines are safe on disk first, and what became of them is told apart from what became of the run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::stream::CliHost;
use crate::catalogue::entry;
use crate::cli::duration;
use crate::cli::error::{CliError, ExitKind, kind, quoted};
use crate::cli::size;
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::name::DeviceName;
use crate::publisher::stream::{SpoolRun, StreamError, StreamFailure};
use crate::spool::worker::{SpoolHandle, SpoolWorkerError, WorkerThread};
use crate::spool::{Full, Limits, Spool, SpoolError};

/// Options of the spool.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Spool")]
pub struct SpoolArgs {
    /// Have each line on disk before it is sent, in DIR or the device's own folder; without network they wait there
    ///
    /// A line counts as taken once it is on disk. It leaves the spool when the broker has acknowledged it, or with --confirm
    /// all when it came back. What an earlier run has left is sent first. Of several runs with one spool the first sends, and
    /// the others add to it.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    spool: Option<Option<PathBuf>>,
    /// Let the spool hold so much: 100M, 2G
    #[arg(long, value_name = "SIZE", value_parser = size::parse, requires = "spool")]
    spool_max: Option<u64>,
    /// Drop what has waited longer: 2d
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "spool")]
    spool_age: Option<Duration>,
    /// When the spool or the disk is full, hold the producer back, drop what is oldest, or fail
    #[arg(long, value_enum, default_value_t, requires = "spool")]
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
    /// Whether there shall be a spool.
    pub fn is_wanted(&self) -> bool {
        self.spool.is_some()
    }

    /// Opens the spool that the options name.
    ///
    /// # Errors
    /// It cannot be had, or nothing says where it is.
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

    /// How other commands name the same spool.
    pub fn named(&self, device: Option<&DeviceName>) -> Named {
        Named::new(self.spool.as_ref().and_then(Option::as_deref), device)
    }

    /// What lines that are safe in the spool are.
    pub fn safe(&self) -> Safe {
        if self.spool_ok { Safe::Enough } else { Safe::NotEnough }
    }
}

/// The folder of a spool: the given one, or the device's own.
///
/// # Errors
/// There is neither.
pub fn folder(given: Option<&Path>, config: &Config, device: Option<&DeviceName>) -> anyhow::Result<PathBuf> {
    match (given, device) {
        (Some(folder), _) => Ok(folder.into()),
        (None, Some(device)) => Ok(config.places.spool(device)),
        (None, None) => Err(CliError::new(ExitKind::Usage, "nothing says where the spool is")
            .because("a user who is no device has no spool of its own")
            .hint("name its folder with --spool DIR")
            .into()),
    }
}

/// How the commands that look at a spool, and the one that drains it, name it, with a blank before.
#[derive(Clone, Debug)]
pub struct Named {
    look: String,
    drain: String,
}

impl Named {
    /// As [`folder`] has found it.
    pub fn new(given: Option<&Path>, device: Option<&DeviceName>) -> Named {
        let device = device.map(|device| quoted(Path::new(device.as_str())));
        let folder = given.map(|folder| format!(" --spool {}", quoted(folder))).unwrap_or_default();
        let of_device = device.as_ref().map(|device| format!(" --device {device}")).unwrap_or_default();
        let look = if given.is_some() { folder.clone() } else { format!(" {}", device.unwrap_or_default()) };
        Named { look, drain: of_device + &folder }
    }
}

/// What lines that are safe in the spool, and not delivered, are to whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safe {
    Enough,
    NotEnough,
    /// They were safe before.
    NoNews,
}

/// What a run with a spool comes to, once it has been accounted for.
///
/// # Errors
/// Whatever keeps a line from being delivered.
pub fn judge(
    ui: &Ui,
    terminal: &CliHost<'_>,
    run: SpoolRun<anyhow::Error>,
    safe: Safe,
    named: &Named,
) -> anyhow::Result<()> {
    let SpoolRun { taking, draining, left, dropped, .. } = run;
    let draining = match draining {
        // It had to end, and nothing was left to drain.
        Err(StreamFailure::Stream(StreamError::NotDrained { .. })) if left == 0 => Ok(()),
        draining => draining,
    };
    let Named { look, drain } = named;
    let mut told =
        format!("{left} {} safe in the spool, and not delivered", if left == 1 { "line is" } else { "lines are" });
    let mut remedy = None;
    match &draining {
        Err(StreamFailure::Stream(StreamError::Spool(SpoolWorkerError::Spool(e)))) => {
            // Nothing is said to be safe in a spool that fails.
            told = format!("the spool cannot be drained to its end, and {left} of its lines are not delivered");
            if matches!(e, SpoolError::Corrupt(_)) {
                let text = format!(
                    "save what can be read with `{{i3}} spool export{look} --out FILE`, then move the folder away"
                );
                remedy = Some((entry!("spool-damaged"), text));
            }
        }
        Err(StreamFailure::Stream(
            StreamError::Unsendable { record, .. } | StreamError::Held { first: record, .. },
        )) => {
            let text = format!(
                "see it with `{{i3}} spool export{look} --record {record}`, and remove it with `{{i3}} spool purge{look} \
                 --record {record}`; `{{i3}} spool drain{drain} --rejects FILE` puts such lines aside"
            );
            remedy = Some((entry!("spool-unsendable"), text));
        }
        _ => {}
    }
    let undelivered = draining.err().map(|failed| terminal.explained(failed));
    if dropped > 0 {
        told += &format!(", and {dropped} more were dropped from it");
    }
    // What is in no spool cannot be sent later: that comes first.
    if let Err(e) = taking {
        if let Some(why) = undelivered {
            ui.warn(&format!("{told}: {why:#}."));
        }
        return Err(e.into());
    }
    let error = match undelivered {
        None if dropped > 0 => {
            let were = if dropped == 1 { "was" } else { "were" };
            let message = format!("{dropped} of the lines {were} dropped from the spool");
            return Err(CliError::new(ExitKind::Other, message).hint(entry!("spool-dropped")).into());
        }
        None => return Ok(()),
        Some(error) if left == 0 && dropped == 0 => return Err(error),
        Some(error) => error,
    };
    if let Some((entry, text)) = remedy {
        let told = CliError::new(kind(&error), told).hint_of(entry, text);
        return Err(error.context(told));
    }
    if kind(&error) != ExitKind::TryAgain {
        return Err(error.context(told));
    }
    let later = format!(
        "the next run sends them first, or run `{{i3}} spool drain{drain}` with this run's credential and broker"
    );
    let hint = match safe {
        Safe::Enough if dropped == 0 => {
            ui.note(&format!("{told}: {error:#}."));
            return Ok(());
        }
        Safe::Enough => later + "; what was dropped needs more room",
        Safe::NotEnough => later + "; give --spool-ok if that is good enough",
        Safe::NoNews => "run it again once the broker can be reached; --retry N has it try more often".into(),
    };
    Err(error.context(CliError::new(ExitKind::TryAgain, told).hint_of(entry!("spool-waiting"), hint)))
}
