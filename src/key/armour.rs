//! PEM (RFC 7468), with nothing of what is in it left in memory.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Characters of a line of base64 (RFC 7468 §2).
const LINE: usize = 64;
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The first block of a text.
pub struct Block<'t> {
    /// `RSA PRIVATE KEY`.
    pub label: &'t str,
    /// Whether there are headers before the base64, as OpenSSL's old format for encrypted keys has them (RFC 1421 §4.6).
    pub has_headers: bool,
    /// What the base64 stands for.
    pub der: Zeroizing<Vec<u8>>,
}

/// Reads the first block, with lines of any length; `None` if its end is missing or another's, or it is not base64.
pub fn first(text: &str) -> Option<Block<'_>> {
    let (label, rest) = text.split_once(BEGIN)?.1.split_once(DASHES)?;
    let (body, rest) = rest.split_once(END)?;
    if label.is_empty() || rest.split_once(DASHES)?.0 != label {
        return None;
    }
    let has_headers = body.contains(':');
    let data = match has_headers {
        // An empty line ends them.
        true => body.split_once("\n\n").or_else(|| body.split_once("\r\n\r\n"))?.1,
        false => body,
    };
    Some(Block { label, has_headers, der: decoded(data)? })
}

/// The buffers have their size from the beginning: what growing leaves behind is not wiped.
fn decoded(data: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut digits = Zeroizing::new(Vec::with_capacity(data.len()));
    digits.extend(data.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
    let length = STANDARD.decode_slice(digits.as_slice(), &mut der).ok()?;
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
                theirs.replace("\n", " \n\n"),
            ] {
                let block = first(&read).unwrap();
                assert_eq!(
                    (block.label, block.has_headers, block.der.as_slice()),
                    ("PRIVATE KEY", false, der.as_slice())
                );
            }
        }
    }

    #[test]
    fn what_is_cut_or_altered_is_none() {
        let whole = text("PRIVATE KEY", b"whatever it may be, it is longer than a single line of base64");
        for text in [
            whole.replace("END PRIVATE", "END PUBLIC"),
            whole.replace("-----END", "-----"),
            whole.replacen('d', "!", 1),
            whole.replace("-----BEGIN PRIVATE KEY-----", "-----BEGIN -----"),
            whole[..whole.len() - 40].into(),
            String::new(),
        ] {
            assert!(first(&text).is_none(), "{text}");
        }
        let headers = whole.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\n", 1);
        for text in [headers.clone(), headers.replace('\n', "\r\n")] {
            assert!(first(&text).unwrap().has_headers);
        }
    }
}
