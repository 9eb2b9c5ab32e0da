//! Who else can read a file that holds a secret, and whose folder a secret is written to: the rules of OpenSSH.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::{env, fs};

use rustix::process::{getegid, geteuid};

/// The folder in which a service finds the credentials that systemd has handed over to it (systemd.exec(5), `LoadCredential`).
pub const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";
/// The folder in which Docker and Podman mount a container's secrets, with mode 0444.
const CONTAINER_SECRETS: &str = "/run/secrets";

/// Folders of the system and its services.
const OF_SYSTEM: [&str; 12] =
    ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr", "/var"];
/// The part of them in which each user has a folder.
const OF_USERS: &str = "/run/user";

/// In a folder with this bit only the owner of a file or of the folder can rename or remove it (/tmp).
const STICKY: u32 = 0o1000;

/// Whether looser permissions are accepted: the user's decision, for the whole process.
static LOOSE: AtomicBool = AtomicBool::new(false);
/// Secrets that were written where others can read them, with their modes.
static UNPROTECTED: Mutex<Vec<(PathBuf, u32)>> = Mutex::new(Vec::new());
/// Folders with written secrets that anyone can replace, with their modes.
static SHARED: Mutex<BTreeMap<PathBuf, u32>> = Mutex::new(BTreeMap::new());

/// A folder in which another user could replace files.
#[derive(Debug, thiserror::Error)]
#[error("the folder {folder} belongs to another user (uid {owner})", folder = .folder.display())]
pub struct ForeignFolder {
    pub folder: PathBuf,
    pub owner: u32,
}

/// Accepts secrets that others can read, and folders of others, from here on.
pub fn allow_loose_permissions() {
    LOOSE.store(true, Relaxed);
}

/// Returns the mode of a file or folder if group or others have any access to it. It counts only if it belongs to the user:
/// the owner of any other file has decided who may read it.
pub fn exposed_mode(metadata: &fs::Metadata) -> Option<u32> {
    let is_own = metadata.uid() == geteuid().as_raw();
    (is_own && is_group_or_world_accessible(metadata) && !LOOSE.load(Relaxed)).then(|| metadata.mode() & 0o7777)
}

/// Returns the mode of a secret's file if others can read it but should not. The mode of a pipe means nothing, and files
/// mounted by systemd, Docker, Podman or Kubernetes can be read only by that service, regardless of the mode.
pub fn exposed_secret(path: &Path, metadata: &fs::Metadata) -> Option<u32> {
    exposed_mode(metadata).filter(|_| metadata.is_file() && !is_mounted_secret(path))
}

/// Whether group or others may read or write it (any of the mode's lower six bits), as ssh requires for a private key.
pub fn is_group_or_world_accessible(metadata: &fs::Metadata) -> bool {
    metadata.mode() & 0o077 != 0
}

/// Returns whether a folder can be closed to others without taking it from them: it belongs to the user, is not shared by
/// the sticky bit, and `is_made_here` recognizes it as this program's.
pub fn may_be_closed(folder: &Path, is_made_here: impl FnOnce(&Path) -> bool) -> bool {
    let is_own = |metadata: fs::Metadata| {
        metadata.is_dir() && metadata.uid() == geteuid().as_raw() && metadata.mode() & STICKY == 0
    };
    fs::metadata(folder).is_ok_and(is_own) && is_made_here(folder)
}

/// Whether a person may be told to change the mode of a file, or to replace it: it is a regular file of the user's own, not one of the
/// system's, and its owner has not let in a group and nobody else, as a key is shared with a service.
pub fn may_be_changed(file: &Path) -> bool {
    let is_own = |metadata: &fs::Metadata| {
        let is_shared =
            metadata.gid() != getegid().as_raw() && metadata.mode() & 0o070 != 0 && metadata.mode() & 0o007 == 0;
        metadata.is_file() && metadata.uid() == geteuid().as_raw() && !is_shared
    };
    let is_own = match fs::metadata(file) {
        Ok(metadata) => is_own(&metadata),
        Err(e) => e.kind() == ErrorKind::NotFound,
    };
    is_own && !is_of_system(file)
}

/// Whether a path, or the file that it leads to, is below a folder of the system: what is there has users other than its owner.
fn is_of_system(path: &Path) -> bool {
    let home = env::home_dir().and_then(|home| fs::canonicalize(home).ok());
    let home = home.filter(|home| !OF_SYSTEM.iter().chain(&["/"]).any(|folder| home == Path::new(folder)));
    let is_of_user =
        |path: &Path| path.starts_with(OF_USERS) || home.as_ref().is_some_and(|home| path.starts_with(home));
    [std::path::absolute(path), fs::canonicalize(path)]
        .into_iter()
        .flatten()
        .any(|path| OF_SYSTEM.iter().any(|folder| path.starts_with(folder)) && !is_of_user(&path))
}

fn is_mounted_secret(path: &Path) -> bool {
    let Ok(path) = fs::canonicalize(path) else { return false };
    let credentials = env::var_os(CREDENTIALS_DIRECTORY).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    [credentials, Some(CONTAINER_SECRETS.into())]
        .into_iter()
        .flatten()
        .any(|folder| fs::canonicalize(folder).is_ok_and(|folder| path.starts_with(folder)))
        || path.components().any(is_of_kubernetes)
}

/// Kubernetes changes all the files of a volume at once: each is a link to `..data/NAME`, and `..data` is a link to a
/// folder named after the time, such as `..2026_11_27_05_40_12.1234567890`.
fn is_of_kubernetes(component: Component<'_>) -> bool {
    matches!(component, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"..2"))
}

/// Checks that only the user and root can replace the contents of `folder`, or of folders that will be made there.
///
/// # Errors
/// `PermissionDenied` with a [`ForeignFolder`] inside; otherwise as `stat(2)`.
pub fn check_owner(folder: &Path) -> io::Result<()> {
    if LOOSE.load(Relaxed) {
        return Ok(());
    }
    for folder in folder.ancestors() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match fs::metadata(folder) {
            // A missing folder will be made in the one above.
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
            Ok(metadata) => {
                let owner = metadata.uid();
                let is_foreign = owner != 0 && owner != geteuid().as_raw();
                let foreign =
                    || io::Error::new(ErrorKind::PermissionDenied, ForeignFolder { folder: folder.into(), owner });
                return if is_foreign { Err(foreign()) } else { Ok(()) };
            }
        }
    }
    Ok(())
}

/// Returns the [`ForeignFolder`] that is the reason of an error.
pub fn foreign_folder(error: &io::Error) -> Option<&ForeignFolder> {
    error.get_ref()?.downcast_ref()
}

/// Checks a secret that was written to `path` in `folder`: FAT, exFAT and some network file systems keep no permissions; and
/// in a world-writable folder anyone can replace it, unless the folder has the sticky bit.
pub fn note_written(path: &Path, metadata: &fs::Metadata, folder: &Path) {
    if let Some(mode) = exposed_mode(metadata) {
        return UNPROTECTED.lock().into_iter().for_each(|mut unprotected| unprotected.push((path.into(), mode)));
    }
    let mode = fs::metadata(folder).map_or(0, |metadata| metadata.mode() & 0o7777);
    let is_shared = mode & (0o002 | STICKY) == 0o002 && !LOOSE.load(Relaxed);
    if let (true, Ok(mut shared)) = (is_shared, SHARED.lock()) {
        shared.insert(folder.into(), mode);
    }
}

/// Takes the folders with written secrets that anyone can replace, with their modes.
pub fn take_shared() -> BTreeMap<PathBuf, u32> {
    SHARED.lock().map(|mut shared| std::mem::take(&mut *shared)).unwrap_or_default()
}

/// Takes the secrets that were written where others can read them, with their modes.
pub fn take_unprotected() -> Vec<(PathBuf, u32)> {
    UNPROTECTED.lock().map(|mut unprotected| std::mem::take(&mut *unprotected)).unwrap_or_default()
}
