//! How a marketplace is accessed: an API key, a log-in, or both; and why that failed.

use super::http::HttpError;
use super::reason::ServerReason;
use super::rest::RestError;
use super::web::{Cookies, WebError};
use crate::secret::Secret;

/// Which transport to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransportChoice {
    /// REST if there is a key and the marketplace has the endpoint, otherwise the form if there is a log-in.
    #[default]
    Auto,
    Rest,
    Web,
}

/// The transport that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Rest,
    Web,
}

/// A log-in for the marketplace's forms.
#[derive(Debug, Clone, Copy)]
pub enum Login<'a> {
    Password {
        user: &'a str,
        password: &'a Secret,
    },
    /// A saved session; `user` as the marketplace shows it.
    Session {
        user: &'a str,
        cookies: &'a Cookies,
    },
    /// A saved session that has ended: it grants no access, but its user is still known.
    Ended {
        user: &'a str,
    },
}

impl<'a> Login<'a> {
    /// Returns the user of the log-in.
    pub fn user(self) -> &'a str {
        match self {
            Login::Password { user, .. } | Login::Session { user, .. } | Login::Ended { user } => user,
        }
    }
}

/// The credentials that the seller has, and the transport to use them with.
#[derive(Debug, Clone, Copy, Default)]
pub struct MarketAuth<'a> {
    pub via: TransportChoice,
    pub api_key: Option<&'a Secret>,
    pub log_in: Option<Login<'a>>,
}

/// Why the marketplace could not be asked over either transport.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Neither a key nor a log-in that the chosen transport can use. Give one.
    #[error("{}", match via {
        TransportChoice::Auto => "there is neither an API key nor a log-in for the marketplace",
        TransportChoice::Rest => "there is no API key for the REST endpoint",
        TransportChoice::Web => "there is no log-in for the marketplace's form",
    })]
    NoCredentials { via: TransportChoice },
    /// The key is there, but the marketplace has forms only, and there is no log-in for them. Give the log-in.
    #[error("the API key alone is not enough here, and there is no log-in for the form")]
    NeedsLogIn(#[source] RestError),
    /// A list that only REST provides, and no key. Give it, or log in.
    #[error("there is no API key, and the marketplace lists products only over REST")]
    NoKey,
    /// The form is needed, and the saved session has ended. Log in again.
    #[error("the log-in of {user} at {market} that was kept has expired")]
    SessionEnded { user: String, market: String },
    #[error(transparent)]
    Web(#[from] WebError),
    #[error(transparent)]
    Rest(#[from] RestError),
}

impl ClientError {
    /// Returns the HTTP error, if it is one.
    pub fn http(&self) -> Option<&HttpError> {
        match self {
            ClientError::Web(WebError::Http(e)) | ClientError::Rest(RestError::Http(e)) => Some(e),
            _ => None,
        }
    }

    /// Returns the reason why the marketplace broke down, if it did and the reason is known.
    pub fn server_reason(&self) -> Option<&ServerReason> {
        match self {
            ClientError::Web(WebError::ServerError { reason, .. })
            | ClientError::Rest(RestError::ServerError { reason, .. }) => reason.as_ref(),
            _ => None,
        }
    }

    /// Returns whether the cause is an expired log-in session.
    pub fn is_expiry(&self) -> bool {
        matches!(self, ClientError::Web(WebError::SessionExpired(_)))
    }
}
