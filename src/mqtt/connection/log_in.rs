//! The log-in: CONNECT, and the meaning of the first packet that comes back.

use std::io;
use std::time::Duration;

use super::error::{ConnectError, ConnectionError};
use super::websocket::WebSocketError;
use crate::broker_url::BrokerUrl;
use crate::mqtt::packet::{ConnAck, Connect, MAX_PACKET, Packet, PacketError, Publish, Version};
use crate::mqtt::reason::Said;
use crate::secret::Secret;
use crate::tls::{self, TlsFault};

/// First byte of a TLS record that is an alert (RFC 8446 §5.1).
const TLS_ALERT: u8 = 0x15;

/// What is awaited after the log-in was sent.
pub const ANSWER: &str = "answer to the log-in";

/// The contents of CONNECT.
pub struct ConnectOptions<'a> {
    pub version: Version,
    pub client_id: &'a str,
    /// As in [`Connect`].
    pub clean: bool,
    /// Whole seconds go to the broker; zero turns the keep-alive off.
    pub keep_alive: Duration,
    /// Full device name, or an account's name.
    pub user_name: &'a str,
    pub password: &'a Secret,
    /// Largest packet that is accepted once logged in, in bytes, [`MAX_PACKET`] at most; announced to an MQTT 5 broker. A
    /// longer packet ends the connection: this limits the memory that a broker can use.
    pub max_packet: usize,
}

impl ConnectOptions<'_> {
    /// Returns the packet that asks for it, with this will.
    pub fn packet(&self, will: Option<Publish>) -> Packet {
        Packet::Connect(Connect {
            client_id: self.client_id.into(),
            clean: self.clean,
            keep_alive: u16::try_from(self.keep_alive.as_secs()).unwrap_or(u16::MAX),
            user_name: self.user_name.into(),
            password: self.password.expose().into(),
            max_packet: u32::try_from(self.max_packet).ok().filter(|bytes| *bytes < MAX_PACKET as u32),
            will,
        })
    }
}

/// Judges the answer to CONNECT: `answer` is the first packet, or what ended the wait for it, `None` if that was the deadline;
/// `unread` are the received bytes that were not taken as a packet.
///
/// # Errors
/// [`ConnectError`], unless it is an accepting CONNACK.
pub fn judge(
    answer: Option<Result<Packet, ConnectionError>>,
    unread: &[u8],
    url: &BrokerUrl,
    login: &ConnectOptions<'_>,
) -> Result<ConnAck, ConnectError> {
    let refused = |code, said: Said| ConnectError::Refused {
        url: url.clone().into(),
        code,
        user_name: login.user_name.into(),
        said: said.without(login.password.expose()),
    };
    let protocol = |source| ConnectError::Protocol { url: url.clone(), source };
    let closed = || ConnectError::ClosedAtLogin { url: url.clone() };
    // A TLS server reads CONNECT as a broken handshake and answers with an alert record (RFC 8446 §6).
    let is_alert = unread.first() == Some(&TLS_ALERT);
    Err(match answer {
        Some(Ok(Packet::ConnAck(ack))) if ack.code == 0 => return Ok(ack),
        Some(Ok(Packet::ConnAck(ack))) => refused(ack.code, ack.said),
        Some(Err(ConnectionError::Ended { reason, said })) => refused(reason.0, *said),
        Some(Err(ConnectionError::Protocol(_))) if is_alert => ConnectError::NeedsTls { url: url.clone() },
        Some(Err(ConnectionError::Protocol(source))) => protocol(source),
        Some(Ok(_)) => protocol(PacketError::Malformed("the first packet is not a CONNACK".into())),
        _ if is_from_no_broker(unread) => protocol(no_mqtt(unread)),
        None => ConnectError::Timeout { url: url.clone(), during: ANSWER },
        // A TLS 1.3 server that requires a client certificate reports its absence after the handshake (RFC 8446 §4.4.2.4).
        Some(Err(ConnectionError::Io(source))) if is_final(tls::fault(&source)) => {
            ConnectError::Tls { url: url.clone(), source }
        }
        Some(Err(ConnectionError::Io(source))) if WebSocketError::of(&source).is_some() => {
            let source = WebSocketError::of(&source).cloned().unwrap_or(WebSocketError::Cut);
            ConnectError::WebSocket { url: url.clone(), source }
        }
        Some(Err(ConnectionError::Io(source))) if source.kind() != io::ErrorKind::ConnectionReset => {
            ConnectError::Unreachable { url: url.clone(), source }
        }
        Some(Err(_)) => closed(),
    })
}

/// Returns whether it is an alert after which another attempt would not succeed.
fn is_final(fault: Option<TlsFault>) -> bool {
    matches!(fault, Some(TlsFault::Alert { alert, .. }) if !tls::is_passing(alert))
}

/// Returns whether these bytes cannot begin an answer to the log-in: a CONNACK, a DISCONNECT of MQTT 5, or a TLS alert.
fn is_from_no_broker(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| ![0x20, 0xE0, TLS_ALERT].contains(first))
}

/// Returns the error for a peer that is not a broker, such as a web server, whose first line looks like an endless packet.
fn no_mqtt(bytes: &[u8]) -> PacketError {
    let what = if bytes.starts_with(b"HTTP/") { "the answer is HTTP" } else { "the answer is not a CONNACK" };
    PacketError::Malformed(what.into())
}
