//! The dropped records, and why they were dropped: totals, and the numbers of the records, so that a run can learn the
//! fate of its lines.

use std::ops::{AddAssign, Range};
use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::error::SpoolError;
use super::sql::{integer, milliseconds, number};

/// Ranges that are kept separate; beyond that the oldest are merged.
const RANGES: i64 = 4096;

/// Records that were dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    pub records: u64,
    pub bytes: u64,
}

impl AddAssign for Dropped {
    fn add_assign(&mut self, more: Dropped) {
        self.records += more.records;
        self.bytes += more.bytes;
    }
}

/// Why records were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// There was no room.
    Full,
    /// They were too old.
    Age,
    /// A user requested it.
    Purged,
}

const ALL: [DropReason; 3] = [DropReason::Full, DropReason::Age, DropReason::Purged];

/// Notes that `dropped` of the records with these `numbers` were dropped.
pub fn note(tx: &Transaction<'_>, numbers: Range<u64>, dropped: Dropped, why: DropReason) -> Result<(), SpoolError> {
    let Range { start, end } = numbers;
    tx.execute(
        "INSERT INTO total VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET records = records + ?2, bytes = bytes + ?3",
        (why as i64, integer(dropped.records), integer(dropped.bytes)),
    )?;
    // Drops are usually consecutive; then they form one range.
    let now = milliseconds(SystemTime::now());
    if dropped.records == end - start {
        let extended = tx.execute(
            "UPDATE gone SET end = ?1, records = records + ?2, at = ?3
             WHERE first = (SELECT max(first) FROM gone WHERE first < ?4)
             AND end = ?4 AND records = end - first AND why = ?5",
            (integer(end), integer(dropped.records), now, integer(start), why as i64),
        )?;
        if extended > 0 {
            return Ok(());
        }
    }
    tx.execute(
        "INSERT INTO gone VALUES (?, ?, ?, ?, ?)",
        (integer(start), integer(end), integer(dropped.records), why as i64, now),
    )?;
    if tx.query_row("SELECT count(*) FROM gone", [], |row| row.get::<_, i64>(0))? > RANGES {
        merge_oldest(tx)?;
    }
    Ok(())
}

fn merge_oldest(tx: &Transaction<'_>) -> Result<(), SpoolError> {
    let oldest = tx.query_row("SELECT first, end, records FROM gone ORDER BY first LIMIT 1", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    if let Some((first, end, records)) = oldest.optional()? {
        tx.execute("DELETE FROM gone WHERE first = ?", [first])?;
        tx.execute(
            "UPDATE gone SET first = ?1, end = max(end, ?2), records = records + ?3
             WHERE first = (SELECT min(first) FROM gone)",
            (first, end, records),
        )?;
    }
    Ok(())
}

/// Counts how many of the records with these numbers were dropped.
pub fn dropped_in(db: &Connection, numbers: Range<u64>) -> Result<u64, SpoolError> {
    let sum =
        "SELECT coalesce(sum(min(records, min(end, ?2) - max(first, ?1))), 0) FROM gone WHERE first < ?2 AND end > ?1";
    Ok(number(db.query_row(sum, [integer(numbers.start), integer(numbers.end)], |row| row.get(0))?))
}

/// Returns the total of dropped records for each reason; reasons that never occurred are left out.
pub fn totals(db: &Connection) -> Result<Vec<(DropReason, Dropped)>, SpoolError> {
    let mut totals = Vec::new();
    for why in ALL {
        let row = |row: &rusqlite::Row<'_>| Ok(Dropped { records: number(row.get(0)?), bytes: number(row.get(1)?) });
        let total = db.query_row("SELECT records, bytes FROM total WHERE why = ?", [why as i64], row).optional()?;
        totals.extend(total.map(|dropped| (why, dropped)));
    }
    Ok(totals)
}
