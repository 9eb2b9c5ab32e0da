//! The marketplace from the shell: every command, on a marketplace with REST and on one with forms only.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use i3::sandbox::Options;
use serde_json::{Value, json};

use crate::http::Browser;
use crate::program::{LOT1, TOPIC, TestEnv, key_pem, mode, other_key_pem};
use crate::support::between::{between, forward};
use crate::support::folder::Folder;
use crate::support::http_server::Reply;

const CREATE: &str = "product create level2 --hub parking --description deck --price 2 --type sensor";

/// Both kinds of marketplace, with everything in the environment.
fn both(test: impl Fn(&mut TestEnv)) {
    test(&mut TestEnv::new());
    test(&mut TestEnv::released());
}

/// An environment where `login` was run, and where nothing else opens the marketplace.
fn logged_in(mut env: TestEnv) -> TestEnv {
    env.i3("login").succeeds("alice\n");
    for name in ["I3_API_KEY", "I3_LOGIN_PASSWORD", "I3_USER"] {
        env.unset(name);
    }
    env
}

/// The one kept log-in.
fn kept(env: &TestEnv) -> PathBuf {
    let folder = env.home().join(".local/share/i3-marketplace/accounts");
    assert_eq!(mode(&folder), 0o700);
    let mut files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert!(files.next().is_none());
    file
}

#[test]
fn a_log_in_is_kept_for_its_owner_alone_and_opens_everything() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let env = logged_in(env);
        let file = kept(&env);
        assert_eq!(mode(&file), 0o600);
        let text = fs::read_to_string(&file).unwrap();
        let seed = env.sandbox.seed();
        assert!(text.contains(seed.api_key.expose()) && !text.contains(seed.seller_password.expose()));
        assert!(!env.config_file().exists());
        let log_ins = env.sandbox.counts().market_log_ins;
        env.secret("lot1.pem", key_pem());
        env.i3("whoami").succeeds("alice\n");
        env.i3("hub list").succeeds("alice/parking\n");
        env.i3("hub create garden").succeeds("alice/garden\n");
        env.i3(CREATE).succeeds("alice/parking/level2\n");
        env.i3("product list").done();
        env.i3("register lot1 --hub parking --key lot1.pem").succeeds(&format!("{LOT1}\n"));
        env.i3("device list").succeeds(&format!("{LOT1}\n"));
        env.i3("device delete lot1 --yes").succeeds(&format!("{LOT1}\n"));
        assert_eq!(env.sandbox.counts().market_log_ins, log_ins, "the session was used");
        env.i3("logout").succeeds("").is_silent();
        assert!(!file.exists());
        env.i3("logout -v").succeeds("").says(&["No log-in", "was kept"]);
        env.i3("hub list").fails(78, &["neither an API key nor a log-in", "`i3 login`"]);
    }
}

#[test]
fn the_log_in_password_comes_from_file_stdin_or_environment() {
    let mut env = TestEnv::released();
    let password = env.sandbox.seed().seller_password.expose().to_owned();
    env.unset("I3_LOGIN_PASSWORD");
    env.unset("I3_API_KEY");
    env.i3("login").fails(2, &["log-in password", "--login-password-file"]);
    env.i3("login").without("I3_USER").fails(2, &["the user name is missing", "--user"]);
    env.secret("pw", format!("{password}\n"));
    env.i3("login --login-password-file pw").succeeds("alice\n");
    env.i3("login --login-password-stdin").input(&password).succeeds("alice\n").keeps_secret(&password);
    let told = env.i3("login --user ALICE --json").env("I3_LOGIN_PASSWORD", &password).run();
    assert_eq!(serde_json::from_str::<Value>(&told.stdout).unwrap()["user"], "alice");
    told.says(&["knows the user as 'alice', not 'ALICE'"]);
    env.i3("logout").done();
    let refused = env.i3("login --login-password-stdin").input("quite another one");
    refused.fails(77, &["refuses the log-in of 'alice'", "check --user"]).keeps_secret("quite another one");
    env.secret("key.pem", key_pem());
    env.i3("login --login-password-file key.pem").fails(77, &["private key"]).keeps_secret(key_pem());
    assert!(fs::read_dir(kept_folder(&env)).unwrap().next().is_none());
}

fn kept_folder(env: &TestEnv) -> PathBuf {
    env.home().join(".local/share/i3-marketplace/accounts")
}

#[test]
fn a_kept_log_in_is_passed_over_for_another_user_or_key() {
    let env = logged_in(TestEnv::released());
    let (password, key) = env.sandbox.add_user("carol").unwrap().unwrap();
    let carol = env.i3("hub create meadow --user carol").env("I3_LOGIN_PASSWORD", password.expose());
    carol.succeeds("carol/meadow\n");
    env.i3("hub list --user carol").fails(78, &["neither an API key nor a log-in"]);
    env.i3("hub list").env("I3_API_KEY", key.expose()).fails(78, &["the API key alone is not enough here"]);
    env.i3("hub list --user Alice").succeeds("alice/parking\n");
}

#[test]
fn a_kept_log_in_that_others_can_read_or_that_is_damaged_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let env = logged_in(TestEnv::new());
    let file = kept(&env);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    env.i3("hub list").fails(78, &["can be read by others", "chmod 600"]);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&file, "{").unwrap();
    env.i3("hub list").fails(78, &["damaged", "`i3 login`"]);
}

#[test]
fn whoami_tells_the_stored_case_and_where_nothing_shows_it() {
    both(|env| {
        env.i3("whoami --user ALICE").succeeds("alice\n");
        let told = env.i3("whoami --json").json();
        assert_eq!((&told["user"], &told["user_is_shown"], &told["hubs"]), (&json!("alice"), &json!(true), &json!(1)));
        env.unset("I3_LOGIN_PASSWORD");
        let (password, _) = env.sandbox.add_user("Carol").unwrap().unwrap();
        let carol = || env.i3("whoami --user carol").env("I3_LOGIN_PASSWORD", password.expose()).without("I3_API_KEY");
        carol().succeeds("Carol\n").says(&["knows the user as 'Carol', not 'carol'"]);
        let create = env.i3("hub create meadow --user carol").env("I3_LOGIN_PASSWORD", password.expose());
        create.without("I3_API_KEY").succeeds("Carol/meadow\n").says(&["knows the user as 'Carol', not 'carol'"]);
        carol().succeeds("Carol\n").says(&["knows the user as 'Carol', not 'carol'"]);
    });
    // The key alone, where only products are had for it: they show their seller.
    let env = TestEnv::released();
    let by_key = || env.i3("whoami").without("I3_LOGIN_PASSWORD");
    by_key().succeeds("alice\n");
    by_key().env("I3_USER", "ALICE").succeeds("alice\n");
    by_key().without("I3_USER").fails(78, &["nothing shows whose it is", "`i3 login`"]);
    by_key().env("I3_API_KEY", "0".repeat(40)).fails(77, &["refuses the API key", "`i3 login`"]);
}

#[test]
fn hubs_are_created_once_and_listed_in_full() {
    both(|env| {
        env.i3("hub create garden").succeeds("alice/garden\n");
        let before = env.sandbox.counts().changes;
        env.i3("hub create garden").fails(77, &["the hub 'garden' already exists", "another name"]);
        for bad in ["ab", "two words", "under_score", "a/b/c"] {
            env.i3_with("hub create", &[bad]).fails(65, &["3 to 30 letters and digits"]);
        }
        assert_eq!(env.sandbox.counts().changes, before);
        let made = env.i3("hub create attic --private --json").json();
        assert_eq!((&made["hub"], made["id"].as_u64()), (&json!("alice/attic"), Some(3)));
        for n in 0..12 {
            env.i3(&format!("hub create hub{n:02}")).done();
        }
        let listed = env.i3("hub list --json").json();
        assert_eq!(listed.as_array().unwrap().len(), 15);
        assert_eq!(listed[0], json!({ "hub": "alice/parking", "id": 1 }));
        // Those of others are shown by the marketplace, and are not ours.
        let (password, _) = env.sandbox.add_user("carol").unwrap().unwrap();
        Browser::logged_in(&env.sandbox, "carol", password.expose())
            .post("/hubs/create/", &[("name", "meadow"), ("private", "False")]);
        assert!(!env.i3("hub list").done().stdout.contains("meadow"));
    });
}

#[test]
fn products_are_checked_before_they_are_sent() {
    both(|env| {
        let before = env.sandbox.counts().changes;
        let create = |changes: &str| env.i3(&format!("{CREATE} {changes}"));
        let line = |name: &str, price: &str| {
            format!("product create {name} --hub parking --description deck --price {price} --type sensor")
        };
        for price in ["1", "100", "2.555", "-2", "two"] {
            env.i3(&line("level2", price)).fails(65, &["over 1 and under 100", "1.50"]);
        }
        env.i3(&line("abc", "2")).fails(65, &["4 to 30 characters"]);
        env.i3(&line("OCCUPANCY", "2")).fails(77, &["'alice/parking/occupancy' already exists", "only in case"]);
        create("--latitude 91 --longitude 0").fails(65, &["invalid latitude '91'", "34.0224"]);
        create("--latitude 34.02241 --longitude 0").fails(65, &["at most 4 decimals"]);
        create("--latitude 34").fails(2, &["--longitude"]);
        create("--sale-price 0").fails(65, &["invalid sale price '0'", "over 0 and under 100"]);
        let undescribed = "product create level2 --hub parking --price 2 --type sensor --description";
        env.i3_with(undescribed, &[" "]).fails(65, &["the description is empty"]);
        env.i3("product create level2 --description d --price 2 --type sensor")
            .fails(2, &["the hub of the product is not given", "--hub HUB"]);
        env.i3("product create level2 --hub garage --description d --price 2 --type sensor")
            .fails(65, &["no hub 'garage'; it shows alice/parking", "`i3 hub create NAME`"]);
        assert_eq!(env.sandbox.counts().changes, before);
    });
}

#[test]
fn a_product_is_created_shown_searched_and_published_to() {
    both(|env| {
        let full = "product create alice/parking/barrier --price 5 --type actuator --restricted --sale-price 3.5 \
                    --latitude 34.0224 --longitude -118.2851 --description";
        env.i3_with(full, &["Opens the barrier"]).succeeds("alice/parking/barrier\n");
        let made = env.i3(&format!("{CREATE} --json")).json();
        assert_eq!((&made["topic"], &made["repaired"]), (&json!("alice/parking/level2"), &json!(false)));
        env.secret("lot1.pem", key_pem());
        env.i3("register lot1 --hub parking --key lot1.pem").done();
        env.i3("pub --device lot1 -t alice/parking/level2 -m 7").succeeds("");

        let shown = env.i3("product show alice/parking/barrier --json").json();
        assert_eq!(shown["type"], "actuator");
        assert_eq!((&shown["price"], &shown["sale_price"]), (&json!("5.00"), &json!("3.50")));
        let text = env.i3("product show alice/parking/barrier").done().stdout;
        assert!(text.starts_with("topic: alice/parking/barrier\n") && text.contains("\nsale price: 3.50\n"), "{text}");
        env.i3("product show alice/parking/Barrier").fails(
            65,
            &[
                "shows no product 'alice/parking/Barrier', only in another case: alice/parking/barrier",
                "as it is shown",
            ],
        );
        env.i3("product show alice/parking/none").fails(65, &["shows no product", "`i3 product list`"]);

        let found = |line: &str| -> Vec<String> {
            let rows = env.i3(&format!("product search {line} --json")).json();
            let topic = |row: &Value| row["topic"].as_str().unwrap()["alice/parking/".len()..].to_owned();
            rows.as_array().unwrap().iter().map(topic).collect()
        };
        assert_eq!(found(""), ["occupancy", "barrier", "level2"]);
        assert_eq!(found("--name alice/parking/level2"), ["level2"]);
        assert_eq!(found("--seller alice --hub alice/parking"), ["occupancy", "barrier", "level2"]);
        assert_eq!(found("--type actuator"), ["barrier"]);
        assert_eq!(found("--restricted true"), ["barrier"]);
        assert_eq!(found("--restricted false --type sensor"), ["occupancy", "level2"]);
        assert_eq!(found("--description-contains deck"), ["level2"]);
        assert_eq!(found("occup"), ["occupancy"]);
        assert_eq!(found("--id 2"), ["barrier"]);
        assert!(found("nothing-like-it").is_empty());
        env.i3("product search --seller nobody").fails(65, &["knows no seller 'nobody'"]);
        env.i3("product list --user nobody").without("I3_LOGIN_PASSWORD").fails(65, &["knows no seller 'nobody'"]);
        let line = "alice/parking/barrier\t3.50\tactuator\tOpens the barrier\n";
        env.i3("product search --id 2").succeeds(line);
    });
}

#[test]
fn another_sellers_hub_is_not_taken_for_ones_own() {
    let env = TestEnv::new();
    let before = env.sandbox.counts();
    let list = env.i3("product list --hub bob/parking");
    list.fails(65, &["bob/parking is not a hub of alice", "`i3 product search --hub bob/parking`"]);
    assert_eq!(env.sandbox.counts(), before);
    env.i3("product list --hub ALICE/parking").done();
    env.i3("hub create garden").done();
    env.i3("product list --hub garden -v").done().says(&["alice has no such product"]);
    // Nobody has anything here, and that is said as well.
    let (password, _) = env.sandbox.add_user("Carol").unwrap().unwrap();
    let carol = |line: &str| {
        let run = env.i3(&format!("{line} --user Carol -v")).without("I3_API_KEY");
        run.env("I3_LOGIN_PASSWORD", password.expose())
    };
    carol("product list").done().says(&["Carol has no such product"]);
    carol("product list --hub meadow").fails(65, &["error[hub-unknown]"]);
}

#[test]
fn a_log_in_password_of_nobody_is_refused() {
    let mut env = TestEnv::new();
    env.unset("I3_USER");
    env.secret("pw", "correct horse battery");
    for how in ["--login-password-file pw", "--login-password-stdin"] {
        env.i3(&format!("hub list {how}")).fails(2, &["without a user name", "give --user NAME"]);
    }
}

#[test]
fn a_seller_in_another_case_has_his_products_listed() {
    both(|env| {
        for line in ["product list", "product list --hub parking", "product list --hub ALICE/parking"] {
            let rows = env.i3(&format!("{line} --user ALICE --json")).json();
            assert_eq!(rows[0]["topic"], TOPIC, "{line}");
        }
        env.i3("product list --hub garage -v").fails(65, &["no hub 'garage'; it shows alice/parking"]);
    });
}

#[test]
fn a_broken_marketplace_is_not_taken_for_an_unknown_seller() {
    let env = TestEnv::new();
    let market = between(&env.sandbox, |_| Some(Reply::html(500, "<title>OperationalError at /api/product/</title>")));
    let run = env.i3("product search --seller alice").env("I3_MARKET", market.url());
    run.fails(75, &["broke down at /api/product/", "OperationalError"]).does_not_say(&["knows no seller"]);
}

#[test]
fn devices_are_listed_shown_and_deleted() {
    both(|env| {
        env.i3("device list -v").succeeds("").says(&["no device yet", "`i3 register`"]);
        env.secret("lot1.pem", key_pem());
        env.i3("register lot1 --hub parking --key lot1.pem").done();
        env.i3("hub create garden").done();
        env.i3("register bed1 --hub garden --generate-password").done();
        env.i3("device list").succeeds("alice$parking$lot1\nalice$garden$bed1\n");
        env.i3("device list --hub garden").succeeds("alice$garden$bed1\n");
        let listed = env.i3("device list --json").json();
        assert_eq!(listed[0], json!({ "device": LOT1, "hub": "alice/parking", "id": 1 }));
        env.i3("device list --hub garage").fails(65, &["no hub 'garage'"]);

        let shown = env.i3("device show lot1 --json").json();
        assert_eq!((&shown["device"], &shown["id"], &shown["namesakes"]), (&json!(LOT1), &json!(1), &json!([])));
        assert_eq!(shown["key"].as_str().unwrap(), env.path("lot1.pem").display().to_string());
        assert!(env.i3("device show bed1").done().stdout.contains("\npassword: /"));
        env.i3("device show alice$parking$LOT1").fails(65, &["in another case: alice$parking$lot1"]);
        env.i3("device show lot9").fails(65, &["shows no device 'lot9'", "`i3 device list`"]);

        let before = env.sandbox.counts().changes;
        env.i3("device delete lot1").fails(2, &["there is no terminal", "--yes"]);
        assert_eq!(env.sandbox.counts().changes, before);
        let deleted = env.i3("device delete lot1 --yes -v");
        deleted.succeeds(&format!("{LOT1}\n")).says(&["300 s", "Its secret is still in", "lot1.pem"]);
        assert_eq!(env.sandbox.devices(), ["alice$garden$bed1"]);
        assert!(!fs::read_to_string(env.config_file()).unwrap().contains("lot1"));
        assert!(env.path("lot1.pem").exists());
        env.i3("device delete alice$parking$lot1 --yes").fails(65, &["shows no device", "`i3 device list`"]);
        // Without the configuration a short name is looked up at the marketplace.
        fs::remove_file(env.config_file()).unwrap();
        env.i3("device delete bed1 --yes").succeeds("alice$garden$bed1\n");
    });
}

#[test]
fn a_device_gets_another_password_or_key_which_is_proved() {
    both(|env| {
        env.secret("lot1.pem", key_pem());
        env.i3("register lot1 --hub parking --key lot1.pem").done();
        let publish = || env.i3(&format!("pub --device lot1 -t {TOPIC} -m 7"));
        let passwords = env.home().join(".local/share/i3-marketplace/passwords");
        let changed = env.i3("device passwd lot1 --generate-password --json").run();
        let told: Value = serde_json::from_str(&changed.stdout).unwrap_or_else(|e| panic!("{e}: {changed}"));
        assert_eq!((&told["device"], &told["proved"], &told["key"]), (&json!(LOT1), &json!(true), &Value::Null));
        let first = PathBuf::from(told["password_file"].as_str().unwrap());
        assert_eq!((first.clone(), mode(&first)), (passwords.join(LOT1), 0o600));
        publish().succeeds("");
        env.i3(&format!("pub --key lot1.pem -t {TOPIC} -m 7 -u")).arg(LOT1).fails(77, &["refused the log-in"]);

        // Any text will do; the old file is deleted only after the new one is in use.
        let run = env.i3("device passwd lot1 --password-stdin").input("two words; $HOME 'q' ü");
        run.done().keeps_secret("two words; $HOME 'q' ü");
        assert!(!first.exists() && env.sandbox.shell_commands().is_empty());
        publish().succeeds("");
        env.secret("pw", "correct horse battery");
        env.i3("device passwd alice$parking$lot1 --password-file pw").done();
        publish().succeeds("");
        env.i3("device passwd lot1 --new-key").done();
        publish().succeeds("");
        env.i3("device passwd lot1 --new-key").done();
        publish().succeeds("");
        let keys = env.home().join(".local/share/i3-marketplace/keys");
        assert!(keys.join("lot1.pem").exists() && keys.join("lot1.2.pem").exists());

        let before = env.sandbox.counts().changes;
        env.i3("device passwd lot1").fails(2, &["no credential is given for the device"]);
        env.i3("device passwd lot1 --password-file pw --plain-password").fails(77, &["a blank", "shell"]);
        env.i3("device passwd lot1 --password-file lot1.pem").fails(77, &["private key"]).keeps_secret(key_pem());
        assert_eq!(env.sandbox.counts().changes, before);
        publish().succeeds("");
    });
}

#[test]
fn what_a_lost_answer_left_is_told_by_the_broker() {
    both(|env| {
        // Which requests are done although they are not answered.
        let (url, lost) = (env.sandbox.market_url(), Arc::new(Mutex::new(None)));
        let shared = Arc::clone(&lost);
        let market = between(&env.sandbox, move |request| {
            let edits = request.method == "PUT" || request.method == "POST" && request.path().contains("/edit/");
            let done: bool = edits.then(|| *shared.lock().unwrap()).flatten()?;
            if done {
                forward(&url, request);
            }
            Some(Reply::Cut)
        });
        let at = |line: &str| env.i3(line).env("I3_MARKET", market.url());
        let lose = |done| *lost.lock().unwrap() = done;
        at("register lot1 --hub parking --generate-password").done();
        let publish = || env.i3(&format!("pub --device lot1 -t {TOPIC} -m 7"));
        let passwords = env.home().join(".local/share/i3-marketplace/passwords");
        let files = || fs::read_dir(&passwords).unwrap().count();
        // It was never done so far: the broker still takes the old one, and the new one is kept, should it come to count.
        lose(Some(false));
        let run = at("device passwd lot1 --generate-password");
        run.fails(75, &["still has its old credential", "try again", "The password that was sent is in"]);
        assert_eq!(files(), 2);
        publish().succeeds("");
        // It was done: the broker takes the new one.
        lose(Some(true));
        let run = at("device passwd lot1 --generate-password");
        run.succeeds(&format!("{LOT1}\n")).says(&["but the new credential is valid"]);
        assert_eq!(files(), 2);
        publish().succeeds("");
        // Nobody can be asked: the old one and the new one are kept, and it is said.
        lose(Some(true));
        let run = at("device passwd lot1 --generate-password --no-check");
        run.fails(75, &["is unknown", "run the command again", "The password that was sent is in"]);
        assert_eq!(files(), 3);
        lose(None);
        at("device passwd lot1 --generate-password").done();
        publish().succeeds("");
    });
}

#[test]
fn a_namesake_at_another_marketplace_is_let_be() {
    let (env, other) = (TestEnv::new(), TestEnv::new());
    env.i3("register lot1 --hub parking --generate-password").done();
    let password = env.home().join(".local/share/i3-marketplace/passwords").join(LOT1);
    let (config, secret) = (fs::read(env.config_file()).unwrap(), fs::read(&password).unwrap());
    // Registered there from another machine.
    other.i3("register lot1 --hub parking --generate-password").done();
    let there = |line: &str| {
        let own = i3::commands::sandbox::variables(&other.sandbox, std::path::Path::new(""));
        let own = own.into_iter().filter(|(name, _)| *name != i3::config::env::HOME);
        own.fold(env.i3(line), |run, (name, value)| run.env(name, value))
    };
    assert_eq!(there("device show lot1 --json").json()["password_file"], Value::Null);
    there("device passwd lot1 --new-key --no-save").done().does_not_say(&["old secret"]);
    there("device delete lot1 --yes").done().does_not_say(&["Its secret stays"]);
    assert_eq!(fs::read(env.config_file()).unwrap(), config);
    other.i3("register lot1 --hub parking --generate-password --no-save").fails(2, &["--no-save"]);
    other.i3("register lot1 --hub parking --new-key").done();
    // It takes the name over in the configuration, and the file stays.
    there("device passwd lot1 --new-key").done().says(&["had a device of this name at"]);
    assert_eq!(fs::read(&password).unwrap(), secret);
    env.i3(&format!("pub -u {LOT1} -t {TOPIC} -m 7 --pw-file")).arg(&password).succeeds("");
}

#[test]
fn a_password_of_two_devices_stays_with_the_other_one() {
    let env = TestEnv::new();
    env.i3("register lot1 --hub parking --generate-password").done();
    let password = env.home().join(".local/share/i3-marketplace/passwords").join(LOT1);
    env.i3("register lot2 --hub parking --password-file").arg(&password).done();
    env.i3("device passwd lot1 --generate-password").done();
    env.i3(&format!("pub --device lot2 -t {TOPIC} -m 7")).succeeds("");
}

#[test]
fn an_unfinished_rotation_is_finished_first_and_goes_with_its_device() {
    let env = TestEnv::new();
    let cuts = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&cuts);
    let market =
        between(&env.sandbox, move |request| (request.method == "PUT" && shared.load(SeqCst)).then_some(Reply::Cut));
    let at = |line: &str| env.i3(line).env("I3_MARKET", market.url());
    let passwords = env.home().join(".local/share/i3-marketplace/passwords");
    let has_next =
        || fs::read_dir(&passwords).unwrap().any(|file| file.unwrap().path().extension() == Some("next".as_ref()));
    at("register lot1 --hub parking --generate-password").done();
    let cut_off = || {
        cuts.store(true, SeqCst);
        at("device rotate lot1").fails(75, &["not finished"]);
        cuts.store(false, SeqCst);
        assert!(has_next());
    };
    cut_off();
    let before = env.sandbox.counts().changes;
    let way_out = format!("`i3 device rotate '{LOT1}'`");
    at("device passwd lot1 --generate-password").fails(77, &["a rotation of", "was interrupted", &way_out]);
    assert_eq!(env.sandbox.counts().changes, before);
    assert_eq!(at("device rotate lot1 --json").json()["resumed"], true);
    at("device passwd lot1 --generate-password").done();
    // A device that is gone has nothing to go on with, and one of its name begins anew.
    cut_off();
    at("device delete lot1 --yes -v").done().says(&["Its secret is still in", ".next"]);
    at("register lot1 --hub parking --generate-password").done();
    assert_eq!(at("device rotate lot1 --json").json()["resumed"], false);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 7")).succeeds("");
}

#[test]
fn a_clean_up_that_fails_does_not_hide_why() {
    let env = TestEnv::released();
    let passwords = env.home().join(".local/share/i3-marketplace/passwords");
    let gone = passwords.clone();
    let market = between(&env.sandbox, move |request| {
        (request.method == "POST" && request.path().starts_with("/devices/create")).then(|| {
            for file in fs::read_dir(&gone).unwrap() {
                fs::remove_file(file.unwrap().path()).unwrap();
            }
            // Said to be there, and not shown: it may be there all the same.
            Reply::redirect("/hubs/")
        })
    });
    let run = env.i3("register lot1 --hub parking --generate-password").env("I3_MARKET", market.url()).run();
    assert_ne!(run.code, 0, "{run}");
    run.says(&[
        "error[accepted-but-missing]: the marketplace said that it accepted the device",
        "cannot be saved in",
        LOT1,
    ]);
}

#[test]
fn a_credential_that_the_broker_does_not_take_is_told_and_the_old_one_kept() {
    let env = TestEnv::with_lot1();
    env.secret("other.pem", other_key_pem());
    env.sandbox.set_database_down(true);
    let run = env.i3("device passwd lot1 --key other.pem").run();
    assert_eq!((run.code, run.stdout.as_str()), (77, ""), "{run}");
    run.says(&["refuses the new credential of alice$parking$lot1", "The old secret is still in", "lot1.pem", "hint: "]);
    run.does_not_say(&["has its new credential"]);
    env.sandbox.set_database_down(false);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 7")).succeeds("");
}

#[test]
fn an_expired_session_is_dropped_and_the_key_goes_on() {
    let env = logged_in(TestEnv::released());
    env.sandbox.expire_sessions();
    let before = env.sandbox.counts();
    env.i3("hub create garden")
        .fails(77, &["the log-in of alice at http://127.0.0.1", "has expired", "log in again with `i3 login`"]);
    assert_eq!(env.sandbox.counts(), before);
    assert!(fs::read_to_string(kept(&env)).unwrap().contains("\"session\": null"));
    // Requests that need only the key continue; those that need the form fail with a message.
    env.i3("product list").done();
    env.i3("hub create garden").fails(77, &["that was kept has expired", "log in again with `i3 login`"]);
    let password = env.sandbox.seed().seller_password.expose().to_owned();
    env.i3("login --user alice --login-password-stdin").input(password).done();
    env.i3("hub create garden").succeeds("alice/garden\n");
    // Where the marketplace has REST, the session is not needed.
    let env = logged_in(TestEnv::new());
    env.sandbox.expire_sessions();
    env.i3("hub create garden").succeeds("alice/garden\n");
}

#[test]
fn a_page_of_another_shape_is_an_error_and_changes_nothing() {
    let env = TestEnv::released();
    let before = env.sandbox.counts().changes;
    let odd = |path: &'static str, body: &'static str| {
        between(&env.sandbox, move |request| {
            (request.method == "GET" && request.path() == path).then(|| Reply::html(200, body))
        })
    };
    let lists = odd("/hubs/", "<h3>My Hubs</h3><a href=\"/hubs/1/\">parking</a>");
    for line in ["hub list", "hub create garden", CREATE, "device list", "whoami"] {
        let run = env.i3(line).env("I3_MARKET", lists.url());
        run.fails(78, &["list of hubs does not have the expected form", "address of an I3 marketplace"]);
    }
    let hub =
        odd("/hubs/1/", "<h3>Devices in this hub</h3><h4>hunter2secret</h4><a href=\"/devices/edit/1/\">Edit</a>");
    for line in ["device list", "device show alice$parking$lot1", "device delete alice$parking$lot1 --yes"] {
        let run = env.i3(line).env("I3_MARKET", hub.url());
        run.fails(78, &["hub page does not have the expected form", "full names"]).does_not_say(&["hunter2secret"]);
    }
    let key = odd("/key/", "<input id=foo value=none>");
    env.i3("login").env("I3_MARKET", key.url()).fails(78, &["API key page does not have the expected form"]);
    assert_eq!(env.sandbox.counts().changes, before);
    assert!(!kept_folder(&env).exists());
}

#[test]
fn secrets_are_kept_before_they_are_sent() {
    let env = TestEnv::released();
    let passwords = env.home().join(".local/share/i3-marketplace/passwords");
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let (noted, folder) = (std::sync::Arc::clone(&seen), passwords.clone());
    let market = between(&env.sandbox, move |request| {
        if request.method == "POST" && request.path().contains("/edit/") {
            let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
            *noted.lock().unwrap() = files.map(|file| fs::read_to_string(file).unwrap()).collect();
        }
        None
    });
    env.i3("register lot1 --hub parking --generate-password").env("I3_MARKET", market.url()).done();
    env.i3("device passwd lot1 --generate-password").env("I3_MARKET", market.url()).done();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2, "the old and the new one");
    let files: Vec<_> = fs::read_dir(&passwords).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1);
    assert!(seen.contains(&fs::read_to_string(&files[0]).unwrap()));
}

#[test]
fn a_log_in_is_kept_per_marketplace() {
    let env = logged_in(TestEnv::released());
    let other = i3::sandbox::Sandbox::spawn(Options { rest: false, ..Options::default() }).unwrap();
    env.i3("hub list").env("I3_MARKET", other.market_url()).fails(78, &["neither an API key nor a log-in"]);
    let folder = Folder::new();
    env.i3("hub list").env("I3_HOME", folder.path()).fails(78, &["neither an API key nor a log-in"]);
    env.i3("logout").env("I3_MARKET", other.market_url()).done();
    env.i3("hub list").succeeds("alice/parking\n");
}

#[test]
fn a_topic_and_the_option_must_name_the_same_hub() {
    let env = TestEnv::new();
    let before = env.sandbox.counts().changes;
    let create = |line: &str| {
        env.i3_with(&format!("product create {line}"), &["--description", "d", "--price", "2", "--type", "sensor"])
    };
    let told =
        ["names the hub alice/abcd", "--hub names parking", "hint: leave --hub out", "alice/parking/alice/abcd/gate"];
    create("alice/abcd/gate --hub parking").fails(2, &told);
    create("bob/parking/gate --hub alice/parking").fails(2, &["names the hub bob/parking"]);
    assert_eq!(env.sandbox.counts().changes, before);
    create("alice/parking/gate --hub parking").succeeds("alice/parking/gate\n");
    create("north/deck/lane --hub parking").succeeds("alice/parking/north/deck/lane\n");
}
