//! `i3 device add`: adds a device that is already registered to the configuration.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::table::may_write;
use crate::broker_url::BrokerUrl;
use crate::cli::device_argument::DeviceArgument;
use crate::cli::device_credential::{own_broker, shown_path};
use crate::cli::setting_value::usable_file;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::Device;
use crate::config::keys::SettingType;
use crate::market_url::MarketUrl;
use crate::name::DeviceName;

/// Add a device that is already registered to the configuration
///
/// Give its full name, USER$HUB$DEVICE, in single quotes. Nothing is sent; `doctor` checks whether the device logs in. A broker
/// is saved with the device only if it differs from the one that the device would use anyway. 'register' adds the devices that
/// it registers. With --json {"device", "market", "broker", "key", "password_file"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device add 'alice$parking$lot1' --key lot1.pem
  i3 device add 'alice$parking$lot2' --password-file lot2.pw --broker mqtts://broker.example.org")]
pub struct Add {
    #[command(flatten)]
    device: DeviceArgument,
    /// Let it log in with the private key in FILE, which only its owner can read
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Let it log in with the password in FILE, which only its owner can read
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    password_file: Option<PathBuf>,
    /// Name the marketplace that it is registered with; without this, the one in use [env: I3_MARKET]
    #[arg(long, value_name = "URL")]
    market: Option<String>,
    /// Give it this broker of its own
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    /// Replace the configuration of the device
    #[arg(long)]
    force: bool,
}

impl Add {
    /// Runs the command.
    ///
    /// # Errors
    /// A name, an address or a file that cannot be used, or a device that is already configured.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load_or_new(ui)?;
        let name: DeviceName = self.device.name().parse()?;
        let market = config.market(self.market).map(|market| market.value.parse::<MarketUrl>()).transpose()?;
        let broker = self.broker.map(|broker| broker.parse::<BrokerUrl>()).transpose()?;
        let broker = broker.and_then(|broker| match &market {
            Some(market) => own_broker(&config, market, &broker),
            None => Some(broker.to_string()),
        });
        let file = |kind, path: Option<PathBuf>| path.map(|path| usable_file(ui, kind, &path)).transpose();
        let device = Device {
            market: market.map(|market| market.to_string()),
            broker,
            key: file(SettingType::KeyFile, self.key)?,
            password_file: file(SettingType::PasswordFile, self.password_file)?,
        };
        may_write(&config, &name, &device, self.force.into())?;
        config.save_device(&name, device.clone())?;
        if device.key.is_none() && device.password_file.is_none() {
            ui.remark(&format!(
                "{name} is added without a key or password: each command needs one from an option or I3_PASSWORD."
            ));
        }
        ui.result(name.as_str(), || {
            json!({
                "device": name.as_str(), "market": device.market, "broker": device.broker,
                "key": shown_path(&device.key), "password_file": shown_path(&device.password_file),
            })
        })
    }
}
