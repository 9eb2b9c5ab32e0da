//! How many messages may be sent in a time: `100/s`, `30/m`, `10/h`.

use std::time::Duration;

/// A text is not a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a rate such as 100/s, 30/m or 10/h")]
pub struct RateError;

/// Reads a rate as the time between two messages.
///
/// # Errors
/// [`RateError`].
pub fn interval(text: &str) -> Result<Duration, RateError> {
    let (number, seconds) = match text.rsplit_once('/') {
        None => (text, 1),
        Some((number, "s")) => (number, 1),
        Some((number, "m" | "min")) => (number, 60),
        Some((number, "h")) => (number, 3600),
        Some(_) => return Err(RateError),
    };
    let number = number.trim().parse().ok().filter(|n| (1..=1_000_000_000).contains(n));
    number.map(|number: u32| Duration::from_secs(seconds) / number).ok_or(RateError)
}
