//! What is packaged: the systemd units are valid, confined, and publish; many devices are registered by one script.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::{LONG, LOT1, NO_PRODUCT, PROGRAM, Run, Running, SHORT, TOPIC, TestEnv, mode};
use crate::support::folder::Folder;
use crate::support::skipped::without;

/// Exposure at most, in tenths, as `systemd-analyze security` counts it.
const EXPOSURE: &str = "20";

/// The units of a manager, with the program where it is here.
fn units(folder: &Folder, manager: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd").join(manager);
    let names = fs::read_dir(source).unwrap().map(|unit| unit.unwrap().path());
    let copied = names.map(|unit| {
        let text = fs::read_to_string(&unit).unwrap().replace("ExecStart=i3 ", &format!("ExecStart={PROGRAM} "));
        // The manual may not be installed.
        let text: String =
            text.lines().filter(|line| !line.starts_with("Documentation=")).map(|l| format!("{l}\n")).collect();
        let copy = folder.join(unit.file_name().unwrap());
        fs::write(&copy, text).unwrap();
        copy
    });
    copied.collect()
}

/// `None`, with a notice, where there is no systemd-analyze and none is required.
fn analyze(folder: &Folder, arguments: &[&str], unit: &Path) -> Option<Output> {
    let output =
        Command::new("systemd-analyze").args(arguments).arg(unit).env("XDG_RUNTIME_DIR", folder.path()).output();
    if output.is_err() {
        without("I3_REQUIRE_SYSTEMD", "systemd-analyze", "the units were not checked");
    }
    output.ok()
}

#[test]
fn the_units_are_valid_and_confined() {
    for (manager, option) in [("user", "--user"), ("system", "--system")] {
        let folder = Folder::new();
        for unit in units(&folder, manager) {
            let Some(verified) = analyze(&folder, &[option, "verify"], &unit) else { return };
            assert!(verified.status.success() && verified.stderr.is_empty(), "{}: {verified:?}", unit.display());
            if unit.extension().is_some_and(|kind| kind == "service") {
                let security = [option, "security", "--offline=true", "--no-pager", "--threshold", EXPOSURE];
                let confined = analyze(&folder, &security, &unit).unwrap();
                assert!(confined.status.success(), "{}: {}", unit.display(), String::from_utf8_lossy(&confined.stdout));
            }
        }
    }
}

/// The command line of a unit for the device lot1, as systemd makes it of `ExecStart=`, with what systemd sets besides: the unit's
/// environment, and the credential in a folder.
fn started(env: &TestEnv, unit: &str, topic: &str, command: &str) -> Run {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd/system").join(unit);
    let text = fs::read_to_string(path).unwrap().replace("%i", "lot1");
    let of = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap().to_owned();
    assert_eq!(of("LoadCredential="), "key:/etc/i3-marketplace/keys/lot1.pem");
    let credentials = env.path("credentials");
    fs::create_dir_all(&credentials).unwrap();
    fs::copy(env.path("lot1.pem"), credentials.join("key")).unwrap();
    let line = of("ExecStart=").replace("%%", "%").replace("$$", "$");
    let timeout = if topic == TOPIC { LONG } else { SHORT };
    let line = line.replace("i3 pub ", &format!("i3 pub --timeout {timeout} "));
    let mut run = env.shell(&format!("exec {line}")).env("TOPIC", topic).env("COMMAND", command);
    for (name, value) in of("Environment=").split(' ').map(|pair| pair.split_once('=').unwrap()) {
        run = run.env(name, value.replace("/var/lib", env.cwd().to_str().unwrap()));
    }
    run.env("CREDENTIALS_DIRECTORY", credentials)
}

/// lot1 is in the machine's configuration, with a key that the service cannot read.
fn machine() -> TestEnv {
    let env = TestEnv::with_lot1();
    let config = fs::read_to_string(env.config_file()).unwrap();
    assert!(config.contains("lot1.pem"), "{config}");
    fs::write(env.system_file(), config.replace("lot1.pem", "of-root.pem")).unwrap();
    fs::remove_file(env.config_file()).unwrap();
    env
}

fn buyer(env: &TestEnv, count: u32) -> Running {
    env.i3(&format!("sub -v -F %p -t {TOPIC} -C {count} -W {LONG}")).start().says("Subscribed")
}

#[test]
fn the_timers_service_publishes_what_its_command_prints() {
    let env = machine();
    let unit = "i3-publish@.service";
    let buyer = buyer(&env, 1);
    started(&env, unit, TOPIC, "echo 41; echo 42").succeeds("").is_silent();
    assert_eq!(buyer.finish().succeeded(), "41\n42\n");
    started(&env, unit, TOPIC, "echo half; exit 5").fails(5, &[]).is_silent();
    started(&env, unit, NO_PRODUCT, "echo 1").fails(77, &["error[publish-dropped]"]);
}

#[test]
fn the_streams_service_is_the_program_itself_and_sends_what_it_has_when_it_is_stopped() {
    let env = machine();
    let unit = "i3-stream@.service";
    let at_the_buyer = buyer(&env, 3);
    let stream = started(&env, unit, TOPIC, "seq 3; exec sleep 1000").start();
    assert_eq!(at_the_buyer.finish().succeeded(), "1\n2\n3\n");
    let name = fs::read_to_string(format!("/proc/{}/comm", stream.id())).unwrap();
    assert_eq!(name, "i3\n");
    // As systemd does: the sensor gets the signal, too.
    env.command("kill").arg("--").arg(format!("-{}", stream.id())).done();
    let ended = stream.finish();
    assert_eq!(ended.code, 0, "{ended}");
    assert!(env.path("i3-stream/lot1/state/spool").join(LOT1).is_dir(), "its spool is in the folder of its state");
    // A sensor that ends is started again by systemd: that is no failure.
    started(&env, unit, TOPIC, "echo 4").done();
}

#[test]
fn many_devices_are_registered_by_one_script_which_goes_on_after_an_error() {
    let env = TestEnv::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/provision");
    let provision =
        |names: &str| env.command("sh").arg(&script).arg("parking").arg("ready").env("I3", PROGRAM).input(names);
    let names: Vec<String> = (1..=6).map(|n| format!("bay{n}")).collect();
    let with_a_fault = format!("# the first floor\n{}\nno_name\n{}", names[..2].join("\n"), names[2..].join("\n"));
    let faulty = provision(&with_a_fault).run();
    assert_eq!(faulty.code, 65, "{faulty}");
    assert_eq!(faulty.stdout.lines().count(), 2, "{faulty}");

    let rest = provision(&names.join("\n")).done();
    rest.says(&["4 devices are ready in ready, 2 were there before"]);
    provision(&names.join("\n")).succeeds("").says(&["0 devices are ready in ready, 6 were there before"]);
    assert_eq!(mode(&env.path("ready")), 0o700);

    // Each is taken into use on its own machine, where nothing of the account is.
    let buyer = buyer(&env, 6);
    for name in &names {
        let home = env.path(&format!("machine-{name}"));
        let on_it = |line: &str| env.i3(line).env("I3_HOME", &home).without("I3_USER").without("I3_API_KEY");
        let file = format!("ready/{name}.toml");
        assert_eq!(mode(&env.path(&file)), 0o600);
        on_it(&format!("device import {file}")).succeeds(&format!("alice$parking${name}\n"));
        on_it(&format!("pub --device {name} -t {TOPIC} -m {name} --timeout {LONG}")).done();
    }
    assert_eq!(buyer.finish().succeeded().lines().collect::<Vec<_>>(), names);
}

#[test]
fn the_packages_changelog_has_the_version_of_the_program() {
    let changelog = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/debian/changelog")).unwrap();
    let expected = format!("i3-seller ({}-1) ", env!("CARGO_PKG_VERSION"));
    assert!(changelog.starts_with(&expected), "{changelog}");
}
