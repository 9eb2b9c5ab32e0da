//! Cases that a careful reader of the code thought of: odd files, odd numbers, silent brokers, credentials that could get lost.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use i3::sandbox::{Fault, Options};

use crate::program::{LOT1, SHORT, TOPIC, TestEnv, key_pem, mode, quick};

/// A port where a broker lets everybody in and then says nothing more.
fn broker_that_falls_silent() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer);
                let _ = stream.write_all(&[0x20, 2, 0, 0]);
                while stream.read(&mut buffer).is_ok_and(|read| read > 0) {}
            });
        }
    });
    port
}

#[test]
fn a_broker_that_falls_silent_is_no_refusal() {
    let env = TestEnv::with_lot1();
    let port = broker_that_falls_silent();
    for qos in 0..3 {
        let line = format!("pub --device lot1 -h 127.0.0.1 -p {port} -t {TOPIC} -m 678 -q {qos} --timeout {SHORT}");
        env.i3(&line).fails(75, &["did not answer the message", "hint: "]);
    }
}

#[test]
fn a_key_as_der_or_as_the_name_of_a_file_is_refused_by_the_guard() {
    let env = TestEnv::with_lot1();
    let der = pem::parse(key_pem()).unwrap().into_contents();
    env.secret("key.der", &der);
    let line = format!("pub -u {LOT1} -t {TOPIC} -m 678");
    env.i3(&format!("{line} --pw-file key.der")).fails(77, &["private key", "hint: use --key FILE"]);
    env.i3(&format!("{line} --pw-stdin")).input(&der).fails(77, &["private key", "hint: use --key FILE"]);
    let token = env.i3("token lot1").done().stdout;
    env.i3(&format!("{line} --pw-file")).arg(token.trim()).fails(77, &["hint: "]).keeps_secret(token.trim());
}

#[test]
fn an_unset_variable_behind_h_publishes_nothing_and_says_so() {
    let env = TestEnv::with_lot1();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -h")).fails(2, &["-h is given without a host"]);
    env.i3(&format!("sub -t {TOPIC} -h")).fails(2, &["-h is given without a host"]);
    assert!(env.i3("pub -h").done().stdout.contains("Usage: "));
}

#[test]
fn times_that_no_clock_reaches_are_usage_errors() {
    let env = TestEnv::with_lot1();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout 500000000000y")).fails(2, &["--timeout"]);
    env.i3(&format!("sub -t {TOPIC} -W 18446744073709551615")).fails(2, &["--wait"]);
}

#[test]
fn a_private_configuration_stays_private() {
    let env = TestEnv::with_lot1();
    let permissions = fs::Permissions::from_mode(0o600);
    fs::set_permissions(env.config_file(), permissions).unwrap();
    env.i3("register lot2 --hub parking --new-key --no-check").done();
    assert_eq!(mode(&env.config_file()), 0o600);
}

#[test]
fn what_the_environment_gives_does_not_fail_for_a_file_that_is_missing() {
    let env = TestEnv::new();
    env.secret("pw", "correct horse battery\n");
    env.i3("register lot1 --hub parking --password-file pw").done();
    fs::remove_file(env.path("pw")).unwrap();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).fails(66, &["cannot be read"]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).env("I3_PASSWORD", "correct horse battery").succeeds("");
    // Set to nothing is not set.
    env.secret("pw", "correct horse battery\n");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).env("I3_PASSWORD", "").succeeds("");
}

#[test]
fn a_password_through_a_pipe_is_not_kept_as_a_path_that_is_gone() {
    let env = TestEnv::new();
    env.secret("pw", "correct horse battery\n");
    let run = env.shell("i3 register lot1 --hub parking --password-file /dev/stdin < pw | cat");
    run.done();
    let piped = env.shell("cat pw | i3 register lot2 --hub parking --password-file /dev/stdin");
    piped.done().says(&["cannot be saved in the configuration"]);
    assert!(!fs::read_to_string(env.config_file()).unwrap().contains("pipe:"));
}

#[test]
fn a_pair_made_for_nothing_does_not_stay() {
    let env = TestEnv::new();
    let register = "register lot1 --hub parking --new-key";
    env.i3(&format!("{register} --broker mqtts://127.0.0.1:1 --cafile missing.pem")).fails(78, &["missing.pem"]);
    env.i3("register lot1 --hub nowhere --new-key").fails(65, &["alice/parking"]);
    env.i3(register).succeeds(&format!("{LOT1}\n"));
    // Over again nothing is made; another device of the name has its key's place taken.
    env.i3(register).succeeds(&format!("{LOT1}\n"));
    env.i3("hub create garden").done();
    env.i3("register lot1 --hub garden --new-key").fails(73, &["already exists", "--key FILE"]);
}

#[test]
fn a_generated_password_survives_a_lost_answer_and_a_namesake() {
    let env = TestEnv::with(Options { rest: false, ..quick() });
    env.sandbox.drop_next_post("/devices/create/", Fault::AfterHandling);
    env.i3("register lot1 --hub parking --generate-password").succeeds(&format!("{LOT1}\n"));
    let folder = env.home().join(".local/share/i3-marketplace/passwords");
    let first = fs::read(folder.join(LOT1)).unwrap();
    // The same name at another marketplace: its own password, and the first one stays.
    let other = i3::sandbox::Sandbox::spawn(Options { rest: false, ..Options::default() }).unwrap();
    let run = env.i3("register lot1 --hub parking --generate-password");
    let run = run.env("I3_MARKET", other.market_url()).env("I3_BROKER", other.broker_url().to_string());
    let run = run.env("I3_LOGIN_PASSWORD", other.seed().seller_password.expose());
    run.done().says(&["warning: the configuration had a device of this name"]);
    assert_eq!(fs::read(folder.join(LOT1)).unwrap(), first);
    assert_ne!(fs::read(folder.join(format!("{LOT1}.2"))).unwrap(), first);
}
