//! What the status of an HTTP answer says to whoever would try again: of a marketplace, of a proxy, and of what stands before a
//! broker's WebSocket.

use std::time::{Duration, SystemTime};

/// Returns whether another attempt may fare better: the server or what is behind it is busy, slow or down for now.
pub fn is_passing(status: u16) -> bool {
    match status {
        // Not implemented, another version of HTTP, and a network that asks for a log-in (RFC 6585 §6) stay as they are.
        501 | 505 | 511 => false,
        408 | 425 | 429 | 500..=599 => true,
        _ => false,
    }
}

/// Returns whether an answer is an interim one (RFC 9110 §15.2), which another follows.
pub fn is_interim(status: u16) -> bool {
    matches!(status, 100 | 102..=199)
}

/// Reads `Retry-After`: seconds or a date (RFC 9110 §10.2.3), by the answer's own clock if it has one, its `Date`.
pub fn retry_after(text: &str, date: &str) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(date).unwrap_or_else(|_| SystemTime::now());
    Some(until.duration_since(now).unwrap_or_default())
}

/// Returns a time to wait in words, in whole seconds; beyond a day nobody waits.
pub fn told_time(wait: Duration) -> String {
    match wait.as_secs() {
        seconds @ 0..86_400 => humantime::format_duration(Duration::from_secs(seconds)).to_string(),
        _ => "more than a day".into(),
    }
}

/// Returns what a message says of the time to wait.
pub fn told_wait(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!(": wait {}", told_time(wait)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_told_from_what_stays() {
        for status in [408, 425, 429, 500, 502, 503, 504, 507, 520, 530, 599] {
            assert!(is_passing(status), "{status}");
        }
        for status in [200, 301, 400, 401, 403, 404, 407, 426, 451, 501, 505, 511, 600] {
            assert!(!is_passing(status), "{status}");
        }
        assert_eq!([99, 100, 101, 103, 199, 200].map(is_interim), [false, true, false, true, true, false]);
    }
}
