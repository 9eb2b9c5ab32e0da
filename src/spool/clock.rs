//! The age of waiting records, even if the clock jumps: a machine without a clock battery starts with an old time, and
//! gets the right one from the network later.
//!
//! If ages matter, the spool remembers the clock's time at a time since boot. If the clock has moved by a different
//! amount than the time that has passed since, it was set, and the times of all records are shifted with it,
//! so waiting records do not age. A record's age is thus counted in time that passed while the machine was running.

use std::sync::LazyLock;
use std::time::SystemTime;

use rusqlite::{OptionalExtension, Transaction};

use super::error::SpoolError;
use super::sql::milliseconds;

/// Smaller differences are adjustments of the clock, in ms.
const JUMP: i64 = 60_000;

/// The readings of a machine's clocks at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Identifies the boot, or this process if the system does not identify boots.
    pub boot: &'static str,
    /// Since the boot, in ms; continues while the machine sleeps.
    pub uptime: i64,
    pub wall: SystemTime,
}

impl Reading {
    /// Reads the clocks of this machine.
    pub fn now() -> Reading {
        static BOOT: LazyLock<String> = LazyLock::new(|| {
            let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
            if id.trim().is_empty() { format!("{:032x}", rand::random::<u128>()) } else { id.trim().into() }
        });
        Reading { boot: &BOOT, uptime: uptime(), wall: SystemTime::now() }
    }
}

fn uptime() -> i64 {
    use rustix::time::{ClockId, clock_gettime};
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    let now = clock_gettime(CLOCK);
    now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000)
}

/// Shifts the times of all records if the clock was set. Returns by how much, in ms.
pub fn settle(tx: &Transaction<'_>, now: &Reading) -> Result<i64, SpoolError> {
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS clock (boot TEXT NOT NULL, uptime INTEGER NOT NULL, wall INTEGER NOT NULL) STRICT",
    )?;
    let (uptime, wall) = (now.uptime, milliseconds(now.wall));
    let of_this_boot = "SELECT uptime, wall FROM clock WHERE boot = ?1 AND uptime <= ?2";
    let before = tx
        .prepare_cached(of_this_boot)?
        .query_row((now.boot, uptime), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    let jump = before.optional()?.map(|(then, clock)| (wall - clock) - (uptime - then));
    match jump {
        Some(jump) if jump.abs() < JUMP => return Ok(0),
        Some(jump) => _ = tx.execute("UPDATE block SET taken = max(taken + ?, 0)", [jump])?,
        None => {}
    }
    tx.execute("DELETE FROM clock", ())?;
    tx.execute("INSERT INTO clock VALUES (?, ?, ?)", (now.boot, uptime, wall))?;
    Ok(jump.unwrap_or_default())
}
