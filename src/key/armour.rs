//! PEM (RFC 7468), without leaving any of its contents in memory.

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Engine};
use zeroize::Zeroizing;

/// Characters of a line of base64 (RFC 7468 §2).
const LINE: usize = 64;
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// The header that names the cipher of OpenSSL's old format and its initialization vector (RFC 1421 §4.6.1.3).
const DEK_INFO: &str = "DEK-Info";
/// Its padding may have been lost: DER has its own length.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One block of a text.
pub struct Block<'t> {
    /// `RSA PRIVATE KEY`.
    pub label: &'t str,
    /// The text between its first and its last line; `None` if its last line is missing or another's.
    body: Option<&'t str>,
}

/// The contents of a block.
pub struct Content {
    /// The value of its `DEK-Info` header, if it is encrypted in OpenSSL's old way: `AES-256-CBC,` and hexadecimal digits.
    pub dek_info: Option<String>,
    /// The decoded bytes.
    pub der: Zeroizing<Vec<u8>>,
}

/// Returns the blocks of a text, with any text before, between and after them.
pub fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (label, after) = rest.split_once(BEGIN)?.1.split_once(DASHES)?;
        let end = after.find(END).filter(|at| after[at + END.len()..].starts_with(&format!("{label}{DASHES}")));
        rest = after;
        Some(Block { label, body: end.map(|at| &after[..at]) })
    })
}

impl Block<'_> {
    /// Decodes it; its lines may have any length, and may be indented, quoted or joined by a literal `\n`.
    ///
    /// `None` if its end is missing, or it is not base64.
    pub fn content(&self) -> Option<Content> {
        let body = unescaped(self.body?);
        let mut dek_info = None;
        let mut digits = Zeroizing::new(Vec::with_capacity(body.len()));
        let mut words = body.split_ascii_whitespace();
        while let Some(word) = words.next() {
            // Base64 has no colon: this is a header, whose value follows it.
            let Some((name, value)) = word.split_once(':') else {
                digits.extend_from_slice(word.as_bytes());
                continue;
            };
            let value = if value.is_empty() { words.next()? } else { value };
            if name == DEK_INFO {
                dek_info = Some(value.to_owned());
            }
        }
        decoded(&digits).map(|der| Content { dek_info, der })
    }
}

/// Returns a body as it would be in its own file: in JSON, in source code or in a variable, line ends and slashes
/// may have a backslash, and lines quotes.
fn unescaped(body: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(body.len()));
    let mut characters = body.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some('n' | 'r' | 't')) => {
                characters.next();
                plain.push(' ');
            }
            ('\\', Some('/')) => {}
            ('\\' | '"' | '\'', _) => plain.push(' '),
            _ => plain.push(character),
        }
    }
    plain
}

/// Decodes base64 without blanks; `None` if it is not one. The buffer has its final size from the beginning, because
/// growing leaves copies that are not wiped.
pub fn decoded(digits: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
    let length = LENIENT.decode_slice(digits, &mut der).ok()?;
    der.truncate(length);
    Some(der)
}

/// Writes a block, its lines ended by LF.
pub fn text(label: &str, der: &[u8]) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(vec![0; der.len().div_ceil(3) * 4]);
    // The buffer has exactly the size that base64 takes, and base64 is ASCII.
    let length = STANDARD.encode_slice(der, &mut digits).unwrap_or_default();
    let digits = std::str::from_utf8(&digits[..length]).unwrap_or_default();
    let frame = BEGIN.len() + END.len() + 2 * (label.len() + DASHES.len() + 1);
    let mut text = Zeroizing::new(String::with_capacity(frame + digits.len() + digits.len().div_ceil(LINE)));
    let mut line = |parts: &[&str]| {
        parts.iter().for_each(|part| text.push_str(part));
        text.push('\n');
    };
    line(&[BEGIN, label, DASHES]);
    let mut rest = digits;
    while !rest.is_empty() {
        let (one, more) = rest.split_at(rest.len().min(LINE));
        line(&[one]);
        rest = more;
    }
    line(&[END, label, DASHES]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<(String, Content)> {
        let block = blocks(text).next()?;
        Some((block.label.to_owned(), block.content()?))
    }

    #[test]
    fn it_reads_and_writes_what_the_pem_crate_does() {
        for length in [1, 2, 3, 47, 48, 49, 96, 1190] {
            let der: Vec<u8> = (0..length).map(|n| n as u8).collect();
            let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
            let theirs = pem::encode_config(&pem::Pem::new("PRIVATE KEY", der.clone()), config);
            let ours = text("PRIVATE KEY", &der);
            assert_eq!((ours.as_str(), ours.capacity()), (theirs.as_str(), theirs.len()));
            for read in [
                theirs.clone(),
                theirs.replace('\n', "\r\n"),
                format!("# mine\n\n{theirs}\n# end"),
                theirs.replace('\n', " \n\n"),
                theirs.replace('\n', "\\n"),
                theirs.replace('\n', "\\r\\n").replace('/', "\\/"),
                theirs.replace('\n', "\\\\n"),
                theirs.replace('\n', " "),
                theirs.replace('\n', "\\n\\\n    "),
                theirs.lines().map(|line| format!("  \"{line}\\n\"\n")).collect(),
                theirs.replace('=', ""),
            ] {
                let (label, content) = first(&read).unwrap();
                assert_eq!(
                    (label.as_str(), content.dek_info, content.der.as_slice()),
                    ("PRIVATE KEY", None, der.as_slice()),
                    "{read}"
                );
            }
        }
    }

    #[test]
    fn what_is_cut_or_altered_has_no_content() {
        let whole = text("PRIVATE KEY", b"whatever it may be, it is longer than a single line of base64");
        for text in [
            whole.replace("END PRIVATE", "END PUBLIC"),
            whole.replace("-----END", "-----"),
            whole.replacen('d', "!", 1),
            whole[..whole.len() - 40].into(),
            String::new(),
        ] {
            assert!(first(&text).is_none(), "{text}");
        }
    }

    #[test]
    fn headers_are_told_from_the_base64_however_they_are_wrapped() {
        let whole = text("RSA PRIVATE KEY", b"encrypted");
        let headers = whole.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00FF\n\n", 1);
        for text in [
            headers.clone(),
            headers.replace('\n', "\r\n"),
            headers.replace('\n', "\n\n"),
            headers.replace('\n', " "),
            headers.replace('\n', "\\n"),
            headers.replace(": ", ":"),
        ] {
            let (_, content) = first(&text).unwrap();
            assert_eq!(
                (content.dek_info.as_deref(), content.der.as_slice()),
                (Some("DES-EDE3-CBC,00FF"), &b"encrypted"[..])
            );
        }
    }

    #[test]
    fn every_block_of_a_text_is_found() {
        let [one, two] = [text("CERTIFICATE", b"one"), text("PRIVATE KEY", b"two")];
        let cut = one.replace("-----END CERTIFICATE-----\n", "");
        for (text, found) in [
            (format!("{}{}", *one, *two), [true, true]),
            (format!("Bag Attributes: x\n{}Key Attributes\n{}", *one, *two), [true, true]),
            (format!("{cut}{}", *two), [false, true]),
        ] {
            let labels: Vec<_> = blocks(&text).map(|block| (block.label, block.content().is_some())).collect();
            assert_eq!(labels, [("CERTIFICATE", found[0]), ("PRIVATE KEY", found[1])]);
        }
    }
}
