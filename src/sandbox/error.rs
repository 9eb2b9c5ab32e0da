//! Why a sandbox did not start.

use std::io;
use std::path::PathBuf;

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port is in use, or not permitted.
    #[error("the sandbox cannot listen on 127.0.0.1:{port}")]
    Listen { port: u16, source: io::Error },
    /// The state file cannot be read or written, or is not a state file.
    #[error("the sandbox's state cannot be kept in {}", path.display())]
    State { path: PathBuf, source: io::Error },
    /// The state file lacks this account, which should always exist.
    #[error("the sandbox's state in {} has lost the account '{name}'", path.display())]
    Unseeded { path: PathBuf, name: &'static str },
    /// No thread or event loop could be started.
    #[error("the sandbox cannot be started")]
    Start(#[source] io::Error),
}
