//! Line mode on a real Mosquitto, the broker that I3 runs.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::folder::Folder;
use crate::support::line_mode::{TOPIC, numbers, start};
use crate::support::reserved_port::ReservedPort;
use crate::support::skipped::without_mosquitto;

pub struct Mosquitto {
    child: Child,
    pub port: u16,
    _reserved: ReservedPort,
    folder: Folder,
}

impl Mosquitto {
    /// `None`, with a notice, where there is no Mosquitto and none is required.
    pub fn start() -> Option<Mosquitto> {
        Mosquitto::start_with("")
    }

    /// As [`start`](Self::start), with more lines of configuration.
    pub fn start_with(more: &str) -> Option<Mosquitto> {
        let folder = Folder::new();
        let reserved = ReservedPort::new();
        let port = reserved.number();
        let config = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\npersistence true\n\
             persistence_location {}/\n{more}",
            folder.display()
        );
        std::fs::write(folder.join("mosquitto.conf"), config).unwrap();
        // If root starts it, it becomes another user, who must be able to save its data here.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        let child = spawn(&folder);
        if child.is_none() {
            without_mosquitto("mosquitto");
        }
        let mosquitto = Mosquitto { child: child?, port, _reserved: reserved, folder };
        mosquitto.wait();
        Some(mosquitto)
    }

    fn wait(&self) {
        for _ in 0..1000 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("mosquitto does not answer");
    }

    /// Stops it as an operator would, so that it saves the messages that it has acknowledged, and restarts it on the same port.
    pub fn restart(&mut self) {
        let ended = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(ended.success());
        let _ = self.child.wait();
        self.child = spawn(&self.folder).unwrap();
        self.wait();
    }

    /// What arrives from now on, with this client id, until `last` has.
    fn subscribe(&self, id: &str, qos: &str, last: String) -> std::thread::JoinHandle<Vec<String>> {
        let mut child = Command::new("stdbuf")
            // Its output waits in a buffer otherwise.
            .args([
                "-oL",
                "mosquitto_sub",
                "-p",
                &self.port.to_string(),
                "-q",
                qos,
                "-t",
                TOPIC,
                "-d",
                "-i",
                id,
                "-c",
                // Lines that have not arrived by then are missing, and the test fails instead of waiting longer.
                "-W",
                "120",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .expect("mosquitto_sub comes with mosquitto");
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        // With -d it also prints its own packets.
        let is_own = |line: &str| line.starts_with("Client ") || line.starts_with("Subscribed");
        // What was kept for it may come before the answer to the subscription.
        let mut lines = Vec::new();
        loop {
            let line = output.next().unwrap().unwrap();
            if line.starts_with("Subscribed") {
                break;
            }
            lines.extend(Some(line).filter(|line| !is_own(line)));
        }
        std::thread::spawn(move || {
            while lines.last() != Some(&last) {
                match output.next() {
                    Some(line) => lines.extend(Some(line.unwrap()).filter(|line| !is_own(line))),
                    None => break,
                }
            }
            let _ = child.kill();
            let _ = child.wait();
            lines
        })
    }
}

fn spawn(folder: &std::path::Path) -> Option<Child> {
    let mut paths: Vec<PathBuf> =
        std::env::var_os("PATH").map(|p| std::env::split_paths(&p).collect()).unwrap_or_default();
    // Where Debian has it, which is not on everyone's path.
    paths.push("/usr/sbin".into());
    let program = paths.into_iter().map(|p| p.join("mosquitto")).find(|p| p.exists())?;
    let mut command = Command::new(program);
    command.arg("-c").arg(folder.join("mosquitto.conf")).stderr(Stdio::null()).stdout(Stdio::null());
    Some(command.spawn().unwrap())
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn first_arrivals(lines: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    lines.into_iter().filter(|line| seen.insert(line.clone())).collect()
}

fn all(count: u64) -> Vec<String> {
    (1..=count).map(|n| n.to_string()).collect()
}

#[test]
fn a_hundred_thousand_lines_arrive_at_qos_1_and_many_at_qos_2() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    for (qos, count) in [("1", 100_000), ("2", 20_000)] {
        // At QoS 1 lines may come again, and be kept for a subscriber that has gone.
        let subscriber = mosquitto.subscribe(&format!("subscriber{qos}"), qos, count.to_string());
        let mut run = start(mosquitto.port, &["-l", "-t", TOPIC, "-q", qos]);
        run.feed(numbers(count));
        let done = run.end();
        assert_eq!((done.code, done.count("acknowledged")), (Some(0), count), "{done:?}");
        let arrived = subscriber.join().unwrap();
        let arrived = if qos == "1" { first_arrivals(arrived) } else { arrived };
        assert!(arrived == all(count), "QoS {qos}: {} lines: {done:?}", arrived.len());
    }
}

#[test]
fn a_broker_that_is_killed_and_restarted_loses_nothing() {
    let Some(mut mosquitto) = Mosquitto::start() else { return };
    let count = 20_000;
    // A subscriber that is away: the broker keeps its share.
    let port = mosquitto.port.to_string();
    let away = ["-E", "-c", "-i", "subscriber", "-q", "1", "-t", TOPIC, "-p", &port];
    assert!(Command::new("mosquitto_sub").args(away).status().unwrap().success());
    let mut run = start(mosquitto.port, &["-l", "-t", TOPIC, "-q", "1", "--window", "500"]);
    // Each part is more than the pipe holds, so lines flow by the time that it is written.
    let expected: Vec<String> = (1..=count).map(|n| format!("{n:040}")).collect();
    let input = expected.join("\n").into_bytes();
    for (n, part) in input.chunks(input.len() / 3 + 1).enumerate() {
        if n > 0 {
            mosquitto.restart();
        }
        run.write(part);
    }
    let done = run.end();
    assert_eq!((done.code, done.count("acknowledged")), (Some(0), count), "{done:?}");
    let arrived =
        first_arrivals(mosquitto.subscribe("subscriber", "1", expected[expected.len() - 1].clone()).join().unwrap());
    let wrong = arrived.iter().zip(&expected).position(|(got, sent)| got != sent);
    assert!(arrived == expected, "{} arrived, the first wrong one is at {wrong:?}: {done:?}", arrived.len());
}
