//! The commands as a seller uses them: the story end to end, what each prints, keeps and refuses.

mod key_formats;
mod keys;
mod publish;
mod register;
mod sandbox;
mod secrets;
mod story;

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::Value;

use crate::program::{LONG, LOT1, NO_PRODUCT, PROGRAM, Running, SHORT, TOPIC, TestEnv, copy_of_program};
use crate::support::folder::Folder;

/// lot1 publishes and must be believed.
fn publish(env: &TestEnv, more: &str) -> crate::program::Outcome {
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG} {more}")).succeeds("")
}

/// bob listens and has said so.
fn bob(env: &TestEnv, more: &str) -> Running {
    env.i3(&format!("sub -v -t {TOPIC} -W {LONG} {more}")).start().says("Subscribed to")
}

#[test]
fn every_result_comes_as_json() {
    let env = TestEnv::new();
    let has = |json: &Value, keys: &[&str]| {
        let mut given: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut keys = [keys, &["schema"]].concat();
        given.sort_unstable();
        keys.sort_unstable();
        assert_eq!(given, keys, "{json}");
    };
    let made = env.i3("--json keygen --out lot1.pem").json();
    has(&made, &["key", "public", "bits", "encrypted", "body", "fingerprint"]);
    assert_eq!((made["key"].as_str(), made["bits"].as_u64()), (Some("lot1.pem"), Some(2048)));
    let shown = env.i3("pubkey --json --key lot1.pem").json();
    has(&shown, &["key", "bits", "fingerprint", "body", "pem", "jwk"]);
    assert_eq!((&shown["body"], &shown["fingerprint"]), (&made["body"], &made["fingerprint"]));
    for via in ["rest", "web"] {
        let device = env.i3(&format!("register --json {via}1 --hub parking --key lot1.pem --via {via}")).json();
        has(
            &device,
            &["device", "hub", "id", "existing", "market", "broker", "key", "password_file", "via", "proved", "notes"],
        );
        assert_eq!(device["device"], format!("alice$parking${via}1"));
        assert_eq!((&device["via"], &device["proved"]), (&Value::from(via), &Value::Bool(true)));
    }
    let token = env.i3("token --json rest1").json();
    has(&token, &["token", "issuer", "expires_at", "expires", "key"]);
    assert_eq!(token["issuer"], "alice$parking$rest1");
    let inspected = env.i3("token --json --inspect --key lot1.pem").input(token["token"].as_str().unwrap()).json();
    has(&inspected, &["header", "claims", "seconds_left", "signed_by_key", "faults"]);
    assert_eq!((&inspected["signed_by_key"], &inspected["claims"]["exp"]), (&Value::Bool(true), &token["expires"]));

    let failed = env.i3(&format!("pub --json --device rest1 -t {NO_PRODUCT} -m 678 --timeout {SHORT}")).run();
    assert_eq!((failed.code, failed.stdout.as_str()), (77, ""), "{failed}");
    let error: Value = serde_json::from_str(&failed.stderr).unwrap();
    has(&error, &["error"]);
    assert_eq!((error["error"]["kind"].as_str(), error["error"]["exit"].as_u64()), (Some("refused"), Some(77)));
    assert!(error["error"]["hint"].as_str().unwrap().contains("`i3 product create`"));
}

#[test]
fn quiet_leaves_warnings_and_errors() {
    let env = TestEnv::new();
    env.i3("--quiet keygen --out lot1.pem").done().is_silent();
    env.i3("register lot1 --hub parking --generate-password --quiet").succeeds(&format!("{LOT1}\n")).is_silent();
    env.i3("token --quiet --key lot1.pem --expires-in 30d").done().says(&["warning: "]);
    env.i3("--quiet token --key lot9.pem").fails(66, &["error[key-file-missing]: ", "hint: "]);
    let told = env.i3("-v keygen --out lot2.pem").done();
    told.says(&["The private key is in lot2.pem"]);
}

#[test]
fn help_and_host_share_a_letter() {
    let env = TestEnv::with_lot1();
    for command in ["pub", "sub"] {
        let short = env.i3(&format!("{command} -h")).done();
        assert!(short.stdout.contains(&format!("Usage: i3 {command}")), "{short}");
        assert!(short.stdout.contains(&format!("`i3 {command} --help` lists all options.")), "{short}");
        assert!(env.i3(&format!("{command} --help")).done().stdout.contains("Examples:"));
    }
    for command in ["keygen", "pubkey", "register", "token", "sandbox", "demo", "completions"] {
        assert!(env.i3(&format!("{command} -h")).done().stdout.contains("Usage: i3"));
        assert!(env.i3(&format!("{command} --help")).done().stdout.contains("Usage: i3"));
    }
    let version = concat!("i3 ", env!("CARGO_PKG_VERSION"), "\n");
    env.i3("--version").succeeds(version);
    let details = env.i3("-v --version").done().stdout;
    assert!(
        details.starts_with(version) && details.contains("\ncommit: ") && details.contains("\ntarget: "),
        "{details}"
    );
    let details: serde_json::Value = serde_json::from_str(&env.i3("-V --json").done().stdout).unwrap();
    assert!(details["target"].is_string() && details["features"].is_array(), "{details}");
    let port = env.sandbox.broker_url().port;
    let to = |broker: &str| {
        let line = format!("pub -v --device lot1 -t {TOPIC} -m 678 {broker}");
        env.i3(&line).env("I3_BROKER", "mqtt://127.0.0.1:1").succeeds("").says(&["(option --"]).code
    };
    to(&format!("-h 127.0.0.1 -p {port}"));
    to(&format!("-h localhost -p {port}"));
    to(&format!("-p {port}"));
    to(&format!("--broker mqtt://localhost:{port}"));
    let both = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -h 127.0.0.1 --broker mqtt://127.0.0.1"));
    both.fails(2, &["cannot be used with"]);
}

#[test]
fn a_way_to_read_lines_goes_without_the_option_for_plain_ones() {
    let env = TestEnv::with_lot1();
    for (line, way) in [
        ("-l --jsonl", "--jsonl"),
        ("--jsonl -l", "--jsonl"),
        ("-l --topic-per-line", "--topic-per-line"),
        ("--topic-per-line --lines", "--topic-per-line"),
    ] {
        let refused = env.i3(&format!("pub --device lot1 {line}")).fails(2, &["error[command-line]", way]);
        assert_eq!(refused.hint(), format!("leave -l out: {way} takes lines by itself"), "{refused}");
    }
    env.i3(&format!("pub --device lot1 -t {TOPIC} -l -0")).fails(2, &["cannot be used with"]);
}

#[test]
fn a_spool_that_is_a_file_is_no_folder() {
    let env = TestEnv::with_lot1();
    std::fs::write(env.path("queue"), "").unwrap();
    for line in ["-m 1", "-l"] {
        let refused = env.i3(&format!("pub --device lot1 -t {TOPIC} {line} --spool queue")).input("1\n").run();
        assert_eq!((refused.code, refused.error().id), (73, Some("spool-place")), "{refused}");
        refused.says(&["the spool queue cannot be used", "because: it is not a folder"]).does_not_say(&["os error"]);
    }
}

#[test]
fn before_a_subcommand_stand_only_options_of_every_command() {
    let env = TestEnv::new();
    env.i3("notifications --profile nobody list").fails(78, &["no profile 'nobody' exists"]);
    env.i3("agent --quiet --color never status").fails(75, &["no agent is running"]);
    for (line, own) in [
        ("notifications --unread archive --all", "'archive' cannot be used with '--unread'"),
        ("agent --idle 1h status", "'status' cannot be used with '--idle <TIME>'"),
        ("gateway --idle 1h check house.toml", "'check' cannot be used with '--idle <TIME>'"),
        ("gateway house.toml check", "'check' cannot be used with"),
    ] {
        env.i3(line).fails(2, &["the subcommand ", own]);
    }
}

#[test]
fn settings_have_an_order_and_an_origin() {
    let env = TestEnv::with_lot1();
    let broker = env.sandbox.broker_url().to_string();
    let line = format!("pub -v --device lot1 -t {TOPIC} -m 678");
    let variable = env.i3(&line).succeeds("");
    variable.says(&[&format!("Broker {broker} (environment variable I3_BROKER)."), "with key "]);
    let option = env.i3(&format!("{line} --broker {broker}")).env("I3_BROKER", "mqtt://127.0.0.1:1").succeeds("");
    option.says(&[&format!("Broker {broker} (option --broker).")]);
    let saved = env.i3(&line).without("I3_BROKER").succeeds("");
    saved.says(&[&format!("Broker {broker} (devices.\"{LOT1}\".broker in "), "config.toml)."]);
    // Whoever has one device need not name it.
    env.i3(&format!("pub -t {TOPIC} -m 678")).succeeds("");
    env.i3("register lot2 --hub parking --generate-password").done();
    env.i3(&format!("pub -t {TOPIC} -m 678")).fails(78, &["no device given; configured: ", "I3_DEVICE"]);
    env.i3(&format!("pub -t {TOPIC} -m 678")).env("I3_DEVICE", "lot2").succeeds("");
    fs::write(env.config_file(), "brocker = 1\n").unwrap();
    env.i3("token lot1").fails(78, &["config.toml", "brocker", "no device 'lot1' is configured"]);
    env.i3("token lot1").without("HOME").env("I3_HOME", env.cwd()).fails(78, &["no device 'lot1' is configured"]);
}

#[test]
fn another_name_is_followed_everywhere() {
    let env = TestEnv::with_lot1();
    let bin = Folder::new();
    let (link, copy) = (bin.path().join("i3-seller"), bin.path().join("i3market"));
    symlink(PROGRAM, &link).unwrap();
    copy_of_program(&copy);
    for (program, name) in [(&link, "i3-seller"), (&copy, "i3market")] {
        let run = |line: &str| {
            let mut run = env.command(program);
            run.command.args(line.split_ascii_whitespace());
            run
        };
        for line in ["--help", "pub --help", "pub -h", "keygen -h"] {
            let help = run(line).done().stdout;
            assert!(help.contains(&format!("Usage: {name}")), "{help}");
        }
        run("token --bad").fails(2, &[&format!("Usage: {name} token")]);
        run("token --key gone.pem").fails(66, &[&format!("`{name} keygen --out gone.pem`")]);
        run("token --inspect").input("x").fails(65, &[&format!("`{name} token lot1 | {name} token --inspect`")]);
        env.secret("old", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.AAAA");
        let expired = run(&format!("pub --device lot1 -t {TOPIC} -m 678 --pw-file old"));
        expired.fails(77, &[&format!("`{name} token`")]);
        for shell in ["bash", "zsh", "fish", "elvish"] {
            let script = run(&format!("completions {shell}")).done().stdout;
            assert!(script.contains(name), "{shell}");
            assert!(!script.contains(PROGRAM), "{shell}");
        }
        assert!(run("completions bash").done().stdout.contains(&format!("complete -F _{name} -- {name}")));
    }
}
