//! The network: a host's addresses, and which of them accept connections.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

use crate::tcp;

/// Most addresses that are tried.
const MOST: usize = 16;

/// Resolves a host and tries its addresses as a connection would; returns what was observed.
pub(super) fn reach(host: &str, port: u16, timeout: Duration) -> Vec<String> {
    let found: Vec<SocketAddr> = match (host, port).to_socket_addrs() {
        Ok(found) => found.collect(),
        Err(error) => return vec![format!("DNS: no address for {host} ({error})")],
    };
    let addresses = tcp::in_order(found, tcp::preference((host, port)));
    let mut evidence = Vec::new();
    if host.parse::<IpAddr>().is_err() {
        let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
        evidence.push(format!("DNS: {host} has the address {}", shown.join(", ")));
    }
    evidence.extend(tried(&addresses[..addresses.len().min(MOST)], timeout));
    evidence
}

/// Tries these addresses, and returns the result for each.
fn tried(addresses: &[SocketAddr], timeout: Duration) -> Vec<String> {
    let seen = match tcp::probe_blocking(addresses, timeout) {
        Ok(seen) => seen,
        Err(error) => return vec![format!("TCP: {error}")],
    };
    let told = addresses.iter().zip(seen).map(|(address, came)| match came {
        Some(Ok(())) => format!("TCP: {address} accepts connections"),
        Some(Err(error)) => format!("TCP: {address}: {error}"),
        None => format!("TCP: {address}: no answer in time"),
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;
    use crate::tcp::silent::Silent;

    /// Within a runtime, as the checks run.
    #[tokio::test]
    async fn every_address_is_told_with_what_came_of_it() {
        let (silent, open) = (Silent::new(), TcpListener::bind("127.0.0.1:0").unwrap());
        let open = open.local_addr().map(|address| (open, address)).unwrap();
        // Nobody listens on port 1.
        let addresses = [silent.address(), "127.0.0.1:1".parse().unwrap(), open.1];
        let told = tried(&addresses, Duration::from_secs(60));
        assert_eq!(told[0], format!("TCP: {}: no answer in time", silent.address()));
        assert!(told[1].starts_with("TCP: 127.0.0.1:1: Connection refused"), "{}", told[1]);
        assert_eq!(told[2..], [format!("TCP: {} accepts connections", open.1)]);
        assert_eq!(reach("127.0.0.1", open.1.port(), Duration::from_secs(60)), told[2..]);
        let named = reach("localhost", open.1.port(), Duration::from_secs(60));
        assert!(named[0].starts_with("DNS: localhost has the address ") && named.contains(&told[2]), "{named:?}");
    }
}
