//! The stage of a demonstration: a sandbox, a temporary folder, and the commands with their output.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::signals;
use crate::cli::ui::Ui;
use crate::commands::sandbox::{Home, variables};
use crate::sandbox::{Options, RunningSandbox, Sandbox};

/// One step: its title, the command as shown and as run, and the expected exit code.
pub struct Step {
    pub title: &'static str,
    pub shown: &'static str,
    pub args: &'static [&'static str],
    pub exit: i32,
}

pub struct Stage<'a> {
    ui: &'a Ui,
    pub home: Home,
    sandbox: RunningSandbox,
    stop: Stop,
}

/// Ctrl-C ends the demo between two steps, so that its folder is removed.
struct Stop {
    runtime: tokio::runtime::Runtime,
    signals: UnboundedReceiver<()>,
}

impl Stop {
    fn listen() -> std::io::Result<Stop> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let (_, signals) = runtime.block_on(async { signals::ending() })?;
        Ok(Stop { runtime, signals })
    }

    /// Whether a signal has arrived.
    fn is_requested(&mut self) -> bool {
        let moment = Duration::from_millis(1);
        self.runtime.block_on(async { matches!(tokio::time::timeout(moment, self.signals.recv()).await, Ok(Some(()))) })
    }
}

impl Stage<'_> {
    /// Starts a sandbox whose broker checks tokens instantly: a demo shows what happens, not how long it takes.
    ///
    /// # Errors
    /// The folder cannot be made, the sandbox cannot be started.
    pub fn open(ui: &Ui) -> anyhow::Result<Stage<'_>> {
        let home = Home::new(None)?;
        let sandbox = Sandbox::spawn(Options { token_cost: Duration::ZERO, ..Options::default() })?;
        Ok(Stage { ui, home, sandbox, stop: Stop::listen()? })
    }

    pub fn tell(&self, text: &str) -> anyhow::Result<()> {
        if self.ui.json || self.ui.quiet { Ok(()) } else { self.ui.line(text) }
    }

    pub fn run(&mut self, step: &Step) -> anyhow::Result<()> {
        self.may_go_on()?;
        let output = self.command(step.args)?.output()?;
        self.show(step, &output)
    }

    /// Starts a command that runs during the next steps.
    pub fn start(&mut self, step: &'static Step) -> anyhow::Result<Beside> {
        self.may_go_on()?;
        let mut child = self.command(step.args)?.spawn()?;
        let err = BufReader::new(child.stderr.take().context("the command has no stderr")?);
        Ok(Beside { step, child, err, said: String::new() })
    }

    /// Waits for the end of a background command, and shows it.
    pub fn finish(&self, beside: Beside) -> anyhow::Result<()> {
        let step = beside.step;
        self.show(step, &beside.finish()?)
    }

    /// # Errors
    /// A signal has arrived.
    fn may_go_on(&mut self) -> anyhow::Result<()> {
        if self.stop.is_requested() {
            let failure = CliError::new(ExitKind::Other, "the demo was interrupted");
            return Err(failure.hint(entry!("interrupted")).into());
        }
        Ok(())
    }

    fn command(&self, args: &[&str]) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe().context("cannot find the path of this program")?);
        // Variables for the real marketplace must not reach these commands.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("I3_")) {
            command.env_remove(name);
        }
        command.envs(variables(&self.sandbox, &self.home.path));
        command.args(args).current_dir(&self.home.path).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    /// Shows what a command printed. Its exit code must be the expected one.
    fn show(&self, step: &Step, output: &Output) -> anyhow::Result<()> {
        let Step { title, shown, exit, .. } = step;
        let command = format!("{} {shown}", self.ui.program);
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        self.show_as(title, &command, output.status.code(), &stdout, &stderr)?;
        if output.status.code() != Some(*exit) {
            bail!("`{shown}` ended with {} instead of {exit}", output.status);
        }
        Ok(())
    }

    /// Shows a file of the folder.
    pub fn show_file(&self, title: &str, name: &str) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(self.home.path.join(name))?;
        self.show_as(title, &format!("cat {name}"), Some(0), &text, "")
    }

    fn show_as(&self, title: &str, command: &str, exit: Option<i32>, stdout: &str, stderr: &str) -> anyhow::Result<()> {
        if self.ui.json {
            let step = json!({ "step": title, "command": command, "exit": exit, "stdout": stdout, "stderr": stderr });
            return self.ui.object(step);
        }
        self.tell(&format!("\n# {title}\n$ {command}"))?;
        for line in stderr.lines().chain(stdout.lines()) {
            self.tell(line)?;
        }
        match exit {
            Some(0) => Ok(()),
            code => self.tell(&format!("(exit code {})", code.map_or("none".into(), |c| c.to_string()))),
        }
    }
}

/// A command that runs in the background, and never outlives the demo.
pub struct Beside {
    step: &'static Step,
    child: Child,
    err: BufReader<ChildStderr>,
    said: String,
}

impl Beside {
    /// Waits until it prints a new line with `marker` on stderr.
    pub fn until(&mut self, marker: &str) -> anyhow::Result<()> {
        let mut line = String::new();
        while !line.contains(marker) {
            line.clear();
            if self.err.read_line(&mut line)? == 0 {
                bail!("`{}` ended early: {}", self.step.shown, self.said);
            }
            self.said += &line;
        }
        Ok(())
    }

    /// Asks it to end.
    pub fn end(&self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("it has no process id")?;
        Ok(kill_process(pid, Signal::TERM)?)
    }

    fn finish(mut self) -> anyhow::Result<Output> {
        let mut stdout = Vec::new();
        self.child.stdout.take().context("the command has no stdout")?.read_to_end(&mut stdout)?;
        let mut stderr = std::mem::take(&mut self.said).into_bytes();
        self.err.read_to_end(&mut stderr)?;
        Ok(Output { status: self.child.wait()?, stdout, stderr })
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It has exited already if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
