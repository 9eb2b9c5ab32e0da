//! Room on the disk: what is not used any more goes back to the file system in steps that nobody notices, and a reserve
//! lets a spool be drained when the disk is full.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::Connection;

use super::SpoolError;

/// Unused pages of 4 KiB that are kept: what comes in next needs them.
const SPARE: i64 = 256;
/// Pages given back at once.
const STEP: i64 = 1024;

/// To remove what is done takes some room: for the log, and for those of its pages that are not in place yet, which may
/// be twice what [`super::file`] lets the log grow to. On a full disk this file makes that room.
const RESERVE: &str = "reserve";
const RESERVED: usize = 8 << 20;

/// What a step of [`give_back`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Most of the file is in use.
    Nothing,
    /// There is more to give.
    More,
    Last,
}

/// Gives some unused pages back if most of the file is unused, within a transaction.
///
/// A page in use at the file's end has to be moved for it. While at least three quarters are unused, less than a third as
/// many pages are moved as are given back; of a queue that was emptied, hardly any.
pub fn give_back(db: &Connection) -> Result<Step, SpoolError> {
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (unused, pages) = (pragma("freelist_count")?, pragma("page_count")?);
    if unused <= 2 * SPARE || unused * 4 < pages * 3 {
        return Ok(Step::Nothing);
    }
    let step = STEP.min(unused - SPARE);
    let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({step})"))?;
    let mut rows = statement.query([])?;
    // Each row stands for a page; there is nothing in it.
    while rows.next()?.is_some() {}
    Ok(if unused - step > 2 * SPARE { Step::More } else { Step::Last })
}

/// Puts what the log holds in its place, which also cuts off the end of a file that has become shorter.
pub fn settle(db: &Connection) -> Result<(), SpoolError> {
    // It says whether somebody was in the way; then a later commit does it.
    Ok(db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// Sets the reserve aside if it is not there and the disk has room for it.
pub fn set_reserve_aside(folder: &Path) {
    let path = folder.join(RESERVE);
    if path.exists() {
        return;
    }
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).and_then(|mut file| {
        let piece = [0x69; 64 * 1024];
        (0..RESERVED / piece.len()).try_for_each(|_| file.write_all(&piece))
    });
    if written.is_err_and(|e| e.kind() != io::ErrorKind::AlreadyExists) {
        // Half of one is no use to anybody.
        let _ = fs::remove_file(&path);
    }
}

/// Gives the reserve up: whether there was one.
pub fn use_reserve(folder: &Path) -> bool {
    fs::remove_file(folder.join(RESERVE)).is_ok()
}
