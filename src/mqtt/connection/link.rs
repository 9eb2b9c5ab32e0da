//! A transport with buffers in both directions: bytes that were read but not yet taken, and bytes to be written.

use std::io;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use tokio::time::Instant;

use super::error::ConnectionError;
use super::stream::Stream;
use crate::mqtt::kernel;

pub struct Link {
    pub stream: Stream,
    pub input: BytesMut,
    pub output: BytesMut,
    /// Queued bytes that were written, to TLS if there is TLS.
    written: u64,
    unflushed: bool,
    pub last_sent: Instant,
    pub last_received: Instant,
}

impl Link {
    pub fn new(stream: Stream) -> Link {
        let now = Instant::now();
        Link {
            stream,
            input: BytesMut::new(),
            output: BytesMut::new(),
            written: 0,
            unflushed: false,
            last_sent: now,
            last_received: now,
        }
    }

    /// Returns how many bytes have been queued so far, including those written.
    pub fn position(&self) -> u64 {
        self.written + self.output.len() as u64
    }

    /// Returns how many bytes have really been sent, on the scale of [`position`](Self::position).
    pub fn left(&self) -> u64 {
        let waiting = self.stream.tcp().and_then(kernel::unacknowledged).unwrap_or(0);
        // The bytes that TLS holds back are unknown.
        self.written.saturating_sub(waiting.max(self.unflushed.into()))
    }

    /// Returns whether anything is queued, or held back by TLS.
    pub fn is_writing(&self) -> bool {
        self.unflushed || !self.output.is_empty()
    }

    /// Writes all queued bytes. May be cancelled and called again.
    pub async fn flush(&mut self) -> Result<(), ConnectionError> {
        std::future::poll_fn(|cx| self.poll_write(cx)).await
    }

    /// Writes as many queued bytes as the transport accepts at once. Returns whether those are all.
    pub async fn flush_some(&mut self) -> Result<bool, ConnectionError> {
        let written = std::future::poll_fn(|cx| {
            Poll::Ready(match self.poll_write(cx) {
                Poll::Ready(result) => result.map(|()| true),
                Poll::Pending => Ok(false),
            })
        });
        written.await
    }

    /// Blocks the thread for `pause`, then reads what has arrived meanwhile. Returns whether anything came.
    pub async fn gather(&mut self, pause: Duration) -> Result<bool, ConnectionError> {
        std::thread::sleep(pause);
        self.stream.acknowledge_at_once();
        self.stream.refresh().await;
        let heard = self.read_now().await?;
        if heard {
            // Reading the first packet acknowledges it, and the others come. If the connection ends here, the bytes that
            // have arrived matter more; the next read meets the end again.
            let _ = self.read_now().await;
        }
        Ok(heard)
    }

    /// Reads what has arrived. Returns whether there was anything.
    async fn read_now(&mut self) -> Result<bool, ConnectionError> {
        match self.stream.read_now(&mut self.input).await {
            Ok(0) => Err(ConnectionError::Closed),
            Ok(_) => {
                self.last_received = Instant::now();
                Ok(true)
            }
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    pub fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
        if ready!(self.stream.poll_read(cx, &mut self.input))? == 0 {
            return Poll::Ready(Err(ConnectionError::Closed));
        }
        self.last_received = Instant::now();
        Poll::Ready(Ok(()))
    }

    pub fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ConnectionError>> {
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
}
