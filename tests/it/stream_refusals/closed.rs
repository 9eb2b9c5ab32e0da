//! Messages at which a broker closes the connection, or stays silent: they are found, and no others are blamed.

use super::{Answer, DENIED, OTHER, Place, broker, direct, publish, read_lines, to_denied, with_topics};
use crate::support::folder::Folder;
use crate::support::line_mode::start;
use crate::support::scripted_broker::text;

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
            let (spool, rejects) = (place.spool(), place.rejects());
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

/// The first messages are too long; nothing is known of the topic yet.
#[test]
fn a_topic_is_not_given_up_for_shorter_messages() {
    let (port, came) = broker(&[], |publish, _| if text(publish).len() > 20 { Answer::Close } else { Answer::Take });
    let place = Place(Folder::new());
    let rejects = place.rejects();
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
            let (spool, rejects) = (place.spool(), place.rejects());
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
    let rejects = place.rejects();
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
    let rejects = place.rejects();
    let mut input = format!("{OTHER}\t1\n");
    input.extend((2..=8).map(|n| format!("{DENIED}{n}\t{n}\n")));
    input.extend((9..=12).map(|n| format!("{OTHER}\t{n}\n")));
    let done = direct(port, &["--rejects", &rejects], &input);
    assert_eq!((done.code, done.count("refused"), done.count("acknowledged")), (Some(0), 7, 5), "{done:?}");
    assert_eq!(came.lock().unwrap().delivered, ["1", "9", "10", "11", "12"]);
}
