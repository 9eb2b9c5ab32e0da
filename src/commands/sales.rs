//! `i3 sales` and `i3 purchases`: lists sales and purchases: with whom, how many, for how much, when.

use std::collections::{BTreeMap, HashMap};

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::market::MarketArgs;
use crate::cli::ui::Ui;
use crate::cli::usage::Reason;
use crate::market::auth::ClientError;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::deals::{self, Deal};
use crate::market::hub::{self, HubSpec};
use crate::market::model::Amount;
use crate::market::product;
use crate::market::text::quote;
use crate::name::{HubName, Topic};
use crate::text;

/// List what you sold: topic, buyer, quantity, amount and time of each sale
///
/// Prints a line for each sale, the oldest first, with tabs between time (UTC), topic, buyer, quantity and amount for
/// the whole quantity; the totals go to stderr. The marketplace does not keep the sales of a deleted product.
///
/// With --json {"sales": [{"at", "topic", "product", "buyer", "quantity", "total"}], "topics": [{"topic", "product",
/// "count", "quantity", "total"}], "count", "quantity", "total"}. Amounts are strings with two decimals; "topic" is null
/// if the marketplace does not list the product.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 sales
  i3 sales --hub alice/parking --since 2026-11-01
  i3 sales --totals
  i3 sales --json | jq -r .total")]
pub struct Sales {
    #[command(flatten)]
    selection: Selection,
}

/// List what you bought: topic, seller, quantity, amount and time of each purchase
///
/// Prints a line for each purchase, the oldest first, with tabs between time (UTC), topic, seller, quantity and amount for
/// the whole quantity; the totals go to stderr. Purchases that were booked but never granted are listed as well.
///
/// With --json as 'sales', with "purchases" in place of "sales" and "seller" in place of "buyer".
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 purchases
  i3 purchases --topic alice/parking/occupancy")]
pub struct Purchases {
    #[command(flatten)]
    selection: Selection,
}

/// Which of them, and how they are shown.
#[derive(Args)]
struct Selection {
    /// List this topic only
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
    /// List the topics of this hub only: a short or full name
    #[arg(long, value_name = "HUB")]
    hub: Option<String>,
    /// List nothing older than this: 2026-11-01 (UTC), or 2026-11-01T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Print a line for each topic instead: topic, count, quantity, amount
    #[arg(long)]
    totals: bool,
    #[command(flatten)]
    market: MarketArgs,
}

/// What differs between sales and purchases.
struct Side {
    list: fn(&mut MarketClient<'_>) -> Result<Vec<Deal>, ClientError>,
    one: &'static str,
    many: &'static str,
    party: &'static str,
    /// Whether there can be any of a topic, or of a hub.
    find_topic: fn(&mut MarketClient<'_>, &str) -> anyhow::Result<()>,
    find_hub: fn(&mut MarketClient<'_>, &HubSpec, Vec<HubName>) -> Result<(), ChangeError>,
}

const SALES: Side = Side {
    list: deals::sales,
    one: "sale",
    many: "sales",
    party: "buyer",
    find_topic: |client, topic| {
        let (found, _) = product::find(client, topic)?;
        Ok(product::own(&found, client.known_user())?)
    },
    find_hub: |client, hub, _| hub::check(client, hub),
};
const PURCHASES: Side = Side {
    list: deals::purchases,
    one: "purchase",
    many: "purchases",
    party: "seller",
    find_topic: |client, topic| Ok(product::find(client, topic).map(drop)?),
    find_hub: hub::check_any,
};

impl Sales {
    /// Runs the command.
    ///
    /// # Errors
    /// The marketplace does not show the transactions.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        self.selection.run(ui, &SALES)
    }
}

impl Purchases {
    /// Runs the command.
    ///
    /// # Errors
    /// The marketplace does not show the transactions.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        self.selection.run(ui, &PURCHASES)
    }
}

impl Selection {
    fn run(self, ui: &Ui, side: &Side) -> anyhow::Result<()> {
        let topic = self.topic.as_deref().map(str::parse::<Topic>).transpose()?;
        let hub = self.hub.as_deref().map(str::parse::<HubSpec>).transpose()?;
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let all = login.carry_out(ui, &market, "reading the transactions", || (side.list)(&mut client))?;
        let is_of = |deal: &Deal, topic: &Topic| deal.topic.as_deref() == Some(topic.as_str());
        let is_in = |deal: &Deal, hub: &HubSpec| {
            let shown = deal.topic.as_deref().unwrap_or_default();
            shown.match_indices('/').nth(1).is_some_and(|(end, _)| hub.is(&shown[..end]))
        };
        // Nothing of a name that does not exist would pass for nothing of one that does.
        if let Some(topic) = topic.as_ref().filter(|topic| !all.iter().any(|deal| is_of(deal, topic))) {
            login.checked((side.find_topic)(&mut client, topic.as_str()))?;
        }
        if let Some(hub) = hub.as_ref().filter(|hub| !all.iter().any(|deal| is_in(deal, hub))) {
            let topics = all.iter().filter_map(|deal| deal.topic.as_deref()?.parse::<Topic>().ok());
            let hubs = topics.filter_map(|topic| topic.hub().parse().ok()).collect();
            login.checked((side.find_hub)(&mut client, hub, hubs))?;
        }
        let is_meant = |deal: &Deal| {
            topic.as_ref().is_none_or(|topic| is_of(deal, topic))
                && hub.as_ref().is_none_or(|hub| is_in(deal, hub))
                && self.since.is_none_or(|since| deal.transaction.at >= since)
        };
        let deals: Vec<Deal> = all.into_iter().filter(is_meant).collect();
        let topics = totals(&deals);
        if ui.json {
            return ui.object(object(side, &deals, &topics));
        }
        let sum = Total::of(deals.iter());
        let what = if sum.count == 1 { side.one } else { side.many };
        ui.remark(&format!("{} {what}, {}, {} in all.", sum.count, units(sum.quantity), sum.amount));
        if self.totals {
            let lines: Vec<String> = topics.iter().map(|(topic, total)| total.line(topic)).collect();
            return ui.table(&["TOPIC", "COUNT", "QUANTITY", "TOTAL"], &lines, Vec::new);
        }
        let lines: Vec<String> = deals.iter().map(line).collect();
        let party = side.party.to_uppercase();
        ui.table(&["TIME", "TOPIC", &party, "QUANTITY", "TOTAL"], &lines, Vec::new)
    }
}

fn units(quantity: u64) -> String {
    if quantity == 1 { "1 unit".into() } else { format!("{quantity} units") }
}

/// The totals of several deals.
struct Total {
    /// None for deals of several products.
    product: Option<u64>,
    count: usize,
    quantity: u64,
    amount: Amount,
}

impl Total {
    fn of<'a>(deals: impl Iterator<Item = &'a Deal> + Clone) -> Total {
        let rows = deals.map(|deal| &deal.transaction);
        Total {
            product: None,
            count: rows.clone().count(),
            quantity: rows.clone().fold(0, |sum: u64, row| sum.saturating_add(row.quantity)),
            amount: Amount::sum(rows.map(|row| row.total)),
        }
    }

    fn line(&self, topic: &str) -> String {
        text::row([topic, &self.count.to_string(), &self.quantity.to_string(), &self.amount.to_string()])
    }
}

/// The totals of each product, by topic.
fn totals(deals: &[Deal]) -> Vec<(String, Total)> {
    let mut products: BTreeMap<(String, u64), Vec<&Deal>> = BTreeMap::new();
    for deal in deals {
        products.entry((quote(&deal.product()), deal.transaction.product)).or_default().push(deal);
    }
    let total = |((topic, product), deals): ((String, u64), Vec<&Deal>)| {
        (topic, Total { product: Some(product), ..Total::of(deals.into_iter()) })
    };
    products.into_iter().map(total).collect()
}

fn line(deal: &Deal) -> String {
    let row = &deal.transaction;
    let (at, quantity, total) = (row.at.to_string(), row.quantity.to_string(), row.total.to_string());
    text::row([&at, &quote(&deal.product()), &row.party, &quantity, &total])
}

fn object(side: &Side, deals: &[Deal], topics: &[(String, Total)]) -> Value {
    let deal = |deal: &Deal| {
        let row = &deal.transaction;
        json!({
            "at": row.at.to_string(), "topic": deal.topic, "product": row.product, side.party: row.party,
            "quantity": row.quantity, "total": row.total.to_string(),
        })
    };
    let mut listed: HashMap<u64, &Deal> = HashMap::new();
    for deal in deals {
        listed.entry(deal.transaction.product).or_insert(deal);
    }
    let topic = |(_, total): &(String, Total)| {
        json!({
            "topic": total.product.and_then(|product| listed.get(&product)?.topic.clone()), "product": total.product,
            "count": total.count, "quantity": total.quantity, "total": total.amount.to_string(),
        })
    };
    let sum = Total::of(deals.iter());
    json!({
        side.many: deals.iter().map(deal).collect::<Vec<_>>(), "topics": topics.iter().map(topic).collect::<Vec<_>>(),
        "count": sum.count, "quantity": sum.quantity, "total": sum.amount.to_string(),
    })
}

fn moment(text: &str) -> Result<Timestamp, Reason> {
    const WRONG: Reason = Reason("give a day such as 2026-11-01, or a moment such as 2026-11-01T08:00:00Z");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let day: Date = text.parse().map_err(|_| WRONG)?;
    day.to_zoned(TimeZone::UTC).map(|at| at.timestamp()).map_err(|_| WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::model::Transaction;

    fn deal(product: u64, topic: Option<&str>, quantity: u64, total: &str) -> Deal {
        let at = "2026-11-26T08:09:53Z".parse().unwrap();
        let transaction = Transaction { product, party: "hank".into(), quantity, total: total.parse().unwrap(), at };
        Deal { topic: topic.map(String::from), transaction }
    }

    #[test]
    fn totals_are_by_product_and_in_all() {
        let topic = "alice/parking/free";
        let deals = [deal(3, Some(topic), 2, "2.40"), deal(9, None, 1, "-1.00"), deal(3, Some(topic), 1, "1.20")];
        let lines: Vec<_> = totals(&deals).iter().map(|(topic, total)| total.line(topic)).collect();
        assert_eq!(lines, ["alice/parking/free\t2\t3\t3.60", "product 9\t1\t1\t-1.00"]);
        assert_eq!(line(&deals[1]), "2026-11-26T08:09:53Z\tproduct 9\thank\t1\t-1.00");
        let told = object(&SALES, &deals, &totals(&deals));
        assert_eq!((&told["total"], &told["quantity"], &told["count"]), (&json!("2.60"), &json!(4), &json!(3)));
        assert_eq!((&told["sales"][1]["topic"], &told["sales"][1]["buyer"]), (&Value::Null, &json!("hank")));
        assert_eq!(
            told["topics"][0],
            json!({"topic": topic, "product": 3, "count": 2, "quantity": 3, "total": "3.60"})
        );
    }

    #[test]
    fn a_day_begins_at_midnight_utc() {
        assert_eq!(moment("2026-11-01").unwrap().to_string(), "2026-11-01T00:00:00Z");
        assert_eq!(moment("2026-11-01T08:00:00-08:00").unwrap().to_string(), "2026-11-01T16:00:00Z");
        for bad in ["", "yesterday", "2026-13-01", "11/01/2026"] {
            assert!(moment(bad).is_err(), "{bad}");
        }
    }
}
