//! Where everything is: the config files, and the folders for data and state, separate for each profile.

use std::path::{Path, PathBuf};

use super::env::{self, from_env};
use super::error::ConfigError;
use super::origin::{Origin, Setting, given};
use crate::name::DeviceName;
use crate::text::hidden::{self, Hidden};

/// The folder name below XDG's base folders. Not `i3`, which is the window manager's.
const FOLDER: &str = "i3-marketplace";
const FILE: &str = "config.toml";
/// The configuration of the machine.
const SYSTEM_FILE: &str = "/etc/i3-marketplace/config.toml";

/// The configuration that the options of a run select.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Instead of the user's config file.
    pub file: Option<PathBuf>,
    /// The profile, by its name.
    pub profile: Option<String>,
}

/// The choice of an option or the environment.
enum Named {
    File(Setting<PathBuf>),
    Profile(Setting<String>),
}

impl Selection {
    /// Returns the choice of an option, otherwise of the environment.
    fn named(&self) -> Result<Option<Named>, ConfigError> {
        let option = one(given("--config", self.file.clone()), given("--profile", self.profile.clone()))?;
        if option.is_some() {
            return Ok(option);
        }
        let file = from_env(env::CONFIG).map(|file| Setting { value: file.value.into(), origin: file.origin });
        one(file, from_env(env::PROFILE))
    }
}

fn one(file: Option<Setting<PathBuf>>, profile: Option<Setting<String>>) -> Result<Option<Named>, ConfigError> {
    match (file, profile) {
        (Some(file), Some(profile)) => Err(ConfigError::Two(file.origin, profile.origin)),
        (Some(file), None) => Ok(Some(Named::File(file))),
        (None, profile) => Ok(profile.map(Named::Profile)),
    }
}

/// The files and folders that this tool uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The user's config file, or the one that is named instead.
    file: PathBuf,
    pub data: PathBuf,
    pub state: PathBuf,
    /// The source of the file's or the profile's name, if any.
    named: Option<Origin>,
    profile: Option<String>,
    /// The folder of all profiles, one folder each.
    profiles: PathBuf,
}

impl Places {
    /// Returns the folders below `I3_HOME`, or XDG's; for a profile, its own.
    ///
    /// # Errors
    /// [`ConfigError::NoHome`], [`ConfigError::Hidden`], [`ConfigError::Two`], [`ConfigError::ProfileName`].
    pub fn find(selection: &Selection) -> Result<Places, ConfigError> {
        let places = Places::of_user()?;
        match selection.named()? {
            None => Ok(places),
            Some(Named::File(file)) => {
                if let Some(hidden) = hidden_at_end(&file.value) {
                    return Err(ConfigError::Hidden(file.origin, hidden));
                }
                // Absolute, because the paths in it are relative to it.
                let path = with_home(&file.value);
                Ok(Places { file: std::path::absolute(&path).unwrap_or(path), named: Some(file.origin), ..places })
            }
            Some(Named::Profile(name)) if !is_profile(&name.value) => Err(ConfigError::ProfileName(name.origin)),
            Some(Named::Profile(name)) => Ok(places.of_profile(name.value, name.origin)),
        }
    }

    fn of_user() -> Result<Places, ConfigError> {
        if let Some(home) = std::env::var_os(env::HOME).filter(|h| !h.is_empty()).map(PathBuf::from) {
            if let Some(hidden) = hidden_at_end(&home) {
                return Err(ConfigError::Hidden(Origin::Environment(env::HOME), hidden));
            }
            return Ok(Places::in_folder(&with_home(&home)));
        }
        let dirs = directories::ProjectDirs::from("", "", FOLDER).ok_or(ConfigError::NoHome)?;
        let state = dirs.state_dir().unwrap_or(dirs.data_local_dir());
        Ok(Places::new(dirs.config_dir(), dirs.data_dir(), state))
    }

    /// Returns the places that have one folder for everything.
    pub fn in_folder(home: &Path) -> Places {
        Places::new(home, &home.join("data"), &home.join("state"))
    }

    fn new(config: &Path, data: &Path, state: &Path) -> Places {
        Places {
            file: config.join(FILE),
            data: data.into(),
            state: state.into(),
            named: None,
            profile: None,
            profiles: config.join("profiles"),
        }
    }

    fn of_profile(self, name: String, origin: Origin) -> Places {
        Places {
            file: self.profiles.join(&name).join(FILE),
            data: self.data.join("profiles").join(&name),
            state: self.state.join("profiles").join(&name),
            named: Some(origin),
            profile: Some(name),
            ..self
        }
    }

    /// Returns the path of the user's config file, or of the one named instead.
    pub fn config_file(&self) -> &Path {
        &self.file
    }

    /// Returns the path of the machine's config file, which has lower precedence than the user's.
    pub fn system_file(&self) -> PathBuf {
        from_env(env::SYSTEM_CONFIG).map_or_else(|| SYSTEM_FILE.into(), |file| with_home(Path::new(&file.value)))
    }

    /// Whether an option names the file or the profile.
    pub fn is_chosen(&self) -> bool {
        matches!(self.named, Some(Origin::Option(_)))
    }

    /// Returns the name of the profile, if one is used.
    pub fn profile(&self) -> Option<&str> {
        self.profile.as_deref()
    }

    /// Returns the name of the profile whose config file this is.
    pub fn profile_of(&self, file: &Path) -> Option<String> {
        self.profiles().into_iter().find(|name| self.profiles.join(name).join(FILE) == file)
    }

    /// Returns the config files of the user and of every profile, regardless of which is in use.
    pub fn all_files(&self) -> Vec<PathBuf> {
        let own = self.profiles.with_file_name(FILE);
        std::iter::once(own)
            .chain(self.profiles().into_iter().map(|name| self.profiles.join(name).join(FILE)))
            .collect()
    }

    /// Returns the names of all profiles, in order.
    pub fn profiles(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.profiles).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<_> = names.filter(|name| self.profiles.join(name).join(FILE).exists()).collect();
        names.sort();
        names
    }

    /// Checks that the selected configuration exists.
    ///
    /// # Errors
    /// [`ConfigError::Missing`], [`ConfigError::UnknownProfile`].
    pub fn must_exist(&self) -> Result<(), ConfigError> {
        match (&self.named, &self.profile) {
            _ if self.file.exists() => Ok(()),
            (None, _) => Ok(()),
            (_, Some(name)) => Err(ConfigError::UnknownProfile { name: name.clone(), profiles: self.profiles() }),
            (Some(origin), None) => Err(ConfigError::Missing { path: self.file.clone(), origin: origin.clone() }),
        }
    }

    /// Returns the folder in which `keygen` stores private keys.
    pub fn keys(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// Returns where `keygen` stores the private key of the device with the short name `short`.
    pub fn key_file(&self, short: &str) -> PathBuf {
        self.keys().join(format!("{short}.pem"))
    }

    /// Returns the folder of the kept log-ins at marketplaces, a 0600 file each.
    pub fn accounts(&self) -> PathBuf {
        self.data.join("accounts")
    }

    /// Returns the folder of the generated device passwords, a 0600 file each.
    pub fn passwords(&self) -> PathBuf {
        self.data.join("passwords")
    }

    /// Returns the folder of a device's spool.
    pub fn spool(&self, device: &DeviceName) -> PathBuf {
        self.state.join("spool").join(device.as_str())
    }
}

/// Returns the invisible character at an end of a path.
pub fn hidden_at_end(path: &Path) -> Option<Hidden> {
    hidden::at_end(path.to_str()?)
}

/// Returns the path with the home folder in place of a leading `~`.
pub fn with_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::BaseDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.into(),
    }
}

fn is_profile(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (1..=64).contains(&name.len()) && name.chars().all(plain) && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_files_and_folders_of_its_own_and_no_path_in_its_name() {
        let own = Places::in_folder(Path::new("/h"));
        let work = own.clone().of_profile("second".into(), Origin::Option("--profile"));
        assert_eq!(work.config_file(), Path::new("/h/profiles/second/config.toml"));
        for (of_profile, of_user) in
            [(work.accounts(), own.accounts()), (work.keys(), own.keys()), (work.state, own.state)]
        {
            assert_ne!(of_profile, of_user);
        }
        for name in ["", ".", "..", "a/b", "../x", "-x", ".x", "a b", "é", &"x".repeat(65)] {
            assert!(!is_profile(name), "{name}");
        }
        assert!(is_profile("work-2_b"));
    }

    #[test]
    fn a_tilde_is_the_home_folder_only_by_itself() {
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(with_home(Path::new("~/k/a.pem")), home.join("k/a.pem"));
        assert_eq!(with_home(Path::new("~")), home.join(""));
        for path in ["~bob/a.pem", "/x/~/a.pem", "a.pem"] {
            assert_eq!(with_home(Path::new(path)), Path::new(path));
        }
    }
}
