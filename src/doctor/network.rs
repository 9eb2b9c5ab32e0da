//! The network: a host's addresses, and which of them accepts a connection.

use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

/// Resolves a host and tries its addresses; returns what was observed.
pub(super) fn reach(host: &str, port: u16, timeout: Duration) -> Vec<String> {
    let addresses: Vec<_> = match (host, port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => return vec![format!("DNS: no address for {host} ({error})")],
    };
    let shown: Vec<String> = addresses.iter().map(|address| address.ip().to_string()).collect();
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    let mut evidence =
        if is_address { Vec::new() } else { vec![format!("DNS: {host} has the address {}", shown.join(", "))] };
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout.max(Duration::from_millis(1))) {
            Ok(_) => {
                evidence.push(format!("TCP: {address} accepts connections"));
                break;
            }
            Err(error) => evidence.push(format!("TCP: {address}: {error}")),
        }
    }
    evidence
}
