//! Programs that run for long: what systemd hears of them, if it has started them, and the limits of a process.

use std::future::pending;

use rustix::process::{Resource, getrlimit, setrlimit};
use sd_notify::NotifyState;
use tokio::time::sleep;

/// Tells that the program does what it is for from now on.
pub fn is_ready() {
    let _ = sd_notify::notify(&[NotifyState::Ready]);
}

/// Tells that the program is ending.
pub fn is_stopping() {
    let _ = sd_notify::notify(&[NotifyState::Stopping]);
}

/// Tells the watchdog, if there is one, again and again that the program still does something.
pub async fn watchdog() {
    let Some(limit) = sd_notify::watchdog_enabled() else { return pending().await };
    loop {
        let _ = sd_notify::notify(&[NotifyState::Watchdog]);
        sleep(limit / 2).await;
    }
}

/// Has the process have as many files and connections open as it may: the usual limit is meant for programs that use select(2).
pub fn allow_many_connections() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // As it was, it is enough for a few hundred devices.
    let _ = setrlimit(Resource::Nofile, limit);
}
