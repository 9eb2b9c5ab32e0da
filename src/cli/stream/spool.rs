//! The result of a run with a spool: of the lines, and separately of the run.

use std::path::{Path, PathBuf};

use super::host::CliStreamHost;
use crate::catalogue::{Entry, entry};
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
        (None, None) => Err(CliError::new(ExitKind::Usage, "it is not known where the spool is")
            .because("only a device has a spool folder of its own, and -u names an account")
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

/// How the caller treats lines that are safe in the spool but not delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safe {
    Enough,
    NotEnough,
    /// They were already safe before.
    NoNews,
}

/// What keeps the lines of a spool from being delivered.
enum Obstacle {
    /// The spool itself failed.
    Spool,
    Damage,
    /// This record cannot be sent.
    Record(u64),
    /// Anything else, such as a broker that cannot be reached: the lines are safe.
    Outside,
}

impl From<&StreamFailure<anyhow::Error>> for Obstacle {
    fn from(failure: &StreamFailure<anyhow::Error>) -> Obstacle {
        let StreamFailure::Stream(error) = failure else { return Obstacle::Outside };
        match error {
            StreamError::Spool(SpoolWorkerError::Spool(SpoolError::Corrupt(_))) => Obstacle::Damage,
            StreamError::Spool(SpoolWorkerError::Spool(_)) => Obstacle::Spool,
            StreamError::Unsendable { record, .. } | StreamError::Held { first: record, .. } => {
                Obstacle::Record(*record)
            }
            _ => Obstacle::Outside,
        }
    }
}

impl Obstacle {
    /// Says what happened to the remaining lines.
    fn told(&self, left: u64, dropped: u64) -> String {
        let mut told = match self {
            // Nothing is called safe in a failed spool.
            Obstacle::Spool | Obstacle::Damage => {
                format!("the spool cannot be drained completely, and {left} of its lines are not delivered")
            }
            Obstacle::Record(_) | Obstacle::Outside => {
                let are = if left == 1 { "line is" } else { "lines are" };
                format!("{left} {are} safe in the spool, and not delivered")
            }
        };
        if dropped > 0 {
            told += &format!(", and {dropped} more were dropped from it");
        }
        told
    }

    /// Returns the remedy if only the spool's commands can help.
    fn remedy(&self, name: &SpoolName) -> Option<(&'static Entry, String)> {
        let SpoolName { look, drain } = name;
        match self {
            Obstacle::Damage => {
                let text = format!(
                    "save what can be read with `{{i3}} spool export{look} --out FILE`, then move the folder away"
                );
                Some((entry!("spool-damaged"), text))
            }
            Obstacle::Record(record) => {
                let text = format!(
                    "see it with `{{i3}} spool export{look} --record {record}`, and remove it with `{{i3}} spool \
                     purge{look} --record {record}`; `{{i3}} spool drain{drain} --rejects FILE` with this run's credential and broker puts such \
                     lines aside"
                );
                Some((entry!("spool-unsendable"), text))
            }
            Obstacle::Spool | Obstacle::Outside => None,
        }
    }
}

/// Turns the outcome of a run with a spool into its result, after the accounting.
///
/// # Errors
/// Anything that keeps a line from being delivered.
pub fn judge(
    ui: &Ui,
    host: &CliStreamHost<'_>,
    run: SpoolRun<anyhow::Error>,
    safe: Safe,
    name: &SpoolName,
) -> anyhow::Result<()> {
    let SpoolRun { taking, draining, left, dropped, .. } = run;
    let failure = match draining {
        Ok(()) => None,
        // It had to end, but nothing was left to drain.
        Err(StreamFailure::Stream(StreamError::NotDrained { .. })) if left == 0 => None,
        Err(failure) => Some(failure),
    };
    let obstacle = failure.as_ref().map_or(Obstacle::Outside, Obstacle::from);
    let told = obstacle.told(left, dropped);
    let undelivered = failure.map(|failure| host.explained(failure));
    // Lines that are in no spool cannot be sent later, so that comes first.
    if let Err(e) = taking {
        if let Some(why) = undelivered {
            ui.warn(&format!("{told}: {why:#}."));
        }
        return Err(e.into());
    }
    let Some(error) = undelivered else { return delivered(dropped) };
    if left == 0 && dropped == 0 {
        return Err(error);
    }
    if let Some((entry, text)) = obstacle.remedy(name) {
        let told = CliError::new(kind(&error), told).hint_of(entry, text);
        return Err(error.context(told));
    }
    if kind(&error) != ExitKind::TryAgain {
        return Err(error.context(told));
    }
    if safe == Safe::Enough && dropped == 0 {
        ui.note(&format!("{told}: {error:#}."));
        return Ok(());
    }
    let hint = waiting(safe, name);
    Err(error.context(CliError::new(ExitKind::TryAgain, told).hint_of(entry!("spool-waiting"), hint)))
}

/// Returns the result if nothing is left in the spool.
fn delivered(dropped: u64) -> anyhow::Result<()> {
    if dropped == 0 {
        return Ok(());
    }
    let were = if dropped == 1 { "line was" } else { "lines were" };
    let message = format!("{dropped} {were} dropped from the spool");
    Err(CliError::new(ExitKind::Other, message).hint(entry!("spool-dropped")).into())
}

/// Returns what to do about lines that wait in the spool.
fn waiting(safe: Safe, name: &SpoolName) -> String {
    let later = format!(
        "the next run sends them first, or run `{{i3}} spool drain{}` with this run's credential and broker",
        name.drain
    );
    match safe {
        Safe::Enough => later + "; the dropped lines need more room",
        Safe::NotEnough => later + "; give --spool-ok if that is good enough",
        Safe::NoNews => "run it again once the broker can be reached; --retry N has it try more often".into(),
    }
}
