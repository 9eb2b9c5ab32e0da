//! The state that marketplace and broker share: the database, the switches of [`super::Controls`], the counters.

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Method;

use super::db::Database;
use super::exception::Exception;
use super::mail::Mail;
use super::options::Options;
use super::permissions::Permissions;

/// Where the marketplace drops the connection instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request is read and ignored: nothing is done.
    BeforeHandling,
    /// Everything is done, but not answered.
    AfterHandling,
}

/// A fault that waits for its request.
pub(super) struct ArmedFault {
    /// `None`: any.
    pub method: Option<Method>,
    /// The beginning of the path.
    pub path: String,
    pub fault: Fault,
}

#[derive(Default)]
pub(super) struct Counters {
    pub device_posts: AtomicU64,
    pub market_log_ins: AtomicU64,
    pub broker_log_ins: AtomicU64,
}

pub(super) struct Shared {
    db: Mutex<Database>,
    /// The state file.
    pub path: Option<PathBuf>,
    /// Session cookie → account.
    sessions: Mutex<HashMap<String, String>>,
    permissions: Mutex<Permissions>,
    trap: Mutex<Option<ArmedFault>>,
    /// Pictures by their path under `/media/`; they are not saved.
    pictures: Mutex<HashMap<String, Bytes>>,
    log_ins_locked_until: Mutex<Option<Instant>>,
    log_in_lock: Duration,
    lock_wait: Duration,
    pub rest: bool,
    pub mqtt5: bool,
    pub latin1: bool,
    pub device_race: Duration,
    pub token_cost: Duration,
    pub mail_down: AtomicBool,
    pub database_down: AtomicBool,
    pub web_database_down: AtomicBool,
    pub counters: Counters,
}

/// Locks a mutex. The state is whole between any two statements that hold the lock, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn new(db: Database, options: &Options) -> Shared {
        Shared {
            db: Mutex::new(db),
            path: options.state.clone(),
            sessions: Mutex::default(),
            permissions: Mutex::new(Permissions::new(options.permission_cache)),
            trap: Mutex::default(),
            pictures: Mutex::default(),
            log_ins_locked_until: Mutex::default(),
            log_in_lock: options.log_in_lock,
            lock_wait: options.lock_wait,
            rest: options.rest,
            mqtt5: options.mqtt5,
            latin1: options.latin1,
            device_race: options.device_race,
            token_cost: options.token_cost,
            mail_down: AtomicBool::new(options.mail_down),
            database_down: AtomicBool::new(false),
            web_database_down: AtomicBool::new(false),
            counters: Counters::default(),
        }
    }

    pub fn db(&self) -> MutexGuard<'_, Database> {
        lock(&self.db)
    }

    pub fn permissions(&self) -> MutexGuard<'_, Permissions> {
        lock(&self.permissions)
    }

    pub fn sessions(&self) -> MutexGuard<'_, HashMap<String, String>> {
        lock(&self.sessions)
    }

    /// Returns whether mail can be sent now.
    pub fn mail(&self) -> Mail {
        if self.mail_down.load(Relaxed) { Mail::Down } else { Mail::Up }
    }

    /// Changes the database, and the state file with it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Database) -> T) -> io::Result<T> {
        let mut db = self.db();
        let result = change(&mut db);
        if let Some(path) = &self.path {
            db.save(path)?;
        }
        Ok(result)
    }

    pub fn keep_picture(&self, path: &str, picture: Bytes) {
        lock(&self.pictures).insert(path.into(), picture);
    }

    pub fn picture(&self, path: &str) -> Option<Bytes> {
        lock(&self.pictures).get(path).cloned()
    }

    /// Locks the table of log-ins for a while, as a statement that failed on its value does.
    pub fn lock_log_ins(&self) {
        *lock(&self.log_ins_locked_until) = Some(Instant::now() + self.log_in_lock);
    }

    pub fn unlock_log_ins(&self) {
        *lock(&self.log_ins_locked_until) = None;
    }

    /// Waits until the log-ins can be written.
    ///
    /// # Errors
    /// The 1205 of a wait that takes too long.
    pub async fn log_ins_unlocked(&self) -> Result<(), Exception> {
        let until = *lock(&self.log_ins_locked_until);
        let left = until.map(|until| until.saturating_duration_since(Instant::now())).unwrap_or_default();
        tokio::time::sleep(left.min(self.lock_wait)).await;
        if left > self.lock_wait { Err(Exception::locked()) } else { Ok(()) }
    }

    pub fn set_trap(&self, trap: ArmedFault) {
        *lock(&self.trap) = Some(trap);
    }

    /// Returns the fault that waits for this request, once.
    pub fn take_fault(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut trap = lock(&self.trap);
        let springs = |trap: &ArmedFault| {
            trap.method.as_ref().is_none_or(|wanted| wanted == method) && path.starts_with(trap.path.as_str())
        };
        if trap.as_ref().is_some_and(springs) { trap.take().map(|trap| trap.fault) } else { None }
    }
}
