//! Programs that continue in the background: started again, detached, and announced as variables for the shell.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Context;

use super::error::{CliError, ExitKind};
use super::intake::{Holds, VARIABLES};
use super::ui::Ui;
use crate::catalogue::Entry;
use crate::pkcs11;
use crate::shell::quoted;

/// Options of the commands that go on in the background, whose values are files.
const FILES: [&str; 2] = ["--config", "--state"];
/// Variables with paths that libraries read.
const LIBRARIES: [&str; 3] = ["SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR"];
/// So many descriptors a process has at most, where nothing says which it has.
const DESCRIPTORS: i32 = 65_536;

/// Starts this program again with the same arguments but `--background`, and returns the variables that it announces. Errors
/// call it `what`, and `entry` explains them. It keeps nothing of its caller: no terminal, no folder, and no
/// descriptor, such as that of a lock.
///
/// # Errors
/// It cannot be started, or ends before it has announced itself; the error has its exit code and output.
pub fn start(what: &str, entry: &'static Entry) -> anyhow::Result<BTreeMap<String, String>> {
    let program = std::env::current_exe().context("this program cannot find its own file")?;
    let paths = VARIABLES.iter().filter(|(_, holds)| *holds == Holds::Path).map(|(name, _)| *name).chain(LIBRARIES);
    let paths = paths.filter_map(|name| Some((name, std::env::var_os(name)?)));
    // The system looks for a module with a plain name in folders of its own.
    let paths = paths.filter(|(name, path)| *name != pkcs11::MODULE || path.as_bytes().contains(&b'/'));
    let mut command = Command::new(program);
    command
        // It announces itself as JSON, which is one line even with unusual characters in a path.
        .args(arguments(std::env::args_os().skip(1)))
        .arg("--json")
        .envs(paths.map(|(name, path)| (name, absolute(&path))))
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    close_in_children();
    detach(&mut command);
    let mut child = command.spawn().with_context(|| format!("the {what} cannot be started"))?;
    let mut announced = String::new();
    let mut out = BufReader::new(child.stdout.take().with_context(|| format!("the {what} has no stdout"))?);
    if out.read_line(&mut announced)? > 0 {
        return serde_json::from_str(&announced).with_context(|| format!("the {what} does not announce itself"));
    }
    let mut said = String::new();
    if let Some(mut err) = child.stderr.take() {
        std::io::Read::read_to_string(&mut err, &mut said)?;
    }
    let status = child.wait()?;
    let failure = CliError::new(ExitKind::of_code(status.code()), format!("the {what} did not start"));
    let (mut failure, mut has_hint) = (failure.hint(entry), false);
    for line in said.lines() {
        let told: Option<serde_json::Value> = serde_json::from_str(line).ok();
        let told = told.as_ref().map(|told| &told["error"]);
        let causes = told.and_then(|error| error["because"].as_array()).into_iter().flatten();
        // Output that is not an error of the program itself is shown unchanged.
        let message = told.map_or(Some(line), |error| error["message"].as_str());
        failure = message.into_iter().chain(causes.filter_map(|cause| cause.as_str())).fold(failure, CliError::because);
        if let Some(hint) = told.and_then(|error| error["hint"].as_str()) {
            (failure, has_hint) = (failure.hint(hint), true);
        }
    }
    // An error of the program itself says everything.
    Err(if has_hint { failure } else { failure.because(status.to_string()) }.into())
}

/// Returns the arguments of the program that goes on, for which a relative path would be another.
fn arguments(given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut names_file = false;
    let wanted = given.filter(|arg| arg != "--background" && arg != "--json");
    wanted
        .map(|arg| {
            if std::mem::take(&mut names_file) {
                return absolute(&arg);
            }
            names_file = FILES.iter().any(|option| arg == *option);
            let joined = |option: &&str| arg.as_bytes().strip_prefix(option.as_bytes())?.strip_prefix(b"=");
            match FILES.iter().find_map(|option| Some((option, joined(option)?))) {
                Some((option, path)) => {
                    let path = absolute(OsStr::from_bytes(path)).into_vec();
                    OsString::from_vec([option.as_bytes(), b"=", &path].concat())
                }
                None => arg,
            }
        })
        .collect()
}

/// Returns a path that means the same in every folder, as one that begins with `~` does.
fn absolute(path: &OsStr) -> OsString {
    let given = Path::new(path);
    match given.starts_with("~") || path.is_empty() {
        true => path.into(),
        false => std::path::absolute(given).map_or_else(|_| path.into(), Into::into),
    }
}

/// Has no program that is started from now on get what this one has open beyond stdin, stdout and stderr.
#[expect(unsafe_code, reason = "no library that is here anyway does it by number")]
fn close_in_children() {
    let listed = std::fs::read_dir("/dev/fd").map(|entries| {
        entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect::<Vec<i32>>()
    });
    for descriptor in listed.unwrap_or_else(|_| (0..DESCRIPTORS).collect()).into_iter().filter(|number| *number > 2) {
        // SAFETY: a call with plain numbers, which leaves open what is open in this process.
        unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
}

/// Has the program begin a session of its own: no terminal ends it, with Ctrl-C or when it closes.
#[expect(unsafe_code, reason = "the standard library offers this for a group of processes only")]
fn detach(command: &mut Command) {
    // SAFETY: the closure makes one system call, and touches no memory.
    unsafe { command.pre_exec(|| rustix::process::setsid().map(drop).map_err(Into::into)) };
}

/// Shows variables as one JSON object, otherwise as commands for a shell: each value is one word, regardless of its contents.
///
/// # Errors
/// As [`Ui::raw`].
pub fn show(ui: &Ui, variables: &BTreeMap<String, String>) -> anyhow::Result<()> {
    if ui.json {
        return ui.unnumbered(variables);
    }
    let export = |(name, value): (&String, &String)| format!("export {name}={}\n", quoted(value));
    ui.raw(variables.iter().map(export).collect::<String>().as_bytes())
}
