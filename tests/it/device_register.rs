//! Registering: over again, at the same moment as somebody else, in empty hubs, twin hubs, and under names that are taken.

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use i3::config::{Places, env};
use i3::rotation::RotationLock;
use i3::sandbox::{Options, RunningSandbox};
use serde_json::json;

use crate::http::Browser;
use crate::program::{LONG, LOT1, TOPIC, TestEnv, key_pem, other_key_pem};
use crate::support::between::{between, forward};

fn both(test: impl Fn(&TestEnv)) {
    for options in [Options::default(), Options { rest: false, mqtt5: false, ..Options::default() }] {
        test(&TestEnv::with(options));
    }
}

/// A port where nobody listens.
const NOBODY: &str = "--broker mqtt://127.0.0.1:1 --timeout 5s";

#[test]
fn an_empty_hub_is_read_wherever_it_is() {
    both(|env| {
        env.i3("hub create shed").succeeds("alice/shed\n");
        env.i3("hub create empty").succeeds("alice/empty\n");
        env.i3("device list").succeeds("");
        env.i3("device list --hub shed").succeeds("");
        env.i3("register moth1 --hub shed --new-key").succeeds("alice$shed$moth1\n");
        env.i3("device list").succeeds("alice$shed$moth1\n");
        env.i3("device delete moth1 --yes").succeeds("alice$shed$moth1\n");
        env.i3("device list --hub shed").succeeds("");
    });
}

#[test]
fn a_seller_without_a_hub_is_told_so() {
    let env = TestEnv::released();
    let (password, _) = env.sandbox.add_user("dora").unwrap().unwrap();
    env.secret("password", password.expose());
    let dora = "--user dora --login-password-file password";
    env.i3(&format!("hub list -v {dora}")).succeeds("").says(&["no hub yet"]);
    env.i3(&format!("device list {dora}")).succeeds("");
    env.i3(&format!("register lot1 --hub parking --new-key {dora}")).fails(65, &["shows no hub 'parking'"]);
    env.i3(&format!("hub create shed {dora}")).succeeds("dora/shed\n");
}

#[test]
fn what_is_registered_already_is_a_success_if_it_logs_in() {
    both(|env| {
        env.secret("lot1.pem", key_pem());
        env.secret("other.pem", other_key_pem());
        let first = env.i3("register lot1 --hub parking --key lot1.pem --json").json();
        assert_eq!(first["existing"], json!(false));
        let before = env.sandbox.counts().changes;
        let again = env.i3("register lot1 --hub parking --key lot1.pem --json").json();
        assert_eq!(again["existing"], json!(true));
        for field in ["device", "hub", "id", "market", "broker", "key", "password_file", "via", "proved"] {
            assert_eq!(again[field], first[field], "{field}");
        }
        let again = env.i3("register lot1 --hub parking --key lot1.pem -v");
        again.succeeds(&format!("{LOT1}\n")).says(&["is already registered and logs in"]);
        // Nothing is created for it, and the known credential logs in.
        for made in ["--new-key", "--generate-password"] {
            env.i3(&format!("register lot1 --hub parking {made}")).succeeds(&format!("{LOT1}\n"));
        }
        assert!(!env.home().join(".local/share/i3-marketplace/keys").exists());
        let config = fs::read_to_string(env.config_file()).unwrap();
        assert!(config.contains("lot1.pem"), "{config}");
        // Another credential is refused, and the known one stays.
        let refused = env.i3("register lot1 --hub parking --key other.pem");
        refused.fails(
            77,
            &["is already registered", "does not accept", "i3 device passwd 'alice$parking$lot1'", "repair"],
        );
        let refused = env.i3("register lot1 --hub parking --password-stdin").input("hunter2secret");
        refused.fails(77, &["is already registered"]);
        assert_eq!(fs::read_to_string(env.config_file()).unwrap(), config);
        // Nobody can be asked.
        for how in ["--key lot1.pem", "--new-key"] {
            let unasked = env.i3(&format!("register lot1 --hub parking {how} {NOBODY}"));
            unasked.fails(75, &["is already registered", "was not asked"]);
            let unasked = env.i3(&format!("register lot1 --hub parking {how} --no-check"));
            unasked.fails(75, &["is already registered", "omit --no-check"]);
        }
        // Nor is anything known here any more.
        fs::remove_file(env.config_file()).unwrap();
        let unknown = env.i3("register lot1 --hub parking --new-key");
        unknown.fails(77, &["its credential is not stored here", "--key"]);
        assert_eq!(env.sandbox.counts().changes, before);
        assert_eq!(env.sandbox.counts().device_posts, 1);
        // A key that is given is kept again.
        env.i3("register lot1 --hub parking --key lot1.pem").done();
        env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).succeeds("");
    });
}

#[test]
fn a_password_that_is_registered_already_is_a_success() {
    let env = TestEnv::released();
    env.secret("pw", "two words; $HOME 'q' ü");
    for existing in [false, true] {
        let told = env.i3("register lot1 --hub parking --password-file pw --json").json();
        assert_eq!(told["existing"], json!(existing));
    }
    let told = env.i3("register lot1 --hub parking --generate-password --json").json();
    assert_eq!(told["password_file"].as_str().unwrap(), env.path("pw").display().to_string());
    env.secret("pw", "another");
    env.i3("register lot1 --hub parking --password-file pw").fails(77, &["does not accept"]);
    env.i3("register lot1 --hub parking --generate-password").fails(77, &["does not accept the password in"]);
}

#[test]
fn names_are_compared_as_the_database_compares_them_and_new_ones_are_ascii() {
    both(|env| {
        env.secret("lot1.pem", key_pem());
        assert!(env.sandbox.insert_device("alice$parking$café1", "hunter2secret").unwrap());
        let before = env.sandbox.counts().changes;
        let posts = env.sandbox.counts().device_posts;
        for line in ["register müll1 --hub parking --key lot1.pem", "hub create größe"] {
            env.i3(line).fails(65, &["is not ASCII", "without accents"]);
        }
        for name in ["cafe1", "CAFE1"] {
            let taken = env.i3(&format!("register {name} --hub parking --key lot1.pem"));
            taken.fails(77, &["the device 'alice$parking$café1' already exists"]);
        }
        env.i3("hub create PARKING").fails(77, &["the hub 'parking' already exists"]);
        assert_eq!(env.sandbox.counts().device_posts, posts);
        assert_eq!(env.sandbox.counts().changes, before);
        // What has such a name continues working.
        env.i3("device show alice$parking$café1").done();
        env.secret("pw", "correct horse");
        env.i3("device passwd alice$parking$café1 --password-file pw").succeeds("alice$parking$café1\n");
        env.i3("device delete alice$parking$café1 --yes").succeeds("alice$parking$café1\n");
    });
}

/// Two processes register the same device at the same moment, with the same command: each must report the truth.
#[test]
fn a_device_that_came_twice_is_told_to_be_repaired() {
    // Both requests are taken.
    let env = TestEnv::released();
    env.secret("lot1.pem", key_pem());
    let url = env.sandbox.market_url();
    let twice = |after_look: bool| {
        let (url, sandbox) = (url.clone(), controls(&env.sandbox));
        let (sent, looked) = (AtomicUsize::new(0), AtomicUsize::new(0));
        between(&env.sandbox, move |request| {
            if request.method == "POST" && request.path() == "/devices/create/" {
                sent.fetch_add(1, Ordering::SeqCst);
                let answer = forward(&url, request);
                if !after_look {
                    assert!(sandbox.insert_device(LOT1, "hunter2secret").unwrap());
                }
                return Some(answer);
            }
            let is_look = request.path().starts_with("/hubs/") && request.path() != "/hubs/";
            if !after_look || !is_look || sent.load(Ordering::SeqCst) == 0 || looked.fetch_add(1, Ordering::SeqCst) > 0
            {
                return None;
            }
            // The other one's row comes after the look, and before the log-in.
            let answer = forward(&url, request);
            assert!(sandbox.insert_device(LOT1, "hunter2secret").unwrap());
            Some(answer)
        })
    };
    for after_look in [false, true] {
        let market = twice(after_look);
        let run = env.i3("register lot1 --hub parking --key lot1.pem").env(env::MARKET, market.url());
        let told = [
            "exists 2 times now",
            "any of them may fail to log in",
            "hint: run `i3 device repair 'alice$parking$lot1'`",
        ];
        run.fails(77, &told).does_not_say(&["do not register it again"]);
        assert_eq!(env.sandbox.devices().len(), 2);
        env.i3("device repair alice$parking$lot1 --key lot1.pem --yes").succeeds(&format!("{LOT1}\n"));
        env.i3("device delete alice$parking$lot1 --yes").done();
    }
}

#[test]
fn somebody_who_was_faster_with_the_same_key_did_it_for_both() {
    let env = TestEnv::released();
    env.secret("lot1.pem", key_pem());
    let (url, first) = (env.sandbox.market_url(), Mutex::new(true));
    let market = between(&env.sandbox, move |request| {
        // The other one's request is taken first, and this one is refused.
        if request.method == "POST"
            && request.path() == "/devices/create/"
            && std::mem::take(&mut *first.lock().unwrap())
        {
            forward(&url, request);
        }
        None
    });
    let told = env.i3("register lot1 --hub parking --key lot1.pem --json").env(env::MARKET, market.url()).json();
    assert_eq!((&told["existing"], &told["proved"]), (&json!(true), &json!(true)));
    assert_eq!(env.sandbox.devices(), [LOT1]);
}

#[test]
fn twin_hubs_keep_their_own_devices_and_products() {
    both(keep_their_own);
}

fn keep_their_own(env: &TestEnv) {
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.post("/hubs/create/", &[("name", "Parking"), ("private", "False")]).status, 302);
    env.secret("lot1.pem", key_pem());
    env.i3("register lot1 --hub parking --key lot1.pem")
        .succeeds(&format!("{LOT1}\n"))
        .says(&["share their permissions"]);
    env.i3("register lot2 --hub Parking --key lot1.pem").succeeds("alice$Parking$lot2\n");
    let page = alice.get("/hubs/1/").body;
    assert!(page.contains("alice$Parking$lot2"), "each page shows both hubs' devices");
    // Each is listed once, and in its own hub.
    env.i3("device list")
        .succeeds("alice$parking$lot1\nalice$Parking$lot2\n")
        .does_not_say(&["any of them may fail to log in"]);
    env.i3("device list --hub parking").succeeds("alice$parking$lot1\n");
    env.i3("device list --hub Parking").succeeds("alice$Parking$lot2\n");
    env.i3("device show alice$Parking$lot2").done().does_not_say(&["any of them may fail to log in"]);
    let create = |hub: &str, name: &str| {
        let line = format!("product create {name} --hub {hub} --price 2 --type sensor --description d");
        env.i3(&line).run()
    };
    let made = create("Parking", "grain");
    assert_eq!((made.code, made.stdout.as_str()), (0, "alice/Parking/grain\n"), "{made}");
    // A name in the twin locks both out, so it is not taken.
    env.i3("register lot2 --hub parking --key lot1.pem").fails(77, &["'alice$Parking$lot2' already exists"]);
    env.i3("device delete alice$Parking$lot2 --yes").succeeds("alice$Parking$lot2\n");
    env.i3("device list").succeeds("alice$parking$lot1\n");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).succeeds("");
}

#[test]
fn without_mail_a_device_is_registered_all_the_same() {
    let env = TestEnv::released();
    env.sandbox.set_mail_down(true);
    env.i3("hub create shed").succeeds("alice/shed\n");
    env.secret("lot1.pem", key_pem());
    env.secret("pw", "correct horse");
    let registered = env.i3("register lot1 --hub shed --key lot1.pem");
    registered.succeeds("alice$shed$lot1\n").says(&["answered 500 but created the device"]);
    env.i3("device passwd lot1 --password-file pw").succeeds("alice$shed$lot1\n");
    env.i3("device rotate lot1").succeeds("alice$shed$lot1\n");
    env.i3("device delete lot1 --yes").fails(75, &["log-in and permissions are gone"]);
    env.sandbox.set_mail_down(false);
    env.i3("device delete lot1 --yes").succeeds("alice$shed$lot1\n");
}

#[test]
fn what_the_database_cannot_store_is_refused_before_it_is_sent() {
    let env = TestEnv::with_lot1_on(Options { rest: false, ..Options::default() });
    let before = (env.sandbox.counts().changes, env.sandbox.counts().device_posts);
    for (password, code) in [("złoty-pass", 65), ("пароль123", 65), ("it's-mine", 77), ("back\\slash", 77)] {
        env.secret("pw", password);
        for line in ["register lot2 --hub parking", "device passwd lot1"] {
            let run = env.i3(&format!("{line} --password-file pw --plain-password")).run();
            assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run}");
            run.says(&["leave --plain-password out"]).keeps_secret(password);
        }
    }
    assert_eq!((env.sandbox.counts().changes, env.sandbox.counts().device_posts), before);
    // As a hash, all of them work.
    env.i3("device passwd lot1 --password-file pw").succeeds(&format!("{LOT1}\n"));
}

#[test]
fn somebody_elses_hub_is_named_as_such() {
    let env = TestEnv::released();
    let (password, _) = env.sandbox.add_user("dora").unwrap().unwrap();
    let mut dora = Browser::logged_in(&env.sandbox, "dora", password.expose());
    assert_eq!(dora.post("/hubs/create/", &[("name", "shed"), ("private", "False")]).status, 302);
    assert!(env.sandbox.insert_device("dora$shed$lot1", "hunter2secret").unwrap());
    assert_eq!(dora.post("/hubs/create/", &[("name", "secret"), ("private", "True")]).status, 302);
    // Her hubs' pages in the place of one's own: names without links, and a sentence.
    for id in [2, 3] {
        another_hub(&env, id);
    }
}

fn another_hub(env: &TestEnv, id: u64) {
    let url = env.sandbox.market_url();
    let market = between(&env.sandbox, move |request| {
        let mut other = request.clone();
        (request.method == "GET" && request.path() == "/hubs/1/").then(|| {
            other.target = format!("/hubs/{id}/");
            forward(&url, &other)
        })
    });
    let run = env.i3("device list").env(env::MARKET, market.url());
    run.fails(77, &["belongs to another user", "i3 login"]);
}

/// On a fresh account: a device before there is any product, with a second hub empty all the while.
#[test]
fn from_a_fresh_account_to_a_sale_and_back() {
    both(|env| {
        let (password, api_key) = env.sandbox.add_user("erin").unwrap().unwrap();
        env.secret("password", password.expose());
        env.secret("api.key", api_key.expose());
        let erin =
            |line: &str| env.i3(&format!("{line} --user erin --login-password-file password --api-key-file api.key"));
        erin("hub list").succeeds("");
        erin("hub create shed").succeeds("erin/shed\n");
        erin("hub create field").succeeds("erin/field\n");
        erin("register gate1 --hub field --new-key").succeeds("erin$field$gate1\n");
        erin("device list").succeeds("erin$field$gate1\n");
        let create = "product create open --hub field --price 2 --type sensor --description d";
        erin(create).succeeds("erin/field/open\n");
        env.i3(&format!("pub --device gate1 -t erin/field/open -m 1 --timeout {LONG}")).succeeds("");
        assert!(env.sandbox.add_purchase("bob", "erin/field/open").unwrap());
        env.secret("pw", "correct horse");
        erin("device passwd gate1 --password-file pw").succeeds("erin$field$gate1\n");
        env.i3(&format!("pub --device gate1 -t erin/field/open -m 2 --timeout {LONG}")).succeeds("");
        erin("device rotate gate1").succeeds("erin$field$gate1\n");
        env.i3(&format!("pub --device gate1 -t erin/field/open -m 3 --timeout {LONG}")).succeeds("");
        erin("device list --hub shed").succeeds("");
        erin("device delete gate1 --yes").succeeds("erin$field$gate1\n");
        erin("device list").succeeds("");
        erin("register gate1 --hub field --password-file pw").succeeds("erin$field$gate1\n");
        env.i3(&format!("pub --device gate1 -t erin/field/open -m 4 --timeout {LONG}")).succeeds("");
    });
}

fn controls(sandbox: &RunningSandbox) -> i3::sandbox::Controls {
    (**sandbox).clone()
}

/// The second waits, and finds the device there.
#[test]
fn two_registrations_of_one_name_at_one_moment_make_one_device() {
    for (options, second, code) in [
        ("--generate-password", "same2", 0),
        ("--new-key", "same2", 0),
        ("--password-file pw", "same2", 0),
        ("--password-file pw", "Same2", 77),
    ] {
        // Both look before either sends.
        let env = TestEnv::released();
        env.secret("pw", "hunter2secret");
        let market = between(&env.sandbox, |request| {
            if request.method == "POST" && request.path() == "/devices/create/" {
                std::thread::sleep(std::time::Duration::from_millis(500));
            }
            None
        });
        let run = |name: &str| {
            env.i3(&format!("register {name} --hub parking {options}")).env("I3_MARKET", market.url()).start()
        };
        let (one, other) = (run("same2"), run(second));
        let mut codes = [one.finish(), other.finish()].map(|outcome| (outcome.code, outcome.to_string()));
        codes.sort();
        assert_eq!([codes[0].0, codes[1].0], [0, code], "{options}: {codes:?}");
        assert_eq!(env.sandbox.devices().len(), 1, "{options}: {codes:?}");
    }
}

#[test]
fn a_registration_does_not_come_between_the_steps_of_a_repair() {
    let env = TestEnv::new();
    env.secret("pw", "hunter2secret");
    let places = Places::in_folder(&env.path("own"));
    let lock = RotationLock::take(&places, &"alice$PARKING$lot9".parse().unwrap()).unwrap();
    let register = || env.i3("register lot9 --hub parking --password-file pw").env("I3_HOME", env.path("own"));
    register().fails(75, &["is in progress"]);
    drop(lock);
    register().done();
}
