//! Which messages can be acknowledged: the acknowledgements that are owed, and the packet ids of messages that have
//! already arrived.

use std::collections::{HashMap, VecDeque};

use crate::mqtt::packet::{AckKind, QoS};

/// Most acknowledgements owed: a conforming broker has no more messages in flight than there are packet
/// ids, and answers to QoS 2 have two parts.
const MOST_OWED: usize = 2 * 65_535;

/// A broker has used a packet id for a new message before releasing it (MQTT 3.1.1 §4.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsedAgain(pub u16);

/// What is known about the messages of a session. A message's number says how many were taken up to it.
#[derive(Debug, Default)]
pub struct Receipts {
    taken: u64,
    /// In the order of arrival, in which they are sent (MQTT 3.1.1 §4.6), with the number of the message that must be
    /// settled first.
    owed: VecDeque<(u64, AckKind, u16)>,
    /// Packet ids at QoS 2 that arrived and were not released yet (MQTT 3.1.1 §4.3.3): a message that comes again with one of
    /// them is not new. They live as long as the session. At most 65,535.
    unreleased: HashMap<u16, Unreleased>,
}

#[derive(Debug)]
struct Unreleased {
    number: u64,
    /// It arrived on this connection, on which repeated messages are marked.
    is_fresh: bool,
}

impl Receipts {
    /// Prepares for a new connection, of the same session if `is_kept`. Owed acknowledgements are lost: the broker sends
    /// unacknowledged messages again.
    pub fn restart(&mut self, is_kept: bool) {
        self.owed.clear();
        match is_kept {
            true => self.unreleased.values_mut().for_each(|message| message.is_fresh = false),
            false => self.unreleased.clear(),
        }
    }

    /// Returns whether a message is new, by its packet id.
    ///
    /// # Errors
    /// It is marked as new, but its id belongs to another message.
    pub fn is_new(&self, qos: QoS, id: u16, dup: bool) -> Result<bool, UsedAgain> {
        match self.unreleased.get(&id).filter(|_| qos == QoS::ExactlyOnce) {
            None => Ok(true),
            Some(Unreleased { is_fresh: true, .. }) if !dup => Err(UsedAgain(id)),
            Some(_) => Ok(false),
        }
    }

    /// Counts a message that was taken.
    pub fn take(&mut self) {
        self.taken += 1;
    }

    /// Returns how many messages were taken.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Owes the acknowledgement of a message: of the last one taken, or of one that came again.
    pub fn owe(&mut self, qos: QoS, id: u16) {
        match qos {
            QoS::AtMostOnce => {}
            QoS::AtLeastOnce => self.owed.push_back((self.taken, AckKind::PubAck, id)),
            QoS::ExactlyOnce => {
                let new = Unreleased { number: self.taken, is_fresh: true };
                let message = self.unreleased.entry(id).or_insert(new);
                message.is_fresh = true;
                self.owed.push_back((message.number, AckKind::PubRec, id));
            }
        }
    }

    /// From now on another message may have this packet id at QoS 2. An unknown id belongs to an earlier run.
    pub fn release(&mut self, id: u16) {
        let number = self.unreleased.remove(&id).map_or(0, |message| message.number);
        self.owed.push_back((number, AckKind::PubComp, id));
    }

    /// Takes the next acknowledgement that is due when this many messages are settled.
    pub fn due(&mut self, settled: u64) -> Option<(AckKind, u16)> {
        let (_, kind, id) = *self.owed.front().filter(|(number, ..)| *number <= settled)?;
        self.owed.pop_front();
        Some((kind, id))
    }

    /// Returns whether so much is owed that no more should be read.
    pub fn is_full(&self) -> bool {
        self.owed.len() >= MOST_OWED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledgements_keep_their_order_and_wait_for_their_message() {
        let mut receipts = Receipts::default();
        receipts.take();
        receipts.owe(QoS::AtLeastOnce, 7);
        receipts.take();
        receipts.owe(QoS::ExactlyOnce, 8);
        // A message that was left out: only the messages before it need to be settled.
        receipts.owe(QoS::AtLeastOnce, 9);
        assert_eq!(receipts.due(0), None);
        assert_eq!(receipts.due(1), Some((AckKind::PubAck, 7)));
        assert_eq!(receipts.due(1), None);
        assert_eq!(receipts.due(2), Some((AckKind::PubRec, 8)));
        assert_eq!(receipts.due(2), Some((AckKind::PubAck, 9)));
    }

    #[test]
    fn a_release_does_not_overtake_its_message() {
        let mut receipts = Receipts::default();
        receipts.take();
        receipts.owe(QoS::ExactlyOnce, 8);
        receipts.release(8);
        assert_eq!(receipts.due(0), None);
        assert_eq!(receipts.due(1), Some((AckKind::PubRec, 8)));
        assert_eq!(receipts.due(1), Some((AckKind::PubComp, 8)));
        // From an earlier run.
        receipts.release(9);
        assert_eq!(receipts.due(0), Some((AckKind::PubComp, 9)));
    }

    #[test]
    fn an_id_means_its_message_until_it_is_released() {
        let mut receipts = Receipts::default();
        receipts.take();
        receipts.owe(QoS::ExactlyOnce, 8);
        assert_eq!(receipts.is_new(QoS::ExactlyOnce, 8, true), Ok(false));
        assert_eq!(receipts.is_new(QoS::ExactlyOnce, 8, false), Err(UsedAgain(8)));
        assert_eq!(receipts.is_new(QoS::AtLeastOnce, 8, false), Ok(true));
        // A broker that sends it again on the next connection may have lost the mark.
        receipts.restart(true);
        assert_eq!(receipts.is_new(QoS::ExactlyOnce, 8, false), Ok(false));
        receipts.owe(QoS::ExactlyOnce, 8);
        assert_eq!(receipts.is_new(QoS::ExactlyOnce, 8, false), Err(UsedAgain(8)));
        receipts.restart(false);
        assert_eq!(receipts.is_new(QoS::ExactlyOnce, 8, false), Ok(true));
    }

    #[test]
    fn what_is_owed_is_bounded() {
        let mut receipts = Receipts::default();
        receipts.take();
        for n in 0..MOST_OWED {
            assert!(!receipts.is_full());
            receipts.owe(QoS::AtLeastOnce, 1 + (n % 65_535) as u16);
        }
        assert!(receipts.is_full());
    }
}
