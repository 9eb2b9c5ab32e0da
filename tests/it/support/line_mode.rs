//! The program in line mode, as a child process with its own environment.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use super::folder::Folder;

pub const DEVICE: &str = "alice$parking$lot1";
pub const TOPIC: &str = "alice/parking/occupancy";
pub const SECRET: &str = "secret";

pub struct Run {
    child: Child,
    _home: Folder,
    pub stdin: Option<ChildStdin>,
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub stderr: String,
    /// The accounting.
    pub tally: serde_json::Value,
}

impl Done {
    pub fn count(&self, name: &str) -> u64 {
        self.tally[name].as_u64().unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }
}

/// Starts `i3 pub` as the device, with `--json` for the accounting.
pub fn start(port: u16, args: &[&str]) -> Run {
    start_with(port, args, &[])
}

/// The same with more in the environment.
pub fn start_with(port: u16, args: &[&str], environment: &[(&str, &str)]) -> Run {
    let home = Folder::new();
    let child = Command::new(env!("CARGO_BIN_EXE_i3"))
        .args(["pub", "--json", "-u", DEVICE, "--host", "127.0.0.1", "--port", &port.to_string()])
        .args(args)
        .env_clear()
        .env("I3_HOME", home.path())
        .env("I3_PASSWORD", SECRET)
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap();
    Run { stdin: child.stdin.take(), child, _home: home }
}

impl Run {
    pub fn write(&mut self, bytes: &[u8]) {
        self.stdin.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// Writes from its own thread, as a producer does, and ends the input.
    pub fn feed(&mut self, bytes: Vec<u8>) {
        let mut stdin = self.stdin.take().unwrap();
        // A program that ends early closes the pipe.
        std::thread::spawn(move || drop(stdin.write_all(&bytes)));
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end, which must come within a minute.
    pub fn end(self) -> Done {
        self.end_within(Duration::from_secs(60))
    }

    /// Waits for the end.
    pub fn end_within(mut self, time: Duration) -> Done {
        drop(self.stdin.take());
        let limit = Instant::now() + time;
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() > limit {
                let _ = self.child.kill();
                panic!("it hangs: {:?}", self.child.wait_with_output());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = self.child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(stdout.lines().count() <= 1, "more than one accounting: {stdout}");
        Done {
            code: output.status.code(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            tally: serde_json::from_str(&stdout).unwrap_or_default(),
        }
    }
}

/// Publishes the bytes as lines to TOPIC, without proof.
pub fn lines(port: u16, args: &[&str], input: impl Into<Vec<u8>>) -> Done {
    let mut all = vec!["-l", "-t", TOPIC, "--confirm", "none"];
    all.extend(args);
    let mut run = start(port, &all);
    run.feed(input.into());
    run.end()
}

/// `1` to `count`, one a line.
pub fn numbers(count: u64) -> Vec<u8> {
    (1..=count).flat_map(|n| format!("{n}\n").into_bytes()).collect()
}

/// Runs `i3 spool drain` on this spool as the device, with `--json` for the accounting.
pub fn drain(home: &Path, spool: &Path, port: u16, args: &[&str]) -> Done {
    let output = Command::new(env!("CARGO_BIN_EXE_i3"))
        .args(["spool", "drain", "--json", "-u", DEVICE, "--host", "127.0.0.1", "--port", &port.to_string()])
        .arg("--spool")
        .arg(spool)
        .args(args)
        .env_clear()
        .env("I3_HOME", home)
        .env("I3_PASSWORD", SECRET)
        .output()
        .unwrap();
    Done {
        code: output.status.code(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        tally: serde_json::from_slice(&output.stdout).unwrap_or_default(),
    }
}
