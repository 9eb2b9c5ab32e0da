//! TCP connections to hosts that may have several addresses, also through a proxy, and what this process has learnt about
//! those hosts.

mod addresses;
mod hosts;
mod proxy;
#[cfg(test)]
pub(crate) mod silent;

pub use addresses::{connect, connect_blocking, in_order, probe_blocking};
pub use hosts::{HostPort, failed, has_spoken_tls, preference, spoke_tls, worked};
pub use proxy::{Proxy, ProxyError, ProxyUrlError};
