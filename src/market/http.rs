//! HTTP as the marketplace needs it: one connection per request, always a length, no redirects followed, nothing repeated.

mod before;
mod budget;
mod error;
pub(super) mod form;
mod json_list;
mod page_filter;
mod proxy;
mod resolver;
mod tcp;
mod transport;
mod way;

use std::borrow::Cow;
use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustls::pki_types::InvalidDnsNameError;
use serde::de::DeserializeOwned;
use ureq::BodyReader;
use ureq::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use ureq::unversioned::transport::Connector as _;

use crate::clock;
use crate::market_url::MarketUrl;
use crate::secret::Secret;
use crate::tls::{self, ClientTls, Roots, TlsFault, Verification};
use before::Seen;
use budget::{Budget, BytesUsedUp, Counted, Spending};
use form::File;
use proxy::{Chosen, ProxyMethod};
use resolver::{Names, NoAddress};
use tcp::{NoConnection, SpeaksTls, TcpConnector};
use transport::TlsConnector;
use way::{AtProxy, ProxyConnector};

pub use before::Before;
pub use budget::Limits;
pub use error::{HttpError, ProxyRefusal};
pub use proxy::{ProxyError, ProxyFault, ProxyName};

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
    /// `http_proxy` or `https_proxy`, or else `all_proxy`, less `no_proxy`, as curl reads them. Never for loopback: no proxy
    /// could reach it, and it would learn the password.
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
    /// The path that the marketplace is below.
    base: String,
}

impl Response {
    /// Returns the `Location` of a redirect, as it was sent. One that is not plain ASCII still leads somewhere.
    pub fn location(&self) -> Option<Cow<'_, str>> {
        Some(String::from_utf8_lossy(self.headers.get(header::LOCATION)?.as_bytes()))
    }

    /// Returns the path that a redirect leads to, without the marketplace's address and a query; relative if it was.
    pub fn destination(&self) -> Option<String> {
        let location = self.location()?;
        let local = match location.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => &location,
        };
        let path = local.split(['?', '#']).next()?;
        // A gateway may leave the path that the marketplace is below to the reader.
        Some(path.strip_prefix(&self.base).filter(|path| path.starts_with('/')).unwrap_or(path).into())
    }

    /// Returns a response without a body.
    #[cfg(test)]
    pub fn bare(status: u16, headers: &[(HeaderName, &str)]) -> Response {
        let header = |(name, value): &(HeaderName, &str)| (name.clone(), HeaderValue::from_str(value).unwrap());
        Response { status, headers: headers.iter().map(header).collect(), body: Vec::new(), base: String::new() }
    }

    /// Returns whether the content type is HTML.
    pub fn is_html(&self) -> bool {
        is_html(&self.headers)
    }
}

/// An answer whose body is still to be read.
pub(super) struct Incoming<'h> {
    http: &'h Http,
    path: String,
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
        let body = match self.is_html() {
            true => page_filter::read(&mut self.body, KEPT_MAX),
            false => read_whole(&mut self.body),
        };
        self.ended(body)
    }

    /// Reads a page, and hands on each row of a table in its content as it arrives; they are not in the response. Of an
    /// answer that is not a page it hands on nothing.
    pub fn rows(mut self, take: &mut dyn FnMut(&[u8])) -> Result<Response, HttpError> {
        if self.status != 200 || !self.is_html() {
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
        if self.is_html() {
            return Err(self.http.foreign(self.status));
        }
        let read = json_list::read((&mut self.body).take(KEPT_MAX as u64 + 1), take);
        if self.body.read > KEPT_MAX as u64 {
            return Err(self.http.too_large(KEPT_MAX));
        }
        match read {
            Err(e) if e.is_io() => Err(self.http.body_error(e.into(), self.body.read, self.limit)),
            read => Ok(read),
        }
    }

    /// Returns whether the content type is HTML.
    pub fn is_html(&self) -> bool {
        is_html(&self.headers)
    }

    fn ended(self, body: io::Result<Vec<u8>>) -> Result<Response, HttpError> {
        let Incoming { http, path, status, headers, .. } = self;
        let body = body.map_err(|e| http.body_error(e, self.body.read, self.limit))?;
        let seen = Seen { url: &http.url, path: &path, status, headers: &headers, body: &body };
        if let Some(proxy) =
            http.proxy.as_ref().filter(|proxy| proxy.way == ProxyMethod::Forward && seen.is_the_proxys())
        {
            let (market, proxy, why) = (http.url.shown(), Box::new(proxy.name.clone()), ProxyRefusal::Status(status));
            // It may have lost the marketplace after it had passed the request on.
            return Err(HttpError::ProxyRefused { market, proxy, why, maybe_sent: status >= 500 });
        }
        if let Some(before) = seen.before() {
            return Err(HttpError::Before { market: http.shown.clone(), before });
        }
        Ok(Response { status, headers, body, base: http.url.path().into() })
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
    proxy: Option<Chosen>,
    agent: ureq::Agent,
    connector: TcpConnector,
    tls: TlsConnector,
    connect_timeout: Duration,
    timeout: Duration,
    limits: Limits,
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
            Some(proxy) => format!("{} by way of {}", url.shown(), proxy.name),
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
        let way = proxy.as_ref().map(|chosen| chosen.way);
        let by_proxy = ProxyConnector { way, tcp: connector.clone(), tls: tls.clone() };
        let chain = ().chain(by_proxy).chain(connector.clone()).chain(tls.clone());
        let agent = ureq::Agent::with_parts(config, chain, Names::default());
        let HttpOptions { connect_timeout, timeout, limits, .. } = *options;
        let (budget, skew) = (Budget::new(limits), Mutex::new(None));
        Ok(Http { url, shown, proxy, agent, connector, tls, connect_timeout, timeout, limits, budget, skew })
    }

    pub fn url(&self) -> &MarketUrl {
        &self.url
    }

    pub fn proxy(&self) -> Option<&ProxyName> {
        self.proxy.as_ref().map(|chosen| &chosen.name)
    }

    /// Returns the variable of the hosts that go without a proxy if there is one all the same, and an entry of it can name no host.
    pub fn has_idle_exemption(&self) -> Option<&'static str> {
        self.proxy.as_ref().and_then(|_| proxy::has_idle_exemption(std::env::var_os))
    }

    pub fn ignores_upper_case(&self) -> bool {
        self.proxy.is_none() && proxy::is_only_in_upper_case(&self.url, std::env::var_os)
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
        if let Some(user) = self.proxy.as_ref().and_then(Chosen::authorization) {
            request = request.header(header::PROXY_AUTHORIZATION, user);
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

    /// The error if more would have to be kept than `limit` bytes.
    pub fn too_large(&self, limit: usize) -> HttpError {
        HttpError::TooLarge { market: self.shown.clone(), limit: limit as u64 }
    }

    /// The error if a page comes from something that is not a marketplace.
    pub fn foreign(&self, status: u16) -> HttpError {
        HttpError::Before { market: self.shown.clone(), before: Before::Foreign { status } }
    }

    /// The error if a log-in is accepted, and its session does not arrive.
    pub fn cookie_lost(&self) -> HttpError {
        HttpError::Before { market: self.shown.clone(), before: Before::CookieLost }
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
            Error::Other(other) => match Cause::of(other) {
                Cause::NoAddress(NoAddress { source, .. }) => {
                    HttpError::Resolve { host: self.url.shown_host(), source }
                }
                Cause::NoConnection(source) => HttpError::Unreachable { market, source },
                Cause::AtProxy(error) => self.proxy_error(error),
                Cause::SpeaksTls => {
                    let instead = self.url.with_other_scheme().to_string();
                    HttpError::Before { market, before: Before::NeedsTls { instead } }
                }
                Cause::Tls(source) => HttpError::Handshake { market, source },
                Cause::Other(source) => HttpError::NotHttp { market, source },
            },
            Error::ConnectionFailed => HttpError::Unreachable { market, source: io::Error::other("no connection") },
            // ureq has only words for it: "proxy server responded 407/407".
            Error::ConnectProxyFailed(said) => {
                let status = said.rsplit(['/', ' ']).next().and_then(|status| status.parse().ok());
                self.refused_by_proxy(status.map_or(ProxyRefusal::Closed, ProxyRefusal::Status))
            }
            Error::Timeout(Timeout::Resolve | Timeout::Connect) if limit == Limit::Own => {
                HttpError::ConnectTimeout { market, limit: self.connect_timeout.min(self.timeout) }
            }
            Error::Timeout(at) if limit == Limit::OfAll => {
                self.time_used_up(!matches!(at, Timeout::Resolve | Timeout::Connect))
            }
            Error::Timeout(_) => HttpError::Timeout { market, limit: self.timeout },
            // A plain connection to the marketplace has none but the proxy's.
            Error::Io(source) if is_of_tls(&source) && !self.url.is_tls() => self.proxy_error(Error::Io(source)),
            Error::Io(source) if is_of_tls(&source) => {
                if is_plain(&source) {
                    let instead = self.url.with_other_scheme().to_string();
                    return HttpError::Before { market, before: Before::SpeaksPlain { instead } };
                }
                let source = TlsConnector::told(self.tls.market.as_ref(), source);
                HttpError::Handshake { market, source: source.into_inner().unwrap_or_else(|| "TLS".into()) }
            }
            Error::Io(source) => HttpError::Cut { market, source },
            e => HttpError::NotHttp { market, source: Box::new(e) },
        }
    }

    /// The error of a connection to the proxy, or of what was said to it before the request.
    fn proxy_error(&self, error: ureq::Error) -> HttpError {
        use ureq::Error;
        let Some(proxy) = self.proxy().cloned() else { return self.refused_by_proxy(ProxyRefusal::Strange) };
        let market = self.url.shown();
        let handshake = |source| HttpError::Handshake { market: proxy.to_string(), source };
        let source = match error {
            Error::Other(other) => match Cause::of(other) {
                Cause::NoAddress(NoAddress { source, .. }) | Cause::NoConnection(source) => source,
                Cause::Tls(source) => return handshake(source),
                _ => return self.refused_by_proxy(ProxyRefusal::Strange),
            },
            Error::Io(source) if is_of_tls(&source) => {
                return match TlsConnector::told(self.tls.proxy.as_ref(), source).into_inner() {
                    Some(fault) if asks_for_certificate(fault.as_ref()) => {
                        self.refused_by_proxy(ProxyRefusal::ClientCertificate)
                    }
                    fault => handshake(fault.unwrap_or_else(|| "TLS".into())),
                };
            }
            Error::Io(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
                return self.refused_by_proxy(ProxyRefusal::Closed);
            }
            // What ureq makes of a SOCKS proxy's answer.
            Error::Io(source) if source.raw_os_error().is_none() => {
                return self.refused_by_proxy(ProxyRefusal::Socks(source.to_string()));
            }
            Error::Io(source) => source,
            Error::ConnectionFailed => io::Error::other("no connection"),
            _ => return self.refused_by_proxy(ProxyRefusal::Strange),
        };
        HttpError::ProxyUnreachable { market, proxy: Box::new(proxy), source }
    }

    fn refused_by_proxy(&self, why: ProxyRefusal) -> HttpError {
        let market = self.url.shown();
        match self.proxy().cloned() {
            Some(proxy) => HttpError::ProxyRefused { market, proxy: Box::new(proxy), why, maybe_sent: false },
            None => HttpError::Unreachable { market, source: io::Error::other(why.to_string()) },
        }
    }
}

/// What an error of this module's own parts of the transport is.
enum Cause {
    NoAddress(NoAddress),
    NoConnection(io::Error),
    AtProxy(ureq::Error),
    SpeaksTls,
    Tls(Box<dyn std::error::Error + Send + Sync>),
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl Cause {
    fn of(error: Box<dyn std::error::Error + Send + Sync>) -> Cause {
        if error.is::<rustls::Error>() || error.is::<InvalidDnsNameError>() {
            return Cause::Tls(error);
        }
        let error = match error.downcast() {
            Ok(no_address) => return Cause::NoAddress(*no_address),
            Err(error) => error,
        };
        let error = match error.downcast::<NoConnection>() {
            Ok(no_connection) => return Cause::NoConnection(no_connection.0),
            Err(error) => error,
        };
        match error.downcast::<AtProxy>() {
            Ok(at_proxy) => Cause::AtProxy(at_proxy.0),
            Err(error) if error.is::<SpeaksTls>() => Cause::SpeaksTls,
            Err(error) => Cause::Other(error),
        }
    }
}

/// Returns whether TLS is what went wrong.
fn is_of_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

/// Returns whether the other side ended the connection because it was shown no certificate.
fn asks_for_certificate(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(tls::fault(error), Some(TlsFault::Alert { alert, client }) if tls::is_of_client_certificate(alert, client.asked))
}

/// Returns whether a handshake failed because the other side does not speak TLS at all.
fn is_plain(error: &io::Error) -> bool {
    let said = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(said, Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)))
}

/// Reads a body that is not a page, up to [`PLAIN_MAX`].
fn read_whole(from: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    from.take(PLAIN_MAX as u64 + 1).read_to_end(&mut body)?;
    if body.len() > PLAIN_MAX { Err(io::Error::other(page_filter::TooMuch(PLAIN_MAX))) } else { Ok(body) }
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
    fn nobody_there_means_that_nothing_was_sent() {
        // Nothing listens on port 1.
        let url = "http://127.0.0.1:1".parse().unwrap();
        let http = Http::new(url, &HttpOptions::default()).unwrap();
        let error = http.get("/", &[]).err().unwrap();
        assert!(matches!(error, HttpError::Unreachable { .. }) && error.nothing_was_sent(), "{error:?}");
    }
}
