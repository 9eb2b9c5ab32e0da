//! Bytes written as digits: base64 and the like, and lists of numbers.

use crate::guard::bytes::{Bytes, Wiped};
use crate::guard::form::Encoding;

/// Separates digits without a meaning.
const BETWEEN: u8 = 253;
/// Marks a number as hexadecimal or binary (`0x30`, `0b110000`): the zero before it is not a digit.
const MARK: u8 = 254;
/// Ends a run of digits.
const OTHER: u8 = 255;

const BLANKS: &[u8] = b" \t\r\n\x0b\x0c\"'`\0";
/// Everything that is not a letter or a digit, and the `h` of an assembler.
const SIGNS: &[u8] = b" \t\r\n\x0b\x0c\0!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~hH";
/// Fewest numbers in a list that could hold what [`crate::guard::der`] recognizes.
const LIST_MIN: usize = 12;

/// An encoding in which every `group` digits represent `bytes` bytes.
pub(super) struct Base {
    pub encoding: Encoding,
    values: [u8; 256],
    radix: u64,
    pub group: usize,
    bytes: usize,
}

/// The encodings. An alternative alphabet has the same length as the first: lower case, base64url.
pub(super) static BASES: [Base; 9] = [
    base(
        Encoding::Base64,
        &[
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        ],
        BLANKS,
        (4, 3),
    ),
    base(Encoding::Hex, &[b"0123456789abcdef", b"0123456789ABCDEF"], SIGNS, (2, 1)),
    base(
        Encoding::Base32,
        &[b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"abcdefghijklmnopqrstuvwxyz234567"],
        b" \t\r\n-\"'`\0",
        (8, 5),
    ),
    base(
        Encoding::Base32,
        &[b"0123456789ABCDEFGHIJKLMNOPQRSTUV", b"0123456789abcdefghijklmnopqrstuv"],
        b" \t\r\n-\"'`\0",
        (8, 5),
    ),
    base(
        Encoding::Base32,
        &[b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", b"0123456789abcdefghjkmnpqrstvwxyz"],
        b" \t\r\n-\"'`\0",
        (8, 5),
    ),
    base(
        Encoding::Base85,
        &[b"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu"],
        b" \t\r\n",
        (5, 4),
    ),
    base(
        Encoding::Base85,
        &[b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"],
        b" \t\r\n\"'",
        (5, 4),
    ),
    base(
        Encoding::Base85,
        &[b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"],
        b" \t\r\n\"'",
        (5, 4),
    ),
    base(Encoding::Bits, &[b"01"], SIGNS, (8, 1)),
];

const fn base(encoding: Encoding, alphabets: &[&[u8]], between: &[u8], (group, bytes): (usize, usize)) -> Base {
    let mut values = [OTHER; 256];
    let mut at = 0;
    while at < between.len() {
        values[between[at] as usize] = BETWEEN;
        at += 1;
    }
    match encoding {
        Encoding::Hex => (values[b'x' as usize], values[b'X' as usize]) = (MARK, MARK),
        Encoding::Bits => values[b'b' as usize] = MARK,
        _ => {}
    }
    let mut which = 0;
    while which < alphabets.len() {
        at = 0;
        while at < alphabets[which].len() {
            values[alphabets[which][at] as usize] = at as u8;
            at += 1;
        }
        which += 1;
    }
    Base { encoding, values, radix: alphabets[0].len() as u64, group, bytes }
}

impl Base {
    /// Returns the values of all runs of digits that could hold as many bytes.
    pub(super) fn runs(&self, text: &[u8], bytes: usize) -> Vec<Bytes> {
        let least = (bytes * self.group).div_ceil(self.bytes);
        let ends = |byte: &u8| self.values[usize::from(*byte)] == OTHER;
        let mut runs = Vec::new();
        let mut from = 0;
        // A run is at least this long. Searching from its end skips most of a text without runs.
        while let Some(window) = text.get(from..from + least) {
            if let Some(end) = window.iter().rposition(ends) {
                from += end + 1;
                continue;
            }
            let rest = &text[from..];
            let length = least + rest[least..].iter().position(ends).unwrap_or(rest.len() - least);
            if self.fits(&rest[..length]) {
                self.digits(&rest[..length], least, &mut runs);
            }
            from += length + 1;
        }
        runs
    }

    /// Whether tools print keys in this encoding.
    pub(super) fn is_common(&self) -> bool {
        matches!(self.encoding, Encoding::Base64 | Encoding::Hex)
    }

    /// Whether a text can be in this encoding. A quarter of base85 is signs and more than half letters: a text with hardly
    /// any is not worth the time, and a list of numbers is not random enough.
    fn fits(&self, text: &[u8]) -> bool {
        if !matches!(self.encoding, Encoding::Base85) {
            return true;
        }
        let (mut all, mut letters, mut signs) = (0, 0, 0);
        for byte in text.iter().filter(|byte| self.values[usize::from(**byte)] != BETWEEN) {
            all += 1;
            letters += usize::from(byte.is_ascii_alphabetic());
            signs += usize::from(!byte.is_ascii_alphanumeric());
        }
        signs * 8 >= all && letters * 4 >= all
    }

    /// Adds the values of the digits in `text`, if there are this many; an invalid mark ends a run.
    fn digits(&self, text: &[u8], least: usize, runs: &mut Vec<Bytes>) {
        let mut digits = Bytes::with_capacity(text.len());
        for (at, &byte) in text.iter().enumerate() {
            match self.values[usize::from(byte)] {
                BETWEEN => {}
                MARK if digits.last() == Some(&0) => _ = digits.pop(),
                MARK if digits.len() >= least => {
                    runs.push(std::mem::replace(&mut digits, Bytes::with_capacity(text.len() - at)));
                }
                MARK => digits.clear(),
                value => digits.push(value),
            }
        }
        if digits.len() >= least {
            runs.push(digits);
        }
    }

    /// Returns the bytes of `digits`; an incomplete byte is dropped.
    pub(super) fn bytes(&self, digits: &[u8]) -> Bytes {
        let groups = digits.chunks_exact(self.group);
        // The last group may lack digits, which are replaced by the highest one.
        let mut last = [self.radix as u8 - 1; 8];
        last[..groups.remainder().len()].copy_from_slice(groups.remainder());
        let length = groups.len() * self.bytes + groups.remainder().len() * self.bytes / self.group;
        // Each group is written as eight bytes; the next group overwrites the excess.
        let mut bytes = Bytes::zeros((groups.len() + 1) * self.bytes + 8);
        for (index, group) in groups.chain([&last[..self.group]]).enumerate() {
            let value = group.iter().fold(0, |sum, digit| sum * self.radix + u64::from(*digit));
            let at = index * self.bytes;
            bytes[at..at + 8].copy_from_slice(&(value << (64 - 8 * self.bytes)).to_be_bytes());
        }
        bytes.truncate(length);
        bytes
    }
}

/// Returns the bytes of all lines that `uuencode` has written: how many, and four characters for three bytes.
pub(super) fn uuencoded(text: &[u8]) -> Vec<Bytes> {
    let mut bytes = Bytes::with_capacity(text.len());
    for line in text.split(|byte| *byte == b'\n') {
        let value = |byte: u8| u32::from(byte.wrapping_sub(b' ') & 63);
        let Some((&first, digits)) = line.trim_ascii_end().split_first() else { continue };
        let count = value(first) as usize;
        let is_line = (b' '..=b'`').contains(&first) && digits.iter().all(|byte| (b' '..=b'`').contains(byte));
        // Blanks at the end may be lost.
        if !is_line || count == 0 || digits.len() > count.div_ceil(3) * 4 + 1 || digits.len() * 3 + 12 < count * 4 {
            continue;
        }
        let end = bytes.len() + count;
        for group in digits.chunks(4) {
            let bits = (0..4).fold(0, |sum, at| sum << 6 | group.get(at).map_or(0, |byte| value(*byte)));
            bytes.extend_from_slice(&bits.to_be_bytes()[1..]);
        }
        bytes.truncate(end);
    }
    if bytes.len() < LIST_MIN { Vec::new() } else { vec![bytes] }
}

/// The notation of the numbers in a list: reads one word.
type Notation = fn(&[u8]) -> Option<i64>;

const NOTATIONS: [Notation; 3] = [decimal, hexadecimal, octal];

/// Returns the bytes of all numbers in `text` (`[48, -126, 4]`, `{0x30, 0x82, 0x4}`, `30:82:4`, `\060\202`), by notation.
///
/// Words between them mean nothing (`(byte) 48`), and neither do numbers that count them (`{"0":48,"1":130}`).
pub(super) fn lists(text: &[u8]) -> Vec<Bytes> {
    NOTATIONS.iter().filter_map(|read| list(text, *read)).collect()
}

fn list(text: &[u8], read: Notation) -> Option<Bytes> {
    let mut next = 0;
    let mut read = text.split(|byte| !byte.is_ascii_alphanumeric()).filter_map(|word| {
        let at = next;
        next += word.len() + 1;
        let number = read(word)?;
        // A minus sign after something other than a number.
        let is_negative =
            matches!(&text[..at], [b'-'] | [.., b' ' | b',' | b'[' | b'{' | b'(' | b')' | b'\n' | b'\t', b'-']);
        Some(if is_negative { -number } else { number })
    });
    // Many texts have none.
    let first = read.next()?;
    let mut numbers: Wiped<i64> = Wiped::with_capacity(text.len() / 2 + 1);
    numbers.push(first);
    numbers.extend(read);
    let counts = |from: usize| {
        let steps = numbers.iter().skip(from).step_by(2).zip(numbers.iter().skip(from + 2).step_by(2));
        numbers.len() > 2 * LIST_MIN && steps.filter(|(one, next)| **one + 1 == **next).count() * 3 > numbers.len()
    };
    let (from, step) = if counts(0) {
        (1, 2)
    } else if counts(1) {
        (0, 2)
    } else {
        (0, 1)
    };
    let mut bytes = Bytes::with_capacity(4 * numbers.len());
    for number in numbers.iter().skip(from).step_by(step) {
        // A larger number is a 32-bit word, or not part of the key.
        match number {
            -128..=255 => bytes.push(*number as u8),
            _ => bytes.extend_from_slice(&(*number as u32).to_be_bytes()),
        }
    }
    (bytes.len() >= LIST_MIN).then_some(bytes)
}

/// `48`, and with its type `48u8`, `48uy`.
fn decimal(word: &[u8]) -> Option<i64> {
    let digits = word.iter().take(11).take_while(|byte| byte.is_ascii_digit()).count();
    let is_number =
        (1..=10).contains(&digits) && matches!(&word[digits..], b"" | b"u8" | b"i8" | b"uy" | b"y" | b"u" | b"U");
    is_number.then(|| word[..digits].iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

/// `30`, `0x30`, `30h`, `4`.
fn hexadecimal(word: &[u8]) -> Option<i64> {
    // `0x0bdh`, at most.
    if word.len() > 6 {
        return None;
    }
    let digits = word.strip_prefix(b"0x").or_else(|| word.strip_prefix(b"0X")).or_else(|| word.strip_prefix(b"x"));
    let digits = digits.unwrap_or(word);
    let digits = digits.strip_suffix(b"h").or_else(|| digits.strip_suffix(b"H")).unwrap_or(digits);
    // An assembler's number begins with a digit (`0bdh`).
    let digits = if digits.len() == 3 && digits.len() < word.len() {
        digits.strip_prefix(b"0").unwrap_or(digits)
    } else {
        digits
    };
    radix(digits, 1..=2, 16)
}

/// `060`, `0o60`.
fn octal(word: &[u8]) -> Option<i64> {
    match word.strip_prefix(b"0o") {
        Some(digits) => radix(digits, 1..=3, 8),
        None => radix(word, 3..=3, 8),
    }
}

fn radix(digits: &[u8], length: std::ops::RangeInclusive<usize>, radix: u32) -> Option<i64> {
    if !length.contains(&digits.len()) {
        return None;
    }
    let mut values = digits.iter().map(|byte| char::from(*byte).to_digit(radix));
    values.try_fold(0, |sum, value| Some(sum * i64::from(radix) + i64::from(value?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: Encoding, text: &str) -> Vec<String> {
        let bases = BASES.iter().filter(|base| base.encoding == encoding);
        let all =
            bases.flat_map(|base| base.runs(text.as_bytes(), LIST_MIN).into_iter().map(|digits| base.bytes(&digits)));
        all.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
    }

    #[test]
    fn each_encoding_is_decoded() {
        // As written by Python's base64 and binascii.
        const TEXT: &str = "private key 13";
        for (encoding, text) in [
            (Encoding::Base64, "cHJpdmF0 ZSBr\nZXkgMTM"),
            (Encoding::Hex, "70:72:69:76:61:74:65:20:6b:65:79:20:31:33"),
            (Encoding::Hex, "0x70, 0x72, 0x69, 0x76, 0x61, 0x74, 0x65, 0x20, 0x6B, 0x65, 0x79, 0x20, 0x31, 0x33"),
            (Encoding::Base32, "OBZGS5TBORSSA23FPEQDCMY"),
            (Encoding::Base32, "obzg-s5tb-orss-a23f-peqd-cmy"),
            (Encoding::Base32, "E1P6ITJ1EHII0QR5F4G32CO"),
            (Encoding::Base32, "e1s6jxk1ehjj0tv5f4g32cr"),
            (Encoding::Base85, "E,oZ9@<?''CLqc60f&"),
            (Encoding::Base85, "aB^vOVRU66Yh`&LF*5"),
            (Encoding::Base85, "Ab]Vovru66yH}=lf/5"),
            (Encoding::Bits, &TEXT.bytes().map(|byte| format!("{byte:08b} ")).collect::<String>()),
            (Encoding::Bits, &TEXT.bytes().map(|byte| format!("0b{byte:08b}, ")).collect::<String>()),
        ] {
            assert!(decoded(encoding, text).iter().any(|found| found == TEXT), "{text}");
        }
        assert_eq!(uuencoded(b"begin 644 k\n.<')I=F%T92!K97D@,3,`\n`\nend\n")[0].as_slice(), TEXT.as_bytes());
    }

    #[test]
    fn lists_are_read_in_every_notation() {
        const BYTES: [u8; 14] = [48, 130, 4, 189, 2, 1, 0, 48, 13, 6, 9, 42, 134, 72];
        for text in [
            "[48, 130, 4, 189, 2, 1, 0, 48, 13, 6, 9, 42, 134, 72]",
            "48 -126 4 -67 2 1 0 48 13 6 9 42 -122 72",
            "{(byte) 48, (byte) -126, (byte)4,(byte)-67, 2, 1, 0, 48, 13, 6, 9, 42, -122, 72}",
            "48uy;130uy;4uy;189uy;2uy;1uy;0uy;48uy;13uy;6uy;9uy;42uy;134uy;72uy",
            r#"{"0":48,"1":130,"2":4,"3":189,"4":2,"5":1,"6":0,"7":48,"8":13,"9":6,"10":9,"11":42,"12":134,"13":72}"#,
            "{0x30,0x82,0x4,0xbd,0x2,0x1,0x0,0x30,0xd,0x6,0x9,0x2a,0x86,0x48}",
            "30:82:4:bd:2:1:0:30:d:6:9:2a:86:48",
            "30h,82h,4h,0bdh,2h,1h,0h,30h,0dh,6h,9h,2ah,86h,48h",
            "060 202 004 275 002 001 000 060 015 006 011 052 206 110",
        ] {
            let lists = lists(text.as_bytes());
            assert!(lists.iter().any(|bytes| bytes.as_slice() == BYTES), "{text}: {lists:?}");
        }
    }
}
