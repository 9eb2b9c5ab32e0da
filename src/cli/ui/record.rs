//! A line of a log that a program reads.

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Map, Value};

/// The severity of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Only with `-v`.
    Debug,
    Info,
    /// Something failed.
    Warning,
    /// The program ends.
    Error,
}

/// One JSON object.
#[derive(Debug, Serialize)]
pub struct Record<'a> {
    /// RFC 3339 in UTC, to the millisecond.
    pub time: String,
    pub level: Level,
    /// A name that never changes.
    pub event: &'a str,
    /// Text for people.
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// Further members of this event.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl<'a> Record<'a> {
    /// Returns a record of this moment.
    pub fn new(level: Level, event: &'a str, message: &'a str) -> Record<'a> {
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        Record { time, level, event, message, device: None, source: None, error: None, more: Map::new() }
    }
}
