//! The signals that end a command, as a stream of events.

use std::io;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Returns a stream with one item for each SIGINT, SIGTERM or, when the terminal closes, SIGHUP. The sender is for events
/// that mean the same, such as a key.
///
/// # Errors
/// The system accepts no handler.
pub fn ending() -> io::Result<(UnboundedSender<()>, UnboundedReceiver<()>)> {
    let (sender, receiver) = unbounded_channel();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = (!outlives_terminal()).then(SignalKind::hangup);
        for kind in [SignalKind::interrupt(), SignalKind::terminate()].into_iter().chain(hangup) {
            let mut arriving = signal(kind)?;
            let sender = sender.clone();
            tokio::spawn(async move { while arriving.recv().await.is_some() && sender.send(()).is_ok() {} });
        }
    }
    #[cfg(not(unix))]
    {
        let sender = sender.clone();
        tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {} });
    }
    Ok((sender, receiver))
}

/// Whether SIGHUP was ignored when this program began, as `nohup` has it: a handler would undo that. `true` where the
/// system does not tell.
#[cfg(unix)]
fn outlives_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The lowest bit is signal 1.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_none_or(|mask| mask & 1 == 1)
}
