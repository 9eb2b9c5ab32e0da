//! User-defined properties of MQTT 5: which packets may carry them, their valid values, and their bytes.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

use super::packet::fields::{Properties as Encoded, Value};

/// The longest text of a property, in bytes (MQTT 5 §1.5.4).
const MAX_TEXT: usize = 65_535;
/// The identifier of the user property, the only one that a packet may carry more than once.
const USER: u8 = 0x26;

/// A carrier of properties: a packet, or the will in a CONNECT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    Connect,
    Publish,
    Will,
    Subscribe,
    Unsubscribe,
    Disconnect,
}

impl Carrier {
    const ALL: [(Carrier, &'static str); 6] = [
        (Carrier::Connect, "CONNECT"),
        (Carrier::Publish, "PUBLISH"),
        (Carrier::Will, "WILL"),
        (Carrier::Subscribe, "SUBSCRIBE"),
        (Carrier::Unsubscribe, "UNSUBSCRIBE"),
        (Carrier::Disconnect, "DISCONNECT"),
    ];
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = Carrier::ALL.iter().find(|(carrier, _)| carrier == self);
        f.write_str(found.map_or("", |(_, name)| name))
    }
}

impl FromStr for Carrier {
    type Err = PropertyError;

    /// Reads a name in upper or lower case.
    fn from_str(text: &str) -> Result<Carrier, PropertyError> {
        let found = Carrier::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        found.map(|(carrier, _)| *carrier).ok_or(PropertyError::Carrier)
    }
}

/// Why a property cannot be sent. No variant repeats a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PropertyError {
    #[error("properties belong to CONNECT, PUBLISH, WILL, SUBSCRIBE, UNSUBSCRIBE or DISCONNECT")]
    Carrier,
    #[error("MQTT 5 has no property of that name")]
    Name,
    #[error("{1} has no property {0}")]
    NotOf(&'static str, Carrier),
    #[error("{0} takes {1}")]
    Value(&'static str, &'static str),
    #[error("{0} is given twice for {1}")]
    Twice(&'static str, Carrier),
    #[error("{0} cannot be used: {1}")]
    Unsupported(&'static str, &'static str),
}

/// The type of a value (MQTT 5 §2.2.2.2).
#[derive(Debug, Clone, Copy)]
enum PropertyType {
    /// 0 or 1, in one byte.
    Flag,
    /// Two bytes, from this number on.
    Short(u16),
    /// Four bytes, from this number on.
    Long(u32),
    /// A number in groups of seven bits, not 0.
    Variable,
    /// A text, or bytes given as one.
    Text,
    /// A text without wildcards.
    Topic,
    Pair,
    /// Known, but not sent, for this reason.
    Unsupported(&'static str),
}

/// A property: its name, its identifier, its type, and its carriers (MQTT 5 §2.2.2.2).
struct PropertyDefinition {
    name: &'static str,
    id: u8,
    kind: PropertyType,
    of: &'static [Carrier],
}

const NO_METHOD: &str = "I3 identifies users only by name and password";

const KNOWN: &[PropertyDefinition] = &{
    use Carrier::{Connect, Disconnect, Publish, Subscribe, Unsubscribe, Will};
    const fn known(name: &'static str, id: u8, kind: PropertyType, of: &'static [Carrier]) -> PropertyDefinition {
        PropertyDefinition { name, id, kind, of }
    }
    [
        known("payload-format-indicator", 0x01, PropertyType::Flag, &[Publish, Will]),
        known("message-expiry-interval", 0x02, PropertyType::Long(0), &[Publish, Will]),
        known("content-type", 0x03, PropertyType::Text, &[Publish, Will]),
        known("response-topic", 0x08, PropertyType::Topic, &[Publish, Will]),
        known("correlation-data", 0x09, PropertyType::Text, &[Publish, Will]),
        known("subscription-identifier", 0x0B, PropertyType::Variable, &[Subscribe]),
        known("session-expiry-interval", 0x11, PropertyType::Long(0), &[Connect, Disconnect]),
        known("authentication-method", 0x15, PropertyType::Unsupported(NO_METHOD), &[Connect]),
        known("authentication-data", 0x16, PropertyType::Unsupported(NO_METHOD), &[Connect]),
        known("request-problem-information", 0x17, PropertyType::Flag, &[Connect]),
        known("will-delay-interval", 0x18, PropertyType::Long(0), &[Will]),
        known("request-response-information", 0x19, PropertyType::Flag, &[Connect]),
        known("receive-maximum", 0x21, PropertyType::Short(1), &[Connect]),
        known(
            "topic-alias-maximum",
            0x22,
            PropertyType::Unsupported("aliases chosen by the broker are not supported"),
            &[Connect],
        ),
        known("topic-alias", 0x23, PropertyType::Short(1), &[Publish]),
        known("user-property", USER, PropertyType::Pair, &[Connect, Publish, Will, Subscribe, Unsubscribe, Disconnect]),
        known("maximum-packet-size", 0x27, PropertyType::Long(1), &[Connect]),
    ]
};

/// The identifier of the largest packet that a client accepts.
pub const MAX_PACKET_SIZE: u8 = 0x27;

/// Whether a name is that of a property with a name and a value.
pub fn is_pair(name: &str) -> bool {
    KNOWN.iter().any(|known| matches!(known.kind, PropertyType::Pair) && known.name == name)
}

/// The properties of each kind of packet, as their bytes without the length before them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    pub connect: Vec<u8>,
    pub publish: Vec<u8>,
    pub will: Vec<u8>,
    pub subscribe: Vec<u8>,
    pub unsubscribe: Vec<u8>,
    pub disconnect: Vec<u8>,
    given: Vec<(Carrier, u8)>,
}

impl Properties {
    /// Adds one. `more` is the second text of a user property, whose first is `value`.
    ///
    /// # Errors
    /// [`PropertyError`].
    pub fn add(&mut self, carrier: Carrier, name: &str, value: &str, more: Option<&str>) -> Result<(), PropertyError> {
        let known = KNOWN.iter().find(|known| known.name == name).ok_or(PropertyError::Name)?;
        if !known.of.contains(&carrier) {
            return Err(PropertyError::NotOf(known.name, carrier));
        }
        let mut bytes = vec![known.id];
        known.write(value, more, &mut bytes)?;
        if known.id != USER && self.given.contains(&(carrier, known.id)) {
            return Err(PropertyError::Twice(known.name, carrier));
        }
        self.given.push((carrier, known.id));
        self.of(carrier).extend(bytes);
        Ok(())
    }

    /// Returns whether `carrier` has any.
    pub fn has(&self, carrier: Carrier) -> bool {
        self.given.iter().any(|(of, _)| *of == carrier)
    }

    /// Returns the value of the property of four bytes with this identifier.
    pub fn number_of(&self, carrier: Carrier, id: u8) -> Option<u32> {
        let mut found = Encoded::of(Bytes::copy_from_slice(self.bytes(carrier))).filter_map(Result::ok);
        found.find_map(|(found, value)| match value {
            Value::Number(number) if found == u32::from(id) => Some(number),
            _ => None,
        })
    }

    fn bytes(&self, carrier: Carrier) -> &[u8] {
        match carrier {
            Carrier::Connect => &self.connect,
            Carrier::Publish => &self.publish,
            Carrier::Will => &self.will,
            Carrier::Subscribe => &self.subscribe,
            Carrier::Unsubscribe => &self.unsubscribe,
            Carrier::Disconnect => &self.disconnect,
        }
    }

    /// Returns whether nothing has any.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    fn of(&mut self, carrier: Carrier) -> &mut Vec<u8> {
        match carrier {
            Carrier::Connect => &mut self.connect,
            Carrier::Publish => &mut self.publish,
            Carrier::Will => &mut self.will,
            Carrier::Subscribe => &mut self.subscribe,
            Carrier::Unsubscribe => &mut self.unsubscribe,
            Carrier::Disconnect => &mut self.disconnect,
        }
    }
}

impl PropertyDefinition {
    fn write(&self, value: &str, more: Option<&str>, out: &mut Vec<u8>) -> Result<(), PropertyError> {
        let takes = |what| PropertyError::Value(self.name, what);
        match (self.kind, more) {
            (PropertyType::Unsupported(why), _) => return Err(PropertyError::Unsupported(self.name, why)),
            (PropertyType::Pair, Some(second)) => {
                for text in [value, second] {
                    put_text(text, out).ok_or(takes("two texts of at most 65,535 bytes each"))?;
                }
            }
            (PropertyType::Pair, None) => return Err(takes("a name and a value")),
            (_, Some(_)) => return Err(takes("one value")),
            (PropertyType::Flag, None) => match value {
                "0" => out.push(0),
                "1" => out.push(1),
                _ => return Err(takes("0 or 1")),
            },
            (PropertyType::Short(from), None) => {
                let number = value.parse().ok().filter(|number| *number >= from);
                let number: u16 = number.ok_or(takes("a number from 1 to 65535"))?;
                out.extend(number.to_be_bytes());
            }
            (PropertyType::Long(from), None) => {
                let what = if from == 0 { "a number from 0 to 4294967295" } else { "a number from 1 to 4294967295" };
                let number: u32 = value.parse().ok().filter(|number| *number >= from).ok_or(takes(what))?;
                out.extend(number.to_be_bytes());
            }
            (PropertyType::Variable, None) => {
                let number = value.parse().ok().filter(|number| (1..=268_435_455).contains(number));
                put_variable(number.ok_or(takes("a number from 1 to 268435455"))?, out);
            }
            (PropertyType::Topic, None) if value.is_empty() || value.contains(['+', '#']) => {
                return Err(takes("a topic without wildcards"));
            }
            (PropertyType::Text | PropertyType::Topic, None) => {
                put_text(value, out).ok_or(takes("a text of at most 65,535 bytes"))?;
            }
        }
        Ok(())
    }
}

/// Appends a text after its length, unless it is too long or has a NUL, which MQTT forbids (MQTT 5 §1.5.4).
fn put_text(text: &str, out: &mut Vec<u8>) -> Option<()> {
    let length = u16::try_from(text.len()).ok().filter(|_| text.len() <= MAX_TEXT && !text.contains('\0'))?;
    out.extend(length.to_be_bytes());
    out.extend(text.as_bytes());
    Some(())
}

/// Appends a number in groups of seven bits, the lowest first (MQTT 5 §1.5.5).
pub fn put_variable(mut number: u32, out: &mut Vec<u8>) {
    while number > 0x7F {
        out.push(0x80 | (number & 0x7F) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(carrier: &str, name: &str, value: &str, more: Option<&str>) -> Result<Properties, PropertyError> {
        let mut properties = Properties::default();
        properties.add(carrier.parse()?, name, value, more)?;
        Ok(properties)
    }

    #[test]
    fn each_has_its_bytes() {
        let publish = |name, value, more| added("publish", name, value, more).unwrap().publish;
        assert_eq!(publish("payload-format-indicator", "1", None), [1, 1]);
        assert_eq!(publish("message-expiry-interval", "258", None), [2, 0, 0, 1, 2]);
        assert_eq!(publish("content-type", "a/b", None), [3, 0, 3, b'a', b'/', b'b']);
        assert_eq!(publish("user-property", "k", Some("")), [0x26, 0, 1, b'k', 0, 0]);
        assert_eq!(publish("topic-alias", "7", None), [0x23, 0, 7]);
        assert_eq!(added("SUBSCRIBE", "subscription-identifier", "300", None).unwrap().subscribe, [0x0B, 0xAC, 2]);
        assert_eq!(added("Will", "will-delay-interval", "9", None).unwrap().will, [0x18, 0, 0, 0, 9]);
        assert_eq!(added("disconnect", "session-expiry-interval", "0", None).unwrap().disconnect, [0x11, 0, 0, 0, 0]);
    }

    #[test]
    fn what_cannot_be_sent_is_named_and_no_value_is_repeated() {
        for (carrier, name, value, more, says) in [
            ("auth", "user-property", "hunter2", Some("x"), "properties belong to CONNECT"),
            ("connect", "hunter2", "1", None, "MQTT 5 has no property of that name"),
            ("publish", "receive-maximum", "5", None, "PUBLISH has no property receive-maximum"),
            ("connect", "receive-maximum", "0", None, "receive-maximum takes a number from 1 to 65535"),
            ("connect", "receive-maximum", "hunter2", None, "receive-maximum takes a number from 1 to 65535"),
            ("publish", "payload-format-indicator", "7", None, "takes 0 or 1"),
            ("publish", "user-property", "hunter2", None, "takes a name and a value"),
            ("publish", "content-type", "hunter2", Some("x"), "takes one value"),
            ("publish", "content-type", "hunter2\0", None, "takes a text"),
            ("will", "response-topic", "hunter2/#", None, "takes a topic without wildcards"),
            ("subscribe", "subscription-identifier", "0", None, "takes a number from 1 to 268435455"),
            ("connect", "authentication-method", "hunter2", None, "I3 identifies users only by name and password"),
        ] {
            let error = added(carrier, name, value, more).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("hunter2"), "{error}");
        }
        let mut twice = added("publish", "content-type", "a", None).unwrap();
        assert!(twice.add(Carrier::Publish, "user-property", "k", Some("v")).is_ok());
        assert!(twice.add(Carrier::Publish, "user-property", "k", Some("v")).is_ok());
        let error = twice.add(Carrier::Publish, "content-type", "b", None).unwrap_err();
        assert_eq!(error, PropertyError::Twice("content-type", Carrier::Publish));
    }
}
