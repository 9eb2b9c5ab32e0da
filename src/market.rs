//! The marketplace's client: the pages and forms of a log-in session, the REST API, and changes over either.

pub mod auth;
pub mod change;
pub mod client;
pub mod credential;
pub mod deals;
pub mod device;
pub mod http;
pub mod hub;
pub mod model;
pub mod notifications;
pub mod page;
pub mod product;
pub mod purchase;
pub mod reason;
pub mod requests;
pub mod rest;
pub mod signup;
mod site;
pub mod text;
pub mod web;

pub use crate::market_url::{MarketUrl, MarketUrlError};
pub use site::Market;
