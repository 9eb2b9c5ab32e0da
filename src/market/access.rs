//! What opens a marketplace: an API key, a log-in, or both; and why it stayed shut.

use super::http::HttpError;
use super::reason::ServerReason;
use super::rest::RestError;
use super::web::{Cookies, WebError};
use crate::secret::Secret;

/// Which way to go in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Via {
    /// REST if there is a key and the marketplace has the endpoint, else the form if there is a log-in.
    #[default]
    Auto,
    Rest,
    Web,
}

/// The way that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Rest,
    Web,
}

/// What opens the marketplace's forms.
#[derive(Debug, Clone, Copy)]
pub enum LogIn<'a> {
    Password {
        user: &'a str,
        password: &'a Secret,
    },
    /// A session that was kept; `user` as the marketplace shows it.
    Session {
        user: &'a str,
        cookies: &'a Cookies,
    },
    /// A session that was kept, and was found to have ended: it opens nothing, and is not forgotten.
    Ended {
        user: &'a str,
    },
}

impl<'a> LogIn<'a> {
    /// Whose log-in it is.
    pub fn user(self) -> &'a str {
        match self {
            LogIn::Password { user, .. } | LogIn::Session { user, .. } | LogIn::Ended { user } => user,
        }
    }
}

/// What the seller has at hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access<'a> {
    pub via: Via,
    pub api_key: Option<&'a Secret>,
    pub log_in: Option<LogIn<'a>>,
}

/// Why the marketplace could not be asked, whichever way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// Neither a key nor a log-in that the chosen way could use. Give one.
    #[error("{}", match via {
        Via::Auto => "there is neither an API key nor a log-in for the marketplace",
        Via::Rest => "there is no API key for the REST endpoint",
        Via::Web => "there is no log-in for the marketplace's form",
    })]
    Nothing { via: Via },
    /// The key is there, but the marketplace has forms only, and there is no log-in for them. Give the log-in.
    #[error("the API key alone is not enough here, and there is no log-in for the form")]
    KeyAlone(#[source] RestError),
    /// A list that REST alone gives, and no key. Give it, or log in.
    #[error("there is no API key, and the marketplace's products are listed over REST alone")]
    NoKey,
    /// The form is needed, and the session that was kept has ended. Log in again.
    #[error("the log-in of {user} at {market} that was kept has expired")]
    SessionEnded { user: String, market: String },
    #[error(transparent)]
    Web(#[from] WebError),
    #[error(transparent)]
    Rest(#[from] RestError),
}

impl AccessError {
    /// The fault of the connection, if it is one.
    pub fn http(&self) -> Option<&HttpError> {
        match self {
            AccessError::Web(WebError::Http(e)) | AccessError::Rest(RestError::Http(e)) => Some(e),
            _ => None,
        }
    }

    /// What is known of why the marketplace broke down, if it did.
    pub fn server_reason(&self) -> Option<&ServerReason> {
        match self {
            AccessError::Web(WebError::ServerError { reason, .. })
            | AccessError::Rest(RestError::ServerError { reason, .. }) => reason.as_ref(),
            _ => None,
        }
    }

    /// Whether it is the log-in session that does not count any more.
    pub fn is_expiry(&self) -> bool {
        matches!(self, AccessError::Web(WebError::SessionExpired(_)))
    }
}
