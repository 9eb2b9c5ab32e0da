//! The spool beside a plain list of blocks as a model: after the same operations, both have the same contents.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::super::{Block, Commit, Full, Limits, Purge, Record, Spool, SpoolError};
use super::Folder;
use crate::mqtt::packet::QoS;

/// The original contents of a block: topics (0 or 1) and lengths of its records, and whether it is old.
type Lines = (Vec<(u8, u16)>, bool);

#[derive(Debug, Clone)]
enum Step {
    Commit {
        blocks: Vec<Lines>,
        done: Option<u8>,
        keep: Option<u8>,
        max: Option<u16>,
        drop: bool,
        age: bool,
    },
    Purge {
        topic: Option<u8>,
        old: bool,
        record: Option<u8>,
    },
    /// The record so far behind the first that waits.
    Hold(u8),
    /// One of those that are held, or a record that is not.
    Release(u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let lines = (prop::collection::vec((0..2_u8, 0..200_u16), 0..6), any::<bool>());
    let fields = (
        prop::collection::vec(lines, 0..4),
        prop::option::of(0..12_u8),
        prop::option::of(0..12_u8),
        prop::option::of(200..3000_u16),
        any::<bool>(),
        any::<bool>(),
    );
    let commit =
        fields.prop_map(|(blocks, done, keep, max, drop, age)| Step::Commit { blocks, done, keep, max, drop, age });
    prop_oneof![
        8 => commit,
        1 => (prop::option::of(0..2_u8), any::<bool>(), prop::option::of(0..12_u8))
            .prop_map(|(topic, old, record)| Step::Purge { topic, old, record }),
        3 => (0..12_u8).prop_map(Step::Hold),
        1 => (0..12_u8).prop_map(Step::Release),
        1 => Just(Step::Reopen)
    ]
}

const AGE: Duration = Duration::from_secs(1000);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Taken {
    first: u64,
    records: Vec<(String, Vec<u8>)>,
    old: bool,
    held: bool,
}

impl Taken {
    fn end(&self) -> u64 {
        self.first + self.records.len() as u64
    }

    /// The numbers of its records that are not done.
    fn waiting(&self, head: u64) -> Range<u64> {
        if self.held { self.first..self.end() } else { self.first.max(head)..self.end() }
    }

    /// The rest of it with only these records, in pieces without gaps.
    fn only(&self, wanted: impl Fn(u64, &str) -> bool) -> Vec<Taken> {
        let mut pieces = Vec::<Taken>::new();
        for (number, record) in (self.first..).zip(&self.records).filter(|(n, (topic, _))| wanted(*n, topic)) {
            match pieces.last_mut() {
                Some(piece) if piece.end() == number => piece.records.push(record.clone()),
                _ => pieces.push(Taken { first: number, records: vec![record.clone()], ..*self }),
            }
        }
        pieces
    }

    fn stored(&self) -> (SystemTime, Block) {
        let mut block = Block::default();
        for (topic, payload) in &self.records {
            block.push(&Record { topic, payload, qos: QoS::AtLeastOnce, retain: false }).unwrap();
        }
        let age = if self.old { 2 * AGE } else { Duration::ZERO };
        (SystemTime::now() - age, block)
    }

    fn bytes(&self) -> u64 {
        self.stored().1.bytes() as u64
    }
}

#[derive(Debug, Clone, Default)]
struct Model {
    blocks: Vec<Taken>,
    head: u64,
    next: u64,
    out: u64,
    gone: BTreeSet<u64>,
}

impl Model {
    fn new() -> Model {
        Model { head: 1, next: 1, ..Model::default() }
    }

    fn bytes(&self) -> u64 {
        self.blocks.iter().map(Taken::bytes).sum()
    }

    fn drop_oldest(&mut self, wanted: impl Fn(&Model, &Taken) -> bool) {
        while let Some(at) =
            self.blocks.iter().position(|block| block.first >= self.out && (block.held || block.first >= self.head))
        {
            if !wanted(self, &self.blocks[at]) {
                return;
            }
            let block = self.blocks.remove(at);
            self.gone.extend(block.first..block.end());
        }
    }

    fn settle(&mut self) {
        let first = self.blocks.iter().find(|block| block.end() > self.head);
        self.head = self.head.max(first.map_or(self.next, |block| block.first));
    }

    /// The block that holds the first record from this number on.
    fn at(&self, number: u64) -> Option<usize> {
        self.blocks.iter().position(|block| block.end() > number)
    }

    fn hold(&mut self, record: u64) {
        let Some(at) = self.at(record).filter(|at| record >= self.head && self.blocks[*at].first <= record) else {
            return;
        };
        if self.blocks[at].held {
            return;
        }
        let block = self.blocks.remove(at);
        let mut alone = block.only(|number, _| number == record);
        alone[0].held = true;
        let head = self.head;
        let pieces =
            [block.only(|number, _| (head..record).contains(&number)), alone, block.only(|number, _| number > record)];
        self.blocks.splice(at..at, pieces.concat());
        self.settle();
    }

    fn release(&mut self, record: u64) {
        self.blocks.retain(|block| !block.held || block.first != record);
        self.settle();
    }

    fn commit(&mut self, blocks: &[Taken], done: Option<u64>, limits: &Limits, keep: u64) -> bool {
        let before = self.clone();
        if keep > 0 {
            self.out = keep;
        }
        self.head = self.head.max(done.unwrap_or(0).min(self.next));
        let head = self.head;
        self.blocks.retain(|block| block.held || block.end() > head);
        if limits.max_age.is_some() {
            self.drop_oldest(|_, block| block.old);
        }
        let needed: u64 = blocks.iter().map(Taken::bytes).sum();
        if let Some(max) = limits.max_bytes.filter(|_| needed > 0) {
            if limits.full == Full::DropOldest && needed <= max {
                self.drop_oldest(|model, _| model.bytes() + needed > max);
            }
            if self.bytes() + needed > max {
                *self = before;
                return false;
            }
        }
        for block in blocks.iter().filter(|block| !block.records.is_empty()) {
            self.blocks.push(block.clone());
            self.next = block.end();
        }
        self.settle();
        true
    }

    fn purge(&mut self, unwanted: impl Fn(&Taken, u64, &str) -> bool) {
        for block in std::mem::take(&mut self.blocks) {
            let waiting = block.waiting(self.head);
            let kept = block.only(|number, topic| waiting.contains(&number) && !unwanted(&block, number, topic));
            let left: BTreeSet<u64> = kept.iter().flat_map(|piece| piece.first..piece.end()).collect();
            let gone: BTreeSet<u64> = waiting.filter(|number| !left.contains(number)).collect();
            // If nothing is dropped, finished records are not cut out either.
            self.blocks.extend(if gone.is_empty() { vec![block] } else { kept });
            self.gone.extend(gone);
        }
        self.settle();
    }

    fn is_held_by(&self, spool: &Spool) -> Result<(), TestCaseError> {
        prop_assert_eq!((spool.head().unwrap(), spool.next().unwrap()), (self.head, self.next));
        let mut from = 1;
        for block in &self.blocks {
            let stored = spool.read(from).unwrap().unwrap();
            prop_assert_eq!(stored.first, block.first);
            prop_assert_eq!(&stored.block, &block.stored().1);
            prop_assert_eq!(spool.read(block.end() - 1).unwrap().unwrap().first, block.first);
            from = block.end();
        }
        prop_assert!(spool.read(from).unwrap().is_none());
        for (records, bytes) in [(1, 0), (7, usize::MAX), (u64::MAX, 500), (u64::MAX, usize::MAX)] {
            let mut wanted = Vec::new();
            for block in &self.blocks {
                wanted.push((block.first, block.held, block.stored().1));
                let (lines, length) =
                    wanted.iter().fold((0, 0), |sum, (.., block)| (sum.0 + block.len(), sum.1 + block.bytes()));
                if lines >= records || length >= bytes {
                    break;
                }
            }
            let together = spool.read_on(0, records, bytes).unwrap();
            prop_assert_eq!(together.into_iter().map(|s| (s.first, s.held, s.block)).collect::<Vec<_>>(), wanted);
        }
        let status = spool.status().unwrap();
        let waiting = self.blocks.iter().map(|block| block.waiting(self.head).count() as u64).sum::<u64>();
        let held = self.blocks.iter().filter(|block| block.held && block.first < self.head).map(|block| block.first);
        let held: Vec<u64> = held.collect();
        prop_assert_eq!(spool.first().unwrap(), held.first().copied().unwrap_or(self.head));
        prop_assert_eq!(&status.held, &held);
        prop_assert_eq!((status.records, status.bytes), (waiting, self.bytes()));
        let dropped: u64 = status.dropped.iter().map(|(_, gone)| gone.records).sum();
        prop_assert_eq!(dropped, self.gone.len() as u64);
        prop_assert_eq!(spool.dropped_in(1..self.next).unwrap(), self.gone.len() as u64);
        Ok(())
    }
}

fn topic(n: u8) -> String {
    format!("alice/parking/topic{n}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn it_is_a_list_of_blocks(steps in prop::collection::vec(step(), 1..40)) {
        let folder = Folder::new();
        let (mut spool, mut model) = (folder.open(), Model::new());
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                Step::Commit { blocks, done, keep, max, drop, age } => {
                    let mut first = model.next;
                    let blocks: Vec<Taken> = blocks
                        .into_iter()
                        .map(|(lines, old)| {
                            let records = lines.into_iter().map(|(t, length)| (topic(t), vec![n as u8; length.into()]));
                            let taken = Taken { first, records: records.collect(), old, held: false };
                            first = taken.end();
                            taken
                        })
                        .collect();
                    let limits = Limits {
                        max_bytes: max.map(u64::from),
                        max_age: age.then_some(AGE),
                        full: if drop { Full::DropOldest } else { Full::Block },
                    };
                    let (done, keep) = (done.map(|n| model.head + u64::from(n)), keep.map_or(0, |n| model.head + u64::from(n)));
                    let stored: Vec<_> = blocks.iter().map(Taken::stored).collect();
                    let before = model.gone.len();
                    match spool.commit(&Commit { blocks: &stored, done, limits, keep }) {
                        Ok(committed) => {
                            prop_assert!(model.commit(&blocks, done, &limits, keep));
                            prop_assert_eq!(committed.firsts, blocks.iter().map(|b| b.first).collect::<Vec<_>>());
                            prop_assert_eq!(committed.dropped.records as usize, model.gone.len() - before);
                        }
                        Err(SpoolError::Full { .. }) => prop_assert!(!model.commit(&blocks, done, &limits, keep)),
                        Err(e) => prop_assert!(false, "{e:?}"),
                    }
                }
                Step::Purge { topic: named, old, record } => {
                    let lock = spool.try_drain().unwrap().unwrap();
                    let named = named.map(topic);
                    let before = old.then(|| SystemTime::now() - AGE);
                    let gone = model.gone.len();
                    let record = record.map(|n| model.blocks.first().map_or(0, |block| block.first) + u64::from(n));
                    let what = Purge { topic: named.as_deref(), taken_before: before, record };
                    let dropped = spool.purge(&what, &lock).unwrap();
                    model.purge(|block, number, topic| {
                        (!old || block.old)
                            && named.as_deref().is_none_or(|named| named == topic)
                            && record.is_none_or(|record| record == number)
                    });
                    prop_assert_eq!(dropped.records as usize, model.gone.len() - gone);
                }
                Step::Hold(n) => {
                    let record = model.head + u64::from(n);
                    spool.hold(record).unwrap();
                    model.hold(record);
                }
                Step::Release(n) => {
                    let held: Vec<u64> = model.blocks.iter().filter(|block| block.held).map(|block| block.first).collect();
                    let record = held.get(usize::from(n)).copied().unwrap_or(model.head + u64::from(n));
                    spool.release(record).unwrap();
                    model.release(record);
                }
                Step::Reopen => {
                    drop(spool);
                    spool = folder.open();
                }
            }
            model.is_held_by(&spool)?;
        }
    }
}
