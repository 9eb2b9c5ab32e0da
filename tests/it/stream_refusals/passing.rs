//! Refusals that pass: the message is sent again, and the subscription for its echo asked for again, until that takes too long.

use std::sync::{Arc, Mutex};

use i3::mqtt::packet::{Packet, Reason};

use super::{Answer, OTHER, Place, broker, publish, read_lines};
use crate::support::folder::Folder;
use crate::support::scripted_broker::{Broker, Clients, text};

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
        let (spool, rejects) = (place.spool(), place.rejects());
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
    let broker = Broker::start(move |client: Clients| {
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
