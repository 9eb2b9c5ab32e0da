//! Options of every command that logs in at a broker: who does, and with what.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::{CliError, ExitKind};
use super::keys::{self, KeyArgs};
use super::ui::Ui;
use super::{intake, prompt};
use crate::catalogue::entry;
use crate::config::{self, Config};
use crate::guard::source::{self, Content};
use crate::login::secret::check_password;
use crate::login::{Candidate, CredentialFile, Identity, LoginSecret, SecretOrigin};
use crate::name::DeviceName;
use crate::secret::Secret;
use crate::{fsio, rotation};

/// Who logs in, and with what.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Credential")]
pub struct CredentialArgs {
    /// Log in as this device, full or short name [env: I3_DEVICE]
    #[arg(long, value_name = "NAME", conflicts_with = "username")]
    pub device: Option<String>,
    /// Log in with this user name, a device's or an account's
    ///
    /// A device's is its full name, USER$HUB$DEVICE.
    #[arg(short, long, value_name = "NAME")]
    pub username: Option<String>,
    /// Log in with this password or token; other users of this machine can read it [env: I3_PASSWORD]
    #[arg(short = 'P', long = "pw", value_name = "PASSWORD", allow_hyphen_values = true,
          conflicts_with_all = ["pw_file", "pw_stdin", "key"])]
    pw: Option<OsString>,
    /// It is not visible on the command line, because it comes from a file of options.
    #[arg(skip)]
    pub pw_is_in_file: bool,
    /// Read the password or token from FILE
    #[arg(long, value_name = "FILE", conflicts_with_all = ["pw_stdin", "key"])]
    pw_file: Option<PathBuf>,
    /// Read the password or token from stdin; not echoed on a terminal
    #[arg(long, conflicts_with = "key")]
    pub pw_stdin: bool,
    #[command(flatten)]
    pub key: KeyArgs,
}

impl CredentialArgs {
    /// Resolves who logs in: `-u`, `--device`, otherwise the device that the configuration knows.
    ///
    /// # Errors
    /// An unknown device, a credential that the guard refuses, or no credential at all.
    pub fn resolve(&self, ui: &Ui, config: &Config) -> anyhow::Result<Identity> {
        let (user_name, device) = match &self.username {
            Some(name) => (name.clone(), name.parse().ok()),
            None => {
                let device = config.find_device(self.device.clone())?.value;
                (device.to_string(), Some(device))
            }
        };
        self.with_credentials(ui, config, user_name, device, config::env::PASSWORD)
    }

    /// Whether the options name who logs in.
    pub fn names_someone(&self) -> bool {
        self.username.is_some() || self.device.is_some()
    }

    /// Finds the credentials of `user_name`: from an option, otherwise from the environment variable `variable` and from
    /// what the configuration knows about `device`, otherwise from the person at the terminal.
    ///
    /// # Errors
    /// As [`CredentialArgs::resolve`].
    pub fn with_credentials(
        &self,
        ui: &Ui,
        config: &Config,
        user_name: String,
        device: Option<DeviceName>,
        variable: &'static str,
    ) -> anyhow::Result<Identity> {
        let key_file = self.key.find(config, device.as_ref());
        let pending = || device.as_ref().and_then(|device| warn_of_rotation(ui, config, device));
        let pending = if self.named().is_none() { pending() } else { None };
        let origins = self.origins(config, device.as_ref(), variable, pending);
        let key_file = key_file.filter(|_| device.is_some());
        let ask = || prompt::secret(ui, &format!("Password of {user_name}"));
        let mut candidates = Vec::new();
        for origin in origins {
            match self.read(ui, origin, ask, key_file.as_deref()) {
                Ok(found) => candidates.extend(found),
                // The environment comes first; stored credentials are tried only if the broker refuses it.
                Err(e) if !candidates.is_empty() => ui.detail(&format!("Skipped: {e:#}.")),
                Err(e) => return Err(e),
            }
        }
        if candidates.is_empty()
            && let Some(secret) = ask()?
        {
            candidates.push(candidate(ui, secret, SecretOrigin::Terminal, key_file.as_deref())?);
        }
        if candidates.is_empty() {
            return Err(no_credential(&user_name).into());
        }
        Ok(Identity { user_name, device, candidates })
    }

    /// Returns where the credential is looked for: where an option says, otherwise as [`SecretOrigin::list`].
    pub fn origins(
        &self,
        config: &Config,
        device: Option<&DeviceName>,
        variable: &'static str,
        pending: Option<CredentialFile>,
    ) -> Vec<SecretOrigin> {
        let listed = || SecretOrigin::list(variable, config, device, self.key.find(config, device), pending);
        self.named().map_or_else(listed, |named| vec![named])
    }

    /// Returns the origin that an option names; no other is tried then.
    fn named(&self) -> Option<SecretOrigin> {
        let option = self.pw.as_ref().map(|_| SecretOrigin::Option("--pw"));
        option
            .or_else(|| self.pw_file.clone().map(SecretOrigin::PasswordFile))
            .or_else(|| self.pw_stdin.then_some(SecretOrigin::Stdin))
            .or_else(|| self.key.key.clone().map(SecretOrigin::KeyFile))
    }

    fn read(
        &self,
        ui: &Ui,
        origin: SecretOrigin,
        ask: impl FnOnce() -> anyhow::Result<Option<Secret>>,
        key_file: Option<&Path>,
    ) -> anyhow::Result<Option<Candidate>> {
        let secret = match (&origin, &self.pw) {
            (SecretOrigin::KeyFile(path), _) => {
                let secret = self.key.read(ui, path)?.into();
                return Ok(Some(Candidate { secret, origin }));
            }
            (SecretOrigin::Option(_), Some(text)) => {
                if !self.pw_is_in_file {
                    ui.caution("other users of this machine can read a password on the command line; --pw-file and I3_PASSWORD hide it.");
                }
                Some(intake::admit(ui, source::option(text, Content::Password)?))
            }
            (SecretOrigin::Stdin, _) => Some(prompt::secret_on_stdin(ui, Content::Password, ask)?),
            (SecretOrigin::PasswordFile(path), _) => Some(intake::file(ui, path, Content::Password, ask)?),
            _ => origin.read()?.map(|given| intake::admit(ui, given)),
        };
        secret.map(|secret| candidate(ui, secret, origin, key_file)).transpose()
    }

    /// Looks for the credentials again, for a connection after the first: a key or password that was rotated meanwhile is
    /// used, even if the configuration now names another file for it. Returns `None` if they stay unchanged: if they were read
    /// from stdin or a terminal, or if the person would have to be asked. `variable` is as in
    /// [`CredentialArgs::with_credentials`].
    pub fn renewed(&self, ui: &Ui, identity: &Identity, variable: &'static str) -> Option<Identity> {
        let named = [&self.pw_file, &self.key.key, &self.key.passphrase_file];
        let is_read_once = |path: &PathBuf| keys::is_stdin(path) || fsio::is_terminal(path);
        if self.pw.is_some() || self.pw_stdin || named.into_iter().flatten().any(is_read_once) {
            return None;
        }
        let found = Config::load(&ui.selection).map_err(anyhow::Error::from).and_then(|config| {
            let (name, device) = (identity.user_name.clone(), identity.device.clone());
            self.with_credentials(ui, &config, name, device, variable)
        });
        found.inspect_err(|e| ui.detail(&format!("Using the credential as before: {e:#}."))).ok()
    }
}

/// Has the guard check a password or token, and warns about what it notices.
fn candidate(ui: &Ui, secret: Secret, origin: SecretOrigin, key_file: Option<&Path>) -> anyhow::Result<Candidate> {
    let password = check_password(secret, key_file)?;
    for note in password.notes() {
        ui.warn(&format!("{note}."));
    }
    Ok(Candidate { secret: LoginSecret::Password(password), origin })
}

/// Warns about an unfinished rotation of the device, and returns the credential that it has made.
pub fn warn_of_rotation(ui: &Ui, config: &Config, device: &DeviceName) -> Option<CredentialFile> {
    match rotation::pending(&config.places, device) {
        Ok(pending) => {
            let pending = pending?;
            let program = &ui.program;
            ui.warn(&format!(
                "a rotation of {device} is not finished; `{program} device rotate '{device}'` finishes it."
            ));
            Some(pending)
        }
        Err(e) => {
            ui.warn(&format!("{e}; a rotation of {device} may be unfinished."));
            None
        }
    }
}

/// Returns the error of somebody without a credential.
pub fn no_credential(user_name: &str) -> CliError {
    let failure = CliError::new(ExitKind::Config, format!("no credential is known for {user_name}"));
    match user_name.contains('$') {
        true => failure.hint(entry!("no-credentials")),
        false => failure.hint_of(
            entry!("no-credentials"),
            "give --pw-file FILE with the account's broker password, which `{i3} notifications broker-password --out FILE` \
             saves",
        ),
    }
}
