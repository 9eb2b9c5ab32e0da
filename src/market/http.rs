//! HTTP as the marketplace needs it: one connection per request, always a length, no redirects followed, nothing repeated.

mod budget;
pub(super) mod form;
mod json_list;
mod page_filter;
mod resolver;
mod tcp;
mod transport;

use std::borrow::Cow;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustls::pki_types::InvalidDnsNameError;
use serde::de::DeserializeOwned;
use ureq::BodyReader;
use ureq::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ureq::unversioned::transport::{ConnectProxyConnector, Connector as _};

use crate::clock;
use crate::market_url::MarketUrl;
use crate::secret::Secret;
use crate::tls::{self, Roots, TlsError, Verification};
use budget::{Budget, BytesUsedUp, Counted, Spending};
use form::File;
use resolver::{Names, NoAddress};
use tcp::{NoConnection, TcpConnector};
use transport::TlsConnector;

pub use budget::Limits;

/// Largest body that is kept, in bytes: pages have some 100 kB besides the notifications in their navigation, which are
/// dropped.
pub const KEPT_MAX: usize = 32 << 20;
/// Largest body that is kept and is not a page, in bytes: an error, or the answer to a script. As a tree of JSON it may take
/// thirty times as much.
const PLAIN_MAX: usize = 4 << 20;
/// A page longer than this that does not arrive in time is reported as too long, not as a timeout.
const LONG: u64 = 4 << 20;

/// Whether the environment's proxies are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Proxies {
    /// `ALL_PROXY`, `HTTPS_PROXY`, `HTTP_PROXY` less `NO_PROXY`, in either case, as other programs do. Never
    /// for loopback: no proxy could reach it, and it would learn the password.
    #[default]
    Environment,
    /// None, whatever the environment says.
    Direct,
}

/// How to reach the marketplace.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    pub roots: Roots,
    pub verification: Verification,
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
            proxies: Proxies::default(),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            limits: Limits::DEFAULT,
        }
    }
}

/// Why a request has no answer. `market` names the proxy as well, if there is one.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The host's name, or the proxy's, has no address; nothing was sent. Check the name.
    #[error("the host {host} is not found")]
    Resolve { host: String, source: io::Error },
    /// Nothing listens there, or there is no route; nothing was sent. Check the address, then try again.
    #[error("cannot connect to {market}")]
    Unreachable { market: String, source: io::Error },
    /// No connection in time; nothing was sent. Try again.
    #[error("no connection to {market} within {}", humantime::format_duration(*limit))]
    ConnectTimeout { market: String, limit: Duration },
    /// The answer did not arrive, or not completely, in time. The request may have been carried out.
    #[error("no answer from {market} within {}", humantime::format_duration(*limit))]
    Timeout { market: String, limit: Duration },
    /// The connection broke after it was made. The request may have been carried out.
    #[error("the connection to {market} was cut")]
    Cut { market: String, source: io::Error },
    /// No TLS connection: the root certificates cannot be loaded; nothing was sent.
    #[error("no trusted connection to the marketplace can be prepared")]
    Tls(#[from] TlsError),
    /// The peer's certificate or its TLS is refused. If its root is private, give a file with it.
    #[error("the TLS connection to {market} failed")]
    Handshake { market: String, source: Box<dyn std::error::Error + Send + Sync> },
    /// The environment's proxy is unusable: a SOCKS proxy, or not an address. Fix or unset the variable, or list the
    /// marketplace's host in `NO_PROXY`.
    #[error("the proxy set in the environment cannot be used: it is not an HTTP proxy")]
    Proxy,
    /// The proxy answered, and made no connection to the marketplace, with this status of HTTP if that is why; nothing was
    /// sent.
    #[error("no connection to {market}: {}", match .status {
        Some(status) => format!("the proxy answered with status {status}"),
        None => "the proxy closed the connection".into(),
    })]
    ProxyRefused { market: String, status: Option<u16> },
    /// What has to be kept of the answer's body is over [`KEPT_MAX`], or is as much trouble. The request may have been
    /// carried out.
    #[error("the answer from {market} exceeds {limit} bytes")]
    TooLarge { market: String, limit: u64 },
    /// All requests together have taken [`Limits::time`]. This one may have been carried out, unless it was not `sent`.
    #[error("{market} took longer than {} for all requests together", humantime::format_duration(*limit))]
    TimeUsedUp { market: String, limit: Duration, sent: bool },
    /// All answers together have [`Limits::bytes`]. The request may have been carried out, unless it was not `sent`.
    #[error("{market} sent more than {limit} bytes in all answers together")]
    BytesUsedUp { market: String, limit: u64, sent: bool },
    /// The answer's body is long and did not arrive completely in time: `read` bytes did. The request may have been carried
    /// out.
    #[error("the answer from {market} was not complete within {}, after {read} bytes", humantime::format_duration(*limit))]
    TooLong { market: String, limit: Duration, read: u64 },
    /// The answer is not valid HTTP. The request may have been carried out.
    #[error("{market} sent an invalid HTTP response")]
    NotHttp { market: String, source: Box<dyn std::error::Error + Send + Sync> },
}

impl HttpError {
    /// Returns whether the request certainly never left, so that nothing can have been done.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(
            self,
            HttpError::Resolve { .. }
                | HttpError::Unreachable { .. }
                | HttpError::ConnectTimeout { .. }
                | HttpError::Tls(_)
                | HttpError::Proxy
                | HttpError::ProxyRefused { .. }
                | HttpError::TimeUsedUp { sent: false, .. }
                | HttpError::BytesUsedUp { sent: false, .. }
        )
    }

    /// Returns whether the limit of all requests together is reached, so that no other will be made.
    pub fn is_used_up(&self) -> bool {
        matches!(self, HttpError::TimeUsedUp { .. } | HttpError::BytesUsedUp { .. })
    }
}

/// How this machine's clock differs from the marketplace's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// This machine's clock is ahead.
    Ahead(Duration),
    /// This machine's clock is behind.
    Behind(Duration),
}

impl Skew {
    fn between(here: SystemTime, there: SystemTime) -> Skew {
        here.duration_since(there).map_or_else(|e| Skew::Behind(e.duration()), Skew::Ahead)
    }

    /// Returns the difference without its direction.
    pub fn size(self) -> Duration {
        match self {
            Skew::Ahead(by) | Skew::Behind(by) => by,
        }
    }
}

/// The body of a request.
#[derive(Debug)]
pub(super) enum Content<'a> {
    None,
    Form(&'a [(&'a str, &'a str)]),
    /// Fields and a file.
    Multipart(&'a [(&'a str, &'a str)], &'a File<'a>),
    Json(Secret),
}

/// An encoded body.
enum Body {
    Text(Secret),
    Bytes(zeroize::Zeroizing<Vec<u8>>),
}

impl Body {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Body::Text(text) => text.expose().as_bytes(),
            Body::Bytes(bytes) => bytes,
        }
    }
}

/// A response with its whole body, apart from the notifications in a page's navigation.
#[derive(Debug)]
pub(super) struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Response {
    /// Returns the `Location` of a redirect, as it was sent. One that is not plain ASCII still leads somewhere.
    pub fn location(&self) -> Option<Cow<'_, str>> {
        Some(String::from_utf8_lossy(self.headers.get(header::LOCATION)?.as_bytes()))
    }

    /// Returns a response without a body.
    #[cfg(test)]
    pub fn bare(status: u16, headers: &[(HeaderName, &str)]) -> Response {
        let header = |(name, value): &(HeaderName, &str)| (name.clone(), HeaderValue::from_str(value).unwrap());
        Response { status, headers: headers.iter().map(header).collect(), body: Vec::new() }
    }

    /// Returns whether the content type is HTML.
    pub fn is_html(&self) -> bool {
        is_html(&self.headers)
    }
}

/// An answer whose body is still to be read.
pub(super) struct Incoming<'h> {
    http: &'h Http,
    pub status: u16,
    headers: HeaderMap,
    body: Counted<'h, BodyReader<'static>>,
    /// Which limit a timeout is of.
    limit: Limit,
    _spending: Spending<'h>,
}

/// What ends a request that takes too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    /// [`HttpOptions::timeout`].
    Own,
    /// What is left of [`Limits::time`].
    OfAll,
}

impl Incoming<'_> {
    /// Reads the body to its end.
    pub fn whole(mut self) -> Result<Response, HttpError> {
        let body = match is_html(&self.headers) {
            true => page_filter::read(&mut self.body, KEPT_MAX),
            false => read_whole(&mut self.body),
        };
        self.ended(body)
    }

    /// Reads a page, and hands on each row of a table in its content as it arrives; they are not in the response. Of an
    /// answer that is not a page it hands on nothing.
    pub fn rows(mut self, take: &mut dyn FnMut(&[u8])) -> Result<Response, HttpError> {
        if self.status != 200 || !is_html(&self.headers) {
            return self.whole();
        }
        let body = page_filter::read_rows(&mut self.body, KEPT_MAX, take);
        self.ended(body)
    }

    /// Reads a JSON list, and hands on each item as it arrives. The inner error is that of the JSON.
    pub fn items<T: DeserializeOwned>(
        mut self,
        take: &mut dyn FnMut(T),
    ) -> Result<Result<(), serde_json::Error>, HttpError> {
        let read = json_list::read((&mut self.body).take(KEPT_MAX as u64 + 1), take);
        if self.body.read > KEPT_MAX as u64 {
            return Err(self.http.too_large(KEPT_MAX));
        }
        match read {
            Err(e) if e.is_io() => Err(self.http.body_error(e.into(), self.body.read, self.limit)),
            read => Ok(read),
        }
    }

    fn ended(self, body: io::Result<Vec<u8>>) -> Result<Response, HttpError> {
        let body = body.map_err(|e| self.http.body_error(e, self.body.read, self.limit))?;
        Ok(Response { status: self.status, headers: self.headers, body })
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.to_ascii_lowercase().starts_with("text/html"))
}

/// Sends all requests. Every call is one request: no retry, no redirect, no connection kept open.
#[derive(Debug)]
pub(super) struct Http {
    url: MarketUrl,
    /// What errors call the marketplace: its address, and the proxy on the way.
    shown: String,
    agent: ureq::Agent,
    connector: TcpConnector,
    connect_timeout: Duration,
    timeout: Duration,
    limits: Limits,
    budget: Budget,
    skew: Mutex<Option<Skew>>,
}

impl Http {
    pub fn new(url: MarketUrl, options: &HttpOptions) -> Result<Http, HttpError> {
        let proxy = match options.proxies {
            Proxies::Environment => usable(ureq::Proxy::try_from_env(), &url)?,
            Proxies::Direct => None,
        };
        let proxy_needs_tls = proxy.as_ref().is_some_and(|proxy| proxy.protocol() == ureq::ProxyProtocol::Https);
        let shown = match &proxy {
            Some(proxy) => format!("{url} by way of the proxy {}:{}", proxy.host(), proxy.port()),
            None => url.to_string(),
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
            .proxy(proxy)
            .build();
        // Reading the system's certificates takes milliseconds that a plain connection need not spend.
        let needs_tls = url.is_tls() || proxy_needs_tls;
        let tls = needs_tls.then(|| tls::client_config(&options.roots, options.verification)).transpose()?;
        let connector = TcpConnector::default();
        let chain =
            ().chain(ConnectProxyConnector::default()).chain(connector.clone()).chain(TlsConnector { config: tls });
        let agent = ureq::Agent::with_parts(config, chain, Names::default());
        let HttpOptions { connect_timeout, timeout, limits, .. } = *options;
        let (budget, skew) = (Budget::new(limits), Mutex::new(None));
        Ok(Http { url, shown, agent, connector, connect_timeout, timeout, limits, budget, skew })
    }

    pub fn url(&self) -> &MarketUrl {
        &self.url
    }

    pub fn clock_skew(&self) -> Option<Skew> {
        *self.skew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// GETs `path`, which begins with a slash and may hold a query. The body is still to be read.
    pub fn get(&self, path: &str, headers: &[(HeaderName, HeaderValue)]) -> Result<Incoming<'_>, HttpError> {
        self.send("GET", path, headers, Content::None)
    }

    /// POSTs to `path`, once. After an error, `nothing_was_sent` tells whether anything can have been done.
    pub fn post(
        &self,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        content: Content<'_>,
    ) -> Result<Response, HttpError> {
        self.send("POST", path, headers, content)?.whole()
    }

    /// PUTs to `path`, once.
    pub fn put(
        &self,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        content: Content<'_>,
    ) -> Result<Response, HttpError> {
        self.send("PUT", path, headers, content)?.whole()
    }

    /// DELETEs `path`, once.
    pub fn delete(&self, path: &str, headers: &[(HeaderName, HeaderValue)]) -> Result<Response, HttpError> {
        self.send("DELETE", path, headers, Content::None)?.whole()
    }

    fn send(
        &self,
        method: &'static str,
        path: &str,
        headers: &[(HeaderName, HeaderValue)],
        content: Content<'_>,
    ) -> Result<Incoming<'_>, HttpError> {
        let left = self.budget.left();
        if left.time.is_zero() {
            return Err(self.time_used_up(false));
        }
        if left.bytes == 0 {
            return Err(self.bytes_used_up(false));
        }
        let limit = if left.time < self.timeout { Limit::OfAll } else { Limit::Own };
        let spending = self.budget.begin();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url)).header(
            header::CONNECTION,
            // True of every request here; proxies and newer servers need to be told.
            HeaderValue::from_static("close"),
        );
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let (kind, body) = match content {
            Content::None => (None, None),
            Content::Form(fields) => {
                (Some("application/x-www-form-urlencoded".into()), Some(Body::Text(form::encode(fields))))
            }
            Content::Multipart(fields, file) => {
                let boundary = format!("i3-{:032x}", rand::random::<u128>());
                let body = form::multipart(&boundary, fields, file);
                (Some(format!("multipart/form-data; boundary={boundary}")), Some(Body::Bytes(body)))
            }
            Content::Json(text) => (Some("application/json".into()), Some(Body::Text(text))),
        };
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let timeout = left.time.min(self.timeout);
        let answer = match &body {
            None => request.body(()).map_err(ureq::Error::from).and_then(|r| self.run(r, timeout)),
            // A slice has a known length and is never sent in chunks, which the server refuses.
            Some(body) => request.body(body.as_bytes()).map_err(ureq::Error::from).and_then(|r| self.run(r, timeout)),
        };
        self.connector.note(answer.is_ok());
        let (head, body) = answer.map_err(|e| self.error(e, limit))?.into_parts();
        self.note_date(&head.headers);
        Ok(Incoming {
            http: self,
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

    /// The error if more would have to be kept than `limit` bytes.
    pub fn too_large(&self, limit: usize) -> HttpError {
        HttpError::TooLarge { market: self.shown.clone(), limit: limit as u64 }
    }

    fn time_used_up(&self, sent: bool) -> HttpError {
        HttpError::TimeUsedUp { market: self.shown.clone(), limit: self.limits.time, sent }
    }

    fn bytes_used_up(&self, sent: bool) -> HttpError {
        HttpError::BytesUsedUp { market: self.shown.clone(), limit: self.limits.bytes, sent }
    }

    fn body_error(&self, error: io::Error, read: u64, limit: Limit) -> HttpError {
        if let Some(page_filter::TooMuch(limit)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return self.too_large(*limit);
        }
        if error.get_ref().is_some_and(|inner| inner.is::<BytesUsedUp>()) {
            return self.bytes_used_up(true);
        }
        match self.error(error.into(), limit) {
            HttpError::Timeout { market, limit } if read >= LONG => HttpError::TooLong { market, limit, read },
            error => error,
        }
    }

    fn error(&self, error: ureq::Error, limit: Limit) -> HttpError {
        use ureq::{Error, Timeout};
        let market = self.shown.clone();
        match error {
            Error::Other(other) => {
                match other.downcast::<NoAddress>().map_err(|other| other.downcast::<NoConnection>()) {
                    Ok(no_address) => HttpError::Resolve { host: no_address.host, source: no_address.source },
                    Err(Ok(no_connection)) => {
                        let NoConnection(source) = *no_connection;
                        HttpError::Unreachable { market, source }
                    }
                    Err(Err(source)) if source.is::<rustls::Error>() || source.is::<InvalidDnsNameError>() => {
                        HttpError::Handshake { market, source }
                    }
                    Err(Err(source)) => HttpError::NotHttp { market, source },
                }
            }
            Error::ConnectionFailed => HttpError::Unreachable { market, source: io::Error::other("no connection") },
            Error::ConnectProxyFailed(said) => {
                // ureq has only words for it: "proxy server responded 407/407".
                let status = said.rsplit(['/', ' ']).next().and_then(|status| status.parse().ok());
                HttpError::ProxyRefused { market, status }
            }
            Error::Timeout(Timeout::Resolve | Timeout::Connect) if limit == Limit::Own => {
                HttpError::ConnectTimeout { market, limit: self.connect_timeout.min(self.timeout) }
            }
            Error::Timeout(at) if limit == Limit::OfAll => {
                self.time_used_up(!matches!(at, Timeout::Resolve | Timeout::Connect))
            }
            Error::Timeout(_) => HttpError::Timeout { market, limit: self.timeout },
            Error::InvalidProxyUrl => HttpError::Proxy,
            Error::Io(source) if source.get_ref().is_some_and(|e| e.is::<rustls::Error>()) => {
                let source = tls::told(source);
                HttpError::Handshake { market, source: source.into_inner().unwrap_or_else(|| "TLS".into()) }
            }
            Error::Io(source) => HttpError::Cut { market, source },
            e => HttpError::NotHttp { market, source: Box::new(e) },
        }
    }
}

/// Reads a body that is not a page, up to [`PLAIN_MAX`].
fn read_whole(from: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    from.take(PLAIN_MAX as u64 + 1).read_to_end(&mut body)?;
    if body.len() > PLAIN_MAX { Err(io::Error::other(page_filter::TooMuch(PLAIN_MAX))) } else { Ok(body) }
}

/// Returns the proxy of the environment, if this address goes through one. A SOCKS proxy is an error: bypassing it
/// silently would show the seller's address, and perhaps the password, to a network that the seller excluded.
fn usable(found: Option<ureq::Proxy>, url: &MarketUrl) -> Result<Option<ureq::Proxy>, HttpError> {
    use ureq::ProxyProtocol::{Http, Https};
    let Some(proxy) = found.filter(|_| !url.is_loopback()) else { return Ok(None) };
    let uri = url.to_string().parse().map_err(|_| HttpError::Proxy)?;
    if proxy.is_no_proxy(&uri) {
        return Ok(None);
    }
    if matches!(proxy.protocol(), Http | Https) { Ok(Some(proxy)) } else { Err(HttpError::Proxy) }
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
    fn skew_has_a_direction() {
        let there = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let apart = Duration::from_secs(90);
        assert_eq!(Skew::between(there + apart, there), Skew::Ahead(apart));
        assert_eq!(Skew::between(there - apart, there), Skew::Behind(apart));
        assert_eq!(Skew::Behind(apart).size(), apart);
    }

    #[test]
    fn a_proxy_is_used_for_other_hosts_alone_and_never_passed_round() {
        let (here, there) = ("http://127.0.0.1:8000".parse().unwrap(), "http://market.example:8000".parse().unwrap());
        let http = || Some(ureq::Proxy::new("http://proxy.example:3128").unwrap());
        let socks = || Some(ureq::Proxy::new("socks5://proxy.example").unwrap());
        assert_eq!(usable(http(), &here).unwrap(), None);
        assert_eq!(usable(socks(), &here).unwrap(), None);
        assert_eq!(usable(http(), &there).unwrap(), http());
        assert!(matches!(usable(socks(), &there), Err(HttpError::Proxy)));
        let exempt = ureq::Proxy::builder(ureq::ProxyProtocol::Socks5).host("p").no_proxy("market.example").build();
        assert_eq!(usable(Some(exempt.unwrap()), &there).unwrap(), None);
    }

    #[test]
    fn nobody_there_means_that_nothing_was_sent() {
        // Nothing listens on port 1.
        let url = "http://127.0.0.1:1".parse().unwrap();
        let http = Http::new(url, &HttpOptions::default()).unwrap();
        let error = http.get("/", &[]).err().unwrap();
        assert!(matches!(error, HttpError::Unreachable { .. }) && error.nothing_was_sent(), "{error:?}");
    }
}
