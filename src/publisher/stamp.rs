//! The time at which a message was read, sent along so that a late message is not mistaken for a new one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::de::IgnoredAny;

use super::format::{BadLine, why_no_object};
use crate::text::without_byte_order_mark;

/// Where to put the time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stamp {
    /// In this field of the payload, which is a JSON object.
    Json(String),
    /// In MQTT 5's user property [`PROPERTY`](crate::mqtt::outgoing::TIME).
    V5,
}

impl std::str::FromStr for Stamp {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Stamp, &'static str> {
        match text.split_once(':') {
            Some(("json", field)) if !field.is_empty() => Ok(Stamp::Json(field.into())),
            None if text == "v5" => Ok(Stamp::V5),
            _ => Err("write json:FIELD or v5"),
        }
    }
}

impl Stamp {
    /// Returns the time in ms since the epoch if it is sent beside the payload, otherwise 0.
    pub fn milliseconds(&self, taken: SystemTime) -> u64 {
        if *self == Stamp::V5 { milliseconds(taken) } else { 0 }
    }
}

/// Returns the payload with the time in `field`, in RFC 3339 with milliseconds, and otherwise byte for byte as it was, but
/// without a byte order mark, which JSON must not have on the network (RFC 8259 §8.1). A field that already exists is the
/// producer's own time, and stays.
///
/// # Errors
/// [`BadLine::NoObject`].
pub fn in_json<'a>(payload: Cow<'a, [u8]>, field: &str, taken: SystemTime) -> Result<Cow<'a, [u8]>, BadLine> {
    let object = without_byte_order_mark(&payload);
    // The parser does not check the values that it skips, and all of them must be UTF-8.
    let text = std::str::from_utf8(object).map_err(|_| BadLine::NoObject("it is not UTF-8".into()))?;
    let fields: BTreeMap<Cow<'_, str>, IgnoredAny> = serde_json::from_str(text)
        .map_err(|e| BadLine::NoObject(why_no_object(object).unwrap_or_else(|| e.to_string())))?;
    if fields.contains_key(field) {
        return Ok(if object.len() == payload.len() { payload } else { Cow::Owned(object.to_vec()) });
    }
    // It is an object, so a brace ends it.
    let end = object.iter().rposition(|byte| *byte == b'}').unwrap_or(object.len());
    let comma = if fields.is_empty() { "" } else { "," };
    // A string always makes JSON.
    let name = serde_json::to_string(field).unwrap_or_default();
    let mut stamped = object[..end].to_vec();
    stamped.extend_from_slice(format!("{comma}{name}:\"{}\"", humantime::format_rfc3339_millis(taken)).as_bytes());
    stamped.extend_from_slice(&object[end..]);
    Ok(Cow::Owned(stamped))
}

/// Returns milliseconds since the epoch; 1 for a time before it, so that 0 can mean none.
fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_bytes_and_gets_a_time() {
        let taken = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500_000_000_123);
        let stamped = |payload: &'static str| in_json(Cow::Borrowed(payload.as_bytes()), "at", taken);
        let text = |payload| String::from_utf8(stamped(payload).unwrap().into_owned()).unwrap();
        assert_eq!(text("{}"), r#"{"at":"2017-07-14T02:40:00.123Z"}"#);
        assert_eq!(
            text(" {\"b\": [1, {\"a\":\"}\"}] , \"a\":2.50 }\r"),
            " {\"b\": [1, {\"a\":\"}\"}] , \"a\":2.50 ,\"at\":\"2017-07-14T02:40:00.123Z\"}\r"
        );
        assert_eq!(text(r#"{"at":5}"#), r#"{"at":5}"#, "the producer knows better");
        assert_eq!(text("\u{feff}{\"at\":5}"), r#"{"at":5}"#);
        assert_eq!(text("\u{feff}{}"), r#"{"at":"2017-07-14T02:40:00.123Z"}"#);
        let latin_1 = in_json(Cow::Borrowed(b"{\"a\":\"\xe4\"}"), "at", taken);
        assert!(matches!(latin_1, Err(BadLine::NoObject(why)) if why.contains("UTF-8")));
        for wrong in ["", "\u{feff}", "5", "[]", "null", "{\"a\"}", "{\"a\":NaN}", "{} {}", "{}x"] {
            assert!(matches!(stamped(wrong), Err(BadLine::NoObject(_))), "{wrong}");
        }
        assert_eq!("json:a:b".parse(), Ok(Stamp::Json("a:b".into())));
        assert_eq!("v5".parse(), Ok(Stamp::V5));
        assert!(["json", "json:", "v4", "v5:x"].iter().all(|wrong| wrong.parse::<Stamp>().is_err()));
    }
}
