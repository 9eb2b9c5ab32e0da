//! Tests that use the crate, and the program, from outside, in one binary.

mod commands;
mod doctor;
mod exit_status;
mod hard_cases;
mod http;
mod independent;
mod layout;
mod market_client;
mod market_commands;
mod market_cuts;
mod market_tls;
mod mosquitto;
mod program;
mod rendered;
mod sandbox_broker;
mod sandbox_market;
mod silent_failures;
mod spool;
mod spool_chaos;
mod spool_crash;
mod spool_stream;
mod stream_mosquitto;
mod stream_sandbox;
mod stream_scripted;
mod support;
mod wire;
