//! A connection through a proxy: SOCKS 5 (RFC 1928, RFC 1929), or HTTP's CONNECT (RFC 9110 §9.3.6).

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use super::addresses::{connect, in_order};
use super::hosts::preference;
use super::http;
use crate::authority::{self, AuthorityError};

/// The port of SOCKS (IANA).
const SOCKS_PORT: u16 = 1080;
/// Longest user name, password or host name of SOCKS, in bytes (RFC 1929 §2, RFC 1928 §4).
const SOCKS_TEXT_MAX: usize = 255;
/// Longest answer to CONNECT, in bytes, and the most header fields of it.
const ANSWER_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProxyKind {
    Socks5,
    Http,
}

/// A proxy's address, and who asks it. `Debug` and `Display` show neither the user nor the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    kind: ProxyKind,
    host: String,
    port: u16,
    user: Option<User>,
}

#[derive(Clone, PartialEq, Eq)]
struct User {
    name: Zeroizing<String>,
    password: Zeroizing<String>,
}

/// Why a text is not a proxy's address. Nothing of the text is repeated, because it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyUrlError {
    #[error("the proxy's address does not begin with socks5h:// or http://")]
    Scheme,
    #[error(
        "the proxy's address begins or ends with the quotation mark {0}, which does not belong to it: leave it out"
    )]
    Quoted(char),
    /// It leaves the look-up of the host's name to this machine, or has no user.
    #[error(
        "the proxy's address begins with {0}://, and only socks5h:// leaves the look-up of the broker's name to the proxy"
    )]
    Local(&'static str),
    #[error("a broker's proxy cannot be reached over TLS (https://)")]
    Tls,
    #[error("the proxy's address has no valid host")]
    Host,
    /// SOCKS has a usual port; HTTP proxies have none.
    #[error("the proxy's address has no port from 1 to 65535")]
    Port,
    #[error("the proxy's user or password is not percent-encoded UTF-8 of 1 to 255 bytes")]
    User,
    #[error("the proxy's address contains more than a user, a host and a port")]
    Extra,
}

impl From<AuthorityError> for ProxyUrlError {
    fn from(error: AuthorityError) -> ProxyUrlError {
        match error {
            AuthorityError::Host => ProxyUrlError::Host,
            AuthorityError::Port => ProxyUrlError::Port,
        }
    }
}

/// Why there is no connection through the proxy. The proxy's own answers are reported as such.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    #[error("the proxy's host is not found")]
    Resolve(#[source] io::Error),
    #[error("the proxy cannot be reached")]
    Unreachable(#[source] io::Error),
    /// `during` names what was awaited.
    #[error("the proxy did not answer in time ({during})")]
    Timeout { during: &'static str },
    #[error("the proxy ended the connection before it answered")]
    Cut(#[source] io::Error),
    /// The status of an HTTP proxy's answer to CONNECT, and how long to wait if it says so.
    #[error("the proxy answered {status}{}{}", reason(*.status), http::told_wait(*.wait))]
    Status { status: u16, wait: Option<Duration> },
    /// SOCKS: none of the offered authentication methods (RFC 1928 §3).
    #[error("the proxy requires {}", if *.has_user { "a way to log in other than a user and a password" } else { "a user and a password" })]
    Method { has_user: bool },
    /// SOCKS: user and password (RFC 1929 §2).
    #[error("the proxy does not accept the user and the password")]
    User,
    /// SOCKS: a reply other than 0 (RFC 1928 §6).
    #[error("the proxy answered: {}", reply(*.0))]
    Reply(u8),
    #[error("what answers is not {0}")]
    NotAProxy(&'static str),
    /// A host name that is too long for SOCKS.
    #[error("the broker's host name is too long for the proxy")]
    Name,
}

impl ProxyError {
    /// Returns whether another attempt may succeed.
    pub fn is_passing(&self) -> bool {
        match self {
            ProxyError::Resolve(_) | ProxyError::Unreachable(_) | ProxyError::Timeout { .. } | ProxyError::Cut(_) => {
                true
            }
            ProxyError::Status { status, .. } => http::is_passing(*status),
            ProxyError::Reply(code) => !matches!(code, 2 | 7 | 8),
            ProxyError::Method { .. } | ProxyError::User | ProxyError::NotAProxy(_) | ProxyError::Name => false,
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        403 => " (forbidden)",
        405 => " (CONNECT is not allowed)",
        407 => " (it requires a user and a password)",
        429 => " (it takes no more requests for now)",
        501 => " (it knows no CONNECT)",
        511 => " (the network requires a log-in)",
        502 => " (it cannot reach the broker)",
        503 => " (it is unavailable)",
        504 => " (the broker did not answer it in time)",
        _ => "",
    }
}

fn reply(code: u8) -> String {
    let known = match code {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "the network is unreachable",
        4 => "the host is unreachable",
        5 => "the connection was refused",
        6 => "the time to live has expired",
        7 => "it does not know the command",
        8 => "it does not know this kind of address",
        _ => return format!("failure {code}"),
    };
    known.into()
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.kind == ProxyKind::Socks5 { "socks5h" } else { "http" };
        match self.host.contains(':') {
            true => write!(f, "{scheme}://[{}]:{}", self.host, self.port),
            false => write!(f, "{scheme}://{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

impl FromStr for Proxy {
    type Err = ProxyUrlError;

    fn from_str(text: &str) -> Result<Proxy, ProxyUrlError> {
        let text = text.trim();
        if let Some(mark) = authority::quotation_mark(text) {
            return Err(ProxyUrlError::Quoted(mark));
        }
        let (scheme, rest) = text.split_once("://").ok_or(ProxyUrlError::Scheme)?;
        let kind = match scheme.to_ascii_lowercase().as_str() {
            "socks5h" => ProxyKind::Socks5,
            "http" => ProxyKind::Http,
            "socks5" => return Err(ProxyUrlError::Local("socks5")),
            "socks4" => return Err(ProxyUrlError::Local("socks4")),
            "socks4a" => return Err(ProxyUrlError::Local("socks4a")),
            "https" => return Err(ProxyUrlError::Tls),
            _ => return Err(ProxyUrlError::Scheme),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // The last one, because a password may contain one that is not encoded.
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        if place.contains(['/', '?', '#']) {
            return Err(ProxyUrlError::Extra);
        }
        let (host, port) = authority::split(place)?;
        let usual = (kind == ProxyKind::Socks5).then_some(SOCKS_PORT);
        let port = port.or(usual).ok_or(ProxyUrlError::Port)?;
        Ok(Proxy { kind, host: authority::canonical(host)?, port, user: user.map(User::read).transpose()? })
    }
}

impl User {
    fn read(text: &str) -> Result<User, ProxyUrlError> {
        let (name, password) = text.split_once(':').unwrap_or((text, ""));
        let decoded = |part: &str| {
            let text = percent_decode_str(part).decode_utf8().map_err(|_| ProxyUrlError::User)?;
            (text.len() <= SOCKS_TEXT_MAX).then(|| Zeroizing::new(text.into_owned())).ok_or(ProxyUrlError::User)
        };
        let user = User { name: decoded(name)?, password: decoded(password)? };
        if user.name.is_empty() { Err(ProxyUrlError::User) } else { Ok(user) }
    }
}

impl Proxy {
    /// Returns whether a user or a password is in the address.
    pub fn has_user(&self) -> bool {
        self.user.is_some()
    }

    /// Connects to `port` of `host`, whose name the proxy looks up, by `deadline`; `from` as in [`connect`].
    ///
    /// # Errors
    /// [`ProxyError`].
    pub async fn connect(
        &self,
        host: &str,
        port: u16,
        from: &[IpAddr],
        deadline: Instant,
    ) -> Result<TcpStream, ProxyError> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port));
        let late = |during| move |_| ProxyError::Timeout { during };
        let found = timeout_at(deadline, found).await.map_err(late("look-up of the proxy's name"))?;
        let addresses = in_order(found.map_err(ProxyError::Resolve)?, preference((&self.host, self.port)));
        let mut tcp = connect(&addresses, from, deadline).await.map_err(|e| match e.kind() {
            io::ErrorKind::TimedOut => ProxyError::Timeout { during: "TCP connection" },
            _ => ProxyError::Unreachable(e),
        })?;
        let _ = tcp.set_nodelay(true);
        let asking = async {
            match self.kind {
                ProxyKind::Socks5 => self.socks(&mut tcp, host, port).await,
                ProxyKind::Http => self.http(&mut tcp, host, port).await,
            }
        };
        timeout_at(deadline, asking).await.map_err(late("its connection to the broker"))??;
        Ok(tcp)
    }

    async fn socks(&self, tcp: &mut TcpStream, host: &str, port: u16) -> Result<(), ProxyError> {
        const VERSION: u8 = 5;
        const NO_LOG_IN: u8 = 0;
        const USER_AND_PASSWORD: u8 = 2;
        let not_socks = || ProxyError::NotAProxy("a SOCKS 5 proxy");
        let methods: &[u8] = if self.user.is_some() { &[2, NO_LOG_IN, USER_AND_PASSWORD] } else { &[1, NO_LOG_IN] };
        tcp.write_all(&[&[VERSION], methods].concat()).await.map_err(ProxyError::Cut)?;
        let [version, method] = read(tcp).await?;
        if version != VERSION {
            return Err(not_socks());
        }
        match (method, &self.user) {
            (NO_LOG_IN, _) => {}
            (USER_AND_PASSWORD, Some(User { name, password })) => {
                // Both were checked to be short.
                let (names, passwords) = (name.len() as u8, password.len() as u8);
                let parts = [&[1, names][..], name.as_bytes(), &[passwords], password.as_bytes()];
                let log_in = Zeroizing::new(parts.concat());
                tcp.write_all(&log_in).await.map_err(ProxyError::Cut)?;
                let [_, status] = read(tcp).await?;
                if status != 0 {
                    return Err(ProxyError::User);
                }
            }
            _ => return Err(ProxyError::Method { has_user: self.user.is_some() }),
        }
        let address = match host.parse() {
            Ok(IpAddr::V4(address)) => [&[1][..], &address.octets()].concat(),
            Ok(IpAddr::V6(address)) => [&[4][..], &address.octets()].concat(),
            Err(_) => {
                let length = u8::try_from(host.len()).map_err(|_| ProxyError::Name)?;
                [&[3, length][..], host.as_bytes()].concat()
            }
        };
        let request = [&[VERSION, 1, 0][..], &address, &port.to_be_bytes()].concat();
        tcp.write_all(&request).await.map_err(ProxyError::Cut)?;
        let [version, code, _, kind] = read(tcp).await?;
        match (version, code) {
            (VERSION, 0) => {}
            (VERSION, code) => return Err(ProxyError::Reply(code)),
            _ => return Err(not_socks()),
        }
        // The address that the proxy connects from, which is not needed.
        let length = match kind {
            1 => 4,
            4 => 16,
            3 => usize::from(read::<1>(tcp).await?[0]),
            _ => return Err(not_socks()),
        };
        let mut address = vec![0; length + 2];
        tcp.read_exact(&mut address).await.map_err(ProxyError::Cut)?;
        Ok(())
    }

    async fn http(&self, tcp: &mut TcpStream, host: &str, port: u16) -> Result<(), ProxyError> {
        let not_http = || ProxyError::NotAProxy("an HTTP proxy");
        let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let mut request = Zeroizing::new(Vec::with_capacity(ANSWER_MAX));
        let agent = concat!("i3/", env!("CARGO_PKG_VERSION"));
        let head = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: {agent}\r\n");
        request.extend_from_slice(head.as_bytes());
        if let Some(User { name, password }) = &self.user {
            let plain = Zeroizing::new([name.as_bytes(), b":", password.as_bytes()].concat());
            let encoded = Zeroizing::new(STANDARD.encode(&plain));
            for part in ["Proxy-Authorization: Basic ", &encoded, "\r\n"] {
                request.extend_from_slice(part.as_bytes());
            }
        }
        request.extend_from_slice(b"\r\n");
        tcp.write_all(&request).await.map_err(ProxyError::Cut)?;
        let (mut answer, mut read) = (Vec::new(), 0);
        loop {
            match Head::parse(&answer).ok_or_else(not_http)? {
                Some(Head { status, length, .. }) if http::is_interim(status) => drop(answer.drain(..length)),
                // The broker says nothing before it is spoken to.
                Some(Head { status: 200..=299, length, .. }) if answer.len() > length => return Err(not_http()),
                Some(Head { status: 200..=299, .. }) => return Ok(()),
                Some(Head { status, wait, .. }) => return Err(ProxyError::Status { status, wait }),
                None if read >= ANSWER_MAX => return Err(not_http()),
                None => match tcp.read_buf(&mut answer).await.map_err(ProxyError::Cut)? {
                    0 => return Err(ProxyError::Cut(io::ErrorKind::UnexpectedEof.into())),
                    more => read += more,
                },
            }
        }
    }
}

/// What counts of the head of an answer.
struct Head {
    status: u16,
    wait: Option<Duration>,
    /// How long it is, in bytes.
    length: usize,
}

impl Head {
    /// Returns the head that stands first, `Some(None)` if it is not complete, and `None` if it is none of HTTP.
    fn parse(answer: &[u8]) -> Option<Option<Head>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut response = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(length) = response.parse(answer).ok()? else { return Some(None) };
        let field = |name: &str| {
            let field = response.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name));
            field.and_then(|field| std::str::from_utf8(field.value).ok()).unwrap_or_default()
        };
        let wait = http::retry_after(field("Retry-After"), field("Date"));
        Some(Some(Head { status: response.code?, wait, length }))
    }
}

async fn read<const N: usize>(tcp: &mut TcpStream) -> Result<[u8; N], ProxyError> {
    let mut bytes = [0; N];
    tcp.read_exact(&mut bytes).await.map_err(ProxyError::Cut)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_who_asks() {
        for (given, shown, has_user) in [
            ("socks5h://proxy", "socks5h://proxy:1080", false),
            ("SOCKS5H://Proxy.example:9/", "socks5h://proxy.example:9", false),
            ("socks5h://ann:hunter2@[::1]:9", "socks5h://[::1]:9", true),
            ("http://ann:hun%40ter2@10.0.0.1:3128", "http://10.0.0.1:3128", true),
            ("http://ann:hunter2@@proxy:3128", "http://proxy:3128", true),
            (" socks5h://proxy\r\n", "socks5h://proxy:1080", false),
            ("socks5h://bücher.example", "socks5h://xn--bcher-kva.example:1080", false),
        ] {
            let proxy: Proxy = given.parse().unwrap();
            assert_eq!((proxy.to_string().as_str(), proxy.has_user()), (shown, has_user), "{given}");
            assert!(!format!("{proxy:?}").contains("ann") && !format!("{proxy:?}").contains("ter2"));
        }
        let User { name, password } = User::read("ann%3A:hun%40:ter2").unwrap();
        assert_eq!((name.as_str(), password.as_str()), ("ann:", "hun@:ter2"));
    }

    #[test]
    fn what_is_no_address_of_a_proxy_is_an_error_that_repeats_nothing() {
        use ProxyUrlError as Error;
        for (given, error) in [
            ("proxy:3128", Error::Scheme),
            ("", Error::Scheme),
            ("ftp://hunter2:9", Error::Scheme),
            ("socks5://hunter2:9", Error::Local("socks5")),
            ("socks4a://hunter2", Error::Local("socks4a")),
            ("https://hunter2:9", Error::Tls),
            ("http://hunter2", Error::Port),
            ("http://hunter2:0", Error::Port),
            ("http://hunter2:x", Error::Port),
            ("http://:9", Error::Host),
            ("http://ann:hunter2@", Error::Host),
            ("http://hunter2:9/path", Error::Extra),
            ("http://:hunter2@proxy:9", Error::User),
            ("http://ann:hunter2%ff@proxy:9", Error::User),
        ] {
            let found = given.parse::<Proxy>().unwrap_err();
            assert_eq!(found, error, "{given}");
            assert!(!found.to_string().contains("hunter2"), "{found}");
        }
        assert_eq!(format!("http://ann:{}@proxy:9", "x".repeat(256)).parse::<Proxy>(), Err(Error::User));
    }
}
