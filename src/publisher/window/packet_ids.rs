//! The packet ids of a connection, and what each stands for.

use super::in_flight_count::MAX_IN_FLIGHT;
use crate::mqtt::reconnect::CleanStart;

/// Marks a packet id that is not a message's.
const RESERVED: u64 = u64::MAX;

/// The packet ids that are in use.
#[derive(Debug, Default)]
pub struct PacketIds {
    /// For each packet id the sequence number it stands for, plus one; 0 if it is free. Ids that were never used are left
    /// out: most streams of a fleet use few.
    holders: Vec<u64>,
    last: u16,
    in_use: usize,
}

impl PacketIds {
    /// Takes an id for the message with this sequence number; `None` if all are in use.
    pub fn take(&mut self, sequence: u64) -> Option<u16> {
        self.take_for(sequence + 1)
    }

    /// Takes an id for something other than a message; `None` if all are in use.
    pub fn reserve(&mut self) -> Option<u16> {
        self.take_for(RESERVED)
    }

    fn take_for(&mut self, holder: u64) -> Option<u16> {
        if self.in_use == MAX_IN_FLIGHT {
            return None;
        }
        loop {
            self.last = self.last.checked_add(1).unwrap_or(1);
            let at = usize::from(self.last);
            if at >= self.holders.len() {
                self.holders.resize(at + 1, 0);
            }
            if self.holders[at] == 0 {
                self.holders[at] = holder;
                self.in_use += 1;
                return Some(self.last);
            }
        }
    }

    /// Frees an id that is in use.
    pub fn free(&mut self, id: u16) {
        self.holders[usize::from(id)] = 0;
        self.in_use -= 1;
    }

    /// Frees an id if it was reserved.
    pub fn free_reserved(&mut self, id: u16) {
        if self.holder(id) == RESERVED {
            self.free(id);
        }
    }

    /// Returns the sequence number of the message that has this id.
    #[inline]
    pub fn sequence(&self, id: u16) -> Option<u64> {
        match self.holder(id) {
            0 | RESERVED => None,
            holder => Some(holder - 1),
        }
    }

    fn holder(&self, id: u16) -> u64 {
        self.holders.get(usize::from(id)).copied().unwrap_or_default()
    }

    /// Frees what does not outlive a connection: in a session that was kept, the messages' ids do.
    pub fn restart(&mut self, session: CleanStart) {
        for holder in &mut self.holders {
            if *holder == RESERVED || (session == CleanStart::Yes && *holder != 0) {
                *holder = 0;
                self.in_use -= 1;
            }
        }
    }
}
