//! Gateways that are killed at random instants while I3's broker goes up and down and closes the connection at some messages, a
//! device cannot log in, and the clock jumps: everything that the house has acknowledged arrives, or is kept with the rejected
//! messages.
//!
//! `I3_CHAOS=10m cargo test --release --test it gateway_chaos -- --nocapture` runs it for as long as one likes.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use i3::config::env;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::program::{PROGRAM, TOPIC, TestEnv};
use crate::stream_mosquitto::Mosquitto;
use crate::support::clock::Clock;
use crate::support::folder::Folder;
use crate::support::gateway::{env_of, house, publish, route};
use crate::support::recording_broker::{POISON, Recorder};

/// A gateway that may be killed at any moment.
struct Gateway<'a> {
    env: &'a TestEnv,
    /// Its files are `NAME.toml` and `NAME.jsonl`.
    name: &'static str,
    child: Option<Child>,
}

impl Gateway<'_> {
    fn start(&mut self, clock: &[(&str, &str)]) {
        let child = Command::new(PROGRAM)
            .args(["gateway", &format!("{}.toml", self.name), "--confirm", "none", "--log-ins", "100/s", "--quiet"])
            .current_dir(self.env.cwd())
            .env_clear()
            .env("HOME", self.env.home())
            .env(env::SYSTEM_CONFIG, self.env.system_file())
            .envs(clock.iter().copied())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn rejected(&self) -> Vec<String> {
        let text = fs::read_to_string(self.env.path(&format!("{}.jsonl", self.name))).unwrap_or_default();
        let payload = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["payload"].as_str().unwrap().to_owned()
        };
        // One that was killed may have left a piece of a line, which the next one has ended.
        text.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).map(payload).collect()
    }
}

impl Drop for Gateway<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

#[test]
fn whatever_the_house_has_acknowledged_arrives_through_chaos() {
    let Some(home) = Mosquitto::start() else { return };
    let time = std::env::var("I3_CHAOS").map_or(Duration::from_secs(8), |t| humantime::parse_duration(&t).unwrap());
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1", "lot2"]);
    let missing = env.path("missing.pw");
    let config = fs::read_to_string(env.config_file()).unwrap();
    let refused = format!("[devices.'alice$parking$lot3']\npassword_file = '{}'\n", missing.display());
    fs::write(env.config_file(), config + &refused).unwrap();
    let shared = |id: &str| house(home.port, &format!("share = 'i3'\nclient_id = '{id}'"));
    let own = house(home.port, "").replace("'house'", "'own'");
    // One device's messages go to either gateway, the other's to the first alone, in order.
    let first = [
        shared("east"),
        own,
        route("any", "lot1", TOPIC, ""),
        route("one", "lot2", TOPIC, "").replace("'house'", "'own'"),
    ];
    let second = [shared("west"), route("any", "lot1", TOPIC, ""), route("stuck", "lot3", TOPIC, "")];
    let folder = Folder::new();
    let clock = Clock::new(&folder);
    let mut gateways = [("east", &first[..]), ("west", &second[..])].map(|(name, tables)| {
        fs::write(env.path(&format!("{name}.toml")), format!("rejects = '{name}.jsonl'\n{}", tables.concat())).unwrap();
        let mut gateway = Gateway { env: &env, name, child: None };
        gateway.start(&clock.environment());
        gateway
    });
    // Before the first subscriptions the house keeps nothing.
    let mut probe = 0;
    for topic in ["one", "any", "stuck"] {
        let subscribed = || {
            probe += 1;
            publish(home.port, topic, &[format!("probe:{topic}:{probe}")]);
            topic == "stuck" || recorder.messages().iter().any(|message| message.starts_with(&format!("probe:{topic}")))
        };
        crate::support::gateway::eventually("the gateways subscribe", subscribed);
    }
    let (mut sent, mut kills, mut outages, mut is_up, mut number) = (Vec::new(), 0, 0, true, 0);
    let end = Instant::now() + time;
    while Instant::now() < end {
        for topic in ["one", "any", "stuck"] {
            let lines: Vec<String> = (0..random.random_range(1..200))
                .map(|_| {
                    number += 1;
                    let poison = if topic != "stuck" && random.random_ratio(1, 400) { POISON } else { "" };
                    format!("{poison}{topic}:{number}")
                })
                .collect();
            publish(home.port, topic, &lines);
            sent.extend(lines);
        }
        match random.random_range(0..6) {
            0 if is_up => {
                recorder.go_down();
                (is_up, outages) = (false, outages + 1);
            }
            0 | 1 if !is_up => {
                recorder.up();
                is_up = true;
            }
            1 => recorder.cut(),
            2 => clock.jump(&mut random),
            _ => {
                let gateway = &mut gateways[random.random_range(0..2)];
                gateway.kill();
                kills += 1;
                gateway.start(&clock.environment());
            }
        }
        std::thread::sleep(Duration::from_micros(random.random_range(0..200_000)));
    }
    if !is_up {
        recorder.up();
    }
    // The device that could not log in can, from the next start on.
    fs::copy(env.path("device.pw"), &missing).unwrap();
    gateways.iter_mut().for_each(|gateway| {
        gateway.kill();
        gateway.start(&[]);
    });
    let limit = Instant::now() + Duration::from_secs(120) + time;
    let poisoned: BTreeSet<&str> = sent.iter().map(String::as_str).filter(|line| line.starts_with(POISON)).collect();
    let expected: BTreeSet<&str> = sent.iter().map(String::as_str).filter(|line| !line.starts_with(POISON)).collect();
    loop {
        let came = recorder.messages();
        let came: BTreeSet<&str> = came.iter().map(String::as_str).collect();
        let rejected: Vec<String> = gateways.iter().flat_map(Gateway::rejected).collect();
        let kept = poisoned.iter().all(|line| rejected.iter().any(|kept| kept == line));
        if expected.is_subset(&came) && kept {
            break;
        }
        assert!(
            Instant::now() < limit,
            "seed {seed}: {} of {} are missing, {} of {} were refused",
            expected.difference(&came).count(),
            expected.len(),
            rejected.len(),
            poisoned.len()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    let first = recorder.first_arrivals();
    let of_one: Vec<&String> = first.iter().filter(|line| line.starts_with("one:")).collect();
    let in_order: Vec<&String> = sent.iter().filter(|line| line.starts_with("one:")).collect();
    assert_eq!(of_one, in_order, "seed {seed}: the messages of one gateway keep their order");
    println!(
        "{kills} kills and {outages} outages in {time:?}: {} messages arrived, {} of them again; {} were refused",
        first.len(),
        recorder.messages().len() - first.len(),
        poisoned.len()
    );
}
