//! TAB in real shells, at a terminal: the command gets exactly the completed text.

use std::fs;

use crate::program::{LOT1, TOPIC, TestEnv};
use crate::support::pty::{AtTerminal, at_terminal_of};
use crate::support::skipped::without_shell;

const READY: &str = "ready> ";

/// A line with a TAB at its end, and the words that the command then gets, after `i3`.
const LINES: &[(&str, &str)] = &[
    // Commands and options.
    ("i3 demo g", "<demo><gateway>"),
    ("i3 pub --dev", "<pub><--device>"),
    ("i3 completions fi", "<completions><fish>"),
    ("i3 gateway che", "<gateway><check>"),
    ("i3 gateway secret-f", "<gateway><secret-file>"),
    ("i3 pub -D WI", "<pub><-D><WILL>"),
    // Devices: short, in full, in quotes, with an equals sign, behind a pipe.
    ("i3 token ", "<token><lot1>"),
    ("i3 token lo", "<token><lot1>"),
    ("i3 pub --device alice", "<pub><--device><alice$parking$lot1>"),
    ("i3 pub --device 'alice$p", "<pub><--device><alice$parking$lot1>"),
    ("i3 pub --device=lo", "<pub><--device=lot1>"),
    ("i3 pub --device=alice", "<pub><--device=alice$parking$lot1>"),
    ("echo 1 | i3 pub -l --device lo", "<pub><-l><--device><lot1>"),
    ("i3 config get devices.lot1.key", "<config><get><devices.lot1.key>"),
    // What the marketplace has shown.
    ("i3 pub --device lot1 -t ", "<pub><--device><lot1><-t><alice/parking/occupancy>"),
    ("i3 product list --hub al", "<product><list><--hub><alice/parking>"),
    // What this machine has.
    ("i3 --profile wo", "<--profile><work>"),
    ("i3 spool status al", "<spool><status><alice$parking$lot1>"),
    ("i3 explain permission-c", "<explain><permission-cache>"),
    // Files where a file belongs, and nowhere else.
    ("i3 pub --pw-file secret-f", "<pub><--pw-file><secret-file>"),
    ("i3 pub --file=secret-f", "<pub><--file=secret-file>"),
    ("i3 pub --pw secret-f", "<pub><--pw><secret-f>"),
    ("i3 pub -m secret-f", "<pub><-m><secret-f>"),
    ("i3 token secret-f", "<token><secret-f>"),
    ("i3 keygen secret-f", "<keygen><secret-f>"),
];

/// A device, a hub and a product that were seen, a profile, a spool, and a file; there is no marketplace any more.
fn prepared() -> TestEnv {
    let env = TestEnv::with_lot1();
    for line in ["hub list", "product list", "device list"] {
        env.i3(line).done();
    }
    env.i3("config set user alice --profile work").done();
    fs::create_dir_all(env.home().join(".local/state/i3-marketplace/spool").join(LOT1)).unwrap();
    env.secret("secret-file", "x");
    env
}

/// A shell that has read the completion script, and for which `i3` prints its arguments.
fn shell(env: &TestEnv, name: &str) -> Option<AtTerminal> {
    if !["/bin", "/usr/bin"].iter().any(|bin| fs::exists(format!("{bin}/{name}")).unwrap()) {
        without_shell(name);
        return None;
    }
    env.secret("script", env.i3(&format!("completions {name}")).done().stdout);
    let mut run = env.shell("exec \"$@\"").env("PS1", READY).env("I3_MARKET", "http://127.0.0.1:1");
    let (args, prepare) = match name {
        "bash" => (
            ["--norc", "--noprofile", "-i"].as_slice(),
            "bind 'set bell-style none'; source ./script; i3() { printf '<%s>' \"$@\"; printf '=ran\\n'; }",
        ),
        "zsh" => (
            ["-f", "-i"].as_slice(),
            "unsetopt beep zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ./script; i3() { printf '<%s>' \"$@\"; printf '=ran\\n'; }",
        ),
        _ => (
            ["--no-config", "-i", "-C", "function fish_prompt; printf %s $PS1; end"].as_slice(),
            "source ./script; function i3; printf '<%s>' $argv; printf '=ran\\n'; end",
        ),
    };
    run.command.args(["sh", name]).args(args);
    let mut shell = at_terminal_of(&run.command, 200, 50);
    shell.shows(READY).types(&format!("{prepare}\r")).shows(READY);
    Some(shell)
}

fn completes(name: &str) {
    let env = prepared();
    let Some(mut shell) = shell(&env, name) else { return };
    for (line, words) in LINES {
        shell.types(&format!("{line}\t"));
        // The completion ends with a blank, or closes the quote, or leaves the line unchanged.
        shell.types("\r").shows("=ran").shows(READY);
        let ran = shell.screen().lines().rev().find(|line| line.contains("=ran") && line.contains('<')).unwrap();
        let ran = ran.rsplit_once("=ran").unwrap().0;
        let ran = &ran[ran.find('<').unwrap()..];
        assert_eq!(ran, *words, "{name}: {line}");
    }
}

#[test]
fn bash_puts_in_what_the_command_takes() {
    completes("bash");
}

#[test]
fn zsh_puts_in_what_the_command_takes() {
    completes("zsh");
}

#[test]
fn fish_puts_in_what_the_command_takes() {
    completes("fish");
}

#[test]
fn what_is_asked_at_tab_says_what_each_is_without_a_network() {
    let env = prepared();
    let ask = |shell: &str, words: &[&str]| {
        let mut run = env.i3_with(&format!("completions {shell} --candidates --"), words);
        run.command.env("I3_MARKET", "http://127.0.0.1:1");
        run.done().stdout
    };
    assert_eq!(ask("zsh", &["token", "lo"]), format!("words\nlot1\t{LOT1}\n"));
    assert_eq!(ask("bash", &["i3 token al", ""]), "words\nalice\\$parking\\$lot1\n");
    assert_eq!(ask("fish", &["pub", "-lt", ""]), format!("words\n{TOPIC}\t\n"));
    assert!(ask("fish", &["pub", "--qos", ""]).starts_with("words\n0\t"));
    assert!(ask("fish", &["explain", "topic-c"]).contains("topic-case\tt"));
    assert_eq!(ask("zsh", &["sub", "--plot-png", ""]), "files\n");
    assert_eq!(ask("zsh", &["sub", "--capath", ""]), "folders\n");
    // A command or a file: the program knows both.
    let both = ask("zsh", &["gateway", ""]);
    assert!(both.starts_with("words\ncheck\t") && both.contains("\nsecret-file\t\n"), "{both}");
    assert_eq!(ask("zsh", &["gateway", "secret"]), "files\n");
    assert!(
        ask("zsh", &["pub", "-D", ""]).contains("\nPUBLISH\t")
            && ask("zsh", &["sub", "-D", ""]).contains("\nSUBSCRIBE\t")
    );
    assert_eq!(ask("zsh", &["--profile", "work", "token", ""]), "words\n");
    for secret in [["pub", "--pw", ""], ["pub", "-P", ""]] {
        assert_eq!(ask("zsh", &secret), "words\n");
    }
    // A private key is not accepted.
    let key = env.i3_with("completions zsh --candidates -- pub -P", &["-----BEGIN PRIVATE KEY-----"]);
    key.fails(77, &["a private key"]);
}
