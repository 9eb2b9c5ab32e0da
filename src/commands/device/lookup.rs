//! Which device a command means, and the rows that the broker treats as that device.

use crate::collation::same;
use crate::config::{Config, ConfigError};
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::device::{self, Device};
use crate::market::model::{DeviceRow, Listing, Resource};
use crate::name::DeviceName;

/// Returns rows in the format of messages.
pub fn listed<'r>(rows: impl IntoIterator<Item = &'r DeviceRow>) -> String {
    rows.into_iter().map(|row| format!("{} ({})", row.name, row.id)).collect::<Vec<_>>().join(", ")
}

/// Builds the error that the device exists more than once.
pub fn doubled(device: &Device) -> ChangeError {
    let rows = std::iter::once(&device.row).chain(&device.others).cloned().map(Listing::from).collect();
    ChangeError::Doubled { resource: Resource::Device, name: device.row.name.to_string(), rows }
}

/// Resolves a full device name, or a short one that is configured or that a hub shows.
///
/// # Errors
/// An unknown or ambiguous name; the marketplace cannot be asked.
pub fn resolve(client: &mut MarketClient<'_>, config: &Config, text: &str) -> anyhow::Result<DeviceName> {
    if text.contains('$') {
        return Ok(text.parse()?);
    }
    match config.find_device(Some(text.into())) {
        Ok(found) => return Ok(found.value),
        Err(ConfigError::UnknownDevice { .. }) => {}
        Err(e) => return Err(e.into()),
    }
    let rows = device::list(client, None, &mut Vec::new())?;
    let mut fits: Vec<String> =
        rows.iter().filter(|row| row.name.short() == text).map(|row| row.name.to_string()).collect();
    fits.dedup();
    match fits.as_slice() {
        [one] => Ok(one.parse()?),
        [] => {
            let others = rows.iter().map(|row| row.name.short().into()).collect();
            let similar = rows.into_iter().filter(|row| same(row.name.short(), text));
            let similar = similar.map(Listing::from).collect();
            Err(ChangeError::Missing { resource: Resource::Device, name: text.into(), similar, others }.into())
        }
        _ => Err(ConfigError::Ambiguous { short: text.into(), full: fits }.into()),
    }
}
