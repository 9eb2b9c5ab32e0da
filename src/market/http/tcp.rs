//! TCP under ureq: the addresses of a host race, as the broker's do, where ureq tries one after another.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

use super::transport::time_left;
use crate::tcp;

/// No connection was made, so nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("no connection")]
pub(super) struct NoConnection(#[source] pub io::Error);

/// The server speaks TLS on a connection that should be plain.
#[derive(Debug, thiserror::Error)]
#[error("the server speaks TLS")]
pub(super) struct SpeaksTls;

/// The beginning of a TLS alert (RFC 8446 §5.1): some servers answer plain HTTP with one.
const ALERT: [u8; 2] = [0x15, 0x03];

/// Where the last connection led.
#[derive(Debug)]
struct Peer {
    host: String,
    address: SocketAddr,
}

/// Connects to the address of a host that answers first; the one that worked last is tried first.
#[derive(Debug, Clone, Default)]
pub(super) struct TcpConnector(Arc<Mutex<Option<Peer>>>);

impl TcpConnector {
    /// Notes whether an answer came over the last connection.
    pub fn note(&self, answered: bool) {
        let Some(Peer { host, address }) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        let note = if answered { tcp::worked } else { tcp::failed };
        note((&host, address.port()), address.ip());
    }
}

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, TcpTransport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        let host = details.uri.host().unwrap_or_default();
        let port = details.addrs.first().map_or(0, SocketAddr::port);
        let addresses = tcp::in_order(details.addrs.iter().copied(), tcp::preference((host, port)));
        let stream = tcp::connect_blocking(&addresses, *time_left(details).after).map_err(|e| match e.kind() {
            io::ErrorKind::TimedOut => Error::Timeout(details.timeout.reason),
            _ => Error::Other(Box::new(NoConnection(e))),
        })?;
        stream.set_nodelay(true)?;
        let peer = Peer { host: host.into(), address: stream.peer_addr()? };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(peer);
        let (input, output) = (details.config.input_buffer_size(), details.config.output_buffer_size());
        let unread = !details.needs_tls();
        Ok(Some(Either::B(TcpTransport { stream, buffers: LazyBuffers::new(input, output), unread })))
    }
}

/// A TCP connection for one request.
pub(super) struct TcpTransport {
    stream: TcpStream,
    buffers: LazyBuffers,
    /// Whether it is plain and nothing was read yet.
    unread: bool,
}

impl Transport for TcpTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.set_write_timeout(Some(*within(timeout)?.after))?;
        self.stream.write_all(&self.buffers.output()[..amount]).map_err(|e| failed(e, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.set_read_timeout(Some(*within(timeout)?.after))?;
        let input = self.buffers.input_append_buf();
        let read = loop {
            match self.stream.read(input) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(|e| failed(e, timeout))?,
            }
        };
        if std::mem::take(&mut self.unread) && input[..read].starts_with(&ALERT) {
            return Err(Error::Other(Box::new(SpeaksTls)));
        }
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    /// Whether it may be used for another request: it never is.
    fn is_open(&mut self) -> bool {
        false
    }
}

/// Returns the timeout unless it is over: the system treats zero as none.
fn within(timeout: NextTimeout) -> Result<NextTimeout, Error> {
    if timeout.after.is_zero() { Err(Error::Timeout(timeout.reason)) } else { Ok(timeout) }
}

fn failed(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        // The error of a read or write that takes too long.
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => Error::Io(error),
    }
}

impl fmt::Debug for TcpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpTransport").finish_non_exhaustive()
    }
}
