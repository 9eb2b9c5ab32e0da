//! The messages of a session that are not done, and the decision which new ones are taken.
//!
//! All devices share one consumer, so messages for a slow or absent device must not take all the room: once half of it is in
//! use, such a device gets a share, and messages beyond that are given back to the server for a while. Order is kept
//! nevertheless: while a message of a device is given back, later ones of that device are given back as well.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

/// The weight limit of all open messages, and the bytes of payload that weigh as much as one message.
const ROOM: usize = 8192;
pub const BYTES: usize = 2048;
/// A device is slow while its oldest message has waited for this time.
const PATIENCE: Duration = Duration::from_secs(2);
/// A message is given back for as long as the oldest one of its device has waited, but no longer than this.
const LONGEST_DELAY: Duration = Duration::from_secs(120);
/// The server redelivers a message by this time after it is due.
const SLACK: Duration = Duration::from_secs(5);

/// A message of a stream. The same sequence with another time (Unix, in ns) belongs to a stream that was created again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    pub sequence: u64,
    pub published: i128,
}

/// The decision about a new message.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It is taken, and is now open with this number.
    Taken(u64),
    /// It is open already.
    Known,
    /// It should come again after this time.
    Later(Duration),
}

/// A message that was taken and is not done.
#[derive(Debug)]
struct Unsettled<R> {
    id: Id,
    reply: R,
    device: usize,
    weight: usize,
    since: Instant,
}

/// What is known about a device.
#[derive(Debug, Default)]
struct OfDevice {
    /// Its open messages by their numbers, which grow.
    open: BTreeSet<u64>,
    weight: usize,
    /// Those that are given back, and when each must have come again.
    later: BTreeMap<Id, Instant>,
}

/// The open messages, each with its reply subject.
#[derive(Debug)]
pub struct Ledger<R> {
    open: BTreeMap<u64, Unsettled<R>>,
    numbers: HashMap<Id, u64>,
    next: u64,
    weight: usize,
    devices: Vec<OfDevice>,
    /// The weight limit of a slow device, and the weight of all of them.
    share: usize,
    slow: usize,
    /// How long the server waits for an acknowledgement.
    pub ack_wait: Duration,
}

/// Returns the weight of a message, by the bytes of its payload.
pub fn weight(bytes: usize) -> usize {
    1 + bytes / BYTES
}

impl<R> Ledger<R> {
    /// Returns a ledger for this many devices.
    pub fn new(devices: usize) -> Ledger<R> {
        Ledger {
            open: BTreeMap::new(),
            numbers: HashMap::new(),
            next: 0,
            weight: 0,
            devices: (0..devices).map(|_| OfDevice::default()).collect(),
            share: ROOM / 2,
            slow: 0,
            ack_wait: Duration::ZERO,
        }
    }

    /// Takes a new message for this device, or returns why not.
    pub fn come(&mut self, id: Id, reply: R, device: usize, bytes: usize, now: Instant) -> Arrival {
        if let Some(open) = self.numbers.get(&id).and_then(|number| self.open.get_mut(number)) {
            open.reply = reply;
            self.devices[device].later.remove(&id);
            return Arrival::Known;
        }
        // The server redelivers in the order in which messages are due: those overdue by now belong to somebody else.
        let of = &mut self.devices[device];
        while let Some(first) = of.later.first_entry().filter(|first| *first.get() < now) {
            first.remove();
        }
        let is_overtaking = of.later.first_key_value().is_some_and(|(first, _)| *first < id);
        let weight = weight(bytes);
        let is_too_much = of.weight + weight > self.share && self.is_slow(device, now);
        let is_crowded = self.devices.len() > 1 && self.weight + weight > ROOM / 2;
        if is_overtaking || is_crowded && is_too_much {
            return Arrival::Later(self.later(id, device, now));
        }
        let of = &mut self.devices[device];
        of.later.remove(&id);
        let number = self.next;
        self.next += 1;
        of.open.insert(number);
        of.weight += weight;
        self.weight += weight;
        self.numbers.insert(id, number);
        self.open.insert(number, Unsettled { id, reply, device, weight, since: now });
        Arrival::Taken(number)
    }

    fn is_slow(&self, device: usize, now: Instant) -> bool {
        self.waited(device, now) > PATIENCE
    }

    /// Returns for how long the device's oldest message is open.
    fn waited(&self, device: usize, now: Instant) -> Duration {
        let oldest = self.devices[device].open.first().and_then(|number| self.open.get(number));
        oldest.map_or(Duration::ZERO, |oldest| now - oldest.since)
    }

    fn later(&mut self, id: Id, device: usize, now: Instant) -> Duration {
        let delay = self.waited(device, now).clamp(PATIENCE, LONGEST_DELAY);
        // A server that has become the leader meanwhile may only know how long it waits.
        let due = now + delay.max(self.ack_wait) + SLACK;
        self.devices[device].later.insert(id, due);
        delay
    }

    /// Returns whether a message is open.
    pub fn is_open(&self, id: &Id) -> bool {
        self.numbers.contains_key(id)
    }

    /// Returns whether a message of the device should come again.
    pub fn is_given_back(&self, id: &Id, device: usize) -> bool {
        self.devices[device].later.contains_key(id)
    }

    /// Notes that a message should come again at this time.
    pub fn put_off(&mut self, id: Id, device: usize, until: Instant) {
        self.devices[device].later.insert(id, until + self.ack_wait + SLACK);
    }

    /// Notes that a message is done, and returns its reply subject.
    pub fn done(&mut self, number: u64) -> Option<R> {
        self.close(number).map(|open| open.reply)
    }

    /// Gives back, for a while, a message that nobody will deliver.
    pub fn give_back(&mut self, number: u64, now: Instant) -> Option<(R, Duration)> {
        let Unsettled { id, device, .. } = *self.open.get(&number)?;
        // Before it is gone: it may be the oldest one.
        let delay = self.later(id, device, now);
        self.close(number).map(|open| (open.reply, delay))
    }

    fn close(&mut self, number: u64) -> Option<Unsettled<R>> {
        let open = self.open.remove(&number)?;
        self.numbers.remove(&open.id);
        let of = &mut self.devices[open.device];
        of.open.remove(&number);
        of.weight -= open.weight;
        self.weight -= open.weight;
        Some(open)
    }

    /// Finds the slow devices, and returns those that exceed their share so far that others have no room.
    pub fn review(&mut self, now: Instant) -> Vec<(usize, usize)> {
        let slow: Vec<usize> = (0..self.devices.len()).filter(|device| self.is_slow(*device, now)).collect();
        self.slow = slow.iter().map(|device| self.devices[*device].weight).sum();
        self.share = (ROOM / 2 / slow.len().max(1)).max(1);
        if self.devices.len() < 2 || self.room() >= ROOM / 8 {
            return Vec::new();
        }
        let excess = |device: usize| self.devices[device].weight.saturating_sub(self.share);
        slow.into_iter().map(|device| (device, excess(device))).filter(|(_, excess)| *excess > 0).collect()
    }

    /// Returns how many more messages, of the weight of one, may be open.
    pub fn room(&self) -> usize {
        ROOM.saturating_sub(self.weight)
    }

    /// Returns whether there is enough room to be worth a request.
    pub fn is_roomy(&self) -> bool {
        self.room() >= (ROOM.saturating_sub(self.slow) / 16).max(1)
    }

    /// Returns the reply subjects of the open messages, in the order of arrival.
    pub fn open(&self) -> impl Iterator<Item = &R> {
        self.open.values().map(|open| &open.reply)
    }

    /// Returns how many messages this gateway has not acknowledged: those that are open, and those that are given back.
    pub fn outstanding(&self) -> usize {
        self.open.len() + self.devices.iter().map(|of| of.later.len()).sum::<usize>()
    }

    /// Returns whether nothing is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Forgets everything, and returns the reply subjects of the open messages.
    pub fn drain(&mut self) -> Vec<R> {
        let devices = self.devices.len();
        let ledger = std::mem::replace(self, Ledger::new(devices));
        ledger.open.into_values().map(|open| open.reply).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: usize = 0;
    const QUICK: usize = 1;

    struct Test {
        ledger: Ledger<u64>,
        now: Instant,
    }

    impl Test {
        fn new() -> Test {
            Test { ledger: Ledger { ack_wait: Duration::from_secs(1), ..Ledger::new(2) }, now: Instant::now() }
        }

        fn come(&mut self, device: usize, sequence: u64) -> Arrival {
            self.ledger.come(Id { sequence, published: 0 }, sequence, device, 100, self.now)
        }

        /// Takes messages of one device until one is given back, and returns the sequence of that.
        fn fill(&mut self, device: usize) -> u64 {
            assert!(matches!(self.come(device, 1), Arrival::Taken(_)));
            self.now += 2 * PATIENCE;
            self.ledger.review(self.now);
            (2..).find(|sequence| matches!(self.come(device, *sequence), Arrival::Later(_))).unwrap()
        }
    }

    #[test]
    fn a_slow_device_has_a_share_and_others_have_the_rest() {
        let mut test = Test::new();
        let first_later = test.fill(SLOW);
        assert_eq!(first_later as usize, ROOM / 2 + 1);
        assert!(matches!(test.come(QUICK, 100_000), Arrival::Taken(_)));
        assert_eq!(test.ledger.outstanding(), ROOM / 2 + 2);
    }

    #[test]
    fn what_comes_after_a_message_that_was_given_back_waits_for_it() {
        let mut test = Test::new();
        let first = test.fill(SLOW);
        assert!(matches!(test.come(SLOW, first + 1), Arrival::Later(_)));
        // Room again, and the wrong one comes first.
        let answered: Vec<_> = (0..100).filter_map(|number| test.ledger.done(number)).collect();
        assert_eq!(answered, (1..=100).collect::<Vec<_>>());
        assert!(matches!(test.come(SLOW, first + 1), Arrival::Later(_)), "it would overtake");
        assert!(matches!(test.come(SLOW, first + 2), Arrival::Later(_)), "it would overtake");
        assert!(matches!(test.come(SLOW, first), Arrival::Taken(_)));
        assert!(matches!(test.come(SLOW, first + 2), Arrival::Later(_)), "it would overtake");
        assert!(matches!(test.come(SLOW, first + 1), Arrival::Taken(_)));
        assert!(matches!(test.come(SLOW, first + 2), Arrival::Taken(_)));
    }

    #[test]
    fn a_message_that_another_gateway_got_is_not_waited_for() {
        let mut test = Test::new();
        let first = test.fill(SLOW);
        (0..100).for_each(|number| _ = test.ledger.done(number));
        let next = first + 1;
        assert!(matches!(test.come(SLOW, next), Arrival::Later(_)), "the one before it may come again");
        test.now += 2 * LONGEST_DELAY;
        assert!(matches!(test.come(SLOW, next), Arrival::Taken(_)), "that was due long before");
    }

    #[test]
    fn a_message_that_comes_twice_is_taken_once_and_answered_as_it_came_last() {
        let mut test = Test::new();
        let id = Id { sequence: 7, published: 1 };
        let number = match test.ledger.come(id, 1, SLOW, 0, test.now) {
            Arrival::Taken(number) => number,
            other => panic!("{other:?}"),
        };
        assert_eq!(test.ledger.come(id, 2, SLOW, 0, test.now), Arrival::Known);
        let other = Id { published: 2, ..id };
        assert!(matches!(test.ledger.come(other, 3, SLOW, 0, test.now), Arrival::Taken(_)), "a stream created again");
        assert_eq!(test.ledger.done(number), Some(2));
        assert_eq!(test.ledger.done(number), None);
    }

    #[test]
    fn a_device_that_has_all_the_room_gives_the_newest_back() {
        let mut test = Test::new();
        let all = (1..)
            .take_while(|sequence| test.ledger.room() > 0 && matches!(test.come(SLOW, *sequence), Arrival::Taken(_)));
        let all = all.count();
        assert_eq!((all, test.ledger.review(test.now)), (ROOM, Vec::new()), "it has just come");
        test.now += 2 * PATIENCE;
        assert_eq!(test.ledger.review(test.now), [(SLOW, ROOM / 2)]);
        let (newest, before) = (ROOM as u64 - 1, ROOM as u64 - 2);
        assert_eq!(test.ledger.give_back(newest, test.now), Some((ROOM as u64, 2 * PATIENCE)));
        assert!(test.ledger.give_back(before, test.now).is_some());
        assert!(matches!(test.come(SLOW, ROOM as u64), Arrival::Later(_)));
        assert!(matches!(test.come(QUICK, 1_000_000), Arrival::Taken(_)));
    }

    #[test]
    fn one_device_alone_slows_the_source_instead() {
        let mut ledger = Ledger::new(1);
        let mut now = Instant::now();
        for sequence in 0..ROOM as u64 {
            let id = Id { sequence, published: 0 };
            assert!(matches!(ledger.come(id, sequence, 0, 0, now), Arrival::Taken(_)));
            now += Duration::from_secs(1);
        }
        assert_eq!((ledger.room(), ledger.is_roomy(), ledger.review(now)), (0, false, Vec::new()));
    }

    #[test]
    fn large_messages_take_the_room_of_several() {
        let mut ledger = Ledger::new(2);
        ledger.come(Id { sequence: 1, published: 0 }, (), 0, 10 * BYTES, Instant::now());
        assert_eq!(ledger.room(), ROOM - 11);
        assert_eq!(ledger.done(0), Some(()));
        assert_eq!(ledger.room(), ROOM);
    }
}
