//! The way to a broker: its host name resolved, a TCP connection opened, the TLS handshake done.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::error::ConnectError;
use super::first_bytes::FirstBytes;
use super::stream::Stream;
use crate::broker_url::BrokerUrl;
use crate::clock;
use crate::{tcp, tls};

/// Where to connect, and the TLS configuration if `url.tls` is set.
#[derive(Clone)]
pub struct Endpoint {
    pub url: BrokerUrl,
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// Resolves, connects and shakes hands, all by `deadline`. Returns the address as well.
///
/// # Errors
/// [`ConnectError`], naming the step that failed.
pub async fn dial(endpoint: &Endpoint, deadline: Instant) -> Result<(Stream, IpAddr), ConnectError> {
    let url = &endpoint.url;
    let tcp = connect_tcp(url, deadline).await?;
    let unreachable = |source| ConnectError::Unreachable { url: url.clone(), source };
    tcp.set_nodelay(true).map_err(unreachable)?;
    let address = tcp.peer_addr().map_err(unreachable)?.ip();
    let Some(config) = &endpoint.tls else { return Ok((Stream::Plain(tcp), address)) };
    let tls = match timeout_at(deadline, shake_hands(url, Arc::clone(config), tcp)).await {
        Ok(result) => result,
        Err(_) => Err(ConnectError::Timeout { url: url.clone(), during: "TLS handshake" }),
    };
    let tls = tls.inspect_err(|_| tcp::failed(url.place(), address))?;
    Ok((Stream::Tls(Box::new(tls)), address))
}

async fn connect_tcp(url: &BrokerUrl, deadline: Instant) -> Result<TcpStream, ConnectError> {
    let resolve = |source| ConnectError::Resolve { host: url.host.clone(), source };
    let late = |during| ConnectError::Timeout { url: url.clone(), during };
    let found: Vec<SocketAddr> = if url.host.eq_ignore_ascii_case("localhost") {
        // This name means loopback whatever a resolver says (RFC 6761 §6.3); asking one takes a thread.
        vec![(Ipv4Addr::LOCALHOST, url.port).into(), (Ipv6Addr::LOCALHOST, url.port).into()]
    } else {
        let found = timeout_at(deadline, tokio::net::lookup_host((url.host.as_str(), url.port))).await;
        found.map_err(|_| late("look-up of the host's name"))?.map_err(resolve)?.collect()
    };
    let addresses = tcp::in_order(found, tcp::preference(url.place()));
    match tcp::connect(&addresses, deadline).await {
        Ok(tcp) => Ok(tcp),
        Err(_) if addresses.is_empty() => Err(resolve(io::ErrorKind::NotFound.into())),
        Err(_) if addresses.len() == 1 && Instant::now() >= deadline => Err(late("TCP connection")),
        Err(source) => Err(ConnectError::Unreachable { url: url.clone(), source }),
    }
}

async fn shake_hands(
    url: &BrokerUrl,
    config: Arc<rustls::ClientConfig>,
    tcp: TcpStream,
) -> Result<TlsStream<FirstBytes>, ConnectError> {
    // The zone of an address says something to this machine only.
    let host = url.host.split('%').next().unwrap_or_default();
    let name = ServerName::try_from(host.to_string())
        .map_err(|e| ConnectError::Tls { url: url.clone(), source: io::Error::new(io::ErrorKind::InvalidInput, e) })?;
    match TlsConnector::from(config).connect(name, FirstBytes::of(tcp)).into_fallible().await {
        Ok(tls) => {
            tcp::spoke_tls(url.place());
            Ok(tls)
        }
        Err((error, connection)) => Err(handshake_failed(url, error, connection.are_tls())),
    }
}

/// Says what a failed handshake means. `are_tls`: whether the peer's first bytes are TLS, if any came.
fn handshake_failed(url: &BrokerUrl, error: io::Error, are_tls: Option<bool>) -> ConnectError {
    if are_tls == Some(true) {
        tcp::spoke_tls(url.place());
    }
    let has_spoken_tls = tcp::has_spoken_tls(url.place());
    let url = url.clone();
    if are_tls == Some(false) {
        return ConnectError::NotTls { url, has_spoken_tls };
    }
    if tls::is_cut(&error) {
        return ConnectError::HandshakeCut { url, source: error, has_spoken_tls };
    }
    let doubt = tls::invalid_at(&error).and_then(clock::doubt);
    let source = tls::told(error);
    match doubt {
        Some(doubt) => ConnectError::Clock { url, doubt, source },
        None => ConnectError::Tls { url, source },
    }
}
