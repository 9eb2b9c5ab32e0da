//! Shared parts of the commands that publish a stream: options, the stream's host, rejects, and the result of a run.

pub mod delivery;
pub mod host;
pub mod no_echo;
pub mod rejects;
pub mod spool;
pub mod topic;

use crate::cli::ui::Ui;
use crate::publisher::stats::Stats;

/// Prints the accounting of a run.
pub fn account(ui: &Ui, stats: &Stats) -> anyhow::Result<()> {
    if ui.json {
        ui.object(stats.to_json())
    } else {
        ui.note(&format!("Lines: {stats}."));
        Ok(())
    }
}
