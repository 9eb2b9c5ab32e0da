//! Single messages: of every kind, with their confirmation, and their result if nobody answers.

use std::fs;

use serde_json::Value;

use super::publish;
use crate::program::{LONG, LOT1, SHORT, TOPIC, TestEnv};

#[test]
fn messages_of_every_kind_arrive_as_they_are() {
    let env = TestEnv::with_lot1();
    fs::write(env.path("payload"), b"from a\nfile").unwrap();
    let bob = env.i3(&format!("sub -v --json -t {TOPIC} -q 2 -C 12 -W {LONG}")).start().says("Subscribed to");
    let send = |line: &str| env.i3(&format!("pub --device lot1 -t {TOPIC} --timeout {LONG} {line}"));
    for qos in [0, 1, 2] {
        send(&format!("-m 311-{qos} -q {qos}")).succeeds("");
        send(&format!("-m 5-{qos} -q {qos} -V 5")).succeeds("");
    }
    send("-f payload").succeeds("");
    send("-s").input("from\nstdin\n").succeeds("");
    send("-s -q 1").input([0xff, 0xfe]).succeeds("");
    send("-n").succeeds("");
    send("-m").arg("-n").succeeds("");
    send("-m kept -r -q 1").succeeds("");
    let seen = bob.finish();
    assert_eq!(seen.code, 0, "{seen}");
    let seen: Vec<Value> = seen.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let payloads: Vec<&str> =
        seen.iter().map(|m| m.get("payload").or_else(|| m.get("payload_base64")).unwrap().as_str().unwrap()).collect();
    let expected =
        ["311-0", "5-0", "311-1", "5-1", "311-2", "5-2", "from a\nfile", "from\nstdin\n", "//4=", "", "-n", "kept"];
    assert_eq!(payloads, expected);
    for (message, qos) in seen.iter().zip([0, 0, 1, 1, 2, 2]) {
        assert_eq!((message["topic"].as_str(), message["qos"].as_u64()), (Some(TOPIC), Some(qos)));
        assert_eq!(message["retain"], false);
    }
    // What the broker kept comes first to a later subscriber, and not to one who asks so.
    let later = env.i3(&format!("sub --json -t {TOPIC} -C 1 -W {LONG}")).json();
    assert_eq!((later["payload"].as_str(), &later["retain"]), (Some("kept"), &Value::Bool(true)));
    let fresh = env.i3(&format!("sub -v -t {TOPIC} -R -C 1 -W {LONG}")).start().says("Subscribed to");
    send("-m kept").succeeds("");
    assert_eq!(fresh.finish().stdout, format!("{TOPIC} kept\n"));
    // The kept message is not taken for the echo of an equal one that was dropped.
    let dropped = env.i3(&format!("pub -u bob -t {TOPIC} -m kept --timeout {SHORT}"));
    let dropped = dropped.env("I3_PASSWORD", env.sandbox.seed().buyer_broker_password.expose());
    dropped.fails(77, &["did not come back", "bob may not write this topic"]);
}

#[test]
fn proof_is_told_as_what_it_is() {
    let env = TestEnv::with_lot1();
    let proof = |line: &str| {
        let json = env.i3(&format!("pub --json --device lot1 -t {TOPIC} -m 678 --timeout {LONG} {line}")).json();
        for key in ["topic", "device", "bytes", "qos", "retain", "proof", "milliseconds"] {
            assert!(!json[key].is_null(), "{key} in {json}");
        }
        assert_eq!((json["device"].as_str(), json["bytes"].as_u64()), (Some(LOT1), Some(3)));
        json["proof"].as_str().unwrap().to_string()
    };
    for (line, expected) in [
        ("", "echo"),
        ("-q 1", "echo"),
        ("-q 2 --confirm all", "echo"),
        ("-V 5", "echo"),
        ("-V 5 -q 1", "reason"),
        ("-V mqttv5 -q 2", "reason"),
        ("--confirm none", "sent"),
        ("--confirm none -q 1", "acknowledged"),
        ("--confirm none -q 2 -V 311", "acknowledged"),
    ] {
        assert_eq!(proof(line), expected, "{line}");
    }
    // A buyer may read and not write.
    let run = env.i3(&format!("pub -u bob -t {TOPIC} -m 678 --timeout {SHORT}"));
    let run = run.env("I3_PASSWORD", env.sandbox.seed().buyer_broker_password.expose());
    run.fails(77, &["did not come back", "bob may not write this topic", "--device NAME"]);
}

#[test]
fn the_released_broker_speaks_311_alone() {
    let env = TestEnv::released();
    env.register_lot1();
    publish(&env, "-V 311 -q 2");
    let run = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -V 5"));
    run.fails(78, &["unacceptable protocol version", "use -V 311"]);
}

#[test]
fn a_device_listens_as_well() {
    let env = TestEnv::with_lot1();
    let listen = format!("sub -v -t {TOPIC} -C 1 -W {LONG}");
    let device = env.i3(&format!("{listen} --device lot1")).start().says(&format!("Subscribed to {TOPIC} as {LOT1}"));
    let buyer = env.i3(&listen).start().says(&format!("Subscribed to {TOPIC} as bob"));
    publish(&env, "");
    for listening in [device, buyer] {
        assert_eq!(listening.finish().succeeded(), format!("{TOPIC} 678\n"));
    }
    // Without a buyer in the environment the device that is known listens.
    let device = env.i3(&listen).without("I3_BUYER").start().says(&format!("Subscribed to {TOPIC} as {LOT1}"));
    publish(&env, "");
    assert_eq!(device.finish().succeeded(), format!("{TOPIC} 678\n"));
}

#[test]
fn a_reader_that_goes_away_is_a_normal_end() {
    let env = TestEnv::with_lot1();
    for line in ["i3 completions zsh | head -n 1", "i3 --help | head -n 1"] {
        let end = env.shell(&format!("{{ {line}; }} 2>&1 >/dev/null")).done();
        assert_eq!(end.stdout, "", "{end}");
    }
    // The exit code is the program's own where the shell keeps it.
    let status = env.shell("{ i3 completions zsh; echo $? >&2; } | true").done();
    assert_eq!(status.stderr, "0\n");
    let listening = env.shell(&format!("{{ i3 sub -v -t {TOPIC}; echo ended with $? >&2; }} | head -n 1")).start();
    let mut listening = listening.says("Subscribed to");
    publish(&env, "");
    assert_eq!(listening.line(), format!("{TOPIC} 678\n"));
    // head has gone, and the next message finds nobody.
    publish(&env, "");
    let ended = listening.finish();
    assert!(ended.stderr.contains("ended with 0"), "{ended}");
}

#[test]
fn nothing_is_tried_again_unless_asked_for() {
    let env = TestEnv::with_lot1();
    let line = format!("pub --device lot1 -t {TOPIC} -m 678 --broker mqtt://127.0.0.1:1");
    let once = env.i3(&line).fails(75, &["cannot be reached", "Connection refused"]);
    once.does_not_say(&["trying again"]);
    let twice = env.i3(&format!("{line} --retry 1 -v")).fails(75, &["cannot be reached", "trying again in "]);
    assert_eq!(twice.stderr.matches("trying again").count(), 1, "{twice}");
    // A refusal stays one.
    let log_ins = env.sandbox.counts().broker_log_ins;
    let refused = env.i3(&format!("pub -u {LOT1} -t {TOPIC} -m 678 -P wrong --retry 5"));
    refused.fails(77, &["refused the log-in"]).does_not_say(&["trying again"]);
    assert_eq!(env.sandbox.counts().broker_log_ins, log_ins + 1);
}

#[test]
fn a_broker_that_says_nothing_is_given_up() {
    let env = TestEnv::with_lot1();
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = deaf.local_addr().unwrap().port();
    let run = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -h 127.0.0.1 -p {port} --timeout 300ms"));
    run.fails(75, &["did not answer in time", "hint: "]);
    let market =
        env.i3(&format!("register lot2 --hub parking --new-key --market http://127.0.0.1:{port} --timeout 300ms"));
    market.fails(75, &["within 300ms", "hint: "]);
    env.i3("register lot2 --hub parking --new-key --market http://127.0.0.1:1").fails(75, &["cannot connect"]);
}
