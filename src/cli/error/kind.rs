//! The kinds of errors and their exit codes.

use std::process::ExitCode;

use crate::catalogue::{Entry, entry};

/// The kinds of errors, each with its exit code (those of sysexits.h where one fits).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// Any other failure.
    Other,
    /// The command line.
    Usage,
    /// A name, a topic, a token or an input that I3 does not accept.
    Data,
    /// A file that is missing or cannot be read.
    NoInput,
    /// A file that cannot be created, or a port that is in use.
    CannotCreate,
    /// Unreachable or timed out: try again.
    TryAgain,
    /// Credential, permission, or the guard.
    Refused,
    /// Configuration or key file.
    Config,
}

/// All kinds, in the order of their codes.
pub const KINDS: [ExitKind; 8] = [
    ExitKind::Other,
    ExitKind::Usage,
    ExitKind::Data,
    ExitKind::NoInput,
    ExitKind::CannotCreate,
    ExitKind::TryAgain,
    ExitKind::Refused,
    ExitKind::Config,
];

impl ExitKind {
    /// Returns the exit code.
    pub fn code(self) -> u8 {
        match self {
            ExitKind::Other => 1,
            ExitKind::Usage => 2,
            ExitKind::Data => 65,
            ExitKind::NoInput => 66,
            ExitKind::CannotCreate => 73,
            ExitKind::TryAgain => 75,
            ExitKind::Refused => 77,
            ExitKind::Config => 78,
        }
    }

    /// Returns the kind of an exit code; [`ExitKind::Other`] for a code that this program never ends with.
    pub fn of_code(code: Option<i32>) -> ExitKind {
        KINDS.into_iter().find(|kind| Some(i32::from(kind.code())) == code).unwrap_or(ExitKind::Other)
    }

    /// The entry of the catalogue for an error of this kind that names none.
    pub fn entry(self) -> &'static Entry {
        match self {
            ExitKind::Usage => entry!("command-line"),
            ExitKind::NoInput | ExitKind::CannotCreate => entry!("file-unusable"),
            _ => entry!("unexpected"),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            ExitKind::Other => "other",
            ExitKind::Usage => "usage",
            ExitKind::Data => "data",
            ExitKind::NoInput => "no_input",
            ExitKind::CannotCreate => "cannot_create",
            ExitKind::TryAgain => "try_again",
            ExitKind::Refused => "refused",
            ExitKind::Config => "config",
        }
    }
}

impl From<ExitKind> for ExitCode {
    fn from(kind: ExitKind) -> ExitCode {
        ExitCode::from(kind.code())
    }
}
