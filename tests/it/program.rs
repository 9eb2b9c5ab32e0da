//! The built program in a test environment: a sandbox, an empty environment, its own home and working directory.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::thread::JoinHandle;
use std::time::Duration;

use i3::catalogue::split_label;
use i3::config::env;
use i3::key::PrivateKey;
use i3::sandbox::{Options, RunningSandbox, Sandbox};

use crate::http::Browser;
use crate::support::folder::Folder;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_i3");
pub const LOT1: &str = "alice$parking$lot1";
pub const TOPIC: &str = "alice/parking/occupancy";
/// A topic of lot1's hub that no product has.
pub const NO_PRODUCT: &str = "alice/parking/occupency";
/// For messages that never come back: long enough for every answer that does come.
pub const SHORT: &str = "1s";
/// A time that only something broken takes.
pub const LONG: &str = "60s";

/// The private key of lot1 in all these tests: making one takes a while.
pub fn key_pem() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(new_key_pem)
}

/// Another private key, which nobody uses.
pub fn other_key_pem() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(new_key_pem)
}

fn new_key_pem() -> String {
    PrivateKey::generate(2048).unwrap().to_pem().unwrap().as_str().to_owned()
}

pub fn key() -> PrivateKey {
    PrivateKey::parse(key_pem().as_bytes(), || Ok(None)).unwrap()
}

/// The permission bits of a file or folder.
pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).permissions().mode() & 0o7777
}

/// Copies the program, in another process: while this one writes a program, a child that another test starts at that moment keeps
/// it open for writing, and it cannot be run.
pub fn copy_of_program(to: &Path) {
    assert!(Command::new("cp").arg(PROGRAM).arg(to).status().unwrap().success());
}

/// A sandbox, and a folder with a home and a working directory in which the program runs, with this environment only.
pub struct TestEnv {
    pub sandbox: RunningSandbox,
    folder: Folder,
    env: BTreeMap<OsString, OsString>,
}

/// A sandbox whose broker verifies tokens in no time.
pub fn quick() -> Options {
    Options { token_cost: Duration::ZERO, ..Options::default() }
}

impl TestEnv {
    /// A current marketplace and broker, whose log-ins by token take no time.
    pub fn new() -> TestEnv {
        TestEnv::with(quick())
    }

    /// The released marketplace and broker: forms only, MQTT 3.1.1 only.
    pub fn released() -> TestEnv {
        TestEnv::with(Options { rest: false, mqtt5: false, ..quick() })
    }

    /// A sandbox with these options, and an empty home.
    pub fn with(options: Options) -> TestEnv {
        let sandbox = Sandbox::spawn(options).unwrap();
        let folder = Folder::new();
        for name in ["cwd", "home", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let mut env = BTreeMap::new();
        for (name, value) in i3::commands::sandbox::variables(&sandbox, Path::new("")) {
            env.insert(name.into(), value.into());
        }
        // A folder for the sandbox's own use hides where everything lies otherwise.
        env.remove(OsStr::new(env::HOME));
        // What this machine is configured with is none of the tests' business.
        env.insert(env::SYSTEM_CONFIG.into(), folder.path().join("system.toml").into());
        // Nor is an agent that somebody runs on it.
        env.insert(env::AGENT.into(), folder.path().join("agent/socket").into());
        env.insert("HOME".into(), folder.path().join("home").into());
        env.insert("TMPDIR".into(), folder.path().join("tmp").into());
        env.insert("PATH".into(), "/usr/local/bin:/usr/bin:/bin".into());
        TestEnv { sandbox, folder, env }
    }

    /// An environment where lot1 is registered with `lot1.pem`.
    pub fn with_lot1() -> TestEnv {
        TestEnv::with_lot1_on(quick())
    }

    pub fn with_lot1_on(options: Options) -> TestEnv {
        let env = TestEnv::with(options);
        env.register_lot1();
        env
    }

    /// An environment with `lot1.pem`, and with more hubs and devices than one page of the API's lists holds.
    pub fn with_long_lists() -> (TestEnv, Browser) {
        let env = TestEnv::new();
        env.secret("lot1.pem", key_pem());
        let mut alice = Browser::of_seller(&env.sandbox);
        for n in 0..12 {
            alice.post("/hubs/create/", &[("name", &format!("hub{n:02}")), ("private", "False")]);
            alice.create_device(&format!("lot{n:02}"), "1", "hunter2secret");
        }
        (env, alice)
    }

    pub fn register_lot1(&self) {
        self.secret("lot1.pem", key_pem());
        self.i3("register lot1 --hub parking --key lot1.pem").succeeds(&format!("{LOT1}\n"));
    }

    pub fn unset(&mut self, name: &str) {
        self.env.remove(OsStr::new(name));
    }

    pub fn cwd(&self) -> PathBuf {
        self.folder.path().join("cwd")
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub fn tmp(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    /// `config.toml` where XDG puts it.
    pub fn config_file(&self) -> PathBuf {
        self.home().join(".config/i3-marketplace/config.toml")
    }

    /// The machine's config file.
    pub fn system_file(&self) -> PathBuf {
        self.folder.path().join("system.toml")
    }

    /// Where the agent's socket is.
    pub fn agent(&self) -> PathBuf {
        self.folder.path().join("agent/socket")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.cwd().join(name)
    }

    /// Writes a file that its owner alone can read.
    pub fn secret(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.unwrap().write_all(content.as_ref()).unwrap();
        path
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program with these arguments: words of a line without quotes.
    pub fn i3(&self, line: &str) -> Run {
        self.i3_with(line, &[] as &[&str])
    }

    /// The program with the words of a line, and arguments after them as they are.
    pub fn i3_with<S: AsRef<OsStr>>(&self, line: &str, more: &[S]) -> Run {
        let mut run = self.command(PROGRAM);
        run.command.args(line.split_ascii_whitespace()).args(more);
        run
    }

    /// A line for the shell, in which `i3` is the program.
    pub fn shell(&self, line: &str) -> Run {
        let bin = self.folder.path().join("bin");
        if !bin.exists() {
            fs::create_dir(&bin).unwrap();
            std::os::unix::fs::symlink(PROGRAM, bin.join("i3")).unwrap();
        }
        let mut path = bin.into_os_string();
        path.push(":/usr/local/bin:/usr/bin:/bin");
        let mut run = self.command("sh").env("PATH", path);
        run.command.args(["-c", line]);
        run
    }

    /// Any program in this environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Run {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).current_dir(self.cwd());
        Run { command, input: Vec::new() }
    }
}

/// A process that is about to run, without a terminal.
pub struct Run {
    pub command: Command,
    input: Vec<u8>,
}

impl Run {
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Run {
        self.command.arg(arg);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Run {
        self.command.env(name, value);
        self
    }

    pub fn without(mut self, name: &str) -> Run {
        self.command.env_remove(name);
        self
    }

    /// Its stdin.
    pub fn input(mut self, input: impl AsRef<[u8]>) -> Run {
        self.input = input.as_ref().to_vec();
        self
    }

    pub fn start(mut self) -> Running {
        let shown = format!("{:?}", self.command);
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // In the background of the terminal where the tests run, if they do: the person there is not to be asked.
        self.command.process_group(0);
        let mut child = self.command.spawn().unwrap_or_else(|e| panic!("{shown}: {e}"));
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.input);
        // On its own thread: a pipe takes 64 KiB before somebody reads.
        let feeder = std::thread::spawn(move || {
            // Whoever does not read it does not want it.
            let _ = stdin.write_all(&input);
        });
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        Running { child, out, err, said: String::new(), shown, feeder: Some(feeder) }
    }

    pub fn run(self) -> Outcome {
        self.start().finish()
    }

    /// Must end with 0 and have exactly this on stdout.
    pub fn succeeds(self, stdout: &str) -> Outcome {
        let outcome = self.done();
        assert_eq!(outcome.stdout, stdout, "{}", outcome.shown);
        outcome
    }

    /// Must end with 0.
    pub fn done(self) -> Outcome {
        let outcome = self.run();
        assert_eq!(outcome.code, 0, "{outcome}");
        outcome
    }

    /// Must end with 0, and stdout must be one JSON value.
    pub fn json(self) -> serde_json::Value {
        let outcome = self.done();
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome}"))
    }

    /// Must end with this code, without data, and say all of this.
    pub fn fails(self, code: i32, says: &[&str]) -> Outcome {
        let outcome = self.run();
        assert_eq!(outcome.code, code, "{outcome}");
        assert_eq!(outcome.stdout, "", "{outcome}");
        outcome.says(says);
        outcome
    }
}

/// A process that runs; it is ended when dropped.
pub struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    err: BufReader<ChildStderr>,
    said: String,
    shown: String,
    feeder: Option<JoinHandle<()>>,
}

impl Running {
    /// Reads stderr up to a line that holds `marker`.
    pub fn says(mut self, marker: &str) -> Running {
        let mut line = String::new();
        while !line.contains(marker) {
            line.clear();
            let read = self.err.read_line(&mut line).unwrap();
            self.said += &line;
            assert!(read > 0, "{} ended without '{marker}': {}", self.shown, self.said);
        }
        self
    }

    /// What was read of stderr so far.
    pub fn said(&self) -> &str {
        &self.said
    }

    /// The next line of stdout.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }

    /// Reads stdout up to a line that holds `marker`.
    pub fn until(&mut self, marker: &str) {
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "{} ended without '{marker}'", self.shown);
            if line.contains(marker) {
                return;
            }
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the end, which must be 0, and returns the rest of stdout unchanged.
    pub fn finish_bytes(mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.out.read_to_end(&mut out).unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{}", self.shown);
        out
    }

    pub fn finish(mut self) -> Outcome {
        // Both pipes are read at once, or a full one would stop the process.
        let (mut out, mut said) = (Vec::new(), Vec::new());
        std::thread::scope(|scope| {
            scope.spawn(|| self.err.read_to_end(&mut said).unwrap());
            self.out.read_to_end(&mut out).unwrap();
        });
        let status = self.child.wait().unwrap();
        if let Some(feeder) = self.feeder.take() {
            feeder.join().unwrap();
        }
        let outcome = Outcome {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(out).unwrap(),
            stderr: std::mem::take(&mut self.said) + &String::from_utf8(said).unwrap(),
            shown: self.shown.clone(),
        };
        outcome.is_explained();
        outcome
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The line of an error: the catalogue's entry that it names, and its message.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    pub id: Option<&'static str>,
    pub message: &'a str,
}

/// How a process ended, and its output.
pub struct Outcome {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub shown: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\nexit {}\nstdout: {}\nstderr: {}", self.shown, self.code, self.stdout, self.stderr)
    }
}

impl Outcome {
    /// Must have ended with 0: its stdout.
    pub fn succeeded(self) -> String {
        assert_eq!(self.code, 0, "{self}");
        self.stdout
    }

    /// Must have ended with 0 and have exactly this on stdout.
    pub fn succeeded_with(&self, stdout: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (0, stdout), "{self}");
    }

    /// Every error must name an entry of the catalogue that explains it.
    fn is_explained(&self) {
        let of_json = |line: &str| {
            let json: serde_json::Value = serde_json::from_str(line).ok()?;
            let message = json["error"]["message"].as_str()?.to_owned();
            Some((json["error"]["id"].as_str().and_then(i3::catalogue::find), message))
        };
        let of_text = |line: &str| {
            let (entry, message) = split_label(line);
            line.starts_with("error").then(|| (entry, message.to_owned()))
        };
        let error = self.stderr.lines().find_map(|line| of_text(line).or_else(|| of_json(line)));
        let Some((entry, message)) = error.filter(|_| self.shown.contains(PROGRAM)) else { return };
        assert!(entry.is_some_and(|entry| entry.id != "unexpected"), "no entry explains '{message}': {self}");
    }

    /// The error that it ended with, as text on stderr.
    pub fn error(&self) -> Failure<'_> {
        let line =
            self.stderr.lines().find(|line| line.starts_with("error")).unwrap_or_else(|| panic!("no error: {self}"));
        let (entry, message) = split_label(line);
        Failure { id: entry.map(|entry| entry.id), message }
    }

    /// The hint under the error.
    pub fn hint(&self) -> &str {
        self.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_else(|| panic!("no hint: {self}"))
    }

    /// Stderr must be empty.
    pub fn is_silent(&self) -> &Outcome {
        assert_eq!(self.stderr, "", "{self}");
        self
    }

    pub fn says(&self, parts: &[&str]) -> &Outcome {
        for part in parts {
            assert!(self.stderr.contains(part), "stderr lacks '{part}': {self}");
        }
        self
    }

    pub fn does_not_say(&self, parts: &[&str]) -> &Outcome {
        for part in parts {
            assert!(!self.stderr.contains(part), "stderr has '{part}': {self}");
        }
        self
    }

    /// No part of this secret may be printed: no eight characters in a row of any of its lines.
    pub fn keeps_secret(&self, secret: &str) -> &Outcome {
        for line in secret.lines().filter(|line| !line.starts_with("-----")) {
            let letters: Vec<char> = line.chars().collect();
            for window in letters.windows(8) {
                let part: String = window.iter().collect();
                assert!(!self.stdout.contains(&part) && !self.stderr.contains(&part), "'{part}' is printed: {self}");
            }
        }
        self
    }
}
