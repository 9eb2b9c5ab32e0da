//! The house keeps its layout: every test file is compiled, every file says what it is, no layer uses one above it, and no
//! files use each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first, as CONTRIBUTING.md lists them. A module may use only modules of lower layers.
const LAYERS: &[&[&str]] = &[
    &["access", "authority", "collation"],
    &[
        "name",
        "broker_url",
        "market_url",
        "clock",
        "secret",
        "fsio",
        "json_field",
        "catalogue",
        "misread",
        "shell",
        "tcp",
        "text",
    ],
    &["key", "password_hash", "account", "tls"],
    &["pkcs11"],
    &["signer"],
    &["token"],
    &["guard"],
    &["config", "market", "mqtt"],
    &["spool", "login"],
    &["publisher", "rotation", "sandbox", "subscriber"],
    &["agent", "gateway"],
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

/// A file as a module: `["market", "page", "dom"]`.
type Module = Vec<String>;

/// Every file of `src/` but the two roots and the unit tests, with the files that it uses.
fn uses() -> BTreeMap<Module, BTreeSet<Module>> {
    let source = root().join("src");
    let module = |file: &Path| -> Module {
        let inside = file.strip_prefix(&source).unwrap().with_extension("");
        inside.components().map(|part| part.as_os_str().to_str().unwrap().to_string()).collect()
    };
    let texts: BTreeMap<Module, String> = rust_files(&source)
        .into_iter()
        .map(|file| (module(&file), code(&fs::read_to_string(&file).unwrap())))
        .filter(|(module, _)| !["lib", "main"].contains(&&*module[0]) && !module.contains(&"tests".to_string()))
        .collect();
    let file_of = |module: &Module, path: &[String]| -> Option<Module> {
        let (mut at, mut rest) = match path.first().map(String::as_str) {
            Some("crate") => (Module::new(), &path[1..]),
            _ => (module.clone(), path),
        };
        while let Some(first @ ("self" | "super")) = rest.first().map(String::as_str) {
            if first == "super" {
                at.pop();
            }
            rest = &rest[1..];
        }
        for part in rest {
            at.push(part.clone());
            if !texts.contains_key(&at) {
                at.pop();
                break;
            }
        }
        texts.contains_key(&at).then_some(at)
    };
    let uses = texts.iter().map(|(module, text)| {
        let used = paths(text).iter().filter_map(|path| file_of(module, path)).filter(|used| used != module).collect();
        (module.clone(), used)
    });
    uses.collect()
}

/// The text without comments, quoted text and unit tests.
fn code(text: &str) -> String {
    let (mut code, mut rest) = (String::with_capacity(text.len()), text);
    // The body of a test module ends where a line begins with its brace.
    while let Some((before, tests)) = rest.split_once("\n#[cfg(test)]\nmod ") {
        code += before;
        let head = tests.lines().next().unwrap();
        rest = if head.ends_with(';') { &tests[head.len()..] } else { tests.split_once("\n}").unwrap().1 };
    }
    without_comments(&(code + rest))
}

/// The code, whose texts are empty. A character in quotes is one, a lifetime is not.
fn without_comments(text: &str) -> String {
    let (mut code, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(first) = rest.chars().next() {
        let raw = rest.strip_prefix('r').map(|raw| raw.trim_start_matches('#'));
        let hashes = raw.map_or(0, |raw| rest.len() - 1 - raw.len());
        let is_raw = raw.is_some_and(|raw| raw.starts_with('"'))
            && !code.strip_suffix('b').unwrap_or(&code).ends_with(char::is_alphanumeric);
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if is_raw {
            let (begin, end) = (hashes + 2, format!("\"{}", "#".repeat(hashes)));
            begin + rest[begin..].find(&end).unwrap() + end.len()
        } else if first == '"' {
            let mut is_escaped = false;
            let is_end = |(_, c): &(usize, char)| {
                let ends = *c == '"' && !is_escaped;
                is_escaped = *c == '\\' && !is_escaped;
                ends
            };
            rest.char_indices().skip(1).find(is_end).unwrap().0 + 1
        } else if rest.starts_with("'\\") {
            3 + rest[3..].find('\'').unwrap() + 1
        } else if first == '\'' && rest.chars().nth(2) == Some('\'') {
            2 + rest.chars().nth(1).unwrap().len_utf8()
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        rest = &rest[length..];
    }
    code
}

/// Every path that begins with `crate`, `self` or `super`, and every path in a `use`, its groups spelt out.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("use ").filter(|(at, _)| at_word(text, *at)) {
        let tree = text[at + 4..].split(';').next().unwrap();
        spell_out(tree, &[], &mut found);
    }
    for root in ["crate::", "self::", "super::"] {
        // `pub(in crate::market)` is not a use.
        let is_use = |at: usize| at_word(text, at) && !["::", "(in "].iter().any(|before| text[..at].ends_with(before));
        for (at, _) in text.match_indices(root).filter(|(at, _)| is_use(*at)) {
            let path: String = text[at..].chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
            // A group is spelt out above.
            if !path.ends_with("::") {
                found.push(path.split("::").map(Into::into).collect());
            }
        }
    }
    found
}

fn at_word(text: &str, at: usize) -> bool {
    !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"')
}

fn spell_out(tree: &str, before: &[String], found: &mut Vec<Vec<String>>) {
    let (path, group) = tree.split_once('{').map_or((tree, None), |(path, group)| (path, Some(group)));
    let words = path.split(" as ").next().unwrap().split("::").map(str::trim).filter(|word| !word.is_empty());
    let path: Vec<String> = before.iter().cloned().chain(words.map(Into::into)).collect();
    let Some(group) = group else {
        found.push(path);
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                if !group[start..at].trim().is_empty() {
                    spell_out(&group[start..at], &path, found);
                }
                start = at + 1;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
}

#[test]
fn no_layer_uses_one_above_it() {
    let layer = |module: &str| {
        let found = LAYERS.iter().position(|names| names.contains(&module));
        found.unwrap_or_else(|| panic!("{module} has no layer yet"))
    };
    for (module, uses) in uses() {
        for used in uses.iter().filter(|used| used[0] != module[0]) {
            assert!(layer(&used[0]) < layer(&module[0]), "{module:?} uses {used:?}, which is not below it");
        }
    }
}

/// What `from` uses, directly or through others.
fn reached<'u>(uses: &'u BTreeMap<Module, BTreeSet<Module>>, from: &'u Module) -> BTreeSet<&'u Module> {
    let mut reached = BTreeSet::new();
    let mut next = vec![from];
    while let Some(module) = next.pop() {
        next.extend(uses[module].iter().filter(|used| reached.insert(*used)));
    }
    reached
}

/// A file may use its own children, so a child that uses its parent makes a circle as well.
#[test]
fn no_files_use_each_other_in_a_circle() {
    let mut uses = uses();
    for child in uses.keys().filter(|module| module.len() > 1).cloned().collect::<Vec<_>>() {
        if let Some(parent) = uses.get_mut(&child[..child.len() - 1]) {
            parent.insert(child);
        }
    }
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = uses.keys().map(|from| (from, reached(&uses, from))).collect();
    let mut circles = Vec::new();
    for (module, used) in &uses {
        let back: Vec<_> =
            used.iter().filter(|used| reached[used].contains(module)).map(|used| used.join("::")).collect();
        if !back.is_empty() {
            circles.push(format!("{} uses {}", module.join("::"), back.join(", ")));
        }
    }
    assert!(circles.is_empty(), "these files use each other in circles:\n{}", circles.join("\n"));
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let text = code(
        "use super::{a, b::{self, c as d}};\nfn f(x: crate::g::H) { super::i::j() } // use k::l;\n\
         const C: [char; 2] = ['\"', '\\'']; fn g<'a>() { h(\"http://x\\\" use k::l;\", r#\"// \"use k::m;\"#); self::o::p() }\n\
         #[cfg(test)]\nmod tests {\n    use super::k;\n}\nfn q() { crate::r::s() }\n",
    );
    let found: BTreeSet<String> = paths(&text).iter().map(|path| path.join("::")).collect();
    let expected =
        ["super::a", "super::b::self", "super::b::c", "crate::g::H", "super::i::j", "self::o::p", "crate::r::s"];
    for path in expected {
        assert!(found.contains(path), "{path} is not among {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains('k')));
}

/// The modules that a page names in each of these parts of it, highest layer first.
fn named_layers(parts: &[String]) -> Vec<Vec<&str>> {
    let modules = LAYERS.concat();
    let named = |part: &'_ String| -> Vec<&str> {
        let is_named = |module: &&&str| part.contains(&format!("`{module}`")) || part.contains(&format!("`{module}/`"));
        modules.iter().filter(is_named).copied().collect()
    };
    parts.iter().map(named).filter(|modules| !modules.is_empty()).collect()
}

#[test]
fn the_pages_for_contributors_name_every_module_in_its_layer() {
    let layer = |module: &str| LAYERS.iter().position(|names| names.contains(&module)).unwrap();
    let read = |page: &str| fs::read_to_string(root().join(page)).unwrap();
    let (contributing, architecture) = (read("CONTRIBUTING.md"), read("docs/architecture.md"));
    let mut items: Vec<String> = Vec::new();
    let list = contributing.lines().skip_while(|line| !line.starts_with("1. ")).take_while(|line| !line.is_empty());
    for line in list {
        match line.starts_with(|c: char| c.is_ascii_digit()) {
            true => items.push(line.into()),
            false => items.last_mut().unwrap().push_str(line),
        }
    }
    let rows: Vec<String> = architecture.lines().filter(|line| line.starts_with("| ")).map(Into::into).collect();
    for (page, parts) in [("CONTRIBUTING.md", items), ("docs/architecture.md", rows)] {
        let found = named_layers(&parts);
        for module in LAYERS.concat() {
            assert!(found.iter().any(|part| part.contains(&module)), "{page} does not name {module}");
        }
        for pair in found.windows(2) {
            let (above, below) = (pair[0].iter().map(|m| layer(m)).min(), pair[1].iter().map(|m| layer(m)).max());
            assert!(above >= below, "{page}: {:?} stand above {:?}", pair[0], pair[1]);
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

#[test]
fn no_error_holds_what_a_parser_says() {
    // They repeat the text, which may be a secret: `misread` says where it is wrong.
    const REPEATING: &[&str] = &[
        "serde_json::Error",
        "toml_edit::de::Error",
        "toml_edit::TomlError",
        "TomlError",
        "DecodeError",
        "pem::Error",
        "PemError",
    ];
    for file in rust_files(&root().join("src")) {
        let text = code(&fs::read_to_string(&file).unwrap());
        let holds = |line: &&str| {
            let is_field = ["source:", "#[source]", "#[from]", "why:"].iter().any(|mark| line.contains(mark));
            is_field && !line.contains("Misread::") && REPEATING.iter().any(|error| line.contains(error))
        };
        assert_eq!(text.lines().find(holds), None, "{}", file.display());
    }
}
