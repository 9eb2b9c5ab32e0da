//! The sandbox's broker compared with observations of the real one (I3 facts §3 and §4).

mod log_in;
mod permissions;

use i3::mqtt::packet::{AckKind, Filter, Packet, Publish, QoS, Reason, Version};
use i3::sandbox::{Options, RunningSandbox, Sandbox};

use crate::http::Browser;
use crate::wire::{Client, ack, connect_packet, publish};

const LOT1: &str = "alice$parking$lot1";
const TOPIC: &str = "alice/parking/occupancy";
const SECRET: &str = "secret";

/// A sandbox with the device `lot1`, password `secret`.
fn with_device(options: Options) -> RunningSandbox {
    let sandbox = Sandbox::spawn(options).unwrap();
    assert_eq!(Browser::of_seller(&sandbox).create_device("lot1", "1", SECRET).status, 302);
    sandbox
}

fn sandbox() -> RunningSandbox {
    with_device(Options::default())
}

/// The released broker: MQTT 3.1.1 alone.
fn released() -> RunningSandbox {
    with_device(Options { mqtt5: false, ..Options::default() })
}

/// The CONNACK's code of a 3.1.1 log-in; a refused connection must be closed by the broker.
fn log_in(sandbox: &RunningSandbox, user_name: &str, password: &str) -> u8 {
    let (mut client, answer) = Client::open(sandbox, Version::V311, connect_packet("c", user_name, password));
    if answer.code != 0 {
        assert!(client.is_closed());
    }
    answer.code
}

/// A key and a token of openssl's making, if it is there: independent of every line here.
fn openssl_token(claims: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let run = |args: &[&str], input: &[u8]| {
        let mut child = Command::new("openssl")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let child = child.as_mut().ok()?;
        child.stdin.take()?.write_all(input).ok()?;
        let mut out = Vec::new();
        std::io::Read::read_to_end(&mut child.stdout.take()?, &mut out).ok()?;
        child.wait().ok()?.success().then_some(out)
    };
    let pem = run(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], b"")?;
    let public = String::from_utf8(run(&["pkey", "-pubout"], &pem)?).ok()?;
    let body = public.lines().filter(|line| !line.starts_with('-')).collect();
    let file = std::env::temp_dir().join(format!("i3-it-{:x}.pem", rand::random::<u64>()));
    std::fs::write(&file, &pem).ok()?;
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(claims));
    let signature = run(&["dgst", "-sha256", "-sign", file.to_str()?], signed.as_bytes());
    std::fs::remove_file(&file).ok()?;
    Some((body, format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature?))))
}

#[test]
fn a_topic_with_a_wildcard_closes_the_connection() {
    let sandbox = sandbox();
    for topic in ["alice/parking/#", "alice/+/occupancy", ""] {
        let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
        lot1.send(Packet::Publish(publish(topic, "1", QoS::AtMostOnce, 0)));
        assert!(lot1.is_closed(), "{topic}");
        let (mut lot1, _) = Client::open(&sandbox, Version::V5, connect_packet("c", LOT1, SECRET));
        lot1.send(Packet::Publish(publish(topic, "1", QoS::AtMostOnce, 0)));
        assert_eq!(lot1.next(), Some(Packet::Disconnect { reason: Reason::PROTOCOL_ERROR }), "{topic}");
        assert!(lot1.is_closed());
    }
}

#[test]
fn garbage_closes_the_connection_and_nothing_else() {
    let sandbox = sandbox();
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0x10, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xC0, 0x00],
        &[0x10, 0x02, 0x00, 0x04],
    ] {
        let mut client = Client::raw(&sandbox, Version::V311);
        client.send_bytes(bytes);
        if bytes.len() > 4 {
            assert!(client.is_closed());
        }
    }
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.send(Packet::Connect(connect_packet("c", LOT1, SECRET)));
    assert!(lot1.is_closed());
    assert_eq!(log_in(&sandbox, LOT1, SECRET), 0);
}

#[test]
fn an_allowed_publish_comes_back_after_its_acknowledgement() {
    let sandbox = sandbox();
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.subscribe(TOPIC, QoS::AtLeastOnce);
    assert_eq!(lot1.publish(TOPIC, "678"), Reason::SUCCESS);
    assert_eq!(lot1.message(), "678");
    // At QoS 2 in, it comes with the release, at the lower of both.
    lot1.send(Packet::Publish(publish(TOPIC, "679", QoS::ExactlyOnce, 3)));
    assert_eq!(lot1.next(), Some(ack(AckKind::PubRec, 3)));
    lot1.nothing();
    lot1.send(Packet::Publish(Publish { dup: true, ..publish(TOPIC, "679", QoS::ExactlyOnce, 3) }));
    assert_eq!(lot1.next(), Some(ack(AckKind::PubRec, 3)));
    lot1.send(ack(AckKind::PubRel, 3));
    assert_eq!(lot1.next(), Some(ack(AckKind::PubComp, 3)));
    assert_eq!(lot1.message(), "679");
    lot1.nothing();
}

#[test]
fn messages_go_out_at_qos_2_in_four_steps() {
    let sandbox = sandbox();
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.subscribe(TOPIC, QoS::ExactlyOnce);
    lot1.send(Packet::Publish(publish(TOPIC, "1", QoS::ExactlyOnce, 3)));
    lot1.next();
    lot1.send(ack(AckKind::PubRel, 3));
    assert_eq!(lot1.next(), Some(ack(AckKind::PubComp, 3)));
    let Some(Packet::Publish(echo)) = lot1.next() else { panic!("no echo") };
    assert_eq!(echo.qos, QoS::ExactlyOnce);
    lot1.send(ack(AckKind::PubRec, echo.id));
    assert_eq!(lot1.next(), Some(ack(AckKind::PubRel, echo.id)));
    lot1.send(ack(AckKind::PubComp, echo.id));
    lot1.nothing();
}

#[test]
fn a_subscriber_gets_240_messages_of_a_burst_and_all_of_them_at_qos_0() {
    let sandbox = sandbox();
    let mut slow = Client::new(&sandbox, "slow", LOT1, SECRET);
    slow.subscribe(TOPIC, QoS::AtLeastOnce);
    let mut unacknowledging = Client::new(&sandbox, "q0", LOT1, SECRET);
    unacknowledging.subscribe(TOPIC, QoS::AtMostOnce);
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    for n in 0..300 {
        assert_eq!(lot1.publish(TOPIC, &n.to_string()), Reason::SUCCESS);
    }
    for n in 0..240 {
        assert_eq!(slow.message(), n.to_string());
    }
    slow.nothing();
    for n in 0..300 {
        assert_eq!(unacknowledging.message(), n.to_string());
    }
    // Once there is room, messages are delivered again.
    lot1.publish(TOPIC, "later");
    assert_eq!(slow.message(), "later");
}

#[test]
fn no_more_than_40_messages_are_on_their_way_to_a_subscriber() {
    let sandbox = sandbox();
    let mut slow = Client::new(&sandbox, "slow", LOT1, SECRET);
    slow.subscribe(TOPIC, QoS::AtLeastOnce);
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    for n in 0..50 {
        lot1.publish(TOPIC, &n.to_string());
    }
    let mut unacknowledged = Vec::new();
    for n in 0..40 {
        let Some(Packet::Publish(publish)) = slow.next() else { panic!("no message {n}") };
        unacknowledged.push(publish.id);
    }
    slow.nothing();
    slow.send(ack(AckKind::PubAck, unacknowledged[0]));
    assert_eq!(slow.message(), "40");
}

#[test]
fn a_kept_session_stores_the_first_200_messages_of_an_absence_and_none_at_qos_0() {
    let sandbox = sandbox();
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    for (qos, stored) in [(QoS::AtLeastOnce, 200), (QoS::AtMostOnce, 0)] {
        let id = format!("kept{stored}");
        let keeping = i3::mqtt::packet::Connect { clean: false, ..connect_packet(&id, LOT1, SECRET) };
        let (mut first, _) = Client::open(&sandbox, Version::V311, keeping.clone());
        first.subscribe(TOPIC, qos);
        first.send(Packet::Disconnect { reason: Reason::SUCCESS });
        assert!(first.is_closed());
        for n in 0..250 {
            lot1.publish(TOPIC, &n.to_string());
        }
        let (mut again, answer) = Client::open(&sandbox, Version::V311, keeping);
        assert!(answer.session_present);
        for n in 0..stored {
            assert_eq!(again.message(), n.to_string());
        }
        again.nothing();
    }
}

#[test]
fn many_messages_arrive_in_order_through_a_small_window() {
    let sandbox = sandbox();
    let mut listener = Client::new(&sandbox, "l", LOT1, SECRET);
    listener.subscribe("alice/parking/+", QoS::AtLeastOnce);
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    for n in 0..200 {
        lot1.publish(TOPIC, &n.to_string());
    }
    for n in 0..200 {
        assert_eq!(listener.message(), n.to_string());
    }
    listener.nothing();
}

#[test]
fn retained_messages_come_first_and_say_so() {
    let sandbox = sandbox();
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.send(Packet::Publish(Publish { retain: true, ..publish(TOPIC, "old", QoS::AtLeastOnce, 1) }));
    lot1.next();
    lot1.subscribe(TOPIC, QoS::AtMostOnce);
    let retained = Publish { retain: true, ..publish(TOPIC, "old", QoS::AtMostOnce, 0) };
    assert_eq!(lot1.next(), Some(Packet::Publish(retained)));
    lot1.publish(TOPIC, "new");
    assert_eq!(lot1.next(), Some(Packet::Publish(publish(TOPIC, "new", QoS::AtMostOnce, 0))));
    lot1.send(Packet::Publish(Publish { retain: true, ..publish(TOPIC, "", QoS::AtMostOnce, 0) }));
    assert_eq!(lot1.message(), "");
    lot1.subscribe(TOPIC, QoS::AtMostOnce);
    lot1.nothing();
}

#[test]
fn kept_sessions_get_what_they_missed() {
    let sandbox = sandbox();
    let keeping = i3::mqtt::packet::Connect { clean: false, ..connect_packet("kept", LOT1, SECRET) };
    let (mut first, answer) = Client::open(&sandbox, Version::V311, keeping.clone());
    assert!(!answer.session_present);
    first.subscribe(TOPIC, QoS::AtLeastOnce);
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.publish(TOPIC, "1");
    let Some(Packet::Publish(unacknowledged)) = first.next() else { panic!("no message") };
    first.send(Packet::Disconnect { reason: Reason::SUCCESS });
    assert!(first.is_closed());
    lot1.publish(TOPIC, "2");
    let (mut again, answer) = Client::open(&sandbox, Version::V311, keeping);
    assert!(answer.session_present);
    assert_eq!(again.next(), Some(Packet::Publish(Publish { dup: true, ..unacknowledged })));
    assert_eq!(again.message(), "2");
    again.nothing();
}

#[test]
fn a_will_is_published_unless_the_client_says_goodbye() {
    let sandbox = sandbox();
    let mut listener = Client::new(&sandbox, "l", LOT1, SECRET);
    listener.subscribe(TOPIC, QoS::AtMostOnce);
    let will = Some(publish(TOPIC, "gone", QoS::AtMostOnce, 0));
    let with_will = i3::mqtt::packet::Connect { will, ..connect_packet("w", LOT1, SECRET) };
    let (mut polite, _) = Client::open(&sandbox, Version::V311, with_will.clone());
    polite.send(Packet::Disconnect { reason: Reason::SUCCESS });
    assert!(polite.is_closed());
    listener.nothing();
    drop(Client::open(&sandbox, Version::V311, with_will));
    assert_eq!(listener.message(), "gone");
}

#[test]
fn own_messages_can_be_left_out_in_mqtt_5() {
    let sandbox = sandbox();
    let (mut lot1, _) = Client::open(&sandbox, Version::V5, connect_packet("c", LOT1, SECRET));
    let filter = Filter { filter: TOPIC.into(), qos: QoS::AtLeastOnce, no_local: true };
    lot1.send(Packet::Subscribe { id: 4, filters: vec![filter] });
    assert_eq!(lot1.next(), Some(Packet::SubAck { id: 4, codes: vec![Reason(1)] }));
    lot1.publish(TOPIC, "1");
    lot1.nothing();
    lot1.send(Packet::Unsubscribe { id: 5, filters: vec![TOPIC.into()] });
    assert_eq!(lot1.next(), Some(Packet::UnsubAck { id: 5, codes: vec![Reason::SUCCESS] }));
}
