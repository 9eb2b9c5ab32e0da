//! Which key file a command uses, and reading it with its passphrase.

use std::path::{Path, PathBuf};

use clap::Args;

use super::ui::Ui;
use super::{intake, prompt};
use crate::config::Config;
use crate::guard::source::Content;
use crate::key::{KeyError, PrivateKey, PublicKey};
use crate::login::secret::{read_key, read_public_half};
use crate::name::DeviceName;
use crate::secret::Secret;

/// The device's private key, where a command needs one.
#[derive(Args, Clone, Debug, Default)]
pub struct KeyArgs {
    /// Use the private key in FILE (PKCS#8 or PKCS#1, readable only by its owner)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Read the passphrase of an encrypted key from FILE
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl KeyArgs {
    /// Returns the key file that is given, or known for `device`, or stored where `keygen` puts it.
    pub fn find(&self, config: &Config, device: Option<&DeviceName>) -> Option<PathBuf> {
        self.key.clone().or_else(|| config.key_file(device?))
    }

    /// Reads the private key in `path`; asks for a passphrase if the key is encrypted and no option gives it.
    ///
    /// # Errors
    /// [`KeyError`], or that of reading the passphrase.
    pub fn read(&self, ui: &Ui, path: &Path) -> anyhow::Result<PrivateKey> {
        read_key(path, || self.passphrase(ui, path)).map_err(|e| named(e, path))
    }

    /// Reads the public half of the key in `path`, which may be a private or a public key.
    ///
    /// # Errors
    /// As [`KeyArgs::read`].
    pub fn read_public_half(&self, ui: &Ui, path: &Path) -> anyhow::Result<PublicKey> {
        read_public_half(path, || self.passphrase(ui, path)).map_err(|e| named(e, path))
    }

    /// Returns the passphrase of the key in `path`, from an option or from the person at the terminal.
    ///
    /// # Errors
    /// The file or the terminal cannot be read.
    pub fn passphrase(&self, ui: &Ui, path: &Path) -> anyhow::Result<Option<Secret>> {
        match &self.passphrase_file {
            Some(file) => Ok(Some(intake::file(ui, file, Content::Password)?)),
            None => prompt::secret(ui, &format!("Passphrase of {}", path.display())),
        }
    }
}

/// Names the file in an error that does not.
fn named(error: anyhow::Error, path: &Path) -> anyhow::Error {
    match error.downcast_ref() {
        None | Some(KeyError::Read { .. } | KeyError::OpenToOthers { .. }) => error,
        Some(_) => error.context(format!("the key in {} cannot be used", path.display())),
    }
}
