//! The codes with which a broker grants or refuses, their names, and the broker's texts.

use std::fmt;

use crate::text;

/// Longest text of a broker that is shown, in characters.
const LONGEST_SAID: usize = 200;

/// Reason or return code as on the wire: 0..=2 granted or done, from 0x80 on (or 1..=5 in a 3.1.1 CONNACK) refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason(pub u8);

/// The meaning of the reason with which a broker refuses a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishClass {
    /// The broker cannot accept it now: worth another attempt.
    Passing,
    /// This client may not send it, or the broker does not say more.
    Refused,
    /// The message itself is of a kind that the broker does not accept: its payload, topic, size, QoS or retention.
    Data,
}

impl Reason {
    /// Done as requested.
    pub const SUCCESS: Reason = Reason(0);
    /// MQTT 5 UNSUBACK: there was no such subscription.
    pub const NO_SUBSCRIPTION: Reason = Reason(0x11);
    /// MQTT 5: the permission to do this is missing.
    pub const NOT_AUTHORIZED: Reason = Reason(0x87);
    /// MQTT 5: the topic holds a wildcard or is empty.
    pub const TOPIC_NAME_INVALID: Reason = Reason(0x90);
    /// MQTT 5: the peer violated the protocol.
    pub const PROTOCOL_ERROR: Reason = Reason(0x82);
    /// MQTT 5: another client took over this client id.
    pub const SESSION_TAKEN_OVER: Reason = Reason(0x8E);
    /// 3.1.1 SUBACK: the filter was not granted.
    pub const SUBACK_FAILURE: Reason = Reason(0x80);

    /// Returns whether the code is a refusal, in an acknowledgement of MQTT 5 or a SUBACK of either version.
    pub fn is_failure(self) -> bool {
        self.0 >= 0x80
    }

    /// Returns the meaning of the reason in a PUBACK or PUBREC that refuses a message, or in the DISCONNECT that answers
    /// it (MQTT 5 §3.4.2.1, §3.5.2.1, §3.14.2.1). Brokers also use codes that the standard does not list for these packets.
    pub fn publish_class(self) -> PublishClass {
        match self.0 {
            0x80 | 0x83 | 0x88 | 0x89 | 0x8B | 0x93 | 0x96 | 0x97 | 0x9F => PublishClass::Passing,
            0x90 | 0x95 | 0x99 | 0x9A | 0x9B => PublishClass::Data,
            _ => PublishClass::Refused,
        }
    }

    /// Returns whether a DISCONNECT with this reason answers a message, rather than something else that the connection or its
    /// client did.
    pub fn is_about_message(self) -> bool {
        self == Reason::NOT_AUTHORIZED || self.publish_class() == PublishClass::Data
    }

    /// Returns whether a DISCONNECT with this reason may be the answer to the topic of a message, and not only to its size or kind.
    pub fn may_be_about_topic(self) -> bool {
        self == Reason::TOPIC_NAME_INVALID || self.publish_class() != PublishClass::Data
    }

    /// Returns whether a refusal in a SUBACK of MQTT 5 (§3.9.3) may be temporary. 3.1.1 has one code for all.
    pub fn may_pass_in_suback(self) -> bool {
        matches!(self.0, 0x80 | 0x83 | 0x91 | 0x97)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            0x00 => "success",
            0x10 => "no matching subscribers",
            0x11 => "no subscription existed",
            0x80 => "unspecified error",
            0x81 => "malformed packet",
            0x82 => "protocol error",
            0x83 => "implementation specific error",
            0x84 => "unsupported protocol version",
            0x85 => "client identifier not valid",
            0x86 => "bad user name or password",
            0x87 => "not authorized",
            0x88 => "server unavailable",
            0x89 => "server busy",
            0x8A => "banned",
            0x8B => "server shutting down",
            0x8C => "bad authentication method",
            0x8D => "keep-alive timeout",
            0x8E => "session taken over",
            0x8F => "topic filter invalid",
            0x90 => "topic name invalid",
            0x91 => "packet identifier in use",
            0x92 => "packet identifier not found",
            0x93 => "receive maximum exceeded",
            0x94 => "topic alias invalid",
            0x95 => "packet too large",
            0x96 => "message rate too high",
            0x97 => "quota exceeded",
            0x98 => "administrative action",
            0x99 => "payload format invalid",
            0x9A => "retain not supported",
            0x9B => "QoS not supported",
            0x9C => "use another server",
            0x9D => "server moved",
            0x9F => "connection rate exceeded",
            _ => return write!(f, "reason 0x{:02x}", self.0),
        };
        write!(f, "reason 0x{:02x}, {name}", self.0)
    }
}

/// Names the code of a CONNACK that refuses: 1 to 5 in 3.1.1 (§3.2.2.3), a reason code in MQTT 5.
pub fn connack_refusal(code: u8) -> String {
    let name = match code {
        1 => "unacceptable protocol version",
        2 => "client id refused",
        3 => "server unavailable",
        4 => "bad user name or password",
        5 => "not authorized",
        _ => return format!("CONNACK {}", Reason(code)),
    };
    format!("CONNACK {code}, {name}")
}

/// A broker's text with a code of MQTT 5, in CONNACK and DISCONNECT. It is shown but never acted on; it is shown
/// on one line, with a limited length and without control characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// Reason String (§3.2.2.3.9, §3.14.2.2.3).
    pub reason_string: Option<String>,
    /// Server Reference: another server, which nothing proves to be of the same owner (§4.13).
    pub server_reference: Option<String>,
}

impl Said {
    /// Returns the same without `secret`, which the broker may have repeated.
    pub fn without(self, secret: &str) -> Said {
        let hidden = |text: String| if secret.is_empty() { text } else { text.replace(secret, "…") };
        Said { reason_string: self.reason_string.map(hidden), server_reference: self.server_reference.map(hidden) }
    }
}

/// Returns the text to append to the code; empty if there is none.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut write = |before: &str, said: &Option<String>| match said {
            Some(said) if !said.is_empty() => {
                let mut shown: String = said.chars().take(LONGEST_SAID).collect();
                if shown.len() < said.len() {
                    shown.push('…');
                }
                write!(f, "; {before} '{}'", text::one_line(&shown))
            }
            _ => Ok(()),
        };
        write("the broker says", &self.reason_string)?;
        write("it refers to the server", &self.server_reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_broker_says_is_harmless_and_short() {
        assert_eq!(Said::default().to_string(), "");
        let said = Said { reason_string: Some("no\u{1b}[2J\n".into()), server_reference: Some("b.test:1883".into()) };
        let shown = said.to_string();
        assert_eq!(shown, "; the broker says 'no\\u{1b}[2J\\n'; it refers to the server 'b.test:1883'");
        let said = Said { reason_string: Some("a".repeat(70_000)), server_reference: None };
        assert!(said.to_string().chars().count() < 250);
        let said = Said { reason_string: Some("no hunter2 here".into()), server_reference: None };
        assert_eq!(said.without("hunter2").to_string(), "; the broker says 'no … here'");
    }

    #[test]
    fn a_refused_message_has_a_class() {
        let classes = [
            (PublishClass::Passing, &[0x80, 0x83, 0x88, 0x89, 0x97][..]),
            (PublishClass::Refused, &[0x82, 0x87, 0x91]),
            (PublishClass::Data, &[0x90, 0x95, 0x99, 0x9A, 0x9B]),
        ];
        for (class, codes) in classes {
            assert!(codes.iter().all(|code| Reason(*code).publish_class() == class), "{class:?}");
        }
        assert!([0x87, 0x90, 0x95].iter().all(|code| Reason(*code).is_about_message()));
        assert!([0x82, 0x89, 0x8B, 0x8D, 0x8E, 0x97, 0x98].iter().all(|code| !Reason(*code).is_about_message()));
    }
}
