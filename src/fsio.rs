//! Files that must be complete or absent, and files that nobody else may read.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, PersistError};

use crate::access;

/// The mark that some editors write before a UTF-8 text, mostly on Windows: U+FEFF.
pub const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileAccess {
    /// 0600: secrets.
    Owner,
    /// 0644: public halves, configuration.
    Everyone,
    /// These permission bits: those of the file that is replaced.
    Mode(u32),
}

impl FileAccess {
    fn mode(self) -> u32 {
        match self {
            FileAccess::Owner => 0o600,
            FileAccess::Everyone => 0o644,
            FileAccess::Mode(mode) => mode,
        }
    }
}

/// Whether an existing file may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    Keep,
    Replace,
}

/// Whether `path` is a terminal, such as /dev/tty, or /dev/stdin at one.
pub fn is_terminal(path: &Path) -> bool {
    // A pipe is not opened for this, because its writer may end when it is closed again.
    let is_device = fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device());
    is_device && File::open(path).is_ok_and(|file| file.is_terminal())
}

/// Refuses a place at which something other than a regular file stands, such as a device, a named pipe or a folder: nothing that is
/// written whole replaces it.
///
/// # Errors
/// `InvalidInput`, which says what stands there.
pub fn check_replaceable(place: &Path) -> io::Result<()> {
    let what = match fs::metadata(place) {
        _ if leads_to_open_file(place) => "an open file of a process",
        Ok(metadata) => match metadata.file_type() {
            kind if kind.is_file() => return Ok(()),
            kind if kind.is_dir() => "a folder",
            kind if kind.is_fifo() => "a named pipe",
            kind if kind.is_socket() => "a socket",
            _ => "a device",
        },
        // What is missing can be made, and whatever else is wrong is told when it is written.
        Err(_) => return Ok(()),
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, and only a regular file is replaced")))
}

/// Whether the path is one of /dev/stdout, /dev/fd/1 and the like, or a link to one: the file behind it may be a regular one, but what
/// would be replaced is the link.
pub fn leads_to_open_file(path: &Path) -> bool {
    let is_of_process = |path: &Path| {
        ["/proc", "/dev/fd", "/dev/stdin", "/dev/stdout", "/dev/stderr"].iter().any(|own| path.starts_with(own))
    };
    let is_link_to_one = || fs::read_link(path).is_ok_and(|target| is_of_process(&folder_of(path).join(target)));
    is_of_process(path)
        || fs::canonicalize(folder_of(path)).is_ok_and(|folder| is_of_process(&folder))
        || is_link_to_one()
}

/// Opens a file that is read to its end. A named pipe without a writer would be waited for, and most devices never end; the pipe of
/// `<(…)` ends with its writer.
///
/// # Errors
/// `InvalidInput` for these two, else as `open(2)`.
pub fn open_finite(path: &Path) -> io::Result<File> {
    let found = fs::metadata(path)?;
    let is_empty = || fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == found.rdev());
    let is_output = |fd| fs::metadata(fd).is_ok_and(|own| (own.dev(), own.ino()) == (found.dev(), found.ino()));
    let what = match found.file_type() {
        // What a name of an open pipe leads to has no path of its own.
        kind if kind.is_fifo() && fs::canonicalize(path).is_ok() => "a named pipe",
        kind if kind.is_fifo() && ["/dev/stdout", "/dev/stderr"].into_iter().any(is_output) => {
            "what this command writes to"
        }
        kind if kind.is_block_device() || kind.is_char_device() && !is_empty() => "a device",
        _ => return File::open(path),
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {what}, not a file")))
}

/// Creates `dir` and any missing parents, only for its owner (0700). An existing folder is unchanged.
///
/// # Errors
/// As [`access::check_owner`] and `mkdir(2)`.
pub fn create_private_dir(dir: &Path) -> io::Result<()> {
    access::check_owner(dir)?;
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Writes `path` atomically: to a file beside it, which is synced and then moved into place.
///
/// # Errors
/// `AlreadyExists` with [`Existing::Keep`] if the file is there, else as [`check_replaceable`], `open(2)`, `write(2)`, `rename(2)`;
/// the old file is untouched then, and nothing is left beside it.
pub fn write_whole(path: &Path, content: &[u8], access: FileAccess, existing: Existing) -> io::Result<()> {
    Staged::new(path, content, access)?.commit(existing)?;
    Ok(())
}

/// Syncs the folder of `path`, so that the names of its files are on disk.
///
/// # Errors
/// As `open(2)` and `fsync(2)`; none if the file system cannot do that for folders.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(folder_of(path))?.sync_all() {
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A complete file on disk under a temporary name in its final folder; removed unless it is moved into place.
#[must_use]
pub struct Staged {
    /// `None` once it is in its place.
    file: Option<NamedTempFile>,
    place: PathBuf,
    access: FileAccess,
}

impl Staged {
    /// Writes and syncs `content` beside `path`.
    ///
    /// # Errors
    /// As [`begin`](Self::begin) and `write(2)`; nothing is left behind.
    pub fn new(path: &Path, content: &[u8], access: FileAccess) -> io::Result<Staged> {
        let (staged, mut file) = Staged::begin(path, access)?;
        file.write_all(content)?;
        file.sync_all()?;
        Ok(staged)
    }

    /// Starts a file beside `path`. The caller syncs it before [`commit`](Self::commit).
    ///
    /// # Errors
    /// As [`check_replaceable`] and `open(2)`, and for a file that is not for everyone as [`access::check_owner`].
    pub fn begin(path: &Path, access: FileAccess) -> io::Result<(Staged, File)> {
        check_replaceable(path)?;
        if access != FileAccess::Everyone {
            access::check_owner(folder_of(path))?;
        }
        let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(name);
        prefix.push(".");
        let permissions = Permissions::from_mode(access.mode());
        let file = Builder::new().prefix(&prefix).permissions(permissions).tempfile_in(folder_of(path))?;
        let handle = file.as_file().try_clone()?;
        Ok((Staged { file: Some(file), place: path.into(), access }, handle))
    }

    /// Returns where the file will be.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Chooses another place in the same folder.
    pub fn set_place(&mut self, place: PathBuf) {
        self.place = place;
    }

    /// Keeps the file under its temporary name permanently, and returns its path.
    pub fn leave(mut self) -> PathBuf {
        match self.file.take().map(NamedTempFile::keep) {
            Some(Ok((_, path))) => path,
            // Keeping a file cannot fail on Unix.
            _ => self.place,
        }
    }

    /// Puts the file in its place, syncs the folder, and returns the place.
    ///
    /// # Errors
    /// `AlreadyExists` with [`Existing::Keep`] if something is there by now, else as [`check_replaceable`] and `rename(2)`; the file
    /// can be put elsewhere then.
    pub fn commit(&mut self, existing: Existing) -> io::Result<PathBuf> {
        if existing == Existing::Replace {
            check_replaceable(&self.place)?;
        }
        if let Some(file) = self.file.take() {
            let persisted = match existing {
                Existing::Replace => file.persist(&self.place),
                // Never replaces, so two runs at once cannot overwrite each other.
                Existing::Keep => persist_new(file, &self.place),
            };
            let file = match persisted {
                Ok(file) => file,
                Err(e) => {
                    self.file = Some(e.file);
                    return Err(e.error);
                }
            };
            if self.access == FileAccess::Owner {
                access::note_written(&self.place, &file.metadata()?, folder_of(&self.place));
            }
        }
        sync_folder(&self.place)?;
        Ok(self.place.clone())
    }
}

/// Moves the file to a free name. exFAT, 9p and some others can neither link nor rename without replacing: there an
/// empty file takes the name first.
fn persist_new(file: NamedTempFile, place: &Path) -> Result<File, PersistError> {
    let PersistError { error, file } = match file.persist_noclobber(place) {
        Ok(file) => return Ok(file),
        Err(e) => e,
    };
    if error.kind() == io::ErrorKind::AlreadyExists {
        return Err(PersistError { error, file });
    }
    if let Err(error) = OpenOptions::new().write(true).create_new(true).mode(0o600).open(place) {
        return Err(PersistError { error, file });
    }
    file.persist(place).inspect_err(|_| {
        // It is empty, and was created by this run.
        let _ = fs::remove_file(place);
    })
}

/// Returns the first of `STEM` + `ENDING`, `STEM.2` + `ENDING`, `STEM.3` + `ENDING`… in `folder` that does not exist.
pub fn free_path(folder: &Path, stem: &str, ending: &str) -> PathBuf {
    let mut path = folder.join(format!("{stem}{ending}"));
    let mut number = 2;
    while path.symlink_metadata().is_ok() {
        path.set_file_name(format!("{stem}.{number}{ending}"));
        number += 1;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_path_is_the_first_that_is_not_taken() {
        let dir = std::env::temp_dir().join(format!("i3-fsio-{:x}", rand::random::<u64>()));
        create_private_dir(&dir).unwrap();
        for name in ["lot1.pem", "lot1.2.pem", "lot1.3.pem"] {
            let path = free_path(&dir, "lot1", ".pem");
            assert_eq!(path, dir.join(name));
            fs::write(path, "").unwrap();
        }
        fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn keeps_or_replaces_and_leaves_nothing_beside_it() {
        let dir = std::env::temp_dir().join(format!("i3-fsio-{:x}", rand::random::<u64>()));
        create_private_dir(&dir.join("in")).unwrap();
        assert_eq!(fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
        let file = dir.join("in/key.pem");
        write_whole(&file, b"one", FileAccess::Owner, Existing::Keep).unwrap();
        let refused = write_whole(&file, b"two", FileAccess::Owner, Existing::Keep).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&file).unwrap(), b"one");
        assert_eq!(access::exposed_mode(&fs::metadata(&file).unwrap()), None);
        write_whole(&file, b"two", FileAccess::Everyone, Existing::Replace).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(access::exposed_mode(&fs::metadata(&file).unwrap()), Some(0o644));
        assert_eq!(fs::read_dir(dir.join("in")).unwrap().count(), 1);
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn only_a_regular_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir(at("folder")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        std::os::unix::fs::symlink("pipe", at("link")).unwrap();
        std::os::unix::fs::symlink("/proc/self/fd/0", at("open")).unwrap();
        for name in ["folder", "socket", "pipe", "link", "open"] {
            let before = fs::symlink_metadata(at(name)).unwrap().ino();
            for existing in [Existing::Keep, Existing::Replace] {
                let refused = write_whole(&at(name), b"x", FileAccess::Owner, existing).unwrap_err();
                assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{name}: {refused}");
            }
            assert_eq!(fs::symlink_metadata(at(name)).unwrap().ino(), before, "{name}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 5);
        // What came in between is not replaced either.
        let mut staged = Staged::new(&at("late"), b"x", FileAccess::Owner).unwrap();
        fs::create_dir(at("late")).unwrap();
        assert_eq!(staged.commit(Existing::Replace).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
