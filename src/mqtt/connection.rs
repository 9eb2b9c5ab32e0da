//! One client connection to a broker: open, log in, queue packets, receive packets, keep alive.
//!
//! Packets are encoded into one output buffer and leave in as few writes as the socket allows; waiting for a packet
//! writes what is queued at the same time, so neither side can block the other. Nothing here retries or remembers.

use std::io::{self, Read as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, BytesMut};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::incoming::IncomingPublish;
use super::kernel;
use super::outgoing::OutgoingPublish;
use super::packet::{AckKind, ConnAck, Connect, MAX_PACKET, Packet, PacketError, Reason, Version, take_bare_ack};
use super::reason::connack_refusal;
use crate::broker_url::BrokerUrl;
use crate::secret::Secret;
use crate::tls;

/// How long to wait for a peer that reads nothing more.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes read from the socket at a time.
const READ_CHUNK: usize = 16 * 1024;
/// Bytes of answers that are gathered at most.
const SMALL_READ: usize = 4 * 1024;

/// First byte of a TLS record that is an alert (RFC 8446 §5.1).
const TLS_ALERT: u8 = 0x15;

/// Where to connect, and the TLS configuration if `url.tls` is set.
#[derive(Clone)]
pub struct Endpoint {
    pub url: BrokerUrl,
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// Returns `i3` and 20 random hex digits: MQTT 3.1.1 §3.1.3.1 promises that every broker accepts 23 letters and digits.
pub fn random_client_id() -> String {
    let random: u128 = rand::random();
    format!("i3{:020x}", random >> 48)
}

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
}

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
    /// The peer's bytes are not MQTT, or a packet cannot be sent.
    #[error("MQTT protocol error")]
    Protocol(#[from] PacketError),
}

impl ConnectionError {
    /// Returns whether the peer ended the connection and did not say why: what a lost connection looks like, and a broker that
    /// refuses what it got (MQTT 3.1.1 §3.3.5, §4.8).
    pub fn is_by_peer(&self) -> bool {
        use io::ErrorKind as Kind;
        match self {
            ConnectionError::Closed => true,
            // MQTT 5: unspecified, malformed, protocol error, implementation specific.
            ConnectionError::Ended(reason) => (0x80..=0x83).contains(&reason.0),
            ConnectionError::Io(e) => matches!(
                e.kind(),
                Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof
            ),
            ConnectionError::Silent(_) | ConnectionError::Protocol(_) => false,
        }
    }
}

/// A received message, parsed in place, or any other packet.
#[derive(Debug)]
pub enum Incoming {
    Message(IncomingPublish),
    Other(Packet),
}

/// What ends a wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Packet,
    PacketOrNews,
}

/// Takes a packet that has been read already.
type Take<T> = fn(&mut Connection) -> Result<Option<T>, ConnectionError>;

/// Plain or TLS, as one stream.
enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl ConnectError {
    /// Returns whether the broker refuses the credential, or does not know the user.
    pub fn refuses_credential(&self) -> bool {
        matches!(self, ConnectError::Refused { code: 4 | 5 | 0x86 | 0x87, .. })
    }
}

impl Stream {
    fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        }
    }

    /// Appends what the socket has to `input`. Returns the number of bytes, 0 at the end.
    fn poll_read(&mut self, cx: &mut Context<'_>, input: &mut BytesMut) -> Poll<io::Result<usize>> {
        // The future holds nothing between two polls, so a new one each time loses nothing.
        match self {
            Stream::Plain(tcp) => pin!(tcp.read_buf(input)).poll(cx),
            Stream::Tls(tls) => pin!(tls.read_buf(input)).poll(cx),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, bytes),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(_) => Poll::Ready(Ok(())),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }
}

/// An open, logged-in connection.
pub struct Connection {
    stream: Stream,
    version: Version,
    connack: ConnAck,
    input: BytesMut,
    output: BytesMut,
    /// Bytes of what was queued that were written, to TLS where there is TLS.
    written: u64,
    unflushed: bool,
    /// DISCONNECT is queued, or more than that.
    is_ending: bool,
    keep_alive: Duration,
    last_sent: Instant,
    last_received: Instant,
    pings: u64,
    pongs: u64,
    /// Where the last ping of the keep-alive ends, and how much had left when one was due, on the scale of `left`.
    last_ping: u64,
    left_then: u64,
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
        let url = &endpoint.url;
        let late = |during| ConnectError::Timeout { url: url.clone(), during };
        let tcp = timeout_at(deadline, connect_tcp(url)).await.map_err(|_| late("TCP connection"))??;
        let stream = match &endpoint.tls {
            None => Stream::Plain(tcp),
            Some(config) => {
                let tls = timeout_at(deadline, shake_hands(url, Arc::clone(config), tcp));
                Stream::Tls(Box::new(tls.await.map_err(|_| late("TLS handshake"))??))
            }
        };
        let now = Instant::now();
        let mut connection = Connection {
            stream,
            version: login.version,
            connack: ConnAck::new(0),
            input: BytesMut::new(),
            output: BytesMut::new(),
            written: 0,
            unflushed: false,
            is_ending: false,
            keep_alive: login.keep_alive,
            last_sent: now,
            last_received: now,
            pings: 0,
            pongs: 0,
            last_ping: 0,
            left_then: 0,
        };
        let log_in = connection.log_in(url, login);
        match timeout_at(deadline, log_in).await {
            Ok(result) => result?,
            Err(_) if connection.hears_no_broker() => return Err(no_mqtt(url, &connection.input)),
            Err(_) => return Err(late("answer to the log-in")),
        }
        Ok(connection)
    }

    async fn log_in(&mut self, url: &BrokerUrl, login: &ConnectOptions<'_>) -> Result<(), ConnectError> {
        let connect = Connect {
            client_id: login.client_id.into(),
            clean: login.clean,
            keep_alive: u16::try_from(login.keep_alive.as_secs()).unwrap_or(u16::MAX),
            user_name: login.user_name.into(),
            password: login.password.expose().into(),
            will: None,
        };
        Packet::Connect(connect).write(&mut self.output, self.version).map_err(ConnectError::Unsendable)?;
        match self.recv().await {
            Ok(Packet::ConnAck(ack)) if ack.code == 0 => {
                if let Some(seconds) = ack.server_keep_alive {
                    self.keep_alive = Duration::from_secs(seconds.into());
                }
                self.connack = ack;
                Ok(())
            }
            Ok(Packet::ConnAck(ack)) => {
                Err(ConnectError::Refused { code: ack.code, user_name: login.user_name.into() })
            }
            // A TLS server reads CONNECT as a broken handshake and answers with an alert record (RFC 8446 §6).
            Err(ConnectionError::Protocol(_)) if self.input.first() == Some(&TLS_ALERT) => {
                Err(ConnectError::ClosedAtLogin { url: url.clone() })
            }
            Err(ConnectionError::Protocol(source)) => Err(ConnectError::Protocol { url: url.clone(), source }),
            Err(ConnectionError::Ended(reason)) => {
                Err(ConnectError::Refused { code: reason.0, user_name: login.user_name.into() })
            }
            Ok(_) => {
                let source = PacketError::Malformed("the first packet is not a CONNACK".into());
                Err(ConnectError::Protocol { url: url.clone(), source })
            }
            Err(_) if self.hears_no_broker() => Err(no_mqtt(url, &self.input)),
            Err(ConnectionError::Io(source)) if source.kind() != io::ErrorKind::ConnectionReset => {
                Err(ConnectError::Unreachable { url: url.clone(), source })
            }
            Err(_) => Err(ConnectError::ClosedAtLogin { url: url.clone() }),
        }
    }

    /// Returns whether what has come so far cannot begin an answer to the log-in: a CONNACK, a DISCONNECT of MQTT 5, or a TLS
    /// alert.
    fn hears_no_broker(&self) -> bool {
        self.input.first().is_some_and(|first| ![0x20, 0xE0, TLS_ALERT].contains(first))
    }

    /// Returns the broker's answer to the log-in: session and limits.
    pub fn connack(&self) -> &ConnAck {
        &self.connack
    }

    /// Returns the protocol version of this connection.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Tells the kernel to acknowledge at once what it receives (Linux).
    ///
    /// I3's broker sends without TCP_NODELAY, so of two small packets the second waits for the acknowledgement of the
    /// first, which the kernel delays by some 40 ms (I3 facts §4): the CONNACK after TLS's session tickets, the echo
    /// after the PUBACK.
    fn acknowledge_at_once(&self) {
        // The kernel returns to delaying, so this is repeated before each wait. A failure costs only 40 ms.
        #[cfg(target_os = "linux")]
        let _ = socket2::SockRef::from(self.stream.tcp()).set_tcp_quickack(true);
    }

    /// Queues a packet; it leaves with the next [`recv`](Self::recv) or [`flush`](Self::flush).
    ///
    /// # Errors
    /// [`ConnectionError::Protocol`] if it cannot be encoded; nothing of it is queued then.
    pub fn queue(&mut self, packet: Packet) -> Result<(), ConnectionError> {
        let before = self.output.len();
        packet.write(&mut self.output, self.version).inspect_err(|_| self.output.truncate(before))?;
        Ok(())
    }

    /// Queues a PUBLISH from where its parts are stored, without a packet in between; it leaves like any other.
    ///
    /// # Errors
    /// As [`queue`](Self::queue).
    pub fn queue_publish(&mut self, publish: &OutgoingPublish<'_>) -> Result<(), ConnectionError> {
        Ok(publish.write(&mut self.output, self.version)?)
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

    /// Returns how many bytes are queued and not yet with the kernel.
    pub fn queued(&self) -> usize {
        self.output.len()
    }

    /// Returns how many bytes have been queued on this connection so far: where what is queued last ends, on the scale of
    /// [`left`](Self::left).
    pub fn position(&self) -> u64 {
        self.written + self.output.len() as u64
    }

    /// Returns how many of the bytes that were queued have left for good: the peer's system has acknowledged them (Linux), or
    /// this system has taken them (elsewhere). A little less with TLS, whose bytes are more, until all have left. While it stands
    /// still, nothing moves; a system call, so not for each packet.
    pub fn left(&self) -> u64 {
        let waiting = kernel::unacknowledged(self.stream.tcp()).unwrap_or(0);
        // What TLS holds back cannot be known.
        self.written.saturating_sub(waiting.max(self.unflushed.into()))
    }

    /// Returns how many bytes have been read that are not a whole packet yet.
    pub fn arriving(&self) -> usize {
        self.input.len()
    }

    /// Writes everything that is queued. May be cancelled and called again.
    ///
    /// # Errors
    /// [`ConnectionError::Io`].
    pub async fn flush(&mut self) -> Result<(), ConnectionError> {
        std::future::poll_fn(|cx| self.poll_write_out(cx)).await
    }

    /// Returns the next packet that has already been read, if any, without touching the socket. Answers to pings are counted
    /// and not returned.
    ///
    /// # Errors
    /// [`ConnectionError::Protocol`], [`ConnectionError::Ended`].
    pub fn buffered(&mut self) -> Result<Option<Packet>, ConnectionError> {
        loop {
            match self.buffered_packet()? {
                Some(Packet::PingResp) => {}
                packet => return Ok(packet),
            }
        }
    }

    /// Returns the next packet that has already been read if it is an acknowledgement without a reason. Most answers to a
    /// stream of messages are, and this costs a fraction of a [`Packet`].
    #[inline]
    pub fn buffered_ack(&mut self) -> Option<(AckKind, u16)> {
        take_bare_ack(&mut self.input)
    }

    /// Blocks the thread for `pause`, then reads what has come meanwhile, and writes nothing. Returns whether anything came.
    /// For answers that trickle in.
    ///
    /// A broker that sends without TCP_NODELAY holds the second of several small packets, and all after it, until the
    /// first is acknowledged; after the pause they come together. The thread blocks because a timer of the runtime needs at
    /// least a millisecond.
    ///
    /// # Errors
    /// [`ConnectionError::Io`], [`ConnectionError::Closed`].
    pub async fn gather(&mut self, pause: Duration) -> Result<bool, ConnectionError> {
        std::thread::sleep(pause);
        self.acknowledge_at_once();
        if matches!(self.stream, Stream::Tls(_)) {
            // Has the runtime look at the socket.
            tokio::task::yield_now().await;
        }
        let heard = self.read_now().await?;
        if heard {
            // Reading the first packet acknowledges it, and the others come. If the connection ends here, what has come is
            // worth more; the next read meets the end again.
            let _ = self.read_now().await;
        }
        Ok(heard)
    }

    /// Reads what the socket has. Returns whether that was anything.
    async fn read_now(&mut self) -> Result<bool, ConnectionError> {
        let read = match &self.stream {
            // Past the runtime, whose way to the socket is longer than all that is read there.
            Stream::Plain(tcp) => {
                let mut bytes = [0; SMALL_READ];
                let read = (&*socket2::SockRef::from(tcp)).read(&mut bytes);
                read.inspect(|length| self.input.extend_from_slice(&bytes[..*length]))
            }
            Stream::Tls(_) => {
                std::future::poll_fn(|cx| {
                    self.input.reserve(READ_CHUNK);
                    let read = now(self.stream.poll_read(cx, &mut self.input));
                    Poll::Ready(read.unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into())))
                })
                .await
            }
        };
        match read {
            Ok(0) => Err(ConnectionError::Closed),
            Ok(_) => {
                self.last_received = Instant::now();
                Ok(true)
            }
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// Writes as much of what is queued as the socket accepts at once. Returns whether that is all.
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub async fn flush_some(&mut self) -> Result<bool, ConnectionError> {
        let written = std::future::poll_fn(|cx| Poll::Ready(now(self.poll_write_out(cx)).transpose())).await?;
        Ok(written.is_some())
    }

    fn buffered_packet(&mut self) -> Result<Option<Packet>, ConnectionError> {
        let packet = Packet::read(&mut self.input, self.version, MAX_PACKET)?;
        match &packet {
            Some(Packet::Disconnect { reason }) => return Err(ConnectionError::Ended(*reason)),
            Some(Packet::PingResp) => self.pongs += 1,
            _ => {}
        }
        Ok(packet)
    }

    /// Does the same as [`buffered`](Self::buffered) for a subscriber, which receives many messages; returns answers to pings
    /// as well.
    ///
    /// # Errors
    /// As [`buffered`](Self::buffered).
    pub fn buffered_incoming(&mut self) -> Result<Option<Incoming>, ConnectionError> {
        if let Some(message) = IncomingPublish::take(&mut self.input, self.version, MAX_PACKET)? {
            return Ok(Some(Incoming::Message(message)));
        }
        // An incomplete message is none of the other packets either.
        match self.input.first() {
            Some(head) if head >> 4 != 3 => Ok(self.buffered_packet()?.map(Incoming::Other)),
            _ => Ok(None),
        }
    }

    /// Waits for the next packet while it writes what is queued; pings when the keep-alive time asks for it.
    /// May be cancelled without losing a byte.
    ///
    /// # Errors
    /// [`ConnectionError`]; the connection is of no use after it.
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

    /// As [`recv`](Self::recv), but also ends, with `None`, once what is queued is with the kernel, if anything was, or a
    /// ping was answered: for a sender that has more to queue then.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub async fn progress(&mut self) -> Result<Option<Packet>, ConnectionError> {
        self.wait(Until::PacketOrNews, Connection::buffered).await
    }

    async fn wait<T>(&mut self, until: Until, take: Take<T>) -> Result<Option<T>, ConnectionError> {
        loop {
            if self.keep_alive.is_zero() {
                return std::future::poll_fn(|cx| self.poll_progress(cx, until, take)).await;
            }
            let due = self.last_sent + self.keep_alive;
            match timeout_at(due, std::future::poll_fn(|cx| self.poll_progress(cx, until, take))).await {
                Ok(result) => return result,
                Err(_) => self.keep_alive_due()?,
            }
        }
    }

    fn keep_alive_due(&mut self) -> Result<(), ConnectionError> {
        let silence = self.last_received.elapsed();
        let left = self.left();
        let before = std::mem::replace(&mut self.left_then, left);
        self.last_sent = Instant::now();
        // One ping is unanswered: MQTT 3.1.1 §3.1.2.10 allows the same half of an interval to both sides.
        if silence < self.keep_alive * 3 / 2 {
            self.ping()?;
            self.last_ping = self.position();
            return Ok(());
        }
        // On a slow link the ping is still behind what is leaving, or has left only since the last look.
        let is_leaving = before < self.last_ping && before != left;
        if is_leaving { Ok(()) } else { Err(ConnectionError::Silent(silence)) }
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
        // A write that blocks is no reason not to read: the broker may be waiting for us to read.
        let was_writing = self.unflushed || !self.output.is_empty();
        let has_written = self.poll_write_out(cx)?.is_ready() && was_writing;
        while self.poll_read_once(cx)?.is_ready() {
            if let Some(packet) = take(self)? {
                return Poll::Ready(Ok(Some(packet)));
            }
        }
        if until == Until::PacketOrNews && (has_written || self.pongs > pongs) {
            return Poll::Ready(Ok(None));
        }
        self.acknowledge_at_once();
        Poll::Pending
    }

    fn poll_read_once(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        self.input.reserve(READ_CHUNK);
        if ready!(self.stream.poll_read(cx, &mut self.input))? == 0 {
            return Poll::Ready(Err(ConnectionError::Closed));
        }
        self.last_received = Instant::now();
        Poll::Ready(Ok(()))
    }

    fn poll_write_out(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        while !self.output.is_empty() {
            match ready!(self.stream.poll_write(cx, &self.output))? {
                0 => return Poll::Ready(Err(ConnectionError::Closed)),
                written => {
                    self.output.advance(written);
                    self.written += written as u64;
                }
            }
            self.unflushed = true;
            self.last_sent = Instant::now();
        }
        if self.unflushed {
            ready!(self.stream.poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends DISCONNECT and waits until the broker has closed the connection, which it does once it has taken everything
    /// before (MQTT 3.1.1 §3.14.4): then what was sent at QoS 0 has arrived. Has no time limit of its own.
    ///
    /// # Errors
    /// [`ConnectionError`] if the broker ended it in any other way.
    pub async fn finish(mut self) -> Result<(), ConnectionError> {
        self.end().await
    }

    /// As [`finish`](Self::finish), but may be cancelled and called again, to look at the progress meanwhile. Nothing else may
    /// be sent after it.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub async fn end(&mut self) -> Result<(), ConnectionError> {
        if !self.is_ending {
            // Nothing may follow a DISCONNECT, not even a ping.
            self.keep_alive = Duration::ZERO;
            self.queue(Packet::Disconnect { reason: Reason::SUCCESS })?;
            self.is_ending = true;
        }
        self.flush().await?;
        // Without TLS's close_notify, which the broker would leave unread, and so reset the connection.
        let _ = socket2::SockRef::from(self.stream.tcp()).shutdown(std::net::Shutdown::Write);
        loop {
            match self.recv().await {
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
    /// [`ConnectionError::Io`] if what was queued before could not be written.
    pub async fn close(mut self) -> Result<(), ConnectionError> {
        self.queue(Packet::Disconnect { reason: Reason::SUCCESS })?;
        let closing = async {
            self.flush().await?;
            if let Stream::Tls(tls) = &mut self.stream {
                // The broker has the DISCONNECT; it may or may not wait for TLS's close_notify.
                let _ = std::future::poll_fn(|cx| Pin::new(tls.as_mut()).poll_shutdown(cx)).await;
            }
            Ok(())
        };
        let late = |_| ConnectionError::Io(io::Error::from(io::ErrorKind::TimedOut));
        tokio::time::timeout(CLOSE_TIMEOUT, closing).await.map_err(late)?
    }
}

/// Returns what is ready.
fn now<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// Returns the error for a peer that is not a broker, such as a web server, whose first line reads as an endless packet.
fn no_mqtt(url: &BrokerUrl, input: &[u8]) -> ConnectError {
    let what = if input.starts_with(b"HTTP/") { "the answer is HTTP" } else { "the answer is not a CONNACK" };
    ConnectError::Protocol { url: url.clone(), source: PacketError::Malformed(what.into()) }
}

async fn connect_tcp(url: &BrokerUrl) -> Result<TcpStream, ConnectError> {
    let resolve = |source| ConnectError::Resolve { host: url.host.clone(), source };
    let mut last = None;
    let addresses: Vec<SocketAddr> = if url.host.eq_ignore_ascii_case("localhost") {
        // This name means loopback whatever a resolver says (RFC 6761 §6.3); asking one takes a thread.
        vec![(Ipv4Addr::LOCALHOST, url.port).into(), (Ipv6Addr::LOCALHOST, url.port).into()]
    } else {
        tokio::net::lookup_host((url.host.as_str(), url.port)).await.map_err(resolve)?.collect()
    };
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(tcp) => {
                let unreachable = |source| ConnectError::Unreachable { url: url.clone(), source };
                tcp.set_nodelay(true).map_err(unreachable)?;
                return Ok(tcp);
            }
            Err(e) => last = Some(e),
        }
    }
    Err(match last {
        Some(source) => ConnectError::Unreachable { url: url.clone(), source },
        None => resolve(io::Error::from(io::ErrorKind::NotFound)),
    })
}

async fn shake_hands(
    url: &BrokerUrl,
    config: Arc<rustls::ClientConfig>,
    tcp: TcpStream,
) -> Result<TlsStream<TcpStream>, ConnectError> {
    let name = ServerName::try_from(url.host.clone())
        .map_err(|e| ConnectError::Tls { url: url.clone(), source: io::Error::new(io::ErrorKind::InvalidInput, e) })?;
    TlsConnector::from(config).connect(name, tcp).await.map_err(|source| {
        let not_tls = matches!(
            source.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()),
            Some(rustls::Error::InvalidMessage(_))
        );
        // A plain broker reads the handshake as a broken CONNECT and closes or resets (I3 facts §4).
        let cut = matches!(source.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof);
        if not_tls || cut {
            ConnectError::NotTls { url: url.clone() }
        } else {
            ConnectError::Tls { url: url.clone(), source: tls::told(source) }
        }
    })
}
