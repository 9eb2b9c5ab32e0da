//! Names that the marketplace has shown, kept for the shells' completions and for "did you mean": nothing else relies on them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde::{Deserialize, Serialize};

use crate::config::{Places, Selection};
use crate::fsio::{self, Existing, FileAccess};

/// The file, in the folder for state.
const FILE: &str = "known.json";
/// Most names of a kind that are kept, and most bytes of the file that are read.
const NAMES_MAX: usize = 2_000;
const FILE_MAX: u64 = 1 << 20;

/// The kind of thing that has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameKind {
    Device,
    Hub,
    /// A product, by its topic.
    Product,
}

/// The names, of all marketplaces.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecentNames(BTreeMap<NameKind, BTreeSet<String>>);

impl RecentNames {
    /// Reads the names; none where there is no such file, or one that cannot be read.
    pub fn load(places: &Places) -> RecentNames {
        let path = places.state.join(FILE);
        let is_small = fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() <= FILE_MAX);
        let text = is_small.then(|| fs::read(&path).ok()).flatten();
        text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// The same for the configuration that the options of a run name.
    pub fn of(selection: &Selection) -> RecentNames {
        Places::find(selection).map(|places| RecentNames::load(&places)).unwrap_or_default()
    }

    /// Returns the names of a kind.
    pub fn names(&self, kind: NameKind) -> impl Iterator<Item = &str> {
        self.0.get(&kind).into_iter().flatten().map(String::as_str)
    }

    fn set(&mut self, kind: NameKind, shown: impl IntoIterator<Item = String>, all_of: Option<&str>) {
        let names = self.0.entry(kind).or_default();
        if let Some(owner) = all_of {
            names.retain(|name| !name.starts_with(owner));
        }
        for name in shown {
            if names.len() < NAMES_MAX {
                names.insert(name);
            }
        }
    }
}

/// Keeps names that the marketplace has just shown. With `all_of` they are all names with that beginning, and any others are
/// forgotten. If they cannot be kept, completion only knows less.
pub fn remember(places: &Places, kind: NameKind, shown: impl IntoIterator<Item = String>, all_of: Option<&str>) {
    let mut known = RecentNames::load(places);
    let before = serde_json::to_vec(&known).unwrap_or_default();
    known.set(kind, shown, all_of);
    let after = serde_json::to_vec(&known).unwrap_or_default();
    if after != before && fsio::create_private_dir(&places.state).is_ok() {
        let _ = fsio::write_whole(&places.state.join(FILE), &after, FileAccess::Owner, Existing::Replace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_shown_is_forgotten_and_what_others_have_stays() {
        let mut known = RecentNames::default();
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        known.set(NameKind::Product, names(&["alice/a/one", "bob/b/two"]), None);
        known.set(NameKind::Product, names(&["alice/a/three"]), Some("alice/"));
        assert_eq!(known.names(NameKind::Product).collect::<Vec<_>>(), ["alice/a/three", "bob/b/two"]);
        assert_eq!(known.names(NameKind::Hub).count(), 0);
        known.set(NameKind::Device, (0..10_000).map(|n| format!("alice$a$d{n}")), None);
        assert_eq!(known.names(NameKind::Device).count(), NAMES_MAX);
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<RecentNames>(&text).unwrap(), known);
    }
}
