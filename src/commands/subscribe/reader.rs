//! The reader of stdout: notices that it is gone without a failed write.

use tokio::sync::watch;

/// The reader of stdout, if it can be watched: a file has none.
pub struct Reader {
    /// Becomes true; the sender is gone if that cannot be known.
    gone: Option<watch::Receiver<bool>>,
}

impl Reader {
    /// Watches stdout on a thread, which lasts as long as the process. If no thread is available, nothing is watched.
    pub fn of_stdout() -> Reader {
        let (sender, gone) = watch::channel(false);
        let watching = std::thread::Builder::new().name("reader".into()).spawn(move || {
            if wait() {
                sender.send_replace(true);
            }
        });
        Reader { gone: watching.ok().map(|_| gone) }
    }

    /// Nobody to watch.
    pub fn none() -> Reader {
        Reader { gone: None }
    }

    /// Returns once nobody reads any more: a pipe whose other end is closed, a terminal that is gone. May be cancelled.
    pub async fn gone(&mut self) {
        if let Some(gone) = &mut self.gone
            && gone.wait_for(|gone| *gone).await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

/// Blocks until nobody reads stdout any more; returns `false` if that cannot be known.
fn wait() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdout = std::io::stdout();
    loop {
        // A reader that is gone is reported although no event was requested.
        let mut stdout = [PollFd::new(&stdout, PollFlags::empty())];
        match poll(&mut stdout, None) {
            Ok(_) if stdout[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) => return true,
            Err(rustix::io::Errno::INTR) => {}
            _ => return false,
        }
    }
}
