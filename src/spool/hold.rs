//! Records that could not be sent: each waits in a row of its own, and those behind it are done before it is.
//!
//! A row that is held has [`HELD`] added to its `qos`. It stays when the head passes it, and nothing else does.

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension, params};

use super::block::Split;
use super::{Spool, SpoolError, State, Stored, begin, insert, integer, number, room};

/// What marks a row, beside the QoS of its record.
pub(super) const HELD: i64 = 4;

impl Spool {
    /// Holds a record: it waits on although the head passes it. What is done, or not there, stays so.
    ///
    /// # Errors
    /// [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`], [`SpoolError::Corrupt`]; the spool is as it was.
    pub fn hold(&mut self, record: u64) -> Result<(), SpoolError> {
        self.with_reserve(|spool| spool.try_hold(record))
    }

    fn try_hold(&mut self, record: u64) -> Result<(), SpoolError> {
        let Some(stored) = self.read(record)?.filter(|stored| stored.first <= record && !stored.held) else {
            return Ok(());
        };
        let tx = begin(&mut self.db)?;
        let mut state = State::read(&tx)?;
        if record < state.head || tx.execute("DELETE FROM block WHERE first = ?", [integer(stored.first)])? == 0 {
            return Ok(());
        }
        let from = stored.waiting_from(state.head);
        let Stored { first, taken, block, .. } = stored;
        let before = block.without(first, from, |number, _| number >= record)?.kept;
        let behind = block.without(first, record + 1, |_, _| false)?.kept;
        let Split { kept: alone, .. } = block.without(first, record, |number, _| number > record)?;
        state.subtract(block.len(), block.bytes() as u64);
        for (first, block) in before.iter().chain(&alone).chain(&behind) {
            insert(&tx, *first, taken, block)?;
            state.records += block.len();
            state.bytes += block.bytes() as u64;
        }
        tx.execute("UPDATE block SET qos = qos + ? WHERE first = ?", params![HELD, integer(record)])?;
        state.write(&tx)?;
        Ok(tx.commit()?)
    }

    /// A record that was held is done.
    ///
    /// # Errors
    /// As [`Spool::hold`].
    pub fn release(&mut self, record: u64) -> Result<(), SpoolError> {
        self.with_reserve(|spool| {
            let tx = begin(&mut spool.db)?;
            let mut state = State::read(&tx)?;
            let row = "DELETE FROM block WHERE first = ? AND qos >= 4 RETURNING count, bytes";
            let gone = tx.query_row(row, [integer(record)], |row| Ok((row.get(0)?, row.get(1)?)));
            if let Some((count, bytes)) = gone.optional()? {
                state.subtract(number(count), number(bytes));
                state.write(&tx)?;
            }
            Ok(tx.commit()?)
        })
    }

    /// Which of the records with these numbers are held.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn held(&self, among: Range<u64>) -> Result<Vec<u64>, SpoolError> {
        let head = self.head()?;
        numbers(&self.db, among.start..among.end.min(head))
    }

    /// Does it once more with the room of the reserve where there is none.
    pub(super) fn with_reserve<T>(
        &mut self,
        mut work: impl FnMut(&mut Spool) -> Result<T, SpoolError>,
    ) -> Result<T, SpoolError> {
        match work(self) {
            Err(SpoolError::NoSpace) => {
                room::make(&self.folder, &self.db)?;
                work(self)
            }
            result => result,
        }
    }
}

/// The numbers of what is held, all of them below the head.
pub(super) fn numbers(db: &Connection, among: Range<u64>) -> Result<Vec<u64>, SpoolError> {
    let mut held = db.prepare("SELECT first FROM block WHERE first >= ? AND first < ? AND qos >= 4 ORDER BY first")?;
    let numbers = held.query_map([among.start, among.end].map(integer), |row| Ok(number(row.get(0)?)))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}

/// The first of them.
pub(super) fn first(db: &Connection, head: u64) -> Result<Option<u64>, SpoolError> {
    let first = "SELECT first FROM block WHERE first < ? AND qos >= 4 ORDER BY first LIMIT 1";
    Ok(db.query_row(first, [integer(head)], |row| row.get(0)).optional()?.map(number))
}

/// Whether something is held that has QoS 2.
pub(super) fn any_exact(db: &Connection, head: u64) -> Result<bool, SpoolError> {
    let exact = "SELECT EXISTS (SELECT 1 FROM block WHERE first < ? AND qos = 6)";
    Ok(db.query_row(exact, [integer(head)], |row| row.get(0))?)
}
