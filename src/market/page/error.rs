//! Which page was read, and what was missing on it.

use std::fmt;

/// Which page was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// `/accounts/login/`
    LogIn,
    /// `/key/`
    ApiKey,
    /// `/hubs/`
    HubList,
    /// `/hubs/<id>/`
    Hub,
    /// `/dashboard/transactions/`
    Transactions,
    /// `/products/<id>/edit/`
    ProductForm,
    /// `/notifications/`
    Notifications,
    /// The navigation of any page, with the purchase requests.
    Requests,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Page::LogIn => "log-in page",
            Page::ApiKey => "API key page",
            Page::HubList => "list of hubs",
            Page::Hub => "hub page",
            Page::Transactions => "page of transactions",
            Page::ProductForm => "product form",
            Page::Notifications => "page of notifications",
            Page::Requests => "list of purchase requests",
        })
    }
}

/// A page that is not what it should be. Nothing is guessed from it: the marketplace has changed, something else answers
/// at that address, or a proxy put in its own page. Nothing is quoted from it either: every page for a signed-in user holds
/// his notifications, and those may hold passwords (I3 facts §6.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the marketplace's {page} has not the expected shape: {expected}")]
#[non_exhaustive]
pub struct PageError {
    pub page: Page,
    /// What was expected and is not so. Never what the page says instead: it may hold a password.
    pub expected: String,
}

impl PageError {
    pub(super) fn new(page: Page, expected: impl Into<String>) -> PageError {
        PageError { page, expected: expected.into() }
    }
}
