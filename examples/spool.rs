//! The durable queue without a network: how fast lines are stored and read.
//!
//! Usage: spool FOLDER LINES BYTES BLOCKS [RECORDS]: LINES lines of BYTES bytes, with BLOCKS blocks per commit, each of up
//! to 64 KiB, or of RECORDS records. Prints lines per second stored, read, and read while progress is noted; and what is
//! left on disk afterwards.

use std::path::Path;
use std::time::{Instant, SystemTime};

use i3::mqtt::packet::QoS;
use i3::spool::{Block, Commit, Limits, Record, Spool};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, lines, bytes, blocks, records @ ..] = args.as_slice() else {
        return Err("FOLDER LINES BYTES BLOCKS [RECORDS]".into());
    };
    let (lines, bytes, blocks): (u64, usize, usize) = (lines.parse()?, bytes.parse()?, blocks.parse()?);
    let records: u64 = records.first().map_or(Ok(u64::MAX), |records| records.parse())?;
    let mut spool = Spool::open(Path::new(folder))?;
    let first = spool.next()?;
    let speed = |what: &str, began: Instant| {
        let seconds = began.elapsed().as_secs_f64();
        println!("{what:20} {:10.0} lines/s", lines as f64 / seconds);
    };

    let payload = vec![b'x'; bytes];
    let record = Record { topic: "alice/parking/occupancy", payload: &payload, qos: QoS::AtLeastOnce, retain: false };
    let limits = Limits::default();
    let began = Instant::now();
    let mut left = lines;
    while left > 0 {
        let mut group = Vec::new();
        while left > 0 && group.len() < blocks {
            let mut block = Block::default();
            let fits = |block: &Block| block.len() < records && block.bytes() + bytes + 32 <= Block::FULL;
            while left > 0 && (block.is_empty() || fits(&block)) {
                block.push(&record)?;
                left -= 1;
            }
            group.push((SystemTime::now(), block));
        }
        spool.commit(&Commit { blocks: &group, limits, ..Commit::default() })?;
    }
    speed("taken", began);
    println!("{:20} {:10} bytes", "on disk", spool.status()?.bytes_on_disk);

    for note in [false, true] {
        let began = Instant::now();
        let (mut number, mut read, mut since) = (first, 0, 0);
        while let Some(stored) = spool.read(number)? {
            for record in stored.block.records() {
                read += usize::from(!record?.payload.is_empty());
            }
            number = stored.first + stored.block.len();
            since += 1;
            if note && since == blocks {
                spool.commit(&Commit { done: Some(number), limits, keep: number, ..Commit::default() })?;
                since = 0;
            }
        }
        assert_eq!(read as u64, lines);
        if note {
            spool.commit(&Commit { done: Some(number), limits, keep: number, ..Commit::default() })?;
        }
        speed(if note { "read and noted" } else { "read" }, began);
    }
    println!("{:20} {:10} bytes", "on disk", spool.status()?.bytes_on_disk);
    let began = Instant::now();
    drop(spool);
    println!("{:20} {:10.3} s", "closed in", began.elapsed().as_secs_f64());
    let memory = std::fs::read_to_string("/proc/self/status")?;
    println!("{}", memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    Ok(())
}
