//! Invisible characters in a text: their names and places.

use std::fmt;

/// An invisible character, or white space at an end of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden {
    pub character: char,
    pub place: Place,
}

/// The place of a character in its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Start,
    End,
    /// Between others; with its position in characters, counted from 1.
    Inside(usize),
}

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (U+{:04X}) ", name(self.character), u32::from(self.character))?;
        match self.place {
            Place::Start => f.write_str("at its beginning"),
            Place::End => f.write_str("at its end"),
            Place::Inside(number) => write!(f, "as character {number}"),
        }
    }
}

/// Returns the name of an invisible character (Unicode's names, in common words).
fn name(character: char) -> &'static str {
    match character {
        '\0' => "a NUL",
        '\t' => "a tab",
        '\n' => "a line feed",
        '\r' => "a carriage return",
        '\u{1b}' => "an escape",
        ' ' => "a blank",
        '\u{a0}' => "a no-break space",
        '\u{ad}' => "a soft hyphen",
        '\u{200b}' => "a zero-width space",
        '\u{200c}' | '\u{200d}' => "a zero-width joiner",
        '\u{200e}' | '\u{200f}' | '\u{61c}' => "a direction mark",
        '\u{2028}' => "a line separator",
        '\u{202f}' => "a narrow no-break space",
        '\u{2060}' => "a word joiner",
        '\u{3000}' => "an ideographic space",
        '\u{feff}' => "a byte order mark",
        c if c.is_control() => "a control character",
        c if c.is_whitespace() => "a space of another kind",
        _ => "an invisible character",
    }
}

/// Returns whether `c` is invisible between other characters: control and format characters, fillers, and all white space
/// except the blank.
pub fn is_hidden(c: char) -> bool {
    c != ' ' && (c.is_control() || c.is_whitespace())
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether `c` is invisible at an end of a text.
fn is_hidden_at_end(c: char) -> bool {
    c == ' ' || is_hidden(c)
}

/// Returns the text without invisible characters at its ends.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_hidden_at_end)
}

/// Returns the invisible characters of `text`, in order.
pub fn find(text: &str) -> Vec<Hidden> {
    let before = text.chars().take_while(|c| is_hidden_at_end(*c)).count();
    let inner = trimmed(text).chars().count();
    let hidden = text.chars().enumerate().filter_map(|(at, character)| {
        let place = match at {
            at if at < before => Place::Start,
            at if at >= before + inner => Place::End,
            at => Place::Inside(at + 1),
        };
        let is_one = if matches!(place, Place::Inside(_)) { is_hidden(character) } else { is_hidden_at_end(character) };
        is_one.then_some(Hidden { character, place })
    });
    hidden.collect()
}

/// Returns the first invisible character at an end of `text`.
pub fn at_end(text: &str) -> Option<Hidden> {
    find(text).into_iter().find(|hidden| !matches!(hidden.place, Place::Inside(_)))
}

/// Names the hidden characters: each kind at each end once, and at most three.
pub fn named(hidden: &[Hidden]) -> String {
    const MOST: usize = 3;
    let mut names: Vec<String> = Vec::new();
    for name in hidden.iter().map(ToString::to_string) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = names.len().saturating_sub(MOST);
    names.truncate(MOST);
    let names = names.join(", ");
    if more > 0 { format!("{names}, and {more} more") } else { names }
}

/// A value without hidden characters, such as an address, a name or an API key: its text, and the characters removed from
/// its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word<'a> {
    pub text: &'a str,
    pub removed: Vec<Hidden>,
}

/// Removes invisible characters from the ends of a value.
///
/// # Errors
/// The first hidden character inside it: such a value can never work.
pub fn word(text: &str) -> Result<Word<'_>, Hidden> {
    let (inside, removed): (Vec<_>, Vec<_>) =
        find(text).into_iter().partition(|hidden| matches!(hidden.place, Place::Inside(_)));
    match inside.first() {
        Some(first) => Err(*first),
        None => Ok(Word { text: trimmed(text), removed }),
    }
}

/// Returns whether bytes are UTF-16, as PowerShell and some editors of Windows write a text: by its byte order mark, or by
/// zeros in every other byte.
pub fn is_utf16(bytes: &[u8]) -> bool {
    let zeros = |first: usize| bytes.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let pairs = bytes.len() / 2;
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
        || pairs >= 2 && [0, 1].into_iter().any(|first| zeros(first) * 4 >= pairs * 3 && zeros(1 - first) == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_is_named_with_its_place() {
        for (text, says) in [
            ("secret", ""),
            ("two words", ""),
            ("\u{feff}secret", "a byte order mark (U+FEFF) at its beginning"),
            ("secret\r", "a carriage return (U+000D) at its end"),
            ("secret  ", "a blank (U+0020) at its end"),
            ("sec\u{a0}ret", "a no-break space (U+00A0) as character 4"),
            ("\tsec\u{200b}ret", "a tab (U+0009) at its beginning, a zero-width space (U+200B) as character 5"),
            ("größe\u{ad}x", "a soft hyphen (U+00AD) as character 6"),
            (
                "a\u{1}b\u{2}c\u{3}d\u{4}e",
                "a control character (U+0001) as character 2, a control character (U+0002) as \
                character 4, a control character (U+0003) as character 6, and 1 more",
            ),
            (" \n", "a blank (U+0020) at its beginning, a line feed (U+000A) at its beginning"),
            ("a\u{e0041}b", "an invisible character (U+E0041) as character 2"),
        ] {
            assert_eq!(named(&find(text)), says, "{text:?}");
        }
    }

    #[test]
    fn a_word_loses_its_ends_and_has_nothing_hidden_inside() {
        assert_eq!(word("http://h"), Ok(Word { text: "http://h", removed: Vec::new() }));
        let trimmed = word("\u{feff} http://h\r\n").unwrap();
        assert_eq!((trimmed.text, trimmed.removed.len()), ("http://h", 4));
        assert_eq!(word("lot\u{a0}1"), Err(Hidden { character: '\u{a0}', place: Place::Inside(4) }));
        assert_eq!(word(" \u{200b}").unwrap().text, "");
    }

    #[test]
    fn utf_16_is_told_from_other_bytes() {
        let wide = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for text in ["pw", "hunter2secret\r\n", "größe", "\u{feff}größe"] {
            assert!(is_utf16(&wide(text, u16::to_le_bytes)) && is_utf16(&wide(text, u16::to_be_bytes)), "{text}");
        }
        for bytes in [&b""[..], b"pw", b"hunter2", "größe".as_bytes(), b"a\0", b"\0\0\0\0\0\0", b"gr\xfc\xdfe"] {
            assert!(!is_utf16(bytes), "{bytes:?}");
        }
    }
}
