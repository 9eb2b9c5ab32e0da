//! Why there is no connection, or no longer one.

use std::io;
use std::time::Duration;

use crate::broker_url::BrokerUrl;
use crate::mqtt::packet::PacketError;
use crate::mqtt::reason::{Reason, connack_refusal};

/// Why no connection came about.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The host name has no address.
    #[error("the host {host} is not found")]
    Resolve { host: String, source: io::Error },
    /// Nobody accepts at that address.
    #[error("the broker {url} cannot be reached")]
    Unreachable { url: BrokerUrl, source: io::Error },
    /// Nothing came in time: `during` names what was awaited.
    #[error("the broker {url} did not answer in time ({during})")]
    Timeout { url: BrokerUrl, during: &'static str },
    /// The TLS handshake failed.
    #[error("no TLS connection to {url}")]
    Tls { url: BrokerUrl, source: io::Error },
    /// The peer did not answer with TLS: it speaks plain MQTT there, as I3's 8883 does (I3 facts §4).
    #[error("{url} does not speak TLS")]
    NotTls { url: BrokerUrl },
    /// The peer answered plain MQTT with a TLS alert, or closed at once.
    #[error("{url} closed the connection without an answer to the log-in")]
    ClosedAtLogin { url: BrokerUrl },
    /// CONNACK with a refusal: 1..=5 in 3.1.1 (§3.2.2.3), a reason code in MQTT 5.
    #[error("the broker refused the log-in of '{user_name}' ({})", connack_refusal(*.code))]
    Refused { code: u8, user_name: String },
    /// The peer's bytes are not MQTT.
    #[error("{url} does not speak MQTT")]
    Protocol { url: BrokerUrl, source: PacketError },
    /// The user name or password cannot be put into CONNECT.
    #[error("the log-in cannot be sent")]
    Unsendable(#[source] PacketError),
}

/// Why an open connection ended.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The broker closed the connection without a reason.
    #[error("the broker closed the connection")]
    Closed,
    /// The broker said why (MQTT 5 DISCONNECT).
    #[error("the broker ended the connection ({0})")]
    Ended(Reason),
    /// The network ended it.
    #[error("the connection broke")]
    Io(#[from] io::Error),
    /// Nothing came for one and a half keep-alive times, not even the answer to a ping.
    #[error("the broker has been silent for {:.1} s", .0.as_secs_f64())]
    Silent(Duration),
    /// The broker reads nothing of what waits for it.
    #[error("the broker has read nothing for {:.1} s of what is sent to it", .0.as_secs_f64())]
    Unread(Duration),
    /// The peer's packets are MQTT, and not what the protocol allows.
    #[error("the broker broke the protocol: {0}")]
    Violation(String),
    /// The peer's bytes are not MQTT, or a packet cannot be sent.
    #[error("MQTT protocol error")]
    Protocol(#[from] PacketError),
}

impl ConnectError {
    /// Returns whether the broker refuses the credential, or does not know the user.
    pub fn refuses_credential(&self) -> bool {
        matches!(self, ConnectError::Refused { code: 4 | 5 | 0x86 | 0x87, .. })
    }
}
