//! MQTT: packets of both versions, and the client's connection.

pub mod connection;
pub mod extras;
pub mod incoming;
mod kernel;
pub mod limits;
pub mod outgoing;
pub mod packet;
pub mod properties;
pub mod reason;
pub mod reconnect;
pub mod refusal;
pub mod stall;
