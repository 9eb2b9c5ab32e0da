//! Whether this machine's clock can be right: on a device without a clock battery it starts in 1970 until the network
//! sets it.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// When this version was built, in seconds since the epoch: 2026-11-01T00:00:00Z. A clock that shows an earlier time is
/// wrong. A constant, so that a build of the same source is the same build.
const MADE: u64 = 1_793_491_200;
/// Two clocks that differ by more contradict each other.
const TOLERANCE: Duration = Duration::from_secs(300);

/// Why a clock cannot be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It shows `at`, a time before this program was built.
    BeforeMade { at: SystemTime },
    /// It shows `at`, but the marketplace's `Date` header, or a token, says `other`.
    Contradicted { at: SystemTime, other: SystemTime },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |time| humantime::format_rfc3339_seconds(time);
        match *self {
            Doubt::BeforeMade { at } => {
                write!(f, "this machine's clock is wrong: it says {}, before this program was built", shown(at))
            }
            Doubt::Contradicted { at, other } => write!(
                f,
                "this machine's clock is wrong: it says {}, but a time from elsewhere says {}",
                shown(at),
                shown(other)
            ),
        }
    }
}

/// The time according to others, as this process has seen it.
static HEARD: Heard = Heard(Mutex::new(None));

/// Notes the time that another clock shows now, such as that of a `Date` header.
pub fn heard(other: SystemTime) {
    HEARD.note(Time { other, at: Instant::now(), is_exact: true });
}

/// Notes a time that has passed on another clock, such as that at which a token was made.
pub fn heard_past(other: SystemTime) {
    HEARD.note(Time { other, at: Instant::now(), is_exact: false });
}

/// Returns why a clock that shows `at` now cannot be right; `None` if it can.
pub fn doubt(at: SystemTime) -> Option<Doubt> {
    HEARD.doubt(at, Instant::now())
}

#[derive(Clone, Copy)]
struct Time {
    other: SystemTime,
    /// When it was seen.
    at: Instant,
    /// Whether it was exactly that time when it was seen, rather than that time or later.
    is_exact: bool,
}

struct Heard(Mutex<Option<Time>>);

impl Heard {
    fn note(&self, time: Time) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if time.is_exact || !heard.is_some_and(|heard| heard.is_exact) {
            *heard = Some(time);
        }
    }

    fn doubt(&self, at: SystemTime, now: Instant) -> Option<Doubt> {
        if at < SystemTime::UNIX_EPOCH + Duration::from_secs(MADE) {
            return Some(Doubt::BeforeMade { at });
        }
        let heard = (*self.0.lock().unwrap_or_else(PoisonError::into_inner))?;
        let other = heard.other.checked_add(now.saturating_duration_since(heard.at))?;
        let is_behind = other.duration_since(at).is_ok_and(|by| by > TOLERANCE);
        let is_ahead = heard.is_exact && at.duration_since(other).is_ok_and(|by| by > TOLERANCE);
        (is_behind || is_ahead).then_some(Doubt::Contradicted { at, other })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn the_constant_is_not_older_than_the_newest_release() {
        let made = SystemTime::UNIX_EPOCH + Duration::from_secs(MADE);
        assert!(made <= SystemTime::now(), "this clock, or the constant, is wrong");
        // A release is dated in the changelog: `## 0.2.0 - 2027-01-31`.
        let headings = include_str!("../CHANGELOG.md").lines().filter_map(|line| line.strip_prefix("## "));
        for date in headings.filter_map(|heading| heading.rsplit_once(' ')).map(|(_, date)| date) {
            let released = humantime::parse_rfc3339(&format!("{date}T00:00:00Z")).unwrap();
            assert!(released <= made + 31 * DAY, "MADE is older than the release of {date}");
        }
    }

    #[test]
    fn a_clock_before_this_program_was_made_is_wrong() {
        let heard = Heard(Mutex::new(None));
        let made = SystemTime::UNIX_EPOCH + Duration::from_secs(MADE);
        assert_eq!(heard.doubt(made, Instant::now()), None);
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(9);
        let doubt = heard.doubt(at, Instant::now()).unwrap();
        assert_eq!(doubt, Doubt::BeforeMade { at });
        assert!(doubt.to_string().contains("it says 1970-01-01T00:00:09Z, before"), "{doubt}");
    }

    #[test]
    fn a_time_from_elsewhere_contradicts_in_the_directions_that_it_can() {
        let (now, instant) = (SystemTime::UNIX_EPOCH + Duration::from_secs(MADE) + 1000 * DAY, Instant::now());
        let heard = |other, is_exact| {
            let heard = Heard(Mutex::new(None));
            heard.note(Time { other, at: instant, is_exact });
            heard
        };
        assert_eq!(heard(now, true).doubt(now, instant), None);
        for (other, is_exact) in [(now + DAY, true), (now - DAY, true), (now + DAY, false)] {
            let doubt = heard(other, is_exact).doubt(now, instant);
            assert_eq!(doubt, Some(Doubt::Contradicted { at: now, other }));
        }
        // A token that was made yesterday shows nothing.
        assert_eq!(heard(now - DAY, false).doubt(now, instant), None);
        // A time seen an hour ago is an hour later by now; the marketplace's time takes precedence over a token's.
        let both = heard(now, true);
        both.note(Time { other: now + DAY, at: instant, is_exact: false });
        let hour = Duration::from_secs(3600);
        assert_eq!(both.doubt(now + hour, instant + hour), None);
        assert!(both.doubt(now, instant + hour).is_some());
    }
}
