//! Payloads back to back in segments, added at one end and removed at the other, without an allocation for each.

use std::collections::VecDeque;

/// Payload bytes in one segment; a longer payload has one of its own.
const SEGMENT: usize = 64 * 1024;

/// Where a payload is stored.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    segment: u64,
    offset: u32,
    length: u32,
}

/// A queue of payloads. Its memory is bounded by its contents and two segments.
#[derive(Debug, Default)]
pub struct PayloadArena {
    segments: VecDeque<Vec<u8>>,
    /// Number of the first segment.
    first: u64,
    bytes: usize,
    /// Bytes of all segments, filled or not.
    capacity: usize,
    spare: Option<Vec<u8>>,
}

impl PayloadArena {
    /// Returns the bytes of memory that it holds, except a spare segment: payloads and the free space after them.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Appends a payload, which MQTT bounds at 256 MB.
    pub fn push(&mut self, payload: &[u8]) -> Slot {
        let fits = self.segments.back().is_some_and(|s| s.capacity() - s.len() >= payload.len());
        if !fits {
            let spare = self.spare.take().filter(|s| s.capacity() >= payload.len());
            let segment = spare.unwrap_or_else(|| Vec::with_capacity(SEGMENT.max(payload.len())));
            self.capacity += segment.capacity();
            self.segments.push_back(segment);
        }
        let segment = self.first + self.segments.len() as u64 - 1;
        let mut offset = 0;
        if let Some(last) = self.segments.back_mut() {
            offset = last.len() as u32;
            last.extend_from_slice(payload);
        }
        self.bytes += payload.len();
        Slot { segment, offset, length: payload.len() as u32 }
    }

    /// Returns the payload at `place`; empty if it has been removed.
    pub fn bytes_at(&self, place: Slot) -> &[u8] {
        let at = place.segment.checked_sub(self.first).and_then(|at| usize::try_from(at).ok());
        let segment = at.and_then(|at| self.segments.get(at));
        let start = place.offset as usize;
        segment.and_then(|s| s.get(start..start + place.length as usize)).unwrap_or_default()
    }

    /// Removes the oldest payload, which is stored at `place`.
    pub fn pop(&mut self, place: Slot) {
        self.bytes -= place.length as usize;
        // Payloads are removed in order, so earlier segments hold none.
        while self.first < place.segment {
            self.drop_first();
        }
        if self.bytes == 0 && self.segments.len() == 1 {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(mut segment) = self.segments.pop_front() {
            self.capacity -= segment.capacity();
            segment.clear();
            if segment.capacity() == SEGMENT {
                self.spare = Some(segment);
            }
        }
        self.first += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_payloads_of_any_length_and_little_memory() {
        let mut store = PayloadArena::default();
        let mut queue = VecDeque::new();
        for n in 0..20_000_usize {
            let payload = vec![n as u8; if n % 1000 == 0 { 3 * SEGMENT } else { n % 300 }];
            queue.push_back((store.push(&payload), payload));
            if queue.len() > 100 {
                let (place, payload) = queue.pop_front().unwrap();
                assert_eq!(store.bytes_at(place), payload);
                store.pop(place);
            }
            assert!(store.segments.len() <= 6, "{}", store.segments.len());
            assert_eq!(store.capacity(), store.segments.iter().map(Vec::capacity).sum::<usize>());
        }
        for (place, payload) in queue {
            assert_eq!(store.bytes_at(place), payload);
            store.pop(place);
        }
        assert_eq!((store.bytes, store.capacity(), store.segments.len()), (0, 0, 0));
    }
}
