//! JSON as mosquitto_sub prints it, for `%j` and `%J`.

use std::io::Write as _;

use jiff::Zoned;
use serde::de::IgnoredAny;

use super::time::strftime;
use crate::mqtt::incoming::{IncomingPublish, Property};
use crate::mqtt::packet::QoS;

/// Decimal digits that a double certainly holds.
const DIGITS: usize = 15;

/// How the payload is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload {
    Text,
    /// As JSON.
    Json,
}

/// Appends the message as an object.
///
/// # Errors
/// The payload is not JSON; then nothing is appended.
pub fn write(out: &mut Vec<u8>, message: &IncomingPublish, time: &Zoned, payload: Payload) -> Result<(), String> {
    let before = out.len();
    write_object(out, message, time, payload).inspect_err(|_| out.truncate(before))
}

fn write_object(out: &mut Vec<u8>, message: &IncomingPublish, time: &Zoned, payload: Payload) -> Result<(), String> {
    let seconds = time.strftime("%Y-%m-%dT%H:%M:%S");
    let micros = time.subsec_nanosecond() / 1000;
    push(out, format_args!("{{\"tst\":\"{seconds}.{micros:06}Z{}\",\"topic\":", strftime(time, b'z')));
    string(out, message.topic().as_bytes());
    let (qos, retain, length) = (message.qos as u8, u8::from(message.retain), message.payload.len());
    push(out, format_args!(",\"qos\":{qos},\"retain\":{retain},\"payloadlen\":{length}"));
    if message.qos != QoS::AtMostOnce {
        push(out, format_args!(",\"mid\":{}", message.id));
    }
    properties(out, &message.properties().map_err(|e| e.to_string())?);
    out.extend_from_slice(b",\"payload\":");
    if message.payload.is_empty() {
        out.extend_from_slice(b"null");
    } else if payload == Payload::Text {
        string(out, &message.payload);
    } else {
        value(out, &message.payload)
            .ok_or_else(|| format!("the payload of a message to {} is not valid JSON", message.topic()))?;
    }
    out.push(b'}');
    Ok(())
}

fn properties(out: &mut Vec<u8>, properties: &[Property]) {
    if properties.is_empty() {
        return;
    }
    let mut separator: &[u8] = b",\"properties\":{";
    let mut user_done = false;
    for property in properties {
        let (name, text, number) = match property {
            Property::PayloadFormat(n) => ("payload-format-indicator", None, u32::from(*n)),
            Property::Expiry(n) => ("message-expiry-interval", None, *n),
            Property::Subscription(n) => ("subscription-identifier", None, *n),
            Property::TopicAlias(n) => ("topic-alias", None, u32::from(*n)),
            Property::ContentType(text) => ("content-type", Some(text.as_bytes()), 0),
            Property::ResponseTopic(text) => ("response-topic", Some(text.as_bytes()), 0),
            Property::CorrelationData(bytes) => ("correlation-data", Some(&bytes[..]), 0),
            // All of them in one object, in place of the first.
            Property::User(..) if user_done => continue,
            Property::User(..) => {
                user_done = true;
                out.extend_from_slice(separator);
                out.extend_from_slice(b"\"user-properties\":");
                users(out, properties);
                separator = b",";
                continue;
            }
        };
        out.extend_from_slice(separator);
        push(out, format_args!("\"{name}\":"));
        match text {
            Some(text) => string(out, text),
            None => push(out, format_args!("{number}")),
        }
        separator = b",";
    }
    out.push(b'}');
}

fn users(out: &mut Vec<u8>, properties: &[Property]) {
    let mut separator = b'{';
    for property in properties {
        if let Property::User(name, value) = property {
            out.push(separator);
            string(out, name.as_bytes());
            out.push(b':');
            string(out, value.as_bytes());
            separator = b',';
        }
    }
    out.push(b'}');
}

/// Appends compact JSON with line breaks and tabs, as cJSON prints it: each member of an object on its own line, those of
/// an array on one.
pub fn pretty(compact: &[u8], out: &mut Vec<u8>) {
    let (mut in_string, mut is_escaped) = (false, false);
    // The open objects and arrays around a value.
    let mut open: Vec<u8> = Vec::new();
    let line = |out: &mut Vec<u8>, depth: usize| {
        out.push(b'\n');
        out.resize(out.len() + depth, b'\t');
    };
    for (at, &byte) in compact.iter().enumerate() {
        if in_string {
            out.push(byte);
            in_string = byte != b'"' || is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            continue;
        }
        match byte {
            b'"' => {
                in_string = true;
                out.push(byte);
            }
            b'{' | b'[' => {
                open.push(byte);
                out.push(byte);
                if byte == b'{' && compact.get(at + 1) != Some(&b'}') {
                    line(out, open.len());
                }
            }
            b'}' | b']' => {
                open.pop();
                if byte == b'}' {
                    line(out, open.len());
                }
                out.push(byte);
            }
            b',' if open.last() == Some(&b'{') => {
                out.push(byte);
                line(out, open.len());
            }
            b',' => out.extend(b", "),
            b':' => out.extend(b":\t"),
            other => out.push(other),
        }
    }
}

/// Appends a string in quotes. Bytes that are not UTF-8 are unchanged.
fn string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            8 => out.extend(b"\\b"),
            12 => out.extend(b"\\f"),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0..=31 => push(out, format_args!("\\u{byte:04x}")),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Appends a JSON value without blanks, its strings and numbers in one spelling; returns `None` if it is not JSON.
fn value(out: &mut Vec<u8>, json: &[u8]) -> Option<()> {
    let text = std::str::from_utf8(json).ok()?;
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    // It is valid, so a token ends where it seems to.
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ' ' | '\t' | '\n' | '\r' => {
                rest = &rest[1..];
                continue;
            }
            '"' => {
                let mut escaped = false;
                let end = rest[1..].find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                })?;
                let token = &rest[..end + 2];
                string(out, serde_json::from_str::<String>(token).ok()?.as_bytes());
                token.len()
            }
            '-' | '0'..='9' => {
                let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len());
                number(out, &rest[..end]);
                end
            }
            _ => {
                out.push(first as u8);
                1
            }
        };
        rest = &rest[length..];
    }
    Some(())
}

/// A number as C's `%.15g` has it. A number with more digits than a double certainly holds is unchanged.
fn number(out: &mut Vec<u8>, text: &str) {
    let digits = text.split(['e', 'E']).next().unwrap_or_default().bytes().filter(u8::is_ascii_digit);
    let significant = digits.skip_while(|digit| *digit == b'0').count();
    match text.parse::<f64>() {
        Ok(double) if double.is_finite() && significant <= DIGITS => {
            out.extend_from_slice(general(double).as_bytes());
        }
        _ => out.extend_from_slice(text.as_bytes()),
    }
}

/// C's `%.15g`.
fn general(double: f64) -> String {
    let scientific = format!("{double:.*e}", DIGITS - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let without_zeros = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= DIGITS as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", without_zeros(mantissa), exponent.unsigned_abs());
    }
    let decimals = usize::try_from(DIGITS as i32 - 1 - exponent).unwrap_or_default();
    without_zeros(&format!("{double:.decimals$}"))
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(json: &str) -> Option<String> {
        let mut out = Vec::new();
        value(&mut out, json.as_bytes())?;
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn pretty_json_is_that_of_cjson() {
        for (compact, expected) in [
            (
                r#"{"a":1,"b":[1,2,{"c":{},"d":[]}],"e":{"f":"x\"{,:y"}}"#,
                "{\n\t\"a\":\t1,\n\t\"b\":\t[1, 2, {\n\t\t\t\"c\":\t{\n\t\t\t},\n\t\t\t\"d\":\t[]\n\t\t}],\n\t\"e\":\t{\n\t\t\"f\":\t\"x\\\"{,:y\"\n\t}\n}",
            ),
            (r#"[{"a":1},{"b":"\\"}]"#, "[{\n\t\t\"a\":\t1\n\t}, {\n\t\t\"b\":\t\"\\\\\"\n\t}]"),
            ("5", "5"),
        ] {
            let mut out = Vec::new();
            pretty(compact.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn json_is_spelled_in_one_way() {
        for (given, expected) in [
            (r#" { "t" : 27.0 , "s":"a\/b\u00e4\"\\" }"#, "{\"t\":27,\"s\":\"a/bä\\\"\\\\\"}"),
            ("[1,2e3,-0.5, 0.1,1e-7,true ,null]", "[1,2000,-0.5,0.1,1e-07,true,null]"),
            ("1e20", "1e+20"),
            ("123456789012345", "123456789012345"),
            ("9007199254740993123", "9007199254740993123"),
            ("1e999", "1e999"),
            ("-0", "-0"),
            ("0.1234567890123456", "0.1234567890123456"),
            ("\"\\u0000\\u001f\"", "\"\\u0000\\u001f\""),
        ] {
            assert_eq!(spelled(given).as_deref(), Some(expected), "{given}");
        }
        for bad in ["", "{", "1 2", "nul", "\"\\ud800\"", "zwei"] {
            assert_eq!(spelled(bad), None, "{bad}");
        }
    }
}
