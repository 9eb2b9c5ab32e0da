//! The format of messages on stdout.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::json;

use super::format::{Format, Shown};
use super::json as printed;
use crate::mqtt::incoming::IncomingPublish;
use crate::text;

/// Payloads of at least this length, in bytes, are written from the receive buffer.
const LONG: usize = 16 * 1024;

/// The format of a message.
pub enum Form {
    Payload,
    TopicAndPayload,
    Format(Format),
    Json,
}

/// Turns messages into what is written.
pub struct Lines {
    form: Form,
    shown: Shown,
    end: &'static [u8],
    /// JSON has line breaks.
    pretty: bool,
    zone: Option<TimeZone>,
    pieces: Vec<Bytes>,
    /// The text after the pieces.
    bytes: Vec<u8>,
    /// Bytes that were put into pieces so far.
    cut: u64,
}

impl Lines {
    /// Messages in this format, each followed by a newline if requested.
    pub fn new(form: Form, newline: bool, shown: Shown, pretty: bool) -> Lines {
        // Reading the time zone needs a file.
        let zone = match &form {
            Form::Format(format) if format.needs_time() => Some(TimeZone::system()),
            _ => None,
        };
        Lines {
            form,
            shown,
            pretty,
            end: if newline { b"\n" } else { b"" },
            zone,
            pieces: Vec::new(),
            bytes: Vec::new(),
            cut: 0,
        }
    }

    /// Returns whether payloads are written unchanged, at no cost beyond their own length.
    pub fn are_as_received(&self) -> bool {
        self.shown == Shown::Raw && matches!(self.form, Form::Payload | Form::TopicAndPayload)
    }

    /// Returns the bytes of all messages so far, written or not.
    pub fn length(&self) -> u64 {
        self.cut + self.bytes.len() as u64
    }

    /// Adds a message.
    ///
    /// # Errors
    /// What is wrong with one field of the format; the rest of it is added.
    pub fn take(&mut self, message: &IncomingPublish) -> Result<(), String> {
        let mut result = Ok(());
        match &self.form {
            Form::Payload if message.payload.is_empty() => return Ok(()),
            Form::TopicAndPayload if message.payload.is_empty() && self.end.is_empty() => return Ok(()),
            Form::Payload => self.payload(&message.payload),
            Form::TopicAndPayload => {
                self.bytes.extend_from_slice(&self.shown.bytes(message.topic().as_bytes()));
                self.bytes.push(b' ');
                match message.payload.is_empty() {
                    true => self.bytes.extend_from_slice(b"(null)"),
                    false => self.payload(&message.payload),
                }
            }
            Form::Format(format) => {
                let time = match &self.zone {
                    Some(zone) => Timestamp::now().to_zoned(zone.clone()),
                    None => Zoned::default(),
                };
                result = format.write(&mut self.bytes, message, &time);
            }
            Form::Json => {
                let text = text::json(&object(message).to_string()).into_owned();
                match self.pretty {
                    true => printed::pretty(text.as_bytes(), &mut self.bytes),
                    false => self.bytes.extend_from_slice(text.as_bytes()),
                }
            }
        }
        self.bytes.extend_from_slice(self.end);
        result
    }

    /// Takes the pieces to write.
    pub fn pieces(&mut self) -> Vec<Bytes> {
        self.cut();
        std::mem::take(&mut self.pieces)
    }

    /// Puts back the pieces taken by [`Lines::pieces`].
    pub fn put_back(&mut self, pieces: Vec<Bytes>) {
        self.pieces = pieces;
    }

    fn payload(&mut self, payload: &Bytes) {
        if self.shown == Shown::Raw && payload.len() >= LONG {
            self.cut();
            self.cut += payload.len() as u64;
            self.pieces.push(payload.clone());
        } else {
            self.bytes.extend_from_slice(&self.shown.bytes(payload));
        }
    }

    fn cut(&mut self) {
        if !self.bytes.is_empty() {
            self.cut += self.bytes.len() as u64;
            // The same amount will follow.
            let next = Vec::with_capacity(self.bytes.len().min(LONG));
            self.pieces.push(std::mem::replace(&mut self.bytes, next).into());
        }
    }
}

fn object(message: &IncomingPublish) -> serde_json::Value {
    let mut object = json!({"topic": message.topic(), "qos": message.qos as u8, "retain": message.retain});
    match std::str::from_utf8(&message.payload) {
        Ok(text) => object["payload"] = text.into(),
        Err(_) => object["payload_base64"] = STANDARD.encode(&message.payload).into(),
    }
    object
}
