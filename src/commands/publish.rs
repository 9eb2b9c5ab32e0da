//! `i3 pub`: publishes a message, or each line of stdin, and says whether it arrived.

mod args;
mod by_agent;
mod single;
mod stream;

use crate::cli::error::{CliError, ExitKind};
use crate::cli::settings;
use crate::cli::stream::delivery::needs_v5;
use crate::cli::ui::Ui;
use crate::cli::{self, help};
use crate::mqtt::properties::Carrier;
use crate::publisher::stamp::Stamp;
pub use args::Publish;

/// What may have properties of MQTT 5: a SUBSCRIBE is only for the proof.
pub const SENDS: &[Carrier] = &[Carrier::Connect, Carrier::Publish, Carrier::Will, Carrier::Disconnect];

impl Publish {
    /// Runs the command.
    ///
    /// # Errors
    /// Anything that keeps the message from arriving.
    pub fn run(mut self, ui: &Ui) -> anyhow::Result<()> {
        let ui = &self.session.ui(ui);
        if self.broker.asks_for_help(self.is_empty())? {
            return ui.styled(help::of(cli::program_with::<Publish>("pub"), &["pub"], ui));
        }
        let config = settings::load(ui)?;
        self.broker.tls.check_key(self.credential.key.key.as_deref())?;
        if self.spool.is_wanted() && self.session.has_properties(Carrier::Publish) {
            return Err(CliError::new(ExitKind::Usage, "a spool does not keep the properties of messages")
                .hint("leave out --spool, or -D PUBLISH")
                .into());
        }
        let device = self.device(&config);
        self.session.apply(&mut self.broker, SENDS, false, device.as_ref())?;
        let client_id = self.broker.client_id()?;
        if self.lines.stamp == Some(Stamp::V5) {
            needs_v5(&self.broker, "--stamp v5", "give -V 5, or --stamp json:FIELD")?;
        }
        if self.lines.are_wanted() || self.spool.is_wanted() {
            return stream::run(&self, ui, &config, &client_id);
        }
        single::run(&self, ui, &config, &client_id)
    }
}
