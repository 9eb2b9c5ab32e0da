//! `i3 spool drain`: publishes the lines in a spool, without adding new ones.

use std::io;
use std::path::PathBuf;

use clap::Args;

use crate::cli::broker::BrokerArgs;
use crate::cli::credential::CredentialArgs;
use crate::cli::runtime::block_on;
use crate::cli::settings;
use crate::cli::signals;
use crate::cli::stream::account;
use crate::cli::stream::delivery::{ConfirmArg, DeliveryArgs, needs_v5};
use crate::cli::stream::host::CliStreamHost;
use crate::cli::stream::rejects::Rejects;
use crate::cli::stream::spool::{Safe, SpoolName, folder, judge};
use crate::cli::ui::Ui;
use crate::cli::{self, help};
use crate::mqtt::packet::QoS;
use crate::mqtt::reconnect::ClientId;
use crate::publisher::format::Format;
use crate::publisher::lines::Splitting;
use crate::publisher::stamp::Stamp;
use crate::publisher::stream::{self, Options};
use crate::spool::worker::SpoolHandle;
use crate::spool::{Limits, Spool};

/// Publish what is in the spool, oldest first
///
/// Exit code 0 means that everything arrived. If another run is sending it, this one waits for that run.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Drain {
    /// The device whose lines wait, by its full or short name
    #[arg(value_name = "DEVICE", conflicts_with_all = ["device", "username"])]
    of: Option<String>,
    /// Drain the spool in DIR, not the device's own
    #[arg(long, value_name = "DIR")]
    spool: Option<PathBuf>,
    /// Prove delivery of the first message to each topic, of all messages, or of none
    #[arg(long, value_name = "first|all|none", value_enum, default_value_t)]
    confirm: ConfirmArg,
    /// Retry up to N times if the broker cannot be reached
    #[arg(long, value_name = "N", default_value_t = 0)]
    retry: u32,
    /// With -V 5, add the time at which a message was stored, in the user property "time"
    #[arg(long)]
    stamp: bool,
    /// Move lines that cannot be published to FILE, in the form that `i3 pub --jsonl` reads
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    delivery: DeliveryArgs,
    #[command(flatten)]
    credential: CredentialArgs,
    #[command(flatten)]
    broker: BrokerArgs,
    /// Print help
    #[arg(long, action = clap::ArgAction::HelpLong, help_heading = None)]
    help: Option<bool>,
}

impl Drain {
    /// Runs the command.
    ///
    /// # Errors
    /// Anything that keeps a line from being delivered. The accounting is printed in any case.
    pub fn run(mut self, ui: &Ui) -> anyhow::Result<()> {
        self.credential.device = self.of.take().or(self.credential.device);
        if self.broker.asks_for_help(self.spool.is_none() && self.credential.device.is_none())? {
            return ui.styled(help::of(cli::program_with::<Drain>("drain"), &["spool", "drain"], ui));
        }
        if self.stamp {
            needs_v5(&self.broker, "--stamp", "give -V 5")?;
        }
        let outside = self.delivery.outside(self.confirm)?;
        let config = settings::load(ui)?;
        let client_id = self.broker.client_id()?;
        let identity = self.credential.resolve(ui, &config)?;
        let endpoint = self.broker.endpoint(ui, &config, identity.device.as_ref())?.value;
        let folder = folder(self.spool.as_deref(), &config, identity.device.as_ref())?;
        ui.detail(&format!("Spool {}.", folder.display()));
        let (handle, worker) = SpoolHandle::start(Spool::open_existing(&folder)?, Limits::default())?;
        let options = Options {
            // There are no lines to read; those that are set aside must hold a whole record.
            format: Format::Json,
            // It was checked when it was stored.
            allow_secret: true,
            splitting: Splitting { separator: b'\n', max_line: 0 },
            topic: None,
            qos: QoS::AtLeastOnce,
            retain: false,
            strict: false,
            stamp: self.stamp.then_some(Stamp::V5),
            confirm: self.confirm.into(),
            window: self.delivery.window(),
            interval: self.delivery.rate,
            timeout: self.broker.timeout,
            grace: self.delivery.grace,
            deadline: self.delivery.deadline,
            retry_refused: self.delivery.retry_refused,
            client_id: if self.broker.chooses_id() { ClientId::Chosen } else { ClientId::Random },
            retry_first: self.retry,
        };
        let rejects = self.rejects.as_ref().map(|path| Rejects::open(path, b'\n')).transpose()?;
        let device = identity.device.clone();
        let name = SpoolName::new(self.spool.as_deref(), device.as_ref());
        let host = CliStreamHost::new(ui, &self.broker, &self.credential, endpoint, &client_id, identity, device)
            .with_rejects(rejects)
            .with_outside(outside);
        let drained = block_on(async {
            Ok(stream::run_spooled(&options, None::<io::Empty>, signals::ending()?.1, &host, &handle).await?)
        });
        worker.finish(handle);
        let drained = drained?;
        account(ui, &drained.stats)?;
        judge(ui, &host, drained, Safe::NoNews, &name)
    }
}
