//! Lines that were taken together, back to back as MQTT 3.1.1 PUBLISH packets: what one row of the spool holds.

use bytes::BytesMut;

use super::SpoolError;
use crate::mqtt::packet::{QoS, Version};
use crate::mqtt::publish::PublishRef;

/// The packet id of a record with a QoS above 0: the standard wants one (§2.3.1), and the real one is chosen when sending.
const ID: u16 = 1;

/// One message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    pub topic: &'a str,
    pub payload: &'a [u8],
    pub qos: QoS,
    pub retain: bool,
}

/// Records in memory, in order.
#[derive(Default, Clone, PartialEq, Eq)]
pub struct Block {
    bytes: BytesMut,
    count: u64,
    /// Some record has QoS 2.
    exact: bool,
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({} records, {} bytes)", self.count, self.bytes.len())
    }
}

impl Block {
    /// Bytes that a block should have at most if it has more than one record: what one read of a pipe gives.
    pub const FULL: usize = 64 * 1024;

    /// Appends a record.
    ///
    /// # Errors
    /// [`SpoolError::TooLarge`] for what MQTT cannot frame; the block is as it was then.
    pub fn push(&mut self, record: &Record<'_>) -> Result<(), SpoolError> {
        let Record { topic, payload, qos, retain } = *record;
        let publish = PublishRef { topic, payload, qos, retain, dup: false, id: ID, time: 0 };
        publish.write(&mut self.bytes, Version::V311).map_err(|_| SpoolError::TooLarge(topic.len() + payload.len()))?;
        self.count += 1;
        self.exact |= qos == QoS::ExactlyOnce;
        Ok(())
    }

    /// Number of records.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Length in bytes, as it is stored.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether some record has QoS 2.
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// The records from the first on.
    pub fn records(&self) -> Records<'_> {
        self.records_at(Cursor::default())
    }

    /// The records from a place on that [`Records::cursor`] of this block gave.
    pub fn records_at(&self, cursor: Cursor) -> Records<'_> {
        Records { all: &self.bytes, at: cursor.at, index: cursor.index, count: self.count }
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        (self.count, self.exact) = (0, false);
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What a row holds; looked at when its records are.
    pub(super) fn stored(bytes: &[u8], count: u64, exact: bool) -> Block {
        Block { bytes: bytes.into(), count, exact }
    }
}

/// A place between two records of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    at: usize,
    index: u64,
}

impl Cursor {
    /// Number of records before it.
    pub fn index(self) -> u64 {
        self.index
    }
}

/// The records of a block. Ends after the first that is damaged.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    all: &'a [u8],
    at: usize,
    index: u64,
    count: u64,
}

impl Records<'_> {
    /// The place before the next record.
    pub fn cursor(&self) -> Cursor {
        Cursor { at: self.at, index: self.index }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, SpoolError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.all.get(self.at..).unwrap_or_default();
        if self.index >= self.count && rest.is_empty() {
            return None;
        }
        let parsed = if self.index >= self.count { Err("more records than it should") } else { parse(rest) };
        match parsed {
            Ok((record, length)) => {
                self.at += length;
                self.index += 1;
                Some(Ok(record))
            }
            Err(why) => {
                (self.at, self.index) = (self.all.len(), self.count);
                Some(Err(SpoolError::Corrupt(format!("a block has {why}"))))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, usize::try_from(self.count - self.index.min(self.count)).ok().and_then(|left| left.checked_add(1)))
    }
}

/// The record at the head and its length. Whatever [`Block::push`] would not have written is refused.
fn parse(bytes: &[u8]) -> Result<(Record<'_>, usize), &'static str> {
    let (&header, rest) = bytes.split_first().ok_or("fewer records than it should")?;
    let qos = match header >> 1 & 3 {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        2 => QoS::ExactlyOnce,
        _ => return Err("a record with a QoS of 3"),
    };
    if header & 0xF8 != 0x30 {
        return Err("a record that is no PUBLISH packet");
    }
    let (length, prefix) = remaining_length(rest)?;
    let body = rest.get(prefix..prefix + length).ok_or("a record that is cut short")?;
    let end = 1 + prefix + length;
    let (topic, rest) = body.split_first_chunk::<2>().ok_or("a record without a topic")?;
    let topic = usize::from(u16::from_be_bytes(*topic));
    let (topic, rest) = rest.split_at_checked(topic).ok_or("a record with a topic that is cut short")?;
    let topic = std::str::from_utf8(topic).map_err(|_| "a record with a topic that is not UTF-8")?;
    let payload = if qos == QoS::AtMostOnce {
        rest
    } else {
        match rest.split_first_chunk::<2>() {
            Some((id, payload)) if u16::from_be_bytes(*id) == ID => payload,
            _ => return Err("a record with another packet id than 1"),
        }
    };
    Ok((Record { topic, payload, qos, retain: header & 1 == 1 }, end))
}

/// MQTT's remaining length (§2.2.3) and how many bytes it takes: the fewest possible.
fn remaining_length(bytes: &[u8]) -> Result<(usize, usize), &'static str> {
    let mut length = 0;
    for (n, byte) in bytes.iter().take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * n);
        if byte & 0x80 == 0 {
            return if n > 0 && *byte == 0 { Err("a record whose length is odd") } else { Ok((length, n + 1)) };
        }
    }
    Err("a record whose length is odd")
}
