//! Finds the readable records in a damaged spool.

use rusqlite::OptionalExtension;

use super::error::SpoolError;
use super::sql::{integer, number};
use super::store::Spool;

/// Step in records through a place that cannot be read: readable records between two damaged places are missed if there
/// are fewer than this, and a large hole is passed in little time.
const STRIDE: u64 = 64;

impl Spool {
    /// Returns the number at which to continue [reading](Spool::read) after number `from`, where the spool is damaged; `None`
    /// if nothing more can be read.
    ///
    /// # Errors
    /// As [`Spool::read`], except [`SpoolError::Corrupt`].
    pub fn after_damage(&self, from: u64) -> Result<Option<u64>, SpoolError> {
        // Perhaps only the content of one row is damaged.
        if let Some(found) = self.row_after(from)? {
            return Ok(found);
        }
        // If the end itself cannot be read, the last row is the end.
        let end = self.next().or_else(|_| self.last())?;
        let (mut bad, mut stride) = (from, 1);
        while bad < end {
            let mut good = bad + stride;
            if self.row_after(good)?.is_none() {
                (bad, stride) = (good, STRIDE.min(2 * stride));
                continue;
            }
            while good - bad > 1 {
                let middle = bad + (good - bad) / 2;
                match self.row_after(middle)? {
                    None => bad = middle,
                    Some(_) => good = middle,
                }
            }
            return Ok(self.row_after(good)?.flatten());
        }
        Ok(None)
    }

    /// Returns where the first row after number `from` begins; `None` if the path to it is damaged.
    fn row_after(&self, from: u64) -> Result<Option<Option<u64>>, SpoolError> {
        let next = "SELECT first FROM block WHERE first > ? ORDER BY first LIMIT 1";
        let found = self.db.query_row(next, [integer(from)], |row| row.get(0)).optional();
        unless_damaged(found.map(|first| first.map(number)))
    }

    fn last(&self) -> Result<u64, SpoolError> {
        let last = "SELECT first FROM block ORDER BY first DESC LIMIT 1";
        Ok(unless_damaged(self.db.query_row(last, [], |row| row.get(0)))?.map_or(0, number))
    }
}

fn unless_damaged<T>(result: rusqlite::Result<T>) -> Result<Option<T>, SpoolError> {
    match result.map_err(SpoolError::from) {
        Ok(found) => Ok(Some(found)),
        Err(SpoolError::Corrupt(_)) => Ok(None),
        Err(e) => Err(e),
    }
}
