//! TCP connections to hosts that may have several addresses, also by way of a proxy, what this process has learnt of those hosts, and
//! which answers by HTTP pass.

mod addresses;
mod hosts;
pub mod http;
mod proxy;
#[cfg(test)]
pub(crate) mod silent;

pub use addresses::{connect, connect_blocking, in_order, is_local, probe_blocking};
pub use hosts::{Place, failed, has_spoken_tls, preference, spoke_tls, worked};
pub use proxy::{Proxy, ProxyError, ProxyUrlError};
