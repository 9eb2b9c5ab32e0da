//! Lengths of time on the command line: `90s`, `15m`, `1h`, `7d`.

use std::time::Duration;

use super::usage::Reason;

/// The longest time that any option accepts; it can be added to every clock.
const MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// Parses a length with its unit.
///
/// # Errors
/// What is wrong.
pub fn parse(text: &str) -> Result<Duration, Reason> {
    let length =
        humantime::parse_duration(text).map_err(|_| Reason("write a time with its unit, such as 90s, 15m or 1h"))?;
    if length > MAX { Err(Reason("that is longer than a year")) } else { Ok(length) }
}

/// Parses a length of more than zero with its unit.
///
/// # Errors
/// As [`parse`].
pub fn parse_some(text: &str) -> Result<Duration, Reason> {
    parse(text).and_then(|length| if length.is_zero() { Err(Reason("give more than 0s")) } else { Ok(length) })
}

/// Parses a number of seconds, with a fraction or without, or a length with its unit.
///
/// # Errors
/// As [`parse`].
pub fn parse_fraction(text: &str) -> Result<Duration, Reason> {
    let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|length| *length <= MAX).map_or_else(|| parse(text), Ok)
}

/// Parses a number of seconds, as mosquitto's programs accept it, or a length with its unit.
///
/// # Errors
/// As [`parse`].
pub fn parse_seconds(text: &str) -> Result<Duration, Reason> {
    parse(&text.parse::<u64>().map_or_else(|_| text.into(), |seconds| format!("{seconds}s")))
}
