//! The agent's socket: where it is, and who may use it.
//!
//! It is in a separate folder that nobody else may enter (0700), and the kernel says who is at the other end.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::fd::{AsFd, AsRawFd as _};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::process::{Uid, geteuid};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::config::{Places, env, from_env};
use crate::{access, fsio};

/// The name of the socket's folder inside another one.
const FOLDER: &str = "i3-agent";
const NAME: &str = "agent.sock";
/// The suffix of the file that is locked while an agent runs.
const LOCK: &str = "lock";
/// Most callers that wait to be accepted.
const BACKLOG: i32 = 256;

/// Why there is no socket to listen on.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another agent has it.
    #[error("an agent is already running at {0}")]
    Taken(PathBuf),
    /// Others may use the folder.
    #[error("the folder {0} of the agent's socket is open to others")]
    Open(PathBuf),
    /// Something with that name is not a socket.
    #[error("{0} is not a socket")]
    Occupied(PathBuf),
    #[error("the agent's socket {path} cannot be made")]
    Io { path: PathBuf, source: io::Error },
}

/// Returns where the socket is: `I3_AGENT`; otherwise below `I3_HOME`, if that is set; otherwise in the user's runtime folder, which is
/// found by the user id, because cron sets no variable; otherwise in the state folder.
pub fn place(places: &Places) -> PathBuf {
    if let Some(named) = from_env(env::AGENT) {
        return named.value.into();
    }
    let runtime = Path::new("/run/user").join(geteuid().as_raw().to_string());
    let has_home = std::env::var_os(env::HOME).is_some_and(|home| !home.is_empty());
    if has_home || !runtime.is_dir() {
        return places.state.join(FOLDER).join(NAME);
    }
    // The sockets of all profiles are in one folder.
    let name = places.profile().map_or_else(|| NAME.into(), |profile| format!("{profile}.sock"));
    runtime.join(FOLDER).join(name)
}

/// Returns whether a folder holds only an agent's files.
pub fn is_folder(folder: &Path) -> bool {
    let ends = |name: &Path, ending| name.extension().is_some_and(|of_name| of_name == ending);
    let is_of_agent = |path: &Path| ends(path, LOCK) || ends(path, "sock");
    let Ok(entries) = fs::read_dir(folder) else { return false };
    let names: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    !names.is_empty() && names.iter().all(|path| is_of_agent(path))
}

/// The path of a socket that callers are accepted on, removed when this is dropped.
pub struct OwnPath {
    path: PathBuf,
    /// Locked for as long as the agent runs, so that two never share a path.
    _lock: File,
}

impl OwnPath {
    /// Creates the socket, replacing one that an agent has left behind.
    ///
    /// # Errors
    /// [`SocketError`].
    pub fn listen(path: &Path) -> Result<(UnixListener, OwnPath), SocketError> {
        let failed = |source| SocketError::Io { path: path.into(), source };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_private(folder).map_err(failed)?;
        let made = fs::metadata(folder).map_err(failed)?;
        if made.uid() != geteuid().as_raw() || access::is_group_or_world_accessible(&made) {
            return Err(SocketError::Open(folder.into()));
        }
        // Anything else there was not made by an agent, and stays.
        match fs::symlink_metadata(path) {
            Ok(there) if !there.file_type().is_socket() => return Err(SocketError::Occupied(path.into())),
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        let lock = path.with_extension(LOCK);
        let lock = File::options().write(true).create(true).truncate(false).open(lock).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(SocketError::Taken(path.into())),
            Err(fs::TryLockError::Error(e)) => return Err(failed(e)),
        }
        match fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        let listener = listen(path).map_err(failed)?;
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(failed)?;
        Ok((listener, OwnPath { path: path.into(), _lock: lock }))
    }
}

impl Drop for OwnPath {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    if let Some(above) = folder.parent() {
        fsio::create_private_dir(above)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    with_address(path, |address| socket.bind(address))?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Calls `act` with the address of `path`. On Linux the path may be longer than an address can be: then it goes through
/// its open folder.
fn with_address<T>(path: &Path, act: impl FnOnce(&SockAddr) -> io::Result<T>) -> io::Result<T> {
    match (SockAddr::unix(path), path.parent(), path.file_name()) {
        (Err(_), Some(folder), Some(name)) if cfg!(target_os = "linux") => {
            let folder = File::open(folder)?;
            let short = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
            act(&SockAddr::unix(short)?)
        }
        (address, ..) => act(&address?),
    }
}

/// Connects to an agent of the same user. Does not wait: a leftover socket, or an agent with too many waiting
/// callers, is an error at once.
///
/// # Errors
/// As `connect(2)`; `PermissionDenied` if another user listens there.
pub fn connect(path: &Path) -> io::Result<UnixStream> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    with_address(path, |address| socket.connect(address))?;
    socket.set_nonblocking(false)?;
    if is_own(&socket)? { Ok(socket.into()) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

/// Returns whether a process of the same user is at the other end.
///
/// # Errors
/// As `getsockopt(2)`.
pub fn is_own(socket: &impl AsFd) -> io::Result<bool> {
    Ok(peer(socket)? == geteuid())
}

#[cfg(target_os = "linux")]
fn peer(socket: &impl AsFd) -> io::Result<Uid> {
    Ok(rustix::net::sockopt::socket_peercred(socket)?.uid)
}

#[cfg(not(target_os = "linux"))]
#[expect(unsafe_code, reason = "rustix asks on Linux only")]
fn peer(socket: &impl AsFd) -> io::Result<Uid> {
    let (mut user, mut group) = (0, 0);
    // SAFETY: both numbers live through the call, and `socket` is open for as long as it is borrowed.
    match unsafe { libc::getpeereid(socket.as_fd().as_raw_fd(), &raw mut user, &raw mut group) } {
        0 => Ok(Uid::from_raw(user)),
        _ => Err(io::Error::last_os_error()),
    }
}
