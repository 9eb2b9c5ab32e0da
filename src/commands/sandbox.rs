//! `i3 sandbox`: runs an I3 on this machine, for trying things out.

mod fleet;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::catalogue::entry;
use crate::cli::background;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::runtime::block_on;
use crate::cli::signals;
use crate::cli::ui::Ui;
use crate::config::env;
use crate::fsio;
use crate::sandbox::{Controls, House, Options, Sandbox as Running};

/// The variable with the process id, for the shell.
const PID: &str = "I3_SANDBOX_PID";
/// The variable with the address of the house's broker, for the shell.
const HOUSE: &str = "I3_HOUSE";

/// Run an I3 on this machine: marketplace and broker, with a seller, a buyer, a hub and a product
///
/// It listens only on loopback and has the pitfalls of a real one: forms that come back blank, messages that are
/// acknowledged and dropped, permissions that are remembered for minutes. It prints the shell commands that point the
/// other commands at it, with a separate configuration folder.
///
/// With --devices N there is a fleet as well: the devices bay1 to bayN of the hub alice/parking, registered, and configured in
/// that folder, so that 'i3 pub --device bay7 -t alice/parking/occupancy -m 1' works at once. They log in with tokens, as every
/// device with a key does, but share one key pair, since it takes over a minute to make a thousand. With --state the devices
/// that exist stay as they are.
///
/// With --house there is a second broker, which knows nothing of I3: it plays the one that sensors in a house publish to, lets
/// everybody use every topic, and keeps retained messages and sessions until the sandbox ends. Its address is in I3_HOUSE.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 sandbox                             # in the foreground, until Ctrl-C
  eval \"$(i3 sandbox --background)\"      # in the background; 'kill $I3_SANDBOX_PID' ends it
  i3 sandbox --no-rest --mail-down       # forms only, and most of them answer 500
  i3 sandbox --devices 1000              # with the devices bay1 to bay1000
  i3 sandbox --house                     # with a broker to which 'mosquitto_pub -L $I3_HOUSE/attic/temp -m 21' publishes")]
pub struct Sandbox {
    /// Continue in the background once everything answers
    #[arg(long)]
    background: bool,
    /// Keep accounts, hubs, products and devices in FILE from one start to the next
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Register N devices of alice/parking, bay1 to bayN, and configure them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    devices: Option<u16>,
    /// Listen on this port for the marketplace; 0 is any free port
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    market_port: u16,
    /// Listen on this port for the broker; 0 is any free port
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    broker_port: u16,
    /// Run a plain MQTT broker as well, in place of the one in a seller's house
    #[arg(long)]
    house: bool,
    /// Listen on this port for the broker of --house; 0 is any free port
    #[arg(long, value_name = "PORT", default_value_t = 0, requires = "house")]
    house_port: u16,
    /// Leave out the REST endpoints for devices and hubs, as the released I3-Core does
    #[arg(long)]
    no_rest: bool,
    /// Answer MQTT 5 with CONNACK 1, as the released broker does
    #[arg(long)]
    no_mqtt5: bool,
    /// Simulate a broken mail server: actions that send mail answer 500, with part of their work done
    ///
    /// These actions are: register and delete devices; create, change and delete products; decide on requests. A purchase
    /// answers 200, is booked, and grants nothing. Hubs, sign-up and a new credential of a device need no mail.
    #[arg(long)]
    mail_down: bool,
    /// Let the broker look names up in latin1, as I3's Dockerfile sets it: devices whose names have accents never log in
    #[arg(long)]
    latin1: bool,
    /// Let the broker remember permissions for this time
    #[arg(long, value_name = "TIME", default_value = "300s", value_parser = crate::cli::duration::parse)]
    permission_cache: Duration,
    /// Let each log-in by token block all clients of the broker for this time
    #[arg(long, value_name = "TIME", default_value = "60ms", value_parser = crate::cli::duration::parse)]
    token_cost: Duration,
}

impl Sandbox {
    /// Runs the command.
    ///
    /// # Errors
    /// A port that is in use, a state file that cannot be read, a folder in which no device can be configured.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if self.background {
            return background::show(ui, &background::start("sandbox", entry!("sandbox"))?);
        }
        self.in_foreground(ui)
    }

    fn in_foreground(self, ui: &Ui) -> anyhow::Result<()> {
        let home = Home::new(self.state.as_deref())?;
        if self.devices.is_some() {
            fleet::allow_many_connections();
        }
        let options = Options {
            market_port: self.market_port,
            broker_port: self.broker_port,
            rest: !self.no_rest,
            mqtt5: !self.no_mqtt5,
            mail_down: self.mail_down,
            latin1: self.latin1,
            permission_cache: self.permission_cache,
            token_cost: self.token_cost,
            state: self.state.clone(),
            ..Options::default()
        };
        block_on(async {
            let sandbox = Running::start(options).await?;
            if let Some(count) = self.devices {
                fleet::prepare(ui, &sandbox, &home.path, count)?;
            }
            let house = if self.house { Some(House::start(self.house_port).await?) } else { None };
            let (_, mut signals) = signals::ending()?;
            announce(ui, &sandbox, house.as_ref(), &home.path)?;
            ui.note("The sandbox runs until Ctrl-C. Paste the lines above into the shell that is to use it.");
            signals.recv().await;
            Ok(())
        })
    }
}

/// Returns the variables that point every other command at this sandbox.
pub fn variables(sandbox: &Controls, home: &Path) -> Vec<(&'static str, String)> {
    let seed = sandbox.seed();
    vec![
        (env::HOME, home.display().to_string()),
        (env::MARKET, sandbox.market_url().to_string()),
        (env::BROKER, sandbox.broker_url().to_string()),
        (env::USER, seed.seller.clone()),
        (env::LOGIN_PASSWORD, seed.seller_password.expose().into()),
        (env::API_KEY, seed.api_key.expose().into()),
        (env::BUYER, seed.buyer.clone()),
        (env::BUYER_PASSWORD, seed.buyer_broker_password.expose().into()),
    ]
}

fn announce(ui: &Ui, sandbox: &Controls, house: Option<&House>, home: &Path) -> anyhow::Result<()> {
    let house = house.map(|house| (HOUSE, house.url().to_string()));
    let pid = std::process::id().to_string();
    // Variables that name another configuration are cleared, if they are set.
    let others = [env::CONFIG, env::PROFILE].into_iter().filter(|name| std::env::var_os(name).is_some());
    let others = others.map(|name| (name, String::new()));
    let variables = variables(sandbox, home).into_iter().chain(others).chain(house).chain([(PID, pid)]);
    background::show(ui, &variables.map(|(name, value)| (name.into(), value)).collect())
}

/// The configuration folder of one sandbox, separate from the seller's own.
pub struct Home {
    pub path: PathBuf,
    kept: bool,
}

impl Home {
    /// Creates it beside the state file, so that both are kept, or as a temporary folder.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn new(state: Option<&Path>) -> anyhow::Result<Home> {
        let path = match state {
            Some(state) => {
                let mut name = std::path::absolute(state)?.into_os_string();
                name.push(".home");
                name.into()
            }
            None => std::env::temp_dir().join(format!("i3-sandbox-{:016x}", rand::random::<u64>())),
        };
        if path.to_str().is_none() {
            // Shell variables and JSON are text.
            return Err(CliError::new(ExitKind::CannotCreate, format!("{} is not UTF-8 text", path.display()))
                .hint("name a state file, and with TMPDIR a folder, in UTF-8")
                .into());
        }
        fsio::create_private_dir(&path).map_err(|e| {
            let message = format!("{} cannot be created", path.display());
            anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
        })?;
        Ok(Home { path, kept: state.is_some() })
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.kept {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
