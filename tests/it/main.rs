//! Tests that use the crate, and the program, from outside, in one binary.

mod http;
mod market_client;
mod market_tls;
mod rendered;
mod sandbox_broker;
mod sandbox_market;
mod stream_mosquitto;
mod stream_sandbox;
mod stream_scripted;
mod support;
mod wire;
