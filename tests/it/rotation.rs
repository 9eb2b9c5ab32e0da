//! Rotation of credentials: proved before it counts, undone if it is not, and killed at every step.

mod failures;
mod killed;
mod publisher;
mod unsaved;

use std::collections::BTreeSet;
use std::fs;

use std::path::{Path, PathBuf};

use i3::config::env;
use i3::key::PrivateKey;
use i3::sandbox::Options;

use crate::program::{LONG, LOT1, Outcome, TOPIC, TestEnv, mode, other_key_pem, quick};
use crate::support::lock_holder::LockHolder;

const KINDS: [&str; 2] = ["key", "password"];

/// A device of one of the kinds, registered at `market` if that is not the sandbox itself.
fn register(env: &TestEnv, kind: &str, market: Option<&str>) -> PathBuf {
    let how = if kind == "key" { "--new-key" } else { "--generate-password" };
    let mut run = env.i3(&format!("register lot1 --hub parking {how}"));
    if let Some(market) = market {
        run = run.env(env::MARKET, market);
    }
    run.succeeds(&format!("{LOT1}\n"));
    credential_file(env)
}

/// The credential that the configuration names.
fn credential_file(env: &TestEnv) -> PathBuf {
    let config = fs::read_to_string(env.config_file()).unwrap();
    let line = config.lines().find(|line| line.starts_with("key =") || line.starts_with("password_file ="));
    PathBuf::from(line.unwrap().split('"').nth(1).unwrap())
}

fn publish(env: &TestEnv) -> Outcome {
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).done()
}

/// No journal, no second credential, and the one that the configuration names is enough to log in.
fn is_settled(env: &TestEnv, context: &str) {
    publish(env).is_silent();
    let file = credential_file(env);
    assert_eq!(mode(&file), 0o600, "{context}");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let own = file.file_name().unwrap().to_str().unwrap().to_owned();
    let mut expected = BTreeSet::from([own.clone()]);
    if let Ok(key) = PrivateKey::read(&file, || Ok(None)) {
        expected.insert(format!("{own}.pub"));
        let public = fs::read_to_string(file.with_file_name(format!("{own}.pub"))).unwrap();
        assert_eq!(public, key.public().to_pem(), "{context}");
    }
    assert_eq!(names(file.parent().unwrap()), expected, "{context}");
    let rotations = env.home().join(".local/state/i3-marketplace/rotations");
    assert!(!rotations.join(format!("{LOT1}.json")).exists(), "{context}");
}

/// Has the configuration refuse to be written, whoever runs this: its lock is a folder.
pub fn lock_configuration(env: &TestEnv) {
    let folder = env.config_file().parent().unwrap().to_owned();
    for lock in [".lock", ".config.toml.lock"] {
        let _ = fs::remove_file(folder.join(lock));
        fs::create_dir(folder.join(lock)).unwrap();
    }
}

pub fn unlock_configuration(env: &TestEnv) {
    let folder = env.config_file().parent().unwrap().to_owned();
    for lock in [".lock", ".config.toml.lock"] {
        fs::remove_dir(folder.join(lock)).unwrap();
    }
}

#[test]
fn a_rotated_device_has_a_new_credential_under_the_old_name() {
    for options in [quick(), Options { rest: false, mqtt5: false, ..quick() }] {
        for kind in KINDS {
            let env = TestEnv::with(options.clone());
            let file = register(&env, kind, None);
            let (before, config) = (fs::read(&file).unwrap(), fs::read(env.config_file()).unwrap());
            let told = env.i3("device rotate lot1 --json").json();
            assert_eq!((told["device"].as_str(), told["kind"].as_str()), (Some(LOT1), Some(kind)));
            assert_eq!(told["resumed"].as_bool(), Some(false));
            assert_ne!(fs::read(&file).unwrap(), before);
            assert_eq!(fs::read(env.config_file()).unwrap(), config);
            is_settled(&env, kind);
            let old = env.secret("old", &before);
            let with_old = if kind == "key" { "--key" } else { "--pw-file" };
            let refused = env.i3(&format!("pub -u {LOT1} -t {TOPIC} -m 1 --timeout {LONG} {with_old}")).arg(&old);
            refused.fails(77, &["refused the log-in"]).does_not_say(&["not finished"]);
            env.i3("device rotate -v").arg(LOT1).succeeds(&format!("{LOT1}\n")).says(&["logs in with the new"]);
            is_settled(&env, kind);
        }
    }
}

#[test]
fn what_cannot_be_gone_back_to_is_not_replaced() {
    let env = TestEnv::new();
    let file = register(&env, "key", None);
    fs::write(&file, other_key_pem()).unwrap();
    let refused = env.i3("device rotate lot1");
    refused.fails(77, &["does not accept the present key", "could not be undone"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), other_key_pem());
    env.i3("device rotate alice$parking$lot9").fails(66, &["no key or password", "--key FILE"]);
    env.i3("device rotate lot9").fails(78, &["no device 'lot9'"]);
    fs::remove_file(&file).unwrap();
    env.i3("device rotate lot1").fails(66, &["cannot be replaced"]);
}

#[test]
fn a_device_of_another_marketplace_is_not_looked_for_here() {
    let env = TestEnv::new();
    register(&env, "key", None);
    let other = TestEnv::new();
    let refused = env.i3("device rotate lot1").env(env::MARKET, other.sandbox.market_url());
    refused.fails(78, &["is a device of", &format!("--market {}", env.sandbox.market_url())]);
    is_settled(&env, "another marketplace");
}

#[test]
fn a_key_of_two_devices_stays_with_the_other_one() {
    let env = TestEnv::with_lot1();
    env.i3("register lot2 --hub parking --key lot1.pem").succeeds("alice$parking$lot2\n");
    let before = env.read("lot1.pem");
    env.i3("device rotate lot1").succeeds(&format!("{LOT1}\n"));
    assert_eq!(env.read("lot1.pem"), before);
    let config = fs::read_to_string(env.config_file()).unwrap();
    assert!(config.contains(&format!("keys/{LOT1}.pem")), "{config}");
    publish(&env).is_silent();
    env.i3(&format!("pub --device lot2 -t {TOPIC} -m 1 --timeout {LONG}")).succeeds("").is_silent();
    // A key that the configuration does not know is replaced where it lies.
    env.i3("device rotate lot2").succeeds("alice$parking$lot2\n");
    assert_ne!(env.read("lot1.pem"), before);
    env.i3(&format!("pub --device lot2 -t {TOPIC} -m 1 --timeout {LONG}")).succeeds("").is_silent();
}

#[test]
fn two_at_once_do_not_meet() {
    let env = TestEnv::new();
    register(&env, "password", None);
    let state = env.home().join(".local/state/i3-marketplace");
    let lock = LockHolder::new(&state.join("rotations").join(format!("{}.lock", LOT1.to_uppercase())));
    env.i3("device rotate lot1").fails(75, &["another rotation of this device is in progress"]);
    drop(lock);
    env.i3("device rotate lot1").succeeds(&format!("{LOT1}\n"));
}
