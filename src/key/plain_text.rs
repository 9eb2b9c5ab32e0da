//! The text of a key file as ASCII, in any encoding that an editor or a shell may have used, and whether it is a text at all.

use zeroize::Zeroizing;

use crate::text::hidden;

/// Returns the text in `bytes`, with every character outside ASCII replaced by a blank: only comments have any. `None`
/// for a binary file.
///
/// Supported are ASCII, UTF-8, Latin-1 and the like, and UTF-16 in either order, with or without a byte order mark.
pub fn ascii(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let blank = |unit: u32| char::from_u32(unit).filter(char::is_ascii).unwrap_or(' ');
    // The maximum length of the text, because a growing buffer leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    if hidden::is_utf16(bytes) {
        let is_big_endian = match bytes {
            [0xff, 0xfe, ..] => false,
            [0xfe, 0xff, ..] => true,
            _ => bytes.first() == Some(&0),
        };
        let pairs = bytes.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
        let unit = |pair| if is_big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
        text.extend(pairs.map(|pair| blank(unit(pair).into())));
        return Some(text);
    }
    text.extend(bytes.iter().map(|byte| blank(u32::from(*byte))));
    // DER, and every other binary format, has bytes that do not occur in text.
    let is_control = |byte: u8| matches!(byte, 0..=8 | 0x0e..=0x1a | 0x1c..=0x1f);
    (!bytes.iter().any(|byte| is_control(*byte)) || text.contains("-----BEGIN ")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_in_every_usual_encoding() {
        for bytes in [
            &b"schl\xfcssel -"[..],
            "schl\u{fc}ssel -".as_bytes(),
            &b"\xff\xfes\0c\0h\0l\0\xfc\0s\0s\0e\0l\0 \0-\0"[..],
            &b"\xfe\xff\0s\0c\0h\0l\0\xfc\0s\0s\0e\0l\0 \0-"[..],
            &b"s\0c\0h\0l\0\xfc\0s\0s\0e\0l\0 \0-\0"[..],
        ] {
            let words = ascii(bytes).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words, "schl ssel -", "{}", bytes.escape_ascii());
        }
        assert_eq!(ascii(b"\xef\xbb\xbfx").unwrap().trim(), "x");
        assert!(ascii(b"\x30\x82\x04\xbd\x02\x01\x00").is_none());
        assert!(ascii(b"\0-----BEGIN PRIVATE KEY-----").is_some());
    }
}
