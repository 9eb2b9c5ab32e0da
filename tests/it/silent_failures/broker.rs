//! Silent failures at the broker: publishes, subscriptions, addresses.

use std::time::Duration;

use serde_json::json;

use super::{named, now, publish, token};
use crate::http::Browser;
use crate::program::{LOT1, NO_PRODUCT, TOPIC, TestEnv};

#[test]
fn silent_01_denied_publish_acknowledged() {
    let env = TestEnv::with_lot1();
    for qos in [0, 1, 2] {
        named(
            publish(&env, NO_PRODUCT, &format!("-q {qos}")),
            77,
            &["did not come back", "there is no product alice/parking/occupency", "create the product"],
        );
    }
    for qos in [1, 2] {
        let run = publish(&env, NO_PRODUCT, &format!("-q {qos} -V 5"));
        named(run, 77, &[" refused the message", "create the product"]);
    }
    // The acknowledgement itself is that of a success, as whoever asks for no proof gets to see.
    publish(&env, NO_PRODUCT, "-q 1 --confirm none").succeeds("");
    publish(&env, TOPIC, "-q 1").succeeds("");
    // What is outside its own hub is not tried unasked.
    let before = env.sandbox.counts();
    let outside = ["bob/meteo/wind is not a topic of", "its own hub, alice/parking", "--device", "--any-hub"];
    named(publish(&env, "bob/meteo/wind", ""), 77, &outside);
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn silent_02_client_id_with_slash() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    for id in ["a/b", "a+b", "#"] {
        named(
            publish(&env, TOPIC, "").arg("--id").arg(id),
            65,
            &["client id", "drops every message", "leave --id out"],
        );
        let listen = env.i3(&format!("sub --device lot1 -t {TOPIC} -C 1")).arg("--id").arg(id);
        named(listen, 65, &["client id", "leave --id out"]);
    }
    assert_eq!(env.sandbox.counts(), before);
    publish(&env, TOPIC, "--id gateway7").succeeds("");
}

#[test]
fn silent_03_permission_cache_after_an_early_publish() {
    let env = TestEnv::with_lot1();
    let topic = "alice/parking/level2";
    named(publish(&env, topic, "--id gateway7"), 77, &["there is no product"]);
    assert_eq!(Browser::of_seller(&env.sandbox).create_product("level2", "1").status, 302);
    named(
        publish(&env, topic, "--id gateway7"),
        77,
        &["remembers a refusal for this client id for 300 s", "without --id"],
    );
    publish(&env, topic, "").succeeds("");
    env.sandbox.age_permissions(Duration::from_secs(301));
    publish(&env, topic, "--id gateway7").succeeds("");
}

#[test]
fn silent_20_no_credentials() {
    let env = TestEnv::released();
    named(env.i3(&format!("pub -t {TOPIC} -m 678 -u")).arg(LOT1), 78, &["no credential is known for", "--pw-file"]);
    named(env.i3(&format!("pub -t {TOPIC} -m 678")), 78, &["no device given", "--device"]);
    let empty = env.i3(&format!("pub -t {TOPIC} -m 678 --pw-stdin -u")).arg(LOT1).input("\n");
    named(empty, 77, &["password is empty", "deliver nothing"]);
    let listen = env.i3(&format!("sub -t {TOPIC} -C 1")).without("I3_BUYER_PASSWORD");
    named(listen, 78, &["no credential is known for bob", "--pw-file"]);
    assert_eq!(env.sandbox.counts().broker_log_ins, 0);
}

#[test]
fn silent_21_subscription_to_what_was_not_bought() {
    let env = TestEnv::with_lot1();
    Browser::of_seller(&env.sandbox).create_product("level2", "1");
    let topic = "alice/parking/level2";
    let listening = env.i3(&format!("sub -v -t {topic} -C 1 -W 4s")).start().says("Subscribed");
    publish(&env, topic, "").succeeds("");
    let outcome = listening.finish();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (75, ""), "{outcome}");
    outcome.says(&["only 0 of 1 messages", "I3 grants every subscription", "was not bought", "\nhint: "]);
}

#[test]
fn silent_23_token_expired_at_reconnect() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    env.secret("token", token(json!({"iss": "x", "iat": now() - 7200, "exp": now() - 3600})));
    named(
        publish(&env, TOPIC, "--pw-file token"),
        77,
        &["the token expired", "1h", "make a new one with `i3 token`", "--key FILE"],
    )
    .keeps_secret(&env.read("token"));
    assert_eq!(env.sandbox.counts(), before);
    // With the key each log-in has its own token.
    publish(&env, TOPIC, "").succeeds("");
}

#[test]
fn silent_25_database_outage_looks_like_a_wrong_password() {
    let env = TestEnv::with_lot1();
    env.sandbox.set_database_down(true);
    named(publish(&env, TOPIC, ""), 77, &["refused the log-in", "database is down", "try again later"]);
    let outcome = env.i3("register lot2 --hub parking --key lot1.pem").run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (77, ""), "{outcome}");
    outcome.says(&["is registered, but", "not proved", "database is down", "\nhint: "]);
}

#[test]
fn silent_27_port_8883_without_tls() {
    let env = TestEnv::with_lot1();
    let port = env.sandbox.broker_url().port;
    let run = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --insecure --broker mqtts://127.0.0.1:{port}"));
    named(run, 75, &["ended during the TLS handshake", &format!("use mqtt://127.0.0.1:{port}")]);
    assert_eq!(env.sandbox.counts().broker_log_ins, 1, "the one of the registration");
}

#[test]
fn silent_28_short_device_or_topic_name() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    for short in ["occupancy", "parking/occupancy", "/alice/parking/occupancy"] {
        named(publish(&env, short, ""), 65, &["incomplete topic", &format!("use -t {TOPIC}")]);
        named(env.i3(&format!("sub -t {short} -C 1")), 65, &["incomplete topic", "alice/parking/occupancy"]);
    }
    named(env.i3("token lot9"), 78, &["no device 'lot9' is configured", "USER$HUB$DEVICE"]);
    assert_eq!(env.sandbox.counts(), before);
    let run = env.i3(&format!("pub --key lot1.pem -u lot1 -t {TOPIC} -m 678"));
    named(run, 77, &["refused the log-in of 'lot1'", "full name, USER$HUB$DEVICE"]);
    // A short name that the configuration knows is made a full one.
    publish(&env, TOPIC, "").succeeds("");
}
