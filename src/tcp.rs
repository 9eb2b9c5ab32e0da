//! TCP connections to hosts that may have several addresses, also by way of a proxy, and what this process has learnt of those hosts.

mod addresses;
mod hosts;
mod proxy;

pub use addresses::{connect, connect_blocking, in_order};
pub use hosts::{Place, failed, has_spoken_tls, preference, spoke_tls, worked};
pub use proxy::{Proxy, ProxyError, ProxyUrlError};
