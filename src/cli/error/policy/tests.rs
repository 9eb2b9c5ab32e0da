//! The policy against the catalogue: each error has an entry, and ends with an exit code that the entry names.

mod account;
mod broker;
mod local;
mod market;
mod table;

use super::types;
use crate::misread::Misread;
use table::Table;

fn misread() -> Misread {
    Misread::json(&serde_json::from_str::<()>("{").unwrap_err())
}

fn io() -> std::io::Error {
    std::io::ErrorKind::PermissionDenied.into()
}

#[test]
fn every_error_has_the_entry_of_the_rendered_table() {
    let mut table = Table::default();
    for all in [local::all, market::all, broker::all, account::all] {
        all(&mut table);
    }
    table.check(&types());
}
