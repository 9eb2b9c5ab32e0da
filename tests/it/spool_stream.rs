//! `pub --spool` and `spool drain`: the lines on disk arrive in order, whichever process ends first.

mod damage;
mod held;
mod limits;
mod runs;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use i3::mqtt::packet::{AckKind, Packet, QoS};
use i3::spool::{Commit, Spool};

use crate::support::folder::Folder;
use crate::support::line_mode::{Done, Run, TOPIC, drain, numbers, start};
use crate::support::recording_broker::Recorder;
use crate::support::scripted_broker::Broker;

/// A topic that this device cannot name.
const FOREIGN: &str = "occupancy";

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

    /// Waits until this many records have been taken since the spool was made.
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

/// Acknowledges the first message, and before long this many more, and is gone.
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

fn spool_lines(place: &Place, lines: &[(&str, &str)], age: Duration) {
    let mut spool = Spool::open(&place.spool()).unwrap();
    let mut block = i3::spool::Block::default();
    for (topic, payload) in lines {
        let payload = payload.as_bytes();
        block.push(&i3::spool::Record { topic, payload, qos: QoS::AtLeastOnce, retain: false }).unwrap();
    }
    spool.commit(&Commit { blocks: &[(std::time::SystemTime::now() - age, block)], ..Commit::default() }).unwrap();
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
