//! A publisher that is killed at random instants while its broker goes up and down and closes the connection at some lines,
//! the clock jumps, and the way there is at times slow, encrypted, and cut in the middle of a handshake: every line that was
//! taken and is not refused arrives.
//!
//! `I3_CHAOS=10m cargo test --release --test it chaos -- --nocapture` runs it for as long as one likes, and says how many
//! kills it was.

use std::path::Path;
use std::time::{Duration, Instant};

use i3::spool::Spool;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::support::clock::Clock;
use crate::support::folder::Folder;
use crate::support::line_mode::{TOPIC, start, start_with};
use crate::support::link::{Link, Weather};
use crate::support::recording_broker::{POISON, Recorder};
use crate::support::tls_server::TlsServer;

const WINDOW: usize = 100;
/// Bytes per second.
const SLOW: usize = 50_000;
/// After this many bytes from a client the TLS handshake has begun, and only the log-in can have been sent after it.
const HANDSHAKE: usize = 350;

#[test]
fn every_line_that_was_taken_arrives_in_order_through_chaos() {
    let time = std::env::var("I3_CHAOS").map_or(Duration::from_secs(5), |t| humantime::parse_duration(&t).unwrap());
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = Folder::new();
    let spool = folder.join("spool");
    let mut broker = Recorder::down();
    let tls = TlsServer::new();
    let link = Link::new(tls.before(broker.port));
    let roots = folder.join("ca.pem");
    std::fs::write(&roots, &tls.pem).unwrap();
    let clock = Clock::new(&folder);
    let (mut is_up, mut kills, mut expected, mut poisoned, mut outages) = (false, 0, Vec::new(), Vec::new(), 0);
    let end = Instant::now() + time;
    while Instant::now() < end {
        let qos = ["0", "1", "2"][random.random_range(0..3)];
        let mut args = vec![
            "-l",
            "-t",
            TOPIC,
            "--confirm",
            "none",
            "-q",
            qos,
            "--window",
            "100",
            "--spool",
            spool.to_str().unwrap(),
        ];
        // A connection that is cut at the same message again and again is taken for a refusal: not on a link that is slow.
        let over_link = random.random_ratio(1, 3);
        if over_link {
            args.extend(["--cafile", roots.to_str().unwrap()]);
            let cuts = (0..random.random_range(0..3)).map(|_| random.random_range(1..HANDSHAKE)).collect();
            link.set(Weather { rate: random.random_ratio(1, 2).then_some(SLOW), cuts });
        }
        clock.jump(&mut random);
        let before = Spool::open(&spool).unwrap().next().unwrap();
        let port = if over_link { link.port } else { broker.port };
        let mut run = start_with(port, &args, &clock.environment());
        let name = kills.to_string();
        let count: u64 = random.random_range(1..5_000);
        let poison = if random.random_ratio(1, 8) { random.random_range(1..=count) } else { 0 };
        let line = |n| if n == poison { format!("{POISON}:{name}:{n}") } else { format!("{name}:{n}") };
        run.feed((1..=count).flat_map(|n| (line(n) + "\n").into_bytes()).collect());
        // A few things happen to the broker until the kill comes, at any instant.
        let kill = Instant::now() + Duration::from_micros(random.random_range(0..400_000));
        while Instant::now() < kill {
            std::thread::sleep(Duration::from_micros(random.random_range(0..60_000)).min(kill - Instant::now()));
            match random.random_range(0..5) {
                4 => clock.jump(&mut random),
                0..2 if is_up && over_link => {}
                0 if is_up => {
                    broker.go_down();
                    outages += 1;
                    is_up = false;
                }
                1 if is_up => broker.cut(),
                _ if !is_up => {
                    broker.up();
                    is_up = true;
                }
                _ => {}
            }
        }
        run.signal("KILL");
        run.end();
        kills += 1;
        let taken = Spool::open(&spool).unwrap().next().unwrap() - before;
        assert!(taken <= count);
        let (bad, good): (Vec<_>, Vec<_>) = (1..=taken).map(line).partition(|line| line.starts_with(POISON));
        poisoned.extend(bad);
        expected.extend(good);
    }
    if !is_up {
        broker.up();
    }
    // With the same window: a line that the broker refuses may be waiting, and a full window comes again after it.
    let args = ["-l", "-t", TOPIC, "--confirm", "none", "--window", "100", "--spool", spool.to_str().unwrap()];
    let mut last = start(broker.port, &args);
    last.feed(b"last\n".to_vec());
    // Whatever the backlog; each line that is refused takes several connections.
    let refusals = Duration::from_secs(10) * poisoned.len() as u32;
    let done = last.end_within(Duration::from_secs(60) + time + refusals);
    assert!(matches!(done.code, Some(0 | 65)), "{done:?}");
    let held = held(&spool);
    assert!(held == poisoned, "seed {seed}: {held:?} are held, and the broker refuses {poisoned:?}");
    expected.push("last".into());
    let came = broker.first_arrivals();
    let differs = came.iter().zip(&expected).position(|(came, expected)| came != expected);
    assert!(came == expected, "seed {seed}: {} came of {}, they differ at {differs:?}", came.len(), expected.len());
    let again = broker.messages().len() - came.len();
    assert!(again <= WINDOW * broker.log_ins(), "seed {seed}: {again} came again on {} connections", broker.log_ins());
    println!(
        "{kills} kills and {outages} outages in {time:?}: {} lines were taken and arrived in order, {again} of them again; {} \
         were refused",
        expected.len(),
        poisoned.len()
    );
}

/// The payloads of the records that are held.
fn held(spool: &Path) -> Vec<String> {
    let spool = Spool::open(spool).unwrap();
    let records = spool.status().unwrap().held;
    let payload = |record| {
        let stored = spool.read(record).unwrap().unwrap();
        String::from_utf8(stored.block.records().next().unwrap().unwrap().payload.to_vec()).unwrap()
    };
    let held: Vec<_> = records.into_iter().map(payload).collect();
    assert_eq!(spool.status().unwrap().records, held.len() as u64, "nothing else is left");
    held
}
