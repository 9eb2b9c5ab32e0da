//! How this process would publish as a device, worked out in the same way by the agent and its callers.

use std::path::PathBuf;

use clap::{Args as _, Command, FromArgMatches as _};

use super::broker::BrokerArgs;
use super::credential::CredentialArgs;
use super::keys::is_stdin;
use super::ui::Ui;
use crate::agent::route::Route;
use crate::agent::{client, socket};
use crate::config::{Config, Places, env};
use crate::login::SecretOrigin;
use crate::mqtt::connection::BrokerRoute;
use crate::name::DeviceName;
use crate::pkcs11::KeyUri;
use crate::rotation;

/// Returns how these options publish as `device`, or why an agent cannot do it instead: it has files to log in with, but
/// no option, variable or terminal.
///
/// # Errors
/// The reason, for the user.
pub fn route(
    ui: &Ui,
    config: &Config,
    device: &DeviceName,
    credential: &CredentialArgs,
    broker: &BrokerArgs,
) -> Result<Route, String> {
    if credential.key.passphrase_file.is_some() {
        return Err("the passphrase is given".into());
    }
    if credential.key.key.as_deref().is_some_and(is_stdin) {
        return Err("the key comes from standard input".into());
    }
    if let Some(Err(e)) = credential.key.key.as_deref().and_then(KeyUri::of) {
        return Err(e.to_string());
    }
    let insecure = broker.insecure;
    let cafile = config.cafile(broker.cafile.clone()).map(|file| file.value);
    let url = broker.shared_url(config, device)?;
    let proxy = broker.route.proxy(ui, config).map_err(|e| format!("{e:#}"))?;
    let route = BrokerRoute { proxy, ..BrokerRoute::default() };
    let proxy = route.proxy_to(&url).map(ToString::to_string);
    match rotation::pending(&config.places, device) {
        Ok(None) => {}
        _ => return Err("a rotation is not finished".into()),
    }
    let of_file = |origin: SecretOrigin| match origin {
        SecretOrigin::Environment(name) => {
            let set = std::env::var_os(name).filter(|value| !value.is_empty());
            set.map(|_| Err(format!("{name} is set")))
        }
        origin => match origin.file() {
            Some(file) => Some(Ok(file.into())),
            None => Some(Err(format!("the credential comes from {origin}"))),
        },
    };
    let origins = credential.origins(config, Some(device), env::PASSWORD, None);
    let credentials = origins.into_iter().filter_map(of_file).collect::<Result<Vec<PathBuf>, String>>()?;
    if credentials.is_empty() {
        return Err("no credential is configured".into());
    }
    let files = config.files().map(|file| file.path.clone());
    Ok(Route {
        config: files.into(),
        device: device.to_string(),
        broker: url.to_string(),
        cafile,
        proxy,
        insecure,
        credentials,
    })
}

/// Returns the options about brokers with their defaults, which the agent uses.
pub fn broker_defaults() -> BrokerArgs {
    let matches = BrokerArgs::augment_args(Command::new("agent").no_binary_name(true))
        .disable_help_flag(true)
        .get_matches_from(std::iter::empty::<&str>());
    BrokerArgs::from_arg_matches(&matches).expect("none of these options is required")
}

/// Tells the agent, if one is running, that a device's credential has changed, because its connection uses the old one.
pub fn forget(ui: &Ui, places: &Places, device: &DeviceName) {
    match client::forget(&socket::place(places), device.as_str()) {
        Ok(()) => ui.detail("The agent logs in again for the next message."),
        Err(client::NoAgent::None) => {}
        Err(e) => ui.warn(&format!("the agent was not told about the new credential: {e}.")),
    }
}
