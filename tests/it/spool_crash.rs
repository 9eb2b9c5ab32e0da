//! The spool when a process is killed, a log is torn, a disk is full, or two processes use it at once.
//!
//! The processes are this test program itself: the tests named `child_…` do their part when a variable says where.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use i3::mqtt::packet::QoS;
use i3::spool::{Block, Commit, Full, Limits, Record, Spool, SpoolError};

use crate::support::folder::Folder;
use crate::support::skipped::skipped;

const FOLDER: &str = "I3_TEST_SPOOL";
const NAME: &str = "I3_TEST_NAME";
const TOPIC: &str = "alice/parking/occupancy";

fn block<T: ToString>(payloads: impl IntoIterator<Item = T>) -> (SystemTime, Block) {
    let mut block = Block::default();
    for payload in payloads {
        let payload = payload.to_string();
        let record = Record { topic: TOPIC, payload: payload.as_bytes(), qos: QoS::AtLeastOnce, retain: false };
        block.push(&record).unwrap();
    }
    (SystemTime::now(), block)
}

/// All that is not done: numbers and payloads.
fn all(spool: &Spool) -> Vec<(u64, String)> {
    let (mut all, mut from) = (Vec::new(), spool.head().unwrap());
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

fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("run by other tests of this file, with {name}"))
}

/// What a child says, past the test harness's own words.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nsays {text}").and_then(|()| out.flush()).unwrap();
}

fn child(test: &str, folder: &Path, name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "--nocapture", &format!("spool_crash::{test}")])
        .env(FOLDER, folder)
        .env(NAME, name)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What a child says from now on.
fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = BufReader::new(child.stdout.take().unwrap());
    out.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix("says ").map(String::from))
}

/// Takes lines and has some done, forever; each line is its own number.
#[test]
#[ignore = "not a test: another test starts it in a separate process, and kills that or fills its disk"]
fn child_that_takes_until_it_is_killed() {
    let mut spool = Spool::open(Path::new(&given(FOLDER))).unwrap();
    for round in 0_u64.. {
        let next = spool.next().unwrap();
        let (small, large) = (next + 1 + round % 3, next + 4 + round % 200);
        let done = (round % 2 == 0).then(|| next.saturating_sub(500));
        spool
            .commit(&Commit { blocks: &[block(next..small), block(small..large)], done, ..Commit::default() })
            .unwrap();
        say(&format!("{} {}", large, done.unwrap_or(0)));
    }
}

#[test]
fn what_was_taken_survives_a_kill_at_any_instant() {
    let folder = Folder::new();
    let folder = folder.path().join("spool");
    let (mut taken, mut done) = (1, 1);
    for round in 0..40 {
        let mut child = child("child_that_takes_until_it_is_killed", &folder, "").spawn().unwrap();
        let mut lines = said(&mut child);
        let wanted = rand::random_range(1..60);
        let mut note = |line: String| {
            let (next, finished) = line.split_once(' ').unwrap();
            (taken, done) = (next.parse().unwrap(), finished.parse::<u64>().unwrap().max(done));
        };
        lines.by_ref().take(wanted).for_each(&mut note);
        // Somewhere within a commit, as a rule.
        std::thread::sleep(std::time::Duration::from_micros(rand::random_range(0..3000)));
        child.kill().unwrap();
        lines.for_each(&mut note);
        child.wait().unwrap();
        let spool = Spool::open(&folder).unwrap();
        let (head, next) = (spool.head().unwrap(), spool.next().unwrap());
        assert!(next >= taken && head >= done && head <= next, "{round}: {head} {next}, told {done} {taken}");
        assert_eq!(all(&spool), (head..next).map(|n| (n, n.to_string())).collect::<Vec<_>>(), "{round}");
        assert_eq!(spool.status().unwrap().records, next - head, "{round}");
    }
    assert!(taken > 1000, "{taken}");
}

/// Takes two hundred times two lines, each with this child's name and a number.
#[test]
#[ignore = "not a test: another test starts it in a separate process, and kills that or fills its disk"]
fn child_that_takes_beside_another() {
    let (mut spool, name) = (Spool::open(Path::new(&given(FOLDER))).unwrap(), given(NAME));
    for n in 0..200 {
        let lines = [2 * n, 2 * n + 1].map(|n| format!("{name} {n}"));
        let first = spool.commit(&Commit { blocks: &[block(lines)], ..Commit::default() }).unwrap().firsts[0];
        say(&first.to_string());
    }
}

#[test]
fn two_processes_append_while_a_third_drains() {
    let folder = Folder::new();
    let folder = folder.path().join("spool");
    let names = ["one", "two"];
    // Neither finds a spool: they make it at the same moment.
    let mut children = names.map(|name| child("child_that_takes_beside_another", &folder, name).spawn().unwrap());
    let tellers = children.each_mut().map(said);
    let readers =
        tellers.map(|lines| std::thread::spawn(|| lines.map(|n| n.parse::<u64>().unwrap()).collect::<Vec<_>>()));
    let mut spool = Spool::open(&folder).unwrap();
    let lock = spool.try_drain().unwrap().unwrap();
    let mut drained = Vec::new();
    let mut ended = false;
    loop {
        let waiting = all(&spool);
        if let Some((last, _)) = waiting.last() {
            spool.commit(&Commit { done: Some(last + 1), keep: last + 1, ..Commit::default() }).unwrap();
        } else if ended {
            break;
        }
        drained.extend(waiting);
        ended = readers.iter().all(std::thread::JoinHandle::is_finished);
    }
    drop(lock);
    let firsts = readers.map(|reader| reader.join().unwrap());
    assert!(children.each_mut().iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(drained.iter().map(|(n, _)| *n).collect::<Vec<_>>(), (1..=800).collect::<Vec<_>>());
    for (name, firsts) in names.iter().zip(firsts) {
        let own: Vec<_> = drained.iter().filter(|(_, text)| text.starts_with(name)).collect();
        let expected: Vec<_> = (0..400).map(|n| format!("{name} {n}")).collect();
        assert_eq!(own.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>(), expected);
        assert_eq!(own.iter().step_by(2).map(|(n, _)| *n).collect::<Vec<_>>(), firsts);
    }
    assert_eq!((spool.head().unwrap(), spool.next().unwrap()), (801, 801));
}

#[test]
fn a_torn_log_leaves_whole_commits_from_the_first_on() {
    let temporary = Folder::new();
    let original = temporary.path().join("original");
    let mut spool = Spool::open(&original).unwrap();
    for n in 0..60_u64 {
        let first = 1 + 3 * n;
        spool.commit(&Commit { blocks: &[block(first..first + 3)], ..Commit::default() }).unwrap();
    }
    // As they lie there at a power cut: nothing is closed.
    let read = |name: &str| std::fs::read(original.join(name)).unwrap();
    let (database, log) = (read("spool.db"), read("spool.db-wal"));
    let mut lengths = std::collections::BTreeSet::new();
    for round in 0..150 {
        let folder = temporary.path().join(format!("torn{round}"));
        std::fs::DirBuilder::new().create(&folder).unwrap();
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        let mut torn = log.clone();
        let at = rand::random_range(0..log.len());
        if round % 2 == 0 {
            torn.truncate(at);
        } else {
            for byte in torn.iter_mut().skip(at).take(rand::random_range(1..5000)) {
                *byte = rand::random();
            }
        }
        std::fs::write(folder.join("spool.db"), &database).unwrap();
        std::fs::write(folder.join("spool.db-wal"), &torn).unwrap();
        let mut spool = Spool::open(&folder).unwrap();
        let next = spool.next().unwrap();
        assert_eq!(next % 3, 1, "half a commit: {next}");
        assert_eq!(all(&spool), (1..next).map(|n| (n, n.to_string())).collect::<Vec<_>>());
        // And it continues from there.
        spool.commit(&Commit { blocks: &[block([next])], ..Commit::default() }).unwrap();
        assert_eq!(all(&spool).len() as u64, next);
        lengths.insert(next);
    }
    assert!(lengths.len() > 20, "{lengths:?}");
}

/// Fills the disk, opens the spool anew on the full disk, drains it, and fills it again.
#[test]
#[ignore = "not a test: another test starts it in a separate process, and kills that or fills its disk"]
fn child_on_a_small_disk() {
    let folder = PathBuf::from(given(FOLDER)).join("spool");
    let mut spool = Spool::open(&folder).unwrap();
    let mut taken = 0;
    let mut fill = |spool: &mut Spool| {
        let before = taken;
        loop {
            let next = spool.next().unwrap();
            assert_eq!(next, taken + 1, "what was refused left nothing");
            match spool.commit(&Commit { blocks: &[block(next..next + 500)], ..Commit::default() }) {
                Ok(_) => taken += 500,
                Err(SpoolError::NoSpace) => return taken - before,
                Err(e) => panic!("{e:?}"),
            }
        }
    };
    let first = fill(&mut spool);
    assert!(first > 100_000, "{first}");
    drop(spool);
    let mut spool = Spool::open(&folder).unwrap();
    assert_eq!(spool.status().unwrap().records, first);
    let lines = all(&spool);
    assert!((1..).zip(&lines).all(|(n, line)| *line == (n, n.to_string())));
    // Piece by piece, as the broker acknowledges, while the producer immediately fills any room that becomes free.
    for done in (1..30_000).step_by(400) {
        spool.commit(&Commit { done: Some(done), keep: done, ..Commit::default() }).unwrap();
        fill(&mut spool);
        assert_eq!(spool.head().unwrap(), done);
    }
    let next = spool.next().unwrap();
    assert_eq!(all(&spool).len() as u64, next - spool.head().unwrap());
    for done in (30_000..next).step_by(1000).chain([next]) {
        spool.commit(&Commit { done: Some(done), keep: done, ..Commit::default() }).unwrap();
        assert_eq!(spool.head().unwrap(), done);
    }
    while spool.tidy().unwrap() {}
    assert_eq!(spool.status().unwrap().records, 0);
    let again = fill(&mut spool);
    assert!(again * 10 > first * 9, "{again} of {first}");
    assert_eq!(all(&spool).len() as u64, again);
    // New lines replace old ones, if the option says so.
    let limits = Limits { full: Full::DropOldest, ..Limits::default() };
    // Also by a process that finds the disk full, without room in the log.
    drop(spool);
    let mut spool = Spool::open(&folder).unwrap();
    let (mut dropped, begin) = (0, spool.next().unwrap());
    for next in (begin..begin + 2 * again).step_by(500) {
        let committed =
            spool.commit(&Commit { blocks: &[block(next..next + 500)], limits, ..Commit::default() }).unwrap();
        dropped += committed.dropped.records;
    }
    let (head, next) = (spool.head().unwrap(), spool.next().unwrap());
    assert_eq!(all(&spool), (head..next).map(|n| (n, n.to_string())).collect::<Vec<_>>());
    assert!(next >= begin + 2 * again && (next - head) * 10 > again * 8, "{head} {next}");
    assert_eq!(spool.dropped_in(1..next).unwrap(), dropped);
    say("all of it");
}

#[test]
fn on_a_full_disk_nothing_is_lost_and_draining_goes_on() {
    let folder = Folder::new();
    // A separate file system, which only this child sees.
    let mount = |more: &str| {
        let mut command = Command::new("unshare");
        let script = format!("mount -t tmpfs -o size=24m,mode=700 small \"${FOLDER}\" && {more}");
        command.args(["-rm", "sh", "-c", &script, "sh"]).env(FOLDER, folder.path());
        command
    };
    if !mount("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return skipped("no file system can be mounted here; a full disk was not tried");
    }
    let program = std::env::current_exe().unwrap();
    let output = mount("exec \"$@\"")
        .arg(program)
        .args(["--ignored", "--exact", "--nocapture", "spool_crash::child_on_a_small_disk"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("says all of it"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Runs the program with `args` where `folder` lies on a disk that it cannot write to.
fn read_only(folder: &Path, args: &[&str]) -> std::process::Output {
    let script = "mount --bind \"$I3_TEST_SPOOL\" \"$I3_TEST_SPOOL\" \
                  && mount -o remount,bind,ro \"$I3_TEST_SPOOL\" && exec \"$@\"";
    Command::new("unshare")
        .args(["-rm", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_i3"), "spool"])
        .args(args)
        .arg("--spool")
        .arg(folder)
        .env("I3_HOME", folder)
        .env(FOLDER, folder)
        .output()
        .unwrap()
}

#[test]
fn a_spool_on_a_read_only_disk_can_be_looked_at() {
    let place = Folder::new();
    let folder = place.path().join("a spool?");
    let mut spool = Spool::open(&folder).unwrap();
    spool.commit(&Commit { blocks: &[block(1..=3)], ..Commit::default() }).unwrap();
    if !Command::new("unshare")
        .args(["-rm", "true"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
    {
        return skipped("no file system can be mounted here; a read-only disk was not tried");
    }
    let look = |lines: usize| {
        let shown = read_only(&folder, &["status", "--json"]);
        let status: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap_or_default();
        assert_eq!((&status["lines"], &status["draining"]), (&lines.into(), &false.into()), "{shown:?}");
        let shown = read_only(&folder, &["export"]);
        assert_eq!((shown.status.code(), String::from_utf8_lossy(&shown.stdout).lines().count()), (Some(0), lines));
        let refused = read_only(&folder, &["purge", "--all", "--yes"]);
        assert_eq!(refused.status.code(), Some(73), "{refused:?}");
    };
    // With data only in the log, as left by a killed process.
    look(3);
    drop(spool);
    look(3);
}

/// A disk that is too small for a spool, beside a full one, has nothing that could be waited for.
#[test]
fn a_disk_that_is_too_small_is_named() {
    let folder = Folder::new();
    let script = "mount -t tmpfs -o size=2m,mode=700 small \"$I3_TEST_SPOOL\" && exec \"$@\"";
    let mount = |program: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, "sh", program]).env(FOLDER, folder.path()).stdin(Stdio::piped());
        command
    };
    if !mount("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
        return skipped("no file system can be mounted here; a small disk was not tried");
    }
    for full in ["block", "drop-oldest"] {
        let mut child = mount(env!("CARGO_BIN_EXE_i3"))
            .args(["pub", "-l", "-t", TOPIC, "-u", "alice$parking$lot1", "--host", "127.0.0.1", "--port", "1"])
            .args(["--spool-full", full, "--spool"])
            .arg(folder.path().join("spool"))
            .env("I3_HOME", folder.path())
            .env("I3_PASSWORD", "secret")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"1\n").unwrap();
        // The input stays open: only the refusal ends the run.
        let done = child.wait_with_output().unwrap();
        drop(input);
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(73), "{full}: {told}");
        assert!(told.contains("the disk of the spool is full"), "{full}: {told}");
    }
}
