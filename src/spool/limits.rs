//! What a spool may hold, and what happens when it is full.

use std::time::Duration;

/// What a spool may hold. By default there are no limits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Bytes of the records, each as an MQTT packet.
    pub max_bytes: Option<u64>,
    /// Blocks that were taken longer ago are dropped.
    pub max_age: Option<Duration>,
    /// What happens to lines when there is no room for them.
    pub full: Full,
}

/// What happens when there is no room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Full {
    /// `SpoolError::Full`; the caller accepts no more until there is room.
    #[default]
    Block,
    /// The oldest blocks make room.
    DropOldest,
    /// `SpoolError::Full`; the caller gives up.
    Fail,
}
