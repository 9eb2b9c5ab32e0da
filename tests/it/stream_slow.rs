//! Streams over a slow link: everything arrives, once, however long it takes, because the timeout counts from the last progress.

use crate::support::folder::Folder;
use crate::support::line_mode::{Done, TOPIC, start};
use crate::support::link::slow_link;
use crate::support::recording_broker::Recorder;

/// Bytes per second.
const RATE: usize = 20_000;

/// Publishes lines of this many bytes over the link, which takes them several timeouts.
fn over_slow_link(qos: &str, count: usize, length: usize, args: &[&str]) -> (Done, Recorder) {
    let broker = Recorder::start();
    let base = ["-l", "-t", TOPIC, "--confirm", "none", "-q", qos, "--timeout", "600ms"];
    let mut run = start(slow_link(broker.port, RATE), &[&base, args].concat());
    run.feed((0..count).flat_map(|n| format!("{n:0length$}\n").into_bytes()).collect());
    (run.end(), broker)
}

fn arrived_once(qos: &str, count: usize, length: usize, args: &[&str]) {
    let (done, broker) = over_slow_link(qos, count, length, args);
    let counts = ["acknowledged", "resent"].map(|name| done.count(name));
    assert_eq!((done.code, counts), (Some(0), [count as u64, 0]), "{done:?}");
    let expected: Vec<String> = (0..count).map(|n| format!("{n:0length$}")).collect();
    assert!(broker.messages() == expected && broker.log_ins() == 1);
}

#[test]
fn many_lines_at_qos_0_take_their_time() {
    arrived_once("0", 400, 100, &[]);
}

#[test]
fn a_long_line_takes_its_time() {
    arrived_once("1", 1, 40_000, &[]);
}

#[test]
fn long_lines_by_way_of_the_spool_take_their_time() {
    let folder = Folder::new();
    let spool = folder.join("spool");
    for qos in ["0", "1"] {
        arrived_once(qos, 2, 20_000, &["--spool", spool.to_str().unwrap()]);
    }
}
