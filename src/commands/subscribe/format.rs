//! Output formats of `-F`, as in mosquitto_sub 2.0: `%` for the message, `@` for the time, `\` for special characters.
//!
//! The output is byte for byte that of mosquitto_sub, undocumented habits included: a payload longer than its field width is
//! cut to it, in hex to half as many bytes. A test compares the two. It differs only where that program loses data: a zero
//! byte does not end the text of `%j`, and `%J` leaves numbers of more than 15 digits unchanged.

use std::borrow::Cow;
use std::io::Write as _;
use std::str::FromStr;

use jiff::Zoned;

use super::json::{self, Payload};
use super::time::strftime;
use crate::mqtt::incoming::{IncomingPublish, Property};
use crate::text;

/// The widest field; mosquitto_sub has no bound.
const MAX_WIDTH: usize = 100_000;

/// The conversions of glibc's strftime. Other letters are unchanged, after a percent sign.
const STRFTIME: &[u8] = b"aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%";

/// A parsed format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format {
    pieces: Vec<FormatPiece>,
    shown: Shown,
    /// JSON has line breaks.
    pretty: bool,
}

/// How the bytes of a message are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Unchanged.
    Raw,
    /// As text that a terminal can show ([`text::bytes`]).
    Visible,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum FormatPiece {
    Text(Vec<u8>),
    Field(Field),
    /// A conversion of strftime.
    Time(u8),
    /// Nanoseconds, nine digits.
    Nanoseconds,
}

/// `%`, flags, width, precision, and the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    letter: u8,
    left: bool,
    zeros: bool,
    width: usize,
    precision: Option<usize>,
}

impl Shown {
    /// Returns the bytes as printed.
    pub fn bytes(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Shown::Raw => Cow::Borrowed(bytes),
            Shown::Visible => Cow::Owned(text::bytes(bytes).into_bytes()),
        }
    }
}

/// What is wrong with a format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// `%`, `@` or `\` without what must follow it.
    #[error("it ends within a sequence that '{0}' begins")]
    Incomplete(char),
    /// A letter that means nothing after `%` or `\`.
    #[error("'{0}{1}' means nothing")]
    Unknown(char, char),
    /// Over `MAX_WIDTH`.
    #[error("a field is wider than {MAX_WIDTH}")]
    Wide,
}

impl FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Format, FormatError> {
        let mut bytes = text.bytes().peekable();
        let mut pieces = Vec::new();
        let mut plain = Vec::new();
        while let Some(byte) = bytes.next() {
            let piece = match byte {
                b'%' => FormatPiece::Field(field(&mut bytes)?),
                b'@' => match bytes.next().ok_or(FormatError::Incomplete('@'))? {
                    b'@' => {
                        plain.push(b'@');
                        continue;
                    }
                    b'N' => FormatPiece::Nanoseconds,
                    letter if STRFTIME.contains(&letter) => FormatPiece::Time(letter),
                    letter => {
                        plain.extend([b'%', letter]);
                        continue;
                    }
                },
                b'\\' => {
                    plain.push(match bytes.next().ok_or(FormatError::Incomplete('\\'))? {
                        b'\\' => b'\\',
                        b'0' => 0,
                        b'a' => 7,
                        b'e' => 27,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'v' => 11,
                        other => return Err(FormatError::Unknown('\\', char::from(other))),
                    });
                    continue;
                }
                other => {
                    plain.push(other);
                    continue;
                }
            };
            if !plain.is_empty() {
                pieces.push(FormatPiece::Text(std::mem::take(&mut plain)));
            }
            pieces.push(piece);
        }
        if !plain.is_empty() {
            pieces.push(FormatPiece::Text(plain));
        }
        Ok(Format { pieces, shown: Shown::Raw, pretty: false })
    }
}

fn field(bytes: &mut std::iter::Peekable<std::str::Bytes<'_>>) -> Result<Field, FormatError> {
    let left = bytes.next_if_eq(&b'-').is_some();
    let zeros = bytes.next_if_eq(&b'0').is_some();
    let width = digits(bytes)?;
    let precision = match bytes.next_if_eq(&b'.') {
        Some(_) => Some(digits(bytes)?),
        None => None,
    };
    let letter = bytes.next().ok_or(FormatError::Incomplete('%'))?;
    if !b"%ACDEFIjJlmPpqRrStUxX".contains(&letter) {
        return Err(FormatError::Unknown('%', char::from(letter)));
    }
    Ok(Field { letter, left, zeros, width, precision })
}

fn digits(bytes: &mut std::iter::Peekable<std::str::Bytes<'_>>) -> Result<usize, FormatError> {
    let mut number = 0_usize;
    while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
        number = number * 10 + usize::from(digit - b'0');
        if number > MAX_WIDTH {
            return Err(FormatError::Wide);
        }
    }
    Ok(number)
}

impl Format {
    /// Returns the format with its fields printed in this way, and JSON with line breaks if `pretty`; its own text is
    /// unchanged.
    pub fn shown(self, shown: Shown, pretty: bool) -> Format {
        Format { shown, pretty, ..self }
    }

    /// Returns whether the output depends on the time.
    pub fn needs_time(&self) -> bool {
        self.pieces.iter().any(|piece| match piece {
            FormatPiece::Text(_) => false,
            FormatPiece::Field(field) => b"IjJU".contains(&field.letter),
            FormatPiece::Time(_) | FormatPiece::Nanoseconds => true,
        })
    }

    /// Appends the message to `out`, received at `time`.
    ///
    /// # Errors
    /// What is wrong with one field; the rest is appended.
    pub fn write(&self, out: &mut Vec<u8>, message: &IncomingPublish, time: &Zoned) -> Result<(), String> {
        let mut result = Ok(());
        for piece in &self.pieces {
            match piece {
                FormatPiece::Text(text) => out.extend_from_slice(text),
                FormatPiece::Time(letter) => out.extend_from_slice(strftime(time, *letter).as_bytes()),
                FormatPiece::Nanoseconds => push(out, format_args!("{:09}", time.subsec_nanosecond())),
                FormatPiece::Field(field) => {
                    let start = out.len();
                    if let Err(problem) = field.write(out, message, time) {
                        result = Err(problem);
                    }
                    if self.shown == Shown::Visible {
                        let visible = self.shown.bytes(&out[start..]).into_owned();
                        out.truncate(start);
                        out.extend(visible);
                    }
                    if self.pretty && matches!(field.letter, b'j' | b'J') {
                        let compact = out.split_off(start);
                        json::pretty(&compact, out);
                    }
                }
            }
        }
        result
    }
}

impl Field {
    fn write(&self, out: &mut Vec<u8>, message: &IncomingPublish, time: &Zoned) -> Result<(), String> {
        match self.letter {
            b'%' => out.push(b'%'),
            b'I' => {
                self.text(out, format!("{}{}", time.strftime("%Y-%m-%dT%H:%M:%S"), strftime(time, b'z')).as_bytes())
            }
            b'U' => {
                let at = time.timestamp();
                push(out, format_args!("{}.{:09}", at.as_second(), time.subsec_nanosecond()));
            }
            b'j' | b'J' => {
                return json::write(
                    out,
                    message,
                    time,
                    if self.letter == b'j' { Payload::Text } else { Payload::Json },
                );
            }
            b'l' => self.number(out, message.payload.len() as u64),
            b'm' => self.number(out, message.id.into()),
            b'p' => self.payload(out, &message.payload, message.payload.len(), |out, byte| out.push(byte)),
            b'x' => self.payload(out, &message.payload, message.payload.len() * 2, |out, byte| {
                push(out, format_args!("{byte:02x}"));
            }),
            b'X' => self.payload(out, &message.payload, message.payload.len() * 2, |out, byte| {
                push(out, format_args!("{byte:02X}"));
            }),
            b'q' => out.push(b'0' + message.qos as u8),
            b'r' => out.push(b'0' + u8::from(message.retain)),
            b't' => self.text(out, message.topic().as_bytes()),
            _ => self.property(out, &message.properties().map_err(|e| e.to_string())?),
        }
        Ok(())
    }

    fn property(&self, out: &mut Vec<u8>, properties: &[Property]) {
        let mut user = Vec::new();
        for property in properties {
            match (self.letter, property) {
                (b'A', Property::TopicAlias(number)) => return self.number(out, (*number).into()),
                (b'E', Property::Expiry(number)) => return self.number(out, (*number).into()),
                (b'F', Property::PayloadFormat(number)) => return self.number(out, (*number).into()),
                (b'S', Property::Subscription(number)) => return self.number(out, (*number).into()),
                (b'C', Property::ContentType(text)) | (b'R', Property::ResponseTopic(text)) => {
                    return self.text(out, text.as_bytes());
                }
                (b'D', Property::CorrelationData(bytes)) => return out.extend_from_slice(bytes),
                (b'P', Property::User(name, value)) => user.push(format!("{name}:{value}")),
                _ => {}
            }
        }
        match self.letter {
            b'P' => out.extend_from_slice(user.join(" ").as_bytes()),
            b'A' | b'E' | b'F' | b'S' => fill(out, if self.zeros { b'0' } else { b' ' }, self.width),
            b'C' => fill(out, b' ', self.width),
            _ => {}
        }
    }

    fn number(&self, out: &mut Vec<u8>, number: u64) {
        let text = number.to_string();
        let pad = if self.zeros { b'0' } else { b' ' };
        self.padded(out, pad, text.len(), |out| out.extend_from_slice(text.as_bytes()));
    }

    /// Width and precision count bytes.
    fn text(&self, out: &mut Vec<u8>, text: &[u8]) {
        let text = &text[..self.precision.unwrap_or(text.len()).min(text.len())];
        self.padded(out, b' ', text.len(), |out| out.extend_from_slice(text));
    }

    /// `shown` is the length of the whole as printed, one or two characters a byte.
    fn payload(&self, out: &mut Vec<u8>, payload: &[u8], shown: usize, one: impl Fn(&mut Vec<u8>, u8)) {
        let each = if shown > payload.len() { 2 } else { 1 };
        let mut length = payload.len();
        if self.width > 0 {
            length = length.min(self.width) / each;
        }
        let pad = if self.zeros { b'0' } else { b' ' };
        self.padded(out, pad, length * each, |out| payload[..length].iter().for_each(|byte| one(out, *byte)));
    }

    fn padded(&self, out: &mut Vec<u8>, pad: u8, length: usize, write: impl FnOnce(&mut Vec<u8>)) {
        let missing = self.width.saturating_sub(length);
        if !self.left {
            fill(out, pad, missing);
        }
        write(out);
        if self.left {
            fill(out, b' ', missing);
        }
    }
}

fn fill(out: &mut Vec<u8>, pad: u8, count: usize) {
    out.extend(std::iter::repeat_n(pad, count));
}

fn push(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to a vector always succeeds.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mosquitto_sub_refuses_is_refused() {
        for good in ["", "%q%r%5q%05r", "%5%", "%-05p", "%.t", "%-.3t", "%00005p", "@Q@E", "ä%tä", "%5D%5P%5R"] {
            assert!(good.parse::<Format>().is_ok(), "{good}");
        }
        for bad in ["%", "%-", "%0", "%5.", "%5.2", "@", "\\", "abc%"] {
            assert!(matches!(bad.parse::<Format>(), Err(FormatError::Incomplete(_))), "{bad}");
        }
        for bad in ["%z", "%0-5p", "\\q", "%ä"] {
            assert!(matches!(bad.parse::<Format>(), Err(FormatError::Unknown(..))), "{bad}");
        }
        assert_eq!("%99999999999999999999t".parse::<Format>(), Err(FormatError::Wide));
    }
}
