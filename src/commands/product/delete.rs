//! `i3 product delete`: deletes a product with its sales history, and checks that it is gone.

use clap::Args;
use serde_json::json;

use super::args::Target;
use crate::cli::market::{self, MarketArgs};
use crate::cli::ui::Ui;
use crate::market::client::MarketClient;
use crate::market::product;

/// Delete a product of yours with its sales history, and check that it is gone
///
/// Its sales, requests and ratings are deleted with it, and buyers lose what they bought. The broker remembers permissions for
/// 300 s: a connected client may publish or read for that long.
///
/// With --json {"topic", "id", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Example:
  i3 product delete alice/parking/occupancy --yes")]
pub struct Delete {
    #[command(flatten)]
    target: Target,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    market: MarketArgs,
}

impl Delete {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let row = login.checked(self.target.find(&mut client))?;
        login.checked(product::own(&row, login.user()))?;
        let question = format!(
            "Delete the product {} ({}) at {}, with its sales, requests and ratings?",
            self.target.topic,
            row.id,
            market.url()
        );
        market::confirm(ui, self.yes, &question)?;
        let notes = login
            .carry_out(ui, &market, "deleting the product", || product::delete(&mut client, &row, login.user()))?;
        login.tell(ui, &notes);
        ui.remark("The broker remembers permissions for 300 s: a connected client may publish or read for that long.");
        ui.result(&self.target.topic, || {
            let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
            json!({ "topic": row.title, "id": row.id, "notes": notes })
        })
    }
}
