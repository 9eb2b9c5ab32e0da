//! Questions at a terminal: how they are answered and ended, and that the terminal is as it was afterwards.

use std::fs;

use crate::program::{LONG, LOT1, Run, TOPIC, TestEnv, key_pem};
use crate::support::gateway::eventually;
use crate::support::pty::{AtTerminal, at_terminal, at_terminal_with};
use crate::support::skipped::without_shell;

const PASSPHRASE: &str = "correct horse";
const SECRET: &str = "hunter2-hunter2";
/// A command without the secrets of the environment.
const BARE: &str = "env -u I3_USER -u I3_LOGIN_PASSWORD -u I3_API_KEY i3";

/// The questions: the command that asks them, the text that is shown, and the input before the next one.
const QUESTIONS: &[(&str, &[(&str, &str)])] = &[
    ("login", &[("User name at", "")]),
    ("login --user alice", &[("Log-in password of alice", "")]),
    ("login --user alice --login-password-stdin", &[("Log-in password of alice", "")]),
    (
        "signup --user carol --email carol@example.org",
        &[("New log-in password of carol", "secret one\r"), ("Repeat", "")],
    ),
    ("token --inspect", &[("Token", "")]),
    ("pubkey --key encrypted.pem", &[("Passphrase of encrypted.pem", "")]),
    ("keygen --out new.pem --ask-passphrase", &[("New passphrase of new.pem", "secret one\r"), ("Repeat", "")]),
    ("product delete alice/parking/occupancy", &[("[y/N]", "")]),
];

/// lot1 is registered with a key that has a passphrase, and that is the only one there.
fn with_encrypted_key() -> TestEnv {
    let env = TestEnv::with_lot1();
    env.secret("pass", PASSPHRASE);
    let mut encrypt = env.command("openssl");
    encrypt.command.args(["pkcs8", "-topk8", "-in", "lot1.pem", "-passout", "file:pass", "-out", "encrypted.pem"]);
    encrypt.done();
    let text = fs::read(env.path("encrypted.pem")).unwrap();
    env.secret("lot1.pem", &text);
    env
}

/// `product delete` needs the marketplace's password to ask at all.
fn line(command: &str) -> String {
    let program = if command.starts_with("product") { "i3" } else { BARE };
    format!("{program} {command}")
}

/// A shell at a terminal, without anybody's settings. It is ready when it shows [`READY`].
fn shell(env: &TestEnv, name: &str) -> Option<AtTerminal> {
    let found = ["/bin", "/usr/bin", "/usr/local/bin"]
        .into_iter()
        .any(|folder| fs::exists(format!("{folder}/{name}")).unwrap());
    if !found {
        without_shell(name);
        return None;
    }
    // Its own PATH has `i3`.
    let mut run = env.shell("exec \"$@\"").env("PS1", READY);
    run.command.args(["sh", name]).args(match name {
        "bash" => ["--norc", "--noprofile", "-i"].as_slice(),
        "zsh" => &["-f", "-i"],
        "fish" => &["--no-config", "-C", "function fish_prompt; echo -n 'ready> '; end", "-i"],
        _ => &["-i"],
    });
    let mut at = at_terminal(&run.command);
    at.shows(READY);
    Some(at)
}

const READY: &str = "ready> ";

/// Has the shell do this, and waits until it is ready again.
fn does(at: &mut AtTerminal, line: &str) {
    // Split, so that the line itself is not mistaken for its output.
    at.types(&format!("{line}; echo do''ne\r")).shows("done").shows(READY);
}

/// The mode of the terminal, as a program of this shell finds it.
fn mode(env: &TestEnv, at: &mut AtTerminal) -> String {
    does(at, "stty -a >mode");
    env.read("mode")
}

/// Whether a process waits for something (proc_pid_stat(5)).
fn is_asleep(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    stat.rsplit(") ").next().unwrap().starts_with('S')
}

fn is_given_back(shell_name: &str) {
    let env = with_encrypted_key();
    let Some(mut at) = shell(&env, shell_name) else { return };
    let before = mode(&env, &mut at);
    assert!(before.contains(" echo ") && before.contains(" icanon "), "{before}");
    let tried = |at: &mut AtTerminal, line: &str, asked: &[(&str, &str)], end: &dyn Fn(&mut AtTerminal)| {
        at.types(&format!("{line}\r"));
        for (question, answer) in asked {
            at.shows(question).types(answer);
        }
        end(at);
        at.shows(READY);
        assert_eq!(mode(&env, at), before, "{shell_name}: {line}:\n{}", at.screen());
    };
    let keys = |keys: &'static str| move |at: &mut AtTerminal| _ = at.types(keys);
    for (command, asked) in QUESTIONS {
        let line = line(command);
        tried(&mut at, &line, asked, &keys("\x03"));
        tried(&mut at, &line, asked, &keys("\x1c"));
        tried(&mut at, &line, asked, &keys("\x1b"));
        let noted = |line: &str| format!("sh -c 'echo $$ >pid; exec {line}'");
        tried(&mut at, &noted(&format!("timeout --foreground 600 {line}")), asked, &|at| {
            // Until it waits for its child, timeout(1) ends at Ctrl-C without it.
            eventually("timeout waits", || is_asleep(env.read("pid").trim()));
            at.types("\x03");
        });
        for signal in ["TERM", "HUP"] {
            tried(&mut at, &noted(&line), asked, &|_| {
                env.shell(&format!("kill -s {signal} $(cat pid)")).done();
            });
        }
    }
    // Whose time is up while it asks.
    let (command, asked) = QUESTIONS[1];
    tried(&mut at, &format!("timeout --foreground 1 {}", line(command)), asked, &|_| ());
    assert!(!at.screen().contains("\x1b[?25l"), "a cursor is hidden: {}", at.screen());
}

#[test]
fn the_terminal_is_given_back_in_dash() {
    is_given_back("dash");
}

#[test]
fn the_terminal_is_given_back_in_bash() {
    is_given_back("bash");
}

#[test]
fn the_terminal_is_given_back_in_zsh() {
    is_given_back("zsh");
}

#[test]
fn the_terminal_is_given_back_in_fish() {
    is_given_back("fish");
}

/// The exit code of what `line` starts is shown at the end.
fn asks(env: &TestEnv, line: &str) -> AtTerminal {
    at_terminal(&env.shell(&format!("{line}; echo code $?")).command)
}

#[test]
fn a_signal_ends_the_program_as_it_does_elsewhere() {
    let env = TestEnv::new();
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129), ("ALRM", 142)] {
        let mut at = asks(&env, &format!("sh -c 'echo $$ >pid; exec {BARE} login'"));
        at.shows("User name at");
        env.shell(&format!("kill -s {signal} $(cat pid)")).done();
        at.shows(&format!("code {code}"));
    }
    // One that was ignored before stays ignored.
    let mut at = asks(&env, &format!("trap '' HUP TERM; sh -c 'echo $$ >pid; exec {BARE} login'"));
    at.shows("User name at");
    env.shell("kill -s HUP $(cat pid); kill -s TERM $(cat pid)").done();
    at.types("alice\r").shows("Log-in password of alice").types("\x1b").shows("code 1");
}

#[test]
fn escape_and_the_end_of_input_end_a_question() {
    let env = with_encrypted_key();
    for (command, asked) in QUESTIONS {
        for key in ["\x1b", "\x04"] {
            let mut at = asks(&env, &line(command));
            for (question, answer) in *asked {
                at.shows(question).types(answer);
            }
            at.types(key).shows("cancelled").shows("code 1");
        }
    }
    assert!(env.i3("product list").done().stdout.contains(TOPIC));
}

/// The line asks these questions, and the secret that is typed each time is never on the screen; then it succeeds with this.
fn is_asked_hidden(env: &TestEnv, line: &str, questions: &[&str], secret: &str, then: &str) {
    let mut at = asks(env, line);
    for question in questions {
        at.shows(question).types(&format!("{secret}\r"));
    }
    at.shows(then).shows("code 0");
    assert!(!at.screen().contains(secret), "{}", at.screen());
}

#[test]
fn a_secret_for_stdin_is_asked_for_without_echo() {
    let env = TestEnv::with_lot1();
    env.secret("token", env.i3("token lot1").done().stdout);
    let token = env.read("token").trim().to_owned();
    let password = env.sandbox.seed().seller_password.expose().to_owned();
    let hidden = |line: &str, questions: &[&str], secret: &str, then: &str| {
        is_asked_hidden(&env, line, questions, secret, then);
    };
    let login = format!("{BARE} login --user alice --login-password-stdin");
    hidden(&login, &["Log-in password of alice"], &password, "alice");
    hidden("i3 token --inspect", &["Token"], &token, "RS256");
    let publish = format!("i3 pub --device lot1 --pw-stdin -t {TOPIC} -m 678 --timeout {LONG} -v");
    hidden(&publish, &[&format!("Password of {LOT1}")], &token, "");
    let register = "i3 register lot2 --hub parking --password-stdin";
    hidden(register, &["New password for lot2", "Repeat"], SECRET, "lot2");
    let signup = format!("{BARE} signup --user carol --email carol@example.org --login-password-stdin");
    hidden(&signup, &["New log-in password of carol", "Repeat"], SECRET, "carol");
    // From a pipe it is read as before, without a question.
    env.shell(&format!("echo {password} | {login}")).succeeds("alice\n").does_not_say(&["Log-in password"]);
}

#[test]
fn a_secret_in_a_file_that_is_a_terminal_is_asked_for_without_echo() {
    let env = with_encrypted_key();
    env.secret("token", env.i3("token lot1 --passphrase-file pass").done().stdout);
    let token = env.read("token").trim().to_owned();
    let password = env.sandbox.seed().seller_password.expose().to_owned();
    let api_key = env.shell("printf %s \"$I3_API_KEY\"").done().stdout;
    let hidden = |line: &str, questions: &[&str], secret: &str, then: &str| {
        is_asked_hidden(&env, line, questions, secret, then);
    };
    for terminal in ["/dev/stdin", "/dev/tty", "/dev/fd/0", "/proc/self/fd/0"] {
        let login = format!("{BARE} login --user alice --login-password-file {terminal}");
        hidden(&login, &["Log-in password of alice"], &password, "alice");
    }
    hidden(&format!("{BARE} hub list --api-key-file /dev/tty"), &["API key"], &api_key, "alice/parking");
    hidden("i3 pubkey --key encrypted.pem --passphrase-file /dev/stdin", &["Passphrase of"], PASSPHRASE, "");
    let publish = format!("i3 pub --device lot1 --pw-file /dev/tty -t {TOPIC} -m 678 --timeout {LONG} -v");
    hidden(&publish, &[&format!("Password of {LOT1}")], &token, "");
    let doctor = format!("i3 doctor lot1 --pw-file /dev/tty --topic {TOPIC} --publish");
    hidden(&doctor, &["Secret from /dev/tty"], &token, "");
    let register = "i3 register lot2 --hub parking --password-file /dev/stdin";
    hidden(register, &["New password for lot2", "Repeat"], SECRET, "lot2");
    // It is stored, and not asked for each time.
    assert!(env.i3("pub --device lot2 -m 678 -t").arg(TOPIC).done().code == 0);
    let signup = format!("{BARE} signup --user carol --email carol@example.org --login-password-file /dev/tty");
    hidden(&signup, &["New log-in password of carol", "Repeat"], SECRET, "carol");
    // A key has many lines.
    let mut at = asks(&env, "i3 pubkey --key /dev/tty");
    at.shows("Private key (PEM)").types(&key_pem().replace('\n', "\r")).shows("code 0");
    assert!(key_pem().lines().all(|line| !at.screen().contains(line)), "{}", at.screen());
}

#[test]
fn a_passphrase_is_typed_twice_for_a_new_key_and_once_for_a_command() {
    let env = with_encrypted_key();
    let hidden = |line: &str, questions: &[&str]| is_asked_hidden(&env, line, questions, PASSPHRASE, "");
    hidden("i3 keygen --out new.pem --ask-passphrase", &["New passphrase of new.pem", "Repeat"]);
    env.i3("pubkey --key new.pem --passphrase-file pass").done();
    env.i3("pubkey --key new.pem").fails(78, &["key-passphrase"]);
    let before = env.read("lot1.pem");
    let mut at = asks(&env, "i3 device rotate lot1");
    at.shows("Passphrase of ").types(&format!("{PASSPHRASE}\r")).shows("code 0");
    assert_eq!(at.screen().matches("Passphrase of ").count(), 1, "{}", at.screen());
    let after = env.read("lot1.pem");
    assert!(after.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----") && after != before);
    // Standard input may be a terminal, too, and the old format has a blank line within.
    env.secret("plain.pem", key_pem());
    let mut old = env.command("openssl");
    old.command.args([
        "rsa",
        "-traditional",
        "-aes256",
        "-in",
        "plain.pem",
        "-passout",
        "file:pass",
        "-out",
        "old.pem",
    ]);
    old.done();
    let mut at = asks(&env, "i3 pubkey --key -");
    at.shows("Private key (PEM)").types(&env.read("old.pem").replace('\n', "\r"));
    at.shows("Passphrase of the key").types(&format!("{PASSPHRASE}\r")).shows("code 0");
}

#[test]
fn a_question_speaks_by_the_terminal_while_stdin_is_data() {
    let env = with_encrypted_key();
    env.secret("lines", "678\n679\n");
    let mut publish: Run = env.shell(&format!(
        "i3 pub --device lot1 -l -t {TOPIC} --timeout {LONG} --json >out 2>err; echo code $? >/dev/tty"
    ));
    publish.command.env_remove("I3_LOGIN_PASSWORD");
    let mut at = at_terminal_with(&publish.command, Some(&env.path("lines")));
    at.shows("Passphrase of ").types(&format!("{PASSPHRASE}\r")).shows("code 0");
    assert!(!at.screen().contains(PASSPHRASE), "{}", at.screen());
    assert_eq!(env.read("err"), "");
    assert!(env.read("out").contains("\"acknowledged\":2"), "{}", env.read("out"));
    // Neither a pipe's data nor a file's is taken for the answer.
    let mut delete = at_terminal(&env.shell(&format!("echo y | i3 product delete {TOPIC}; echo code $?")).command);
    delete.shows("[y/N]").types("n").shows("code 1");
}

#[test]
fn nobody_is_asked_in_the_background() {
    let env = TestEnv::new();
    let Some(mut at) = shell(&env, "bash") else { return };
    // Its own process group, which a shell without job control leaves in the background.
    does(&mut at, &format!("sh -c 'timeout 60 {BARE} login --user alice; true'"));
    assert!(at.screen().contains("the log-in password is missing"), "{}", at.screen());
}

#[test]
fn an_answer_can_be_corrected() {
    let env = TestEnv::new();
    let mut at = asks(&env, &format!("{BARE} login"));
    // An arrow key, Alt with a letter and Ctrl-D in the middle are no characters.
    at.shows("User name at").types("nobody\x15bob w\u{fc}\x7f\x17\x17\x1b[Aa\x1b[1;5Clx\x7f\x1bxi\x04ce\r");
    at.shows("Log-in password of alice").types("\x1b").shows("code 1");
    // What is erased is erased on the screen: a letter of two columns, twice.
    let mut at = asks(&env, &format!("{BARE} login"));
    at.shows("User name at")
        .types("\u{65e5}")
        .shows("\u{65e5}")
        .types("\x7f")
        .shows("\x08 \x08\x08 \x08")
        .types("\x1b");
    // The two answers must be equal.
    let mut at = asks(&env, &format!("{BARE} signup --user carol --email carol@example.org"));
    at.shows("New log-in password").types("one\r").shows("Repeat").types("two\r").shows("do not match");
    at.shows("New log-in password").types("\r").shows("New log-in password").types("\x1b").shows("code 1");
}

#[test]
fn after_a_pause_the_question_is_asked_again_without_echo() {
    let env = TestEnv::new();
    let password = env.sandbox.seed().seller_password.expose().to_owned();
    for name in ["bash", "dash", "zsh", "fish"] {
        let Some(mut at) = shell(&env, name) else { continue };
        let before = mode(&env, &mut at);
        at.types(&format!("{BARE} login --user alice\r")).shows("Log-in password of alice").types("\x1a").shows(READY);
        assert_eq!(mode(&env, &mut at), before, "{name}: {}", at.screen());
        at.types("fg\r").shows("Log-in password of alice").types(&password).types("\r").shows("alice").shows(READY);
        assert!(!at.screen().contains(&password), "{name}: {}", at.screen());
        assert_eq!(mode(&env, &mut at), before, "{name}: {}", at.screen());
    }
}

#[test]
fn the_rest_of_what_was_pasted_is_no_command() {
    let env = TestEnv::new();
    let Some(mut at) = shell(&env, "dash") else { return };
    at.types(&format!("{BARE} login --user alice\r")).shows("Log-in password of alice");
    at.types(&key_pem().replace('\n', "\r")).shows("error").shows(READY);
    does(&mut at, "true");
    let body = key_pem().lines().nth(1).unwrap();
    assert!(!at.screen().contains(body), "{}", at.screen());
    assert!(at.screen().contains("private key"), "{}", at.screen());
}
