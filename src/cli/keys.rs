//! Which key file a command means, and reading it with its passphrase.

use std::path::{Path, PathBuf};

use clap::Args;

use super::prompt;
use super::ui::Ui;
use crate::config::Config;
use crate::guard::source;
use crate::key::{KeyError, PrivateKey};
use crate::name::DeviceName;

/// The device's private key, where a command needs one.
#[derive(Args, Clone, Debug, Default)]
pub struct KeyArgs {
    /// Use the private key in FILE (PKCS#8 or PKCS#1, readable by its owner alone)
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Read the passphrase of an encrypted key from FILE
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl KeyArgs {
    /// The key file that is given, or known for `device`, or lies where `keygen` puts it.
    pub fn find(&self, config: &Config, device: Option<&DeviceName>) -> Option<PathBuf> {
        self.key.clone().or_else(|| config.key_file(device?))
    }

    /// Reads the private key at `path`; asks for a passphrase if it needs one and nobody gave it.
    ///
    /// # Errors
    /// [`KeyError`], or that of reading the passphrase.
    pub fn read(&self, ui: &Ui, path: &Path) -> anyhow::Result<PrivateKey> {
        let mut asking = Ok(());
        let key = PrivateKey::read(path, || {
            let secret = match &self.passphrase_file {
                Some(file) => source::file(file).map(Some).map_err(anyhow::Error::from),
                None => prompt::secret(ui, &format!("Passphrase of {}", path.display())),
            };
            secret.map_err(|e| asking = Err(e)).map_err(|()| KeyError::NeedsPassphrase)
        });
        asking?;
        key.map_err(|e| match e {
            KeyError::Read { .. } | KeyError::OpenToOthers { .. } => e.into(),
            // What is wrong with the bytes does not say whose they are.
            e => anyhow::Error::new(e).context(format!("the key in {} cannot be used", path.display())),
        })
    }
}
