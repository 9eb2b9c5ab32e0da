//! The messages of a NATS JetStream stream, from a durable pull consumer that any number of gateways share.
//!
//! An unacknowledged message comes again, to any gateway that asks. So each is acknowledged when it is delivered, the server
//! is notified of the progress of waiting ones, and messages that a slow device cannot take are given back for a while.

mod catch_up;
mod consumer;
mod dispatcher;
mod exchange;
mod ledger;
mod outcomes;
mod pull;
mod returned;
mod session;

pub use session::NatsSession;
