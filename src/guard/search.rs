//! Decodes a text and searches every layer for a key: escapes, base64 and hexadecimal, up to three levels deep.

use zeroize::Zeroizing;

use crate::guard::form::{KeyEncoding, KeyForm, OuterEncoding};
use crate::guard::{der, text};

/// Encodings that are removed, one inside the other.
const DEPTH_MAX: usize = 3;
/// Shortest run of base64 that could hold the least that [`der`] recognizes.
const BASE64_MIN: usize = 16;
/// As [`BASE64_MIN`], in hexadecimal digits.
const HEX_MIN: usize = 24;

/// Characters in a row that count as text: random bytes hold as many about once in a million.
const TEXT_MIN: usize = 14;

/// Which keys to look for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Private,
    /// The first private key, else the first public one.
    Either,
}

/// Returns the key anywhere in `bytes`, whatever surrounds it.
pub(super) fn find(bytes: &[u8], scope: Scope) -> Option<KeyForm> {
    let mut search = Search { private: None, public: None };
    search.search(bytes, None, None, 0);
    match scope {
        Scope::Private => search.private,
        Scope::Either => search.private.or(search.public),
    }
}

struct Search {
    private: Option<KeyForm>,
    public: Option<KeyForm>,
}

impl Search {
    /// Searches `bytes`, which were decoded from `inner`, and that from `outer`.
    fn search(&mut self, bytes: &[u8], outer: Option<OuterEncoding>, inner: Option<OuterEncoding>, depth: usize) {
        self.search_bytes(bytes, outer, inner);
        // Decoded bytes are mostly noise; only text can hold a key in a text format or another encoding.
        let wide = is_utf16(bytes);
        if self.private.is_some() || inner.is_some() && !wide && !has_text(bytes) {
            return;
        }
        let plain = unescaped(bytes, wide);
        if let Some(plain) = &plain {
            self.search_bytes(plain, outer, inner);
        }
        let text = plain.as_ref().map_or(bytes, |plain| plain.as_slice());
        let encoded = outer.or(inner);
        self.keep(text::find(text).map(|key| key.map(|(kind, encoding)| KeyForm { kind, encoding, encoded })));
        if depth == DEPTH_MAX {
            return;
        }
        // The encoding that was removed first stays the outer one.
        let outer = outer.or(inner);
        for (encoding, width, phases) in [(OuterEncoding::Base64, 6, 4), (OuterEncoding::Hex, 4, 2)] {
            let runs = match encoding {
                OuterEncoding::Base64 => runs(text, base64_digit, BASE64_MIN),
                OuterEncoding::Hex => runs(text, hex_digit, HEX_MIN),
            };
            // Digits that are lost or added at the front shift the rest against the bytes.
            for (digits, phase) in runs.iter().flat_map(|digits| (0..phases).map(move |phase| (digits, phase))) {
                if self.private.is_some() {
                    return;
                }
                self.search(&packed(&digits[phase..], width), outer, Some(encoding), depth + 1);
            }
        }
    }

    /// Searches for the binary formats.
    fn search_bytes(&mut self, bytes: &[u8], outer: Option<OuterEncoding>, inner: Option<OuterEncoding>) {
        let encoding = match inner {
            None => KeyEncoding::Der,
            Some(OuterEncoding::Base64) => KeyEncoding::Base64,
            Some(OuterEncoding::Hex) => KeyEncoding::Hex,
        };
        for found in [der::find(bytes), text::openssh(bytes)] {
            self.keep(found.map(|kind| kind.map(|kind| KeyForm { kind, encoding, encoded: outer })));
        }
    }

    /// Keeps a private and a public key, the first of each.
    fn keep(&mut self, [private, public]: [Option<KeyForm>; 2]) {
        self.private = self.private.or(private);
        self.public = self.public.or(public);
    }
}

/// Returns whether at least a third of `bytes` are zero, as in the UTF-16 of any key's text.
fn is_utf16(bytes: &[u8]) -> bool {
    bytes.len() >= 16 && bytes.contains(&0) && bytes.iter().filter(|byte| **byte == 0).count() * 3 >= bytes.len()
}

/// Returns whether `bytes` hold [`TEXT_MIN`] characters of text in a row.
fn has_text(bytes: &[u8]) -> bool {
    let mut length = 0;
    for byte in bytes {
        length = if matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n') { length + 1 } else { 0 };
        if length == TEXT_MIN {
            return true;
        }
    }
    false
}

/// The meaning of a byte in an encoded text.
enum Sign {
    Digit(u8),
    /// Separates digits and means nothing.
    Between,
    /// Marks a number as hexadecimal (`0x30`): the zero before it is not a digit.
    Mark,
    Other,
}

/// Base64 in both alphabets at once (RFC 4648 §4 and §5).
fn base64_digit(byte: u8) -> Sign {
    match byte {
        b'A'..=b'Z' => Sign::Digit(byte - b'A'),
        b'a'..=b'z' => Sign::Digit(byte - b'a' + 26),
        b'0'..=b'9' => Sign::Digit(byte - b'0' + 52),
        b'+' | b'-' => Sign::Digit(62),
        b'/' | b'_' => Sign::Digit(63),
        b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c | b'"' | b'\'' | b'`' | 0 => Sign::Between,
        _ => Sign::Other,
    }
}

fn hex_digit(byte: u8) -> Sign {
    match byte {
        b'0'..=b'9' => Sign::Digit(byte - b'0'),
        b'a'..=b'f' => Sign::Digit(byte - b'a' + 10),
        b'A'..=b'F' => Sign::Digit(byte - b'A' + 10),
        b' ' | b'\t' | b'\r' | b'\n' | b':' | b'-' | b',' | b'"' | b'\'' | b'`' | 0 => Sign::Between,
        b'x' | b'X' => Sign::Mark,
        _ => Sign::Other,
    }
}

/// Returns the values of all runs of at least `least` digits.
fn runs(bytes: &[u8], sign: impl Fn(u8) -> Sign, least: usize) -> Vec<Zeroizing<Vec<u8>>> {
    let mut runs = Vec::new();
    // It never grows: a buffer that it left behind would not be wiped.
    let mut digits = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut end = |digits: &mut Zeroizing<Vec<u8>>| {
        if digits.len() >= least {
            runs.push(digits.clone());
        }
        digits.clear();
    };
    for &byte in bytes {
        match sign(byte) {
            Sign::Digit(value) => digits.push(value),
            Sign::Between => {}
            Sign::Mark if digits.last() == Some(&0) => {
                digits.pop();
            }
            Sign::Mark | Sign::Other => end(&mut digits),
        }
    }
    end(&mut digits);
    runs
}

/// Packs digits of `width` bits each into bytes; what does not fill a byte is dropped.
fn packed(digits: &[u8], width: u32) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(digits.len() * width as usize / 8));
    let (mut held, mut bits) = (0u32, 0);
    for digit in digits {
        held = (held << width | u32::from(*digit)) & 0xffff;
        bits += width;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    bytes
}

/// Removes what other programs add for transport: backslash escapes (`\n`, `\x30`, `\u002b`, also with
/// the backslash doubled), percent escapes, and the zeros of UTF-16 if it is `wide`. `None` if there is nothing to remove.
fn unescaped(bytes: &[u8], wide: bool) -> Option<Zeroizing<Vec<u8>>> {
    if !wide && !bytes.contains(&b'\\') && !bytes.contains(&b'%') {
        return None;
    }
    let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let narrow = Zeroizing::new(bytes.iter().copied().filter(|byte| !wide || *byte != 0).collect::<Vec<u8>>());
    let mut rest = narrow.as_slice();
    while let [first, after @ ..] = rest {
        rest = match first {
            b'%' => match hex_value(after, 2) {
                Some(value) => {
                    plain.push(value as u8);
                    &after[2..]
                }
                None => {
                    plain.push(b'%');
                    after
                }
            },
            b'\\' => {
                let slashes = after.iter().take_while(|byte| **byte == b'\\').count();
                escape(&after[slashes..], &mut plain)
            }
            byte => {
                plain.push(*byte);
                after
            }
        };
    }
    Some(plain)
}

/// Decodes what follows a backslash, and returns the rest.
fn escape<'a>(rest: &'a [u8], plain: &mut Vec<u8>) -> &'a [u8] {
    let Some((&first, after)) = rest.split_first() else { return rest };
    let (value, used) = match first {
        b'n' | b'r' | b't' => (u32::from(b'\n'), 0),
        b'x' => match hex_value(after, 2) {
            Some(value) => (value, 2),
            None => (u32::from(b'x'), 0),
        },
        b'u' => match hex_value(after, 4) {
            Some(value) => (value, 4),
            None => (u32::from(b'u'), 0),
        },
        other => (u32::from(other), 0),
    };
    // No key contains a character beyond Latin 1.
    plain.push(u8::try_from(value).unwrap_or(b'?'));
    &after[used..]
}

/// Returns the value of the first `count` hexadecimal digits of `text`.
fn hex_value(text: &[u8], count: usize) -> Option<u32> {
    let digits = text.get(..count)?.iter().map(|byte| char::from(*byte).to_digit(16));
    digits.into_iter().try_fold(0, |sum, digit| Some(sum << 4 | digit?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        let plain = |text: &str| {
            unescaped(text.as_bytes(), is_utf16(text.as_bytes())).map(|p| String::from_utf8_lossy(&p).into_owned())
        };
        assert_eq!(plain("nothing"), None);
        for text in [r"a\nb", r"a\\nb", r"a\x0ab", r"a\u000ab", "a%0Ab"] {
            assert_eq!(plain(text).as_deref(), Some("a\nb"), "{text}");
        }
        assert_eq!(plain(r"100% \q \").as_deref(), Some("100% q "));
        assert_eq!(plain("a\0b\0c\0d\0e\0f\0g\0h\0").as_deref(), Some("abcdefgh"));
    }

    #[test]
    fn digits_are_packed_from_the_left() {
        let runs = runs(b"TWFu TWE", base64_digit, 4);
        assert_eq!(packed(&runs[0], 6).as_slice(), b"ManMa");
        let runs = super::runs(b"0x4d, 0x61, 0x6e", hex_digit, 4);
        assert_eq!(packed(&runs[0], 4).as_slice(), b"Man");
    }
}
