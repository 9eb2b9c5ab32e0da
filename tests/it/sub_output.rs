//! A subscriber whose output is read late, or never, or by a process that ends.

use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use i3::mqtt::packet::{AckKind, Packet, Publish, QoS, Reason, Version};

use crate::program::{LONG, Run, TOPIC, TestEnv};
use crate::sub_scripted::{broker_of_one_message, deaf_broker, signal, sub, welcome};
use crate::support::scripted_broker::{Broker, Peer};

/// What a pipe holds on Linux.
const PIPE: usize = 64 * 1024;
/// Memory that a subscriber may have used, in KiB.
pub const MEMORY: u64 = 32 * 1024;

/// The most memory that a process has used so far, in KiB.
pub fn peak_memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

pub fn publish(payload: &[u8], qos: QoS, id: u16) -> BytesMut {
    let mut bytes = BytesMut::new();
    let payload = Bytes::copy_from_slice(payload);
    let publish = Publish { topic: TOPIC.into(), payload, qos, retain: false, dup: false, id };
    Packet::Publish(publish).write(&mut bytes, Version::V311).unwrap();
    bytes
}

/// Starts it with pipes that nobody reads.
pub fn spawn(mut run: Run) -> Child {
    run.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    run.command.spawn().unwrap()
}

fn said(child: &mut Child) -> String {
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    said
}

/// Writes as much as the client reads, on a separate thread.
fn write_all(peer: &Peer, bytes: Vec<u8>) -> std::thread::JoinHandle<()> {
    let mut stream = peer.stream.try_clone().unwrap();
    std::thread::spawn(move || drop(stream.write_all(&bytes)))
}

#[test]
fn a_reader_that_stalls_holds_back_the_broker_and_nothing_else() {
    const COUNT: u16 = 400;
    let (sender, stalled) = channel();
    // Made before it is needed: that may take longer than a broker may be silent.
    let messages: Vec<u8> = (1..=COUNT).flat_map(|id| publish(&[b'x'; PIPE], QoS::AtLeastOnce, id)).collect();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        let writing = write_all(&peer, messages);
        // It is alive for longer than a broker may be silent, although no answer to its pings can be read.
        let mut acknowledged = 0;
        let mut pings = 0;
        while pings < 3 {
            match peer.next() {
                Some(Packet::Ack { kind: AckKind::PubAck, .. }) => acknowledged += 1,
                Some(Packet::PingReq) => pings += 1,
                other => panic!("{other:?}"),
            }
        }
        sender.send(acknowledged).unwrap();
        let mut expected = acknowledged + 1;
        while expected <= COUNT {
            match peer.next() {
                Some(Packet::Ack { kind: AckKind::PubAck, id, .. }) => {
                    assert_eq!(id, expected);
                    expected += 1;
                }
                Some(Packet::PingReq) => {}
                other => panic!("{other:?} after {expected}"),
            }
        }
        writing.join().unwrap();
        peer.next()
    });
    let env = TestEnv::new();
    let count = COUNT.to_string();
    let mut child = spawn(sub(&env, broker.port, &["-q", "1", "-k", "1", "-C", &count]));
    let acknowledged = stalled.recv().unwrap();
    assert!(acknowledged <= 1, "{acknowledged} messages were acknowledged that nobody has read");
    let memory = peak_memory(child.id());
    assert!(memory <= MEMORY, "{memory} KiB");
    let mut read = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut read).unwrap();
    assert_eq!(read.len(), usize::from(COUNT) * (PIPE + 1));
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", said(&mut child));
    assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
}

#[test]
fn time_and_signals_end_it_although_the_reader_stalls() {
    for by_signal in [false, true] {
        let (sender, stalled) = channel();
        let broker = Broker::start(move |client| {
            let mut peer = client.next();
            welcome(&mut peer, false);
            let messages: Vec<u8> = (1..=3).flat_map(|id| publish(&[b'x'; PIPE], QoS::AtLeastOnce, id)).collect();
            peer.send_bytes(&messages);
            // A ping comes after all of it was read.
            while !matches!(peer.next(), Some(Packet::PingReq)) {}
            sender.send(()).unwrap();
            let mut acknowledged = 0;
            while let Some(packet) = peer.next() {
                acknowledged += u32::from(matches!(packet, Packet::Ack { .. }));
            }
            acknowledged
        });
        let env = TestEnv::new();
        let time: &[&str] = if by_signal { &[] } else { &["-W", "2s"] };
        let mut child = spawn(sub(&env, broker.port, &[&["-q", "1", "-k", "1"], time].concat()));
        stalled.recv().unwrap();
        if by_signal {
            signal(child.id(), "INT");
        }
        assert_eq!(child.wait().unwrap().code(), Some(75));
        let said = said(&mut child);
        assert!(said.contains("error[reader-stalls]") && said.contains("could not be written"), "{said}");
        assert!(broker.end() <= 1, "what nobody has read is not acknowledged");
    }
}

#[test]
fn three_signals_end_it_whatever_hangs() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        while peer.next().is_some() {}
    });
    let env = TestEnv::new();
    // Stderr is full before it starts, so that it cannot even print an error.
    let (_reader, mut full) = std::io::pipe().unwrap();
    full.write_all(&[b'x'; PIPE]).unwrap();
    let mut run = sub(&env, broker.port, &["-W", "1s", "-C", "1"]);
    let mut child = run.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(full).spawn().unwrap();
    broker.end();
    // The connection is closed, and the process hangs with its last words.
    let mut signals = 0;
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        signals += 1;
        assert!(signals < 1000, "it does not end");
        signal(child.id(), "INT");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(code, Some(75));
}

#[test]
fn a_reader_that_has_gone_ends_it_on_a_quiet_topic() {
    let broker = broker_of_one_message();
    let env = TestEnv::new();
    let mut child = spawn(sub(&env, broker.port, &["-q", "1"]));
    let mut line = String::new();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut line).unwrap();
    assert_eq!(line, "one\n");
    drop(out);
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", said(&mut child));
    assert!(matches!(broker.end(), Some(Packet::Disconnect { .. })));
}

#[test]
fn a_reader_that_goes_before_the_subscription_is_no_success() {
    let (broker, subscribing) = deaf_broker();
    let env = TestEnv::new();
    let mut child = spawn(sub(&env, broker.port, &["--timeout", LONG]));
    subscribing.recv().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(75));
    assert!(said(&mut child).contains("the reader of the output closed it before the subscription was granted"));
    broker.end();
    // What prints nothing needs no reader.
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let Some(Packet::Subscribe { id, .. }) = peer.next() else { panic!("no SUBSCRIBE") };
        peer.send(Packet::SubAck { id, codes: vec![Reason(0)] });
        peer.next()
    });
    let mut child = spawn(sub(&env, broker.port, &["-E"]));
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", said(&mut child));
    broker.end();
}
