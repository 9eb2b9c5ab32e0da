//! Messages that cannot be sent, set aside as lines in the format of the input.

use super::error::StreamError;
use super::host::{KeptIn, StreamHost};
use super::options::Options;
use crate::name::Topic;
use crate::publisher::format::{Format, json_line};
use crate::spool::Record;

/// Sets a message aside if the line format of this run can represent it.
///
/// # Errors
/// It cannot be written.
pub fn put_aside<H: StreamHost>(options: &Options, host: &H, record: &Record<'_>) -> Result<KeptIn, StreamError> {
    let Options { format, splitting, topic, qos, retain, .. } = options;
    let by_default = record.qos == *qos && record.retain == *retain;
    let fits = by_default && !record.payload.contains(&splitting.separator);
    let is_default_topic = topic.as_ref().map(Topic::as_str) == Some(record.topic);
    let line = match format {
        Format::Json => json_line(record).into_bytes(),
        Format::TopicPerLine if fits => [record.topic.as_bytes(), b"\t", record.payload].concat(),
        Format::Payload if fits && is_default_topic => record.payload.into(),
        _ => return Ok(KeptIn::Source),
    };
    host.put_message_aside(&line).map_err(StreamError::Aside)
}
