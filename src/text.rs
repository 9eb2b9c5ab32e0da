//! Makes text from outside safe to show: nothing in it moves a terminal's cursor, renames its window or is invisible.

pub mod hidden;
pub mod similar;
pub mod wrap;

use std::borrow::Cow;
use std::fmt::Write as _;

/// The byte order mark in UTF-8, U+FEFF, which some editors and shells put at the beginning of a text.
pub const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Whether a terminal may act on this character, or it is invisible: C0, DEL and C1 controls, zero-width characters
/// (U+200B to U+200F, U+2060, U+FEFF) and those that change the direction of text (U+202A to U+202E, U+2066 to U+2069).
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn escaped(text: &str, escape: impl Fn(char) -> Option<String>) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match escape(c).filter(|_| is_unsafe(c)) {
            Some(escape) => out += &escape,
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Returns the text without a byte order mark at its beginning.
pub fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// Returns the text on one line: unsafe characters, including tabs and line feeds, are written as escapes such as `\u{1b}`.
pub fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, |c| Some(c.escape_default().to_string()))
}

/// Returns the text with its tabs and line feeds; other unsafe characters are written as escapes.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| (!matches!(c, '\t' | '\n')).then(|| c.escape_default().to_string()))
}

/// Returns JSON with the unsafe characters of its strings as `\u` escapes: the same value.
///
/// serde_json escapes C0 only. All of these characters are in Unicode's basic plane.
pub fn json(text: &str) -> Cow<'_, str> {
    escaped(text, |c| (c != '\n').then(|| format!("\\u{:04x}", u32::from(c))))
}

/// Returns a row of a table: one line, its cells separated by tabs.
pub fn row<C: AsRef<str>>(cells: impl IntoIterator<Item = C>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| one_line(cell.as_ref()).into_owned()).collect();
    cells.join("\t")
}

/// Returns bytes as text that a terminal can show: as [`lines`], with invalid UTF-8 bytes as `\xff`.
pub fn bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out += &lines(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sample of each kind of unsafe character.
    const UNSAFE: &str = "\0\u{7}\u{8}\r\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9f}\u{200b}\u{200f}\u{202a}\u{202e}\u{2060}\
                          \u{2066}\u{2069}\u{feff}";

    #[test]
    fn nothing_unsafe_is_left_and_nothing_else_is_changed() {
        for c in UNSAFE.chars() {
            let text = format!("a{c}b");
            for shown in [one_line(&text), lines(&text), json(&text), bytes(text.as_bytes()).into()] {
                assert!(!shown.contains(c) && shown.starts_with('a') && shown.ends_with('b'), "{shown}");
            }
        }
        let plain = "größe \u{20ac} 日本 👩 '\"\\ {\"free\":678}";
        for shown in [one_line(plain), lines(plain), json(plain), bytes(plain.as_bytes()).into()] {
            assert_eq!(shown, plain);
        }
    }

    #[test]
    fn rows_keep_their_columns_and_texts_their_lines() {
        assert_eq!(row(["a\tb", "c\nd"]), "a\\tb\tc\\nd");
        assert_eq!(lines("a\tb\nc\u{1b}]0;x\u{7}"), "a\tb\nc\\u{1b}]0;x\\u{7}");
        assert_eq!(bytes(b"free\xff\x9b1\n"), "free\\xff\\x9b1\n");
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({ UNSAFE: UNSAFE });
        let text = value.to_string();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json(&text)).unwrap(), value);
        assert!(json(&text).is_ascii());
    }
}
