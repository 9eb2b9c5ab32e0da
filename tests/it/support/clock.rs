//! The clock of a machine, which is wrong, and jumps.

use std::path::{Path, PathBuf};

use rand::RngExt;
use rand::rngs::StdRng;

use super::skipped::without;

/// The clock of the publisher's machine, by libfaketime.
pub struct Clock {
    library: Option<String>,
    /// By how much the clock is wrong; read each time it is checked.
    offset: PathBuf,
}

impl Clock {
    pub fn new(folder: &Path) -> Clock {
        let offset = folder.join("offset");
        // In a folder for each architecture, as Debian has it.
        let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
        let library =
            folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
        let library = library.map(|path| path.to_str().unwrap().to_string());
        if library.is_none() {
            without("I3_REQUIRE_FAKETIME", "libfaketime", "no clock jumped");
        }
        let clock = Clock { library, offset };
        clock.set(0);
        clock
    }

    /// In days.
    pub fn set(&self, offset: i32) {
        // In one piece: it may be read at any moment.
        let new = self.offset.with_extension("new");
        std::fs::write(&new, format!("{offset:+}d\n")).unwrap();
        std::fs::rename(new, &self.offset).unwrap();
    }

    /// Sets the clock to a time when the server's certificate is valid or, now and then, to one before the program was made.
    pub fn jump(&self, random: &mut StdRng) {
        self.set(if random.random_ratio(1, 4) { -10_000 } else { random.random_range(0..2_000) });
    }

    pub fn environment(&self) -> Vec<(&str, &str)> {
        let Some(library) = &self.library else { return Vec::new() };
        vec![
            ("LD_PRELOAD", library),
            ("FAKETIME_TIMESTAMP_FILE", self.offset.to_str().unwrap()),
            ("FAKETIME_NO_CACHE", "1"),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]
    }
}
