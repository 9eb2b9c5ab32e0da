//! `i3 explain`: what an error, a code or a message of I3 means, and what to do.

use clap::Args;
use serde_json::{Value, json};

use crate::catalogue::{self, CODES, Code, Entry, Meaning, TABLE, entry};
use crate::cli::arguments::FreeText;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::exit_status;
use crate::cli::ui::Ui;
use crate::text;
use crate::text::wrap::{clipped, wrapped};

/// Explain a code, an exit status or an error message of I3, the broker or this program
///
/// Accepts the id in an error's brackets (error[topic-case]: ...), a number (a CONNACK, a reason code, an HTTP status or
/// an exit status, with all its meanings), a message of the broker, the marketplace or another client, or a few words.
/// Without an argument it lists all ids. i3-troubleshooting(7) holds the same explanations.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 explain 5
  i3 explain 77
  i3 explain 0x87
  i3 explain \"Connection Refused: not authorised.\"
  i3 explain permission-cache
  i3 explain \"error[topic-case]\"")]
pub struct Explain {
    /// An id, a code, a message, or words
    #[arg(value_name = "ID|CODE|TEXT")]
    text: Vec<FreeText>,
}

/// This many entries are explained in full on a terminal; if there are more, only their names are shown.
const IN_FULL: usize = 2;
/// Lines of the smallest screen.
const SCREEN: usize = 24;
/// The indentation of an entry's texts.
const LABEL: usize = 11;

/// A code with its meaning.
struct Explained {
    code: Code,
    name: &'static str,
    meaning: &'static str,
}

impl From<&'static Meaning> for Explained {
    fn from(meaning: &'static Meaning) -> Explained {
        Explained { code: meaning.code, name: meaning.name, meaning: meaning.meaning }
    }
}

impl Explain {
    /// Runs the command.
    ///
    /// # Errors
    /// If no entry of the catalogue matches.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let text = self.text.iter().map(|part| part.0.as_str()).collect::<Vec<_>>().join(" ");
        let text = text.trim();
        if text.is_empty() {
            return list(ui);
        }
        let (codes, entries) = answer(text);
        if codes.is_empty() && entries.is_empty() {
            let failure = CliError::new(ExitKind::Data, "nothing in the catalogue matches that");
            return Err(failure.hint(entry!("no-explanation")).into());
        }
        if ui.json {
            let codes: Vec<Value> = codes
                .iter()
                .map(|t| json!({"code": t.code.to_string(), "name": t.name, "meaning": program(t.meaning, ui)}))
                .collect();
            let entries: Vec<Value> = entries.iter().map(|entry| shown(entry, ui)).collect();
            return ui.object(json!({"codes": codes, "entries": entries}));
        }
        let text = match ui.columns() {
            Some(columns) if entries.len() > IN_FULL => in_short(&codes, &entries, columns, ui),
            Some(columns) => wrapped(&shown_text(&codes, &entries, ui), columns, LABEL),
            None => shown_text(&codes, &entries, ui),
        };
        ui.line(&text)
    }
}

/// Returns all codes and entries that `text` may mean, the most certain first.
fn answer(text: &str) -> (Vec<Explained>, Vec<&'static Entry>) {
    let (labelled, text) = catalogue::split_label(text);
    if let Some(entry) = catalogue::find(text) {
        return (Vec::new(), vec![entry]);
    }
    if let Some(number) = number(text) {
        return by_codes(numbered(number));
    }
    let mut entries = catalogue::of_message(text);
    if let Some(entry) = labelled {
        entries.retain(|other| *other != entry);
        entries.insert(0, entry);
    }
    let codes = catalogue::codes_in(text);
    if entries.is_empty() && codes.is_empty() {
        return (Vec::new(), catalogue::about(text));
    }
    let (codes, more) = by_codes(codes.into_iter().map(Explained::from).collect());
    // The words of a message are more certain than the meaning of its code.
    let more = more.into_iter().filter(|entry| !entries.contains(entry)).collect::<Vec<_>>();
    (codes, [entries, more].concat())
}

/// Parses `5` or `0x87`, also after words for the kind of number (`CONNACK 5`, `HTTP status code 404`).
fn number(text: &str) -> Option<u16> {
    let lower = text.to_lowercase();
    let kinds = ["connack", "exit", "http", "reason", "code", "status"];
    let mut digits = lower.trim();
    while let Some(rest) = kinds.iter().find_map(|kind| digits.strip_prefix(kind)) {
        digits = rest.trim_start();
    }
    match digits.strip_prefix("0x") {
        Some(hex) => u16::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    }
}

fn numbered(number: u16) -> Vec<Explained> {
    let is_it = |code: Code| match code {
        Code::ConnAck(code) | Code::Reason(code) | Code::Exit(code) => u16::from(code) == number,
        Code::Http(status) => status == number,
    };
    let exits = exit_status::TABLE.iter().filter(|status| u16::from(status.code) == number);
    let exits =
        exits.map(|s| Explained { code: Code::Exit(s.code), name: "exit status of this program", meaning: s.meaning });
    CODES.iter().filter(|meaning| is_it(meaning.code)).map(Explained::from).chain(exits).collect()
}

fn by_codes(codes: Vec<Explained>) -> (Vec<Explained>, Vec<&'static Entry>) {
    let mut entries: Vec<&'static Entry> = Vec::new();
    for entry in codes.iter().flat_map(|told| catalogue::of_code(told.code)) {
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    (codes, entries)
}

fn program(text: &str, ui: &Ui) -> String {
    text.replace("{i3}", &ui.program)
}

/// Returns what fits on a screen: the names of the entries, with as much of their symptoms as there is room for.
fn in_short(codes: &[Explained], entries: &[&'static Entry], columns: usize, ui: &Ui) -> String {
    let codes = match codes {
        [] => String::new(),
        codes => wrapped(&format!("{}\n\n", shown_text(codes, &[], ui)), columns, 2),
    };
    let more = format!("Run `{} explain ID` for one of them; in a pipe, all are printed.", ui.program);
    let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or_default();
    let line = |entry: &&Entry| clipped(&format!("{:<width$}  {}", entry.id, program(entry.cause, ui)), columns);
    let lines = entries.iter().map(line).collect::<Vec<_>>().join("\n");
    let whole = format!("{codes}{lines}\n{more}");
    // The shell's next line takes one line of the screen.
    let fits = |text: &str| text.lines().count() < SCREEN;
    if fits(&whole) {
        return whole;
    }
    let ids: Vec<&str> = entries.iter().map(|entry| entry.id).collect();
    let all = |shown: usize| {
        let left = ids.len() - shown;
        let rest = if left > 0 { format!(" … and {left} more") } else { String::new() };
        format!("{codes}{}\n{more}", wrapped(&format!("{}{rest}", ids[..shown].join(" ")), columns, 0))
    };
    (1..=ids.len()).rev().map(all).find(|text| fits(text)).unwrap_or(whole)
}

fn shown_text(codes: &[Explained], entries: &[&'static Entry], ui: &Ui) -> String {
    let mut lines = Vec::new();
    for told in codes {
        lines.push(format!("{}: {}", told.code, told.name));
        lines.push(format!("  {}", program(told.meaning, ui)));
    }
    for entry in entries {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(entry.id.to_string());
        for (name, text) in
            [("symptom", entry.symptom), ("cause", entry.cause), ("evidence", entry.evidence), ("remedy", entry.remedy)]
        {
            lines.push(format!("  {name:<8} {}", program(text, ui)));
        }
    }
    lines.join("\n")
}

fn shown(entry: &Entry, ui: &Ui) -> Value {
    json!({
        "id": entry.id, "numbers": entry.numbers,
        "codes": entry.codes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "symptom": program(entry.symptom, ui), "cause": program(entry.cause, ui),
        "evidence": program(entry.evidence, ui), "remedy": program(entry.remedy, ui),
    })
}

fn list(ui: &Ui) -> anyhow::Result<()> {
    if ui.json {
        let entries: Vec<Value> = TABLE.iter().map(|entry| shown(entry, ui)).collect();
        return ui.object(json!({"entries": entries}));
    }
    let lines: Vec<String> = TABLE.iter().map(|entry| text::row([entry.id, &program(entry.cause, ui)])).collect();
    ui.table(&["ID", "CAUSE"], &lines, Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<&'static str> {
        answer(text).1.iter().map(|entry| entry.id).collect()
    }

    fn codes(text: &str) -> Vec<String> {
        answer(text).0.iter().map(|told| told.code.to_string()).collect()
    }

    #[test]
    fn a_number_has_every_meaning_that_it_can_have() {
        assert_eq!(codes("5"), ["CONNACK 5"]);
        assert_eq!(codes("1"), ["CONNACK 1", "exit code 1"]);
        assert_eq!(codes("0x87"), ["reason 0x87"]);
        assert_eq!(codes("135"), codes("0x87"));
        assert_eq!(codes("HTTP 302"), ["HTTP 302"]);
        assert_eq!(codes("exit code 77"), ["exit code 77"]);
        assert_eq!(codes("status code 75"), ["exit code 75"]);
        assert_eq!(codes("HTTP status code 404"), ["HTTP 404"]);
        assert!(codes("exit status 77").contains(&"exit code 77".into()));
        assert_eq!(codes("0x9F"), ["reason 0x9f"]);
        assert!(codes("reason why 5").is_empty());
        for id in ["log-in-refused", "device-doubled", "database-down", "token-expired", "password-mangled"] {
            assert!(ids("5").contains(&id), "{id}");
        }
        assert!(ids("77").contains(&"publish-dropped"));
    }

    #[test]
    fn a_message_is_known_by_its_words_before_its_code() {
        let message = "error[log-in-refused]: the broker mqtt://h:1883 refused the log-in of 'alice$parking$lot1' (CONNACK 5, not authorized)";
        assert_eq!(ids(message)[0], "log-in-refused");
        assert!(ids(message).contains(&"device-case-twins"));
        assert_eq!(ids("Connection error: Connection Refused: not authorised."), ids("not authorized"));
        assert_eq!(ids("permission-cache"), ["permission-cache"]);
        assert_eq!(ids("error[topic-case]"), ["topic-case"]);
        assert!(ids("clock Date").contains(&"clock"));
        assert_eq!(ids("error: incomplete topic 'occupancy' (expected USER/HUB/PRODUCT)")[0], "short-topic");
        assert!(ids("colourless green ideas").is_empty());
    }
}
