//! Bytes printed by a tool: dumps with an address before each line, and `openssl asn1parse`.

use std::ops::RangeInclusive;

use crate::guard::bytes::Bytes;

/// Most bytes in a line of a dump; they are followed by the same as text.
const LINE_MAX: usize = 16;

/// The notation of a dump: appends the bytes of one word, or returns `None` if the word does not fit.
type Words = fn(&[u8], &mut Vec<u8>) -> Option<()>;

const WORDS: [Words; 6] = [
    // `xxd`, `hexdump -C`: hexadecimal, and in words the high byte first.
    |word, bytes| hex_bytes(word).map(|made| bytes.extend(made)),
    // `hexdump`, `od -x`: the low byte first.
    |word, bytes| hex_bytes(word).map(|made| bytes.extend(made.rev())),
    // `od`: octal words, the low byte first.
    |word, bytes| number(word, 6..=6, 8).map(|value| bytes.extend((value as u16).to_le_bytes())),
    // `od -b`, `od -tu1`, `xxd -b`.
    |word, bytes| number(word, 3..=3, 8).map(|value| bytes.push(value as u8)),
    |word, bytes| number(word, 1..=3, 10).map(|value| bytes.push(value as u8)),
    |word, bytes| number(word, 8..=8, 2).map(|value| bytes.push(value as u8)),
];

fn number(word: &[u8], length: RangeInclusive<usize>, radix: u32) -> Option<u32> {
    let word = std::str::from_utf8(word).ok().filter(|word| length.contains(&word.len()))?;
    u32::from_str_radix(word, radix).ok()
}

fn hex_bytes(word: &[u8]) -> Option<impl DoubleEndedIterator<Item = u8>> {
    let is_hex = matches!(word.len(), 2 | 4 | 8 | 16) && word.iter().all(u8::is_ascii_hexdigit);
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    is_hex.then(|| word.chunks_exact(2).map(move |pair| value(pair[0]) << 4 | value(pair[1])))
}

/// Returns the bytes that `xxd`, `hexdump`, `od` and the like have printed after addresses, by notation.
pub(super) fn dumps(text: &[u8]) -> Vec<Bytes> {
    let is_address = |word: &[u8]| (4..=16).contains(&word.len()) && word.iter().all(u8::is_ascii_hexdigit);
    let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b':');
    let lines = || {
        text.split(|byte| *byte == b'\n').filter_map(|line| {
            let line = line.trim_ascii_start();
            line.split_at_checked(line.iter().position(is_end)?).filter(|(address, _)| is_address(address))
        })
    };
    if lines().next().is_none() {
        return Vec::new();
    }
    let read = |append: &Words| {
        let mut bytes = Bytes::with_capacity(text.len());
        for (_, line) in lines() {
            let end = bytes.len() + LINE_MAX;
            let words = line.split(is_end).filter(|word| !word.is_empty());
            words.map_while(|word| append(word, &mut bytes)).for_each(drop);
            bytes.truncate(end);
        }
        bytes
    };
    WORDS.iter().map(read).filter(|bytes| !bytes.is_empty()).collect()
}

/// Names of the object identifiers in a private key, as OpenSSL prints them, and how their DER begins. The first one that is
/// a prefix of the printed name counts.
const OBJECTS: [(&[u8], &[u8]); 9] = [
    (b"rsa", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01]),
    (b"id-ecPublicKey", &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02]),
    (b"dsa", &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04]),
    (b"ED", &[0x2b, 0x65]),
    (b"X", &[0x2b, 0x65]),
    (b"PBE", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05]),
    (b"pbeWithSHA1And", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01]),
    (b"pbe", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05]),
    (b"pkcs7", &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07]),
];

/// Returns the DER that `openssl asn1parse` has printed, as far as it is complete: `0:d=0  hl=4 l=1187 cons: SEQUENCE`.
pub(super) fn asn1parse(text: &[u8]) -> Vec<Bytes> {
    const MARK: &[u8] = b"hl=";
    let starts: Vec<usize> =
        memchr::memchr_iter(b'h', text).filter(|at| text[*at..].starts_with(MARK)).map(|at| at + MARK.len()).collect();
    if starts.is_empty() {
        return Vec::new();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let mut der = Bytes::with_capacity(8 * text.len());
    for (start, end) in starts.iter().zip(ends) {
        match element(&text[*start..end], &mut der) {
            Some(()) if der.len() < text.len() => {}
            _ => break,
        }
    }
    if der.is_empty() { Vec::new() } else { vec![der] }
}

/// Appends the element that one line prints; `line` follows `hl=`.
fn element(line: &[u8], der: &mut Vec<u8>) -> Option<()> {
    let (_, line) = line.split_at_checked(line.iter().position(|byte| *byte == b'=')? + 1)?;
    let line = line.trim_ascii_start();
    let digits = line.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let length: usize = std::str::from_utf8(&line[..digits]).ok()?.parse().ok()?;
    let name = line[line.iter().position(|byte| *byte == b':')? + 1..].trim_ascii_start();
    let value = name.iter().position(|byte| *byte == b':').map_or(&[][..], |at| &name[at + 1..]);
    let value = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let hex = || value.chunks(2).map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let tag = match name {
        [b'S', b'E', b'Q', ..] => 0x30,
        [b'S', b'E', b'T', ..] => 0x31,
        [b'I', b'N', b'T', ..] => 0x02,
        [b'O', b'C', b'T', ..] => 0x04,
        [b'O', b'B', b'J', ..] => 0x06,
        [b'B', b'I', b'T', ..] => 0x03,
        [b'N', b'U', b'L', b'L', ..] => 0x05,
        [b'c', b'o', b'n', b't', b' ', b'[', b' ', digit @ b'0'..=b'3', ..] => 0xa0 + (digit - b'0'),
        _ => return None,
    };
    let length_bytes = u32::try_from(length).ok()?.to_be_bytes();
    match length {
        0..=0x7f => der.extend_from_slice(&[tag, length as u8]),
        0x80..=0xff => der.extend_from_slice(&[tag, 0x81, length as u8]),
        0x100..=0xffff => der.extend_from_slice(&[tag, 0x82, length_bytes[2], length_bytes[3]]),
        _ => return None,
    }
    let start = der.len();
    match tag {
        // It is printed without the zero byte before a set bit.
        0x02 => {
            let count = hex().count();
            der.resize(start + usize::from(count < length), 0);
            der.extend(hex());
        }
        0x04 => der.extend(hex()),
        0x06 => {
            // Most algorithms are below a member body.
            let known = OBJECTS.iter().find(|(name, _)| value.starts_with(name));
            der.extend_from_slice(known.map_or(&[0x2a, 0x86, 0x48], |(_, object)| object));
            der.resize((start + length).max(der.len()), 1);
        }
        _ => {}
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps_are_read_by_line() {
        const BYTES: [u8; 18] = [48, 130, 4, 189, 2, 1, 0, 48, 13, 6, 9, 42, 134, 72, 134, 247, 13, 1];
        for text in [
            "00000000: 3082 04bd 0201 0030 0d06 092a 8648 86f7  0......0...*.H..\n00000010: 0d01                   ..\n",
            "00000000  30 82 04 bd 02 01 00 30  0d 06 09 2a 86 48 86 f7  |0......0...*.H..|\n00000010  0d 01   |..|\n",
            "0000000 8230 bd04 0102 3000 060d 2a09 4886 f786\n0000020 010d\n0000022\n",
            "0000000 101060 136404 000402 030000 003015 025011 044206 173606\n0000020 000415\n0000022\n",
        ] {
            let dumps = dumps(text.as_bytes());
            assert!(dumps.iter().any(|bytes| bytes.as_slice() == BYTES), "{text}: {dumps:?}");
        }
        for text in ["0000000  48 130   4\n", "00000000: 00110000 10000010 00000100  0..\n"] {
            assert!(super::dumps(text.as_bytes()).iter().any(|bytes| bytes.as_slice() == &BYTES[..3]), "{text}");
        }
        assert!(super::dumps(b"0000000 060 202 004\n").iter().any(|bytes| bytes.as_slice() == &BYTES[..3]));
        assert!(dumps(b"no address\nhere\n").is_empty());
    }

    #[test]
    fn asn1parse_is_der_again() {
        let text = "  0:d=0  hl=4 l=1187 cons: SEQUENCE          \n  4:d=1  hl=2 l=   1 prim: INTEGER           :00\n\
            7:d=1  hl=2 l=   2 prim: INTEGER  :AC8B\n 9:d=2  hl=2 l=   9 prim: OBJECT            :rsaEncryption\n\
            22:d=1  hl=2 l=3 prim: OCTET STRING      [HEX DUMP]:308204";
        let der =
            &[48, 130, 4, 163, 2, 1, 0, 2, 2, 0xac, 0x8b, 6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 4, 3, 48, 130, 4];
        assert_eq!(asn1parse(text.as_bytes())[0].as_slice(), der);
        for text in ["hl=", "hl=4 l=", "hl=4 l=99999999999 prim: INTEGER", "hl=2 l=3 prim: ODD :00", "nothing"] {
            assert!(asn1parse(text.as_bytes()).is_empty(), "{text}");
        }
    }
}
