//! `i3 pub`: publishes a message, or each line of stdin, and says whether it arrived.

mod args;
mod by_agent;
mod single;
mod stream;

use crate::cli;
use crate::cli::settings;
use crate::cli::stream::delivery::needs_v5;
use crate::cli::ui::Ui;
use crate::publisher::stamp::Stamp;
pub use args::Publish;

impl Publish {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps the message from arriving.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if self.broker.asks_for_help(self.is_empty())? {
            return ui.line(&cli::long_help::<Publish>(&["pub"], ui));
        }
        let config = settings::load(ui)?;
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
