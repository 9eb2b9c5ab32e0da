//! Options of the commands that send more than one message.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::topic::Outside;
use crate::cli::broker::BrokerArgs;
use crate::cli::duration;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::usage::Reason;
use crate::publisher;

/// Which messages must be proved to be delivered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ConfirmArg {
    #[default]
    First,
    All,
    None,
}

impl From<ConfirmArg> for publisher::stream::Confirm {
    fn from(confirm: ConfirmArg) -> Self {
        match confirm {
            ConfirmArg::First => Self::First,
            ConfirmArg::All => Self::All,
            ConfirmArg::None => Self::None,
        }
    }
}

/// Options of all commands that send more than one message.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Lines")]
pub struct DeliveryArgs {
    /// Send up to N messages before the first is acknowledged [default: 10000, at QoS 2 20, with --confirm all 100]
    #[arg(long, value_name = "N", value_parser = window)]
    window: Option<u16>,
    /// Send at most this many messages per second, minute or hour: 100/s, 30/m
    #[arg(long, value_name = "N/s", value_parser = publisher::rate::interval)]
    pub rate: Option<Duration>,
    /// After SIGINT, SIGTERM or SIGHUP, wait this long for everything to be acknowledged
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::parse_some)]
    pub grace: Duration,
    /// End after this time, even if lines are left: 1h
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub deadline: Option<Duration>,
    /// Once logged in, try refused credentials again for this long: the broker refuses all while its database is down. A topic
    /// that was refused, or three messages in a row to which were, each by closing the connection, is tried again after this time;
    /// a message that an MQTT 5 broker cannot accept now is given up after this time
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub retry_refused: Duration,
    /// Publish to topics outside the device's hub as well: the echo shows whether the broker permits it
    ///
    /// A device may use the topics that the products of its hub have as titles, and an edited title can name another hub.
    #[arg(long)]
    any_hub: bool,
}

impl DeliveryArgs {
    /// Returns what becomes of a topic outside the device's hub.
    ///
    /// # Errors
    /// It should be tried, but nothing would prove it.
    pub fn outside(&self, confirm: ConfirmArg) -> Result<Outside, CliError> {
        match (self.any_hub, confirm) {
            (false, _) => Ok(Outside::Offered),
            (true, ConfirmArg::None) => {
                Err(CliError::new(ExitKind::Usage, "--any-hub needs the proof that --confirm none leaves out")
                    .hint("leave --confirm none out"))
            }
            (true, _) => Ok(Outside::Tried),
        }
    }

    /// Returns how many messages may be in flight, if that is given.
    pub fn window(&self) -> Option<usize> {
        self.window.map(usize::from)
    }
}

fn window(text: &str) -> Result<u16, Reason> {
    let number = text.parse().ok().filter(|n| *n > 0);
    number.ok_or(Reason("write a number from 1 to 65535"))
}

/// Refuses `option` unless MQTT 5 is selected; `hint` is the remedy.
///
/// # Errors
/// MQTT 5 is not selected.
pub fn needs_v5(broker: &BrokerArgs, option: &str, hint: &str) -> Result<(), CliError> {
    match broker.speaks_v5() {
        true => Ok(()),
        false => Err(CliError::new(ExitKind::Usage, format!("{option} needs MQTT 5, which has properties")).hint(hint)),
    }
}
