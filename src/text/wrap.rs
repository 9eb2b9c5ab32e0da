//! Wraps text to fit a terminal; parts to be pasted stay in one piece.

use unicode_width::UnicodeWidthStr as _;

/// Returns the text with its lines wrapped at blanks to `width` columns; continued lines begin with `indent` blanks.
///
/// Text between back-quotes is not broken, nor is a word: they may be longer than a line.
pub fn wrapped(text: &str, width: usize, indent: usize) -> String {
    text.split('\n').map(|line| wrapped_line(line, width, indent)).collect::<Vec<_>>().join("\n")
}

fn wrapped_line(line: &str, width: usize, indent: usize) -> String {
    if line.width() <= width {
        return line.into();
    }
    let mut out = String::with_capacity(line.len() + 16);
    let mut column = 0;
    for piece in pieces(line) {
        let (gap, word) = piece.split_at(piece.len() - piece.trim_start_matches(' ').len());
        if column > indent && column + gap.len() + word.width() > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else {
            out.push_str(gap);
            column += gap.len();
        }
        out.push_str(word);
        column += word.width();
    }
    out
}

/// Returns the words, each with the blanks before it; the words between two back-quotes are one.
fn pieces(line: &str) -> Vec<&str> {
    let (mut pieces, mut begin, mut is_word, mut is_code) = (Vec::new(), 0, false, false);
    for (at, c) in line.char_indices() {
        match c {
            ' ' if is_word && !is_code => {
                pieces.push(&line[begin..at]);
                (begin, is_word) = (at, false);
            }
            ' ' => {}
            // An unclosed one is an ordinary character.
            '`' => (is_word, is_code) = (true, !is_code && line[at + 1..].contains('`')),
            _ => is_word = true,
        }
    }
    pieces.push(&line[begin..]);
    pieces
}

/// Returns the text, cut to `width` columns with an ellipsis at its end if it is longer.
pub fn clipped(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.into();
    }
    let mut out = String::new();
    for c in text.chars() {
        out.push(c);
        if out.width() >= width {
            out.pop();
            break;
        }
    }
    out + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_words_and_commands_stay_whole() {
        assert_eq!(wrapped("one two three four", 9, 2), "one two\n  three\n  four");
        assert_eq!(wrapped("run `a b c d` now", 8, 2), "run\n  `a b c d`\n  now");
        assert_eq!(wrapped("a`b c d", 4, 0), "a`b\nc d");
        assert_eq!(wrapped("averylongword", 5, 2), "averylongword");
        assert_eq!(
            wrapped("  key      value of many words", 20, 11),
            "  key      value of\n           many\n           words"
        );
        assert_eq!(wrapped("日本 日本 日本", 9, 0), "日本 日本\n日本");
        assert_eq!(wrapped("short\nlines", 9, 2), "short\nlines");
    }

    #[test]
    fn what_is_too_long_ends_with_an_ellipsis() {
        assert_eq!(clipped("abcdef", 6), "abcdef");
        assert_eq!(clipped("abcdefg", 6), "abcde…");
        assert_eq!(clipped("日本日本", 6), "日本…");
    }
}
