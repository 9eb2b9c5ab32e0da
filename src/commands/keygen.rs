//! `i3 keygen`: makes an RSA key pair.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::json;

use crate::cli::key_pair;
use crate::cli::ui::Ui;
use crate::config::Places;
use crate::fsio::Existing;
use crate::key;
use crate::name::ShortName;

/// Make an RSA key pair, and print the public key body as I3's form needs it
///
/// The private key is written as PKCS#8 PEM that only its owner can read, the public half beside it as FILE.pub.
/// An existing pair is never overwritten without --force.
#[derive(Args)]
#[command(group = ArgGroup::new("place").required(true).multiple(true))]
#[command(after_long_help = "\
Examples:
  i3 keygen lot1                     # in the data folder, found again by 'i3 register lot1'
  i3 keygen --out lot1.pem           # in this folder")]
pub struct Keygen {
    /// Name the pair after this device: the file is NAME.pem in the data folder
    #[arg(group = "place")]
    name: Option<String>,
    /// Write the private key to FILE instead
    #[arg(long, value_name = "FILE", group = "place")]
    out: Option<PathBuf>,
    /// Make a modulus of N bits; over 2696 the public half does not fit I3's form
    #[arg(long, value_name = "N", default_value_t = 2048)]
    bits: usize,
    /// Replace an existing pair
    #[arg(long)]
    force: bool,
}

impl Keygen {
    /// Runs the command.
    ///
    /// # Errors
    /// Bits out of range, a pair that exists, a folder that cannot be written.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let path = match (self.out, self.name) {
            (Some(out), _) => out,
            (None, name) => Places::find()?.key_file(ShortName::device(&name.unwrap_or_default())?.as_str()),
        };
        let existing = if self.force { Existing::Replace } else { Existing::Keep };
        let made = key_pair::make(ui, &path, self.bits, existing, "give --force to replace the pair, or another name")?;
        let (body, public) = (made.public().body(), key::public_path(&path));
        ui.note(&format!("The private key is in {}, its public half in {}.", path.display(), public.display()));
        ui.result(&body, || {
            json!({
                "key": path.display().to_string(), "public": public.display().to_string(), "bits": made.public().bits(),
                "body": body, "fingerprint": made.public().fingerprint(),
            })
        })
    }
}
