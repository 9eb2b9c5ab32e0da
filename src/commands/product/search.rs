//! `i3 product list` and `i3 product search`: complete lists, regardless of the marketplace's own limit.

use clap::Args;

use super::args::TypeArg;
use super::output::list;
use crate::catalogue::entry;
use crate::cli::arguments::FreeText;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{self, MarketArgs};
use crate::cli::recent_names::{self, NameKind};
use crate::cli::ui::Ui;
use crate::collation::same;
use crate::config::Config;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::hub::{self, HubSpec};
use crate::market::model::{Product, ProductQuery};
use crate::market::product;
use crate::name::{HubName, Topic};

/// List your products: topic, price, type and description, between tabs
///
/// With --json an array of products.
#[derive(Args)]
pub struct List {
    /// List only products of this hub: a short or full name
    #[arg(long, value_name = "HUB")]
    hub: Option<String>,
    #[command(flatten)]
    market: MarketArgs,
}

/// Search the products of all sellers: topic, price, type and description, between tabs
///
/// All given conditions must hold; without any, everything is listed. With --json an array of products.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 product search parking --type sensor
  i3 product search --seller alice --json
  i3 product search --name alice/parking/occupancy")]
pub struct Search {
    /// Find products with this text in title or description
    #[arg(value_name = "TEXT")]
    search: Option<FreeText>,
    /// Find the product with this topic
    #[arg(long, value_name = "TOPIC", help_heading = "Conditions")]
    name: Option<String>,
    /// Find products of this seller
    #[arg(long, value_name = "USER", help_heading = "Conditions")]
    seller: Option<String>,
    /// Find products of this hub: USER/HUB
    #[arg(long, value_name = "HUB", help_heading = "Conditions")]
    hub: Option<String>,
    /// Find products of this type
    #[arg(long = "type", value_enum, value_name = "TYPE", help_heading = "Conditions")]
    kind: Option<TypeArg>,
    /// Find products that are restricted, or those that are not
    #[arg(long, value_name = "true|false", help_heading = "Conditions")]
    restricted: Option<bool>,
    /// Find products with this text in the description
    #[arg(long, value_name = "TEXT", help_heading = "Conditions")]
    description_contains: Option<FreeText>,
    /// Find the product with this number
    #[arg(long, value_name = "N", help_heading = "Conditions")]
    id: Option<u64>,
    #[command(flatten)]
    market: MarketArgs,
}

impl List {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let hub: Option<HubSpec> = self.hub.as_deref().map(str::parse).transpose()?;
        let (config, market, login) = self.market.access(ui)?;
        let seller = login.user().ok_or_else(|| {
            CliError::new(ExitKind::Config, "it is not known whose products to list")
                .hint_of(entry!("market-access-missing"), "log in with `{i3} login`, or give --user")
        })?;
        if let Some(HubSpec::Full(hub)) = &hub
            && !same(hub.user(), seller)
        {
            return Err(CliError::new(ExitKind::Data, format!("{hub} is not a hub of {seller}"))
                .hint_of(
                    entry!("seller-unknown"),
                    format!("run `{{i3}} product search --hub {hub}` for another seller's products"),
                )
                .into());
        }
        let mut client = MarketClient::open(&market, &login.auth())?;
        let query = ProductQuery { seller: Some(seller), ..ProductQuery::default() };
        let found = ui.progress("listing the products", || product::search(&mut client, &query));
        let mut rows = login.checked(found)?;
        if let Some(hub) = &hub {
            // The seller is found in any case, but the hub only in its own: the name is built from what is shown.
            if let Some(shown) = rows.first().map(|row| row.seller.clone()) {
                let full = format!("{shown}/{}", hub.short());
                let query = ProductQuery { hub: Some(&full), ..query };
                rows = login.checked(product::search(&mut client, &query))?;
            }
        }
        if let Some(hub) = hub.as_ref().filter(|_| rows.is_empty()) {
            match hub::check(&mut client, hub) {
                // An API key may not be enough to see the hubs.
                Ok(()) | Err(ChangeError::Client(_)) => {}
                Err(e) => return Err(e.into()),
            }
        }
        market::compare_clocks(ui, &market);
        let whole = rows.first().map(|row| format!("{}/", row.seller)).filter(|_| hub.is_none());
        remember(&config, &rows, whole.as_deref());
        if rows.is_empty() {
            ui.remark(&format!("{seller} has no such product; create one with `{} product create`.", ui.program));
        }
        // The list was requested; remarks about it must not hold it up.
        let misplaced = product::misplaced(&mut client, &rows).unwrap_or_default();
        list(ui, &rows, &misplaced)
    }
}

impl Search {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        // The marketplace finds nothing under a short name, and does not report that.
        let hub: Option<HubName> = self.hub.as_deref().map(str::parse).transpose()?;
        let (config, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let query = ProductQuery {
            name: self.name.as_deref(),
            seller: self.seller.as_deref(),
            hub: hub.as_ref().map(HubName::as_str),
            sensor_type: self.kind.map(Into::into),
            restricted: self.restricted,
            description_contains: self.description_contains.as_ref().map(|text| text.0.as_str()),
            search: self.search.as_ref().map(|text| text.0.as_str()),
            pk: self.id,
        };
        let found = ui.progress("searching", || product::search(&mut client, &query));
        let rows = login.checked(found)?;
        remember(&config, &rows, None);
        if rows.is_empty() {
            ui.remark("Nothing found.");
        }
        list(ui, &rows, &[])
    }
}

fn remember(config: &Config, rows: &[Product], all_of: Option<&str>) {
    // Titles of others may be anything.
    let topics = rows.iter().filter(|row| row.title.parse::<Topic>().is_ok()).map(|row| row.title.clone());
    recent_names::remember(&config.places, NameKind::Product, topics, all_of);
}
