//! Lines that were stored together, back to back as MQTT 3.1.1 PUBLISH packets: the contents of one row of the spool.

use std::ops::Range;

use bytes::BytesMut;

use super::drop_log::Dropped;
use super::error::SpoolError;
use crate::mqtt::outgoing::OutgoingPublish;
use crate::mqtt::packet::{QoS, Version};

/// The packet id of a record with a QoS above 0: the standard requires one (§2.3.1), and the real one is chosen on sending.
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
    qos2: bool,
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({} records, {} bytes)", self.count, self.bytes.len())
    }
}

impl Block {
    /// Most bytes of a block with more than one record: the result of one read of a pipe.
    pub const FULL: usize = 64 * 1024;

    /// Appends a record.
    ///
    /// # Errors
    /// [`SpoolError::TooLarge`] for what MQTT cannot frame; then the block is unchanged.
    pub fn push(&mut self, record: &Record<'_>) -> Result<(), SpoolError> {
        let Record { topic, payload, qos, retain } = *record;
        let publish = OutgoingPublish { topic, payload, qos, retain, dup: false, id: ID, time: 0 };
        publish.write(&mut self.bytes, Version::V311).map_err(|_| SpoolError::TooLarge(topic.len() + payload.len()))?;
        self.count += 1;
        self.qos2 |= qos == QoS::ExactlyOnce;
        Ok(())
    }

    /// Returns the number of records.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Returns the stored length in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns whether some record has QoS 2.
    pub fn qos2(&self) -> bool {
        self.qos2
    }

    /// Returns the records from the first on.
    pub fn records(&self) -> Records<'_> {
        self.records_at(Cursor::default())
    }

    /// Returns the records from a place that [`Records::cursor`] of this block returned.
    pub fn records_at(&self, cursor: Cursor) -> Records<'_> {
        Records { all: &self.bytes, at: cursor.at, index: cursor.index, count: self.count }
    }

    /// Empties the block and keeps its memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        (self.count, self.qos2) = (0, false);
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Removes the unwanted records from number `from` on, and everything before it. The block's first record is number
    /// `first`.
    pub(super) fn without(
        &self,
        first: u64,
        from: u64,
        unwanted: impl Fn(u64, &Record<'_>) -> bool,
    ) -> Result<Split, SpoolError> {
        let mut split = Split::default();
        let mut together = false;
        let mut records = self.records();
        let mut number = first;
        loop {
            let start = records.at;
            let Some(record) = records.next().transpose()? else { break };
            let length = records.at - start;
            let is_kept = number >= from && !unwanted(number, &record);
            if is_kept {
                if !together {
                    split.kept.push((number, Block::default()));
                }
                if let Some((_, piece)) = split.kept.last_mut() {
                    piece.push(&record)?;
                }
            } else if number >= from {
                let start = if split.gone.records == 0 { number } else { split.between.start };
                split.between = start..number + 1;
                split.gone += Dropped { records: 1, bytes: length as u64 };
            }
            together = is_kept;
            number += 1;
        }
        Ok(split)
    }

    /// Returns the contents of a row, which are checked when its records are read.
    pub fn stored(bytes: &[u8], count: u64, qos2: bool) -> Block {
        Block { bytes: bytes.into(), count, qos2 }
    }
}

/// A place between two records of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor {
    at: usize,
    index: u64,
}

impl Cursor {
    /// Returns the number of records before it.
    pub fn index(self) -> u64 {
        self.index
    }
}

/// A block without its unwanted records.
#[derive(Debug, Default)]
pub(super) struct Split {
    /// The others, in pieces with the number of their first record.
    pub kept: Vec<(u64, Block)>,
    pub gone: Dropped,
    /// The numbers from the first to the last record that is gone.
    pub between: Range<u64>,
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
    /// Returns the place before the next record.
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

/// Returns the first record and its length. Refuses everything that [`Block::push`] would not have written.
fn parse(bytes: &[u8]) -> Result<(Record<'_>, usize), &'static str> {
    let (&header, rest) = bytes.split_first().ok_or("fewer records than it should")?;
    let qos = match header >> 1 & 3 {
        0 => QoS::AtMostOnce,
        1 => QoS::AtLeastOnce,
        2 => QoS::ExactlyOnce,
        _ => return Err("a record with a QoS of 3"),
    };
    if header & 0xF8 != 0x30 {
        return Err("a record that is not a PUBLISH packet");
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

/// Returns MQTT's remaining length (§2.2.3) and how many bytes encode it, which must be the fewest possible.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn qos() -> impl Strategy<Value = QoS> {
        prop_oneof![Just(QoS::AtMostOnce), Just(QoS::AtLeastOnce), Just(QoS::ExactlyOnce)]
    }

    type Owned = (String, Vec<u8>, QoS, bool);

    fn records() -> impl Strategy<Value = Vec<Owned>> {
        let lengths = prop_oneof![0..20_usize, 120..135_usize, 16_370..16_390_usize];
        let payload = (lengths, any::<u8>()).prop_map(|(length, byte)| vec![byte; length]);
        prop::collection::vec((".{0,30}", payload, qos(), any::<bool>()), 0..8)
    }

    fn block(records: &[Owned]) -> Block {
        let mut block = Block::default();
        for (topic, payload, qos, retain) in records {
            block.push(&Record { topic, payload, qos: *qos, retain: *retain }).unwrap();
        }
        block
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(records in records()) {
            let block = block(&records);
            let out: Vec<Owned> = block
                .records()
                .map(|record| record.map(|r| (r.topic.into(), r.payload.to_vec(), r.qos, r.retain)).unwrap())
                .collect();
            prop_assert_eq!(out, records);
        }

        #[test]
        fn what_is_taken_out_is_gone_and_the_rest_keeps_its_numbers(
            records in records(), first in 1..1000_u64, skip in 0..4_u64
        ) {
            let block = block(&records);
            let from = first + skip;
            let Split { kept: pieces, gone, between } = block.without(first, from, |_, r| r.retain).unwrap();
            let numbered: Vec<(u64, &Owned)> = (first..).zip(&records).filter(|(n, _)| *n >= from).collect();
            let kept: Vec<(u64, Vec<u8>)> =
                numbered.iter().filter(|(_, r)| !r.3).map(|(n, r)| (*n, r.1.clone())).collect();
            let left: Vec<(u64, Vec<u8>)> = pieces
                .iter()
                .flat_map(|(n, piece)| (*n..).zip(piece.records().map(|r| r.unwrap().payload.to_vec())))
                .collect();
            prop_assert_eq!(gone.records as usize, numbered.len() - kept.len());
            let mut taken = numbered.iter().filter(|(_, r)| r.3).map(|(n, _)| *n);
            let ends = taken.next().map(|n| n..taken.next_back().unwrap_or(n) + 1);
            prop_assert_eq!(between, ends.unwrap_or(0..0));
            let skipped = self::block(&records[..records.len().min(skip as usize)]);
            let bytes: usize = pieces.iter().map(|(_, piece)| piece.bytes()).sum();
            prop_assert_eq!(gone.bytes as usize + bytes + skipped.bytes(), block.bytes());
            prop_assert_eq!(left, kept);
        }

        /// No bytes make it panic, and it accepts only those that it would have written.
        #[test]
        fn whatever_is_read_is_what_would_have_been_written(
            records in records(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
            count in 0..10_u64, mode in 0..4
        ) {
            let mut bytes = block(&records).as_bytes().to_vec();
            match mode {
                0 if !bytes.is_empty() => { let at = at.index(bytes.len()); bytes[at] = byte; }
                1 if !bytes.is_empty() => { let at = cut.index(bytes.len()); bytes.truncate(at); }
                2 => { let at = at.index(bytes.len() + 1); bytes.insert(at, byte); }
                _ => {}
            }
            let stored = Block::stored(&bytes, count, false);
            let read: Result<Vec<Record<'_>>, SpoolError> = stored.records().collect();
            match read {
                Ok(read) => {
                    prop_assert_eq!(read.len() as u64, count);
                    let mut again = Block::default();
                    read.iter().for_each(|record| again.push(record).unwrap());
                    prop_assert_eq!(again.as_bytes(), &bytes[..]);
                }
                Err(e) => prop_assert!(matches!(e, SpoolError::Corrupt(_)), "{:?}", e),
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop_oneof![Just(0x30_u8), 0..5_u8, any::<u8>()], 0..60), count in any::<u64>()) {
            let block = Block::stored(&bytes, count, false);
            let last = block.records().last();
            prop_assert!(matches!(last, None | Some(Ok(_) | Err(SpoolError::Corrupt(_)))));
        }
    }

    #[test]
    fn what_mqtt_cannot_frame_is_refused() {
        let mut block = block(&[("a/b/c".into(), b"1".to_vec(), QoS::AtLeastOnce, false)]);
        let before = block.clone();
        let topic = "t".repeat(65_536);
        let long = Record { topic: &topic, payload: b"", qos: QoS::AtMostOnce, retain: false };
        assert!(matches!(block.push(&long), Err(SpoolError::TooLarge(65_536))));
        assert_eq!(block, before);
    }
}
