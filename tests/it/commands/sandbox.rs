//! `sandbox`: in the background, in the foreground, and with its switches.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use i3::broker_url::BrokerUrl;
use i3::mqtt::packet::{Packet, QoS, Version};
use serde_json::{Map, Value};

use crate::program::{LONG, LOT1, Run, Running, TOPIC, TestEnv, key_pem, mode};
use crate::wire::{Client, connect_packet};

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
    // It reports why it cannot start.
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
            Ok(stat) if !stat.contains(") Z ") => std::thread::sleep(Duration::from_millis(5)),
            _ => return,
        }
    }
    panic!("the sandbox {pid} is still running");
}

/// A sandbox with these options, and the variables that it announces.
fn start(env: &TestEnv, options: &str) -> (Running, Map<String, Value>) {
    announced(env.i3(&format!("sandbox --json {options}")).start())
}

fn announced(mut running: Running) -> (Running, Map<String, Value>) {
    let line = running.line();
    let variables = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line}"));
    (running, variables)
}

/// Ends it as a signal does.
fn end(env: &TestEnv, running: Running) {
    let mut kill = env.command("kill");
    kill.command.arg(running.id().to_string());
    kill.done();
    assert_eq!(running.finish().code, 0);
}

/// The program with the variables of a sandbox.
fn run(env: &TestEnv, line: &str, variables: &Map<String, Value>) -> Run {
    variables.iter().fold(env.i3(line), |run, (name, value)| run.env(name, value.as_str().unwrap()))
}

fn folder(variables: &Map<String, Value>) -> PathBuf {
    variables["I3_HOME"].as_str().unwrap().into()
}

fn address(variables: &Map<String, Value>, name: &str) -> BrokerUrl {
    variables[name].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_sandbox_runs_in_the_foreground_with_its_switches() {
    let env = TestEnv::new();
    let state = env.path("state.json");
    let start = |more: &str| start(&env, &format!("--state {} {more}", state.display()));
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
        assert!(first[name].is_string(), "{first:?}");
    }
    assert_eq!(first["I3_SANDBOX_PID"], running.id().to_string());
    env.secret("lot1.pem", key_pem());
    run(&env, "register lot1 --hub parking --key lot1.pem", &first).done().says(&["its mail is probably down"]);
    run(&env, &format!("pub --device lot1 -t {TOPIC} -m 678 -V 5"), &first).fails(78, &["use -V 311"]);
    end(&env, running);
    // The state is kept, with the folder beside it.
    let (running, second) = start("");
    assert_eq!((&first["I3_API_KEY"], &first["I3_HOME"]), (&second["I3_API_KEY"], &second["I3_HOME"]));
    let again = run(&env, &format!("pub --device lot1 -t {TOPIC} -m 678 -V 5 -q 1"), &second);
    again.succeeds("");
    end(&env, running);
    assert_eq!(mode(&state), 0o600);
    assert_eq!(mode(&folder(&first)), 0o700);
}

#[test]
fn the_sandbox_takes_what_a_token_costs_from_its_command_line() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let (_sandbox, variables) = start(&env, "--token-cost 1500ms");
    let register = run(&env, "register lot1 --hub parking --key lot1.pem", &variables);
    let began = Instant::now();
    register.succeeds(&format!("{LOT1}\n"));
    assert!(began.elapsed() >= Duration::from_millis(1500), "{:?}", began.elapsed());
}

fn publish(device: &str) -> String {
    format!("pub --device {device} -t {TOPIC} -m 1 --timeout {LONG}")
}

#[test]
fn a_fleet_publishes_right_after_the_start() {
    let env = TestEnv::new();
    let began = Instant::now();
    // The cost of a token log-in holds as for any other device.
    let (_sandbox, variables) = start(&env, "--devices 1000 --token-cost 700ms");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    for device in ["bay1", "alice$parking$bay1000"] {
        let began = Instant::now();
        run(&env, &publish(device), &variables).succeeds("");
        assert!(began.elapsed() >= Duration::from_millis(700), "{:?}", began.elapsed());
    }
    run(&env, &publish("bay1001"), &variables).fails(78, &["no device 'bay1001' is configured"]);
    let listed = run(&env, "device list --hub parking", &variables).done().stdout;
    assert_eq!((listed.lines().count(), listed.lines().next()), (1000, Some("alice$parking$bay1")));
    let key = folder(&variables).join("data/keys/fleet.pem");
    assert_eq!((mode(&key), mode(key.parent().unwrap())), (0o600, 0o700));
    run(&env, "config check", &variables).done();
}

#[test]
fn a_fleet_is_connected_whatever_number_of_files_a_process_starts_with() {
    let env = TestEnv::new();
    let started = env.shell("ulimit -Sn 40; exec i3 sandbox --json --devices 100 --token-cost 0s").start();
    let (_sandbox, variables) = announced(started);
    let token = run(&env, "token -n bay1", &variables).done().stdout;
    let broker = address(&variables, "I3_BROKER");
    let mut connected: Vec<Client> = (1..=100)
        .map(|n| {
            let name = format!("alice$parking$bay{n}");
            // By the key that all of them have.
            let (client, answer) = Client::open_at(&broker, Version::V311, connect_packet(&name, &name, &token));
            assert_eq!(answer.code, 0, "{name}");
            client
        })
        .collect();
    for client in &mut connected {
        client.nothing();
    }
}

#[test]
fn a_fleet_in_a_kept_state_grows_and_is_never_there_twice() {
    let env = TestEnv::new();
    let state = env.path("state.json");
    let start = |devices: &str| start(&env, &format!("--state {} --token-cost 0s {devices}", state.display()));
    let fleet = |variables: &Map<String, Value>| run(&env, "device list", variables).done().stdout;
    let all_publish = |variables: &Map<String, Value>| {
        for name in fleet(variables).lines() {
            run(&env, &publish(name), variables).succeeds("");
        }
    };
    let (running, variables) = start("--devices 3");
    run(&env, "device rotate bay2", &variables).done();
    end(&env, running);
    // One has its own key by now, and one more is asked for.
    let (running, variables) = start("--devices 4");
    let names = "alice$parking$bay1\nalice$parking$bay2\nalice$parking$bay3\nalice$parking$bay4\n";
    assert_eq!(fleet(&variables), names);
    all_publish(&variables);
    let keys = |name: &str| run(&env, &format!("config get devices.{name}.key"), &variables).done().stdout;
    assert!(keys("bay2") != keys("bay1") && keys("bay4") == keys("bay1"));
    end(&env, running);
    // A smaller number deletes none, and devices that were deleted by hand are created again.
    let (running, variables) = start("--devices 2");
    assert_eq!(fleet(&variables), names);
    run(&env, "device delete bay1 --yes", &variables).done();
    end(&env, running);
    let home = folder(&variables);
    let (running, variables) = start("--devices 2");
    assert_eq!(fleet(&variables).lines().count(), 4);
    all_publish(&variables);
    end(&env, running);
    // Without the folder their keys are gone; they get another.
    fs::remove_dir_all(&home).unwrap();
    let (_running, variables) = start("--devices 4");
    assert_eq!(fleet(&variables).lines().count(), 4);
    all_publish(&variables);
}

#[test]
fn a_fleet_has_a_size_that_a_sandbox_can_have() {
    let env = TestEnv::new();
    for count in ["0", "10001", "many"] {
        env.i3(&format!("sandbox --devices {count}")).fails(2, &["--devices <N>"]);
    }
}

#[test]
fn the_house_has_a_broker_that_knows_nothing_of_i3() {
    let env = TestEnv::new();
    let script = r#"
        eval "$(i3 sandbox --background --house)"
        trap 'kill "$I3_SANDBOX_PID"' EXIT
        echo "$I3_HOUSE"; echo "$I3_BROKER"
    "#;
    let said = env.shell(script).done().stdout;
    let brokers: Vec<BrokerUrl> = said.lines().map(|line| line.parse().unwrap()).collect();
    assert!(brokers[0].is_loopback() && brokers[0] != brokers[1], "{said}");

    let (_sandbox, variables) = start(&env, "--house");
    let house = address(&variables, "I3_HOUSE");
    let client = |id: &str| Client::open_at(&house, Version::V311, connect_packet(id, "", "")).0;
    let mut gateway = client("gateway");
    gateway.subscribe("zigbee2mqtt/+/soil", QoS::AtLeastOnce);
    client("sensor").publish("zigbee2mqtt/bed1/soil", "31");
    assert_eq!(gateway.message(), "31");
    // What is published in the house stays there.
    let mut buyer = run(&env, &format!("sub -v -t {TOPIC} -W 1"), &variables).start().says("Subscribed to");
    client("sensor").publish(TOPIC, "1");
    assert_eq!(buyer.line(), "");
    // Only its own port.
    let port = house.port.to_string();
    env.i3("sandbox --house --house-port").arg(&port).fails(73, &[&format!("cannot listen on 127.0.0.1:{port}")]);
    env.i3("sandbox --house-port 0").fails(2, &["--house"]);
    let (_sandbox, without) = start(&env, "");
    assert!(!without.contains_key("I3_HOUSE"));
    gateway.send(Packet::PingReq);
    assert_eq!(gateway.next(), Some(Packet::PingResp));
}
