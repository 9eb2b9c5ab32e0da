//! Line mode against a broker that does what brokers must not, or may at the worst moment.

use std::io::Read;
use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant, SystemTime};

use i3::broker_url::BrokerUrl;
use i3::mqtt::connection::{ConnectOptions, Connection, ConnectionError, Endpoint};
use i3::mqtt::packet::{AckKind, MAX_PACKET, Packet, QoS, Reason, Version};
use i3::secret::Secret;
use i3::token::{self, Lifetime};

use crate::program::key;
use crate::support::folder::Folder;
use crate::support::line_mode::{DEVICE, TOPIC, lines, numbers, start};
use crate::support::reserved_port::ReservedPort;
use crate::support::scripted_broker::{Broker, delaying_proxy, text};

fn strings(range: std::ops::RangeInclusive<u64>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[test]
fn what_came_before_the_end_of_a_connection_is_gathered() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        std::thread::sleep(Duration::from_millis(100));
        peer.ack(AckKind::PubAck, 7);
    });
    let url = BrokerUrl::plain("127.0.0.1", broker.port);
    let login = ConnectOptions {
        version: Version::V311,
        client_id: "lot1",
        clean: true,
        keep_alive: Duration::ZERO,
        user_name: DEVICE,
        password: &Secret::new("secret"),
        max_packet: MAX_PACKET,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        let mut connection = Connection::open(&Endpoint::direct(url, None), &login, deadline).await.unwrap();
        assert!(!connection.gather(Duration::ZERO).await.unwrap());
        assert!(connection.gather(Duration::from_millis(400)).await.unwrap());
        assert_eq!(connection.buffered_ack(), Some((AckKind::PubAck, 7)));
        assert!(matches!(connection.gather(Duration::ZERO).await, Err(ConnectionError::Closed)));
    });
    broker.end();
}

#[test]
fn every_line_is_a_message_byte_for_byte() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
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
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let first: Vec<_> = (0..10).map(|_| peer.message().unwrap()).collect();
        assert!(first.iter().all(|p| !p.dup));
        // Out of order, and not the first, so that nothing else is sent.
        for at in [4, 2, 8] {
            peer.ack(AckKind::PubAck, first[at].id);
        }
        drop(peer);
        let mut peer = client.next();
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
    let broker = Broker::start(|client| {
        let mut peer = client.next();
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
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        let connect = peer.answer_connect(0, false);
        assert!(!connect.clean, "the session is to be kept");
        let ids: Vec<_> = (0..3).map(|_| peer.message().unwrap().id).collect();
        peer.ack(AckKind::PubRec, ids[1]);
        assert!(matches!(peer.next(), Some(Packet::Ack { kind: AckKind::PubRel, id, .. }) if id == ids[1]));
        drop(peer);
        let mut peer = client.next();
        assert_eq!(peer.answer_connect(0, true).client_id, connect.client_id);
        let mut wire = Vec::new();
        while let Some(packet) = peer.next() {
            match packet {
                Packet::PingReq => peer.send(Packet::PingResp),
                Packet::Publish(p) => {
                    assert!(p.dup && p.qos == QoS::ExactlyOnce);
                    peer.ack(AckKind::PubRec, p.id);
                    wire.push(format!("PUBLISH {} {}", p.id, text(&p)));
                }
                Packet::Ack { kind: AckKind::PubRel, id, .. } => {
                    peer.ack(AckKind::PubComp, id);
                    wire.push(format!("PUBREL {id}"));
                }
                Packet::Disconnect { .. } => break,
                other => panic!("{other:?}"),
            }
        }
        let mut last = client.next();
        let removes = last.answer_connect(0, true);
        assert!(removes.clean && removes.client_id == connect.client_id, "the session is removed");
        wire
    });
    let done = lines(broker.port, &["-q", "2"], numbers(3));
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 3), "{done:?}");
    assert_eq!(broker.end(), ["PUBLISH 1 1", "PUBREL 1", "PUBREL 2", "PUBLISH 3 3", "PUBREL 3"]);
}

#[test]
fn a_refusal_in_the_middle_is_tried_again_and_one_at_the_start_is_not() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        peer.message().unwrap();
        drop(peer);
        for _ in 0..2 {
            client.next().answer_connect(5, false);
        }
        let mut peer = client.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let done = lines(broker.port, &["-q", "1"], numbers(2));
    assert_eq!((done.code, broker.end()), (Some(0), strings(1..=2)), "{done:?}");

    let broker = Broker::start(|client| drop(client.next().answer_connect(5, false)));
    let done = lines(broker.port, &["-q", "1"], numbers(2));
    assert_eq!((done.code, done.count("read")), (Some(77), 0), "{done:?}");
    broker.end();

    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        peer.message().unwrap();
        drop(peer);
        client.next().answer_connect(5, false);
    });
    let done = lines(broker.port, &["-q", "1", "--retry-refused", "0s"], numbers(2));
    assert_eq!((done.code, done.count("acknowledged")), (Some(77), 0), "{done:?}");
    broker.end();
}

#[test]
fn a_broker_that_reads_slowly_holds_the_producer_back() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
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
    let broker = Broker::start(|client| client.next().stream.read_to_end(&mut Vec::new()).unwrap());
    let began = Instant::now();
    let done = lines(broker.port, &["--timeout", "300ms"], numbers(1));
    assert_eq!(done.code, Some(75), "{done:?}");
    assert!(began.elapsed() < Duration::from_secs(5));
    broker.end();

    // Answers the log-in, and then nothing, until the second connection.
    let broker = Broker::start(|client| {
        let mut silent = client.next();
        silent.answer_connect(0, false);
        let mut peer = client.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let done = lines(broker.port, &["-q", "1", "--timeout", "1s"], numbers(3));
    assert_eq!((done.code, broker.end()), (Some(0), strings(1..=3)), "{done:?}");
}

#[test]
fn a_deadline_ends_it_and_says_what_is_missing() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let first = peer.message().unwrap();
        peer.ack(AckKind::PubAck, first.id);
        while peer.message().is_some() {}
    });
    let done = lines(broker.port, &["-q", "1", "--deadline", "3s"], numbers(3));
    assert_eq!((done.code, done.count("acknowledged")), (Some(75), 1), "{done:?}");
    assert!(done.stderr.contains("2 of 3 lines are not acknowledged"), "{}", done.stderr);
    broker.end();
}

#[test]
fn a_signal_drains_and_a_second_one_ends() {
    let (sender, came) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let mut payloads = Vec::new();
        while let Some(publish) = peer.message() {
            peer.ack(AckKind::PubAck, publish.id);
            payloads.push(text(&publish));
            let _ = sender.send(());
        }
        payloads
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "-q", "1", "-v"]);
    run.write(b"1\n2\n3\nunfin");
    came.iter().take(3).for_each(drop);
    run.signal("TERM");
    let stdin = run.stdin.take();
    let done = run.end();
    drop(stdin);
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 3), "{done:?}");
    assert_eq!(broker.end(), strings(1..=3));

    let (sender, came) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        while peer.message().is_some() {
            let _ = sender.send(());
        }
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "-q", "1"]);
    run.write(b"1\n2\n");
    came.iter().take(2).for_each(drop);
    // Two signals at once are one.
    while !run.has_ended() {
        run.signal("INT");
        std::thread::sleep(Duration::from_millis(100));
    }
    let stdin = run.stdin.take();
    let done = run.end();
    drop(stdin);
    assert_eq!((done.code, done.count("read"), done.count("acknowledged")), (Some(75), 2, 0), "{done:?}");
    assert!(done.stderr.contains("2 of 2 lines"), "{}", done.stderr);
    broker.end();
}

#[test]
fn a_line_typed_now_leaves_now() {
    let (sender, arrived) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        while peer.message().is_some() {
            sender.send(Instant::now()).unwrap();
        }
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none"]);
    run.write(b"warm\n");
    arrived.recv().unwrap();
    let mut delays: Vec<Duration> = (0..20)
        .map(|_| {
            let written = Instant::now();
            run.write(b"678\n");
            arrived.recv().unwrap() - written
        })
        .collect();
    assert_eq!(run.end().code, Some(0));
    broker.end();
    // A line that is held back is held for some 40 ms or more, all of them are; one that is late because the machine is
    // busy is not the rule.
    delays.sort();
    assert!(delays[5] < Duration::from_millis(10), "{delays:?}");
}

#[test]
fn throughput_grows_with_the_window_over_a_long_way() {
    let rate = |window: &str, count: u64| {
        let broker = Broker::start(|client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            peer.serve().len() as u64
        });
        let proxy = delaying_proxy(broker.port, Duration::from_millis(100));
        let done = lines(proxy, &["-q", "1", "--window", window], numbers(count));
        assert_eq!((done.code, done.count("resent"), broker.end()), (Some(0), 0, count), "{done:?}");
        count as f64 / done.tally["seconds"].as_f64().unwrap()
    };
    let rates = [rate("10", 30), rate("100", 300), rate("1000", 3000), rate("65535", 100_000)];
    assert!(rates.windows(2).all(|pair| pair[1] > 2.0 * pair[0]), "{rates:?}");
}

#[test]
fn another_client_with_the_same_id_takes_the_connection_and_no_line() {
    let broker = Broker::start(|client| {
        let mut came = Vec::new();
        let mut peer = client.next();
        peer.answer_connect(0, false);
        for _ in 0..3 {
            came.push(text(&peer.message().unwrap()));
        }
        // MQTT 5 §3.14.2.1: session taken over.
        peer.send(Packet::Disconnect { reason: Reason(0x8E) });
        drop(peer);
        let mut peer = client.next();
        peer.answer_connect(0, false);
        came.extend(peer.serve());
        came
    });
    let done = lines(broker.port, &["-q", "1", "-V", "5", "--id", "same", "--window", "3"], numbers(5));
    assert_eq!((done.code, done.count("acknowledged"), done.count("resent")), (Some(0), 5, 3), "{done:?}");
    assert_eq!(broker.end(), ["1", "2", "3", "1", "2", "3", "4", "5"]);
    assert!(done.stderr.contains("taken over") || done.stderr.contains("0x8E"), "{}", done.stderr);
    assert!(done.stderr.contains("another client has logged in with the client id same"), "{}", done.stderr);
    assert!(!done.stderr.contains("again and again"), "{}", done.stderr);
}

#[test]
fn clients_that_throw_each_other_out_are_told_so_after_the_third_time() {
    let (sender, logged_in) = channel();
    let broker = Broker::start(move |client| {
        for _ in 0..4 {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            sender.send(()).unwrap();
            let publish = peer.message().unwrap();
            peer.ack(AckKind::PubAck, publish.id);
        }
        let mut peer = client.next();
        peer.answer_connect(0, false);
        sender.send(()).unwrap();
        peer.serve()
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "-q", "1", "--id", "same"]);
    for line in [b"1\n", b"2\n", b"3\n", b"4\n", b"5\n"] {
        // Not before, or it would be on its way when the connection ends.
        logged_in.recv_timeout(Duration::from_secs(60)).unwrap();
        run.write(line);
    }
    let done = run.end();
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 5), "{done:?}");
    let told = "another client seems to use the client id same";
    assert_eq!(done.stderr.matches(told).count(), 1, "{}", done.stderr);
    assert_eq!(broker.end(), ["5"]);
}

#[test]
fn a_broker_that_answers_no_ping_at_qos_0_is_given_up_while_lines_flow() {
    let (sender, second) = channel();
    let broker = Broker::start(move |client| {
        let mut deaf = client.next();
        deaf.answer_connect(0, false);
        while deaf.next().is_some() {}
        let mut peer = client.next();
        peer.answer_connect(0, false);
        sender.send(()).unwrap();
        peer.serve()
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "--timeout", "1s"]);
    let came = (0..200).any(|_| {
        run.write(b"678\n");
        second.recv_timeout(Duration::from_millis(100)).is_ok()
    });
    assert!(came, "the first connection is still believed in");
    run.write(b"last\n");
    let done = run.end();
    assert_eq!(done.code, Some(75), "{done:?}");
    assert!(done.stderr.contains("silent for 1.0 s") && done.stderr.contains("may be lost"), "{}", done.stderr);
    assert_eq!(broker.end().last().map(String::as_str), Some("last"));
}

#[test]
fn a_deadline_is_no_failure_where_nothing_is_missing() {
    let folder = Folder::new();
    let spool = folder.join("spool");
    for more in [&["-q", "0"][..], &["-q", "1"], &["-q", "1", "--spool", spool.to_str().unwrap()]] {
        let broker = Broker::start(|client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            peer.serve()
        });
        let args = ["-l", "-t", TOPIC, "--confirm", "none", "--deadline", "3s"];
        let mut run = start(broker.port, &[&args[..], more].concat());
        run.write(b"1\n2\n");
        let stdin = run.stdin.take();
        let done = run.end();
        drop(stdin);
        assert_eq!((done.code, done.count("acknowledged")), (Some(0), 2), "{done:?}");
        assert_eq!(broker.end(), strings(1..=2));
    }
    // Nothing has happened without a broker.
    let closed = ReservedPort::new();
    let done = lines(closed.number(), &["--deadline", "300ms", "--retry", "1000"], numbers(2));
    assert_eq!((done.code, done.count("read")), (Some(75), 0), "{done:?}");
    assert!(done.stderr.contains("nothing was read: the deadline of 300ms has passed"), "{}", done.stderr);
}

#[test]
fn a_kept_session_is_removed_after_a_signal() {
    let (sender, out) = channel();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        let connect = peer.answer_connect(0, false);
        let id = peer.message().unwrap().id;
        sender.send(()).unwrap();
        peer.ack(AckKind::PubRec, id);
        while let Some(packet) = peer.next() {
            match packet {
                Packet::Ack { kind: AckKind::PubRel, id, .. } => peer.ack(AckKind::PubComp, id),
                Packet::Disconnect { .. } => break,
                other => panic!("{other:?}"),
            }
        }
        let removes = client.next().answer_connect(0, true);
        assert!(removes.clean && removes.client_id == connect.client_id);
    });
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--confirm", "none", "-q", "2"]);
    run.write(b"1\n");
    out.recv().unwrap();
    run.signal("TERM");
    let stdin = run.stdin.take();
    let done = run.end();
    drop(stdin);
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), 1), "{done:?}");
    // Whoever still waits for the log-in that removes it gets none.
    let _ = TcpStream::connect(("127.0.0.1", broker.port));
    broker.end();
}

#[test]
fn a_terminal_that_closes_ends_it_as_a_signal_does_unless_nohup_says_otherwise() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    for ignored in [false, true] {
        let (sender, out) = channel();
        let broker = Broker::start(move |client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            let first = peer.message().unwrap();
            sender.send(()).unwrap();
            peer.ack(AckKind::PubAck, first.id);
            peer.serve()
        });
        // The tests may themselves have been started by nohup, and a shell cannot take that back.
        let trap = if ignored {
            "trap '' HUP; exec \"$0\" \"$@\""
        } else {
            "exec /usr/bin/env --default-signal=HUP \"$0\" \"$@\""
        };
        let home = Folder::new();
        let mut child = Command::new("/bin/sh")
            .args(["-c", trap, env!("CARGO_BIN_EXE_i3"), "pub", "--json", "-u", DEVICE, "--host", "127.0.0.1"])
            .args(["--port", &broker.port.to_string(), "-l", "-t", TOPIC, "--confirm", "none", "-q", "1"])
            .env_clear()
            .env("I3_HOME", home.path())
            .env("I3_PASSWORD", "secret")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(b"1\n").unwrap();
        out.recv().unwrap();
        assert!(Command::new("kill").args(["-s", "HUP", &child.id().to_string()]).status().unwrap().success());
        if ignored {
            stdin.write_all(b"2\n").unwrap();
            drop(stdin);
        }
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "ignored: {ignored}");
        let tally: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(tally["acknowledged"], if ignored { 2 } else { 1 });
        assert_eq!(broker.end(), if ignored { strings(2..=2) } else { Vec::new() });
    }
}

#[test]
fn a_token_that_expires_meanwhile_ends_it_and_is_named() {
    let lifetime: Lifetime = "1h".parse().unwrap();
    // It may have to be made first.
    let key = key().into();
    let expires = SystemTime::now() + Duration::from_secs(3);
    let token = token::mint(&key, DEVICE, lifetime, expires - lifetime.duration()).unwrap();
    let broker = Broker::start(move |client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        peer.message().unwrap();
        // It is the clock that a token expires by.
        std::thread::sleep((expires + Duration::from_secs(1)).duration_since(SystemTime::now()).unwrap_or_default());
    });
    let done = lines(broker.port, &["-q", "1", "-P", token.expose()], numbers(1));
    broker.end();
    assert_eq!((done.code, done.count("acknowledged")), (Some(77), 0), "{done:?}");
    assert!(done.stderr.contains("the token expired"), "{}", done.stderr);
    assert!(done.stderr.contains("1 line waits"), "{}", done.stderr);
}

#[test]
fn what_a_refusal_means_depends_on_its_code() {
    for (code, exit, says, not) in [(1, 78, "does not speak MQTT 3.1.1", "-V 311"), (4, 77, "full name", "database")] {
        let broker = Broker::start(move |client| drop(client.next().answer_connect(code, false)));
        let done = lines(broker.port, &[], numbers(1));
        broker.end();
        assert_eq!(done.code, Some(exit), "{done:?}");
        assert!(done.stderr.contains(says) && !done.stderr.contains(not), "{}", done.stderr);
    }
}

#[test]
fn a_line_that_is_put_aside_ends_though_the_run_ended_within_it() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        peer.serve()
    });
    let folder = Folder::new();
    let rejects = folder.join("bad.txt");
    std::fs::write(&rejects, "of an earlier run").unwrap();
    let path = rejects.to_str().unwrap();
    let mut run = start(broker.port, &["-l", "-t", TOPIC, "--max-line", "10", "--rejects", path]);
    run.write(&[b'x'; 100_000]);
    let limit = Instant::now() + Duration::from_secs(20);
    while std::fs::metadata(&rejects).unwrap().len() < 1000 {
        assert!(Instant::now() < limit, "nothing is put aside");
        std::thread::sleep(Duration::from_millis(5));
    }
    run.signal("TERM");
    let stdin = run.stdin.take();
    let done = run.end();
    drop(stdin);
    assert_eq!((done.code, done.count("rejected")), (Some(0), 1), "{done:?}");
    let kept = std::fs::read_to_string(&rejects).unwrap();
    assert!(kept.starts_with("of an earlier run\nxxx") && kept.ends_with("x\n"), "{}", kept.len());
    broker.end();
}

#[test]
fn a_single_message_says_when_it_was_taken() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let mut wire = Vec::new();
        peer.stream.read_to_end(&mut wire).unwrap();
        wire
    });
    let args = ["-t", TOPIC, "--confirm", "none", "-m", "678", "-V", "5", "--stamp", "v5"];
    assert_eq!(start(broker.port, &args).end().code, Some(0));
    let wire = broker.end();
    // User property, "time" and 24 characters (MQTT 5 §3.3.2.3.7).
    assert!(wire.windows(9).any(|part| part == b"\x26\0\x04time\0\x18"), "{wire:?}");
}
