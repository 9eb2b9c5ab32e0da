//! A new credential that is valid but cannot be saved in the configuration.

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::config::ConfigError;
use crate::login::CredentialFile;
use crate::name::DeviceName;

/// Explains that the journal is kept, so that both credentials are tried.
pub fn unsaved(error: anyhow::Error, name: &DeviceName, file: &CredentialFile) -> anyhow::Error {
    let message = format!("{name} has its new credential, {file}, and the configuration does not name it");
    let remedy = format!(
        "make the configuration writable and run `{{i3}} device rotate '{name}'`, which finishes the change; until then \
         both credentials are tried"
    );
    let failure = CliError::new(ExitKind::CannotCreate, message).hint_of(entry!("rotation-open"), remedy);
    // Without the context of a registered device that cannot be found again.
    let cause = error.downcast::<ConfigError>().map_or_else(|other| other, anyhow::Error::from);
    cause.context(failure)
}
