//! A configuration that cannot be written: both credentials are kept until a rotation finishes the change.

use std::fs;

use super::{KINDS, lock_configuration, publish, register, unlock_configuration};
use crate::program::{LONG, LOT1, Outcome, TOPIC, TestEnv, other_key_pem};

/// The new credential counts, the configuration names the old one: both are tried, until a rotation can finish the change.
fn both_are_tried(env: &TestEnv, failed: &Outcome, new: &str, context: &str) {
    let config = fs::read_to_string(env.config_file()).unwrap();
    assert_eq!(failed.code, 73, "{context}: {failed}");
    failed.says(&[new, env.config_file().to_str().unwrap(), "cannot be written", "device rotate"]);
    assert_eq!(failed.error().id, Some("rotation-open"), "{context}: {failed}");
    publish(env).says(&["is not finished"]);
    env.i3("device passwd lot1 --generate-password").fails(77, &["was interrupted", "device rotate"]);
    assert_eq!(fs::read_to_string(env.config_file()).unwrap(), config, "{context}");
    unlock_configuration(env);
    env.i3("device rotate lot1 -v").succeeds(&format!("{LOT1}\n")).says(&["continuing it", "logs in with the new"]);
    publish(env).is_silent();
    let rotations = env.home().join(".local/state/i3-marketplace/rotations");
    assert!(!rotations.join(format!("{LOT1}.json")).exists(), "{context}");
}

#[test]
fn a_passwd_whose_configuration_cannot_be_written_leaves_both_credentials() {
    for kind in KINDS {
        for how in ["--new-key", "--generate-password", "--key other.pem", "--password-file other"] {
            let env = TestEnv::new();
            register(&env, kind, None);
            env.secret("other.pem", other_key_pem());
            env.secret("other", "hunter2secret\n");
            lock_configuration(&env);
            let failed = env.i3(&format!("device passwd lot1 {how}")).run();
            let new = how.split_once(' ').map_or("i3-marketplace/", |(_, file)| file);
            both_are_tried(&env, &failed, new, &format!("{kind}, {how}"));
            // What a person gave stays where it is.
            assert_eq!(env.read("other.pem"), other_key_pem());
            assert_eq!(env.read("other"), "hunter2secret\n");
        }
    }
}

#[test]
fn a_rotation_whose_configuration_cannot_be_written_leaves_both_credentials() {
    let env = TestEnv::with_lot1();
    // The other device keeps the key that they share, so that the configuration must name another.
    env.i3("register lot2 --hub parking --key lot1.pem").done();
    lock_configuration(&env);
    let failed = env.i3("device rotate lot1").run();
    both_are_tried(&env, &failed, &format!("keys/{LOT1}.pem"), "rotate");
    env.i3(&format!("pub --device lot2 -t {TOPIC} -m 1 --timeout {LONG}")).done();
}
