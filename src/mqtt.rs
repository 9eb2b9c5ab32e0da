//! MQTT: packets of both versions, and the client's connection.

pub mod connection;
pub mod packet;
pub mod publish;
