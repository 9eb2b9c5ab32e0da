//! Messages, sessions and wills by the options of mosquitto's programs, and what proves them here.

use std::fs;

use super::Both;
use crate::program::{LONG, LOT1, SHORT, TOPIC, TestEnv, key_pem};

#[test]
fn each_repetition_is_proved() {
    let env = TestEnv::with_lot1();
    let publish = |topic: &str, more: &str| env.i3(&format!("pub --device lot1 -t {topic} -m 678 {more}"));
    let unproved = publish(TOPIC, &format!("--repeat 3 --json --timeout {LONG} --confirm none")).done();
    assert_eq!(unproved.stdout.lines().count(), 3, "{unproved}");
    for more in ["", "-q 1", "-q 2", "-V 5 -q 1"] {
        let listening =
            env.i3(&format!("sub --device lot1 -t {TOPIC} -C 3 -W {LONG} -v")).start().says("Subscribed to");
        let done = publish(TOPIC, &format!("--repeat 3 --json --timeout {LONG} {more}")).done();
        assert_eq!(done.stdout.lines().count(), 3, "{done}");
        listening.finish().succeeded();
    }
    let refused = publish("alice/parking/occupency", &format!("--repeat 3 --timeout {SHORT}")).run();
    assert_eq!(refused.code, 77, "{refused}");
    refused.says(&["did not come back", "0 of 3 messages arrived before this one"]);
    publish(TOPIC, "--repeat 0").fails(2, &[]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -l --repeat 2")).fails(2, &["cannot be used with"]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --spool --repeat 2")).fails(2, &["cannot be used with"]);
}

#[test]
fn a_kept_session_is_proved_beside_and_stays_as_it_is() {
    let Some(both) = Both::new() else { return };
    let topic = "alice/parking/beside";
    let keep = format!("sub -t {topic} -c -i beside -q 1 -W 30");
    both.ours("sub", &format!("{} -E", &keep[4..]), &[]).outcome.succeeded();
    let done = both.ours("pub", &format!("-t {topic} -m proved -q 1 -c -i beside --json --timeout {LONG}"), &[]);
    assert!(done.outcome.stdout.contains(r#""proof":"echo""#), "{}", done.outcome);
    let [(_, own), (_, listener)] = &done.wire[..] else { panic!("{:?}", done.wire) };
    assert!(own[0].contains("clean 0") && own.iter().all(|packet| !packet.contains("SUBSCRIBE")), "{own:?}");
    assert!(listener[0].contains("clean 1") && listener[1].starts_with("SUBSCRIBE"), "{listener:?}");
    // The subscription of the session is as it was, with its quality of service.
    both.theirs("pub", &format!("-t {topic} -m later -q 1"), &[]).outcome.succeeded();
    let kept = both.ours("sub", &format!("{} -C 2 -F %q%p", &keep[4..]), &[]).outcome.succeeded();
    assert_eq!(kept, "1proved\n1later\n");
    both.ours("pub", &format!("-t {topic} -l -c -i beside"), &[]).outcome.says(&["cannot be used with"]);
    both.ours("pub", &format!("-t {topic} -m 1 -c"), &[]).outcome.says(&["--id"]);
}

#[test]
fn retained_messages_are_removed_and_that_is_proved() {
    let env = TestEnv::with_lot1();
    let keep = || env.i3(&format!("pub --device lot1 -t {TOPIC} -m kept -r -q 1")).succeeds("");
    let kept = || env.i3(&format!("sub --device lot1 -t {TOPIC} --retained-only -W {LONG}")).done().stdout;
    keep();
    env.i3(&format!("sub --device lot1 -t {TOPIC} --remove-retained --retained-only -W {LONG}")).succeeds("kept\n");
    assert_eq!(kept(), "");
    keep();
    // What is left out stays.
    let left = env.i3(&format!("sub --device lot1 -t {TOPIC} --remove-retained --retained-only -T alice/# -W {LONG}"));
    left.succeeds("");
    assert_eq!(kept(), "kept\n");
    // A buyer may read it, and not write it.
    env.secret("bob.pw", env.sandbox.seed().buyer_broker_password.expose());
    let line = format!("sub -u bob --pw-file bob.pw -t {TOPIC} --remove-retained -C 1 -W {LONG} --timeout {SHORT}");
    let refused = env.i3(&line).run();
    assert_eq!((refused.code, refused.stdout.as_str()), (77, "kept\n"), "{refused}");
    refused.says(&["a retained message is not removed"]);
    assert_eq!(kept(), "kept\n");
}

#[test]
fn a_will_is_checked_and_comes_when_the_connection_is_lost() {
    let env = TestEnv::with_lot1();
    let outside = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --will-topic alice/garden/x")).run();
    assert_eq!(outside.code, 77, "{outside}");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --will-topic short")).fails(65, &[]);
    env.i3(&format!("sub --device lot1 -t {TOPIC} --will-payload x")).fails(2, &["--will-topic"]);
    let secret =
        env.i3_with(&format!("sub --device lot1 -t {TOPIC} --will-topic {TOPIC} --will-payload"), &[key_pem()]);
    secret.fails(77, &["private-key-on-command-line"]).keeps_secret(key_pem());
    let Some(both) = Both::new() else { return };
    let will = "alice/parking/will";
    let port = both.broker.port;
    let start = |line: &str| {
        let run = both.env.i3(&format!("sub -p {port} -v {line}")).env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1);
        run.start().says("Subscribed to")
    };
    let hearing = start(&format!("-t {will} -C 1 -W 30"));
    // A run that ends well takes its will along.
    both.ours("pub", &format!("-t {TOPIC} -m 1 --will-topic {will} --will-payload no"), &[]).outcome.succeeded();
    let dies = start(&format!("-t {TOPIC} --will-topic {will} --will-payload gone"));
    drop(dies);
    assert_eq!(hearing.finish().succeeded(), format!("{will} gone\n"));
}

#[test]
fn properties_are_checked_before_anything_is_sent() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    for (line, says) in [
        ("pub -m 1 -D publish hunter2 x", "MQTT 5 has no property of that name"),
        ("pub -m 1 -D hunter2 user-property a b", "properties belong to CONNECT"),
        ("pub -m 1 -D publish receive-maximum 5", "PUBLISH has no property receive-maximum"),
        ("pub -m 1 -D connect receive-maximum hunter2", "receive-maximum takes a number from 1 to 65535"),
        ("pub -m 1 -D publish user-property hunter2", "user-property takes a name and a value"),
        ("pub -m 1 -D publish content-type hunter2 x", "content-type takes one value"),
        ("pub -m 1 -D publish content-type a -D publish content-type b", "content-type is given twice for PUBLISH"),
        ("pub -m 1 -D subscribe user-property a b", "this command sends no SUBSCRIBE that could have any"),
        ("sub -D publish user-property a b", "this command sends no PUBLISH that could have any"),
        ("pub -m 1 -D connect authentication-method x", "I3 identifies users only by name and password"),
        ("pub -m 1 -D connect topic-alias-maximum 5", "aliases chosen by the broker"),
        ("pub -m 1 -D will content-type x", "there is no will"),
        ("pub -m 1 -V 311 -D publish content-type x", "--property needs MQTT 5"),
        ("pub -m 1 -x 60", "-x needs MQTT 5"),
        ("sub --retain-as-published", "--retain-as-published needs MQTT 5"),
        ("pub -m 1 -V 5 -x -1", "a session that never expires needs a client id"),
        ("pub -m 1 --spool -D publish content-type x", "a spool does not keep the properties of messages"),
        ("pub -m 1 -V 5 -x 60 -D connect session-expiry-interval 5", "session-expiry-interval is given twice"),
    ] {
        let refused = env.i3(&format!("{line} --device lot1 -t {TOPIC}")).run();
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{refused}");
        refused.says(&[says]).does_not_say(&["hunter2"]);
    }
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn packets_are_told_on_standard_error_without_secrets() {
    let env = TestEnv::with_lot1();
    let told = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -q 1 -d -i own")).succeeds("");
    told.says(&[
        "Client own sending CONNECT.",
        "Client own received CONNACK (0).",
        "Client own sending SUBSCRIBE (Mid: 1, Topic: alice/parking/occupancy, QoS: 0).",
        "Client own sending PUBLISH (d0, q1, r0, m2, 'alice/parking/occupancy', ... (3 bytes)).",
        "Client own received PUBACK (Mid: 2, RC:0).",
        "Client own received PUBLISH (d0, q0, r0, m0, 'alice/parking/occupancy', ... (3 bytes)).",
        "Client own sending DISCONNECT.",
    ]);
    let stream = env.i3(&format!("pub --device lot1 -t {TOPIC} -l -q 1 -d -i own")).input("1\n2\n").done();
    stream.says(&["sending PUBLISH (d0, q1", "received PUBACK"]);
    let sub = env.i3(&format!("sub --device lot1 -t {TOPIC} -E -d -i own")).succeeds("");
    sub.says(&["Client own sending SUBSCRIBE", "Client own received SUBACK (Mid: 1: 0)."]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -u x")).fails(2, &[]);
    env.secret("pw", "hunter2-is-secret");
    let refused = env.i3(&format!("pub -u {LOT1} --pw-file pw -t {TOPIC} -m 678 -d")).run();
    assert_eq!(refused.code, 77, "{refused}");
    refused.says(&["sending CONNECT"]).keeps_secret("hunter2-is-secret");
}

#[test]
fn the_key_of_a_certificate_is_not_the_devices() {
    let env = TestEnv::new();
    env.secret("client.key", key_pem());
    fs::write(env.path("client.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for command in ["pub -m 1", "sub"] {
        let line =
            format!("{command} -u {LOT1} -t {TOPIC} --broker mqtts://127.0.0.1:1 --cert client.pem --key client.key");
        env.i3(&line).fails(2, &["--key is not the key of the client certificate", "--cert-key FILE"]);
    }
}

#[test]
fn a_message_with_extras_does_not_go_by_the_agent() {
    let env = TestEnv::with_lot1();
    let socket = env.agent();
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    // Anything there is an agent to look at.
    fs::write(&socket, "").unwrap();
    for (more, why) in [
        ("-D publish content-type x", "-d, -D, -x or a will is given"),
        ("--will-topic alice/parking/will", "-d, -D, -x or a will is given"),
        ("-V 5 -x 60", "-d, -D, -x or a will is given"),
        ("--repeat 2", "--repeat or -c is given"),
        ("-c -i own", "--repeat or -c is given"),
        ("-I pre", "--id is given"),
        ("-A 127.0.0.1", "--bind-address is given"),
    ] {
        let line = format!("pub --device lot1 -t {TOPIC} -m 678 -v {more}");
        env.i3(&line).succeeds("").says(&[&format!("Not by the agent: {why}.")]);
    }
}
