//! The systemd units: valid, and confined.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::PROGRAM;
use crate::support::folder::Folder;
use crate::support::skipped::without;

/// Exposure at most, in tenths, as `systemd-analyze security` counts it.
const EXPOSURE: &str = "20";

/// The units of a manager, with the program where it is here.
fn units(folder: &Folder, manager: &str) -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/systemd").join(manager);
    let names = fs::read_dir(source).unwrap().map(|unit| unit.unwrap().path());
    let copied = names.map(|unit| {
        let text =
            fs::read_to_string(&unit).unwrap().replace("%h/.cargo/bin/i3", PROGRAM).replace("/usr/bin/i3", PROGRAM);
        // The manual may not be installed.
        let text: String =
            text.lines().filter(|line| !line.starts_with("Documentation=")).map(|l| format!("{l}\n")).collect();
        let copy = folder.join(unit.file_name().unwrap());
        fs::write(&copy, text).unwrap();
        copy
    });
    copied.collect()
}

/// `None`, said aloud, where there is no systemd-analyze and none is required.
fn analyze(folder: &Folder, arguments: &[&str], unit: &Path) -> Option<Output> {
    let output =
        Command::new("systemd-analyze").args(arguments).arg(unit).env("XDG_RUNTIME_DIR", folder.path()).output();
    if output.is_err() {
        without("I3_REQUIRE_SYSTEMD", "systemd-analyze", "the units were not checked");
    }
    output.ok()
}

#[test]
fn the_units_are_valid_and_confined() {
    for (manager, option) in [("user", "--user"), ("system", "--system")] {
        let folder = Folder::new();
        for unit in units(&folder, manager) {
            let Some(verified) = analyze(&folder, &[option, "verify"], &unit) else { return };
            assert!(verified.status.success() && verified.stderr.is_empty(), "{}: {verified:?}", unit.display());
            if unit.extension().is_some_and(|kind| kind == "service") {
                let security = [option, "security", "--offline=true", "--no-pager", "--threshold", EXPOSURE];
                let confined = analyze(&folder, &security, &unit).unwrap();
                assert!(confined.status.success(), "{}: {}", unit.display(), String::from_utf8_lossy(&confined.stdout));
            }
        }
    }
}
