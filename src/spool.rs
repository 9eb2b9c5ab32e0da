//! A durable queue of messages in a folder: what is in it when a call returns is on disk, in order, until it is done.
//!
//! SQLite carries it, with a write-ahead log that is synced once at each commit, for what is taken and what is done
//! alike: several processes can use one spool at once, and whatever ends a process leaves whole commits. Numbers of
//! records begin with 1 and are never used again, so they say what came before what, and what is done.
//!
//! A row is a [`Block`] of the records that were taken together, because rows cost more than records: in commits of some
//! 8,000 lines of 100 bytes, blocks are taken five to eight times as fast as a row for each line (600,000 lines a second
//! and more), and read and noted as done over fifteen times as fast (a million and more). `examples/spool.rs` measures it.

pub mod block;
mod damage;
mod error;
mod fate;
mod file;
mod hold;
mod purge;
mod room;

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

pub use block::{Block, Cursor, Record, Records};
pub use error::SpoolError;
pub use fate::{Dropped, Why};
pub use purge::Purge;
use room::{Reserve, When};

/// The format of the database, as its `user_version`.
const VERSION: i64 = 1;
/// How long another process that writes is waited for.
const WAIT: Duration = Duration::from_secs(30);
/// Bytes that are dropped at least to make room on a full disk.
const DROPPED_AT_ONCE: u64 = 1 << 20;
/// Time between two steps of giving room back while records come and go.
const SHRINKING_PAUSE: Duration = Duration::from_millis(25);
/// For how long a spool that is closed still gives room back.
const LAST_STEPS: Duration = Duration::from_millis(500);

/// What a spool may hold. The default is no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Bytes of the records, each as an MQTT packet.
    pub max_bytes: Option<u64>,
    /// Blocks that were taken longer ago are dropped.
    pub max_age: Option<Duration>,
    /// What happens to lines for which there is no room.
    pub full: Full,
}

/// What happens when there is no room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Full {
    /// [`SpoolError::Full`]; the caller takes no more until there is room.
    #[default]
    Block,
    /// The oldest blocks make room.
    DropOldest,
    /// [`SpoolError::Full`]; the caller gives up.
    Fail,
}

/// A block as it was read.
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
    /// The number behind its last record.
    pub fn end(&self) -> u64 {
        self.first + self.block.len()
    }

    /// The number of its first record that is not done, with this [head](Spool::head).
    pub fn waiting_from(&self, head: u64) -> u64 {
        if self.held { self.first } else { self.first.max(head) }
    }
}

/// What a commit did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Number of the first record of each block.
    pub firsts: Vec<u64>,
    /// What had to go for it, or was too old.
    pub dropped: Dropped,
}

/// What a spool holds, at one moment.
#[derive(Debug, Clone)]
pub struct Status {
    /// Records that are not done.
    pub records: u64,
    /// Bytes of the blocks that hold them.
    pub bytes: u64,
    /// Bytes of the folder's files.
    pub bytes_on_disk: u64,
    /// When the first and the last block were taken.
    pub oldest: Option<SystemTime>,
    pub newest: Option<SystemTime>,
    /// Records below it are done, or held.
    pub head: u64,
    /// The number that the next record gets.
    pub next: u64,
    /// Of the records, those that are [held](Spool::hold): their numbers.
    pub held: Vec<u64>,
    /// What was dropped since the spool was made.
    pub dropped: Vec<(Why, Dropped)>,
    /// Somebody holds the [`DrainLock`].
    pub draining: bool,
    /// Some record has QoS 2.
    pub exact: bool,
    /// The topics of the first block.
    pub topics: Vec<String>,
}

/// One process's handle.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    db: Connection,
    /// Which file the database is.
    identity: file::Identity,
    /// When room was given back last.
    shrunk: Instant,
}

/// The right to drain, held by one process at a time; the kernel takes it back however that process ends.
#[derive(Debug)]
#[must_use]
pub struct DrainLock {
    _file: File,
}

/// The one row of the table `state`.
struct State {
    head: u64,
    next: u64,
    /// Records below it are out at the broker, as the process that drains said last.
    out: u64,
    /// Of all blocks, with what is done in the first.
    records: u64,
    bytes: u64,
}

/// What is given back of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shrinks {
    Nothing,
    More,
    Last,
}

impl Spool {
    /// Opens the spool in `folder`, and makes it if it is not there: the folder 0700, the files 0600.
    ///
    /// # Errors
    /// [`SpoolError::Access`], [`SpoolError::OpenToOthers`], [`SpoolError::NotASpool`], [`SpoolError::Version`],
    /// [`SpoolError::FileSystem`], [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Corrupt`].
    pub fn open(folder: &Path) -> Result<Spool, SpoolError> {
        file::make(folder)?;
        Spool::open_existing(folder)
    }

    /// Opens the spool in `folder` if there is one.
    ///
    /// # Errors
    /// [`SpoolError::Missing`], and as [`Spool::open`].
    pub fn open_existing(folder: &Path) -> Result<Spool, SpoolError> {
        let db = match file::open(folder) {
            // Nothing can be opened without a byte for the log's index.
            Err(SpoolError::NoSpace) if room::use_reserve(folder) => file::open(folder)?,
            result => result?,
        };
        Spool::of(folder, db)
    }

    /// Opens the spool in `folder` to [read](Spool::read) it and for its [status](Spool::status); also on a disk that can
    /// be read only.
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

    fn of(folder: &Path, db: Connection) -> Result<Spool, SpoolError> {
        Ok(Spool { folder: folder.into(), db, identity: file::identity(folder)?, shrunk: Instant::now() })
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Appends `blocks` in order, each with the time when it was taken, and notes that every record below `done` is done;
    /// all of it or nothing, and on disk when this returns. Records below `keep` are out at the broker and are not
    /// dropped for want of room or for their age; a process that does not drain says 0.
    ///
    /// On a full disk what is done can still be noted, by a commit without blocks, for some room is kept for that; with
    /// [`Full::DropOldest`] blocks are taken as well, and drop as many bytes as they have and some more.
    ///
    /// # Errors
    /// [`SpoolError::Full`], [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`],
    /// [`SpoolError::Corrupt`], [`SpoolError::Gone`], [`SpoolError::Access`]; the spool is as it was.
    pub fn commit(
        &mut self,
        blocks: &[(SystemTime, Block)],
        done: Option<u64>,
        limits: &Limits,
        keep: u64,
    ) -> Result<Committed, SpoolError> {
        let refused = match self.try_commit(blocks, done, limits, keep, Reserve::Whole) {
            Err(SpoolError::NoSpace) if blocks.is_empty() || limits.full == Full::DropOldest => SpoolError::NoSpace,
            result => return result,
        };
        room::make(&self.folder, &self.db)?;
        // On a full disk what comes takes the place of what goes, some of it at once.
        let max = State::read(&self.db)?.bytes.saturating_sub(DROPPED_AT_ONCE);
        let limits = Limits { max_bytes: Some(limits.max_bytes.map_or(max, |given| given.min(max))), ..*limits };
        let result = self.try_commit(blocks, done, &limits, keep, Reserve::GivenUp);
        // Where there is no room for it, a later commit tries again.
        let _ = room::set_reserve_aside(&self.folder);
        result.map_err(|e| if matches!(e, SpoolError::Full { .. }) { refused } else { e })
    }

    fn try_commit(
        &mut self,
        blocks: &[(SystemTime, Block)],
        done: Option<u64>,
        limits: &Limits,
        keep: u64,
        reserve: Reserve,
    ) -> Result<Committed, SpoolError> {
        file::is_in_place(&self.folder, self.identity)?;
        let tx = begin(&mut self.db)?;
        let mut state = State::read(&tx)?;
        if keep > 0 {
            state.out = keep;
        }
        if let Some(done) = done {
            state.finish(&tx, done)?;
        }
        let mut dropped = state.expire(&tx, limits)?;
        let needed: u64 = blocks.iter().map(|(_, block)| block.bytes() as u64).sum();
        dropped += state.make_room(&tx, needed, limits)?;
        room::check(&self.folder, &tx, blocks, reserve)?;
        let firsts = state.append(&tx, blocks)?;
        state.write(&tx)?;
        let shrinks = match state.records {
            // Whoever commits all the time has more to do than to look for pages to give back.
            1.. if self.shrunk.elapsed() < SHRINKING_PAUSE => Shrinks::Nothing,
            _ => state.shrink(&tx, When::Busy)?,
        };
        if shrinks != Shrinks::Nothing {
            self.shrunk = Instant::now();
        }
        let committed = tx.commit();
        after_commit(&self.db, committed, shrinks)?;
        Ok(Committed { firsts, dropped })
    }

    /// Gives a piece of what is not used any more back to the file system; `true` if there is more. A commit does the
    /// same; this is for the moments when nothing is to be committed, and above all for when the spool has run empty.
    ///
    /// # Errors
    /// [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`].
    pub fn tidy(&mut self) -> Result<bool, SpoolError> {
        if room::unused(&self.db, When::Idle)?.is_none() {
            return Ok(false);
        }
        let tx = begin(&mut self.db)?;
        let shrinks = State::read(&tx)?.shrink(&tx, When::Idle)?;
        let committed = tx.commit();
        after_commit(&self.db, committed, shrinks)?;
        Ok(shrinks == Shrinks::More)
    }

    /// Drops the records that `what` names; whoever calls it holds the right to drain, so none of them is on its way.
    ///
    /// # Errors
    /// [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`], [`SpoolError::Corrupt`]. Some may be gone.
    pub fn purge(&mut self, what: &Purge<'_>, _lock: &DrainLock) -> Result<Dropped, SpoolError> {
        let mut dropped = Dropped::default();
        // What is held lies before the head.
        let mut from = Some(0);
        while let Some(number) = from {
            let step = self.with_reserve(|spool| spool.purge_some(what, number))?;
            dropped += step.0;
            from = step.1;
        }
        // What is gone is gone; room can be given back another time.
        while self.tidy().unwrap_or(false) {}
        Ok(dropped)
    }

    /// Drops what is older than the limits allow.
    ///
    /// # Errors
    /// As [`Spool::commit`], but for [`SpoolError::Full`].
    pub fn expire(&mut self, limits: &Limits, keep: u64) -> Result<Dropped, SpoolError> {
        let nothing_to_do = match (limits.max_age, self.oldest(keep)?) {
            (Some(age), Some(oldest)) => !is_older(oldest, age),
            _ => true,
        };
        if nothing_to_do {
            return Ok(Dropped::default());
        }
        let limits = Limits { max_bytes: None, ..*limits };
        Ok(self.commit(&[], None, &limits, keep)?.dropped)
    }

    /// The block with the first record from `from` on that is still there. It may begin before `from`.
    ///
    /// # Errors
    /// [`SpoolError::Busy`], [`SpoolError::Sqlite`], [`SpoolError::Corrupt`].
    pub fn read(&self, from: u64) -> Result<Option<Stored>, SpoolError> {
        Ok(self.read_on(from, 1, 0)?.pop())
    }

    /// The same block and those behind it, up to the one with which they have so many `records` or `bytes`, or to the first
    /// that is damaged.
    ///
    /// # Errors
    /// As [`Spool::read`], of the first block.
    pub fn read_on(&self, from: u64, records: u64, bytes: usize) -> Result<Vec<Stored>, SpoolError> {
        // One statement sees one moment: between two, another process could put a block where the first saw none.
        const FROM: &str = "SELECT first, count, taken, qos, records FROM block
             WHERE first >= (SELECT coalesce(max(first), 0) FROM block WHERE first <= ?1) AND first + count > ?1
             ORDER BY first";
        let row = |row: &rusqlite::Row<'_>| {
            let count = number(row.get(1)?);
            let qos: i64 = row.get(3)?;
            let block = Block::stored(row.get_ref(4)?.as_blob()?, count, qos % hold::HELD == 2);
            let held = qos >= hold::HELD;
            Ok(Stored { first: number(row.get(0)?), taken: time(row.get(2)?), held, block })
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

    /// Records below it are done, dropped, or held.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn head(&self) -> Result<u64, SpoolError> {
        Ok(State::read(&self.db)?.head)
    }

    /// The number of the first record that is not done: of one that is held, or the head.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn first(&self) -> Result<u64, SpoolError> {
        let head = self.head()?;
        Ok(hold::first(&self.db, head)?.unwrap_or(head))
    }

    /// Whether nothing is in it.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn is_empty(&self) -> Result<bool, SpoolError> {
        Ok(State::read(&self.db)?.records == 0)
    }

    /// The number that the next record gets. Numbers begin with 1 and are never used again.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn next(&self) -> Result<u64, SpoolError> {
        Ok(State::read(&self.db)?.next)
    }

    /// How many of the records with these numbers were dropped. Exact for what a commit took, unless it was dropped
    /// thousands of drops ago.
    ///
    /// # Errors
    /// As [`Spool::read`].
    pub fn dropped_in(&self, numbers: Range<u64>) -> Result<u64, SpoolError> {
        fate::dropped_in(&self.db, numbers)
    }

    /// Takes the right to drain, or gives `None` if another process has it.
    ///
    /// # Errors
    /// [`SpoolError::Access`].
    pub fn try_drain(&self) -> Result<Option<DrainLock>, SpoolError> {
        Ok(file::try_drain(&self.folder)?.map(|file| DrainLock { _file: file }))
    }

    /// What it holds.
    ///
    /// # Errors
    /// As [`Spool::read`] and [`Spool::try_drain`], and [`SpoolError::Gone`].
    pub fn status(&self) -> Result<Status, SpoolError> {
        file::is_in_place(&self.folder, self.identity)?;
        let tx = self.db.unchecked_transaction()?;
        let state = State::read(&tx)?;
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
        let held = hold::numbers(&tx, 0..state.head)?;
        Ok(Status {
            records: state.records - done.min(state.records),
            bytes: state.bytes,
            bytes_on_disk: file::bytes_on_disk(&self.folder),
            oldest: self.oldest(0)?,
            newest: newest.optional()?.map(time),
            head: state.head,
            next: state.next,
            held,
            dropped: fate::totals(&tx)?,
            draining: file::is_draining(&self.folder)?,
            exact: tx.query_row("SELECT EXISTS (SELECT 1 FROM block WHERE qos = 2)", [], |row| row.get(0))?
                || hold::any_exact(&tx, state.head)?,
            topics,
        })
    }

    /// When the first block from number `from` on was taken.
    fn oldest(&self, from: u64) -> Result<Option<SystemTime>, SpoolError> {
        let oldest = "SELECT taken FROM block WHERE first >= ? ORDER BY first LIMIT 1";
        let taken = self.db.prepare_cached(oldest)?.query_row([integer(from)], |row| row.get(0));
        Ok(taken.optional()?.map(time))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // What is left of it after that is for the next one.
        let until = Instant::now() + LAST_STEPS;
        while Instant::now() < until && self.tidy().unwrap_or(false) {}
    }
}

impl State {
    fn read(db: &Connection) -> Result<State, SpoolError> {
        let mut state = db.prepare_cached("SELECT head, next, out, records, bytes FROM state")?;
        Ok(state.query_row([], |row| {
            Ok(State {
                head: number(row.get(0)?),
                next: number(row.get(1)?),
                out: number(row.get(2)?),
                records: number(row.get(3)?),
                bytes: number(row.get(4)?),
            })
        })?)
    }

    fn write(&mut self, tx: &Transaction<'_>) -> Result<(), SpoolError> {
        // What was dropped from the head is behind us as well.
        let first = "SELECT first FROM block
             WHERE first >= (SELECT coalesce(max(first), 0) FROM block WHERE first <= ?1) AND first + count > ?1
             ORDER BY first LIMIT 1";
        let first = tx.prepare_cached(first)?.query_row([integer(self.head)], |row| row.get(0)).optional()?;
        self.head = self.head.max(first.map_or(self.next, number));
        let mut update = tx.prepare_cached("UPDATE state SET head = ?, next = ?, out = ?, records = ?, bytes = ?")?;
        update.execute([self.head, self.next, self.out, self.records, self.bytes].map(integer))?;
        Ok(())
    }

    fn append(&mut self, tx: &Transaction<'_>, blocks: &[(SystemTime, Block)]) -> Result<Vec<u64>, SpoolError> {
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

    /// Records below `done` are done; blocks that are done whole go.
    fn finish(&mut self, tx: &Transaction<'_>, done: u64) -> Result<(), SpoolError> {
        self.head = self.head.max(done.min(self.next));
        // At most one block that begins below the head reaches beyond it, so the key alone finds them, but for those that
        // are held.
        const SUM: &str = "SELECT coalesce(sum(count), 0), coalesce(sum(bytes), 0) FROM block
             WHERE first < ?1 AND first + count <= ?1 AND qos < 4";
        const DELETE: &str = "DELETE FROM block WHERE first < ?1 AND first + count <= ?1 AND qos < 4";
        let head = [integer(self.head)];
        let (records, bytes) = tx.prepare_cached(SUM)?.query_row(head, |row| Ok((row.get(0)?, row.get(1)?)))?;
        if records > 0 {
            tx.prepare_cached(DELETE)?.execute(head)?;
            self.subtract(number(records), number(bytes));
        }
        Ok(())
    }

    fn expire(&mut self, tx: &Transaction<'_>, limits: &Limits) -> Result<Dropped, SpoolError> {
        let Some(age) = limits.max_age else { return Ok(Dropped::default()) };
        self.drop_oldest(tx, Why::Age, |_, taken| is_older(taken, age))
    }

    fn make_room(&mut self, tx: &Transaction<'_>, needed: u64, limits: &Limits) -> Result<Dropped, SpoolError> {
        let Some(max) = limits.max_bytes.filter(|_| needed > 0) else { return Ok(Dropped::default()) };
        let mut dropped = Dropped::default();
        if limits.full == Full::DropOldest && needed <= max {
            dropped = self.drop_oldest(tx, Why::Full, |state, _| state.bytes + needed > max)?;
        }
        if self.bytes + needed > max {
            return Err(SpoolError::Full { held: self.bytes, needed, max });
        }
        Ok(dropped)
    }

    /// Drops blocks that are not out, the oldest first, for as long as `wanted` says so.
    fn drop_oldest(
        &mut self,
        tx: &Transaction<'_>,
        why: Why,
        wanted: impl Fn(&State, SystemTime) -> bool,
    ) -> Result<Dropped, SpoolError> {
        let mut oldest = tx.prepare(
            "SELECT first, count, bytes, taken FROM block WHERE first >= ?1 AND (first >= ?2 OR qos >= 4)
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
            fate::note(tx, first..first + count, gone, why)?;
            dropped += gone;
        }
        Ok(dropped)
    }

    fn shrink(&self, tx: &Transaction<'_>, when: When) -> Result<Shrinks, SpoolError> {
        let Some(unused) = room::unused(tx, when)? else { return Ok(Shrinks::Nothing) };
        if self.records > 0 && room::give_back(tx, unused)? {
            return Ok(Shrinks::More);
        }
        if self.records == 0 {
            room::cut_off(tx)?;
        }
        Ok(Shrinks::Last)
    }

    fn subtract(&mut self, records: u64, bytes: u64) {
        self.records = self.records.saturating_sub(records);
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

fn insert(tx: &Transaction<'_>, first: u64, taken: SystemTime, block: &Block) -> Result<(), SpoolError> {
    if !block.is_empty() {
        let insert = "INSERT INTO block (first, count, bytes, taken, qos, records) VALUES (?, ?, ?, ?, ?, ?)";
        tx.prepare_cached(insert)?.execute(params![
            integer(first),
            integer(block.len()),
            integer(block.bytes() as u64),
            milliseconds(taken),
            if block.exact() { 2 } else { 0 },
            block.as_bytes()
        ])?;
    }
    Ok(())
}

fn is_older(taken: SystemTime, age: Duration) -> bool {
    // A clock that was set back makes nothing old.
    SystemTime::now().duration_since(taken).is_ok_and(|since| since > age)
}

/// Begins to write: nobody else does until it ends.
fn begin(db: &mut Connection) -> Result<Transaction<'_>, SpoolError> {
    Ok(db.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Brings a file that has become shorter to its length on disk.
///
/// # Errors
/// That of the commit alone: once it is committed, the rest can be done by a later one.
fn after_commit(db: &Connection, committed: rusqlite::Result<()>, shrinks: Shrinks) -> Result<(), SpoolError> {
    if shrinks == Shrinks::Last {
        let _ = room::in_steps_again(db).and_then(|()| room::settle(db));
    }
    Ok(committed?)
}

/// SQLite's integers have a sign; no number of a record and no length comes near it.
fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way. Nothing below 0 is ever written.
fn number(integer: i64) -> u64 {
    u64::try_from(integer).unwrap_or(0)
}

fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn time(milliseconds: i64) -> SystemTime {
    let since = Duration::from_millis(number(milliseconds));
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
