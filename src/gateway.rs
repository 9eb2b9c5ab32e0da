//! The gateway: messages from where a seller's data already is, published as the seller's devices.
//!
//! A message is acknowledged at its source once I3's broker has acknowledged it, so if the gateway ends for any reason,
//! the source delivers it again. Messages that can never be delivered are set aside, and hold up nothing.

mod device;
mod device_host;
pub mod filter;
mod host;
pub mod metrics;
mod mqtt;
#[cfg(feature = "nats")]
mod nats;
mod nats_error;
mod pacer;
pub mod plan;
mod queue;
mod queued;
mod receipt;
mod router;
mod running;
mod sessions;
mod shared;
mod spool;

pub use host::{Event, GatewayHost, Rejected};
pub use nats_error::NatsError;
pub use running::{GatewayRequest, run};
pub use sessions::SessionsPlace;
pub use shared::Options;
