//! A setting, and where it came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Option(&'static str),
    Environment(&'static str),
    /// A key of a config file.
    File(PathBuf, String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Option(name) => write!(f, "option {name}"),
            Origin::Environment(name) => write!(f, "environment variable {name}"),
            Origin::File(path, key) => write!(f, "{key} in {}", path.display()),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting<T> {
    pub value: T,
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// Parses the value and keeps its origin.
    ///
    /// # Errors
    /// As `parse`.
    pub fn try_map<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Setting<U>, E> {
        Ok(Setting { value: parse(self.value)?, origin: self.origin })
    }
}

/// Returns the value of an option, if it is given.
pub fn given<T>(name: &'static str, option: Option<T>) -> Option<Setting<T>> {
    option.map(|value| Setting { value, origin: Origin::Option(name) })
}
