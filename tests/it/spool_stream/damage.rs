//! Spools that are damaged, taken away, or open to others.

use std::time::Duration;

use i3::mqtt::packet::AckKind;

use super::{Place, range, spool_lines};
use crate::support::line_mode::{TOPIC, numbers};
use crate::support::recording_broker::Recorder;
use crate::support::scripted_broker::Broker;

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
    for told in ["the spool is damaged", "cannot be drained completely", &remedy] {
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

/// No file of a spool is readable by others, regardless of the umask.
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
