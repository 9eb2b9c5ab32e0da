//! The handle of one process on a spool: storing, noting progress, reading, status.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, OptionalExtension};

use super::block::Block;
use super::capacity::{self, Reserve, SpoolActivity};
use super::clock::Reading;
use super::drop_log::{self, DropReason, Dropped};
use super::error::SpoolError;
use super::file;
use super::limits::{Full, Limits};
use super::sql::{begin, integer, number, time};
use super::state::{self, Shrinks, SpoolState};

/// Fewest bytes to drop to make room on a full disk.
const DROPPED_AT_ONCE: u64 = 1 << 20;
/// Time between two steps of returning space to the file system while records come and go.
const SHRINKING_PAUSE: Duration = Duration::from_millis(25);
/// How long a spool still returns space when it is closed.
const LAST_STEPS: Duration = Duration::from_millis(500);

/// A block as read.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Number of the block's first record.
    pub first: u64,
    pub taken: SystemTime,
    /// It is one record that is [held](Spool::hold).
    pub held: bool,
    pub block: Block,
}

impl Stored {
    /// Returns the number after its last record.
    pub fn end(&self) -> u64 {
        self.first + self.block.len()
    }

    /// Returns the number of its first record that is not done, with this [head](Spool::head).
    pub fn waiting_from(&self, head: u64) -> u64 {
        if self.held { self.first } else { self.first.max(head) }
    }
}

/// The contents of a commit, which reach the disk completely or not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Commit<'a> {
    /// Appended in order, each with the time when it was read.
    pub blocks: &'a [(SystemTime, Block)],
    /// Every record below this number is done.
    pub done: Option<u64>,
    pub limits: Limits,
    /// Records below this number are in flight and are not dropped for lack of room or because of their age; 0 from a process
    /// that does not drain.
    pub keep: u64,
}

/// The result of a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Number of the first record of each block.
    pub firsts: Vec<u64>,
    /// Records dropped to make room, or because of their age.
    pub dropped: Dropped,
    /// By how much the clock was set since the last check of ages, in ms.
    pub clock_jump: i64,
}

/// The contents of a spool at one moment.
#[derive(Debug, Clone)]
pub struct Status {
    /// Records that are not done.
    pub records: u64,
    /// Bytes of the blocks that hold them.
    pub bytes: u64,
    /// Bytes of the folder's files.
    pub bytes_on_disk: u64,
    /// When the first and the last block were stored.
    pub oldest: Option<SystemTime>,
    pub newest: Option<SystemTime>,
    /// Records below it are done, or held.
    pub head: u64,
    /// The number that the next record gets.
    pub next: u64,
    /// The numbers of the [held](Spool::hold) records.
    pub held: Vec<u64>,
    /// Records dropped since the spool was created.
    pub dropped: Vec<(DropReason, Dropped)>,
    /// A process holds the [`DrainLock`].
    pub draining: bool,
    /// Some record has QoS 2.
    pub qos2: bool,
    /// The topics of the first block.
    pub topics: Vec<String>,
}

/// One process's handle.
#[derive(Debug)]
pub struct Spool {
    pub(super) folder: PathBuf,
    pub(super) db: Connection,
    /// The identity of the database file.
    identity: file::DatabaseFile,
    /// When space was last returned.
    shrunk: Instant,
}

/// The right to drain, held by one process at a time; the kernel releases it when that process ends in any way.
#[derive(Debug)]
#[must_use]
pub struct DrainLock {
    _file: File,
}

impl Spool {
    /// Opens the spool in `folder`, and creates it if it does not exist: the folder 0700, the files 0600.
    ///
    /// # Errors
    /// [`SpoolError::Access`], [`SpoolError::OpenToOthers`], [`SpoolError::NotASpool`], [`SpoolError::Version`],
    /// [`SpoolError::FileSystem`], [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Corrupt`].
    pub fn open(folder: &Path) -> Result<Spool, SpoolError> {
        file::make(folder)?;
        Spool::open_existing(folder)
    }

    /// Returns whether there is a spool in `folder`, or the remains of one.
    pub fn is_in(folder: &Path) -> bool {
        file::exists(folder)
    }

    /// Opens the spool in `folder` if there is one.
    ///
    /// # Errors
    /// [`SpoolError::Missing`], and as [`Spool::open`].
    pub fn open_existing(folder: &Path) -> Result<Spool, SpoolError> {
        let db = match file::open(folder) {
            // Opening needs space for the log's index.
            Err(SpoolError::NoSpace) if capacity::use_reserve(folder) => file::open(folder)?,
            result => result?,
        };
        Spool::of(folder, db)
    }

    /// Opens the spool in `folder` to [read](Spool::read) it and for its [status](Spool::status), even on a read-only disk.
    ///
    /// # Errors
    /// As [`Spool::open_existing`].
    pub fn open_to_look(folder: &Path) -> Result<Spool, SpoolError> {
        match Spool::open_existing(folder) {
            Err(SpoolError::Access { source, .. }) if source.kind() == std::io::ErrorKind::ReadOnlyFilesystem => {
                Spool::of(folder, file::open_read_only(folder)?)
            }
            result => result,
        }
    }

    pub(super) fn of(folder: &Path, db: Connection) -> Result<Spool, SpoolError> {
        Ok(Spool { folder: folder.into(), db, identity: file::identity(folder)?, shrunk: Instant::now() })
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes `commit`, which is on disk when this returns.
    ///
    /// On a full disk a commit without blocks still succeeds, because a reserve is kept for it; with
    /// [`Full::DropOldest`] blocks are accepted as well, and drop at least as many bytes as they have.
    ///
    /// # Errors
    /// [`SpoolError::Full`], [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`],
    /// [`SpoolError::Corrupt`], [`SpoolError::Gone`], [`SpoolError::Access`]; the spool is unchanged.
    pub fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, SpoolError> {
        self.commit_at(commit, &Reading::now())
    }

    /// As [`Spool::commit`], with these readings of the clocks.
    pub(super) fn commit_at(&mut self, commit: &Commit<'_>, now: &Reading) -> Result<Committed, SpoolError> {
        let limits = commit.limits;
        let refused = match self.try_commit(commit, now, Reserve::Whole) {
            Err(SpoolError::NoSpace) if commit.blocks.is_empty() || limits.full == Full::DropOldest => {
                SpoolError::NoSpace
            }
            result => return result,
        };
        capacity::make(&self.folder, &self.db)?;
        // On a full disk new blocks take the place of dropped ones, several at once.
        let max = SpoolState::read(&self.db)?.bytes.saturating_sub(DROPPED_AT_ONCE);
        let limits = Limits { max_bytes: Some(limits.max_bytes.map_or(max, |given| given.min(max))), ..limits };
        let result = self.try_commit(&Commit { limits, ..*commit }, now, Reserve::GivenUp);
        // If there is no room for the reserve, a later commit tries again.
        let _ = capacity::set_reserve_aside(&self.folder);
        result.map_err(|e| if matches!(e, SpoolError::Full { .. }) { refused } else { e })
    }

    fn try_commit(&mut self, commit: &Commit<'_>, now: &Reading, reserve: Reserve) -> Result<Committed, SpoolError> {
        let Commit { blocks, done, limits, keep } = commit;
        file::is_in_place(&self.folder, self.identity)?;
        let tx = begin(&mut self.db)?;
        let mut state = SpoolState::read(&tx)?;
        if *keep > 0 {
            state.out = *keep;
        }
        if let Some(done) = *done {
            state.finish(&tx, done)?;
        }
        let (mut dropped, clock_jump) = state.expire(&tx, limits, now)?;
        let needed: u64 = blocks.iter().map(|(_, block)| block.bytes() as u64).sum();
        dropped += state.make_room(&tx, needed, limits)?;
        capacity::check(&self.folder, &tx, blocks, reserve)?;
        let firsts = state.append(&tx, blocks)?;
        state.write(&tx)?;
        let shrinks = match state.records {
            // During frequent commits, looking for pages to return is not a priority.
            1.. if self.shrunk.elapsed() < SHRINKING_PAUSE => Shrinks::Nothing,
            _ => state.shrink(&tx, SpoolActivity::Busy)?,
        };
        if shrinks != Shrinks::Nothing {
            self.shrunk = Instant::now();
        }
        let committed = tx.commit();
        after_commit(&self.db, committed, shrinks)?;
        Ok(Committed { firsts, dropped, clock_jump })
    }

    /// Returns some unused space to the file system, and whether there is more. A commit does the same; this is
    /// for idle moments, above all when the spool has become empty.
    ///
    /// # Errors
    /// [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`].
    pub fn tidy(&mut self) -> Result<bool, SpoolError> {
        if capacity::unused(&self.db, SpoolActivity::Idle)?.is_none() {
            return Ok(false);
        }
        let tx = begin(&mut self.db)?;
        let shrinks = SpoolState::read(&tx)?.shrink(&tx, SpoolActivity::Idle)?;
        let committed = tx.commit();
        after_commit(&self.db, committed, shrinks)?;
        Ok(shrinks == Shrinks::More)
    }

    /// Drops blocks that are older than the limits allow.
    ///
    /// # Errors
    /// As [`Spool::commit`], except [`SpoolError::Full`].
    pub fn expire(&mut self, limits: &Limits, keep: u64) -> Result<Committed, SpoolError> {
        let now = Reading::now();
        let nothing_to_do = match (limits.max_age, self.oldest(keep)?) {
            (Some(age), Some(oldest)) => !state::is_older(oldest, age, now.wall),
            _ => true,
        };
        if nothing_to_do {
            return Ok(Committed::default());
        }
        let limits = Limits { max_bytes: None, ..*limits };
        self.commit_at(&Commit { limits, keep, ..Commit::default() }, &now)
    }

    /// Returns the block with the first record from `from` on that still exists. It may begin before `from`.
    ///
    /// # Errors
    /// [`SpoolError::Busy`], [`SpoolError::Sqlite`], [`SpoolError::Corrupt`].
    pub fn read(&self, from: u64) -> Result<Option<Stored>, SpoolError> {
        Ok(self.read_on(from, 1, 0)?.pop())
    }

    /// Returns the same block and those after it, until they have `records` records or `bytes` bytes, or until a damaged one.
    ///
    /// # Errors
    /// As [`Spool::read`], of the first block.
    pub fn read_on(&self, from: u64, records: u64, bytes: usize) -> Result<Vec<Stored>, SpoolError> {
        // One statement sees a single moment: between two, another process could add a block where the first saw none.
        const FROM: &str = "SELECT first, count, taken, qos, held, records FROM block
             WHERE first >= (SELECT coalesce(max(first), 0) FROM block WHERE first <= ?1) AND first + count > ?1
             ORDER BY first";
        let row = |row: &rusqlite::Row<'_>| {
            let count = number(row.get(1)?);
            let block = Block::stored(row.get_ref(5)?.as_blob()?, count, row.get::<_, i64>(3)? == 2);
            Ok(Stored { first: number(row.get(0)?), taken: time(row.get(2)?), held: row.get(4)?, block })
        };
        let mut statement = self.db.prepare_cached(FROM)?;
        let (mut found, mut count, mut length) = (Vec::new(), 0, 0);
        for stored in statement.query_map([integer(from)], row)? {
            match stored {
                Ok(stored) => {
                    count += stored.block.len();
                    length += stored.block.bytes();
                    found.push(stored);
                }
                Err(_) if !found.is_empty() => break,
                Err(e) => return Err(e.into()),
            }
            if count >= records || length >= bytes {
                break;
            }
        }
        Ok(found)
    }

    /// Returns the number below which all records are done, dropped, or held.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn head(&self) -> Result<u64, SpoolError> {
        Ok(SpoolState::read(&self.db)?.head)
    }

    /// Returns the number of the first record that is not done: of a held one, or the head.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn first(&self) -> Result<u64, SpoolError> {
        let head = self.head()?;
        Ok(state::first_held(&self.db, head)?.unwrap_or(head))
    }

    /// Returns whether the spool is empty.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn is_empty(&self) -> Result<bool, SpoolError> {
        Ok(SpoolState::read(&self.db)?.records == 0)
    }

    /// Returns the number that the next record gets. Numbers begin with 1 and are never used again.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn next(&self) -> Result<u64, SpoolError> {
        Ok(SpoolState::read(&self.db)?.next)
    }

    /// Counts how many of the records with these numbers were dropped. This is exact for the records of a commit, unless
    /// thousands of drops have happened since.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn dropped_in(&self, numbers: Range<u64>) -> Result<u64, SpoolError> {
        drop_log::dropped_in(&self.db, numbers)
    }

    /// Takes the right to drain; returns `None` if another process has it.
    ///
    /// # Errors
    /// [`SpoolError::Access`].
    pub fn try_drain(&self) -> Result<Option<DrainLock>, SpoolError> {
        Ok(file::try_drain(&self.folder)?.map(|file| DrainLock { _file: file }))
    }

    /// Returns the contents of the spool.
    ///
    /// # Errors
    /// As [`Spool::read`] and [`Spool::try_drain`], and [`SpoolError::Gone`].
    pub fn status(&self) -> Result<Status, SpoolError> {
        file::is_in_place(&self.folder, self.identity)?;
        let tx = self.db.unchecked_transaction()?;
        let state = SpoolState::read(&tx)?;
        let newest = tx.query_row("SELECT taken FROM block ORDER BY first DESC LIMIT 1", [], |row| row.get(0));
        let head_block = self.read(state.head)?;
        let mut topics = Vec::<String>::new();
        for record in head_block.iter().flat_map(|stored| stored.block.records()) {
            let record = record?;
            if !topics.iter().any(|topic| topic == record.topic) {
                topics.push(record.topic.into());
            }
        }
        let done = head_block.as_ref().map_or(0, |stored| stored.waiting_from(state.head) - stored.first);
        let held = state::held(&tx, 0..state.head)?;
        Ok(Status {
            records: state.records - done.min(state.records),
            bytes: state.bytes,
            bytes_on_disk: file::bytes_on_disk(&self.folder),
            oldest: self.oldest(0)?,
            newest: newest.optional()?.map(time),
            head: state.head,
            next: state.next,
            held,
            dropped: drop_log::totals(&tx)?,
            draining: file::is_draining(&self.folder)?,
            qos2: tx.query_row("SELECT EXISTS (SELECT 1 FROM block WHERE qos = 2)", [], |row| row.get(0))?,
            topics,
        })
    }

    /// Runs `work`, and again with the room of the reserve if the disk is full.
    pub(super) fn with_reserve<T>(
        &mut self,
        mut work: impl FnMut(&mut Spool) -> Result<T, SpoolError>,
    ) -> Result<T, SpoolError> {
        match work(self) {
            Err(SpoolError::NoSpace) => {
                capacity::make(&self.folder, &self.db)?;
                work(self)
            }
            result => result,
        }
    }

    /// Returns when the first block from number `from` on was stored.
    fn oldest(&self, from: u64) -> Result<Option<SystemTime>, SpoolError> {
        let oldest = "SELECT taken FROM block WHERE first >= ? ORDER BY first LIMIT 1";
        let taken = self.db.prepare_cached(oldest)?.query_row([integer(from)], |row| row.get(0));
        Ok(taken.optional()?.map(time))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // The rest is left for the next process.
        let until = Instant::now() + LAST_STEPS;
        while Instant::now() < until && self.tidy().unwrap_or(false) {}
    }
}

/// Finishes a commit, and truncates a file that has become shorter.
///
/// # Errors
/// Only that of the commit: the rest can be done by a later one.
fn after_commit(db: &Connection, committed: rusqlite::Result<()>, shrinks: Shrinks) -> Result<(), SpoolError> {
    if shrinks == Shrinks::Last {
        let _ = capacity::in_steps_again(db).and_then(|()| capacity::settle(db));
    }
    Ok(committed?)
}
