//! `i3 spool export`: what waits, in a form that `i3 pub` reads. Nothing is taken away.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Which, at, lines};
use crate::cli::failure::{Failure, Kind, quoted};
use crate::cli::ui::Ui;
use crate::fsio::{Access, Existing, Staged};
use crate::spool::{Record, Spool};

/// Print what waits, oldest first, or write it to a file; it stays in the spool
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 spool export lot1 --out waiting.jsonl
  i3 spool export lot1 | i3 pub --device lot1 --jsonl -q 1")]
pub struct Export {
    #[command(flatten)]
    which: Which,
    /// Write it in this form
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Form,
    /// Write it to FILE, which must not be there yet
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A JSON object a line, as `i3 pub --jsonl` reads it: nothing is lost
    Jsonl,
    /// The payloads alone, as `i3 pub -l` reads them
    Lines,
}

/// What an export came to.
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
    /// No spool, a file that is there or cannot be written, a payload that `--format lines` cannot tell apart; a damaged
    /// spool, once what can be read is exported.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let spool = self.which.open()?;
        let exported = match &self.out {
            None => self.write(ui, &spool, |bytes| ui.raw(bytes))?,
            Some(path) => {
                let exported = self.write_file(ui, &spool, path)?;
                ui.result(
                    &format!("{} exported to {}", lines(exported.lines), quoted(path)),
                    || json!({"lines": exported.lines, "file": path.display().to_string()}),
                )?;
                exported
            }
        };
        if exported.damaged > 0 {
            return Err(Failure::new(Kind::Data, "the spool is damaged, and not all that waits is exported")
                .because(format!("{} of its blocks cannot be read to their end", exported.damaged))
                .hint("publish what was exported, and move the spool's folder away")
                .into());
        }
        Ok(())
    }

    /// Writes a file that is whole or not there.
    fn write_file(&self, ui: &Ui, spool: &Spool, path: &Path) -> anyhow::Result<Exported> {
        let cannot = |e: io::Error| {
            let message = format!("{} cannot be written", path.display());
            anyhow::Error::new(e).context(Failure::new(Kind::CannotCreate, message))
        };
        let taken = || {
            Failure::new(Kind::CannotCreate, format!("the file {} is there already", path.display()))
                .hint("name another file, or move this one away")
        };
        // Seen before much is written, and once more when it is put in place.
        if path.symlink_metadata().is_ok() {
            return Err(taken().into());
        }
        let (mut staged, mut file) = Staged::begin(path, Access::Owner).map_err(cannot)?;
        let exported = self.write(ui, spool, |bytes| file.write_all(bytes).map_err(cannot))?;
        file.sync_all().map_err(cannot)?;
        staged.commit(Existing::Keep).map_err(|e| match e.kind() {
            io::ErrorKind::AlreadyExists => taken().into(),
            _ => cannot(e),
        })?;
        Ok(exported)
    }

    /// Writes all that is not done, a block at a time.
    fn write(
        &self,
        ui: &Ui,
        spool: &Spool,
        mut write: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<Exported> {
        let (mut from, mut exported) = (at(spool, spool.head())?, Exported::default());
        let mut text = Vec::new();
        while let Some(stored) = at(spool, spool.read(from))? {
            for (number, record) in (stored.first..).zip(stored.block.records()) {
                match record {
                    Ok(_) if number < from => {}
                    Ok(record) => {
                        self.append(&mut text, number, &record)?;
                        exported.lines += 1;
                    }
                    // What lies behind it in its block cannot be told apart; other blocks can.
                    Err(e) => {
                        ui.warn(&format!("{e}: line {number} and what follows it in its block are not exported."));
                        exported.damaged += 1;
                    }
                }
            }
            from = stored.first + stored.block.len();
            write(&text)?;
            text.clear();
        }
        Ok(exported)
    }

    fn append(&self, text: &mut Vec<u8>, number: u64, record: &Record<'_>) -> anyhow::Result<()> {
        match self.format {
            Form::Jsonl => {
                let (name, payload) = match std::str::from_utf8(record.payload) {
                    Ok(payload) => ("payload", payload.to_string()),
                    Err(_) => ("payload_base64", STANDARD.encode(record.payload)),
                };
                let line =
                    json!({"topic": record.topic, name: payload, "qos": record.qos as u8, "retain": record.retain});
                text.extend_from_slice(line.to_string().as_bytes());
            }
            Form::Lines if record.payload.contains(&b'\n') => {
                return Err(Failure::new(Kind::Data, format!("the payload of line {number} has a newline in it"))
                    .hint("use --format jsonl")
                    .into());
            }
            Form::Lines => text.extend_from_slice(record.payload),
        }
        text.push(b'\n');
        Ok(())
    }
}
