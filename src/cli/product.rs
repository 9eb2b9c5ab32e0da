//! `i3 product`: what is sold, listed, shown, searched, created, and saved once more.

mod create;
mod repair;
mod search;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::market::MarketArgs;
use super::ui::Ui;
use crate::config::Config;
use crate::market::door::Door;
use crate::market::product;
use crate::market::rest::{Product as Row, SensorType};
use crate::name::{ProductName, Topic};
use crate::shell::quoted;

/// List, show, search and create products: the topics that are sold
///
/// Products are listed over REST, which every marketplace has. It takes the API key, which 'login' keeps.
///
/// With --json a product is {"topic", "id", "seller", "type", "description", "price", "sale_price"}; sale_price is null
/// unless it counts at present.
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Product {
    #[command(subcommand)]
    command: ProductCommand,
}

#[derive(Subcommand)]
enum ProductCommand {
    List(search::List),
    Show(Show),
    Search(search::Search),
    Create(Box<create::Create>),
    Repair(Box<repair::Repair>),
}

/// Show a product
///
/// With --json one product, and "namesakes": the topics that differ from it in case alone.
#[derive(Args)]
struct Show {
    /// Show the product of this topic: USER/HUB/PRODUCT
    topic: String,
    #[command(flatten)]
    market: MarketArgs,
}

/// What a device measures or does.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum TypeArg {
    /// Its buyers read
    Sensor,
    /// Its buyers write
    Actuator,
    /// Its buyers do both
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
            ProductCommand::Repair(command) => command.run(ui),
        }
    }
}

impl Show {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let config = Config::load()?;
        let market = self.market.open(ui, &config)?;
        let entry = self.market.entry(ui, &config, &market)?;
        let mut door = Door::open(&market, &entry.access())?;
        let (row, namesakes) = entry.checked(product::find(&mut door, &self.topic))?;
        let namesakes: Vec<&str> = namesakes.iter().map(|row| row.title.as_str()).collect();
        warn(ui, &row);
        if !namesakes.is_empty() {
            ui.warn(&format!("there are topics that differ from it in case alone: {}.", namesakes.join(", ")));
        }
        let mut lines = vec![
            format!("topic: {}", row.title),
            format!("id: {}", row.id),
            format!("seller: {}", row.seller),
            format!("type: {}", row.sensor_type.as_str()),
            format!("price: {}", row.price),
        ];
        lines.extend(sale_price(&row).map(|price| format!("sale price: {price}")));
        lines.push(format!("description: {}", one_line(&row.description)));
        ui.result(&lines.join("\n"), || {
            let mut object = shown(&row);
            object["namesakes"] = json!(namesakes);
            object
        })
    }
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
    format!("{}\t{price}\t{}\t{}", one_line(&row.title), row.sensor_type.as_str(), one_line(&row.description))
}

fn sale_price(row: &Row) -> Option<&str> {
    Some(row.sale_price.as_str()).filter(|price| row.sale_active && !price.is_empty())
}

/// White space as one blank, and no control characters: what a marketplace sends may end on a terminal.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Lists products, and warns of those that nobody can publish to.
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

/// The part of a product's title behind its seller's USER/HUB/; None if it has lost that.
fn name(row: &Row) -> Option<&str> {
    let (_, name) = row.title.strip_prefix(row.seller.as_str())?.strip_prefix('/')?.split_once('/')?;
    Some(name)
}

/// Why nobody can publish to a product as it stands.
fn fault(row: &Row) -> Option<String> {
    let title = one_line(&row.title);
    let Some(name) = name(row) else {
        return Some(format!(
            "the title '{title}' ({}) has lost its prefix: the broker still permits the topic that it was, and no other; \
             `{{i3}} product repair {} --title {}/HUB/PRODUCT` gives it back",
            row.id,
            quoted(&title),
            row.seller
        ));
    };
    match (name.parse::<ProductName>(), row.title.parse::<Topic>()) {
        (Ok(_), Ok(_)) => None,
        (Err(e), _) | (_, Err(e)) => Some(format!("nobody can publish to '{title}' ({}): {e}", row.id)),
    }
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
    }

    #[test]
    fn topics_that_nobody_can_publish_to_are_told() {
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
