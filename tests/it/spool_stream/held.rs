//! Records that cannot be sent: they are held, and hold up no others.

use std::time::Duration;

use i3::mqtt::packet::{AckKind, Packet};
use i3::spool::{Commit, Spool};

use super::{FOREIGN, Place, range, spool_lines, strings};
use crate::support::line_mode::{TOPIC, start};
use crate::support::recording_broker::Recorder;
use crate::support::scripted_broker::{Broker, text};

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

    // Later runs skip it, and the lines behind it are not sent twice; a drain tries it again.
    let done = place.lines(broker.port, &[], range(5, 6));
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 2), "{done:?}");
    assert!(done.stderr.contains("record 2 of the spool is held: it could not be published"), "{}", done.stderr);
    assert_eq!((place.drain(broker.port).code, place.left()), (Some(65), 1));
    assert_eq!((broker.messages(), place.left()), (strings(1..=6), 1));
    let (code, shown, _) = spool_command(&place, &["status"]);
    assert!(code == Some(0) && shown.contains("held       1 line, from record 2 on"), "{shown}");
    let (code, shown, _) = spool_command(&place, &["export", "--record", "2"]);
    assert_eq!((code, shown.lines().count(), shown.contains("\"bad\"")), (Some(0), 1, true), "{shown}");
    assert_eq!(spool_command(&place, &["export", "--record", "3"]).0, Some(66));
    assert_eq!(spool_command(&place, &["purge", "--record", "3", "--yes"]).0, Some(66));

    // It is set aside where there is a place for it, if a line can say all of it.
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
fn what_can_never_be_sent_and_fills_the_spool_ends_the_run() {
    let place = Place::new();
    let broker = Recorder::start();
    spool_lines(&place, &[(FOREIGN, &"x".repeat(500))], Duration::ZERO);
    let done = place.lines(broker.port, &["--spool-max", "520"], range(1, 3));
    assert_eq!(done.code, Some(73), "{done:?}");
    for told in ["were not stored in the spool", "the spool is full: it holds 5", "record 1 of the spool"] {
        assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
    }
    assert_eq!(place.left(), 1);
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
