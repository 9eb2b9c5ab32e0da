//! What ends a stream before its input does: a deadline, a signal, a terminal that closes.

use std::net::TcpStream;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use i3::mqtt::packet::{AckKind, Packet};

use super::strings;
use crate::support::folder::Folder;
use crate::support::line_mode::{DEVICE, TOPIC, lines, numbers, start};
use crate::support::reserved_port::ReservedPort;
use crate::support::scripted_broker::{Broker, text};

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
        assert!(Instant::now() < limit, "nothing was written to the rejects");
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
