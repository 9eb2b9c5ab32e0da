//! `--rejects`: a file for lines that cannot be published, in the order in which they arrived.

use std::cell::{Cell, RefCell};
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::cli::error::{CliError, ExitKind};
use crate::publisher::stream::LinePiece;

/// The file, in which every line ends with its separator, regardless of how the run ends. If it was replaced, deleted
/// or rotated, the next line starts a new one.
pub struct Rejects {
    path: PathBuf,
    file: RefCell<File>,
    separator: u8,
    /// The file ends with a piece of a line.
    unended: Cell<bool>,
}

impl Rejects {
    /// Opens the file to append to it, and ends a line that an earlier run has left unfinished. A new file is accessible
    /// only to its owner (0600).
    ///
    /// # Errors
    /// It cannot be written, or is what this run reads.
    pub fn open(path: &Path, separator: u8) -> anyhow::Result<Rejects> {
        let message = format!("{} cannot be written", path.display());
        let unwritable =
            |e: io::Error| anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message.clone()));
        let file = appended(path).map_err(unwritable)?;
        if is_stdin(&file) {
            return Err(CliError::new(
                ExitKind::Usage,
                format!("{} is the input, so it cannot take the rejects", path.display()),
            )
            .because("each line that is set aside would be read again")
            .hint("name another file with --rejects")
            .into());
        }
        // An unreadable file, or a pipe, has no unfinished line to end.
        let unended = last_byte(path).is_ok_and(|last| last != separator);
        let path = path.to_owned();
        let rejects = Rejects { path, file: RefCell::new(file), separator, unended: Cell::new(unended) };
        rejects.end().map_err(unwritable)?;
        Ok(rejects)
    }

    /// Appends a line, or a piece of one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn append(&self, bytes: &[u8], piece: LinePiece) -> io::Result<()> {
        if !self.unended.get() {
            self.find_again()?;
        }
        self.unended.set(true);
        self.file.borrow_mut().write_all(bytes)?;
        match piece {
            LinePiece::More => Ok(()),
            LinePiece::Last => self.end(),
        }
    }

    /// Syncs what was appended to disk.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn sync(&self) -> io::Result<()> {
        match self.file.borrow().sync_data() {
            // A pipe or a terminal has nothing to sync.
            Err(e) if e.kind() != io::ErrorKind::InvalidInput => Err(e),
            _ => Ok(()),
        }
    }

    /// Opens the file again if it is no longer the one at its path.
    fn find_again(&self) -> io::Result<()> {
        let id = |found: Metadata| (found.dev(), found.ino());
        let own = id(self.file.borrow().metadata()?);
        if !self.path.metadata().is_ok_and(|found| id(found) == own) {
            *self.file.borrow_mut() = appended(&self.path)?;
        }
        Ok(())
    }

    fn end(&self) -> io::Result<()> {
        if self.unended.replace(false) { self.file.borrow_mut().write_all(&[self.separator]) } else { Ok(()) }
    }
}

impl Drop for Rejects {
    /// A run that ends within a long line ends the line.
    fn drop(&mut self) {
        // If that fails, the next run does it.
        let _ = self.end();
    }
}

fn appended(path: &Path) -> io::Result<File> {
    // A line that was set aside may be meant for one reader only.
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

fn last_byte(path: &Path) -> io::Result<u8> {
    if !path.metadata()?.is_file() {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let mut file = File::open(path)?;
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last[0])
}

fn is_stdin(file: &File) -> bool {
    use std::os::fd::AsFd;
    let stdin = io::stdin().as_fd().try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    let (Ok(stdin), Ok(file)) = (stdin, file.metadata()) else { return false };
    file.is_file() && (stdin.dev(), stdin.ino()) == (file.dev(), file.ino())
}
