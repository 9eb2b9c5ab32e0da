//! Shared support for the integration tests.

pub mod between;
pub mod clock;
pub mod folder;
pub mod front;
pub mod gateway;
pub mod http_server;
pub mod line_mode;
pub mod link;
pub mod lock_holder;
#[cfg(feature = "nats")]
pub mod nats;
pub mod pty;
pub mod recording_broker;
pub mod reserved_port;
pub mod schema;
pub mod screen;
pub mod scripted_broker;
pub mod skipped;
#[cfg(feature = "pkcs11")]
pub mod softhsm;
pub mod tap;
pub mod tls_server;
pub mod victim;
