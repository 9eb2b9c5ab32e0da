//! A subscriber that never subscribes: what it waits for, and what it retries with --retry.

use i3::mqtt::packet::{Packet, Reason};

use crate::program::{LONG, TOPIC, TestEnv};
use crate::sub_scripted::{deaf_broker, message, signal, sub, welcome};
use crate::support::reserved_port::ReservedPort;
use crate::support::scripted_broker::Broker;

use i3::mqtt::packet::QoS;

/// What ends a run: none of it may be taken for a success before there was a subscription.
const ENDS: [&[&str]; 5] = [&[], &["-E"], &["--retained-only"], &["-C", "1"], &["-R"]];

#[test]
fn it_never_ends_well_without_a_subscription() {
    let env = TestEnv::new();
    for ends in ENDS {
        // The first connection is accepted by the system but never answered; the second gets only as far as the log-in.
        let broker = Broker::start(move |client| {
            let silent = client.next();
            let mut peer = client.next();
            peer.answer_connect(0, false);
            while peer.next().is_some() {}
            drop(silent);
        });
        let options = [ends, &["-W", "1s", "--timeout", LONG]].concat();
        let missing = "timed out before the subscription was granted";
        sub(&env, broker.port, &options).fails(75, &[missing, "had not answered the log-in"]);
        sub(&env, broker.port, &options).fails(75, &[missing, "had not answered the subscription"]);
        broker.end();
    }
    let nobody = ReservedPort::new();
    let outcome = sub(&env, nobody.number(), &["-W", "1s", "--retry", "1000"]);
    outcome.fails(75, &["no attempt to log in had worked", "cannot be reached", "error[not-subscribed]"]);
}

#[test]
fn a_signal_before_the_subscription_is_no_success() {
    let (broker, subscribing) = deaf_broker();
    let env = TestEnv::new();
    let running = sub(&env, broker.port, &["--timeout", LONG]).start();
    subscribing.recv().unwrap();
    signal(running.id(), "TERM");
    let outcome = running.finish();
    assert_eq!(outcome.code, 75, "{outcome}");
    outcome.says(&["the run ended before the subscription was granted", "had not answered the subscription"]);
    broker.end();
}

#[test]
fn retained_messages_that_did_not_all_come_in_time_are_no_success() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        welcome(&mut peer, false);
        while peer.next().is_some() {}
    });
    let env = TestEnv::new();
    sub(&env, broker.port, &["--retained-only", "-W", "1s"])
        .fails(75, &["before the broker had sent all that it keeps"]);
    broker.end();
}

#[test]
fn the_first_log_in_and_subscription_are_retried_as_often_as_asked() {
    let env = TestEnv::new();
    // Closed instead of an answer to the log-in, then cut instead of an answer to the subscription.
    let start = |attempts: usize| {
        Broker::start(move |client| {
            drop(client.next());
            if attempts > 1 {
                let mut peer = client.next();
                peer.answer_connect(0, false);
                assert!(matches!(peer.next(), Some(Packet::Subscribe { .. })));
            }
            if attempts > 2 {
                let mut peer = client.next();
                welcome(&mut peer, false);
                message(&mut peer, "one", QoS::AtMostOnce, 0, false);
                assert!(matches!(peer.next(), Some(Packet::Disconnect { .. })));
            }
        })
    };
    let broker = start(3);
    sub(&env, broker.port, &["-C", "1", "--retry", "2"]).succeeds("one\n").says(&["trying again"]);
    broker.end();
    let broker = start(2);
    sub(&env, broker.port, &["-C", "1", "--retry", "1"]).fails(75, &["before the subscription was answered"]);
    broker.end();
    let broker = start(1);
    sub(&env, broker.port, &["-C", "1"]).fails(75, &["closed the connection"]);
    broker.end();
}

/// A broker that answers each subscription with the next of these codes, and then sends a message.
fn answering(answers: &'static [&'static [u8]]) -> Broker<()> {
    Broker::start(move |client| {
        for codes in answers {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            let Some(Packet::Subscribe { id, .. }) = peer.next() else { panic!("no SUBSCRIBE") };
            peer.send(Packet::SubAck { id, codes: codes.iter().map(|code| Reason(*code)).collect() });
            if codes.contains(&0) {
                message(&mut peer, "one", QoS::AtMostOnce, 0, false);
            }
        }
    })
}

#[test]
fn a_subscription_that_was_granted_before_may_be_granted_again() {
    let env = TestEnv::new();
    let broker = answering(&[&[0], &[0x80], &[0]]);
    let done = sub(&env, broker.port, &["-C", "2"]).succeeds("one\none\n");
    done.says(&["cannot grant the subscription", "reason 0x80", "trying again"]);
    broker.end();
}

#[test]
fn one_topic_that_is_refused_does_not_end_the_others() {
    let env = TestEnv::new();
    let bad = "alice/parking/bad";
    for version in ["311", "5"] {
        let code: &'static [&'static [u8]] = if version == "5" { &[&[0, 0x87]] } else { &[&[0, 0x80]] };
        let broker = answering(code);
        let done = sub(&env, broker.port, &["-V", version, "-t", bad, "-C", "1"]).run();
        assert_eq!((done.code, done.stdout.as_str()), (77, "one\n"), "{done}");
        let warned = format!("refused the subscription to {bad} (");
        done.says(&[&warned, "error[subscription-refused]"]);
        broker.end();
        let all: &'static [&'static [u8]] = if version == "5" { &[&[0x87, 0x87]] } else { &[&[0x80, 0x80]] };
        let broker = answering(all);
        sub(&env, broker.port, &["-V", version, "-t", bad]).fails(77, &["error[subscription-refused]"]);
        broker.end();
    }
}

#[test]
fn a_subscription_that_cannot_be_granted_now_is_a_passing_fault() {
    let start = |code: u8| {
        Broker::start(move |client| {
            let mut peer = client.next();
            peer.answer_connect(0, false);
            let Some(Packet::Subscribe { id, .. }) = peer.next() else { panic!("no SUBSCRIBE") };
            peer.send(Packet::SubAck { id, codes: vec![Reason(code)] });
            while peer.next().is_some() {}
        })
    };
    let env = TestEnv::new();
    for (version, code, exit, says) in
        [("5", 0x97, 75, "cannot grant"), ("5", 0x87, 77, "refused"), ("311", 0x80, 77, "refused")]
    {
        let broker = start(code);
        let says = format!("the broker mqtt://localhost:{} {says} the subscription to {TOPIC}", broker.port);
        sub(&env, broker.port, &["-V", version]).fails(exit, &[&says]);
        broker.end();
    }
}
