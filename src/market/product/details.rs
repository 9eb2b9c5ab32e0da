//! More about a product than its list shows: restriction and position, which only its form shows, and its rating.

use super::save::form_of;
use crate::market::auth::ClientError;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::model::{Position, Product, ProductQuery, Rating, field};

/// Details of a product. None without a log-in, if only a log-in shows it.
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

/// Looks everything up, as far as there is a valid log-in.
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

fn by_log_in(client: &mut MarketClient<'_>, row: &Product) -> Result<Details, ChangeError> {
    let form = form_of(client, row)?;
    Ok(Details {
        restricted: form.is_ticked(field::RESTRICTED),
        hub: Some(form.value(field::HUB).to_owned()),
        position: Some(Position::shown(form.value(field::LATITUDE), form.value(field::LONGITUDE))),
        rating: client.rating(row.id)?,
    })
}
