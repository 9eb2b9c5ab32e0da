//! Secrets on the command line: warned of, refused, and never repeated.

use std::fs;

use crate::program::{LOT1, TOPIC, TestEnv, key_pem, other_key_pem};
use crate::support::pty::screen_of;

#[test]
fn a_password_on_the_command_line_works_and_is_warned_of() {
    let env = TestEnv::new();
    env.secret("pw", "hunter2secret");
    env.i3("register lot1 --hub parking --password-file pw").done();
    let line = format!("pub -t {TOPIC} -m 678 -u {LOT1}");
    let pw = env.i3(&format!("{line} -P hunter2secret")).succeeds("");
    // Nobody watches: a script that works is silent.
    pw.is_silent();
    let watched = |more: &str| screen_of(&env.i3(&format!("{line} -P hunter2secret {more}")).command, 200, 50);
    let warned = watched("");
    assert!(warned.contains("other users of this machine can read") && warned.contains("--pw-file"), "{warned}");
    assert!(!warned.contains("hunter2secret"), "{warned}");
    assert_eq!(watched("--quiet"), "");
    env.i3(&line).env("I3_PASSWORD", "hunter2secret").succeeds("").is_silent();
    env.i3(&format!("{line} --pw-stdin")).input("hunter2secret\n").succeeds("").is_silent();
    env.i3(&format!("{line} --pw-file pw")).succeeds("").is_silent();
    // A wrong one of the environment, and the right one that is known: both are tried.
    let both = env.i3(&format!("{line} -v")).env("I3_PASSWORD", "another").succeeds("");
    both.says(&["does not accept environment variable I3_PASSWORD", "trying the next"]).keeps_secret("hunter2secret");
    let wrong = env.i3(&format!("{line} -P hunter3secret"));
    wrong.fails(77, &["refused the log-in"]).keeps_secret("hunter3secret");
}

#[test]
fn a_private_key_opens_no_socket_and_is_not_repeated() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    let pem = key_pem();
    let line = format!("pub -t {TOPIC} -m 678 -u '{LOT1}'");
    for way in [
        format!("i3 {line} -P \"$(cat lot1.pem)\""),
        format!("i3 {line} -P $(cat lot1.pem)"),
        format!("i3 {line} --pw=\"$(cat lot1.pem)\""),
        format!("i3 {line} -P\"$(cat lot1.pem)\""),
        format!("i3 {line} -P \"$(tr -d '\\n' < lot1.pem)\""),
        format!("i3 {line} -P \"$(grep -v -- ----- lot1.pem)\""),
        format!("i3 {line} -P \"$(base64 lot1.pem)\""),
        format!("i3 {line} --pw-file lot1.pem"),
        format!("i3 {line} --pw-stdin < lot1.pem"),
        format!("I3_PASSWORD=\"$(cat lot1.pem)\" i3 {line}"),
        format!("i3 {line} -P lot1.pem"),
        format!("i3 sub -t {TOPIC} -C 1 -u bob -P \"$(cat lot1.pem)\""),
        format!("I3_BUYER_PASSWORD=\"$(cat lot1.pem)\" i3 sub -t {TOPIC} -C 1"),
        "i3 register lot2 --hub parking --password-stdin < lot1.pem".into(),
        "i3 register lot2 --hub parking --password-file lot1.pem".into(),
        "i3 token \"$(cat lot1.pem)\"".into(),
        "i3 $(cat lot1.pem)".into(),
        format!("i3 {line} -i \"$(cat lot1.pem)\" --json"),
    ] {
        let refused = env.shell(&way).fails(77, &["private key"]);
        refused.says(&["--key FILE"]).keeps_secret(pem);
    }
    // The configuration's own password file is checked as well.
    env.secret("key.pem", other_key_pem());
    let device = format!("[devices.\"{LOT1}\"]\npassword_file = \"{}\"\n", env.path("key.pem").display());
    fs::write(env.config_file(), device).unwrap();
    let refused = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).fails(77, &["this is a private key"]);
    refused.keeps_secret(other_key_pem());
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn usage_errors_repeat_no_value() {
    let env = TestEnv::with_lot1();
    for line in [
        "pub --device lot1 -p hunter2secret -t alice/parking/occupancy -m 678",
        "pub --device lot1 -phunter2secret -t alice/parking/occupancy -m 678",
        "pub --device lot1 --port=hunter2secret -m 678",
        "pub --device lot1 -q hunter2secret -m 678",
        "pub --device lot1 --timeout hunter2secret",
        "pub hunter2secret",
        "pub --pw --pw hunter2secret hunter2secret",
        "pub --hunter2secret",
        "hunter2secret",
        "token --hunter2secret",
        "keygen --bits hunter2secret lot1",
        "register lot1 --hub parking --via hunter2secret",
        "completions hunter2secret",
        "sandbox --market-port hunter2secret",
        "sub -C hunter2secret",
        "sub -W hunter2secret",
        "pub --device lot1 --pw-stdin=hunter2secret",
        "pub --timeout 5hunter2secret",
        "pub --keepalive 7hunter2secret",
    ] {
        env.i3(line).fails(2, &["error[command-line]: "]).keeps_secret("hunter2secret");
    }
    for line in ["pub -p 31415926", "pub -k 31415926", "pub --retry -31415926", "sub -C -31415926"] {
        env.i3(line).fails(2, &["error[command-line]: "]).keeps_secret("31415926");
    }
    env.i3("pub --device lot1 -t alice/parking/occupancy").fails(2, &["no message is given", "-n for an empty one"]);
    env.i3("pub --device lot1 -m 678").fails(2, &["no topic is given", "-t USER/HUB/PRODUCT"]);
    env.i3("pub --broker mqtt://bob:hunter2secret@127.0.0.1 -m 678 -t")
        .arg(TOPIC)
        .arg("--device")
        .arg("lot1")
        .fails(65, &["mqtt://HOST:PORT"])
        .keeps_secret("hunter2secret");
    let market = env.i3("register lot2 --hub parking --new-key --market http://alice:hunter2secret@127.0.0.1");
    market.fails(65, &["--login-password-file"]).keeps_secret("hunter2secret");
}
