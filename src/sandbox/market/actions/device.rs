//! Creating, editing and deleting devices: the log-in and the permissions first, the web's own row after them.

use std::collections::HashSet;

use crate::collation::same;
use crate::name::{DeviceName, ShortName};
use crate::sandbox::credential_check;
use crate::sandbox::db::{Database, DeviceRecord, LogInRecord, PermissionRecord, Table};
use crate::sandbox::exception::{ActionError, Exception, FormFieldError, REQUIRED, storable, wrong};
use crate::sandbox::mail::{Mail, notify_by_mail};
use crate::secret::Secret;
use crate::shell;

/// A device that passed every check and is not yet written.
pub(in crate::sandbox) struct NewDevice {
    owner: String,
    hub: String,
    name: String,
    credential: Credential,
}

/// A password or key that the form accepts.
pub(in crate::sandbox) struct Credential {
    rgs_type: u8,
    value: Secret,
}

impl Credential {
    /// Checks the fields `rgs_type` and `password`; blanks around the latter are cut.
    pub fn check(rgs_type: &str, value: &str) -> Result<Credential, FormFieldError> {
        let rgs_type = match rgs_type {
            "1" => 1,
            "2" => 2,
            _ => return Err(wrong("rgs_type", "Select 1 (password) or 2 (key).")),
        };
        let value = value.trim();
        match value.chars().count() {
            0 => Err(wrong("password", REQUIRED)),
            6..=500 if !value.contains('\0') => Ok(Credential { rgs_type, value: Secret::new(value) }),
            _ => Err(wrong("password", "Ensure this value has 6 to 500 characters.")),
        }
    }

    /// Returns the stored value: for a password under type 1 the hash of what the shell left of it, otherwise the value
    /// unchanged.
    fn stored(&self, db: &mut Database) -> Secret {
        if self.rgs_type != 1 {
            return self.value.clone();
        }
        let shelled = shell::simulate_shell(self.value.expose());
        db.shell_commands.extend(shelled.commands);
        // The hashing command without its argument prints nothing, so nothing is stored.
        Secret::new(if shelled.password.is_empty() { String::new() } else { credential_check::hash(&shelled.password) })
    }
}

/// Checks a device as the form does. The rows are written later by [`create`], and what happens in between is the
/// server's race. Only the exact name is a duplicate; another case of it is another device to the form.
pub(in crate::sandbox) fn check(
    db: &Database,
    owner: &str,
    [hub, name, rgs_type, value]: [&str; 4],
) -> Result<NewDevice, FormFieldError> {
    let (hub, name) = (hub.trim(), name.trim());
    let full = format!("{owner}/{hub}");
    if !db.hubs.iter().any(|row| row.name == full) {
        return Err(wrong("hub_name", "You have no hub with that name."));
    }
    ShortName::device(name).map_err(|_| wrong("name", "Enter 3 to 30 letters and digits."))?;
    let credential = Credential::check(rgs_type, value)?;
    let name = format!("{owner}${hub}${name}");
    if db.devices.iter().any(|device| device.name == name) {
        return Err(wrong("name", "A device with that name already exists."));
    }
    Ok(NewDevice { owner: owner.into(), hub: full, name, credential })
}

/// Writes a device that was checked before, regardless of what has been written since.
pub(in crate::sandbox) fn create(db: &mut Database, mail: Mail, new: NewDevice) -> Result<DeviceRecord, ActionError> {
    let NewDevice { owner, hub, name, credential } = new;
    let stored = credential.stored(db);
    storable("username", &name)?;
    storable("pw", stored.expose())?;
    let device = write(db, &owner, hub, name, credential.rgs_type, stored);
    notify_by_mail(db, mail, &owner, "New device", &format!("{} is now in {}", device.name, device.hub))?;
    Ok(device)
}

/// Writes every row that a device has.
fn write(db: &mut Database, owner: &str, hub: String, name: String, rgs_type: u8, stored: Secret) -> DeviceRecord {
    db.log_ins.push(LogInRecord { name: name.clone(), stored: stored.clone() });
    let in_hub = db.products.iter().filter(|product| same(&product.hub, &hub));
    db.permissions.extend(in_hub.map(|product| PermissionRecord::of_device(&name, owner, product)));
    let device = DeviceRecord { id: db.next_id(Table::Devices), owner: owner.into(), hub, name, rgs_type, stored };
    db.changes += 1;
    db.devices.push(device.clone());
    device
}

/// Writes a device without any check, as simultaneous requests do: by its full name, with a password.
/// `None` if the name is not `user$hub$device`.
pub(in crate::sandbox) fn insert(db: &mut Database, full_name: &str, password: &str) -> Option<DeviceRecord> {
    let (owner, rest) = full_name.split_once('$')?;
    let (hub, _) = rest.split_once('$')?;
    let hub = format!("{owner}/{hub}");
    Some(write(db, owner, hub, full_name.into(), 1, Secret::new(credential_check::hash(password))))
}

/// Writes devices that log in with this key, replacing all rows that have exactly these names. No mail is sent.
pub(in crate::sandbox) fn replace(db: &mut Database, names: &[DeviceName], key_body: &str) {
    let replaced: HashSet<&str> = names.iter().map(DeviceName::as_str).collect();
    db.devices.retain(|row| !replaced.contains(row.name.as_str()));
    db.log_ins.retain(|row| !replaced.contains(row.name.as_str()));
    db.permissions.retain(|row| !replaced.contains(row.name.as_str()));
    for name in names {
        write(db, name.user(), name.hub().to_string(), name.to_string(), 2, Secret::new(key_body));
    }
}

/// An edit that waits for the table of log-ins.
pub(in crate::sandbox) struct Edit {
    device: DeviceRecord,
    rgs_type: u8,
    /// The value for the page's row.
    shown: Secret,
    /// The value for the broker's row: the same as parsed by the database.
    stored: Secret,
}

/// Prepares an edit. The server puts the value into its SQL as text (I3 facts §6.5): a quote ends it, a backslash escapes.
pub(in crate::sandbox) fn prepare_edit(
    db: &mut Database,
    device: &DeviceRecord,
    credential: &Credential,
) -> Result<Edit, ActionError> {
    let shown = credential.stored(db);
    let stored = Secret::new(sql_literal(shown.expose()).ok_or_else(Exception::bad_sql)?);
    Ok(Edit { device: device.clone(), rgs_type: credential.rgs_type, shown, stored })
}

impl Edit {
    /// # Errors
    /// The 1366 after which the table of log-ins stays locked.
    pub fn storable(&self) -> Result<(), Exception> {
        storable("pw", self.stored.expose())
    }

    /// Updates the log-ins **by name**, all twins or none, then the web's row.
    pub fn apply(self, db: &mut Database) -> Option<DeviceRecord> {
        for log_in in db.log_ins.iter_mut().filter(|row| same(&row.name, &self.device.name)) {
            log_in.stored = self.stored.clone();
        }
        let row = db.devices.iter_mut().find(|row| row.id == self.device.id)?;
        row.rgs_type = self.rgs_type;
        row.stored = self.shown;
        let row = row.clone();
        db.changes += 1;
        Some(row)
    }
}

/// `text` as MySQL reads it between single quotes, or `None` if a quote inside ends it before its end.
fn sql_literal(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\'' if chars.next() == Some('\'') => out.push('\''),
            '\'' => return None,
            '\\' => match chars.next()? {
                '0' => out.push('\0'),
                'b' => out.push('\u{8}'),
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'Z' => out.push('\u{1A}'),
                wildcard @ ('%' | '_') => out.extend(['\\', wildcard]),
                other => out.push(other),
            },
            c => out.push(c),
        }
    }
    Some(out)
}

/// Deletes **all** log-ins and permissions of the device's name in any spelling; mail; notification; the web's row.
pub(in crate::sandbox) fn delete(db: &mut Database, mail: Mail, device: &DeviceRecord) -> Result<(), ActionError> {
    db.log_ins.retain(|row| !same(&row.name, &device.name));
    db.permissions.retain(|row| !same(&row.name, &device.name));
    notify_by_mail(
        db,
        mail,
        &device.owner,
        "Device deleted",
        &format!("{} is no longer in {}", device.name, device.hub),
    )?;
    let before = db.devices.len();
    db.devices.retain(|row| row.id != device.id);
    db.changes += (before - db.devices.len()) as u64;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_sql_text() {
        for (text, read) in [
            ("plain", Some("plain")),
            ("it's", None),
            ("it''s", Some("it's")),
            (r"it\'s", Some("it's")),
            (r"back\slash", Some("backslash")),
            (r"a\\b", Some(r"a\b")),
            (r"a\nb", Some("a\nb")),
            (r"100\%", Some(r"100\%")),
            ("end\\", None),
        ] {
            assert_eq!(sql_literal(text).as_deref(), read, "{text}");
        }
    }
}
