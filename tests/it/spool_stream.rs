//! `pub --spool` and `spool drain`: what is on disk arrives, in order, whatever ends before.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use i3::mqtt::packet::{AckKind, Packet, QoS};
use i3::spool::{Commit, Spool};

use crate::support::folder::Folder;
use crate::support::line_mode::{Done, Run, TOPIC, drain, numbers, start};
use crate::support::recording_broker::Recorder;
use crate::support::scripted_broker::{Broker, text};

/// A folder for one test's spool.
struct Place(Folder);

impl Place {
    fn new() -> Place {
        Place(Folder::new())
    }

    fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    fn run(&self, port: u16, args: &[&str]) -> Run {
        let spool = self.spool();
        let mut all = vec!["-l", "-t", TOPIC, "--confirm", "none", "--spool", spool.to_str().unwrap()];
        if !args.contains(&"-q") {
            all.extend(["-q", "1"]);
        }
        all.extend(args);
        start(port, &all)
    }

    fn lines(&self, port: u16, args: &[&str], input: Vec<u8>) -> Done {
        let mut run = self.run(port, args);
        run.feed(input);
        run.end()
    }

    fn drain(&self, port: u16) -> Done {
        self.drain_with(port, &[])
    }

    fn drain_with(&self, port: u16, args: &[&str]) -> Done {
        drain(&self.0, &self.spool(), port, &[&["--confirm", "none"], args].concat())
    }

    fn left(&self) -> u64 {
        Spool::open_existing(&self.spool()).unwrap().status().unwrap().records
    }

    /// Waits until so many records have been taken since the spool was made.
    fn wait_taken(&self, count: u64) {
        wait(|| Spool::open_existing(&self.spool()).is_ok_and(|spool| spool.next().unwrap() > count));
    }
}

fn wait(mut until: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !until() {
        assert!(Instant::now() < limit, "it never comes");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn strings(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

fn range(from: u64, to: u64) -> Vec<u8> {
    (from..=to).flat_map(|n| format!("{n}\n").into_bytes()).collect()
}

#[test]
fn without_a_broker_lines_are_safe_and_go_first_the_next_time() {
    let place = Place::new();
    let mut broker = Recorder::down();
    let done = place.lines(broker.port, &[], range(1, 3));
    assert_eq!((done.code, done.count("spooled"), done.count("acknowledged")), (Some(75), 3, 0), "{done:?}");
    for told in ["3 lines are safe in the spool, and not delivered", "cannot be reached"] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    let done = place.lines(broker.port, &["--spool-ok"], range(4, 5));
    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(done.stderr.contains("5 lines are safe"), "{}", done.stderr);
    broker.up();
    let done = place.lines(broker.port, &[], range(6, 7));
    assert_eq!((done.code, done.count("read"), done.count("acknowledged")), (Some(0), 2, 7), "{done:?}");
    assert_eq!(broker.messages(), strings(1..=7));
    assert_eq!(place.left(), 0);
}

#[test]
fn a_backlog_drains_without_anything_new() {
    let place = Place::new();
    let broker = Recorder::start();
    let missing = place.drain(broker.port);
    assert_eq!(missing.code, Some(66), "{missing:?}");
    assert!(missing.stderr.contains("there is no spool in"), "{}", missing.stderr);
    assert_eq!(place.lines(1, &["--spool-ok"], numbers(5000)).code, Some(0));
    let done = place.drain(broker.port);
    assert_eq!((done.code, done.count("acknowledged"), done.count("read")), (Some(0), 5000, 0), "{done:?}");
    assert_eq!(broker.messages(), strings(1..=5000));
    let log_ins = broker.log_ins();
    assert_eq!(place.drain(broker.port).code, Some(0));
    assert_eq!(broker.log_ins(), log_ins, "with nothing to send nobody logs in");
}

#[test]
fn a_producer_goes_on_without_network_and_its_backlog_drains_by_itself() {
    let place = Place::new();
    let mut broker = Recorder::down();
    let mut run = place.run(broker.port, &[]);
    run.write(&range(1, 20_000));
    place.wait_taken(20_000);
    broker.up();
    run.write(&range(20_001, 20_100));
    let done = run.end();
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 20_100), "{done:?}");
    assert_eq!(broker.messages(), strings(1..=20_100));
}

#[test]
fn every_quality_of_service_survives_connections_that_end() {
    for qos in ["0", "1", "2"] {
        let place = Place::new();
        let broker = Recorder::start();
        broker.cut_after(700);
        let done = place.lines(broker.port, &["-q", qos, "--window", "100"], numbers(2000));
        assert_eq!((done.code, done.count("acknowledged")), (Some(0), 2000), "QoS {qos}: {done:?}");
        assert_eq!(broker.first_arrivals(), strings(1..=2000), "QoS {qos}");
        let again = broker.messages().len() - 2000;
        assert!(again <= 100 * (broker.log_ins() - 1), "QoS {qos}: {again} came again");
        assert_eq!(place.left(), 0);
    }
}

#[test]
#[cfg(unix)]
fn a_killed_run_sends_no_more_than_its_window_again() {
    let place = Place::new();
    let broker = Recorder::start();
    const WINDOW: usize = 50;
    let mut kills = 0;
    for first in [1, 3001, 6001] {
        let mut run = place.run(broker.port, &["--window", "50"]);
        run.write(&range(first, first + 2999));
        broker.wait_for(broker.messages().len() + 500);
        run.signal("KILL");
        kills += 1;
        let taken = Spool::open_existing(&place.spool()).unwrap().next().unwrap() - 1;
        assert!(run.end().code.is_none());
        // What was not taken is still the producer's: it says it again.
        assert_eq!(place.lines(1, &["--spool-ok"], range(taken + 1, first + 2999)).code, Some(0));
    }
    let done = place.drain(broker.port);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(broker.first_arrivals(), strings(1..=9000));
    let again = broker.messages().len() - 9000;
    assert!(again <= kills * WINDOW, "{again} came again after {kills} kills");
}

/// Acknowledges the first message, and before long so many more, and is gone.
fn acknowledges(count: usize) -> Broker<()> {
    Broker::start(move |client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let mut done = 0;
        while done < count {
            match peer.next().expect("more messages") {
                Packet::Publish(publish) if publish.qos == QoS::ExactlyOnce => peer.ack(AckKind::PubRec, publish.id),
                Packet::Publish(publish) => {
                    peer.ack(AckKind::PubAck, publish.id);
                    done += 1;
                }
                Packet::Ack { kind: AckKind::PubRel, id, .. } => {
                    peer.ack(AckKind::PubComp, id);
                    done += 1;
                }
                other => panic!("{other:?}"),
            }
            if done == 1 {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    })
}

#[test]
fn what_was_acknowledged_before_a_connection_ends_is_not_sent_again() {
    for qos in ["1", "2"] {
        let place = Place::new();
        let broker = acknowledges(900);
        let done = place.lines(broker.port, &["-q", qos, "--deadline", "3s"], range(1, 4000));
        broker.end();
        assert_eq!((done.code, done.count("acknowledged")), (Some(75), 900), "{done:?}");
        assert_eq!(place.left(), 3100, "QoS {qos}");
        assert!(done.stderr.contains("3100 lines are safe in the spool"), "{}", done.stderr);
    }
}

#[test]
#[cfg(unix)]
fn what_is_not_out_can_be_dropped_while_the_broker_is_silent() {
    let place = Place::new();
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        while peer.next().is_some() {}
    });
    let bounds = ["--window", "1", "--spool-max", "1000", "--spool-full", "drop-oldest", "--timeout", "60s"];
    let mut run = place.run(broker.port, &bounds);
    // A block for each line, some 28 bytes each.
    for n in 1..=80 {
        run.write(format!("{n}\n").as_bytes());
        place.wait_taken(n);
    }
    run.signal("KILL");
    run.end();
    broker.end();
    let dropped: u64 =
        Spool::open_existing(&place.spool()).unwrap().status().unwrap().dropped.iter().map(|(_, d)| d.records).sum();
    assert!((40..80).contains(&dropped), "{dropped}");
}

#[test]
fn a_second_run_adds_to_the_spool_and_the_first_sends() {
    let place = Place::new();
    let mut broker = Recorder::down();
    let mut first = place.run(broker.port, &[]);
    first.write(&range(1, 10));
    place.wait_taken(10);
    let mut second = place.run(broker.port, &["-v"]);
    second.feed(range(11, 20));
    place.wait_taken(20);
    broker.up();
    let second = second.end();
    assert_eq!((second.code, second.count("acknowledged"), second.count("sent")), (Some(0), 10, 0), "{second:?}");
    assert!(second.stderr.contains("Another run sends"), "{}", second.stderr);
    assert_eq!(broker.log_ins(), 1);
    let first = first.end();
    assert_eq!((first.code, first.count("acknowledged")), (Some(0), 20), "{first:?}");
    assert_eq!(broker.messages(), strings(1..=20));
}

#[test]
#[cfg(unix)]
fn a_second_run_takes_over_when_the_first_is_killed() {
    let place = Place::new();
    let mut broker = Recorder::down();
    let mut first = place.run(broker.port, &[]);
    first.write(&range(1, 10));
    place.wait_taken(10);
    let mut second = place.run(broker.port, &["--retry", "9"]);
    second.feed(range(11, 20));
    place.wait_taken(20);
    first.signal("KILL");
    broker.up();
    let second = second.end();
    assert_eq!((second.code, second.count("acknowledged")), (Some(0), 20), "{second:?}");
    assert_eq!(broker.messages(), strings(1..=20));
}

#[test]
fn two_producers_at_once_lose_nothing_and_keep_their_orders() {
    let place = Place::new();
    let broker = Recorder::start();
    let runs: Vec<_> = (0..4)
        .map(|n| {
            let mut run = place.run(broker.port, &[]);
            run.feed(range(n * 1_000_000 + 1, n * 1_000_000 + 5000));
            run
        })
        .collect();
    for run in runs {
        let done = run.end();
        assert_eq!((done.code, done.count("spooled")), (Some(0), 5000), "{done:?}");
    }
    let came: Vec<u64> = broker.messages().iter().map(|m| m.parse().unwrap()).collect();
    assert_eq!(came.len(), 20_000);
    for n in 0..4 {
        let own: Vec<u64> = came.iter().copied().filter(|m| m / 1_000_000 == n).collect();
        assert_eq!(own, (n * 1_000_000 + 1..=n * 1_000_000 + 5000).collect::<Vec<_>>());
    }
}

#[test]
fn a_full_spool_does_as_it_was_told() {
    let place = Place::new();
    let mut broker = Recorder::down();
    // A block for each line, some 28 bytes each.
    let slowly = |run: &mut Run, from: u64, to: u64| {
        for n in from..=to {
            run.write(format!("{n}\n").as_bytes());
            if n < to {
                place.wait_taken(n);
            }
        }
    };
    let mut run = place.run(broker.port, &["--spool-max", "120", "--spool-full", "fail"]);
    slowly(&mut run, 1, 4);
    place.wait_taken(4);
    run.write(b"5\n6\n");
    let done = run.end();
    assert_eq!(done.code, Some(73), "{done:?}");
    assert!(done.stderr.contains("line 5 and what follows it was not taken into the spool"), "{}", done.stderr);
    assert!(done.stderr.contains("the spool is full"), "{}", done.stderr);
    assert_eq!((done.count("spooled"), place.left()), (4, 4));

    let mut run = place.run(broker.port, &["--spool-max", "120", "--spool-full", "drop-oldest"]);
    slowly(&mut run, 5, 7);
    place.wait_taken(7);
    broker.up();
    let done = run.end();
    assert_eq!(done.code, Some(1), "what was dropped are another run's lines: {done:?}");
    assert!(done.stderr.contains("dropped from the spool"), "{}", done.stderr);
    let came = broker.messages();
    assert_eq!(came.last().map(String::as_str), Some("7"));
    assert!(came.len() < 7 && came == strings(8 - came.len() as u64..=7), "{came:?}");
    broker.go_down();

    let mut run = place.run(broker.port, &["--spool-max", "120", "--spool-full", "drop-oldest", "--spool-ok"]);
    slowly(&mut run, 8, 15);
    place.wait_taken(15);
    broker.up();
    let done = run.end();
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("lines were dropped from the spool"), "{}", done.stderr);
    broker.go_down();

    for max in ["0", "1", "3"] {
        let done = place.lines(1, &["--spool-max", max], "x".into());
        assert_eq!(done.code, Some(73), "room for nothing: {done:?}");
        assert!(done.stderr.contains("allow more with --spool-max"), "{}", done.stderr);
    }

    let before = broker.messages().len();
    broker.up();
    let done = place.lines(broker.port, &["--spool-max", "120"], "x".repeat(200).into());
    assert_eq!(done.code, Some(73), "a line that can never fit is named: {done:?}");
    let mut run = place.run(broker.port, &["--spool-max", "100K"]);
    run.feed(range(16, 60_000));
    let done = run.end();
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 59_985), "{done:?}");
    assert_eq!(broker.messages()[before..], strings(16..=60_000), "the producer was held back");
}

fn spool_lines(place: &Place, lines: &[(&str, &str)], age: Duration) {
    let mut spool = Spool::open(&place.spool()).unwrap();
    let mut block = i3::spool::Block::default();
    for (topic, payload) in lines {
        let payload = payload.as_bytes();
        block.push(&i3::spool::Record { topic, payload, qos: QoS::AtLeastOnce, retain: false }).unwrap();
    }
    spool.commit(&Commit { blocks: &[(std::time::SystemTime::now() - age, block)], ..Commit::default() }).unwrap();
}

fn spool_an_old_line(place: &Place) {
    spool_lines(place, &[(TOPIC, "old")], Duration::from_secs(86_400));
}

/// Runs `i3 spool …` on the place's spool.
fn spool_command(place: &Place, args: &[&str]) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_i3"))
        .arg("spool")
        .args(args)
        .arg("--spool")
        .arg(place.spool())
        .env_clear()
        .env("I3_HOME", place.0.path())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A topic that this device cannot name.
const FOREIGN: &str = "occupancy";

#[test]
fn a_line_that_can_never_be_sent_holds_up_no_other() {
    let place = Place::new();
    let broker = Recorder::start();
    spool_lines(&place, &[(TOPIC, "1"), (FOREIGN, "bad"), (TOPIC, "2")], Duration::ZERO);
    let done = place.lines(broker.port, &[], range(3, 4));
    assert_eq!((done.code, done.count("acknowledged"), done.count("rejected")), (Some(65), 4, 1), "{done:?}");
    let remedy = format!("spool purge --spool {} --record 2", place.spool().display());
    for told in ["1 line is safe in the spool", "record 2 of the spool, to occupancy, cannot be published", &remedy] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    assert_eq!((broker.messages(), place.left()), (strings(1..=4), 1));

    // Later runs leave it alone, and what is behind it does not come twice; a drain tries it again.
    let done = place.lines(broker.port, &[], range(5, 6));
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 2), "{done:?}");
    assert!(done.stderr.contains("1 record of the spool is held, from record 2 on"), "{}", done.stderr);
    assert_eq!((place.drain(broker.port).code, place.left()), (Some(65), 1));
    assert_eq!((broker.messages(), place.left()), (strings(1..=6), 1));
    let (code, shown, _) = spool_command(&place, &["status"]);
    assert!(code == Some(0) && shown.contains("held       1 line, from record 2 on"), "{shown}");
    let (code, shown, _) = spool_command(&place, &["export", "--record", "2"]);
    assert_eq!((code, shown.lines().count(), shown.contains("\"bad\"")), (Some(0), 1, true), "{shown}");
    assert_eq!(spool_command(&place, &["export", "--record", "3"]).0, Some(66));
    assert_eq!(spool_command(&place, &["purge", "--record", "3", "--yes"]).0, Some(66));

    // It is put aside where there is a place for it, if a line can say all of it.
    let rejects = place.0.join("rejects");
    let rejects = rejects.to_str().unwrap();
    spool_lines(&place, &[(FOREIGN, "bad")], Duration::ZERO);
    let done = place.lines(broker.port, &["--rejects", rejects], range(7, 7));
    assert_eq!((done.code, place.left()), (Some(65), 2), "its topic would be lost: {done:?}");
    let done = place.drain_with(broker.port, &["--rejects", rejects]);
    assert_eq!((done.code, done.count("rejected"), place.left()), (Some(0), 2, 0), "{done:?}");
    let aside = std::fs::read_to_string(rejects).unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(aside.lines().next().unwrap()).unwrap(),
        serde_json::json!({"topic": FOREIGN, "payload": "bad", "qos": 1, "retain": false})
    );

    spool_lines(&place, &[(FOREIGN, "bad"), (TOPIC, "8")], Duration::ZERO);
    let (code, ..) = spool_command(&place, &["purge", "--yes", "--record", "10"]);
    let done = place.drain(broker.port);
    assert_eq!((code, done.code, place.left()), (Some(0), Some(0), 0), "{done:?}");
    assert_eq!(broker.messages(), strings(1..=8));
}

/// Brings a spool back to format 1, in which a record was held by 4 added to its `qos`.
const TO_FIRST_FORMAT: &str = "
    CREATE TABLE old (
        first INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes INTEGER NOT NULL, taken INTEGER NOT NULL,
        qos INTEGER NOT NULL, records BLOB NOT NULL
    ) STRICT;
    INSERT INTO old SELECT first, count, bytes, taken, qos + 4 * held, records FROM block;
    DROP TABLE block;
    ALTER TABLE old RENAME TO block;
    CREATE INDEX exact ON block (first) WHERE qos = 2;
    PRAGMA user_version = 1;
";

#[test]
fn a_spool_of_the_first_format_is_drained() {
    let place = Place::new();
    let broker = Recorder::start();
    spool_lines(&place, &[(FOREIGN, "bad"), (TOPIC, "1"), (TOPIC, "2")], Duration::ZERO);
    let mut spool = Spool::open(&place.spool()).unwrap();
    spool.hold(1).unwrap();
    spool.commit(&Commit { done: Some(2), ..Commit::default() }).unwrap();
    drop(spool);
    rusqlite::Connection::open(place.spool().join("spool.db")).unwrap().execute_batch(TO_FIRST_FORMAT).unwrap();

    let (code, shown, _) = spool_command(&place, &["status"]);
    assert!(code == Some(0) && shown.contains("held       1 line, from record 1 on"), "{shown}");
    let done = place.drain(broker.port);
    assert_eq!((done.code, place.left()), (Some(65), 1), "{done:?}");
    let rejects = place.0.join("rejects");
    let done = place.drain_with(broker.port, &["--rejects", rejects.to_str().unwrap()]);
    assert_eq!((done.code, done.count("rejected"), place.left()), (Some(0), 1, 0), "{done:?}");
    assert_eq!(broker.messages(), strings(1..=2));
}

#[test]
fn a_second_run_does_not_wait_for_what_the_first_cannot_send() {
    let place = Place::new();
    let mut broker = Recorder::down();
    spool_lines(&place, &[(FOREIGN, "bad")], Duration::ZERO);
    let mut first = place.run(broker.port, &[]);
    first.write(&range(1, 3));
    place.wait_taken(4);
    let mut second = place.run(broker.port, &["-v"]);
    second.feed(range(4, 5));
    place.wait_taken(6);
    broker.up();
    let second = second.end();
    assert_eq!((second.code, second.count("acknowledged"), second.count("sent")), (Some(0), 2, 0), "{second:?}");
    let first = first.end();
    assert_eq!((first.code, first.count("acknowledged"), place.left()), (Some(65), 5, 1), "{first:?}");
}

#[test]
fn what_can_never_be_sent_and_fills_the_spool_ends_the_run() {
    let place = Place::new();
    let broker = Recorder::start();
    spool_lines(&place, &[(FOREIGN, &"x".repeat(500))], Duration::ZERO);
    let done = place.lines(broker.port, &["--spool-max", "520"], range(1, 3));
    assert_eq!(done.code, Some(73), "{done:?}");
    for told in ["was not taken into the spool", "the spool is full: it holds 5", "record 1 of the spool"] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    assert_eq!(place.left(), 1);
}

#[test]
fn lines_that_are_dropped_are_told_together() {
    let place = Place::new();
    let done = place.lines(1, &["--spool-max", "2K", "--spool-full", "drop-oldest", "--spool-ok"], numbers(20_000));
    let told = done.stderr.matches("dropped from the spool.").count() as u64;
    assert!(told <= 2 + done.tally["seconds"].as_f64().unwrap() as u64 / 60, "{told} warnings: {done:?}");
    assert_eq!((done.code, done.count("spooled")), (Some(75), 20_000), "{done:?}");
    assert!(done.stderr.contains(" more were dropped from it"), "{}", done.stderr);
}

#[test]
fn a_damaged_spool_is_not_called_safe() {
    let place = Place::new();
    let broker = Recorder::start();
    let lines: Vec<_> = (1..=3).map(|n| n.to_string()).collect();
    for line in &lines {
        spool_lines(&place, &[(TOPIC, line)], Duration::ZERO);
    }
    let database = rusqlite::Connection::open(place.spool().join("spool.db")).unwrap();
    database.execute("UPDATE block SET records = x'00' WHERE first = 2", []).unwrap();
    drop(database);
    let done = place.drain(broker.port);
    assert_eq!(done.code, Some(65), "{done:?}");
    let remedy = format!("spool export --spool {} --out FILE", place.spool().display());
    for told in ["the spool is damaged", "cannot be drained to its end", &remedy] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    assert!(!done.stderr.contains("safe in the spool"), "{}", done.stderr);
}

#[test]
fn a_spool_that_is_taken_away_ends_the_run() {
    let place = Place::new();
    let broker = Recorder::start();
    let mut run = place.run(broker.port, &[]);
    run.write(b"1\n");
    broker.wait_for(1);
    std::fs::remove_dir_all(place.spool()).unwrap();
    run.write(b"2\n3\n");
    let done = run.end();
    assert_eq!(done.code, Some(73), "{done:?}");
    assert!(done.stderr.contains("was removed while it was in use"), "{}", done.stderr);
    assert!(!done.stderr.contains("safe in the spool"), "{}", done.stderr);
}

#[test]
fn what_is_too_old_is_dropped_and_counted() {
    let place = Place::new();
    let broker = Recorder::start();
    spool_an_old_line(&place);
    let done = place.lines(broker.port, &["--spool-age", "1h"], range(1, 2));
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("1 line was dropped from the spool"), "{}", done.stderr);
    assert_eq!(broker.messages(), strings(1..=2));

    // Nothing new has to come for it.
    spool_an_old_line(&place);
    let done = place.lines(broker.port, &["--spool-age", "1h"], Vec::new());
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("1 line was dropped from the spool"), "{}", done.stderr);
    assert_eq!(broker.messages(), strings(1..=2));
}

#[test]
fn a_first_log_in_that_fails_is_tried_again_while_the_input_goes_on() {
    let place = Place::new();
    let (sender, accepted) = std::sync::mpsc::channel();
    let broker = Broker::start(move |client| {
        // Closed without an answer, then refused.
        drop(client.next());
        client.next().answer_connect(5, false);
        let mut peer = client.next();
        peer.answer_connect(0, false);
        sender.send(()).unwrap();
        peer.serve()
    });
    let mut run = place.run(broker.port, &[]);
    run.write(b"1\n");
    accepted.recv().unwrap();
    drop(run.stdin.take());
    let done = run.end();
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 1), "{done:?}");
    assert_eq!(broker.end(), ["1"]);
}

#[test]
fn lines_that_the_broker_drops_stay_in_the_spool() {
    let place = Place::new();
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let mut came = Vec::new();
        while let Some(packet) = peer.next() {
            match packet {
                Packet::Publish(publish) => {
                    came.push(text(&publish));
                    peer.ack(AckKind::PubAck, publish.id);
                }
                Packet::Subscribe { id, .. } => {
                    peer.send(Packet::SubAck { id, codes: vec![i3::mqtt::packet::Reason(1)] });
                }
                _ => {}
            }
        }
        came
    });
    let spool = place.spool();
    let args = ["-l", "-t", TOPIC, "-q", "1", "--timeout", "500ms", "--spool", spool.to_str().unwrap()];
    let mut run = start(broker.port, &args);
    run.feed(range(1, 5));
    let done = run.end();
    assert_eq!(done.code, Some(77), "{done:?}");
    for told in ["5 lines are safe in the spool", "did not come back", "create the product with"] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    assert_eq!((broker.end(), place.left()), (strings(1..=1), 5));
}

#[test]
#[cfg(unix)]
fn a_signal_without_a_broker_leaves_everything_safe() {
    let place = Place::new();
    let mut run = place.run(1, &["--grace", "200ms"]);
    run.write(b"1\n2\nunfin");
    place.wait_taken(2);
    run.signal("TERM");
    let stdin = run.stdin.take();
    let done = run.end();
    drop(stdin);
    assert_eq!((done.code, done.count("spooled"), place.left()), (Some(75), 2, 2), "{done:?}");
    assert!(done.stderr.contains("2 lines are safe"), "{}", done.stderr);
}

#[test]
fn a_single_message_can_go_by_the_spool() {
    let place = Place::new();
    let spool = place.spool();
    let send = |port, message: &[&str]| {
        let run =
            start(port, &[&["-t", TOPIC, "--confirm", "none", "--spool", spool.to_str().unwrap()], message].concat());
        run.end()
    };
    let done = send(1, &["-m", "two\nlines"]);
    assert_eq!((done.code, done.count("spooled")), (Some(75), 1), "{done:?}");
    let broker = Recorder::start();
    assert_eq!(send(broker.port, &["-n"]).code, Some(0));
    assert_eq!(broker.messages(), ["two\nlines", ""]);
}

#[test]
#[cfg(unix)]
fn a_late_message_says_when_it_was_taken() {
    let place = Place::new();
    let done =
        place.lines(1, &["--spool-ok", "--stamp", "json:at"], b"{\"free\":678}\n{\"at\":1}\nno object\n".to_vec());
    assert_eq!((done.code, done.count("rejected")), (Some(65), 1), "{done:?}");
    assert!(done.stderr.contains("line 3 is not published: it is not a JSON object"), "{}", done.stderr);
    let broker = Recorder::start();
    assert_eq!(place.drain(broker.port).code, Some(0));
    let came = broker.messages();
    assert!(came[0].starts_with("{\"free\":678,\"at\":\"20") && came[0].ends_with("Z\"}"), "{came:?}");
    assert_eq!(came[1..], ["{\"at\":1}"]);

    let done = place.lines(1, &["--stamp", "v5"], numbers(1));
    assert_eq!(done.code, Some(2), "{done:?}");
    let broker = Broker::start(|client| {
        use std::io::Read as _;
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let mut wire = vec![0; 2 + 2 + TOPIC.len() + 1 + 33 + 1];
        peer.stream.read_exact(&mut wire).unwrap();
        wire
    });
    let mut run =
        start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "-V", "5", "--stamp", "v5", "--timeout", "1s"]);
    run.feed(b"7".to_vec());
    let wire = broker.end();
    let at = 4 + TOPIC.len();
    assert_eq!(&wire[at..at + 10], b"\x21\x26\0\x04time\0\x18");
    assert!(wire[at + 10..].starts_with(b"20") && wire.ends_with(b"Z7"), "{wire:?}");
    run.signal("KILL");
    run.end();
}

/// No file of a spool is open to others, whatever the umask.
#[test]
fn a_spool_is_its_owners_alone() {
    let place = Place::new();
    place.lines(1, &[], numbers(3));
    assert_eq!(crate::program::mode(&place.spool()), 0o700);
    for file in std::fs::read_dir(place.spool()).unwrap() {
        assert_eq!(crate::program::mode(&file.unwrap().path()), 0o600);
    }
}

#[test]
fn a_spool_that_breaks_while_it_drains_is_named() {
    let place = Place::new();
    let (broken, breaks) = std::sync::mpsc::channel();
    let (came, comes) = std::sync::mpsc::channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let message = peer.message().unwrap();
        came.send(()).unwrap();
        breaks.recv().unwrap();
        peer.ack(AckKind::PubAck, message.id);
        peer.serve()
    });
    let mut run = place.run(broker.port, &[]);
    run.feed(range(1, 1));
    comes.recv().unwrap();
    let database = rusqlite::Connection::open(place.spool().join("spool.db")).unwrap();
    database.execute_batch("DROP TABLE state").unwrap();
    drop(database);
    broken.send(()).unwrap();
    let done = run.end();
    assert_eq!((done.code, done.count("acknowledged")), (Some(1), 1), "{done:?}");
    for told in ["the spool fails", "the spool cannot be read or written", "no such table: state"] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    broker.end();
}
