//! `i3 product`: what is sold, listed, shown, searched, created, edited, repaired, deleted.

mod create;
mod delete;
mod edit;
mod repair;
mod search;
mod show;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::cli::ui::Ui;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::model::{FieldError, Position, Product as Row, SensorType};
use crate::market::product;
use crate::market::product::title::{self, TitleFault};
use crate::market::text::collapse;
use crate::shell::quoted;
use crate::text;

/// List, show, search, create, edit and delete products: the topics that are sold
///
/// Products are listed over REST, which every marketplace has. REST needs the API key, which 'login' saves.
///
/// With --json a product is {"topic", "id", "seller", "type", "description", "price", "sale_price"}; sale_price is null
/// unless the product is on sale.
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Product {
    #[command(subcommand)]
    command: ProductCommand,
}

#[derive(Subcommand)]
enum ProductCommand {
    List(search::List),
    Show(show::Show),
    Search(search::Search),
    Create(Box<create::Create>),
    Edit(Box<edit::Edit>),
    Repair(Box<repair::Repair>),
    Delete(delete::Delete),
}

/// Which product is to be changed.
#[derive(Args, Clone, Debug)]
struct Target {
    /// Name the product by its topic, as 'product list' shows it
    topic: String,
    /// Choose the product with this number if several have the same topic
    #[arg(long, value_name = "N")]
    id: Option<u64>,
}

impl Target {
    fn find(&self, client: &mut MarketClient<'_>) -> Result<Row, ChangeError> {
        product::pick(client, &self.topic, self.id)
    }
}

/// What a device measures or does.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum TypeArg {
    /// Its buyers read
    Sensor,
    /// Its buyers write, and may also read
    Actuator,
    /// Its buyers read and write
    Both,
}

impl From<TypeArg> for SensorType {
    fn from(arg: TypeArg) -> SensorType {
        match arg {
            TypeArg::Sensor => SensorType::Sensor,
            TypeArg::Actuator => SensorType::Actuator,
            TypeArg::Both => SensorType::Both,
        }
    }
}

impl Product {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps it from being done, or from being known to be done.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            ProductCommand::List(command) => command.run(ui),
            ProductCommand::Show(command) => command.run(ui),
            ProductCommand::Search(command) => command.run(ui),
            ProductCommand::Create(command) => command.run(ui),
            ProductCommand::Edit(command) => command.run(ui),
            ProductCommand::Repair(command) => command.run(ui),
            ProductCommand::Delete(command) => command.run(ui),
        }
    }
}

/// The position that two options give; each requires the other.
fn position(latitude: Option<&String>, longitude: Option<&String>) -> Result<Option<Position>, FieldError> {
    latitude.zip(longitude).map(|(latitude, longitude)| Position::new(latitude, longitude)).transpose()
}

/// A product as JSON.
fn shown(row: &Row) -> Value {
    json!({
        "topic": row.title, "id": row.id, "seller": row.seller, "type": row.sensor_type.as_str(),
        "description": row.description, "price": row.price, "sale_price": sale_price(row),
    })
}

/// Topic, price at present, type and description, between tabs.
fn line(row: &Row) -> String {
    let price = sale_price(row).unwrap_or(&row.price);
    text::row([&collapse(&row.title), price, row.sensor_type.as_str(), &collapse(&row.description)])
}

/// The sale price, if it is what buyers pay: one of 0 is not (I3 facts §6.5).
fn sale_price(row: &Row) -> Option<&str> {
    let is_zero = |price: &str| price.bytes().all(|b| matches!(b, b'0' | b'.' | b'-'));
    Some(row.sale_price.as_str()).filter(|price| row.sale_active && !is_zero(price))
}

/// Lists products, and warns of titles that are not topics.
fn list(ui: &Ui, rows: &[Row]) -> anyhow::Result<()> {
    rows.iter().for_each(|row| warn(ui, row));
    let lines: Vec<String> = rows.iter().map(line).collect();
    ui.list(&lines, || rows.iter().map(shown).collect())
}

fn warn(ui: &Ui, row: &Row) {
    if let Some(fault) = fault(row) {
        ui.warn(&format!("{}.", fault.replace("{i3}", &ui.program)));
    }
}

/// What is wrong with a product's title, and what fixes it.
fn fault(row: &Row) -> Option<String> {
    let fault = title::topic(&row.title, &row.seller).err()?;
    let which = format!("product {}: {fault}", row.id);
    Some(match fault {
        TitleFault::PrefixLost { seller, .. } => format!(
            "{which}; who buys it now gets a permission for this title, and devices may have theirs for an earlier one; \
             `{{i3}} product repair {} --title {}` gives it a topic",
            quoted(&collapse(&row.title)),
            quoted(&format!("{seller}/HUB/PRODUCT")),
        ),
        TitleFault::Unpublishable { source, .. } => format!("{which}: {source}"),
        _ => which,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(title: &str) -> Row {
        let json = json!({ "id": 7, "title": title, "seller": "alice", "sensor_type": "actuactor", "price": "2.50",
            "description": "of the\ndeck", "sale_active": true, "sale_price": "1.50" });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_line_holds_what_counts_at_present() {
        assert_eq!(line(&row("alice/parking/free")), "alice/parking/free\t1.50\tactuator\tof the deck");
        assert_eq!(shown(&row("alice/parking/free"))["type"], "actuator");
        for none in ["0.00", "0", ""] {
            assert_eq!(sale_price(&Row { sale_price: none.into(), ..row("a") }), None, "{none}");
        }
        assert_eq!(sale_price(&Row { sale_price: "-5.00".into(), ..row("a") }), Some("-5.00"));
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
