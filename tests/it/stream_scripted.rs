//! Line mode against a broker that does what brokers must not, or may at the worst moment.

use std::io::Read;
use std::time::{Duration, Instant};

use i3::mqtt::packet::{AckKind, Packet, QoS, Reason};

use crate::support::line_mode::{TOPIC, lines, numbers, start};
use crate::support::scripted_broker::{Broker, delaying_proxy, text};

fn strings(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[test]
fn every_line_is_a_message_byte_for_byte() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        let connect = peer.answer_connect(0, false);
        assert!(connect.clean);
        let mut wire = Vec::new();
        peer.stream.read_to_end(&mut wire).unwrap();
        wire
    });
    let done = lines(broker.port, &[], &b"a\n\n\0\xff\nend"[..]);
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 4), "{done:?}");
    let mut expected = Vec::new();
    for payload in [&b"a"[..], b"", b"\0\xff", b"end"] {
        expected.extend([0x30, (2 + TOPIC.len() + payload.len()) as u8, 0, TOPIC.len() as u8]);
        expected.extend(TOPIC.as_bytes());
        expected.extend(payload);
    }
    expected.extend([0xE0, 0]);
    assert_eq!(broker.end(), expected);
}

#[test]
fn what_was_not_acknowledged_comes_again_in_order_on_a_fresh_session() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        let first: Vec<_> = (0..10).map(|_| peer.message().unwrap()).collect();
        assert!(first.iter().all(|p| !p.dup));
        // Out of order, and not the first, so that nothing else is sent.
        for at in [4, 2, 8] {
            peer.ack(AckKind::PubAck, first[at].id);
        }
        drop(peer);
        let mut peer = door.next();
        peer.answer_connect(0, false);
        let mut second = Vec::new();
        while let Some(publish) = peer.message() {
            assert_eq!(publish.dup, second.len() < 7);
            peer.ack(AckKind::PubAck, publish.id);
            second.push(text(&publish));
        }
        second
    });
    let done = lines(broker.port, &["-q", "1", "--window", "10"], numbers(12));
    assert_eq!(broker.end(), ["1", "2", "4", "6", "7", "8", "10", "11", "12"]);
    assert_eq!((done.code, done.count("acknowledged"), done.count("resent")), (Some(0), 12, 7), "{done:?}");
}

#[test]
fn packet_ids_that_wrapped_twice_lose_nothing() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        let (mut expected, mut held, mut out) = (1_u64, Vec::new(), vec![false; 65_536]);
        while let Some(publish) = peer.message() {
            assert_eq!(text(&publish), expected.to_string());
            assert!(!std::mem::replace(&mut out[usize::from(publish.id)], true), "id {} is still out", publish.id);
            expected += 1;
            held.push(publish.id);
            // By the thousand, the newest first.
            if held.len() == 1000 {
                let mut bytes = Vec::new();
                for id in held.drain(..).rev() {
                    out[usize::from(id)] = false;
                    bytes.extend([0x40, 2, (id >> 8) as u8, id as u8]);
                }
                peer.send_bytes(&bytes);
            }
        }
        expected - 1
    });
    let done = lines(broker.port, &["-q", "1"], numbers(140_000));
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 140_000), "{}", done.stderr);
    assert_eq!(broker.end(), 140_000);
}

#[test]
fn qos_2_arrives_once_where_the_session_is_kept() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        let connect = peer.answer_connect(0, false);
        assert!(!connect.clean, "the session is to be kept");
        let ids: Vec<_> = (0..3).map(|_| peer.message().unwrap().id).collect();
        peer.ack(AckKind::PubRec, ids[1]);
        assert!(matches!(peer.next(), Some(Packet::Ack { kind: AckKind::PubRel, id, .. }) if id == ids[1]));
        drop(peer);
        let mut peer = door.next();
        assert_eq!(peer.answer_connect(0, true).client_id, connect.client_id);
        let mut wire = Vec::new();
        for _ in 0..3 {
            match peer.next().unwrap() {
                Packet::Publish(p) => {
                    assert!(p.dup && p.qos == QoS::ExactlyOnce);
                    peer.ack(AckKind::PubRec, p.id);
                    wire.push(format!("PUBLISH {} {}", p.id, text(&p)));
                }
                Packet::Ack { kind: AckKind::PubRel, id, .. } => {
                    peer.ack(AckKind::PubComp, id);
                    wire.push(format!("PUBREL {id}"));
                }
                other => panic!("{other:?}"),
            }
        }
        while let Some(packet) = peer.next() {
            match packet {
                Packet::Ack { kind: AckKind::PubRel, id, .. } => peer.ack(AckKind::PubComp, id),
                Packet::Disconnect { .. } => break,
                other => panic!("{other:?}"),
            }
        }
        let mut last = door.next();
        let removes = last.answer_connect(0, true);
        assert!(removes.clean && removes.client_id == connect.client_id, "the session is removed");
        wire
    });
    let done = lines(broker.port, &["-q", "2"], numbers(3));
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 3), "{done:?}");
    assert_eq!(broker.end(), ["PUBLISH 1 1", "PUBREL 2", "PUBLISH 3 3"]);
}

#[test]
fn a_refusal_in_the_middle_is_tried_again_and_one_at_the_start_is_not() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        peer.message().unwrap();
        drop(peer);
        for _ in 0..2 {
            door.next().answer_connect(5, false);
        }
        let mut peer = door.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let done = lines(broker.port, &["-q", "1"], numbers(2));
    assert_eq!((done.code, broker.end()), (Some(0), strings(1..=2)), "{done:?}");

    let broker = Broker::start(|door| drop(door.next().answer_connect(5, false)));
    let done = lines(broker.port, &["-q", "1"], numbers(2));
    assert_eq!((done.code, done.count("read")), (Some(77), 0), "{done:?}");
    broker.end();

    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        peer.message().unwrap();
        drop(peer);
        door.next().answer_connect(5, false);
    });
    let done = lines(broker.port, &["-q", "1", "--retry-refused", "0s"], numbers(2));
    assert_eq!((done.code, done.count("acknowledged")), (Some(77), 0), "{done:?}");
    broker.end();
}

#[test]
fn a_broker_that_reads_slowly_holds_the_producer_back() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        let mut count = 0;
        while let Some(publish) = peer.message() {
            count += 1;
            if count % 100 == 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
            peer.ack(AckKind::PubAck, publish.id);
        }
        count
    });
    let line = [vec![b'x'; 10_000], vec![b'\n']].concat();
    let done = lines(broker.port, &["-q", "1"], line.repeat(3000));
    assert_eq!((done.code, done.count("acknowledged"), broker.end()), (Some(0), 3000, 3000), "{done:?}");
}

#[test]
fn a_half_open_connection_is_given_up() {
    // Accepts, and never answers the log-in.
    let broker = Broker::start(|door| door.next().stream.read_to_end(&mut Vec::new()).unwrap());
    let began = Instant::now();
    let done = lines(broker.port, &["--timeout", "300ms"], numbers(1));
    assert_eq!(done.code, Some(75), "{done:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
    broker.end();

    // Answers the log-in, and then nothing, until the second connection.
    let broker = Broker::start(|door| {
        let mut silent = door.next();
        silent.answer_connect(0, false);
        let mut peer = door.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let done = lines(broker.port, &["-q", "1", "--timeout", "300ms"], numbers(3));
    assert_eq!((done.code, broker.end()), (Some(0), strings(1..=3)), "{done:?}");
}

#[test]
fn a_deadline_ends_it_and_says_what_is_missing() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        let first = peer.message().unwrap();
        peer.ack(AckKind::PubAck, first.id);
        while peer.message().is_some() {}
    });
    let done = lines(broker.port, &["-q", "1", "--deadline", "500ms"], numbers(3));
    assert_eq!((done.code, done.count("acknowledged")), (Some(75), 1), "{done:?}");
    assert!(done.stderr.contains("2 of 3 lines are not acknowledged"), "{}", done.stderr);
    broker.end();
}

#[test]
#[cfg(unix)]
fn a_signal_drains_and_a_second_one_ends() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "-q", "1", "-v"]);
    run.write(b"1\n2\n3\nunfin");
    std::thread::sleep(Duration::from_millis(300));
    run.signal("TERM");
    let stdin = run.stdin.take();
    let done = run.end();
    drop(stdin);
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 3), "{done:?}");
    assert_eq!(broker.end(), strings(1..=3));

    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        while peer.message().is_some() {}
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "-q", "1"]);
    run.write(b"1\n2\n");
    std::thread::sleep(Duration::from_millis(300));
    run.signal("INT");
    std::thread::sleep(Duration::from_millis(100));
    run.signal("INT");
    let stdin = run.stdin.take();
    let done = run.end();
    drop(stdin);
    assert_eq!((done.code, done.count("read"), done.count("acknowledged")), (Some(75), 2, 0), "{done:?}");
    assert!(done.stderr.contains("2 of 2 lines"), "{}", done.stderr);
    broker.end();
}

#[test]
fn a_line_typed_now_leaves_now() {
    let broker = Broker::start(|door| {
        let mut peer = door.next();
        peer.answer_connect(0, false);
        let mut arrived = Vec::new();
        while peer.message().is_some() {
            arrived.push(Instant::now());
        }
        arrived
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none"]);
    run.write(b"warm\n");
    std::thread::sleep(Duration::from_millis(300));
    let mut written = Vec::new();
    for _ in 0..20 {
        written.push(Instant::now());
        run.write(b"678\n");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(run.end().code, Some(0));
    let arrived = broker.end();
    let mut delays: Vec<_> = arrived[1..].iter().zip(written).map(|(a, w)| a.saturating_duration_since(w)).collect();
    delays.sort();
    assert!(delays[10] < Duration::from_millis(10), "{delays:?}");
}

#[test]
fn throughput_grows_with_the_window_over_a_long_way() {
    let rate = |window: &str, count: u64| {
        let broker = Broker::start(|door| {
            let mut peer = door.next();
            peer.answer_connect(0, false);
            peer.serve().len() as u64
        });
        let proxy = delaying_proxy(broker.port, Duration::from_millis(25));
        let done = lines(proxy, &["-q", "1", "--window", window], numbers(count));
        assert_eq!((done.code, done.count("resent"), broker.end()), (Some(0), 0, count), "{done:?}");
        count as f64 / done.tally["seconds"].as_f64().unwrap()
    };
    let rates = [rate("10", 100), rate("100", 1000), rate("1000", 10_000), rate("65535", 200_000)];
    assert!(rates.windows(2).all(|pair| pair[1] > 2.0 * pair[0]), "{rates:?}");
}

#[test]
fn another_client_with_the_same_id_takes_the_connection_and_no_line() {
    let broker = Broker::start(|door| {
        let mut came = Vec::new();
        let mut peer = door.next();
        peer.answer_connect(0, false);
        for _ in 0..3 {
            came.push(text(&peer.message().unwrap()));
        }
        // MQTT 5 §3.14.2.1: session taken over.
        peer.send(Packet::Disconnect { reason: Reason(0x8E) });
        drop(peer);
        let mut peer = door.next();
        peer.answer_connect(0, false);
        came.extend(peer.serve());
        came
    });
    let done = lines(broker.port, &["-q", "1", "-V", "5", "--id", "same", "--window", "3"], numbers(5));
    assert_eq!((done.code, done.count("acknowledged"), done.count("resent")), (Some(0), 5, 3), "{done:?}");
    assert_eq!(broker.end(), ["1", "2", "3", "1", "2", "3", "4", "5"]);
    assert!(done.stderr.contains("taken over") || done.stderr.contains("0x8E"), "{}", done.stderr);
}
