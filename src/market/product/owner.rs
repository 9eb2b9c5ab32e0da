//! Checks who a product belongs to.

use crate::collation::same;
use crate::market::model::Product;
use crate::market::text::quote;

/// The product belongs to another user. The marketplace lets anyone save any product (I3 facts §6.3); i3 does not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{title}' is a product of {seller}")]
pub struct NotOwn {
    pub title: String,
    pub seller: String,
}

/// Refuses a product that is not one of `user`'s.
///
/// # Errors
/// [`NotOwn`].
pub fn own(product: &Product, user: Option<&str>) -> Result<(), NotOwn> {
    match user.is_some_and(|user| same(user, &product.seller)) {
        true => Ok(()),
        false => Err(NotOwn { title: quote(&product.title), seller: product.seller.clone() }),
    }
}
