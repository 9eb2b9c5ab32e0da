//! `i3 logout`: removes the data that `i3 login` kept.

use clap::Args;
use serde_json::json;

use crate::account::Account;
use crate::cli::market::PlaceArgs;
use crate::cli::settings;
use crate::cli::ui::Ui;

/// Remove the API key and the session that 'login' kept for a marketplace
///
/// Nothing is sent: the session stays valid at the marketplace for the rest of its 14 days, and the API key for as long
/// as the marketplace has it.
#[derive(Args)]
pub struct Logout {
    #[command(flatten)]
    place: PlaceArgs,
}

impl Logout {
    /// Runs the command.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let config = settings::load(ui)?;
        let market = self.place.url(ui, &config)?.to_string();
        let was_kept = Account::remove(&config.places.accounts(), &market)?;
        match was_kept {
            true => ui.done(&format!("The log-in at {market} is no longer kept.")),
            false => ui.remark(&format!("No log-in at {market} was kept.")),
        }
        if ui.json { ui.object(json!({ "market": market, "was_kept": was_kept })) } else { Ok(()) }
    }
}
