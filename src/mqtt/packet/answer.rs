//! CONNACK and DISCONNECT, read in place, with any code and the broker's text.

use bytes::BytesMut;

use super::error::PacketError;
use super::fields::{self, Value};
use super::form::{ConnAck, Version};
use crate::mqtt::reason::{Reason, Said};

/// Takes a CONNACK from the front of `stream`; `None` while it is incomplete. `max` limits its length, in bytes.
///
/// # Errors
/// [`PacketError`].
pub fn connack(stream: &mut BytesMut, version: Version, max: usize) -> Result<Option<ConnAck>, PacketError> {
    let Some(mut rest) = fields::body(stream, max)? else { return Ok(None) };
    let flags = fields::number(&mut rest, 1)?;
    let code = fields::number(&mut rest, 1)? as u8;
    let mut ack = ConnAck { session_present: flags & 1 == 1, ..ConnAck::new(code) };
    // A 3.1.1 broker refuses MQTT 5 with a CONNACK of its own version, which ends before the properties.
    if version == Version::V311 || rest.is_empty() && code != 0 {
        return Ok(Some(ack));
    }
    for property in fields::properties(&mut rest)? {
        match property? {
            (0x12, Value::Field(id)) => ack.assigned_client_id = Some(fields::text(id)?),
            (0x13, Value::Number(seconds)) => ack.server_keep_alive = Some(seconds as u16),
            (0x1C, Value::Field(server)) => ack.said.server_reference = Some(fields::text(server)?),
            (0x1F, Value::Field(reason)) => ack.said.reason_string = Some(fields::text(reason)?),
            (0x21, Value::Number(messages)) => ack.receive_maximum = Some(messages as u16),
            (0x24, Value::Number(qos)) => ack.max_qos = Some(qos as u8),
            (0x25, Value::Number(is_available)) => ack.retain_available = Some(is_available != 0),
            (0x27, Value::Number(bytes)) => ack.max_packet = Some(bytes),
            _ => {}
        }
    }
    Ok(Some(ack))
}

/// Takes a DISCONNECT from the front of `stream`: the reason, 0 if none is given, and the broker's text. `None` while it is
/// incomplete.
///
/// # Errors
/// [`PacketError`].
pub fn disconnect(stream: &mut BytesMut, max: usize) -> Result<Option<(Reason, Said)>, PacketError> {
    let Some(mut rest) = fields::body(stream, max)? else { return Ok(None) };
    // MQTT 5 §3.14.2: reason and properties may be left out.
    let reason = if rest.is_empty() { Reason::SUCCESS } else { Reason(fields::number(&mut rest, 1)? as u8) };
    let mut said = Said::default();
    if !rest.is_empty() {
        for property in fields::properties(&mut rest)? {
            match property? {
                (0x1C, Value::Field(server)) => said.server_reference = Some(fields::text(server)?),
                (0x1F, Value::Field(reason)) => said.reason_string = Some(fields::text(reason)?),
                _ => {}
            }
        }
    }
    Ok(Some((reason, said)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(head: u8, body: &[u8]) -> BytesMut {
        let mut bytes = BytesMut::from(&[head][..]);
        assert!(body.len() < 128 * 128);
        bytes.extend_from_slice(&[body.len() as u8 & 0x7F | 0x80, (body.len() >> 7) as u8]);
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn any_code_is_read_with_what_the_broker_says() {
        for code in 1..=255 {
            let mut stream = framed(0x20, &[&[0, code, 20][..], b"\x1F\0\x04full\x1C\0\x0Ab.test:188"].concat());
            let ack = connack(&mut stream, Version::V5, 1000).unwrap().unwrap();
            assert_eq!((ack.code, ack.said.reason_string.as_deref()), (code, Some("full")));
            assert_eq!(ack.said.server_reference.as_deref(), Some("b.test:188"));
            // From a 3.1.1 broker, to either version.
            for version in [Version::V311, Version::V5] {
                let ack = connack(&mut BytesMut::from(&[0x20, 2, 0, code][..]), version, 1000).unwrap().unwrap();
                assert_eq!(ack, ConnAck::new(code));
            }
        }
    }

    #[test]
    fn the_limits_of_a_broker_are_read() {
        let limits = b"\x01\0\x12\x21\0\x07\x24\x01\x25\0\x27\0\x01\0\0\x13\0\x1E\x22\0\x05";
        let ack = connack(&mut framed(0x20, limits), Version::V5, 1000).unwrap().unwrap();
        assert!(ack.session_present);
        assert_eq!((ack.receive_maximum, ack.max_qos, ack.retain_available), (Some(7), Some(1), Some(false)));
        assert_eq!((ack.max_packet, ack.server_keep_alive), (Some(65_536), Some(30)));
        // An accepting CONNACK of MQTT 5 always has a property length.
        assert!(connack(&mut framed(0x20, &[0, 0]), Version::V5, 1000).is_err());
    }

    #[test]
    fn every_form_of_a_disconnect_is_read() {
        for (bytes, reason, text) in [
            (&b"\xE0\0"[..], 0, None),
            (b"\xE0\x01\x8B", 0x8B, None),
            (b"\xE0\x02\x8B\0", 0x8B, None),
            (b"\xE0\x08\x9D\x06\x1F\0\x03bye", 0x9D, Some("bye")),
        ] {
            for end in 0..bytes.len() {
                assert_eq!(disconnect(&mut BytesMut::from(&bytes[..end]), 1000).unwrap(), None);
            }
            let (found, said) = disconnect(&mut BytesMut::from(bytes), 1000).unwrap().unwrap();
            assert_eq!((found.0, said.reason_string.as_deref()), (reason, text));
        }
    }

    #[test]
    fn properties_without_end_are_no_packet() {
        let mut body = vec![0, 0, 0x89, 0x27];
        body.extend(b"\x26\0\0\0\0".repeat(1001));
        let error = connack(&mut framed(0x20, &body), Version::V5, 10_000).unwrap_err();
        assert!(error.to_string().contains("more than 1000 properties"), "{error}");
        let error = connack(&mut framed(0x20, &body), Version::V5, 5_000).unwrap_err();
        assert!(matches!(error, PacketError::TooLarge(5009)), "{error}");
    }
}
