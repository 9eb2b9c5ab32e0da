//! Creating a hub, the only possible change of one.

use crate::name::ShortName;
use crate::sandbox::db::{Database, HubRecord, Table};
use crate::sandbox::exception::{ActionError, Exception, REQUIRED, storable, wrong};

/// Longest user name that the table of hubs holds, in characters.
const OWNER_MAX_CHARS: usize = 30;

/// Creates a hub of `owner`. Only the exact name is a duplicate; another case of it is another hub to the form.
pub(in crate::sandbox) fn create(
    db: &mut Database,
    owner: &str,
    name: Option<&str>,
    private: Option<&str>,
) -> Result<HubRecord, ActionError> {
    let name = name.map(str::trim).filter(|name| !name.is_empty()).ok_or_else(|| wrong("name", REQUIRED))?;
    ShortName::hub(name).map_err(|_| wrong("name", "Enter 3 to 30 letters and digits."))?;
    let private = match private {
        Some("True") => true,
        Some("False") => false,
        _ => return Err(wrong("private", "Select True or False.").into()),
    };
    let name = format!("{owner}/{name}");
    if db.hubs.iter().any(|hub| hub.name == name) {
        return Err(wrong("name", "A hub with that name already exists.").into());
    }
    if owner.chars().count() > OWNER_MAX_CHARS {
        return Err(Exception::too_long("seller_name").into());
    }
    storable("name", &name)?;
    let hub = HubRecord { id: db.next_id(Table::Hubs), owner: owner.into(), name, private };
    db.changes += 1;
    db.hubs.push(hub.clone());
    Ok(hub)
}
