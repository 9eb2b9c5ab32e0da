//! One marketplace: its address, and access to it.

use super::http::{Http, HttpError, HttpOptions, ProxyName, Skew};
use super::model::NewAccount;
use super::rest::Rest;
use super::web::{Cookies, SignUpReply, WebError, WebSession};
use crate::market_url::MarketUrl;
use crate::secret::Secret;

/// One marketplace. Its calls block: an async caller runs them on a thread for blocking work.
#[derive(Debug)]
pub struct Market {
    http: Http,
}

impl Market {
    /// Prepares the client; nothing is sent yet. Root certificates are read only for an https address.
    ///
    /// # Errors
    /// [`HttpError::Tls`] if the root certificates cannot be loaded, [`HttpError::Proxy`] if a variable
    /// of the environment names no usable proxy.
    pub fn new(url: MarketUrl, options: &HttpOptions) -> Result<Market, HttpError> {
        Ok(Market { http: Http::new(url, options)? })
    }

    /// Returns the base address.
    pub fn url(&self) -> &MarketUrl {
        self.http.url()
    }

    /// Returns the proxy for it.
    pub fn proxy(&self) -> Option<&ProxyName> {
        self.http.proxy()
    }

    /// Returns the variable of hosts without a proxy if there is a proxy nevertheless and an entry of the variable cannot
    /// name a host.
    pub fn has_idle_exemption(&self) -> Option<&'static str> {
        self.http.has_idle_exemption()
    }

    /// Returns whether requests go directly although `HTTP_PROXY` is set: for http only the lower-case variable counts.
    pub fn ignores_upper_case(&self) -> bool {
        self.http.ignores_upper_case()
    }

    /// Returns the difference of this machine's clock from the marketplace's at the last answer with a `Date`; None before
    /// one. The header counts whole seconds, so a skew of one or two means nothing.
    pub fn clock_skew(&self) -> Option<Skew> {
        self.http.clock_skew()
    }

    pub(super) fn too_large(&self, limit: usize) -> HttpError {
        self.http.too_large(limit)
    }

    /// Reads the log-in page, which is public: an I3 marketplace answers at this address, and to this host name.
    ///
    /// # Errors
    /// [`WebError`].
    pub fn look(&self) -> Result<(), WebError> {
        WebSession::look(&self.http)
    }

    /// Logs in by the form (I3 facts §2).
    ///
    /// # Errors
    /// [`WebError::CredentialsRefused`] and errors of the transport.
    pub fn log_in(&self, user: &str, password: &Secret) -> Result<WebSession<'_>, WebError> {
        WebSession::log_in(&self.http, user, password)
    }

    /// Sends the sign-up form, once; [`super::signup::sign_up`] checks the result.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done, unless it is [`WebError::Http`].
    pub(super) fn sign_up(&self, account: &NewAccount<'_>) -> Result<SignUpReply, WebError> {
        WebSession::sign_up(&self.http, account)
    }

    /// Resumes a session from its cookies. The first page shows whether they are still valid.
    pub fn resume(&self, cookies: Cookies) -> WebSession<'_> {
        WebSession::resume(&self.http, cookies)
    }

    /// Returns the REST API with the seller's key. The first answer shows whether the key is valid.
    pub fn rest(&self, api_key: &Secret) -> Rest<'_> {
        Rest::new(&self.http, api_key.clone())
    }
}
