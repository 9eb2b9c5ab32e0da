//! False alarms: generated passwords of many shapes, none of which may be refused.
//!
//! `I3_FALSE_ALARMS=10000000 cargo test --release alarms` tries more of them than the usual run.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};
use rustix::time::{ClockId, clock_gettime};

use super::*;

/// Passwords that a usual run tries.
const USUAL: u64 = 6_400;
/// Shapes of passwords.
const SHAPES: u64 = 32;
/// Bytes of the longest timed password.
const LONG: usize = 16_384;

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

const LABELS: [&str; 10] = [
    "private key",
    "PrivateKey",
    "privateExponent",
    "prime1",
    "priv",
    "d",
    "Private-Lines",
    "Private-key-format",
    "AGE-SECRET-KEY",
    "(private-key",
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
    match turn % SHAPES {
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
            // Base64 of text with line breaks.
            let text = characters(rng, &printable(), length);
            let encoded = STANDARD.encode(text);
            encoded.as_bytes().chunks(20).map(|c| std::str::from_utf8(c).unwrap()).collect::<Vec<_>>().join("\n")
        }
        14 => {
            // The most misleading one: a DER header in front of noise.
            let mut made = vec![0x30, 0x82, rng.random_range(0..=9)];
            let length = rng.random_range(20..=300);
            made.extend(bytes(rng, length));
            STANDARD.encode(made)
        }
        15 => {
            let length = rng.random_range(1..=30);
            characters(rng, b"\\%nrtxu0123456789abcdef \"'", length)
        }
        16 => {
            // The secret of a one-time password, as apps show it, in groups or not.
            let secret = characters(rng, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count * 8);
            let groups: Vec<_> = secret.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap()).collect();
            groups.join(*["", " ", "-"].choose(rng).unwrap()).to_lowercase()
        }
        17 => {
            let length = rng.random_range(10..=250);
            characters(rng, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length)
        }
        18 => {
            let between = *[",", ", ", " ", ";", "-", ".", "|"].choose(rng).unwrap();
            let most = *[9, 99, 255, 65_535].choose(rng).unwrap();
            (0..count * 20).map(|_| rng.random_range(0..=most).to_string()).collect::<Vec<_>>().join(between)
        }
        19 => {
            let numbers: Vec<i8> = (0..count * 20).map(|_| rng.random_range(-128..=127)).collect();
            format!("{numbers:?}")
        }
        20 => {
            let between = *[":", " ", ", 0x", "-", "\\x"].choose(rng).unwrap();
            let length = count * 8;
            bytes(rng, length).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
        }
        // WireGuard's keys all look the same; only a name shows which are private.
        21 => format!(
            "{}{}",
            ["", "PublicKey = ", "PresharedKey=", "key: "].choose(rng).unwrap(),
            STANDARD.encode(bytes(rng, 32))
        ),
        22 => format!("age1{}", characters(rng, b"qpzry9x8gf2tvdw0s3jn54khce6mua7l", 58)),
        23 => {
            let value = characters(rng, BASE64, count * 8);
            let names = ["D", "P", "key", "password", "Modulus", "ds:Q"];
            let name = names.choose(rng).unwrap();
            format!("<{}><{name}>{value}</{name}>", names.choose(rng).unwrap())
        }
        24 => {
            let member = |rng: &mut StdRng| {
                let length = rng.random_range(1..=40);
                format!("{}={}", WORDS.choose(rng).unwrap(), characters(rng, BASE64, length))
            };
            (0..count).map(|_| member(rng)).collect::<Vec<_>>().join("&")
        }
        25 => {
            let length = rng.random_range(12..=120);
            let text = characters(rng, &printable(), length);
            text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('=', "=3D")
        }
        26 => {
            let between = *['\u{200b}', '\u{a0}', '\u{ad}', '\u{3000}', '\u{feff}'].choose(rng).unwrap();
            let length = rng.random_range(12..=60);
            bytes(rng, length).iter().flat_map(|byte| [char::from(b'!' + byte % 94), between]).collect()
        }
        27 => {
            // Compressed text, and data that begins like it.
            let length = rng.random_range(20..=200);
            let words: String = (0..length).map(|_| *WORDS.choose(rng).unwrap()).collect();
            let mut made = miniz_oxide::deflate::compress_to_vec_zlib(words.as_bytes(), 6);
            if count > 4 {
                made.splice(..2, *b"\x1f\x8b\x08\0\0\0\0\0\0\x03");
            }
            STANDARD.encode(made)
        }
        28 => {
            // The magic numbers of other formats in front of noise.
            let magic = [
                &b"\x1e\xf1\xb5\xb0"[..],
                b"\x07\x02\0\0",
                b"RSA2",
                b"ECS2",
                b"PK\x03\x04",
                b"\x95\x03\x98\x04",
                b"\xc5\xff\0\0",
            ];
            let mut made = magic.choose(rng).unwrap().to_vec();
            let length = rng.random_range(20..=400);
            made.extend(bytes(rng, length));
            STANDARD.encode(made)
        }
        29 => {
            let length = rng.random_range(10..=200);
            characters(
                rng,
                b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
                length,
            )
        }
        30 => {
            let length = rng.random_range(8..=600);
            let digits = *[&b"01"[..], b"01234567", b"0123456789"].choose(rng).unwrap();
            characters(rng, digits, length)
        }
        _ => {
            let sentence: Vec<_> = (0..count * 3).map(|_| *WORDS.choose(rng).unwrap()).collect();
            format!("{}{}{}", LABELS.choose(rng).unwrap(), [": ", "=", " "].choose(rng).unwrap(), sentence.join(" "))
        }
    }
}

/// How long this thread has computed: other work on the machine does not count.
fn busy() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Refused passwords among `count` from one seed, and the time that each shape took.
fn refused(seed: u64, count: u64) -> (Vec<(String, Refusal)>, [Duration; SHAPES as usize]) {
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut alarms, mut times) = (Vec::new(), [Duration::ZERO; SHAPES as usize]);
    for turn in 0..count {
        let text = password(&mut rng, turn);
        let start = busy();
        let refusal = refusal(&text);
        times[(turn % SHAPES) as usize] += busy() - start;
        alarms.extend(refusal.map(|refusal| (text, refusal)));
    }
    (alarms, times)
}

#[test]
fn no_ordinary_password_is_refused() {
    let count = std::env::var("I3_FALSE_ALARMS").ok().and_then(|text| text.parse().ok()).unwrap_or(USUAL);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let runs: Vec<_> = std::thread::scope(|scope| {
        let runs: Vec<_> =
            (0..threads).map(|n| scope.spawn(move || refused(0x1393 + n, count.div_ceil(threads)))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    let alarms: Vec<_> = runs.iter().flat_map(|(alarms, _)| alarms).collect();
    println!("{count} passwords, {} false alarms", alarms.len());
    for shape in 0..SHAPES as usize {
        let time: Duration = runs.iter().map(|(_, times)| times[shape]).sum();
        println!("  shape {shape}: {:.1} us", time.as_secs_f64() * 1e6 * SHAPES as f64 / count as f64);
    }
    assert!(alarms.is_empty(), "{} of {count}, such as {:?}", alarms.len(), alarms.first());
}

/// Texts that once looked like compressed repetitions.
#[test]
fn noise_that_begins_like_deflate_passes() {
    for text in [
        "5dc1584c003c65ccc8ba20caf21e9e9795a245e03b7afe82ee3339fa068454e4531c0d2075bb56e1aabee70eb8a754d8fb832161ab19552bf2cc",
        "1e8b5fb3-6704-0340-9956-5ab1d9434ff1",
    ] {
        assert_eq!(refusal(text), None);
    }
}

/// The time for a text is proportional to its length, regardless of what the guard tries to decode: if it were quadratic,
/// these would take a minute.
#[test]
fn long_texts_take_no_longer_than_their_length() {
    let mut rng = StdRng::seed_from_u64(0x1393);
    let noise = STANDARD.encode(bytes(&mut rng, LONG));
    let printed = characters(&mut rng, &printable(), LONG);
    let repeated = [
        "A",
        "0",
        "d=",
        "p: ",
        "%25",
        "&amp;",
        "--BEGIN ",
        "PK\u{3}\u{4}",
        "\\u0041",
        "hl=4 l= 4 prim: INTEGER :00\n",
        "0000: 30 82\n",
        "1,",
    ];
    let texts = repeated.iter().map(|piece| piece.repeat(LONG / piece.len())).chain([noise, printed]);
    for text in texts {
        let start = busy();
        let _ = check::check_bytes(text.as_bytes());
        let time = busy() - start;
        let beginning: String = text.chars().take(12).collect();
        println!("{} bytes, {beginning:?}: {time:?}", text.len());
        assert!(time < Duration::from_secs(3), "{beginning:?}: {time:?}");
    }
}
