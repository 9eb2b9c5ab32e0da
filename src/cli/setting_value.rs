//! Valid values of a setting: an address, a name or a file that the commands can use.

use std::path::{Path, PathBuf};

use super::error::{CliError, ExitKind};
use super::keys::is_stdin;
use super::tls::configured_version;
use super::ui::Ui;
use super::{broker_route, intake, market, prompt};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::config::keys::{Key, SettingType};
use crate::config::{Config, absolute, with_home};
use crate::fsio;
use crate::guard::source::Content;
use crate::key::{KeyError, PrivateKey};
use crate::login::client_certificate::{self, ClientCertificateError};
use crate::market_url::MarketUrl;
use crate::name::UserName;
use crate::pkcs11::{self, KeyUri};
use crate::tls::{self, Roots, Verification};

/// Checks a value, and returns it as it is written to the file: the path of a file as an absolute one.
///
/// # Errors
/// The error that a command using it would report.
pub fn usable(ui: &Ui, config: &Config, key: &Key, value: &str) -> anyhow::Result<toml_edit::Value> {
    if value.is_empty() {
        return Err(unusable(key, "it is empty"));
    }
    match key.setting().kind {
        SettingType::Market => drop(value.parse::<MarketUrl>()?),
        SettingType::Broker => drop(value.parse::<BrokerUrl>()?),
        SettingType::Device => drop(config.by_name(value)?),
        SettingType::User => drop(value.parse::<UserName>()?),
        SettingType::Proxy => drop(broker_route::configured_proxy(value)?),
        SettingType::TlsVersion => drop(configured_version(value)?),
        SettingType::Switch => {
            let switch = value.parse::<bool>().map_err(|_| unusable(key, "it is neither true nor false"))?;
            return Ok(switch.into());
        }
        kind => return Ok(usable_file(ui, kind, Path::new(value))?.to_string_lossy().into_owned().into()),
    }
    Ok(value.into())
}

fn unusable(key: &Key, why: &str) -> anyhow::Error {
    let (name, value) = (key.setting().name, key.setting().kind.value_name());
    let remedy = format!("write {name} = {value}");
    let failure = CliError::new(ExitKind::Data, format!("the value of {name} cannot be used: {why}"));
    failure.hint_of(entry!("config-invalid"), remedy).into()
}

/// Checks that a file can be used for what its key says, and returns its absolute path.
///
/// # Errors
/// It cannot be read, others can read it, or it holds something else.
pub fn usable_file(ui: &Ui, kind: SettingType, path: &Path) -> anyhow::Result<PathBuf> {
    // The file of `<(pass show lot1)` is gone with this command.
    if is_stdin(path) || fsio::leads_to_open_file(path) {
        let message =
            format!("{} cannot be saved in the configuration: it is not a file with a path of its own", path.display());
        let failure = CliError::new(ExitKind::Data, message);
        let remedy = "name a file that stays, or give the credential with each command";
        return Err(failure.hint_of(entry!("file-unusable"), remedy).into());
    }
    let path = absolute(&with_home(path))?;
    match kind {
        SettingType::KeyFile if pkcs11::is_uri(&path) => drop(KeyUri::of(&path).transpose()?),
        SettingType::Certificates => drop(tls::client_config(&Roots::File(path.clone()), Verification::Required)?),
        SettingType::CertificateFolder => {
            let roots = Roots::Folder { folder: path.clone(), file: None };
            drop(tls::client_config(&roots, Verification::Required)?);
        }
        SettingType::ClientCertificate => {
            drop(tls::certificates_in(&path).map_err(ClientCertificateError::Certificate)?);
        }
        SettingType::ClientKey => match client_certificate::private_key(&path, || Ok(None)) {
            // Its passphrase is requested when it is used.
            Err(e) if !needs_passphrase(&e) => return Err(e),
            _ => {}
        },
        SettingType::HeaderFile => {
            drop(broker_route::headers_in(&intake::file(ui, &path, Content::Text, || Ok(None))?)?)
        }
        SettingType::ApiKeyFile => drop(market::api_key_in(ui, &path)?),
        SettingType::KeyFile => match PrivateKey::read(&path, || Ok(None)) {
            // Its passphrase is requested when it is used.
            Ok(_) | Err(KeyError::NeedsPassphrase) => {}
            Err(e) => return Err(e.into()),
        },
        _ => drop(prompt::password_in(ui, &path)?),
    }
    Ok(path)
}

fn needs_passphrase(error: &anyhow::Error) -> bool {
    let source = match error.downcast_ref() {
        Some(ClientCertificateError::Encrypted { source, .. }) => source,
        _ => return false,
    };
    matches!(source, KeyError::NeedsPassphrase)
}
