//! The queue from its callers' point of view.

mod model;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::clock::Reading;
use super::{Block, Commit, DropReason, Dropped, Full, Limits, Purge, Record, Spool, SpoolError};
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

/// A block of records with these payloads, stored now.
fn block(payloads: &[&str]) -> (SystemTime, Block) {
    let mut block = Block::default();
    for payload in payloads {
        block.push(&record(payload.as_bytes())).unwrap();
    }
    (SystemTime::now(), block)
}

fn put(spool: &mut Spool, payloads: &[&str]) -> u64 {
    spool.commit(&Commit { blocks: &[block(payloads)], ..Commit::default() }).unwrap().firsts[0]
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
    spool.commit(&Commit { done: Some(3), ..Commit::default() }).unwrap();
    assert_eq!(all(&spool), expected[2..]);
    assert_eq!(spool.status().unwrap().records, 2);
    // Finished records stay finished, and numbers continue.
    spool.commit(&Commit { done: Some(2), ..Commit::default() }).unwrap();
    assert_eq!(spool.head().unwrap(), 3);
    spool.commit(&Commit { done: Some(5), ..Commit::default() }).unwrap();
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
        spool
            .commit(&Commit { blocks: std::slice::from_ref(&one), limits: full(Full::Block), ..Commit::default() })
            .unwrap();
    }
    for policy in [Full::Block, Full::Fail] {
        let refused = spool
            .commit(&Commit { blocks: std::slice::from_ref(&one), limits: full(policy), ..Commit::default() })
            .unwrap_err();
        assert!(
            matches!(refused, SpoolError::Full { held, needed, max } if (held, needed, max) == (3 * length, length, 3 * length))
        );
    }
    assert_eq!((all(&spool).len(), spool.next().unwrap()), (3, 4));
    let gone = |records| Dropped { records, bytes: records * length };
    let committed = spool
        .commit(&Commit { blocks: std::slice::from_ref(&one), limits: full(Full::DropOldest), ..Commit::default() })
        .unwrap();
    assert_eq!((committed.firsts, committed.dropped), (vec![4], gone(1)));
    assert_eq!(spool.head().unwrap(), 2);
    // Records in flight stay, and finished ones make room.
    let committed = spool
        .commit(&Commit {
            blocks: std::slice::from_ref(&one),
            limits: full(Full::DropOldest),
            keep: 3,
            ..Commit::default()
        })
        .unwrap();
    assert_eq!(committed.dropped, gone(1));
    assert_eq!(all(&spool).iter().map(|(n, _)| *n).collect::<Vec<_>>(), [2, 4, 5]);
    spool
        .commit(&Commit { blocks: std::slice::from_ref(&one), done: Some(4), limits: full(Full::Fail), keep: 4 })
        .unwrap();
    assert!(matches!(
        spool.commit(&Commit { blocks: &vec![one.clone(); 4], limits: full(Full::DropOldest), ..Commit::default() }),
        Err(SpoolError::Full { .. })
    ));
    assert_eq!(spool.dropped_in(1..3).unwrap(), 1);
    assert_eq!(spool.dropped_in(1..100).unwrap(), 2);
    assert_eq!(spool.status().unwrap().dropped, [(DropReason::Full, gone(2))]);
}

#[test]
fn what_is_too_old_goes() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let limits = Limits { max_age: Some(Duration::from_secs(60)), ..Limits::default() };
    let mut old = block(&["old", "older"]);
    old.0 -= Duration::from_secs(61);
    spool.commit(&Commit { blocks: &[old, block(&["new"])], ..Commit::default() }).unwrap();
    assert_eq!(spool.expire(&limits, 2).unwrap().dropped.records, 0);
    assert_eq!(spool.expire(&limits, 1).unwrap().dropped.records, 2);
    assert_eq!(all(&spool), [(3, "new".to_string())]);
    assert_eq!(spool.head().unwrap(), 3);
}

#[test]
fn two_handles_take_turns() {
    let folder = Folder::new();
    let (mut one, mut two) = (folder.open(), folder.open());
    let lock = one.try_drain().unwrap().unwrap();
    assert!(two.try_drain().unwrap().is_none());
    assert!(two.status().unwrap().draining);
    let writers = [&mut one, &mut two].map(|spool| std::mem::replace(spool, folder.open()));
    let threads = writers.map(|mut spool| {
        std::thread::spawn(move || {
            let mut firsts = Vec::new();
            for _ in 0..400 {
                firsts.push(put(&mut spool, &["x", "y"]));
            }
            firsts
        })
    });
    // A concurrent reader misses nothing.
    let mut from = 1;
    while from < 1601 {
        if let Some(stored) = one.read(from).unwrap() {
            assert_eq!(stored.first, from);
            from += stored.block.len();
        }
    }
    let mut firsts: Vec<u64> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    firsts.sort_unstable();
    assert_eq!(firsts, (0..800).map(|n| 1 + 2 * n).collect::<Vec<_>>());
    assert_eq!(all(&one).len(), 1600);
    drop(lock);
    assert!(!one.status().unwrap().draining);
    assert!(two.try_drain().unwrap().is_some());
}

#[test]
fn space_comes_back_when_the_backlog_is_gone() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let mut full = Block::default();
    while full.bytes() < Block::FULL - 200 {
        full.push(&record(&[b'x'; 100])).unwrap();
    }
    let group = vec![(SystemTime::now(), full); 16];
    for _ in 0..40 {
        spool.commit(&Commit { blocks: &group, ..Commit::default() }).unwrap();
    }
    let reserve = 8 << 20;
    let before = spool.status().unwrap();
    assert!(before.bytes > 40_000_000 && before.bytes_on_disk > before.bytes, "{before:?}");
    // The log has not grown beyond what a checkpoint and one commit need, although another reader was active all the time.
    let log = std::fs::metadata(folder.0.join("spool.db-wal")).unwrap().len();
    assert!(log < 12_000_000, "{log}");
    let mut from = 1;
    while let Some(stored) = spool.read(from).unwrap() {
        from = stored.first + stored.block.len();
        spool.commit(&Commit { done: Some(from), keep: from, ..Commit::default() }).unwrap();
    }
    let after = spool.status().unwrap();
    assert_eq!((after.records, after.bytes), (0, 0));
    assert!(after.bytes_on_disk - reserve < 9_000_000, "{after:?}");
    // It continues as before, and data left at the end of the file does not keep the unused pages before it.
    for _ in 0..10 {
        spool.commit(&Commit { blocks: &group, ..Commit::default() }).unwrap();
    }
    let length = || std::fs::metadata(folder.0.join("spool.db")).unwrap().len();
    let (next, before) = (spool.next().unwrap(), length());
    spool.commit(&Commit { done: Some(next - 100), ..Commit::default() }).unwrap();
    while spool.tidy().unwrap() {}
    assert!(before > 5_000_000 && length() < 3_000_000, "{before} {}", length());
    assert_eq!((all(&spool).len(), all(&spool)[0].0), (100, next - 100));
    spool.commit(&Commit { done: Some(next), ..Commit::default() }).unwrap();
    drop(spool);
    let closed = folder.open().status().unwrap();
    assert!(closed.bytes_on_disk - reserve < 4_000_000, "{closed:?}");
}

#[test]
fn room_is_given_back_in_steps_whatever_ended_the_last_process() {
    let folder = Folder::new();
    drop(folder.open());
    let mode =
        |db: &rusqlite::Connection| db.pragma_query_value(None, "auto_vacuum", |row| row.get::<_, i64>(0)).unwrap();
    let raw = rusqlite::Connection::open(folder.0.join("spool.db")).unwrap();
    assert_eq!(mode(&raw), 2);
    raw.pragma_update(None, "auto_vacuum", "FULL").unwrap();
    drop(raw);
    assert_eq!(mode(&folder.open().db), 2);
    assert_eq!(mode(&rusqlite::Connection::open(folder.0.join("spool.db")).unwrap()), 2);
}

#[test]
fn a_purge_takes_what_it_names_and_nothing_else() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let lock = spool.try_drain().unwrap().unwrap();
    let mut mixed = Block::default();
    for n in 0..10_u8 {
        let topic = if n % 3 == 0 { "a/b/other" } else { TOPIC };
        mixed.push(&Record { topic, payload: &[b'0' + n], qos: QoS::ExactlyOnce, retain: false }).unwrap();
    }
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    spool.commit(&Commit { blocks: &[(long_ago, mixed)], ..Commit::default() }).unwrap();
    put(&mut spool, &["new"]);
    spool.commit(&Commit { done: Some(3), ..Commit::default() }).unwrap();
    let gone = spool.purge(&Purge { topic: Some("a/b/other"), ..Purge::default() }, &lock).unwrap();
    assert_eq!(gone.records, 3);
    let numbers = |spool: &Spool| all(spool).into_iter().map(|(number, _)| number).collect::<Vec<_>>();
    assert_eq!(numbers(&spool), [3, 5, 6, 8, 9, 11]);
    assert_eq!(all(&spool)[0].1, "2");
    assert_eq!((spool.dropped_in(1..11).unwrap(), spool.dropped_in(11..12).unwrap()), (3, 0));
    let status = spool.status().unwrap();
    assert_eq!((status.records, status.qos2, status.topics), (6, true, vec![TOPIC.to_string()]));
    let hour = Some(SystemTime::now() - Duration::from_secs(60));
    assert_eq!(spool.purge(&Purge { taken_before: hour, ..Purge::default() }, &lock).unwrap().records, 5);
    assert_eq!(numbers(&spool), [11]);
    assert_eq!(spool.purge(&Purge::default(), &lock).unwrap().records, 1);
    assert_eq!((spool.head().unwrap(), spool.next().unwrap()), (12, 12));
    let status = spool.status().unwrap();
    assert_eq!((status.records, status.bytes, status.qos2), (0, 0, false));
    assert_eq!(
        status.dropped.iter().map(|(why, gone)| (*why, gone.records)).collect::<Vec<_>>(),
        [(DropReason::Purged, 9)]
    );
}

#[test]
fn what_is_held_waits_while_the_rest_is_done() {
    let folder = Folder::new();
    let mut spool = folder.open();
    put(&mut spool, &["1", "2", "3", "4", "5"]);
    spool.commit(&Commit { done: Some(2), keep: 2, ..Commit::default() }).unwrap();
    spool.hold(3).unwrap();
    spool.hold(1).unwrap();
    let waiting = |spool: &Spool| {
        let (head, mut from, mut all) = (spool.head().unwrap(), 0, Vec::new());
        while let Some(stored) = spool.read(from).unwrap() {
            all.extend(stored.waiting_from(head)..stored.end());
            from = stored.end();
        }
        assert_eq!(spool.status().unwrap().records, all.len() as u64);
        all
    };
    assert_eq!(waiting(&spool), [2, 3, 4, 5], "what is done cannot be held");
    spool.commit(&Commit { done: Some(5), keep: 5, ..Commit::default() }).unwrap();
    assert_eq!(waiting(&spool), [3, 5]);
    spool.commit(&Commit { done: Some(6), keep: 6, ..Commit::default() }).unwrap();
    drop(spool);
    let mut spool = folder.open();
    put(&mut spool, &["6", "7"]);
    assert_eq!((waiting(&spool), spool.head().unwrap(), spool.first().unwrap()), (vec![3, 6, 7], 6, 3));
    assert_eq!((spool.held(1..9).unwrap(), spool.status().unwrap().held), (vec![3], vec![3]));
    spool.hold(7).unwrap();
    spool.commit(&Commit { done: Some(8), keep: 8, ..Commit::default() }).unwrap();
    assert_eq!(waiting(&spool), [3, 7]);
    spool.release(3).unwrap();
    spool.release(3).unwrap();
    assert_eq!((waiting(&spool), spool.head().unwrap()), (vec![7], 8));
    // The next one that drains says that nothing from there on is in flight: then it can be too old.
    let old = Limits { max_age: Some(Duration::ZERO), ..Limits::default() };
    assert_eq!(spool.expire(&old, 8).unwrap().dropped.records, 0);
    std::thread::sleep(Duration::from_millis(2));
    assert_eq!(spool.expire(&old, 7).unwrap().dropped.records, 1);
    assert_eq!((waiting(&spool), spool.head().unwrap()), (vec![], 8));
}

/// The tables of format 1, in which a record was held by 4 added to its `qos`.
const OLD_SCHEMA: &str = "
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    CREATE TABLE block (
        first INTEGER PRIMARY KEY, count INTEGER NOT NULL, bytes INTEGER NOT NULL, taken INTEGER NOT NULL,
        qos INTEGER NOT NULL, records BLOB NOT NULL
    ) STRICT;
    CREATE INDEX exact ON block (first) WHERE qos = 2;
    CREATE TABLE state (
        head INTEGER NOT NULL, next INTEGER NOT NULL, out INTEGER NOT NULL, records INTEGER NOT NULL,
        bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE gone (
        first INTEGER PRIMARY KEY, end INTEGER NOT NULL, records INTEGER NOT NULL, why INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE total (why INTEGER PRIMARY KEY, records INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
    PRAGMA application_id = 0x69337370;
    PRAGMA user_version = 1;
";

#[test]
fn a_spool_of_the_first_format_keeps_its_records() {
    let folder = Folder::new();
    drop(folder.open());
    let database = folder.0.join("spool.db");
    for file in ["spool.db", "spool.db-wal", "spool.db-shm"] {
        let _ = std::fs::remove_file(folder.0.join(file));
    }
    let old = rusqlite::Connection::open(&database).unwrap();
    old.execute_batch(OLD_SCHEMA).unwrap();
    let mut bytes = 0_i64;
    // Record 1 is done; 2 at QoS 1 and 3 at QoS 2 are held; 4 to 6 wait.
    for (first, count, held, qos) in
        [(2, 1, 4, QoS::AtLeastOnce), (3, 1, 4, QoS::ExactlyOnce), (4, 3, 0, QoS::AtLeastOnce)]
    {
        let mut block = Block::default();
        for number in first..first + count {
            block.push(&Record { qos, ..record(number.to_string().as_bytes()) }).unwrap();
        }
        bytes += block.bytes() as i64;
        let marked = held + if qos == QoS::ExactlyOnce { 2 } else { 0 };
        let row = (first, count, block.bytes() as i64, 1_700_000_000_000_i64, marked, block.as_bytes());
        old.execute("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?)", row).unwrap();
    }
    old.execute("INSERT INTO state VALUES (4, 7, 4, 5, ?)", [bytes]).unwrap();
    drop(old);

    let look = read_only(&folder);
    assert_eq!(look.held(0..9).unwrap(), [2, 3], "read where nothing can be written");
    drop(look);
    let lock = std::fs::File::create(folder.0.join("drain.lock")).unwrap();
    lock.lock().unwrap();
    let mut spool = std::thread::scope(|scope| {
        let opened = scope.spawn(|| folder.open());
        std::thread::sleep(Duration::from_millis(100));
        assert!(!opened.is_finished(), "an old program that drains is waited for");
        lock.unlock().unwrap();
        opened.join().unwrap()
    });
    let status = spool.status().unwrap();
    assert_eq!((status.held, status.records, status.qos2), (vec![2, 3], 5, true));
    assert_eq!(put(&mut spool, &["7"]), 7);
    assert_eq!(all(&spool).into_iter().map(|(n, _)| n).collect::<Vec<_>>(), [4, 5, 6, 7]);
    spool.commit(&Commit { done: Some(8), keep: 8, ..Commit::default() }).unwrap();
    assert_eq!((spool.held(0..9).unwrap(), spool.status().unwrap().records), (vec![2, 3], 2));
    drop(spool);
    let mut spool = folder.open();
    for held in [2, 3] {
        let stored = spool.read(held).unwrap().unwrap();
        assert_eq!((stored.first, stored.held, stored.block.len()), (held, true, 1));
        spool.release(held).unwrap();
    }
    assert!(spool.is_empty().unwrap());
}

/// Opens the spool as on a read-only disk.
fn read_only(folder: &Folder) -> Spool {
    Spool::of(&folder.0, super::file::open_read_only(&folder.0).unwrap()).unwrap()
}

#[test]
fn a_spool_that_is_taken_away_is_named() {
    let folder = Folder::new();
    let mut spool = folder.open();
    put(&mut spool, &["1"]);
    std::fs::rename(&folder.0, folder.0.with_extension("away")).unwrap();
    let gone = spool.commit(&Commit { blocks: &[(SystemTime::now(), Block::default())], ..Commit::default() });
    assert!(matches!(gone, Err(SpoolError::Gone(_))), "{gone:?}");
    // A replacement is a different spool.
    drop(folder.open());
    assert!(matches!(spool.status(), Err(SpoolError::Gone(_))));
    std::fs::remove_dir_all(folder.0.with_extension("away")).unwrap();
}

#[test]
fn a_clock_that_is_set_makes_nothing_old() {
    const DAY: u64 = 86_400;
    let folder = Folder::new();
    let mut spool = folder.open();
    let limits = Limits { max_age: Some(Duration::from_secs(DAY)), ..Limits::default() };
    let at = |boot, uptime: u64, wall: u64| Reading {
        boot,
        uptime: 1000 * uptime as i64,
        wall: SystemTime::UNIX_EPOCH + Duration::from_secs(wall),
    };
    let mut commit = |blocks: &[(SystemTime, Block)], now: &Reading| {
        let done = spool.commit_at(&Commit { blocks, limits, ..Commit::default() }, now).unwrap();
        (done.dropped.records, done.clock_jump / 1000)
    };
    let taken = |now: &Reading| [(now.wall, block(&["a"]).1)];
    // A machine that has just started believes that it is 1970, and is corrected later.
    let start = at("one", 10, 20);
    assert_eq!(commit(&taken(&start), &start), (0, 0));
    assert_eq!(commit(&[], &at("one", 70, 80)), (0, 0));
    let year_2026 = 20_000 * DAY;
    assert_eq!(commit(&[], &at("one", 130, year_2026)), (0, year_2026 as i64 - 140));
    // It is as old as the time that has passed: almost a day, then a day.
    assert_eq!(commit(&[], &at("one", DAY, year_2026 + DAY - 130)), (0, 0));
    assert_eq!(commit(&[], &at("one", DAY + 60, year_2026 + DAY - 70)), (1, 0));
    // Far into the future and back; then another boot, whose clock is as good as the last one's.
    let now = at("one", DAY + 100, year_2026 + DAY - 30);
    assert_eq!(commit(&taken(&now), &now).0, 0);
    let days = 300 * DAY;
    assert_eq!(commit(&[], &at("one", DAY + 200, year_2026 + DAY + 70 + days)), (0, days as i64));
    assert_eq!(commit(&[], &at("one", DAY + 300, year_2026 + DAY + 170)), (0, -(days as i64)));
    assert_eq!(commit(&[], &at("two", 5, year_2026 + 2 * DAY - 31)), (0, 0));
    assert_eq!(commit(&[], &at("two", 35, year_2026 + 2 * DAY - 1)), (1, 0));
}

#[test]
fn what_can_be_read_after_damage_is_found() {
    let folder = Folder::new();
    let mut spool = folder.open();
    for n in 0..2000 {
        put(&mut spool, &[&format!("{n} {}", "x".repeat(100))]);
    }
    super::capacity::settle(&spool.db).unwrap();
    drop(spool);
    let path = folder.0.join("spool.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    for page in [pages / 3, pages / 2] {
        bytes[page * 4096..(page + 1) * 4096].fill(0xA5);
    }
    std::fs::write(&path, bytes).unwrap();
    let spool = folder.open();
    let (mut from, mut read, mut holes) = (0, 0, 0);
    loop {
        match spool.read(from) {
            Ok(Some(stored)) => {
                read += stored.block.len();
                from = stored.end();
            }
            Ok(None) => break,
            Err(SpoolError::Corrupt(_)) => {
                holes += 1;
                let Some(number) = spool.after_damage(from).unwrap() else { break };
                assert!(number > from);
                from = number;
            }
            Err(e) => panic!("{e:?}"),
        }
    }
    assert!(holes >= 1 && (1900..2000).contains(&read), "{read} lines, {holes} holes");
}

#[test]
fn what_is_no_spool_is_refused_and_left_alone() {
    let folder = Folder::new();
    assert!(matches!(Spool::open_existing(&folder.0), Err(SpoolError::Missing(_))));
    assert!(!folder.0.exists());
    drop(folder.open());
    let database = folder.0.join("spool.db");
    let mode =
        |path: &PathBuf| std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions());
    assert_eq!((mode(&folder.0) & 0o777, mode(&database) & 0o777), (0o700, 0o600));

    let change = |sql: &str| rusqlite::Connection::open(&database).unwrap().execute_batch(sql).unwrap();
    change("PRAGMA user_version = 3");
    assert!(matches!(Spool::open(&folder.0), Err(SpoolError::Version { found: 3 })));
    change("PRAGMA user_version = 2; PRAGMA application_id = 7");
    assert!(matches!(Spool::open(&folder.0), Err(SpoolError::NotASpool(_))));
    std::fs::write(&database, "something else altogether, and long enough for that").unwrap();
    assert!(matches!(Spool::open(&folder.0), Err(SpoolError::NotASpool(_))));
    assert_eq!(std::fs::read(&database).unwrap()[..9], *b"something");

    let open = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o750);
    std::fs::set_permissions(&folder.0, open).unwrap();
    assert!(matches!(Spool::open(&folder.0), Err(SpoolError::OpenToOthers { mode: 0o750, .. })));
}

#[test]
fn a_damaged_block_is_named() {
    let folder = Folder::new();
    let mut spool = folder.open();
    put(&mut spool, &["a", "b"]);
    spool.db.execute("UPDATE block SET records = substr(records, 1, length(records) - 1)", []).unwrap();
    let stored = spool.read(1).unwrap().unwrap();
    let read: Vec<_> = stored.block.records().collect();
    assert!(matches!(read.as_slice(), [Ok(_), Err(SpoolError::Corrupt(_))]), "{read:?}");
    assert!(matches!(spool.status(), Err(SpoolError::Corrupt(_))));
}

#[test]
fn when_the_disk_is_full_nothing_is_lost_and_draining_goes_on() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let mut taken = 0;
    let limit = |spool: &Spool, pages: i64| spool.db.pragma_update(None, "max_page_count", pages).unwrap();
    limit(&spool, 200);
    let mut full = Block::default();
    while full.bytes() < Block::FULL - 200 {
        full.push(&record(&[b'x'; 100])).unwrap();
    }
    let refused = loop {
        match spool.commit(&Commit { blocks: &[(SystemTime::now(), full.clone())], ..Commit::default() }) {
            Ok(_) => taken += full.len(),
            Err(e) => break e,
        }
    };
    assert!(matches!(refused, SpoolError::NoSpace), "{refused:?}");
    assert!(taken > 0 && all(&spool).len() as u64 == taken && spool.next().unwrap() == taken + 1);
    // Finished records make room.
    spool.commit(&Commit { done: Some(full.len() + 1), ..Commit::default() }).unwrap();
    spool.commit(&Commit { blocks: &[(SystemTime::now(), full.clone())], ..Commit::default() }).unwrap();
    limit(&spool, 100_000);
    put(&mut spool, &["more"]);
    assert_eq!(all(&spool).len() as u64, taken + 1);
}
