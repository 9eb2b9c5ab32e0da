//! The meaning of a line of input: a payload, a topic with a payload, or a JSON object with everything.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::guard::form::KeyForm;
use crate::mqtt::limits::BrokerLimit;
use crate::mqtt::packet::QoS;
use crate::spool::Record;
use crate::text::without_byte_order_mark;

/// The format of all lines of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The line is the payload; it may be any bytes.
    Payload,
    /// `TOPIC<TAB>PAYLOAD`.
    TopicPerLine,
    /// `{"topic", "payload" | "payload_base64", "qos", "retain"}`: one payload; the options supply everything else that is left
    /// out. A byte order mark before the object is ignored (RFC 8259 §8.1): concatenated files may each have one.
    Json,
}

/// A decoded line.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// `None` for the topic of the options.
    pub topic: Option<Cow<'a, str>>,
    pub payload: Cow<'a, [u8]>,
    pub qos: Option<QoS>,
    pub retain: Option<bool>,
    /// The device that a gateway could not publish it as.
    pub device: Option<String>,
}

/// Why a line cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum BadLine {
    /// Over `--max-line`.
    #[error("it is longer than {max} bytes (--max-line)")]
    TooLong { max: usize },
    /// Over the packet size that MQTT can carry.
    #[error("it is longer than MQTT can carry ({max} bytes with its topic)")]
    TooLarge { max: usize },
    /// Over a limit that an MQTT 5 broker announced.
    #[error(transparent)]
    Limit(#[from] BrokerLimit),
    /// No tab between topic and payload.
    #[error("there is no tab between topic and payload")]
    NoTab,
    /// The topic is not UTF-8.
    #[error("the topic is not UTF-8")]
    NotText,
    /// Neither the line nor the options name a topic.
    #[error("it names no topic, and there is no -t")]
    NoTopic,
    /// Not the expected JSON.
    #[error("it is not the expected JSON object: {0}")]
    Json(String),
    /// None or both of `payload` and `payload_base64`.
    #[error("it needs one of \"payload\" and \"payload_base64\"")]
    Payload,
    /// A gateway has kept the received message, because its route could not make a payload of it.
    #[error("the gateway could not make a payload of what came, which is in \"rejected\"")]
    Original,
    /// A gateway was to publish it as another device.
    #[error("it is for the device {0}")]
    OtherDevice(String),
    /// `payload_base64` is not base64.
    #[error("\"payload_base64\" is not base64")]
    Base64,
    /// `qos` is not 0, 1 or 2.
    #[error("\"qos\" is {0}, not 0, 1 or 2")]
    QoS(u64),
    /// `--stamp json:…` needs an object to put the time into.
    #[error("it is not a JSON object, so no time can be added: {0}")]
    NoObject(String),
    /// It would remove the retained message, which only a line that explicitly says so may do.
    #[error("it is empty, and would remove the retained message")]
    EmptyRetained,
    /// A private key, or a piece of one.
    #[error("it holds a private key ({0}), which is sent only with --allow-secret")]
    PrivateKey(KeyForm),
    /// The topic is not valid, or not this device's.
    #[error("{0}")]
    Topic(String),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Object<'a> {
    #[serde(borrow)]
    topic: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: Option<Cow<'a, str>>,
    payload_base64: Option<Cow<'a, str>>,
    qos: Option<u64>,
    retain: Option<bool>,
    /// Why it was not published before: for people, except the fields of [`Rejected`].
    #[serde(borrow)]
    rejected: Option<&'a RawValue>,
}

/// A gateway's note about a message that it could not publish.
#[derive(Default, serde::Deserialize)]
struct Rejected {
    device: Option<String>,
}

/// Returns a message as an object of [`Format::Json`], which can hold all of it.
pub fn json_object(record: &Record<'_>) -> Map<String, Value> {
    let (name, payload) = match std::str::from_utf8(record.payload) {
        Ok(payload) => ("payload", payload.to_string()),
        Err(_) => ("payload_base64", STANDARD.encode(record.payload)),
    };
    let fields = [
        ("topic", record.topic.into()),
        (name, payload.into()),
        ("qos", (record.qos as u8).into()),
        ("retain", record.retain.into()),
    ];
    fields.map(|(name, value): (&str, Value)| (name.to_owned(), value)).into_iter().collect()
}

/// Returns the same as a line.
pub fn json_line(record: &Record<'_>) -> String {
    Value::Object(json_object(record)).to_string()
}

impl Format {
    /// Decodes a line without its separator.
    ///
    /// # Errors
    /// [`BadLine`]; the text of the topic is not checked.
    pub fn decode(self, line: &[u8]) -> Result<Decoded<'_>, BadLine> {
        let plain =
            |topic, payload| Decoded { topic, payload: Cow::Borrowed(payload), qos: None, retain: None, device: None };
        match self {
            Format::Payload => Ok(plain(None, line)),
            Format::TopicPerLine => {
                let tab = memchr::memchr(b'\t', line).ok_or(BadLine::NoTab)?;
                let topic = std::str::from_utf8(&line[..tab]).map_err(|_| BadLine::NotText)?;
                Ok(plain(Some(Cow::Borrowed(topic)), &line[tab + 1..]))
            }
            Format::Json => {
                let line = without_byte_order_mark(line);
                let object: Object<'_> = match serde_json::from_slice(line) {
                    // The parser would also accept a list of the fields' values.
                    Ok(object) if line.trim_ascii_start().starts_with(b"{") => object,
                    _ => return Err(BadLine::Json(why_no_message(line))),
                };
                let rejected: Rejected =
                    object.rejected.and_then(|rejected| serde_json::from_str(rejected.get()).ok()).unwrap_or_default();
                let payload = match (object.payload, object.payload_base64) {
                    (Some(Cow::Borrowed(text)), None) => Cow::Borrowed(text.as_bytes()),
                    (Some(Cow::Owned(text)), None) => Cow::Owned(text.into_bytes()),
                    (None, Some(base64)) => {
                        Cow::Owned(STANDARD.decode(base64.as_bytes()).map_err(|_| BadLine::Base64)?)
                    }
                    (None, None) if rejected.device.is_some() => return Err(BadLine::Original),
                    _ => return Err(BadLine::Payload),
                };
                let qos = match object.qos {
                    None => None,
                    Some(0) => Some(QoS::AtMostOnce),
                    Some(1) => Some(QoS::AtLeastOnce),
                    Some(2) => Some(QoS::ExactlyOnce),
                    Some(other) => return Err(BadLine::QoS(other)),
                };
                Ok(Decoded { topic: object.topic, payload, qos, retain: object.retain, device: rejected.device })
            }
        }
    }
}

/// Returns why a text is not a JSON object; `None` if it is one.
pub fn why_no_object(text: &[u8]) -> Option<String> {
    if text.trim_ascii().is_empty() {
        return Some("it is empty".into());
    }
    let kind = match serde_json::from_slice(text) {
        // Most input is one line.
        Err(e) => return Some(e.to_string().replace("line 1 ", "")),
        Ok(Value::Object(_)) => return None,
        Ok(Value::Array(_)) => "a list",
        Ok(Value::String(_)) => "a text",
        Ok(Value::Number(_)) => "a number",
        Ok(Value::Bool(_)) => "true or false",
        Ok(Value::Null) => "null",
    };
    Some(format!("it is {kind}"))
}

/// Returns why a line does not say what to publish.
fn why_no_message(line: &[u8]) -> String {
    if let Some(why) = why_no_object(line) {
        return why;
    }
    let fields: serde_json::Map<String, Value> = serde_json::from_slice(line).unwrap_or_default();
    for (name, value) in &fields {
        let (fits, wanted) = match name.as_str() {
            "topic" | "payload" | "payload_base64" => (value.is_string(), "a text in quotes"),
            "qos" => (value.is_u64(), "0, 1 or 2"),
            "retain" => (value.is_boolean(), "true or false"),
            "rejected" => (true, ""),
            _ => return format!("{name:?} is not one of topic, payload, payload_base64, qos and retain"),
        };
        if !fits && !value.is_null() {
            return format!("{name:?} is not {wanted}");
        }
    }
    "a field occurs twice".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_gives_topic_and_payload() {
        let line = Format::Payload.decode(b"\0\xff\t").unwrap();
        assert_eq!((line.topic, &line.payload[..]), (None, &b"\0\xff\t"[..]));
        let line = Format::TopicPerLine.decode(b"a/b/c\t\tx\xff").unwrap();
        assert_eq!((line.topic.as_deref(), &line.payload[..]), (Some("a/b/c"), &b"\tx\xff"[..]));
        let line = Format::Json.decode(br#" {"topic":"a/b/c","payload":"4\n2","qos":2,"retain":true} "#).unwrap();
        assert_eq!((line.topic.as_deref(), &line.payload[..]), (Some("a/b/c"), &b"4\n2"[..]));
        assert_eq!((line.qos, line.retain), (Some(QoS::ExactlyOnce), Some(true)));
        let line = Format::Json.decode(br#"{"payload_base64":"AP8="}"#).unwrap();
        assert_eq!((line.topic, &line.payload[..], line.qos), (None, &b"\0\xff"[..], None));
        let line = Format::Json.decode("\u{feff}{\"payload\":\"\u{feff}x\"}".as_bytes()).unwrap();
        assert_eq!(&line.payload[..], "\u{feff}x".as_bytes());
        assert_eq!(&Format::Payload.decode("\u{feff}x".as_bytes()).unwrap().payload[..], "\u{feff}x".as_bytes());
        for (rejected, device) in
            [("5", None), (r#""why""#, None), (r#"{"why":"x"}"#, None), (r#"{"device":"a$b$lot1"}"#, Some("a$b$lot1"))]
        {
            let line = format!(r#"{{"payload":"x","rejected":{rejected}}}"#);
            assert_eq!(Format::Json.decode(line.as_bytes()).unwrap().device.as_deref(), device);
        }
    }

    #[test]
    fn a_bad_line_says_what_is_wrong() {
        let why = |format: Format, line: &[u8]| format.decode(line).unwrap_err().to_string();
        assert_eq!(why(Format::TopicPerLine, b"a/b/c x"), "there is no tab between topic and payload");
        assert_eq!(why(Format::TopicPerLine, b"\xff\tx"), "the topic is not UTF-8");
        for (line, says) in [
            ("", "it is empty"),
            ("x", "expected value at column 1"),
            ("{\"payload\":\"x\"\n", "EOF while parsing an object at line 2 column 0"),
            ("[]", "it is a list"),
            // The values of all fields, in their order.
            (r#"["a/b/c","x",null,1,false]"#, "it is a list"),
            ("5", "it is a number"),
            (r#"{"payload":5}"#, r#""payload" is not a text in quotes"#),
            (r#"{"payload":"x","qos":"1"}"#, r#""qos" is not 0, 1 or 2"#),
            (r#"{"payload":"x","qos":-1}"#, r#""qos" is not 0, 1 or 2"#),
            (r#"{"payload":"x","retain":1}"#, r#""retain" is not true or false"#),
            (r#"{"payload":"x","retian":true}"#, r#""retian" is not one of topic, payload,"#),
            (r#"{"retian":null}"#, r#""retian" is not one of topic, payload,"#),
            (r#"{"payload":"x","payload":"y"}"#, "a field occurs twice"),
        ] {
            let said = why(Format::Json, line.as_bytes());
            assert!(said.contains("is not the expected JSON object") && said.contains(says), "{line}: {said}");
        }
        for line in ["{}", r#"{"payload":"x","payload_base64":"eA=="}"#] {
            assert!(why(Format::Json, line.as_bytes()).contains("needs one of"), "{line}");
        }
        assert!(why(Format::Json, br#"{"payload_base64":"?"}"#).contains("not base64"));
        let original = br#"{"topic":"a/b/c","rejected":{"device":"a$b$lot1","payload":"x"}}"#;
        assert!(why(Format::Json, original).contains("could not make a payload of what came"));
        assert!(why(Format::Json, br#"{"payload":"x","qos":3}"#).contains("is 3, not"));
    }
}
