//! Keys that stay on a token: what a device does with them, the messages about unusable ones, and a token that is removed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use i3::mqtt::packet::AckKind;
use i3::pkcs11::{HardwareKey, KeyUri, Pin, Pkcs11Error};
use i3::secret::Secret;

use crate::program::{LONG, LOT1, Outcome, Run, TOPIC, TestEnv, key, key_pem, other_key_pem};
use crate::rotation::{lock_configuration, unlock_configuration};
use crate::support::gateway::{eventually, house, publish as to_house, route, signal, start as start_gateway, write};
use crate::support::pty::at_terminal;
use crate::support::scripted_broker::{Broker, text};
use crate::support::softhsm::{PIN, SoftHsm};

/// The program with a line of words and one argument more, which sees the tokens.
fn i3(env: &TestEnv, hsm: &SoftHsm, line: &str, more: &str) -> Run {
    hsm.seen_by(env.i3_with(line, &[more]))
}

fn publish(env: &TestEnv, hsm: &SoftHsm, more: &str) -> Outcome {
    hsm.seen_by(env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG} {more}"))).succeeds("")
}

/// An environment whose lot1 is registered with a key on a token, and configured so.
fn registered() -> Option<(TestEnv, SoftHsm)> {
    let hsm = SoftHsm::with_key(key_pem())?;
    let env = TestEnv::new();
    i3(&env, &hsm, "register lot1 --hub parking --key", &hsm.uri("lot1")).succeeds(&format!("{LOT1}\n"));
    Some((env, hsm))
}

#[test]
fn a_device_is_registered_publishes_and_rotates_with_keys_that_stay_on_a_token() {
    let Some((env, hsm)) = registered() else { return };
    assert!(fs::read_to_string(env.config_file()).unwrap().contains("pkcs11:token=i3;object=lot1?pin-source=file:/"));
    i3(&env, &hsm, "pubkey --key", &hsm.uri("lot1")).succeeds(&format!("{}\n", key().public().body()));
    let token = hsm.seen_by(env.i3("token lot1")).done();
    env.secret("lot1.pem", key_pem());
    env.i3("token --inspect --key lot1.pem").input(&token.stdout).done();
    publish(&env, &hsm, "");
    let lines = hsm.seen_by(env.i3(&format!("pub -l --device lot1 -t {TOPIC} --timeout {LONG}"))).input("1\n2\n3\n");
    lines.done().says(&["acknowledged 3"]);

    hsm.import("next", "02", other_key_pem());
    i3(&env, &hsm, "device rotate lot1 --to", &hsm.uri("next")).succeeds(&format!("{LOT1}\n"));
    assert!(fs::read_to_string(env.config_file()).unwrap().contains("object=next"));
    publish(&env, &hsm, "");
    let old = i3(&env, &hsm, &format!("pub --device lot1 -t {TOPIC} -m 1 --timeout {LONG} --key"), &hsm.uri("lot1"));
    old.fails(77, &["error[log-in-refused]"]);
    // A token makes no keys for this program.
    hsm.seen_by(env.i3("device rotate lot1")).fails(2, &["is on a PKCS#11 token", "--to URI"]);
    i3(&env, &hsm, "device passwd lot1 --key", &hsm.uri("lot1")).done();
    publish(&env, &hsm, "");
    // From a file onto the token, and one that the broker would not accept changes nothing.
    hsm.seen_by(env.i3("device passwd lot1 --new-key")).done();
    i3(&env, &hsm, "device rotate lot1 --to", &hsm.uri("nothing")).fails(78, &["has no private key"]);
    i3(&env, &hsm, "device rotate lot1 --to", &hsm.uri("next")).done();
    publish(&env, &hsm, "");
}

#[test]
fn a_rotation_to_a_token_that_was_interrupted_is_finished() {
    let Some((env, hsm)) = registered() else { return };
    hsm.import("next", "02", other_key_pem());
    // Its configuration cannot be written: the journal stays.
    lock_configuration(&env);
    let key = format!("device rotate {LOT1} --key {} --to", hsm.uri("lot1"));
    let failed = i3(&env, &hsm, &key, &hsm.uri("next")).run();
    assert_ne!(failed.code, 0, "{failed}");
    failed.says(&["error[rotation-open]"]);
    unlock_configuration(&env);
    // Both are tried until it is finished.
    publish(&env, &hsm, "").says(&["a rotation of alice$parking$lot1 is not finished"]);
    hsm.seen_by(env.i3("device rotate lot1 -v")).succeeds(&format!("{LOT1}\n")).says(&["was interrupted; continuing"]);
    assert!(fs::read_to_string(env.config_file()).unwrap().contains("object=next"));
    publish(&env, &hsm, "").does_not_say(&["rotation"]);
}

#[test]
fn whatever_is_wrong_with_a_key_on_a_token_is_told_with_a_way_out() {
    let Some(hsm) = SoftHsm::with_key(key_pem()) else { return };
    hsm.import("twice", "03", key_pem());
    hsm.import("twice", "04", other_key_pem());
    hsm.generate("--key-type EC:prime256v1 --label curve --id 05");
    hsm.generate("--key-type rsa:1024 --label short --id 07");
    hsm.token("other");
    let env = TestEnv::new();
    let pin = format!("?pin-source=file:{}", hsm.path("pin").display());
    for (uri, code, id, says) in [
        ("pkcs11:tokn=i3", 78, "pkcs11-uri", vec!["'tokn': unknown attribute; did you mean 'token'?"]),
        ("pkcs11:token=i3;id=%0", 78, "pkcs11-uri", vec!["'id': a % without two"]),
        ("pkcs11:token=i3?pin-value=sesame-open", 77, "pkcs11-uri", vec!["has the PIN in it", "pin-source"]),
        (
            "pkcs11:token=i4;object=lot1",
            78,
            "pkcs11-token",
            vec!["no token matches the URI; there is", "'i3' (serial ", "'other' (serial"],
        ),
        ("pkcs11:object=lot1", 78, "pkcs11-token", vec!["more than one token", "'i3' (serial", "slot-id="]),
        ("pkcs11:token=i3;object=lot1", 78, "pkcs11-pin", vec!["needs a PIN", "--pin-file", "pin-source"]),
        (
            "pkcs11:token=i3;object=lot2PIN",
            78,
            "pkcs11-key",
            vec!["has no private key", "object=lot1;id=%01", "object=curve"],
        ),
        ("pkcs11:token=i3;object=twicePIN", 78, "pkcs11-key", vec!["object=twice;id=%03", "object=twice;id=%04"]),
        ("pkcs11:token=otherPIN", 78, "pkcs11-key", vec!["it has none"]),
        ("pkcs11:token=i3;object=curvePIN", 78, "pkcs11-key", vec!["'curve'", "an elliptic-curve key", "RSA"]),
        ("pkcs11:token=i3;object=shortPIN", 78, "pkcs11-key", vec!["1024 bits is too short"]),
    ] {
        let refused = i3(&env, &hsm, "token --key", &uri.replace("PIN", &pin)).run();
        assert_eq!((refused.code, refused.error().id, refused.stdout.as_str()), (code, Some(id), ""), "{refused}");
        refused.says(&says).says(&["hint: "]).keeps_secret("sesame-open").keeps_secret(PIN);
    }
    // One of the two is named by its id, and any may be where there is no other.
    for uri in
        ["pkcs11:token=i3;id=%04", "pkcs11:token=i3;object=twice;id=%03;type=private", "PKCS11:serial=SERIAL;id=%01"]
    {
        let listed = hsm.seen_by(env.i3("token --key pkcs11:object=lot1")).run().stderr;
        let serial = listed.split("'i3' (serial ").nth(1).unwrap().split(',').next().unwrap();
        i3(&env, &hsm, "token --key", &(uri.replace("SERIAL", serial) + &pin)).done();
    }
    let uri = hsm.uri("lot1");
    let i3 = || env.i3_with("token --key", &[&uri]);
    i3().fails(78, &["error[pkcs11-module]", "no PKCS#11 module is named", "I3_PKCS11_MODULE"]);
    fs::write(env.path("text.so"), "no library").unwrap();
    for (module, says) in [("/nowhere/m.so", "No such file"), (env.path("text.so").to_str().unwrap(), "file too short")]
    {
        i3().env("I3_PKCS11_MODULE", module).fails(78, &["error[pkcs11-module]", module, says, "hint: "]);
    }
    let c = fs::read_to_string("/proc/self/maps").unwrap();
    let c = c.split_ascii_whitespace().find(|word| word.contains("/libc.so")).unwrap();
    i3().env("I3_PKCS11_MODULE", c).fails(78, &["error[pkcs11-module]", "no PKCS#11 module"]);
    hsm.forbid_signing();
    let module = format!("&module-path={}", hsm.removable().display());
    let forbidden = env.i3_with("token --key", &[uri.clone() + &module]);
    forbidden.fails(
        78,
        &["error[pkcs11-key]", "the key 'lot1' on the token 'i3' may not be used to sign (CKA_SIGN is false)"],
    );
    let Some(empty) = SoftHsm::new() else { return };
    empty.seen_by(i3()).fails(75, &["error[pkcs11-token]", "sees no token"]);
    fs::set_permissions(hsm.path("pin"), fs::Permissions::from_mode(0o644)).unwrap();
    hsm.seen_by(i3()).fails(78, &["can be read by others"]).keeps_secret(PIN);
}

#[test]
fn a_pin_in_the_configuration_is_refused() {
    let env = TestEnv::with_lot1();
    let set = env.i3_with("config set devices.lot1.key", &["pkcs11:token=i3?pin-value=sesame-open"]);
    set.fails(77, &["error[pkcs11-uri]", "has the PIN in it"]).keeps_secret("sesame-open");
    env.i3_with("config set devices.lot1.key", &["pkcs11:token=i3;object=lot1"]).done();
    env.i3("config get devices.lot1.key").succeeds("pkcs11:token=i3;object=lot1\n");
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::write(env.config_file(), config.replace("object=lot1", "object=lot1?pin-value=sesame-open")).unwrap();
    for line in ["token lot1", "config list", "device list --json"] {
        let refused = env.i3(line).run();
        assert_eq!((refused.code, refused.stdout.as_str()), (77, ""), "{refused}");
        refused.says(&["config.toml", "has the PIN in it"]).keeps_secret("sesame-open");
    }
    fs::write(env.config_file(), config).unwrap();
    env.i3_with("config set devices.lot1.key", &["pkcs11:tokn=i3"]).fails(78, &["error[pkcs11-uri]", "'tokn'"]);
}

#[test]
fn a_wrong_pin_is_told_with_what_the_token_says_of_the_tries_that_are_left() {
    let Some(hsm) = SoftHsm::with_key(key_pem()) else { return };
    let env = TestEnv::new();
    let module = format!("&module-path={}", hsm.removable().display());
    let wrong = || hsm.seen_by(env.i3_with("token --pin-file wrong --key", &["pkcs11:token=i3;object=lot1"]));
    env.secret("wrong", "13572468");
    // SoftHSM does not count tries, but reports that there were wrong ones.
    let refused = wrong().fails(77, &["error[pkcs11-pin]", "refuses the PIN", "few tries are left"]);
    refused.keeps_secret("13572468");
    // The last try is not used for a PIN from a file, because nobody has checked it.
    hsm.flags(0x20000);
    let from_file = || i3(&env, &hsm, "token --key", &(hsm.uri("lot1") + &module));
    from_file()
        .fails(77, &["error[pkcs11-pin]", "locks its PIN after one more wrong try", "type the PIN at a terminal"]);
    hsm.flags(0x40000);
    from_file().fails(77, &["error[pkcs11-pin]", "is locked", "--init-pin"]);
    assert_eq!(hsm.log_ins(), 0);
    hsm.flags(0x10000);
    from_file().done();
    assert_eq!(hsm.log_ins(), 1);
}

#[test]
fn a_pin_that_was_refused_is_never_tried_again() {
    // In its own process: the module sets a variable of its process.
    const ALONE: &str = "I3_TEST_ALONE";
    if std::env::var_os(ALONE).is_none() {
        let name = "hardware::a_pin_that_was_refused_is_never_tried_again";
        let test = Command::new(std::env::current_exe().unwrap()).args(["--exact", name]).env(ALONE, "1").output();
        let test = test.unwrap();
        assert!(test.status.success(), "{}", String::from_utf8_lossy(&test.stdout));
        return;
    }
    let Some(hsm) = SoftHsm::with_key(key_pem()) else { return };
    let uri: KeyUri = format!("pkcs11:token=i3;object=lot1?module-path={}", hsm.removable().display()).parse().unwrap();
    let open = |pin: &str| {
        let secret = Secret::new(pin);
        HardwareKey::open(&uri, || Ok::<_, Pkcs11Error>(Some(Pin { secret, typed: false })))
    };
    for wrong in ["13572468", "97538642"] {
        assert!(matches!(open(wrong), Err(Pkcs11Error::WrongPin { .. })));
    }
    for _ in 0..5 {
        for wrong in ["13572468", "97538642"] {
            assert!(matches!(open(wrong), Err(Pkcs11Error::RefusedBefore { .. })));
        }
    }
    assert_eq!(hsm.log_ins(), 2);
    // Another PIN may be right; after that there are no more questions.
    let key = open(PIN).unwrap();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", key.public().body());
    assert_eq!(key.public(), &i3::key::PublicKey::from_text(pem.as_bytes()).unwrap());
    let again = HardwareKey::open(&uri, || -> Result<_, Pkcs11Error> { unreachable!("it is open") }).unwrap();
    for message in [b"one".as_slice(), b"two"] {
        assert!(key.public().verifies(message, &again.sign(message).unwrap()));
    }
    assert_eq!(hsm.log_ins(), 3);
    hsm.remove();
    let lost = key.sign(b"three").unwrap_err();
    assert!(
        matches!(&lost, Pkcs11Error::Lost { source, .. } if matches!(**source, Pkcs11Error::NoToken { .. })),
        "{lost}"
    );
    hsm.put_back();
    assert!(key.public().verifies(b"four", &key.sign(b"four").unwrap()));
}

#[test]
fn a_stream_waits_for_a_token_that_was_taken_out_and_goes_on() {
    let Some(hsm) = SoftHsm::with_key(key_pem()) else { return };
    let flag = hsm.path("removed");
    let broker = Broker::start(move |client| {
        // The connection alone is lost: the session with the token stays.
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let first = peer.message().unwrap();
        peer.ack(AckKind::PubAck, first.id);
        drop(peer);
        let mut peer = client.next();
        peer.answer_connect(0, false);
        let second = peer.message().unwrap();
        fs::write(flag, "").unwrap();
        drop(peer);
        let mut peer = client.next();
        peer.answer_connect(0, false);
        [vec![text(&first), text(&second)], peer.serve()].concat()
    });
    let env = TestEnv::new();
    let uri = format!("{}&module-path={}", hsm.uri("lot1"), hsm.removable().display());
    env.command("mkfifo").arg("gate").done();
    let line = format!(
        "(echo 1; echo 2; cat gate) | i3 pub -l -q 1 --window 1 --confirm none --broker mqtt://127.0.0.1:{} -u '{LOT1}' \
         -t {TOPIC} --key '{uri}'",
        broker.port
    );
    let running = env.shell(&line).start().says("cannot be used at the moment");
    assert!(running.said().contains("the key 'lot1' on the token 'i3'"), "{}", running.said());
    assert!(running.said().contains("sees no token; trying again in"), "{}", running.said());
    assert!(running.said().contains("Logged in again."), "{}", running.said());
    assert_eq!(hsm.log_ins(), 1, "one PIN for the first two connections");
    hsm.put_back();
    let running = running.says("Logged in again.");
    fs::write(env.path("gate"), "3\n").unwrap();
    let ended = running.finish();
    assert_eq!(ended.code, 0, "{ended}");
    assert_eq!(broker.end(), ["1", "2", "2", "3"]);
    assert_eq!(hsm.log_ins(), 2);
}

#[test]
fn the_agent_and_the_gateway_log_in_with_a_key_on_a_token() {
    let Some((env, hsm)) = registered() else { return };
    let mut agent = hsm.seen_by(env.i3("agent")).start();
    agent.until("I3_AGENT_PID");
    for _ in 0..2 {
        // The agent has the module; who publishes needs none.
        env.i3(&format!("pub -v --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).done().says(&["By the agent."]);
    }
    env.i3("agent stop").done();
    assert_eq!(agent.finish().code, 0);

    let Some(home) = crate::stream_mosquitto::Mosquitto::start() else { return };
    write(&env, &[house(home.port, ""), route("in", "lot1", TOPIC, "")]);
    let config = fs::read_to_string(env.config_file()).unwrap();
    // The gateway is started without these variables: the URI names the module.
    let module = format!("&module-path={}", hsm.removable().display());
    let pin = hsm.path("pin").display().to_string();
    fs::write(env.config_file(), config.replace(&pin, &(pin.clone() + &module))).unwrap();
    let gateway = start_gateway(&env, "", 1);
    to_house(home.port, "in", &["one".into(), "two".into()]);
    eventually("nothing was published", || env.sandbox.counts().broker_log_ins > 0 && hsm.log_ins() == 1);
    let gateway = gateway.says("ogged in as");
    signal(&gateway, "TERM");
    let ended = gateway.finish();
    assert_eq!(ended.code, 0, "{ended}");
    ended.says(&["Received 2, unrouted 0, delivered 2"]);
}

#[test]
fn the_pin_is_asked_for_at_a_terminal_and_not_shown() {
    let Some(hsm) = SoftHsm::with_key(key_pem()) else { return };
    let env = TestEnv::new();
    let run = hsm.seen_by(env.shell("i3 token --key 'pkcs11:token=i3;object=lot1' && echo made"));
    let mut at = at_terminal(&run.command);
    at.shows("PIN of the token 'i3'").types(&format!("{PIN}\r")).shows("eyJ").shows("made");
    assert!(!at.screen().contains(PIN), "{}", at.screen());
}

#[test]
fn the_doctor_says_what_it_finds_of_a_key_on_a_token() {
    let Some((env, hsm)) = registered() else { return };
    let found = hsm.seen_by(env.i3(&format!("doctor lot1 -t {TOPIC} --timeout {LONG}"))).done();
    for says in [
        "the key 'lot1' on the token 'i3': RSA, 2048 bits, signs, SHA256:",
        "module: SoftHSM",
        "token 'i3': SoftHSM project SoftHSM v2, serial ",
        "does not leave the token",
        "the broker accepts key pkcs11:token=i3;object=lot1",
    ] {
        assert!(found.stdout.contains(says), "{says}: {found}");
    }
    env.secret("wrong", "13572468");
    let wrong = hsm.seen_by(env.i3("doctor lot1 --offline --pin-file wrong")).run();
    assert_eq!(wrong.code, 1, "{wrong}");
    wrong.says(&["error[pkcs11-pin]", "refuses the PIN"]).keeps_secret("13572468");
}

#[test]
fn a_key_that_wants_its_pin_for_each_signature_gets_it() {
    let Some(hsm) = SoftHsm::new() else { return };
    hsm.token("i3");
    hsm.generate("--key-type rsa:2048 --label always --id 01 --always-auth");
    let env = TestEnv::new();
    let token = i3(&env, &hsm, "token --key", &hsm.uri("always")).done();
    i3(&env, &hsm, "token --inspect --key", &hsm.uri("always")).input(token.stdout).done();
}

#[test]
fn a_device_export_names_a_key_on_a_token_and_has_nothing_else_of_it() {
    let Some((env, hsm)) = registered() else { return };
    env.i3("device export lot1 --with-secrets --out all.toml").done();
    let text = env.read("all.toml");
    assert!(text.contains("key = \"pkcs11:token=i3;object=lot1") && !text.contains("private_key"), "{text}");
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::remove_file(env.config_file()).unwrap();
    env.i3("device import all.toml").done();
    let again = fs::read_to_string(env.config_file()).unwrap();
    let key = |text: &str| text.lines().find(|line| line.starts_with("key")).unwrap().to_owned();
    assert_eq!(key(&again), key(&config));
    assert!(Path::new(&hsm.path("pin")).exists());
    publish(&env, &hsm, "");
}
