//! Drops records that should no longer be delivered.

use std::time::SystemTime;

use super::block::Split;
use super::drop_log::{self, DropReason, Dropped};
use super::error::SpoolError;
use super::sql::{begin, integer};
use super::state::{SpoolState, insert};
use super::store::{DrainLock, Spool, Stored};

/// Blocks checked in one transaction, because others want to write as well.
const BLOCKS: usize = 64;

/// Which records to drop: those that match every field that is set, so by default all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Purge<'a> {
    pub topic: Option<&'a str>,
    pub taken_before: Option<SystemTime>,
    /// Only the record with this number.
    pub record: Option<u64>,
}

impl Spool {
    /// Drops the records that `what` names. The caller holds the right to drain, so none of them is in flight.
    ///
    /// # Errors
    /// [`SpoolError::NoSpace`], [`SpoolError::Busy`], [`SpoolError::Sqlite`], [`SpoolError::Corrupt`]. Some may be gone.
    pub fn purge(&mut self, what: &Purge<'_>, _lock: &DrainLock) -> Result<Dropped, SpoolError> {
        let mut dropped = Dropped::default();
        // Held records are stored before the head.
        let mut from = Some(0);
        while let Some(number) = from {
            let step = self.with_reserve(|spool| spool.purge_some(what, number))?;
            dropped += step.0;
            from = step.1;
        }
        // Space that is not returned now is returned later.
        while self.tidy().unwrap_or(false) {}
        Ok(dropped)
    }

    /// Drops one step of the records that `what` names, from record `from` on. Returns the dropped ones, and where to
    /// continue unless that was the end.
    fn purge_some(&mut self, what: &Purge<'_>, from: u64) -> Result<(Dropped, Option<u64>), SpoolError> {
        let mut blocks = Vec::new();
        let mut next = what.record.unwrap_or(from);
        let most = if what.record.is_some() { 1 } else { BLOCKS };
        while blocks.len() < most
            && let Some(stored) = self.read(next)?
        {
            next = stored.first + stored.block.len();
            blocks.push(stored);
        }
        let go_on = (blocks.len() == BLOCKS && what.record.is_none()).then_some(next);
        let tx = begin(&mut self.db)?;
        let mut state = SpoolState::read(&tx)?;
        let mut dropped = Dropped::default();
        for stored in blocks {
            if what.taken_before.is_some_and(|before| stored.taken >= before) {
                continue;
            }
            let waiting = stored.waiting_from(state.head);
            let Stored { first, taken, block, .. } = stored;
            let Split { kept, gone, between } = block.without(first, waiting, |number, record| {
                what.topic.is_none_or(|topic| topic == record.topic) && what.record.is_none_or(|one| one == number)
            })?;
            if gone.records == 0 || tx.execute("DELETE FROM block WHERE first = ?", [integer(first)])? == 0 {
                continue;
            }
            state.subtract(block.len(), block.bytes() as u64);
            for (first, block) in &kept {
                insert(&tx, *first, taken, block)?;
                state.records += block.len();
                state.bytes += block.bytes() as u64;
            }
            drop_log::note(&tx, between, gone, DropReason::Purged)?;
            dropped += gone;
        }
        state.write(&tx)?;
        tx.commit()?;
        Ok((dropped, go_on))
    }
}
