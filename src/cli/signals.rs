//! Signals to end, as a stream of events.

use std::io;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// One item for each SIGINT or SIGTERM; the sender is for what means the same, such as a key.
///
/// # Errors
/// If the system takes no handler.
pub fn ending() -> io::Result<(UnboundedSender<()>, UnboundedReceiver<()>)> {
    let (sender, receiver) = unbounded_channel();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
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
