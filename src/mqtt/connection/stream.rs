//! The transport of a connection: plain TCP, TLS over TCP, a WebSocket over one of these, or any other transport, as one
//! stream of bytes.

use std::io::{self, Read as _};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::first_bytes::FirstBytes;
use super::websocket::WebSocket;

/// Bytes read from the transport at a time.
const READ_CHUNK: usize = 16 * 1024;
/// Bytes read bypassing the runtime at a time.
const SMALL_READ: usize = 4 * 1024;

/// A stream of bytes in both directions, such as [`tokio::io::DuplexStream`].
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Transport for T {}

pub enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<FirstBytes>>),
    WebSocket(Box<WebSocket<Stream>>),
    Other(Box<dyn Transport>),
}

impl Stream {
    /// Returns the TCP connection below, if there is one.
    pub fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Stream::Plain(tcp) => Some(tcp),
            Stream::Tls(tls) => Some(tls.get_ref().0.tcp()),
            Stream::WebSocket(web) => web.get_ref().tcp(),
            Stream::Other(_) => None,
        }
    }

    /// Allows a WebSocket's messages to be as large as permitted, now that the broker has accepted the log-in.
    pub fn admit(&mut self) {
        if let Stream::WebSocket(web) = self {
            web.admit();
        }
    }

    /// Appends what has arrived to `input`. Returns the number of bytes, 0 at the end.
    pub fn poll_read(&mut self, cx: &mut Context<'_>, input: &mut BytesMut) -> Poll<io::Result<usize>> {
        input.reserve(READ_CHUNK);
        // The future holds nothing between two polls, so a new one each time loses nothing.
        match self {
            Stream::Plain(tcp) => pin!(tcp.read_buf(input)).poll(cx),
            Stream::Tls(tls) => pin!(tls.read_buf(input)).poll(cx),
            Stream::WebSocket(web) => pin!(web.read_buf(input)).poll(cx),
            Stream::Other(transport) => pin!(transport.read_buf(input)).poll(cx),
        }
    }

    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, bytes),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, bytes),
            Stream::WebSocket(web) => Pin::new(web.as_mut()).poll_write(cx, bytes),
            Stream::Other(transport) => Pin::new(transport.as_mut()).poll_write(cx, bytes),
        }
    }

    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(_) => Poll::Ready(Ok(())),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
            Stream::WebSocket(web) => Pin::new(web.as_mut()).poll_flush(cx),
            Stream::Other(transport) => Pin::new(transport.as_mut()).poll_flush(cx),
        }
    }

    /// Appends what has arrived to `input` without waiting. Returns the number of bytes, 0 at the end.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if nothing has arrived, and errors of the transport.
    pub async fn read_now(&mut self, input: &mut BytesMut) -> io::Result<usize> {
        match self {
            // Bypassing the runtime, whose path to the socket costs more than the read.
            Stream::Plain(tcp) => {
                let mut bytes = [0; SMALL_READ];
                let read = (&*socket2::SockRef::from(&*tcp)).read(&mut bytes);
                read.inspect(|length| input.extend_from_slice(&bytes[..*length]))
            }
            stream => {
                std::future::poll_fn(|cx| match stream.poll_read(cx, input) {
                    Poll::Ready(read) => Poll::Ready(read),
                    Poll::Pending => Poll::Ready(Err(io::ErrorKind::WouldBlock.into())),
                })
                .await
            }
        }
    }

    /// Makes the runtime poll the transport before [`read_now`](Self::read_now), if that does not do it itself.
    pub async fn refresh(&self) {
        if !matches!(self, Stream::Plain(_)) {
            tokio::task::yield_now().await;
        }
    }

    /// Tells the kernel to acknowledge at once what it receives (Linux).
    ///
    /// I3's broker sends without TCP_NODELAY, so of two small packets the second waits for the acknowledgement of the
    /// first, which the kernel delays by some 40 ms (I3 facts §4): the CONNACK after TLS's session tickets, the echo
    /// after the PUBACK.
    pub fn acknowledge_at_once(&self) {
        // The kernel resumes delaying, so this is repeated before each wait. A failure costs only 40 ms.
        #[cfg(target_os = "linux")]
        if let Some(tcp) = self.tcp() {
            let _ = socket2::SockRef::from(tcp).set_tcp_quickack(true);
        }
    }

    /// Tells the peer that nothing more will come, and leaves the other direction open.
    pub async fn end_output(&mut self) {
        match self.tcp().filter(|_| !matches!(self, Stream::WebSocket(_))) {
            // Without TLS's close_notify, which the broker would leave unread, and so reset the connection.
            Some(tcp) => drop(socket2::SockRef::from(tcp).shutdown(std::net::Shutdown::Write)),
            // A WebSocket ends only when both ends have closed it.
            None => self.shut_down().await,
        }
    }

    /// Closes the layers above TCP; the peer may or may not wait for it.
    pub async fn shut_down(&mut self) {
        let _ = std::future::poll_fn(|cx| self.poll_close(cx)).await;
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(_) => Poll::Ready(Ok(())),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
            Stream::WebSocket(web) => Pin::new(web.as_mut()).poll_shutdown(cx),
            Stream::Other(transport) => Pin::new(transport.as_mut()).poll_shutdown(cx),
        }
    }
}

/// For a WebSocket on top of it.
impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buffer),
            Stream::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buffer),
            Stream::WebSocket(web) => Pin::new(web.as_mut()).poll_read(cx, buffer),
            Stream::Other(transport) => Pin::new(transport.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.get_mut().poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_close(cx)
    }
}
