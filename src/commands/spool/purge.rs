//! `i3 spool purge`: deletes lines that should no longer be published.

use std::time::{Duration, SystemTime};

use clap::Args;
use serde_json::json;

use super::selection::{SpoolSelection, at, bytes, lines, no_such_record};
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::cli::{duration, prompt};
use crate::name::Topic;
use crate::spool;

/// Delete waiting lines: those of a topic, those that are too old, one, or all
///
/// They are counted as dropped. With both --topic and --older-than, a line must match both.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 spool purge lot1 --topic alice/parking/occupancy --older-than 2d
  i3 spool purge lot1 --record 17
  i3 spool purge lot1 --all --yes")]
#[group(skip)]
pub struct Purge {
    #[command(flatten)]
    selection: SpoolSelection,
    #[command(flatten)]
    what: PurgeSelection,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
struct PurgeSelection {
    /// Delete lines for this topic
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// Delete lines that were stored longer ago than this: 90s, 2h, 7d
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    older_than: Option<Duration>,
    /// Delete only record N, as numbered in an error message
    #[arg(long, value_name = "N", conflicts_with_all = ["topic", "older_than"])]
    record: Option<u64>,
    /// Delete everything
    #[arg(long, conflicts_with_all = ["topic", "older_than", "record"])]
    all: bool,
}

impl Purge {
    /// Runs the command.
    ///
    /// # Errors
    /// There is no spool, another process drains it, or nobody can be asked.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let topic: Option<Topic> = self.what.topic.as_deref().map(str::parse).transpose()?;
        let mut spool = self.selection.open(ui)?;
        let lock = at(&spool, spool.try_drain())?.ok_or_else(|| {
            CliError::new(
                ExitKind::TryAgain,
                format!("another process drains the spool in {}", spool.folder().display()),
            )
            .hint_of(entry!("spool-place"), "end it first: what it has sent cannot be recalled")
        })?;
        if !self.yes {
            let waiting = at(&spool, spool.status())?.records;
            let which = if self.what.all { "all of them" } else { "those that are named" };
            let question = format!("{} wait in {}. Delete {which}?", lines(waiting), spool.folder().display());
            match prompt::confirm(ui, &question)? {
                Some(true) => {}
                Some(false) => {
                    return Err(CliError::new(ExitKind::Other, "nothing was deleted").hint(entry!("cancelled")).into());
                }
                None => {
                    return Err(CliError::new(
                        ExitKind::Usage,
                        "there is no terminal to ask whether lines may be deleted",
                    )
                    .hint("give --yes")
                    .into());
                }
            }
        }
        let what = spool::Purge {
            topic: topic.as_ref().map(Topic::as_str),
            taken_before: self.what.older_than.and_then(|age| SystemTime::now().checked_sub(age)),
            record: self.what.record,
        };
        let result = spool.purge(&what, &lock);
        let gone = at(&spool, result)?;
        if let (Some(record), 0) = (self.what.record, gone.records) {
            return Err(no_such_record(&spool, record));
        }
        ui.result(
            &format!("{} deleted, {}", lines(gone.records), bytes(gone.bytes)),
            || json!({"lines": gone.records, "bytes": gone.bytes}),
        )
    }
}
