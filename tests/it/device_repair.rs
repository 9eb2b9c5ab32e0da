//! Devices that cannot log in, doubled, in twin spellings or dead: replaced by one that can, and killed at every step of that.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use i3::broker_url::BrokerUrl;
use i3::config::{Config, env};
use i3::key::PrivateKey;
use i3::login::SecretKind;
use i3::market::Market;
use i3::market::auth::{Login, MarketAuth, TransportChoice};
use i3::market::change::POLL_INTERVAL;
use i3::market::client::MarketClient;
use i3::market::credential::RegisteredCredential;
use i3::market::device::{self, Registration};
use i3::market::http::HttpOptions;
use i3::market::hub::HubSpec;
use i3::market::model::DeviceRow;
use i3::mqtt::connection::Endpoint;
use i3::rotation::repair::{self, Plan, RepairHost, RepairStep};
use i3::rotation::{Proof, RotationLock};
use i3::sandbox::Options;
use i3::secret::Secret;
use serde_json::json;

use crate::http::Browser;
use crate::program::{LONG, LOT1, Outcome, TOPIC, TestEnv};
use crate::support::between::{between, forward};
use crate::support::http_server::Reply;
use crate::support::victim;

const TWIN: &str = "alice$parking$LOT1";

/// An environment where lot1 was registered, and then came a second time and again in capitals.
fn doubled(options: Options) -> TestEnv {
    let env = TestEnv::with_lot1_on(options);
    for name in [LOT1, TWIN] {
        assert!(env.sandbox.insert_device(name, "hunter2secret").unwrap());
    }
    env
}

fn released() -> Options {
    Options { rest: false, mqtt5: false, ..Options::default() }
}

fn publish(env: &TestEnv) -> Outcome {
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).run()
}

/// One row, one log-in that works with the saved credential, and no change in progress.
fn is_repaired(env: &TestEnv, context: &str) {
    assert_eq!(env.sandbox.devices(), [LOT1], "{context}");
    assert_eq!(env.sandbox.log_ins().iter().filter(|name| name.contains('$')).count(), 1, "{context}");
    let published = publish(env);
    assert_eq!(published.code, 0, "{context}: {published}");
    assert!(!plan_file(env).exists(), "{context}");
}

fn plan_file(env: &TestEnv) -> std::path::PathBuf {
    env.home().join(format!(".local/state/i3-marketplace/rotations/{LOT1}.repair.json"))
}

#[test]
fn doubled_devices_are_all_deleted_and_one_is_registered() {
    for options in [Options::default(), released()] {
        let env = doubled(options);
        publish(&env).says(&["refused the log-in"]);
        let rows = "alice$parking$lot1 (1), alice$parking$lot1 (2), alice$parking$LOT1 (3)";
        env.i3("device list").done().says(&[
            "any of them may fail to log in",
            rows,
            "`i3 device repair 'alice$parking$lot1'`",
        ]);
        let before = env.sandbox.counts().changes;
        env.i3("device repair lot1").fails(2, &[rows, "--yes"]);
        for line in ["device delete lot1 --yes", "device passwd lot1 --generate-password", "device rotate lot1"] {
            let run = env.i3(line).run();
            assert_eq!(run.code, 77, "{run}");
        }
        env.i3("device delete lot1 --yes")
            .fails(77, &["exists 3 times", rows, "i3 device repair 'alice$parking$lot1'"]);
        env.i3("register lot1 --hub parking --key lot1.pem").fails(77, &["exists 3 times", "i3 device repair"]);
        assert_eq!(env.sandbox.counts().changes, before);
        let told = env.i3("device repair lot1 --yes --json").json();
        assert_eq!((told["device"].as_str(), told["proved"].as_bool()), (Some(LOT1), Some(true)));
        let deleted: Vec<_> = told["deleted"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        assert_eq!(deleted, [json!(1), json!(2), json!(3)]);
        assert_eq!(told["key"].as_str().unwrap(), env.path("lot1.pem").display().to_string());
        is_repaired(&env, "doubled");
        // What works is left alone, whoever asks.
        let before = env.sandbox.counts().changes;
        env.i3("device repair lot1 --yes -v").succeeds(&format!("{LOT1}\n")).says(&["there is nothing to repair"]);
        env.i3("device repair lot1 --new-key --yes").succeeds(&format!("{LOT1}\n"));
        assert_eq!(env.sandbox.counts().changes, before);
        env.i3("device repair alice$parking$lot9 --yes").fails(65, &["shows no device", "i3 register lot9"]);
    }
}

#[test]
fn a_dead_row_is_replaced_and_no_new_password_is_claimed_to_count() {
    for options in [Options::default(), released()] {
        let env = doubled(options);
        let deleted = env.i3("device delete lot1 --id 2 --yes").done();
        deleted.says(&[
            "log-in of every device of this name",
            "alice$parking$lot1 (1), alice$parking$LOT1 (3)",
            "repair",
        ]);
        env.i3("device delete lot1 --id 3 --yes").done();
        assert_eq!(env.sandbox.devices(), [LOT1]);
        assert!(!env.sandbox.log_ins().iter().any(|name| name.contains('$')), "the log-in of all is gone");
        let passwd = env.i3("device passwd lot1 --generate-password").run();
        assert_eq!((passwd.code, passwd.stdout.as_str()), (77, ""), "{passwd}");
        passwd.says(&["refuses the new credential", "hint: run `i3 device repair 'alice$parking$lot1'`"]);
        passwd.does_not_say(&["has its new credential"]);
        let unproved = env.i3("device passwd lot1 --generate-password --no-check").done();
        unproved.says(&["Not proved"]).does_not_say(&["has its new credential"]);
        env.i3("device rotate lot1").fails(77, &["does not accept the present password", "device repair"]);
        let again = env.i3("register lot1 --hub parking --key lot1.pem");
        again.fails(77, &["is already registered", "does not accept", "i3 device repair"]);
        let told = env.i3("device repair lot1 --yes --json").json();
        assert_eq!(told["deleted"], json!([{ "device": LOT1, "id": 1 }]));
        is_repaired(&env, "dead");
    }
}

#[test]
fn a_dead_row_that_a_deletion_without_mail_left_is_replaced() {
    for options in [Options::default(), released()] {
        half_deleted(&TestEnv::with_lot1_on(options));
    }
}

fn half_deleted(env: &TestEnv) {
    env.sandbox.set_mail_down(true);
    let half = env.i3("device delete lot1 --yes");
    half.fails(
        75,
        &["still shows 'alice$parking$lot1'", "log-in and permissions are gone", "when the marketplace's mail is back"],
    )
    .does_not_say(&["nothing was deleted"]);
    assert_eq!(env.sandbox.devices(), [LOT1]);
    env.i3("device list").succeeds(&format!("{LOT1}\n"));
    // Nor can it be repaired now: the row cannot be deleted.
    env.i3("device repair lot1 --yes").fails(75, &["0 of 1 rows are deleted", "mail is back"]);
    env.sandbox.set_mail_down(false);
    env.i3("device repair lot1 --yes").succeeds(&format!("{LOT1}\n"));
    is_repaired(env, "mail is back");
    // The alternative is to delete it again.
    env.sandbox.set_mail_down(true);
    env.i3("device delete lot1 --yes").fails(75, &["log-in and permissions are gone"]);
    env.sandbox.set_mail_down(false);
    env.i3("device delete lot1 --yes").succeeds(&format!("{LOT1}\n"));
    assert!(env.sandbox.devices().is_empty());
}

#[test]
fn a_deletion_whose_answer_is_lost_may_have_taken_the_log_in() {
    let env = TestEnv::with_lot1_on(released());
    let market = between(&env.sandbox, |request| request.path().starts_with("/devices/delete/").then_some(Reply::Cut));
    let lost = env.i3("device delete lot1 --yes").env(env::MARKET, market.url());
    lost.fails(75, &["still shows", "log-in and permissions may be gone"]).does_not_say(&["nothing was deleted"]);
}

#[test]
fn twins_in_twin_hubs_and_with_accents_are_found() {
    let env = TestEnv::released();
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.post("/hubs/create/", &[("name", "Parking"), ("private", "False")]).status, 302);
    env.secret("pw", "correct horse");
    for name in ["alice$parking$cafe1", "alice$Parking$Café1", "alice$parking$café1"] {
        assert!(env.sandbox.insert_device(name, "hunter2secret").unwrap());
    }
    env.i3("device list").done().says(&[
        "alice$parking$cafe1 (1)",
        "alice$parking$café1 (3)",
        "alice$Parking$Café1 (2)",
    ]);
    // Nothing new gets a name that is not ASCII.
    env.i3("device repair alice$parking$café1 --password-file pw --yes").fails(65, &["ASCII"]);
    assert_eq!(env.sandbox.devices().len(), 3);
    let told = env.i3("device repair alice$parking$cafe1 --password-file pw --yes --json").run();
    assert_eq!(told.code, 0, "{told}");
    let told: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(told["deleted"].as_array().unwrap().len(), 3, "{told}");
    assert_eq!(env.sandbox.devices(), ["alice$parking$cafe1"]);
    env.i3(&format!("pub --device cafe1 -t {TOPIC} -m 678 --timeout {LONG}")).succeeds("");
}

#[test]
fn the_credential_is_seen_to_be_usable_before_anything_is_deleted() {
    let env = doubled(released());
    let before = env.sandbox.counts().changes;
    env.secret("long.pem", PrivateKey::generate(3072).unwrap().to_pem().unwrap().as_bytes());
    env.secret("short", "abc");
    fs::rename(env.path("lot1.pem"), env.path("away.pem")).unwrap();
    for (line, code) in [
        ("device repair lot1 --yes", 66),
        ("device repair lot1 --yes --key none.pem", 66),
        ("device repair lot1 --yes --key long.pem", 65),
        ("device repair lot1 --yes --password-file long.pem", 77),
    ] {
        let run = env.i3(line).run();
        assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run}");
    }
    fs::remove_file(env.config_file()).unwrap();
    env.i3("device repair alice$parking$lot1 --yes").fails(2, &["no credential is given for the device"]);
    assert_eq!(env.sandbox.counts().changes, before);
    assert_eq!(env.sandbox.devices().len(), 3);
    env.i3("device repair alice$parking$lot1 --yes --key away.pem").succeeds(&format!("{LOT1}\n"));
    is_repaired(&env, "another key");
}

#[test]
fn without_a_broker_it_is_not_claimed_to_log_in() {
    let env = doubled(released());
    // A port where nobody ever listens.
    let nobody = "mqtt://127.0.0.1:1";
    let run = |line: &str| env.i3(line).env(env::BROKER, nobody);
    let unproved = ["is not finished", "is registered", "is not proved", "i3 device repair"];
    run("device repair lot1 --yes --timeout 5s --broker mqtt://127.0.0.1:1").fails(75, &unproved);
    assert_eq!(env.sandbox.devices(), [LOT1]);
    // There is one: it is not known whether it works, so it is not deleted.
    let before = env.sandbox.counts().changes;
    run("device repair lot1 --yes --broker mqtt://127.0.0.1:1")
        .fails(75, &["nothing was deleted", "could not be asked"]);
    assert_eq!(env.sandbox.counts().changes, before);
    let broker = env.sandbox.broker_url().to_string();
    env.i3("device repair lot1 --yes --broker").arg(broker).succeeds(&format!("{LOT1}\n"));
    assert_eq!(env.sandbox.counts().changes, before);
    is_repaired(&env, "the broker is back");
}

/// Nothing but the plan names a device whose rows are all deleted.
#[test]
fn a_device_that_no_hub_shows_any_more_is_gone_on_with_by_its_short_name() {
    let env = doubled(released());
    fs::remove_file(env.config_file()).unwrap();
    let market = between(&env.sandbox, |request| {
        (request.method == "POST" && request.path() == "/devices/create/").then_some(Reply::Cut)
    });
    let run = |line: &str| env.i3(line);
    let cut = run("device repair lot1 --key lot1.pem --yes --broker").arg(env.sandbox.broker_url().to_string());
    cut.env(env::MARKET, market.url())
        .fails(75, &["the old rows are deleted", "i3 device repair 'alice$parking$lot1'"]);
    assert!(env.sandbox.devices().is_empty());
    // At another marketplace, which this one is by its address, it is not known.
    run("device repair lot1 --yes").fails(65, &["shows no device 'lot1'"]);
    let broker = env.sandbox.broker_url().to_string();
    let on = between(&env.sandbox, |_| None);
    let text = fs::read_to_string(plan_file(&env)).unwrap();
    fs::write(plan_file(&env), text.replace(&market.url(), &on.url())).unwrap();
    let done = run("device repair lot1 --yes --broker").arg(broker).env(env::MARKET, on.url());
    done.succeeds(&format!("{LOT1}\n"));
    is_repaired(&env, "by its short name");
}

#[test]
fn a_key_that_was_made_for_it_is_not_made_twice() {
    let env = doubled(released());
    env.sandbox.set_mail_down(true);
    env.i3("device repair lot1 --new-key --yes").fails(75, &["0 of 3 rows"]);
    env.sandbox.set_mail_down(false);
    let told = env.i3("device repair lot1 --new-key --yes --json").json();
    let keys = env.home().join(".local/share/i3-marketplace/keys");
    let files: BTreeSet<_> = fs::read_dir(keys).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files.len(), 2, "one pair: {files:?}");
    assert!(Path::new(told["key"].as_str().unwrap()).starts_with(env.home()));
    is_repaired(&env, "a new key");
}

#[test]
fn an_unfinished_rotation_goes_with_what_is_repaired() {
    let env = TestEnv::with_lot1_on(released());
    let market = between(&env.sandbox, |request| {
        (request.method == "POST" && request.path().starts_with("/devices/edit/")).then_some(Reply::Cut)
    });
    let cut = env.i3("device rotate lot1").env(env::MARKET, market.url());
    // Its configuration names the sandbox itself.
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::write(env.config_file(), config.replace(&env.sandbox.market_url(), &market.url())).unwrap();
    cut.fails(75, &["the rotation is not finished"]);
    assert!(env.sandbox.insert_device(TWIN, "hunter2secret").unwrap());
    let at = |line: &str| env.i3(line).env(env::MARKET, market.url());
    at("device rotate lot1").run().says(&["i3 device repair"]);
    at("device repair lot1 --yes").succeeds(&format!("{LOT1}\n"));
    assert!(!plan_file(&env).with_file_name(format!("{LOT1}.json")).exists());
    is_repaired(&env, "rotation");
}

/// The program is killed when its n-th request has come, before it is done or after, for every n.
#[test]
fn killed_at_every_request_the_same_command_goes_on() {
    for done in [true, false] {
        for n in 1.. {
            assert!(n < 60, "it never ends");
            let env = TestEnv::with_lot1_on(released());
            assert!(env.sandbox.insert_device(TWIN, "hunter2secret").unwrap());
            let plan: Arc<Mutex<(usize, u32)>> = Arc::new(Mutex::new((n, 0)));
            let (url, shared) = (env.sandbox.market_url(), Arc::clone(&plan));
            let market = between(&env.sandbox, move |request| {
                let mut plan = shared.lock().unwrap();
                plan.0 = plan.0.checked_sub(1)?;
                if plan.0 > 0 || plan.1 == 0 {
                    return None;
                }
                victim::kill(plan.1);
                plan.1 = 0;
                if done {
                    forward(&url, request);
                }
                Some(Reply::Cut)
            });
            let config = fs::read_to_string(env.config_file()).unwrap();
            fs::write(env.config_file(), config.replace(&env.sandbox.market_url(), &market.url())).unwrap();
            // LoginSecret while the program starts, so that no request comes before its number is known.
            let mut planned = plan.lock().unwrap();
            let run = env.i3("device repair lot1 --yes").env(env::MARKET, market.url()).start();
            planned.1 = run.id();
            drop(planned);
            let outcome = run.finish();
            let was_killed = plan.lock().unwrap().1 == 0;
            assert_eq!(outcome.code, if was_killed { -1 } else { 0 }, "{n} {done}: {outcome}");
            let posts = env.sandbox.counts().device_posts;
            if was_killed {
                plan.lock().unwrap().0 = 0;
                env.i3("device repair lot1 --yes").env(env::MARKET, market.url()).succeeds(&format!("{LOT1}\n"));
            }
            is_repaired(&env, &format!("{n} {done}"));
            // Registered by the first run, the device is not registered again.
            assert!(env.sandbox.counts().device_posts <= posts.max(2), "{n} {done}");
            if !was_killed {
                assert!(n > 8, "only {n} requests were made");
                break;
            }
        }
    }
}

/// Runs the engine in a process that kills itself before its n-th step. Whether it came to its end.
fn victim(env: &TestEnv, n: usize) -> bool {
    let mut run = env.command(std::env::current_exe().unwrap());
    run.command.args(["--exact", "device_repair::the_victim", "--ignored", "--nocapture"]);
    let outcome = run.env("REPAIR_STEP", n.to_string()).run();
    assert!(outcome.code == 0 || outcome.code == -1, "{outcome}");
    outcome.code == 0
}

#[test]
fn killed_at_every_step_the_program_goes_on() {
    for n in 1.. {
        assert!(n < 20, "it never ends");
        let env = TestEnv::with_lot1_on(released());
        assert!(env.sandbox.insert_device(TWIN, "hunter2secret").unwrap());
        if victim(&env, n) {
            assert!(n > 8, "killed at {n} steps only");
            is_repaired(&env, "not killed");
            break;
        }
        env.i3("device repair lot1 --yes").succeeds(&format!("{LOT1}\n"));
        is_repaired(&env, &format!("step {n}"));
    }
}

#[test]
fn killed_again_and_again_it_still_goes_on() {
    let env = doubled(released());
    for n in 2.. {
        assert!(n < 20, "it never ends");
        if victim(&env, n) {
            break;
        }
    }
    is_repaired(&env, "at last");
}

/// Not a test: a repair that [`victim`] starts in its own process.
#[test]
#[ignore = "not a test: other tests start it in a separate process, and kill that"]
fn the_victim() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let config = Config::load(&i3::config::Selection::default()).unwrap();
    let name = LOT1.parse().unwrap();
    let places = config.places.clone();
    let _lock = RotationLock::take(&places, &name).unwrap();
    let market = Market::new(variable(env::MARKET).parse().unwrap(), &HttpOptions::default()).unwrap();
    let (user, password) = (variable(env::USER), Secret::new(variable(env::LOGIN_PASSWORD)));
    let log_in = Some(Login::Password { user: &user, password: &password });
    let client = MarketClient::open(&market, &MarketAuth { via: TransportChoice::Web, api_key: None, log_in }).unwrap();
    let broker: BrokerUrl = variable(env::BROKER).parse().unwrap();
    let file = config.device(&name).unwrap().key.clone().unwrap();
    let mut world =
        World { client, endpoint: Endpoint::direct(broker, None), left: variable("REPAIR_STEP").parse().unwrap() };
    let plan = Plan {
        device: name.to_string(),
        market: config.device(&name).unwrap().market.clone().unwrap(),
        kind: SecretKind::Key,
        file,
        made: false,
    };
    let rows = world.rows().unwrap();
    repair::repair(&places, &name, &plan, &rows, &mut world).unwrap();
}

struct World<'a> {
    client: MarketClient<'a>,
    endpoint: Endpoint,
    /// Steps until it is killed.
    left: usize,
}

impl RepairHost for World<'_> {
    type Error = String;

    fn delete(&mut self, row: &DeviceRow) -> Result<(), String> {
        device::delete(&mut self.client, row).map(drop).map_err(|e| e.to_string())
    }

    fn rows(&mut self) -> Result<Vec<DeviceRow>, String> {
        let (hub, short) = ("alice/parking".parse().unwrap(), i3::name::ShortName::device("lot1").unwrap());
        let found = device::namesakes(&mut self.client, &HubSpec::Full(hub), &short, &mut Vec::new());
        found.map(|(_, rows)| rows).map_err(|e| e.to_string())
    }

    fn register(&mut self) -> Result<(), String> {
        let (hub, short) = ("parking".parse().unwrap(), i3::name::ShortName::device("lot1").unwrap());
        let credential = RegisteredCredential::public_key(&key().public().body()).unwrap();
        let order = Registration { hub: &hub, device: &short, credential: &credential, poll_interval: POLL_INTERVAL };
        device::register(&mut self.client, &order).map(drop).map_err(|e| e.to_string())
    }

    fn configure(&mut self) -> Result<(), String> {
        Ok(())
    }

    fn prove(&mut self) -> Proof<String> {
        let lifetime = i3::token::Lifetime::DEFAULT;
        let password = i3::token::mint(&key().into(), LOT1, lifetime, std::time::SystemTime::now()).unwrap();
        victim::prove(&self.endpoint, LOT1, &password)
    }

    fn pause(&self) -> Duration {
        Duration::ZERO
    }

    fn report(&mut self, step: RepairStep) {
        println!("{step:?}");
        victim::step(&mut self.left);
    }
}

/// The key of lot1 on the environment that the victim was started on: its working directory.
fn key() -> PrivateKey {
    PrivateKey::read(Path::new("lot1.pem"), || Ok(None)).unwrap()
}

#[test]
fn a_new_credential_is_made_where_the_interrupted_run_had_another() {
    let env = TestEnv::with(released());
    env.i3("register lot7 --hub parking --generate-password").done();
    // Doubled, so that it does not log in.
    assert!(env.sandbox.insert_device("alice$parking$lot7", "hunter2secret").unwrap());
    env.sandbox.set_mail_down(true);
    let broken = env.i3("device repair alice$parking$lot7 --yes -v").run();
    assert_eq!(broken.code, 75, "{broken}");
    broken.says(&["Registering with the password"]);
    // Another kind than the interrupted run has made is made as well.
    let broken = env.i3("device repair alice$parking$lot7 --generate-password --yes").run();
    assert_eq!(broken.code, 75, "{broken}");
    env.sandbox.set_mail_down(false);
    let told = env.i3("device repair alice$parking$lot7 --new-key --yes --json -v").run();
    assert_eq!(told.code, 0, "{told}");
    told.says(&["Registering with the key"]);
    let told: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert!(told["key"].is_string() && told["password_file"].is_null(), "{told}");
    // What works stays, and that is said.
    let stays = env.i3("device repair alice$parking$lot7 --new-key --yes").done();
    stays.says(&["nothing to repair", "i3 device rotate 'alice$parking$lot7'"]);
}
