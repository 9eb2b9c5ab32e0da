//! Removes what programs put between the characters of a text for transport: escapes, entities, invisible characters.

use crate::guard::bytes::Bytes;

/// The result of a step, which is always shorter; `None` if there is nothing to remove.
type Step = fn(&[u8]) -> Option<Bytes>;

/// The steps in order; each gets the result of the previous one.
const STEPS: [Step; 8] = [
    |text| is_wide(text).then(|| kept(text, |byte| byte != 0)),
    |text| rewritten(text, b'&', entity),
    |text| rewritten(text, b'\\', backslash),
    |text| rewritten(text, b'%', percent),
    |text| rewritten(text, b'=', quoted_printable),
    ascii,
    |text| without(text, |byte| matches!(byte, b' ' | b'\t')),
    // If there were blanks between all characters, line ends may still be separators.
    |text| without(text, |byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')),
];
/// How often the steps are repeated: JSON in JSON in a URL has four backslashes, each as `%5C`.
const ROUNDS: usize = 3;

/// Names of HTML's entities that stand for characters of a key, its quotes or what hides between them (HTML §13.5).
const ENTITIES: [(&str, char); 48] = [
    ("quot", '"'),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("NonBreakingSpace", ' '),
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("ensp", ' '),
    ("emsp", ' '),
    ("thinsp", ' '),
    ("shy", '\u{ad}'),
    ("zwj", '\u{200d}'),
    ("zwnj", '\u{200d}'),
    ("ZeroWidthSpace", '\u{200b}'),
    ("NoBreak", '\u{2060}'),
    ("ldquo", '"'),
    ("rdquo", '"'),
    ("bdquo", '"'),
    ("lsquo", '\''),
    ("rsquo", '\''),
    ("laquo", '"'),
    ("raquo", '"'),
    ("grave", '`'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("minus", '-'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("num", '#'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("plus", '+'),
    ("comma", ','),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("equals", '='),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("lowbar", '_'),
    ("lcub", '{'),
];

/// Returns the results of the steps on `text`, until nothing changes: each is shorter than the one before.
pub(super) fn cleaned(text: &[u8]) -> Vec<Bytes> {
    let mut all: Vec<Bytes> = Vec::new();
    for _ in 0..ROUNDS {
        let before = all.len();
        for step in STEPS {
            let next = step(all.last().map_or(text, |last| last.as_slice()));
            all.extend(next.filter(|next| !next.is_empty()));
        }
        if all.len() == before {
            break;
        }
    }
    all
}

/// Returns whether `bytes` are UTF-16 or UTF-32 of a key's text: of each four bytes, one is hardly ever zero and another nearly always.
pub(super) fn is_wide(bytes: &[u8]) -> bool {
    if bytes.len() < 16 || !bytes.contains(&0) {
        return false;
    }
    let mut zeros = [0; 4];
    for four in bytes.chunks_exact(4) {
        zeros.iter_mut().zip(four).for_each(|(count, byte)| *count += usize::from(*byte == 0));
    }
    let fours = bytes.len() / 4;
    zeros.iter().any(|count| count * 4 <= fours) && zeros.iter().any(|count| count * 4 >= fours * 3)
}

fn without(text: &[u8], is_blank: fn(u8) -> bool) -> Option<Bytes> {
    text.iter().any(|byte| is_blank(*byte)).then(|| kept(text, |byte| !is_blank(byte)))
}

fn kept(text: &[u8], keep: impl Fn(u8) -> bool) -> Bytes {
    let mut plain = Bytes::with_capacity(text.len());
    plain.extend(text.iter().copied().filter(|byte| keep(*byte)));
    plain
}

/// Replaces what follows each `mark` by what `decode` appends for it; `decode` returns how much of its text it used.
fn rewritten(text: &[u8], mark: u8, decode: fn(&[u8], &mut Vec<u8>) -> Option<usize>) -> Option<Bytes> {
    memchr::memchr(mark, text)?;
    let mut plain = Bytes::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(mark, rest) {
        plain.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        match decode(rest, &mut plain) {
            Some(used) => rest = &rest[used..],
            None => plain.push(mark),
        }
    }
    plain.extend_from_slice(rest);
    (plain.len() < text.len()).then_some(plain)
}

/// `&quot;`, `&#45;`, `&#x2d;`, also without the semicolon.
fn entity(rest: &[u8], plain: &mut Vec<u8>) -> Option<usize> {
    let word = |from: usize, is_part: fn(&u8) -> bool| {
        let length = rest.get(from..)?.iter().take(20).take_while(|byte| is_part(byte)).count();
        Some((std::str::from_utf8(&rest[from..from + length]).ok()?, from + length))
    };
    let (value, used) = match rest {
        [b'#', b'x' | b'X', ..] => {
            word(2, u8::is_ascii_hexdigit).map(|(digits, end)| (u32::from_str_radix(digits, 16), end))?
        }
        [b'#', ..] => word(1, u8::is_ascii_digit).map(|(digits, end)| (digits.parse(), end))?,
        _ => {
            let (name, end) = word(0, u8::is_ascii_alphanumeric)?;
            (ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, value)| Ok(u32::from(*value)))?, end)
        }
    };
    push(value.ok()?, plain);
    Some(used + usize::from(rest.get(used) == Some(&b';')))
}

/// `\n`, `\x30`, `\060`, `\u002b`, `\u{2b}`, `\U0000002b`, also with the backslash doubled.
fn backslash(rest: &[u8], plain: &mut Vec<u8>) -> Option<usize> {
    let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
    let Some((&first, after)) = rest[slashes..].split_first() else { return Some(slashes) };
    let digits = |count| hex_value(after, count).map(|value| (value, count));
    let (value, used) = match first {
        b'n' | b'r' | b't' => (u32::from(b'\n'), 0),
        b'x' => digits(2).unwrap_or((u32::from(b'x'), 0)),
        b'u' => digits(4).or_else(|| in_braces(after)).unwrap_or((u32::from(b'u'), 0)),
        b'U' => digits(8).unwrap_or((u32::from(b'U'), 0)),
        b'0'..=b'3' => octal_value(&rest[slashes..]).map_or((u32::from(first), 0), |value| (value, 2)),
        other => (u32::from(other), 0),
    };
    push(value, plain);
    Some(slashes + 1 + used)
}

/// `%2B`, and JavaScript's old `%u002B`.
fn percent(rest: &[u8], plain: &mut Vec<u8>) -> Option<usize> {
    let long = || Some((hex_value(rest.strip_prefix(b"u")?, 4)?, 5));
    let (value, used) = hex_value(rest, 2).map(|value| (value, 2)).or_else(long)?;
    push(value, plain);
    Some(used)
}

/// `=2D`, and a soft line break (RFC 2045 §6.7).
fn quoted_printable(rest: &[u8], plain: &mut Vec<u8>) -> Option<usize> {
    match rest {
        [b'\r', b'\n', ..] => Some(2),
        [b'\n', ..] => Some(1),
        _ => {
            push(hex_value(rest, 2)?, plain);
            Some(2)
        }
    }
}

/// The characters of a key are ASCII: full-width ones, typographic quotes, dashes and blanks are converted; all others,
/// above all invisible ones, are not part of a key.
fn ascii(text: &[u8]) -> Option<Bytes> {
    let is_visible = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0);
    if text.iter().all(is_visible) {
        return None;
    }
    let mut plain = Bytes::with_capacity(text.len());
    for c in text.utf8_chunks().flat_map(|chunk| chunk.valid().chars()) {
        match c {
            '\0' | '\t' | '\r' | '\n' | ' '..='~' => plain.push(c as u8),
            '\u{ff01}'..='\u{ff5e}' => plain.push((u32::from(c) - 0xfee0) as u8),
            '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2032}' | '\u{2033}' => plain.push(b'"'),
            '\u{2010}'..='\u{2012}' | '\u{2212}' | '\u{fe63}' => plain.push(b'-'),
            // Word processors turn two short dashes into a long one.
            '\u{2013}'..='\u{2015}' => plain.extend_from_slice(b"--"),
            _ if c.is_whitespace() => plain.push(b' '),
            _ => {}
        }
    }
    (plain.len() < text.len()).then_some(plain)
}

/// Appends a byte, or a character beyond a byte.
fn push(value: u32, plain: &mut Vec<u8>) {
    match (u8::try_from(value), char::from_u32(value)) {
        (Ok(byte), _) => plain.push(byte),
        (_, Some(c)) => plain.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        _ => {}
    }
}

/// Returns the value of the first `count` hexadecimal digits of `text`.
fn hex_value(text: &[u8], count: usize) -> Option<u32> {
    let mut digits = text.get(..count)?.iter().map(|byte| char::from(*byte).to_digit(16));
    digits.try_fold(0u32, |sum, digit| Some(sum << 4 | digit?))
}

/// Returns the value of three octal digits.
fn octal_value(text: &[u8]) -> Option<u32> {
    let mut digits = text.get(..3)?.iter().map(|byte| char::from(*byte).to_digit(8));
    digits.try_fold(0, |sum, digit| Some(sum << 3 | digit?))
}

/// Returns the value of `{2b}`, and how many bytes it takes.
fn in_braces(text: &[u8]) -> Option<(u32, usize)> {
    let digits = text.strip_prefix(b"{")?;
    let count = digits.iter().take(8).take_while(|byte| byte.is_ascii_hexdigit()).count();
    (count > 0 && digits.get(count) == Some(&b'}')).then(|| Some((hex_value(digits, count)?, count + 2)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &[u8]) -> Vec<String> {
        cleaned(text).iter().map(|plain| String::from_utf8_lossy(plain).into_owned()).collect()
    }

    #[track_caller]
    fn yields(text: &[u8], plain: &str) {
        assert!(texts(text).iter().any(|made| made == plain), "{}: {:?}", text.escape_ascii(), texts(text));
    }

    #[test]
    fn escapes_are_decoded() {
        assert!(texts(b"nothing").is_empty());
        for text in [
            r"ab\ncd",
            r"ab\\ncd",
            r"ab\x0acd",
            r"ab\u000acd",
            r"ab\u{a}cd",
            r"ab\U0000000acd",
            r"ab\012cd",
            "ab%0Acd",
            "ab%250Acd",
            "ab%u000acd",
            "ab=0Acd",
            "ab&#10;cd",
            "ab&#x0a;cd",
            "ab&NewLine;cd",
            "ab&amp;#10;cd",
            "a=\nb\\ncd",
        ] {
            yields(text.as_bytes(), "ab\ncd");
        }
        yields(br"100% \q \", "100% q ");
        yields(b"a\0b\0c\0d\0e\0f\0g\0h\0", "abcdefgh");
    }

    #[test]
    fn what_is_not_ascii_does_not_separate() {
        for text in [
            "\u{feff}-\u{200b}-a\u{ad}b",
            "\u{2014}ab",
            "\u{ff0d}-a\u{e0020}\u{301}b",
            "-\u{1f}-a\u{7f}b",
            "--a\u{2800}b",
        ] {
            yields(text.as_bytes(), "--ab");
        }
        yields("“a”\u{a0}b".as_bytes(), "\"a\" b");
        yields(b"a b c d e", "abcde");
    }

    #[test]
    fn each_text_is_shorter_than_the_one_before() {
        let texts = cleaned(br"%26amp;quot;\u005cu0041=3D%5Cu200b");
        assert!(texts.len() > 3 && texts.windows(2).all(|pair| pair[1].len() < pair[0].len()));
    }
}
