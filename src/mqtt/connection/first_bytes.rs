//! A TCP connection that remembers the first received bytes, which distinguish TLS from anything else.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How many bytes are remembered.
const KEPT: usize = 2;

/// The connection, otherwise unchanged.
pub struct FirstBytes {
    tcp: TcpStream,
    bytes: [u8; KEPT],
    kept: usize,
}

impl FirstBytes {
    pub fn of(tcp: TcpStream) -> FirstBytes {
        FirstBytes { tcp, bytes: [0; KEPT], kept: 0 }
    }

    pub fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// Returns whether what has arrived begins a TLS record of a handshake or an alert (RFC 8446 §5.1); `None` if nothing has.
    pub fn are_tls(&self) -> Option<bool> {
        match self.bytes[..self.kept] {
            [] => None,
            [kind] => Some(is_kind(kind)),
            [kind, version, ..] => Some(is_kind(kind) && version == 3),
        }
    }
}

fn is_kind(byte: u8) -> bool {
    matches!(byte, 0x15 | 0x16)
}

impl AsyncRead for FirstBytes {
    #[inline]
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.tcp).poll_read(cx, buffer);
        if self.kept < KEPT {
            for byte in buffer.filled()[before..].iter().take(KEPT - self.kept) {
                let at = self.kept;
                self.bytes[at] = *byte;
                self.kept += 1;
            }
        }
        result
    }
}

impl AsyncWrite for FirstBytes {
    #[inline]
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write(cx, bytes)
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tcp).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
