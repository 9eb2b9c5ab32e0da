//! Every hint can be followed, and errors refer to the user's input.

use std::io::Read as _;

use crate::connect::refusal;
use crate::program::{TOPIC, TestEnv};
use crate::support::pty::screen_of;
use crate::support::scripted_broker::{Broker, Clients};

#[test]
fn a_refused_will_is_answered_with_the_option_that_it_is_about() {
    let env = TestEnv::new();
    let cases = [
        (0x90, "check --will-topic and --will-payload"),
        (0x99, "check --will-topic and --will-payload"),
        (0x9A, "leave --will-retain out"),
        (0x9B, "give a lower --will-qos"),
    ];
    let broker = Broker::start(move |clients: Clients| {
        for (code, _) in cases {
            let mut peer = clients.next();
            assert!(peer.stream.read(&mut [0; 4096]).unwrap() > 0);
            peer.send_bytes(&refusal(code));
        }
    });
    let will = format!("--will-topic {TOPIC} --will-payload x --will-retain --will-qos 2");
    for (_, hint) in cases {
        let line = format!("pub -V 5 -h 127.0.0.1 -p {} -u alice$parking$lot1 -t {TOPIC} -m 1 {will}", broker.port);
        env.i3(&line).env("I3_PASSWORD", "any").fails(65, &["error[log-in-unacceptable]", hint]);
    }
    broker.end();
}

#[test]
fn a_host_is_not_an_address() {
    let env = TestEnv::with_lot1();
    for (given, hint) in [
        ("-h localhost:18931", "give -h localhost -p 18931, or --broker mqtt://localhost:18931"),
        ("-h [::1]:18931", "give -h ::1 -p 18931, or --broker 'mqtt://[::1]:18931'"),
        ("-h mqtt://localhost -p 18931", "give -h localhost -p 18931, or --broker mqtt://localhost:18931"),
        ("-h mqtt://localhost", "give -h localhost -p 1883, or --broker mqtt://localhost:1883"),
        ("-h localhost:18931 --insecure", "give -h localhost -p 18931, or --broker mqtts://localhost:18931"),
        ("-h mqtts://localhost", "give --broker mqtts://localhost:8883"),
        ("-h ws://localhost/mqtt", "give --broker ws://localhost:80/mqtt"),
        ("-h mqtt://alice:hunter2secret@localhost", "give -h HOST -p PORT, or --broker mqtt://HOST:PORT"),
        ("-h localhost/x", "give -h HOST -p PORT, or --broker mqtt://HOST:PORT"),
    ] {
        let refused = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 {given}"));
        refused.fails(2, &["-h takes only a host", hint]).keeps_secret("hunter2secret");
    }
    let unknown = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -h nosuch.invalid"));
    unknown.fails(75, &["error[host-unknown]", "--broker or -h"]);
}

#[test]
fn an_error_names_the_url_of_which_an_option_was_a_part() {
    let env = TestEnv::with_lot1();
    for (line, says) in [
        (format!("sub -h localhost -L mqtt://localhost/{TOPIC}"), "--host [<HOST>]"),
        (format!("sub -L mqtt://localhost/{TOPIC} -p 1"), "--port <PORT>"),
        ("pub --device lot1 -L mqtt://bob@localhost/a/b/c -m 1".to_owned(), "--device <NAME>"),
        (format!("pub -L mqtt://bob:hunter2secret@localhost/{TOPIC} --pw-file x -m 1"), "--pw-file <FILE>"),
        (format!("pub -L mqtt://localhost/{TOPIC} --topic-per-line"), "--topic-per-line"),
    ] {
        let refused = env.i3(&line).fails(2, &["cannot be used with", "-L <URL>", says]);
        refused.does_not_say(&["--broker", "--username", "--pw <", "--topic <"]).keeps_secret("hunter2secret");
    }
    env.secret("options", "-L mqtt://localhost/a/b/c\n");
    env.i3("sub -o options -h localhost").fails(2, &["-L <URL>"]).does_not_say(&["--broker"]);
    // Nothing in a URL is decoded, as with mosquitto's programs.
    let broker = env.sandbox.broker_url().to_string();
    let url = broker.replace("mqtt://", "mqtt://alice%24parking%24lot1:hunter2secret@");
    let refused = env.i3(&format!("pub -L {url}/{TOPIC} -m 678")).fails(77, &["$ instead of %24", "single quotes"]);
    refused.keeps_secret("hunter2secret");
}

#[test]
fn a_topic_of_the_brokers_own_or_of_somebody_elses_hub_is_not_completed() {
    let env = TestEnv::with_lot1();
    for command in ["sub --device lot1", "pub --device lot1 -m 678"] {
        let own = env.i3_with(&format!("{command} -t"), &["$SYS/broker/uptime"]);
        own.fails(65, &["is the broker's own", "give the full topic"])
            .does_not_say(&["$SYS/broker/uptime'\n", "use -t"]);
        let shared = env.i3_with(&format!("{command} -t"), &[format!("$share/g/{TOPIC}")]);
        shared.fails(65, &["shared subscription", &format!("use -t {TOPIC}")]);
        env.i3(&format!("{command} -t garden/moisture")).fails(65, &["give the full topic"]).does_not_say(&["use -t"]);
    }
}

#[test]
fn help_on_one_screen_shows_who_logs_in_and_where() {
    let env = TestEnv::new();
    for command in ["pub", "sub", "spool drain"] {
        let shown = env.i3(&format!("{command} --help")).done().stdout;
        assert!(!shown.contains("Broker:\n      --help"), "{shown}");
        if command == "spool drain" {
            continue;
        }
        let short = env.i3(&format!("{command} -h")).done().stdout;
        assert!(short.lines().count() < 24 && short.lines().all(|line| line.chars().count() <= 80), "{short}");
        for option in
            ["-t, --topic", "--device", "-u, --username", "--pw-file", "--broker", "-h, --host", "-p, --port", "--help"]
        {
            assert!(short.contains(option), "{option}: {short}");
        }
    }
}

#[test]
fn a_number_outside_its_bounds_is_answered_with_them() {
    let env = TestEnv::new();
    for (line, says) in [
        ("pub --repeat 0", "'--repeat <N>': write a whole number, at least 1"),
        ("pub -k 70000", "'--keepalive <SECONDS>': write a whole number from 0 to 65535"),
        ("pub -p 70000", "'--port <PORT>': write a whole number from 0 to 65535"),
        ("sub -W 0", "'--wait <TIME>': write a time of more than 0"),
        ("sub -W 0s", "'--wait <TIME>': write a time of more than 0"),
    ] {
        env.i3(line).fails(2, &[says]).does_not_say(&["70000"]);
        let json: serde_json::Value = serde_json::from_str(&env.i3(&format!("{line} --json")).run().stderr).unwrap();
        assert!(json["error"]["message"].as_str().unwrap().contains(says), "{json}");
    }
    let unknown =
        env.i3("config get markt").fails(2, &["did you mean 'market'?", "`i3 config list` shows what is set"]);
    unknown.does_not_say(&["remove it"]);
}

#[test]
fn the_configuration_fits_a_terminal() {
    let env = TestEnv::with_lot1();
    let shown = screen_of(&env.i3("config list").command, 80, 24);
    let file = env.config_file().display().to_string();
    assert!(shown.contains("devices.lot1.key") && !shown.contains("alice$parking$lot1"), "{shown}");
    assert!(shown.lines().any(|line| line.trim_end().ends_with(&file)), "{shown}");
    // A word is not cut.
    assert!(shown.lines().all(|line| line.chars().count() <= 80 || !line.trim().contains(' ')), "{shown}");
    // A pipe gets each key as in the file, with its origin.
    let piped = env.i3("config list").done().stdout;
    assert!(piped.contains(&format!("\tdevices.\"alice$parking$lot1\".key in {file}\n")), "{piped}");
}

#[test]
fn a_hint_fits_what_was_typed() {
    let env = TestEnv::with_lot1();
    let token = env.i3("token lot1").done().stdout.trim().to_owned();
    for given in [token.clone(), format!("Bearer {token}")] {
        let refused = env.i3("token --inspect").arg(given);
        refused.fails(77, &["read from stdin", "| i3 token --inspect`"]).keeps_secret(&token);
    }
    let buy = |quantity: &str| env.i3("buy alice/parking/occupancy --quantity").arg(quantity);
    buy("5000000000").fails(2, &["from 1 to 4294967295"]);
    buy("0").fails(2, &["at least 1"]);
    // The device is named where the doctor is.
    env.secret("wrong", "hunter2secret");
    let refused = env.i3(&format!("pub -u alice$parking$lot1 --pw-file wrong -t {TOPIC} -m 1"));
    refused.fails(77, &["i3 doctor 'alice$parking$lot1'"]);
}
