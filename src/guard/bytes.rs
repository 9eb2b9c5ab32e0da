//! Bytes that may belong to a key, wiped when dropped.

use std::ops::{Deref, DerefMut};

use zeroize::{DefaultIsZeroes, Zeroize as _};

/// A list that is wiped as a whole: `Zeroizing<Vec<_>>` wipes byte by byte, which takes longer than decoding the contents.
///
/// It must not grow beyond its original capacity: the old buffer would not be wiped.
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
        // The bytes cut off are still there, behind the end.
        self.0.resize(self.0.capacity(), T::default());
        self.0.as_mut_slice().zeroize();
    }
}
