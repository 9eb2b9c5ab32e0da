//! The environment variables that settings are read from.

use super::origin::{Origin, Setting};
use crate::text::hidden;

pub const HOME: &str = "I3_HOME";
pub const CONFIG: &str = "I3_CONFIG";
pub const PROFILE: &str = "I3_PROFILE";
pub const SYSTEM_CONFIG: &str = "I3_SYSTEM_CONFIG";
pub const MARKET: &str = "I3_MARKET";
pub const BROKER: &str = "I3_BROKER";
pub const API_KEY: &str = "I3_API_KEY";
pub const USER: &str = "I3_USER";
pub const LOGIN_PASSWORD: &str = "I3_LOGIN_PASSWORD";
pub const DEVICE: &str = "I3_DEVICE";
pub const PASSWORD: &str = "I3_PASSWORD";
pub const PROXY: &str = "I3_PROXY";
pub const BUYER: &str = "I3_BUYER";
pub const ALLOW_LOOSE_PERMISSIONS: &str = "I3_ALLOW_LOOSE_PERMISSIONS";
pub const AGENT: &str = "I3_AGENT";
pub const BUYER_PASSWORD: &str = "I3_BUYER_PASSWORD";

/// The variables that belong to one marketplace, its accounts and its broker; and the proxy, which a configuration may name as well.
pub const OF_A_MARKETPLACE: [&str; 10] =
    [MARKET, BROKER, USER, API_KEY, LOGIN_PASSWORD, DEVICE, PASSWORD, BUYER, BUYER_PASSWORD, PROXY];

/// Returns the value of an environment variable that is set and not empty, without white space and other invisible characters
/// at its ends: for values that never have any there.
pub fn from_env(name: &'static str) -> Option<Setting<String>> {
    let value = std::env::var(name).ok()?;
    let value = hidden::trimmed(&value);
    (!value.is_empty()).then(|| Setting { value: value.into(), origin: Origin::Environment(name) })
}
