//! The fields that packets are made of, read in place (MQTT 3.1.1 §1.5 and §2.2.3, MQTT 5 §1.5 and §2.2.2).

use bytes::{Bytes, BytesMut};

use super::error::PacketError;
use super::frame::frame;

/// Room for a long packet beyond its own length, in bytes: the most that a read adds.
pub const READ_AHEAD: usize = 16 * 1024;
/// How many properties a packet may have: more are useless, and each takes many times its length in memory.
const MAX_PROPERTIES: usize = 1000;

/// Takes a packet from the front of `stream` and returns what follows its fixed header; `None` while it is incomplete. `max`
/// limits that, in bytes.
///
/// # Errors
/// [`PacketError`]; it is too large as soon as its length is known.
pub fn body(stream: &mut BytesMut, max: usize) -> Result<Option<Bytes>, PacketError> {
    let Some((header, length)) = frame(stream)? else { return Ok(None) };
    if length > max {
        return Err(PacketError::TooLarge(length));
    }
    if stream.len() < header + length {
        // Once, for all of it, because too little room would be doubled at the end.
        stream.reserve(header + length - stream.len() + READ_AHEAD);
        return Ok(None);
    }
    Ok(Some(stream.split_to(header + length).freeze().slice(header..)))
}

/// Takes the next `length` bytes.
pub fn some(rest: &mut Bytes, length: usize) -> Result<Bytes, PacketError> {
    if rest.len() < length {
        return Err(PacketError::Malformed("it ends within a field".into()));
    }
    Ok(rest.split_to(length))
}

/// Takes a big-endian number of at most four bytes.
pub fn number(rest: &mut Bytes, bytes: usize) -> Result<u32, PacketError> {
    Ok(some(rest, bytes)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// Takes a number in groups of seven bits, the lowest first.
pub fn variable(rest: &mut Bytes) -> Result<u32, PacketError> {
    let mut value = 0;
    for shift in [0, 7, 14, 21] {
        let byte = number(rest, 1)?;
        value |= (byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(PacketError::Malformed("a number of more than four bytes".into()))
}

/// Takes bytes that follow their length.
pub fn field(rest: &mut Bytes) -> Result<Bytes, PacketError> {
    let length = number(rest, 2)? as usize;
    some(rest, length)
}

/// Returns bytes as text, which they must be.
pub fn text(bytes: Bytes) -> Result<String, PacketError> {
    String::from_utf8(bytes.into()).map_err(|_| PacketError::Malformed("a text that is not UTF-8".into()))
}

/// The value of a property, as in the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Number(u32),
    /// A text, or bytes.
    Field(Bytes),
    /// The name and the value of a user property.
    Pair(Bytes, Bytes),
}

/// Takes MQTT 5's properties with their length from `rest`; the returned iterator yields each with its identifier.
///
/// # Errors
/// [`PacketError::Malformed`] if the length is wrong.
pub fn properties(rest: &mut Bytes) -> Result<Properties, PacketError> {
    let length = variable(rest)?;
    Ok(Properties::of(some(rest, length as usize)?))
}

/// The properties of a packet; it yields at most 1,000, and none after an error.
pub struct Properties {
    rest: Bytes,
    taken: usize,
}

impl Properties {
    /// Returns the properties in these bytes, without the length before them.
    pub fn of(rest: Bytes) -> Properties {
        Properties { rest, taken: 0 }
    }

    /// Returns the bytes of the remaining ones.
    pub fn bytes(self) -> Bytes {
        self.rest
    }

    /// The identifier of a property determines its type (MQTT 5 §2.2.2.2).
    fn property(&mut self) -> Result<(u32, Value), PacketError> {
        self.taken += 1;
        if self.taken > MAX_PROPERTIES {
            return Err(PacketError::Malformed(format!("more than {MAX_PROPERTIES} properties")));
        }
        let rest = &mut self.rest;
        let id = variable(rest)?;
        let value = match id {
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28..=0x2A => Value::Number(number(rest, 1)?),
            0x13 | 0x21..=0x23 => Value::Number(number(rest, 2)?),
            0x02 | 0x11 | 0x18 | 0x27 => Value::Number(number(rest, 4)?),
            0x0B => Value::Number(variable(rest)?),
            0x03 | 0x08 | 0x09 | 0x12 | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => Value::Field(field(rest)?),
            0x26 => Value::Pair(field(rest)?, field(rest)?),
            other => return Err(PacketError::Malformed(format!("the property {other:#04x}"))),
        };
        Ok((id, value))
    }
}

impl Iterator for Properties {
    type Item = Result<(u32, Value), PacketError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let property = self.property();
        if property.is_err() {
            self.rest.clear();
        }
        Some(property)
    }
}
