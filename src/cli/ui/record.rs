//! A line of a log that a program reads.

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Map, Value};

/// How much a record matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Only with `-v`.
    Debug,
    Info,
    /// Something did not work.
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
    /// A name that stays.
    pub event: &'a str,
    /// For people.
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
    /// What this event has beside that.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl<'a> Record<'a> {
    /// A record of this moment.
    pub fn new(level: Level, event: &'a str, message: &'a str) -> Record<'a> {
        let time = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        Record { time, level, event, message, device: None, source: None, error: None, more: Map::new() }
    }
}
