//! The catalogue rendered: i3-troubleshooting(7), and the table of silent failures in docs/.

use std::io;

use clap_mangen::roff::{Roff, bold, italic, roman};

use i3::catalogue::{CODES, Entry, TABLE};
use i3::cli::ui::capitalised;

use super::DATE;

/// How many failures of I3 are numbered (I3 facts §5).
const NUMBERED: u8 = 31;

/// i3-troubleshooting(7), as roff.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn page() -> io::Result<Vec<u8>> {
    let mut roff = Roff::new();
    let source = concat!("i3 ", env!("CARGO_PKG_VERSION"));
    roff.control("TH", ["i3-troubleshooting", "7", DATE, source, "I3 seller's toolkit"]);
    roff.control("SH", ["NAME"]);
    roff.text([roman("i3-troubleshooting - what goes wrong on an I3 marketplace, how it shows, and how to fix it")]);
    roff.control("SH", ["DESCRIPTION"]);
    roff.text([
        roman("I3 answers most mistakes with silence. "),
        bold("i3 doctor"),
        roman(
            " walks the chain from the configuration to a message's arrival and names the first fault by one of \
             the names below; ",
        ),
        bold("i3 explain"),
        roman(" prints one of them, or everything that a code or a message can mean."),
    ]);
    roff.control("SH", ["WHAT GOES WRONG"]);
    for entry in TABLE {
        roff.control("SS", [entry.id]);
        for (tag, text) in
            [("Symptom", entry.symptom), ("Cause", entry.cause), ("Shows", entry.evidence), ("Remedy", entry.remedy)]
        {
            labelled(&mut roff, tag, text);
        }
        if !entry.codes.is_empty() {
            let codes: Vec<String> = entry.codes.iter().map(ToString::to_string).collect();
            labelled(&mut roff, "Codes", &codes.join(", "));
        }
    }
    roff.control("SH", ["CODES"]);
    for meaning in CODES {
        roff.control("TP", []);
        roff.text([bold(meaning.code.to_string()), roman(format!(" {}", meaning.name))]);
        roff.text([roman(plain(meaning.meaning))]);
    }
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("i3"), roman("(1), "), bold("i3-doctor"), roman("(1), "), bold("i3-explain"), roman("(1)")]);
    let mut out = Vec::new();
    roff.to_writer(&mut out)?;
    Ok(out)
}

/// The table in `docs/silent-failures.md`: each numbered failure with its symptom and the message of `i3`.
pub fn silent_failures() -> String {
    let mut table = String::from("\n| | symptom | what `i3` says: cause and remedy |\n|---|---|---|\n");
    for number in 1..=NUMBERED {
        let entries = || TABLE.iter().filter(|entry| entry.numbers.contains(&number));
        let cells = |cell: fn(&Entry) -> String| {
            let mut cells: Vec<String> = entries().map(cell).collect();
            cells.dedup();
            cells.join("<br>")
        };
        let seen = cells(|e| cell(e.symptom));
        let said = cells(|e| format!("`{}`: {}. {}.", e.id, cell(e.cause), capitalised(&cell(e.remedy))));
        table += &format!("| {number} | {seen} | {said} |\n");
    }
    table + "\n"
}

fn labelled(roff: &mut Roff, tag: &str, text: &str) {
    roff.control("TP", []);
    roff.text([italic(tag)]);
    roff.text([roman(plain(text))]);
}

fn plain(text: &str) -> String {
    text.replace("{i3}", "i3")
}

/// Escaped for a cell of a table.
fn cell(text: &str) -> String {
    plain(text).replace('|', "\\|").replace('<', "&lt;").replace('>', "&gt;")
}

/// Every `{i3} COMMAND --option` between back-quotes.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).filter_map(|code| code.strip_prefix("{i3} "))
}

/// An error prints the id of a `&'static Entry`, and `entry!` knows those of the table only.
#[test]
fn every_id_is_in_the_manual() {
    let page = String::from_utf8(page().unwrap()).unwrap();
    for entry in TABLE {
        assert!(page.contains(&format!(".SS {}\n", entry.id)), "{}", entry.id);
    }
}

#[test]
fn every_command_that_a_text_names_is_there_with_its_options() {
    let mut named = 0;
    let texts = TABLE.iter().flat_map(|e| [e.symptom, e.cause, e.evidence, e.remedy]);
    for line in texts.chain(CODES.iter().map(|meaning| meaning.meaning)).flat_map(commands) {
        let root = i3::commands::command();
        let mut command = &root;
        for word in line.split(' ') {
            match word.strip_prefix("--") {
                Some(option) => {
                    let has = command.get_arguments().any(|argument| argument.get_long() == Some(option));
                    assert!(has, "'{line}' names --{option}, which is not there");
                }
                None if command.has_subcommands() => {
                    let found = command.find_subcommand(word);
                    command = found.unwrap_or_else(|| panic!("'{line}' names {word}, which is not there"));
                }
                None => {}
            }
        }
        named += 1;
    }
    assert!(named > 30, "{named} were found");
}
