//! Conversions between SQLite's types and ours, and the beginning of a write.

use std::time::{Duration, SystemTime};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::SpoolError;

/// Begins to write: nobody else writes until it ends.
pub fn begin(db: &mut Connection) -> Result<Transaction<'_>, SpoolError> {
    Ok(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// SQLite's integers have a sign; no number of a record and no length comes near it.
pub fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way. Nothing below 0 is ever written.
pub fn number(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}

pub fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

pub fn time(milliseconds: i64) -> SystemTime {
    let since = Duration::from_millis(number(milliseconds));
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
}
