//! MQTT: packets of both versions, and the client's connection.

pub mod connection;
pub mod delivery;
pub mod packet;
pub mod publish;
pub mod reconnect;
