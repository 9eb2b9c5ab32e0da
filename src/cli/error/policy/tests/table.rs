//! The table of all errors, `entries.txt`: the exit code that each ends with, and its entry of the catalogue.
//!
//! `I3_RENEW=1 cargo test rendered` renews it.

use std::any::type_name;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use crate::catalogue::Code;
use crate::cli::error::classify;
use crate::cli::error::kind::ExitKind;

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Errors that no command ends with: they are the causes of others, or a normal end.
const CAUSES: &[&str] = &[
    "cli::ui::BrokenPipe",
    "cli::usage::Reason",
    "commands::subscribe::format::FormatError",
    "gateway::filter::FilterError",
    "gateway::filter::TemplateError",
    "gateway::plan::RouteError",
    "json_field::JsonFieldError",
    "json_field::NoField",
    "json_field::NoNumber",
    "login::attempt::LoginError",
    "market::http::budget::BytesUsedUp",
    "market::http::page_filter::TooMuch",
    "market::http::proxy::ProxyError",
    "market::http::proxy::ProxyFault",
    "tcp::addresses::LocalAddressError",
    "market::http::resolver::NoAddress",
    "market::http::tcp::NoConnection",
    "market::http::tcp::SpeaksTls",
    "market::http::proxy_connector::AtProxy",
    "market::model::account::AmountError",
    "market::page::error::PageError",
    "misread::Misread",
    "mqtt::connection::websocket::WebSocketError",
    "mqtt::limits::BrokerLimit",
    "mqtt::packet::error::PacketError",
    "mqtt::properties::PropertyError",
    "publisher::format::BadLine",
    "publisher::rate::RateError",
    "publisher::stream::refusal::Unsendable",
    "sandbox::market::Dropped",
    "tcp::proxy::ProxyError",
    "tls::fault::TlsFault",
];

/// The errors of the tests, each variant at least once.
#[derive(Default)]
pub struct Table {
    rows: BTreeSet<String>,
    variants: BTreeSet<String>,
}

impl Table {
    /// Adds errors. Each must have an entry, which names the exit code that the error ends with.
    pub fn add<E: Error + Send + Sync + 'static>(&mut self, errors: impl IntoIterator<Item = E>) {
        for error in errors {
            self.add_as("", error);
        }
    }

    /// As [`Table::add`]; `which` tells the error from others of its variant.
    pub fn add_as<E: Error + Send + Sync + 'static>(&mut self, which: &str, error: E) {
        let variant = variant(&error);
        let (kind, hint) = classify(&anyhow::Error::new(error));
        let (exit, entry) = (kind.code(), hint.entry);
        assert_ne!(entry.id, "unexpected", "{variant} has no entry");
        // 1 means anything else, in the catalogue as well as here.
        let is_named = entry.codes.contains(&Code::Exit(exit)) || kind == ExitKind::Other;
        assert!(is_named, "{variant}: {} does not name {exit}", entry.id);
        self.rows.insert(format!("{:<70} {exit:>2} {}\n", format!("{variant}{which}"), entry.id));
        self.variants.insert(variant);
    }

    /// Checks that every error of the source is in the table, and that the table is `entries.txt`.
    pub fn check(&self, with_policy: &[&str]) {
        for (error, variants) in errors_of_the_source() {
            let is_cause = CAUSES.contains(&error.as_str());
            assert_ne!(
                with_policy.contains(&error.as_str()),
                is_cause,
                "{error} needs a policy, or is a cause of others"
            );
            for variant in variants.iter().filter(|_| !is_cause) {
                assert!(self.variants.contains(variant), "no row of the table is of {variant}");
            }
        }
        let (path, rows) = (Path::new(SOURCE).join("cli/error/policy/tests/entries.txt"), self.rows.iter());
        let rendered: String = rows.map(String::as_str).collect();
        if std::env::var_os("I3_RENEW").is_some() {
            fs::write(&path, &rendered).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let changed: Vec<_> = rendered.lines().filter(|row| !kept.lines().any(|line| line == *row)).collect();
        assert!(kept == rendered, "entries.txt is not what is rendered; renew with I3_RENEW=1: {changed:#?}");
    }
}

/// Returns the name of an error: `key::KeyError::Read`, or that of its type if that is not an enum.
fn variant<E: Error>(error: &E) -> String {
    let path = type_name::<E>().strip_prefix("i3::").unwrap();
    let shown = format!("{error:?}");
    let variant = shown.split(|c: char| !c.is_alphanumeric()).next().unwrap();
    if path.ends_with(&format!("::{variant}")) { path.into() } else { format!("{path}::{variant}") }
}

/// Returns the errors of the source, each with the names of its variants but those that pass another error through.
fn errors_of_the_source() -> BTreeMap<String, Vec<String>> {
    let (mut errors, mut folders) = (BTreeMap::new(), vec![PathBuf::from(SOURCE)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let module = path.strip_prefix(SOURCE).unwrap().with_extension("").to_str().unwrap().replace('/', "::");
            let text = fs::read_to_string(&path).unwrap();
            for (at, _) in text.match_indices("thiserror::Error)]\n") {
                let (name, variants) = declaration(&text[at..]);
                let error = format!("{module}::{name}");
                let names = match variants {
                    Some(variants) => variants.iter().map(|variant| format!("{error}::{variant}")).collect(),
                    None => vec![error.clone()],
                };
                errors.insert(error, names);
            }
        }
    }
    errors
}

/// Returns the name of a type, and its variants if it is an enum. The text begins with its attributes.
fn declaration(text: &str) -> (&str, Option<Vec<&str>>) {
    fn name_of(text: &str) -> &str {
        text.split(|c: char| !c.is_alphanumeric()).next().unwrap()
    }
    let mut lines = text.lines();
    let declares = |line: &&str| ["pub", "enum ", "struct "].iter().any(|start| line.starts_with(start));
    let head = lines.find(declares).unwrap();
    let Some((_, name)) = head.split_once("enum ") else {
        return (name_of(head.split_once("struct ").unwrap().1), None);
    };
    let (mut variants, mut passes_on) = (Vec::new(), false);
    for line in lines.take_while(|line| *line != "}") {
        let Some(line) = line.strip_prefix("    ") else { continue };
        passes_on |= line.starts_with("#[error(transparent)]");
        if line.starts_with(|c: char| c.is_ascii_uppercase()) && !std::mem::take(&mut passes_on) {
            variants.push(name_of(line));
        }
    }
    (name_of(name), Some(variants))
}
