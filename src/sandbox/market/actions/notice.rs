//! Marking notifications read or unread, and archiving them.

use crate::sandbox::db::{Database, NotificationRecord};

/// Changes of a notification. Archiving cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Mark {
    Read,
    Unread,
    Archive,
}

impl Mark {
    pub fn from_path(text: &str) -> Option<Mark> {
        match text {
            "read" => Some(Mark::Read),
            "unread" => Some(Mark::Unread),
            "archive" => Some(Mark::Archive),
            _ => None,
        }
    }

    fn apply(self, row: &mut NotificationRecord) {
        row.read = self != Mark::Unread;
        row.archived |= self == Mark::Archive;
    }
}

pub(in crate::sandbox) fn mark(db: &mut Database, id: u64, mark: Mark) {
    db.notifications.iter_mut().filter(|row| row.id == id).for_each(|row| mark.apply(row));
}

/// Marks all that are shown to the user.
pub(in crate::sandbox) fn mark_all(db: &mut Database, user: &str, mark: Mark) {
    db.notifications.iter_mut().filter(|row| row.user == user && !row.archived).for_each(|row| mark.apply(row));
}
