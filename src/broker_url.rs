//! Where the broker listens and whether TLS protects the way there: `mqtt://HOST[:PORT]` or `mqtts://HOST[:PORT]`.

use std::fmt;
use std::str::FromStr;

use crate::authority::{self, AuthorityError};

/// A broker's address. A URL with a user name, password or path in it is refused: I3 has no use for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    pub tls: bool,
    /// Host name or address; an IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
}

/// Why a text is no broker URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerUrlError {
    /// Anything but `mqtt`, `tcp`, `mqtts` or `ssl` before `://`.
    #[error("a broker's address begins with mqtt:// or mqtts://, not with {0}://")]
    Scheme(String),
    /// Nothing, or nothing usable, where the host stands.
    #[error("the broker's address names no host")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the broker's port is no number from 1 to 65535")]
    Port,
    /// `user:password@` or a path: not repeated, for it may be a secret.
    #[error("the broker's address holds more than a host and a port")]
    Extra,
}

impl From<AuthorityError> for BrokerUrlError {
    fn from(error: AuthorityError) -> BrokerUrlError {
        match error {
            AuthorityError::Host => BrokerUrlError::Host,
            AuthorityError::Port => BrokerUrlError::Port,
        }
    }
}

impl BrokerUrl {
    /// Plain MQTT's port (I3 facts §4).
    pub const PLAIN_PORT: u16 = 1883;
    /// MQTT's port over TLS.
    pub const TLS_PORT: u16 = 8883;

    /// Whether the way to the broker stays on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for BrokerUrl {
    type Err = BrokerUrlError;

    fn from_str(text: &str) -> Result<Self, BrokerUrlError> {
        let (tls, rest) = match text.split_once("://") {
            None => (false, text),
            Some(("mqtt" | "tcp", rest)) => (false, rest),
            Some(("mqtts" | "ssl", rest)) => (true, rest),
            Some((scheme, _)) => return Err(BrokerUrlError::Scheme(scheme.into())),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['@', '/', '?', '#']) {
            return Err(BrokerUrlError::Extra);
        }
        let (host, port) = authority::split(rest)?;
        let port = port.unwrap_or(if tls { Self::TLS_PORT } else { Self::PLAIN_PORT });
        Ok(BrokerUrl { tls, host: host.into(), port })
    }
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_forms_are_read_and_shown_in_full() {
        for (given, full) in [
            ("mqtt://broker", "mqtt://broker:1883"),
            ("broker:1884", "mqtt://broker:1884"),
            ("mqtts://broker/", "mqtts://broker:8883"),
            ("ssl://10.0.0.1:9", "mqtts://10.0.0.1:9"),
            ("mqtt://[::1]:7", "mqtt://[::1]:7"),
            ("::1", "mqtt://[::1]:1883"),
        ] {
            assert_eq!(given.parse::<BrokerUrl>().unwrap().to_string(), full, "{given}");
        }
    }

    #[test]
    fn odd_forms_are_refused_without_repeating_a_password() {
        assert_eq!("http://x".parse::<BrokerUrl>(), Err(BrokerUrlError::Scheme("http".into())));
        assert_eq!("mqtt://".parse::<BrokerUrl>(), Err(BrokerUrlError::Host));
        assert_eq!("mqtt://h:0".parse::<BrokerUrl>(), Err(BrokerUrlError::Port));
        assert_eq!("mqtt://h:x".parse::<BrokerUrl>(), Err(BrokerUrlError::Port));
        assert_eq!("mqtt://h:+1".parse::<BrokerUrl>(), Err(BrokerUrlError::Port));
        assert_eq!("mqtt://[::1".parse::<BrokerUrl>(), Err(BrokerUrlError::Host));
        let error = "mqtt://alice:hunter2@h".parse::<BrokerUrl>().unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn loopback_is_told_from_another_host() {
        assert!("mqtt://127.0.0.1".parse::<BrokerUrl>().unwrap().is_loopback());
        assert!("mqtt://localhost".parse::<BrokerUrl>().unwrap().is_loopback());
        assert!("mqtt://[::1]".parse::<BrokerUrl>().unwrap().is_loopback());
        assert!(!"mqtt://eclipse.usc.edu".parse::<BrokerUrl>().unwrap().is_loopback());
    }
}
