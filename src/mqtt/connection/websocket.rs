//! MQTT over WebSocket (RFC 6455; MQTT 3.1.1 §6): the messages of a WebSocket as one stream of bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_util::{Sink as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::tungstenite::error::{ProtocolError, SubProtocolError};
use tokio_tungstenite::tungstenite::http::header::{DATE, HOST, LOCATION, RETRY_AFTER, USER_AGENT};
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue, Request};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message, handshake::client::generate_key};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::broker_url::BrokerUrl;
use crate::mqtt::packet::MAX_CONTROL;
use crate::tcp::http;
use crate::text::one_line;

/// Longest part of a stream of packets that goes into one message, in bytes: a server may bound the messages that it takes.
const MESSAGE_MAX: usize = 64 * 1024;
/// Bytes that a message may have beyond one packet, because a server may include the beginning of the next.
const BESIDES: usize = 1024 * 1024;
/// Bytes that may come until the broker has accepted the log-in: the answer to the handshake, and packets other than messages.
const FIRST_MAX: usize = MAX_CONTROL + BESIDES;
/// Longest text of a server that is shown, in characters.
const SAID_MAX: usize = 200;

/// Additional header fields of the request. `Debug` shows no value.
pub type Headers = Vec<(HeaderName, HeaderValue)>;

/// Why there is no WebSocket, or no longer any.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WebSocketError {
    /// The server answered something other than 101; `wait` is how long to wait, if it says so.
    #[error(
        "the server answered HTTP {status}{}{}",
        .location.as_ref().map(|to| format!(" and redirects to {to}")).unwrap_or_default(),
        http::told_wait(*.wait)
    )]
    Status { status: u16, location: Option<String>, wait: Option<Duration> },
    /// It did not accept the subprotocol `mqtt` (MQTT 3.1.1 §6.0).
    #[error("the WebSocket at this path does not speak MQTT: the server did not take the subprotocol mqtt")]
    SubProtocol,
    /// The answer is not HTTP, or not that to a handshake.
    #[error("the server's answer is not a WebSocket handshake: {0}")]
    Handshake(&'static str),
    /// The connection ended before an answer arrived, as with a broker without WebSocket.
    #[error("the connection ended before the server answered the WebSocket handshake")]
    Cut,
    /// It was closed by the server (RFC 6455 §7.4).
    #[error("the server closed the WebSocket with code {code}{}", closing(*.code, .reason))]
    Closed { code: u16, reason: String },
    /// The received data violates the rules of WebSocket, or is not the binary message that MQTT 3.1.1 §6.0 requires.
    #[error("the server breaks the rules of MQTT over WebSocket: {0}")]
    Rules(&'static str),
}

/// The name of a code, and the server's text.
fn closing(code: u16, reason: &str) -> String {
    let name = match code {
        1001 => " (going away)",
        1002 => " (protocol error)",
        1003 => " (unsupported data)",
        1007 => " (invalid data)",
        1008 => " (policy violation)",
        1009 => " (message too big)",
        1011 => " (internal error)",
        1012 => " (service restart)",
        1013 => " (try again later)",
        _ => "",
    };
    if reason.is_empty() { name.into() } else { format!("{name}: {reason}") }
}

/// A WebSocket on a connection, as a stream of bytes: written bytes are sent in binary messages.
pub struct WebSocket<T> {
    socket: WebSocketStream<Bounded<T>>,
    /// Received bytes that were not read yet.
    rest: Bytes,
    /// How it ends after these.
    end: Option<io::Result<()>>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> WebSocket<T> {
    /// Asks the server for a WebSocket that speaks MQTT. `max_packet` bounds its messages, in bytes.
    ///
    /// # Errors
    /// [`WebSocketError`] within the error, or that of the connection.
    pub async fn open(
        connection: T,
        url: &BrokerUrl,
        headers: &Headers,
        max_packet: usize,
    ) -> io::Result<WebSocket<T>> {
        let max = Some(max_packet.saturating_add(BESIDES));
        let config = WebSocketConfig::default().max_message_size(max).max_frame_size(max);
        let connection = Bounded { connection, left: Some(FIRST_MAX), answer: Answer::Awaited(Vec::new()) };
        match client_async_with_config(request(url, headers)?, connection, Some(config)).await {
            Ok((socket, _)) => Ok(WebSocket { socket, rest: Bytes::new(), end: None }),
            Err(e) => Err(match failed(e) {
                e if matches!(e.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
                    io::Error::new(e.kind(), WebSocketError::Cut)
                }
                e => e,
            }),
        }
    }

    /// Returns the connection below.
    pub fn get_ref(&self) -> &T {
        &self.socket.get_ref().connection
    }

    /// Allows messages to be as large as permitted, now that the broker has accepted the log-in.
    pub fn admit(&mut self) {
        self.socket.get_mut().left = None;
    }
}

/// A connection from which no more is read than that: a message is in memory as a whole, and until the log-in anybody may answer.
/// Interim answers to the handshake, which the library takes for the last one, are left out.
struct Bounded<T> {
    connection: T,
    /// `None` without a bound.
    left: Option<usize>,
    answer: Answer,
}

/// The answer to the handshake.
enum Answer {
    /// What has come may be an interim one.
    Awaited(Vec<u8>),
    /// The last one begins with this.
    Begun(Bytes),
    Passed,
}

impl Answer {
    /// Takes what has come; an interim answer goes once it is complete.
    fn sort_out(&mut self) {
        let Answer::Awaited(bytes) = self else { return };
        loop {
            let status = match bytes.split_at_checked("HTTP/1.1 100".len()) {
                Some((line, _)) => line,
                None if b"HTTP/1.".starts_with(&bytes[..bytes.len().min(7)]) => return,
                None => &bytes[..],
            };
            let is_interim = status.starts_with(b"HTTP/1.")
                && std::str::from_utf8(&status[9..]).is_ok_and(|text| text.parse().is_ok_and(http::is_interim));
            if !is_interim {
                *self = Answer::Begun(std::mem::take(bytes).into());
                return;
            }
            let Some(end) = memchr::memmem::find(bytes, b"\r\n\r\n") else { return };
            bytes.drain(..end + 4);
        }
    }
}

impl<T: AsyncRead + Unpin> Bounded<T> {
    /// Waits for the answer to the handshake, and gives what of it has come.
    fn poll_answer(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            match &mut self.answer {
                Answer::Awaited(bytes) => {
                    let mut more = [0; 1024];
                    let mut more = ReadBuf::new(&mut more);
                    ready!(Self::poll_bounded(&mut self.connection, &mut self.left, cx, &mut more))?;
                    bytes.extend_from_slice(more.filled());
                    match more.filled().is_empty() {
                        true => self.answer = Answer::Begun(std::mem::take(bytes).into()),
                        false => self.answer.sort_out(),
                    }
                }
                Answer::Begun(bytes) => {
                    let length = bytes.len().min(buffer.remaining());
                    buffer.put_slice(&bytes.split_to(length));
                    if bytes.is_empty() {
                        self.answer = Answer::Passed;
                    }
                    return Poll::Ready(Ok(()));
                }
                Answer::Passed => return Self::poll_bounded(&mut self.connection, &mut self.left, cx, buffer),
            }
        }
    }

    fn poll_bounded(
        connection: &mut T,
        left: &mut Option<usize>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if *left == Some(0) {
            let error = WebSocketError::Rules("too much data came before the answer to the log-in");
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(connection).poll_read(cx, buffer))?;
        let read = buffer.filled().len() - before;
        *left = left.map(|left| left.saturating_sub(read));
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Bounded<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.poll_answer(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Bounded<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}

impl WebSocketError {
    /// Returns whether another attempt may succeed.
    pub fn is_passing(&self) -> bool {
        match self {
            WebSocketError::Status { status, .. } => http::is_passing(*status),
            WebSocketError::Cut | WebSocketError::Closed { .. } => true,
            WebSocketError::SubProtocol | WebSocketError::Handshake(_) | WebSocketError::Rules(_) => false,
        }
    }

    /// Returns the fault of the WebSocket, if that is why a connection failed.
    pub fn of(error: &io::Error) -> Option<&WebSocketError> {
        error.get_ref()?.downcast_ref()
    }
}

fn request(url: &BrokerUrl, headers: &Headers) -> io::Result<Request<()>> {
    let unusable = |e| io::Error::new(io::ErrorKind::InvalidInput, e);
    let usual = if url.tls { BrokerUrl::WEBSOCKET_TLS_PORT } else { BrokerUrl::WEBSOCKET_PORT };
    // The zone of an address is meaningful only on this machine.
    let host = url.host.split('%').next().unwrap_or_default();
    let host = if host.contains(':') { format!("[{host}]") } else { host.into() };
    let place = if url.port == usual { host } else { format!("{host}:{}", url.port) };
    let (scheme, path) = (if url.tls { "wss" } else { "ws" }, url.path.as_deref().unwrap_or("/"));
    let mut request = Request::builder()
        .uri(format!("{scheme}://{place}{path}"))
        .header(HOST, place)
        .header(USER_AGENT, concat!("i3/", env!("CARGO_PKG_VERSION")))
        .header("Connection", "Upgrade")
        .header("Upgrade", "websocket")
        .header("Sec-WebSocket-Version", "13")
        .header("Sec-WebSocket-Key", generate_key())
        .header("Sec-WebSocket-Protocol", "mqtt")
        .body(())
        .map_err(unusable)?;
    for (name, value) in headers {
        match *name == HOST || *name == USER_AGENT {
            true => drop(request.headers_mut().insert(name, value.clone())),
            false => drop(request.headers_mut().append(name, value.clone())),
        }
    }
    Ok(request)
}

/// Returns a failure of the handshake or of the WebSocket, without the library's text for programmers.
fn failed(error: tungstenite::Error) -> io::Error {
    use tungstenite::Error;
    let (kind, error) = match error {
        Error::Io(e) => return e,
        Error::Http(response) => {
            let field = |name: HeaderName| response.headers().get(name)?.to_str().ok();
            let location = field(LOCATION);
            let wait = http::retry_after(field(RETRY_AFTER).unwrap_or_default(), field(DATE).unwrap_or_default());
            let location = location.map(|location| one_line(location).chars().take(SAID_MAX).collect());
            let status = response.status().as_u16();
            (io::ErrorKind::ConnectionRefused, WebSocketError::Status { status, location, wait })
        }
        Error::Protocol(ProtocolError::SecWebSocketSubProtocolError(
            SubProtocolError::NoSubProtocol | SubProtocolError::InvalidSubProtocol,
        )) => (io::ErrorKind::InvalidData, WebSocketError::SubProtocol),
        Error::Protocol(ProtocolError::HandshakeIncomplete | ProtocolError::ResetWithoutClosingHandshake)
        | Error::ConnectionClosed
        | Error::AlreadyClosed => return io::ErrorKind::UnexpectedEof.into(),
        Error::Protocol(
            ProtocolError::MissingConnectionUpgradeHeader
            | ProtocolError::MissingUpgradeWebSocketHeader
            | ProtocolError::SecWebSocketAcceptKeyMismatch,
        ) => (io::ErrorKind::InvalidData, WebSocketError::Handshake("it does not accept the protocol upgrade")),
        Error::Protocol(ProtocolError::HttparseError(_) | ProtocolError::WrongHttpVersion)
        | Error::HttpFormat(_)
        | Error::AttackAttempt => (io::ErrorKind::InvalidData, WebSocketError::Handshake("it is not HTTP/1.1")),
        Error::Capacity(_) => {
            (io::ErrorKind::InvalidData, WebSocketError::Rules("a message is larger than the largest packet"))
        }
        Error::Utf8(_) => (io::ErrorKind::InvalidData, WebSocketError::Rules("a text is not UTF-8")),
        _ => (io::ErrorKind::InvalidData, WebSocketError::Rules("a frame is not valid")),
    };
    io::Error::new(kind, error)
}

/// Returns how a WebSocket that the server closed ends: with its text, unless it closed normally.
fn closed(frame: Option<CloseFrame>) -> io::Result<()> {
    let (code, reason) = match frame {
        None => return Ok(()),
        Some(CloseFrame { code: CloseCode::Normal, .. }) => return Ok(()),
        Some(CloseFrame { code, reason }) => {
            (u16::from(code), one_line(reason.as_str()).chars().take(SAID_MAX).collect())
        }
    };
    let error = WebSocketError::Closed { code, reason };
    Err(io::Error::new(io::ErrorKind::ConnectionAborted, error))
}

impl<T: AsyncRead + AsyncWrite + Unpin> WebSocket<T> {
    /// Takes the result of a read: bytes, or the end.
    fn take(&mut self, given: Option<Result<Message, tungstenite::Error>>) {
        match given {
            Some(Ok(Message::Binary(bytes))) => self.rest = bytes,
            // The next read sends the answer to a ping.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
            Some(Ok(Message::Close(frame))) => self.end = Some(closed(frame)),
            Some(Ok(Message::Text(_))) => {
                let error = WebSocketError::Rules("a message is text");
                self.end = Some(Err(io::Error::new(io::ErrorKind::InvalidData, error)));
            }
            Some(Err(e)) => self.end = Some(Err(failed(e))),
            None => self.end = Some(Ok(())),
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for WebSocket<T> {
    /// Returns the received bytes of all messages, as far as there is room: each may be an acknowledgement of four bytes.
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        while buffer.remaining() > 0 {
            if !self.rest.is_empty() {
                let length = self.rest.len().min(buffer.remaining());
                buffer.put_slice(&self.rest[..length]);
                self.rest.advance(length);
                continue;
            }
            let has_read = buffer.filled().len() > before;
            match self.end.take() {
                Some(end) if has_read => {
                    self.end = Some(end);
                    break;
                }
                Some(end) => return Poll::Ready(end),
                None => match Pin::new(&mut self.socket).poll_next(cx) {
                    Poll::Ready(given) => self.take(given),
                    Poll::Pending if has_read => break,
                    Poll::Pending => return Poll::Pending,
                },
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WebSocket<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(Pin::new(&mut self.socket).poll_ready(cx)).map_err(failed)?;
        let length = bytes.len().min(MESSAGE_MAX);
        let message = Message::Binary(Bytes::copy_from_slice(&bytes[..length]));
        Pin::new(&mut self.socket).start_send(message).map_err(failed)?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx).map_err(failed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_close(cx).map_err(failed)
    }
}
