//! The two ways into a marketplace under one set of calls.

use super::outcome::Outcome;
use super::{AccessError, Route};
use crate::market::credential::NewDevice;
use crate::market::page::{DeviceRow, HubRow};
use crate::market::rest::{Rest, RestError};
use crate::market::web::{FormAnswer, Session};

pub(super) enum Door<'m> {
    Rest(Rest<'m>),
    Web(Session<'m>),
}

impl Door<'_> {
    pub fn route(&self) -> Route {
        match self {
            Door::Rest(_) => Route::Rest,
            Door::Web(_) => Route::Web,
        }
    }

    pub fn hubs(&mut self) -> Result<Vec<HubRow>, AccessError> {
        Ok(match self {
            Door::Rest(rest) => rest.hubs()?,
            Door::Web(session) => session.hubs()?,
        })
    }

    pub fn devices(&mut self, hub: &HubRow) -> Result<Vec<DeviceRow>, AccessError> {
        Ok(match self {
            Door::Rest(rest) => rest.devices(&hub.name)?,
            Door::Web(session) => session.hub(hub)?.devices,
        })
    }

    /// Sends the device once. An error means that certainly nothing was done.
    pub fn create_device(&mut self, device: &NewDevice<'_>) -> Result<Outcome, AccessError> {
        let error = match self {
            Door::Web(session) => match session.create_device(device) {
                Ok(FormAnswer::Taken) => return Ok(Outcome::Taken),
                Ok(FormAnswer::Blank { complaint }) => return Ok(Outcome::Blank { complaint }),
                Ok(FormAnswer::ServerError { status, reason }) => return Ok(Outcome::ServerError { status, reason }),
                Ok(FormAnswer::Other { status, location }) => return Ok(Outcome::Odd { status, location }),
                Err(e) => AccessError::Web(e),
            },
            Door::Rest(rest) => match rest.create_device(device) {
                Ok(()) => return Ok(Outcome::Taken),
                Err(RestError::Rejected { reasons }) => return Ok(Outcome::Rejected { reasons }),
                Err(RestError::ServerError { status, reason, .. }) => {
                    return Ok(Outcome::ServerError { status, reason });
                }
                Err(RestError::Unexpected { status, .. }) => return Ok(Outcome::Odd { status, location: None }),
                Err(RestError::Shape { .. } | RestError::HostRefused { .. }) => {
                    return Ok(Outcome::Odd { status: 400, location: None });
                }
                Err(e) => AccessError::Rest(e),
            },
        };
        if error.nothing_was_done() {
            return Err(error);
        }
        match error.into_http() {
            Ok(lost) => Ok(Outcome::Lost(lost)),
            Err(error) => Err(error),
        }
    }
}
