//! What several integration tests stand on.

pub mod between;
pub mod http_server;
