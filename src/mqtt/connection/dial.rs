//! The way to a broker: its host name resolved, a TCP connection opened, the TLS handshake done.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::ConnectError;
use super::stream::Stream;
use crate::broker_url::BrokerUrl;
use crate::tls;

/// Where to connect, and the TLS configuration if `url.tls` is set.
#[derive(Clone)]
pub struct Endpoint {
    pub url: BrokerUrl,
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// Resolves, connects and shakes hands, all by `deadline`.
///
/// # Errors
/// [`ConnectError`], naming the step that failed.
pub async fn dial(endpoint: &Endpoint, deadline: Instant) -> Result<Stream, ConnectError> {
    let url = &endpoint.url;
    let late = |during| ConnectError::Timeout { url: url.clone(), during };
    let tcp = timeout_at(deadline, connect_tcp(url)).await.map_err(|_| late("TCP connection"))??;
    Ok(match &endpoint.tls {
        None => Stream::Plain(tcp),
        Some(config) => {
            let tls = timeout_at(deadline, shake_hands(url, Arc::clone(config), tcp));
            Stream::Tls(Box::new(tls.await.map_err(|_| late("TLS handshake"))??))
        }
    })
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
