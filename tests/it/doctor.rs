//! The doctor's verdicts: a chain that is well, and what can be wrong on this machine or on the way.

mod broker;
mod numbered;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, UNIX_EPOCH};

use i3::sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use crate::http::Browser;
use crate::program::{LOT1, NO_PRODUCT, Outcome, Run, SHORT, TOPIC, TestEnv, key_pem, mode, other_key_pem, quick};
use crate::silent_failures::{now, token};
use crate::support::between::{between, forward};

/// What fixes a device that is there more than once.
const REPAIR: &str = "`i3 device repair 'alice$parking$lot1'`";

/// The doctor looks at lot1: with these further options, in words.
fn doctor(env: &TestEnv, options: &str) -> Run {
    env.i3(&format!("doctor lot1 --timeout {SHORT} {options}"))
}

/// Both ways of speaking name this cause and this remedy, with exit code 1; the JSON of the report.
fn told(run: impl Fn() -> Run, id: &str, remedy: &str) -> Value {
    let said = run().run();
    assert_eq!(said.code, 1, "{said}");
    let hint = said.hint();
    assert!(hint.contains(remedy), "the hint lacks '{remedy}': {said}");
    assert_eq!(said.error().id, Some(id), "{said}");
    let told = run().arg("--json").run();
    assert_eq!(told.code, 1, "{told}");
    let report = report(&told);
    let cause = &report["verdict"]["cause"];
    assert_eq!((&report["verdict"]["well"], &cause["id"]), (&json!(false), &json!(id)), "{told}");
    assert_eq!(cause["remedy"].as_str(), Some(hint), "{told}");
    let error: Value = serde_json::from_str(told.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&error["error"]["id"], &error["error"]["exit"]), (&json!(id), &json!(1)), "{told}");
    report
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome}"))
}

/// Nothing is wrong.
fn well(run: Run) -> Value {
    let report = run.arg("--json").json();
    assert_eq!((&report["verdict"]["well"], &report["verdict"]["cause"]), (&json!(true), &Value::Null), "{report}");
    report
}

fn step<'a>(report: &'a Value, check: &str) -> &'a Value {
    report["steps"].as_array().unwrap().iter().find(|step| step["check"] == check).unwrap()
}

fn status<'a>(report: &'a Value, check: &str) -> &'a str {
    step(report, check)["status"].as_str().unwrap()
}

fn remains(report: &Value) -> Vec<&str> {
    report["verdict"]["cause"]["remains"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect()
}

/// An environment where lot1 was registered by hand, with this type and value, and `lot1.pem` and `pw` are at hand.
fn by_hand(rgs_type: &str, value: &str) -> TestEnv {
    let env = TestEnv::released();
    assert_eq!(Browser::of_seller(&env.sandbox).create_device("lot1", rgs_type, value).status, 302);
    env.secret("lot1.pem", key_pem());
    env
}

/// The doctor looks at lot1, which the configuration does not know.
fn unknown_lot1(env: &TestEnv, options: &str) -> Run {
    env.i3_with(&format!("doctor --timeout {SHORT} {options}"), &[LOT1])
}

#[test]
fn a_chain_that_is_well_is_said_to_be() {
    const CHECKS: [&str; 15] = [
        "configuration",
        "names",
        "credential",
        "token",
        "marketplace",
        "clock",
        "account",
        "hub",
        "device",
        "product",
        "broker",
        "mqtt",
        "log-in",
        "publish",
        "read",
    ];
    for env in [TestEnv::with_lot1(), TestEnv::with_lot1_on(Options { rest: false, mqtt5: false, ..quick() })] {
        let report = well(doctor(&env, &format!("--topic {TOPIC} --publish")));
        let steps: Vec<&str> =
            report["steps"].as_array().unwrap().iter().map(|s| s["check"].as_str().unwrap()).collect();
        assert_eq!(steps, CHECKS);
        assert!(CHECKS.iter().all(|check| status(&report, check) == "well"), "{report}");
        assert_eq!(step(&report, "read")["summary"], "bob received the message");
        let said = doctor(&env, &format!("--topic {TOPIC} --publish")).done();
        assert!(said.stdout.ends_with("Everything is ok.\n"), "{said}");
        // Where each value came from.
        assert!(said.stdout.contains("(environment variable I3_MARKET)"), "{said}");
    }
}

#[test]
fn nothing_is_published_and_little_logged_in_unless_asked_for() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts().broker_log_ins;
    let listening = env.i3(&format!("sub -v -t {TOPIC} -C 1 -W 60s")).start().says("Subscribed");
    let report = well(doctor(&env, ""));
    // The buyer's own log-in, two without credentials, the device's.
    assert_eq!(env.sandbox.counts().broker_log_ins - before, 4);
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("unknown", "unknown"));
    assert_eq!(report["verdict"]["unproved"], json!(["publish", "read"]));
    assert_eq!(report["topic"], TOPIC);
    well(doctor(&env, "--probe-message nothing-before-this"));
    assert_eq!(listening.finish().succeeded(), format!("{TOPIC} nothing-before-this\n"));
    // What is kept on the topic proves the permission without a message of the doctor's.
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m kept -r")).done();
    let report = well(doctor(&env, ""));
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "well"));
}

#[test]
fn offline_opens_no_connection() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    let run = || doctor(&env, &format!("--offline --topic {TOPIC}")).env("I3_MARKET", "http://127.0.0.1:1");
    let report = well(run());
    assert_eq!(report["steps"].as_array().unwrap().len(), 4);
    let rest =
        ["marketplace", "clock", "account", "hub", "device", "product", "broker", "mqtt", "log-in", "publish", "read"];
    assert_eq!(report["verdict"]["not_looked_at"], json!(rest));
    let said = run().done();
    let last = format!("Found nothing wrong; not checked: {}.\n", rest.join(", "));
    assert!(said.stdout.ends_with(&last) && !said.stdout.contains("Everything is ok"), "{said}");
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn a_message_that_is_wanted_needs_a_topic() {
    let env = TestEnv::with_lot1();
    Browser::of_seller(&env.sandbox).create_product("level2", "3");
    for option in ["--publish", "--probe-message 7"] {
        let outcome = doctor(&env, option).run();
        assert_eq!(outcome.code, 1, "{outcome}");
        outcome.says(&[
            "error[command-line]: nothing was published: no topic is given",
            "hint: give the topic: --topic alice/parking/PRODUCT",
        ]);
        let report = report(&doctor(&env, option).arg("--json").run());
        let cause = &report["verdict"]["cause"];
        assert_eq!((&cause["check"], &cause["id"]), (&json!("publish"), &json!("command-line")), "{report}");
        assert_eq!(cause["remedy"], "give the topic: --topic alice/parking/PRODUCT");
    }
    // A topic that is none is not said to be missing.
    for topic in ["", "occupancy"] {
        let run = || env.i3_with(&format!("doctor lot1 --timeout {SHORT} --topic"), &[topic]);
        let report = told(run, "short-topic", "");
        for check in ["product", "publish", "read"] {
            assert!(step(&report, check)["summary"].as_str().unwrap().contains("the topic is not valid"), "{report}");
        }
    }
}

#[test]
fn what_does_not_follow_is_told_apart() {
    let env = TestEnv::with_lot1();
    env.secret("other.pem", other_key_pem());
    let run = || doctor(&env, &format!("--topic {NO_PRODUCT} --key other.pem"));
    let report = told(run, "product-missing", "i3 product create");
    let cause = &report["verdict"]["cause"];
    assert_eq!(cause["follows"], json!([]), "{report}");
    assert!(cause["also"][0].as_str().unwrap().starts_with("log-in: the broker refuses key other.pem"), "{report}");
    run().run().says(&["because: what follows: messages are acknowledged", "because: also wrong: log-in: the broker"]);
}

#[test]
fn a_refused_key_is_named_though_the_log_in_works() {
    let env = TestEnv::with_lot1_on(Options { rest: false, ..quick() });
    let report = told(|| doctor(&env, "").env("I3_API_KEY", "0".repeat(40)), "api-key-refused", "page 'key'");
    assert_eq!(
        (status(&report, "account"), status(&report, "device"), status(&report, "product")),
        ("well", "well", "wrong")
    );
}

#[test]
fn a_clock_that_makes_no_token_is_no_more_than_a_risk() {
    let env = TestEnv::with_lot1();
    env.secret("token", env.i3("token lot1").done().stdout);
    let url = env.sandbox.market_url();
    let market = between(&env.sandbox, move |request| {
        let there = UNIX_EPOCH + Duration::from_secs(now() + 7230);
        Some(forward(&url, request).with("Date", httpdate::fmt_http_date(there)))
    });
    let report = told(|| doctor(&env, "--pw-file token").env("I3_MARKET", market.url()), "clock", "set this machine's");
    assert_eq!((status(&report, "clock"), status(&report, "log-in")), ("risk", "well"));
}

#[test]
fn what_cannot_be_mended_is_told_with_the_report() {
    let env = TestEnv::with_lot1();
    env.secret("expired", token(json!({"iat": now() - 7200, "exp": now() - 3600})));
    fs::remove_file(env.path("lot1.pem")).unwrap();
    let outcome = doctor(&env, "--pw-file expired --fix --json").run();
    assert_eq!(outcome.code, 1, "{outcome}");
    outcome.says(&["cannot put a new token into", "lot1.pem cannot be read"]);
    let report = report(&outcome);
    assert_eq!(report["verdict"]["cause"]["id"], "token-expired", "{report}");
    assert_eq!(report["mended"], json!([]));
}

#[test]
fn a_passphrase_that_cannot_be_read_is_named() {
    let env = TestEnv::with_lot1();
    env.secret("phrase", "correct horse");
    let mut openssl = env.command("openssl");
    let line = "pkcs8 -topk8 -in lot1.pem -passout file:phrase -out locked.pem";
    openssl.command.args(line.split_ascii_whitespace());
    openssl.done();
    fs::set_permissions(env.path("locked.pem"), Permissions::from_mode(0o600)).unwrap();
    let outcome = doctor(&env, "--offline --key locked.pem --passphrase-file nowhere").run();
    assert_eq!(outcome.code, 1, "{outcome}");
    outcome.says(&["nowhere cannot be read"]).does_not_say(&["no passphrase was given"]);
}

#[test]
fn ways_that_are_closed_are_named() {
    let env = TestEnv::with_lot1();
    let nobody = "127.0.0.1:1";
    told(|| doctor(&env, "").env("I3_MARKET", format!("http://{nobody}")), "market-unreachable", "check --market");
    told(|| doctor(&env, &format!("--broker mqtt://{nobody}")), "broker-unreachable", "--broker");
    told(|| doctor(&env, "").env("I3_BROKER", "http://broker"), "bad-address", "mqtt://HOST:PORT");
    let market = env.sandbox.market_url();
    let at_market = market.replace("http://", "mqtt://");
    told(|| doctor(&env, &format!("--broker {at_market}")), "not-a-broker", "host and port of --broker");
    let run = || doctor(&env, "--via web").env("I3_LOGIN_PASSWORD", "wrong");
    told(run, "market-log-in-refused", "log-in password");
    told(|| doctor(&env, "--via rest").env("I3_API_KEY", "0".repeat(40)), "api-key-refused", "page 'key'");
    fs::create_dir_all(env.config_file().parent().unwrap()).unwrap();
    fs::write(env.config_file(), "broker = 1").unwrap();
    told(|| doctor(&env, ""), "config-invalid", "config.toml");
}

#[test]
fn a_password_in_an_address_is_not_repeated() {
    let env = TestEnv::with_lot1();
    for (name, scheme, what) in [("I3_MARKET", "http", "marketplace"), ("I3_BROKER", "mqtt", "broker")] {
        let run = || doctor(&env, "--offline").env(name, format!("{scheme}://alice:hunter2secret@host"));
        let report = told(run, "bad-address", "HOST");
        let evidence = step(&report, "configuration")["evidence"].to_string();
        let said = format!("the {what}'s address cannot be read (environment variable {name})");
        assert!(evidence.contains(&said), "{evidence}");
        for outcome in [run().run(), run().arg("--json").run()] {
            outcome.keeps_secret("hunter2secret");
        }
    }
}

#[test]
fn a_refused_host_name_is_named() {
    let env = TestEnv::with_lot1();
    // A marketplace that is set up for another name than this.
    let market = between(&env.sandbox, |_| {
        Some(crate::support::http_server::Reply::html(
            400,
            "<title>Bad Request (400)</title><h1>Bad Request (400)</h1>",
        ))
    });
    told(|| doctor(&env, "").env("I3_MARKET", market.url()), "host-refused", "use the host name");
}

#[test]
fn rights_of_files_are_mended_and_pairs_that_are_apart_are_told() {
    let env = TestEnv::with_lot1();
    fs::set_permissions(env.path("lot1.pem"), Permissions::from_mode(0o644)).unwrap();
    told(|| doctor(&env, ""), "file-open-to-others", "chmod 600");
    let mended = doctor(&env, "--fix").done();
    assert!(mended.stdout.contains("\nfixed    make "), "{mended}");
    assert_eq!(mode(&env.path("lot1.pem")), 0o600);
    env.i3("keygen --out other.pem").done();
    fs::copy(env.path("other.pem.pub"), env.path("lot1.pem.pub")).unwrap();
    let path = env.path("lot1.pem").display().to_string();
    let anew = format!("`i3 pubkey --key {path} --format pem > {path}.pub`");
    told(|| doctor(&env, "--offline"), "key-pair-apart", &format!("`i3 device passwd '{LOT1}' --key {path}`"));
    // What it says mends it, an empty one as well.
    for half in [env.read("other.pem.pub"), String::new()] {
        fs::write(env.path("lot1.pem.pub"), half).unwrap();
        told(|| doctor(&env, "--offline"), "key-pair-apart", &anew);
        env.shell(anew.trim_matches('`')).done();
        let report = well(doctor(&env, "--offline"));
        assert!(step(&report, "credential")["evidence"].to_string().contains("is its public half"), "{report}");
    }
    fs::remove_file(env.path("lot1.pem")).unwrap();
    let again = format!("`i3 keygen --out {path} --force`");
    told(|| doctor(&env, ""), "key-file-missing", &again);
    env.shell(again.trim_matches('`')).done();
    fs::remove_file(env.path("lot1.pem")).unwrap();
    fs::remove_file(env.path("lot1.pem.pub")).unwrap();
    told(|| doctor(&env, ""), "key-file-missing", &format!("make a pair with `i3 keygen --out {path}`"));
}

#[test]
fn a_configuration_that_others_can_write_to_is_closed() {
    let env = TestEnv::with_lot1();
    fs::set_permissions(env.config_file(), Permissions::from_mode(0o666)).unwrap();
    let said = doctor(&env, "--offline").run();
    assert_eq!(said.code, 1, "{said}");
    said.says(&["others can write to ", "(mode 0666)", "hint: run `chmod go-w "]);
    // Rights need no network.
    let mended = well(doctor(&env, "--offline --fix"));
    assert_eq!(mended["mended"].as_array().unwrap().len(), 1);
    assert_eq!(mode(&env.config_file()), 0o644, "who may read it, may still");
    assert!(step(&mended, "configuration")["summary"].as_str().unwrap().ends_with("$lot1 (as given)"), "{mended}");
}

#[test]
fn another_marketplace_has_nothing_of_the_device() {
    let env = TestEnv::with_lot1();
    let other = Sandbox::spawn(Options::default()).unwrap();
    let run = || {
        let run =
            doctor(&env, "").env("I3_MARKET", other.market_url()).env("I3_BROKER", other.broker_url().to_string());
        run.env("I3_API_KEY", other.seed().api_key.expose())
            .env("I3_LOGIN_PASSWORD", other.seed().seller_password.expose())
    };
    told(run, "device-missing", "i3 register lot1");
}

#[test]
fn explain_knows_what_the_errors_say() {
    let env = TestEnv::with_lot1();
    env.secret("other.pem", other_key_pem());
    let lists = |text: &str, id: &str| {
        let report = env.i3_with("explain --json", &[text]).json();
        let ids: Vec<&str> = report["entries"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect();
        assert!(ids.contains(&id), "{text}: {ids:?}");
    };
    for (line, args) in [
        (format!("pub --device lot1 -t {NO_PRODUCT} -m 678 --timeout {SHORT}"), None),
        (format!("pub --device lot1 -t {TOPIC} -m 678 --broker mqtt://127.0.0.1:1"), None),
        (format!("pub --key lot1.pem -t {TOPIC} -m 678 -u"), Some("alice$parking$lot7")),
        ("pub --device lot1 -t occupancy -m 678".into(), None),
        ("token lot9".into(), None),
        ("register lot1 --hub parking --key other.pem".into(), None),
        ("register lot2 --hub garage --new-key".into(), None),
        ("token --key none.pem".into(), None),
    ] {
        let outcome = env.i3_with(&format!("--json {line}"), &args.into_iter().collect::<Vec<&str>>()).run();
        let error: Value = serde_json::from_str(outcome.stderr.lines().last().unwrap()).unwrap();
        let id = error["error"]["id"].as_str().unwrap_or_else(|| panic!("{outcome}"));
        lists(&format!("error[{id}]: {}", error["error"]["message"].as_str().unwrap()), id);
        lists(&error["error"]["exit"].to_string(), id);
    }
    let five = env.i3("explain 5").done().stdout;
    assert!(five.starts_with("CONNACK 5: not authorized\n") && five.contains("\ndatabase-down\n"), "{five}");
    let mosquitto = env.i3_with("explain", &["Connection error: Connection Refused: not authorised."]).done().stdout;
    assert!(mosquitto.contains("CONNACK 5") && mosquitto.contains("device-doubled"), "{mosquitto}");
    env.i3("explain colourless green ideas").fails(65, &["nothing in the catalogue matches", "hint: "]);
    assert_eq!(env.i3("explain").done().stdout.lines().count(), i3::catalogue::TABLE.len());
}
