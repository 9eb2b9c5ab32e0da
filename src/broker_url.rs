//! The broker's address, with or without TLS: `mqtt://HOST[:PORT]` or `mqtts://HOST[:PORT]`.

use std::fmt;
use std::str::FromStr;

use crate::authority::{self, AuthorityError};

/// A broker's address. A URL with a user name, password or path in it is refused: I3 has no use for them. Two texts for the same
/// address are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    pub tls: bool,
    /// Host name or address in its usual spelling ([`authority::canonical`]); an IPv6 address without its brackets, and with its
    /// zone after a plain `%`.
    pub host: String,
    pub port: u16,
}

/// Why a text is not a broker URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerUrlError {
    /// Anything but `mqtt`, `tcp`, `mqtts` or `ssl` before `://`.
    #[error("a broker's address must begin with mqtt:// or mqtts://, not {0}://")]
    Scheme(String),
    /// The host is missing or invalid.
    #[error("the broker's address has no host")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the broker's port is not a number from 1 to 65535")]
    Port,
    /// `user:password@` or a path: not repeated, because it may be a secret.
    #[error("the broker's address contains more than a host and a port")]
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

    /// Returns host and port.
    pub fn place(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Returns whether the broker is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || address(&self.host).is_some_and(|address| address.is_loopback())
    }
}

impl FromStr for BrokerUrl {
    type Err = BrokerUrlError;

    fn from_str(text: &str) -> Result<Self, BrokerUrlError> {
        let (tls, rest) = match text.split_once("://") {
            None => (false, text),
            // The letter case of a scheme means nothing (RFC 3986 §3.1).
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "mqtt" | "tcp" => (false, rest),
                "mqtts" | "ssl" => (true, rest),
                // What is not a scheme is not repeated: a password may stand before it.
                known if known.chars().all(|c| c.is_ascii_alphanumeric()) => {
                    return Err(BrokerUrlError::Scheme(scheme.into()));
                }
                _ => return Err(BrokerUrlError::Extra),
            },
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['@', '/', '?', '#']) {
            return Err(BrokerUrlError::Extra);
        }
        let (host, port) = authority::split(rest)?;
        let port = port.unwrap_or(if tls { Self::TLS_PORT } else { Self::PLAIN_PORT });
        // In a URL the `%` before a zone is written `%25` (RFC 6874 §2); anywhere else it is not.
        let host = match host.split_once("%25").filter(|(before, _)| before.contains(':')) {
            Some((address, zone)) if !zone.is_empty() => authority::canonical(&format!("{address}%{zone}")),
            _ => authority::canonical(host),
        };
        Ok(BrokerUrl { tls, host, port })
    }
}

/// Returns the address that a host is written as, without its zone.
fn address(host: &str) -> Option<std::net::IpAddr> {
    host.split('%').next()?.parse().ok()
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host.replace('%', "%25"), self.port)
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
            ("MQTT://Broker", "mqtt://broker:1883"),
            ("mqtt://[0:0::0:1]", "mqtt://[::1]:1883"),
            ("MqttS://broker", "mqtts://broker:8883"),
            ("mqtt://[fe80::1%25eth0]:7", "mqtt://[fe80::1%25eth0]:7"),
            ("mqtt://[fe80::1%eth0]", "mqtt://[fe80::1%25eth0]:1883"),
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
        let zoned: BrokerUrl = "mqtts://[::1%25lo]".parse().unwrap();
        assert!(zoned.is_loopback() && zoned.host == "::1%lo");
        assert!(!"mqtt://eclipse.usc.edu".parse::<BrokerUrl>().unwrap().is_loopback());
    }
}
