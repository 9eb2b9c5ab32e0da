//! The seller's toolkit for I3.

pub mod broker_url;
pub mod fsio;
pub mod market;
pub mod mqtt;
pub mod name;
pub mod password_hash;
pub mod secret;
pub mod tls;
