//! Connects to a broker: resolves its host name, opens a TCP connection, directly or through a proxy, and does the
//! handshakes of TLS and WebSocket.

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
use super::websocket::{Headers, WebSocket, WebSocketError};
use crate::broker_url::BrokerUrl;
use crate::clock;
use crate::tcp::{Proxy, ProxyError};
use crate::tls::TlsClient;
use crate::{tcp, tls};

/// Where to connect and how, and the TLS configuration if `url.tls` is set.
#[derive(Clone)]
pub struct Endpoint {
    pub url: BrokerUrl,
    pub tls: Option<TlsClient>,
    pub route: BrokerRoute,
}

impl Endpoint {
    /// An address to connect to directly.
    pub fn direct(url: BrokerUrl, tls: Option<TlsClient>) -> Endpoint {
        Endpoint { url, tls, route: BrokerRoute::default() }
    }

    /// Returns the same failure in plain words, if it is one of TLS.
    pub fn told(&self, error: io::Error) -> io::Error {
        match &self.tls {
            Some(tls) => tls.told(error),
            None => error,
        }
    }
}

/// The route between this machine and a broker, and the data sent on it.
#[derive(Debug, Clone, Default)]
pub struct BrokerRoute {
    pub proxy: Option<Proxy>,
    /// Whether the proxy applies to a broker on this machine, too, because it was given for this connection.
    pub proxies_loopback: bool,
    /// The name that the broker's certificate is for, if not the host's.
    pub server_name: Option<ServerName<'static>>,
    /// Header fields for the handshake of a WebSocket.
    pub headers: Headers,
    /// The address of this machine to connect from, or its name.
    pub bind: Option<String>,
}

impl BrokerRoute {
    /// Returns the proxy for this broker.
    pub fn proxy_to(&self, url: &BrokerUrl) -> Option<&Proxy> {
        self.proxy.as_ref().filter(|_| self.proxies_loopback || !url.is_loopback())
    }
}

/// Resolves, connects and shakes hands, all by `deadline`. Returns the broker's address as well, if it is known here. `max_packet`
/// bounds the messages of a WebSocket, in bytes.
///
/// # Errors
/// [`ConnectError`], naming the step that failed.
pub async fn dial(
    endpoint: &Endpoint,
    max_packet: usize,
    deadline: Instant,
) -> Result<(Stream, Option<IpAddr>), ConnectError> {
    let Endpoint { url, tls, route } = endpoint;
    let from = local_addresses(route, url, deadline).await?;
    let (tcp, address) = match route.proxy_to(url) {
        Some(proxy) => {
            let host = url.host.split('%').next().unwrap_or_default();
            let tcp = proxy.connect(host, url.port, &from, deadline).await;
            let failed = |source| match source {
                ProxyError::Unreachable(source) if tcp::is_local(&source) => not_from(route, url, source),
                source => ConnectError::Proxy { url: url.clone(), proxy: Box::new(proxy.clone()), source },
            };
            (tcp.map_err(failed)?, None)
        }
        None => {
            let tcp = connect_tcp(url, &from, deadline).await.map_err(|failure| match failure {
                ConnectError::Unreachable { source, .. } if tcp::is_local(&source) => not_from(route, url, source),
                failure => failure,
            })?;
            let unreachable = |source| ConnectError::Unreachable { url: url.clone(), source };
            tcp.set_nodelay(true).map_err(unreachable)?;
            let address = tcp.peer_addr().map_err(unreachable)?.ip();
            (tcp, Some(address))
        }
    };
    let late = |during| ConnectError::Timeout { url: url.clone(), during };
    let shaking = async {
        let stream = match tls {
            Some(tls) => {
                let shaken = shake_hands(url, route, tls, tcp);
                Stream::Tls(Box::new(timeout_at(deadline, shaken).await.map_err(|_| late("TLS handshake"))??))
            }
            None => Stream::Plain(tcp),
        };
        if url.path.is_none() {
            return Ok(stream);
        }
        let opened = timeout_at(deadline, WebSocket::open(stream, url, &route.headers, max_packet)).await;
        let opened = opened.map_err(|_| late("WebSocket handshake"))?;
        Ok(Stream::WebSocket(Box::new(opened.map_err(|e| web_failed(endpoint, e))?)))
    };
    let stream = shaking.await.inspect_err(|_| {
        if let Some(address) = address {
            tcp::failed(url.place(), address);
        }
    })?;
    Ok((stream, address))
}

/// A WebSocket that could not be established, or TLS below it that ended then: TLS 1.3 reports a missing client
/// certificate that late.
fn web_failed(endpoint: &Endpoint, error: io::Error) -> ConnectError {
    let url = endpoint.url.clone();
    match (WebSocketError::of(&error), tls::fault(&error)) {
        (Some(source), _) => ConnectError::WebSocket { url, source: source.clone() },
        (None, Some(_)) => ConnectError::Tls { url, source: endpoint.told(error) },
        (None, None) => ConnectError::Unreachable { url, source: error },
    }
}

/// Returns the addresses of this machine to connect from; none leaves the choice to the system.
async fn local_addresses(route: &BrokerRoute, url: &BrokerUrl, deadline: Instant) -> Result<Vec<IpAddr>, ConnectError> {
    let Some(host) = &route.bind else { return Ok(Vec::new()) };
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let found = timeout_at(deadline, tokio::net::lookup_host((host.as_str(), 0))).await;
    let late = |_| ConnectError::Timeout { url: url.clone(), during: "look-up of the address to connect from" };
    let resolve = |source| not_from(route, url, source);
    Ok(found.map_err(late)?.map_err(resolve)?.map(|address| address.ip()).collect())
}

fn not_from(route: &BrokerRoute, url: &BrokerUrl, source: io::Error) -> ConnectError {
    ConnectError::LocalAddress { url: url.clone(), from: route.bind.clone().unwrap_or_default(), source }
}

async fn connect_tcp(url: &BrokerUrl, from: &[IpAddr], deadline: Instant) -> Result<TcpStream, ConnectError> {
    let resolve = |source| ConnectError::Resolve { host: url.host.clone(), source };
    let late = |during| ConnectError::Timeout { url: url.clone(), during };
    let found: Vec<SocketAddr> = if url.host.eq_ignore_ascii_case("localhost") {
        // This name always means loopback (RFC 6761 §6.3); asking a resolver takes a thread.
        vec![(Ipv4Addr::LOCALHOST, url.port).into(), (Ipv6Addr::LOCALHOST, url.port).into()]
    } else {
        let found = timeout_at(deadline, tokio::net::lookup_host((url.host.as_str(), url.port))).await;
        found.map_err(|_| late("look-up of the host's name"))?.map_err(resolve)?.collect()
    };
    let addresses = tcp::in_order(found, tcp::preference(url.place()));
    match tcp::connect(&addresses, from, deadline).await {
        Ok(tcp) => Ok(tcp),
        Err(_) if addresses.is_empty() => Err(resolve(io::ErrorKind::NotFound.into())),
        Err(_) if addresses.len() == 1 && Instant::now() >= deadline => Err(late("TCP connection")),
        Err(source) => Err(ConnectError::Unreachable { url: url.clone(), source }),
    }
}

async fn shake_hands(
    url: &BrokerUrl,
    route: &BrokerRoute,
    tls: &TlsClient,
    tcp: TcpStream,
) -> Result<TlsStream<FirstBytes>, ConnectError> {
    // The zone of an address is meaningful only on this machine.
    let host = url.host.split('%').next().unwrap_or_default();
    let name = match &route.server_name {
        Some(name) => name.clone(),
        None => ServerName::try_from(host.to_string()).map_err(|e| ConnectError::Tls {
            url: url.clone(),
            source: io::Error::new(io::ErrorKind::InvalidInput, e),
        })?,
    };
    let connector = TlsConnector::from(Arc::clone(&tls.config));
    match connector.connect(name, FirstBytes::of(tcp)).into_fallible().await {
        Ok(stream) => {
            tcp::spoke_tls(url.place());
            Ok(stream)
        }
        Err((error, connection)) => Err(handshake_failed(url, error, connection.are_tls(), tls)),
    }
}

/// Returns the meaning of a failed handshake. `are_tls`: whether the peer's first bytes are TLS, if any came.
fn handshake_failed(url: &BrokerUrl, error: io::Error, are_tls: Option<bool>, client: &TlsClient) -> ConnectError {
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
    let source = client.told(error);
    match doubt {
        Some(doubt) => ConnectError::Clock { url, doubt, source },
        None => ConnectError::Tls { url, source },
    }
}
