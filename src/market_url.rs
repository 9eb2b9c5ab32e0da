//! The address of a marketplace: `http://HOST[:PORT][/PATH]` or `https://HOST[:PORT][/PATH]`, parsed once.

use std::fmt;
use std::str::FromStr;

use crate::authority::{self, AuthorityError};

/// A marketplace's base address. It has a path if a reverse proxy puts the marketplace below one (`https://host/i3/`). Two
/// texts for the same address are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketUrl {
    tls: bool,
    /// In its usual spelling ([`authority::canonical`]); an IPv6 address without its brackets.
    host: String,
    /// None for the scheme's default port.
    port: Option<u16>,
    /// Empty, or segments with a slash before each.
    path: String,
}

/// The first segments of the marketplace's own paths (I3 facts §2): an address that was copied from a browser has one.
const PAGES: [&str; 12] = [
    "accounts",
    "api",
    "cart",
    "checkout",
    "dashboard",
    "devices",
    "hubs",
    "key",
    "notifications",
    "products",
    "requests",
    "static",
];

/// Why a text is not a marketplace's address. The text is not repeated: it may contain a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarketUrlError {
    /// Neither `http://` nor `https://` in front. It is not guessed, because a log-in password is sent there.
    #[error("a marketplace's address begins with http:// or https://")]
    Scheme,
    /// No host, or not a valid one.
    #[error("the marketplace's address names no host")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the marketplace's port is not a number from 1 to 65535")]
    Port,
    /// `user:password@`: the log-in has its own options.
    #[error("the marketplace's address contains a user name or password, which does not belong there")]
    UserInfo,
    /// A query or a fragment, or a path that cannot be one.
    #[error("the marketplace's address contains more than a host, a port and a path")]
    Extra,
    /// The path of one of the marketplace's pages.
    #[error("the marketplace's address contains the path of one of its pages")]
    Page,
}

impl From<AuthorityError> for MarketUrlError {
    fn from(error: AuthorityError) -> MarketUrlError {
        match error {
            AuthorityError::Host => MarketUrlError::Host,
            AuthorityError::Port => MarketUrlError::Port,
        }
    }
}

impl MarketUrl {
    /// Returns whether the connection is encrypted.
    pub fn is_tls(&self) -> bool {
        self.tls
    }

    /// Host name or address; an IPv6 address without its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port in the address, otherwise 80 or 443.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 443 } else { 80 })
    }

    /// Path that the marketplace's own paths follow: empty, or with a slash before each segment and none at the end.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the address without its path.
    pub fn origin(&self) -> String {
        let text = self.to_string();
        text[..text.len() - self.path.len()].to_string()
    }

    /// Returns the same address with the other scheme: `https` for `http`.
    pub fn with_other_scheme(&self) -> MarketUrl {
        MarketUrl { tls: !self.tls, port: Some(self.port()).filter(|port| ![80, 443].contains(port)), ..self.clone() }
    }

    /// Returns the address for messages: a host's name in another script as people write it, and in ASCII.
    pub fn shown(&self) -> String {
        match authority::people_write(&self.host) {
            Some(name) => format!("{} ({self})", self.to_string().replacen(&self.host, &name, 1)),
            None => self.to_string(),
        }
    }

    /// Returns the host for messages.
    pub fn shown_host(&self) -> String {
        match authority::people_write(&self.host) {
            Some(name) => format!("{name} ({})", self.host),
            None => self.host.clone(),
        }
    }

    /// Returns whether the connection stays on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for MarketUrl {
    type Err = MarketUrlError;

    fn from_str(text: &str) -> Result<Self, MarketUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(MarketUrlError::Scheme)?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(MarketUrlError::Scheme),
        };
        // Checked before anything is cut off: an @ may follow a / or ? that is part of a password.
        if rest.contains('@') {
            return Err(MarketUrlError::UserInfo);
        }
        let rest = rest.trim_end_matches('/');
        if rest.contains(['?', '#', '\\']) {
            return Err(MarketUrlError::Extra);
        }
        let (place, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = authority::split(place)?;
        let host = match place.starts_with('[') {
            true => Some(host)
                .filter(|host| host.parse::<std::net::Ipv6Addr>().is_ok())
                .and_then(|host| authority::canonical(host).ok()),
            false => authority::ascii_name(host),
        };
        let host = host.ok_or(MarketUrlError::Host)?;
        let usual = if tls { 443 } else { 80 };
        Ok(MarketUrl { tls, host, port: port.filter(|port| *port != usual), path: read_path(path)? })
    }
}

impl fmt::Display for MarketUrl {
    /// Without a slash at the end, so that a path can follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls { "https://" } else { "http://" })?;
        if self.host.contains(':') { write!(f, "[{}]", self.host) } else { f.write_str(&self.host) }?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))?;
        f.write_str(&self.path)
    }
}

/// Checks a path: a slash before each segment, which has only unreserved characters (RFC 3986 §2.3).
fn read_path(path: &str) -> Result<String, MarketUrlError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '~');
    let mut segments = path.split('/').skip(1);
    if segments.clone().any(|segment| PAGES.contains(&segment)) {
        return Err(MarketUrlError::Page);
    }
    let is_segment = |segment: &str| !segment.trim_matches('.').is_empty() && segment.chars().all(plain);
    if segments.all(is_segment) { Ok(path.into()) } else { Err(MarketUrlError::Extra) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_forms_are_read_and_kept_without_a_slash() {
        for (given, kept, port) in [
            ("http://host:8000", "http://host:8000", 8000),
            ("HTTP://Host:8000/", "http://host:8000", 8000),
            ("https://eclipse.example", "https://eclipse.example", 443),
            ("http://[::1]:7//", "http://[::1]:7", 7),
            ("http://10.0.0.1", "http://10.0.0.1", 80),
            ("http://host:80", "http://host", 80),
            ("https://host:443/", "https://host", 443),
            ("https://host:80", "https://host:80", 80),
            ("http://[0:0::0:1]:7", "http://[::1]:7", 7),
            ("https://host/i3/", "https://host/i3", 443),
            ("https://host:8443/a/B.c//", "https://host:8443/a/B.c", 8443),
            ("https://Bücher.example:8443/", "https://xn--bcher-kva.example:8443", 8443),
        ] {
            let url: MarketUrl = given.parse().unwrap();
            assert_eq!((url.to_string().as_str(), url.port()), (kept, port), "{given}");
            assert_eq!(kept.parse::<MarketUrl>().unwrap(), url);
        }
    }

    #[test]
    fn odd_forms_are_refused_without_repeating_them() {
        use MarketUrlError::*;
        for (given, error) in [
            ("host:8000", Scheme),
            ("mqtt://host", Scheme),
            ("http://", Host),
            ("http://:80", Host),
            ("http://ho st", Host),
            ("http://[nothing]", Host),
            ("http://h:0", Port),
            ("http://h:+1", Port),
            ("http://h:70000", Port),
            ("http://[::1]7", Port),
            ("http://h/hubs/", Page),
            ("http://h/i3/accounts/login/", Page),
            ("http://h/a//b", Extra),
            ("http://h/a/../b", Extra),
            ("http://h/a%20b", Extra),
            ("http://h/a b", Extra),
            ("http://bü cher", Host),
            ("http://h?x=1", Extra),
            ("http://alice:hunter2@h", UserInfo),
            ("http://alice:hunt/er2@h", UserInfo),
        ] {
            let refused = given.parse::<MarketUrl>().unwrap_err();
            assert_eq!(refused, error, "{given}");
            assert!(!refused.to_string().contains("hunt"));
        }
    }

    #[test]
    fn an_address_is_shown_as_people_write_it_and_in_ascii() {
        let url: MarketUrl = "https://bücher.example/i3".parse().unwrap();
        assert_eq!(url.shown(), "https://bücher.example/i3 (https://xn--bcher-kva.example/i3)");
        assert_eq!((url.path(), url.origin().as_str()), ("/i3", "https://xn--bcher-kva.example"));
        assert_eq!("https://xn--bcher-kva.example/i3".parse::<MarketUrl>().unwrap(), url);
        let plain: MarketUrl = "http://h:8000/i3".parse().unwrap();
        assert_eq!(plain.shown(), "http://h:8000/i3");
        assert_eq!(plain.with_other_scheme().to_string(), "https://h:8000/i3");
        let usual: MarketUrl = "http://h".parse().unwrap();
        assert_eq!(usual.with_other_scheme().to_string(), "https://h");
    }

    #[test]
    fn loopback_is_told_from_another_host() {
        for (url, loopback) in [
            ("http://localhost:8000", true),
            ("http://127.0.0.1", true),
            ("http://[::1]", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(url.parse::<MarketUrl>().unwrap().is_loopback(), loopback, "{url}");
        }
    }
}
