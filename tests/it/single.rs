//! A single message: slow links, deadlines, refusals of every kind, and invalid messages.

use std::time::{Duration, Instant};

use i3::mqtt::packet::{AckKind, Packet, Publish, QoS, Reason};

use crate::stream_mosquitto::Mosquitto;
use crate::support::folder::Folder;
use crate::support::line_mode::{Done, Run, TOPIC, start};
use crate::support::link::slow_link;
use crate::support::scripted_broker::{Broker, Clients, Peer, text};

/// Nobody listens there.
const NOBODY: u16 = 1;

fn publish(port: u16, args: &[&str]) -> Run {
    let mut all = vec!["-t", TOPIC];
    all.extend(args);
    start(port, &all)
}

impl Done {
    /// Checks exit code and entry, and that the message says all this.
    fn fails(&self, code: i32, id: &str, says: &[&str]) {
        let error: serde_json::Value = serde_json::from_str(self.stderr.lines().last().unwrap_or_default()).unwrap();
        assert_eq!((self.code, error["error"]["id"].as_str()), (Some(code), Some(id)), "{self:?}");
        for part in says {
            assert!(self.stderr.contains(part), "{part}: {self:?}");
        }
    }
}

/// Acts as a broker on one connection, echoes included, until it ends. Returns the messages.
fn broker(peer: &mut Peer) -> Vec<Publish> {
    let mut messages = Vec::new();
    while let Some(packet) = peer.next() {
        match packet {
            Packet::Subscribe { id, .. } => peer.send(Packet::SubAck { id, codes: vec![Reason(0)] }),
            Packet::Publish(publish) => {
                if publish.qos == QoS::AtLeastOnce {
                    peer.ack(AckKind::PubAck, publish.id);
                }
                let echo = Publish { qos: QoS::AtMostOnce, id: 0, retain: false, ..publish.clone() };
                messages.push(publish);
                peer.send(Packet::Publish(echo));
            }
            Packet::PingReq => peer.send(Packet::PingResp),
            Packet::Disconnect { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    messages
}

/// Accepts `count` connections, and answers each CONNECT.
fn each(client: &Clients, count: usize, mut then: impl FnMut(usize, Peer)) {
    for number in 0..count {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        then(number, peer);
    }
}

#[test]
fn on_a_slow_link_the_timeout_counts_from_the_last_progress() {
    // 1.5 s on the way out, and as much on the way back.
    let (payload, timeout) = (vec![b'x'; 45_000], "600ms");
    let folder = Folder::new();
    let file = folder.join("payload");
    std::fs::write(&file, &payload).unwrap();
    let from_file = ["-f", file.to_str().unwrap(), "-q", "1", "--confirm", "none"];
    let runs: Vec<_> = [
        &["-s", "-q", "0"][..],
        &["-s", "-q", "1"],
        &from_file,
        &["-s", "--confirm", "none"],
        // The broker has no reason to send anything before it has everything.
        &["-s", "-q", "1", "--confirm", "none", "-k", "1"],
        &["-s", "-q", "1", "-V", "5"],
    ]
    .into_iter()
    .map(|args| {
        let broker = Broker::start(|client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            broker(&mut peer)
        });
        // Several keep-alive times, or many timeouts.
        let rate = if args.contains(&"-k") { 12_000 } else { 30_000 };
        let mut run = publish(slow_link(broker.port, rate), &[args, &["--timeout", timeout]].concat());
        if args[0] == "-s" {
            run.feed(payload.clone());
        }
        (args, broker, run)
    })
    .collect();
    for (args, broker, run) in runs {
        let done = run.end();
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{args:?}: {done:?}");
        assert_eq!(done.count("sent"), 1);
        let took = done.count("milliseconds");
        assert!(took > 1200, "{args:?}: the link is not slow: {took} ms");
        let messages = broker.end();
        assert!(messages.len() == 1 && messages[0].payload == payload, "{args:?}");
    }
}

#[test]
fn what_the_broker_has_taken_is_not_refused_by_the_end_of_the_connection() {
    // PUBREC (MQTT 3.1.1 §4.3.3), and the answer to a ping behind the message.
    for qos in ["2", "0"] {
        let broker = Broker::start(move |client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            let id = peer.published().unwrap().id;
            if qos == "2" {
                peer.ack(AckKind::PubRec, id);
                assert!(matches!(peer.next(), Some(Packet::Ack { kind: AckKind::PubRel, .. })));
            } else {
                assert_eq!(peer.next(), Some(Packet::PingReq));
                peer.send(Packet::PingResp);
            }
        });
        let done = publish(broker.port, &["-m", "678", "-q", qos]).end();
        done.fails(75, "connection-ended", &["the connection ended before the message"]);
        broker.end();
    }
}

#[test]
fn what_does_not_move_at_all_is_a_timeout_and_no_refusal() {
    // More than the systems on both sides hold, and less.
    for (length, id, says) in
        [(40_000_000, "no-answer", "nothing has moved for 300ms"), (10, "no-answer", "did not answer")]
    {
        let broker = Broker::start(|client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            let Some(Packet::Subscribe { id, .. }) = peer.next() else { panic!("no SUBSCRIBE") };
            peer.send(Packet::SubAck { id, codes: vec![Reason(0)] });
            peer
        });
        let mut run = publish(broker.port, &["-s", "--timeout", "300ms"]);
        run.feed(vec![b'x'; length]);
        run.end().fails(75, id, &[says]);
        broker.end();
    }
}

#[test]
fn a_deadline_ends_a_message_and_says_how_far_it_came() {
    let deadline = |port, args: &[&str], input: Vec<u8>| {
        let began = Instant::now();
        let mut run = publish(port, &[&["-s", "--deadline", "700ms"], args].concat());
        run.feed(input);
        let done = run.end();
        assert!(began.elapsed() < Duration::from_secs(5), "{done:?}");
        done
    };
    // On the way: more than the systems hold.
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        peer
    });
    let done = deadline(slow_link(broker.port, 100_000), &["-q", "1"], vec![b'x'; 12_000_000]);
    done.fails(75, "no-answer", &["the deadline has passed", "sent in part", "of 120000"]);
    broker.end();
    // Sent exactly once, regardless of --retry.
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        (peer.published().is_some(), peer.published().is_some())
    });
    let done = deadline(broker.port, &["-q", "1", "--confirm", "none", "--retry", "9"], b"x".to_vec());
    done.fails(75, "no-answer", &["sent and not acknowledged, so it may arrive", "may have arrived"]);
    assert_eq!(broker.end(), (true, false));
    // Acknowledged.
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let id = peer.published().unwrap().id;
        peer.ack(AckKind::PubAck, id);
        peer.published()
    });
    deadline(broker.port, &["-q", "1"], b"x".to_vec()).fails(75, "no-answer", &["acknowledged and had not come back"]);
    broker.end();
    // Not sent: nobody is there, or the log-in takes too long.
    deadline(NOBODY, &["--retry", "99"], b"x".to_vec()).fails(75, "no-answer", &["had not been sent"]);
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        while peer.next().is_some() {}
    });
    deadline(broker.port, &[], b"x".to_vec()).fails(75, "no-answer", &["had not been sent"]);
    broker.end();
    // Nothing to send yet.
    let mut run = publish(NOBODY, &["-s", "--deadline", "300ms"]);
    let input = run.stdin.take();
    run.end().fails(75, "no-answer", &["the deadline has passed", "stdin has not ended"]);
    drop(input);
}

#[test]
fn a_connection_that_is_closed_at_the_message_is_lost_or_a_refusal() {
    for qos in ["0", "1", "2"] {
        // Closes each connection on which a message comes, and answers pings on others.
        let closing = |connections| {
            Broker::start(move |client| {
                let mut messages = 0;
                each(&client, connections, |_, mut peer| messages += usize::from(peer.published().is_some()));
                messages
            })
        };
        let broker = closing(1);
        let done = publish(broker.port, &["-m", "678", "-q", qos]).end();
        let says = ["the connection was lost, or the broker refuses the message", "--retry 1 or more"];
        done.fails(75, "closed-at-message", &says);
        assert_eq!(broker.end(), 1);
        let broker = closing(3);
        let done = publish(broker.port, &["-m", "678", "-q", qos, "--retry", "9"]).end();
        done.fails(77, "closed-at-message", &["refuses the message to", "closed 2 connections", "check the topic"]);
        assert_eq!(broker.end(), 2, "the third connection is without it");
    }
    // A broker that keeps no connection refuses no message.
    let broker = Broker::start(|client| {
        each(&client, 3, |_, mut peer| {
            peer.next();
        });
    });
    let done = publish(broker.port, &["-m", "678", "-q", "1", "--confirm", "none", "--retry", "1"]).end();
    done.fails(75, "closed-at-message", &["the connection was lost, or"]);
    broker.end();
}

#[test]
fn a_message_that_is_sent_twice_is_said_to_be() {
    let broker = Broker::start(|client| {
        let mut texts = Vec::new();
        each(&client, 2, |number, mut peer| match number {
            0 => texts.extend(peer.published().as_ref().map(text)),
            _ => texts.extend(broker(&mut peer).iter().map(text)),
        });
        texts
    });
    let done = publish(broker.port, &["-m", "678", "-q", "1", "--retry", "3", "--quiet"]).end();
    assert_eq!((done.code, done.count("sent")), (Some(0), 2), "{done:?}");
    assert!(done.stderr.contains("sent 2 times, and may have arrived as often"), "{done:?}");
    assert_eq!(broker.end(), ["678", "678"]);
}

#[test]
fn each_reason_of_mqtt_5_is_refused_passing_or_bad_data() {
    let codes = [
        (0x80, 75, "message-not-now"),
        (0x83, 75, "message-not-now"),
        (0x87, 77, "publish-dropped"),
        (0x88, 75, "message-not-now"),
        (0x89, 75, "message-not-now"),
        (0x90, 65, "broker-limit"),
        (0x91, 77, "publish-dropped"),
        (0x95, 65, "broker-limit"),
        (0x97, 75, "message-not-now"),
        (0x99, 65, "broker-limit"),
    ];
    for (qos, kind) in [("1", AckKind::PubAck), ("2", AckKind::PubRec)] {
        let broker = Broker::start(move |client| {
            each(&client, codes.len(), |number, mut peer| {
                let id = peer.published().unwrap().id;
                peer.send(Packet::Ack { kind, id, reason: Reason(codes[number].0) });
                assert!(peer.published().is_none(), "it is not sent again");
            });
        });
        for (code, exit, id) in codes {
            let done = publish(broker.port, &["-m", "678", "-V", "5", "-q", qos]).end();
            done.fails(exit, id, &[" refused the message", &format!("0x{code:02x}")]);
        }
        broker.end();
    }
    // By ending the connection.
    for (code, exit, id) in [
        (0x95, 65, "broker-limit"),
        (0x87, 77, "publish-dropped"),
        (0x82, 75, "closed-at-message"),
        (0x8B, 75, "connection-ended"),
        (0x8A, 77, "client-banned"),
        (0x9C, 78, "broker-moved"),
        (0x9D, 78, "broker-moved"),
    ] {
        let broker = Broker::start(move |client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            peer.published();
            peer.send(Packet::Disconnect { reason: Reason(code) });
        });
        publish(broker.port, &["-m", "678", "-V", "5", "-q", "1"]).end().fails(exit, id, &[&format!("0x{code:02x}")]);
        broker.end();
    }
}

#[test]
fn a_passing_reason_is_tried_again_and_no_other() {
    for (code, connections, exit) in [(0x97, 2, 0), (0x88, 2, 0), (0x87, 1, 77), (0x99, 1, 65)] {
        let broker = Broker::start(move |client| {
            each(&client, connections, |number, mut peer| {
                let id = peer.published().unwrap().id;
                let reason = if number == 0 { Reason(code) } else { Reason::SUCCESS };
                peer.send(Packet::Ack { kind: AckKind::PubAck, id, reason });
                peer.published();
            });
        });
        let done = publish(broker.port, &["-m", "678", "-V", "5", "-q", "1", "--retry", "2"]).end();
        assert_eq!(done.code, Some(exit), "{done:?}");
        broker.end();
    }
}

#[test]
fn a_limit_in_the_connack_is_heeded_before_anything_is_sent() {
    // Maximum QoS, Retain Available and Maximum Packet Size (MQTT 5 §3.2.2.3).
    let limits: [(&[u8], &[&str], &str); 3] = [
        (&[0x24, 1], &["-q", "2"], "accepts at most QoS 1"),
        (&[0x25, 0], &["-r"], "retains no messages"),
        // The topic and its length, no packet id, no properties, and two bytes of header.
        (&[0x27, 0, 0, 0, 30], &["-q", "0"], "it takes 31 bytes with its topic, and the broker accepts at most 30"),
    ];
    for (properties, args, says) in limits {
        let broker = Broker::start(|client| {
            let mut peer = client.next();
            peer.accept_with(properties);
            assert!(peer.published().is_none());
        });
        let done = publish(broker.port, &[&["-m", "678", "-V", "5"], args].concat()).end();
        done.fails(65, "broker-limit", &["does not accept the message", says]);
        broker.end();
    }
}

#[test]
fn the_limits_of_a_real_broker() {
    let config = "max_packet_size 1000\nretain_available false\nmax_qos 1\n";
    let Some(broker) = Mosquitto::start_with(config) else { return };
    let long = "x".repeat(1000);
    let run = |args: &[&str]| publish(broker.port, &[args, &["--timeout", "20s"]].concat()).end();
    assert_eq!(run(&["-m", "678", "-V", "5", "-q", "1"]).code, Some(0));
    run(&["-m", &long, "-V", "5"]).fails(65, "broker-limit", &["accepts at most 1000"]);
    run(&["-m", "678", "-V", "5", "-q", "2"]).fails(65, "broker-limit", &["accepts at most QoS 1"]);
    run(&["-m", "678", "-V", "5", "-r"]).fails(65, "broker-limit", &["retains no messages"]);
    // 3.1.1 has no words for it: the broker closes the connection.
    for qos in ["0", "1"] {
        run(&["-m", &long, "-q", qos]).fails(75, "closed-at-message", &["or the broker refuses the message"]);
        run(&["-m", &long, "-q", qos, "--retry", "1"]).fails(77, "closed-at-message", &["refuses the message"]);
    }
}

#[test]
fn nothing_but_n_sends_an_empty_message() {
    let folder = Folder::new();
    let file = folder.join("empty");
    std::fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    // Before any connection, and with a spool before anything is stored.
    let spool = folder.join("spool");
    let spool = spool.to_str().unwrap();
    for (args, what) in
        [(&["-s"][..], "stdin"), (&["-f", file], file), (&["-m", ""], "-m"), (&["-s", "--spool", spool], "stdin")]
    {
        for more in [&[][..], &["-r"]] {
            let done = publish(NOBODY, &[args, more].concat()).end();
            done.fails(65, "empty-message", &[&format!("{what} is empty"), "-n sends an empty message"]);
        }
    }
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        broker(&mut peer)
    });
    assert_eq!(publish(broker.port, &["-n", "-r"]).end().code, Some(0));
    let messages = broker.end();
    assert!(messages.len() == 1 && messages[0].retain && messages[0].payload.is_empty(), "{messages:?}");
}

#[test]
fn a_stamp_is_put_into_a_json_object_only() {
    for text in ["678", "[]", "{\"a\":1", "{} x", "{\"a\":NaN}"] {
        let done = publish(NOBODY, &["-m", text, "--stamp", "json:at"]).end();
        done.fails(65, "bad-line", &["not published", "not a JSON object"]);
    }
    let done = publish(NOBODY, &["-n", "--stamp", "json:at"]).end();
    done.fails(65, "bad-line", &["it is empty"]);
    let mut run = publish(NOBODY, &["-s", "--stamp", "json:at"]);
    run.feed(b"{\"a\":\"\xe4\"}".to_vec());
    run.end().fails(65, "bad-line", &["it is not UTF-8"]);
}

#[test]
fn a_byte_order_mark_is_part_of_bytes_and_not_of_text() {
    let bytes = b"\xef\xbb\xbf678";
    let json = b"\xef\xbb\xbf{\"payload\":\"678\"}\n".repeat(2);
    // Options, input, messages.
    type Case<'a> = (&'a [&'a str], &'a [u8], &'a [&'a [u8]]);
    let cases: [Case; 5] = [
        (&["-s"], bytes, &[bytes]),
        (&["-0"], bytes, &[bytes]),
        (&["-l"], bytes, &[b"678"]),
        (&["--jsonl"], &json, &[b"678", b"678"]),
        (&["-s", "--stamp", "json:a"], b"\xef\xbb\xbf{\"a\":1}", &[b"{\"a\":1}"]),
    ];
    for (args, input, expected) in cases {
        let broker = Broker::start(|client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            broker(&mut peer)
        });
        let mut run = publish(broker.port, &[args, &["-q", "1", "--confirm", "none"]].concat());
        run.feed(input.to_vec());
        assert_eq!(run.end().code, Some(0));
        let payloads: Vec<_> = broker.end().into_iter().map(|message| message.payload).collect();
        assert_eq!(payloads, expected, "{args:?}");
    }
}
