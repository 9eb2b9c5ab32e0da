//! Programs that continue in the background: started again, detached, and announced as variables for the shell.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use anyhow::Context;

use super::error::{CliError, ExitKind};
use super::ui::Ui;
use crate::catalogue::Entry;
use crate::shell::quoted;

/// Starts this program again with the same arguments but `--background`, and returns the variables that it announces. Errors
/// call it `what`, and `entry` explains them.
///
/// # Errors
/// It cannot be started, or ends before it has announced itself; the error has its exit code and output.
pub fn start(what: &str, entry: &'static Entry) -> anyhow::Result<BTreeMap<String, String>> {
    let program = std::env::current_exe().context("this program cannot find its own file")?;
    let mut child = Command::new(program)
        // It announces itself as JSON, which is one line even with unusual characters in a path.
        .args(std::env::args_os().skip(1).filter(|arg| arg != "--background" && arg != "--json"))
        .arg("--json")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // In its own process group: Ctrl-C at the terminal does not reach it.
        .process_group(0)
        .spawn()
        .with_context(|| format!("the {what} cannot be started"))?;
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
