//! The file with sources and routes: where it is, and the devices and brokers that it refers to.

use std::path::{Path, PathBuf};

use crate::cli::agent::broker_defaults;
use crate::config::{Config, Places};
use crate::gateway::plan::{Plan, PlanError};

/// The file's name beside the configuration.
const FILE: &str = "gateway.toml";

/// Returns the file that is given, otherwise the one beside the configuration.
pub fn place(given: Option<&Path>, places: &Places) -> PathBuf {
    given.map_or_else(|| places.config_file().with_file_name(FILE), Path::to_owned)
}

/// Reads it, with the devices of the configuration and their brokers.
///
/// # Errors
/// [`PlanError`].
pub fn read(file: &Path, config: &Config) -> Result<Plan, PlanError> {
    let names: Vec<_> = config.devices().into_iter().map(|(name, _)| name).collect();
    let mut plan = Plan::read(file, &names, |name| config.by_name(name).map_err(|e| e.to_string()))?;
    let options = broker_defaults();
    let (certain, possible) = plan.loops(|device| options.shared_url(config, device).ok());
    if !certain.is_empty() {
        return Err(PlanError::Wrong { path: file.into(), problems: certain });
    }
    plan.doubts.extend(possible);
    Ok(plan)
}
