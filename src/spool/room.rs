//! Room on the disk: what is not used any more goes back to the file system in steps that nobody notices, and a reserve
//! lets a spool be drained when the disk is full.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::SystemTime;

use rusqlite::Connection;

use super::{Block, SpoolError};

/// Unused pages of 4 KiB that are kept: what comes in next needs them.
const SPARE: i64 = 256;
/// Pages given back at once.
const STEP: i64 = 2048;

/// To remove what is done takes some room: for the log, and for those of its pages that are not in place yet, together
/// about twice what the log may grow to before it is put in place. On a full disk this file makes that room, and the
/// database grows only while the file is whole.
const RESERVE: &str = "reserve";
const RESERVED: u64 = 8 << 20;
/// Bytes of records in a page, at the least.
const PAGE: usize = 4000;
/// Pages that a commit needs besides those of its records, at the most.
const AROUND: usize = 16;

/// What a step of [`give_back`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Most of the file is in use.
    Nothing,
    /// There is more to give.
    More,
    Last,
}

/// How many pages could be given back now: none while more than a quarter of the file is in use.
///
/// A page in use at the file's end has to be moved for it. While at least three quarters are unused, less than a third as
/// many pages are moved as are given back; of a queue that was emptied, hardly any.
pub fn unused(db: &Connection) -> Result<Option<i64>, SpoolError> {
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (unused, pages) = (pragma("freelist_count")?, pragma("page_count")?);
    Ok((unused > 2 * SPARE && unused * 4 >= pages * 3).then_some(unused - SPARE))
}

/// Gives some unused pages back, within a transaction.
pub fn give_back(db: &Connection) -> Result<Step, SpoolError> {
    let Some(unused) = unused(db)? else { return Ok(Step::Nothing) };
    let step = STEP.min(unused);
    let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({step})"))?;
    let mut rows = statement.query([])?;
    // Each row stands for a page; there is nothing in it.
    while rows.next()?.is_some() {}
    Ok(if unused - step > SPARE { Step::More } else { Step::Last })
}

/// Puts what the log holds in its place, which also cuts off the end of a file that has become shorter.
pub fn settle(db: &Connection) -> Result<(), SpoolError> {
    // It says whether somebody was in the way; then a later commit does it.
    Ok(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// Whether the database may take in `blocks`: without a reserve only what fits into pages that it has.
///
/// # Errors
/// [`SpoolError::NoSpace`] if it may not.
pub fn check(folder: &Path, db: &Connection, blocks: &[(SystemTime, Block)]) -> Result<(), SpoolError> {
    if blocks.is_empty() || set_reserve_aside(folder) {
        return Ok(());
    }
    let needed: usize = blocks.iter().map(|(_, block)| block.bytes() / PAGE + 2).sum();
    let unused: i64 = db.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    if (needed + AROUND) as i64 > unused { Err(SpoolError::NoSpace) } else { Ok(()) }
}

/// Sets the reserve aside, as much of it as there is room for: whether it is whole.
pub fn set_reserve_aside(folder: &Path) -> bool {
    let path = folder.join(RESERVE);
    let mut length = fs::metadata(&path).map_or(0, |metadata| metadata.len());
    if length >= RESERVED {
        return true;
    }
    let Ok(mut file) = OpenOptions::new().append(true).create(true).mode(0o600).open(&path) else { return false };
    while length < RESERVED {
        match file.write(&[b'r'; 64 * 1024]) {
            Ok(written) if written > 0 => length += written as u64,
            _ => return false,
        }
    }
    true
}

/// Makes the room that removing something on a full disk takes: gives the reserve up and has the log begin anew.
pub fn make(folder: &Path, db: &Connection) -> Result<(), SpoolError> {
    use_reserve(folder);
    settle(db)
}

/// Gives the reserve up: whether there was one.
pub fn use_reserve(folder: &Path) -> bool {
    fs::remove_file(folder.join(RESERVE)).is_ok()
}
