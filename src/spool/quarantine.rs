//! Records that could not be sent: each is held in its own row, which stays when the head passes it.

use std::ops::Range;

use rusqlite::OptionalExtension;

use super::block::Split;
use super::error::SpoolError;
use super::sql::{begin, integer, number};
use super::state::{self, SpoolState, insert};
use super::store::{Spool, Stored};

impl Spool {
    /// Holds a record: it stays although the head passes it. It has no effect on a record that is done or does not exist.
    ///
    /// # Errors
    /// [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`], [`SpoolError::Corrupt`]; the spool is unchanged.
    pub fn hold(&mut self, record: u64) -> Result<(), SpoolError> {
        self.with_reserve(|spool| spool.try_hold(record))
    }

    fn try_hold(&mut self, record: u64) -> Result<(), SpoolError> {
        let Some(stored) = self.read(record)?.filter(|stored| stored.first <= record && !stored.held) else {
            return Ok(());
        };
        let tx = begin(&mut self.db)?;
        let mut state = SpoolState::read(&tx)?;
        if record < state.head || tx.execute("DELETE FROM block WHERE first = ?", [integer(stored.first)])? == 0 {
            return Ok(());
        }
        let from = stored.waiting_from(state.head);
        let Stored { first, taken, block, .. } = stored;
        let before = block.without(first, from, |number, _| number >= record)?.kept;
        let after = block.without(first, record + 1, |_, _| false)?.kept;
        let Split { kept: held, .. } = block.without(first, record, |number, _| number > record)?;
        state.subtract(block.len(), block.bytes() as u64);
        for (first, block) in before.iter().chain(&held).chain(&after) {
            insert(&tx, *first, taken, block)?;
            state.records += block.len();
            state.bytes += block.bytes() as u64;
        }
        tx.execute("UPDATE block SET held = 1 WHERE first = ?", [integer(record)])?;
        state.write(&tx)?;
        Ok(tx.commit()?)
    }

    /// Notes that a held record is done.
    ///
    /// # Errors
    /// As [`Spool::hold`].
    pub fn release(&mut self, record: u64) -> Result<(), SpoolError> {
        self.with_reserve(|spool| {
            let tx = begin(&mut spool.db)?;
            let mut state = SpoolState::read(&tx)?;
            let row = "DELETE FROM block WHERE first = ? AND held RETURNING count, bytes";
            let gone = tx.query_row(row, [integer(record)], |row| Ok((row.get(0)?, row.get(1)?)));
            if let Some((count, bytes)) = gone.optional()? {
                state.subtract(number(count), number(bytes));
                state.write(&tx)?;
            }
            Ok(tx.commit()?)
        })
    }

    /// Returns which of the records with these numbers are held.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn held(&self, among: Range<u64>) -> Result<Vec<u64>, SpoolError> {
        let head = self.head()?;
        state::held(&self.db, among.start..among.end.min(head))
    }
}
