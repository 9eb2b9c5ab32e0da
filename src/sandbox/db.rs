//! The marketplace's database: the web application's tables and the broker's two, saved to a JSON file if requested.

mod rows;

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::credential_check;
use crate::collation::same;
use crate::fsio::{self, Existing, FileAccess};
use crate::name::UserName;
use crate::secret::Secret;

pub use rows::{
    AccessLevel, NotificationRecord, PermissionRecord, ProductRecord, RequestRecord, RequestState, SensorType,
    TransactionRecord, UserType,
};
pub(super) use rows::{CartRecord, DeviceRecord, HubRecord, LogInRecord, RatingRecord, UserRecord};

/// The state file's layout; a file of another one is refused.
const FORMAT: u32 = 2;

/// Tables with numbered rows.
#[derive(Debug, Clone, Copy)]
pub(super) enum Table {
    Hubs,
    Products,
    Devices,
    Notifications,
    Requests,
    CartItems,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct Database {
    format: u32,
    last_id: [u64; 6],
    pub users: Vec<UserRecord>,
    pub hubs: Vec<HubRecord>,
    pub products: Vec<ProductRecord>,
    pub devices: Vec<DeviceRecord>,
    pub log_ins: Vec<LogInRecord>,
    pub permissions: Vec<PermissionRecord>,
    pub transactions: Vec<TransactionRecord>,
    pub notifications: Vec<NotificationRecord>,
    pub requests: Vec<RequestRecord>,
    pub cart: Vec<CartRecord>,
    pub ratings: Vec<RatingRecord>,
    /// Commands that passwords under type 1 would have run on the server.
    pub shell_commands: Vec<String>,
    /// Recipient and subject of every mail sent since the start.
    #[serde(skip)]
    pub mails: Vec<(String, String)>,
    /// Hubs, products and devices that were written, changed or deleted since the start.
    #[serde(skip)]
    pub changes: u64,
}

/// Reading or writing a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TopicAccess {
    Read,
    Write,
}

/// Returns whether an MQTT filter matches a topic (MQTT 3.1.1 §4.7).
pub(super) fn filter_matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for part in filter.split('/') {
        match (part, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (part, Some(level)) if part == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

impl Database {
    /// Returns a database without rows.
    pub fn new() -> Database {
        Database { format: FORMAT, ..Database::default() }
    }

    /// Reads the file; `None` if it does not exist.
    ///
    /// # Errors
    /// It cannot be read, is not a state file, or has another release's layout.
    pub fn load(path: &Path) -> io::Result<Option<Database>> {
        fsio::check_replaceable(path)?;
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e),
        };
        #[derive(Deserialize)]
        struct Format {
            #[serde(default)]
            format: u32,
        }
        // The parser's message could repeat a password.
        let refused = |e: serde_json::Error| {
            let place = format!("not a state file of the sandbox (line {}, column {})", e.line(), e.column());
            io::Error::new(io::ErrorKind::InvalidData, place)
        };
        let Format { format } = serde_json::from_slice(&bytes).map_err(refused)?;
        if format != FORMAT {
            let reason = "written by another version of the sandbox, which kept its tables differently";
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        serde_json::from_slice(&bytes).map(Some).map_err(refused)
    }

    /// Replaces the file; it contains passwords, so only its owner can access it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        fsio::write_whole(path, &serde_json::to_vec_pretty(self)?, FileAccess::Owner, Existing::Replace)
    }

    pub fn next_id(&mut self, table: Table) -> u64 {
        self.last_id[table as usize] += 1;
        self.last_id[table as usize]
    }

    /// Returns the account of that name, as the database compares names.
    pub fn user(&self, name: &str) -> Option<&UserRecord> {
        self.users.iter().find(|user| same(&user.name, name))
    }

    pub fn user_mut(&mut self, name: &str) -> Option<&mut UserRecord> {
        self.users.iter_mut().find(|user| same(&user.name, name))
    }

    pub fn user_of_key(&self, api_key: &str) -> Option<&UserRecord> {
        self.users.iter().find(|user| user.api_key.expose() == api_key)
    }

    pub fn product(&self, id: u64) -> Option<&ProductRecord> {
        self.products.iter().find(|product| product.id == id)
    }

    pub fn device(&self, id: u64) -> Option<&DeviceRecord> {
        self.devices.iter().find(|device| device.id == id)
    }

    /// Signs a user up with a random password and key; `None` if the name is taken or not `[A-Za-z0-9_]+`.
    pub fn add_user(&mut self, name: &str, kind: UserType) -> Option<&UserRecord> {
        if self.user(name).is_some() || name.parse::<UserName>().is_err() {
            return None;
        }
        let email = Some(format!("{}@example.org", name.to_lowercase()));
        Some(self.insert_user(name, email, kind, Secret::new(format!("{:016x}", rand::random::<u64>()))))
    }

    /// Writes an account's row.
    pub fn insert_user(&mut self, name: &str, email: Option<String>, kind: UserType, password: Secret) -> &UserRecord {
        let random = || format!("{:016x}", rand::random::<u64>());
        let api_key = Secret::new(format!("{}{}{}", random(), random(), &random()[..8]));
        let name = name.to_owned();
        self.users.push(UserRecord { name, email, kind, password, api_key, has_notification_box: false });
        &self.users[self.users.len() - 1]
    }

    /// Returns the notifications that are not archived, the newest first.
    pub fn shown_notifications(&self, user: &str) -> impl Iterator<Item = &NotificationRecord> {
        self.notifications.iter().rev().filter(move |row| row.user == user && !row.archived)
    }

    /// Returns the requests that wait for a seller's decision, the oldest first.
    pub fn pending_requests(&self, seller: &str) -> impl Iterator<Item = &RequestRecord> {
        self.requests.iter().filter(move |row| row.seller == seller && row.decision == RequestState::Pending)
    }

    /// Returns whether the broker accepts this log-in. Two rows with one name accept none. `now`: seconds since 1970.
    pub fn may_log_in(&self, user_name: &str, password: &str, now: i64) -> bool {
        let mut rows = self.log_ins.iter().filter(|row| same(&row.name, user_name));
        match (rows.next(), rows.next()) {
            (Some(only), None) => credential_check::accepts(only.stored.expose(), password, now),
            _ => false,
        }
    }

    /// Returns whether the broker lets `user_name` use `topic`, by the permissions of its name in any spelling.
    pub fn may_use(&self, user_name: &str, client_id: &str, topic: &str, access: TopicAccess) -> bool {
        let needed = match access {
            TopicAccess::Read => AccessLevel::Read,
            TopicAccess::Write => AccessLevel::ReadWrite,
        };
        self.permissions.iter().filter(|row| row.level >= needed && same(&row.name, user_name)).any(|row| {
            // The plug-in inserts the name and id as the client gave them.
            filter_matches(&row.topic.replace("%u", user_name).replace("%c", client_id), topic)
        })
    }

    /// Removes the permission for this topic that an account bought.
    pub fn end_purchase(&mut self, buyer: &str, topic: &str) {
        self.permissions.retain(|row| !same(&row.name, buyer) || !filter_matches(&row.topic, topic));
    }
}

#[cfg(test)]
mod tests;
