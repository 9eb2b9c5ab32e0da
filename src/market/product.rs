//! Creates, saves, edits, deletes and finds products, and reads their titles.

mod create;
mod delete;
mod details;
mod find;
mod owner;
mod save;
pub mod title;

pub use create::{CreateError, Created, create};
pub use delete::{DeleteError, delete};
pub use details::{Details, details, misplaced};
pub use find::{SearchError, find, pick, search};
pub use owner::{NotOwn, own};
pub use save::{Change, Changed, Repaired, Sale, SaveError, Title, edit, repair};
