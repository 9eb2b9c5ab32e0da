//! Permissions at the sandbox's broker: which topics may be published and read, and which answers are cached.

use std::time::Duration;

use i3::mqtt::packet::{AckKind, Packet, QoS, Reason, Version};
use i3::sandbox::RunningSandbox;

use super::{LOT1, SECRET, TOPIC, log_in, sandbox};
use crate::http::{Browser, product};
use crate::wire::{Client, ack, connect_packet, publish};

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
    // What the broker remembers continues for a while.
    assert_eq!(open("bob").message(), "bob");
    sandbox.forget_permissions();
    open("bob").nothing();
    open("listener").nothing();
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
    // After the device is gone, publishing continues for as long, and no longer.
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
    // Every subscription is granted, and only purchased topics are delivered.
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
