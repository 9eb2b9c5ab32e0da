//! Products: described so that the form takes them, created, saved, edited, deleted, found, and what their titles mean.

mod create;
mod delete;
mod details;
mod find;
mod picture;
mod save;
mod terms;
pub mod title;

pub use create::{CreateError, Created, create};
pub use delete::{DeleteError, delete};
pub use details::{Details, details};
pub use find::{SearchError, find, pick, search};
pub use picture::{PICTURE_MAX, Picture, PictureError};
pub use save::{Change, Changed, Repaired, Sale, SaveError, Title, edit, repair};
pub use terms::{Description, FieldError, Position, Price, SalePrice, Terms};

/// The product is somebody else's. The marketplace lets anybody save anybody's product (I3 facts §6.3); that is no reason to.
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
pub fn own(product: &super::rest::Product, user: Option<&str>) -> Result<(), NotOwn> {
    match user.is_some_and(|user| crate::collation::same(user, &product.seller)) {
        true => Ok(()),
        false => Err(NotOwn { title: super::page::quote(&product.title), seller: product.seller.clone() }),
    }
}
