//! The device that a command is about: its argument, or `--device` as in `pub` and `sub`, whose arguments are something else.

use clap::Args;

/// A device that must be named.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = false)]
pub struct DeviceArgument {
    /// The device, by its full or short name
    #[arg(value_name = "DEVICE")]
    device: Option<String>,
    /// Same as the DEVICE argument
    #[arg(id = "device_option", long = "device", value_name = "DEVICE")]
    option: Option<String>,
}

/// A device that need not be named if there is only one, or if the environment names it.
#[derive(Args, Clone, Debug)]
#[group(multiple = false)]
pub struct OptionalDevice {
    /// The device, by its full or short name [env: I3_DEVICE]
    #[arg(value_name = "DEVICE")]
    device: Option<String>,
    /// Same as the DEVICE argument
    #[arg(id = "device_option", long = "device", value_name = "DEVICE")]
    option: Option<String>,
}

impl DeviceArgument {
    /// Returns the name that was given.
    pub fn name(&self) -> &str {
        self.device.as_deref().or(self.option.as_deref()).unwrap_or_default()
    }
}

impl OptionalDevice {
    /// Returns the name that was given.
    pub fn name(&self) -> Option<String> {
        self.device.clone().or_else(|| self.option.clone())
    }
}
