//! The agent: one log-in for all scripts of a machine.
//!
//! A log-in by token blocks I3's broker for 45 to 80 ms (I3 facts §3), and a script that runs `i3 pub` for each message pays
//! for one each time. The agent keeps a connection for each device that is published as; `i3 pub` hands it its message
//! over a socket that only its own user can open, and gets the same proof back. The agent reveals no secret, and publishes only
//! to topics of the device's own hub.
//!
//! It declines anything that it cannot do exactly as `i3 pub` would, before anything is sent, and `i3 pub` does it itself.

pub mod client;
mod connection;
mod device;
pub mod event;
pub mod protocol;
pub mod route;
pub mod server;
pub mod socket;
mod tally;
