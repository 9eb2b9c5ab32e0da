//! `i3 product edit`: changes a product, and checks that nothing else changed.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::args::{Target, TypeArg, picture, position};
use super::output::{warn, warn_unless_below};
use crate::cli::arguments::FreeText;
use crate::cli::market::MarketArgs;
use crate::cli::ui::Ui;
use crate::market::client::MarketClient;
use crate::market::product::{self, Change, Sale};
use crate::shell::quoted;

/// Change a product of yours, and check that it is changed
///
/// Everything that no option names stays unchanged. So does the topic: 'product repair --title' changes it. Buyers keep the
/// permissions that they bought.
///
/// With --json {"topic", "id", "changed", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 product edit alice/parking/occupancy --price 2.50
  i3 product edit alice/parking/occupancy --sale-price 1.20
  i3 product edit alice/parking/occupancy --no-sale --restricted --picture deck.png")]
pub struct Edit {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    market: MarketArgs,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Changes")]
#[group(required = true, multiple = true)]
struct Changes {
    /// Describe what is sold
    #[arg(long, value_name = "TEXT")]
    description: Option<FreeText>,
    /// Sell it at this price: over 1 and under 100, with at most 2 decimals
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true)]
    price: Option<String>,
    /// Sell it at this price for now: over 0 and under 100, with at most 2 decimals
    #[arg(long, value_name = "PRICE", allow_hyphen_values = true, conflicts_with = "no_sale")]
    sale_price: Option<String>,
    /// End the sale; the sale price is kept
    #[arg(long)]
    no_sale: bool,
    /// Say what its buyers do: read, write, or both
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    kind: Option<TypeArg>,
    /// Require your approval for each purchase
    #[arg(long, conflicts_with = "unrestricted")]
    restricted: bool,
    /// Let anyone buy it without your approval
    #[arg(long)]
    unrestricted: bool,
    /// Say where it is: degrees north, with at most 4 decimals
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true, requires = "longitude")]
    latitude: Option<String>,
    /// Say where it is: degrees east, with at most 4 decimals
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true, requires = "latitude")]
    longitude: Option<String>,
    /// Remove its position
    #[arg(long, conflicts_with_all = ["latitude", "longitude"])]
    no_position: bool,
    /// Show this picture (PNG, JPEG or GIF); it can be replaced, but not removed
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
}

impl Changes {
    fn read(&self) -> anyhow::Result<Change> {
        let sale = match &self.sale_price {
            Some(text) => Some(Sale::At(text.parse()?)),
            None => self.no_sale.then_some(Sale::Over),
        };
        let place = position(self.latitude.as_ref(), self.longitude.as_ref())?;
        Ok(Change {
            description: self.description.as_ref().map(|text| text.0.parse()).transpose()?,
            price: self.price.as_deref().map(str::parse).transpose()?,
            sale,
            sensor_type: self.kind.map(Into::into),
            restricted: (self.restricted || self.unrestricted).then_some(self.restricted),
            position: if self.no_position { Some(None) } else { place.map(Some) },
            picture: self.picture.as_deref().map(picture).transpose()?,
        })
    }
}

impl Edit {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let change = self.changes.read()?;
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let row = login.checked(self.target.find(&mut client))?;
        let changed = login.carry_out(ui, &market, "changing the product", || {
            product::edit(&mut client, &row, login.user(), &change)
        })?;
        login.tell(ui, &changed.notes);
        if changed.lacks_permissions {
            ui.note(&format!(
                "A device of the hub that lacked permissions still lacks them: run `{} product repair {}` when the \
                 marketplace's mail works.",
                ui.program,
                quoted(&row.title)
            ));
        }
        warn(ui, &row);
        if changed.fields.is_empty() {
            ui.remark("Nothing was sent: the product already has these values.");
        }
        if change.picture.is_some() && !row.media.is_empty() {
            ui.warn(
                "the marketplace keeps the thumbnail of a product's first picture, so its pages still show that one.",
            );
        }
        warn_of_dear_sale(ui, &change, &row.price);
        ui.result(&self.target.topic, || {
            json!({
                "topic": row.title, "id": row.id, "changed": changed.fields,
                "notes": changed.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
    }
}

fn warn_of_dear_sale(ui: &Ui, change: &Change, present: &str) {
    let price = change.price.or_else(|| present.parse().ok());
    if let (Some(Sale::At(sale)), Some(price)) = (change.sale, price) {
        warn_unless_below(ui, sale, price);
    }
}
