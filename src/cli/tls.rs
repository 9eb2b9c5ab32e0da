//! Options of every command that may speak TLS: whom it trusts, and which certificate it presents.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::error::{CliError, ExitKind};
use super::ui::Ui;
use super::{intake, prompt};
use crate::catalogue::entry;
use crate::config::Config;
use crate::guard::payload;
use crate::guard::source::Content;
use crate::key::{PublicKey, public_path};
use crate::login::client_certificate::{ClientCertificateError, identity};
use crate::name::DeviceName;
use crate::tls::{ClientIdentity, ClientTls, Roots, TlsVersion};

/// TLS, for the broker and the marketplace alike.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "TLS")]
pub struct TlsArgs {
    /// Trust the certificates in the files of DIR (PEM or DER), besides those of --cafile, instead of the system's
    #[arg(long, value_name = "DIR")]
    pub capath: Option<PathBuf>,
    /// Present the client certificate in FILE (PEM or DER), with its chain, to a server that asks for one
    #[arg(long, value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Use the private key in FILE for --cert, if it is not in the same file; never a device's key
    #[arg(long, value_name = "FILE", requires = "cert")]
    cert_key: Option<PathBuf>,
    /// Read the passphrase of --cert-key from FILE
    #[arg(long, value_name = "FILE", requires = "cert")]
    cert_key_passphrase_file: Option<PathBuf>,
    /// Use only this version of TLS
    #[arg(long, value_name = "VERSION", value_parser = version())]
    tls_version: Option<TlsVersion>,
}

/// Reads a version as the configuration may name it.
///
/// # Errors
/// It is not a known version.
pub fn configured_version(text: &str) -> anyhow::Result<TlsVersion> {
    TlsVersion::named(text).ok_or_else(|| {
        let names = TlsVersion::ALL.map(|(name, _)| name).join(" or ");
        CliError::new(ExitKind::Config, "tls_version in the configuration is not a supported version of TLS")
            .hint_of(entry!("config-invalid"), format!("write tls_version = {names}"))
            .into()
    })
}

fn version() -> impl TypedValueParser<Value = TlsVersion> {
    let names = TlsVersion::ALL.map(|(name, _)| name);
    // The parser accepts no other name.
    PossibleValuesParser::new(names).map(|name| TlsVersion::named(&name).unwrap_or(TlsVersion::V13))
}

impl TlsArgs {
    /// Returns an option that was given but is meaningless without TLS.
    pub fn given(&self) -> Option<&'static str> {
        let given = [
            (self.capath.is_some(), "--capath"),
            (self.cert.is_some(), "--cert"),
            (self.tls_version.is_some(), "--tls-version"),
        ];
        given.into_iter().find_map(|(is_given, name)| is_given.then_some(name))
    }

    /// Checks that `device_key`, the value of --key, is not meant to be the certificate's, as it is for mosquitto's programs.
    ///
    /// # Errors
    /// There is a certificate, and a key for it nowhere else.
    pub fn check_key(&self, device_key: Option<&Path>) -> Result<(), CliError> {
        let (Some(cert), None, Some(_)) = (&self.cert, &self.cert_key, device_key) else { return Ok(()) };
        // A file that cannot be read is reported when it is needed.
        let Ok(content) = std::fs::read(cert) else { return Ok(()) };
        if payload::find(&content).is_some() {
            return Ok(());
        }
        Err(CliError::new(ExitKind::Usage, "--key is not the key of the client certificate")
            .because("--key names the device's key, which signs its tokens; with mosquitto's programs it is the certificate's")
            .hint("give --cert-key FILE for the private key of --cert; if --key is meant as well, give both"))
    }

    /// Returns the certificates that a server is verified with; `cafile` is what the option of that name gives.
    pub fn roots(&self, config: &Config, cafile: Option<PathBuf>) -> Roots {
        let folder = config.capath(self.capath.clone()).map(|folder| folder.value);
        // A file of the configuration does not count together with a given folder, nor vice versa.
        let is_given = cafile.is_some() || self.capath.is_some();
        let file = match is_given {
            true => cafile,
            false => config.cafile(None).map(|file| file.value),
        };
        let folder = folder.filter(|_| !is_given || self.capath.is_some());
        match (folder, file) {
            (Some(folder), file) => Roots::Folder { folder, file },
            (None, Some(file)) => Roots::File(file),
            (None, None) => Roots::System,
        }
    }

    /// Returns the rest of what TLS needs: the client certificate, the version.
    ///
    /// # Errors
    /// Files that cannot be read or used, or a key that is a device's.
    pub fn client(&self, ui: &Ui, config: &Config) -> anyhow::Result<ClientTls> {
        let version = match self.tls_version {
            Some(version) => Some(version),
            None => config.tls_version().map(|setting| configured_version(&setting.value)).transpose()?,
        };
        Ok(ClientTls { identity: self.identity(ui, config)?, version, alpn: None })
    }

    fn identity(&self, ui: &Ui, config: &Config) -> anyhow::Result<Option<ClientIdentity>> {
        let Some(cert) = config.cert(self.cert.clone()) else { return Ok(None) };
        let cert = cert.value;
        // The key of the configuration belongs to the certificate there.
        let configured = || config.cert_key().filter(|_| self.cert.is_none()).map(|key| key.value);
        let key = self.cert_key.clone().or_else(configured).unwrap_or_else(|| cert.clone());
        let of_device = |device| ClientCertificateError::OfDevice { path: key.clone(), device };
        if let Some((device, _)) = config.devices_with_key(&key).into_iter().next() {
            return Err(of_device(device).into());
        }
        let passphrase = || {
            let ask = || prompt::secret(ui, &format!("Passphrase of {}", key.display()));
            match &self.cert_key_passphrase_file {
                Some(file) => intake::file(ui, file, Content::Password, ask).map(Some),
                None => ask(),
            }
        };
        let identity = identity(&cert, &key, passphrase)?;
        match device_with(config, &identity) {
            Some(device) => Err(of_device(device).into()),
            None => Ok(Some(identity)),
        }
    }
}

/// Returns the device whose key was copied: a key that signs a device's tokens must not sign anything that a server chooses.
fn device_with(config: &Config, identity: &ClientIdentity) -> Option<DeviceName> {
    let public = STANDARD.encode(identity.public_key()?);
    let is_own = |path: &Path| {
        let read = |path: &Path| PublicKey::read(path, || Ok(None));
        let known = read(path).or_else(|_| read(&public_path(path)));
        known.is_ok_and(|known| known.body() == public)
    };
    let mut devices = config.devices().into_iter();
    devices.find(|(_, device)| device.key.as_deref().is_some_and(is_own)).map(|(name, _)| name)
}
