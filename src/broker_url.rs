//! The broker's address, with or without TLS: `mqtt://HOST[:PORT]` or `mqtts://HOST[:PORT]`, over WebSocket `ws://HOST[:PORT][/PATH]` or
//! `wss://HOST[:PORT][/PATH]`.

use std::fmt;
use std::str::FromStr;

use crate::authority::{self, AuthorityError};

/// A broker's address. A URL with a user name, password, path or query is refused, except for the path of a WebSocket: I3
/// has no use for them. Two texts for the same address are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    pub tls: bool,
    /// Host name or address in its usual spelling ([`authority::canonical`]); an IPv6 address without its brackets, and with its
    /// zone after a plain `%`.
    pub host: String,
    pub port: u16,
    /// The path of the WebSocket, with the slash that it begins with (RFC 6455 §3); `None` if MQTT runs without one.
    pub path: Option<String>,
}

/// Why a text is not a broker URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerUrlError {
    /// Anything but `mqtt`, `tcp`, `mqtts`, `ssl`, `ws` or `wss` before `://`.
    #[error("a broker's address must begin with mqtt://, mqtts://, ws:// or wss://, not {0}://")]
    Scheme(String),
    /// The host is missing or invalid.
    #[error("the broker's address has no valid host")]
    Host,
    /// The port is not a number from 1 to 65535.
    #[error("the broker's port is not a number from 1 to 65535")]
    Port,
    /// `user:password@` or a path: not repeated, because it may be a secret.
    #[error("the broker's address contains more than a host and a port")]
    Extra,
    /// `user:password@` or a query of a WebSocket, neither of which is repeated, or a character that is not percent-encoded.
    #[error("the address of the broker's WebSocket contains more than a host, a port and a path")]
    Path,
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
    /// WebSocket's ports, without and with TLS (RFC 6455 §3).
    pub const WEBSOCKET_PORT: u16 = 80;
    pub const WEBSOCKET_TLS_PORT: u16 = 443;
    /// The path of a WebSocket if none is given, as with Paho's and Mosquitto's clients.
    pub const PATH: &str = "/mqtt";

    /// Returns the address of a broker that speaks MQTT without TLS and WebSocket.
    pub fn plain(host: impl Into<String>, port: u16) -> BrokerUrl {
        BrokerUrl { tls: false, host: host.into(), port, path: None }
    }

    /// Returns host and port.
    pub fn place(&self) -> (&str, u16) {
        (&self.host, self.port)
    }

    /// Returns whether both are addresses of the same broker, as far as they show.
    pub fn is_same_place(&self, other: &BrokerUrl) -> bool {
        (self.host == other.host || self.is_loopback() && other.is_loopback()) && self.port == other.port
    }

    /// Returns whether the broker is on this machine.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || address(&self.host).is_some_and(|address| address.is_loopback())
    }
}

impl FromStr for BrokerUrl {
    type Err = BrokerUrlError;

    fn from_str(text: &str) -> Result<Self, BrokerUrlError> {
        let (tls, is_web, rest) = match text.split_once("://") {
            None => (false, false, text),
            // The case of a scheme does not matter (RFC 3986 §3.1).
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "mqtt" | "tcp" => (false, false, rest),
                "mqtts" | "ssl" => (true, false, rest),
                "ws" => (false, true, rest),
                "wss" => (true, true, rest),
                // An invalid scheme is not repeated: it may contain a password.
                known if known.chars().all(|c| c.is_ascii_alphanumeric()) => {
                    return Err(BrokerUrlError::Scheme(scheme.into()));
                }
                _ => return Err(BrokerUrlError::Extra),
            },
        };
        let (place, path) = match is_web {
            true => {
                let (place, path) = rest.find('/').map_or((rest, Self::PATH), |at| rest.split_at(at));
                let is_path = |c: char| c.is_ascii_graphic() && !"?#\\\"<>^`{|}".contains(c);
                if place.contains(['@', '?', '#']) || !path.chars().all(is_path) {
                    return Err(BrokerUrlError::Path);
                }
                (place, Some(path.to_string()))
            }
            false => {
                let place = rest.strip_suffix('/').unwrap_or(rest);
                if place.contains(['@', '/', '?', '#']) {
                    return Err(BrokerUrlError::Extra);
                }
                (place, None)
            }
        };
        let (host, port) = authority::split(place)?;
        let port = port.unwrap_or(match (is_web, tls) {
            (false, false) => Self::PLAIN_PORT,
            (false, true) => Self::TLS_PORT,
            (true, false) => Self::WEBSOCKET_PORT,
            (true, true) => Self::WEBSOCKET_TLS_PORT,
        });
        // In a URL the `%` before a zone is written `%25` (RFC 6874 §2); anywhere else it is not.
        let host = match host.split_once("%25").filter(|(before, _)| before.contains(':')) {
            Some((address, zone)) if !zone.is_empty() => authority::canonical(&format!("{address}%{zone}")),
            _ => authority::canonical(host),
        }?;
        Ok(BrokerUrl { tls, host, port, path })
    }
}

/// Returns the address of a host that is written as one, without its zone.
fn address(host: &str) -> Option<std::net::IpAddr> {
    host.split('%').next()?.parse().ok()
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (&self.path, self.tls) {
            (None, false) => "mqtt",
            (None, true) => "mqtts",
            (Some(_), false) => "ws",
            (Some(_), true) => "wss",
        };
        let path = self.path.as_deref().unwrap_or_default();
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}{path}", self.host.replace('%', "%25"), self.port)
        } else {
            write!(f, "{scheme}://{}:{}{path}", self.host, self.port)
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
            ("mqtts://Bücher.example", "mqtts://xn--bcher-kva.example:8883"),
            ("bücher.example:1884", "mqtt://xn--bcher-kva.example:1884"),
            ("wss://例え。テスト/mqtt", "wss://xn--r8jz45g.xn--zckzah:443/mqtt"),
            ("mqtt://[fe80::1%25eth0]:7", "mqtt://[fe80::1%25eth0]:7"),
            ("mqtt://[fe80::1%eth0]", "mqtt://[fe80::1%25eth0]:1883"),
            ("ws://Broker", "ws://broker:80/mqtt"),
            ("WSS://broker", "wss://broker:443/mqtt"),
            ("ws://broker:9001/", "ws://broker:9001/"),
            ("wss://[::1]:8084/a/b%20c", "wss://[::1]:8084/a/b%20c"),
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
        assert_eq!("mqtt://bü%cher".parse::<BrokerUrl>(), Err(BrokerUrlError::Host));
        for text in
            ["ws://ann:hunter2@h/mqtt", "ws://h/mqtt?token=hunter2", "ws://h/a b", "wss://h/ü", "ws://h?hunter2"]
        {
            let error = text.parse::<BrokerUrl>().unwrap_err();
            assert_eq!(error, BrokerUrlError::Path, "{text}");
        }
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
