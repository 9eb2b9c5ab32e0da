//! A durable queue of messages in a folder: messages are on disk when a call returns, in order, until they are done.
//!
//! It is stored by SQLite, with a write-ahead log that is synced once at each commit, for new blocks and progress alike:
//! several processes can use one spool at once, and a process that is killed leaves complete commits. Record numbers start
//! at 1 and are never used again, so they show the order, and which are done.
//!
//! A row is a [`Block`] of records that were stored together, because rows cost more than records: in commits of some 8,000
//! lines of 100 bytes, blocks are stored five to eight times as fast as a row for each line (600,000 lines a second and
//! more), and read and noted as done over fifteen times as fast (a million and more). `examples/spool.rs` measures it.

pub mod block;
mod capacity;
mod clock;
mod drop_log;
mod error;
mod file;
mod limits;
mod purge;
mod quarantine;
mod salvage;
mod sql;
mod state;
mod store;
pub mod worker;

pub use block::{Block, Cursor, Record, Records};
pub use drop_log::{DropReason, Dropped};
pub use error::SpoolError;
pub use limits::{Full, Limits};
pub use purge::Purge;
pub use store::{Commit, Committed, DrainLock, Spool, Status, Stored};

#[cfg(test)]
mod tests;
