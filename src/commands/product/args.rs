//! Arguments that the product commands share.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::catalogue::entry;
use crate::cli::error::{self, CliError, ExitKind};
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::model::{FieldError, PICTURE_MAX, Picture, Position, Product, SensorType};
use crate::market::product;

/// The product to change.
#[derive(Args, Clone, Debug)]
pub(super) struct Target {
    /// Name the product by its topic, as 'product list' shows it
    pub topic: String,
    /// Choose the product with this number if several have the same topic
    #[arg(long, value_name = "N")]
    id: Option<u64>,
}

impl Target {
    pub fn find(&self, client: &mut MarketClient<'_>) -> Result<Product, ChangeError> {
        product::pick(client, &self.topic, self.id)
    }
}

/// What a device measures or does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum TypeArg {
    /// Its buyers read
    Sensor,
    /// Its buyers write, and may also read
    Actuator,
    /// Its buyers read and write
    Both,
}

impl From<TypeArg> for SensorType {
    fn from(arg: TypeArg) -> SensorType {
        match arg {
            TypeArg::Sensor => SensorType::Sensor,
            TypeArg::Actuator => SensorType::Actuator,
            TypeArg::Both => SensorType::Both,
        }
    }
}

/// The position that two options give; each requires the other.
pub(super) fn position(latitude: Option<&String>, longitude: Option<&String>) -> Result<Option<Position>, FieldError> {
    latitude.zip(longitude).map(|(latitude, longitude)| Position::new(latitude, longitude)).transpose()
}

/// Reads a picture for a product.
pub(super) fn picture(path: &Path) -> anyhow::Result<Picture> {
    let mut bytes = Vec::new();
    // One more byte shows that it is too large.
    let limit = u64::try_from(PICTURE_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(|e| {
        let message = format!("the picture {} cannot be read", error::quoted(path));
        anyhow::Error::new(e).context(CliError::new(ExitKind::NoInput, message).hint(entry!("file-unusable")))
    })?;
    Picture::new(bytes).with_context(|| format!("the picture {} cannot be sent", error::quoted(path)))
}
