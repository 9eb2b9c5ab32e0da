//! Tests that use the crate from outside, in one binary.

mod http;
mod sandbox_broker;
mod sandbox_market;
mod wire;
