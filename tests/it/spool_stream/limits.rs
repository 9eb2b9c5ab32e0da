//! A spool's size and the age of its lines.

use std::time::Duration;

use super::{Place, range, spool_lines, strings};
use crate::support::line_mode::{Run, TOPIC, numbers, start};
use crate::support::recording_broker::Recorder;
use crate::support::scripted_broker::Broker;

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
    assert!(done.stderr.contains("line 5 and the lines after it were not stored in the spool"), "{}", done.stderr);
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

fn spool_an_old_line(place: &Place) {
    spool_lines(place, &[(TOPIC, "old")], Duration::from_secs(86_400));
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
fn what_is_too_old_is_dropped_and_counted() {
    let place = Place::new();
    let broker = Recorder::start();
    spool_an_old_line(&place);
    let done = place.lines(broker.port, &["--spool-age", "1h"], range(1, 2));
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("1 line was dropped from the spool"), "{}", done.stderr);
    assert_eq!(broker.messages(), strings(1..=2));

    // Nothing new needs to come for it.
    spool_an_old_line(&place);
    let done = place.lines(broker.port, &["--spool-age", "1h"], Vec::new());
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.stderr.contains("1 line was dropped from the spool"), "{}", done.stderr);
    assert_eq!(broker.messages(), strings(1..=2));
}

#[test]
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
