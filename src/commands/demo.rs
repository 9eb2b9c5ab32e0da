//! `i3 demo`: the whole story on a sandbox of its own, each step the command that a seller would type.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

use super::sandbox::{Home, variables};
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::signals;
use crate::cli::ui::Ui;
use crate::sandbox::{Options, RunningSandbox, Sandbox};

/// Run a demonstration on a sandbox: key, device, token, message, the buyer's screen, and what is refused
///
/// Every step is the command that a seller would type, run by this program on a marketplace and a broker of its own,
/// with its real output and exit code. Nothing is left behind.
#[derive(Args)]
pub struct Demo {}

const TOPIC: &str = "alice/parking/occupancy";

/// One step: its title, the command as it is shown and as it is run, and the exit code that is expected.
struct Step {
    title: &'static str,
    shown: &'static str,
    args: &'static [&'static str],
    exit: i32,
}

const BEFORE: &[Step] = &[
    Step {
        title: "A key pair: the private half stays here, the body of the public half is printed.",
        shown: "keygen --out lot1.pem",
        args: &["keygen", "--out", "lot1.pem"],
        exit: 0,
    },
    Step {
        title: "The device is registered with its public half, and proved at the broker.",
        shown: "register lot1 --hub parking --key lot1.pem",
        args: &["register", "lot1", "--hub", "parking", "--key", "lot1.pem"],
        exit: 0,
    },
    Step {
        title: "A token for an hour: the password of any MQTT client.",
        shown: "token lot1",
        args: &["token", "lot1"],
        exit: 0,
    },
];

const LISTEN: &[&str] = &["sub", "-v", "-t", TOPIC, "-C", "1"];

const PUBLISH: Step = Step {
    title: "The device publishes; the message is proved by its echo.",
    shown: "pub -v --device lot1 -t alice/parking/occupancy -m '{\"free\":678}'",
    args: &["pub", "-v", "--device", "lot1", "-t", TOPIC, "-m", "{\"free\":678}"],
    exit: 0,
};

const AFTER: &[Step] = &[
    Step {
        title: "A topic without a product: I3's broker acknowledges the message and drops it.",
        shown: "pub --device lot1 -t alice/parking/occupency -m 678 -q 1 --timeout 1s",
        args: &["pub", "--device", "lot1", "-t", "alice/parking/occupency", "-m", "678", "-q", "1", "--timeout", "1s"],
        exit: 77,
    },
    Step {
        title: "A short topic.",
        shown: "pub --device lot1 -t occupancy -m 678",
        args: &["pub", "--device", "lot1", "-t", "occupancy", "-m", "678"],
        exit: 65,
    },
    Step {
        title: "The private key where a password belongs.",
        shown: "pub -u 'alice$parking$lot1' --pw-file lot1.pem -t alice/parking/occupancy -m 678",
        args: &["pub", "-u", "alice$parking$lot1", "--pw-file", "lot1.pem", "-t", TOPIC, "-m", "678"],
        exit: 77,
    },
];

impl Demo {
    /// Runs the command.
    ///
    /// # Errors
    /// A step that ends with an unexpected exit code.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let home = Home::new(None)?;
        // The demo shows what happens, not how long the broker takes.
        let sandbox = Sandbox::spawn(Options { token_cost: Duration::ZERO, ..Options::default() })?;
        let mut stage = Stage { ui, home, sandbox, stop: Stop::listen()? };
        stage.tell("A marketplace and a broker run in this process, with the seller alice, the buyer bob,")?;
        stage.tell("the hub alice/parking and the product alice/parking/occupancy, which bob has bought.")?;
        for step in BEFORE {
            stage.run(step)?;
        }
        stage.buyer_sees(&PUBLISH)?;
        for step in AFTER {
            stage.run(step)?;
        }
        stage.tell(&format!("\nTry it yourself with `eval \"$({} sandbox --background)\"`.", ui.program))
    }
}

struct Stage<'a> {
    ui: &'a Ui,
    home: Home,
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
    fn tell(&self, text: &str) -> anyhow::Result<()> {
        if self.ui.json || self.ui.quiet { Ok(()) } else { self.ui.line(text) }
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

    fn run(&mut self, step: &Step) -> anyhow::Result<()> {
        if self.stop.is_requested() {
            let failure = CliError::new(ExitKind::Other, "the demo was interrupted");
            return Err(failure.hint(entry!("interrupted")).into());
        }
        let output = self.command(step.args)?.output()?;
        self.show(step.title, step.shown, &output)?;
        self.check(step.shown, &output, step.exit)
    }

    /// The buyer listens, the seller publishes, the buyer's screen shows it.
    fn buyer_sees(&mut self, publish: &Step) -> anyhow::Result<()> {
        let mut buyer = Listening(self.command(LISTEN)?.spawn()?);
        let mut err = BufReader::new(buyer.0.stderr.take().context("the buyer has no stderr")?);
        let mut said = String::new();
        while !said.contains("Subscribed") {
            if err.read_line(&mut said)? == 0 {
                bail!("the buyer could not subscribe: {said}");
            }
        }
        self.run(publish)?;
        let mut stdout = Vec::new();
        buyer.0.stdout.take().context("the buyer has no stdout")?.read_to_end(&mut stdout)?;
        let mut stderr = said.into_bytes();
        err.read_to_end(&mut stderr)?;
        let output = Output { status: buyer.0.wait()?, stdout, stderr };
        let shown = LISTEN.join(" ");
        self.show("Meanwhile, the buyer's screen.", &shown, &output)?;
        self.check(&shown, &output, 0)
    }

    fn show(&self, title: &str, shown: &str, output: &Output) -> anyhow::Result<()> {
        let program = &self.ui.program;
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        if self.ui.json {
            let step = json!({
                "step": title, "command": format!("{program} {shown}"), "exit": output.status.code(),
                "stdout": stdout, "stderr": stderr,
            });
            return self.ui.line(&step.to_string());
        }
        self.tell(&format!("\n# {title}\n$ {program} {shown}"))?;
        for line in stderr.lines().chain(stdout.lines()) {
            self.tell(line)?;
        }
        match output.status.code() {
            Some(0) => Ok(()),
            code => self.tell(&format!("(exit code {})", code.map_or("none".into(), |c| c.to_string()))),
        }
    }

    fn check(&self, shown: &str, output: &Output, exit: i32) -> anyhow::Result<()> {
        if output.status.code() != Some(exit) {
            bail!("`{shown}` ended with {} where it should end with {exit}", output.status);
        }
        Ok(())
    }
}

/// The buyer's process, which never outlives the demo.
struct Listening(Child);

impl Drop for Listening {
    fn drop(&mut self) {
        // It has exited already if all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
