//! MQTT: packets of both versions, and the client's connection.

pub mod connection;
pub mod incoming;
mod kernel;
pub mod limits;
pub mod outgoing;
pub mod packet;
pub mod reason;
pub mod reconnect;
pub mod refusal;
pub mod stall;
