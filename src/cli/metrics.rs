//! `--metrics ADDR`: where Prometheus reads the counters.

use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;

use super::usage::Reason;
use crate::gateway::metrics::server::{ListenError, Server};

/// Options of commands that show their metrics.
#[derive(Args, Clone, Debug)]
pub struct MetricsArgs {
    /// Serve metrics for Prometheus at http://ADDR/metrics; a port alone is on loopback, 0 is any free one
    #[arg(long, value_name = "[ADDRESS:]PORT", value_parser = address, help_heading = "Log")]
    metrics: Option<SocketAddr>,
}

impl MetricsArgs {
    /// Returns a server that listens, if one was asked for.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn listen(&self) -> Result<Option<Server>, ListenError> {
        match self.metrics {
            Some(address) => Server::bind(address).await.map(Some),
            None => Ok(None),
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, Reason> {
    let port = text.strip_prefix("localhost:").unwrap_or(text);
    let loopback = port.parse().map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    loopback
        .or_else(|_| text.parse())
        .map_err(|_| Reason("give a port, or an IP address and a port, such as 0.0.0.0:9464"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_one_of_loopback() {
        for (text, expected) in [
            ("9464", Some("127.0.0.1:9464")),
            ("localhost:9464", Some("127.0.0.1:9464")),
            ("0", Some("127.0.0.1:0")),
            ("0.0.0.0:9464", Some("0.0.0.0:9464")),
            ("[::1]:9464", Some("[::1]:9464")),
            // Values that mean all addresses elsewhere must not be guessed here.
            (":9464", None),
            ("::1:9464", None),
            ("127.0.0.1", None),
            ("99999", None),
            ("http://localhost:9464", None),
            ("", None),
        ] {
            assert_eq!(address(text).ok(), expected.map(|expected| expected.parse().unwrap()), "{text}");
        }
    }
}
