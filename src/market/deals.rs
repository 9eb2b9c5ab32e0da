//! Sales and purchases by topic: the marketplace's page has the products' numbers only.

use std::collections::{BTreeMap, BTreeSet};

use super::auth::ClientError;
use super::client::MarketClient;
use super::model::{Product, ProductQuery, Transaction};

/// From this number of products on, a seller's are listed together rather than one by one.
const LISTED_FROM: usize = 4;

/// A sale or purchase with the topic of its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// The product's title; None if the marketplace does not list the product.
    pub topic: Option<String>,
    pub transaction: Transaction,
}

impl Deal {
    /// Returns the topic, or what the marketplace shows instead of it.
    pub fn product(&self) -> String {
        self.topic.clone().unwrap_or_else(|| format!("product {}", self.transaction.product))
    }
}

/// Returns the user's sales, oldest first. Sales of a deleted product are deleted with it (I3 facts §6.1).
///
/// # Errors
/// [`ClientError`].
pub fn sales(client: &mut MarketClient<'_>) -> Result<Vec<Deal>, ClientError> {
    let rows = client.transactions()?.sales;
    let seller = client.known_user();
    with_topics(client, rows, seller)
}

/// Returns the user's purchases, oldest first, including those booked but never granted (I3 facts §6.1).
///
/// # Errors
/// [`ClientError`].
pub fn purchases(client: &mut MarketClient<'_>) -> Result<Vec<Deal>, ClientError> {
    let rows = client.transactions()?.purchases;
    with_topics(client, rows, None)
}

fn with_topics(
    client: &mut MarketClient<'_>,
    mut rows: Vec<Transaction>,
    seller: Option<&str>,
) -> Result<Vec<Deal>, ClientError> {
    let topics = topics(client, rows.iter().map(|row| row.product), seller)?;
    // Stable: rows of the same second keep the page's order.
    rows.sort_by_key(|row| row.at);
    let deal = |transaction: Transaction| Deal { topic: topics.get(&transaction.product).cloned(), transaction };
    Ok(rows.into_iter().map(deal).collect())
}

/// Returns the titles of products by their numbers; `seller` is their seller, if known.
///
/// # Errors
/// [`ClientError`]. A product that is not listed is not an error.
pub fn topics(
    client: &mut MarketClient<'_>,
    products: impl IntoIterator<Item = u64>,
    seller: Option<&str>,
) -> Result<BTreeMap<u64, String>, ClientError> {
    let mut missing: BTreeSet<u64> = products.into_iter().collect();
    let mut topics = BTreeMap::new();
    if missing.len() >= LISTED_FROM && seller.is_some() {
        // For a seller that it does not know, the API answers 500; the numbers find the products anyway.
        let mut take = |product: Product| {
            if missing.remove(&product.id) {
                topics.insert(product.id, product.title);
            }
        };
        match client.each_product(&ProductQuery { seller, ..ProductQuery::default() }, &mut take) {
            Err(e) if e.http().is_some_and(|e| !e.may_pass()) => return Err(e),
            Ok(()) | Err(_) => {}
        }
    }
    for id in missing {
        let found = client.products(&ProductQuery { pk: Some(id), ..ProductQuery::default() })?;
        topics.extend(found.into_iter().filter(|p| p.id == id).map(|p| (p.id, p.title)));
    }
    Ok(topics)
}
