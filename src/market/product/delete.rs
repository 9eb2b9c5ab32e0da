//! Deletes a product, and finds out what remains if the marketplace broke down.

use super::owner::{NotOwn, own};
use crate::market::auth::ClientError;
use crate::market::change::{self, ChangeError, ChangeNote, POLL_INTERVAL};
use crate::market::client::MarketClient;
use crate::market::model::{Action, Product, ProductQuery, Reply, Resource};

/// Why a product is not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Nothing was sent.
    #[error(transparent)]
    NotOwn(#[from] NotOwn),
    /// The product is still listed. With the mail down: if anyone bought a permission for it, nothing changed at all,
    /// because the first mail failed; if nobody did, its permissions are gone already (I3 facts §6.1).
    #[error(
        "the marketplace did not finish deleting '{title}' ({answer}), and still lists it: if somebody else has bought it, \
         nothing has changed; if nobody has, its permissions are gone, and no device can publish to it"
    )]
    Halfway { title: String, answer: String },
}

impl From<ClientError> for DeleteError {
    fn from(error: ClientError) -> DeleteError {
        DeleteError::Change(error.into())
    }
}

/// Deletes a product of `user`'s, with its sales history: sent once, and checked afterwards. A connected device may publish
/// for another 300 s (I3 facts §4).
///
/// # Errors
/// [`DeleteError`]. Only [`ChangeError::Unknown`] leaves open whether the product exists.
pub fn delete(
    client: &mut MarketClient<'_>,
    row: &Product,
    user: Option<&str>,
) -> Result<Vec<ChangeNote>, DeleteError> {
    own(row, user)?;
    let (resource, action) = (Resource::Product, Action::Deleted);
    let outcome = client.delete_product(row.id)?;
    let query = ProductQuery { pk: Some(row.id), ..ProductQuery::default() };
    let is_there = |client: &mut MarketClient<'_>| Ok(client.products(&query)?.iter().any(|other| other.id == row.id));
    match change::poll_until(client, is_there, |there| *there && outcome.is_lost(), POLL_INTERVAL) {
        Ok(false) => Ok(outcome.into_note(resource, action).into_iter().collect()),
        // The database comes first, and without it nothing is done. Otherwise it is unknown how far the server came.
        Ok(true) if !outcome.is_of_database() && !matches!(outcome, Reply::Accepted) => {
            Err(DeleteError::Halfway { title: row.title.clone(), answer: outcome.to_string() })
        }
        Ok(true) => Err(outcome.into_error(resource, action, "the list of products").into()),
        Err(source) => Err(ChangeError::Unknown {
            resource,
            action,
            name: row.title.clone(),
            answer: outcome.to_string(),
            source: source.into(),
        }
        .into()),
    }
}
