//! The marketplace's data, in the terms of its pages and its API.

mod account;
mod listing;
mod picture;
mod product;
mod reply;
mod terms;

pub use account::{
    Amount, AmountError, CartItem, Decision, Mark, Metered, NewAccount, Notification, NotificationBody,
    NotificationSelection, PurchaseRequest, Role, Transaction, Transactions,
};
pub use listing::{Action, DeviceRow, HubPage, HubRow, Listing, ProductRow, Resource, Visibility};
pub use picture::{PICTURE_MAX, Picture, PictureError};
pub use product::{Product, ProductForm, ProductQuery, Rating, SensorType, field};
pub use reply::Reply;
pub use terms::{Description, FieldError, Position, Price, SalePrice, Terms};
