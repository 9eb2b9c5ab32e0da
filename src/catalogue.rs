//! What goes wrong on I3, in one table: symptom, cause, evidence and remedy.
//!
//! Errors take their ids and hints from it, the doctor its verdicts, `i3 explain` its answers; i3-troubleshooting(7) and
//! the table in docs/silent-failures.md are rendered from it. In its texts `{i3}` stands for the program's name.

mod codes;
mod model;
mod table;

use std::collections::BTreeSet;

pub use codes::{CODES, Meaning};
pub use model::{Code, Entry};
pub use table::TABLE;

/// Returns the entry `id`, for `entry!`.
///
/// # Panics
/// If there is none, which the compiler reports.
pub const fn named(id: &str) -> &'static Entry {
    let mut at = 0;
    while at < TABLE.len() {
        if equal(TABLE[at].id.as_bytes(), id.as_bytes()) {
            return &TABLE[at];
        }
        at += 1;
    }
    panic!("the catalogue has no entry of that name")
}

const fn equal(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// Returns the entry of an id, at compile time: an unknown id does not compile.
macro_rules! entry {
    ($id:literal) => {
        const { $crate::catalogue::named($id) }
    };
}
pub(crate) use entry;

/// Returns the entry of an id.
pub fn find(id: &str) -> Option<&'static Entry> {
    TABLE.iter().find(|entry| entry.id == id)
}

/// Returns the entries that can cause this code.
pub fn of_code(code: Code) -> Vec<&'static Entry> {
    TABLE.iter().filter(|entry| entry.codes.contains(&code)).collect()
}

/// Splits `error[id]: ` or `error: ` off a line; returns the entry of the id, and the message.
pub fn split_label(line: &str) -> (Option<&'static Entry>, &str) {
    let Some(rest) = line.trim_start().strip_prefix("error") else { return (None, line) };
    let (id, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((id, rest)) => (Some(id), rest),
        None => (None, rest),
    };
    match rest.strip_prefix(':') {
        Some(message) => (id.and_then(find), message.trim_start()),
        None if rest.is_empty() => (id.and_then(find), rest),
        None => (None, line),
    }
}

/// Returns the entries whose texts a message holds, the longest text first.
pub fn of_message(message: &str) -> Vec<&'static Entry> {
    // A line may end with a full stop, as in mosquitto's programs.
    let lines = message.lines().map(|line| format!("{}\n", line.trim().trim_end_matches('.')));
    let message = lines.collect::<String>().to_lowercase();
    let longest =
        |entry: &Entry| entry.texts.iter().filter(|text| message.contains(**text)).map(|text| text.len()).max();
    let mut found: Vec<_> = TABLE.iter().filter_map(|entry| Some((longest(entry)?, entry))).collect();
    // Stable, so that equal entries keep the order of the table.
    found.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// Returns the codes that a message names, in words (`not authorised`), as such (`CONNACK 5`, `reason 0x87`), or as Paho's clients print
/// that of a log-in (`result code 5`, `rc=5`).
pub fn codes_in(message: &str) -> Vec<&'static Meaning> {
    let message = message.to_lowercase();
    let named = |code: Code| {
        let name = code.to_string().to_lowercase();
        message.match_indices(&name).any(|(at, _)| {
            let after = message[at + name.len()..].chars().next();
            !after.is_some_and(|c| c.is_ascii_alphanumeric())
        })
    };
    let log_in = paho_log_in(&message).map(Code::ConnAck);
    let is_meant =
        |m: &&Meaning| named(m.code) || log_in == Some(m.code) || m.texts.iter().any(|text| message.contains(text));
    CODES.iter().filter(is_meant).collect()
}

/// Returns the code of a log-in from the output of Paho's clients. For a disconnection they print their own numbers, of
/// which only 5 is a refused log-in.
fn paho_log_in(message: &str) -> Option<u8> {
    let after = ["result code", "return code", "rc=", "rc:"].iter().find_map(|name| message.split_once(name))?.1;
    let digits = after.trim_start_matches([' ', ':', '=']).split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|code| *code == 5 || !message.contains("disconnect"))
}

/// How many entries [`about`] returns if no entry has every word of the text.
const MOST: usize = 5;
/// Fewest bytes of a significant word.
const SHORTEST_WORD: usize = 3;

/// Returns the entries that have all of these words; otherwise the few that have half of them or more, the rarest words first.
pub fn about(words: &str) -> Vec<&'static Entry> {
    let words = words.to_lowercase();
    let words: BTreeSet<&str> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= SHORTEST_WORD).collect();
    let texts =
        |entry: &Entry| [entry.id, entry.symptom, entry.cause, entry.evidence, entry.remedy].join(" ").to_lowercase();
    // The entry about finding nothing explains nothing.
    let is_one = |entry: &&Entry| entry.id != "no-explanation";
    let table: Vec<&Entry> = TABLE.iter().filter(is_one).collect();
    let texts: Vec<String> = table.iter().copied().map(texts).collect();
    let mut found = vec![(0, 0.0); table.len()];
    for word in &words {
        let having: Vec<usize> = (0..table.len()).filter(|at| texts[*at].contains(word)).collect();
        for at in &having {
            found[*at].0 += 1;
            found[*at].1 += 1.0 / having.len() as f64;
        }
    }
    let of_words = |least: usize| {
        let mut entries: Vec<usize> = (0..table.len()).filter(|at| found[*at].0 >= least).collect();
        entries.sort_by(|a, b| found[*b].1.total_cmp(&found[*a].1));
        entries.into_iter().map(|at| table[at]).collect::<Vec<_>>()
    };
    match of_words(words.len().max(1)) {
        all if !all.is_empty() => all,
        _ => of_words(words.len().div_ceil(2).max(2)).into_iter().take(MOST).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_there_once_and_in_kebab_case() {
        let ids: BTreeSet<_> = TABLE.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), TABLE.len());
        for id in ids {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(id.chars().all(plain) && !id.starts_with('-'), "{id}");
            assert_eq!(find(id).unwrap().id, id);
        }
        assert!(find("no-such-thing").is_none());
    }

    #[test]
    fn each_of_the_31_has_an_entry_and_no_other_number_has() {
        for number in 1..=31 {
            assert!(TABLE.iter().any(|entry| entry.numbers.contains(&number)), "{number}");
        }
        assert!(TABLE.iter().flat_map(|entry| entry.numbers).all(|number| (1..=31).contains(number)));
    }

    #[test]
    fn texts_are_sentences_and_remedies_can_be_hints() {
        for entry in TABLE {
            let texts = [entry.symptom, entry.cause, entry.evidence, entry.remedy];
            assert!(texts.iter().all(|text| text.len() > 10 && !text.ends_with(['.', ' ', '\n'])), "{}", entry.id);
            assert!(!texts.iter().any(|text| text.contains("  ")), "{}", entry.id);
            assert!(entry.texts.iter().all(|text| *text == text.to_lowercase() && text.len() >= 4), "{}", entry.id);
        }
    }

    #[test]
    fn every_code_of_the_table_has_a_meaning_unless_it_is_an_exit_code() {
        for entry in TABLE {
            for code in entry.codes.iter().filter(|code| !matches!(code, Code::Exit(_))) {
                assert!(CODES.iter().any(|meaning| meaning.code == *code), "{}: {code}", entry.id);
            }
        }
    }

    #[test]
    fn a_label_is_split_off_its_message() {
        let split = |line| {
            let (entry, message) = split_label(line);
            (entry.map(|entry| entry.id), message)
        };
        assert_eq!(split("error[clock]: it is wrong"), (Some("clock"), "it is wrong"));
        assert_eq!(split("error[clock]"), (Some("clock"), ""));
        assert_eq!(split("error[E0308]: mismatched types"), (None, "mismatched types"));
        assert_eq!(split("error: it is wrong"), (None, "it is wrong"));
        assert_eq!(split("Error: it is wrong"), (None, "Error: it is wrong"));
        assert_eq!(split("errors: none"), (None, "errors: none"));
    }

    #[test]
    fn messages_are_known_by_their_words_and_codes() {
        let first = |message: &str| of_message(message)[0].id;
        for (text, id) in [
            ("Error: Connection refused", "broker-unreachable"),
            ("Error: The connection was lost.", "connection-ended"),
            ("Unable to connect (Lookup error.).", "host-unknown"),
            ("HTTP/1.1 502 Bad Gateway", "gateway"),
            ("503 Service Unavailable", "gateway"),
            ("504 Gateway Time-out", "gateway"),
            ("Timed out", "not-bought"),
            ("TimeoutError: timed out", "broker-unreachable"),
            ("MQTT_ERR_NO_CONN", "broker-unreachable"),
            ("Unexpected disconnection (rc=7)", "connection-ended"),
            ("Disconnected with result code 7", "connection-ended"),
            ("Subscription failed", "subscription-refused"),
            ("DisallowedHost at /", "host-refused"),
            ("OperationalError (2003, ...)", "database-down"),
            ("<h1>Server Error (500)</h1>", "market-broke-down"),
            ("why does nothing arrive?", "not-bought"),
        ] {
            assert_eq!(first(text), id, "{text}");
        }
        assert!(of_message("all is well").is_empty());
        let codes = |message: &str| codes_in(message).iter().map(|m| m.code).collect::<Vec<_>>();
        assert_eq!(
            codes("Connection error: Connection Refused: not authorised."),
            [Code::ConnAck(5), Code::Reason(0x87)]
        );
        assert_eq!(codes("refused (CONNACK 5, whatever)"), [Code::ConnAck(5)]);
        for refused in
            ["Connected with result code 5", "rc=5", "Connection failed, return code: 5", "disconnected, rc: 5"]
        {
            assert_eq!(codes(refused), [Code::ConnAck(5)], "{refused}");
        }
        for other in ["Unexpected disconnection (rc=4)", "Disconnected with result code 7", "source 5", "rc"] {
            assert_eq!(codes(other), [], "{other}");
        }
        assert_eq!(codes("refused (CONNACK 55)"), []);
        assert!(about("clock TOKENS").iter().any(|entry| entry.id == "clock"));
        assert!(about(" ").is_empty());
        assert!(about("colourless green ideas").is_empty());
        let is_none = |entry: &&Entry| entry.id == "no-explanation";
        assert_eq!(about("explain finds nothing").iter().copied().find(is_none), None);
        assert_eq!(about("incomplete topic 'occupancy' (expected USER/HUB/PRODUCT)")[0].id, "short-topic");
        assert!(about("the device is already registered").len() <= MOST);
    }
}
