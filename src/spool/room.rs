//! Space that is not used any more goes back to the file system, in steps that nobody notices.

use rusqlite::Connection;

use super::SpoolError;

/// Unused pages that are kept: what comes in next needs them.
const SPARE: i64 = 256;
/// Pages given back at once.
const STEP: i64 = 1024;

/// Gives a step of unused pages back if most of the file is unused. Returns whether there is more to give.
///
/// A page in use at the file's end has to be moved for it. While at least three quarters are unused, less than a third as
/// many pages are moved as are given back; a queue that is emptied is cut off at its end.
pub fn give_back(db: &Connection) -> Result<bool, SpoolError> {
    let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (unused, pages) = (pragma("freelist_count")?, pragma("page_count")?);
    if unused <= SPARE || unused * 4 < pages * 3 {
        return Ok(false);
    }
    let step = STEP.min(unused - SPARE);
    let mut statement = db.prepare(&format!("PRAGMA incremental_vacuum({step})"))?;
    let mut rows = statement.query([])?;
    // Each row is a page; there is nothing in it.
    while rows.next()?.is_some() {}
    Ok(unused - step > SPARE)
}
