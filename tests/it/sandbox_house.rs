//! The broker of the house: the sandbox's broker without I3's rules.

use i3::mqtt::packet::{AckKind, ConnAck, Connect, Filter, Packet, Publish, QoS, Reason, Version};
use i3::sandbox::{House, RunningHouse};

use crate::wire::{Client, ack, connect_packet, publish};

/// More messages than I3's broker would keep for anybody.
const MANY: usize = 600;
/// Messages that are on their way to one client at once.
const IN_FLIGHT: usize = 20;

fn house() -> RunningHouse {
    House::spawn(0).unwrap()
}

fn client(house: &RunningHouse, client_id: &str) -> Client {
    let (client, answer) = Client::open_at(house.url(), Version::V311, connect_packet(client_id, "", ""));
    assert_eq!(answer, ConnAck::new(0));
    client
}

#[test]
fn everybody_logs_in_and_uses_every_topic() {
    let house = house();
    let mut listener = client(&house, "listener");
    listener.subscribe("zigbee2mqtt/+/soil", QoS::AtLeastOnce);
    listener.subscribe("tele/#", QoS::AtLeastOnce);
    for (version, client_id, user_name, password) in [
        (Version::V311, "plain", "", ""),
        (Version::V5, "five", "", ""),
        (Version::V311, "", "somebody", "something"),
        (Version::V5, "", "alice$parking$lot1", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"),
        // Where I3 would deny every message.
        (Version::V311, "bridge/attic+1", "", ""),
    ] {
        let (mut sensor, answer) =
            Client::open_at(house.url(), version, connect_packet(client_id, user_name, password));
        assert_eq!(answer.code, 0, "{client_id}");
        for topic in ["zigbee2mqtt/bed1/soil", "tele/a/much/longer/topic/than/any/that/I3/takes", "tele"] {
            assert_eq!(sensor.publish(topic, "31"), Reason::SUCCESS);
            assert_eq!(listener.message(), "31", "{client_id} {topic}");
        }
        sensor.publish("zigbee2mqtt/bed1/air", "nobody hears it");
        listener.nothing();
    }
}

#[test]
fn a_kept_session_gets_every_message_of_an_absence_in_order() {
    let house = house();
    let mut sensor = client(&house, "sensor");
    for (version, qos, kept) in [
        (Version::V311, QoS::AtLeastOnce, MANY),
        (Version::V5, QoS::AtLeastOnce, MANY),
        (Version::V311, QoS::AtMostOnce, 0),
    ] {
        let id = format!("kept {version:?} {qos:?}");
        let keeping = Connect { clean: false, ..connect_packet(&id, "", "") };
        let (mut first, answer) = Client::open_at(house.url(), version, keeping.clone());
        assert!(!answer.session_present);
        first.subscribe("attic/#", qos);
        first.send(Packet::Disconnect { reason: Reason::SUCCESS });
        assert!(first.is_closed());
        for n in 0..MANY {
            sensor.publish("attic/temp", &n.to_string());
        }
        let (mut again, answer) = Client::open_at(house.url(), version, keeping);
        assert!(answer.session_present, "{id}");
        for n in 0..kept {
            assert_eq!(again.message(), n.to_string(), "{id}");
        }
        again.nothing();
        again.send(Packet::Unsubscribe { id: 5, filters: vec!["attic/#".into()] });
        assert!(matches!(again.next(), Some(Packet::UnsubAck { id: 5, .. })));
    }
}

#[test]
fn a_burst_waits_for_a_slow_subscriber_as_a_whole() {
    let house = house();
    let mut slow = client(&house, "slow");
    slow.subscribe("attic/temp", QoS::AtLeastOnce);
    let mut sensor = client(&house, "sensor");
    for n in 0..MANY {
        sensor.publish("attic/temp", &n.to_string());
    }
    let mut unacknowledged = Vec::new();
    for n in 0..IN_FLIGHT {
        let Some(Packet::Publish(publish)) = slow.next() else { panic!("no message {n}") };
        assert_eq!(publish.payload, n.to_string());
        unacknowledged.push(publish.id);
    }
    slow.nothing();
    for id in unacknowledged {
        slow.send(ack(AckKind::PubAck, id));
    }
    for n in IN_FLIGHT..MANY {
        assert_eq!(slow.message(), n.to_string());
    }
    slow.nothing();
}

#[test]
fn what_was_not_acknowledged_comes_again_after_the_connection_is_lost() {
    let house = house();
    let keeping = Connect { clean: false, ..connect_packet("gateway", "", "") };
    let (mut first, _) = Client::open_at(house.url(), Version::V311, keeping.clone());
    first.subscribe("attic/temp", QoS::AtLeastOnce);
    let mut sensor = client(&house, "sensor");
    sensor.publish("attic/temp", "21");
    let Some(Packet::Publish(unacknowledged)) = first.next() else { panic!("no message") };
    // Its connection is taken over, as after one that broke without anybody noticing.
    let (mut again, answer) = Client::open_at(house.url(), Version::V311, keeping);
    assert!(answer.session_present && first.is_closed());
    assert_eq!(again.next(), Some(Packet::Publish(Publish { dup: true, ..unacknowledged })));
}

#[test]
fn a_retained_message_waits_for_its_subscribers() {
    let house = house();
    let mut sensor = client(&house, "sensor");
    let retained = Publish { retain: true, ..publish("attic/state", "on", QoS::AtLeastOnce, 7) };
    sensor.send(Packet::Publish(retained.clone()));
    assert_eq!(sensor.next(), Some(ack(AckKind::PubAck, 7)));
    drop(sensor);
    for id in ["one", "two"] {
        let mut listener = client(&house, id);
        listener.subscribe("+/state", QoS::AtLeastOnce);
        let Some(Packet::Publish(got)) = listener.next() else { panic!("no message") };
        assert_eq!(Publish { id: 7, ..got }, retained, "{id}");
    }
}

#[test]
fn a_shared_subscription_is_refused_and_never_silent() {
    let house = house();
    for (version, refused) in [(Version::V311, Reason::SUBACK_FAILURE), (Version::V5, Reason(0x9E))] {
        let (mut listener, _) = Client::open_at(house.url(), version, connect_packet("l", "", ""));
        let filter = |filter: &str| Filter { filter: filter.into(), qos: QoS::AtLeastOnce, no_local: false };
        let filters = vec![filter("$share/i3/attic/temp"), filter("attic/state")];
        listener.send(Packet::Subscribe { id: 4, filters });
        assert_eq!(listener.next(), Some(Packet::SubAck { id: 4, codes: vec![refused, Reason(1)] }));
    }
}

#[test]
fn it_ends_when_it_is_dropped_and_says_which_port_is_taken() {
    let house = house();
    let port = house.url().port;
    let taken = House::spawn(port).err().unwrap().to_string();
    assert_eq!(taken, format!("the sandbox cannot listen on 127.0.0.1:{port}"));
    let mut listener = client(&house, "listener");
    drop(house);
    assert!(listener.is_closed());
}
