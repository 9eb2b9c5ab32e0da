//! The guard as a whole: it finds every key in every disguise, and no ordinary password.

mod alarms;
mod matrix;
mod passes;
mod properties;

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use super::*;

const NOBODY: CheckContext<'static> = CheckContext { device_key: None, now: SystemTime::UNIX_EPOCH };

/// The throw-away keys of `tests/vectors/keys/<half>`, by file name.
fn vectors(half: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/keys").join(half);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|f| (f.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(f).unwrap())).collect()
}

fn refusal(text: &str) -> Option<Refusal> {
    Password::check(Secret::new(text), &NOBODY).err()
}

/// Returns the guard's verdict on bytes from a file or standard input.
fn refusal_of_bytes(bytes: &[u8]) -> Option<Refusal> {
    match std::str::from_utf8(bytes) {
        Ok(text) => refusal(text),
        Err(_) => check::check_bytes(bytes),
    }
}

/// Asserts that neither message nor remedy nor `Debug` holds eight characters of `secret` in a row.
fn assert_says_nothing_of(secret: &[u8], refusal: &Refusal) {
    let said = format!("{refusal}|{refusal:?}|{}", refusal.entry().remedy);
    let pieces: HashSet<&[u8]> = said.as_bytes().windows(8).collect();
    // A blank and the word `private`, as openssl prints it, are not secret, nor is the name of WireGuard's and
    // BIND's number.
    let is_name = |piece: &[u8]| piece[0].is_ascii_whitespace() || b"PrivateKey".windows(8).any(|name| name == piece);
    // Most pieces begin differently from all of them.
    let mut begins = vec![false; 1 << 16];
    let begin = |piece: &[u8]| usize::from(u16::from_be_bytes([piece[0], piece[1]]));
    pieces.iter().for_each(|piece| begins[begin(piece)] = true);
    for piece in secret.windows(8).filter(|piece| begins[begin(piece)] && !is_name(piece)) {
        assert!(!pieces.contains(piece), "{said}: {}", piece.escape_ascii());
    }
}
