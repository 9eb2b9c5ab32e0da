//! The numbers of a private key by their names, in the notation of any tool or language: `privateExponent:\n 00:ab…`,
//! `D = new byte[] { 171, …`, `(d #00AB…#)`, `"d": "q…"`, `PrivateKey = …`.

use crate::guard::form::{KeyKind, KeyKinds};

/// What a long number with a name reveals.
#[derive(Clone, Copy)]
enum Meaning {
    Private(KeyKind),
    /// A prime of RSA, unless a generator is near it: DSA's and Diffie-Hellman's are public.
    Prime,
    Generator,
    /// As a tool prints DER; only three of them are a private key.
    Integer,
}

struct Name {
    /// In lower case; between two letters of a text may be a blank, `-` or `_`.
    name: &'static str,
    /// Fewest digits of its value, for a number that is not a list of bytes; 512 bits if the name is only a letter or two.
    least: usize,
    meaning: Meaning,
}

const fn name(name: &'static str, least: usize, meaning: Meaning) -> Name {
    Name { name, least, meaning }
}

use Meaning::{Generator, Integer, Prime, Private};

/// RFC 8017 A.1.2 and RFC 7518 §6.3.2 have most of the names; the others are OpenSSL's, BIND's, .NET's and Java's.
const NAMES: [Name; 19] = [
    name("privateexponent", 80, Private(KeyKind::Printed)),
    name("prime1", 80, Private(KeyKind::Printed)),
    name("prime2", 80, Private(KeyKind::Printed)),
    name("exponent1", 80, Private(KeyKind::Printed)),
    name("exponent2", 80, Private(KeyKind::Printed)),
    name("coefficient", 80, Private(KeyKind::Printed)),
    name("privatekey", 43, Private(KeyKind::Labelled)),
    name("privatevalue", 43, Private(KeyKind::Labelled)),
    name("priv", 80, Private(KeyKind::Printed)),
    name("primes", 80, Private(KeyKind::Numbers)),
    name("inverseq", 80, Private(KeyKind::Numbers)),
    name("qinv", 80, Private(KeyKind::Numbers)),
    name("qi", 80, Private(KeyKind::Numbers)),
    name("dp", 80, Private(KeyKind::Numbers)),
    name("dq", 80, Private(KeyKind::Numbers)),
    name("d", 80, Private(KeyKind::Numbers)),
    name("p", 80, Prime),
    name("q", 80, Prime),
    name("g", 80, Generator),
];
const INTEGERS: Name = name("integer", 128, Integer);

/// Shortest text with a name, a sign and a value.
const TEXT_MIN: usize = 30;
/// Words between a sign and its value: `new BigInteger(1, Base64.decode("…`.
const FILLERS_MAX: usize = 4;
/// Most signs between a name and its value.
const GAP_MAX: usize = 40;
/// At least this many digits in a row are a number, and not a byte of a list.
const LONG: usize = 24;
/// Fewest bytes in a list after a name that is a word: most of a line of OpenSSL's output.
const LIST_MIN: usize = 12;
/// Fewest bytes in a list after a name of a letter or two: a prime of 512 bits.
const NUMBER_MIN: usize = 64;
/// Fewest digits of the numbers on both sides of a public exponent between n and d: 512 bits in hexadecimal.
const MODULUS_MIN: usize = 128;

/// Fewest decimal digits of a modulus: those of 1,000 bits.
const DECIMAL_MIN: usize = 301;

/// Whether these are modulus and private exponent without names: `(n, d)`, `(n, e, d)`. A public exponent is short.
fn is_pair(text: &[u8]) -> bool {
    text.len() > 2 * DECIMAL_MIN
        && text.split(|byte| !byte.is_ascii_digit()).filter(|digits| digits.len() >= DECIMAL_MIN).count() >= 2
}

/// Returns the private key that the named numbers in `text` belong to.
pub(super) fn find(text: &[u8]) -> KeyKinds {
    // Base64 and hexadecimal digits have signs only at their end.
    let has_sign = text.iter().take(text.len().saturating_sub(LONG)).any(|byte| !is_digit(byte));
    if text.len() < TEXT_MIN || !has_sign {
        return [None, None];
    }
    if is_pair(text) {
        return [Some(KeyKind::Numbers), None];
    }
    let (mut private, mut prime, mut generator, mut integers) = (None, false, false, 0);
    for at in 0..text.len() {
        let first = text[at].to_ascii_lowercase();
        if !matches!(first, b'p' | b'e' | b'c' | b'i' | b'q' | b'd' | b'g') {
            continue;
        }
        let names = NAMES.iter().chain([&INTEGERS]).filter(|known| known.name.as_bytes()[0] == first);
        let Some((found, rest)) = names.filter_map(|known| Some((known, after(known.name, text, at)?))).next() else {
            continue;
        };
        let is_long = match value(rest) {
            NumberText::Number(digits) => digits >= found.least,
            NumberText::Bytes { count, high } => {
                let least = if found.name.len() > 3 { LIST_MIN } else { NUMBER_MIN };
                // Half of them should have their highest bit set; in sensor readings none or all have.
                count >= least && high * 6 >= count && high * 7 <= count * 6
            }
        };
        if !is_long {
            continue;
        }
        match found.meaning {
            Private(kind) => private = private.or(Some(kind)),
            Prime => prime = true,
            Generator => generator = true,
            Integer => integers += 1,
        }
    }
    let private = private.or((prime && !generator).then_some(KeyKind::Numbers));
    let is_piece = integers >= 3 || private.is_none() && has_exponent_between(text);
    [private.or(is_piece.then_some(KeyKind::RsaPiece)), None]
}

/// Whether the public exponent 65537 is between two long numbers: n and d, as `PrivateKey(n, 65537, d, p, q)`.
fn has_exponent_between(text: &[u8]) -> bool {
    let is_gap = |byte: &&u8| !byte.is_ascii_alphanumeric();
    let is_digit = |byte: &&u8| byte.is_ascii_hexdigit();
    [&b"65537"[..], b"0x10001"].iter().any(|exponent| {
        memchr::memmem::find_iter(text, exponent).any(|at| {
            let (before, after) = (&text[..at], &text[at + exponent.len()..]);
            let gap_before = before.iter().rev().take(8).take_while(is_gap).count();
            let before = before[..at - gap_before].iter().rev().take(MODULUS_MIN).take_while(is_digit).count();
            let gap_after = after.iter().take(8).take_while(is_gap).count();
            let after = after[gap_after..].strip_prefix(b"0x").unwrap_or(&after[gap_after..]);
            let after = after.iter().take(MODULUS_MIN).take_while(is_digit).count();
            gap_before > 0 && gap_after > 0 && before == MODULUS_MIN && after == MODULUS_MIN
        })
    })
}

/// A digit of base64 in either alphabet, or of a smaller base.
fn is_digit(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b':' | b'=' | b'>' | b'#' | b'|')
}

/// Returns what follows the sign after `name`, which begins at `at`. A short name is its own word.
fn after<'a>(name: &str, text: &'a [u8], at: usize) -> Option<&'a [u8]> {
    let is_short = name.len() < 4;
    let joins = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    if is_short && at.checked_sub(1).is_some_and(|before| joins(&text[before])) {
        return None;
    }
    let mut rest = &text[at..];
    for (index, letter) in name.bytes().enumerate() {
        if index > 0 && !is_short && matches!(rest.first(), Some(b' ' | b'-' | b'_')) {
            rest = &rest[1..];
        }
        rest = rest.split_first().filter(|(first, _)| first.to_ascii_lowercase() == letter)?.1;
    }
    // Quotes and brackets around the name, and what a tool says about the number: `INTEGER (2048 bit)`.
    let mut gap = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'\'' | b'`' | b']'))
        .count();
    if rest.get(gap) == Some(&b'(') && !is_short {
        gap += rest[gap..].iter().take(16).position(|byte| *byte == b')').map_or(0, |end| end + 1);
        gap += rest[gap..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }
    let value = rest.get(gap..)?;
    match value.first() {
        Some(sign) if is_sign(*sign) => Some(&value[1..]),
        // Below its name, or after a word that is not mistaken for another.
        Some(_) if (name == INTEGERS.name || name.len() > 9) && gap > 0 => Some(value),
        _ => None,
    }
}

/// What follows a name.
enum NumberText {
    /// A number with this many digits read so far.
    Number(usize),
    /// A list of bytes in decimal or hexadecimal digits: how many, and how many of them seem to have their highest bit set.
    Bytes { count: usize, high: usize },
}

/// Reads the value at the start of `rest`. The syntax of a language around it does not count.
fn value(rest: &[u8]) -> NumberText {
    let (mut rest, mut digits, mut fillers, mut count, mut high) = (rest, 0, 0, 0, 0);
    loop {
        let gap = rest.iter().take(GAP_MAX).take_while(|byte| !is_digit(byte)).count();
        let (between, after) = rest.split_at(gap);
        let length = after.iter().take(MODULUS_MIN).take_while(|byte| is_digit(byte)).count();
        let (word, after) = after.split_at(length);
        let has_comma = between.contains(&b',');
        let ends = between.iter().any(|byte| matches!(byte, b'&' | b';' | b'}')) || has_comma && count == 0;
        // A long number continues below.
        let goes_on = digits == 0 || digits < MODULUS_MIN && between.iter().all(u8::is_ascii_whitespace);
        if length == 0 || ends || !goes_on || count >= NUMBER_MIN {
            break;
        }
        // `b'…'` and `x"…"` are not bytes.
        let is_prefix = count == 0 && matches!(after, [b'"' | b'\'', ..]);
        match byte(word) {
            // One or two bytes before a long number say how long it is: `string(342) "…"`.
            None if length >= LONG && count <= 2 && !has_comma && is_random(word) => {
                (digits, count) = (digits + length, 0)
            }
            Some(is_high) if digits == 0 && !is_prefix => (count, high) = (count + 1, high + usize::from(is_high)),
            _ if digits == 0 && count == 0 && fillers < FILLERS_MAX => fillers += 1,
            _ => break,
        }
        rest = after;
    }
    if count > 0 { NumberText::Bytes { count, high } } else { NumberText::Number(digits) }
}

/// Whether a third of `word` changes between digits, capital and small letters, or a quarter is digits: as in numbers,
/// unlike in sentences without blanks.
fn is_random(word: &[u8]) -> bool {
    let class = |byte: &u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let changes = word.windows(2).filter(|pair| class(&pair[0]) != class(&pair[1])).count();
    changes * 3 >= word.len() || word.iter().filter(|byte| byte.is_ascii_digit()).count() * 4 >= word.len()
}

/// Reads `48`, `-126`, `0x30`, `ab`, `3`; `Some(true)` if it is likely to have its highest bit set.
fn byte(word: &[u8]) -> Option<bool> {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    let digits = digits.strip_prefix(b"0x").or_else(|| digits.strip_prefix(b"0X")).unwrap_or(digits);
    let is_high = match digits {
        [b'0', _, _] => false,
        [b'1', b'0' | b'1', _] | [b'1', b'2', b'0'..=b'7'] => false,
        [b'1', _, _] | [b'2', b'0'..=b'4', _] | [b'2', b'5', b'0'..=b'5'] => true,
        [first, _] => *first >= b'8',
        [_] => false,
        _ => return None,
    };
    digits.iter().all(u8::is_ascii_hexdigit).then_some(is_high || word.starts_with(b"-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(text: &str) -> Option<KeyKind> {
        find(text.as_bytes())[0]
    }

    #[test]
    fn two_long_numbers_are_a_key_without_names() {
        let long = "7".repeat(617);
        for text in [format!("({long}, {long})"), format!("{long} 65537 {long}"), format!("[{long},65537,{long}]")] {
            assert_eq!(private(&text), Some(KeyKind::Numbers), "{text}");
        }
        for text in [format!("({long}, 65537)"), long.clone(), "123, ".repeat(300)] {
            assert_eq!(private(&text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_found_by_its_name() {
        let (long, wrapped) = ("7a".repeat(64), "7aB/".repeat(16) + "\n  " + &"7aB/".repeat(16));
        let colons = "7a:".repeat(15) + "\n    " + &"ab:".repeat(30);
        let list = "122, 200, ".repeat(64);
        for text in [
            format!("{{\"d\":\"{long}\"}}"),
            format!("d={long}"),
            format!("n=1&d={long}"),
            format!("  d: >-\n  {wrapped}"),
            format!("<D>{wrapped}</D>"),
            format!("<ds:InverseQ>{wrapped}"),
            format!("D = Convert.FromBase64String(\"{long}\")"),
            format!("D = new byte[] {{ {list} }}"),
            format!("\"D\": [{list}]"),
            format!("d = b'{long}'"),
            format!("BigInteger d = new BigInteger(\"{long}\", 16);"),
            format!("(d #00{long}#)"),
            format!("RsaKey(n=1, e=65537, d={long})"),
            format!("| d | {long} |"),
            format!("'d' => '{long}'"),
            format!("p: {long}\nq: {long}"),
            format!("private_exponent=0x{long}"),
        ] {
            assert_eq!(private(&text).map(|kind| kind.is_private()), Some(true), "{text}");
        }
        for text in [
            format!("privateExponent:\n    00:{colons}"),
            format!("  private exponent: {long}"),
            format!("priv:\n    {colons}"),
            format!("private-key:\n    {colons}"),
            format!("PrivateExponent: {wrapped}"),
            format!("ASN1 INTEGER :{long}\nINTEGER :{long}\nINTEGER :{long}"),
            format!("INTEGER (2048 bit) {long}\nINTEGER (2048 bit) {long}\nINTEGER\n{long}"),
            format!("  [\"d\"]=>\n  string(128) \"{long}\""),
            format!("PrivateKey({long}, 65537, {long}, {long})"),
            "PrivateKey = mCqKvP7yYhO0sN2bXr5dTf8uGj3wLz1eA9kH4iQ6oVc=".into(),
            "option private_key 'mCqKvP7yYhO0sN2bXr5dTf8uGj3wLz1eA9kH4iQ6oVc='".into(),
        ] {
            assert!(private(&text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_name_alone_and_a_number_alone_pass() {
        let long = "7a".repeat(64);
        for text in [
            format!("n={long}"),
            format!("x:{long}"),
            format!("ad={long}"),
            format!("{long}/d/{long}"),
            format!("{long}+p=+{long}"),
            format!("{{\"p\":\"d\",\"{long}\":1}}"),
            format!("{{\"d\":\"x\",\"value\":\"{long}\"}}"),
            format!("P: {long}\nQ: {long}\nG: {long}"),
            format!("INTEGER :{long}\nINTEGER :{long}"),
            format!("d is a letter and {long}"),
            format!("{{\"d\":[{}]}}", "21, 22, ".repeat(64)),
            format!("{{\"p\":[{}]}}", "212, 220, ".repeat(64)),
            format!("{{\"p\":[{}]}}", "12, 220, ".repeat(20)),
            "privateExponent: unknown".into(),
            "private-key: the one that opens the gate of the old garden".into(),
            "private-key: the-one-that-opens-the-gate-of-the-old-garden-behind-the-house-of-my-grandmother".into(),
            format!("{long}65537{long}"),
            format!("n={long}, e=65537"),
            "PublicKey = mCqKvP7yYhO0sN2bXr5dTf8uGj3wLz1eA9kH4iQ6oVc=".into(),
        ] {
            assert_eq!(private(&text), None, "{text}");
        }
    }
}
