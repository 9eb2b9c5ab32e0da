//! The only writer: data to stdout, notes to stderr, JSON, colour, progress.
//!
//! Text from outside passes through [`crate::text`] before it is printed.

mod record;
mod table;

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::Value;

use crate::config::Selection;
use crate::text;
use crate::text::wrap::wrapped;
pub use record::{Level, Record};

/// The number of the shapes that `--json` prints: it grows when a member changes its meaning or goes, not when one is added
/// (docs/json.md).
pub const SCHEMA: u64 = 1;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Green.on_default().bold();

/// The columns assumed for a terminal that does not report them, such as a serial line.
const UNSAID_COLUMNS: usize = 80;
/// Most columns of a text.
pub const MAX_WIDTH: usize = 100;

/// Work that takes longer is announced.
const MOMENT: Duration = Duration::from_millis(300);
/// Notes that wait for a reader of stderr.
const ASIDE: usize = 1024;

/// How much is printed, and in which format.
#[derive(Debug, Clone, Default)]
pub struct Ui {
    pub json: bool,
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    /// Details are printed, as with `-v`, which has further effects in some commands.
    pub debug: bool,
    /// The name that this program was called by, quoted for a shell, because hints are pasted there.
    pub program: String,
    /// Which configuration the options name.
    pub selection: Selection,
    /// Neither warns nor asks: for work that is repeated.
    pub muted: bool,
    /// The thread that writes to stderr instead of this one ([`Ui::aside`]).
    pub writer: Option<StderrWriter>,
    /// Notes, warnings and errors are a [`Record`] each.
    pub logs: bool,
}

/// A thread that writes to stderr.
#[derive(Debug, Clone)]
pub struct StderrWriter {
    notes: mpsc::SyncSender<Note>,
    /// Lines that there was no room for.
    left_out: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Note {
    Text(String),
    /// Everything before it is written.
    Done(mpsc::SyncSender<()>),
}

/// A pipe whose reader has gone: a normal end, not an error to report.
#[derive(Debug, thiserror::Error)]
#[error("the reader of the output has gone")]
pub struct BrokenPipe;

/// Output for stdout is lost.
#[derive(Debug, thiserror::Error)]
#[error("stdout cannot be written")]
pub struct Unwritten(#[source] pub io::Error);

impl Ui {
    /// Returns a copy for work that is repeated: it neither warns nor asks again.
    pub fn muted(&self) -> Ui {
        Ui { muted: true, ..self.clone() }
    }

    /// Returns a copy whose notes, warnings and errors a separate thread writes: a stalled reader of stderr holds up
    /// nothing else, and lines without room are left out and counted. If no thread is available, it is a plain copy.
    pub fn aside(&self) -> Ui {
        let (sender, notes) = mpsc::sync_channel(ASIDE);
        let writing = std::thread::Builder::new().name("notes".into()).spawn(move || {
            for note in notes {
                match note {
                    Note::Text(text) => drop(anstream::stderr().write_all(text.as_bytes())),
                    Note::Done(done) => drop(done.try_send(())),
                }
            }
        });
        let aside = |_| StderrWriter { notes: sender, left_out: Arc::default() };
        Ui { writer: writing.ok().map(aside), ..self.clone() }
    }

    /// Waits until everything said [`aside`](Self::aside) is written, but no longer than `limit`.
    pub fn flush(&self, limit: Duration) {
        let Some(StderrWriter { notes, .. }) = &self.writer else { return };
        let (done, written) = mpsc::sync_channel(1);
        if notes.try_send(Note::Done(done)).is_ok() {
            let _ = written.recv_timeout(limit);
        }
    }

    /// Writes bytes to stdout unchanged, for data that was requested as such.
    ///
    /// # Errors
    /// [`BrokenPipe`], or the error of the write.
    pub fn raw(&self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).and_then(|()| out.flush()).map_err(unwritten)
    }

    /// Writes text to stdout, with its colours if stdout shows them.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn styled(&self, text: impl fmt::Display) -> anyhow::Result<()> {
        let mut out = anstream::stdout().lock();
        write!(out, "{text}").and_then(|()| out.flush()).map_err(unwritten)
    }

    /// Writes data to stdout: unchanged to a pipe or a file, and as displayable text to a terminal.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn data(&self, bytes: &[u8]) -> anyhow::Result<()> {
        if io::stdout().is_terminal() { self.raw(text::bytes(bytes).as_bytes()) } else { self.raw(bytes) }
    }

    /// Writes a result to stdout, on one line or several.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn line(&self, text: &str) -> anyhow::Result<()> {
        self.raw(format!("{}\n", text::lines(text)).as_bytes())
    }

    /// Writes a result as one JSON object, with the number of its shape.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn object(&self, object: Value) -> anyhow::Result<()> {
        self.unnumbered(&numbered(object))
    }

    /// Writes a result that cannot hold the number of its shape: an array, or an object whose names are data.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn unnumbered(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.raw(json(value).as_bytes())
    }

    /// Writes the result of a command: one JSON object with `--json`, otherwise the line.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn result(&self, line: &str, json: impl FnOnce() -> Value) -> anyhow::Result<()> {
        if self.json { self.object(json()) } else { self.line(line) }
    }

    /// Writes what a command lists: one JSON array with `--json`, otherwise a line each. [`text::row`] makes one with columns.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn list(&self, lines: &[String], json: impl FnOnce() -> Vec<Value>) -> anyhow::Result<()> {
        if self.json {
            return self.unnumbered(&json());
        }
        let text: String = lines.iter().map(|line| format!("{}\n", text::lines(line).replace('\n', "\\n"))).collect();
        self.raw(text.as_bytes())
    }

    /// Writes a table: as [`Ui::list`] into a pipe or a file, a terminal gets its columns aligned below headings.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn table(&self, headings: &[&str], rows: &[String], json: impl FnOnce() -> Vec<Value>) -> anyhow::Result<()> {
        if self.json || rows.is_empty() || !io::stdout().is_terminal() {
            return self.list(rows, json);
        }
        let columns = columns_of(io::stdout()).unwrap_or(UNSAID_COLUMNS);
        self.raw(text::lines(&table::aligned(headings, rows, columns)).as_bytes())
    }

    /// As [`Ui::table`], where a pipe or a file gets the first column only: names, one per line.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub fn names(&self, headings: &[&str], rows: &[String], json: impl FnOnce() -> Vec<Value>) -> anyhow::Result<()> {
        if io::stdout().is_terminal() {
            return self.table(headings, rows, json);
        }
        let names: Vec<String> = rows.iter().map(|row| row.split('\t').next().unwrap_or_default().into()).collect();
        self.list(&names, json)
    }

    /// The columns for text on stdout; `None` if that is not a terminal.
    pub fn columns(&self) -> Option<usize> {
        columns_of(io::stdout()).map(|columns| columns.min(MAX_WIDTH))
    }

    /// Tells a person that it is done, in one line.
    pub fn done(&self, text: &str) {
        self.remark(text);
    }

    /// Tells a person what a run that succeeds need not say: a terminal alone gets it, and with `-v` whoever reads stderr.
    pub fn remark(&self, text: &str) {
        match self.verbose {
            0 if self.json || self.logs || self.muted || !io::stderr().is_terminal() => {}
            0 => self.note(text),
            _ => self.detail(text),
        }
    }

    /// Prints a note for the person.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.tell(Level::Info, "note", Style::new(), "", text);
        }
    }

    /// Prints what is being done, with `-v`.
    pub fn detail(&self, text: &str) {
        if (self.verbose > 0 || self.debug) && !self.quiet {
            self.tell(Level::Debug, "detail", Style::new(), "", text);
        }
    }

    /// Warns about something that works but should be done differently. Printed with `--quiet` as well.
    pub fn warn(&self, text: &str) {
        if !self.muted {
            self.tell(Level::Warning, "warning", WARNING, "warning: ", text);
        }
    }

    /// Warns a person of a risk that may be known and accepted. Successful work that nobody watches stays silent: nothing
    /// is printed with `--quiet`, or if stderr is not a terminal.
    pub fn caution(&self, text: &str) {
        if !self.quiet && io::stderr().is_terminal() {
            self.warn(text);
        }
    }

    fn tell(&self, level: Level, kind: &str, style: Style, head: &str, text: &str) {
        self.put(self.told(level, kind, style, head, text));
    }

    fn told(&self, level: Level, kind: &str, style: Style, head: &str, text: &str) -> String {
        if self.logs {
            json(&Record::new(level, kind, text))
        } else if self.json {
            json(&serde_json::json!({ kind: text }))
        } else {
            said(style, head, text)
        }
    }

    /// Prints an error: `error[id]`, `because` for each cause, `hint`.
    pub fn error(&self, id: &str, message: &str, causes: &[String], hint: &str) {
        self.put(said(ERROR, &format!("error[{id}]: "), message));
        for cause in causes {
            self.put(said(Style::new(), "  because: ", cause));
        }
        self.put(said(HINT, "hint: ", hint));
    }

    fn put(&self, text: String) {
        // Nothing can be reported to a closed stderr.
        match &self.writer {
            Some(StderrWriter { notes, left_out }) => {
                let lines = left_out.swap(0, Relaxed);
                let gap = if lines > 0 { self.left_out(lines) } else { String::new() };
                if notes.try_send(Note::Text(gap + &text)).is_err() {
                    left_out.fetch_add(lines + 1, Relaxed);
                }
            }
            None => drop(anstream::stderr().write_all(text.as_bytes())),
        }
    }

    /// Writes one JSON object to stderr, for a program that reads it.
    pub fn json_line(&self, value: &impl Serialize) {
        self.put(json(value));
    }

    /// Reports in place that this many lines are missing.
    fn left_out(&self, lines: u64) -> String {
        let text = format!("stderr was not read, and {lines} lines are left out here.");
        self.told(Level::Warning, "warning", WARNING, "warning: ", &text)
    }

    /// Runs `work`, and announces it if it takes longer than `MOMENT`; only on a terminal.
    pub fn progress<T>(&self, what: &str, work: impl FnOnce() -> T) -> T {
        if self.quiet || self.json || self.logs || !io::stderr().is_terminal() {
            return work();
        }
        let (done, waiting) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let announce = move || {
                if waiting.recv_timeout(MOMENT) == Err(mpsc::RecvTimeoutError::Timeout) {
                    let _ = write!(io::stderr(), "{} …", text::one_line(what));
                    // The sender is dropped when the work is done; then the line is erased.
                    let _ = waiting.recv();
                    let _ = write!(io::stderr(), "\r\x1b[K");
                }
            };
            // If no thread is available, it is not announced.
            let _ = std::thread::Builder::new().spawn_scoped(scope, announce);
            let result = work();
            drop(done);
            result
        })
    }
}

fn said(style: Style, head: &str, text: &str) -> String {
    let text = text::one_line(text);
    let Some(columns) = columns_of(io::stderr()) else { return format!("{style}{head}{style:#}{text}\n") };
    let indent = 2 + head.len() - head.trim_start().len();
    let lines = wrapped(&format!("{head}{text}"), columns.min(MAX_WIDTH), indent);
    // The blank after it may have become a line break.
    let (head, text) = lines.split_at(head.trim_end().len());
    format!("{style}{head}{style:#}{text}\n")
}

/// The columns of a terminal; `None` if it is not one, or has none of its own.
fn columns_of(stream: impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stream).ok()?;
    Some(size.ws_col.into()).filter(|columns| *columns > 0)
}

/// Adds the number of its shape to an object that a command ends with.
pub fn numbered(mut object: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.insert("schema".into(), SCHEMA.into());
    }
    object
}

fn json(value: &impl Serialize) -> String {
    // No written value has a key that JSON cannot represent.
    let json = serde_json::to_string(value).unwrap_or_default();
    format!("{}\n", text::json(&json))
}

/// Whether a stream of the process was closed when it began: main.rs has put one into its place that is not connected.
pub fn was_closed(stream: impl AsFd) -> bool {
    rustix::net::getpeername(stream).is_err_and(|e| e == rustix::io::Errno::NOTCONN)
}

/// Checks that there is a stdout, for a command that writes much later.
///
/// # Errors
/// It was closed when the program began.
pub fn check_stdout() -> anyhow::Result<()> {
    if was_closed(io::stdout()) { Err(unwritten(io::ErrorKind::NotConnected.into())) } else { Ok(()) }
}

fn unwritten(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => BrokenPipe.into(),
        // The state in which main.rs leaves a closed stdout.
        io::ErrorKind::NotConnected => Unwritten(io::Error::other("it is closed")).into(),
        _ => Unwritten(error).into(),
    }
}

/// Returns the text with its first letter capitalised. Text that begins with an address, a path, a topic or the name of a
/// device is unchanged.
pub fn capitalised(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default().trim_end_matches(['.', ':', ',', ';']);
    if first.contains(['/', '.', '$', '_']) {
        return text.into();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::capitalised;

    #[test]
    fn a_sentence_begins_with_a_capital_and_an_address_stays() {
        assert_eq!(capitalised("the broker is gone."), "The broker is gone.");
        assert_eq!(capitalised("mqtt://127.0.0.1:1883 is gone."), "mqtt://127.0.0.1:1883 is gone.");
        for name in ["wss://h/mqtt", "q/occupancy", "g/r.toml", "gateway.toml", "alice$parking$lot1", "password_file"] {
            assert_eq!(capitalised(&format!("{name}: it is odd.")), format!("{name}: it is odd."));
        }
        assert_eq!(capitalised("done."), "Done.");
        assert_eq!(capitalised(""), "");
    }
}
