//! Extras of a connection besides a log-in and messages: a will, properties of MQTT 5, and an observer of its packets.

use std::fmt;
use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};

use super::packet::fields::{self, Value};
use super::packet::{Packet, PacketError, Publish, Version};
use super::properties::{Properties, put_variable};

/// The bit of a subscription's options that makes messages keep their retain flag (MQTT 5 §3.8.3.1).
const RETAIN_AS_PUBLISHED: u8 = 0x08;

/// The extras of a connection.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// The message that the broker publishes if the connection ends without a DISCONNECT. Its packet id is 0.
    pub will: Option<Publish>,
    pub properties: Properties,
    /// MQTT 5: messages come with the retain flag that they were published with.
    pub retain_as_published: bool,
    pub trace: Option<Trace>,
}

/// An observer that is notified of every packet of a connection.
#[derive(Clone)]
pub struct Trace(pub Arc<dyn Fn(&str) + Send + Sync>);

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace")
    }
}

impl Extras {
    /// Adds the extras of the packet that begins at `start` and ends with `out`. A property replaces an existing one.
    ///
    /// # Errors
    /// [`PacketError`]: the packet is not one that this library writes, or it is too long.
    pub fn add_to(&self, out: &mut BytesMut, start: usize, version: Version) -> Result<(), PacketError> {
        let Extras { properties, retain_as_published, .. } = self;
        if version == Version::V311 || properties.is_empty() && !retain_as_published {
            return Ok(());
        }
        let packet = out.split_off(start);
        let head = packet.first().copied().unwrap_or_default();
        let extra = match head {
            0x10 => &properties.connect,
            0x82 => &properties.subscribe,
            0xA2 => &properties.unsubscribe,
            0xE0 => &properties.disconnect,
            _ => {
                out.unsplit(packet);
                return Ok(());
            }
        };
        let mut rest = fields::body(&mut packet.clone(), packet.len())?.unwrap_or_default();
        let mut body = Vec::new();
        match head {
            0x10 => {
                // The protocol's name and version, flags, keep-alive (§3.1.2).
                body.extend(fields::some(&mut rest, 10)?);
                let has_will = body[7] & 4 != 0;
                merge(&mut rest, extra, &mut body)?;
                let client_id = fields::field(&mut rest)?;
                put_field(&client_id, &mut body);
                if has_will {
                    merge(&mut rest, &properties.will, &mut body)?;
                }
            }
            0xE0 if extra.is_empty() => {
                out.unsplit(packet);
                return Ok(());
            }
            0xE0 => {
                let reason = if rest.is_empty() { 0 } else { fields::number(&mut rest, 1)? as u8 };
                body.push(reason);
                rest = Bytes::from_static(&[0]);
                merge(&mut rest, extra, &mut body)?;
            }
            _ => {
                body.extend(fields::some(&mut rest, 2)?);
                merge(&mut rest, extra, &mut body)?;
                while head == 0x82 && *retain_as_published && !rest.is_empty() {
                    let filter = fields::field(&mut rest)?;
                    put_field(&filter, &mut body);
                    body.push(fields::number(&mut rest, 1)? as u8 | RETAIN_AS_PUBLISHED);
                }
            }
        }
        body.extend(rest);
        let mut length = Vec::new();
        put_variable(u32::try_from(body.len()).map_err(|_| PacketError::TooLarge(body.len()))?, &mut length);
        out.put_u8(head);
        out.extend_from_slice(&length);
        out.extend_from_slice(&body);
        Ok(())
    }

    /// Reports a packet, if there is an observer.
    #[inline]
    pub fn tell(&self, what: impl FnOnce() -> String) {
        if let Some(Trace(tell)) = &self.trace {
            tell(&what());
        }
    }
}

/// Takes the existing properties from `rest`, and appends them and `extra`, with the total length.
fn merge(rest: &mut Bytes, extra: &[u8], body: &mut Vec<u8>) -> Result<(), PacketError> {
    let added: Vec<u32> = fields::Properties::of(Bytes::copy_from_slice(extra))
        .map(|property| property.map(|(id, _)| id))
        .collect::<Result<_, _>>()?;
    let mut all = Vec::new();
    for property in fields::properties(rest)? {
        match property? {
            (id, _) if added.contains(&id) => {}
            (id, Value::Number(number)) => {
                // The log-in's own are all of four bytes (§3.1.2.11).
                all.push(id as u8);
                all.extend(number.to_be_bytes());
            }
            (id, _) => return Err(PacketError::Malformed(format!("the property {id:#04x} of this program's own"))),
        }
    }
    all.extend(extra);
    put_variable(u32::try_from(all.len()).map_err(|_| PacketError::TooLarge(all.len()))?, body);
    body.extend(all);
    Ok(())
}

fn put_field(bytes: &[u8], out: &mut Vec<u8>) {
    // It was valid before.
    out.extend((bytes.len() as u16).to_be_bytes());
    out.extend(bytes);
}

/// Describes a packet that is sent, as mosquitto's programs do.
pub fn sent(packet: &Packet) -> String {
    match packet {
        Packet::Connect(_) => "sending CONNECT".into(),
        Packet::Publish(publish) => format!("sending {}", published(publish)),
        Packet::Ack { kind, id, .. } => format!("sending {} (m{id})", kind.name()),
        Packet::Subscribe { id, filters } => {
            let filters: Vec<String> =
                filters.iter().map(|f| format!("Topic: {}, QoS: {}", f.filter, f.qos as u8)).collect();
            format!("sending SUBSCRIBE (Mid: {id}, {})", filters.join("; "))
        }
        Packet::Unsubscribe { id, filters } => {
            format!("sending UNSUBSCRIBE (Mid: {id}, Topic: {})", filters.join("; "))
        }
        Packet::PingReq => "sending PINGREQ".into(),
        Packet::Disconnect { .. } => "sending DISCONNECT".into(),
        _ => "sending a packet".into(),
    }
}

/// Describes a packet that was received.
pub fn received(packet: &Packet) -> String {
    match packet {
        Packet::ConnAck(ack) => format!("received CONNACK ({})", ack.code),
        Packet::Publish(publish) => format!("received {}", published(publish)),
        Packet::Ack { kind, id, reason } => format!("received {} (Mid: {id}, RC:{})", kind.name(), reason.0),
        Packet::SubAck { id, codes } => {
            let codes: Vec<String> = codes.iter().map(|code| code.0.to_string()).collect();
            format!("received SUBACK (Mid: {id}: {})", codes.join(", "))
        }
        Packet::UnsubAck { id, .. } => format!("received UNSUBACK (Mid: {id})"),
        Packet::PingResp => "received PINGRESP".into(),
        Packet::Disconnect { reason } => format!("received DISCONNECT ({})", reason.0),
        _ => "received a packet".into(),
    }
}

fn published(publish: &Publish) -> String {
    let Publish { topic, payload, qos, retain, dup, id } = publish;
    message(topic, payload.len(), *qos as u8, *retain, *dup, *id)
}

/// Describes a PUBLISH, whose payload has this length in bytes.
pub fn message(topic: &str, length: usize, qos: u8, retain: bool, dup: bool, id: u16) -> String {
    let (dup, retain) = (u8::from(dup), u8::from(retain));
    format!("PUBLISH (d{dup}, q{qos}, r{retain}, m{id}, '{topic}', ... ({length} bytes))")
}

#[cfg(test)]
mod tests {
    use super::super::packet::{Connect, Filter, MAX_PACKET, QoS};
    use super::*;

    fn extras(given: &[(&str, &str, &str, Option<&str>)]) -> Extras {
        let mut properties = Properties::default();
        for (carrier, name, value, more) in given {
            properties.add(carrier.parse().unwrap(), name, value, *more).unwrap();
        }
        Extras { properties, ..Extras::default() }
    }

    fn written(packet: Packet, extras: &Extras, version: Version) -> BytesMut {
        // A CONNECT is the first of a connection, and rumqttc writes its flags at this place.
        let before = if matches!(packet, Packet::Connect(_)) { "" } else { "before" };
        let mut out = BytesMut::from(before);
        packet.write(&mut out, version).unwrap();
        extras.add_to(&mut out, before.len(), version).unwrap();
        assert!(out.starts_with(before.as_bytes()));
        out.split_off(before.len())
    }

    fn connect(will: bool) -> Packet {
        let will = will.then(|| Publish {
            topic: "a/b/c".into(),
            payload: Bytes::from_static(b"gone"),
            qos: QoS::AtLeastOnce,
            retain: true,
            dup: false,
            id: 0,
        });
        Packet::Connect(Connect {
            client_id: "c".into(),
            clean: false,
            keep_alive: 60,
            user_name: "alice".into(),
            password: "secret".into(),
            max_packet: Some(7),
            will,
        })
    }

    #[test]
    fn a_connect_gets_the_properties_of_the_log_in_and_of_the_will() {
        let extras = extras(&[
            ("connect", "session-expiry-interval", "9", None),
            ("connect", "user-property", "k", Some("v")),
            ("will", "will-delay-interval", "5", None),
        ]);
        for will in [false, true] {
            let mut packet = written(connect(will), &extras, Version::V5);
            let mut body = fields::body(&mut packet.clone(), MAX_PACKET).unwrap().unwrap();
            let _ = fields::some(&mut body, 10).unwrap();
            let found: Vec<_> = fields::properties(&mut body).unwrap().map(Result::unwrap).collect();
            let pair = Value::Pair(Bytes::from_static(b"k"), Bytes::from_static(b"v"));
            // The given expiry, only once.
            assert_eq!(found, [(0x27, Value::Number(7)), (0x11, Value::Number(9)), (0x26, pair)]);
            assert_eq!(fields::field(&mut body).unwrap(), "c");
            if will {
                let found: Vec<_> = fields::properties(&mut body).unwrap().map(Result::unwrap).collect();
                assert_eq!(found, [(0x18, Value::Number(5))]);
            }
            let Some(Packet::Connect(read)) = Packet::read(&mut packet, Version::V5, MAX_PACKET).unwrap() else {
                panic!()
            };
            assert_eq!((read.user_name.as_str(), read.password.as_str()), ("alice", "secret"));
            assert_eq!(read.will.map(|will| will.payload), will.then(|| Bytes::from_static(b"gone")));
            let plain = written(connect(will), &extras, Version::V311);
            assert_eq!(plain, written(connect(will), &Extras::default(), Version::V311), "3.1.1 has no properties");
        }
    }

    #[test]
    fn other_packets_get_theirs_and_no_others() {
        let given = extras(&[
            ("subscribe", "subscription-identifier", "3", None),
            ("unsubscribe", "user-property", "k", Some("")),
            ("disconnect", "session-expiry-interval", "1", None),
        ]);
        let given = Extras { retain_as_published: true, ..given };
        let filter = |text: &str| Filter { filter: text.into(), qos: QoS::AtLeastOnce, no_local: false };
        let subscribe = Packet::Subscribe { id: 7, filters: vec![filter("a"), filter("b")] };
        let out = written(subscribe, &given, Version::V5);
        assert_eq!(&out[..], [0x82, 13, 0, 7, 2, 0x0B, 3, 0, 1, b'a', 9, 0, 1, b'b', 9]);
        let unsubscribe = Packet::Unsubscribe { id: 7, filters: vec!["a".into()] };
        let out = written(unsubscribe, &given, Version::V5);
        assert_eq!(&out[..], [0xA2, 12, 0, 7, 6, 0x26, 0, 1, b'k', 0, 0, 0, 1, b'a']);
        let goodbye = Packet::Disconnect { reason: super::super::packet::Reason::SUCCESS };
        let out = written(goodbye.clone(), &given, Version::V5);
        assert_eq!(&out[..], [0xE0, 7, 0, 5, 0x11, 0, 0, 0, 1]);
        let only_publish = extras(&[("publish", "topic-alias", "1", None)]);
        for packet in [goodbye, Packet::PingReq] {
            let plain = written(packet.clone(), &Extras::default(), Version::V5);
            assert_eq!(written(packet, &only_publish, Version::V5), plain);
        }
    }
}
