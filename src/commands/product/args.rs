//! Arguments that the product commands share.

use clap::{Args, ValueEnum};

use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::model::{FieldError, Position, Product, SensorType};
use crate::market::product;

/// Which product is to be changed.
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
