//! Products as lines and as JSON, and warnings about their titles.

use serde_json::{Value, json};

use crate::cli::ui::Ui;
use crate::market::model::{HubRow, Price, Product, SalePrice};
use crate::market::product::title::{self, TitleFault};
use crate::market::text::collapse;
use crate::shell::quoted;
use crate::text;

/// A product as JSON.
pub(super) fn shown(row: &Product) -> Value {
    json!({
        "topic": row.title, "id": row.id, "seller": row.seller, "type": row.sensor_type.as_str(),
        "description": row.description, "price": row.price, "sale_price": sale_price(row),
    })
}

/// Topic, current price, type and description, separated by tabs.
fn line(row: &Product) -> String {
    let price = sale_price(row).unwrap_or(&row.price);
    text::row([&collapse(&row.title), price, row.sensor_type.as_str(), &collapse(&row.description)])
}

/// The sale price, if buyers pay it: they do not pay one of 0 (I3 facts §6.5).
pub(super) fn sale_price(row: &Product) -> Option<&str> {
    let is_zero = |price: &str| price.bytes().all(|b| matches!(b, b'0' | b'.' | b'-'));
    Some(row.sale_price.as_str()).filter(|price| row.sale_active && !is_zero(price))
}

/// Lists products, and warns about titles that are not topics, and about `misplaced` products.
pub(super) fn list(ui: &Ui, rows: &[Product], misplaced: &[&Product]) -> anyhow::Result<()> {
    rows.iter().for_each(|row| warn(ui, row));
    for row in misplaced {
        let title = quoted(&collapse(&row.title));
        ui.warn(&format!(
            "product {}: {} is not in the hub that its title names, and the devices of that hub may not be permitted it; \
             `{} product show {title}` says where it is.",
            row.id,
            collapse(&row.title),
            ui.program
        ));
    }
    let lines: Vec<String> = rows.iter().map(line).collect();
    ui.table(&["TOPIC", "PRICE", "TYPE", "DESCRIPTION"], &lines, || rows.iter().map(shown).collect())
}

pub(super) fn warn(ui: &Ui, row: &Product) {
    if let Some(fault) = fault(row) {
        ui.warn(&format!("{}.", fault.replace("{i3}", &ui.program)));
    }
}

/// Warns about a product whose form holds a different hub than its title names; `hubs` are the seller's.
pub(super) fn warn_of_place(ui: &Ui, row: &Product, place: &str, hubs: &[HubRow]) {
    let title = quoted(&collapse(&row.title));
    let which = format!("product {}: {}", row.id, collapse(&row.title));
    ui.warn(&match hubs.iter().find(|hub| hub.name.as_str() == place) {
        Some(hub) => format!(
            "{which} is in another hub than its title names, {0}: the devices of {0} are permitted it, and those of the \
             other hub may not be; `{1} product repair {title} --title {0}/PRODUCT` gives it a topic of its hub.",
            hub.name, ui.program
        ),
        None => format!(
            "{which} is in no hub, and so no device gets permissions for it; `{} product repair {title}` puts it back \
             into the hub that its title names.",
            ui.program
        ),
    });
}

/// What is wrong with a product's title, and what fixes it.
fn fault(row: &Product) -> Option<String> {
    let fault = title::topic(&row.title, &row.seller).err()?;
    let which = format!("product {}: {fault}", row.id);
    Some(match fault {
        TitleFault::PrefixLost { seller, .. } => format!(
            "{which}; anyone who buys it now gets a permission for this title, and devices may have theirs for an earlier one; \
             `{{i3}} product repair {} --title {}` gives it a topic",
            quoted(&collapse(&row.title)),
            quoted(&format!("{seller}/HUB/PRODUCT")),
        ),
        TitleFault::Unpublishable { source, .. } => format!("{which}: {source}"),
        _ => which,
    })
}

/// The marketplace sells at any sale price.
pub(super) fn warn_unless_below(ui: &Ui, sale: SalePrice, price: Price) {
    if !sale.is_below(price) {
        ui.warn(&format!("the sale price {sale} is not below the price {price}."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(title: &str) -> Product {
        let json = json!({ "id": 7, "title": title, "seller": "alice", "sensor_type": "actuactor", "price": "2.50",
            "description": "of the\ndeck", "sale_active": true, "sale_price": "1.50" });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_line_holds_what_counts_at_present() {
        assert_eq!(line(&row("alice/parking/free")), "alice/parking/free\t1.50\tactuator\tof the deck");
        assert_eq!(shown(&row("alice/parking/free"))["type"], "actuator");
        for none in ["0.00", "0", ""] {
            assert_eq!(sale_price(&Product { sale_price: none.into(), ..row("a") }), None, "{none}");
        }
        assert_eq!(sale_price(&Product { sale_price: "-5.00".into(), ..row("a") }), Some("-5.00"));
    }

    #[test]
    fn titles_that_are_not_topics_are_told() {
        assert_eq!(fault(&row("alice/parking/free")), None);
        for (title, says) in [
            ("free", "lost its prefix"),
            ("alice/free", "lost its prefix"),
            ("bob/parking/free", "lost its prefix"),
            ("alice/parking/a+bc", "wildcards"),
            ("alice/parking/lots-%u", "replaces"),
        ] {
            assert!(fault(&row(title)).unwrap().contains(says), "{title}");
        }
    }
}
