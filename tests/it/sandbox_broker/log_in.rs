//! Log-ins at the sandbox's broker: who is let in, and how long a token takes.

use std::time::{Duration, Instant};

use i3::mqtt::packet::{ConnAck, Packet, QoS, Reason, Version};
use i3::sandbox::Options;

use super::{LOT1, SECRET, TOPIC, log_in, openssl_token, released, sandbox, with_device};
use crate::http::Browser;
use crate::program::key;
use crate::support::skipped::skipped;
use crate::wire::{Client, connect_packet};

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
fn a_log_in_by_token_holds_up_every_client_of_the_broker_and_not_the_marketplace() {
    let cost = Duration::from_secs(2);
    let sandbox = with_device(Options { token_cost: cost, ..Options::default() });
    let mut alice = Browser::of_seller(&sandbox);
    let mut lot1 = Client::new(&sandbox, "lot1", LOT1, SECRET);
    let token =
        i3::token::mint(&key().into(), "lot2", i3::token::Lifetime::DEFAULT, std::time::SystemTime::now()).unwrap();
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
    let token =
        i3::token::mint(&key().into(), "lot2", i3::token::Lifetime::DEFAULT, std::time::SystemTime::now()).unwrap();
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
