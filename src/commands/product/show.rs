//! `i3 product show`: everything that the marketplace knows about a product.

use clap::Args;
use serde_json::json;

use super::output::{sale_price, shown, warn, warn_of_place};
use crate::cli::market::MarketArgs;
use crate::cli::ui::Ui;
use crate::collation::same;
use crate::market::client::MarketClient;
use crate::market::model::{Position, Product as Row};
use crate::market::product::{self, Details, title};
use crate::market::text::collapse;
use crate::market_url::MarketUrl;

/// Show a product, with everything that the marketplace shows about it
///
/// Position and rating need a log-in. With --json one product, and "kept_sale_price" (that of a sale which is over), "hub",
/// "restricted", "position" ({"latitude", "longitude"}), "picture", "rating" ({"average", "count"}), "link", and "namesakes":
/// the topics that the marketplace's database treats as the same. Anything missing or not shown is null.
#[derive(Args)]
pub(super) struct Show {
    /// Show the product with this topic: USER/HUB/PRODUCT
    topic: String,
    #[command(flatten)]
    market: MarketArgs,
}

impl Show {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let (row, namesakes) = login.checked(product::find(&mut client, &self.topic))?;
        let details = login.checked(product::details(&mut client, &row))?;
        let namesakes: Vec<&str> = namesakes.iter().map(|row| row.title.as_str()).collect();
        warn(ui, &row);
        if let Some(place) = &details.hub
            && let Ok(topic) = title::topic(&row.title, &row.seller)
            && !same(topic.hub(), place)
        {
            warn_of_place(ui, &row, place, &login.checked(client.hubs())?);
        }
        if !namesakes.is_empty() {
            let list: Vec<String> = namesakes.iter().map(|title| collapse(title)).collect();
            ui.warn(&format!("the marketplace's database treats these topics as the same: {}.", list.join(", ")));
        }
        if details.position.is_none() {
            ui.remark(&format!("Position and rating are shown only with a log-in: `{} login`.", ui.program));
        }
        let link = format!("{}/products/{}/", market.url(), row.id);
        let picture = picture(&row, market.url());
        ui.result(&lines(&row, &details, picture.as_deref(), &link).join("\n"), || {
            let mut object = shown(&row);
            object["kept_sale_price"] = json!(kept_sale_price(&row));
            object["hub"] = json!(details.hub);
            object["restricted"] = json!(details.restricted);
            object["position"] = json!(details.position.iter().flatten().next().map(degrees));
            object["picture"] = json!(picture);
            object["rating"] = json!(
                details
                    .rating
                    .filter(|rating| rating.count > 0)
                    .map(|rating| json!({ "average": rating.average, "count": rating.count }))
            );
            object["link"] = json!(link);
            object["namesakes"] = json!(namesakes);
            object
        })
    }
}

fn lines(row: &Row, details: &Details, picture: Option<&str>, link: &str) -> Vec<String> {
    let mut lines = vec![
        format!("topic: {}", collapse(&row.title)),
        format!("id: {}", row.id),
        format!("seller: {}", collapse(&row.seller)),
    ];
    lines.extend(details.hub.iter().map(|hub| format!("hub: {}", collapse(hub))));
    lines.push(format!("type: {}", row.sensor_type.as_str()));
    lines.push(format!("price: {}", collapse(&row.price)));
    lines.extend(sale_price(row).map(|price| format!("sale price: {}", collapse(price))));
    lines.extend(kept_sale_price(row).map(|price| format!("sale price: {} (the sale is over)", collapse(price))));
    lines.push(format!("restricted: {}", if details.restricted { "yes" } else { "no" }));
    lines.extend(details.position.iter().map(|position| match position {
        Some(position) => {
            format!("position: {}, {}", collapse(position.latitude()), collapse(position.longitude()))
        }
        None => "position: none".into(),
    }));
    lines.push(format!("picture: {}", picture.map_or_else(|| "none".into(), collapse)));
    lines.extend(details.rating.map(|rating| match rating.count {
        0 => "rating: none yet".into(),
        count => format!("rating: {} ({count} in all)", rating.average),
    }));
    lines.push(format!("link: {link}"));
    lines.push(format!("description: {}", collapse(&row.description)));
    lines
}

/// The sale price that the product keeps without being on sale.
fn kept_sale_price(row: &Row) -> Option<&str> {
    Some(row.sale_price.as_str()).filter(|price| !row.sale_active && !price.is_empty())
}

/// As numbers, or as written if they are not numbers.
fn degrees(position: &Position) -> serde_json::Value {
    let number = |text: &str| text.parse::<f64>().map_or_else(|_| json!(text), |number| json!(number));
    json!({ "latitude": number(position.latitude()), "longitude": number(position.longitude()) })
}

/// The picture's whole address. Some marketplaces list it without their own.
fn picture(row: &Row, market: &MarketUrl) -> Option<String> {
    match row.media.as_str() {
        "" => None,
        // Nor do all of them know their own path.
        path if path.starts_with(&format!("{}/", market.path())) => Some(format!("{}{path}", market.origin())),
        path if path.starts_with('/') => Some(format!("{market}{path}")),
        other => Some(other.into()),
    }
}
