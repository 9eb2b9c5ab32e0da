//! Gives a device a new credential: registers it, proves it at the broker, and then replaces the old one.
//!
//! However and whenever the process ends, the old credential or the new one logs the device in, both
//! are on disk until it is proved which, and the next run continues. Its [`RotationHost`] provides the
//! marketplace, the broker and the configuration.

mod error;
mod host;
mod journal;
mod lock;
mod proof;
pub mod repair;
pub mod replace;
mod step;

use std::path::{Path, PathBuf};

use crate::config::{Config, Places};
use crate::fsio::{self, Existing, FileAccess};
use crate::key;
use crate::login::{CredentialFile, LoginSecret, SecretKind};
use crate::market::credential::RegisteredCredential;
use crate::name::DeviceName;
use crate::pkcs11;
use crate::signer::Signer;
pub use error::{Failed, RotationError};
pub use host::{RegisterAnswer, RotationHost};
pub use journal::{Journal, JournalGuard, Stage};
pub use lock::RotationLock;
pub use proof::Proof;
pub use step::RotationStep;

/// How often a registration is sent if its answer is lost: sending the same value again is harmless.
const SENDINGS: u32 = 3;

/// Returns the credential file of a rotation that is in progress: the broker accepts it, or the one that the configuration
/// names.
///
/// # Errors
/// As [`Journal::load`].
pub fn pending(places: &Places, device: &DeviceName) -> Result<Option<CredentialFile>, RotationError> {
    Ok(Journal::load(places, device)?.map(Journal::pending))
}

/// Returns the credential files that are known for a device of this marketplace: the one that the configuration names,
/// and the one that an unfinished rotation has made.
///
/// # Errors
/// As [`Journal::load`].
pub fn known_files(config: &Config, device: &DeviceName, market: &str) -> Result<Vec<CredentialFile>, RotationError> {
    let known = config.device_at(device, market);
    let key = known.and_then(|known| known.key.clone()).map(|path| CredentialFile::new(SecretKind::Key, path));
    let password = known.and_then(|known| known.password_file.clone());
    let mut files: Vec<_> =
        key.into_iter().chain(password.map(|path| CredentialFile::new(SecretKind::Password, path))).collect();
    let journal = Journal::load(&config.places, device)?.filter(|journal| journal.market == market);
    files.extend(journal.map(Journal::pending).filter(|pending| !files.contains(pending)));
    Ok(files)
}

/// Returns where the new credential is stored until it is proved: beside its final place.
pub fn beside(place: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(place.file_name().unwrap_or_default());
    name.push(".next");
    place.with_file_name(name)
}

/// Rotates the device's credential to `new`, as `journal` says. No rotation may be in progress, and the caller holds the
/// [`RotationLock`].
///
/// # Errors
/// [`Failed`].
pub fn rotate<H: RotationHost>(
    places: &Places,
    device: &DeviceName,
    journal: Journal,
    new: &LoginSecret,
    host: &mut H,
) -> Result<(), Failed<H::Error>> {
    let kind = journal.kind;
    let old = host.read(kind, &journal.old).map_err(Failed::Host)?;
    match host.prove(&old) {
        Proof::Accepted => {}
        Proof::Refused(_) => return Err(RotationError::OldRefused(kind).into()),
        Proof::Unanswered(why) => return Err(Failed::Host(why)),
    }
    let mut rotation = Rotation { places, device, journal, host };
    rotation.begin(new)?;
    rotation.register_new(new, Run::First)
}

/// Which credential a device has after an interrupted rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumed {
    /// The rotation is finished.
    New,
    /// The rotation is undone.
    Old,
}

/// Finishes or undoes a rotation that was interrupted.
///
/// # Errors
/// [`Failed`].
pub fn resume<H: RotationHost>(
    places: &Places,
    device: &DeviceName,
    journal: Journal,
    host: &mut H,
) -> Result<Resumed, Failed<H::Error>> {
    let mut rotation = Rotation { places, device, journal, host };
    let Journal { kind, next, stage, .. } = rotation.journal.clone();
    match stage {
        Stage::Forward if next.exists() || pkcs11::is_uri(&next) => {
            let new = rotation.host.read(kind, &next).map_err(Failed::Host)?;
            match rotation.host.prove(&new) {
                Proof::Accepted => rotation.finish()?,
                Proof::Refused(_) | Proof::Unanswered(_) => rotation.register_new(&new, Run::Resumed)?,
            }
            Ok(Resumed::New)
        }
        Stage::Forward => rotation.finish().map(|()| Resumed::New),
        Stage::Back => rotation.undo().map(|()| Resumed::Old),
    }
}

struct Rotation<'a, H> {
    places: &'a Places,
    device: &'a DeviceName,
    journal: Journal,
    host: &'a mut H,
}

/// Whether an earlier run may have sent the new credential.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    First,
    Resumed,
}

impl<H: RotationHost> Rotation<'_, H> {
    fn begin(&mut self, new: &LoginSecret) -> Result<(), Failed<H::Error>> {
        let content = new.file_text().map_err(RotationError::from)?;
        self.host.report(RotationStep::Write);
        // A file left there without a journal is never used. A key on a token is already in place.
        if let Some(content) = content {
            let next = &self.journal.next;
            let folder = next.parent().unwrap_or(Path::new("."));
            fsio::create_private_dir(folder)
                .and_then(|()| fsio::write_whole(next, content.as_bytes(), FileAccess::Owner, Existing::Replace))
                .map_err(|source| RotationError::File { path: next.clone(), source })?;
        }
        self.host.report(RotationStep::Journal);
        self.journal.save(self.places, self.device)?;
        Ok(())
    }

    /// Registers the new credential and proves it, and then finishes or undoes the rotation.
    fn register_new(&mut self, new: &LoginSecret, run: Run) -> Result<(), Failed<H::Error>> {
        let kind = self.journal.kind;
        let unfinished = |why| Err(RotationError::Unfinished { kind, why }.into());
        let credential = new.registered().map_err(RotationError::from)?;
        self.host.report(RotationStep::Register);
        let answer = match self.register(&credential) {
            Ok(answer) => answer,
            Err(why) if run == Run::First => {
                self.discard()?;
                return Err(Failed::Host(why));
            }
            // An earlier run has sent it, and it may still become valid.
            Err(why) => return unfinished(format!("{why:#}")),
        };
        self.host.report(RotationStep::Prove);
        let why = match (self.prove(new), answer) {
            (Proof::Accepted, _) => return self.finish(),
            // It may not have arrived, or may arrive later: the next run will find out.
            (Proof::Unanswered(why), RegisterAnswer::Unknown(said)) => {
                return unfinished(format!("{said}; the broker could not be asked either: {why:#}"));
            }
            (Proof::Refused(_), RegisterAnswer::Unknown(said)) => return unfinished(said),
            (Proof::Refused(_), RegisterAnswer::Accepted) => "it was refused".to_string(),
            (Proof::Unanswered(why), RegisterAnswer::Accepted) => format!("{why:#}"),
        };
        if self.journal.old == self.journal.next {
            return unfinished(why);
        }
        self.host.report(RotationStep::JournalUndo);
        self.journal.stage = Stage::Back;
        self.journal.save(self.places, self.device)?;
        self.undo()?;
        Err(RotationError::Undone { kind, why }.into())
    }

    /// Moves the proved credential into place. Each part may already have been done.
    fn finish(&mut self) -> Result<(), Failed<H::Error>> {
        let Journal { kind, place, next, .. } = self.journal.clone();
        self.host.report(RotationStep::Replace);
        if next.exists() {
            let placed = fsio::check_replaceable(&place)
                .and_then(|()| std::fs::rename(&next, &place))
                .and_then(|()| fsio::sync_folder(&place));
            placed.map_err(|source| RotationError::File { path: place.clone(), source })?;
        }
        self.host.report(RotationStep::WritePublicHalf);
        if let LoginSecret::Key(Signer::Key(key)) = self.host.read(kind, &place).map_err(Failed::Host)? {
            let path = key::public_path(&place);
            fsio::write_whole(&path, key.public().to_pem().as_bytes(), FileAccess::Everyone, Existing::Replace)
                .map_err(|source| RotationError::File { path, source })?;
        }
        self.host.report(RotationStep::Configure);
        self.host.configure(kind, &place).map_err(|why| Failed::Configure { place, why })?;
        self.host.report(RotationStep::Close);
        Journal::remove(self.places, self.device)?;
        self.host.report(RotationStep::Done);
        Ok(())
    }

    /// Registers the old credential again and proves it. The new one stays until then.
    fn undo(&mut self) -> Result<(), Failed<H::Error>> {
        let Journal { kind, old, .. } = self.journal.clone();
        let secret = self.host.read(kind, &old).map_err(Failed::Host)?;
        let credential = secret.registered().map_err(RotationError::from)?;
        self.host.report(RotationStep::RegisterOld);
        let said = match self.register(&credential) {
            Ok(RegisterAnswer::Accepted) => "the broker accepts neither of them".into(),
            Ok(RegisterAnswer::Unknown(said)) => said,
            Err(why) => format!("{why:#}"),
        };
        self.host.report(RotationStep::ProveOld);
        let why = match self.prove(&secret) {
            Proof::Accepted => return self.discard(),
            Proof::Refused(_) => said,
            Proof::Unanswered(why) => format!("{why:#}"),
        };
        Err(RotationError::Unfinished { kind, why }.into())
    }

    fn discard(&mut self) -> Result<(), Failed<H::Error>> {
        // The journal first: if the journal were left and the new one removed, the new one would seem to be in place.
        self.host.report(RotationStep::Close);
        Journal::remove(self.places, self.device)?;
        self.host.report(RotationStep::Discard);
        let next = &self.journal.next;
        if self.journal.made {
            journal::remove(next).map_err(|source| RotationError::File { path: next.clone(), source })?;
        }
        self.host.report(RotationStep::Done);
        Ok(())
    }

    /// Sends a registration, and sends it again while the answer is lost.
    fn register(&mut self, credential: &RegisteredCredential) -> Result<RegisterAnswer, H::Error> {
        let mut answer = self.host.register(credential)?;
        for _ in 1..SENDINGS {
            if answer == RegisterAnswer::Accepted {
                break;
            }
            std::thread::sleep(self.host.pause());
            // The previous one may have succeeded, so a failure now proves nothing.
            answer = self.host.register(credential).unwrap_or_else(|why| RegisterAnswer::Unknown(format!("{why:#}")));
        }
        Ok(answer)
    }

    fn prove(&mut self, secret: &LoginSecret) -> Proof<H::Error> {
        proof::prove(self.host.pause(), || self.host.prove(secret))
    }
}
