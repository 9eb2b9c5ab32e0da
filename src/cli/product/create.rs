//! `i3 product create`: creates a product, sees that it is there, and mends its permissions where the marketplace broke down.

use clap::Args;
use serde_json::json;

use super::TypeArg;
use crate::cli::failure::{self, Failure, Kind};
use crate::cli::market::{self, MarketArgs};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::market::door::Door;
use crate::market::hub::HubSpec;
use crate::market::product::{self, Position, Price, Terms};
use crate::name::{HubName, ProductName};
use crate::shell::quoted;

/// Create a product, and see that it is there
///
/// Prints its topic, which has at most 30 characters with user and hub. Refused is a name that nobody could publish to (with
/// + # or %), and one that the hub has in any case already.
///
/// Where the marketplace breaks down after it stored the product, as it does while its mail is down, the product has no
/// permissions; then, and where the answer is lost, it is saved once more, which gives them. With --json {"topic", "id", "hub", "repaired", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 product create occupancy --hub parking --description 'Free places' --price 1.50 --type sensor
  i3 product create alice/parking/barrier --description 'Opens' --price 5 --type actuator --restricted")]
pub struct Create {
    /// Name the product, in full (USER/HUB/PRODUCT) or by its last part alone
    #[arg(value_name = "TOPIC|NAME")]
    name: String,
    /// Put it into this hub of yours, by its short or full name
    #[arg(long, value_name = "HUB")]
    hub: Option<String>,
    /// Say what is sold
    #[arg(long, value_name = "TEXT", help_heading = "Terms")]
    description: String,
    /// Sell it at this price: over 1 and under 100, with at most 2 decimals
    #[arg(long, value_name = "PRICE", help_heading = "Terms", allow_hyphen_values = true)]
    price: String,
    /// Say what its buyers do with it
    #[arg(long = "type", value_enum, value_name = "TYPE", help_heading = "Terms")]
    kind: TypeArg,
    /// Sell it at this price for the time being
    #[arg(long, value_name = "PRICE", help_heading = "Terms", allow_hyphen_values = true)]
    sale_price: Option<String>,
    /// Restrict it
    #[arg(long, help_heading = "Terms")]
    restricted: bool,
    #[command(flatten)]
    position: PositionArgs,
    #[command(flatten)]
    market: MarketArgs,
}

/// Where it is measured.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Terms")]
pub struct PositionArgs {
    /// Say where it is: degrees north, with at most 4 decimals
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true, requires = "longitude")]
    latitude: Option<String>,
    /// Say where it is: degrees east, with at most 4 decimals
    #[arg(long, value_name = "DEGREES", allow_hyphen_values = true, requires = "latitude")]
    longitude: Option<String>,
}

impl PositionArgs {
    /// The position, if one is given.
    pub fn read(&self) -> anyhow::Result<Option<Position>> {
        Ok(match (&self.latitude, &self.longitude) {
            (Some(latitude), Some(longitude)) => Some(Position::new(latitude, longitude)?),
            _ => None,
        })
    }
}

impl Create {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let config = Config::load()?;
        let (hub, name) = place(&self.name, self.hub.as_deref())?;
        let terms = self.terms()?;
        let market = self.market.open(ui, &config)?;
        let entry = self.market.entry(ui, &config, &market)?;
        let access = entry.access();
        let mut door = Door::open(&market, &access)?;
        let created = ui.progress("creating the product", || product::create(&mut door, &hub, &name, &terms));
        market::compare_clocks(ui, &market);
        let created = entry.checked(created)?;
        entry.tell(ui, &created.notes);
        let topic = &created.topic;
        if created.may_lack_permissions {
            let saved = match created.id {
                Some(id) => entry.checked(product::save(&mut door, id, topic, &terms)),
                None => Err(Failure::new(Kind::Other, "the hub's page shows no number for it").into()),
            };
            saved.map_err(|e| {
                let message =
                    format!("{topic} is there, but may lack its permissions, without which nobody can publish to it");
                let failure = Failure::new(failure::kind(&e), message);
                e.context(failure.hint(format!("run `{{i3}} product repair {}`", quoted(topic.as_str()))))
            })?;
            ui.note(&format!(
                "A product that was created so may lack its permissions; {topic} was saved once more, which gives them. \
                 The first message proves it."
            ));
        }
        ui.result(topic.as_str(), || {
            json!({
                "topic": topic.as_str(), "id": created.id, "hub": created.hub.name.as_str(),
                "repaired": created.may_lack_permissions,
                "notes": created.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
    }

    fn terms(&self) -> anyhow::Result<Terms> {
        let price: Price = self.price.parse()?;
        let sale = self.sale_price.as_deref().map(str::parse).transpose()?;
        let mut terms = Terms::new(&self.description, price, sale, self.kind.into())?;
        terms.restricted = self.restricted;
        terms.position = self.position.read()?;
        Ok(terms)
    }
}

/// Hub and name from a topic in full, or from a name and `--hub`. What is too long is refused before anything is sent, as
/// far as the user is known.
fn place(text: &str, hub: Option<&str>) -> anyhow::Result<(HubSpec, ProductName)> {
    let given: Option<HubSpec> = hub.map(str::parse).transpose()?;
    let full = in_full(text).filter(|(hub, _)| given.as_ref().is_none_or(|given| given.short() == hub.short()));
    let (hub, name) = match (full, given) {
        (Some((hub, name)), given) => (given.unwrap_or(HubSpec::Full(hub)), name),
        (None, Some(given)) => (given, text),
        (None, None) => {
            return Err(Failure::new(Kind::Usage, "nothing says which hub the product belongs to")
                .hint("name it with --hub HUB, or give the whole topic: USER/HUB/PRODUCT")
                .into());
        }
    };
    let name: ProductName = name.parse()?;
    if let HubSpec::Full(hub) = &hub {
        hub.product(&name)?;
    }
    Ok((hub, name))
}

/// The hub and the rest of a topic, if it is one.
fn in_full(text: &str) -> Option<(HubName, &str)> {
    let (user, rest) = text.split_once('/')?;
    let (hub, name) = rest.split_once('/')?;
    Some((format!("{user}/{hub}").parse().ok()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_named_in_full_or_by_name_and_hub() {
        for (text, hub, expected) in [
            ("alice/parking/free", None, ("alice/parking", "free")),
            ("alice/parking/free", Some("parking"), ("parking", "free")),
            ("free", Some("alice/parking"), ("alice/parking", "free")),
            ("deck/2", Some("parking"), ("parking", "deck/2")),
            ("north/deck/2", Some("parking"), ("parking", "north/deck/2")),
        ] {
            let (hub, name) = place(text, hub).unwrap();
            assert_eq!((hub.to_string().as_str(), name.as_str()), expected, "{text}");
        }
        assert!(place("free", None).unwrap_err().to_string().contains("which hub"));
        assert!(place("alice/parking/a+bc", None).unwrap_err().to_string().contains("wildcards"));
        assert!(place("alice/parking/seventeenletters1", None).unwrap_err().to_string().contains("31 characters"));
    }
}
