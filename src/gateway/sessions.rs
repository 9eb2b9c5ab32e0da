//! What the brokers of sources keep for this gateway, on disk: a gateway that is started with a changed file ends what it no longer
//! wants, as one does that is running.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::fsio::{self, Existing, FileAccess};
use crate::misread::later_format;

/// Which session it is: the broker's address, and the client id.
pub type SessionId = (String, String);

/// The file's content.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The gateway's own file, for a person.
    gateway: PathBuf,
    sessions: Vec<KeptSession>,
}

#[derive(Serialize, Deserialize)]
struct KeptSession {
    broker: String,
    client_id: String,
    filters: BTreeSet<String>,
}

/// Where a gateway notes its sessions: a file of its own in a folder with those of all gateways of this user.
#[derive(Debug, Clone)]
pub struct SessionsPlace {
    pub gateway: PathBuf,
    pub file: PathBuf,
}

/// The sessions of a gateway, with the filters that each is subscribed to, or may be.
pub struct Sessions {
    place: SessionsPlace,
    /// A file of a later version is left as it is.
    may_write: bool,
    kept: RefCell<BTreeMap<SessionId, BTreeSet<String>>>,
}

impl Sessions {
    /// Reads the file; there are none where it is missing or cannot be read.
    pub fn load(place: SessionsPlace) -> Sessions {
        let text = std::fs::read(&place.file).unwrap_or_default();
        let may_write = later_format(&text).is_none();
        let kept = if may_write { read(&text) } else { BTreeMap::new() };
        Sessions { place, may_write, kept: RefCell::new(kept) }
    }

    /// Notes that a session is to have these filters, and returns those that it has beside them. `brokers` are those of the
    /// configuration: a session at none of them is the same one with the broker's new address.
    pub fn claim(&self, id: &SessionId, filters: &[String], brokers: &BTreeSet<String>) -> Vec<String> {
        let former = {
            let mut kept = self.kept.borrow_mut();
            let moved =
                kept.keys().find(|(broker, client_id)| *client_id == id.1 && !brokers.contains(broker)).cloned();
            let moved = moved.and_then(|moved| kept.remove(&moved));
            let known = kept.entry(id.clone()).or_default();
            known.extend(moved.into_iter().flatten());
            let former = known.iter().filter(|filter| !filters.contains(filter)).cloned().collect();
            known.extend(filters.iter().cloned());
            former
        };
        self.save();
        former
    }

    /// Notes that a session no longer has this filter, or, without one, none but these.
    pub fn unsubscribed(&self, id: &SessionId, filter: Option<&str>, filters: &[String]) {
        if let Some(known) = self.kept.borrow_mut().get_mut(id) {
            known.retain(|one| filters.contains(one) || filter.is_some_and(|filter| filter != one));
        }
        self.save();
    }

    /// Notes that a session is no longer there, or that nothing can be done about it.
    pub fn remove(&self, id: &SessionId) {
        self.kept.borrow_mut().remove(id);
        self.save();
    }

    /// Returns the sessions that are none of these, nor of another gateway of this user.
    pub fn unused(&self, wanted: &BTreeSet<SessionId>) -> Vec<SessionId> {
        let kept = self.kept.borrow();
        let mut unused: Vec<SessionId> = kept.keys().filter(|id| !wanted.contains(id)).cloned().collect();
        if !unused.is_empty() {
            let others = self.others();
            unused.retain(|id| !others.contains(id));
        }
        unused
    }

    fn others(&self) -> BTreeSet<SessionId> {
        let entries = self.place.file.parent().and_then(|folder| folder.read_dir().ok());
        let files = entries.into_iter().flatten().flatten().map(|entry| entry.path());
        let of_others = files.filter(|file| *file != self.place.file);
        of_others.flat_map(|file| read(&std::fs::read(file).unwrap_or_default()).into_keys()).collect()
    }

    /// A gateway that cannot write leaves subscriptions behind, and loses nothing.
    fn save(&self) {
        let session = |((broker, client_id), filters): (&SessionId, &BTreeSet<String>)| KeptSession {
            broker: broker.clone(),
            client_id: client_id.clone(),
            filters: filters.clone(),
        };
        let sessions = self.kept.borrow().iter().map(session).collect();
        let kept = Kept { gateway: self.place.gateway.clone(), sessions };
        if let (true, Ok(text)) = (self.may_write, serde_json::to_vec(&kept)) {
            let _ = write(&self.place.file, &text);
        }
    }
}

fn read(text: &[u8]) -> BTreeMap<SessionId, BTreeSet<String>> {
    let kept: Option<Kept> = serde_json::from_slice(text).ok();
    let sessions = kept.into_iter().flat_map(|kept| kept.sessions);
    sessions.map(|session| ((session.broker, session.client_id), session.filters)).collect()
}

fn write(file: &Path, text: &[u8]) -> std::io::Result<()> {
    if std::fs::read(file).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fsio::create_private_dir(folder)?;
    }
    fsio::write_whole(file, text, FileAccess::Owner, Existing::Replace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(broker: &str, client_id: &str) -> SessionId {
        (broker.into(), client_id.into())
    }

    fn filters(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_later_start_knows_what_an_earlier_one_had() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = |name: &str| {
            let place = SessionsPlace { gateway: name.into(), file: folder.path().join("state").join(name) };
            Sessions::load(place)
        };
        let (old, new) = (id("mqtt://old", "i3-a"), id("mqtt://new", "i3-a"));
        let (was, is) = (BTreeSet::from([old.0.clone()]), BTreeSet::from([new.0.clone()]));
        assert_eq!(sessions("one").claim(&old, &filters(&["#", "a"]), &was), filters(&[]));
        // Nothing has confirmed the end of the subscription yet.
        for _ in 0..2 {
            assert_eq!(sessions("one").claim(&old, &filters(&["a", "b"]), &was), filters(&["#"]));
        }
        sessions("one").unsubscribed(&old, Some("#"), &filters(&["a", "b"]));
        assert_eq!(sessions("one").claim(&old, &filters(&["b"]), &was), filters(&["a"]));
        // The same broker by another address.
        assert_eq!(sessions("one").claim(&new, &filters(&["b"]), &is), filters(&["a"]));
        sessions("one").unsubscribed(&new, None, &filters(&["b"]));
        assert_eq!(sessions("one").claim(&new, &filters(&["b"]), &is), filters(&[]));
        assert_eq!(sessions("one").unused(&BTreeSet::from([new.clone()])), []);
        assert_eq!(sessions("one").unused(&BTreeSet::new()), std::slice::from_ref(&new));
        // Another gateway has it by now.
        sessions("two").claim(&new, &filters(&["b"]), &is);
        assert_eq!(sessions("one").unused(&BTreeSet::new()), []);
        sessions("two").remove(&new);
        assert_eq!(sessions("one").unused(&BTreeSet::new()), std::slice::from_ref(&new));
        // What a later version has written stays.
        let file = folder.path().join("state/one");
        std::fs::write(&file, br#"{"format":2,"sessions":"elsewhere"}"#).unwrap();
        assert_eq!(sessions("one").claim(&new, &filters(&["c"]), &is), filters(&[]));
        assert_eq!(std::fs::read(&file).unwrap(), br#"{"format":2,"sessions":"elsewhere"}"#);
    }
}
