//! HTTP for the marketplace: one connection per request, always a length, no redirects followed, nothing repeated.

mod budget;
mod destination;
mod error;
pub(super) mod form;
mod incoming;
mod interception;
mod json_list;
mod page_filter;
mod proxy;
mod proxy_connector;
mod request_body;
mod resolver;
mod response;
mod skew;
mod tcp;
mod transport;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use ureq::http::Method;
use ureq::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ureq::unversioned::transport::Connector as _;

use crate::clock;
use crate::market_url::MarketUrl;
use crate::secret::Secret;
use crate::tls::{self, ClientTls, Roots, Verification};
use budget::{Budget, Counted};
use destination::{Destination, Limit};
use proxy::Chosen;
use proxy_connector::ProxyConnector;
use resolver::Names;
use tcp::TcpConnector;
use transport::TlsConnector;

pub use budget::Limits;
pub use error::{HttpError, ProxyRefusal};
pub(super) use incoming::Incoming;
pub use incoming::KEPT_MAX;
pub use interception::Interception;
pub use proxy::{ProxyError, ProxyFault, ProxyName};
pub(super) use request_body::RequestBody;
pub(super) use response::Response;
pub use skew::Skew;

/// Whether the environment's proxies are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proxies {
    /// `http_proxy` or `https_proxy`, or else `all_proxy`, less `no_proxy`, as curl reads them. Never for loopback: no proxy
    /// could reach it, and it would learn the password.
    #[default]
    Environment,
    /// Never, regardless of the environment.
    Direct,
}

/// How to reach the marketplace.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub roots: Roots,
    pub verification: Verification,
    pub tls: ClientTls,
    pub proxies: Proxies,
    /// For name lookup, TCP and TLS together; 10 s.
    pub connect_timeout: Duration,
    /// For a whole request, to the last byte of the answer; 30 s.
    pub timeout: Duration,
    /// For all requests together.
    pub limits: Limits,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            roots: Roots::default(),
            verification: Verification::default(),
            tls: ClientTls::default(),
            proxies: Proxies::default(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            limits: Limits::DEFAULT,
        }
    }
}

/// Sends all requests. Every call is one request: no retry, no redirect, no connection kept open.
#[derive(Debug)]
pub(super) struct Http {
    destination: Destination,
    agent: ureq::Agent,
    connector: TcpConnector,
    budget: Budget,
    skew: Mutex<Option<Skew>>,
}

impl Http {
    pub fn new(url: MarketUrl, options: &HttpOptions) -> Result<Http, HttpError> {
        let proxy = match options.proxies {
            Proxies::Environment => proxy::of_environment(&url, std::env::var_os)?,
            Proxies::Direct => None,
        };
        let proxy_needs_tls =
            proxy.as_ref().is_some_and(|chosen| chosen.proxy.protocol() == ureq::ProxyProtocol::Https);
        let shown = match &proxy {
            Some(proxy) => format!("{} through {}", url.shown(), proxy.name),
            None => url.shown(),
        };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // The server closes the connection after every answer without saying so; the next POST on it would fail.
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .no_delay(true)
            .user_agent(concat!("i3/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .timeout_connect(Some(options.connect_timeout))
            .timeout_global(Some(options.timeout))
            .proxy(proxy.as_ref().map(|chosen| chosen.proxy.clone()))
            .build();
        // Reading the system's certificates takes milliseconds that a plain connection need not spend.
        let settings = |needed: bool, tls: &ClientTls| {
            needed.then(|| tls::client_config_with(&options.roots, options.verification, tls)).transpose()
        };
        let market_tls = settings(url.is_tls(), &options.tls)?;
        let proxy_tls = settings(proxy_needs_tls, &ClientTls { identity: None, ..options.tls.clone() })?;
        let (connector, tls) = (TcpConnector::default(), TlsConnector { market: market_tls, proxy: proxy_tls });
        let method = proxy.as_ref().map(|chosen| chosen.method);
        let by_proxy = ProxyConnector { method, tcp: connector.clone(), tls: tls.clone() };
        let chain = ().chain(by_proxy).chain(connector.clone()).chain(tls.clone());
        let agent = ureq::Agent::with_parts(config, chain, Names::default());
        let HttpOptions { connect_timeout, timeout, limits, .. } = *options;
        let destination = Destination { url, shown, proxy, tls, connect_timeout, timeout, limits };
        Ok(Http { destination, agent, connector, budget: Budget::new(limits), skew: Mutex::new(None) })
    }

    pub fn url(&self) -> &MarketUrl {
        &self.destination.url
    }

    pub fn proxy(&self) -> Option<&ProxyName> {
        self.destination.proxy_name()
    }

    /// Returns the variable of hosts without a proxy if there is a proxy nevertheless and an entry of the variable cannot
    /// name a host.
    pub fn has_idle_exemption(&self) -> Option<&'static str> {
        self.destination.proxy.as_ref().and_then(|_| proxy::has_idle_exemption(std::env::var_os))
    }

    pub fn ignores_upper_case(&self) -> bool {
        self.destination.proxy.is_none() && proxy::is_only_in_upper_case(&self.destination.url, std::env::var_os)
    }

    pub fn clock_skew(&self) -> Option<Skew> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// GETs `path`, which begins with a slash and may hold a query. The body is still to be read.
    pub fn get(&self, path: &str, headers: &[(HeaderName, HeaderValue)]) -> Result<Incoming<'_>, HttpError> {
        self.send(Method::GET, path, headers, RequestBody::None)
    }

    /// Sends `body` to `path`, once. After an error, `nothing_was_sent` tells whether anything can have been done.
    pub fn change(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: RequestBody<'_>,
    ) -> Result<Response, HttpError> {
        self.send(method, path, headers, body)?.whole()
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        body: RequestBody<'_>,
    ) -> Result<Incoming<'_>, HttpError> {
        let destination = &self.destination;
        let left = self.budget.left();
        if left.time.is_zero() {
            return Err(destination.time_used_up(false));
        }
        if left.bytes == 0 {
            return Err(destination.bytes_used_up(false));
        }
        let (timeout, limit) = match left.time < destination.timeout {
            true => (left.time, Limit::OfAll),
            false => (destination.timeout, Limit::Own),
        };
        let spending = self.budget.begin();
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", destination.url)).header(
                header::CONNECTION,
                // True of every request here; proxies and newer servers need to be told.
                HeaderValue::from_static("close"),
            );
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(user) = destination.proxy.as_ref().and_then(Chosen::authorization) {
            request = request.header(header::PROXY_AUTHORIZATION, user);
        }
        let answer = match body.encode() {
            None => request.body(()).map_err(ureq::Error::from).and_then(|r| self.run(r, timeout)),
            Some((kind, body)) => {
                let request = request.header(header::CONTENT_TYPE, kind);
                // A slice has a known length and is never sent in chunks, which the server refuses.
                request.body(body.as_bytes()).map_err(ureq::Error::from).and_then(|r| self.run(r, timeout))
            }
        };
        self.connector.note(answer.is_ok());
        let (head, body) = answer.map_err(|e| destination.error(e, limit))?.into_parts();
        self.note_date(&head.headers);
        Ok(Incoming {
            from: destination,
            path: path.into(),
            status: head.status.as_u16(),
            headers: head.headers,
            body: Counted::new(&self.budget, body.into_reader()),
            limit,
            _spending: spending,
        })
    }

    fn run(
        &self,
        request: ureq::http::Request<impl ureq::AsSendBody>,
        timeout: Duration,
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        self.agent.run(self.agent.configure_request(request).timeout_global(Some(timeout)).build())
    }

    fn note_date(&self, headers: &HeaderMap) {
        let date =
            headers.get(header::DATE).and_then(|v| v.to_str().ok()).and_then(|v| httpdate::parse_http_date(v).ok());
        if let Some(date) = date {
            clock::heard(date);
            let skew = Skew::between(SystemTime::now(), date);
            *self.skew.lock().unwrap_or_else(PoisonError::into_inner) = Some(skew);
        }
    }

    /// Returns the error if more than `limit` bytes would have to be kept.
    pub fn too_large(&self, limit: usize) -> HttpError {
        self.destination.too_large(limit)
    }

    /// Returns the error if a page does not come from a marketplace.
    pub fn foreign(&self, status: u16) -> HttpError {
        self.destination.foreign(status)
    }

    /// Returns the error if a log-in is accepted but its session does not arrive.
    pub fn cookie_lost(&self) -> HttpError {
        self.destination.cookie_lost()
    }
}

/// Returns a header value that `Debug` does not show. None if the text is not a valid header value.
pub(super) fn secret_header(text: &Secret) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text.expose()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_there_means_that_nothing_was_sent() {
        // Nothing listens on port 1.
        let url = "http://127.0.0.1:1".parse().unwrap();
        let http = Http::new(url, &HttpOptions::default()).unwrap();
        let error = http.get("/", &[]).err().unwrap();
        assert!(matches!(error, HttpError::Unreachable { .. }) && error.nothing_was_sent(), "{error:?}");
    }
}
