//! Commands that the system refuses files, threads, space or their own streams: an error with its exit code, never a panic,
//! a death by a signal, half a file, or a result that is lost with exit code 0.

use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use i3::key::PrivateKey;

use crate::program::{PROGRAM, TOPIC, TestEnv, quick};
use crate::support::schema;
use crate::support::skipped::skipped;

/// A command that ends without being stopped.
struct Case {
    line: &'static str,
    /// Whether it prints a result on stdout, which is lost if that is closed.
    prints: bool,
    /// Whether it needs its stdin.
    reads: bool,
}

const fn prints(line: &'static str) -> Case {
    Case { line, prints: true, reads: false }
}

const fn reads(line: &'static str) -> Case {
    Case { line, prints: false, reads: true }
}

/// One at least for each command.
const CASES: &[Case] = &[
    prints("token lot1"),
    prints("token --key lot1.pem -n"),
    prints("token --key lot1.pem --json"),
    Case { line: "token --inspect", prints: true, reads: true },
    prints("keygen --out new.pem"),
    prints("pubkey --key lot1.pem"),
    prints("whoami"),
    prints("hub list"),
    prints("hub list --json"),
    prints("hub create meadow"),
    prints("product list"),
    prints("product search --hub alice/parking"),
    prints("product show alice/parking/occupancy"),
    prints("device list"),
    prints("device show lot1"),
    prints("register lot2 --hub parking --key other.pem"),
    prints("sales"),
    prints("sales --json"),
    prints("purchases --json"),
    prints("notifications --json"),
    prints("request list --json"),
    prints("login"),
    Case { line: "logout", prints: false, reads: false },
    reads("login --login-password-stdin"),
    Case { line: "pub --device lot1 -t alice/parking/occupancy -m 678 --timeout 5s", prints: false, reads: false },
    prints("sub --device lot1 -t alice/parking/occupancy -C 1 -W 1"),
    prints("spool status"),
    prints("doctor --device lot1 --offline"),
    prints("explain clock"),
    prints("completions bash"),
    prints("--help"),
    prints("token --help"),
    prints("--version"),
];

/// How a command ended: its exit code, or the signal that ended it below zero.
struct Ended {
    code: i32,
    stdout: Vec<u8>,
    stderr: String,
    shown: String,
}

impl Ended {
    /// Checks that it names the resource that it could not get.
    fn is_for_want_of_resources(&self) {
        assert!(self.code == 75 && self.stderr.contains("error[process-limits]"), "{}: {}", self.code, self.stderr);
    }
}

/// A folder with keys and a registered device, in which commands run under a limit that the shell sets.
struct Scene {
    env: TestEnv,
    /// Another user than root, whom no limit binds.
    user: Option<u32>,
}

impl Scene {
    fn new() -> Scene {
        let env = TestEnv::with_lot1_on(quick());
        env.secret("other.pem", PrivateKey::generate(2048).unwrap().to_pem().unwrap().as_bytes());
        Scene { env, user: None }
    }

    /// Has the commands run as a user who has no other process, if this is root's.
    fn of_nobody(mut self) -> Scene {
        let folder = self.env.cwd().parent().unwrap().to_owned();
        if std::fs::metadata(&folder).unwrap().uid() == 0 {
            let user = 40_000 + rand::random::<u32>() % 20_000;
            for path in files(&folder).into_iter().chain([folder]) {
                chown(path, Some(user), Some(user)).unwrap();
            }
            self.user = Some(user);
        }
        self
    }

    /// Runs the command; `shell` is run by the shell first, and `redirections` are those of the program.
    fn run(&self, shell: &str, line: &str, redirections: &str) -> Ended {
        let shown = format!("{shell}; i3 {line} {redirections}");
        let script = format!("{shell}; exec {PROGRAM} {line} {redirections}");
        let mut command = match self.user {
            // Only bash limits the number of threads.
            None => self.env.command(if shell.contains("-u") { "bash" } else { "sh" }).command,
            Some(user) => {
                let mut command = self.env.command("setpriv").command;
                command.args([format!("--reuid={user}"), format!("--regid={user}")]);
                command.args(["--clear-groups", "bash"]);
                command
            }
        };
        let output = command.args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
        let code = output.status.code().unwrap_or_else(|| -output.status.signal().unwrap());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Ended { code, stdout: output.stdout, stderr, shown }
    }

    /// Checks how a command ended, and that it left nothing half done.
    fn check(&self, ended: &Ended) {
        let Ended { code, stderr, shown, .. } = ended;
        let said = format!("{shown}\nexit {code}\n{stderr}");
        // The C library itself ends a process that has no memory left for the first variable of a thread.
        let by_c_library = *code == -6 && stderr.starts_with("Fatal glibc error");
        assert!((*code >= 0 || by_c_library) && !stderr.contains("panicked"), "{said}");
        for file in files(self.env.cwd().parent().unwrap()) {
            let name = file.file_name().unwrap().to_str().unwrap();
            // A file that is being written has such a name, with random letters after a second dot.
            assert!(!(name.starts_with('.') && name.matches('.').count() > 2), "{} is left: {said}", file.display());
            let is_empty = file.metadata().unwrap().len() == 0;
            assert!(
                !(name.ends_with(".pem") || name.ends_with(".pub") || name.ends_with(".toml")) || !is_empty,
                "{said}"
            );
        }
        let key = self.env.path("new.pem");
        if key.exists() {
            PrivateKey::read(&key, || Ok(None)).unwrap_or_else(|e| panic!("{e}: {said}"));
            std::fs::remove_file(&key).unwrap();
            _ = std::fs::remove_file(self.env.path("new.pem.pub"));
        }
    }
}

/// All files and folders below one.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path));
        }
        found.push(path);
    }
    found
}

/// Runs each command under a limit. With exit code 0 it must have printed its result.
fn each(scene: &Scene, shell: &str) {
    for case in CASES {
        let ended = scene.run(shell, case.line, "");
        scene.check(&ended);
        assert!(
            ended.code != 0 || !case.prints || !ended.stdout.is_empty() || case.line.starts_with("sub"),
            "{}: nothing was printed: {}",
            ended.shown,
            ended.stderr
        );
        assert!(ended.code == 0 || !ended.stderr.is_empty(), "{}: nothing was said", ended.shown);
    }
}

#[test]
fn few_open_files_are_an_error() {
    let scene = Scene::new();
    each(&scene, "ulimit -n 7");
    let refused = scene.run("ulimit -n 7", "pub --device lot1 -t alice/parking/occupancy -m 678", "");
    refused.is_for_want_of_resources();
    for few in 3..12 {
        scene.check(&scene.run(&format!("ulimit -n {few}"), "keygen --out new.pem", ""));
        scene.check(&scene.run(&format!("ulimit -n {few}"), "hub list", ""));
        scene.check(&scene.run(&format!("ulimit -n {few}"), "pub -l --device lot1 -t alice/parking/occupancy", ""));
        let spooled = "pub -l --device lot1 -t alice/parking/occupancy --spool spool";
        let ended = scene.run(&format!("ulimit -n {few}"), spooled, "");
        scene.check(&ended);
        assert!(!ended.stderr.contains("spool-place"), "{}", ended.shown);
    }
}

#[test]
fn no_thread_to_be_had_is_an_error() {
    let scene = Scene::new().of_nobody();
    if !["/usr/bin/setpriv", "/bin/bash"].iter().all(|program| Path::new(program).exists()) {
        return skipped("setpriv or bash is not installed; no command ran without threads");
    }
    let first = scene.run("ulimit -u 1", "--version", "");
    if first.code == 126 || first.code == 127 {
        return skipped("the program cannot be run as another user; no command ran without threads");
    }
    each(&scene, "ulimit -u 1");
    // Commands that need a thread report it.
    let refused = scene.run("ulimit -u 1", "pub -l --device lot1 -t alice/parking/occupancy", "");
    refused.is_for_want_of_resources();
    let refused =
        scene.run("ulimit -u 1", "pub --broker mqtt://localhost:1 --device lot1 -t alice/parking/occupancy -m 1", "");
    assert!(refused.code == 75, "{}: {}", refused.code, refused.stderr);
    let refused = scene.run("ulimit -u 1", "hub list --market http://localhost:1", "");
    refused.is_for_want_of_resources();
    let refused = scene.run("ulimit -u 1", "demo", "");
    refused.is_for_want_of_resources();
}

#[test]
fn a_limit_of_the_files_size_is_an_error() {
    let scene = Scene::new();
    each(&scene, "ulimit -f 0");
    let config = std::fs::read(scene.env.config_file()).unwrap();
    for line in ["keygen --out new.pem", "register lot3 --hub parking --key other.pem", "login"] {
        let refused = scene.run("ulimit -f 0", line, "");
        assert!(
            refused.code == 73 && refused.stderr.contains("File too large"),
            "{line}: {} {}",
            refused.code,
            refused.stderr
        );
    }
    assert_eq!(std::fs::read(scene.env.config_file()).unwrap(), config);
    // A result that is written into a file, too.
    let refused = scene.run("ulimit -f 0", "token lot1", "> token.txt");
    assert!(refused.code == 1 && refused.stderr.contains("stdout cannot be written"), "{}", refused.stderr);
}

/// Commands that run without a person.
const WITHOUT_A_PERSON: &[&str] = &[
    "token lot1",
    "keygen --out new.pem",
    "pub --device lot1 -t alice/parking/occupancy -m 678 --timeout 5s",
    "pub -l --device lot1 -t alice/parking/occupancy --timeout 5s < lines",
    "pub -l --device lot1 -t alice/parking/occupancy --timeout 5s -q 1 --spool < lines",
    "sub --device lot1 -t alice/parking/occupancy -E",
    "register lot2 --hub parking --key other.pem",
    "device list",
    "notifications list",
    "doctor --device lot1",
    "config list",
    "login --login-password-file password",
];

/// By how much the limits are above the smallest one under which the program starts at all, in KiB.
const STEPS: [u32; 5] = [0, 512, 2048, 6144, 16_384];

/// The address space, and the data.
#[test]
fn little_memory_is_an_error() {
    let scene = Scene::new();
    std::fs::write(scene.env.path("lines"), "1\n2\n3\n").unwrap();
    scene.env.secret("password", scene.env.sandbox.seed().seller_password.expose());
    let (shape, mut told_as_json) = (schema::named("error"), 0);
    for flag in ["-v", "-d"] {
        let under = |kilobytes: u32, line: &str| scene.run(&format!("ulimit {flag} {kilobytes}"), line, "");
        // Below that, the system reports it, or the program does not load.
        let (mut too_little, mut enough) = (0, 1 << 20);
        while too_little + 16 < enough {
            let middle = u32::midpoint(too_little, enough);
            if under(middle, "--version").code == 0 { enough = middle } else { too_little = middle }
        }
        let mut failed = 0;
        for line in WITHOUT_A_PERSON.iter().chain(&["config list --json"]) {
            for step in STEPS {
                let ended = under(enough + step, line);
                scene.check(&ended);
                let Ended { code, stderr, shown, .. } = &ended;
                let says = code == &0 || stderr.contains("error") || line.starts_with("doctor");
                assert!(
                    says && ![101, 134].contains(code) && !stderr.contains("memory allocation"),
                    "{shown}: {code} {stderr}"
                );
                failed += u32::from(stderr.contains("error[process-limits]"));
                for line in stderr.lines().filter(|line| line.starts_with("{\"error\"")) {
                    shape.check(&serde_json::from_str(line).unwrap());
                    told_as_json += 1;
                }
            }
        }
        assert!(failed > 0, "{flag}: no command had too little memory");
    }
    assert!(told_as_json > 0);
}

#[test]
fn a_closed_stream_is_an_error_to_whoever_needs_it() {
    let scene = Scene::new();
    for case in CASES {
        for (redirections, without_in, without_out) in [
            ("0<&-", true, false),
            ("1>&-", false, true),
            ("2>&-", false, false),
            ("0<&- 1>&-", true, true),
            ("0<&- 2>&-", true, false),
            ("1>&- 2>&-", false, true),
            ("0<&- 1>&- 2>&-", true, true),
            (">/dev/full", false, true),
        ] {
            // Each combination with a few commands, every command with a few.
            let is_usual = ["0<&-", "1>&-", "0<&- 1>&- 2>&-", ">/dev/full"].contains(&redirections);
            if !is_usual && !case.line.starts_with("token") && !case.line.starts_with("keygen") {
                continue;
            }
            let ended = scene.run(":", case.line, redirections);
            scene.check(&ended);
            if (case.prints && without_out && !case.line.starts_with("sub")) || (case.reads && without_in) {
                assert_ne!(ended.code, 0, "{}: {}", ended.shown, ended.stderr);
                assert!(redirections.contains("2>&-") || ended.stderr.contains("error"), "{}", ended.shown);
            }
            assert_ne!(ended.code, 101, "{}", ended.shown);
        }
    }
}

#[test]
fn a_stdout_that_was_chosen_to_go_nowhere_is_none_that_is_closed() {
    let scene = Scene::new();
    for redirections in [">/dev/null", "1<>/dev/null", "0<>/dev/null 1>&0 2>&0"] {
        let ended = scene.run(":", "token lot1", redirections);
        assert_eq!(ended.code, 0, "{}: {}", ended.shown, ended.stderr);
    }
    let closed = scene.run(":", "token lot1", "1>&-");
    let told = "error[output-unwritable]: stdout cannot be written\n  because: it is closed\nhint: ";
    assert!(closed.code == 1 && closed.stderr.starts_with(told), "{}", closed.stderr);
    let closed = scene.run(":", "token --inspect", "0<&-");
    assert!(closed.code == 66 && closed.stderr.contains("because: it is closed"), "{}", closed.stderr);
}

#[test]
fn messages_from_and_to_a_closed_stream_are_told_of_it() {
    let env = TestEnv::with_lot1();
    let publish = format!("i3 pub --device lot1 -t {TOPIC}");
    for options in ["-l", "-s", "--jsonl", "-l --spool", "-s --spool"] {
        let closed = env.shell(&format!("{publish} {options} 0<&-")).run();
        let told = "error[file-unusable]: stdin cannot be read\n  because: it is closed\nhint: ";
        assert!(closed.code == 66 && closed.stderr.contains(told), "{closed}");
        closed.does_not_say(&["os error", "ls -l"]);
    }
    let closed = env.shell(&format!("i3 sub --device lot1 -t {TOPIC} -C 1 -W 3 1>&-")).run();
    let told = "error[output-unwritable]: stdout cannot be written\n  because: it is closed\nhint: ";
    assert!(closed.code == 1 && closed.stderr.contains(told), "{closed}");
    // Nobody is to read anything.
    env.shell(&format!("i3 sub --device lot1 -t {TOPIC} -E 1>&-")).done();
}
