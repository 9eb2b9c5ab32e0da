//! Finds products by title or by a search.

use crate::collation::{same, unstorable};
use crate::market::auth::ClientError;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::model::{Listing, Product, ProductQuery, Resource};
use crate::market::rest::RestError;
use crate::name::Topic;

/// Why a search failed.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The marketplace breaks down over an unknown seller; without that condition it answers.
    #[error("the marketplace knows no seller '{0}'")]
    NoSuchSeller(String),
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Returns all products that `query` finds. The marketplace compares name and hub as its database does (I3 facts §6.5), so
/// `/tope` also finds `/topé`; such products are left out again. For a hub, those whose title names another hub are left
/// out.
///
/// # Errors
/// [`SearchError`].
pub fn search(client: &mut MarketClient<'_>, query: &ProductQuery<'_>) -> Result<Vec<Product>, SearchError> {
    // Looking up such a character breaks the marketplace; nothing has it, because it cannot be stored.
    let texts = [query.name, query.seller, query.hub, query.description_contains, query.search];
    if texts.into_iter().flatten().any(|text| unstorable(text).is_some()) {
        return match query.seller.filter(|seller| unstorable(seller).is_some()) {
            Some(seller) => Err(SearchError::NoSuchSeller(seller.into())),
            None => Ok(Vec::new()),
        };
    }
    let error = match client.products(query) {
        Ok(mut found) => {
            found.retain(|product| {
                query.name.is_none_or(|name| product.title == name)
                    && query.hub.is_none_or(|hub| is_of_hub(&product.title, hub))
            });
            return Ok(found);
        }
        Err(e) => e,
    };
    // The answer to an unknown seller is 500 (I3 facts §2): the query without the seller tells whether that is the cause.
    if let (ClientError::Rest(RestError::ServerError { .. }), Some(seller)) = (&error, query.seller)
        && client.probe(&ProductQuery { seller: None, ..*query }).is_ok()
    {
        return Err(SearchError::NoSuchSeller(seller.into()));
    }
    Err(error.into())
}

/// Returns whether a product that the marketplace finds under `hub` may belong to it rather than to a twin: a title without
/// a hub's name does not show it.
fn is_of_hub(title: &str, hub: &str) -> bool {
    title.parse::<Topic>().map_or(true, |topic| topic.hub() == hub || !same(topic.hub(), hub))
}

/// Returns the product with this title, and those that the database treats as the same.
///
/// # Errors
/// [`ChangeError::Missing`] with those in another spelling, and errors of the transport.
pub fn find(client: &mut MarketClient<'_>, title: &str) -> Result<(Product, Vec<Product>), ChangeError> {
    let mut found = namesakes(client, title)?;
    match found.iter().position(|product| product.title == title) {
        Some(at) => Ok((found.remove(at), found)),
        None => {
            let others = if found.is_empty() { neighbours(client, title) } else { Vec::new() };
            let similar = found.into_iter().map(Listing::from).collect();
            Err(ChangeError::Missing { resource: Resource::Product, name: title.into(), similar, others })
        }
    }
}

/// Returns titles of which one was perhaps meant, as far as they are visible: those in the hub that a title names, or
/// those that end with a part of a title.
fn neighbours(client: &mut MarketClient<'_>, title: &str) -> Vec<String> {
    if unstorable(title).is_some() || title.is_empty() {
        return Vec::new();
    }
    let hub = title.match_indices('/').nth(1).map(|(end, _)| &title[..end]);
    let query = match hub {
        Some(_) => ProductQuery { hub, ..ProductQuery::default() },
        None => ProductQuery { search: Some(title), ..ProductQuery::default() },
    };
    let is_meant =
        |found: &String| hub.is_some() || found.strip_suffix(title).is_some_and(|above| above.ends_with('/'));
    let found = client.products(&query).unwrap_or_default().into_iter().map(|product| product.title);
    found.filter(is_meant).collect()
}

/// Returns the one product with exactly this title, to be changed: if there are several, only the number distinguishes
/// them.
///
/// # Errors
/// [`ChangeError::Missing`], and [`ChangeError::Doubled`] if there are several and no number is given.
pub fn pick(client: &mut MarketClient<'_>, title: &str, id: Option<u64>) -> Result<Product, ChangeError> {
    let (first, others) = find(client, title)?;
    let mut exact: Vec<Product> = std::iter::once(first).chain(others).filter(|row| row.title == title).collect();
    match id {
        Some(id) => exact.into_iter().find(|row| row.id == id).ok_or_else(|| ChangeError::Missing {
            resource: Resource::Product,
            name: format!("{title} (number {id})"),
            similar: Vec::new(),
            others: Vec::new(),
        }),
        None if exact.len() > 1 => Err(ChangeError::Doubled {
            resource: Resource::Product,
            name: title.into(),
            rows: exact.into_iter().map(Listing::from).collect(),
        }),
        // `find` gave one.
        None => Ok(exact.swap_remove(0)),
    }
}

/// Returns every product whose title the database treats as `title`.
pub(super) fn namesakes(client: &mut MarketClient<'_>, title: &str) -> Result<Vec<Product>, ClientError> {
    if unstorable(title).is_some() {
        return Ok(Vec::new());
    }
    let query = ProductQuery { name: Some(title), ..ProductQuery::default() };
    Ok(client.products(&query)?.into_iter().filter(|product| same(&product.title, title)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_hubs_products_are_told_by_their_titles() {
        assert!(is_of_hub("carol/mill/flour", "carol/mill"));
        assert!(!is_of_hub("carol/Mill/flour", "carol/mill"));
        assert!(is_of_hub("flour", "carol/mill"));
        // Edited, but still in this hub.
        assert!(is_of_hub("carol/barn/flour", "carol/mill"));
    }
}
