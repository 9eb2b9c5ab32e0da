//! What several integration tests stand on.

pub mod http_server;
