//! `sandbox`: in the background, in the foreground, and with its switches.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{LOT1, Running, TOPIC, TestEnv, key_pem, mode};

#[test]
fn the_sandbox_runs_in_the_background_until_it_is_ended() {
    let env = TestEnv::new();
    let script = r#"
        set -e
        eval "$(i3 sandbox --background --no-rest --permission-cache 1m)"
        # Whatever fails, the sandbox goes.
        trap 'kill "$I3_SANDBOX_PID"' EXIT
        i3 keygen --quiet --out lot1.pem > body
        i3 register lot1 --hub parking --key lot1.pem --quiet
        i3 pub --device lot1 -t alice/parking/occupancy -m 678
        ls "$I3_HOME" >&2
        echo "$I3_SANDBOX_PID"
    "#;
    let run = ["I3_MARKET", "I3_BROKER", "I3_API_KEY", "I3_USER", "I3_LOGIN_PASSWORD", "I3_BUYER", "I3_BUYER_PASSWORD"]
        .into_iter()
        .fold(env.shell(script), |run, name| run.without(name));
    let outcome = run.done();
    let mut lines = outcome.stdout.lines();
    assert_eq!(lines.next(), Some(LOT1));
    assert!(outcome.stderr.contains("config.toml"), "{outcome}");
    let pid: u32 = lines.next().unwrap().parse().unwrap();
    until_gone(pid);
    let left: Vec<_> = fs::read_dir(env.tmp()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(env.sandbox.counts().device_posts, 0, "that was another one");
    // What keeps it from starting is told.
    let port = env.sandbox.broker_url().port;
    let taken = env.i3(&format!("sandbox --background --broker-port {port}"));
    taken.fails(73, &["the sandbox did not start", &format!("cannot listen on 127.0.0.1:{port}")]);
}

/// Waits for the end of a process that was told to end.
fn until_gone(pid: u32) {
    let status = format!("/proc/{pid}/stat");
    for _ in 0..2000 {
        match fs::read_to_string(&status) {
            // Its parent, whoever that is now, may be slow to ask for its exit code.
            Ok(stat) if !stat.contains(") Z ") => std::thread::sleep(std::time::Duration::from_millis(5)),
            _ => return,
        }
    }
    panic!("the sandbox {pid} goes on");
}

#[test]
fn the_sandbox_runs_in_the_foreground_with_its_switches() {
    let env = TestEnv::new();
    let state = env.path("state.json");
    let start = |more: &str| {
        let mut running = env.i3(&format!("sandbox --json --state {} {more}", state.display())).start();
        let said: Value = serde_json::from_str(&running.line()).unwrap();
        (running, said)
    };
    let end = |running: Running| {
        let mut kill = env.command("kill");
        kill.command.arg(running.id().to_string());
        kill.done();
        assert_eq!(running.finish().code, 0);
    };
    let (running, first) = start("--mail-down --no-mqtt5");
    for name in [
        "I3_HOME",
        "I3_MARKET",
        "I3_BROKER",
        "I3_API_KEY",
        "I3_USER",
        "I3_LOGIN_PASSWORD",
        "I3_BUYER",
        "I3_BUYER_PASSWORD",
    ] {
        assert!(first[name].is_string(), "{first}");
    }
    assert_eq!(first["I3_SANDBOX_PID"], running.id().to_string());
    let run = |line: &str, said: &Value| {
        said.as_object().unwrap().iter().fold(env.i3(line), |run, (k, v)| run.env(k, v.as_str().unwrap()))
    };
    env.secret("lot1.pem", key_pem());
    run("register lot1 --hub parking --key lot1.pem", &first).done().says(&["its mail is probably down"]);
    run(&format!("pub --device lot1 -t {TOPIC} -m 678 -V 5"), &first).fails(77, &["use -V 311"]);
    end(running);
    // The state is kept, with the folder beside it.
    let (running, second) = start("");
    assert_eq!((&first["I3_API_KEY"], &first["I3_HOME"]), (&second["I3_API_KEY"], &second["I3_HOME"]));
    let again = run(&format!("pub --device lot1 -t {TOPIC} -m 678 -V 5 -q 1"), &second);
    again.succeeds("");
    end(running);
    assert_eq!(mode(&state), 0o600);
    assert_eq!(mode(Path::new(first["I3_HOME"].as_str().unwrap())), 0o700);
}

#[test]
fn the_sandbox_takes_what_a_token_costs_from_its_command_line() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let mut sandbox = env.i3("sandbox --json --token-cost 1500ms").start();
    let variables: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&sandbox.line()).unwrap();
    let mut register = env.i3("register lot1 --hub parking --key lot1.pem");
    for (name, value) in &variables {
        register = register.env(name, value.as_str().unwrap());
    }
    let began = std::time::Instant::now();
    register.succeeds(&format!("{LOT1}\n"));
    assert!(began.elapsed() >= std::time::Duration::from_millis(1500), "{:?}", began.elapsed());
}
