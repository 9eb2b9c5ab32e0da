//! Packets out of the bytes that have come: messages are parsed in place, and those over a limit thrown away as they come.

use bytes::{Buf as _, BytesMut};

use super::error::ConnectionError;
use crate::mqtt::extras::{self, Extras};
use crate::mqtt::incoming::{IncomingPublish, Oversized};
use crate::mqtt::packet::{
    AckKind, MAX_CONTROL, MAX_PACKET, Packet, PacketError, Reason, Version, answer, take_bare_ack,
};

/// Most bytes that topic, packet id and their lengths take in a PUBLISH.
const LONGEST_HEAD: usize = 2 + 65_535 + 2;

/// A received message, parsed in place, or any other packet.
#[derive(Debug)]
pub enum Incoming {
    Message(IncomingPublish),
    /// A message over the limit, once all of it has arrived and was discarded.
    Oversized(Oversized),
    Other(Packet),
}

/// The bounds of what is taken, and the message that is being thrown away.
#[derive(Debug)]
pub struct Decoder {
    version: Version,
    /// Longest packet, in bytes.
    pub max_packet: usize,
    /// Longest payload of a message, in bytes.
    pub max_message: usize,
    /// The message being discarded, and the bytes of it that are still to come.
    skipped: Option<(Oversized, usize)>,
}

impl Decoder {
    /// Returns one for a peer that has not answered yet, and may be anything.
    pub fn new(version: Version) -> Decoder {
        Decoder { version, max_packet: MAX_CONTROL, max_message: MAX_PACKET, skipped: None }
    }

    /// Takes the next packet out of `input`, if it is there as a whole, and tells `extras` of it.
    pub fn take(&mut self, input: &mut BytesMut, extras: Option<&Extras>) -> Result<Option<Incoming>, ConnectionError> {
        if self.skipped.is_some() {
            return Ok(self.skip(input));
        }
        let max_packet = self.max_message.saturating_add(LONGEST_HEAD).min(self.max_packet);
        match IncomingPublish::take(input, self.version, max_packet) {
            Ok(Some(message)) => {
                let IncomingPublish { qos, retain, dup, id, .. } = message;
                let length = message.payload.len();
                let what = || extras::message(message.topic(), length, qos as u8, retain, dup, id);
                follow(extras, || format!("received {}", what()));
                return Ok(Some(match length > self.max_message {
                    true => Incoming::Oversized(Oversized::from(&message)),
                    false => Incoming::Message(message),
                }));
            }
            Ok(None) => {}
            Err(PacketError::TooLarge(_)) if self.max_message < MAX_PACKET => {
                self.skipped = Oversized::read(input)?;
                return Ok(self.skip(input));
            }
            Err(e) => return Err(e.into()),
        }
        let max = self.max_packet.min(MAX_CONTROL);
        match input.first() {
            // An incomplete message is not one of the other packets either.
            Some(head) if head >> 4 == 3 => Ok(None),
            Some(0xE0) => match answer::disconnect(input, max)? {
                Some((reason, said)) => {
                    follow(extras, || extras::received(&Packet::Disconnect { reason }));
                    Err(ConnectionError::Ended { reason, said: said.into() })
                }
                None => Ok(None),
            },
            // No broker sends a CONNECT, which has the same first byte as a TLS alert; it stays for later inspection.
            Some(head) if head >> 4 == 1 => Err(PacketError::Malformed("a CONNECT from the broker".into()).into()),
            Some(_) => {
                let packet = Packet::read(input, self.version, max)?;
                if let Some(packet) = &packet {
                    follow(extras, || extras::received(packet));
                }
                Ok(packet.map(Incoming::Other))
            }
            None => Ok(None),
        }
    }

    /// Discards the arrived part of a skipped message. Returns its head once it is complete.
    fn skip(&mut self, input: &mut BytesMut) -> Option<Incoming> {
        let (_, left) = self.skipped.as_mut()?;
        let here = input.len().min(*left);
        input.advance(here);
        *left -= here;
        if *left > 0 { None } else { self.skipped.take().map(|(head, _)| Incoming::Oversized(head)) }
    }
}

/// Takes an acknowledgement without a reason out of `input`, if it is the next packet, and tells `extras` of it.
#[inline]
pub fn take_ack(input: &mut BytesMut, extras: Option<&Extras>) -> Option<(AckKind, u16)> {
    let ack = take_bare_ack(input)?;
    follow(extras, || extras::received(&Packet::Ack { kind: ack.0, id: ack.1, reason: Reason::SUCCESS }));
    Some(ack)
}

/// Notifies the observer of this connection's packets.
#[inline]
pub fn follow(extras: Option<&Extras>, what: impl FnOnce() -> String) {
    if let Some(extras) = extras {
        extras.tell(what);
    }
}
