//! A gateway between an MQTT broker of the house and I3's, and what both of them see.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Running, TestEnv};

/// The configuration of a device at a broker that takes any password.
pub fn env_of(port: u16, devices: &[&str]) -> TestEnv {
    let mut env = TestEnv::new();
    env.unset(i3::config::env::BROKER);
    let password = env.secret("device.pw", "secret");
    let device = |name: &&str| format!("[devices.'alice$parking${name}']\npassword_file = '{}'\n", password.display());
    let devices: String = devices.iter().map(device).collect();
    fs::create_dir_all(env.config_file().parent().unwrap()).unwrap();
    fs::write(env.config_file(), format!("broker = 'mqtt://127.0.0.1:{port}'\n{devices}")).unwrap();
    env
}

/// The tables of an MQTT source called house.
pub fn house(port: u16, more: &str) -> String {
    format!("[[source]]\nname = 'house'\nurl = 'mqtt://127.0.0.1:{port}'\n{more}\n")
}

/// The table of a route from there.
pub fn route(filter: &str, device: &str, topic: &str, more: &str) -> String {
    format!("[[route]]\nfrom = 'house'\nmatch = '{filter}'\ndevice = '{device}'\ntopic = '{topic}'\n{more}\n")
}

/// Writes the gateway's file.
pub fn write(env: &TestEnv, tables: &[String]) -> PathBuf {
    let file = env.path("gateway.toml");
    fs::write(&file, format!("rejects = 'rejects.jsonl'\n{}", tables.concat())).unwrap();
    file
}

/// Starts a gateway that logs in as fast as it can, and waits until it takes messages for each of its `sessions`.
pub fn start(env: &TestEnv, options: &str, sessions: usize) -> Running {
    let pace = if options.contains("--log-ins") { "" } else { "--log-ins 1000/s" };
    let mut gateway = env.i3(&format!("gateway gateway.toml {pace} {options}")).start();
    for _ in 0..sessions {
        gateway = gateway.says("akes messages from");
    }
    gateway
}

/// Has a client publish at the house, and waits until its broker has acknowledged everything.
pub fn publish(port: u16, topic: &str, lines: &[String]) {
    let port = port.to_string();
    let mut client = Command::new("mosquitto_pub")
        .args(["-p", &port, "-q", "1", "-t", topic, "-l"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("mosquitto_pub comes with mosquitto");
    let mut input = client.stdin.take().unwrap();
    input.write_all(lines.iter().map(|line| format!("{line}\n")).collect::<String>().as_bytes()).unwrap();
    drop(input);
    assert!(client.wait().unwrap().success());
}

/// `first` to `last`, each as a line.
pub fn numbered(first: u32, last: u32) -> Vec<String> {
    (first..=last).map(|n| n.to_string()).collect()
}

/// Sends a signal.
pub fn signal(process: &Running, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &process.id().to_string()]).status().unwrap().success());
}

/// Waits until this holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < limit, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The lines of the file for rejected messages.
pub fn rejected(env: &TestEnv) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(env.path("rejects.jsonl")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
