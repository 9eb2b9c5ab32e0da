//! `i3 gateway`: publishes messages from existing sources as the seller's devices.

mod check;
mod file;
mod host;

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use clap::{Args, Subcommand};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use crate::cli::log::{Log, LogArgs, Requests};
use crate::cli::metrics::MetricsArgs;
use crate::cli::runtime::block_on;
use crate::cli::signals::{self, Hangup};
use crate::cli::stream::delivery::ConfirmArg;
use crate::cli::ui::Ui;
use crate::cli::{duration, service, settings, size};
use crate::config::Config;
use crate::gateway::metrics::Metrics;
use crate::gateway::plan::Plan;
use crate::gateway::{self, GatewayRequest, Options, SessionsPlace};
use crate::publisher::rate;
use host::{Host, Kept, SpoolPlace, sessions_place};

/// Take messages from MQTT brokers and NATS streams, and publish them as your devices
///
/// The file names sources, such as the MQTT broker of a house, and routes: which of their messages a device publishes, and to
/// which topic. A message is acknowledged at its source once I3's broker has acknowledged it, and with the first one of each
/// topic once it has come back; so a message that is not delivered stays at its source, and comes again after a failure.
/// Messages that I3 can never take, such as one to a topic without a product, go to a file, and the others flow on.
///
/// A device logs in when it has something to publish, in turn with the others (--log-ins), and its connection is closed when
/// nothing is published for a while (--idle). If its log-in is refused, its own routes stop, and it is tried again with
/// growing pauses.
///
/// SIGHUP reads the file again; the connections of unchanged parts are kept. SIGUSR1 logs the tally. SIGTERM ends it once
/// the messages in flight are done. i3-gateway(5) describes the file.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 gateway check house.toml         # what it would do
  i3 gateway house.toml
  i3 gateway house.toml --metrics 127.0.0.1:9464 --log-format json --stats 60s")]
pub struct Gateway {
    #[command(subcommand)]
    command: Option<GatewayCommand>,
    /// Read sources and routes from FILE [default: gateway.toml beside the configuration]
    file: Option<PathBuf>,
    /// Log in to I3's broker at most this often, over all devices: it serves nobody else while it checks a token
    #[arg(long, value_name = "N/s", default_value = "1/s", value_parser = rate::interval)]
    log_ins: Duration,
    /// Close a device's connection over which nothing was published for this time
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = duration::parse_some)]
    idle: Duration,
    /// Require these messages to come back, as proof that they were delivered
    #[arg(long, value_name = "first|all|none", value_enum, default_value_t)]
    confirm: ConfirmArg,
    /// Wait this long for an acknowledgement, an echo or an answer
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse_some)]
    timeout: Duration,
    /// At the end, wait this long for the messages in flight
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse)]
    grace: Duration,
    /// Try refused credentials that have worked again for this long, and a topic that was refused after this time
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    retry_refused: Duration,
    /// Store each message on disk before it is published, in a folder of DIR or the device's own: for sources that keep nothing,
    /// such as messages at QoS 0
    ///
    /// A message is done at its source once it is on disk. The lowest max_rate of a device's routes counts for all of them.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    spool: Option<Option<PathBuf>>,
    /// Let the spool of a device hold at most SIZE, such as 100M; then its sources are held back
    #[arg(long, value_name = "SIZE", value_parser = size::parse, requires = "spool")]
    spool_max: Option<u64>,
    #[command(flatten)]
    log: LogArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
}

#[derive(Subcommand)]
enum GatewayCommand {
    Check(check::Check),
}

impl Gateway {
    /// Whether stderr is a log that a program reads.
    pub fn logs(&self) -> bool {
        self.log.is_json()
    }

    /// Runs the command.
    ///
    /// # Errors
    /// A file that is not a plan; a file for rejected messages, or an address for the metrics, that cannot be used.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match &self.command {
            Some(GatewayCommand::Check(check)) => check.run(ui),
            None => self.serve(ui),
        }
    }

    fn serve(&self, ui: &Ui) -> anyhow::Result<()> {
        let config = settings::load(ui)?;
        let file = file::place(self.file.as_deref(), &config.places);
        let plan = file::read(&file, &config)?;
        let log = Log::new(ui);
        doubts(&log, &plan);
        let spool = self.spool.clone().map(|folder| SpoolPlace { folder, max_bytes: self.spool_max });
        let rejects = Kept::open(&plan, &config.places)?;
        let sessions = sessions_place(&file, &config.places);
        let host = Host::new(log.clone(), rejects.clone(), &config.places, spool);
        service::allow_many_connections();
        let (_, ending) = signals::ending_for_certain(Hangup::Reloads, || ())?;
        let result = block_on(LocalSet::new().run_until(async {
            let requests = self.log.requests(Hangup::Reloads)?;
            let metrics = Rc::new(Metrics::default());
            let server = self.metrics.listen().await?;
            if let Some(server) = &server {
                let address = server.address();
                let line = log.info("metrics").with("address", address.to_string());
                line.say(format!("the metrics are at http://{address}/metrics"));
            }
            let (sender, asked) = unbounded_channel();
            let running = gateway::run(host, self.options(sessions), Rc::clone(&metrics), plan, asked);
            let line = log.info("started").with("file", file.display().to_string());
            line.say(format!("the gateway is running with {}", file.display()));
            service::is_ready();
            let served = Rc::clone(&metrics);
            let serving = async {
                match server {
                    Some(server) => server.serve(move || served.exposition()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = running => {}
                () = watch(&log, &file, &rejects, &metrics, requests, ending, sender) => unreachable!("it never ends"),
                never = serving => match never {},
                () = service::watchdog() => unreachable!("it never ends"),
            }
            log.tally(&metrics.tally());
            Ok(())
        }));
        log.flush();
        result
    }

    fn options(&self, sessions: SessionsPlace) -> Options {
        Options {
            log_in_interval: self.log_ins,
            idle: self.idle,
            confirm: self.confirm.into(),
            timeout: self.timeout,
            grace: self.grace,
            retry_refused: self.retry_refused,
            sessions,
        }
    }
}

/// Passes on the requests by signals, forever.
async fn watch(
    log: &Log,
    file: &Path,
    rejects: &Kept,
    metrics: &Metrics,
    mut requests: Requests,
    mut ending: UnboundedReceiver<()>,
    gateway: UnboundedSender<GatewayRequest>,
) {
    loop {
        tokio::select! {
            Some(()) = ending.recv() => {
                log.info("stopping").say("stopping once the messages in flight are done");
                service::is_stopping();
                // If nobody listens, it has ended.
                let _ = gateway.send(GatewayRequest::Stop);
            }
            request = requests.next() => match request {
                signals::SignalRequest::Tally => log.tally(&metrics.tally()),
                signals::SignalRequest::Reload => match reload(file, log.ui(), rejects) {
                    Ok(plan) => {
                        doubts(log, &plan);
                        log.info("reloaded").say(format!("the file {} was read again", file.display()));
                        let _ = gateway.send(GatewayRequest::Change(plan));
                    }
                    Err(e) => {
                        let line = log.warn("reload-failed").error(&e);
                        line.say(format!("the file {} is not used; what was read before stays in force", file.display()));
                    }
                },
            },
        }
    }
}

fn reload(file: &Path, ui: &Ui, rejects: &Kept) -> anyhow::Result<Plan> {
    let config = Config::load(&ui.selection)?;
    let plan = file::read(file, &config)?;
    rejects.follow(&plan, &config.places)?;
    Ok(plan)
}

fn doubts(log: &Log, plan: &Plan) {
    for doubt in &plan.doubts {
        log.warn("doubt").say(doubt);
    }
}
