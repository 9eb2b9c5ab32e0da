//! Which key file a command uses, and reading it with its passphrase.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clap::Args;

use super::ui::Ui;
use super::{intake, prompt};
use crate::config::Config;
use crate::fsio;
use crate::guard::source::Content;
use crate::key::{self, KeyError, PublicKey};
use crate::login::secret::{parse_key, read_public_half, signer};
use crate::name::DeviceName;
use crate::pkcs11::{self, KeyUri, Pin};
use crate::secret::Secret;
use crate::signer::Signer;

/// The device's private key, where a command needs one.
#[derive(Args, Clone, Debug, Default)]
pub struct KeyArgs {
    /// Use the private key in FILE, which only its owner may read; '-' is standard input, and pkcs11:token=…;object=… a key on a
    /// token
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Read the passphrase of an encrypted key, or the PIN of its token, from FILE
    #[arg(long, value_name = "FILE", visible_alias = "pin-file")]
    pub passphrase_file: Option<PathBuf>,
    /// The typed passphrase, so that it is requested only once.
    #[arg(skip)]
    typed: OnceLock<Secret>,
}

/// Whether the key in `path` comes from standard input.
pub fn is_stdin(path: &Path) -> bool {
    path == Path::new(key::STDIN)
}

/// Whether the key in `path` is typed at a terminal.
pub fn is_terminal(path: &Path) -> bool {
    if is_stdin(path) { io::stdin().is_terminal() } else { fsio::is_terminal(path) }
}

impl KeyArgs {
    /// Returns the key file that is given, or known for `device`, or stored where `keygen` puts it.
    pub fn find(&self, config: &Config, device: Option<&DeviceName>) -> Option<PathBuf> {
        self.key.clone().or_else(|| config.key_file(device?))
    }

    /// Opens the private key in `path`, or on a token; asks for a passphrase or PIN if it needs one and no option gives it.
    ///
    /// # Errors
    /// [`KeyError`], [`pkcs11::Pkcs11Error`], or that of reading the passphrase or PIN.
    pub fn read(&self, ui: &Ui, path: &Path) -> anyhow::Result<Signer> {
        let key = match typed(ui, path)? {
            Some(text) => parse_key(&text, || self.passphrase(ui, path)).map(Signer::from),
            None => signer(path, || self.passphrase(ui, path), |uri| self.pin(ui, uri)),
        };
        key.map_err(|e| named(e, path))
    }

    /// Reads the public half of the key in `path`, which may be a private or a public key.
    ///
    /// # Errors
    /// As [`KeyArgs::read`].
    pub fn read_public_half(&self, ui: &Ui, path: &Path) -> anyhow::Result<PublicKey> {
        if is_terminal(path) || pkcs11::is_uri(path) {
            return Ok(self.read(ui, path)?.public().clone());
        }
        read_public_half(path, || self.passphrase(ui, path)).map_err(|e| named(e, path))
    }

    /// Returns the passphrase of the key in `path`, from an option or from the person at the terminal.
    ///
    /// # Errors
    /// The file or the terminal cannot be read.
    pub fn passphrase(&self, ui: &Ui, path: &Path) -> anyhow::Result<Option<Secret>> {
        if let Some(typed) = self.typed.get() {
            return Ok(Some(typed.clone()));
        }
        let what = if is_stdin(path) { "the key".into() } else { path.display().to_string() };
        let ask = || prompt::secret(ui, &format!("Passphrase of {what}"));
        match &self.passphrase_file {
            Some(file) => intake::file(ui, file, Content::Password, ask).map(Some),
            None => Ok(ask()?.map(|typed| self.typed.get_or_init(|| typed).clone())),
        }
    }

    /// Returns the PIN of the token with this key: from an option, from the file that the URI names, or from the person at the
    /// terminal.
    ///
    /// # Errors
    /// The file or the terminal cannot be read.
    pub fn pin(&self, ui: &Ui, uri: &KeyUri) -> anyhow::Result<Option<Pin>> {
        let question = match uri.wanted("token") {
            Some(token) => format!("PIN of the token '{}'", String::from_utf8_lossy(token)),
            None => format!("PIN for {uri}"),
        };
        let ask = || prompt::secret(ui, &question);
        let file = self.passphrase_file.as_ref().or(uri.pin_file.as_ref());
        let typed = file.is_none_or(|file| fsio::is_terminal(file));
        let secret = file.map_or_else(ask, |file| intake::file(ui, file, Content::Password, ask).map(Some))?;
        Ok(secret.map(|secret| Pin { secret, typed }))
    }
}

/// Returns the key that the person types, if `path` is a terminal and the person can be asked.
fn typed(ui: &Ui, path: &Path) -> anyhow::Result<Option<Secret>> {
    if is_terminal(path) { prompt::private_key(ui) } else { Ok(None) }
}

/// Adds the file's name to an error that lacks it.
fn named(error: anyhow::Error, path: &Path) -> anyhow::Error {
    match error.downcast_ref() {
        None | Some(KeyError::Read { .. } | KeyError::OpenToOthers { .. }) => error,
        Some(_) if is_stdin(path) => error.context("the key from standard input cannot be used"),
        Some(_) => error.context(format!("the key in {} cannot be used", path.display())),
    }
}
