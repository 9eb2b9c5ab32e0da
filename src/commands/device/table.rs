//! What `add` and `import` write into the configuration: devices that it does not have, or has as they are.

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::config::{Config, Device};
use crate::name::DeviceName;

/// Whether what is configured of a device may be replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Known {
    Keep,
    Replace,
}

impl From<bool> for Known {
    fn from(force: bool) -> Known {
        if force { Known::Replace } else { Known::Keep }
    }
}

/// Refuses a device that is configured in another way, unless that may be replaced.
///
/// # Errors
/// It is configured in another way.
pub fn may_write(config: &Config, name: &DeviceName, device: &Device, known: Known) -> anyhow::Result<()> {
    if known == Known::Replace || config.device(name).is_none_or(|own| own == device) {
        return Ok(());
    }
    Err(CliError::new(ExitKind::CannotCreate, format!("{name} is configured already, and otherwise"))
        .hint(entry!("device-configured"))
        .into())
}
