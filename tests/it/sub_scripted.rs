//! A subscriber on a scripted broker: connections that end, duplicates, acknowledgements, silence.

use std::io::{BufRead as _, BufReader};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use i3::mqtt::packet::{AckKind, Packet, Publish, QoS, Reason};

use crate::program::{LOT1, Run, TOPIC, TestEnv};
use crate::support::scripted_broker::{Broker, Peer};

pub fn sub(env: &TestEnv, port: u16, options: &[&str]) -> Run {
    let mut run = env.i3("sub").env("I3_PASSWORD", "any");
    run.command.args(["-u", LOT1, "-t", TOPIC, "-p", &port.to_string()]).args(options);
    run
}

/// Logs the client in and takes its subscription: the filters.
pub fn welcome(peer: &mut Peer, session_present: bool) -> Vec<String> {
    peer.answer_connect(0, session_present);
    let Some(Packet::Subscribe { id, filters }) = peer.next() else { panic!("no SUBSCRIBE") };
    peer.send(Packet::SubAck { id, codes: filters.iter().map(|f| Reason(f.qos as u8)).collect() });
    filters.into_iter().map(|f| f.filter).collect()
}

pub fn message(peer: &mut Peer, payload: &'static str, qos: QoS, id: u16, dup: bool) {
    let payload = bytes::Bytes::from_static(payload.as_bytes());
    peer.send(Packet::Publish(Publish { topic: TOPIC.into(), payload, qos, retain: false, dup, id }));
}

pub fn acknowledged(peer: &mut Peer, kind: AckKind, id: u16) {
    assert_eq!(peer.next(), Some(Packet::Ack { kind, id, reason: Reason::SUCCESS }));
}

/// A broker that does not answer the subscription, and a receiver that learns when one has arrived.
pub fn deaf_broker() -> (Broker<()>, Receiver<()>) {
    let (sender, subscribing) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        assert!(matches!(peer.next(), Some(Packet::Subscribe { .. })));
        sender.send(()).unwrap();
        while peer.next().is_some() {}
    });
    (broker, subscribing)
}

/// A broker that sends one message; returns the packets after its acknowledgement.
pub fn broker_of_one_message() -> Broker<Option<Packet>> {
    Broker::start(|client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        message(&mut peer, "one", QoS::AtLeastOnce, 1, false);
        acknowledged(&mut peer, AckKind::PubAck, 1);
        peer.next()
    })
}

#[test]
fn it_comes_back_and_subscribes_again() {
    let broker = Broker::start(|client| {
        let mut first = client.next();
        assert_eq!(welcome(&mut first, false), [TOPIC]);
        message(&mut first, "one", QoS::AtMostOnce, 0, false);
        drop(first);
        // A log-in that is refused after one that was not: the broker's database may be down.
        let mut second = client.next();
        second.answer_connect(5, false);
        drop(second);
        let mut third = client.next();
        assert_eq!(welcome(&mut third, false), [TOPIC]);
        message(&mut third, "two", QoS::AtMostOnce, 0, false);
        third.next()
    });
    let env = TestEnv::new();
    let outcome = sub(&env, broker.port, &["-C", "2"]).succeeds("one\ntwo\n");
    outcome.says(&[
        "The broker closed the connection; trying again",
        "refused the log-in",
        "Logged in and subscribed again",
    ]);
    assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
}

#[test]
fn a_subscription_that_is_not_answered_after_a_reconnect_is_tried_again() {
    let broker = Broker::start(|client| {
        let mut first = client.next();
        welcome(&mut first, false);
        message(&mut first, "one", QoS::AtMostOnce, 0, false);
        drop(first);
        let mut second = client.next();
        second.answer_connect(0, false);
        assert!(matches!(second.next(), Some(Packet::Subscribe { .. })));
        let mut third = client.next();
        welcome(&mut third, false);
        message(&mut third, "two", QoS::AtMostOnce, 0, false);
        third.next()
    });
    let env = TestEnv::new();
    sub(&env, broker.port, &["-C", "2", "--timeout", "2s"]).succeeds("one\ntwo\n");
    assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
}

#[test]
fn retained_messages_alone_are_asked_for_again_although_the_session_was_kept() {
    let broker = Broker::start(|client| {
        let mut first = client.next();
        welcome(&mut first, false);
        drop(first);
        let mut second = client.next();
        assert_eq!(welcome(&mut second, true), [TOPIC]);
        assert_eq!(second.next(), Some(Packet::PingReq));
        second.send(Packet::PingResp);
        second.next()
    });
    let env = TestEnv::new();
    sub(&env, broker.port, &["--retained-only", "-c", "-q", "1", "--id", "kept"]).succeeds("");
    assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
}

#[test]
fn the_first_log_in_and_subscription_are_not_tried_again() {
    let broker = Broker::start(|client| {
        client.next().answer_connect(5, false);
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let Some(Packet::Subscribe { id, .. }) = peer.next() else { panic!("no SUBSCRIBE") };
        peer.send(Packet::SubAck { id, codes: vec![Reason::SUBACK_FAILURE] });
        let mut peer = client.next();
        peer.answer_connect(0, false);
        drop(peer);
        let mut silent = client.next();
        silent.answer_connect(0, false);
        while silent.next().is_some() {}
    });
    let env = TestEnv::new();
    sub(&env, broker.port, &[]).fails(77, &["refused the log-in"]);
    sub(&env, broker.port, &[]).fails(77, &["refused the subscription to", TOPIC]);
    sub(&env, broker.port, &[]).fails(75, &["before the subscription was answered"]);
    sub(&env, broker.port, &["--timeout", "1s"]).fails(75, &["did not answer the subscription"]);
    broker.end();
}

#[test]
fn a_message_at_qos_2_is_printed_once_however_often_it_comes() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        for dup in [false, true] {
            message(&mut peer, "one", QoS::ExactlyOnce, 7, dup);
            acknowledged(&mut peer, AckKind::PubRec, 7);
        }
        drop(peer);
        // The session was kept: the id still means the same message, and there is nothing to subscribe to.
        let mut peer = client.next();
        peer.answer_connect(0, true);
        message(&mut peer, "one", QoS::ExactlyOnce, 7, true);
        acknowledged(&mut peer, AckKind::PubRec, 7);
        peer.ack(AckKind::PubRel, 7);
        acknowledged(&mut peer, AckKind::PubComp, 7);
        // Released: another message may have the id.
        message(&mut peer, "two", QoS::ExactlyOnce, 7, false);
        acknowledged(&mut peer, AckKind::PubRec, 7);
        drop(peer);
        // The broker has lost the session, so ids begin anew.
        let mut peer = client.next();
        assert_eq!(welcome(&mut peer, false), [TOPIC]);
        message(&mut peer, "three", QoS::ExactlyOnce, 7, false);
        acknowledged(&mut peer, AckKind::PubRec, 7);
        message(&mut peer, "four", QoS::AtLeastOnce, 8, false);
        acknowledged(&mut peer, AckKind::PubAck, 8);
        peer.next()
    });
    let env = TestEnv::new();
    sub(&env, broker.port, &["-q", "2", "-i", "buyer", "-c", "-C", "4"]).succeeds("one\ntwo\nthree\nfour\n");
    assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
}

#[test]
fn what_was_not_printed_is_not_acknowledged() {
    let (sender, reader_is_gone) = std::sync::mpsc::channel();
    let (note, is_acknowledged) = std::sync::mpsc::channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        message(&mut peer, "one", QoS::AtLeastOnce, 1, false);
        let first = peer.next();
        note.send(()).unwrap();
        reader_is_gone.recv().unwrap();
        for id in 2..200 {
            message(&mut peer, "more", QoS::AtLeastOnce, id, false);
            if peer.next().is_none() {
                return (first, id);
            }
        }
        panic!("it continues without a reader");
    });
    let env = TestEnv::new();
    let mut run = sub(&env, broker.port, &["-q", "1"]).command;
    // Not a pipe: a process that another test starts at this moment would hold its end for an instant.
    let (reader, stdout) = UnixStream::pair().unwrap();
    let mut child = run.stdin(Stdio::null()).stdout(OwnedFd::from(stdout)).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(&reader).read_line(&mut line).unwrap();
    assert_eq!(line, "one\n");
    is_acknowledged.recv().unwrap();
    reader.shutdown(Shutdown::Both).unwrap();
    sender.send(()).unwrap();
    let (first, unacknowledged) = broker.end();
    assert_eq!(first, Some(Packet::Ack { kind: AckKind::PubAck, id: 1, reason: Reason::SUCCESS }));
    assert!(unacknowledged <= 3, "{unacknowledged} messages were acknowledged for nobody");
    // A pipe that nobody reads is a normal end.
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

pub fn signal(id: u32, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &id.to_string()]).status().unwrap().success());
}

#[test]
fn a_signal_is_a_clean_end() {
    for (name, count, code) in [("INT", None, 0), ("TERM", None, 0), ("TERM", Some("2"), 75)] {
        let broker = broker_of_one_message();
        let env = TestEnv::new();
        let options = [&["-q", "1"][..], &count.map_or(vec![], |count| vec!["-C", count])].concat();
        let mut run = sub(&env, broker.port, &options).command;
        let mut child = run.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
        std::io::BufRead::read_line(&mut out, &mut line).unwrap();
        signal(child.id(), name);
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(code), "{name} {count:?}: {}", String::from_utf8_lossy(&ended.stderr));
        assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
    }
}

#[test]
fn formats_and_topics_that_cannot_be_are_refused_before_anything_is_sent() {
    let env = TestEnv::with_lot1();
    let fails = |args: &[&str], code, says: &[&str]| {
        env.i3_with("sub --device lot1", args).fails(code, says);
    };
    fails(&["-t", TOPIC, "-F", "%y"], 2, &["the format cannot be used", "'%y' means nothing"]);
    fails(&["-t", TOPIC, "-F", "100%"], 2, &["ends within a sequence", "write %%"]);
    fails(&["-t", "alice/parking/#"], 65, &["wildcard", "name each topic with -t"]);
    fails(&["-t", "occupancy"], 65, &["incomplete topic", "use -t alice/parking/occupancy"]);
    fails(&["-t", TOPIC, "-C", "0"], 2, &["--count"]);
    fails(&["-t", TOPIC, "--plot", ".a["], 2, &["'.a[' does not name a field"]);
    fails(&["-t", TOPIC, "--plot"], 2, &["stdout is not a terminal", "--plot-png FILE"]);
    fails(&[], 2, &["no topic is given"]);
}
