//! The address of a marketplace: `http://HOST[:PORT]` or `https://HOST[:PORT]`, parsed once.

use std::fmt;
use std::str::FromStr;

use crate::authority::{self, AuthorityError};

/// A marketplace's base address. Its pages link to absolute paths, so there is no path in it (I3 facts §2). Two texts for the
/// same address are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketUrl {
    tls: bool,
    /// In its usual spelling ([`authority::canonical`]); an IPv6 address without its brackets.
    host: String,
    /// None for the scheme's default port.
    port: Option<u16>,
}

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
    /// A path, query or fragment.
    #[error("the marketplace's address contains more than a host and a port")]
    Extra,
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

    /// Returns the port in the address, else 80 or 443.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 443 } else { 80 })
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
        if rest.contains(['/', '?', '#', '\\']) {
            return Err(MarketUrlError::Extra);
        }
        let (host, port) = authority::split(rest)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let is_valid = match rest.starts_with('[') {
            true => host.parse::<std::net::Ipv6Addr>().is_ok(),
            false => host.chars().all(plain),
        };
        if !is_valid {
            return Err(MarketUrlError::Host);
        }
        let usual = if tls { 443 } else { 80 };
        Ok(MarketUrl { tls, host: authority::canonical(host), port: port.filter(|port| *port != usual) })
    }
}

impl fmt::Display for MarketUrl {
    /// Without a slash at the end, so that a path can follow.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls { "https://" } else { "http://" })?;
        if self.host.contains(':') { write!(f, "[{}]", self.host) } else { f.write_str(&self.host) }?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
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
            ("http://h/hubs/", Extra),
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
