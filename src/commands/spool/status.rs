//! `i3 spool status`: shows how much waits, since when, and what was dropped.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use serde_json::json;

use super::selection::{SpoolSelection, at, bytes, lines};
use crate::cli::ui::Ui;
use crate::spool::{self, DropReason, Dropped};

/// Show how many lines wait and since when, what was dropped, and whether a process drains the spool
#[derive(Args)]
pub struct Status {
    #[command(flatten)]
    selection: SpoolSelection,
}

impl Status {
    /// Runs the command.
    ///
    /// # Errors
    /// There is no spool, or it cannot be read.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let spool = self.selection.look(ui)?;
        let status = at(&spool, spool.status())?;
        if ui.json {
            return ui.object(json(&spool, &status));
        }
        let mut table = vec![
            ("spool", spool.folder().display().to_string()),
            ("waiting", format!("{}, {}", lines(status.records), bytes(status.bytes))),
        ];
        for (name, time) in [("oldest", status.oldest), ("newest", status.newest)] {
            table.extend(time.map(|time| (name, ago(time))));
        }
        if !status.topics.is_empty() {
            table.push(("next up", status.topics.join(", ")));
        }
        if let Some(first) = status.held.first() {
            let number = status.held.len() as u64;
            table.push(("held", format!("{}, from record {first} on: could not be sent", lines(number))));
        }
        table.push(("done", format!("{} of {}", status.head - 1, status.next - 1)));
        for (why, dropped) in &status.dropped {
            table.push(("dropped", format!("{}, {}: {}", lines(dropped.records), bytes(dropped.bytes), reason(*why))));
        }
        table.push(("on disk", bytes(status.bytes_on_disk)));
        table.push(("drained", if status.draining { "by a running process" } else { "by no process" }.into()));
        for (name, value) in table {
            ui.line(&format!("{name:<10} {value}"))?;
        }
        Ok(())
    }
}

fn json(spool: &spool::Spool, status: &spool::Status) -> serde_json::Value {
    let moment = |time: Option<SystemTime>| time.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    // Their old names.
    let seconds = |time: Option<SystemTime>| time.and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map(|t| t.as_secs());
    let dropped = |why: DropReason| {
        let found = status.dropped.iter().find(|(w, _)| *w == why).map(|(_, dropped)| *dropped);
        let Dropped { records, bytes } = found.unwrap_or_default();
        json!({"lines": records, "bytes": bytes})
    };
    json!({
        "spool": spool.folder().display().to_string(),
        "lines": status.records, "bytes": status.bytes, "bytes_on_disk": status.bytes_on_disk,
        "oldest_at": moment(status.oldest), "newest_at": moment(status.newest),
        "oldest": seconds(status.oldest), "newest": seconds(status.newest),
        "held": status.held, "head": status.head, "next": status.next,
        "dropped": {"full": dropped(DropReason::Full), "age": dropped(DropReason::Age), "purged": dropped(DropReason::Purged)},
        "draining": status.draining, "qos_2": status.qos2, "topics": status.topics,
    })
}

fn reason(why: DropReason) -> &'static str {
    match why {
        DropReason::Full => "there was no room",
        DropReason::Age => "too old",
        DropReason::Purged => "purged",
    }
}

fn ago(time: SystemTime) -> String {
    let since = SystemTime::now().duration_since(time).unwrap_or_default();
    let shown = humantime::format_duration(Duration::from_secs(since.as_secs()));
    format!("{}  {shown} ago", humantime::format_rfc3339_seconds(time))
}
