//! What a broker announces that it does not take is not sent to it.

use super::{Answer, OTHER, Place, broker, publish};
use crate::support::folder::Folder;
use crate::support::line_mode::start;
use crate::support::scripted_broker::{Broker, Clients};

/// A line of `--jsonl`.
fn message(payload: &str, qos: u8, retain: bool) -> String {
    serde_json::json!({"topic": OTHER, "payload": payload, "qos": qos, "retain": retain}).to_string() + "\n"
}

#[test]
fn what_another_connection_announces_that_it_does_not_take_is_not_sent_again() {
    // Maximum QoS 1; no retained messages; packets of 60 bytes at most (MQTT 5 §3.2.2.3).
    const LIMITS: [(&[u8], &str); 3] = [
        (&[0x24, 1], "accepts at most QoS 1"),
        (&[0x25, 0], "retains no messages"),
        (&[0x27, 0, 0, 0, 60], "accepts at most 60"),
    ];
    let long = "x".repeat(40);
    for (at, (properties, says)) in LIMITS.into_iter().enumerate() {
        let poisoned = [message("2", 2, false), message("2", 1, true), message(&long, 1, false)];
        let input = message("1", 1, false) + &poisoned[at] + &message("3", 1, false);
        for spooled in [true, false] {
            let broker = Broker::start(move |client: Clients| {
                let mut peer = client.next();
                peer.accept_with(&[]);
                for _ in 0..3 {
                    peer.message().unwrap();
                }
                // Nothing is acknowledged; another broker of the cluster has limits.
                drop(peer);
                let mut came = Vec::new();
                loop {
                    let mut peer = client.next();
                    peer.accept_with(properties);
                    let more = peer.serve();
                    let is_last = !more.is_empty();
                    came.extend(more);
                    if is_last {
                        return came;
                    }
                }
            });
            let place = Place(Folder::new());
            let spool = place.spool();
            let args: &[&str] = if spooled { &["--spool", &spool] } else { &[] };
            let base = ["--jsonl", "-V", "5", "--confirm", "none", "--timeout", "20s"];
            let mut run = start(broker.port, &[&base, args].concat());
            run.feed(input.clone().into());
            let done = run.end();
            assert_eq!((done.code, done.count("refused"), done.count("acknowledged")), (Some(65), 1, 2), "{done:?}");
            assert!(done.stderr.contains(says), "{}", done.stderr);
            let named = if spooled { "record 2 of the spool" } else { "line 2" };
            assert!(done.stderr.contains(named), "{}", done.stderr);
            assert_eq!(broker.end(), ["1", "3"], "{says}");
        }
    }
}

#[test]
fn what_the_broker_said_that_it_does_not_take_is_not_sent() {
    // Maximum QoS 1, no retained messages, packets of 60 bytes at most (MQTT 5 §3.2.2.3).
    const LIMITS: &[u8] = &[0x24, 1, 0x25, 0, 0x27, 0, 0, 0, 60];
    let (port, came) = broker(LIMITS, |_, _| Answer::Take);
    let long = "x".repeat(40);
    let lines = [message("1", 1, false), message("2", 2, false), message("3", 1, true), message(&long, 1, false)];
    let input = lines.concat() + &message("5", 0, false);
    for spooled in [false, true] {
        let place = Place(Folder::new());
        let spool = place.spool();
        let args: &[&str] = if spooled { &["--spool", &spool] } else { &[] };
        let done = publish(port, &[&["--jsonl", "-V", "5", "--confirm", "none"], args].concat(), input.clone());
        assert_eq!((done.code, done.count("rejected"), done.count("acknowledged")), (Some(65), 3, 2), "{done:?}");
        for told in ["accepts at most QoS 1", "retains no messages", "accepts at most 60"] {
            assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
        }
    }
    assert_eq!(came.lock().unwrap().delivered, ["1", "5", "1", "5"]);
}
