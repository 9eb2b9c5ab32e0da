//! `i3 spool export`: the waiting lines, in a format that `i3 pub` reads. Nothing is removed.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::selection::{SpoolSelection, at, lines, no_such_record};
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind, quoted};
use crate::cli::ui::Ui;
use crate::fsio::{self, Existing, FileAccess, Staged};
use crate::publisher::format::json_line;
use crate::spool::{Record, Spool, SpoolError, Stored};

/// Print the waiting lines, oldest first, or write them to a file; they stay in the spool
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 spool export lot1 --out waiting.jsonl
  i3 spool export lot1 | i3 pub --device lot1 --jsonl -q 1")]
pub struct Export {
    #[command(flatten)]
    selection: SpoolSelection,
    /// Export only record N, as numbered in an error message
    #[arg(long, value_name = "N")]
    record: Option<u64>,
    /// Write lines in this format
    #[arg(long, value_name = "jsonl|lines", value_enum, default_value = "jsonl")]
    format: Form,
    /// Write lines to FILE, which must not exist
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Formats of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// One JSON object per line, as `i3 pub --jsonl` reads it: nothing is lost
    Jsonl,
    /// Only the payloads, as `i3 pub -l` reads them
    Lines,
}

/// The result of an export.
#[derive(Default)]
struct Exported {
    lines: u64,
    /// Blocks of which a part could not be read.
    damaged: u64,
}

impl Export {
    /// Runs the command.
    ///
    /// # Errors
    /// There is no spool, the file exists or cannot be written, or `--format lines` cannot represent a payload; a damaged
    /// spool, once everything readable is exported.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let spool = self.selection.look(ui)?;
        let exported = match &self.out {
            None => self.write(ui, &spool, |bytes| ui.data(bytes))?,
            Some(path) => {
                let exported = self.write_file(ui, &spool, path)?;
                if exported.damaged == 0 {
                    ui.result(
                        &format!("{} exported to {}", lines(exported.lines), quoted(path)),
                        || json!({"lines": exported.lines, "file": path.display().to_string()}),
                    )?;
                }
                exported
            }
        };
        if let (Some(record), 0, 0) = (self.record, exported.lines, exported.damaged) {
            return Err(no_such_record(&spool, record));
        }
        if exported.damaged > 0 {
            return Err(CliError::new(ExitKind::Data, "the spool is damaged, and not all waiting lines are exported")
                .because(format!(
                    "{} of its blocks cannot be read to the end; {} exported",
                    exported.damaged,
                    if exported.lines == 1 { "1 line is".into() } else { format!("{} lines are", exported.lines) }
                ))
                .hint_of(entry!("spool-damaged"), "publish the exported lines, and move the spool's folder away")
                .into());
        }
        Ok(())
    }

    /// Writes a file completely or not at all.
    fn write_file(&self, ui: &Ui, spool: &Spool, path: &Path) -> anyhow::Result<Exported> {
        let cannot = |e: io::Error| {
            let message = format!("{} cannot be written", path.display());
            anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
        };
        let taken = || {
            CliError::new(ExitKind::CannotCreate, format!("the file {} already exists", path.display()))
                .hint("name another file, or leave --out out to have the lines on stdout")
        };
        fsio::check_replaceable(path).map_err(cannot)?;
        // Checked before much is written, and again when the file is put in place.
        if path.symlink_metadata().is_ok() {
            return Err(taken().into());
        }
        let (mut staged, mut file) = Staged::begin(path, FileAccess::Owner).map_err(cannot)?;
        let exported = self.write(ui, spool, |bytes| file.write_all(bytes).map_err(cannot))?;
        file.sync_all().map_err(cannot)?;
        staged.commit(Existing::Keep).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => taken().into(),
            _ => cannot(e),
        })?;
        Ok(exported)
    }

    /// Writes all records that are not done, a block at a time.
    fn write(
        &self,
        ui: &Ui,
        spool: &Spool,
        mut write: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<Exported> {
        // If progress is lost, exporting twice is better than not at all.
        let head = match spool.head() {
            Err(SpoolError::Corrupt(why)) => {
                ui.warn(&format!("progress cannot be read ({why}): everything in the spool is exported."));
                0
            }
            head => at(spool, head)?,
        };
        let (mut from, mut exported) = (self.record.unwrap_or(0), Exported::default());
        let mut text = Vec::new();
        loop {
            let next = match spool.read(from) {
                Ok(Some(stored)) if self.record.is_none_or(|one| stored.first <= one) => {
                    let is_whole = self.append_block(ui, &mut text, &stored, head, &mut exported)?;
                    write(&text)?;
                    text.clear();
                    // The length of a damaged block may be wrong as well.
                    if is_whole { Some(stored.end()) } else { at(spool, spool.after_damage(stored.first))? }
                }
                Ok(_) => None,
                Err(e @ SpoolError::Corrupt(_)) => {
                    ui.warn(&format!("{e}: a block from line {from} on is not exported."));
                    exported.damaged += 1;
                    at(spool, spool.after_damage(from))?
                }
                Err(e) => return at(spool, Err(e)),
            };
            from = match next {
                Some(next) if self.record.is_none() => next,
                _ => return Ok(exported),
            };
        }
    }

    /// Appends the records of a block that are not done. Returns whether all could be read.
    fn append_block(
        &self,
        ui: &Ui,
        text: &mut Vec<u8>,
        stored: &Stored,
        head: u64,
        exported: &mut Exported,
    ) -> anyhow::Result<bool> {
        let waiting = stored.waiting_from(head);
        let wanted = |number| number >= waiting && self.record.is_none_or(|one| one == number);
        let mut is_whole = true;
        for (number, record) in (stored.first..).zip(stored.block.records()) {
            match record {
                Ok(record) if wanted(number) => {
                    self.append(text, number, &record)?;
                    exported.lines += 1;
                }
                Ok(_) => {}
                // Later records of its block cannot be separated; other blocks can.
                Err(e) => {
                    ui.warn(&format!("{e}: line {number} and the rest of its block are not exported."));
                    exported.damaged += 1;
                    is_whole = false;
                }
            }
        }
        Ok(is_whole)
    }

    fn append(&self, text: &mut Vec<u8>, number: u64, record: &Record<'_>) -> anyhow::Result<()> {
        match self.format {
            Form::Jsonl => text.extend_from_slice(json_line(record).as_bytes()),
            Form::Lines if record.payload.contains(&b'\n') => {
                return Err(CliError::new(ExitKind::Data, format!("the payload of line {number} has a newline in it"))
                    .hint_of(entry!("bad-line"), "use --format jsonl")
                    .into());
            }
            Form::Lines => text.extend_from_slice(record.payload),
        }
        text.push(b'\n');
        Ok(())
    }
}
