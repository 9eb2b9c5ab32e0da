//! A server on a separate thread, with its own runtime.

use std::io;

use tokio::sync::oneshot;

use super::error::SandboxError;

/// The thread of a server, which ends when this is dropped; that waits until the server's ports are free.
pub(super) struct OwnThread {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl OwnThread {
    /// Starts a server on a new thread, and returns what `show` says of it once it answers.
    ///
    /// # Errors
    /// Those of `start`, and [`SandboxError::Start`] if no thread can be started.
    pub fn start<S: Send + 'static, T: Send + 'static>(
        start: impl Future<Output = Result<S, SandboxError>> + Send + 'static,
        show: impl FnOnce(&S) -> T + Send + 'static,
    ) -> Result<(T, OwnThread), SandboxError> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(SandboxError::Start)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let (report, started) = std::sync::mpsc::sync_channel(1);
        // Started on that thread, because a caller inside a runtime could not block on another one here.
        let life = async move {
            match start.await {
                Ok(server) => {
                    let _ = report.send(Ok(show(&server)));
                    // A message or a dropped sender ends it.
                    let _ = stopped.await;
                }
                Err(e) => drop(report.send(Err(e))),
            }
        };
        let thread = std::thread::Builder::new()
            .name("i3-sandbox".into())
            .spawn(move || runtime.block_on(life))
            .map_err(SandboxError::Start)?;
        let shown = started.recv().map_err(|e| SandboxError::Start(io::Error::other(e)))??;
        Ok((shown, OwnThread { stop: Some(stop), thread: Some(thread) }))
    }
}

impl Drop for OwnThread {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
