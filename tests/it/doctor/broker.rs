//! Every way to CONNACK 5, and who may be tried at the broker to tell them apart.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use i3::sandbox::{Options, Sandbox};
use serde_json::json;

use super::{REPAIR, by_hand, doctor, remains, status, step, told, unknown_lot1, well};
use crate::http::Browser;
use crate::program::{LOT1, SHORT, TOPIC, TestEnv, key_pem, other_key_pem, quick};
use crate::support::scripted_broker::Broker;

#[test]
fn a_broker_that_takes_no_mqtt_311_is_none_of_i3s() {
    let env = TestEnv::with_lot1();
    let broker = Broker::start(|client| {
        drop(client.next());
        client.next().answer_connect(1, false);
    });
    let outcome = doctor(&env, &format!("--broker mqtt://127.0.0.1:{}", broker.port)).run();
    assert_eq!(outcome.code, 1, "{outcome}");
    outcome.says(&["does not accept MQTT 3.1.1", "hint: check the host and port of --broker"]).does_not_say(&["-V"]);
    broker.end();
}

/// A broker that refuses everybody, and keeps every CONNECT: user name and password, and all that came.
fn refusing() -> (u16, std::sync::Arc<std::sync::Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&seen);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, kept) = (client.unwrap(), std::sync::Arc::clone(&kept));
            std::thread::spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(read @ 1..) = client.read(&mut bytes) {
                    kept.lock().unwrap().extend_from_slice(&bytes[..read]);
                    // CONNACK 5.
                    let _ = client.write_all(&[0x20, 2, 0, 5]);
                }
            });
        }
    });
    (port, seen)
}

#[test]
fn the_password_of_the_website_never_goes_to_the_broker() {
    let env = TestEnv::with_lot1();
    env.i3("register lot2 --hub parking --generate-password").done();
    env.secret("site", env.sandbox.seed().seller_password.expose());
    let (port, seen) = refusing();
    let password = env.sandbox.seed().seller_password.expose().to_owned();
    let holds = |text: &str| memchr::memmem::find(&seen.lock().unwrap(), text.as_bytes()).is_some();
    for options in [
        "",
        "--publish",
        "--via web",
        "--via rest",
        "--offline",
        "--fix --yes",
        "--user alice --login-password-file site",
        "--user alice --login-password-file site --via web --json",
    ] {
        for known in [true, false] {
            let mut run = doctor(&env, options).env("I3_BROKER", format!("mqtt://127.0.0.1:{port}"));
            if !known {
                run = run.without("I3_BUYER").without("I3_API_KEY");
            }
            run.run();
        }
    }
    // It records the names that were sent: the device's, and the buyer's with his own password.
    let buyer = env.sandbox.broker_password("bob").unwrap();
    assert!(holds(LOT1) && holds("bob") && holds(buyer.expose()));
    assert!(!holds(&password));
    assert_ne!(buyer.expose(), password);
}

#[test]
fn a_buyer_with_the_password_of_the_website_is_told_which_one_is_meant() {
    let env = TestEnv::with_lot1();
    env.secret("site", env.sandbox.seed().buyer_password.expose());
    let run = || doctor(&env, &format!("--topic {TOPIC} --publish --buyer bob --buyer-pw-file site"));
    let report = told(run, "account-refused", "`i3 notifications broker-password`");
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "wrong"));
}

#[test]
fn a_row_whose_log_in_is_gone_is_among_the_causes() {
    let env = TestEnv::with_lot1();
    // With the mail down the log-in is deleted, and the row stays.
    env.sandbox.set_mail_down(true);
    assert_eq!(Browser::of_seller(&env.sandbox).get("/devices/delete/1/").status, 500);
    let report = told(|| doctor(&env, ""), "credential-wrong", REPAIR);
    assert_eq!(status(&report, "device"), "well");
    assert!(remains(&report).contains(&"device-dead"), "{report}");
    let summary = step(&report, "log-in")["summary"].to_string();
    assert!(summary.contains("has another credential there, or none any more"), "{summary}");
    env.sandbox.set_mail_down(false);
    env.i3_with("device repair --yes", &[LOT1]).done();
    well(doctor(&env, ""));
}

#[test]
fn accent_twins_are_told_like_case_twins() {
    let env = TestEnv::with_lot1();
    assert_eq!(Browser::of_seller(&env.sandbox).create_device("löt1", "1", "hunter2secret").status, 302);
    well(doctor(&env, ""));
    assert_eq!(Browser::of_seller(&env.sandbox).create_device("lòt1", "1", "hunter2secret").status, 302);
    told(|| doctor(&env, ""), "device-case-twins", REPAIR);
}

#[test]
fn what_the_broker_did_not_say_is_not_claimed() {
    let env = TestEnv::with_lot1();
    // Two runs: one connection says nothing, two come without credentials, then the device, the buyer, and its key's text.
    let broker = Broker::start(|client| {
        for _ in 0..2 {
            client.refuse_anonymous();
            assert_eq!(client.next().answer_connect(5, false).user_name, LOT1);
            assert_eq!(client.next().answer_connect(5, false).user_name, "bob");
            // The text of the public key: the connection ends without an answer.
            drop(client.next());
        }
    });
    let run = || {
        let run = doctor(&env, &format!("--broker mqtt://127.0.0.1:{}", broker.port)).without("I3_API_KEY");
        run.without("I3_LOGIN_PASSWORD").without("I3_USER")
    };
    let report = told(run, "log-in-refused", "doctor");
    let evidence = step(&report, "log-in")["evidence"].to_string();
    assert!(evidence.contains("the others that were tried are refused too"), "{evidence}");
    assert!(!evidence.contains("no other user") && !evidence.contains("not registered under type 1"), "{evidence}");
    assert!(remains(&report).contains(&"credential-type"), "{report}");
    broker.end();
}

#[test]
fn a_name_that_the_brokers_database_client_cannot_look_up_is_told() {
    for latin1 in [false, true] {
        let env = TestEnv::with(Options { latin1, ..quick() });
        env.secret("pw", "hunter2secret");
        let mut alice = Browser::of_seller(&env.sandbox);
        assert_eq!(alice.create_device("café1", "1", "hunter2secret").status, 302);
        let run = || {
            let line = format!("doctor --timeout {SHORT} --pw-file pw");
            env.i3_with(&line, &["alice$parking$café1"])
        };
        if latin1 {
            let report = told(run, "device-not-ascii", "`i3 register NAME --hub HUB`");
            assert!(remains(&report).contains(&"credential-wrong"), "{report}");
        } else {
            well(run());
        }
    }
}

#[test]
fn connack_5_is_told_apart_as_far_as_it_can_be() {
    // A wrong password, and a wrong key: the device is there once, and the broker serves others.
    let env = by_hand("1", "hunter2secret");
    env.secret("pw", "hunter3secret");
    let report = told(|| unknown_lot1(&env, "--pw-file pw"), "credential-wrong", "--password-file pw");
    assert!(
        step(&report, "log-in")["evidence"].to_string().contains("the broker accepts bob: it refuses only the device")
    );
    let env = TestEnv::with_lot1();
    env.secret("other.pem", other_key_pem());
    told(|| doctor(&env, "--key other.pem"), "credential-wrong", "--key other.pem");
    // A token of another key, where the device's own is known.
    let foreign = env.i3("token lot1 --key other.pem").done().stdout;
    env.secret("token", foreign);
    told(|| doctor(&env, "--pw-file token"), "token-foreign", "--key FILE with the key that the device");
    // A device that was never there.
    let run = || env.i3_with(&format!("doctor --timeout {SHORT} --key other.pem"), &["alice$parking$lot7"]);
    told(run, "device-missing", "`i3 register lot7 --hub alice/parking`");
    // Nothing known but the device itself: every cause that is left is named.
    let alone = || {
        let run = doctor(&env, "--key other.pem").without("I3_MARKET").without("I3_BUYER");
        run.without("I3_API_KEY").without("I3_LOGIN_PASSWORD").without("I3_USER")
    };
    let report = told(alone, "log-in-refused", "with the marketplace's log-in");
    let left = [
        "credential-wrong",
        "key-unusable",
        "database-down",
        "device-missing",
        "device-doubled",
        "device-case-twins",
        "clock",
        "device-dead",
    ];
    assert_eq!(remains(&report), left);
    // Another device that is known here rules the database out.
    env.i3("register lot2 --hub parking --generate-password").done();
    let report = told(alone, "log-in-refused", "i3 doctor 'alice$parking$lot1'");
    assert!(!remains(&report).contains(&"database-down"), "{report}");
}

#[test]
fn other_devices_log_in_only_where_they_belong() {
    let env = TestEnv::with_lot1();
    env.i3("register lot2 --hub parking --generate-password").done();
    // Another broker, which knows neither device.
    let other = Sandbox::spawn(Options::default()).unwrap();
    let run = |broker: &str| {
        let run = doctor(&env, &format!("--broker {broker}")).without("I3_BUYER");
        run.without("I3_API_KEY").without("I3_LOGIN_PASSWORD").without("I3_USER")
    };
    let config = fs::read_to_string(env.config_file()).unwrap();
    let (before, lot2) = config.split_once("[devices.\"alice$parking$lot2\"]\n").unwrap();
    let lot2: String =
        lot2.lines().filter(|line| !line.starts_with("broker")).map(|line| format!("{line}\n")).collect();
    let theirs = other.broker_url().to_string();
    // Two without credentials, the device's own, the text of its public key, and the other device if it belongs there.
    for (broker, log_ins) in [(String::new(), 4), (format!("broker = \"{theirs}\"\n"), 5)] {
        let config = format!("{before}[devices.\"alice$parking$lot2\"]\n{broker}{lot2}");
        fs::write(env.config_file(), config).unwrap();
        let so_far = other.counts().broker_log_ins;
        let report = told(|| run(&theirs), "log-in-refused", "doctor");
        assert_eq!(other.counts().broker_log_ins - so_far, 2 * log_ins, "{broker}: {report}");
    }
}

#[test]
fn a_rotation_that_is_not_finished_is_known() {
    let env = TestEnv::with_lot1();
    // The marketplace has the new key already, and the configuration names the old one still.
    let next = env.secret("new.pem", other_key_pem());
    env.i3_with("device passwd --key new.pem", &[LOT1]).done();
    let old = env.path("lot1.pem");
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::write(env.config_file(), config.replace("new.pem", "lot1.pem")).unwrap();
    told(|| doctor(&env, ""), "credential-wrong", "--key");
    let rotations = env.home().join(".local/state/i3-marketplace/rotations");
    fs::create_dir_all(&rotations).unwrap();
    let journal = json!({
        "device": LOT1, "market": env.sandbox.market_url(), "broker": env.sandbox.broker_url().to_string(),
        "kind": "key", "old": old, "place": old, "next": next, "stage": "forward",
    });
    fs::write(rotations.join(format!("{LOT1}.json")), journal.to_string()).unwrap();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).done().says(&["not finished"]);
    let report = well(doctor(&env, ""));
    let said = format!("a rotation is not finished: {} is tried as well", next.display());
    assert!(step(&report, "credential")["evidence"].to_string().contains(&said), "{report}");
    assert_eq!(step(&report, "log-in")["summary"], format!("the broker accepts key {}", next.display()));
}

#[test]
fn a_buyer_has_a_password_that_can_be_sent() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts().broker_log_ins;
    let by_key = doctor(&env, &format!("--topic {TOPIC} --publish --buyer bob --buyer-pw-file lot1.pem"));
    by_key.fails(77, &["this is a private key"]).keeps_secret(key_pem());
    for run in [doctor(&env, ""), doctor(&env, "--buyer bob")] {
        run.without("I3_BUYER_PASSWORD").fails(
            2,
            &[
                "the buyer's broker password is not given",
                "give --buyer-pw-file FILE",
                "i3 notifications broker-password",
            ],
        );
    }
    assert_eq!(env.sandbox.counts().broker_log_ins, before);
    well(doctor(&env, "--offline").without("I3_BUYER_PASSWORD"));
}
