//! The house keeps its layout: every test file is compiled, every file says what it is, no layer uses one above it.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers from below; a module uses its own layer at most, those of the command line excepted, which are one.
const LAYERS: &[&[&str]] = &[
    &["authority"],
    &["name", "broker_url", "collation", "secret", "fsio", "catalogue", "shell", "text"],
    &["key", "password_hash", "config", "account", "tls"],
    &["token"],
    &["guard"],
    &["market", "mqtt"],
    &["spool", "login"],
    &["publisher", "rotation", "sandbox", "subscriber"],
    &["doctor"],
    &["cli"],
    &["commands"],
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_test_file_is_compiled() {
    let tests = root().join("tests/it");
    for file in rust_files(&tests).iter().filter(|file| **file != tests.join("main.rs")) {
        let parent = file.parent().unwrap();
        // `support/http_server.rs` is named in `support.rs`.
        let owner = if parent == tests { tests.join("main.rs") } else { parent.with_extension("rs") };
        let name = file.file_stem().unwrap().to_str().unwrap();
        let declared = fs::read_to_string(&owner).unwrap_or_else(|e| panic!("{}: {e}", owner.display()));
        let is_declared = declared.lines().any(|l| l.trim_start_matches("pub ") == format!("mod {name};"));
        assert!(is_declared, "{} does not name {name}", owner.display());
    }
}

#[test]
fn every_file_opens_with_a_sentence() {
    for file in [rust_files(&root().join("src")), rust_files(&root().join("tests"))].concat() {
        let text = fs::read_to_string(&file).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("//! ") && first.len() > 20, "{}", file.display());
    }
}

#[test]
fn no_layer_uses_one_above_it() {
    let source = root().join("src");
    let layer = |module: &str| LAYERS.iter().position(|names| names.contains(&module));
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let module = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        if ["main", "lib"].contains(&module) {
            continue;
        }
        let own = layer(module).unwrap_or_else(|| panic!("{module} has no layer yet"));
        for line in fs::read_to_string(&file).unwrap().lines() {
            let code = line.split("//").next().unwrap();
            for used in code.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if used == module || used.is_empty() {
                    continue;
                }
                let other = layer(&used).unwrap_or_else(|| panic!("{used} has no layer yet: {line}"));
                assert!(other < own, "{} ({module}) uses {used}, which is not below it: {line}", inside.display());
            }
        }
    }
}

#[test]
fn every_entry_of_the_catalogue_is_used_or_numbered() {
    let sources: String =
        rust_files(&root().join("src")).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    for entry in i3::catalogue::TABLE {
        let used = sources.contains(&format!("entry!(\"{}\")", entry.id));
        assert!(used || !entry.numbers.is_empty(), "nothing says {}", entry.id);
    }
}
