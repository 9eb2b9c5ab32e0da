//! Times as strftime prints them.

use jiff::Zoned;
use jiff::fmt::strtime::{BrokenDownTime, Config, PosixCustom};

/// Formats one conversion in the C locale.
pub fn strftime(time: &Zoned, letter: u8) -> String {
    let conversion = format!("%{}", char::from(letter));
    let config = Config::new().custom(PosixCustom::new());
    BrokenDownTime::from(time).to_string_with_config(&config, &conversion).unwrap_or(conversion)
}
