//! `register`: the ways into the marketplace, each kind of credential, and what remains after a failure.

use std::fs;

use i3::sandbox::Fault;

use crate::program::{LONG, LOT1, TOPIC, TestEnv, key_pem, mode};

/// Characters that every shell and URL would change.
const ODD_PASSWORD: &str = "two words; $HOME 'q' ü";

#[test]
fn a_marketplace_without_rest_is_named() {
    let env = TestEnv::released();
    env.secret("lot1.pem", key_pem());
    let register = "register lot1 --hub parking --key lot1.pem";
    env.i3(&format!("{register} --via rest")).fails(78, &["only forms", "use --via web with --user"]);
    let alone = env.i3(register).without("I3_LOGIN_PASSWORD").without("I3_USER");
    alone.fails(78, &["the API key alone is not enough here", "--login-password-file"]);
    let neither = env.i3(register).without("I3_USER").without("I3_API_KEY");
    neither.fails(78, &["neither an API key nor a log-in", "I3_API_KEY", "--user and --login-password-file"]);
    env.i3(register).without("I3_MARKET").fails(78, &["no marketplace is known", "--market"]);
    env.i3(register).env("I3_LOGIN_PASSWORD", "wrong").fails(77, &["log-in", "check --user"]);
    assert_eq!(env.sandbox.counts().device_posts, 0);
    env.i3(register).done().says(&["no REST endpoint for devices; the form was used"]);
}

#[test]
fn the_ways_into_the_marketplace() {
    let env = TestEnv::new();
    let seed = env.sandbox.seed().clone();
    env.secret("lot1.pem", key_pem());
    env.secret("login", format!("{}\n", seed.seller_password.expose()));
    env.secret("api", format!("{}\n", seed.api_key.expose()));
    let bare = |line: &str| {
        let run = env.i3(&format!("register {line} --hub parking --key lot1.pem"));
        run.without("I3_API_KEY").without("I3_USER").without("I3_LOGIN_PASSWORD")
    };
    bare("lot1 --api-key-file api").succeeds(&format!("{LOT1}\n"));
    bare("lot2 --user alice --login-password-file login").succeeds("alice$parking$lot2\n");
    let stdin = bare("lot3 --user alice --login-password-stdin").input(seed.seller_password.expose());
    stdin.succeeds("alice$parking$lot3\n");
    let wrong = bare("lot4").env("I3_API_KEY", "0".repeat(40));
    wrong.fails(77, &["refuses the API key", "unset it and log in"]);
    // A private key in place of the log-in password is not sent.
    let log_ins = env.sandbox.counts().market_log_ins;
    let pasted = bare("lot5 --user alice --login-password-stdin").input(key_pem());
    pasted.fails(77, &["this is a private key"]).keeps_secret(key_pem());
    assert_eq!(env.sandbox.counts().market_log_ins, log_ins);
}

#[test]
fn the_ways_to_register() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    env.secret("pw", format!("{ODD_PASSWORD}\n"));
    let register = |line: &str| env.i3(&format!("register {line} --hub parking"));
    register("key1 --key lot1.pem").succeeds("alice$parking$key1\n");
    register("new1 --new-key").succeeds("alice$parking$new1\n");
    register("file1 --password-file pw").succeeds("alice$parking$file1\n");
    register("stdin1 --password-stdin").input(ODD_PASSWORD).succeeds("alice$parking$stdin1\n");
    register("made1 --generate-password -v").done().says(&["The password is in "]);
    env.secret("plain", "hunter2secret");
    register("plain1 --plain-password --password-file plain").succeeds("alice$parking$plain1\n");
    // keygen's place is where register looks.
    env.i3("keygen gen1").done();
    register("gen1 -v").done().says(&["Registering with the key in "]);
    assert!(env.sandbox.shell_commands().is_empty());
    let devices = ["key1", "new1", "file1", "stdin1", "made1", "plain1", "gen1"];
    // How a device was registered is for the program to know.
    for device in devices {
        let run = env.i3(&format!("pub --device {device} -t {TOPIC} -m 678 --timeout {LONG}"));
        run.succeeds("").is_silent();
    }
    // The device logs in with the odd password, whichever client uses it.
    let run = env.i3(&format!("pub --pw-file pw -t {TOPIC} -m 678 -u")).arg("alice$parking$file1");
    run.succeeds("");
    register("none1").fails(2, &["no credential is given for the device", "--generate-password"]);

    let config = fs::read_to_string(env.config_file()).unwrap();
    let data = env.home().join(".local/share/i3-marketplace");
    let password = |name: &str| data.join("passwords").join(format!("alice$parking${name}"));
    for secret in [ODD_PASSWORD, "hunter2secret", fs::read_to_string(password("made1")).unwrap().trim_end()] {
        assert!(!config.contains(secret), "{config}");
    }
    assert!(!config.contains("PRIVATE KEY") && !config.contains(env.sandbox.seed().api_key.expose()), "{config}");
    for device in devices {
        assert!(config.contains(&format!("[devices.\"alice$parking${device}\"]")), "{config}");
    }
    assert!(config.contains(&format!("key = \"{}\"", env.path("lot1.pem").display())), "{config}");
    for file in [password("stdin1"), password("made1"), data.join("keys/new1.pem"), data.join("keys/gen1.pem")] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert!(!password("file1").exists(), "the file that was given is the one that is kept");
    for folder in [env.config_file().parent().unwrap(), &data.join("passwords"), &data.join("keys")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
}

#[test]
fn a_registration_leaves_nothing_where_it_fails_or_shall_not() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    env.i3("register lot1 --hub parking --key lot1.pem --no-save --no-check").succeeds(&format!("{LOT1}\n"));
    assert!(!env.config_file().exists());
    assert_eq!(env.sandbox.counts().broker_log_ins, 0);
    let data = env.home().join(".local/share/i3-marketplace");
    env.i3("register lot1 --hub parking --new-key").fails(77, &["is already registered"]);
    env.i3("register lot1 --hub parking --generate-password").fails(77, &["is already registered"]);
    for folder in ["keys", "passwords"] {
        let left: Vec<_> = fs::read_dir(data.join(folder)).into_iter().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    // Registered, but the broker is down: the device is kept, and the exit code says that its log-in is not confirmed.
    let run = env.i3("register lot2 --hub parking --new-key --broker mqtt://127.0.0.1:1");
    run.fails(75, &["alice$parking$lot2 is registered, but its log-in", "cannot be reached"]);
    assert!(fs::read_to_string(env.config_file()).unwrap().contains("alice$parking$lot2"));
    env.i3(&format!("pub --device lot2 -t {TOPIC} -m 678")).succeeds("");
}

#[test]
fn a_lost_answer_means_one_post() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    for (via, path) in [("rest", "/api/device/"), ("web", "/devices/create/")] {
        for (fault, name, code) in [(Fault::BeforeHandling, "before", 75), (Fault::AfterHandling, "after", 0)] {
            let posts = env.sandbox.counts().device_posts;
            env.sandbox.drop_next_post(path, fault);
            let outcome = env.i3(&format!("register {name}{via} --hub parking --key lot1.pem --via {via}")).run();
            assert_eq!(outcome.code, code, "{outcome}");
            let says = if code == 0 { "but the device exists" } else { "the answer was lost, and nothing was created" };
            outcome.says(&[says]);
            let device = format!("alice$parking${name}{via}");
            assert_eq!(env.sandbox.devices().contains(&device), code == 0);
            // What was dropped unread may not have been counted; a second one would have been.
            let sent = env.sandbox.counts().device_posts - posts;
            assert_eq!(sent, u64::from(fault == Fault::AfterHandling), "{outcome}");
        }
    }
}
