//! More about a product than its list shows: restriction and position, which only its form shows, and its rating.

use std::collections::{BTreeMap, HashSet};

use super::save::form_of;
use super::title;
use crate::market::auth::ClientError;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::model::{Position, Product, ProductQuery, Rating, field};

/// Details of a product. None without a log-in, if only a log-in shows them.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    pub restricted: bool,
    /// The hub as the form holds it.
    pub hub: Option<String>,
    /// `Some(None)`: it has none.
    pub position: Option<Option<Position>>,
    /// With a count of 0, nobody has rated it.
    pub rating: Option<Rating>,
}

/// Looks everything up, if there is a valid log-in.
///
/// # Errors
/// [`ChangeError`].
pub fn details(client: &mut MarketClient<'_>, row: &Product) -> Result<Details, ChangeError> {
    if client.known_user().is_some() {
        match by_log_in(client, row) {
            Err(ChangeError::Client(ClientError::SessionEnded { .. })) => {}
            Err(e) if e.is_expiry() => {}
            other => return other,
        }
    }
    let query = ProductQuery { pk: Some(row.id), restricted: Some(true), ..ProductQuery::default() };
    let restricted = client.products(&query)?.iter().any(|other| other.id == row.id);
    Ok(Details { restricted, hub: None, position: None, rating: None })
}

/// Most hubs that [`misplaced`] queries: each takes a request.
const ASKED_HUBS_MAX: usize = 32;

/// Returns those of `rows` that are not in the hub that their titles name: the marketplace is asked for each hub once, unless
/// there are too many hubs.
///
/// # Errors
/// [`ClientError`].
pub fn misplaced<'p>(client: &mut MarketClient<'_>, rows: &'p [Product]) -> Result<Vec<&'p Product>, ClientError> {
    let mut by_hub: BTreeMap<String, Vec<&Product>> = BTreeMap::new();
    for row in rows {
        if let Ok(topic) = title::topic(&row.title, &row.seller) {
            by_hub.entry(topic.hub().to_owned()).or_default().push(row);
        }
    }
    if by_hub.len() > ASKED_HUBS_MAX {
        return Ok(Vec::new());
    }
    for (hub, rows) in &mut by_hub {
        let query = ProductQuery { hub: Some(hub), ..ProductQuery::default() };
        let there: HashSet<u64> = client.products(&query)?.into_iter().map(|product| product.id).collect();
        rows.retain(|row| !there.contains(&row.id));
    }
    Ok(by_hub.into_values().flatten().collect())
}

fn by_log_in(client: &mut MarketClient<'_>, row: &Product) -> Result<Details, ChangeError> {
    let form = form_of(client, row)?;
    Ok(Details {
        restricted: form.is_ticked(field::RESTRICTED),
        hub: Some(form.value(field::HUB).to_owned()),
        position: Some(Position::shown(form.value(field::LATITUDE), form.value(field::LONGITUDE))),
        rating: client.rating(row.id)?,
    })
}
