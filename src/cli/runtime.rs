//! The asynchronous part of a command.

use std::time::Duration;

/// Time for threads that are about to end.
const THREADS_END: Duration = Duration::from_millis(200);

/// Runs the asynchronous part of a command: one thread, sockets and timers.
///
/// # Errors
/// The system has no event queue left, or the error of `work`.
pub fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let result = runtime.block_on(work);
    // A thread that has signed with a key on a token ends before the process does: the PKCS#11 module cleans up after each of
    // both, and crashes if it is at the same time. A thread that still resolves a host name is not waited for.
    runtime.shutdown_timeout(THREADS_END);
    result
}
