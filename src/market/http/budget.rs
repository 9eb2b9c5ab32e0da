//! Limits of all requests of one command together: time, and bytes of answers.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The limits of all requests together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time that requests take, from the look-up of the name to the last byte. Time between them, as while a person
    /// answers a question, does not count.
    pub time: Duration,
    /// Bytes of the bodies of answers.
    pub bytes: u64,
}

impl Limits {
    /// Ten minutes, for a list that takes thousands of requests; 1 GiB, which is two million notifications.
    pub const DEFAULT: Limits = Limits { time: Duration::from_secs(600), bytes: 1 << 30 };
}

/// The rest of the limits.
#[derive(Debug)]
pub(super) struct Budget {
    left: Mutex<Limits>,
}

impl Budget {
    pub fn new(limits: Limits) -> Budget {
        Budget { left: Mutex::new(limits) }
    }

    pub fn left(&self) -> Limits {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request; its time is counted until the returned value is dropped.
    pub fn begin(&self) -> Spending<'_> {
        Spending { budget: self, since: Instant::now() }
    }

    fn take(&self, time: Duration, bytes: u64) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.time = left.time.saturating_sub(time);
        left.bytes = left.bytes.saturating_sub(bytes);
    }
}

/// A request that takes time.
#[derive(Debug)]
pub(super) struct Spending<'b> {
    budget: &'b Budget,
    since: Instant,
}

impl Drop for Spending<'_> {
    fn drop(&mut self) {
        self.budget.take(self.since.elapsed(), 0);
    }
}

/// No bytes are left.
#[derive(Debug, thiserror::Error)]
#[error("no bytes are left for this command")]
pub(super) struct BytesUsedUp;

/// A reader whose bytes count.
#[derive(Debug)]
pub(super) struct Counted<'b, R> {
    budget: &'b Budget,
    reader: R,
    /// Bytes so far.
    pub read: u64,
}

impl<'b, R> Counted<'b, R> {
    pub fn new(budget: &'b Budget, reader: R) -> Counted<'b, R> {
        Counted { budget, reader, read: 0 }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    /// Fails with [`BytesUsedUp`] as the inner error.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)? as u64;
        if read > self.budget.left().bytes {
            return Err(io::Error::other(BytesUsedUp));
        }
        self.budget.take(Duration::ZERO, read);
        self.read += read;
        Ok(read as usize)
    }
}
