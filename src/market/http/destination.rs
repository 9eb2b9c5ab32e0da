//! Where all requests go, by which proxy and within which limits, and the errors that they end with.

use std::io;
use std::time::Duration;

use rustls::pki_types::InvalidDnsNameError;

use super::budget::{BytesUsedUp, Limits};
use super::error::{HttpError, ProxyRefusal};
use super::interception::Interception;
use super::page_filter;
use super::proxy::{Chosen, ProxyName};
use super::proxy_connector::AtProxy;
use super::resolver::NoAddress;
use super::tcp::{NoConnection, SpeaksTls};
use super::transport::TlsConnector;
use crate::market_url::MarketUrl;
use crate::tls::{self, TlsFault};

/// A page longer than this that does not arrive in time is reported as too long, not as a timeout.
const LONG: u64 = 4 << 20;

/// The limit that ends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `HttpOptions::timeout`.
    Own,
    /// The rest of [`Limits::time`].
    OfAll,
}

/// A marketplace, and how requests get there.
#[derive(Debug)]
pub(super) struct Destination {
    pub url: MarketUrl,
    /// The marketplace's name in errors: its address, and the proxy.
    pub shown: String,
    pub proxy: Option<Chosen>,
    pub tls: TlsConnector,
    pub connect_timeout: Duration,
    pub timeout: Duration,
    pub limits: Limits,
}

impl Destination {
    pub fn proxy_name(&self) -> Option<&ProxyName> {
        self.proxy.as_ref().map(|chosen| &chosen.name)
    }

    /// The error if more would have to be kept than `limit` bytes.
    pub fn too_large(&self, limit: usize) -> HttpError {
        HttpError::TooLarge { market: self.shown.clone(), limit: limit as u64 }
    }

    /// The error if a page comes from something that is not a marketplace.
    pub fn foreign(&self, status: u16) -> HttpError {
        HttpError::Intercepted { market: self.shown.clone(), interception: Interception::Foreign { status } }
    }

    /// The error if a log-in is accepted, and its session does not arrive.
    pub fn cookie_lost(&self) -> HttpError {
        HttpError::Intercepted { market: self.shown.clone(), interception: Interception::CookieLost }
    }

    /// The error if all requests together took too long.
    pub fn time_used_up(&self, sent: bool) -> HttpError {
        HttpError::TimeUsedUp { market: self.shown.clone(), limit: self.limits.time, sent }
    }

    /// The error if all answers together were too long.
    pub fn bytes_used_up(&self, sent: bool) -> HttpError {
        HttpError::BytesUsedUp { market: self.shown.clone(), limit: self.limits.bytes, sent }
    }

    /// The error if the body, of which `read` bytes came, cannot be read further.
    pub fn body_error(&self, error: io::Error, read: u64, limit: Limit) -> HttpError {
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

    /// The error if there is no answer.
    pub fn error(&self, error: ureq::Error, limit: Limit) -> HttpError {
        use ureq::{Error, Timeout};
        let market = self.shown.clone();
        match error {
            Error::Other(other) => match TransportCause::of(other) {
                TransportCause::NoAddress(NoAddress { source, .. }) => {
                    HttpError::Resolve { host: self.url.shown_host(), source }
                }
                TransportCause::NoConnection(source) => HttpError::Unreachable { market, source },
                TransportCause::AtProxy(error) => self.proxy_error(error),
                TransportCause::SpeaksTls => {
                    let instead = self.url.with_other_scheme().to_string();
                    HttpError::Intercepted { market, interception: Interception::NeedsTls { instead } }
                }
                TransportCause::Tls(source) => HttpError::Handshake { market, source },
                TransportCause::Other(source) => HttpError::NotHttp { market, source },
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
            // A plain connection to the marketplace has only the proxy's.
            Error::Io(source) if is_of_tls(&source) && !self.url.is_tls() => self.proxy_error(Error::Io(source)),
            Error::Io(source) if is_of_tls(&source) => {
                if is_plain(&source) {
                    let instead = self.url.with_other_scheme().to_string();
                    return HttpError::Intercepted { market, interception: Interception::SpeaksPlain { instead } };
                }
                let source = TlsConnector::told(self.tls.market.as_ref(), source);
                HttpError::Handshake { market, source: source.into_inner().unwrap_or_else(|| "TLS".into()) }
            }
            Error::Io(source) => HttpError::Cut { market, source },
            e => HttpError::NotHttp { market, source: Box::new(e) },
        }
    }

    /// Returns the error of a connection to the proxy, or of the exchange with it before the request.
    fn proxy_error(&self, error: ureq::Error) -> HttpError {
        use ureq::Error;
        let Some(proxy) = self.proxy_name().cloned() else { return self.refused_by_proxy(ProxyRefusal::Strange) };
        let market = self.url.shown();
        let handshake = |source| HttpError::Handshake { market: proxy.to_string(), source };
        let source = match error {
            Error::Other(other) => match TransportCause::of(other) {
                TransportCause::NoAddress(NoAddress { source, .. }) | TransportCause::NoConnection(source) => source,
                TransportCause::Tls(source) => return handshake(source),
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
            // ureq's version of a SOCKS proxy's answer.
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
        match self.proxy_name().cloned() {
            Some(proxy) => HttpError::ProxyRefused { market, proxy: Box::new(proxy), why, maybe_sent: false },
            None => HttpError::Unreachable { market, source: io::Error::other(why.to_string()) },
        }
    }
}

/// Returns the error for a failure of this module's own parts of the transport.
enum TransportCause {
    NoAddress(NoAddress),
    NoConnection(io::Error),
    AtProxy(ureq::Error),
    SpeaksTls,
    Tls(Box<dyn std::error::Error + Send + Sync>),
    Other(Box<dyn std::error::Error + Send + Sync>),
}

impl TransportCause {
    fn of(error: Box<dyn std::error::Error + Send + Sync>) -> TransportCause {
        if error.is::<rustls::Error>() || error.is::<InvalidDnsNameError>() {
            return TransportCause::Tls(error);
        }
        let error = match error.downcast() {
            Ok(no_address) => return TransportCause::NoAddress(*no_address),
            Err(error) => error,
        };
        let error = match error.downcast::<NoConnection>() {
            Ok(no_connection) => return TransportCause::NoConnection(no_connection.0),
            Err(error) => error,
        };
        match error.downcast::<AtProxy>() {
            Ok(at_proxy) => TransportCause::AtProxy(at_proxy.0),
            Err(error) if error.is::<SpeaksTls>() => TransportCause::SpeaksTls,
            Err(error) => TransportCause::Other(error),
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
