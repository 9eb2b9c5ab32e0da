//! Settings and secrets as editors and shells leave them: byte order marks, and white space at their ends.

use std::fs;

use i3::config::env;

use crate::program::{LOT1, TOPIC, TestEnv};

const MARK: &str = "\u{feff}";

/// The value of a variable in this environment.
fn variable(stage: &TestEnv, name: &str) -> String {
    stage.shell(&format!("printf %s \"${name}\"")).done().stdout
}

#[test]
fn white_space_at_the_ends_of_addresses_names_and_keys_is_removed() {
    let stage = TestEnv::with_lot1();
    let value = |name: &str| format!(" {}\r", variable(&stage, name));
    let run = stage.i3("hub list").env("I3_MARKET", value("I3_MARKET")).env("I3_API_KEY", value("I3_API_KEY"));
    run.succeeds("alice/parking\n");
    let run = stage.i3("pub -q 1 -m 678 -t").arg(TOPIC).env("I3_BROKER", value("I3_BROKER"));
    run.env("I3_DEVICE", "lot1\t").done();
    let user = stage.i3("whoami --via web").env("I3_USER", "alice\n").without("I3_API_KEY");
    user.succeeds("alice\n").is_silent();
    stage.secret("api.key", format!("{MARK}{} \r\n", variable(&stage, "I3_API_KEY")));
    stage.i3("hub list --api-key-file api.key").without("I3_API_KEY").succeeds("alice/parking\n");
    // Nothing but blanks is nothing.
    stage.i3("hub list").env("I3_MARKET", " \r").fails(78, &["error[no-marketplace]"]);
}

#[test]
fn a_password_or_a_path_with_white_space_at_an_end_is_refused() {
    let stage = TestEnv::new();
    for value in ["hunter2secret\r", " hunter2secret", "hunter2secret "] {
        let run = stage.i3("pub -m 678 -t").arg(TOPIC).arg("-u").arg(LOT1).env("I3_PASSWORD", value);
        let says = ["error[setting-blanks]", "variable I3_PASSWORD begins or ends with white space", "from a file"];
        run.fails(65, &says).keeps_secret("hunter2secret");
    }
    let run = stage.i3("login").env("I3_LOGIN_PASSWORD", "hunter2secret\r");
    run.fails(65, &["error[setting-blanks]", "I3_LOGIN_PASSWORD"]).keeps_secret("hunter2secret");
    stage.i3("whoami").env(env::HOME, "/tmp/x ").fails(78, &["error[setting-blanks]", "variable I3_HOME"]);
    let config = stage.config_file();
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "cafile = \"/etc/ca.pem\\r\"").unwrap();
    stage.i3("whoami").fails(78, &["error[setting-blanks]", "cafile in "]);
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let stage = TestEnv::with_lot1();
    let config = stage.config_file();
    let text = fs::read_to_string(&config).unwrap();
    let market = variable(&stage, "I3_MARKET");
    fs::write(&config, format!("{MARK}market = ' {market} '\r\n{text}")).unwrap();
    stage.i3("hub list").without("I3_MARKET").succeeds("alice/parking\n");
    // It is written again without it, and with all that it held.
    stage.secret("other.pem", crate::program::other_key_pem());
    stage.i3("register lot2 --hub parking --key other.pem").succeeds("alice$parking$lot2\n");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with("market = '") && text.contains("lot1") && text.contains("lot2"), "{text}");
    stage.secret("pw", format!("{MARK}{}\r\n", variable(&stage, "I3_LOGIN_PASSWORD")));
    stage.i3("login --login-password-file pw").without("I3_LOGIN_PASSWORD").succeeds("alice\n");
    stage.secret("lot1.pem", format!("{MARK}{}", stage.read("lot1.pem")));
    let token = stage.i3("token lot1").done().stdout;
    let shown = stage.i3("token --inspect --key lot1.pem").input(format!("{MARK}{token}")).done().stdout;
    assert!(shown.contains("by this key"), "{shown}");
}
