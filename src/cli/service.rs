//! Long-running programs: their reports to systemd, if it has started them, and the limits of a process.

use std::future::pending;

use rustix::process::{Resource, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::time::sleep;

/// Reports that the program is ready.
pub fn is_ready() {
    let _ = sd_notify::notify(&[NotifyState::Ready]);
}

/// Reports that the program is ending.
pub fn is_stopping() {
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
}

/// Tells the watchdog, if there is one, regularly that the program is still working.
pub async fn watchdog() {
    let Some(limit) = sd_notify::watchdog_enabled() else { return pending().await };
    loop {
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        sleep(limit / 2).await;
    }
}

/// Raises the number of open files and connections to the maximum: the usual limit is meant for programs that use select(2).
pub fn allow_many_connections() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // The original limit is enough for a few hundred devices.
    let _ = setrlimit(Resource::Nofile, limit);
}
