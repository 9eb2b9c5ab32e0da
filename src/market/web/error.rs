//! Why a page or form of the marketplace did not do what was requested.

use std::fmt;

use crate::market::http::HttpError;
use crate::market::page::PageError;
use crate::market::reason::ServerReason;
use crate::market::text::{broke_down, leading_to};
use crate::name::HubName;

/// Why a page or form of the marketplace did not do what was requested.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// No answer, or none that is HTTP.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The page is not the expected one.
    #[error(transparent)]
    Page(#[from] PageError),
    /// Wrong user name or log-in password; `said` is the marketplace's own sentence.
    #[error("the marketplace refuses the log-in of '{user}': {said}")]
    CredentialsRefused { user: String, said: String },
    /// 403 before anything else was checked: the CSRF token is stale or was not accepted. Log in again.
    #[error("the marketplace refuses the form while {0}: its CSRF token is not valid (403)")]
    CsrfRefused(Operation),
    /// A redirect to the log-in page, or that page itself: nothing was done. Log in again.
    #[error("the log-in session has expired (noticed while {0})")]
    SessionExpired(Operation),
    /// 400: the marketplace accepts only the host names that it is configured for. Use one of those.
    #[error("the marketplace does not answer to the name '{host}' (400)")]
    HostRefused { host: String },
    /// The hub is not the logged-in user's.
    #[error("the hub {0} belongs to another user")]
    NotYours(HubName),
    /// The page does not exist.
    #[error("the marketplace has no such page (404, while {0})")]
    NotFound(Operation),
    /// The server broke down; `reason` is what its page reveals.
    #[error("{} while {operation} ({status}{})", broke_down(*status), because(reason.as_ref()))]
    ServerError { operation: Operation, status: u16, reason: Option<ServerReason> },
    /// Any other answer.
    #[error("the marketplace gave an unexpected answer while {operation}: {status}{}", leading_to(location.as_deref()))]
    Unexpected { operation: Operation, status: u16, location: Option<String> },
}

/// An operation of the session, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    LogIn,
    ApiKey,
    HubList,
    Hub,
    CreateHub,
    CreateProduct,
    ProductForm,
    EditProduct,
    DeleteProduct,
    Rating,
    CreateDevice,
    EditDevice,
    DeleteDevice,
    Transactions,
    Notifications,
    MarkNotifications,
    PurchaseRequests,
    Decide,
    Cart,
    FillCart,
    ClearCart,
    CheckOut,
    SignUp,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::LogIn => "logging in",
            Operation::ApiKey => "asking for the API key",
            Operation::HubList => "listing the hubs",
            Operation::Hub => "reading the hub page",
            Operation::CreateHub => "creating the hub",
            Operation::CreateProduct => "creating the product",
            Operation::ProductForm => "reading the product's form",
            Operation::EditProduct => "saving the product",
            Operation::DeleteProduct => "deleting the product",
            Operation::Rating => "asking for the product's rating",
            Operation::CreateDevice => "creating the device",
            Operation::EditDevice => "changing the device",
            Operation::DeleteDevice => "deleting the device",
            Operation::Transactions => "reading the transactions",
            Operation::Notifications => "reading the notifications",
            Operation::MarkNotifications => "changing the notifications",
            Operation::PurchaseRequests => "reading the purchase requests",
            Operation::Decide => "deciding on the purchase request",
            Operation::Cart => "reading the cart",
            Operation::FillCart => "putting the product into the cart",
            Operation::ClearCart => "taking the item out of the cart",
            Operation::CheckOut => "checking out",
            Operation::SignUp => "signing up",
        })
    }
}

fn because(reason: Option<&ServerReason>) -> String {
    reason.map(|r| format!(": {r}")).unwrap_or_default()
}
