//! TLS under ureq with the program's own settings: ureq's own settings trust a certificate's key without verification.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use ureq::Error;
use ureq::unversioned::transport::time::{Duration, Instant};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use crate::tls::TlsClient;

/// Wraps a connection to an https address.
#[derive(Clone)]
pub(super) struct TlsConnector {
    /// None if the marketplace's address is not https.
    pub market: Option<TlsClient>,
    /// For an https proxy: without the client certificate, which is for the marketplace. None without such a proxy.
    pub proxy: Option<TlsClient>,
}

impl TlsConnector {
    /// Returns the same failure in plain words, if it is one of this client's TLS.
    pub fn told(client: Option<&TlsClient>, error: io::Error) -> io::Error {
        match client {
            Some(client) => client.told(error),
            None => error,
        }
    }
}

impl<In: Transport> Connector<In> for TlsConnector {
    type Out = Either<In, TlsTransport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else { return Ok(None) };
        if !details.needs_tls() || transport.is_tls() {
            return Ok(Some(Either::A(transport)));
        }
        // A request itself, and the connection to a proxy that reads it, have the settings that name the proxy.
        let is_to_proxy = details.config.proxy().is_none_or(|proxy| proxy.uri() == details.uri);
        let client = self.proxy.as_ref().filter(|_| is_to_proxy).or(self.market.as_ref()).ok_or(Error::TlsRequired)?;
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = ServerName::try_from(host).map_err(|e| Error::Other(Box::new(e)))?.to_owned();
        let connection =
            ClientConnection::new(Arc::clone(&client.config), name).map_err(|e| Error::Other(Box::new(e)))?;
        let mut stream =
            StreamOwned::new(connection, TransportAdapter::new(transport.boxed(), Arc::clone(&details.current_time)));
        stream.sock.set_timeout(time_left(details));
        stream.conn.complete_io(&mut stream.sock)?;
        let (input, output) = (details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(TlsTransport { buffers: LazyBuffers::new(input, output), stream })))
    }
}

/// Returns the remaining time to connect.
pub(super) fn time_left(details: &ConnectionDetails<'_>) -> NextTimeout {
    let after = match (details.timeout.after, (details.current_time)(), details.now) {
        (Duration::Exact(limit), Instant::Exact(now), Instant::Exact(began)) => {
            Duration::Exact(limit.saturating_sub(now.saturating_duration_since(began)))
        }
        (limit, ..) => limit,
    };
    NextTimeout { after, ..details.timeout }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnector").finish_non_exhaustive()
    }
}

/// A connection over TLS.
pub(super) struct TlsTransport {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl Transport for TlsTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.sock.set_timeout(timeout);
        Ok(self.stream.write_all(&self.buffers.output()[..amount])?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.sock.set_timeout(timeout);
        let read = self.stream.read(self.buffers.input_append_buf())?;
        self.buffers.input_appended(read);
        Ok(read > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for TlsTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsTransport").finish_non_exhaustive()
    }
}
