//! Each fuzz target for a moment: its seeds, and what random edits make of them.
//!
//! `I3_FUZZ_RUNS` sets how many brokers the state machines meet. `I3_FUZZ=10m cargo test --test it fuzz` continues for so long,
//! with edits that no run has made before; `cargo fuzz` finds more, but needs a nightly compiler (see `fuzz/`).

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Edited inputs of one target; pages are long and read by many functions, and a state machine has many ways to go.
const ROUNDS: usize = 150;
const PAGES: usize = 40;
const MACHINES: usize = 600;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("fuzz/seeds").join(target)];
    if ["guard", "keys"].contains(&target) {
        folders.extend(["private", "public"].map(|half| root.join("tests/vectors/keys").join(half)));
    }
    let mut files: Vec<_> =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

/// A seed with one to eight edits: bits flipped, bytes inserted, pieces removed, doubled, or copied from another seed.
fn edited(seeds: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
    let mut data = seeds[random.random_range(0..seeds.len())].clone();
    for _ in 0..random.random_range(1..=8) {
        let at = random.random_range(0..=data.len());
        let end = (at + random.random_range(1..=16_usize)).min(data.len());
        match random.random_range(0..6) {
            0 if at < data.len() => data[at] ^= 1 << random.random_range(0..8),
            1 => data.insert(at, [0x00, 0xFF, b'<', b'"', b'%', 0x80, b'{', 0x30][random.random_range(0..8)]),
            2 => drop(data.drain(at..end)),
            3 => data.extend_from_within(at..end),
            4 => data.truncate(at),
            _ => {
                let other = &seeds[random.random_range(0..seeds.len())];
                let from = random.random_range(0..=other.len());
                let piece = other[from..(from + 64).min(other.len())].to_vec();
                data.splice(at..end, piece);
            }
        }
    }
    data
}

fn run(name: &str, target: targets::Target, data: &[u8]) {
    let shown = data.escape_ascii();
    assert!(catch_unwind(|| target(data)).is_ok(), "the target {name} panics at b\"{shown}\"");
}

#[test]
fn no_input_makes_a_target_panic() {
    let long = std::env::var("I3_FUZZ").ok().map(|time| humantime::parse_duration(&time).expect("I3_FUZZ is a time"));
    for (name, target) in targets::TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in &seeds {
            run(name, *target, seed);
        }
        let machines =
            std::env::var("I3_FUZZ_RUNS").map_or(MACHINES, |runs| runs.parse().expect("I3_FUZZ_RUNS is a number"));
        let rounds = match *name {
            "pages" => PAGES,
            "stream" | "subscriber" => machines,
            _ => ROUNDS,
        };
        let mut random = match long {
            Some(_) => rand::make_rng(),
            None => StdRng::seed_from_u64(1),
        };
        let until = Instant::now() + long.unwrap_or(Duration::ZERO) / targets::TARGETS.len() as u32;
        let mut round = 0;
        while round < rounds || Instant::now() < until {
            run(name, *target, &edited(&seeds, &mut random));
            round += 1;
        }
    }
}
