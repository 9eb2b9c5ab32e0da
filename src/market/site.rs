//! One marketplace: its address, and what can be opened there.

use super::http::{Http, HttpError, HttpOptions, Skew};
use super::model::NewAccount;
use super::rest::Rest;
use super::url::MarketUrl;
use super::web::{Cookies, SignUpReply, WebError, WebSession};
use crate::secret::Secret;

/// One marketplace. Blocking: an async caller puts it on a thread for blocking work.
#[derive(Debug)]
pub struct Market {
    http: Http,
}

impl Market {
    /// Prepares the client; nothing is sent yet. Root certificates are read for an https address only.
    ///
    /// # Errors
    /// [`HttpError::Tls`] if the root certificates cannot be had, [`HttpError::Proxy`] if the environment's proxy is unusable.
    pub fn new(url: MarketUrl, options: &HttpOptions) -> Result<Market, HttpError> {
        Ok(Market { http: Http::new(url, options)? })
    }

    /// The base address.
    pub fn url(&self) -> &MarketUrl {
        self.http.url()
    }

    /// How far this machine's clock was from the marketplace's at the last answer that had a `Date`; None before one.
    /// The header counts whole seconds, so a skew of one or two means nothing.
    pub fn clock_skew(&self) -> Option<Skew> {
        self.http.clock_skew()
    }

    /// Looks at the one page that everybody may see: an I3 marketplace answers there, and to this host name.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn look(&self) -> Result<(), WebError> {
        WebSession::look(&self.http)
    }

    /// Logs in by the form (I3 facts §2).
    ///
    /// # Errors
    /// [`WebError::CredentialsRefused`] and whatever else stands between.
    pub fn log_in(&self, user: &str, password: &Secret) -> Result<WebSession<'_>, WebError> {
        WebSession::log_in(&self.http, user, password)
    }

    /// Sends the sign-up form, once; [`super::signup::sign_up`] proves what came of it.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done, unless it is [`WebError::Http`].
    pub(super) fn sign_up(&self, account: &NewAccount<'_>) -> Result<SignUpReply, WebError> {
        WebSession::sign_up(&self.http, account)
    }

    /// Takes up a session from its cookies. Whether they still count shows with the first page.
    pub fn resume(&self, cookies: Cookies) -> WebSession<'_> {
        WebSession::resume(&self.http, cookies)
    }

    /// The REST API with the seller's key. Whether the key counts shows with the first answer.
    pub fn rest(&self, api_key: &Secret) -> Rest<'_> {
        Rest::new(&self.http, api_key.clone())
    }
}
