//! Why the configuration cannot be used.

use std::io;
use std::path::PathBuf;

use super::origin::Origin;
use crate::guard::Refusal;
use crate::misread::Misread;
use crate::name::DeviceName;
use crate::pkcs11::Pkcs11Error;
use crate::text::hidden::Hidden;
use crate::text::similar::{did_you_mean, few, nearest};

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No HOME, and no `I3_HOME` either.
    #[error("there is no home folder to keep the configuration in")]
    NoHome,
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read", path = .path.display())]
    Read { path: PathBuf, source: io::Error },
    /// The file that an option or the environment names does not exist.
    #[error("the configuration {path} ({origin}) does not exist", path = .path.display())]
    Missing { path: PathBuf, origin: Origin },
    /// Two of them name a configuration, but only one can be used.
    #[error("{0} and {1} each name a configuration")]
    Two(Origin, Origin),
    /// Not a valid name of a profile, which is also that of a folder.
    #[error(
        "the name of a profile ({0}) must have 1 to 64 ASCII letters, digits, - and _, and begin with a letter or digit"
    )]
    ProfileName(Origin),
    /// No profile of this name exists.
    #[error("no profile '{name}' exists; {}{}", existing(.profiles), did_you_mean(nearest(name, profiles.iter().map(String::as_str))))]
    UnknownProfile { name: String, profiles: Vec<String> },
    /// An invisible character at an end of a path or inside an address or a name, where none can be intended.
    #[error("the value of {0} has {1}")]
    Hidden(Origin, Hidden),
    /// An invalid line of the file contains an invisible character. Lines are counted from 1.
    #[error("line {line} of the configuration {path} has {hidden}, and cannot be read", path = .path.display())]
    Stray { path: PathBuf, line: usize, hidden: Hidden },
    /// The file is UTF-16, as PowerShell writes it.
    #[error("the configuration {path} is UTF-16 text, not UTF-8", path = .0.display())]
    Utf16(PathBuf),
    /// A private key is in the file.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The PIN of a token is in the file, in the PKCS#11 URI that is the value of this key.
    #[error("{key}: {source}")]
    Pin { key: Origin, source: Box<Pkcs11Error> },
    /// The file is not valid TOML, or a key in it is of the wrong type.
    #[error("the configuration {path} is not valid", path = .path.display())]
    Parse { path: PathBuf, source: Misread },
    /// The file cannot be written; the old one is unchanged.
    #[error("the configuration {path} cannot be written", path = .path.display())]
    Write { path: PathBuf, source: io::Error },
    /// No setting has this name, which is not repeated: it may be a value in the wrong place.
    #[error("no setting has this name{}", did_you_mean(*.0))]
    UnknownKey(Option<&'static str>),
    /// A secret does not belong in the file.
    #[error("'{0}' is a secret, and the configuration holds none: only the paths of files that contain secrets")]
    SecretKey(&'static str),
    /// A short device name that matches more than one device.
    #[error("'{short}' matches more than one device: {}", .full.join(", "))]
    Ambiguous { short: String, full: Vec<String> },
    /// A short device name that matches none.
    #[error("no device '{name}' is configured{}", other_than(name, configured))]
    UnknownDevice { name: String, configured: Vec<DeviceName> },
    /// No device is given, and not exactly one is configured.
    #[error("no device given; configured: {}", few(.0.iter(), "none"))]
    NoDevice(Vec<String>),
}

/// Returns which profiles exist.
fn existing(profiles: &[String]) -> String {
    match profiles {
        [] => "no profiles are configured".into(),
        profiles => format!("configured: {}", few(profiles.iter(), "none")),
    }
}

/// Returns which of the devices was perhaps meant by a name that none has; otherwise which there are.
fn other_than(name: &str, configured: &[DeviceName]) -> String {
    match nearest(name, configured.iter().map(DeviceName::short)) {
        Some(meant) => did_you_mean(Some(meant)),
        None => format!("; configured: {}", few(configured.iter(), "none")),
    }
}
