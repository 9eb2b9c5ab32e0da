//! Messages out, proof of delivery back.
//!
//! I3's broker acknowledges a denied publish exactly like a delivered one (I3 facts §4), so an acknowledgement proves
//! nothing in MQTT 3.1.1. There the proof is the echo: the device subscribes to its own topic on the same
//! connection and waits for its message to come back.

pub mod arena;
pub mod confirm;
mod delivery;
pub mod format;
pub mod in_flight;
pub mod lines;
pub mod rate;
pub mod shutdown;
mod single;
pub mod stamp;
pub mod stats;
pub mod stream;
pub mod topics;
pub mod window;

pub use confirm::Confirm;
pub use delivery::{Evidence, Message, Patience, PublishError, Reached};
pub use single::{Publisher, answers, publish};
