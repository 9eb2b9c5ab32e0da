//! `i3 --version`: which version this is and, with `-v`, what it was built from and with.

use std::ffi::OsString;

use serde_json::json;

use super::ui::Ui;

/// The version, the three numbers of Cargo.toml.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from: 40 hexadecimal digits. A build for tests does not know it, nor one outside a repository.
const COMMIT: Option<&str> = option_env!("I3_COMMIT");

/// The system it was built for, as Rust names it, such as `aarch64-unknown-linux-gnu`.
const TARGET: &str = env!("I3_TARGET");

/// The optional parts that were built in.
const FEATURES: &[(&str, bool)] = &[("nats", cfg!(feature = "nats")), ("pkcs11", cfg!(feature = "pkcs11"))];

/// Whether this is all that is asked for. Then none of the commands needs to be known.
pub fn is_asked_for(args: &[OsString]) -> bool {
    let (version, other): (Vec<_>, Vec<_>) = args.iter().skip(1).partition(|&arg| arg == "--version" || arg == "-V");
    !version.is_empty() && other.into_iter().all(|arg| arg == "--json" || arg == "--quiet" || is_verbose(arg))
}

/// Prints it.
///
/// # Errors
/// Where it cannot be written.
pub fn print(ui: &Ui, args: &[OsString]) -> anyhow::Result<()> {
    let features = || FEATURES.iter().filter(|(_, is_built_in)| *is_built_in).map(|(name, _)| *name);
    let mut text = format!("i3 {VERSION}");
    if args.iter().any(is_verbose) {
        let listed = features().collect::<Vec<_>>().join(" ");
        text += &format!("\ncommit: {}\ntarget: {TARGET}", COMMIT.unwrap_or("unknown"));
        text += &format!("\nfeatures: {}", if listed.is_empty() { "none" } else { &listed });
    }
    ui.result(&text, || {
        json!({ "version": VERSION, "commit": COMMIT, "target": TARGET, "features": features().collect::<Vec<_>>() })
    })
}

fn is_verbose(arg: &OsString) -> bool {
    arg == "-v" || arg == "--verbose"
}
