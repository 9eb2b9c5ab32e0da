//! A subscriber on brokers that send without limit: memory is bounded, and the reason is printed why a connection ends.

use std::io::Write as _;
use std::sync::mpsc::channel;
use std::time::Duration;

use i3::mqtt::packet::{AckKind, Packet, QoS};

use crate::program::{LONG, TestEnv};
use crate::sub_output::{MEMORY, peak_memory, publish, spawn};
use crate::sub_scripted::{acknowledged, message, sub, welcome};
use crate::support::scripted_broker::{Broker, Peer};

/// Acknowledgements of one kind, for ids from 1 on, some 256 KiB.
fn acknowledgements(head: u8) -> Vec<u8> {
    (1..=u16::MAX).flat_map(|id| [head, 2, (id >> 8) as u8, id as u8]).collect()
}

/// Sends the same again and again, and reads nothing, until the client ends the connection.
fn flood(peer: &mut Peer, bytes: &[u8]) {
    while peer.stream.write_all(bytes).is_ok() {}
}

/// The first connection is a flood; the client says why it ends, comes back, and takes a message.
fn survives(bytes: Vec<u8>, says: &str) {
    let (go, measured) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        flood(&mut peer, &bytes);
        let mut peer = client.next();
        welcome(&mut peer, false);
        measured.recv().unwrap();
        message(&mut peer, "one", QoS::AtMostOnce, 0, false);
        peer.next()
    });
    let env = TestEnv::new();
    let running = sub(&env, broker.port, &["-q", "2", "-k", "2", "-C", "1"]).start().says(says);
    let memory = peak_memory(running.id());
    go.send(()).unwrap();
    assert!(memory <= MEMORY, "{memory} KiB");
    running.finish().succeeded_with("one\n");
    assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
}

#[test]
fn a_broker_that_reads_no_answers_is_left() {
    survives(acknowledgements(AckKind::PubRel.head()), "The broker has not read the data sent to it for");
}

#[test]
fn packets_that_answer_nothing_end_the_connection() {
    survives(acknowledgements(AckKind::PubRec.head()), "The broker violated the protocol: more than 1000 packets");
}

#[test]
fn ids_that_are_never_released_end_the_connection_before_a_message_is_taken_for_another() {
    let mut messages: Vec<u8> = (1..=u16::MAX).flat_map(|id| publish(b"", QoS::ExactlyOnce, id)).collect();
    messages.extend(publish(b"", QoS::ExactlyOnce, 1));
    let (go, measured) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        let mut stream = peer.stream.try_clone().unwrap();
        let writing = std::thread::spawn(move || drop(stream.write_all(&messages)));
        while peer.next().is_some() {}
        writing.join().unwrap();
        let mut peer = client.next();
        welcome(&mut peer, false);
        measured.recv().unwrap();
        message(&mut peer, "one", QoS::ExactlyOnce, 1, false);
        peer.next()
    });
    let env = TestEnv::new();
    let running = sub(&env, broker.port, &["-q", "2", "-C", "65536"]).start().says("packet id 1 for a new message");
    let memory = peak_memory(running.id());
    go.send(()).unwrap();
    assert!(memory <= MEMORY, "{memory} KiB");
    running.finish().succeeded_with("one\n");
    assert_eq!(
        broker.end(),
        Some(Packet::Ack { kind: AckKind::PubRec, id: 1, reason: i3::mqtt::packet::Reason::SUCCESS })
    );
}

#[test]
fn empty_messages_that_cannot_be_acknowledged_do_not_pile_up() {
    let (sender, held_back) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        // What is printed fills the pipe; what follows prints nothing.
        peer.send_bytes(&publish(&[b'x'; 200_000], QoS::AtLeastOnce, 1));
        let empty: Vec<u8> = (1..=u16::MAX).flat_map(|id| publish(b"", QoS::AtLeastOnce, id)).collect();
        peer.stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
        flood(&mut peer, &empty);
        sender.send(()).unwrap();
        while peer.next().is_some() {}
    });
    let env = TestEnv::new();
    let mut child = spawn(sub(&env, broker.port, &["-q", "1"]));
    held_back.recv().unwrap();
    let memory = peak_memory(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(memory <= MEMORY, "{memory} KiB");
    broker.end();
}

#[test]
fn a_message_over_the_limit_is_left_out_acknowledged_and_told() {
    let long: &[(usize, &[&str])] =
        &[(2000, &["--max-message", "1000"]), (300_000, &["--max-message", "1K"]), (300_000, &["-F", "%p"])];
    for (length, options) in long {
        let length = *length;
        let broker = Broker::start(move |client| {
            let mut peer = client.next();
            welcome(&mut peer, false);
            message(&mut peer, "one", QoS::AtLeastOnce, 1, false);
            peer.send_bytes(&publish(&vec![b'x'; length], QoS::AtLeastOnce, 2));
            peer.send_bytes(&publish(&vec![b'x'; length + 1], QoS::ExactlyOnce, 3));
            message(&mut peer, "two", QoS::AtLeastOnce, 4, false);
            for (kind, id) in [(AckKind::PubAck, 1), (AckKind::PubAck, 2), (AckKind::PubRec, 3), (AckKind::PubAck, 4)] {
                acknowledged(&mut peer, kind, id);
            }
            peer.next()
        });
        let env = TestEnv::new();
        let outcome = sub(&env, broker.port, &[&["-q", "2", "-C", "2"], *options].concat()).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (65, "one\ntwo\n"), "{outcome}");
        let warning = format!("a message of {length} bytes to alice/parking/occupancy is left out");
        let longest = format!("the longest, to alice/parking/occupancy, had {} bytes", length + 1);
        outcome.says(&[&warning, "error[message-too-long]: 2 messages were longer than", &longest]);
        assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
    }
}

#[test]
fn a_long_message_costs_its_length_once() {
    const LENGTH: usize = 48 << 20;
    let (sender, printed) = channel();
    let (go, measured) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        peer.send_bytes(&publish(&vec![b'x'; LENGTH], QoS::AtLeastOnce, 1));
        acknowledged(&mut peer, AckKind::PubAck, 1);
        sender.send(()).unwrap();
        measured.recv().unwrap();
        message(&mut peer, "two", QoS::AtLeastOnce, 2, false);
        while peer.next().is_some() {}
    });
    let env = TestEnv::new();
    let mut run = sub(&env, broker.port, &["-q", "1", "-C", "2", "--timeout", LONG]);
    let file = std::fs::File::create(env.path("out")).unwrap();
    let mut child = run.command.stdin(std::process::Stdio::null()).stdout(file).spawn().unwrap();
    printed.recv().unwrap();
    let memory = peak_memory(child.id());
    go.send(()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(std::fs::metadata(env.path("out")).unwrap().len() as usize, LENGTH + 1 + "two\n".len());
    assert!(memory <= MEMORY + (LENGTH >> 10) as u64, "{memory} KiB");
    broker.end();
}
