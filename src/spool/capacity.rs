//! Disk space: unused space is returned to the file system in small steps, and a reserve allows draining a spool when
//! the disk is full.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::SystemTime;

use rusqlite::Connection;

use super::block::Block;
use super::error::SpoolError;

/// Unused pages of 4 KiB that are kept, because the next blocks need them.
const SPARE: i64 = 256;
/// Pages to return at once if others must be moved for it: as many as fit into SQLite's memory, or all of them would
/// be written to the log first.
const STEP: i64 = 128;

/// Removing records takes some space: for the log, and for its pages that are not in the database yet, together about
/// twice the size at which the log is moved there. On a full disk this file provides that room, and the database grows
/// only while the file is complete.
const RESERVE: &str = "reserve";
const RESERVED: u64 = 8 << 20;
/// Fewest bytes of records in a page.
const PAGE: usize = 4000;
/// Most pages that a commit needs besides those of its records.
const AROUND: usize = 16;

/// When space is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpoolActivity {
    /// While records come and go: a page that is in use now may soon be free, and moved for nothing.
    Busy,
    /// When idle.
    Idle,
}

/// Returns how many pages could be returned now.
///
/// A page in use at the end of the file must be moved for it. So this waits until at most a quarter of the file is in
/// use, or a sixteenth if it is busy; then fewer pages are moved than returned.
pub fn unused(db: &Connection, when: SpoolActivity) -> Result<Option<i64>, SpoolError> {
    let (unused, pages) = (count(db, "PRAGMA freelist_count")?, count(db, "PRAGMA page_count")?);
    let share = if when == SpoolActivity::Busy { 16 } else { 4 };
    Ok((unused > 2 * SPARE && (pages - unused) * share <= pages).then_some(unused - SPARE))
}

/// Returns the value of a pragma that counts pages.
fn count(db: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    db.prepare_cached(pragma)?.query_row([], |row| row.get(0))
}

/// Returns some of `unused` pages to the file system, within a transaction. Returns whether there are more.
pub fn give_back(db: &Connection, unused: i64) -> Result<bool, SpoolError> {
    let step = STEP.min(unused);
    let mut statement = db.prepare_cached(&format!("PRAGMA incremental_vacuum({step})"))?;
    let mut rows = statement.query([])?;
    // Each row represents a page, and is empty.
    while rows.next()?.is_some() {}
    Ok(unused - step > SPARE)
}

/// Makes the transaction truncate the whole file after the few pages in use, once no record is left: much cheaper than
/// steps, which search for each page among all unused ones. [`in_steps_again`] must follow.
pub fn cut_off(db: &Connection) -> Result<(), SpoolError> {
    Ok(db.pragma_update(None, "auto_vacuum", "FULL")?)
}

/// Resumes returning space only on request. If a process ends before that, the next one does it on opening.
pub fn in_steps_again(db: &Connection) -> Result<(), SpoolError> {
    let mode: i64 = db.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
    if mode == 1 { Ok(db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?) } else { Ok(()) }
}

/// Moves the log into the database, which also truncates a file that has become shorter.
pub fn settle(db: &Connection) -> Result<(), SpoolError> {
    // If another process prevents it, a later commit does it.
    Ok(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// The state of the reserve during a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserve {
    /// It is complete, or will be completed.
    Whole,
    /// It was released for this commit, which needs the space.
    GivenUp,
}

/// Checks that the database may take `blocks`: without a reserve, only as much as fits into its existing pages.
///
/// # Errors
/// [`SpoolError::NoSpace`] if it may not; [`SpoolError::Access`] if the folder cannot be written to.
pub fn check(
    folder: &Path,
    db: &Connection,
    blocks: &[(SystemTime, Block)],
    reserve: Reserve,
) -> Result<(), SpoolError> {
    if blocks.is_empty() || reserve == Reserve::Whole && set_reserve_aside(folder)? {
        return Ok(());
    }
    let needed: usize = blocks.iter().map(|(_, block)| block.bytes() / PAGE + 2).sum();
    let unused = count(db, "PRAGMA freelist_count")?;
    if (needed + AROUND) as i64 > unused { Err(SpoolError::NoSpace) } else { Ok(()) }
}

/// Sets the reserve aside, or as much of it as there is room for. Returns whether it is complete.
///
/// # Errors
/// [`SpoolError::Access`] for any failure other than lack of space.
pub fn set_reserve_aside(folder: &Path) -> Result<bool, SpoolError> {
    let path = folder.join(RESERVE);
    match grow(&path) {
        Ok(()) => Ok(true),
        Err(e) if is_want_of_room(e.kind()) => Ok(false),
        Err(source) => Err(SpoolError::Access { path, source }),
    }
}

fn grow(path: &Path) -> io::Result<()> {
    let mut length = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if length >= RESERVED {
        return Ok(());
    }
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    while length < RESERVED {
        match file.write(&[b'r'; 64 * 1024])? {
            0 => return Err(io::ErrorKind::StorageFull.into()),
            written => length += written as u64,
        }
    }
    Ok(())
}

fn is_want_of_room(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as K;
    matches!(kind, K::StorageFull | K::QuotaExceeded | K::FileTooLarge)
}

/// Makes room for removing records on a full disk: releases the reserve and restarts the log.
pub fn make(folder: &Path, db: &Connection) -> Result<(), SpoolError> {
    use_reserve(folder);
    settle(db)
}

/// Releases the reserve. Returns whether there was one.
pub fn use_reserve(folder: &Path) -> bool {
    fs::remove_file(folder.join(RESERVE)).is_ok()
}
