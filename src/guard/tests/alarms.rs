//! False alarms: generated passwords of many shapes, none of which may be refused.
//!
//! `I3_FALSE_ALARMS=10000000 cargo test --release alarms` tries more of them than the usual run.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};

use super::*;

/// Passwords that a usual run tries.
const USUAL: u64 = 50_000;

const WORDS: [&str; 24] = [
    "correct", "horse", "battery", "staple", "keys", "kty", "private", "public", "begin", "end", "d", "n", "p", "q",
    "BEGIN", "KEY", "PRIVATE", "RSA", "openssh", "parking", "lot1", "alice", "token", "x",
];
const STARTS: [&str; 20] = [
    "MII",
    "MIG",
    "MIIE",
    "MIIEvQ",
    "MIIEpAIBAAK",
    "MC4CAQAw",
    "MIIBIj",
    "ssh",
    "ssh-rsa ",
    "ssh-ed25519 AAAA",
    "AAAAB3Nz",
    "b3BlbnNzaC1",
    "PBKDF2",
    "PBKDF2$",
    "PBKDF2$sha256$",
    "eyJ",
    "eyJhbGciOi",
    "-----",
    "PuTTY-",
    "3082",
];

fn characters(rng: &mut StdRng, from: &[u8], length: usize) -> String {
    (0..length).map(|_| char::from(*from.choose(rng).unwrap())).collect()
}

fn bytes(rng: &mut StdRng, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn printable() -> Vec<u8> {
    (b' '..=b'~').collect()
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// One password; the shapes take turns.
fn password(rng: &mut StdRng, turn: u64) -> String {
    let count = rng.random_range(1..=8);
    match turn % 16 {
        0 => {
            let length = rng.random_range(1..=40);
            characters(rng, &printable(), length)
        }
        1 => {
            let length = rng.random_range(12..=450);
            STANDARD.encode(bytes(rng, length))
        }
        2 => {
            let length = rng.random_range(12..=200);
            URL_SAFE_NO_PAD.encode(bytes(rng, length))
        }
        3 => {
            let length = rng.random_range(8..=64);
            characters(rng, b"0123456789abcdef", 2 * length)
        }
        4 => (0..count).map(|_| *WORDS.choose(rng).unwrap()).collect::<Vec<_>>().join("-"),
        5 => (0..=count).map(|_| *WORDS.choose(rng).unwrap()).collect::<Vec<_>>().join(" "),
        6 => {
            let value = characters(rng, BASE64, count * 12);
            format!(r#"{{"{}":"{}","{value}":{count}}}"#, WORDS.choose(rng).unwrap(), WORDS.choose(rng).unwrap())
        }
        7 => {
            let digits = characters(rng, b"0123456789abcdef", 32);
            [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
        }
        8 => {
            let part = |rng: &mut StdRng| {
                let length = rng.random_range(1..=60);
                URL_SAFE_NO_PAD.encode(bytes(rng, length))
            };
            [part(rng), part(rng), part(rng)].join(".")
        }
        9 => (0..count * 3).map(|_| char::from_u32(rng.random_range(0xa1..0xd7ff)).unwrap()).collect(),
        10 | 11 => {
            let length = rng.random_range(0..=300);
            format!("{}{}", STARTS.choose(rng).unwrap(), characters(rng, BASE64, length))
        }
        12 => {
            let length = rng.random_range(0..=60);
            format!("{}{}", STARTS.choose(rng).unwrap(), characters(rng, &printable(), length))
        }
        13 => {
            let length = rng.random_range(12..=120);
            // Base64 of text, line breaks in it.
            let text = characters(rng, &printable(), length);
            let encoded = STANDARD.encode(text);
            encoded.as_bytes().chunks(20).map(|c| std::str::from_utf8(c).unwrap()).collect::<Vec<_>>().join("\n")
        }
        14 => {
            // The likeliest of all to mislead: a DER header in front of noise.
            let mut made = vec![0x30, 0x82, rng.random_range(0..=9)];
            let length = rng.random_range(20..=300);
            made.extend(bytes(rng, length));
            STANDARD.encode(made)
        }
        _ => {
            let length = rng.random_range(1..=30);
            characters(rng, b"\\%nrtxu0123456789abcdef \"'", length)
        }
    }
}

/// Refused passwords among `count` from one seed.
fn refused(seed: u64, count: u64) -> Vec<(String, Refusal)> {
    let mut rng = StdRng::seed_from_u64(seed);
    let made = (0..count).map(|turn| password(&mut rng, turn));
    made.filter_map(|text| refusal(&text).map(|refusal| (text, refusal))).collect()
}

#[test]
fn no_ordinary_password_is_refused() {
    let count = std::env::var("I3_FALSE_ALARMS").ok().and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let alarms: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..threads).map(|n| scope.spawn(move || refused(0x1393 + n, count.div_ceil(threads)))).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });
    println!("{count} passwords, {} false alarms", alarms.len());
    assert!(alarms.is_empty(), "{} of {count}, such as {:?}", alarms.len(), alarms.first());
}
