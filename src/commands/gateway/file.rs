//! The file with sources and routes: where it is, and the devices that it means.

use std::path::{Path, PathBuf};

use crate::config::{Config, Places};
use crate::gateway::plan::{Plan, PlanError};

/// Beside the configuration.
const FILE: &str = "gateway.toml";

/// Returns the file that is given, else the one beside the configuration.
pub fn place(given: Option<&Path>, places: &Places) -> PathBuf {
    given.map_or_else(|| places.config_file().with_file_name(FILE), Path::to_owned)
}

/// Reads it, with the devices of the configuration.
///
/// # Errors
/// [`PlanError`].
pub fn read(file: &Path, config: &Config) -> Result<Plan, PlanError> {
    Plan::read(file, |name| config.by_name(name).map_err(|e| e.to_string()))
}
