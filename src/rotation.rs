//! Gives a device a new credential: registered, proved at the broker, and only then put in the old one's place.
//!
//! Whatever ends the process, and whenever: the old credential or the new one logs the device in, both are on disk until
//! it is proved which, and the next run goes on where this one was. What it needs from outside - the marketplace, the
//! broker, the configuration - it asks of its [`RotationHost`].

mod journal;
pub mod repair;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Places;
use crate::fsio::{self, Existing, FileAccess};
use crate::key::{self, KeyError, PrivateKey};
use crate::market::credential::{CredentialError, RegisteredCredential};
use crate::name::DeviceName;
use crate::password_hash::password_hash;
use crate::secret::Secret;
pub use journal::{Journal, JournalGuard, RotationLock, Stage};

/// How often the broker is asked before a credential counts as refused, or the broker as unreachable.
const ATTEMPTS: u32 = 3;
/// How often a registration whose answer was lost is sent again: the same value over again changes nothing.
const SENDINGS: u32 = 3;

/// What a device logs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretKind {
    Key,
    Password,
}

impl fmt::Display for SecretKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SecretKind::Key => "key",
            SecretKind::Password => "password",
        })
    }
}

/// The secret half of a credential, in memory.
pub enum LoginSecret {
    Key(Box<PrivateKey>),
    Password(Secret),
}

impl LoginSecret {
    /// What is registered for it: the public half, or a hash made here.
    ///
    /// # Errors
    /// [`RotationError::Credential`].
    pub fn registered(&self) -> Result<RegisteredCredential, RotationError> {
        Ok(match self {
            LoginSecret::Key(key) => RegisteredCredential::public_key(&key.public().body())?,
            LoginSecret::Password(password) => RegisteredCredential::password_hash(&password_hash(password))?,
        })
    }

    fn file(&self) -> Result<zeroize::Zeroizing<String>, RotationError> {
        Ok(match self {
            LoginSecret::Key(key) => key.to_pem()?,
            LoginSecret::Password(password) => zeroize::Zeroizing::new(format!("{}\n", password.expose())),
        })
    }
}

/// What is about to be done. Each may be the last thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationStep {
    /// The new credential is written beside the old one.
    Keep,
    /// The journal is written: from here on a next run goes on.
    Note,
    /// The marketplace is told the new credential.
    Register,
    /// The broker is asked whether it takes the new one.
    Prove,
    /// The new one takes its place.
    Place,
    /// The public half is written beside it.
    Publish,
    /// The configuration names it.
    Name,
    /// The broker refused: the journal says so.
    NoteBack,
    /// The marketplace is told the old credential again.
    RegisterBack,
    /// The broker is asked whether it takes the old one.
    ProveBack,
    /// The new one is removed.
    Discard,
    /// The journal is removed.
    Close,
    /// Nothing more.
    Done,
}

impl fmt::Display for RotationStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RotationStep::Keep => "Writing the new credential beside the old one",
            RotationStep::Note => "Noting what is under way",
            RotationStep::Register => "Registering the new credential",
            RotationStep::Prove => "Asking the broker whether it takes the new credential",
            RotationStep::Place => "Putting the new credential in its place",
            RotationStep::Publish => "Writing its public half",
            RotationStep::Name => "Naming it in the configuration",
            RotationStep::NoteBack => "Noting that it goes back",
            RotationStep::RegisterBack => "Registering the old credential again",
            RotationStep::ProveBack => "Asking the broker whether it takes the old credential",
            RotationStep::Discard => "Removing the new credential",
            RotationStep::Close => "Noting that nothing is under way",
            RotationStep::Done => "Done",
        })
    }
}

/// What the marketplace said to a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Accepted,
    /// It broke down, or its answer was lost; what was said.
    Unknown(String),
}

/// What a rotation needs from whoever runs it.
pub trait RotationHost {
    /// Why something outside failed.
    type Error: fmt::Display;

    /// Registers a credential in place of the one that the device has.
    ///
    /// # Errors
    /// It was certainly not done.
    fn register(&mut self, credential: &RegisteredCredential) -> Result<Answer, Self::Error>;

    /// Whether the broker takes the credential.
    ///
    /// # Errors
    /// It cannot be asked.
    fn logs_in(&mut self, held: &LoginSecret) -> Result<bool, Self::Error>;

    /// Reads a credential.
    ///
    /// # Errors
    /// It cannot be read.
    fn read(&mut self, kind: SecretKind, path: &Path) -> Result<LoginSecret, Self::Error>;

    /// Has the configuration name the file as the device's credential, if it does not already.
    ///
    /// # Errors
    /// It cannot be written.
    fn name(&mut self, kind: SecretKind, path: &Path) -> Result<(), Self::Error>;

    /// A pause between two attempts at the same thing.
    fn pause(&self) -> Duration;

    /// A step is about to be taken.
    fn tell(&mut self, step: RotationStep);
}

/// Why a rotation did not come about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// Another process rotates the same device.
    #[error("another rotation of this device is under way")]
    Busy,
    /// The credential that is there does not log in, so it could not be gone back to.
    #[error("the broker does not take the present {0}, so there would be no way back")]
    OldRefused(SecretKind),
    /// The broker did not take the new credential; the old one counts again, which is proved.
    #[error(
        "the new {kind} was not proved at the broker: {why}; the old one is registered again, and nothing has changed"
    )]
    Undone { kind: SecretKind, why: String },
    /// Neither could be proved. Both are kept, and a next run goes on.
    #[error("the rotation is not finished: {why}; the old {kind} and the new one are both kept")]
    Unfinished { kind: SecretKind, why: String },
    /// A file that cannot be written, read or removed.
    #[error("{path} cannot be used", path = .path.display())]
    File { path: PathBuf, source: io::Error },
    /// The journal is damaged.
    #[error("the journal {path} cannot be understood", path = .path.display())]
    Journal { path: PathBuf, source: serde_json::Error },
    /// The new credential cannot be registered anywhere.
    #[error("the credential cannot be registered")]
    Credential(#[from] CredentialError),
    /// The new key cannot be written down.
    #[error("the key cannot be written")]
    Key(#[from] KeyError),
}

/// Why a run failed.
#[derive(Debug)]
pub enum Failed<E> {
    /// Something outside; nothing has changed unless a journal is there.
    Outside(E),
    /// Anything else.
    Rotation(RotationError),
}

impl<E> From<RotationError> for Failed<E> {
    fn from(e: RotationError) -> Self {
        Failed::Rotation(e)
    }
}

/// A credential file that a rotation that is under way has made, or has put in its place: the broker takes it or the one
/// that the configuration names.
///
/// # Errors
/// As [`Journal::load`].
pub fn pending(places: &Places, device: &DeviceName) -> Result<Option<(SecretKind, PathBuf)>, RotationError> {
    let journal = Journal::load(places, device)?;
    Ok(journal.map(|j| (j.kind, if j.next.exists() { j.next } else { j.place })))
}

/// Where the new credential lies until it is proved: beside the place where it goes then.
pub fn beside(place: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(".next");
    place.with_file_name(name)
}

/// Rotates: `journal` says what, `new` is the new credential. None may be under way, and the caller has the [`RotationLock`].
///
/// # Errors
/// [`Failed`].
pub fn rotate<S: RotationHost>(
    places: &Places,
    device: &DeviceName,
    journal: Journal,
    new: &LoginSecret,
    surroundings: &mut S,
) -> Result<(), Failed<S::Error>> {
    let kind = journal.kind;
    let old = surroundings.read(kind, &journal.old).map_err(Failed::Outside)?;
    if !surroundings.logs_in(&old).map_err(Failed::Outside)? {
        return Err(RotationError::OldRefused(kind).into());
    }
    let mut rotation = Rotation { places, device, journal, surroundings };
    rotation.begin(new)?;
    rotation.forward(new, true)
}

/// Goes on with a rotation that was cut off: finishes or undoes it. `Ok(true)` if the device has the new credential,
/// `Ok(false)` if it has the old one.
///
/// # Errors
/// [`Failed`].
pub fn resume<S: RotationHost>(
    places: &Places,
    device: &DeviceName,
    journal: Journal,
    surroundings: &mut S,
) -> Result<bool, Failed<S::Error>> {
    let mut rotation = Rotation { places, device, journal, surroundings };
    let Journal { kind, next, stage, .. } = rotation.journal.clone();
    match (stage, next.exists()) {
        (Stage::Forward, false) => rotation.finish().map(|()| true),
        (Stage::Forward, true) => {
            let new = rotation.surroundings.read(kind, &next).map_err(Failed::Outside)?;
            rotation.forward(&new, false).map(|()| true)
        }
        (Stage::Back, _) => rotation.back().map(|()| false),
    }
}

struct Rotation<'a, S> {
    places: &'a Places,
    device: &'a DeviceName,
    journal: Journal,
    surroundings: &'a mut S,
}

/// What the broker says to a credential.
enum Proof {
    Accepted,
    Refused,
    /// It cannot be asked.
    Open(String),
}

impl<S: RotationHost> Rotation<'_, S> {
    fn begin(&mut self, new: &LoginSecret) -> Result<(), Failed<S::Error>> {
        let content = new.file()?;
        self.surroundings.tell(RotationStep::Keep);
        // One that lies there without a journal counts nowhere.
        let next = &self.journal.next;
        let folder = next.parent().unwrap_or(Path::new("."));
        fsio::create_private_dir(folder)
            .and_then(|()| fsio::write_whole(next, content.as_bytes(), FileAccess::Owner, Existing::Replace))
            .map_err(|source| RotationError::File { path: next.clone(), source })?;
        self.surroundings.tell(RotationStep::Note);
        self.journal.save(self.places, self.device)?;
        Ok(())
    }

    /// Registers the new credential, proves it, and puts it in its place, or goes back. `first` if nobody has sent it yet.
    fn forward(&mut self, new: &LoginSecret, first: bool) -> Result<(), Failed<S::Error>> {
        let kind = self.journal.kind;
        if !first && self.is_taken(new) {
            return self.finish();
        }
        let credential = new.registered()?;
        self.surroundings.tell(RotationStep::Register);
        let answer = match self.register(&credential) {
            Ok(answer) => answer,
            Err(why) if first => {
                self.discard()?;
                return Err(Failed::Outside(why));
            }
            // An earlier run has sent it, and it may still come to count.
            Err(why) => return Err(RotationError::Unfinished { kind, why: format!("{why:#}") }.into()),
        };
        self.surroundings.tell(RotationStep::Prove);
        let why = match (self.prove(new), answer) {
            (Proof::Accepted, _) => return self.finish(),
            // It may not have arrived, or arrive later: that is for the next run to find out.
            (Proof::Open(why), Answer::Unknown(said)) => {
                let why = format!("{said}; the broker could not be asked either: {why}");
                return Err(RotationError::Unfinished { kind, why }.into());
            }
            (Proof::Refused, Answer::Unknown(said)) => return Err(RotationError::Unfinished { kind, why: said }.into()),
            (Proof::Refused, Answer::Accepted) => "it was refused".to_string(),
            (Proof::Open(why), Answer::Accepted) => why,
        };
        if self.journal.old == self.journal.next {
            return Err(RotationError::Unfinished { kind, why }.into());
        }
        self.surroundings.tell(RotationStep::NoteBack);
        self.journal.stage = Stage::Back;
        self.journal.save(self.places, self.device)?;
        self.back()?;
        Err(RotationError::Undone { kind, why }.into())
    }

    /// Puts the proved credential in its place. Each part may have been done already.
    fn finish(&mut self) -> Result<(), Failed<S::Error>> {
        let Journal { kind, place, next, .. } = self.journal.clone();
        self.surroundings.tell(RotationStep::Place);
        if next.exists() {
            let placed = std::fs::rename(&next, &place).and_then(|()| fsio::sync_folder(&place));
            placed.map_err(|source| RotationError::File { path: place.clone(), source })?;
        }
        self.surroundings.tell(RotationStep::Publish);
        if let LoginSecret::Key(key) = self.surroundings.read(kind, &place).map_err(Failed::Outside)? {
            let path = key::public_path(&place);
            fsio::write_whole(&path, key.public().to_pem().as_bytes(), FileAccess::Everyone, Existing::Replace)
                .map_err(|source| RotationError::File { path, source })?;
        }
        self.surroundings.tell(RotationStep::Name);
        self.surroundings.name(kind, &place).map_err(Failed::Outside)?;
        self.surroundings.tell(RotationStep::Close);
        Journal::remove(self.places, self.device)?;
        self.surroundings.tell(RotationStep::Done);
        Ok(())
    }

    /// Registers the old credential again and proves it. The new one stays until then.
    fn back(&mut self) -> Result<(), Failed<S::Error>> {
        let Journal { kind, old, .. } = self.journal.clone();
        let held = self.surroundings.read(kind, &old).map_err(Failed::Outside)?;
        let credential = held.registered()?;
        self.surroundings.tell(RotationStep::RegisterBack);
        let said = match self.register(&credential) {
            Ok(Answer::Accepted) => "the broker takes neither of them".into(),
            Ok(Answer::Unknown(said)) => said,
            Err(why) => format!("{why:#}"),
        };
        self.surroundings.tell(RotationStep::ProveBack);
        let why = match self.prove(&held) {
            Proof::Accepted => return self.discard(),
            Proof::Refused => said,
            Proof::Open(why) => why,
        };
        Err(RotationError::Unfinished { kind, why }.into())
    }

    fn discard(&mut self) -> Result<(), Failed<S::Error>> {
        // The journal first: with it there and the new one gone, the new one would seem to be in its place.
        self.surroundings.tell(RotationStep::Close);
        Journal::remove(self.places, self.device)?;
        self.surroundings.tell(RotationStep::Discard);
        let next = &self.journal.next;
        journal::remove(next).map_err(|source| RotationError::File { path: next.clone(), source })?;
        self.surroundings.tell(RotationStep::Done);
        Ok(())
    }

    /// Sends a registration; the same over again while the answer is lost.
    fn register(&mut self, credential: &RegisteredCredential) -> Result<Answer, S::Error> {
        let mut answer = self.surroundings.register(credential)?;
        for _ in 1..SENDINGS {
            if answer == Answer::Accepted {
                break;
            }
            std::thread::sleep(self.surroundings.pause());
            // The one before may have been done, so a failure now is none to rely on.
            answer = self.surroundings.register(credential).unwrap_or_else(|why| Answer::Unknown(format!("{why:#}")));
        }
        Ok(answer)
    }

    /// Whether the broker takes it at the first attempt.
    fn is_taken(&mut self, held: &LoginSecret) -> bool {
        matches!(self.surroundings.logs_in(held), Ok(true))
    }

    fn prove(&mut self, held: &LoginSecret) -> Proof {
        let mut proof = Proof::Refused;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                std::thread::sleep(self.surroundings.pause());
            }
            proof = match self.surroundings.logs_in(held) {
                Ok(true) => return Proof::Accepted,
                Ok(false) => Proof::Refused,
                Err(why) => Proof::Open(format!("{why:#}")),
            };
        }
        proof
    }
}
