//! What can go wrong with a spool, classified from SQLite's errors.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// The format of the database, as its `user_version`.
pub const VERSION: i64 = 2;
/// How long to wait for another process that writes.
pub const WAIT: Duration = Duration::from_secs(30);

/// Why a request to the spool failed.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// It should be opened, but does not exist.
    #[error("there is no spool in {}", .0.display())]
    Missing(PathBuf),
    /// A folder or file cannot be created, opened or read.
    #[error("the spool {} cannot be used", path.display())]
    Access { path: PathBuf, source: io::Error },
    /// Group or others may use the folder; `mode` is its lower nine bits.
    #[error("the spool folder {} is open to others (mode {mode:03o})", path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    /// Not a database, or that of another program.
    #[error("{} is not a spool", .0.display())]
    NotASpool(PathBuf),
    /// Written by a newer version of this program.
    #[error("the spool has format {found}, and this program knows format {VERSION}")]
    Version { found: i64 },
    /// SQLite's write-ahead log does not work on this file system, as on some network file systems.
    #[error("the file system of {} cannot hold a spool: SQLite's write-ahead log does not work there", .0.display())]
    FileSystem(PathBuf),
    /// The lines need more than the limit allows, and nothing may be dropped for them. The spool is unchanged.
    #[error("the spool is full: it holds {held} of {max} bytes, and {needed} more are needed")]
    Full { held: u64, needed: u64, max: u64 },
    /// The disk, or the user's quota, is full. The spool is unchanged.
    #[error("the disk of the spool is full")]
    NoSpace,
    /// Its files were removed or moved while it was open: stored records would be lost.
    #[error("the spool in {} was removed while it was in use", .0.display())]
    Gone(PathBuf),
    /// Another process has kept the spool locked.
    #[error("another process has kept the spool locked for {} s", WAIT.as_secs())]
    Busy,
    /// The stored data is not what was written.
    #[error("the spool is damaged: {0}")]
    Corrupt(String),
    /// A record that MQTT cannot frame; its length in bytes.
    #[error("a record of {0} bytes is longer than MQTT can carry")]
    TooLarge(usize),
    /// The disk refuses to read or write, or SQLite fails in another way.
    #[error("the spool cannot be read or written")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for SpoolError {
    fn from(error: rusqlite::Error) -> SpoolError {
        let (Some(code), extended) = (error.sqlite_error_code(), error.sqlite_extended_error_code()) else {
            // A column holds a value that no version of this program writes.
            return SpoolError::Corrupt(error.to_string());
        };
        match (code, extended) {
            // A file size limit or a quota is an error of write(2) to SQLite; a full disk has its own code.
            (ErrorCode::DiskFull, _)
            | (_, Some(ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_SHMSIZE | ffi::SQLITE_IOERR_TRUNCATE)) => {
                SpoolError::NoSpace
            }
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => SpoolError::Busy,
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => SpoolError::Corrupt(error.to_string()),
            _ => SpoolError::Sqlite(error),
        }
    }
}
