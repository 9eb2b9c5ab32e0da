//! Acknowledgements of MQTT 5 with any reason (§3.4, §3.5, §3.6, §3.7): the codec accepts only those that
//! the standard lists for each of them, and brokers send others.

use bytes::{BufMut, BytesMut};

use super::error::PacketError;
use super::fields;
use super::form::{AckKind, Packet};
use crate::mqtt::reason::Reason;

/// Takes an acknowledgement from the front of `stream`, and leaves its properties unread; `None` if it is another
/// packet, or incomplete. `max` limits the packet's length, in bytes.
///
/// # Errors
/// [`PacketError`] if it is not an acknowledgement after all, or too long.
pub(super) fn take(stream: &mut BytesMut, max: usize) -> Result<Option<Packet>, PacketError> {
    let Some(kind) = stream.first().and_then(|head| AckKind::of_head(*head)) else { return Ok(None) };
    let Some(packet) = fields::body(stream, max)? else { return Ok(None) };
    let (id, reason) = match packet[..] {
        [high, low] => ([high, low], Reason::SUCCESS),
        [high, low, reason, ..] => ([high, low], Reason(reason)),
        _ => return Err(PacketError::Malformed("it ends within a field".into())),
    };
    Ok(Some(Packet::Ack { kind, id: u16::from_be_bytes(id), reason }))
}

/// Appends an acknowledgement with a reason and no properties.
pub(super) fn write(kind: AckKind, id: u16, reason: Reason, out: &mut BytesMut) {
    out.put_slice(&[kind.head(), 4]);
    out.put_u16(id);
    out.put_slice(&[reason.0, 0]);
}
