//! Tests that use the crate, and the program, from outside, in one binary.

mod commands;
mod exit_status;
mod hard_cases;
mod http;
mod independent;
mod layout;
mod market_client;
mod market_tls;
mod mosquitto;
mod program;
mod rendered;
mod rotation;
mod sandbox_broker;
mod sandbox_market;
mod silent_failures;
mod stream_mosquitto;
mod stream_sandbox;
mod stream_scripted;
mod sub_mosquitto;
mod sub_plot;
mod sub_scripted;
mod support;
mod wire;
