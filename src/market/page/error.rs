//! Which page was read, and what was missing on it.

use std::fmt;

/// Which page was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// An unexpected page. Nothing is guessed from it: the marketplace has changed, something else answers at that address, or a
/// proxy inserted its own page. Nothing is quoted from it either: every page for a signed-in user contains notifications,
/// which may contain passwords (I3 facts §6.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the marketplace's {page} does not have the expected form: {expected}")]
pub struct PageError {
    pub page: Page,
    /// What was expected. Never the text of the page, which may contain a password.
    pub expected: String,
}

impl PageError {
    pub(super) fn new(page: Page, expected: impl Into<String>) -> PageError {
        PageError { page, expected: expected.into() }
    }
}
