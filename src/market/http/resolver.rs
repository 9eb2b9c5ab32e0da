//! Looks up the addresses of names, with failures that differ from those of a connection.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::mpsc;

use ureq::Error;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Looks up names as the system does. ureq's own resolver panics if the system grants no thread.
#[derive(Debug, Default)]
pub(super) struct Names(DefaultResolver);

/// The look-up of a host's name failed.
#[derive(Debug, thiserror::Error)]
#[error("the host {host} is not found")]
pub(super) struct NoAddress {
    pub host: String,
    pub source: io::Error,
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let no_address = |source| Error::Other(Box::new(NoAddress { host: host.into(), source }));
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else { return Err(Error::HostNotFound) };
        let address = DefaultResolver::host_and_port(scheme, authority).ok_or(Error::HostNotFound)?;
        let found: Vec<SocketAddr> = match address.parse() {
            Ok(numeric) => vec![numeric],
            // The system's look-up knows no timeout, so it runs on a separate thread that may be abandoned.
            Err(_) => {
                let (sender, receiver) = mpsc::sync_channel(1);
                let look_up = move || _ = sender.send(address.to_socket_addrs().map(Iterator::collect));
                std::thread::Builder::new().name("i3-names".into()).spawn(look_up).map_err(no_address)?;
                let found: io::Result<Vec<_>> =
                    receiver.recv_timeout(*timeout.after).map_err(|_| Error::Timeout(timeout.reason))?;
                found.map_err(no_address)?
            }
        };
        let mut addresses = self.0.empty();
        // As many as ureq makes room for.
        for address in config.ip_family().keep_wanted(found.into_iter()).take(MOST) {
            addresses.push(address);
        }
        if addresses.is_empty() { Err(no_address(io::ErrorKind::NotFound.into())) } else { Ok(addresses) }
    }
}

/// Most addresses that are tried.
const MOST: usize = 16;
