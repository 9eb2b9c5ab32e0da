//! The route to the marketplace under ureq: directly, or through a proxy.

use std::fmt;

use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, NextTimeout, SocksConnector, Transport,
};

use super::proxy::ProxyMethod;
use super::tcp::TcpConnector;
use super::transport::TlsConnector;

/// There is no connection to the proxy, or the exchange before a request failed.
#[derive(Debug, thiserror::Error)]
#[error("the proxy does not answer as expected")]
pub(super) struct AtProxy(pub Error);

/// Connects through a proxy, if the settings name one.
#[derive(Debug)]
pub(super) struct ProxyConnector {
    pub method: Option<ProxyMethod>,
    pub tcp: TcpConnector,
    pub tls: TlsConnector,
}

impl<In: Transport> Connector<In> for ProxyConnector {
    type Out = Either<In, Box<dyn Transport>>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(transport) = chained {
            return Ok(Some(Either::A(transport)));
        }
        // For the connection to the proxy itself the settings name none.
        let (Some(method), Some(proxy)) = (self.method, details.config.proxy()) else { return Ok(None) };
        let nothing = None::<Box<dyn Transport>>;
        let connected = match method {
            ProxyMethod::Forward => self.to_forwarder(details, proxy).map(Some),
            ProxyMethod::Tunnel => {
                let tunnel = ConnectProxyConnector::default().connect(details, nothing);
                tunnel.map(|tunnel| tunnel.map(Transport::boxed))
            }
            ProxyMethod::Socks => {
                let tunnel = SocksConnector::default().connect(details, nothing);
                tunnel.map(|tunnel| tunnel.map(Transport::boxed))
            }
        };
        match connected {
            Ok(transport) => Ok(transport.map(Either::B)),
            Err(e @ (Error::Timeout(_) | Error::ConnectProxyFailed(_))) => Err(e),
            Err(e) => Err(Error::Other(Box::new(AtProxy(e)))),
        }
    }
}

impl ProxyConnector {
    /// Connects to a proxy that passes requests on, which ureq cannot.
    fn to_forwarder(&self, details: &ConnectionDetails<'_>, proxy: &ureq::Proxy) -> Result<Box<dyn Transport>, Error> {
        let to_proxy = ConnectionDetails {
            uri: proxy.uri(),
            addrs: details.resolver.resolve(proxy.uri(), details.config, details.timeout)?,
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let tcp = Connector::<()>::connect(&self.tcp, &to_proxy, None)?;
        let inner = self.tls.connect(&to_proxy, tcp)?.ok_or(Error::ConnectionFailed)?.boxed();
        let uri = details.uri;
        let (scheme, authority) = (uri.scheme_str().unwrap_or("http"), uri.authority().ok_or(Error::HostNotFound)?);
        Ok(Forwarded { inner, origin: Some(format!("{scheme}://{authority}")) }.boxed())
    }
}

/// A connection for one request to a proxy that passes it on. ureq writes a path as the target; the origin is put before it.
struct Forwarded {
    inner: Box<dyn Transport>,
    /// None once it is written.
    origin: Option<String>,
}

impl Transport for Forwarded {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let amount = match self.origin.take() {
            Some(origin) => put_origin(self.inner.buffers().output(), amount, origin.as_bytes())?,
            None => amount,
        };
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Puts `origin` before the target of a request that begins in `output` and has `amount` bytes there; returns how many it then
/// has.
fn put_origin(output: &mut [u8], amount: usize, origin: &[u8]) -> Result<usize, Error> {
    let target = memchr::memchr(b' ', &output[..amount]).map_or(0, |space| space + 1);
    let whole = amount + origin.len();
    if target == 0 || whole > output.len() {
        return Err(Error::LargeResponseHeader(whole, output.len()));
    }
    output.copy_within(target..amount, target + origin.len());
    output[target..target + origin.len()].copy_from_slice(origin);
    Ok(whole)
}

impl fmt::Debug for Forwarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forwarded").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::put_origin;

    #[test]
    fn the_origin_stands_before_the_target_alone() {
        let mut output = [0; 64];
        let request = b"GET /hubs/ HTTP/1.1\r\nA: /\r\n\r\n";
        output[..request.len()].copy_from_slice(request);
        let whole = put_origin(&mut output, request.len(), b"http://h:8000").unwrap();
        assert_eq!(&output[..whole], b"GET http://h:8000/hubs/ HTTP/1.1\r\nA: /\r\n\r\n");
        assert!(put_origin(&mut output[..50], request.len(), &[b'x'; 30]).is_err());
        assert!(put_origin(&mut output, 3, b"x").is_err());
    }
}
