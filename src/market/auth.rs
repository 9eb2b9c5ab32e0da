//! What opens a marketplace: an API key, a log-in, or both; and why it stayed shut.

use super::http::HttpError;
use super::reason::ServerReason;
use super::rest::RestError;
use super::web::{Cookies, WebError};
use crate::secret::Secret;

/// Which way to go in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransportChoice {
    /// REST if there is a key and the marketplace has the endpoint, else the form if there is a log-in.
    #[default]
    Auto,
    Rest,
    Web,
}

/// The way that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Rest,
    Web,
}

/// What opens the marketplace's forms.
#[derive(Debug, Clone, Copy)]
pub enum Login<'a> {
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

impl<'a> Login<'a> {
    /// Whose log-in it is.
    pub fn user(self) -> &'a str {
        match self {
            Login::Password { user, .. } | Login::Session { user, .. } | Login::Ended { user } => user,
        }
    }
}

/// What the seller has at hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarketAuth<'a> {
    pub via: TransportChoice,
    pub api_key: Option<&'a Secret>,
    pub log_in: Option<Login<'a>>,
}

/// Why the marketplace could not be asked, whichever way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Neither a key nor a log-in that the chosen way could use. Give one.
    #[error("{}", match via {
        TransportChoice::Auto => "there is neither an API key nor a log-in for the marketplace",
        TransportChoice::Rest => "there is no API key for the REST endpoint",
        TransportChoice::Web => "there is no log-in for the marketplace's form",
    })]
    Nothing { via: TransportChoice },
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

impl ClientError {
    /// The fault of the connection, if it is one.
    pub fn http(&self) -> Option<&HttpError> {
        match self {
            ClientError::Web(WebError::Http(e)) | ClientError::Rest(RestError::Http(e)) => Some(e),
            _ => None,
        }
    }

    /// What is known of why the marketplace broke down, if it did.
    pub fn server_reason(&self) -> Option<&ServerReason> {
        match self {
            ClientError::Web(WebError::ServerError { reason, .. })
            | ClientError::Rest(RestError::ServerError { reason, .. }) => reason.as_ref(),
            _ => None,
        }
    }

    /// Whether it is the log-in session that does not count any more.
    pub fn is_expiry(&self) -> bool {
        matches!(self, ClientError::Web(WebError::SessionExpired(_)))
    }
}
