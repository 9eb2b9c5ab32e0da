//! What the program knows about its own build, for `i3 --version -v`; and how a program that is only tested is linked.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=I3_TARGET={}", variable("TARGET"));
    let is_gnu = variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu";
    if variable("PROFILE") == "debug" {
        // The tests start it some thousand times, and half of each start is 160,000 relocations. What is shipped keeps its
        // random addresses.
        if is_gnu {
            println!("cargo::rustc-link-arg-bins=-no-pie");
        }
        return;
    }
    // What prints a backtrace, from GCC's archive: a library less that each start has to load.
    if is_gnu && output("cc", &["-print-file-name=libgcc_eh.a"]).is_some_and(|path| path.starts_with('/')) {
        println!("cargo::rustc-link-lib=gcc_eh");
    }
    // Not in a build for tests, which each commit would make again.
    if let Some(commit) = packaged_commit().or_else(commit) {
        println!("cargo::rustc-env=I3_COMMIT={commit}");
    }
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// The commit that `cargo package` notes in what it packs.
fn packaged_commit() -> Option<String> {
    let notes = std::fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let commit = notes.split('"').skip_while(|text| *text != "sha1").nth(2)?;
    Some(commit.into())
}

/// The commit that is checked out, unless the sources only lie somewhere in a repository of something else.
fn commit() -> Option<String> {
    let root = output("git", &["rev-parse", "--show-toplevel"])?;
    if Path::new(&root) != Path::new(&variable("CARGO_MANIFEST_DIR")) {
        return None;
    }
    // What changes with each commit and checkout; cargo would take a file that is not there for changed each time.
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = output("git", &["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    output("git", &["rev-parse", "HEAD"])
}

/// Returns what a command prints, if it succeeds.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
