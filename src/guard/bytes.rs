//! Bytes that may be a key's, wiped when dropped.

use std::ops::{Deref, DerefMut};

use zeroize::{DefaultIsZeroes, Zeroize as _};

/// A list that is wiped at once: `Zeroizing<Vec<_>>` does so one by one, which takes longer than to decode what is in it.
///
/// It must not grow beyond the capacity that it was made with: what it left behind would not be wiped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wiped<T: DefaultIsZeroes>(Vec<T>);

pub(super) type Bytes = Wiped<u8>;

impl<T: DefaultIsZeroes> Wiped<T> {
    pub(super) fn with_capacity(capacity: usize) -> Wiped<T> {
        Wiped(Vec::with_capacity(capacity))
    }

    /// Returns as many zeros.
    pub(super) fn zeros(length: usize) -> Wiped<T> {
        Wiped(vec![T::default(); length])
    }
}

impl<T: DefaultIsZeroes> Deref for Wiped<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: DefaultIsZeroes> DerefMut for Wiped<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

impl<T: DefaultIsZeroes> Drop for Wiped<T> {
    fn drop(&mut self) {
        // What was cut off is still there, behind the end.
        self.0.resize(self.0.capacity(), T::default());
        self.0.as_mut_slice().zeroize();
    }
}
