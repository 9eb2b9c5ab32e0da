//! Sizes on the command line: `1000`, `64K`, `1M`, `2G`.

use super::usage::Reason;

/// Parses a number of bytes, with K, M or G for 1024, 1024² and 1024³.
///
/// # Errors
/// What is wrong.
pub fn parse(text: &str) -> Result<u64, Reason> {
    let unit = text.chars().last().map_or(0, |letter| match letter.to_ascii_uppercase() {
        'K' => 10,
        'M' => 20,
        'G' => 30,
        _ => 0,
    });
    let digits = if unit > 0 { &text[..text.len() - 1] } else { text };
    let number: u64 = digits.parse().map_err(|_| Reason("write a number of bytes, such as 1000, 64K, 1M or 2G"))?;
    number.checked_mul(1 << unit).ok_or(Reason("that is more than any disk holds"))
}

/// Parses the length of a message.
///
/// # Errors
/// As [`parse`]; more than MQTT carries.
pub fn parse_message(text: &str) -> Result<usize, Reason> {
    let size = parse(text)?;
    usize::try_from(size)
        .ok()
        .filter(|n| *n <= crate::mqtt::outgoing::MAX_PAYLOAD)
        .ok_or(Reason("MQTT carries at most 256 MB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024() {
        assert_eq!(parse("1000"), Ok(1000));
        assert_eq!(parse("64K"), Ok(65_536));
        assert_eq!(parse("1m"), Ok(1 << 20));
        assert_eq!(parse("2G"), Ok(2 << 30));
        for wrong in ["", "K", "-1", "1.5M", "1T", "99999999999G", "é"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse_message("300M").is_err());
    }
}
