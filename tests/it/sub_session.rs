//! Kept sessions: subscriptions that an earlier run has left, and clients that share an id.

use i3::mqtt::packet::{Packet, QoS, Reason};

use crate::program::{LOT1, Run, TOPIC, TestEnv};
use crate::stream_mosquitto::Mosquitto;
use crate::sub_scripted::{message, sub, welcome};
use crate::support::scripted_broker::Broker;

const OLD: &str = "alice/parking/barrier";

struct Stage {
    env: TestEnv,
    broker: Mosquitto,
}

impl Stage {
    fn run(&self, command: &str, options: &[&str]) -> Run {
        let mut run = self.env.i3(command).env("I3_PASSWORD", "any");
        run.command.args(["-u", LOT1, "-p", &self.broker.port.to_string()]).args(options);
        run
    }

    fn publish(&self, topic: &str, payload: &str) {
        self.run("pub", &["-t", topic, "-m", payload, "-q", "1"]).succeeds("");
    }
}

#[test]
fn an_earlier_subscription_is_told_of_and_can_be_ended() {
    let Some(broker) = Mosquitto::start() else { return };
    let env = Stage { env: TestEnv::new(), broker };
    for version in ["311", "5"] {
        let id = format!("buyer{version}");
        let kept =
            |options: &[&str]| env.run("sub", &[&["-V", version, "-i", &id, "-c", "-W", "30"], options].concat());
        kept(&["-t", OLD, "-q", "1", "-E"]).succeeds("");
        env.publish(OLD, "old");
        let told = format!("Messages to {OLD} arrive, which this run did not ask for");
        kept(&["-t", TOPIC, "-q", "1", "-C", "1"]).succeeds("old\n").says(&[&told, "--unsubscribe"]);
        // Alone, it takes nothing that waits: that is for a run that prints it.
        env.publish(TOPIC, "new");
        let ended = format!("Unsubscribed from {OLD}.");
        kept(&["--unsubscribe", OLD]).succeeds("").says(&[&ended]);
        env.publish(OLD, "old");
        kept(&["-t", TOPIC, "-q", "1", "-C", "1"]).succeeds("new\n").does_not_say(&["did not ask for"]);
        // Only MQTT 5 tells that there is none.
        let none = format!("There was no subscription to {OLD}.");
        let again = kept(&["--unsubscribe", OLD]).done();
        again.says(&[if version == "5" { &none } else { &ended }]);
        // Together with a subscription, which continues.
        env.publish(TOPIC, "newer");
        let both = kept(&["--unsubscribe", "alice/#", "-t", TOPIC, "-q", "1", "-C", "1"]);
        both.succeeds("newer\n").says(&[if version == "5" {
            "no subscription to alice/#"
        } else {
            "Unsubscribed from alice/#"
        }]);
    }
    let unknown = env.run("sub", &["-i", "nobody", "-c", "--unsubscribe", OLD]);
    unknown.fails(65, &["error[earlier-subscription]", "keeps no session of this client id"]);
    let beside = env.run("sub", &["-i", "newcomer", "-c", "-q", "1", "--unsubscribe", OLD, "-t", TOPIC, "-E"]);
    beside.succeeds("").says(&["keeps no session of the client id newcomer"]);
    env.run("sub", &["-i", "x", "--unsubscribe", OLD]).fails(2, &["--keep-session"]);
    let both = env.run("sub", &["-i", "x", "-c", "-q", "1", "-t", OLD, "--unsubscribe", OLD]);
    both.fails(2, &["given with -t and with --unsubscribe"]);
}

#[test]
fn unsubscribing_that_is_not_answered_is_no_success() {
    let start = |reason: Option<Reason>| {
        Broker::start(move |client| {
            let mut peer = client.next();
            peer.answer_connect(0, true);
            let Some(Packet::Unsubscribe { id, filters }) = peer.next() else { panic!("no UNSUBSCRIBE") };
            assert_eq!(filters, [OLD]);
            if let Some(reason) = reason {
                peer.send(Packet::UnsubAck { id, codes: vec![reason] });
            }
            while peer.next().is_some() {}
        })
    };
    let env = TestEnv::new();
    let run = |port: u16, options: &[&str]| {
        let mut run = env.i3("sub -i x -c -V 5").env("I3_PASSWORD", "any");
        run.command.args(["-u", LOT1, "-p", &port.to_string(), "--unsubscribe", OLD]).args(options);
        run
    };
    let broker = start(None);
    run(broker.port, &["-W", "1s"]).fails(75, &["before the subscription was granted", "had not answered"]);
    broker.end();
    let broker = start(None);
    run(broker.port, &["--timeout", "1s"]).fails(75, &["did not answer the subscription"]);
    broker.end();
    let broker = start(Some(Reason::NOT_AUTHORIZED));
    run(broker.port, &[]).fails(77, &["refused to end the subscription", OLD]);
    broker.end();
}

#[test]
fn clients_that_throw_each_other_out_are_told_after_the_third_time() {
    let start = || {
        Broker::start(|client| {
            for _ in 0..3 {
                welcome(&mut client.next(), false);
            }
            let mut peer = client.next();
            welcome(&mut peer, false);
            message(&mut peer, "one", QoS::AtMostOnce, 0, false);
            assert!(matches!(peer.next(), Some(Packet::Disconnect { .. })));
        })
    };
    let env = TestEnv::new();
    let broker = start();
    let outcome = sub(&env, broker.port, &["-C", "1", "--id", "buyer1"]).succeeds("one\n");
    outcome.says(&["another client seems to use the client id buyer1"]);
    assert_eq!(outcome.stderr.matches("another client seems").count(), 1, "{outcome}");
    broker.end();
}
