//! The values of an argument that are known on this machine: no network access.

use std::collections::BTreeSet;
use std::fs;

use clap::Arg;

use super::engine::{Candidate, Typed, possible};
use crate::catalogue::TABLE;
use crate::cli::arguments::{Takes, takes};
use crate::cli::recent_names::{NameKind, RecentNames};
use crate::commands::{publish, subscribe};
use crate::config::{Config, keys};
use crate::name::DeviceName;

/// What an argument takes.
#[derive(Debug, PartialEq, Eq)]
pub enum Values {
    Files,
    Folders,
    Words(Vec<Candidate>),
}

/// Returns the possible values of `argument`, of which `text` was typed.
pub fn values(argument: &Arg, text: &str, typed: &Typed<'_>) -> Values {
    let fixed = possible(argument);
    if !fixed.is_empty() {
        return Values::Words(fixed);
    }
    let name = argument.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    match (name, takes(argument)) {
        // For a password or a text, neither known names nor files are suggested.
        (_, Takes::Secret | Takes::Message) => Values::Words(Vec::new()),
        ("DIR", _) => Values::Folders,
        ("FILE", _) | (_, Takes::Path) => Values::Files,
        _ => Values::Words(known(argument, name, text, typed).unwrap_or_default()),
    }
}

/// Returns the files and folders whose path begins with the typed text.
pub fn files(typed: &str) -> Vec<Candidate> {
    let (folder, begun) = typed.rfind('/').map_or(("", typed), |at| typed.split_at(at + 1));
    let found = fs::read_dir(if folder.is_empty() { "." } else { folder }).into_iter().flatten().flatten();
    words(found.filter_map(|file| {
        let name = file.file_name().into_string().ok()?;
        let is_meant = name.starts_with(begun) && (begun.starts_with('.') || !name.starts_with('.'));
        let slash = if file.path().is_dir() { "/" } else { "" };
        is_meant.then(|| format!("{folder}{name}{slash}"))
    }))
}

/// Returns the names of the things that an argument is about; `None` also if the configuration cannot be read.
fn known(argument: &Arg, name: &str, text: &str, typed: &Typed<'_>) -> Option<Vec<Candidate>> {
    let is_option = |long| argument.get_long() == Some(long);
    if name == "ID|CODE|TEXT" {
        return Some(TABLE.iter().map(|entry| Candidate::new(entry.id, entry.cause.replace("{i3}", "i3"))).collect());
    }
    if name == "COMMAND" && is_option("property") {
        let sends = if typed.path.first() == Some(&"pub") { publish::SENDS } else { subscribe::SENDS };
        return Some(sends.iter().map(|carrier| Candidate::new(carrier.to_string(), "")).collect());
    }
    let config = Config::load(&typed.selection()).ok()?;
    let seen = || RecentNames::load(&config.places);
    Some(match name {
        "DEVICE" | "DEVICES" if typed.path.first() == Some(&"spool") => spools(&config),
        _ if is_option("device") => devices(&config, text, typed),
        "DEVICE" | "DEVICES" => devices(&config, text, typed),
        "HUB" => hubs(&config, &seen()),
        "TOPIC" => topics(&config, &seen(), typed),
        "KEY" => settings(&config),
        "URL" if is_option("market") => addresses(&config, keys::SettingType::Market),
        "URL" if is_option("broker") => addresses(&config, keys::SettingType::Broker),
        _ if is_option("profile") => words(config.places.profiles()),
        _ if is_option("username") => words(config.devices().into_iter().map(|(name, _)| name.to_string())),
        _ => return None,
    })
}

fn words<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Vec<Candidate> {
    let words: BTreeSet<String> = words.into_iter().map(Into::into).collect();
    words.into_iter().map(|word| Candidate::new(word, "")).collect()
}

/// The devices: by their short names, which need no quotes; in full if two have the same, or if a full name is being typed.
fn devices(config: &Config, text: &str, typed: &Typed<'_>) -> Vec<Candidate> {
    let mut names: BTreeSet<String> = config.devices().into_iter().map(|(name, _)| name.to_string()).collect();
    // Devices that exist only at the marketplace can be used only by the commands about the marketplace.
    if typed.path.first() == Some(&"device") {
        names.extend(RecentNames::load(&config.places).names(NameKind::Device).map(String::from));
    }
    let names: Vec<DeviceName> = names.iter().filter_map(|name| name.parse().ok()).collect();
    let is_single = |name: &DeviceName| names.iter().filter(|other| other.short() == name.short()).count() == 1;
    let is_short = names.iter().any(|name| is_single(name) && name.short().starts_with(text));
    let candidate = |name: &DeviceName| match is_short && is_single(name) {
        true => Candidate::new(name.short(), name.as_str()),
        false => Candidate::new(name.as_str(), ""),
    };
    names.iter().map(candidate).collect()
}

/// The devices whose lines wait in a spool.
fn spools(config: &Config) -> Vec<Candidate> {
    let folders = fs::read_dir(config.places.state.join("spool")).into_iter().flatten().flatten();
    let names = folders.filter_map(|folder| folder.file_name().into_string().ok());
    words(names.filter(|name| name.parse::<DeviceName>().is_ok()))
}

fn hubs(config: &Config, seen: &RecentNames) -> Vec<Candidate> {
    let own = config.devices().into_iter().map(|(name, _)| name.hub().to_string());
    words(own.chain(seen.names(NameKind::Hub).map(String::from)))
}

/// The topics of products; for a given device, those of its hub.
fn topics(config: &Config, seen: &RecentNames, typed: &Typed<'_>) -> Vec<Candidate> {
    let device = config.find_device(typed.value("device").map(String::from)).ok();
    let hub = device.map(|device| format!("{}/", device.value.hub()));
    let of_hub: Vec<&str> =
        seen.names(NameKind::Product).filter(|t| hub.as_ref().is_some_and(|hub| t.starts_with(hub))).collect();
    match of_hub.is_empty() {
        true => words(seen.names(NameKind::Product)),
        false => words(of_hub),
    }
}

fn settings(config: &Config) -> Vec<Candidate> {
    let general = keys::SETTINGS.iter().map(|key| Candidate::new(key.name, key.about));
    let of_devices = config.devices().into_iter().flat_map(|(name, _)| {
        keys::DEVICE_SETTINGS
            .iter()
            .map(move |key| Candidate::new(format!("devices.{}.{}", name.short(), key.name), key.about))
    });
    general.chain(of_devices).collect()
}

/// All addresses in the configuration.
fn addresses(config: &Config, kind: keys::SettingType) -> Vec<Candidate> {
    let all = keys::SETTINGS.into_iter().map(keys::Key::General).chain(config.device_keys());
    words(
        all.filter(|key| key.setting().kind == kind)
            .filter_map(|key| config.configured(&key))
            .map(|setting| setting.value),
    )
}
