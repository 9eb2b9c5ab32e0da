//! The seller's toolkit for I3.

pub mod broker_url;
pub mod fsio;
pub mod mqtt;
pub mod name;
pub mod sandbox;
pub mod secret;
