//! The files of a spool: a database, a lock for the process that drains, and a short-lived lock for opening and checking.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::capacity;
use super::error::{SpoolError, VERSION, WAIT};
use super::sql::begin;
use crate::{access, fsio};

const DATABASE: &str = "spool.db";
/// Held by the process that drains.
const DRAIN: &str = "drain.lock";
/// Held while the database is created or opened, and while the other lock is tried, so that a process that only checks is
/// not mistaken for one that drains.
const OPEN: &str = "door.lock";

/// "i3sp": the database's `application_id`.
const APPLICATION: i64 = 0x6933_7370;
/// Pages of 4 KiB in the log after which they are moved into the database.
const CHECKPOINT_PAGES: u32 = 1000;
/// The size to which the log's file is truncated once all of it is in the database, in bytes.
const LOG_KEPT: u32 = 4 << 20;
/// Memory for pages, in KiB.
const CACHE: u32 = 1000;

const SCHEMA: &str = "
    CREATE TABLE block (
        first INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes INTEGER NOT NULL, taken INTEGER NOT NULL,
        qos INTEGER NOT NULL, records BLOB NOT NULL, held INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX qos2 ON block (first) WHERE qos = 2;
    CREATE TABLE state (
        head INTEGER NOT NULL, next INTEGER NOT NULL, out INTEGER NOT NULL, records INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) STRICT;
    INSERT INTO state VALUES (1, 1, 0, 0, 0);
    CREATE TABLE gone (
        first INTEGER PRIMARY KEY, end INTEGER NOT NULL, records INTEGER NOT NULL, why INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE total (why INTEGER PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
";

/// The format before [`VERSION`]: a row that was held had 4 added to its `qos`.
const OLD_VERSION: i64 = 1;
/// Converts it to the current format. No block is copied, so a full disk does not prevent it: SQLite stores a 0 or a 1 in the
/// head of a row, wherever the column is.
const MIGRATION: &str = "
    ALTER TABLE block ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
    UPDATE block SET held = 1, qos = qos - 4 WHERE qos >= 4;
    DROP INDEX exact;
    CREATE INDEX qos2 ON block (first) WHERE qos = 2;
";
/// Presents the old format as the current one if nothing can be written.
const OLD_AS_CURRENT: &str = "
    CREATE TEMP VIEW block AS
        SELECT first, count, bytes, taken, qos % 4 AS qos, records, qos >= 4 AS held FROM main.block;
";
/// How often to check whether an old program still drains.
const MIGRATION_PAUSE: Duration = Duration::from_millis(25);

/// Returns whether a folder has a database file.
pub fn exists(folder: &Path) -> bool {
    folder.join(DATABASE).exists()
}

/// Creates the folder and an empty database file if they do not exist.
pub fn make(folder: &Path) -> Result<(), SpoolError> {
    let path = folder.join(DATABASE);
    let failed = |source| SpoolError::Access { path: folder.into(), source };
    if path.exists() {
        return Ok(());
    }
    is_folder(folder)?;
    let missing = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).count();
    fsio::create_private_dir(folder).map_err(failed)?;
    check(folder)?;
    // SQLite gives the files beside it the mode of this one.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(file) => file.sync_all().map_err(failed)?,
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(failed(e)),
    }
    // A durable file is useless if its name, or that of a folder above it, is not durable.
    for named in std::iter::once(path.as_path()).chain(folder.ancestors().take(missing.max(1))) {
        fsio::sync_folder(named).map_err(failed)?;
    }
    Ok(())
}

fn check(folder: &Path) -> Result<(), SpoolError> {
    let metadata = match fs::metadata(folder) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(SpoolError::Missing(folder.into())),
        Err(source) => return Err(SpoolError::Access { path: folder.into(), source }),
    };
    match access::exposed_mode(&metadata) {
        Some(mode) => Err(SpoolError::OpenToOthers { path: folder.into(), mode }),
        None => Ok(()),
    }
}

/// Refuses what is there and no folder, which the system would say of the file in it, or not at all.
fn is_folder(folder: &Path) -> Result<(), SpoolError> {
    match folder.exists() && !folder.is_dir() {
        true => Err(SpoolError::Access {
            path: folder.into(),
            source: io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder"),
        }),
        false => Ok(()),
    }
}

/// As [`check`], but a folder without a spool simply has none, even if others may use it.
fn check_existing(folder: &Path) -> Result<(), SpoolError> {
    match check(folder) {
        Err(SpoolError::OpenToOthers { .. }) if !exists(folder) => Err(SpoolError::Missing(folder.into())),
        checked => checked,
    }
}

/// Opens the database, and creates its tables if it is empty.
pub fn open(folder: &Path) -> Result<Connection, SpoolError> {
    check_existing(folder)?;
    let failed = |source| SpoolError::Access { path: folder.into(), source };
    access::check_owner(folder).map_err(failed)?;
    // An absolute path is never mistaken for a URI.
    let path = std::path::absolute(folder.join(DATABASE)).map_err(failed)?;
    if !path.exists() {
        return Err(SpoolError::Missing(folder.into()));
    }
    let opening = lock_file(folder, OPEN)?;
    opening.lock().map_err(failed)?;
    open_database(&path, folder).map_err(|error| with_cause(error, folder))
}

fn open_database(path: &Path, folder: &Path) -> Result<Connection, SpoolError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut db = Connection::open_with_flags(path, flags)?;
    db.busy_handler(Some(wait()))?;
    prepare(&mut db, path, folder)?;
    Ok(db)
}

/// Returns the system's error if SQLite only says that it cannot open a file: this process may have no more descriptors.
fn with_cause(error: SpoolError, folder: &Path) -> SpoolError {
    match error {
        SpoolError::Sqlite(e) if e.sqlite_error_code() == Some(ErrorCode::CannotOpen) => {
            // The database, its log, and the log's index.
            match [folder; 3].map(File::open).into_iter().collect::<io::Result<Vec<_>>>() {
                Err(source) => SpoolError::Access { path: folder.into(), source },
                Ok(_) => SpoolError::Sqlite(e),
            }
        }
        other => other,
    }
}

/// Opens the database on a read-only disk, without creating, locking or changing anything.
pub fn open_read_only(folder: &Path) -> Result<Connection, SpoolError> {
    check_existing(folder)?;
    let failed = |source| SpoolError::Access { path: folder.into(), source };
    let path = std::path::absolute(folder.join(DATABASE)).map_err(failed)?;
    let log = path.with_extension("db-wal");
    // Data that a killed process has left in the log is read, which needs the log's index; without a log SQLite would create
    // one, unless it is told that nothing writes.
    let settled = fs::metadata(&log).map_or(true, |metadata| metadata.len() == 0);
    let uri = format!("file:{}?immutable={}", escaped(&path), u8::from(settled));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let db = Connection::open_with_flags(uri, flags)?;
    match recognise(&db, &path)? {
        Contents::Nothing => return Err(SpoolError::Missing(folder.into())),
        Contents::Current => {}
        Contents::Old => db.execute_batch(OLD_AS_CURRENT)?,
    }
    Ok(db)
}

/// Escapes a path for a URI.
fn escaped(path: &Path) -> String {
    let escape = |byte: &u8| match byte {
        b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    path.as_os_str().as_bytes().iter().map(escape).collect()
}

/// The kind of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contents {
    /// No tables yet.
    Nothing,
    /// A spool of [`VERSION`].
    Current,
    /// A spool of [`OLD_VERSION`].
    Old,
}

/// Recognizes the kind of a database.
///
/// # Errors
/// [`SpoolError::Version`] and [`SpoolError::NotASpool`].
fn recognise(db: &Connection, path: &Path) -> Result<Contents, SpoolError> {
    let known = || {
        let pragma = |name: &str| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let (application, version) = (pragma("application_id")?, pragma("user_version")?);
        let empty = db.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?;
        match (application, version, empty) {
            (0, 0, true) => Ok(Contents::Nothing),
            (APPLICATION, VERSION, false) => Ok(Contents::Current),
            (APPLICATION, OLD_VERSION, false) => Ok(Contents::Old),
            (APPLICATION, found, false) => Err(SpoolError::Version { found }),
            _ => Err(SpoolError::NotASpool(path.into())),
        }
    };
    known().map_err(|e| match e {
        SpoolError::Corrupt(_) if is_no_database(path) => SpoolError::NotASpool(path.into()),
        e => e,
    })
}

/// What distinguishes a file from a later one of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseFile(u64, u64);

/// Returns the identity of the database file in `folder`.
pub fn identity(folder: &Path) -> Result<DatabaseFile, SpoolError> {
    let path = folder.join(DATABASE);
    match fs::metadata(&path) {
        Ok(metadata) => Ok(DatabaseFile(metadata.dev(), metadata.ino())),
        Err(source) => Err(SpoolError::Access { path, source }),
    }
}

/// Checks that the database is still the file that was opened.
///
/// # Errors
/// [`SpoolError::Gone`] if it is not.
pub fn is_in_place(folder: &Path, opened: DatabaseFile) -> Result<(), SpoolError> {
    match identity(folder) {
        Ok(now) if now == opened => Ok(()),
        _ => Err(SpoolError::Gone(folder.into())),
    }
}

fn prepare(db: &mut Connection, path: &Path, folder: &Path) -> Result<(), SpoolError> {
    let contents = recognise(db, path)?;
    if contents == Contents::Nothing {
        // Before the first page is written, because later it has no effect.
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    let mode: String = db.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(SpoolError::FileSystem(path.into()));
    }
    // FULL: the log is synced at each commit. On Apple's systems a sync alone does not reach the disk.
    db.execute_batch(&format!(
        "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON; PRAGMA mmap_size = 0;
         PRAGMA cache_size = -{CACHE}; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}; PRAGMA journal_size_limit = {LOG_KEPT};"
    ))?;
    match contents {
        Contents::Nothing => {
            let tx = db.transaction()?;
            tx.execute_batch(SCHEMA)?;
            tx.pragma_update(None, "application_id", APPLICATION)?;
            tx.pragma_update(None, "user_version", VERSION)?;
            tx.commit()?;
        }
        Contents::Current => {}
        Contents::Old => migrate(db, folder)?,
    }
    capacity::in_steps_again(db)
}

/// Converts a spool of [`OLD_VERSION`] to [`VERSION`].
///
/// # Errors
/// [`SpoolError::Busy`] while an old program drains it: it would mistake a held record for one that is done.
fn migrate(db: &mut Connection, folder: &Path) -> Result<(), SpoolError> {
    let drain = lock_file(folder, DRAIN)?;
    let began = Instant::now();
    while let Err(e) = drain.try_lock() {
        match e {
            TryLockError::WouldBlock if began.elapsed() < WAIT => std::thread::sleep(MIGRATION_PAUSE),
            TryLockError::WouldBlock => return Err(SpoolError::Busy),
            TryLockError::Error(source) => return Err(SpoolError::Access { path: folder.into(), source }),
        }
    }
    let tx = begin(db)?;
    tx.execute_batch(MIGRATION)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    Ok(tx.commit()?)
}

/// Waits for another process that writes. Tries often and briefly: a process that commits all the time leaves only short
/// gaps, and SQLite's own handler, which sleeps for longer and longer, would miss most of them.
fn wait() -> impl FnMut(i32) -> bool + Send + 'static {
    let mut since = Instant::now();
    move |tried| {
        if tried == 0 {
            since = Instant::now();
        }
        std::thread::sleep(Duration::from_micros(if tried < 100 { 500 } else { 2000 }));
        since.elapsed() < WAIT
    }
}

fn is_no_database(path: &Path) -> bool {
    let mut head = [0; 16];
    let read = File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut head));
    read.is_err() || &head != b"SQLite format 3\0"
}

/// Takes the lock of the process that drains, if it is free.
pub fn try_drain(folder: &Path) -> Result<Option<File>, SpoolError> {
    Ok(try_locks(folder)?.1)
}

/// Returns whether a process drains the spool.
pub fn is_draining(folder: &Path) -> Result<bool, SpoolError> {
    let (opening, drain) = match try_locks(folder) {
        // A process that drains must write.
        Err(SpoolError::Access { source, .. }) if source.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            return Ok(false);
        }
        result => result?,
    };
    let held = drain.is_none();
    // In this order, so that no process finds the lock held only because this one checked.
    drop(drain);
    drop(opening);
    Ok(held)
}

/// Takes the lock that guards the other one, and then that of the process that drains, if it is free.
fn try_locks(folder: &Path) -> Result<(File, Option<File>), SpoolError> {
    let failed = |source| SpoolError::Access { path: folder.into(), source };
    let opening = lock_file(folder, OPEN)?;
    opening.lock().map_err(failed)?;
    let drain = lock_file(folder, DRAIN)?;
    match drain.try_lock() {
        Ok(()) => Ok((opening, Some(drain))),
        Err(TryLockError::WouldBlock) => Ok((opening, None)),
        Err(TryLockError::Error(e)) => Err(failed(e)),
    }
}

fn lock_file(folder: &Path, name: &str) -> Result<File, SpoolError> {
    let path = folder.join(name);
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    file.map_err(|source| SpoolError::Access { path, source })
}

/// Returns how many bytes the folder's files take on disk.
pub fn bytes_on_disk(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|metadata| metadata.blocks() * 512).sum()
}
