//! Which key file a command uses, and reading it with its passphrase.

use std::path::{Path, PathBuf};

use clap::Args;

use super::prompt;
use super::ui::Ui;
use crate::config::Config;
use crate::guard::source;
use crate::key::{KeyError, PrivateKey};
use crate::login::secret::read_key;
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
        read_key(path, || self.passphrase(ui, path)).map_err(|e: anyhow::Error| match e.downcast_ref() {
            None | Some(KeyError::Read { .. } | KeyError::OpenToOthers { .. }) => e,
            // The other errors do not name the file.
            Some(_) => e.context(format!("the key in {} cannot be used", path.display())),
        })
    }

    /// Returns the passphrase of the key in `path`, from an option or from the person at the terminal.
    ///
    /// # Errors
    /// The file or the terminal cannot be read.
    pub fn passphrase(&self, ui: &Ui, path: &Path) -> anyhow::Result<Option<Secret>> {
        match &self.passphrase_file {
            Some(file) => Ok(Some(source::file(file)?)),
            None => prompt::secret(ui, &format!("Passphrase of {}", path.display())),
        }
    }
}
