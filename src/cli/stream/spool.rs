//! What a run with a spool comes to: what became of the lines, apart from what became of the run.

use std::path::{Path, PathBuf};

use super::host::CliHost;
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind, kind, quoted};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::name::DeviceName;
use crate::publisher::stream::{SpoolRun, StreamError, StreamFailure};
use crate::spool::SpoolError;
use crate::spool::worker::SpoolWorkerError;

/// Returns the folder of a spool: the given one, or the device's own.
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

/// The arguments that name a spool, each with a blank before it: of the commands that show it, and of the one that drains
/// it.
#[derive(Clone, Debug)]
pub struct SpoolName {
    look: String,
    drain: String,
}

impl SpoolName {
    /// Names the spool that [`folder`] returns.
    pub fn new(given: Option<&Path>, device: Option<&DeviceName>) -> SpoolName {
        let device = device.map(|device| quoted(Path::new(device.as_str())));
        let folder = given.map(|folder| format!(" --spool {}", quoted(folder))).unwrap_or_default();
        let of_device = device.as_ref().map(|device| format!(" --device {device}")).unwrap_or_default();
        let look = if given.is_some() { folder.clone() } else { format!(" {}", device.unwrap_or_default()) };
        SpoolName { look, drain: of_device + &folder }
    }
}

/// What it means to the caller that lines are safe in the spool and not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safe {
    Enough,
    NotEnough,
    /// They were safe before.
    NoNews,
}

/// Turns what a run with a spool came to into its result, after the accounting.
///
/// # Errors
/// Whatever keeps a line from being delivered.
pub fn judge(
    ui: &Ui,
    host: &CliHost<'_>,
    run: SpoolRun<anyhow::Error>,
    safe: Safe,
    name: &SpoolName,
) -> anyhow::Result<()> {
    let SpoolRun { taking, draining, left, dropped, .. } = run;
    let draining = match draining {
        // It had to end, and nothing was left to drain.
        Err(StreamFailure::Stream(StreamError::NotDrained { .. })) if left == 0 => Ok(()),
        draining => draining,
    };
    let SpoolName { look, drain } = name;
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
    let undelivered = draining.err().map(|failed| host.explained(failed));
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
