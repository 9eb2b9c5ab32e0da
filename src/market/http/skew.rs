//! How this machine's clock differs from the marketplace's, by the date that its answers have.

use std::time::{Duration, SystemTime};

/// How this machine's clock differs from the marketplace's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skew {
    /// This machine's clock is ahead.
    Ahead(Duration),
    /// This machine's clock is behind.
    Behind(Duration),
}

impl Skew {
    pub(super) fn between(here: SystemTime, there: SystemTime) -> Skew {
        here.duration_since(there).map_or_else(|e| Skew::Behind(e.duration()), Skew::Ahead)
    }

    /// Returns the difference without its direction.
    pub fn size(self) -> Duration {
        match self {
            Skew::Ahead(by) | Skew::Behind(by) => by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skew_has_a_direction() {
        let there = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let apart = Duration::from_secs(90);
        assert_eq!(Skew::between(there + apart, there), Skew::Ahead(apart));
        assert_eq!(Skew::between(there - apart, there), Skew::Behind(apart));
        assert_eq!(Skew::Behind(apart).size(), apart);
    }
}
