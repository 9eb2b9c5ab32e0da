//! `i3 buy`: buys a product, once; this costs money.

use std::fs::File;
use std::io;

use clap::Args;
use serde_json::json;

use crate::cli::arguments::FreeText;
use crate::cli::market::{self, MarketArgs};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::fsio;
use crate::market::client::MarketClient;
use crate::market::product;
use crate::market::purchase::{self, Grant, Order};

/// Buy a product: this costs money
///
/// The command shows the price and asks first; in a script, give --yes. The purchase is sent once and never repeated, because
/// each one is booked, even if nothing comes of it. Afterwards the transactions are checked for what was booked.
///
/// A restricted product is booked at once, but usable only when its seller has approved the request; that is a success, with
/// "status" "requested".
///
/// Exit code 1 means that it was booked but not granted, or that it is unknown whether it was granted: while the marketplace's
/// mail is down, a purchase is booked and grants nothing. What was not granted is taken out of the cart, because the next
/// purchase would book it again. Exit code 77 means that something else was in the cart: nothing was booked. Purchases on one
/// machine wait for each other.
///
/// Prints the topic. With --json {"topic", "product", "quantity", "total", "at", "status"}, "status" being "granted" or
/// "requested"; with --clear-cart {"removed": COUNT}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 buy alice/parking/occupancy
  i3 buy alice/parking/occupancy --quantity 100 --yes
  i3 buy --clear-cart")]
pub struct Buy {
    /// Buy the product with this topic: USER/HUB/PRODUCT
    #[arg(required_unless_present = "clear_cart")]
    topic: Option<String>,
    /// Buy N units
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    quantity: u32,
    /// Send this message to the seller of a restricted product
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, allow_hyphen_values = true)]
    request_message: FreeText,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Empty the cart instead, so that no purchase books what is in it
    #[arg(long, conflicts_with_all = ["topic", "quantity", "request_message", "yes"])]
    clear_cart: bool,
    #[command(flatten)]
    market: MarketArgs,
}

impl Buy {
    /// Runs the command.
    ///
    /// # Errors
    /// The product was not bought, or was booked but not granted.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (config, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let Some(topic) = &self.topic else {
            let _turn = turn(ui, &config);
            let removed = login.checked(purchase::clear_cart(&mut client))?.len();
            return ui.result(&format!("{removed} taken out of the cart"), || json!({ "removed": removed }));
        };
        let (row, _) = login.checked(product::find(&mut client, topic))?;
        let order = login.checked(Order::new(&mut client, row, self.quantity, &self.request_message.0))?;
        market::confirm(ui, self.yes, &question(&order))?;
        let _turn = turn(ui, &config);
        let bought = login.carry_out(ui, &market, "buying", || purchase::buy(&mut client, &order))?;
        let booked = &bought.transaction;
        ui.remark(&format!("Booked: {} of {topic} for {}.", booked.quantity, booked.total));
        let status = match bought.grant {
            Grant::Granted => "granted",
            Grant::Requested => {
                ui.remark("The product is restricted: it can be used once its seller has approved the request.");
                "requested"
            }
        };
        if bought.first {
            ui.remark(&format!(
                "This was the first purchase: the broker password was created, and `{} notifications broker-password` prints it.",
                ui.program
            ));
        }
        ui.result(topic, || {
            json!({
                "topic": topic, "product": booked.product, "quantity": booked.quantity,
                "total": booked.total.to_string(), "at": booked.at.to_string(), "status": status,
            })
        })
    }
}

/// Waits until no other run buys: an account has one cart, and a check-out books all that is in it. Where no lock can be had, the
/// cart is looked at all the same.
fn turn(ui: &Ui, config: &Config) -> Option<File> {
    let folder = &config.places.state;
    let locked = || {
        fsio::create_private_dir(folder)?;
        let file = File::create(folder.join("buy.lock"))?;
        file.lock().map(|()| file)
    };
    let locked: io::Result<File> = ui.progress("waiting for another purchase", locked);
    locked.inspect_err(|e| ui.detail(&format!("No other run is kept from buying at the same moment: {e}."))).ok()
}

fn question(order: &Order) -> String {
    let price = order.price().map(|price| format!(" for {price}")).unwrap_or_default();
    let restricted = if order.restricted { " (restricted: its seller decides)" } else { "" };
    format!(
        "Buy {} of {}{price}{restricted}? This costs money and cannot be undone.",
        order.quantity, order.product.title
    )
}
