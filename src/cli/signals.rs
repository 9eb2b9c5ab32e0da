//! The signals that end a command or request something from it, as streams of events.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::error::ExitKind;

/// This many signals end the process at once.
const AT_ONCE: usize = 3;
/// Time for restoring the terminal before that.
const RESTORE_TIME: Duration = Duration::from_millis(100);

/// What SIGHUP means to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hangup {
    /// The terminal has closed: the command ends, unless it ignores that (`nohup`).
    Ends,
    /// [`SignalRequest::Reload`].
    Reloads,
}

/// A signal's request to a running command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalRequest {
    /// SIGUSR1: report the totals.
    Tally,
    /// SIGHUP: read the configuration again.
    Reload,
}

/// Ends a command as a signal does: for keys that mean the same.
#[derive(Debug, Clone)]
pub struct Interrupter {
    sender: UnboundedSender<()>,
    sent: Arc<AtomicUsize>,
    restore: fn(),
}

impl Interrupter {
    /// Asks the command to end. The third time ends the process at once, with the exit code of a temporary failure.
    pub fn end(&self) {
        // A command that no longer listens is about to end.
        let _ = self.sender.send(());
        if self.sent.fetch_add(1, Ordering::Relaxed) + 1 >= AT_ONCE {
            // On another thread, because a terminal that accepts no output must not block this.
            if std::thread::Builder::new().spawn(self.restore).is_ok() {
                std::thread::sleep(RESTORE_TIME);
            }
            std::process::exit(ExitKind::TryAgain.code().into());
        }
    }
}

/// Returns a stream as [`ending`] does, filled by a separate thread: the third signal ends the process at once, even if
/// something hangs, after trying to `restore` the terminal. Must be called outside of a runtime.
///
/// # Errors
/// The system accepts no handler, or has no thread.
pub fn ending_for_certain(hangup: Hangup, restore: fn()) -> io::Result<(Interrupter, UnboundedReceiver<()>)> {
    let (sender, receiver) = unbounded_channel();
    let ender = Interrupter { sender, sent: Arc::default(), restore };
    let (ready, listening) = mpsc::channel();
    let own = ender.clone();
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_io().build() {
            Ok(runtime) => runtime,
            Err(e) => return drop(ready.send(Err(e))),
        };
        runtime.block_on(async {
            let listens = forward(hangup, move || {
                own.end();
                true
            });
            let _ = ready.send(listens);
            std::future::pending::<()>().await;
        });
    })?;
    listening.recv().unwrap_or_else(|_| Err(io::Error::other("the thread for signals has ended")))?;
    Ok((ender, receiver))
}

/// Returns a stream with one item for each SIGINT, SIGTERM or, when the terminal closes, SIGHUP. The sender is for events
/// that mean the same, such as a key.
///
/// # Errors
/// The system accepts no handler.
pub fn ending() -> io::Result<(UnboundedSender<()>, UnboundedReceiver<()>)> {
    let (sender, receiver) = unbounded_channel();
    let own = sender.clone();
    forward(Hangup::Ends, move || own.send(()).is_ok())?;
    Ok((sender, receiver))
}

/// Returns a stream of the requests by signals, filled by tasks of the current runtime. Without a handler they would end the
/// process.
///
/// # Errors
/// The system accepts no handler.
pub fn requests(hangup: Hangup) -> io::Result<UnboundedReceiver<SignalRequest>> {
    let (sender, receiver) = unbounded_channel();
    let reload = (hangup == Hangup::Reloads).then(|| (SignalKind::hangup(), SignalRequest::Reload));
    for (kind, request) in [(SignalKind::user_defined1(), SignalRequest::Tally)].into_iter().chain(reload) {
        let mut arriving = signal(kind)?;
        let sender = sender.clone();
        tokio::spawn(async move { while arriving.recv().await.is_some() && sender.send(request).is_ok() {} });
    }
    Ok(receiver)
}

/// Calls `end` for each signal, on tasks of the current runtime, until it returns `false`.
fn forward(hangup: Hangup, end: impl Fn() -> bool + Clone + Send + 'static) -> io::Result<()> {
    let hangup = (hangup == Hangup::Ends && !outlives_terminal()).then(SignalKind::hangup);
    for kind in [SignalKind::interrupt(), SignalKind::terminate()].into_iter().chain(hangup) {
        let mut arriving = signal(kind)?;
        let end = end.clone();
        tokio::spawn(async move { while arriving.recv().await.is_some() && end() {} });
    }
    Ok(())
}

/// Whether SIGHUP is ignored, as with `nohup`, when this program starts: a handler would undo that.
#[expect(unsafe_code, reason = "no library that is here anyway asks what a signal does without changing it")]
fn outlives_terminal() -> bool {
    // SAFETY: all zero is a valid value of this plain struct, and it lives through the call, which changes nothing else.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(libc::SIGHUP, std::ptr::null(), &raw mut now) == 0 && now.sa_sigaction == libc::SIG_IGN
    }
}
