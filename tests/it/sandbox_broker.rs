//! The sandbox's broker against what was observed of the real one (I3 facts §3 and §4).

use std::time::{Duration, Instant};

use i3::mqtt::packet::{AckKind, ConnAck, Filter, Packet, Publish, QoS, Reason, Version};
use i3::sandbox::{Options, RunningSandbox, Sandbox};

use crate::http::{Browser, product};
use crate::program::key;
use crate::support::skipped::skipped;
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

#[test]
fn every_wrong_log_in_is_a_5_and_a_closed_connection() {
    let sandbox = sandbox();
    assert_eq!(log_in(&sandbox, LOT1, SECRET), 0);
    assert_eq!(log_in(&sandbox, "ALICE$parking$Lot1", SECRET), 0, "names are compared without case");
    for (user_name, password) in [
        (LOT1, "wrong!"),
        (LOT1, ""),
        ("", SECRET),
        ("lot1", SECRET),
        ("alice$parking$nobody", SECRET),
        (LOT1, "PBKDF2$sha256$901$AAAA$AAAA"),
        (LOT1, "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"),
        (LOT1, "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"),
    ] {
        assert_eq!(log_in(&sandbox, user_name, password), 5, "{user_name} {password}");
    }
    let (mut client, answer) = Client::open(&sandbox, Version::V5, connect_packet("c", LOT1, "wrong!"));
    assert_eq!(answer.code, 0x87);
    assert!(client.is_closed());
    sandbox.set_database_down(true);
    assert_eq!(log_in(&sandbox, LOT1, SECRET), 5);
    assert_eq!(sandbox.counts().broker_log_ins, 12);
}

#[test]
fn devices_that_differ_in_case_or_stand_twice_kill_each_other() {
    let sandbox = sandbox();
    Browser::of_seller(&sandbox).create_device("LOT1", "1", SECRET);
    assert_eq!(log_in(&sandbox, LOT1, SECRET), 5);
    assert_eq!(log_in(&sandbox, "alice$parking$LOT1", SECRET), 5);
}

#[test]
fn passwords_go_through_a_shell_unless_they_come_as_a_hash() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    for (name, password, becomes) in [
        ("plain", "Aa0._-+/=@:,%#*?!~^[]{}ü", Some("Aa0._-+/=@:,%#*?!~^[]{}ü")),
        ("blank", "two words", Some("two")),
        ("quote", "it's mine", None),
        ("hash", "#secret", None),
        ("dollar", "cost$HOME", Some("cost")),
        ("command", "secret;reboot now", Some(SECRET)),
    ] {
        assert_eq!(alice.create_device(name, "1", password).status, 302);
        let device = format!("alice$parking${name}");
        assert_eq!(log_in(&sandbox, &device, password) == 0, becomes == Some(password), "{password}");
        assert_eq!(becomes.is_some_and(|becomes| log_in(&sandbox, &device, becomes) == 0), becomes.is_some());
    }
    assert_eq!(sandbox.shell_commands(), ["reboot now"]);
    // PBKDF2-HMAC-SHA256 of "two words; $HOME 'q' ü" over the salt's base64 text, 901 iterations, 24 bytes.
    let salt = "c2FsdHNhbHRzYWx0";
    let mut key = [0; 24];
    let iterations = std::num::NonZeroU32::new(901).unwrap();
    let password = "two words; $HOME 'q' ü";
    ring::pbkdf2::derive(ring::pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt.as_bytes(), password.as_bytes(), &mut key);
    use base64::Engine as _;
    let hash = format!("PBKDF2$sha256$901${salt}${}", base64::engine::general_purpose::STANDARD.encode(key));
    assert_eq!(alice.create_device("hashed", "2", &hash).status, 302);
    assert_eq!(log_in(&sandbox, "alice$parking$hashed", password), 0);
    assert_eq!(log_in(&sandbox, "alice$parking$hashed", &hash), 5);
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
fn a_token_lets_in_until_the_device_gets_another_credential() {
    let Some((body, token)) = openssl_token(r#"{"iss":"lot2","iat":1700000000,"exp":4000000000}"#) else {
        skipped("openssl is not installed; no token was tried on the sandbox's broker");
        return;
    };
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let lot2 = "alice$parking$lot2";
    assert_eq!(body.len(), 392);
    alice.create_device("lot2", "2", &body);
    assert_eq!(log_in(&sandbox, lot2, &token), 0);
    assert_eq!(log_in(&sandbox, lot2, &format!("{token}\n")), 5);
    assert_eq!(log_in(&sandbox, lot2, &body), 5);
    let mut open = Client::new(&sandbox, "open", lot2, &token);
    alice.post("/devices/edit/2/", &[("rgs_type", "1"), ("password", "changed")]);
    assert_eq!(log_in(&sandbox, lot2, &token), 5);
    assert_eq!(log_in(&sandbox, lot2, "changed"), 0);
    assert_eq!(open.publish(TOPIC, "still here"), Reason::SUCCESS);
    // The key under type 1 is a password, and the token is worth nothing.
    alice.create_device("lot3", "1", &body);
    assert_eq!(log_in(&sandbox, "alice$parking$lot3", &token), 5);
    assert_eq!(log_in(&sandbox, "alice$parking$lot3", &body), 0);
}

#[test]
fn clients_without_credentials_are_let_in_to_nothing_or_refused() {
    assert_eq!(log_in(&sandbox(), "", ""), 5);
    let sandbox = released();
    let mut nobody = Client::new(&sandbox, "nobody", "", "");
    nobody.subscribe("#", QoS::AtLeastOnce);
    let mut lot1 = Client::new(&sandbox, "lot1", LOT1, SECRET);
    assert_eq!(lot1.publish(TOPIC, "678"), Reason::SUCCESS);
    nobody.nothing();
    assert_eq!(nobody.publish(TOPIC, "0"), Reason::SUCCESS);
    lot1.nothing();
}

#[test]
fn the_released_broker_does_not_speak_mqtt_5() {
    let sandbox = released();
    let mut client = Client::raw(&sandbox, Version::V311);
    let mut bytes = bytes::BytesMut::new();
    Packet::Connect(connect_packet("c", LOT1, SECRET)).write(&mut bytes, Version::V5).unwrap();
    client.send_bytes(&bytes);
    assert_eq!(client.next(), Some(Packet::ConnAck(ConnAck::new(1))));
    assert!(client.is_closed());
}

#[test]
fn client_ids_have_their_traps() {
    let sandbox = sandbox();
    let keeping = |id: &str| i3::mqtt::packet::Connect { clean: false, ..connect_packet(id, LOT1, SECRET) };
    let (mut client, answer) = Client::open(&sandbox, Version::V311, keeping(""));
    assert_eq!(answer.code, 2);
    assert!(client.is_closed());
    let (_, answer) = Client::open(&sandbox, Version::V5, connect_packet("", LOT1, SECRET));
    assert!(answer.code == 0 && answer.assigned_client_id.is_some());
    Client::new(&sandbox, "", LOT1, SECRET).nothing();
    // A second connection with the same client id closes the first, across devices.
    Browser::of_seller(&sandbox).create_device("lot2", "1", SECRET);
    let mut first = Client::new(&sandbox, "same", LOT1, SECRET);
    let (mut second, _) = Client::open(&sandbox, Version::V5, connect_packet("same", "alice$parking$lot2", SECRET));
    assert!(first.is_closed());
    let mut third = Client::new(&sandbox, "same", LOT1, SECRET);
    assert_eq!(second.next(), Some(Packet::Disconnect { reason: Reason::SESSION_TAKEN_OVER }));
    assert!(second.is_closed());
    // Ids that could be patterns connect, and every publish is dropped.
    third.subscribe(TOPIC, QoS::AtMostOnce);
    for id in ["a+b", "a#", "a/b"] {
        assert_eq!(Client::new(&sandbox, id, LOT1, SECRET).publish(TOPIC, "1"), Reason::SUCCESS);
        third.nothing();
    }
}

#[test]
fn a_denied_publish_is_acknowledged_like_any_other() {
    let sandbox = sandbox();
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.subscribe("#", QoS::ExactlyOnce);
    for topic in
        ["alice/parking/nothing", "alice/parking/occupancy/level2", "bob/parking/occupancy", "alice/parking/Occupancy"]
    {
        lot1.send(Packet::Publish(publish(topic, "1", QoS::AtMostOnce, 0)));
        assert_eq!(lot1.publish(topic, "1"), Reason::SUCCESS);
        lot1.send(Packet::Publish(publish(topic, "1", QoS::ExactlyOnce, 5)));
        assert_eq!(lot1.next(), Some(ack(AckKind::PubRec, 5)));
        lot1.send(ack(AckKind::PubRel, 5));
        assert_eq!(lot1.next(), Some(ack(AckKind::PubComp, 5)));
        lot1.nothing();
    }
}

#[test]
fn mqtt_5_tells_of_a_denial_above_qos_0() {
    let sandbox = sandbox();
    let (mut lot1, _) = Client::open(&sandbox, Version::V5, connect_packet("c", LOT1, SECRET));
    lot1.send(Packet::Publish(publish("alice/parking/nothing", "1", QoS::AtMostOnce, 0)));
    assert_eq!(lot1.publish("alice/parking/nothing", "1"), Reason::NOT_AUTHORIZED);
    lot1.send(Packet::Publish(publish("alice/parking/nothing", "1", QoS::ExactlyOnce, 5)));
    let denied = Packet::Ack { kind: AckKind::PubRec, id: 5, reason: Reason::NOT_AUTHORIZED };
    assert_eq!(lot1.next(), Some(denied));
    assert_eq!(lot1.publish(TOPIC, "1"), Reason::SUCCESS);
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
    // With room again, what comes is delivered again.
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
fn a_wildcard_is_granted_and_delivers_exactly_what_may_be_read() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    for product in ["barrier", "display", "unsold"] {
        alice.create_product(product, "3");
    }
    sandbox.add_purchase("bob", "alice/parking/barrier").unwrap();
    let seed = sandbox.seed();
    let mut lot1 = Client::new(&sandbox, "lot1", LOT1, SECRET);
    for (filter, gets) in [
        ("#", &["occupancy", "barrier"][..]),
        ("+/+/+", &["occupancy", "barrier"]),
        ("alice/#", &["occupancy", "barrier"]),
        ("alice/+/barrier", &["barrier"]),
        ("alice/parking/barrier/#", &["barrier"]),
        ("alice/+", &[]),
        ("+", &[]),
        ("+/parking/unsold", &[]),
    ] {
        let mut bob = Client::new(&sandbox, "listener", &seed.buyer, seed.buyer_broker_password.expose());
        bob.subscribe(filter, QoS::AtMostOnce);
        for product in ["occupancy", "barrier", "display", "unsold"] {
            lot1.publish(&format!("alice/parking/{product}"), product);
        }
        for product in gets {
            assert_eq!(bob.message(), *product, "{filter}");
        }
        bob.nothing();
    }
}

#[test]
fn the_first_message_to_a_client_that_is_called_as_its_buyer_ends_the_purchase() {
    let sandbox = sandbox();
    let seed = sandbox.seed();
    let mut lot1 = Client::new(&sandbox, "lot1", LOT1, SECRET);
    let bought = |sandbox: &RunningSandbox| sandbox.permissions().iter().any(|row| row.name == "bob");
    let mut open = |id: &str| {
        let mut bob = Client::new(&sandbox, id, &seed.buyer, seed.buyer_broker_password.expose());
        bob.subscribe(TOPIC, QoS::AtMostOnce);
        lot1.publish(TOPIC, id);
        bob
    };
    // Any other id is not metered.
    assert_eq!(open("listener").message(), "listener");
    assert!(bought(&sandbox));
    assert_eq!(open("bob").message(), "bob");
    assert!(!bought(&sandbox));
    // What the broker remembers goes on for a while.
    assert_eq!(open("bob").message(), "bob");
    sandbox.forget_permissions();
    open("bob").nothing();
    open("listener").nothing();
}

#[test]
fn a_log_in_by_token_holds_up_every_client_of_the_broker_and_not_the_marketplace() {
    let cost = Duration::from_secs(2);
    let sandbox = with_device(Options { token_cost: cost, ..Options::default() });
    let mut alice = Browser::of_seller(&sandbox);
    let mut lot1 = Client::new(&sandbox, "lot1", LOT1, SECRET);
    let token = i3::token::mint(&key(), "lot2", i3::token::Lifetime::DEFAULT, std::time::SystemTime::now()).unwrap();
    let body = key().public().body();
    assert_eq!(alice.create_device("lot2", "2", &body).status, 302);
    let before = sandbox.counts().broker_log_ins;
    let began = Instant::now();
    let mut lot2 = Client::raw(&sandbox, Version::V311);
    lot2.send(Packet::Connect(connect_packet("lot2", "alice$parking$lot2", token.expose())));
    while sandbox.counts().broker_log_ins == before {
        std::thread::yield_now();
    }
    assert_eq!(alice.get("/hubs/").status, 200);
    assert!(began.elapsed() < cost, "the marketplace was held up as well");
    lot1.nothing();
    assert!(began.elapsed() >= cost, "lot1 was served after {:?}", began.elapsed());
    assert_eq!(lot2.next(), Some(Packet::ConnAck(ConnAck::new(0))));
    assert_eq!(Options::default().token_cost, Duration::from_millis(60));
}

#[test]
fn log_ins_by_token_come_one_after_the_other() {
    let cost = Duration::from_millis(300);
    let sandbox = with_device(Options { token_cost: cost, ..Options::default() });
    let token = i3::token::mint(&key(), "lot2", i3::token::Lifetime::DEFAULT, std::time::SystemTime::now()).unwrap();
    let began = Instant::now();
    // What a token is worth comes out at the end: a refused one costs as much.
    let mut clients: Vec<Client> = (0..3)
        .map(|n| {
            let mut client = Client::raw(&sandbox, Version::V311);
            client.send(Packet::Connect(connect_packet(&format!("c{n}"), "alice$parking$nobody", token.expose())));
            client
        })
        .collect();
    for client in &mut clients {
        assert_eq!(client.next(), Some(Packet::ConnAck(ConnAck::new(5))));
    }
    assert!(began.elapsed() >= 3 * cost, "{:?}", began.elapsed());
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
fn permissions_are_cached_for_no_and_for_yes() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let topic = "alice/parking/humidity";
    let mut listener = Client::new(&sandbox, "l", LOT1, SECRET);
    listener.subscribe(topic, QoS::AtMostOnce);
    let mut early = Client::new(&sandbox, "early", LOT1, SECRET);
    early.publish(topic, "too early");
    alice.create_product("humidity", "1");
    early.publish(topic, "still denied");
    // A reconnect under the same client id changes nothing; a new one works at once.
    drop(early);
    let mut early = Client::new(&sandbox, "early", LOT1, SECRET);
    early.publish(topic, "still denied");
    listener.nothing();
    Client::new(&sandbox, "fresh", LOT1, SECRET).publish(topic, "fresh");
    assert_eq!(listener.message(), "fresh");
    sandbox.age_permissions(Duration::from_secs(301));
    early.publish(topic, "in time");
    assert_eq!(listener.message(), "in time");
    // After the device is gone, publishing goes on for as long, and no longer.
    assert_eq!(alice.get("/devices/delete/1/").status, 200);
    early.publish(topic, "from beyond");
    assert_eq!(listener.message(), "from beyond");
    assert_eq!(log_in(&sandbox, LOT1, SECRET), 5);
    sandbox.forget_permissions();
    early.publish(topic, "not any more");
    listener.nothing();
}

#[test]
fn without_its_database_the_broker_lives_on_its_cache() {
    let sandbox = sandbox();
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.subscribe(TOPIC, QoS::AtMostOnce);
    lot1.publish(TOPIC, "before");
    assert_eq!(lot1.message(), "before");
    sandbox.set_database_down(true);
    lot1.publish(TOPIC, "cached");
    assert_eq!(lot1.message(), "cached");
    lot1.send(Packet::Publish(publish("alice/parking/other", "1", QoS::AtLeastOnce, 1)));
    assert!(lot1.is_closed());
    sandbox.set_database_down(false);
    assert_eq!(log_in(&sandbox, LOT1, SECRET), 0);
}

#[test]
fn a_buyer_reads_all_that_was_bought_and_writes_what_is_no_sensor() {
    let sandbox = sandbox();
    let seed = sandbox.seed();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_product("barrier", "2");
    alice.create_product("display", "3");
    alice.create_product("unsold", "3");
    assert!(sandbox.add_purchase("bob", "alice/parking/barrier").unwrap());
    assert!(sandbox.add_purchase("bob", "alice/parking/display").unwrap());
    assert!(!sandbox.add_purchase("bob", "alice/parking/nothing").unwrap());
    let mut bob = Client::new(&sandbox, "listener", &seed.buyer, seed.buyer_broker_password.expose());
    let mut lot1 = Client::new(&sandbox, "lot1", LOT1, SECRET);
    // Everything is granted, and only what was bought is delivered.
    bob.subscribe("#", QoS::AtMostOnce);
    lot1.subscribe("#", QoS::AtMostOnce);
    for (product, reads, writes) in
        [("occupancy", true, false), ("barrier", true, true), ("display", true, true), ("unsold", false, false)]
    {
        let topic = format!("alice/parking/{product}");
        lot1.publish(&topic, "from lot1");
        assert_eq!(lot1.message(), "from lot1");
        if reads {
            assert_eq!(bob.message(), "from lot1", "{product}");
        }
        bob.nothing();
        assert_eq!(bob.publish(&topic, "from bob"), Reason::SUCCESS);
        if reads && writes {
            assert_eq!(bob.message(), "from bob");
        }
        if writes {
            assert_eq!(lot1.message(), "from bob", "{product}");
        }
        lot1.nothing();
    }
}

#[test]
fn a_product_made_without_mail_has_no_permission_until_it_is_edited() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    sandbox.set_mail_down(true);
    assert_eq!(alice.create_product("humidity", "1").status, 500);
    let topic = "alice/parking/humidity";
    let mut lot1 = Client::new(&sandbox, "c", LOT1, SECRET);
    lot1.subscribe(topic, QoS::AtMostOnce);
    lot1.publish(topic, "1");
    lot1.nothing();
    sandbox.set_mail_down(false);
    assert_eq!(alice.post("/products/2/edit/", &product(topic, "alice/parking", "1")).status, 302);
    sandbox.forget_permissions();
    lot1.publish(topic, "2");
    assert_eq!(lot1.message(), "2");
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
    assert_eq!(lot1.next(), Some(Packet::UnsubAck { id: 5, count: 1 }));
}
