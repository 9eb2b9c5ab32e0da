//! The limits of a spool, and what happens when it is full.

use std::time::Duration;

/// The limits of a spool. By default there are none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Bytes of the records, each as an MQTT packet.
    pub max_bytes: Option<u64>,
    /// Blocks that were stored longer ago are dropped.
    pub max_age: Option<Duration>,
    /// What happens to lines without room.
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
