//! Decompresses gzip, zlib or bare deflate, up to a limit (RFC 1950 to 1952).

use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use crate::guard::bytes::Bytes;

/// Longest key, in bytes; text shrinks to an eighth at best.
const MOST: usize = 64 * 1024;
/// Bytes that may follow the end: a checksum, and padding of an encoding.
const TRAILER_MAX: usize = 8;
/// Fewest bytes of a bare deflate: no private key is shorter.
const BARE_MIN: usize = 40;
/// Least output that is worth examining.
const LEAST: usize = 24;

/// Returns what `bytes` hold in compressed form: gzip or a zip archive's first file anywhere in them, zlib from their first
/// byte on, and if they are `whole` a bare deflate, too. Truncated data ends earlier.
pub(super) fn inflated(bytes: &[u8], whole: bool) -> Option<Bytes> {
    let gzip = || memchr::memchr_iter(0x1f, bytes).find_map(|at| gzip_body(&bytes[at..]));
    let zip = || memchr::memchr_iter(b'P', bytes).find_map(|at| zip_body(&bytes[at..]));
    let marked = gzip().or_else(zip).or_else(|| zlib_body(bytes));
    // Trying a bare deflate takes long, and many texts begin like one.
    let body = marked
        .or_else(|| (whole && bytes.len() >= BARE_MIN && is_deflate(bytes) && !bytes.is_ascii()).then_some(bytes))?;
    // The output is also the window, so no part of a key stays in another buffer.
    let mut output = Bytes::zeros(MOST.min(8 * body.len()));
    let flags = TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (status, used, length) = decompress(&mut DecompressorOxide::new(), body, &mut output, 0, flags);
    output.truncate(length);
    // Noise makes long repetitions before it fails: without a mark it must reach its end, and with one it must not fail.
    let is_whole = status == TINFLStatus::Done && used + TRAILER_MAX >= body.len();
    let is_cut = matches!(status, TINFLStatus::FailedCannotMakeProgress | TINFLStatus::HasMoreOutput);
    let fits = is_whole || marked.is_some() && (is_cut || status == TINFLStatus::Done);
    (length >= LEAST && fits).then_some(output)
}

/// RFC 1952 §2.3.
fn gzip_body(bytes: &[u8]) -> Option<&[u8]> {
    let (&[0x1f, 0x8b, 8, flags, ..], mut rest) = bytes.split_at_checked(10)? else { return None };
    let is_set = |bit: u8| flags >> bit & 1 == 1;
    if is_set(2) {
        let (length, after) = rest.split_at_checked(2)?;
        rest = after.get(usize::from(u16::from_le_bytes([length[0], length[1]]))..)?;
    }
    // The file's name, and a comment.
    for _ in 0..usize::from(is_set(3)) + usize::from(is_set(4)) {
        rest = &rest[memchr::memchr(0, rest)? + 1..];
    }
    if is_set(1) { rest.get(2..) } else { Some(rest) }
}

/// The first file of a zip archive, if it is deflated (APPNOTE 4.3.7).
fn zip_body(bytes: &[u8]) -> Option<&[u8]> {
    let (&[b'P', b'K', 3, 4, .., a, b, c, d], rest) = bytes.split_at_checked(30)? else { return None };
    let (name, extra) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
    (bytes[8..10] == [8, 0]).then(|| rest.get(usize::from(name) + usize::from(extra)..))?
}

/// RFC 1950 §2.2: deflate with a window of 32 KiB at most, a check of both bytes, and no dictionary.
fn zlib_body(bytes: &[u8]) -> Option<&[u8]> {
    let (&[method, flags], body) = bytes.split_at_checked(2)? else { return None };
    let is_zlib = method & 0x8f == 8 && flags & 0x20 == 0 && u16::from_be_bytes([method, flags]).is_multiple_of(31);
    is_zlib.then_some(body)
}

/// A last block with fixed codes, or with its own, at most 286 and 30 (RFC 1951 §3.2.7). A stored block
/// hides nothing.
fn is_deflate(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 7 == 3 || first & 7 == 5 && first >> 3 <= 29 && second & 31 <= 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_makes_it_write_without_bound() {
        // A megabyte of zeros, as written by zlib.
        let bomb = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; 1 << 20], 9);
        assert!(inflated(&bomb, true).unwrap().len() <= MOST.min(8 * bomb.len()));
        for bytes in [&b""[..], b"\x1f\x8b\x08", b"\x1f\x8b\x08\x1f\0\0\0\0\0\0\xff\xff", b"PK\x03\x04", b"\x78\x9c"] {
            assert_eq!(inflated(bytes, true), None);
        }
    }
}
