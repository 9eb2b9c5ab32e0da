//! TCP connections to hosts that may have several addresses, also through a proxy, what this process has learnt about
//! those hosts, and
//! which answers by HTTP pass.

mod addresses;
mod hosts;
pub mod http;
mod proxy;
#[cfg(test)]
pub(crate) mod silent;

pub use addresses::{connect, connect_blocking, in_order, is_local, probe_blocking};
pub use hosts::{HostPort, failed, has_spoken_tls, preference, spoke_tls, worked};
pub use proxy::{Proxy, ProxyError, ProxyUrlError};
