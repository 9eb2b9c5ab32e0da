//! The seller's toolkit for I3, the open marketplace for live IoT data.
//!
//! Modules are in layers, each using only those below it: names, addresses and files; keys, tokens, credentials and
//! configuration; the marketplace's and the broker's protocols; the publisher and the sandbox; the command line.
// Allowed in four places: `mqtt::kernel`, `cli::signals`, `cli::prompt::signals`, and `agent::socket` where that is not Linux.
#![deny(unsafe_code)]

#[cfg(not(unix))]
compile_error!(
    "i3 needs a Unix system, such as Linux or macOS: its agent, its signals and the protection of its key files are Unix's. \
     On Windows, build and run it in WSL."
);

pub mod access;
pub mod account;
pub mod agent;
pub mod authority;
pub mod broker_url;
pub mod catalogue;
pub mod cli;
pub mod clock;
pub mod collation;
pub mod commands;
pub mod config;
pub mod doctor;
pub mod fsio;
pub mod gateway;
pub mod guard;
pub mod json_field;
pub mod key;
pub mod login;
pub mod market;
pub mod market_url;
pub mod misread;
pub mod mqtt;
pub mod name;
pub mod password_hash;
pub mod pkcs11;
pub mod publisher;
pub mod rotation;
pub mod sandbox;
pub mod secret;
pub mod shell;
pub mod signer;
pub mod spool;
pub mod subscriber;
pub mod tcp;
pub mod text;
pub mod tls;
pub mod token;
