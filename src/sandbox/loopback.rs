//! Listening on loopback.

use std::net::Ipv4Addr;

use tokio::net::TcpListener;

use super::error::SandboxError;

/// Listens on a port of 127.0.0.1, 0 being any free one. Returns the port as well.
///
/// # Errors
/// [`SandboxError::Listen`] if the port is in use or not permitted.
pub(super) async fn listen(port: u16) -> Result<(TcpListener, u16), SandboxError> {
    let failed = |source| SandboxError::Listen { port, source };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, port))
}
