//! Why a request has no answer, or none from the marketplace.

use std::time::Duration;
use std::{fmt, io};

use super::interception::Interception;
use super::proxy::{ProxyError, ProxyName};
use crate::tls::TlsError;

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
    /// A variable of the environment names no usable proxy; nothing was sent. Fix or unset it, or list the marketplace's host
    /// in `no_proxy`.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// There is no connection to the proxy; nothing was sent.
    #[error("{proxy} cannot be reached, and {market} only through it")]
    ProxyUnreachable { market: String, proxy: Box<ProxyName>, source: io::Error },
    /// The proxy did not let the request through; `maybe_sent`: unless it had passed it on before.
    #[error("no answer from {market}: {proxy} {why}")]
    ProxyRefused { market: String, proxy: Box<ProxyName>, why: ProxyRefusal, maybe_sent: bool },
    /// The answer is not the marketplace's.
    #[error("{}", interception.told(market))]
    Intercepted { market: String, interception: Interception },
    /// The part of the answer's body that must be kept exceeds `KEPT_MAX`, or is equally costly. The request may have been
    /// carried out.
    #[error("the answer from {market} exceeds {limit} bytes")]
    TooLarge { market: String, limit: u64 },
    /// All requests together have taken `Limits::time`. This one may have been carried out, unless it was not `sent`.
    #[error("{market} took longer than {} for all requests together", humantime::format_duration(*limit))]
    TimeUsedUp { market: String, limit: Duration, sent: bool },
    /// All answers together have `Limits::bytes`. The request may have been carried out, unless it was not `sent`.
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

/// How a proxy refuses a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyRefusal {
    /// A status of HTTP.
    Status(u16),
    /// The reason of a SOCKS proxy.
    Socks(String),
    /// It asks for a client certificate, which is never presented to a proxy.
    ClientCertificate,
    /// It closed the connection.
    Closed,
    /// Its answer is not that of a proxy.
    Strange,
}

impl fmt::Display for ProxyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // 401 is tinyproxy's.
            ProxyRefusal::Status(status @ (401 | 407)) => {
                write!(f, "requires a user and a password, or refuses the given ones ({status})")
            }
            ProxyRefusal::Status(403) => f.write_str("forbids the connection (403)"),
            ProxyRefusal::Status(status) => write!(f, "answered with status {status}"),
            ProxyRefusal::Socks(said) => write!(f, "refused the connection: {said}"),
            ProxyRefusal::ClientCertificate => {
                f.write_str("requires a client certificate, which is presented only to the marketplace")
            }
            ProxyRefusal::Closed => f.write_str("closed the connection"),
            ProxyRefusal::Strange => f.write_str("gave an answer that is not one of such a proxy"),
        }
    }
}

impl HttpError {
    /// Returns whether the request was certainly never sent, so that nothing can have been done.
    pub fn nothing_was_sent(&self) -> bool {
        matches!(
            self,
            HttpError::Resolve { .. }
                | HttpError::Unreachable { .. }
                | HttpError::ConnectTimeout { .. }
                | HttpError::Tls(_)
                | HttpError::Proxy(_)
                | HttpError::ProxyUnreachable { .. }
                | HttpError::ProxyRefused { maybe_sent: false, .. }
                | HttpError::TimeUsedUp { sent: false, .. }
                | HttpError::BytesUsedUp { sent: false, .. }
        ) || matches!(self, HttpError::Intercepted { interception, .. } if interception.kept_the_request())
    }

    /// Returns the time to wait before another request, if the answer says so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            HttpError::Intercepted { interception: Interception::Busy { wait, .. }, .. } => *wait,
            _ => None,
        }
    }

    /// Returns whether the same request may succeed right away.
    pub fn may_pass(&self) -> bool {
        !self.is_used_up() && !matches!(self, HttpError::Intercepted { .. } | HttpError::Proxy(_))
    }

    /// Returns whether the limit of all requests together is reached, so that no other will be made.
    pub fn is_used_up(&self) -> bool {
        matches!(self, HttpError::TimeUsedUp { .. } | HttpError::BytesUsedUp { .. })
    }
}
