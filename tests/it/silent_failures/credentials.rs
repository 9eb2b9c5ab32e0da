//! Silent failures of credentials: keys, passwords, tokens, clocks.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use super::{named, now, publish, token};
use crate::http::Browser;
use crate::program::{LOT1, TOPIC, TestEnv, key, key_pem, other_key_pem};
use crate::support::between::{between, forward};

#[test]
fn silent_04_password_mangled_by_the_shell() {
    let env = TestEnv::new();
    env.secret("pw", "two words; reboot now");
    let register = "register lot1 --hub parking --password-file pw";
    named(
        env.i3(&format!("{register} --plain-password")),
        77,
        &["character 4", "a blank", "shell", "leave --plain-password out"],
    );
    assert_eq!(env.sandbox.counts().device_posts, 0);
    env.i3(register).succeeds(&format!("{LOT1}\n"));
    assert!(env.sandbox.shell_commands().is_empty());
    publish(&env, TOPIC, "").succeeds("");
}

#[test]
fn silent_05_unusable_key_stored() {
    let env = TestEnv::new();
    let public = key().public().clone();
    // Anything else given as the key is not a private one, and the message says what it is.
    env.secret("public.pem", public.to_pem());
    env.secret("body", public.body());
    env.secret("ssh", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 alice@gate");
    env.secret("cut.pem", &key_pem()[..800]);
    for (file, says) in [
        ("public.pem", "the public half of a key"),
        ("body", "the public half of a key"),
        ("ssh", "an OpenSSH public key"),
        ("cut.pem", "truncated or altered"),
    ] {
        let run = env.i3(&format!("register lot1 --hub parking --key {file}"));
        assert_eq!(named(run, 78, &[says]).code, 78);
    }
    assert_eq!(env.sandbox.counts().device_posts, 0);
    // One that was pasted into the form by hand, armour and all, is stored; the device's log-in tells.
    Browser::of_seller(&env.sandbox).create_device("lot1", "2", &public.to_pem());
    env.secret("lot1.pem", key_pem());
    named(
        env.i3(&format!("pub --key lot1.pem -t {TOPIC} -m 678 -u")).arg(LOT1),
        77,
        &["refused the log-in", "registered with this key"],
    );
}

#[test]
fn silent_06_key_under_type_1_and_password_under_type_2() {
    let env = TestEnv::new();
    let mut alice = Browser::of_seller(&env.sandbox);
    alice.create_device("lot1", "1", &key().public().body());
    alice.create_device("lot2", "2", "hunter2secret");
    env.secret("lot1.pem", key_pem());
    env.secret("pw", "hunter2secret");
    let says = &["refused the log-in", "registered as a password", "registered with this key or password"];
    named(env.i3(&format!("pub --key lot1.pem -t {TOPIC} -m 678 -u")).arg(LOT1), 77, says);
    named(env.i3(&format!("pub --pw-file pw -t {TOPIC} -m 678 -u")).arg("alice$parking$lot2"), 77, says);
    // Nothing is registered so from here: both kinds log in at once, by either way.
    for via in ["rest", "web"] {
        env.i3(&format!("register key{via} --hub parking --via {via} --key lot1.pem")).done();
        env.i3(&format!("register pw{via} --hub parking --via {via} --password-file pw")).done();
    }
}

#[test]
fn silent_22_token_without_exp_or_in_milliseconds() {
    let mut env = TestEnv::with_lot1();
    // The broker accepts them, so they work; a warning says what that means.
    for (claims, says) in [
        (json!({"iss": "x", "iat": now()}), "has no expiry"),
        (json!({"iss": "x", "iat": now(), "exp": (now() + 60) * 1000}), "counts milliseconds"),
    ] {
        env.secret("token", token(claims));
        let run = publish(&env, TOPIC, "--pw-file token");
        run.succeeds("").says(&["warning: ", says]);
        let inspected = env.i3("token --inspect --key lot1.pem").input(env.read("token")).done();
        assert!(inspected.stdout.contains(says), "{inspected}");
    }
    // None is ever made here.
    env.unset("I3_BROKER");
    for bad in ["0", "0s", "-1h", "367d", "1h30", "3600", "forever"] {
        named(env.i3("token lot1 --expires-in").arg(bad), 65, &["--expires-in 1h"]);
    }
    for good in ["1s", "90s", "15m", "1d", "365d"] {
        let made = env.i3(&format!("token lot1 --expires-in {good}")).done();
        let claims = i3::token::Token::parse(&made.stdout).unwrap().claims;
        assert_eq!(claims.keys().collect::<Vec<_>>(), ["exp", "iat", "iss"]);
        assert!(claims["exp"].as_u64().unwrap() <= now() + 365 * 24 * 3600);
        assert_eq!(made.stderr.contains("warning"), good == "365d", "{made}");
    }
}

#[test]
fn silent_24_token_with_extra_claims_or_stray_blanks() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    let good = json!({"iss": "x", "iat": now(), "exp": now() + 60});
    for (name, value, says) in [
        ("aud", json!("i3"), "audience"),
        ("nbf", json!(now() + 3600), "valid only in"),
        ("exp", json!("soon"), "is not a number"),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        env.secret("token", token(claims));
        let refused = named(publish(&env, TOPIC, "--pw-file token"), 77, &[says, "make a new one"]);
        refused.keeps_secret(&env.read("token"));
    }
    let good = token(good);
    for dressed in [format!(" {good}"), format!("{good}\n\n"), format!("\"{good}\"")] {
        env.secret("token", &dressed);
        named(publish(&env, TOPIC, "--pw-file token"), 77, &["token", "the whole token"]).keeps_secret(&good);
    }
    assert_eq!(env.sandbox.counts(), before);
    env.secret("token", format!("{good}\n"));
    publish(&env, TOPIC, "--pw-file token").succeeds("");
}

#[test]
fn silent_29_key_over_500_characters() {
    let env = TestEnv::new();
    let made = env.i3("keygen --out big.pem --bits 3072").done();
    assert_eq!(made.stdout.trim_end().len(), 564);
    made.says(&["warning: ", "longer than the 500 characters", "up to 2696 bits fit"]);
    for via in ["rest", "web"] {
        let run = env.i3(&format!("register lot1 --hub parking --key big.pem --via {via}"));
        named(run, 65, &["3072 bits has 564 characters", "no more than 500", "2048 bits with `i3 keygen`"]);
    }
    named(env.i3("keygen --out small.pem --bits 1024"), 65, &["1024 bits", "--bits 2048"]);
    assert_eq!(env.sandbox.counts().device_posts, 0);
}

#[test]
fn silent_30_clock_of_the_device_wrong() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let url = env.sandbox.market_url();
    for (name, offset, says) in
        [("behind", 7210i64, " behind the marketplace's"), ("ahead", -7210, " ahead of the marketplace's")]
    {
        let url = url.clone();
        let market = between(&env.sandbox, move |request| {
            let there = UNIX_EPOCH + Duration::from_secs((now() as i64 + offset) as u64);
            Some(forward(&url, request).with("Date", httpdate::fmt_http_date(there)))
        });
        let run = env.i3(&format!("register {name} --hub parking --key lot1.pem --market")).arg(market.url());
        let done = run.succeeds(&format!("alice$parking${name}\n"));
        done.says(&["warning: this machine's clock is 2h ", says, "set this machine's clock"]);
    }
    // A clock that is right is nothing to talk about.
    env.i3("register right --hub parking --key lot1.pem").done().does_not_say(&["clock"]);
    // A token of a wrong clock has expired, or is not there yet, before it is used.
    env.secret("token", token(json!({"iss": "x", "iat": now() - 7200, "exp": now() - 3600})));
    let run = env.i3(&format!("pub --device ahead -t {TOPIC} -m 678 --pw-file token"));
    named(run, 77, &["the token expired"]);
}

#[test]
fn silent_31_private_key_or_hash_as_password() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    let hash = i3::password_hash::password_hash(&i3::secret::Secret::new("hunter2secret"));
    for (content, says, way_out) in [
        (key_pem().to_string(), "this is a private key", "--key FILE"),
        (other_key_pem().replace('\n', ""), "this is a private key", "--key FILE"),
        (key().public().to_pem(), "this is a public key", "--key FILE"),
        (hash, "PBKDF2 hash", "the password that the hash was made from"),
    ] {
        env.secret("pw", &content);
        named(publish(&env, TOPIC, "--pw-file pw"), 77, &[says, way_out]).keeps_secret(&content);
        named(publish(&env, TOPIC, "--pw-stdin").input(&content), 77, &[says, way_out]).keeps_secret(&content);
        let run = publish(&env, TOPIC, "").env("I3_PASSWORD", &content);
        named(run, 77, &[says, way_out]).keeps_secret(&content);
        let run = env.i3(&format!("sub -u bob --pw-file pw -t {TOPIC} -C 1"));
        named(run, 77, &[says, way_out]).keeps_secret(&content);
        let run = env.i3("register lot2 --hub parking --password-file pw");
        named(run, 77, &[says, way_out]).keeps_secret(&content);
    }
    assert_eq!(env.sandbox.counts(), before);
}
