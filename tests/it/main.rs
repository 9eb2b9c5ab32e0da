//! The one binary of the integration tests.

mod market_client;
mod market_tls;
mod support;
