//! `i3 agent`: one log-in for all scripts of this machine.

mod host;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use listenfd::ListenFd;
use serde_json::json;

use crate::agent::client;
use crate::agent::protocol::{AgentState, DeviceStatus};
use crate::agent::server;
use crate::agent::socket::{self, OwnPath, SocketError};
use crate::catalogue::entry;
use crate::cli::log::{Log, LogArgs, Requests};
use crate::cli::runtime::block_on;
use crate::cli::signals::Hangup;
use crate::cli::ui::Ui;
use crate::cli::{background, duration, service, settings, signals};
use crate::config::env;
use crate::text;
use host::Host;

/// The variable with the process id, for the shell.
const PID: &str = "I3_AGENT_PID";
/// How long `--background` waits for an agent that has the path and cannot be asked: it is starting, or ending.
const OTHERS: Duration = Duration::from_secs(5);

/// Keep one connection for each device, for every 'i3 pub' of this user to publish over
///
/// A log-in with a key takes longer than a hundred messages, and the broker serves nobody else meanwhile. 'i3 pub' finds a
/// running agent automatically and hands it the message; what it proves, prints and returns is the same as without an agent. It
/// publishes without the agent with --no-agent, -l and --spool; as an account, not a device; if an option or variable asks for
/// another broker, credential, client id, keep-alive or version of MQTT than the agent's configuration; while a rotation is not
/// finished; if the message is over 256 KiB; and if the agent cannot log in or has too many callers. With -v it says which way
/// the message went.
///
/// The agent logs in when the first message of a device arrives, with a new token for each connection. After a message that is
/// refused or gets no echo it ends the device's connection, and logs in again for the next message: the broker may remember the
/// refusal, and a late echo must not count for another message. A script with a wrong topic therefore costs a log-in each time.
///
/// The socket is at $I3_AGENT; by default it is below $I3_HOME if that is set, or else in /run/user/UID or the state
/// folder. Only processes of the same user may use it, and only to publish to topics of a device's own hub. An agent whose socket is removed ends.
///
/// In the foreground it reports on stderr log-ins, connections that end and messages that fail. With --log-format json
/// each line there is an object with "time" (RFC 3339, UTC), "level" (debug, info, warning, error), "event" and "message", and
/// with "device" and "error" where there is one; an error has "id", which 'i3 explain' knows, "message", "because" and "hint".
/// The events are started, log-in, log-in-failed, message-failed, connection-lost, closed-idle, closed (with "reason"), tally,
/// stopping and failed, and note, detail and warning for everything else. On SIGUSR1 it reports how many messages were
/// delivered, failed and are in flight, the log-ins, and the devices; with --stats it does so at regular intervals.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  eval \"$(i3 agent --background)\"     # until 'i3 agent stop'
  i3 agent --idle 1h                  # in the foreground, until Ctrl-C
  i3 agent --log-format json --stats 60s 2>> agent.log
  i3 agent status")]
pub struct Agent {
    #[command(subcommand)]
    command: Option<AgentCommand>,
    /// Continue in the background once callers are accepted; if an agent is already running, print where it is
    #[arg(long, conflicts_with_all = ["log_format", "stats"])]
    background: bool,
    /// Close a connection over which nothing was published for this time
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse_some)]
    idle: Duration,
    #[command(flatten)]
    log: LogArgs,
}

#[derive(Subcommand)]
enum AgentCommand {
    Status(AgentStatus),
    Stop(AgentStop),
}

/// Show the devices that the agent publishes as
///
/// With --json {"pid", "version", "uptime_seconds", "devices"}; each device has "device", "broker", "connected", "log_ins",
/// "delivered", "failed", "in_flight" and "last_error". The exit code is 75 if no agent is running.
#[derive(Args)]
struct AgentStatus {}

/// End the agent once the messages in flight are done
///
/// Returns once it has ended. The exit code is 75 if no agent is running.
#[derive(Args)]
struct AgentStop {}

impl Agent {
    /// Whether stderr is a log that a program reads.
    pub fn logs(&self) -> bool {
        self.log.is_json()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Another agent is running, or none where one is needed; the socket cannot be made.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let path = socket::place(&settings::load(ui)?.places);
        match self.command {
            Some(AgentCommand::Status(_)) => show(ui, &client::status(&path)?),
            Some(AgentCommand::Stop(_)) => {
                client::stop(&path)?;
                ui.done("The agent has ended.");
                Ok(())
            }
            None if self.background => background::show(ui, &in_background(ui, &path)?),
            None => self.serve(ui, path),
        }
    }

    fn serve(&self, ui: &Ui, path: PathBuf) -> anyhow::Result<()> {
        // With socket activation systemd listens, and this process gets its socket.
        let (listener, own) = match ListenFd::from_env().take_unix_listener(0)? {
            Some(listener) => (listener, None),
            None => OwnPath::listen(&path).map(|(listener, own)| (listener, Some(own)))?,
        };
        listener.set_nonblocking(true)?;
        service::allow_many_connections();
        let (_, mut ending) = signals::ending_for_certain(Hangup::Ends, || ())?;
        let log = Log::new(ui);
        let ended = block_on(async {
            let listener = tokio::net::UnixListener::from_std(listener)?;
            let requests = self.log.requests(Hangup::Ends)?;
            if own.is_some() {
                background::show(ui, &announced(&path, std::process::id())?)?;
            }
            service::is_ready();
            let address = listener.local_addr()?;
            let socket = if own.is_some() { Some(path.as_path()) } else { address.as_pathname() };
            let socket = socket.unwrap_or(Path::new("a socket without a name")).display().to_string();
            log.info("started").with("socket", &*socket).say(format!("accepting callers at {socket}"));
            let is_lost = Cell::new(false);
            let stop = async {
                tokio::select! {
                    _ = ending.recv() => {}
                    () = lost(own.as_ref()) => is_lost.set(true),
                }
            };
            let agent = server::AgentServer::new(Host::new(log.clone()), self.idle);
            let ended = tokio::select! {
                ended = agent.serve(&listener, stop) => ended?,
                () = service::watchdog() => unreachable!("it never ends"),
                () = tell_tallies(&agent, &log, requests) => unreachable!("it never ends"),
            };
            log.tally(&agent.tally());
            Ok((ended, is_lost.get()))
        });
        log.flush();
        let (ended, is_lost) = ended?;
        service::is_stopping();
        // The socket first: a caller that waits for the end may start another agent.
        drop(own);
        drop(ended);
        // What it had is delivered; a service is to start it again.
        if is_lost { Err(SocketError::Lost(path).into()) } else { Ok(()) }
    }
}

/// Waits until nobody finds this agent any more, if the socket is its own.
async fn lost(own: Option<&OwnPath>) {
    match own {
        Some(own) => own.lost().await,
        None => std::future::pending().await,
    }
}

/// Starts an agent in the background, and returns the variables of that one, or of one that is running already: a shell's start-up
/// file starts one with each shell, as it does ssh-agent's, and several shells may start at the same moment.
fn in_background(ui: &Ui, path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let until = Instant::now() + OTHERS;
    loop {
        if let Ok(running) = client::status(path) {
            ui.remark(&format!("An agent is already running, process {}.", running.pid));
            return announced(path, running.pid);
        }
        match background::start("agent", entry!("agent")) {
            Err(_) if socket::holder(path).is_some() && Instant::now() < until => {}
            started => return started,
        }
    }
}

/// Returns the variables that let a shell find an agent.
fn announced(socket: &Path, pid: u32) -> anyhow::Result<BTreeMap<String, String>> {
    let socket = std::path::absolute(socket)?.display().to_string();
    Ok(BTreeMap::from([(env::AGENT.into(), socket), (PID.into(), pid.to_string())]))
}

/// Reports the totals whenever they are requested.
async fn tell_tallies(agent: &server::AgentServer<Host>, log: &Log, mut requests: Requests) {
    loop {
        let _ = requests.next().await;
        log.tally(&agent.tally());
    }
}

fn show(ui: &Ui, status: &AgentState) -> anyhow::Result<()> {
    if ui.json {
        let mut object = json!(status);
        // It was once called `seconds`.
        object["uptime_seconds"] = status.seconds.into();
        return ui.object(object);
    }
    let running = humantime::format_duration(Duration::from_secs(status.seconds));
    ui.line(&format!("agent {}, process {}, for {running}", status.version, status.pid))?;
    let rows: Vec<String> = status.devices.iter().map(row).collect();
    ui.table(&["DEVICE", "BROKER", "STATE", "MESSAGES", "LAST ERROR"], &rows, Vec::new)
}

fn row(device: &DeviceStatus) -> String {
    let state = if device.connected { "connected" } else { "not connected" };
    let counts = format!(
        "delivered {}, failed {}, on their way {}, log-ins {}",
        device.delivered, device.failed, device.in_flight, device.log_ins
    );
    let error = device.last_error.as_ref().map(|error| format!("last error: {error}")).unwrap_or_default();
    text::row([device.device.as_str(), &device.broker, state, &counts, &error])
}
