//! One client connection to a broker: open, log in, queue packets, receive packets, keep alive.
//!
//! Packets are encoded into one output buffer and sent in as few writes as the transport allows; waiting for a
//! packet writes queued bytes at the same time, so neither side can block the other. Nothing here retries or remembers.

mod decoder;
mod dial;
mod error;
mod first_bytes;
mod keep_alive;
mod link;
mod log_in;
mod stream;
mod websocket;

use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::extras::{self, Extras};
use super::outgoing::OutgoingPublish;
use super::packet::{AckKind, ConnAck, Packet, PacketError, Reason, Version};
use crate::broker_url::BrokerUrl;
use crate::tcp;
pub use decoder::Incoming;
use decoder::{Decoder, follow, take_ack};
pub use dial::{BrokerRoute, Endpoint};
pub use error::{ConnectError, ConnectionError};
use keep_alive::KeepAlive;
use link::Link;
pub use log_in::{ANSWER, ConnectOptions};
use stream::Stream;
pub use stream::Transport;
pub use websocket::{Headers, WebSocketError};

/// How long to wait for a peer that reads nothing more.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Returns `i3` and 20 random hex digits: MQTT 3.1.1 §3.1.3.1 promises that every broker accepts 23 letters and digits.
pub fn random_client_id() -> String {
    let random: u128 = rand::random();
    format!("i3{:020x}", random >> 48)
}

/// The event that ends a wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Packet,
    PacketOrNews,
}

/// Takes a packet that has already been read.
type Take<T> = fn(&mut Connection) -> Result<Option<T>, ConnectionError>;

/// An open, logged-in connection.
pub struct Connection {
    link: Link,
    broker: Arc<BrokerUrl>,
    version: Version,
    connack: ConnAck,
    decoder: Decoder,
    /// DISCONNECT is queued or sent.
    is_ending: bool,
    keep_alive: KeepAlive,
    pings: u64,
    pongs: u64,
    /// Reading was paused on purpose, so the broker was not silent if nothing arrived.
    is_held: bool,
    extras: Option<Arc<Extras>>,
}

impl Connection {
    /// Resolves, connects, shakes hands and logs in, all by `deadline`.
    ///
    /// # Errors
    /// [`ConnectError`], naming the step that failed.
    pub async fn open(
        endpoint: &Endpoint,
        login: &ConnectOptions<'_>,
        deadline: Instant,
    ) -> Result<Connection, ConnectError> {
        Connection::open_with(endpoint, login, None, deadline).await
    }

    /// As [`open`](Self::open), with these extras.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(
        endpoint: &Endpoint,
        login: &ConnectOptions<'_>,
        extras: Option<&Arc<Extras>>,
        deadline: Instant,
    ) -> Result<Connection, ConnectError> {
        let (stream, address) = dial::dial(endpoint, login.max_packet, deadline).await?;
        let result = Connection::log_in(stream, &endpoint.url, login, extras, deadline).await;
        match (&result, address) {
            // The proxy itself resolves the address that it connects to.
            (_, None) => {}
            (Ok(_) | Err(ConnectError::Refused { .. }), Some(address)) => tcp::worked(endpoint.url.place(), address),
            (Err(_), Some(address)) => tcp::failed(endpoint.url.place(), address),
        }
        result.map_err(|error| match error {
            ConnectError::Tls { url, source } => ConnectError::Tls { url, source: endpoint.told(source) },
            error => error,
        })
    }

    /// Logs in over an open transport, by `deadline`. Errors call the broker `url`.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn over(
        transport: impl Transport + 'static,
        url: &BrokerUrl,
        login: &ConnectOptions<'_>,
        deadline: Instant,
    ) -> Result<Connection, ConnectError> {
        Connection::log_in(Stream::Other(Box::new(transport)), url, login, None, deadline).await
    }

    async fn log_in(
        stream: Stream,
        url: &BrokerUrl,
        login: &ConnectOptions<'_>,
        extras: Option<&Arc<Extras>>,
        deadline: Instant,
    ) -> Result<Connection, ConnectError> {
        let mut connection = Connection {
            link: Link::new(stream),
            broker: Arc::new(url.clone()),
            version: login.version,
            connack: ConnAck::new(0),
            decoder: Decoder::new(login.version),
            is_ending: false,
            keep_alive: KeepAlive::new(login.keep_alive),
            pings: 0,
            pongs: 0,
            is_held: false,
            extras: extras.cloned(),
        };
        let will = extras.and_then(|extras| extras.will.clone());
        connection.encode(login.packet(will)).map_err(ConnectError::Unsendable)?;
        let answer = timeout_at(deadline, connection.recv()).await.ok();
        connection.connack = log_in::judge(answer, &connection.link.input, url, login)?;
        connection.decoder.max_packet = login.max_packet;
        connection.link.stream.admit();
        if let Some(seconds) = connection.connack.server_keep_alive {
            connection.keep_alive = KeepAlive::new(Duration::from_secs(seconds.into()));
        }
        if let (Some(extras), Some(max)) = (&connection.extras, &mut connection.connack.max_packet) {
            // The limit excludes the overhead of each message, at its longest.
            let properties = u32::try_from(extras.properties.publish.len() + 3).unwrap_or(u32::MAX);
            *max = max.saturating_sub(if extras.properties.publish.is_empty() { 0 } else { properties });
        }
        Ok(connection)
    }

    /// Returns the broker's answer to the log-in: session and limits.
    pub fn connack(&self) -> &ConnAck {
        &self.connack
    }

    /// Returns the broker's address, as errors name it.
    pub fn broker(&self) -> &Arc<BrokerUrl> {
        &self.broker
    }

    /// Returns the protocol version of this connection.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Queues a packet; it is sent with the next [`recv`](Self::recv) or [`flush`](Self::flush).
    ///
    /// # Errors
    /// [`ConnectionError::Protocol`] if it cannot be encoded; then nothing of it is queued.
    pub fn queue(&mut self, packet: Packet) -> Result<(), ConnectionError> {
        Ok(self.encode(packet)?)
    }

    fn encode(&mut self, packet: Packet) -> Result<(), PacketError> {
        follow(self.extras.as_deref(), || extras::sent(&packet));
        let before = self.link.output.len();
        packet.write(&mut self.link.output, self.version).inspect_err(|_| self.link.output.truncate(before))?;
        match &self.extras {
            Some(extras) => extras.add_to(&mut self.link.output, before, self.version),
            None => Ok(()),
        }
    }

    /// Queues a PUBLISH from its stored parts, without an intermediate packet; it is sent like any other.
    ///
    /// # Errors
    /// As [`queue`](Self::queue).
    pub fn queue_publish(&mut self, publish: &OutgoingPublish<'_>) -> Result<(), ConnectionError> {
        let Some(extras) = &self.extras else { return Ok(publish.write(&mut self.link.output, self.version)?) };
        let OutgoingPublish { topic, payload, qos, retain, dup, id, .. } = *publish;
        extras.tell(|| format!("sending {}", extras::message(topic, payload.len(), qos as u8, retain, dup, id)));
        Ok(publish.write_with(&mut self.link.output, self.version, &extras.properties.publish)?)
    }

    /// Queues a PINGREQ and returns its number on this connection. Packets are handled in order (MQTT 3.1.1 §4.6), so once
    /// [`pongs`](Self::pongs) has come to that number the broker has taken all that was queued before.
    ///
    /// # Errors
    /// As [`queue`](Self::queue).
    pub fn ping(&mut self) -> Result<u64, ConnectionError> {
        self.queue(Packet::PingReq)?;
        self.pings += 1;
        Ok(self.pings)
    }

    /// Returns how many pings the broker has answered.
    pub fn pongs(&self) -> u64 {
        self.pongs
    }

    /// Returns how many bytes are queued and not yet with the kernel. They are not limited here: code that
    /// queues or answers packets must check it, because a broker may send but never read.
    pub fn queued(&self) -> usize {
        self.link.output.len()
    }

    /// Returns how many bytes have been queued on this connection so far: the end of the last queued bytes, on the scale of
    /// [`left`](Self::left).
    pub fn position(&self) -> u64 {
        self.link.position()
    }

    /// Returns how many of the queued bytes have really been sent: the peer's system has acknowledged them (Linux), or this
    /// system has taken them (elsewhere). With TLS, which adds bytes, it is a little less until everything is sent. While it
    /// does not change, there is no progress; this is a system call, so do not call it for each packet.
    pub fn left(&self) -> u64 {
        self.link.left()
    }

    /// Returns how many bytes have been read that are not a whole packet yet.
    pub fn arriving(&self) -> usize {
        self.link.input.len()
    }

    /// Writes all queued bytes. May be cancelled and called again.
    ///
    /// # Errors
    /// [`ConnectionError::Io`].
    pub async fn flush(&mut self) -> Result<(), ConnectionError> {
        self.link.flush().await
    }

    /// Returns the next packet that has already been read, if any, without touching the socket. Answers to pings are
    /// counted, not returned.
    ///
    /// # Errors
    /// [`ConnectionError::Protocol`], [`ConnectionError::Ended`].
    pub fn buffered(&mut self) -> Result<Option<Packet>, ConnectionError> {
        loop {
            match self.buffered_incoming()? {
                Some(Incoming::Other(Packet::PingResp)) => {}
                Some(Incoming::Other(packet)) => return Ok(Some(packet)),
                Some(Incoming::Message(message)) => return Ok(Some(Packet::Publish(message.into()))),
                // Nobody has requested that.
                Some(Incoming::Oversized(_)) => {}
                None => return Ok(None),
            }
        }
    }

    /// Returns the next packet that has already been read if it is an acknowledgement without a reason. Most answers to a
    /// stream of messages are, and this costs a fraction of a [`Packet`].
    #[inline]
    pub fn buffered_ack(&mut self) -> Option<(AckKind, u16)> {
        take_ack(&mut self.link.input, self.extras.as_deref())
    }

    /// Blocks the thread for `pause`, then reads what has arrived meanwhile, and writes nothing. Returns whether anything
    /// arrived. For answers that trickle in.
    ///
    /// A broker that sends without TCP_NODELAY holds the second of several small packets, and all after it, until the
    /// first is acknowledged; after the pause they arrive together. The thread blocks because a timer of the runtime needs at
    /// least a millisecond.
    ///
    /// # Errors
    /// [`ConnectionError::Io`], [`ConnectionError::Closed`].
    pub async fn gather(&mut self, pause: Duration) -> Result<bool, ConnectionError> {
        self.link.gather(pause).await
    }

    /// Writes as many queued bytes as the socket accepts at once. Returns whether those are all.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub async fn flush_some(&mut self) -> Result<bool, ConnectionError> {
        self.link.flush_some().await
    }

    /// Discards messages with a payload longer than `max` bytes while they arrive, so that they cost no memory; in MQTT 5
    /// also those with too many properties.
    pub fn skip_messages_over(&mut self, max: usize) {
        self.decoder.max_message = max;
    }

    /// Does the same as [`buffered`](Self::buffered) for a subscriber, which receives many messages; returns answers to pings
    /// as well.
    ///
    /// # Errors
    /// As [`buffered`](Self::buffered).
    pub fn buffered_incoming(&mut self) -> Result<Option<Incoming>, ConnectionError> {
        let incoming = self.decoder.take(&mut self.link.input, self.extras.as_deref())?;
        self.pongs += u64::from(matches!(incoming, Some(Incoming::Other(Packet::PingResp))));
        Ok(incoming)
    }

    /// Waits for the next packet while writing queued bytes; pings when the keep-alive requires it.
    /// May be cancelled without losing a byte.
    ///
    /// # Errors
    /// [`ConnectionError`]; the connection is unusable after it.
    pub async fn recv(&mut self) -> Result<Packet, ConnectionError> {
        loop {
            if let Some(packet) = self.wait(Until::Packet, Connection::buffered).await? {
                return Ok(packet);
            }
        }
    }

    /// As [`recv`](Self::recv), for a subscriber.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub async fn incoming(&mut self) -> Result<Incoming, ConnectionError> {
        loop {
            if let Some(incoming) = self.wait(Until::Packet, Connection::buffered_incoming).await? {
                return Ok(incoming);
            }
        }
    }

    /// As [`recv`](Self::recv), but also ends, with `None`, once queued bytes, if any, are with the kernel, or a ping
    /// was answered: for a sender that then has more to queue.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub async fn progress(&mut self) -> Result<Option<Packet>, ConnectionError> {
        self.wait(Until::PacketOrNews, Connection::buffered).await
    }

    /// Writes queued bytes and pings when due, but reads nothing: TCP holds the broker back, and the pings, whose answers
    /// are read later, keep the connection alive. Returns only what ends the connection, which includes a broker that reads
    /// nothing either. May be cancelled.
    pub async fn hold(&mut self) -> ConnectionError {
        self.is_held = true;
        let patience = self.keep_alive.patience();
        loop {
            let is_writing = self.link.is_writing();
            let due = match is_writing {
                true => Some(self.link.last_sent + patience),
                false => self.keep_alive.interval.map(|interval| self.link.last_sent + interval),
            };
            let writing = async {
                match is_writing {
                    true => self.flush().await,
                    false => std::future::pending().await,
                }
            };
            let written = match due {
                Some(due) => timeout_at(due, writing).await.ok(),
                None => Some(writing.await),
            };
            match written {
                Some(Ok(())) => {}
                Some(Err(e)) => return e,
                // Less was written than is queued, and later.
                None if is_writing && self.link.last_sent.elapsed() < patience => {}
                None if is_writing => return ConnectionError::Unread(patience),
                None => {
                    self.link.last_sent = Instant::now();
                    if let Err(e) = self.ping() {
                        return e;
                    }
                }
            }
        }
    }

    async fn wait<T>(&mut self, until: Until, take: Take<T>) -> Result<Option<T>, ConnectionError> {
        if std::mem::take(&mut self.is_held) {
            self.link.last_received = Instant::now();
        }
        loop {
            let Some(interval) = self.keep_alive.interval else {
                return std::future::poll_fn(|cx| self.poll_progress(cx, until, take)).await;
            };
            let due = self.link.last_sent + interval;
            match timeout_at(due, std::future::poll_fn(|cx| self.poll_progress(cx, until, take))).await {
                Ok(result) => return result,
                Err(_) => self.keep_alive_due()?,
            }
        }
    }

    fn keep_alive_due(&mut self) -> Result<(), ConnectionError> {
        let (silence, left) = (self.link.last_received.elapsed(), self.left());
        self.link.last_sent = Instant::now();
        if self.keep_alive.asks_for_ping(silence, left)? {
            self.ping()?;
            self.keep_alive.pinged(self.position());
        }
        Ok(())
    }

    fn poll_progress<T>(
        &mut self,
        cx: &mut Context<'_>,
        until: Until,
        take: Take<T>,
    ) -> Poll<Result<Option<T>, ConnectionError>> {
        let pongs = self.pongs;
        if let Some(packet) = take(self)? {
            return Poll::Ready(Ok(Some(packet)));
        }
        // A write that blocks is not a reason to stop reading: the broker may be waiting for us to read.
        let was_writing = self.link.is_writing();
        // Neither is one that fails: packets that the broker sent before it closed the connection count.
        let written = self.link.poll_write(cx);
        while self.link.poll_read(cx)?.is_ready() {
            if let Some(packet) = take(self)? {
                return Poll::Ready(Ok(Some(packet)));
            }
        }
        let has_written = written?.is_ready() && was_writing;
        if until == Until::PacketOrNews && (has_written || self.pongs > pongs) {
            return Poll::Ready(Ok(None));
        }
        self.link.stream.acknowledge_at_once();
        Poll::Pending
    }

    /// Sends DISCONNECT and waits until the broker has closed the connection, which it does once it has taken everything
    /// before (MQTT 3.1.1 §3.14.4): then messages at QoS 0 have arrived. Has no time limit.
    ///
    /// # Errors
    /// [`ConnectionError`] if the broker ended it in any other way.
    pub async fn finish(mut self) -> Result<(), ConnectionError> {
        self.end().await
    }

    /// As [`finish`](Self::finish), but may be cancelled and called again, to check the progress meanwhile. Nothing else may
    /// be sent after it.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub async fn end(&mut self) -> Result<(), ConnectionError> {
        if !self.is_ending {
            // Nothing may follow a DISCONNECT, not even a ping.
            self.keep_alive.interval = None;
            self.queue(Packet::Disconnect { reason: Reason::SUCCESS })?;
            self.is_ending = true;
        }
        self.flush().await?;
        self.link.stream.end_output().await;
        loop {
            match self.incoming().await {
                Ok(_) => {}
                Err(ConnectionError::Closed) => return Ok(()),
                // The end of a TLS stream without close_notify.
                Err(ConnectionError::Io(e)) if e.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(e) => return Err(e),
            }
        }
    }

    /// Sends DISCONNECT and closes.
    ///
    /// # Errors
    /// [`ConnectionError::Io`] if bytes queued before could not be written.
    pub async fn close(mut self) -> Result<(), ConnectionError> {
        self.queue(Packet::Disconnect { reason: Reason::SUCCESS })?;
        let closing = async {
            self.flush().await?;
            // The broker has the DISCONNECT.
            self.link.stream.shut_down().await;
            Ok(())
        };
        let late = |_| ConnectionError::Io(io::Error::from(io::ErrorKind::TimedOut));
        tokio::time::timeout(CLOSE_TIMEOUT, closing).await.map_err(late)?
    }
}

#[cfg(test)]
mod tests;
