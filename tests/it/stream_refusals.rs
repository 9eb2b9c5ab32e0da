//! A refusal belongs to its message: the rest flows, once, and the refused one is named and kept.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use i3::mqtt::packet::{AckKind, Packet, Publish, QoS, Reason};

use crate::support::folder::Folder;
use crate::support::line_mode::{Done, TOPIC, drain, start};
use crate::support::scripted_broker::{Broker, MarketClient, Peer, text};

const OTHER: &str = "alice/parking/other";
const DENIED: &str = "alice/parking/denied";

/// What a broker does with a message.
#[derive(Clone, Copy)]
enum Answer {
    Take,
    /// Acknowledges it, and drops it.
    Drop,
    /// Acknowledges it with this reason.
    Reason(u8),
    /// Closes the connection.
    Close,
    /// Sends DISCONNECT with this reason, and closes.
    Disconnect(u8),
    /// Does nothing.
    Silence,
}

/// What came to a broker.
#[derive(Default)]
struct Came {
    delivered: Vec<String>,
    log_ins: usize,
    /// How often each payload has come.
    times: HashMap<String, usize>,
}

/// A broker that answers each message as `answer` says, which also gets how often it has come.
fn broker(
    properties: &'static [u8],
    answer: impl Fn(&Publish, usize) -> Answer + Send + 'static,
) -> (u16, Arc<Mutex<Came>>) {
    let came = Arc::new(Mutex::new(Came::default()));
    let shared = Arc::clone(&came);
    // It serves for as long as the test does.
    let broker = Broker::start(move |client: MarketClient| {
        loop {
            let mut peer = client.next();
            // Before the answer, after which a client may be gone at once.
            shared.lock().unwrap().log_ins += 1;
            if properties.is_empty() {
                peer.answer_connect(0, false);
            } else {
                peer.accept_with(properties);
            }
            serve(&mut peer, &answer, &shared);
        }
    });
    (broker.port, came)
}

fn serve(peer: &mut Peer, answer: &impl Fn(&Publish, usize) -> Answer, came: &Mutex<Came>) {
    let mut subscribed = Vec::new();
    while let Some(packet) = peer.next() {
        match packet {
            Packet::Publish(publish) => {
                let payload = text(&publish);
                let times = {
                    let mut came = came.lock().unwrap();
                    let times = came.times.entry(payload.clone()).or_default();
                    *times += 1;
                    *times
                };
                let kind = if publish.qos == QoS::ExactlyOnce { AckKind::PubRec } else { AckKind::PubAck };
                let reason = match answer(&publish, times) {
                    Answer::Take => {
                        came.lock().unwrap().delivered.push(payload);
                        if subscribed.contains(&publish.topic) {
                            peer.send(Packet::Publish(Publish { qos: QoS::AtMostOnce, id: 0, ..publish.clone() }));
                        }
                        Reason::SUCCESS
                    }
                    Answer::Drop => Reason::SUCCESS,
                    Answer::Reason(code) => Reason(code),
                    Answer::Close => return,
                    Answer::Silence => continue,
                    Answer::Disconnect(code) => return peer.send(Packet::Disconnect { reason: Reason(code) }),
                };
                if publish.qos != QoS::AtMostOnce {
                    peer.send(Packet::Ack { kind, id: publish.id, reason });
                }
            }
            Packet::Ack { kind: AckKind::PubRel, id, .. } => peer.ack(AckKind::PubComp, id),
            Packet::Subscribe { id, filters } => {
                subscribed.push(filters[0].filter.clone());
                peer.send(Packet::SubAck { id, codes: vec![Reason(0)] });
            }
            Packet::Unsubscribe { id, .. } => {
                peer.send(Packet::UnsubAck { id, codes: vec![i3::mqtt::packet::Reason::SUCCESS] })
            }
            Packet::PingReq => peer.send(Packet::PingResp),
            Packet::Disconnect { .. } => return,
            _ => {}
        }
    }
}

fn publish(port: u16, args: &[&str], input: impl Into<Vec<u8>>) -> Done {
    let mut run = start(port, &[&["--timeout", "500ms"], args].concat());
    run.feed(input.into());
    run.end()
}

fn to_denied(publish: &Publish) -> bool {
    publish.topic == DENIED
}

/// Lines with topics: one to [`OTHER`] for each word, and to [`DENIED`] for one that begins with "bad".
fn with_topics(words: &[&str]) -> String {
    words.iter().map(|word| format!("{}\t{word}\n", if word.starts_with("bad") { DENIED } else { OTHER })).collect()
}

struct Place(Folder);

impl Place {
    fn spool(&self) -> String {
        self.0.join("spool").display().to_string()
    }

    fn lines(&self, port: u16, args: &[&str], input: &str) -> Done {
        let spool = self.spool();
        let qos: &[&str] = if args.contains(&"-q") { &[] } else { &["-q", "1"] };
        publish(port, &[&["--topic-per-line", "--spool", &spool], qos, args].concat(), input)
    }

    fn drain(&self, port: u16, args: &[&str]) -> Done {
        drain(&self.0, self.spool().as_ref(), port, &[&["--timeout", "500ms"], args].concat())
    }

    /// The records that are left, as `i3 spool export` shows them.
    fn left(&self) -> Vec<String> {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_i3"))
            .args(["spool", "export", "--spool", &self.spool()])
            .env_clear()
            .env("I3_HOME", self.0.path())
            .output()
            .unwrap();
        let payload = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["payload"].as_str().unwrap().to_string()
        };
        String::from_utf8(output.stdout).unwrap().lines().map(payload).collect()
    }
}

/// The ways in which a broker refuses a topic: the version, its answer, what the program says of it, and the exit code if
/// nothing else is delivered.
const WAYS: [(&str, Answer, &str, i32); 5] = [
    ("311", Answer::Drop, "did not come back", 77),
    ("311", Answer::Close, "closed the connection whenever it received it", 77),
    ("5", Answer::Reason(0x87), "refused it (reason 0x87", 77),
    ("5", Answer::Reason(0x99), "refused it (reason 0x99", 65),
    ("5", Answer::Disconnect(0x95), "closed the connection whenever it received it (reason 0x95", 65),
];

#[test]
fn a_refused_record_waits_by_itself_and_the_rest_arrives_once() {
    for (version, answer, says, code) in WAYS {
        let (port, came) = broker(&[], move |publish, _| if to_denied(publish) { answer } else { Answer::Take });
        let place = Place(Folder::new());
        let done = place.lines(port, &["-V", version], &with_topics(&["1", "bad2", "3", "4"]));
        assert_eq!((done.code, done.count("refused")), (Some(65), 1), "{says}: {done:?}");
        for told in ["record 2 of the spool", DENIED, says] {
            assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
        }
        assert_eq!(came.lock().unwrap().delivered, ["1", "3", "4"], "{says}");
        assert_eq!(place.left(), ["bad2"], "{says}");

        // Later runs deliver their lines, repeat nothing, and do not fail because of earlier refusals.
        let done = place.lines(port, &["-V", version], &with_topics(&["5"]));
        assert_eq!((done.code, done.count("refused")), (Some(0), 0), "{says}: {done:?}");
        assert!(done.stderr.contains("from record 2 on"), "{}", done.stderr);
        assert_eq!(came.lock().unwrap().delivered, ["1", "3", "4", "5"], "{says}");
        let done = place.lines(port, &["-V", version], &with_topics(&["6", "bad7", "8"]));
        assert_eq!(done.code, Some(65), "{says}: {done:?}");
        assert!(done.stderr.contains("record 7 of the spool"), "a record has its number for ever: {}", done.stderr);
        assert_eq!(place.left(), ["bad2", "bad7"], "{says}");

        // They are tried again by a drain, and set aside if there is a place for them.
        let done = place.drain(port, &["-V", version]);
        assert_eq!((done.code, done.count("refused")), (Some(code), 2), "{says}: {done:?}");
        assert_eq!(place.left(), ["bad2", "bad7"], "{says}");
        let rejects = place.0.join("rejects");
        let done = place.drain(port, &["-V", version, "--rejects", rejects.to_str().unwrap()]);
        assert_eq!((done.code, done.count("refused"), place.left().len()), (Some(code), 2, 0), "{says}: {done:?}");
        assert_eq!(std::fs::read_to_string(rejects).unwrap().lines().count(), 2, "{says}");
        assert_eq!(came.lock().unwrap().delivered, ["1", "3", "4", "5", "6", "8"], "{says}");
    }
}

#[test]
fn rejects_keep_refused_lines_and_the_exit_code() {
    for (version, answer, says, _) in WAYS {
        for spooled in [false, true] {
            let (port, came) = broker(&[], move |publish, _| if to_denied(publish) { answer } else { Answer::Take });
            let place = Place(Folder::new());
            let rejects = place.0.join("rejects").display().to_string();
            let args = ["-V", version, "--rejects", &rejects];
            let input = with_topics(&["1", "bad2", "3", "bad4", "5"]);
            let done = if spooled { place.lines(port, &args, &input) } else { direct(port, &args, &input) };
            let counts = ["refused", "rejected", "acknowledged"].map(|name| done.count(name));
            assert_eq!((done.code, counts), (Some(0), [2, 0, 3]), "{says}: {done:?}");
            assert!(done.stderr.contains(says), "{}", done.stderr);
            let aside = std::fs::read_to_string(Path::new(&rejects)).unwrap();
            assert_eq!(aside, with_topics(&["bad2", "bad4"]), "{says}");
            assert_eq!(came.lock().unwrap().delivered, ["1", "3", "5"], "{says}");
        }
    }
}

fn direct(port: u16, args: &[&str], input: &str) -> Done {
    publish(port, &[&["--topic-per-line", "-q", "1"], args].concat(), input)
}

#[test]
fn a_run_without_a_place_for_refused_lines_drains_what_is_on_its_way_and_ends() {
    for (version, answer, _, code) in WAYS {
        let (port, came) = broker(&[], move |publish, _| if to_denied(publish) { answer } else { Answer::Take });
        let done = direct(port, &["-V", version], &with_topics(&["1", "bad2", "3", "4"]));
        assert_eq!((done.code, done.count("refused")), (Some(code), 1), "{done:?}");
        assert!(done.stderr.contains("line 2 to alice/parking/denied"), "{}", done.stderr);
        assert_eq!(came.lock().unwrap().delivered, ["1", "3", "4"]);
    }
}

#[test]
fn a_run_of_which_everything_is_refused_leaves_the_spool_as_it_is() {
    for (version, answer, _, code) in WAYS {
        let (port, came) = broker(&[], move |_, _| answer);
        let place = Place(Folder::new());
        for _ in 0..2 {
            let args = ["-l", "-V", version, "-q", "1", "-t", DENIED, "--spool", &place.spool()];
            let done = publish(port, &args, "bad1\nbad2\n");
            assert_eq!(done.code, Some(code), "{done:?}");
            assert!(done.stderr.contains("safe in the spool"), "{}", done.stderr);
        }
        assert!(came.lock().unwrap().delivered.is_empty());
        assert_eq!(place.left(), ["bad1", "bad2", "bad1", "bad2"]);
    }
}

#[test]
fn a_message_at_which_the_broker_closes_is_found_in_a_few_connections() {
    for qos in ["0", "1", "2"] {
        let (port, came) =
            broker(&[], |publish, _| if text(publish).starts_with("bad") { Answer::Close } else { Answer::Take });
        let place = Place(Folder::new());
        let input: String = (1..=400).map(|n| if n == 200 { "bad\n".into() } else { format!("{n}\n") }).collect();
        let mut run = start(port, &["-l", "-q", qos, "-t", OTHER, "--confirm", "none", "--spool", &place.spool()]);
        run.feed(input.into());
        let done = run.end();
        assert_eq!((done.code, done.count("refused")), (Some(65), 1), "{qos}: {done:?}");
        assert!(done.stderr.contains("record 200 of the spool"), "{}", done.stderr);
        let came = came.lock().unwrap();
        // Four, and at QoS 2 another one, which removes the session. The end of a connection may take answers with it that
        // were on their way, and each time that it does costs one more.
        assert!(came.log_ins <= 8, "{qos}: {}", came.log_ins);
        let mut seen = came.delivered.clone();
        seen.dedup();
        seen.sort_by_key(|payload| payload.parse::<u32>().unwrap());
        seen.dedup();
        let expected: Vec<String> = (1..=400).filter(|n| *n != 200).map(|n| n.to_string()).collect();
        assert_eq!(seen, expected, "{qos}");
        // What came after the message in question was not sent before it was found out.
        assert!((201..=400).all(|n| came.times[&n.to_string()] <= 2), "{qos}");
    }
}

#[test]
fn a_topic_that_closes_connections_is_given_up_after_three_messages_and_the_others_flow() {
    for qos in ["0", "1"] {
        let (port, came) = broker(&[], |publish, _| if to_denied(publish) { Answer::Close } else { Answer::Take });
        let place = Place(Folder::new());
        let words = ["1", "bad2", "bad3", "4", "bad5", "bad6", "bad7", "8"];
        let args = ["--topic-per-line", "-q", qos, "--confirm", "none", "--spool", &place.spool()];
        let mut run = start(port, &args);
        run.feed(with_topics(&words).into());
        let done = run.end();
        assert_eq!((done.code, done.count("refused"), done.count("acknowledged")), (Some(65), 5, 3), "{done:?}");
        let told = format!("{DENIED} was refused; no other message to it of 4 bytes or more is sent for 5m");
        let unsent = "it is not sent, because the broker mqtt://127.0.0.1";
        assert_eq!(done.stderr.matches(unsent).count(), 2, "the last two: {}", done.stderr);
        assert!(done.stderr.contains(&told), "{}", done.stderr);
        let mut came = came.lock().unwrap();
        // At QoS 0 the first may have come on the connection that ended.
        came.delivered.dedup();
        assert_eq!(came.delivered, ["1", "4", "8"], "{qos}");
        assert!(!came.times.keys().any(|payload| payload == "bad7"), "{qos}: {:?}", came.times);
        assert_eq!(place.left(), ["bad2", "bad3", "bad5", "bad6", "bad7"], "{qos}");
    }
}

/// Messages that are too long for a broker, or of which it does not like the content, say nothing of the topic.
#[test]
fn messages_that_close_connections_condemn_no_others_to_their_topic() {
    let long = |n: u64| format!("{n:x>60}");
    let cases: [(&str, Answer, [String; 3]); 4] = [
        ("311", Answer::Close, [1, 2, 3].map(long)),
        ("5", Answer::Close, [1, 2, 3].map(long)),
        ("5", Answer::Disconnect(0x95), [1, 2, 3].map(long)),
        ("311", Answer::Close, [1, 2, 3].map(|n| format!("x{n}"))),
    ];
    for (version, answer, bad) in cases {
        for spooled in [false, true] {
            let (port, came) =
                broker(&[], move |publish, _| if text(publish).starts_with('x') { answer } else { Answer::Take });
            let place = Place(Folder::new());
            let (spool, rejects) = (place.spool(), place.0.join("rejects").display().to_string());
            let more: &[&str] = if spooled { &["--spool", &spool] } else { &["--rejects", &rejects] };
            let good: Vec<String> = (1..=6).map(|n| format!("good{n}")).collect();
            let input = [&good[..2], &bad, &good[2..]].concat().join("\n") + "\n";
            let done = publish(port, &[&["-l", "-t", OTHER, "-q", "1", "-V", version], more].concat(), input);
            let code = if spooled { 65 } else { 0 };
            assert_eq!((done.code, done.count("refused")), (Some(code), 3), "{version}: {done:?}");
            assert_eq!(came.lock().unwrap().delivered, good, "{version}: {}", done.stderr);
            let kept = if spooled { place.left() } else { read_lines(&rejects) };
            assert_eq!(kept, bad, "{version}");
        }
    }
}

fn read_lines(file: &str) -> Vec<String> {
    std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

/// The first messages are too long; nothing is known of the topic yet.
#[test]
fn a_topic_is_not_given_up_for_shorter_messages() {
    let (port, came) = broker(&[], |publish, _| if text(publish).len() > 20 { Answer::Close } else { Answer::Take });
    let place = Place(Folder::new());
    let rejects = place.0.join("rejects").display().to_string();
    let long = |n: usize| format!("{n:0>30}");
    let input: Vec<String> = (1..=12).map(|n| if n % 6 == 0 { n.to_string() } else { long(n) }).collect();
    let args = ["-l", "-t", OTHER, "-q", "1", "--confirm", "none", "--rejects", &rejects];
    let done = publish(port, &args, input.join("\n") + "\n");
    assert_eq!((done.code, done.count("refused")), (Some(0), 10), "{done:?}");
    assert_eq!(came.lock().unwrap().delivered, ["6", "12"], "{}", done.stderr);
    assert!(done.stderr.contains("it is not sent, because the broker"), "{}", done.stderr);
}

#[test]
fn a_message_that_is_never_acknowledged_is_refused_alone() {
    for qos in ["1", "2"] {
        for spooled in [false, true] {
            let (port, came) =
                broker(&[], |publish, _| if text(publish) == "bad" { Answer::Silence } else { Answer::Take });
            let place = Place(Folder::new());
            let (spool, rejects) = (place.spool(), place.0.join("rejects").display().to_string());
            let more: &[&str] = if spooled { &["--spool", &spool] } else { &["--rejects", &rejects] };
            let args = [&["-l", "-t", OTHER, "-q", qos, "--confirm", "none"], more].concat();
            let done = publish(port, &args, "bad\n1\n2\n3\n");
            let code = if spooled { 65 } else { 0 };
            assert_eq!((done.code, done.count("refused")), (Some(code), 1), "{qos}: {done:?}");
            assert!(
                done.stderr.contains("acknowledged other messages, but this one on no connection"),
                "{}",
                done.stderr
            );
            assert_eq!(if spooled { place.left() } else { read_lines(&rejects) }, ["bad"], "{qos}");
            let mut came = came.lock().unwrap();
            came.delivered.dedup();
            assert_eq!(came.delivered, ["1", "2", "3"], "{qos}");
        }
    }
}

#[test]
fn a_broker_that_acknowledges_nothing_is_no_fault_of_the_messages() {
    let (port, _) = broker(&[], |_, _| Answer::Silence);
    let place = Place(Folder::new());
    let rejects = place.0.join("rejects").display().to_string();
    let args = ["-l", "-t", OTHER, "-q", "1", "--confirm", "none", "--rejects", &rejects];
    let done = publish(port, &args, "1\n2\n");
    assert_eq!((done.code, done.count("refused")), (Some(75), 0), "{done:?}");
    assert!(done.stderr.contains("on 5 connections in a row"), "{}", done.stderr);
}

#[test]
fn a_refusal_that_was_found_out_is_progress() {
    let (port, came) =
        broker(&[], |publish, _| if publish.topic.contains("denied") { Answer::Close } else { Answer::Take });
    let place = Place(Folder::new());
    let rejects = place.0.join("rejects").display().to_string();
    let mut input = format!("{OTHER}\t1\n");
    input.extend((2..=8).map(|n| format!("{DENIED}{n}\t{n}\n")));
    input.extend((9..=12).map(|n| format!("{OTHER}\t{n}\n")));
    let done = direct(port, &["--rejects", &rejects], &input);
    assert_eq!((done.code, done.count("refused"), done.count("acknowledged")), (Some(0), 7, 5), "{done:?}");
    assert_eq!(came.lock().unwrap().delivered, ["1", "9", "10", "11", "12"]);
}

#[test]
fn what_another_connection_announces_that_it_does_not_take_is_not_sent_again() {
    // Maximum QoS 1; no retained messages; packets of 60 bytes at most (MQTT 5 §3.2.2.3).
    const LIMITS: [(&[u8], &str); 3] = [
        (&[0x24, 1], "accepts at most QoS 1"),
        (&[0x25, 0], "retains no messages"),
        (&[0x27, 0, 0, 0, 60], "accepts 60 at most"),
    ];
    let message = |payload: &str, qos: u8, retain: bool| {
        serde_json::json!({"topic": OTHER, "payload": payload, "qos": qos, "retain": retain}).to_string() + "\n"
    };
    let long = "x".repeat(40);
    for (at, (properties, says)) in LIMITS.into_iter().enumerate() {
        let poisoned = [message("2", 2, false), message("2", 1, true), message(&long, 1, false)];
        let input = message("1", 1, false) + &poisoned[at] + &message("3", 1, false);
        for spooled in [true, false] {
            let broker = Broker::start(move |client: MarketClient| {
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
fn a_reason_that_passes_has_the_message_sent_again() {
    for (qos, code) in [("1", 0x97), ("1", 0x80), ("2", 0x97)] {
        let (port, came) =
            broker(
                &[],
                move |publish, times| {
                    if text(publish) == "2" && times < 3 { Answer::Reason(code) } else { Answer::Take }
                },
            );
        let done = publish(port, &["-l", "-V", "5", "-q", qos, "-t", OTHER], "1\n2\n3\n");
        assert_eq!((done.code, done.count("acknowledged"), done.count("resent")), (Some(0), 3, 2), "{done:?}");
        assert!(done.stderr.contains("cannot accept messages now"), "{}", done.stderr);
        let came = came.lock().unwrap();
        assert_eq!(came.delivered.join(" "), "1 3 2", "no other waits for it");
        // The session of QoS 2 is removed by another.
        assert_eq!(came.log_ins, if qos == "2" { 2 } else { 1 });
    }
}

#[test]
fn a_reason_that_never_passes_is_a_refusal_after_a_while_and_holds_up_no_other() {
    for code in [0x80, 0x97] {
        let (port, came) =
            broker(&[], move |publish, _| if text(publish) == "2" { Answer::Reason(code) } else { Answer::Take });
        let place = Place(Folder::new());
        let (spool, rejects) = (place.spool(), place.0.join("rejects").display().to_string());
        let base = ["-l", "-V", "5", "-q", "1", "-t", OTHER, "--retry-refused", "1s"];
        let input: String = (1..=30).map(|n| format!("{n}\n")).collect();
        let done = publish(port, &[&base[..], &["--rejects", &rejects, "-M", "4"]].concat(), input.clone());
        assert_eq!((done.code, done.count("refused"), done.count("acknowledged")), (Some(0), 1, 29), "{done:?}");
        assert!(done.stderr.contains("each for at most 1s"), "{}", done.stderr);
        assert!(done.stderr.contains("has not accepted it for 1s (reason"), "{}", done.stderr);
        assert_eq!(read_lines(&rejects), ["2"]);
        let done = publish(port, &[&base[..], &["--spool", &spool]].concat(), input.clone());
        assert_eq!((done.code, done.count("refused")), (Some(65), 1), "{done:?}");
        assert_eq!(place.left(), ["2"]);
        // Alone, it is a matter of another time.
        let done = publish(port, &base, "2\n");
        assert_eq!((done.code, done.count("refused")), (Some(75), 1), "{done:?}");
        assert!(done.stderr.contains(r#""id":"message-not-now""#), "{}", done.stderr);
        assert_eq!(came.lock().unwrap().delivered.len(), 58);
    }
    // While it waits, the others of a small window go on.
    let (port, came) = broker(&[], |publish, _| if text(publish) == "2" { Answer::Reason(0x97) } else { Answer::Take });
    let input: String = (1..=30).map(|n| format!("{n}\n")).collect();
    let args = ["-l", "-V", "5", "-q", "1", "-t", OTHER, "-M", "4", "--deadline", "2s"];
    let done = publish(port, &args, input);
    assert_eq!((done.code, done.count("acknowledged")), (Some(75), 29), "{done:?}");
    assert_eq!(came.lock().unwrap().delivered.len(), 29);
}

/// Of a topic's subscription, which the echo of a message at QoS 0 needs.
fn broker_that_grants(after: usize, code: u8) -> (u16, Arc<Mutex<Vec<String>>>) {
    let came = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&came);
    let broker = Broker::start(move |client: MarketClient| {
        let mut refused = 0;
        loop {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            let mut granted = false;
            while let Some(packet) = peer.next() {
                match packet {
                    Packet::Subscribe { id, .. } => {
                        granted = refused >= after;
                        refused += usize::from(!granted);
                        peer.send(Packet::SubAck { id, codes: vec![if granted { Reason(0) } else { Reason(code) }] });
                    }
                    Packet::Publish(publish) => {
                        shared.lock().unwrap().push(text(&publish));
                        if granted {
                            peer.send(Packet::Publish(publish));
                        }
                    }
                    Packet::Unsubscribe { id, .. } => peer.send(Packet::UnsubAck { id, codes: vec![Reason::SUCCESS] }),
                    Packet::PingReq => peer.send(Packet::PingResp),
                    _ => {}
                }
            }
        }
    });
    (broker.port, came)
}

#[test]
fn a_subscription_for_the_echo_that_cannot_be_granted_now_is_asked_for_again() {
    for code in [0x80, 0x97] {
        let (port, came) = broker_that_grants(2, code);
        let done = publish(port, &["-l", "-V", "5", "-t", OTHER], "1\n2\n3\n");
        assert_eq!((done.code, done.count("acknowledged"), done.count("confirmed")), (Some(0), 3, 1), "{done:?}");
        assert_eq!(*came.lock().unwrap(), ["1", "1", "2", "3"], "only once without an echo");
        let (port, _) = broker_that_grants(2, code);
        let done = publish(port, &["-V", "5", "-t", OTHER, "-m", "1", "--retry", "2"], "");
        assert_eq!(done.code, Some(0), "{done:?}");
        let done = publish(broker_that_grants(9, code).0, &["-V", "5", "-t", OTHER, "-m", "1"], "");
        assert!(done.code == Some(75) && done.stderr.contains(r#""id":"message-not-now""#), "{done:?}");
        let (port, _) = broker_that_grants(99, code);
        let done = publish(port, &["-l", "-V", "5", "-t", OTHER, "--retry-refused", "1s"], "1\n2\n");
        assert_eq!(done.count("acknowledged"), 0, "{done:?}");
        assert!(done.stderr.contains("refused the subscription"), "{}", done.stderr);
    }
    let (port, _) = broker_that_grants(1, 0x87);
    let done = publish(port, &["-l", "-V", "5", "-t", OTHER], "1\n");
    assert_eq!(done.code, Some(77), "{done:?}");
}

#[test]
fn a_run_ends_by_its_own_lines_and_not_by_an_earlier_run_s() {
    let (port, came) = broker(&[], |publish, _| if to_denied(publish) { Answer::Close } else { Answer::Take });
    let place = Place(Folder::new());
    let args = ["--confirm", "none"];
    assert_eq!(place.lines(port, &args, &with_topics(&["bad1"])).code, Some(77));
    let done = place.lines(port, &args, &with_topics(&["2"]));
    assert_eq!((done.code, done.count("refused")), (Some(0), 1), "{done:?}");
    assert!(done.stderr.contains("record 1 of the spool") && done.stderr.contains("stays there"), "{}", done.stderr);
    let done = place.lines(port, &args, &with_topics(&["bad3", "4"]));
    assert_eq!(done.code, Some(65), "{done:?}");
    assert!(done.stderr.contains("with this run's credential and broker puts such"), "{}", done.stderr);
    assert_eq!(place.left(), ["bad1", "bad3"]);
    assert_eq!(came.lock().unwrap().delivered, ["2", "4"]);
}

#[test]
fn an_empty_line_removes_no_retained_message_unless_it_says_so() {
    let (port, came) = broker(&[], |_, _| Answer::Take);
    let args = ["-q", "1", "--confirm", "none"];
    for (more, input, rejected, sent) in [
        (&["-l", "-t", OTHER][..], "1\n\n2\n".to_owned(), 0, 3),
        (&["-l", "-t", OTHER, "-r"], "1\n\n2\n".to_owned(), 1, 2),
        (&["--topic-per-line", "-r"], format!("{OTHER}\t\n"), 1, 0),
        (&["--jsonl", "-t", OTHER, "-r"], "{\"payload\":\"\"}\n".to_owned(), 1, 0),
        (&["--jsonl", "-t", OTHER], "{\"payload\":\"\",\"retain\":true}\n".to_owned(), 0, 1),
    ] {
        let done = publish(port, &[more, &args].concat(), input);
        assert_eq!((done.count("rejected"), done.count("acknowledged")), (rejected, sent), "{more:?}: {done:?}");
        assert_eq!(done.stderr.contains("would remove the retained message"), rejected > 0, "{more:?}: {done:?}");
    }
    assert_eq!(came.lock().unwrap().delivered.len(), 6);
}

#[test]
fn with_confirm_all_a_message_without_an_echo_is_refused_alone() {
    let (port, came) =
        broker(&[], |publish, _| if text(publish).starts_with("bad") { Answer::Drop } else { Answer::Take });
    let place = Place(Folder::new());
    let rejects = place.0.join("rejects").display().to_string();
    let args = ["-l", "-q", "1", "-t", TOPIC, "--confirm", "all", "--rejects", &rejects];
    let done = publish(port, &args, "1\nbad2\n3\nbad4\n5\n");
    let counts = ["refused", "acknowledged", "confirmed"].map(|name| done.count(name));
    assert_eq!((done.code, counts), (Some(0), [2, 3, 3]), "{done:?}");
    assert_eq!(std::fs::read_to_string(rejects).unwrap(), "bad2\nbad4\n");
    assert_eq!(came.lock().unwrap().delivered, ["1", "3", "5"]);
}

#[test]
fn a_topic_that_waits_for_its_proof_holds_up_no_other() {
    let (port, came) = broker(&[], |publish, _| if to_denied(publish) { Answer::Drop } else { Answer::Take });
    let place = Place(Folder::new());
    let rejects = place.0.join("rejects").display().to_string();
    let spool = place.spool();
    for qos in ["0", "1"] {
        for more in [&["--rejects", &rejects][..], &["--spool", &spool]] {
            *came.lock().unwrap() = Came::default();
            let args = ["--topic-per-line", "-q", qos, "--timeout", "20s", "--deadline", "2s"];
            let mut run = start(port, &[&args, more].concat());
            run.feed(with_topics(&["bad1", "bad2", "3", "4"]).into());
            let done = run.end();
            assert_eq!((done.code, done.count("confirmed")), (Some(75), 1), "{qos} {more:?}: {done:?}");
            assert_eq!(came.lock().unwrap().delivered, ["3", "4"], "{qos} {more:?}");
            assert!(!came.lock().unwrap().times.contains_key("bad2"), "it waits for the first");
            let _ = std::fs::remove_dir_all(&spool);
        }
    }
}

#[test]
fn what_waited_for_its_proof_at_qos_0_arrives_once_and_in_order() {
    let (port, came) = broker(&[], |_, _| Answer::Take);
    let place = Place(Folder::new());
    let words: Vec<String> = (1..=500).map(|n| if n % 2 == 0 { format!("bad{n}") } else { n.to_string() }).collect();
    let input = with_topics(&words.iter().map(String::as_str).collect::<Vec<_>>());
    let done = place.lines(port, &["-q", "0"], &input);
    assert_eq!((done.code, done.count("acknowledged"), done.count("confirmed")), (Some(0), 500, 2), "{done:?}");
    let came = came.lock().unwrap();
    for to_denied in [true, false] {
        let of_topic = |word: &&String| word.starts_with("bad") == to_denied;
        let (arrived, sent) = (came.delivered.iter().filter(of_topic), words.iter().filter(of_topic));
        assert!(arrived.eq(sent), "{:?}", came.delivered);
    }
    assert_eq!(place.left().len(), 0);
}

#[test]
fn what_the_broker_said_that_it_does_not_take_is_not_sent() {
    // Maximum QoS 1, no retained messages, packets of 60 bytes at most (MQTT 5 §3.2.2.3).
    const LIMITS: &[u8] = &[0x24, 1, 0x25, 0, 0x27, 0, 0, 0, 60];
    let (port, came) = broker(LIMITS, |_, _| Answer::Take);
    let message = |payload: &str, qos: u8, retain: bool| {
        serde_json::json!({"topic": OTHER, "payload": payload, "qos": qos, "retain": retain}).to_string() + "\n"
    };
    let long = "x".repeat(40);
    let lines = [message("1", 1, false), message("2", 2, false), message("3", 1, true), message(&long, 1, false)];
    let input = lines.concat() + &message("5", 0, false);
    for spooled in [false, true] {
        let place = Place(Folder::new());
        let spool = place.spool();
        let args: &[&str] = if spooled { &["--spool", &spool] } else { &[] };
        let done = publish(port, &[&["--jsonl", "-V", "5", "--confirm", "none"], args].concat(), input.clone());
        assert_eq!((done.code, done.count("rejected"), done.count("acknowledged")), (Some(65), 3, 2), "{done:?}");
        for told in ["accepts at most QoS 1", "retains no messages", "accepts 60 at most"] {
            assert!(done.stderr.contains(told), "{told}: {}", done.stderr);
        }
    }
    assert_eq!(came.lock().unwrap().delivered, ["1", "5", "1", "5"]);
}

#[test]
fn a_rate_spreads_the_messages_and_a_burst_to_i3_is_noted() {
    let (port, _) = broker(&[], |_, _| Answer::Take);
    let input: String = (1..=300).map(|n| format!("{n}\n")).collect();
    let args = ["-l", "-q", "1", "-t", OTHER, "--confirm", "none"];
    let done = publish(port, &args, input.clone());
    assert!(done.stderr.contains("--rate 100/s"), "{}", done.stderr);
    let done = publish(port, &[&args[..], &["--rate", "150/s"]].concat(), input);
    assert_eq!((done.code, done.count("acknowledged"), done.stderr.as_str()), (Some(0), 300, ""), "{done:?}");
    let seconds = done.tally["seconds"].as_f64().unwrap();
    assert!(seconds >= 299.0 / 150.0 - 0.1, "{seconds}");
}
