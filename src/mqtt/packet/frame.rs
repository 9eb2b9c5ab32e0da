//! The end of a packet.

use super::error::PacketError;

/// Returns the lengths of a packet's fixed header and of what follows it, once the header is complete (MQTT 3.1.1 §2.2.3).
///
/// # Errors
/// [`PacketError::Malformed`]: the length has no end.
pub fn frame(stream: &[u8]) -> Result<Option<(usize, usize)>, PacketError> {
    let mut length = 0;
    for (at, byte) in stream.iter().skip(1).take(4).enumerate() {
        length |= usize::from(byte & 0x7F) << (7 * at);
        if byte & 0x80 == 0 {
            return Ok(Some((at + 2, length)));
        }
    }
    if stream.len() < 5 { Ok(None) } else { Err(PacketError::Malformed("length field".into())) }
}
