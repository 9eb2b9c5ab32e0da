//! What the marketplace said to a new device, weighed against what its hub shows afterwards.

use std::fmt;

use super::{Note, RegisterError};
use crate::market::http::HttpError;
use crate::market::page::DeviceRow;
use crate::name::DeviceName;

/// What came back for the POST. By itself it proves nothing.
#[derive(Debug)]
pub(super) enum Outcome {
    Taken,
    Blank { complaint: Option<String> },
    Rejected { reasons: Vec<(String, Vec<String>)> },
    ServerError { status: u16, reason: Option<String> },
    Odd { status: u16, location: Option<String> },
    Lost(HttpError),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Taken => f.write_str("and the marketplace took it"),
            Outcome::Blank { .. } => f.write_str("and the form came back"),
            Outcome::Rejected { .. } => f.write_str("and was rejected"),
            Outcome::ServerError { status, .. } | Outcome::Odd { status, .. } => write!(f, "answer {status}"),
            Outcome::Lost(why) => why.fmt(f),
        }
    }
}

impl Outcome {
    /// Whether the server may not be done yet.
    pub fn is_lost(&self) -> bool {
        matches!(self, Outcome::Lost(_))
    }

    /// Decides by the rows that the hub shows for the name, in any case; there was none before the POST.
    pub fn judge(
        self,
        mut rows: Vec<DeviceRow>,
        wanted: &DeviceName,
        notes: &mut Vec<Note>,
    ) -> Result<DeviceRow, RegisterError> {
        if rows.len() > 1 {
            return Err(RegisterError::Doubled { name: wanted.clone(), rows });
        }
        let Some(row) = rows.pop() else {
            return Err(match self {
                Outcome::Taken => RegisterError::TakenButMissing { hub: wanted.hub() },
                Outcome::Blank { complaint } => RegisterError::FormRefused { complaint },
                Outcome::Rejected { reasons } => RegisterError::Rejected { reasons },
                Outcome::ServerError { status, reason } => RegisterError::BrokeDown { status, reason },
                Outcome::Odd { status, location } => RegisterError::OddAnswer { status, location },
                Outcome::Lost(why) => RegisterError::LostNothingCreated(why),
            });
        };
        if row.name != *wanted {
            // In another case: not ours, for the marketplace stores names as they are sent.
            return Err(RegisterError::TakenMeanwhile { existing: row });
        }
        match self {
            Outcome::Taken => {}
            Outcome::Blank { .. } | Outcome::Rejected { .. } => {
                return Err(RegisterError::TakenMeanwhile { existing: row });
            }
            Outcome::ServerError { status, reason } => notes.push(Note::ServerError { status, reason }),
            Outcome::Odd { status, location } => notes.push(Note::OddAnswer { status, location }),
            Outcome::Lost(why) => notes.push(Note::AnswerLost(why)),
        }
        Ok(row)
    }
}
