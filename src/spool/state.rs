//! The table of blocks and the row that summarizes it: the data that a transaction changes.

use std::ops::Range;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::block::Block;
use super::capacity::{self, SpoolActivity};
use super::clock::{self, Reading};
use super::drop_log::{self, DropReason, Dropped};
use super::error::SpoolError;
use super::limits::{Full, Limits};
use super::sql::{integer, milliseconds, number, time};

/// The one row of the table `state`.
pub struct SpoolState {
    pub head: u64,
    pub next: u64,
    /// Records below it are in flight, according to the process that drains.
    pub out: u64,
    /// The bytes of all blocks, including the finished part of the first.
    pub records: u64,
    pub bytes: u64,
}

/// Whether a commit returns space to the file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shrinks {
    Nothing,
    More,
    Last,
}

impl SpoolState {
    pub fn read(db: &Connection) -> Result<SpoolState, SpoolError> {
        let mut state = db.prepare_cached("SELECT head, next, out, records, bytes FROM state")?;
        Ok(state.query_row([], |row| {
            Ok(SpoolState {
                head: number(row.get(0)?),
                next: number(row.get(1)?),
                out: number(row.get(2)?),
                records: number(row.get(3)?),
                bytes: number(row.get(4)?),
            })
        })?)
    }

    pub fn write(&mut self, tx: &Transaction<'_>) -> Result<(), SpoolError> {
        // Records dropped at the head are skipped as well.
        let first = "SELECT first FROM block
             WHERE first >= (SELECT coalesce(max(first), 0) FROM block WHERE first <= ?1) AND first + count > ?1
             ORDER BY first LIMIT 1";
        let first = tx.prepare_cached(first)?.query_row([integer(self.head)], |row| row.get(0)).optional()?;
        self.head = self.head.max(first.map_or(self.next, number));
        let mut update = tx.prepare_cached("UPDATE state SET head = ?, next = ?, out = ?, records = ?, bytes = ?")?;
        update.execute([self.head, self.next, self.out, self.records, self.bytes].map(integer))?;
        Ok(())
    }

    pub fn append(&mut self, tx: &Transaction<'_>, blocks: &[(SystemTime, Block)]) -> Result<Vec<u64>, SpoolError> {
        let mut firsts = Vec::with_capacity(blocks.len());
        for (taken, block) in blocks {
            firsts.push(self.next);
            insert(tx, self.next, *taken, block)?;
            self.next += block.len();
            self.records += block.len();
            self.bytes += block.bytes() as u64;
        }
        Ok(firsts)
    }

    /// Notes that records below `done` are done, and removes blocks that are done completely.
    pub fn finish(&mut self, tx: &Transaction<'_>, done: u64) -> Result<(), SpoolError> {
        self.head = self.head.max(done.min(self.next));
        // At most one block that begins below the head reaches beyond it, so the key finds them, except those that are held.
        const SUM: &str = "SELECT coalesce(sum(count), 0), coalesce(sum(bytes), 0) FROM block
             WHERE first < ?1 AND first + count <= ?1 AND NOT held";
        const DELETE: &str = "DELETE FROM block WHERE first < ?1 AND first + count <= ?1 AND NOT held";
        let head = [integer(self.head)];
        let (records, bytes) = tx.prepare_cached(SUM)?.query_row(head, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if records > 0 {
            tx.prepare_cached(DELETE)?.execute(head)?;
            self.subtract(number(records), number(bytes));
        }
        Ok(())
    }

    /// Drops records that are too old. Also returns by how much the clock was set, in ms.
    pub fn expire(
        &mut self,
        tx: &Transaction<'_>,
        limits: &Limits,
        now: &Reading,
    ) -> Result<(Dropped, i64), SpoolError> {
        let Some(age) = limits.max_age else { return Ok(Default::default()) };
        let jump = clock::settle(tx, now)?;
        Ok((self.drop_oldest(tx, DropReason::Age, |_, taken| is_older(taken, age, now.wall))?, jump))
    }

    pub fn make_room(&mut self, tx: &Transaction<'_>, needed: u64, limits: &Limits) -> Result<Dropped, SpoolError> {
        let Some(max) = limits.max_bytes.filter(|_| needed > 0) else { return Ok(Dropped::default()) };
        let mut dropped = Dropped::default();
        if limits.full == Full::DropOldest && needed <= max {
            dropped = self.drop_oldest(tx, DropReason::Full, |state, _| state.bytes + needed > max)?;
        }
        if self.bytes + needed > max {
            return Err(SpoolError::Full { held: self.bytes, needed, max });
        }
        Ok(dropped)
    }

    /// Drops blocks that are not in flight, the oldest first, while `wanted` returns true.
    fn drop_oldest(
        &mut self,
        tx: &Transaction<'_>,
        why: DropReason,
        wanted: impl Fn(&SpoolState, SystemTime) -> bool,
    ) -> Result<Dropped, SpoolError> {
        let mut oldest = tx.prepare(
            "SELECT first, count, bytes, taken FROM block WHERE first >= ?1 AND (first >= ?2 OR held)
             ORDER BY first LIMIT 1",
        )?;
        let mut delete = tx.prepare("DELETE FROM block WHERE first = ?")?;
        let mut dropped = Dropped::default();
        let keep = [self.out, self.head].map(integer);
        loop {
            let row = |row: &rusqlite::Row<'_>| {
                Ok((number(row.get(0)?), number(row.get(1)?), number(row.get(2)?), time(row.get(3)?)))
            };
            let Some((first, count, bytes, taken)) = oldest.query_row(keep, row).optional()? else { break };
            if !wanted(self, taken) {
                break;
            }
            delete.execute([integer(first)])?;
            self.subtract(count, bytes);
            let gone = Dropped { records: count, bytes };
            drop_log::note(tx, first..first + count, gone, why)?;
            dropped += gone;
        }
        Ok(dropped)
    }

    pub fn shrink(&self, tx: &Transaction<'_>, when: SpoolActivity) -> Result<Shrinks, SpoolError> {
        let Some(unused) = capacity::unused(tx, when)? else { return Ok(Shrinks::Nothing) };
        if self.records > 0 && capacity::give_back(tx, unused)? {
            return Ok(Shrinks::More);
        }
        if self.records == 0 {
            capacity::cut_off(tx)?;
        }
        Ok(Shrinks::Last)
    }

    pub fn subtract(&mut self, records: u64, bytes: u64) {
        self.records = self.records.saturating_sub(records);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

pub fn insert(tx: &Transaction<'_>, first: u64, taken: SystemTime, block: &Block) -> Result<(), SpoolError> {
    if !block.is_empty() {
        let insert = "INSERT INTO block (first, count, bytes, taken, qos, records) VALUES (?, ?, ?, ?, ?, ?)";
        tx.prepare_cached(insert)?.execute(params![
            integer(first),
            integer(block.len()),
            integer(block.bytes() as u64),
            milliseconds(taken),
            if block.qos2() { 2 } else { 0 },
            block.as_bytes()
        ])?;
    }
    Ok(())
}

pub fn is_older(taken: SystemTime, age: Duration, now: SystemTime) -> bool {
    // A clock that was set back does not make anything old.
    now.duration_since(taken).is_ok_and(|since| since > age)
}

/// Returns the numbers among `among` that are held; all of them must be below the head.
pub fn held(db: &Connection, among: Range<u64>) -> Result<Vec<u64>, SpoolError> {
    let mut held = db.prepare("SELECT first FROM block WHERE first >= ? AND first < ? AND held ORDER BY first")?;
    let numbers = held.query_map([among.start, among.end].map(integer), |row| Ok(number(row.get(0)?)))?;
    Ok(numbers.collect::<Result<_, _>>()?)
}

/// Returns the first record that is held.
pub fn first_held(db: &Connection, head: u64) -> Result<Option<u64>, SpoolError> {
    let first = "SELECT first FROM block WHERE first < ? AND held ORDER BY first LIMIT 1";
    Ok(db.query_row(first, [integer(head)], |row| row.get(0)).optional()?.map(number))
}
