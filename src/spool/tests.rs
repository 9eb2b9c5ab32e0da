//! The queue as its callers see it.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{Block, Dropped, Full, Limits, Record, Spool, SpoolError, Why};
use crate::mqtt::packet::QoS;

/// A temporary folder, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        Folder(std::env::temp_dir().join(format!("i3-spool-{:016x}", rand::random::<u64>())))
    }

    fn open(&self) -> Spool {
        Spool::open(&self.0).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const TOPIC: &str = "alice/parking/occupancy";

fn record(payload: &[u8]) -> Record<'_> {
    Record { topic: TOPIC, payload, qos: QoS::AtLeastOnce, retain: false }
}

/// A block of records with these payloads, taken now.
fn block(payloads: &[&str]) -> (SystemTime, Block) {
    let mut block = Block::default();
    for payload in payloads {
        block.push(&record(payload.as_bytes())).unwrap();
    }
    (SystemTime::now(), block)
}

fn put(spool: &mut Spool, payloads: &[&str]) -> u64 {
    spool.commit(&[block(payloads)], None, &Limits::default(), 0).unwrap().firsts[0]
}

/// All records that are not done, with their numbers.
fn all(spool: &Spool) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    let mut from = spool.head().unwrap();
    while let Some(stored) = spool.read(from).unwrap() {
        for (number, record) in (stored.first..).zip(stored.block.records()) {
            if number >= from {
                all.push((number, String::from_utf8(record.unwrap().payload.to_vec()).unwrap()));
            }
        }
        from = stored.first + stored.block.len();
    }
    all
}

#[test]
fn what_is_taken_is_there_in_order_until_it_is_done() {
    let folder = Folder::new();
    let mut spool = folder.open();
    assert_eq!((spool.head().unwrap(), spool.next().unwrap()), (1, 1));
    assert_eq!(put(&mut spool, &["a", "b", "c"]), 1);
    assert_eq!(put(&mut spool, &["d"]), 4);
    drop(spool);
    let mut spool = folder.open();
    let expected = [(1, "a"), (2, "b"), (3, "c"), (4, "d")].map(|(n, text)| (n, text.to_string()));
    assert_eq!(all(&spool), expected);
    spool.commit(&[], Some(3), &Limits::default(), 0).unwrap();
    assert_eq!(all(&spool), expected[2..]);
    assert_eq!(spool.status().unwrap().records, 2);
    // What was done stays done, and numbers go on.
    spool.commit(&[], Some(2), &Limits::default(), 0).unwrap();
    assert_eq!(spool.head().unwrap(), 3);
    spool.commit(&[], Some(5), &Limits::default(), 0).unwrap();
    drop(spool);
    let mut spool = folder.open();
    assert_eq!((all(&spool), spool.head().unwrap(), spool.next().unwrap()), (vec![], 5, 5));
    assert_eq!(put(&mut spool, &["e"]), 5);
}

#[test]
fn limits_drop_the_oldest_or_refuse() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let one = block(&["0123456789"]);
    let length = one.1.bytes() as u64;
    let full = |full| Limits { max_bytes: Some(3 * length), max_age: None, full };
    for _ in 0..3 {
        spool.commit(&[one.clone()], None, &full(Full::Block), 0).unwrap();
    }
    for policy in [Full::Block, Full::Fail] {
        let refused = spool.commit(&[one.clone()], None, &full(policy), 0).unwrap_err();
        assert!(matches!(refused, SpoolError::Full { needed, max } if needed == length && max == 3 * length));
    }
    assert_eq!((all(&spool).len(), spool.next().unwrap()), (3, 4));
    let gone = |records| Dropped { records, bytes: records * length };
    let committed = spool.commit(&[one.clone()], None, &full(Full::DropOldest), 0).unwrap();
    assert_eq!((committed.firsts, committed.dropped), (vec![4], gone(1)));
    assert_eq!(spool.head().unwrap(), 2);
    // What is out stays, and what is done makes room.
    let committed = spool.commit(&[one.clone()], None, &full(Full::DropOldest), 3).unwrap();
    assert_eq!(committed.dropped, gone(1));
    assert_eq!(all(&spool).iter().map(|(n, _)| *n).collect::<Vec<_>>(), [2, 4, 5]);
    spool.commit(&[one.clone()], Some(4), &full(Full::Fail), 4).unwrap();
    assert!(matches!(
        spool.commit(&vec![one.clone(); 4], None, &full(Full::DropOldest), 0),
        Err(SpoolError::Full { .. })
    ));
    assert_eq!(spool.dropped_in(1..3).unwrap(), 1);
    assert_eq!(spool.dropped_in(1..100).unwrap(), 2);
    assert_eq!(spool.status().unwrap().dropped, [(Why::Full, gone(2))]);
}

#[test]
fn what_is_too_old_goes() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let limits = Limits { max_age: Some(Duration::from_secs(60)), ..Limits::default() };
    let mut old = block(&["old", "older"]);
    old.0 -= Duration::from_secs(61);
    spool.commit(&[old, block(&["new"])], None, &Limits::default(), 0).unwrap();
    assert_eq!(spool.expire(&limits, 2).unwrap().records, 0);
    assert_eq!(spool.expire(&limits, 1).unwrap().records, 2);
    assert_eq!(all(&spool), [(3, "new".to_string())]);
    assert_eq!(spool.head().unwrap(), 3);
}
