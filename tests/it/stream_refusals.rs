//! A refusal belongs to its message: the rest flows, once, and the refused one is named and kept.

mod closed;
mod limits;
mod passing;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use i3::mqtt::packet::{AckKind, Packet, Publish, QoS, Reason};

use crate::support::folder::Folder;
use crate::support::line_mode::{Done, TOPIC, drain, start};
use crate::support::scripted_broker::{Broker, Clients, Peer, text};

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
    let broker = Broker::start(move |client: Clients| {
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
    let mut run = start(port, &[&["--timeout", "1s"], args].concat());
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

    fn rejects(&self) -> String {
        self.0.join("rejects").display().to_string()
    }

    fn lines(&self, port: u16, args: &[&str], input: &str) -> Done {
        let spool = self.spool();
        let qos: &[&str] = if args.contains(&"-q") { &[] } else { &["-q", "1"] };
        publish(port, &[&["--topic-per-line", "--spool", &spool], qos, args].concat(), input)
    }

    fn drain(&self, port: u16, args: &[&str]) -> Done {
        drain(&self.0, self.spool().as_ref(), port, &[&["--timeout", "1s"], args].concat())
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
        assert!(done.stderr.contains("record 2 of the spool is held"), "{}", done.stderr);
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
            let rejects = place.rejects();
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

fn read_lines(file: &str) -> Vec<String> {
    std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
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
    let rejects = place.rejects();
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
    let rejects = place.rejects();
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
