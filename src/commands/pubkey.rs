//! `i3 pubkey`: prints the public half of a private key, as `ssh-keygen -y` does.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::catalogue::entry;
use crate::cli::device_argument::OptionalDevice;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::keys::KeyArgs;
use crate::cli::settings;
use crate::cli::ui::Ui;

/// Print the public half of a private key
///
/// The default, 'body', is the one line that I3's form needs: the base64 without armour and line breaks.
#[derive(Args)]
pub struct Pubkey {
    #[command(flatten)]
    device: OptionalDevice,
    #[command(flatten)]
    key: KeyArgs,
    /// Print it in this form
    #[arg(long, value_name = "body|pem|jwk", value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// One line of base64, as I3's form needs it
    #[default]
    Body,
    /// PEM (SubjectPublicKeyInfo)
    Pem,
    /// JSON Web Key
    Jwk,
}

impl Pubkey {
    /// Runs the command.
    ///
    /// # Errors
    /// A key file that is missing, open to others, or not an RSA private key.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let config = settings::load(ui)?;
        let device = match (&self.key.key, self.device.name()) {
            (Some(_), None) => None,
            (_, device) => Some(config.find_device(device)?.value),
        };
        let path = self.key.find(&config, device.as_ref()).ok_or_else(|| {
            CliError::new(ExitKind::NoInput, "no key file is known for this device")
                .hint_of(entry!("no-credentials"), "give it with --key FILE")
        })?;
        let key = self.key.read(ui, &path)?;
        let public = key.public();
        let text = match self.format {
            Format::Body => public.body(),
            Format::Pem => public.to_pem().trim_end().to_string(),
            Format::Jwk => public.to_jwk().to_string(),
        };
        ui.result(&text, || {
            json!({
                "key": path.display().to_string(), "bits": public.bits(), "fingerprint": public.fingerprint(), "body": public.body(),
                "pem": public.to_pem(), "jwk": public.to_jwk(),
            })
        })
    }
}
