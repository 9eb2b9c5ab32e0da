//! Why there is no connection, or no longer any.

use std::io;
use std::time::Duration;

use super::websocket::WebSocketError;
use crate::broker_url::BrokerUrl;
use crate::clock::Doubt;
use crate::mqtt::packet::PacketError;
use crate::mqtt::reason::{Reason, Said, connack_refusal};
use crate::mqtt::refusal::LogInRefusal;
use crate::tcp::{Proxy, ProxyError};

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The host name has no address.
    #[error("the host {host} is not found")]
    Resolve { host: String, source: io::Error },
    /// Nothing accepts connections at that address, or at any of the addresses of a name.
    #[error("the broker {url} cannot be reached")]
    Unreachable { url: BrokerUrl, source: io::Error },
    /// There is no way to the broker from the address, or the name, of this machine that was given.
    #[error("the broker {url} cannot be reached from {from}")]
    LocalAddress { url: BrokerUrl, from: String, source: io::Error },
    /// Nothing arrived in time: `during` names what was awaited.
    #[error("the broker {url} did not answer in time ({during})")]
    Timeout { url: BrokerUrl, during: &'static str },
    /// The proxy did not connect to the broker.
    #[error("no connection to {url} through the proxy {proxy}")]
    Proxy { url: BrokerUrl, proxy: Box<Proxy>, source: ProxyError },
    /// There is no WebSocket at the address, or it does not speak MQTT, or it is closed at once.
    #[error("no WebSocket connection to {url}")]
    WebSocket { url: BrokerUrl, source: WebSocketError },
    /// The connection ended within the TLS handshake: the network, an overloaded broker, or one that speaks plain MQTT there, as
    /// I3's 8883 does (I3 facts §4), and reads the handshake as a broken CONNECT.
    #[error("the connection to {url} ended during the TLS handshake")]
    HandshakeCut {
        url: BrokerUrl,
        source: io::Error,
        /// Whether the host has spoken TLS in this process, now or before.
        has_spoken_tls: bool,
    },
    /// The TLS handshake failed.
    #[error("no TLS connection to {url}")]
    Tls { url: BrokerUrl, source: io::Error },
    /// The certificate is not valid at the time that this machine's clock shows, and that time cannot be right.
    #[error("no TLS connection to {url}: {doubt}")]
    Clock { url: BrokerUrl, doubt: Doubt, source: io::Error },
    /// The peer answered the TLS handshake with something else.
    #[error("{url} does not speak TLS")]
    NotTls {
        url: BrokerUrl,
        /// As in [`ConnectError::HandshakeCut`]: then something in between answered instead of the broker.
        has_spoken_tls: bool,
    },
    /// The peer answered plain MQTT, or the handshake of a WebSocket without TLS, with a TLS alert.
    #[error("{url} speaks TLS")]
    NeedsTls { url: BrokerUrl },
    /// The peer closed at once.
    #[error("{url} closed the connection without an answer to the log-in")]
    ClosedAtLogin { url: BrokerUrl },
    /// CONNACK with a refusal, or MQTT 5's DISCONNECT instead: 1..=5 in 3.1.1 (§3.2.2.3), a reason code in MQTT 5.
    #[error("the broker {url} refused {} ({}{said})", log_in_of(user_name), connack_refusal(*.code))]
    Refused { url: Box<BrokerUrl>, code: u8, user_name: String, said: Said },
    /// The peer's bytes are not MQTT.
    #[error("{url} does not speak MQTT")]
    Protocol { url: BrokerUrl, source: PacketError },
    /// The user name or password cannot be put into CONNECT.
    #[error("the log-in cannot be sent")]
    Unsendable(#[source] PacketError),
}

fn log_in_of(user_name: &str) -> String {
    match user_name {
        "" => "a log-in without a user name".into(),
        name => format!("the log-in of '{name}'"),
    }
}

impl ConnectError {
    /// Returns the subject of a refusal; `None` for an error of another kind.
    pub fn refusal(&self) -> Option<LogInRefusal> {
        match self {
            ConnectError::Refused { code, .. } => Some(LogInRefusal::of(*code)),
            _ => None,
        }
    }

    /// Returns whether the broker refuses the credential, or does not know the user.
    pub fn refuses_credential(&self) -> bool {
        matches!(self.refusal(), Some(LogInRefusal::NotAuthorized | LogInRefusal::Credential))
    }
}

/// Why an open connection ended.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The broker closed the connection without a reason.
    #[error("the broker closed the connection")]
    Closed,
    /// The broker said why (MQTT 5 DISCONNECT).
    #[error("the broker ended the connection ({reason}{said})")]
    Ended { reason: Reason, said: Box<Said> },
    /// The network ended it.
    #[error("the connection broke")]
    Io(#[from] io::Error),
    /// Nothing arrived for one and a half keep-alive times, not even the answer to a ping.
    #[error("the broker has been silent for {:.1} s", .0.as_secs_f64())]
    Silent(Duration),
    /// The broker reads none of the data sent to it.
    #[error("the broker has not read the data sent to it for {:.1} s", .0.as_secs_f64())]
    Unread(Duration),
    /// The peer's packets are MQTT, but violate the protocol.
    #[error("the broker violated the protocol: {0}")]
    Violation(String),
    /// The peer's bytes are not MQTT, or a packet cannot be sent.
    #[error("MQTT protocol error")]
    Protocol(#[from] PacketError),
}

impl ConnectionError {
    /// Returns the same for another message of the connection. An error of the system keeps its kind and text.
    pub fn copy(&self) -> ConnectionError {
        match self {
            ConnectionError::Closed => ConnectionError::Closed,
            ConnectionError::Ended { reason, said } => ConnectionError::Ended { reason: *reason, said: said.clone() },
            ConnectionError::Io(e) => ConnectionError::Io(io::Error::new(e.kind(), e.to_string())),
            ConnectionError::Silent(time) => ConnectionError::Silent(*time),
            ConnectionError::Unread(time) => ConnectionError::Unread(*time),
            ConnectionError::Violation(what) => ConnectionError::Violation(what.clone()),
            ConnectionError::Protocol(e) => ConnectionError::Violation(e.to_string()),
        }
    }

    /// Returns whether the peer ended the connection without a reason, as a lost connection looks, or a broker that
    /// refuses a packet (MQTT 3.1.1 §3.3.5, §4.8).
    pub fn is_by_peer(&self) -> bool {
        use io::ErrorKind as Kind;
        match self {
            ConnectionError::Closed => true,
            // MQTT 5: unspecified, malformed, protocol error, implementation specific.
            ConnectionError::Ended { reason, .. } => (0x80..=0x83).contains(&reason.0),
            ConnectionError::Io(e) => matches!(
                e.kind(),
                Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof
            ),
            ConnectionError::Silent(_)
            | ConnectionError::Unread(_)
            | ConnectionError::Violation(_)
            | ConnectionError::Protocol(_) => false,
        }
    }
}
