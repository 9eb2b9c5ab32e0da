//! The messages of a stream of NATS JetStream, by a durable pull consumer that any number of gateways share.
//!
//! A message that is not acknowledged comes again, to whichever gateway asks. So each is acknowledged when it is delivered, and
//! the server is notified of the progress of those that wait; what a slow device cannot take is given back for a while.

mod catch_up;
mod consumer;
mod dispatcher;
mod exchange;
mod ledger;
mod outcomes;
mod pull;
mod returned;
mod session;

pub use session::Session;
