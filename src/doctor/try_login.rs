//! A single log-in at the broker, as the checks try it.

use std::time::Duration;

use tokio::time::Instant;

use super::run::DoctorRun;
use crate::mqtt::connection::{ConnectError, ConnectOptions, Connection, Endpoint, random_client_id};
use crate::mqtt::packet::{MAX_PACKET, Version};
use crate::secret::Secret;

/// Logs in once, with a new client id.
pub(super) async fn try_login(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    version: Version,
    user_name: &str,
    password: &Secret,
) -> Result<Connection, ConnectError> {
    try_login_as(run, endpoint, version, &random_client_id(), user_name, password).await
}

/// Logs in once with this client id.
pub(super) async fn try_login_as(
    run: &DoctorRun<'_>,
    endpoint: &Endpoint,
    version: Version,
    client_id: &str,
    user_name: &str,
    password: &Secret,
) -> Result<Connection, ConnectError> {
    let (keep_alive, max_packet) = (Duration::from_secs(60), MAX_PACKET);
    let login = ConnectOptions { version, client_id, clean: true, keep_alive, user_name, password, max_packet };
    Connection::open(endpoint, &login, Instant::now() + run.request.timeout).await
}
